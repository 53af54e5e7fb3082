use std::error::Error;
use std::fmt::{self, Write as _};
use std::time::Duration;

use antom_core::signature::{ClientId, HeaderError, KeyVersion, VerifyError};
use antom_core::time::TimeError;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::freshness::Staleness;
use crate::head::{HeadHeader, WebhookHead};

/// Why a delivery was refused: the step that failed, what was seen, and the likely causes in order.
///
/// Everything in it may be logged: no key, no signature, no body, no query.
///
/// ```
/// use antom_webhook::{Cause, FailedStep, WebhookHead};
/// use antom_webhook::WebhookVerifier;
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::time::UnixTime;
/// # use antom_webhook::testing::TestGateway;
/// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// # let gateway = TestGateway::published(client_id.clone())?;
/// # let now = UnixTime::from_secs(1_772_360_430);
/// # let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path("/notify").build()?;
///
/// // Nobody signed this request.
/// let head = WebhookHead::new("POST", "/notify").with_header("request-time", "2026-03-01T10:20:30Z");
/// let error = verifier.verify(&head, "{}".into(), now).unwrap_err();
/// assert!(matches!(error.step(), FailedStep::HeaderMissing { .. }));
/// assert_eq!(error.causes()[0], Cause::HeadersRewritten);
/// // All of it may be logged, and two parties can compare what they saw.
/// assert_eq!((error.method(), error.path(), error.time()), ("POST", "/notify", Some("2026-03-01T10:20:30Z")));
/// assert_eq!((error.body_length(), error.body_sha256().unwrap().len()), (Some(2), 64));
/// assert!(error.client_id().is_some());
/// assert_eq!(error.status(), 400); // No 200: Antom delivers again.
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookError(Box<Report>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Report {
    step: FailedStep,
    method: String,
    path: String,
    client_id: Option<ClientId>,
    time: Option<String>,
    body: Option<BodySeen>,
    causes: Vec<Cause>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct BodySeen {
    length: usize,
    sha256: String,
}

/// The step of the verification that failed.
///
/// ```
/// use antom_webhook::{FailedStep, WebhookHead};
/// use antom_webhook::WebhookVerifier;
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::time::UnixTime;
/// # use antom_webhook::testing::TestGateway;
/// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// # let gateway = TestGateway::published(client_id.clone())?;
/// # let now = UnixTime::from_secs(1_772_360_430);
/// # let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path("/notify").build()?;
///
/// let head = WebhookHead::new("GET", "/notify");
/// let error = verifier.verify(&head, "".into(), now).unwrap_err();
/// assert_eq!(error.step(), &FailedStep::Method);
/// assert_eq!(error.step().to_string(), "checking the method failed: expected POST");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailedStep {
    /// The method is not `POST`.
    Method,
    /// No endpoint is configured at this path.
    Path,
    /// A header that every delivery has is absent.
    HeaderMissing {
        /// The header.
        header: HeadHeader,
    },
    /// A header came more than once.
    HeaderRepeated {
        /// The header.
        header: HeadHeader,
    },
    /// A header is too long or holds something else than printable ASCII.
    HeaderUnreadable {
        /// The header.
        header: HeadHeader,
    },
    /// The `signature` header is malformed.
    SignatureHeader(HeaderError),
    /// The `request-time` header is no time.
    RequestTime(TimeError),
    /// The `client-id` header names another client than the configured one.
    ClientId,
    /// The time lies outside the [window](crate::Freshness).
    Freshness(Staleness),
    /// The body is longer than the limit.
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body did not arrive in time.
    BodyTooSlow {
        /// The limit.
        limit: Duration,
    },
    /// The connection broke off inside the body.
    BodyBroken,
    /// The signature holds under none of the keys, or the verifier gave no answer.
    Signature(VerifyError),
}

/// What is likely to lie behind a [`FailedStep`].
///
/// ```
/// use antom_webhook::Cause;
/// use antom_webhook::WebhookVerifier;
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::time::UnixTime;
/// # use antom_webhook::testing::TestGateway;
/// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// # let gateway = TestGateway::published(client_id.clone())?;
/// # let now = UnixTime::from_secs(1_772_360_430);
/// # let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path("/notify").build()?;
/// # let sent = gateway.sign("/notify", "{}", now)?;
///
/// // A proxy in front parsed the body and wrote it anew.
/// let error = verifier.verify(&sent.head(), "{ }".into(), now).unwrap_err();
/// assert!(error.causes().contains(&Cause::BodyReencoded));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The header names a key version that is not configured.
    KeyVersionNotConfigured(KeyVersion),
    /// Something in front of this server changed the path.
    PathRewritten,
    /// Something in front of this program changed the body.
    BodyReencoded,
    /// The configured key is not the gateway's.
    WrongKey,
    /// Something in front of this server removed or doubled headers.
    HeadersRewritten,
    /// The request did not come from Antom.
    NotAntom,
    /// The configured client id belongs to another account.
    WrongClientId,
    /// This machine's clock is wrong.
    ClockWrong,
    /// An old delivery was sent again.
    Replayed,
    /// The configured limit is too small for this kind of notification.
    LimitTooSmall,
    /// The connection is slow or broken.
    Network,
    /// The verifier, such as a key service, is out of reach.
    VerifierUnavailable,
}

