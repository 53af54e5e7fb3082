use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use antom_core::time::UnixTime;

/// The most steps that wait. Those beyond are found by their ticks.
const MOST: usize = 1024;

/// Steps that a notification called for, for this process's workers to take at once: a notification is
/// acknowledged before them. A step that waited until its tick is left to the tick.
#[derive(Debug)]
pub(crate) struct Fresh<T>(Mutex<VecDeque<(T, Option<UnixTime>)>>);

impl<T> Default for Fresh<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Fresh<T> {
    pub(crate) fn put(&self, step: T, tick: Option<UnixTime>) {
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if steps.len() < MOST {
            steps.push_back((step, tick));
        }
    }

    pub(crate) fn take(&self, now: UnixTime) -> Vec<T> {
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = steps.drain(..).filter(|(_, tick)| tick.is_none_or(|tick| now < tick));
        fresh.map(|(step, _)| step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_taken_once_and_not_after_their_tick() {
        let (fresh, at) = (Fresh::default(), UnixTime::from_secs);
        fresh.put("late", Some(at(5)));
        fresh.put("soon", Some(at(50)));
        assert_eq!(fresh.take(at(5)), ["soon"]);
        assert!(fresh.take(at(5)).is_empty());
        for number in 0..2 * MOST {
            fresh.put(if number % 2 == 0 { "a" } else { "b" }, None);
        }
        assert_eq!(fresh.take(at(0)).len(), MOST);
    }
}
