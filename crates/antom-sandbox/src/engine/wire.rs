//! What goes in and what comes out: requests, answers, deliveries.

use std::time::Duration;

use antom_core::api::models::ResultStatus;
use antom_core::check::Acknowledgement;
use antom_core::codec::{Limits, ReadMessage as _};
use bytes::Bytes;

/// A request as it arrived.
///
/// ```
/// use antom_sandbox::engine::GatewayRequest;
///
/// let request = GatewayRequest::post("/ams/sandbox/api/v1/payments/pay?a=1", &b"{}"[..])
///     .with_header("Client-Id", "SANDBOX_5Y0000000000000001");
/// assert_eq!(request.path(), "/ams/sandbox/api/v1/payments/pay");
/// assert_eq!(request.client_id(), Some("SANDBOX_5Y0000000000000001"));
/// // The body may hold card data: it is not shown.
/// assert!(format!("{request:?}").ends_with("(1 headers, 2 bytes)"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct GatewayRequest {
    /// The method, such as `POST`.
    pub method: String,
    /// Path and query exactly as they arrived; this is what is verified.
    pub target: String,
    /// Header names in any case, and their values.
    pub headers: Vec<(String, String)>,
    /// The body exactly as it arrived.
    pub body: Bytes,
}

impl GatewayRequest {
    /// A `POST` of a JSON body, still without headers.
    #[must_use]
    pub fn post(target: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { method: "POST".into(), target: target.into(), headers: Vec::new(), body: body.into() }
    }

    /// The same request with one more header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The client that the request says it comes from, if it says so once.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        match self.header("client-id") {
            Lookup::Once(id) => Some(id),
            Lookup::Absent | Lookup::Repeated => None,
        }
    }

    /// The value of a header that occurs exactly once.
    pub(super) fn header(&self, name: &str) -> Lookup<'_> {
        let mut values = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        match (values.next(), values.next()) {
            (None, _) => Lookup::Absent,
            (Some((_, value)), None) => Lookup::Once(value.trim()),
            _ => Lookup::Repeated,
        }
    }
}

/// Shows the size of the body, never its content: it holds card data and tokens.
impl std::fmt::Debug for GatewayRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {} ({} headers, {} bytes)",
            self.method,
            self.target,
            self.headers.len(),
            self.body.len()
        )
    }
}

/// How often a header occurs.
pub(super) enum Lookup<'a> {
    Absent,
    Once(&'a str),
    Repeated,
}

/// What the gateway sends back.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, gateway, request};
/// use antom_sandbox::engine::{Fault, FaultTarget, GatewayResponse};
/// # let (mut gateway, now) = (gateway(), NOW);
/// # let request = request(&gateway);
///
/// // The next payment happens, and its answer is lost.
/// gateway.set_fault(FaultTarget::Operation("payments/pay".into()), Fault::NoAnswer, Some(1));
/// let handled = gateway.handle(now, &request);
/// assert_eq!(handled.response, GatewayResponse::Silence);
/// assert!(handled.response.answer().is_none());
/// assert_eq!(gateway.view(10).payments.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GatewayResponse {
    /// An HTTP answer.
    Answer(Answer),
    /// Nothing: the connection is closed without a byte. Only a [`Fault`](super::Fault) does this; what the
    /// request asked for has happened.
    Silence,
    /// Nothing, and the connection is reset. Only a fault does this, too.
    Reset,
}

impl GatewayResponse {
    /// The answer, unless there is none.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answer(answer) => Some(answer),
            Self::Silence | Self::Reset => None,
        }
    }
}

/// An HTTP answer. Header names are lower-case: some clients of the real gateway look for nothing else.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, gateway, request};
/// # let (mut gateway, now) = (gateway(), NOW);
/// # let request = request(&gateway);
/// let handled = gateway.handle(now, &request);
/// let answer = handled.response.answer().expect("no fault is on");
/// assert_eq!((answer.status, answer.header("client-id")), (200, Some("SANDBOX_5Y0000000000000001")));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status; refusals are 200 too.
    pub status: u16,
    /// Headers in the order they are sent.
    pub headers: Vec<(&'static str, String)>,
    /// The body, exactly as it is signed.
    pub body: Bytes,
}

impl Answer {
    /// The value of a header, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// Shows the size of the body, never its content.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| *name).collect();
        write!(f, "Answer({}, {names:?}, {} bytes)", self.status, self.body.len())
    }
}

