use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::shop::bell::Bell;

/// Ends workers after the round they are in. Clones are the same switch.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::block_on;
/// use antom::shop::worker::Stop;
///
/// # block_on(async {
/// let stop = Stop::new();
/// let other = stop.clone(); // The same switch.
/// assert!(!stop.is_stopped());
/// other.stop();
/// stop.stopped().await; // At once, for it is thrown.
/// assert!(stop.is_stopped());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default)]
pub struct Stop {
    inner: Arc<(AtomicBool, Bell)>,
}

impl Stop {
    /// A switch that is not thrown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Throws it, for good.
    pub fn stop(&self) {
        let (stopped, bell) = &*self.inner;
        stopped.store(true, Ordering::SeqCst);
        bell.ring();
    }

    /// Whether it was thrown.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.inner.0.load(Ordering::SeqCst)
    }

    /// Waits until it is.
    pub async fn stopped(&self) {
        let (stopped, bell) = &*self.inner;
        loop {
            let rings = bell.rings();
            if stopped.load(Ordering::SeqCst) {
                return;
            }
            bell.rung_since(rings).await;
        }
    }
}
