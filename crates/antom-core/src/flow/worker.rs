//! What the workers decide, without what they do: pure functions of a state and the time, so that a
//! simulation and production decide alike.
//!
//! | worker | its state | its tick |
//! | --- | --- | --- |
//! | settles orders | [`Payment`](crate::flow::payment::Payment) | `apply(&Input::Tick, now)`: the step is the call to make |
//! | applies codes, refreshes tokens | [`Grant`](crate::flow::token::Grant) | `apply(&Input::Tick, now)` |
//! | hands events over | how often and when it was tried | [`deliver`] |
//! | recovers missed notifications | [`Recovery`] | [`Recovery::tick`] |
//!
//! ```
//! use antom_core::flow::worker::{Deliver, deliver};
//! use antom_core::time::UnixTime;
//!
//! // Ten tries in vain: it is tried again all the same, and a person hears of it.
//! let now = UnixTime::from_secs(1_700_000_000);
//! assert_eq!(deliver(10, Some(UnixTime::EPOCH), now), Deliver::Now { report: true });
//! ```

use core::time::Duration;

use crate::flow::LoadError;
use crate::flow::stored::{load, record, save};
use crate::flow::timing::repeat_wait;
use crate::secret::Secret;
use crate::time::UnixTime;

/// After so many tries in vain a person is told; the tries go on.
const REPORT_TRIES: u32 = 10;

/// What is to be done with an event that waits to be handed over.
///
/// ```
/// use antom_core::flow::worker::{Deliver, deliver};
/// use antom_core::time::UnixTime;
///
/// let now = UnixTime::from_secs(1_700_000_000);
/// assert_eq!(deliver(0, None, now), Deliver::Now { report: false });
/// // It failed just now: not at once again.
/// assert!(matches!(deliver(1, Some(now), now), Deliver::NotBefore(later) if later > now));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deliver {
    /// Hand it over now; `report` says that it failed so often that a person should know.
    Now {
        /// Whether to report it.
        report: bool,
    },
    /// Not before this time.
    NotBefore(UnixTime),
}

/// Decides about an event that was tried `tries` times in vain, the last time at `last`.
#[must_use]
pub fn deliver(tries: u32, last: Option<UnixTime>, now: UnixTime) -> Deliver {
    let due = last.filter(|_| tries > 0).map(|last| last.saturating_add(repeat_wait(tries)));
    match due {
        Some(due) if due > now => Deliver::NotBefore(due),
        _ => Deliver::Now { report: tries >= REPORT_TRIES },
    }
}

/// How far back the gateway keeps notifications.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// How far each fetch goes back behind the one before it: events may be listed late.
const OVERLAP: Duration = Duration::from_secs(15 * 60);
/// The wait between two fetches that went well.
const PAUSE: Duration = Duration::from_secs(5 * 60);

record! {
    /// How far the list of missed notifications was read.
    ///
    /// ```
    /// use antom_core::flow::worker::{Recover, Recovery};
    /// use antom_core::time::UnixTime;
    /// use core::time::Duration;
    ///
    /// let restored = UnixTime::from_secs(1_700_000_000);
    /// let now = restored.saturating_add(Duration::from_secs(3600));
    /// let state = Recovery::since(restored);
    /// let Recover::Fetch { to, gap, .. } = state.tick(now) else { panic!("an hour is missing") };
    /// assert!(!gap);
    /// // Every page was applied; or the call failed, and the same span is fetched again later.
    /// assert_eq!(state.fetched(to, now).fetched_to, now);
    /// assert_eq!(state.failed(now).fetched_to, restored);
    /// assert_eq!(Recovery::load(state.save().expose())?, state);
    /// # Ok::<(), antom_core::flow::LoadError>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Recovery {
        /// Everything before this moment was fetched.
        pub fetched_to: UnixTime,
        /// When to fetch next.
        pub due: UnixTime,
        /// How often in a row it failed.
        pub failures: u32,
    }
}

