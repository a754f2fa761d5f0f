//! Mistakes that the crash test plants, to see that it would find them. Without the feature `planted-faults` none can
//! be switched on.

/// Which mistakes are made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    #[cfg(feature = "planted-faults")]
    named: Planted,
}

#[cfg(feature = "planted-faults")]
#[derive(Debug, Clone, Copy, Default)]
struct Planted {
    answer_before_commit: bool,
    resend_on_restart: bool,
    forget_pace: bool,
}

#[cfg(feature = "planted-faults")]
impl Faults {
    /// Reads names, separated by commas.
    #[must_use]
    pub fn named(names: &str) -> Self {
        let has = |name: &str| names.split(',').any(|given| given.trim() == name);
        Self {
            named: Planted {
                answer_before_commit: has("answer_before_commit"),
                resend_on_restart: has("resend_on_restart"),
                forget_pace: has("forget_pace"),
            },
        }
    }

    /// A webhook is answered before its journal rows are on the disk.
    #[must_use]
    pub const fn answer_before_commit(self) -> bool {
        self.named.answer_before_commit
    }

    /// What was being sent at a crash is simply sent again.
    #[must_use]
    pub const fn resend_on_restart(self) -> bool {
        self.named.resend_on_restart
    }

    /// What was sent before a restart does not count for the pace.
    #[must_use]
    pub const fn forget_pace(self) -> bool {
        self.named.forget_pace
    }
}

#[cfg(not(feature = "planted-faults"))]
#[expect(
    clippy::unused_self,
    reason = "the same questions as with the feature, answered no"
)]
impl Faults {
    #[must_use]
    pub const fn answer_before_commit(self) -> bool {
        false
    }

    #[must_use]
    pub const fn resend_on_restart(self) -> bool {
        false
    }

    #[must_use]
    pub const fn forget_pace(self) -> bool {
        false
    }
}