impl WebhookError {
    #[cold]
    pub(crate) fn new(step: FailedStep, head: &WebhookHead, client_id: Option<&ClientId>) -> Self {
        let causes = causes_of(&step);
        Self(Box::new(Report {
            step,
            method: printable(head.method(), 16),
            path: printable(head.path(), 256),
            client_id: client_id.cloned(),
            time: None,
            body: None,
            causes,
        }))
    }

    /// Adds the time; only for a text that follows the grammar of times.
    #[cold]
    pub(crate) fn at_time(mut self, time: &str) -> Self {
        self.0.time = Some(time.to_owned());
        self
    }

    /// Adds length and digest of the body.
    #[cold]
    pub(crate) fn with_body(mut self, body: &Bytes) -> Self {
        self.0.body = Some(BodySeen { length: body.len(), sha256: hex(&Sha256::digest(body)) });
        self
    }

    /// The step that failed.
    #[must_use]
    pub fn step(&self) -> &FailedStep {
        &self.0.step
    }

    /// The method as received, cut at 16 characters.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.0.method
    }

    /// The path as received, without its query, cut at 256 characters.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The configured client id; `None` when the path led to no endpoint.
    #[must_use]
    pub fn client_id(&self) -> Option<&ClientId> {
        self.0.client_id.as_ref()
    }

    /// The time the delivery claims, if it could be read.
    #[must_use]
    pub fn time(&self) -> Option<&str> {
        self.0.time.as_deref()
    }

    /// The length of the body in bytes, if it was read.
    #[must_use]
    pub fn body_length(&self) -> Option<usize> {
        self.0.body.as_ref().map(|body| body.length)
    }

    /// The SHA-256 of the body in hexadecimal digits, if it was read: two parties can compare it without
    /// showing the body.
    #[must_use]
    pub fn body_sha256(&self) -> Option<&str> {
        self.0.body.as_ref().map(|body| body.sha256.as_str())
    }

    /// The likely causes, the likeliest first.
    #[must_use]
    pub fn causes(&self) -> &[Cause] {
        &self.0.causes
    }

    /// The HTTP status to answer with. None of them is 200, so the gateway delivers again.
    #[must_use]
    pub fn status(&self) -> u16 {
        match &self.0.step {
            FailedStep::Method => 405,
            FailedStep::Path => 404,
            FailedStep::HeaderMissing { .. }
            | FailedStep::HeaderRepeated { .. }
            | FailedStep::HeaderUnreadable { .. }
            | FailedStep::SignatureHeader(_)
            | FailedStep::RequestTime(_)
            | FailedStep::BodyBroken => 400,
            FailedStep::ClientId | FailedStep::Freshness(_) => 401,
            FailedStep::Signature(VerifyError::Unavailable { .. }) => 503,
            FailedStep::Signature(_) => 401,
            FailedStep::BodyTooLarge { .. } => 413,
            FailedStep::BodyTooSlow { .. } => 408,
        }
    }
}

fn causes_of(step: &FailedStep) -> Vec<Cause> {
    use Cause::{
        BodyReencoded, ClockWrong, HeadersRewritten, KeyVersionNotConfigured, LimitTooSmall, Network,
        NotAntom, PathRewritten, Replayed, VerifierUnavailable, WrongClientId, WrongKey,
    };
    match step {
        FailedStep::Method => vec![NotAntom],
        FailedStep::Path => vec![PathRewritten, NotAntom],
        FailedStep::HeaderMissing { .. }
        | FailedStep::HeaderRepeated { .. }
        | FailedStep::HeaderUnreadable { .. }
        | FailedStep::SignatureHeader(_)
        | FailedStep::RequestTime(_) => vec![HeadersRewritten, NotAntom],
        FailedStep::ClientId => vec![WrongClientId, NotAntom],
        FailedStep::Freshness(Staleness::Late { .. }) => vec![ClockWrong, Replayed],
        FailedStep::Freshness(Staleness::Early { .. }) => vec![ClockWrong, NotAntom],
        FailedStep::BodyTooLarge { .. } => vec![NotAntom, LimitTooSmall],
        FailedStep::BodyTooSlow { .. } | FailedStep::BodyBroken => vec![Network, NotAntom],
        FailedStep::Signature(VerifyError::NoMatch { hint, tried }) => {
            let unknown = hint.filter(|hint| !tried.contains(hint)).map(KeyVersionNotConfigured);
            unknown.into_iter().chain([PathRewritten, BodyReencoded, WrongKey, NotAntom]).collect()
        }
        FailedStep::Signature(_) => vec![VerifierUnavailable],
    }
}

