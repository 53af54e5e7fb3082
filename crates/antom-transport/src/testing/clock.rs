use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use antom_core::time::{Now, UnixTime};
use async_trait::async_trait;

use crate::{BlockingSleep, Clock, Sleep};

/// A clock that stands still until it is moved. As a sleep it moves itself, so a test that waits takes no
/// time. Clones are the same clock.
///
/// ```
/// use antom_core::time::UnixTime;
/// use antom_transport::testing::ManualClock;
/// use antom_transport::{BlockingSleep, Clock};
/// use std::time::Duration;
///
/// let clock = ManualClock::new(UnixTime::from_secs(1_700_000_000));
/// clock.advance(Duration::from_secs(5));
/// BlockingSleep::sleep(&clock, Duration::from_secs(10));
/// assert_eq!(clock.now().wall.as_secs(), 1_700_000_015);
/// assert_eq!(clock.waits(), [Duration::from_secs(10)]);
/// // An administrator sets the time of day: what waits does not notice.
/// clock.set_wall(UnixTime::from_secs(0));
/// assert_eq!(clock.now().mono, Duration::from_secs(15));
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    now: Now,
    waits: Vec<Duration>,
}

impl ManualClock {
    /// A clock that shows this time of day.
    #[must_use]
    pub fn new(wall: UnixTime) -> Self {
        Self(Arc::new(Mutex::new(State { now: Now::new(wall, Duration::ZERO), waits: Vec::new() })))
    }

    /// Lets this much time pass.
    pub fn advance(&self, span: Duration) {
        let mut state = self.state();
        state.now = Now::new(state.now.wall.saturating_add(span), state.now.mono.saturating_add(span));
    }

    /// Sets the time of day and nothing else, as an administrator would.
    pub fn set_wall(&self, wall: UnixTime) {
        let mut state = self.state();
        state.now = Now::new(wall, state.now.mono);
    }

    /// How long others waited on this clock, in order.
    #[must_use]
    pub fn waits(&self) -> Vec<Duration> {
        self.state().waits.clone()
    }

    fn wait(&self, span: Duration) {
        self.state().waits.push(span);
        self.advance(span);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Now {
        self.state().now
    }
}

#[async_trait]
impl Sleep for ManualClock {
    async fn sleep(&self, duration: Duration) {
        self.wait(duration);
    }
}

impl BlockingSleep for ManualClock {
    fn sleep(&self, duration: Duration) {
        self.wait(duration);
    }
}
