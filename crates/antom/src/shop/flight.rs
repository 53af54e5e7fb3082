use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures_util::lock::Mutex as AsyncMutex;

/// One flight at a time for each key: whoever comes while another is on the way waits for it, and finds what
/// it brought.
#[derive(Debug, Default)]
pub(crate) struct Flights(Mutex<HashMap<String, Weak<AsyncMutex<()>>>>);

impl Flights {
    /// The lock of a key. Keep it only while it is needed: a lock nobody keeps is forgotten.
    pub(crate) fn lane(&self, key: &str) -> Arc<AsyncMutex<()>> {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get(key).and_then(Weak::upgrade) {
            return lane;
        }
        lanes.retain(|_, lane| lane.strong_count() > 0);
        let lane = Arc::new(AsyncMutex::new(()));
        lanes.insert(key.to_owned(), Arc::downgrade(&lane));
        lane
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_lane_while_somebody_keeps_it() {
        let flights = Flights::default();
        let one = flights.lane("a");
        assert!(Arc::ptr_eq(&one, &flights.lane("a")));
        assert!(!Arc::ptr_eq(&one, &flights.lane("b")));
        drop(one);
        let _ = flights.lane("c");
        assert_eq!(flights.0.lock().unwrap().len(), 1);
    }
}
