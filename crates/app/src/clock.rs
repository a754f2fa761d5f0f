//! The two clocks. This is the only place of the product that reads the machine's.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Instant;

use domain::rhythm::CapClock;
use jiff::{SignedDuration, Timestamp};

/// *Machine time* runs leases, time-outs, sessions and retries. *Business time* is machine time plus an offset, and
/// runs windows, schedules and events; only a demo or test installation has an offset other than zero.
///
/// The *clock of caps* is business time that no step of the wall clock moves ahead: see [`CapClock`].
#[derive(Debug, Default)]
pub struct Clock {
    offset_ms: AtomicI64,
    cap: RwLock<Option<CapClock>>,
    boot: Boot,
}

/// The boot clock: it runs on while the machine sleeps, and no one can set it.
#[derive(Debug)]
struct Boot {
    id: String,
    /// Where the machine tells no boot clock, the process's own.
    started: Instant,
}

impl Default for Boot {
    fn default() -> Self {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
        Self {
            id: id.map_or_else(|_| crate::chance::token(), |id| id.trim().to_owned()),
            started: Instant::now(),
        }
    }
}

impl Boot {
    fn now_ms(&self) -> i64 {
        let uptime = std::fs::read_to_string("/proc/uptime");
        let seconds = uptime
            .ok()
            .and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
        #[expect(
            clippy::cast_possible_truncation,
            reason = "milliseconds since the boot fit"
        )]
        seconds.map_or_else(
            || i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX),
            |seconds| (seconds * 1000.0) as i64,
        )
    }
}

impl Clock {
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    #[expect(
        clippy::unused_self,
        reason = "whoever has no clock cannot ask for the time"
    )]
    pub fn machine_now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[must_use]
    pub fn business_now(&self) -> Timestamp {
        self.to_business(self.machine_now())
    }

    /// The business time of a machine time.
    #[must_use]
    pub fn to_business(&self, machine: Timestamp) -> Timestamp {
        machine
            .saturating_add(SignedDuration::from_millis(self.offset_ms()))
            .unwrap_or(machine)
    }

    #[must_use]
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed)
    }

    /// Takes over the installation's offset.
    pub fn set_offset_ms(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::Relaxed);
    }

    /// Takes the clock of caps up from where it was kept.
    pub fn resume_cap(&self, kept: Option<(String, CapClock)>) {
        let same_boot = kept.as_ref().is_some_and(|(boot, _)| *boot == self.boot.id);
        let wall_ms = self.machine_now().as_millisecond();
        let resumed = CapClock::resume(
            kept.map(|(_, clock)| clock),
            same_boot,
            wall_ms,
            self.boot.now_ms(),
        );
        *self.cap.write().unwrap_or_else(PoisonError::into_inner) = Some(resumed);
    }

    /// The clock of caps as it is now, to be kept with the name of this boot.
    #[must_use]
    pub fn cap_anchor(&self) -> (String, CapClock) {
        let boot_ms = self.boot.now_ms();
        let real_ms = self.cap_real_ms(boot_ms);
        (self.boot.id.clone(), CapClock { real_ms, boot_ms })
    }

    /// Business time without any step of the wall clock ahead.
    #[must_use]
    pub fn cap_now(&self) -> Timestamp {
        let ms = self.cap_real_ms(self.boot.now_ms()) + self.offset_ms();
        Timestamp::from_millisecond(ms).unwrap_or_else(|_| self.business_now())
    }

    fn cap_real_ms(&self, boot_ms: i64) -> i64 {
        let cap = *self.cap.read().unwrap_or_else(PoisonError::into_inner);
        cap.map_or_else(
            || self.machine_now().as_millisecond(),
            |cap| cap.real_ms_at(boot_ms),
        )
    }
}
