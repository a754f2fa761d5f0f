//! The two clocks. This is the only place of the product that reads the machine's.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// *Machine time* runs leases, time-outs, sessions and retries. *Business time* is machine time plus an offset, and
/// runs windows, schedules and events; only a demo or test installation has an offset other than zero.
#[derive(Debug, Default)]
pub struct Clock {
    offset_ms: AtomicI64,
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
}