/// What became of a request.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, gateway, request};
/// use std::time::Duration;
/// # let (mut gateway, now) = (gateway(), NOW);
/// # let request = request(&gateway);
///
/// let handled = gateway.handle(now, &request);
/// assert_eq!(handled.delay, Duration::ZERO); // Only a fault asks for a wait.
/// assert!(handled.deliveries.is_empty()); // The buyer did not pay yet.
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handled {
    /// What to send back.
    pub response: GatewayResponse,
    /// How long to wait before; only a fault asks for it.
    pub delay: Duration,
    /// What to send to the merchant, in this order; afterwards, unless a delivery says
    /// [`before_answer`](Delivery::before_answer).
    pub deliveries: Vec<Delivery>,
}

/// Names one notification; all its deliveries share it.
///
/// ```
/// use antom_sandbox::engine::NotificationId;
///
/// let id: NotificationId = "N7".parse()?;
/// assert_eq!(id.to_string(), "N7");
/// # Ok::<(), std::num::ParseIntError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub struct NotificationId(pub(super) u64);

impl NotificationId {
    /// Its name where all are kept, in the order in which they were written.
    pub(super) fn place(self) -> String {
        format!("{:012}", self.0)
    }
}

impl std::str::FromStr for NotificationId {
    type Err = std::num::ParseIntError;

    /// Reads `N7`, as it is written.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix('N').unwrap_or(text).parse().map(Self)
    }
}

impl std::fmt::Display for NotificationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "N{}", self.0)
    }
}

/// One attempt to deliver one notification: a `POST` to make.
///
/// The body is the same at every attempt; the request time, and with it the signature, is fresh.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, gateway, pay};
/// use antom_sandbox::engine::BuyerAction;
/// # let mut gateway = gateway();
/// # let (page, now) = (pay(&mut gateway), NOW);
///
/// let done = gateway.buyer(now, &page, BuyerAction::Approve)?;
/// let delivery = &done.deliveries[0];
/// assert_eq!((delivery.attempt, delivery.before_answer), (1, false));
/// assert!(delivery.headers.iter().any(|(name, _)| *name == "signature"));
/// assert!(!delivery.body.is_empty());
/// # Ok::<(), antom_sandbox::engine::BuyerError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The notification.
    pub id: NotificationId,
    /// Which attempt this is, from 1 to 8.
    pub attempt: u8,
    /// Whether it is to be sent before the answer to the request that caused it; only a fault asks for it.
    pub before_answer: bool,
    /// Where to.
    pub url: String,
    /// Headers, lower-case names.
    pub headers: Vec<(&'static str, String)>,
    /// The body, exactly as it is signed.
    pub body: Bytes,
}

/// Shows the target without its query, and the size of the body.
impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        write!(f, "Delivery({}, attempt {}, {url}, {} bytes)", self.id, self.attempt, self.body.len())
    }
}

/// What came of a delivery.
///
/// ```
/// use antom_sandbox::engine::DeliveryResult;
///
/// let body = br#"{"result": {"resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "success"}}"#;
/// assert_eq!(DeliveryResult::judge(200, body), DeliveryResult::Acknowledged);
/// // Anything else is delivered again.
/// assert_eq!(DeliveryResult::judge(500, body), DeliveryResult::Refused(500));
/// assert_eq!(DeliveryResult::judge(200, b"OK"), DeliveryResult::Refused(200));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryResult {
    /// HTTP 200 with `resultStatus` `S`: never sent again.
    Acknowledged,
    /// An answer that acknowledges nothing, with its HTTP status. It is sent again.
    Refused(u16),
    /// No answer: no connection, a timeout, or a target that must not be dialled. It is sent again.
    Unreachable,
}

impl DeliveryResult {
    /// Judges the merchant's answer: only HTTP 200 with a body whose `result.resultStatus` is `S`
    /// acknowledges.
    #[must_use]
    pub fn judge(status: u16, body: &[u8]) -> Self {
        let acknowledged = Acknowledgement::from_json(body, &Limits::NOTIFICATION)
            .is_ok_and(|answer| answer.result.result_status == Some(ResultStatus::S));
        if status == 200 && acknowledged { Self::Acknowledged } else { Self::Refused(status) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_acknowledgement_acknowledges() {
        let good = br#"{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}"#;
        assert_eq!(DeliveryResult::judge(200, good), DeliveryResult::Acknowledged);
        assert_eq!(DeliveryResult::judge(500, good), DeliveryResult::Refused(500));
        for bad in
            [&b""[..], b"success", b"{}", br#"{"result":{"resultStatus":"F"}}"#, br#"{"resultStatus":"S"}"#]
        {
            assert_eq!(DeliveryResult::judge(200, bad), DeliveryResult::Refused(200));
        }
    }

    #[test]
    fn debug_shows_no_content() {
        let request = GatewayRequest::post("/x", &b"4054695723100768"[..]);
        assert!(!format!("{request:?}").contains("4054"));
        let answer = Answer { status: 200, headers: vec![("signature", "abc".into())], body: "token".into() };
        assert!(!format!("{answer:?}").contains("token"));
    }
}
