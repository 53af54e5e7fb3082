use std::fmt::Debug;
use std::sync::Arc;

use antom_core::profile::Gateway;
#[cfg(feature = "blocking")]
use antom_core::signature::Signer;
use antom_core::signature::{KeyVersion, RsaSigner};
#[cfg(feature = "blocking")]
use antom_transport::{BlockingSleep, BlockingTransport};
use antom_transport::{RemoteSigner, Sleep, Transport};

use super::ConfigProblem;
use super::no_keys::NoKeys;

/// How a client waits: the parts it is made of. [`Async`] and `Blocking` are all there are.
///
/// ```
/// use antom::builder::{Async, Kind};
///
/// fn is_a_kind<K: Kind>() {}
/// is_a_kind::<Async>();
/// ```
pub trait Kind: sealed::Kind {}

/// Waits in futures.
///
/// ```
/// use antom::builder::{Async, Builder, Rsa};
///
/// // What `Client::builder` gives.
/// let builder: Builder<Rsa<Async>, Async> = antom::Client::builder();
/// # let _ = builder;
/// ```
#[derive(Debug)]
pub enum Async {}

/// Waits by blocking the thread.
///
/// ```
/// use antom::builder::{Blocking, Builder, Rsa};
///
/// // What `blocking::Client::builder` gives.
/// let builder: Builder<Rsa<Blocking>, Blocking> = antom::blocking::Client::builder();
/// # let _ = builder;
/// ```
#[cfg(feature = "blocking")]
#[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
#[derive(Debug)]
pub enum Blocking {}

impl Kind for Async {}

#[cfg(feature = "blocking")]
impl Kind for Blocking {}

pub(crate) mod sealed {
    use super::*;

    pub trait Kind: Debug + 'static {
        type Transport: Debug + Send + Sync + ?Sized;
        type Sleep: Send + Sync + ?Sized;
        type Signer: Send + Sync + ?Sized;

        fn rsa(signer: RsaSigner) -> Arc<Self::Signer>;
        fn no_keys() -> Arc<Self::Signer>;
        fn key_version(signer: &Self::Signer) -> KeyVersion;
        fn transport(gateway: &Gateway) -> Result<Arc<Self::Transport>, ConfigProblem>;
        fn sleep() -> Result<Arc<Self::Sleep>, ConfigProblem>;
    }
}

impl sealed::Kind for Async {
    type Transport = dyn Transport;
    type Sleep = dyn Sleep;
    type Signer = dyn RemoteSigner;

    fn rsa(signer: RsaSigner) -> Arc<Self::Signer> {
        Arc::new(signer)
    }

    fn no_keys() -> Arc<Self::Signer> {
        Arc::new(NoKeys)
    }

    fn key_version(signer: &Self::Signer) -> KeyVersion {
        signer.remote_key_version()
    }

    #[cfg(feature = "reqwest")]
    fn transport(gateway: &Gateway) -> Result<Arc<Self::Transport>, ConfigProblem> {
        let builder = antom_transport::ReqwestTransport::builder();
        made(if gateway.is_https() { builder.build() } else { builder.build_loopback() })
            .map(|transport| Arc::new(transport) as _)
    }

    #[cfg(all(feature = "hyper", not(feature = "reqwest")))]
    fn transport(gateway: &Gateway) -> Result<Arc<Self::Transport>, ConfigProblem> {
        let builder = antom_transport::HyperTransport::builder();
        made(if gateway.is_https() { builder.build() } else { builder.build_loopback() })
            .map(|transport| Arc::new(transport) as _)
    }

    #[cfg(not(any(feature = "reqwest", feature = "hyper")))]
    fn transport(_: &Gateway) -> Result<Arc<Self::Transport>, ConfigProblem> {
        Err(ConfigProblem::NoTransport)
    }

    #[cfg(any(feature = "reqwest", feature = "hyper"))]
    fn sleep() -> Result<Arc<Self::Sleep>, ConfigProblem> {
        Ok(Arc::new(antom_transport::TokioSleep))
    }

    #[cfg(not(any(feature = "reqwest", feature = "hyper")))]
    fn sleep() -> Result<Arc<Self::Sleep>, ConfigProblem> {
        Err(ConfigProblem::NoSleep)
    }
}

#[cfg(feature = "blocking")]
impl sealed::Kind for Blocking {
    type Transport = dyn BlockingTransport;
    type Sleep = dyn BlockingSleep;
    type Signer = dyn Signer;

    fn rsa(signer: RsaSigner) -> Arc<Self::Signer> {
        Arc::new(signer)
    }

    fn no_keys() -> Arc<Self::Signer> {
        Arc::new(NoKeys)
    }

    fn key_version(signer: &Self::Signer) -> KeyVersion {
        signer.key_version()
    }

    #[cfg(feature = "ureq")]
    fn transport(gateway: &Gateway) -> Result<Arc<Self::Transport>, ConfigProblem> {
        let builder = antom_transport::UreqTransport::builder();
        made(if gateway.is_https() { builder.build() } else { builder.build_loopback() })
            .map(|transport| Arc::new(transport) as _)
    }

    #[cfg(not(feature = "ureq"))]
    fn transport(_: &Gateway) -> Result<Arc<Self::Transport>, ConfigProblem> {
        Err(ConfigProblem::NoTransport)
    }

    fn sleep() -> Result<Arc<Self::Sleep>, ConfigProblem> {
        Ok(Arc::new(antom_transport::ThreadSleep))
    }
}

#[cfg(any(feature = "reqwest", feature = "hyper", feature = "ureq"))]
fn made<T>(transport: Result<T, antom_transport::SetupError>) -> Result<T, ConfigProblem> {
    transport.map_err(|error| ConfigProblem::Transport(error.to_string()))
}
