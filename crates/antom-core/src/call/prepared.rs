use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;

use super::{Header, HeaderName, IncomingResponse, OperationInfo, OutgoingRequest, ReplyError, TransportKind, Untrusted, Window};
use crate::codec::{Message, write_message};
use crate::fact::{Proof, Verified, VerifyInput};
use crate::profile::{Credentials, Profile};
use crate::signature::{Signature, Verifier, check_path, header, write_prefix};
use crate::time::{UnixTime, WireTime};

/// A call without its types: bytes, path, ids. [`Call`](super::Call) and
/// [`Exchange`](crate::exchange::Exchange) share it, so that no operation compiles them again.
#[derive(Debug)]
pub struct Prepared {
    request: OutgoingRequest,
    profile: Profile,
    /// `<prefix><body>` in one allocation: the whole is what is signed, the tail is what is sent.
    input: Bytes,
    prefix: usize,
    time: WireTime,
    at: UnixTime,
    ids: Arc<[EchoedId]>,
}

/// An id of the request that the answer must repeat.
#[derive(Clone, PartialEq, Eq)]
pub struct EchoedId {
    /// The member's wire name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

impl fmt::Debug for EchoedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

/// Why a request cannot be put on the wire. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The operation is carried in another way.
    #[error("{operation} cannot be sent as a signed JSON body; use the call that is made for it")]
    WrongTransport {
        /// The operation's id.
        operation: &'static str,
    },
    /// An API key cannot reach this path.
    #[error("{operation} cannot be called with an API key; use RSA credentials")]
    NotWithApiKey {
        /// The operation's id.
        operation: &'static str,
    },
    /// The body of a raw call is no JSON that could be sent.
    #[error("the body must be one JSON object without duplicate keys")]
    Body(#[source] crate::codec::DecodeError),
    /// The path of a raw call has characters that do not belong there.
    #[error("the path must begin with a slash and hold visible ASCII only")]
    Path,
}

impl Prepared {
    /// Writes the request and the text to sign.
    ///
    /// # Errors
    ///
    /// The operation cannot be reached with this profile.
    pub fn new(
        info: &'static OperationInfo,
        request: &impl Message,
        profile: &Profile,
        at: UnixTime,
    ) -> Result<Self, EncodeError> {
        let ids = super::echoed_ids(info, request);
        Self::write(info, profile, at, ids, &mut |out| write_message(out, request))
    }

    /// The same for a body that is JSON text already.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn raw(
        info: &'static OperationInfo,
        body: &[u8],
        ids: Vec<EchoedId>,
        profile: &Profile,
        at: UnixTime,
    ) -> Result<Self, EncodeError> {
        Self::write(info, profile, at, ids, &mut |out| out.extend_from_slice(body))
    }

    fn write(
        info: &'static OperationInfo,
        profile: &Profile,
        at: UnixTime,
        ids: Vec<EchoedId>,
        body: &mut dyn FnMut(&mut Vec<u8>),
    ) -> Result<Self, EncodeError> {
        if info.transport != TransportKind::Json {
            return Err(EncodeError::WrongTransport { operation: info.id });
        }
        let path = profile.path(info)?;
        check_path(&path).map_err(|_| EncodeError::Path)?;
        let time = WireTime::epoch_ms(at);
        let mut input = Vec::with_capacity(1536);
        if let Credentials::Rsa { client_id, .. } = profile.credentials() {
            write_prefix(&mut input, "POST", &path, client_id, &time);
        }
        let prefix = input.len();
        body(&mut input);
        let input = Bytes::from(input);
        let request = OutgoingRequest {
            info,
            gateway: profile.shared_gateway(),
            path,
            headers: Arc::from(Vec::new()),
            body: input.slice(prefix..),
        };
        let mut prepared = Self { request, profile: profile.clone(), input, prefix, time, at, ids: ids.into() };
        if let Credentials::ApiKey(key) = profile.credentials() {
            let bearer = Header { name: "authorization", value: key.bearer(), sensitive: true };
            prepared.request.headers = prepared.headers([bearer]);
        }
        Ok(prepared)
    }

    /// The same call at a later time, to be signed afresh. The ids and the body stay as they are.
    #[must_use]
    pub fn again(&self, at: UnixTime) -> Self {
        let time = WireTime::epoch_ms(at);
        let mut input = Vec::with_capacity(self.input.len() + 8);
        if let Credentials::Rsa { client_id, .. } = self.profile.credentials() {
            write_prefix(&mut input, "POST", &self.request.path, client_id, &time);
        }
        let prefix = input.len();
        input.extend_from_slice(&self.request.body);
        let input = Bytes::from(input);
        let request = OutgoingRequest { body: input.slice(prefix..), ..self.request.clone() };
        Self { request, profile: self.profile.clone(), input, prefix, time, at, ids: self.ids.clone() }
    }

