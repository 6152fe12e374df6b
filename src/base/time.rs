//! Time as a value. Pure code takes a [`Timestamp`]; only a [`Clock`] reads one.

use std::sync::{Mutex, OnceLock};
use std::time::Duration;

pub use jiff::Timestamp;

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock, UTC.
    fn now(&self) -> Timestamp;
    /// A clock that never goes back, counted from an arbitrary start.
    fn monotonic(&self) -> Duration;
    /// The boot of this host, and how long ago it was; `None` where nothing tells.
    fn boot(&self) -> Option<Boot> {
        None
    }
}

/// The time since the host was started. Nobody can set it, and it goes on while the host sleeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boot {
    /// Which boot: another start of the same host has another one.
    pub id: String,
    /// How long ago it was.
    pub time: Duration,
}

/// The id of this boot, asked for once.
fn boot_id() -> Option<&'static str> {
    static ID: OnceLock<Option<String>> = OnceLock::new();
    ID.get_or_init(|| {
        let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(text.trim().to_owned()).filter(|id| !id.is_empty())
    })
    .as_deref()
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: std::time::Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the clock"
    )]
    pub fn new() -> Self {
        Self {
            start: std::time::Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    #[cfg(target_os = "linux")]
    fn boot(&self) -> Option<Boot> {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Some(Boot {
            id: boot_id()?.to_owned(),
            time: Duration::try_from(now).ok()?,
        })
    }
}

/// A clock for tests and for the simulator: it moves only when told.
#[derive(Debug)]
pub struct ManualClock {
    state: Mutex<(Timestamp, Duration)>,
    boot: Mutex<u32>,
}

impl ManualClock {
    /// A clock that stands at `start`.
    pub fn new(start: Timestamp) -> Self {
        Self {
            state: Mutex::new((start, Duration::ZERO)),
            boot: Mutex::new(1),
        }
    }

    /// Moves both clocks on.
    pub fn advance(&self, by: Duration) {
        let mut state = self.lock();
        state.0 = state.0.checked_add(by).unwrap_or(Timestamp::MAX);
        state.1 += by;
    }

    /// Sets the wall clock alone, as an administrator or NTP would.
    pub fn set_wall(&self, now: Timestamp) {
        self.lock().0 = now;
    }

    /// Starts the host anew: what was measured since the boot before means nothing any more.
    pub fn reboot(&self) {
        *self
            .boot
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) += 1;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (Timestamp, Duration)> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.lock().0
    }

    fn monotonic(&self) -> Duration {
        self.lock().1
    }

    fn boot(&self) -> Option<Boot> {
        let boot = *self
            .boot
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Some(Boot {
            id: format!("boot {boot}"),
            time: self.lock().1,
        })
    }
}
