//! The time of one sandbox: the system's, or one that stands still until it is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use antom_core::time::UnixTime;

/// Where a sandbox takes its time from. Clones show the same time.
///
/// ```
/// use antom_core::time::UnixTime;
/// use antom_sandbox::{Clock, Sandbox, SandboxConfig};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let begin = UnixTime::from_secs(1_772_323_200);
/// let mut config = SandboxConfig::default();
/// config.clock = Clock::fixed(begin);
/// let sandbox = Sandbox::start(config).await?;
/// sandbox.advance(std::time::Duration::from_secs(3 * 86_400)).await;
/// assert_eq!(sandbox.now().since(begin).as_secs(), 259_200);
/// # sandbox.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Clock {
    base: Base,
    /// Milliseconds by which the clock was moved.
    offset: Arc<AtomicI64>,
}

#[derive(Debug, Clone, Copy)]
enum Base {
    System,
    Fixed(UnixTime),
}

impl Clock {
    /// The system's time, until it is moved; then so much later.
    ///
    /// ```
    /// use antom_sandbox::Clock;
    ///
    /// assert!(Clock::system().now().as_secs() > 1_700_000_000);
    /// ```
    #[must_use]
    pub fn system() -> Self {
        Self { base: Base::System, offset: Arc::default() }
    }

    /// A clock that stands still at this time until [`Sandbox::advance`](crate::Sandbox::advance) moves it.
    #[must_use]
    pub fn fixed(at: UnixTime) -> Self {
        Self { base: Base::Fixed(at), offset: Arc::default() }
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        let base = match self.base {
            Base::System => UnixTime::from(SystemTime::now()),
            Base::Fixed(at) => at,
        };
        UnixTime::from_millis(base.as_millis().saturating_add(self.offset.load(Ordering::SeqCst)))
    }

    /// Moves the clock on to a time; never back.
    pub(super) fn move_to(&self, at: UnixTime) {
        let by = at.as_millis().saturating_sub(self.now().as_millis());
        if by > 0 {
            self.offset.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// How long to wait, in real time, until it shows `at`. `None` when it will not by itself.
    pub(super) fn until(&self, at: UnixTime) -> Option<Duration> {
        match self.base {
            Base::System => Some(at.since(self.now())),
            Base::Fixed(_) => (at <= self.now()).then_some(Duration::ZERO),
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told_and_never_back() {
        let start = UnixTime::from_secs(1_700_000_000);
        let clock = Clock::fixed(start);
        let same = clock.clone();
        clock.move_to(start.saturating_add(Duration::from_secs(5)));
        clock.move_to(start);
        assert_eq!(same.now(), UnixTime::from_secs(1_700_000_005));
        assert_eq!(clock.until(UnixTime::from_secs(1_700_000_006)), None);
    }
}
