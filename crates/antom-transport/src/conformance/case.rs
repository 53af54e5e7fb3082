use std::fmt;
use std::time::Duration;

use antom_core::call::{HeaderName, IncomingResponse, SendOptions, Sent, TransportError, TransportErrorKind};

use super::peer::Peer;
use super::proxy::Proxy;
use super::server::Log;
use super::tls::Identity;

/// What the server does on one connection.
pub(super) type Script = fn(&mut Peer) -> std::io::Result<()>;

/// What must hold of everything that the server saw.
pub(super) type Check = fn(&Log) -> Result<(), String>;

/// One thing that a server can do, and what a transport must make of it.
///
/// ```
/// use antom_transport::conformance;
///
/// let case = conformance::cases().iter().find(|case| !case.is_optional()).expect("most are for all");
/// println!("{}: {}", case.name(), case.about());
/// for required in case.required() {
///     println!("  {required}");
/// }
/// # assert!(case.required().count() > 0);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Case {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) channel: Channel,
    pub(super) proxy: Proxy,
    pub(super) script: Script,
    pub(super) calls: &'static [Call],
    pub(super) check: Option<Check>,
}

impl Case {
    pub(super) const fn new(
        name: &'static str,
        about: &'static str,
        script: Script,
        calls: &'static [Call],
    ) -> Self {
        Self { name, about, channel: Channel::Plain, proxy: Proxy::None, script, calls, check: None }
    }

    pub(super) const fn over(self, channel: Channel) -> Self {
        Self { channel, ..self }
    }

    pub(super) const fn through(self, proxy: Proxy) -> Self {
        Self { proxy, ..self }
    }

    pub(super) const fn check(self, check: Check) -> Self {
        Self { check: Some(check), ..self }
    }

    /// Its name, unique and short.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What the server does.
    #[must_use]
    pub fn about(&self) -> &'static str {
        self.about
    }

    /// What is required of each call, in their order.
    pub fn required(&self) -> impl Iterator<Item = Required> {
        self.calls.iter().map(|call| call.required)
    }

    /// Whether a stack may say that it cannot do this.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        self.channel.is_https() || !matches!(self.proxy, Proxy::None)
    }
}

/// How the gateway is reached.
#[derive(Debug, Clone, Copy)]
pub(super) enum Channel {
    /// `http://`
    Plain,
    /// `https://`, and the server has this certificate.
    Tls(Identity),
    /// `https://`, and the server speaks TLS 1.2 at most.
    Tls12,
    /// `https://`, and the server offers HTTP/2 beside HTTP/1.1.
    Http2,
    /// `https://`, but the script gets the bare connection.
    Bare,
    /// `http://`, and nobody listens.
    Nobody,
    /// `https://`, and the host's name is not known.
    NoName,
}

impl Channel {
    pub(super) fn is_https(self) -> bool {
        !matches!(self, Self::Plain | Self::Nobody)
    }
}

/// One sending.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    /// The length of the request's body in bytes; 0 for a body of the usual kind.
    pub(super) padding: usize,
    /// Whether the request is one of a session, which is bound to HTTP/2.
    pub(super) session: bool,
    pub(super) options: SendOptions,
    pub(super) required: Required,
}

impl Call {
    pub(super) const fn new(required: Required) -> Self {
        Self { padding: 0, session: false, options: PATIENT, required }
    }

    pub(super) const fn padded(self, padding: usize) -> Self {
        Self { padding, ..self }
    }

    pub(super) const fn in_session(self) -> Self {
        Self { session: true, ..self }
    }

    pub(super) const fn within(self, options: SendOptions) -> Self {
        Self { options, ..self }
    }
}

/// The limits where a case is not about them.
pub(super) const PATIENT: SendOptions = SendOptions {
    connect: Duration::from_secs(10),
    read: Duration::from_secs(10),
    total: Duration::from_secs(15),
    max_answer: 2 << 20,
};

/// What one call must come to.
///
/// ```
/// use antom_transport::conformance;
///
/// // Some case demands that a lost answer is called perhaps sent.
/// let mut required = conformance::cases().iter().flat_map(|case| case.required());
/// assert!(required.any(|required| required.to_string().contains("Maybe")));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Required {
    answer: Option<Expected>,
    kinds: &'static [TransportErrorKind],
    sent: &'static [Sent],
}

