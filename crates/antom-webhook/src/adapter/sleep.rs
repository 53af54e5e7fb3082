use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// How a server waits; it bounds the time a body may take. Cheap to clone.
///
/// ```
/// use antom_webhook::Sleep;
///
/// let on_tokio = Sleep::tokio();
/// let on_any_runtime = Sleep::new(|span| async move { tokio::time::sleep(span).await });
/// # let _ = (on_tokio, on_any_runtime);
/// ```
#[derive(Clone)]
pub struct Sleep(Arc<dyn Fn(Duration) -> Sleeping + Send + Sync>);

type Sleeping = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Sleep {
    /// Any runtime's way to wait.
    #[must_use]
    pub fn new<F: Future<Output = ()> + Send + 'static>(
        sleep: impl Fn(Duration) -> F + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move |span| Box::pin(sleep(span))))
    }

    /// For servers on tokio; its time driver must be enabled, as it is in `#[tokio::main]` and in actix-web.
    #[cfg(feature = "tokio")]
    #[must_use]
    pub fn tokio() -> Self {
        Self::new(tokio::time::sleep)
    }

    /// What `work` comes to, unless it takes longer than `span`.
    pub(crate) async fn limit<T>(&self, span: Duration, work: impl Future<Output = T>) -> Option<T> {
        // Set when there is something to wait for: most bodies come with their heads.
        let mut alarm: Option<Sleeping> = None;
        let mut work = pin!(work);
        poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => alarm.get_or_insert_with(|| (self.0)(span)).as_mut().poll(cx).map(|()| None),
        })
        .await
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sleep")
    }
}