    /// The bytes to sign; empty with API-key credentials.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        if self.prefix == 0 { &[] } else { &self.input }
    }

    /// Puts the signature into the headers.
    pub fn attach(&mut self, signature: &Signature) {
        let Credentials::Rsa { client_id, key_version } = self.profile.credentials() else { return };
        let plain = |name, value: String| Header { name, value, sensitive: false };
        self.request.headers = self.headers([
            plain("client-id", client_id.as_str().to_string()),
            plain("request-time", self.time.as_str().to_string()),
            Header { name: "signature", value: header::render(signature, *key_version), sensitive: true },
        ]);
    }

    fn headers<const N: usize>(&self, own: [Header; N]) -> Arc<[Header]> {
        let common = [
            Header { name: "content-type", value: "application/json; charset=UTF-8".into(), sensitive: false },
            Header { name: "user-agent", value: USER_AGENT.into(), sensitive: false },
        ];
        let agent = self.profile.agent_token().map(|token| Header {
            name: "agent-token",
            value: token.expose().clone(),
            sensitive: true,
        });
        own.into_iter().chain(common).chain(agent).collect()
    }

    /// The request; it has no headers before [`attach`](Self::attach).
    #[must_use]
    pub fn request(&self) -> &OutgoingRequest {
        &self.request
    }

    /// The operation.
    #[must_use]
    pub fn info(&self) -> &'static OperationInfo {
        self.request.info
    }

    /// The ids that the answer must repeat.
    #[must_use]
    pub fn ids(&self) -> &[EchoedId] {
        &self.ids
    }

    /// Judges an answer: status, headers, client id, time, signature, echoed ids, in this order. No
    /// member of the body is believed before the signature holds.
    ///
    /// # Errors
    ///
    /// The answer is no proof.
    pub fn verify(
        &self,
        response: &IncomingResponse,
        keys: &dyn Verifier,
        now: UnixTime,
        window: Window,
    ) -> Result<Verified, ReplyError> {
        let one = |name: HeaderName| {
            response.header(name).map_err(|name| ReplyError::DuplicateHeader { header: name.as_str() })
        };
        let untrusted = || Untrusted::look(response);
        if response.body().len() > crate::codec::Limits::ANSWER.max_bytes {
            return Err(ReplyError::TooLarge { limit: crate::codec::Limits::ANSWER.max_bytes });
        }
        if response.status() != 200 {
            return Err(ReplyError::HttpStatus(untrusted()));
        }
        let Credentials::Rsa { client_id, .. } = self.profile.credentials() else {
            let verified = Verified::tls(response.body().clone(), self.request.path.clone(), now);
            return self.bind(verified);
        };
        let signature = one(HeaderName::Signature)?.filter(|value| !value.is_empty());
        let time = one(HeaderName::ResponseTime)?.filter(|value| !value.is_empty());
        let answered_id = one(HeaderName::ClientId)?.filter(|value| !value.is_empty());
        let (signature, time) = match (signature, time) {
            (Some(signature), Some(time)) => (signature, time),
            (None, None) => return Err(ReplyError::Unsigned(untrusted())),
            (None, Some(_)) => return Err(ReplyError::MissingHeader { header: "signature" }),
            (Some(_), None) => return Err(ReplyError::MissingHeader { header: "response-time" }),
        };
        if answered_id.is_some_and(|id| id != client_id.as_str()) {
            return Err(ReplyError::ClientId);
        }
        let header = header::parse(signature).map_err(ReplyError::Header)?;
        let time = WireTime::parse(time).map_err(ReplyError::Time)?;
        let answered_at = time.instant();
        if answered_at < self.at.saturating_sub(window.skew) || answered_at > now.saturating_add(window.skew) {
            return Err(ReplyError::OutsideWindow { answered_at, sent_at: self.at });
        }
        let verified = Verified::signed(
            VerifyInput {
                path: self.request.path.clone(),
                client_id: client_id.clone(),
                time,
                key_hint: header.key_version,
                signature: header.decode().map_err(ReplyError::Header)?,
                body: response.body().clone(),
            },
            keys,
        )
        .map_err(ReplyError::Signature)?;
        self.bind(verified)
    }

    /// Money rule 2: every id that the answer repeats equals the id that was asked for.
    fn bind(&self, verified: Verified) -> Result<Verified, ReplyError> {
        debug_assert!(!matches!(verified.proof(), Proof::Recovered { .. }));
        for (name, value) in verified.top_level_texts(&self.ids).map_err(ReplyError::Unreadable)? {
            if self.ids.iter().any(|id| id.name == name && id.value != value) {
                return Err(ReplyError::Misdirected { member: name });
            }
        }
        Ok(verified)
    }
}

/// Names this SDK and its version to the gateway.
pub(crate) const USER_AGENT: &str = concat!("antom-rust/", env!("CARGO_PKG_VERSION"));