/// An answer as the server sent it.
#[derive(Debug, Clone, Copy)]
struct Expected {
    status: u16,
    body: fn() -> &'static [u8],
    headers: Headers,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Headers {
    /// The three of a signed answer.
    Signed,
    /// A signature that came twice.
    SignedTwice,
    /// None of them.
    Unsigned,
}

/// The values of a signed answer's headers.
pub(super) const SIGNED: [(HeaderName, &str); 3] = [
    (HeaderName::Signature, "algorithm=RSA256,keyVersion=1,signature=Y29uZm9ybWFuY2U"),
    (HeaderName::ResponseTime, "1700000000000"),
    (HeaderName::ClientId, "SANDBOX_CONFORMANCE"),
];

impl Required {
    /// This answer, signed, and nothing else.
    pub(super) const fn answer(status: u16, body: fn() -> &'static [u8]) -> Self {
        Self { answer: Some(Expected { status, body, headers: Headers::Signed }), kinds: &[], sent: &[] }
    }

    pub(super) const fn with(self, headers: Headers) -> Self {
        let answer = match self.answer {
            Some(answer) => Some(Expected { headers, ..answer }),
            None => None,
        };
        Self { answer, ..self }
    }

    /// One of these kinds of failure, with one of these facts.
    pub(super) const fn failure(kinds: &'static [TransportErrorKind], sent: &'static [Sent]) -> Self {
        Self { answer: None, kinds, sent }
    }

    /// The answer or such a failure.
    pub(super) const fn or(self, kinds: &'static [TransportErrorKind], sent: &'static [Sent]) -> Self {
        Self { kinds, sent, ..self }
    }

    /// Whether a call that ended like this is what is required; if not, how it differs.
    pub(super) fn judge(&self, result: &Result<IncomingResponse, TransportError>) -> Result<(), String> {
        match (result, self.answer) {
            (Ok(response), Some(expected)) => expected.judge(response),
            (Ok(response), None) => Err(format!("an answer with status {}", response.status())),
            (Err(error), _) if self.kinds.contains(&error.kind()) && self.sent.contains(&error.sent()) => {
                Ok(())
            }
            (Err(error), _) => {
                let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
                let causes: Vec<_> = causes.map(ToString::to_string).collect();
                Err(format!("{:?} with Sent::{:?} [{}]", error.kind(), error.sent(), causes.join(": ")))
            }
        }
    }
}

impl Expected {
    fn judge(&self, response: &IncomingResponse) -> Result<(), String> {
        if response.status() != self.status {
            return Err(format!("an answer with status {}", response.status()));
        }
        if response.body() != (self.body)() {
            return Err(format!("an answer whose body differs ({} bytes)", response.body().len()));
        }
        for (name, value) in SIGNED {
            let required = match self.headers {
                Headers::Signed => Ok(Some(value)),
                Headers::SignedTwice if name == HeaderName::Signature => Err(name),
                Headers::SignedTwice => Ok(Some(value)),
                Headers::Unsigned => Ok(None),
            };
            let found = response.header(name);
            if found != required {
                return Err(format!(
                    "an answer whose {} is {found:?} instead of {required:?}",
                    name.as_str()
                ));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Required {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(answer) = self.answer {
            write!(f, "answer {}", answer.status)?;
            if !self.kinds.is_empty() {
                f.write_str(" or ")?;
            }
        }
        let list = |f: &mut fmt::Formatter<'_>, items: &mut dyn Iterator<Item = String>| {
            items.enumerate().try_for_each(|(index, item)| match index {
                0 => f.write_str(&item),
                _ => write!(f, "/{item}"),
            })
        };
        if !self.kinds.is_empty() {
            list(f, &mut self.kinds.iter().map(|kind| format!("{kind:?}")))?;
            f.write_str(", ")?;
            list(f, &mut self.sent.iter().map(|sent| format!("{sent:?}")))?;
        }
        Ok(())
    }
}
