//! Transports over well-known HTTP stacks, each a feature.
//!
//! ```
//! use antom_transport::HyperTransport;
//!
//! // What a sandbox on this machine needs: no root certificates, no proxy.
//! let transport = HyperTransport::builder().build_loopback()?;
//! # let _ = transport;
//! # Ok::<(), antom_transport::SetupError>(())
//! ```

#[cfg(any(feature = "hyper", feature = "ureq"))]
mod builder;
#[cfg(any(feature = "reqwest", feature = "hyper", feature = "tower", feature = "ureq"))]
mod causes;
#[cfg(any(feature = "reqwest", feature = "hyper", feature = "tower", feature = "ureq"))]
mod classify;
#[cfg(any(feature = "reqwest", feature = "hyper", feature = "tower", feature = "ureq"))]
// Each backend uses a part of it.
#[cfg_attr(not(all(feature = "hyper", feature = "tower")), allow(dead_code, unreachable_pub))]
mod gate;
#[cfg(any(feature = "reqwest", feature = "hyper", feature = "tower", feature = "ureq"))]
mod head;
#[cfg(feature = "hyper")]
mod hyper;
#[cfg(feature = "hyper")]
mod hyper_connect;
#[cfg(test)]
// Some backends have tests of their own.
#[cfg_attr(not(all(feature = "hyper", feature = "tower")), allow(dead_code))]
mod kit;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "reqwest")]
mod reqwest_builder;
#[cfg(any(feature = "reqwest", feature = "hyper", feature = "tower"))]
mod roundtrip;
#[cfg(any(feature = "reqwest", feature = "hyper", feature = "ureq"))]
mod tls;
#[cfg(feature = "tower")]
mod tower;
#[cfg(feature = "ureq")]
mod ureq;
#[cfg(feature = "ureq")]
mod ureq_connect;
#[cfg(any(feature = "reqwest", feature = "hyper", feature = "tower", feature = "ureq"))]
mod urls;

#[cfg(feature = "ureq")]
#[cfg_attr(docsrs, doc(cfg(feature = "ureq")))]
pub use self::ureq::UreqTransport;
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub use self::{
    gate::{GateShut, GatedBody},
    tower::{TowerTransport, gated},
};
#[cfg(feature = "reqwest")]
#[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
pub use self::{reqwest::ReqwestTransport, reqwest_builder::ReqwestBuilder};
#[cfg(any(feature = "hyper", feature = "ureq"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "hyper", feature = "ureq"))))]
pub use builder::{Build, TransportBuilder};
#[cfg(feature = "hyper")]
#[cfg_attr(docsrs, doc(cfg(feature = "hyper")))]
pub use hyper::HyperTransport;
#[cfg(any(feature = "reqwest", feature = "hyper", feature = "ureq"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "reqwest", feature = "hyper", feature = "ureq"))))]
pub use {
    // The crate whose types appear in the builders' `crypto_provider`.
    ::rustls,
    tls::SetupError,
};