impl fmt::Display for FailedStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("checking the method failed: expected POST"),
            Self::Path => f.write_str("finding the endpoint failed: none is configured at this path"),
            Self::HeaderMissing { header } => write!(f, "reading the headers failed: `{header}` is missing"),
            Self::HeaderRepeated { header } => {
                write!(f, "reading the headers failed: `{header}` came more than once")
            }
            Self::HeaderUnreadable { header } => {
                write!(f, "reading the headers failed: `{header}` is too long or not printable ASCII")
            }
            Self::SignatureHeader(error) => write!(f, "reading the signature header failed: {error}"),
            Self::RequestTime(error) => write!(f, "reading the request-time header failed: {error}"),
            Self::ClientId => f.write_str(
                "checking the client id failed: the header names another client than the configured one",
            ),
            Self::Freshness(Staleness::Late { by }) => {
                write!(f, "checking the time failed: {} s older than the window allows", by.as_secs().max(1))
            }
            Self::Freshness(Staleness::Early { by }) => {
                write!(
                    f,
                    "checking the time failed: {} s further ahead than the window allows",
                    by.as_secs().max(1)
                )
            }
            Self::BodyTooLarge { limit } => {
                write!(f, "reading the body failed: longer than the limit of {limit} bytes")
            }
            Self::BodyTooSlow { limit } => {
                write!(f, "reading the body failed: not complete after {} ms", limit.as_millis())
            }
            Self::BodyBroken => f.write_str("reading the body failed: the connection broke off"),
            Self::Signature(VerifyError::NoMatch { tried, .. }) => {
                write!(f, "verifying the signature failed: wrong under every configured key (versions ")?;
                for (at, version) in tried.iter().enumerate() {
                    write!(f, "{}{version}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
            Self::Signature(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyVersionNotConfigured(version) => {
                write!(f, "the header names key version {version}, which is not configured: add that public key")
            }
            Self::PathRewritten => f.write_str(
                "a proxy rewrote the path: configure the path of the public notification URL, and with local_path \
                 the one this server sees",
            ),
            Self::BodyReencoded => f.write_str(
                "something re-encoded, decompressed or parsed the body on its way: verify the bytes as received",
            ),
            Self::WrongKey => f.write_str(
                "the wrong key was pasted: take the Antom public key of this client id from the dashboard, not your \
                 own public key",
            ),
            Self::HeadersRewritten => f.write_str(
                "a proxy removed or doubled headers: pass client-id, request-time and signature on unchanged",
            ),
            Self::NotAntom => f.write_str("the request was not made by Antom"),
            Self::WrongClientId => {
                f.write_str("the client id of another account, or of the other environment, is configured")
            }
            Self::ClockWrong => f.write_str("this machine's clock is wrong: check its time synchronisation"),
            Self::Replayed => f.write_str("an old delivery was sent again"),
            Self::LimitTooSmall => f.write_str("the limit is too small: raise max_body"),
            Self::Network => f.write_str("the connection is slow or broke: Antom will deliver again"),
            Self::VerifierUnavailable => f.write_str("the verifier is out of reach: Antom will deliver again"),
        }
    }
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = &*self.0;
        write!(f, "{}; {} {}", report.step, report.method, report.path)?;
        if let Some(client_id) = &report.client_id {
            write!(f, " for client {client_id}")?;
        }
        if let Some(time) = &report.time {
            write!(f, ", dated {time}")?;
        }
        if let Some(body) = &report.body {
            write!(f, ", body of {} bytes with SHA-256 {}", body.length, body.sha256)?;
        }
        f.write_str("; likely causes:")?;
        for (at, cause) in report.causes.iter().enumerate() {
            write!(f, "{} ({}) {cause}", if at == 0 { "" } else { ";" }, at + 1)?;
        }
        Ok(())
    }
}

impl Error for WebhookError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0.step {
            FailedStep::SignatureHeader(error) => Some(error),
            FailedStep::RequestTime(error) => Some(error),
            FailedStep::Signature(error) => Some(error),
            _ => None,
        }
    }
}

/// Foreign text for a log line: cut, and free of control characters.
fn printable(text: &str, limit: usize) -> String {
    let mut out: String =
        text.chars().take(limit).map(|c| if c.is_ascii_graphic() { c } else { '\u{fffd}' }).collect();
    if text.chars().nth(limit).is_some() {
        out.push('…');
    }
    out
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_break_a_log_line() {
        let head = WebhookHead::new("PO\nST", format!("/a\r\nb{}?secret", "x".repeat(1000)));
        let error = WebhookError::new(FailedStep::Path, &head, None);
        let text = error.to_string();
        assert!(!text.contains(['\n', '\r']) && !text.contains("secret"), "{text}");
        assert!(text.len() < 1000);
    }

    #[test]
    fn an_unconfigured_key_version_is_the_first_cause() {
        let step = |hint| {
            FailedStep::Signature(VerifyError::NoMatch {
                hint: Some(KeyVersion::new(hint)),
                tried: vec![KeyVersion::new(1), KeyVersion::new(3)],
            })
        };
        assert_eq!(causes_of(&step(2)).first(), Some(&Cause::KeyVersionNotConfigured(KeyVersion::new(2))));
        assert_eq!(
            causes_of(&step(3)),
            [Cause::PathRewritten, Cause::BodyReencoded, Cause::WrongKey, Cause::NotAntom]
        );
        assert!(step(2).to_string().ends_with("(versions 1, 3)"));
    }
}
