//! The question to the gateway: a call that only reads, with everything about it kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use antom::blocking::Client;
use antom::core::call::{
    HeaderName, IncomingResponse, OutgoingRequest, RawAnswer, SendOptions, TransportError,
};
use antom::core::outcome::{CallError, Outcome};
use antom::core::profile::{Gateway, ProductFamily};
use antom::core::time::{UnixTime, WireTime};
use antom::transport::{BlockingTransport, UreqTransport};

use crate::commands::account::Account;
use crate::commands::caller::Caller;
use crate::failure::Failure;

/// No payment has this id.
const BODY: &str = r#"{"paymentRequestId":"antom-dev-doctor-asks-about-nothing"}"#;

/// What came of the question.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) sandbox: bool,
    pub(super) family: ProductFamily,
    /// The path that was signed.
    pub(super) path: String,
    /// The answer on the wire, if one came.
    pub(super) seen: Option<Seen>,
    pub(super) outcome: Result<Outcome<RawAnswer>, CallError>,
}

/// An answer as it came, believed or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// The gateway's clock.
    pub(super) answered_at: Option<UnixTime>,
    /// This machine's clock before the question and after the answer.
    pub(super) between: (UnixTime, UnixTime),
}

impl Probe {
    pub(super) fn was_answered(&self) -> bool {
        self.seen.is_some()
    }
}

/// Asks once.
pub(super) fn ask(account: &Account, gateway: &Gateway, family: ProductFamily) -> Result<Probe, Failure> {
    let builder = UreqTransport::builder();
    let inner = match gateway.is_https() {
        true => builder.build(),
        false => builder.build_loopback(),
    }
    .map_err(|error| Failure::input("setting up the secure channel failed", &error))?;
    let seen = Arc::new(Mutex::new(None));
    let client = Caller::probing(account, family, Tap { inner, seen: Arc::clone(&seen) })?;
    let inquiry = Client::operation("payments/inquiryPayment")
        .ok_or_else(|| Failure::Input("this build does not know payments/inquiryPayment".into()))?;
    let path = client.profile().path(inquiry).map(|path| path.to_string()).unwrap_or_default();
    let outcome = client.call_raw(inquiry, BODY);
    let seen = *seen.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Probe { sandbox: client.profile().is_sandbox(), family, path, seen, outcome })
}

/// Sends as the inner transport does, and notes the time of the answer.
#[derive(Debug)]
struct Tap {
    inner: UreqTransport,
    seen: Arc<Mutex<Option<Seen>>>,
}

impl BlockingTransport for Tap {
    fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        let (sent_at, clock) = (UnixTime::from(SystemTime::now()), Instant::now());
        let response = self.inner.send(request, options)?;
        let time = response.header(HeaderName::ResponseTime).ok().flatten();
        let seen = Seen {
            answered_at: time.and_then(|text| WireTime::parse(text).ok()).map(|time| time.instant()),
            between: (sent_at, sent_at.saturating_add(clock.elapsed())),
        };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(response)
    }
}
