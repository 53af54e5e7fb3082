use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

/// Waits without blocking a thread.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::block_on;
/// use antom_transport::Sleep;
/// use std::time::Duration;
///
/// # block_on(async {
/// /// Waits on any runtime; here on tokio's timer.
/// #[derive(Debug)]
/// struct MyTimer;
///
/// #[async_trait::async_trait]
/// impl Sleep for MyTimer {
///     async fn sleep(&self, duration: Duration) {
///         tokio::time::sleep(duration).await;
///     }
/// }
/// MyTimer.sleep(Duration::from_millis(1)).await;
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Sleep: Debug + Send + Sync {
    /// Waits this long, or a little longer.
    async fn sleep(&self, duration: Duration);
}

/// Waits by blocking the thread.
///
/// ```
/// use antom_transport::BlockingSleep;
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use std::time::Duration;
///
/// /// Counts the seconds that it would have waited.
/// #[derive(Debug, Default)]
/// struct Dry(AtomicU64);
///
/// impl BlockingSleep for Dry {
///     fn sleep(&self, duration: Duration) {
///         self.0.fetch_add(duration.as_secs(), Ordering::Relaxed);
///     }
/// }
/// let dry = Dry::default();
/// dry.sleep(Duration::from_secs(2));
/// assert_eq!(dry.0.into_inner(), 2);
/// ```
pub trait BlockingSleep: Debug + Send + Sync {
    /// Waits this long, or a little longer.
    fn sleep(&self, duration: Duration);
}

/// Waits with [`std::thread::sleep`].
///
/// ```
/// use antom_transport::{BlockingSleep, ThreadSleep};
/// use std::time::{Duration, Instant};
///
/// let before = Instant::now();
/// ThreadSleep.sleep(Duration::from_millis(1));
/// assert!(before.elapsed() >= Duration::from_millis(1));
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct ThreadSleep;

impl BlockingSleep for ThreadSleep {
    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// Waits with tokio's timer.
///
/// # Panics
///
/// Like everything built on that timer, waiting panics outside of a tokio runtime with its time driver on.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::block_on;
/// use antom_transport::{Sleep, TokioSleep};
/// use std::time::Duration;
///
/// # block_on(async {
/// TokioSleep.sleep(Duration::from_millis(1)).await;
/// # Ok(()) });
/// ```
#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioSleep;

#[cfg(feature = "tokio")]
#[async_trait]
impl Sleep for TokioSleep {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