/// What to do about missed notifications.
///
/// ```
/// use antom_core::flow::worker::{Recover, Recovery};
/// use antom_core::time::UnixTime;
/// use core::time::Duration;
///
/// // Forty days without a fetch: the gateway kept thirty of them.
/// let then = UnixTime::from_secs(1_700_000_000);
/// let now = then.saturating_add(Duration::from_secs(40 * 24 * 3600));
/// assert!(matches!(Recovery::since(then).tick(now), Recover::Fetch { gap: true, .. }));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recover {
    /// Fetch the events of this span, the newest first, then tell what came of it.
    Fetch {
        /// The beginning.
        from: UnixTime,
        /// The end.
        to: UnixTime,
        /// Whether events between the last fetch and the beginning are gone for good: the orders of that
        /// time have to be inquired.
        gap: bool,
    },
    /// Wait until then.
    NotBefore(UnixTime),
}

impl Recovery {
    /// Begins with what was missed since then, such as the time of a restored backup.
    #[must_use]
    pub fn since(then: UnixTime) -> Self {
        Self { fetched_to: then, due: then, failures: 0 }
    }

    /// What to do now.
    #[must_use]
    pub fn tick(&self, now: UnixTime) -> Recover {
        if now < self.due {
            return Recover::NotBefore(self.due);
        }
        let oldest = now.saturating_sub(KEPT);
        let from = self.fetched_to.saturating_sub(OVERLAP).max(oldest).min(now);
        Recover::Fetch { from, to: now, gap: self.fetched_to < oldest }
    }

    /// The state after a fetch up to `to` of which every page was applied.
    #[must_use]
    pub fn fetched(&self, to: UnixTime, now: UnixTime) -> Self {
        let fetched_to = self.fetched_to.max(to.min(now));
        Self { fetched_to, due: now.saturating_add(PAUSE), failures: 0 }
    }

    /// The state after a fetch that failed, wholly or in part: the same span is fetched again.
    #[must_use]
    pub fn failed(&self, now: UnixTime) -> Self {
        let failures = self.failures.saturating_add(1);
        Self { due: now.saturating_add(repeat_wait(failures)), failures, ..*self }
    }

    /// The text to store.
    #[must_use]
    pub fn save(&self) -> Secret<alloc::string::String> {
        save("recovery", 1, self)
    }

    /// A state from a trusted store.
    ///
    /// # Errors
    ///
    /// The text is of another version, or no such state.
    pub fn load(text: &str) -> Result<Self, LoadError> {
        load("recovery", 1, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::kit::at;

    #[test]
    fn an_event_is_handed_over_ever_slower_and_never_given_up() {
        assert_eq!(deliver(0, None, at(0)), Deliver::Now { report: false });
        assert_eq!(deliver(1, Some(at(0)), at(5)), Deliver::NotBefore(at(6)));
        assert_eq!(deliver(1, Some(at(0)), at(6)), Deliver::Now { report: false });
        assert_eq!(deliver(50, Some(at(0)), at(3600)), Deliver::Now { report: true });
        // A clock that went back makes it wait, not fail.
        assert!(matches!(deliver(3, Some(at(100)), at(0)), Deliver::NotBefore(_)));
    }

    #[test]
    fn recovery_overlaps_and_says_what_is_gone() {
        let state = Recovery::since(at(0));
        let fetch = |from, to, gap| Recover::Fetch { from: at(from), to: at(to), gap };
        assert_eq!(state.tick(at(60)), fetch(-900, 60, false));
        let state = state.fetched(at(60), at(61));
        assert_eq!(state.tick(at(62)), Recover::NotBefore(at(361)));
        assert_eq!(state.tick(at(361)), fetch(-840, 361, false));
        // A failure repeats the same span; a fetch that ends before an earlier one takes nothing back.
        let failed = state.failed(at(400));
        assert_eq!((failed.fetched_to, failed.due), (at(60), at(406)));
        assert_eq!(failed.fetched(at(10), at(500)).fetched_to, at(60));
        // After forty days ten are gone.
        let day = 24 * 3600;
        assert_eq!(state.tick(at(40 * day)), fetch(10 * day, 40 * day, true));
        assert_eq!(Recovery::load(failed.save().expose()), Ok(failed));
    }
}
