use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use antom_core::signature::{KeyVersion, SignError, Signature, Signer};
use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::RemoteSigner;

/// Signs on tokio's threads for blocking work, so that the thread that drives calls goes on meanwhile.
///
/// An RSA signature occupies a processor for about half a millisecond (2048 bits). With many calls in flight
/// on one thread every other task there waits for all signatures before its own; with this signer for none.
/// At most so many signatures are made at once as leave one processor free, so that the driving thread need
/// not share its own. A program that makes one call at a time is better off without: the way to another
/// thread and back costs some microseconds.
///
/// ```
/// # use antom_core::signature::{KeyVersion, SignError, Signature, Signer};
/// # #[derive(Debug)] struct InMemory;
/// # impl Signer for InMemory {
/// #     fn key_version(&self) -> KeyVersion { KeyVersion::FIRST }
/// #     fn sign(&self, _: &[u8]) -> Result<Signature, SignError> { Ok(Signature::new(vec![7])) }
/// # }
/// use antom_transport::{OffloadedSigner, RemoteSigner};
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let signer = OffloadedSigner::new(InMemory);
/// let signature = signer.sign_remote(b"content").await?;
/// # assert_eq!(signature.as_bytes(), [7]);
/// # Ok::<(), SignError>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct OffloadedSigner<S> {
    signer: Arc<S>,
    free: Arc<Semaphore>,
}

/// Clones share the threads.
impl<S> Clone for OffloadedSigner<S> {
    fn clone(&self) -> Self {
        Self { signer: self.signer.clone(), free: self.free.clone() }
    }
}

impl<S: Signer + 'static> OffloadedSigner<S> {
    /// Signs with this signer, elsewhere, on all processors but one.
    #[must_use]
    pub fn new(signer: S) -> Self {
        let others = available_parallelism().map_or(0, |all| all.get() - 1);
        Self::with_threads(signer, NonZeroUsize::new(others).unwrap_or(NonZeroUsize::MIN))
    }

    /// The same with at most this many signatures at once.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::Stamp;
    /// use antom_transport::{OffloadedSigner, RemoteSigner};
    /// # let signer = Stamp;
    ///
    /// // At most two signatures at once, on whatever machine.
    /// let signer = OffloadedSigner::with_threads(signer, 2.try_into()?);
    /// assert_eq!(signer.remote_key_version().get(), 1);
    /// # Ok::<(), std::num::TryFromIntError>(())
    /// ```
    #[must_use]
    pub fn with_threads(signer: S, threads: NonZeroUsize) -> Self {
        let free = Semaphore::new(threads.get().min(Semaphore::MAX_PERMITS));
        Self { signer: signer.into(), free: free.into() }
    }
}

#[async_trait]
impl<S: Signer + 'static> RemoteSigner for OffloadedSigner<S> {
    fn remote_key_version(&self) -> KeyVersion {
        self.signer.key_version()
    }

    async fn sign_remote(&self, input: &[u8]) -> Result<Signature, SignError> {
        let runtime =
            Handle::try_current().map_err(|_| SignError::new("there is no tokio runtime to sign on"))?;
        let permit = self.free.clone().acquire_owned().await;
        // The work may outlive the call, so it cannot borrow; the permit is its own for the same reason.
        let (signer, input) = (self.signer.clone(), input.to_vec());
        let signed = runtime
            .spawn_blocking(move || {
                let signed = signer.sign(&input);
                drop(permit);
                signed
            })
            .await;
        signed.unwrap_or_else(|_| Err(SignError::new("the signer panicked, or the runtime was shut down")))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread::{self, ThreadId};

    use super::*;

    #[derive(Debug)]
    struct WhereAmI(Arc<Mutex<Option<ThreadId>>>);

    impl Signer for WhereAmI {
        fn key_version(&self) -> KeyVersion {
            KeyVersion::new(3)
        }

        fn sign(&self, input: &[u8]) -> Result<Signature, SignError> {
            assert_ne!(input, b"panic");
            *self.0.lock().unwrap() = Some(thread::current().id());
            Ok(Signature::new(input.to_vec()))
        }
    }

    #[tokio::test]
    async fn it_signs_on_another_thread() {
        let inner: Arc<Mutex<Option<ThreadId>>> = Arc::default();
        let signer = OffloadedSigner::new(WhereAmI(inner.clone()));
        assert_eq!(signer.remote_key_version(), KeyVersion::new(3));
        assert_eq!(signer.sign_remote(b"abc").await.unwrap().as_bytes(), b"abc");
        let signed_on = inner.lock().unwrap().unwrap();
        assert_ne!(signed_on, thread::current().id());
    }

    #[derive(Debug, Clone, Default)]
    struct Crowded {
        inside: Arc<AtomicUsize>,
        most: Arc<AtomicUsize>,
    }

    impl Signer for Crowded {
        fn key_version(&self) -> KeyVersion {
            KeyVersion::FIRST
        }

        fn sign(&self, input: &[u8]) -> Result<Signature, SignError> {
            self.most.fetch_max(self.inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            for _ in 0..100 {
                thread::yield_now();
            }
            self.inside.fetch_sub(1, Ordering::SeqCst);
            Ok(Signature::new(input.to_vec()))
        }
    }

    #[tokio::test]
    async fn no_more_than_so_many_sign_at_once() {
        let inner = Crowded::default();
        let signer = OffloadedSigner::with_threads(inner.clone(), NonZeroUsize::new(2).unwrap());
        let calls: Vec<_> = (0..32_u8)
            .map(|number| {
                let signer = signer.clone();
                tokio::spawn(
                    async move { signer.sign_remote(&[number]).await.unwrap().as_bytes() == [number] },
                )
            })
            .collect();
        for call in calls {
            assert!(call.await.unwrap());
        }
        assert!(inner.most.load(Ordering::SeqCst) <= 2);
    }

    #[tokio::test]
    async fn a_panic_of_the_signer_is_an_error() {
        let signer = OffloadedSigner::new(WhereAmI(Arc::default()));
        assert!(signer.sign_remote(b"panic").await.unwrap_err().to_string().contains("panicked"));
    }

    #[test]
    fn without_a_runtime_nothing_is_signed() {
        let signer = OffloadedSigner::new(WhereAmI(Arc::default()));
        let mut signing = signer.sign_remote(b"abc");
        let polled = signing.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        assert!(matches!(polled, std::task::Poll::Ready(Err(_))));
    }
}
