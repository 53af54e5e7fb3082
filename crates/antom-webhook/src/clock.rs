use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use antom_core::time::UnixTime;

/// Where a server takes the time from. Cheap to clone.
///
/// ```
/// use antom_webhook::Clock;
/// use antom_webhook::time::UnixTime;
///
/// let at = UnixTime::from_secs(1_772_360_430);
/// assert_eq!(Clock::fixed(at).now(), at);
/// assert_eq!(Clock::new(move || at).now(), at);
/// assert!(Clock::system().now() > UnixTime::from_secs(1_700_000_000));
/// ```
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> UnixTime + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|| UnixTime::from(SystemTime::now()))
    }

    /// A clock of your own.
    #[must_use]
    pub fn new(now: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// A clock that stands still.
    #[must_use]
    pub fn fixed(at: UnixTime) -> Self {
        Self::new(move || at)
    }

    /// What it shows.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
