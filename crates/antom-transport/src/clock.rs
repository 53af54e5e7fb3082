use std::fmt::Debug;
use std::time::{Instant, SystemTime};

use antom_core::time::{Now, UnixTime};

/// Tells the time.
///
/// ```
/// use antom_core::time::{Now, UnixTime};
/// use antom_transport::Clock;
/// use std::time::Duration;
///
/// /// Always the same moment.
/// #[derive(Debug)]
/// struct Stopped;
///
/// impl Clock for Stopped {
///     fn now(&self) -> Now {
///         Now::new(UnixTime::from_secs(1_700_000_000), Duration::ZERO)
///     }
/// }
/// assert_eq!(Stopped.now(), Stopped.now());
/// ```
pub trait Clock: Debug + Send + Sync {
    /// What both clocks show. The monotonic part never goes back.
    fn now(&self) -> Now;
}

/// The clocks of this machine.
///
/// ```
/// use antom_transport::{Clock, SystemClock};
///
/// let clock = SystemClock::new();
/// let before = clock.now().mono;
/// assert!(clock.now().mono >= before);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A clock whose monotonic part begins now. Readings of different clocks do not compare; keep one.
    #[must_use]
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        Now::new(UnixTime::from(SystemTime::now()), self.origin.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_is_of_this_century_and_does_not_go_back() {
        let clock = SystemClock::new();
        let (first, second) = (clock.now(), clock.now());
        assert!(second.mono >= first.mono);
        assert!(first.wall > UnixTime::from_secs(1_700_000_000));
    }
}
