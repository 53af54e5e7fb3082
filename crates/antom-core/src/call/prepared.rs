use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;

use super::{
    EncodeError, File, Header, HeaderName, IncomingResponse, OperationInfo, OutgoingRequest, Parts,
    ReplyError, TransportKind, Untrusted, Window,
};
use crate::codec::{DynMessage, Message, write_message};
use crate::fact::{Proof, Verified, VerifyInput};
use crate::profile::{Credentials, Profile};
use crate::secret::Secret;
use crate::signature::{ClientId, Signature, Verifier, check_path, header, prefix_len, write_prefix};
use crate::time::{UnixTime, WireTime};

/// A call without its types: bytes, path, ids. [`Call`](super::Call) and
/// [`Exchange`](crate::exchange::Exchange) share it, so that no operation compiles them again.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{AnyKey, CLOCKS, answer, profile};
/// use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// use antom_core::call::{Operation, Prepared, Window};
/// use antom_core::signature::Signature;
/// # let (profile, keys, now) = (profile(), AnyKey, CLOCKS);
/// # let response = answer(r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1"}"#);
///
/// let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
/// let mut prepared = Prepared::new(InquiryPayment::INFO, &request, &profile, now.wall)?;
/// assert!(prepared.signs() && !prepared.signing_input().is_empty());
/// prepared.attach(&Signature::new(vec![1; 256]));
/// assert_eq!(prepared.info().id, "payments/inquiryPayment");
/// assert_eq!(prepared.ids()[0].value, "PAY-1"); // The answer must name it.
/// assert_eq!(prepared.request().headers().len(), 5);
///
/// // `response` is what your HTTP stack brought back.
/// let verified = prepared.verify(&response, &keys, now.wall, Window::DEFAULT)?;
/// assert_eq!(verified.raw(), response.body());
/// // The same call once more, a second later: it needs a new signature.
/// let later = prepared.again(now.wall.saturating_add(core::time::Duration::from_secs(1)));
/// assert_eq!(later.request().body(), prepared.request().body());
/// assert_ne!(later.signing_input(), prepared.signing_input());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Prepared {
    request: OutgoingRequest,
    profile: Profile,
    /// `<prefix><body>` in one allocation: the whole is what is signed, the tail is what is sent.
    input: Bytes,
    prefix: usize,
    time: WireTime,
    at: UnixTime,
    ids: Vec<EchoedId>,
    /// The content type of a body that is more than the signed JSON; see [`upload`](Self::upload).
    multipart: Option<Arc<str>>,
}

/// An id of the request that the answer must repeat.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{CLOCKS, profile};
/// use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// use antom_core::call::{EchoedId, Operation, Prepared};
/// # let (profile, now) = (profile(), CLOCKS);
///
/// let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
/// let prepared = Prepared::new(InquiryPayment::INFO, &request, &profile, now.wall)?;
/// // An answer that names another payment request proves nothing.
/// assert_eq!(prepared.ids(), [EchoedId { name: "paymentRequestId", value: "PAY-1".into() }]);
/// # Ok::<(), antom_core::call::EncodeError>(())
/// ```
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
        Self::write(info, profile, at, ids, Body::Message(request))
    }

    /// The same for a body that is JSON text already.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{CLOCKS, profile};
    /// use antom_core::api::payments::InquiryPayment;
    /// use antom_core::call::{EchoedId, Operation, Prepared};
    /// # let (profile, now) = (profile(), CLOCKS);
    ///
    /// // A body that was stored with its ids, to be sent again as it was.
    /// let body = br#"{"paymentRequestId":"PAY-1"}"#;
    /// let ids = vec![EchoedId { name: "paymentRequestId", value: "PAY-1".into() }];
    /// let prepared = Prepared::raw(InquiryPayment::INFO, body, ids, &profile, now.wall)?;
    /// assert_eq!(&prepared.request().body()[..], body);
    /// # Ok::<(), antom_core::call::EncodeError>(())
    /// ```
    pub fn raw(
        info: &'static OperationInfo,
        body: &[u8],
        ids: Vec<EchoedId>,
        profile: &Profile,
        at: UnixTime,
    ) -> Result<Self, EncodeError> {
        Self::write(info, profile, at, ids, Body::Text(body))
    }

    fn write(
        info: &'static OperationInfo,
        profile: &Profile,
        at: UnixTime,
        ids: Vec<EchoedId>,
        body: Body<'_>,
    ) -> Result<Self, EncodeError> {
        let mut prepared = Self::unsent(info, TransportKind::Json, profile, at, ids, body)?;
        if let Credentials::ApiKey(key) = profile.credentials() {
            let bearer = Header { name: "authorization", value: key.bearer().into(), sensitive: true };
            prepared.set_headers([bearer]);
        }
        Ok(prepared)
    }

    /// The request without headers; its body is the JSON, which is signed unless the operation or the
    /// profile signs nothing.
    fn unsent(
        info: &'static OperationInfo,
        transport: TransportKind,
        profile: &Profile,
        at: UnixTime,
        ids: Vec<EchoedId>,
        body: Body<'_>,
    ) -> Result<Self, EncodeError> {
        if info.transport != transport {
            return Err(EncodeError::WrongTransport { operation: info.id });
        }
        let path = profile.path(info)?;
        check_path(&path).map_err(|_| EncodeError::Path)?;
        let time = WireTime::epoch_ms(at);
        let client_id = signing_client(info, profile);
        let prefix = client_id.map_or(0, |client_id| prefix_len("POST", &path, client_id, &time));
        let mut input = Vec::with_capacity(prefix + body.room());
        if let Some(client_id) = client_id {
            write_prefix(&mut input, "POST", &path, client_id, &time);
        }
        body.write(&mut input);
        let input = Bytes::from(input);
        let request = OutgoingRequest::new(Parts {
            info,
            gateway: profile.shared_gateway(),
            path,
            headers: Vec::new(),
            body: input.slice(prefix..),
        });
        let profile = profile.clone();
        Ok(Self { request, profile, input, prefix, time, at, ids, multipart: None })
    }

    /// A call that carries a file: a JSON part, which alone is signed, and the file's bytes.
    ///
    /// It goes to the profile's upload gateway. An answer without signature is taken if it is a refusal: the
    /// fact then carries [`Proof::Tls`].
    ///
    /// # Errors
    ///
    /// The operation takes no file, the request describes another file or one of a forbidden length, or the
    /// profile cannot send it.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{CLOCKS, profile};
    /// use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
    /// use antom_core::call::{EncodeError, File, Operation, Prepared};
    /// # let (profile, now) = (profile(), CLOCKS);
    ///
    /// // An inquiry carries no file.
    /// let file = File::new("shoe.png", &b"the bytes of a picture"[..]);
    /// let request = InquiryPaymentRequest::new();
    /// let refused = Prepared::upload(InquiryPayment::INFO, &request, &file, &profile, now.wall);
    /// assert!(matches!(refused, Err(EncodeError::WrongTransport { .. })));
    /// ```
    pub fn upload(
        info: &'static OperationInfo,
        request: &impl Message,
        file: &File,
        profile: &Profile,
        at: UnixTime,
    ) -> Result<Self, EncodeError> {
        file.check_length()?;
        if super::text_member(request, "fileSha256").is_some_and(|digest| digest != file.sha256()) {
            return Err(EncodeError::FileDigest);
        }
        if matches!(profile.credentials(), Credentials::ApiKey(_)) {
            return Err(EncodeError::NotWithApiKey { operation: info.id });
        }
        let gateway = profile.upload_gateway().ok_or_else(|| EncodeError::NoUploadGateway {
            gateway: profile.gateway().origin().to_string(),
        })?;
        let ids = super::echoed_ids(info, request);
        let body = Body::Message(request);
        let mut prepared = Self::unsent(info, TransportKind::Multipart, profile, at, ids, body)?;
        let (content_type, body) = file.multipart(prepared.request.body());
        let request = prepared.request.parts_mut();
        request.gateway = gateway;
        request.body = body;
        prepared.multipart = Some(content_type.into());
        Ok(prepared)
    }

    /// A call inside a session that another call opened. It needs HTTP/2; nothing is signed in either
    /// direction, and facts carry [`Proof::Tls`].
    ///
    /// # Errors
    ///
    /// The operation belongs to no session, or the session id cannot be one.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{CLOCKS, profile};
    /// use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
    /// use antom_core::call::{EncodeError, Operation, Prepared};
    /// use antom_core::secret::Secret;
    /// # let (profile, now) = (profile(), CLOCKS);
    ///
    /// // An inquiry is no call inside a session.
    /// let session = Secret::new("session-1".to_owned());
    /// let request = InquiryPaymentRequest::new();
    /// let refused = Prepared::session(InquiryPayment::INFO, &request, &session, &profile, now.wall);
    /// assert!(matches!(refused, Err(EncodeError::WrongTransport { .. })));
    /// ```
    pub fn session(
        info: &'static OperationInfo,
        request: &impl Message,
        session_id: &Secret<String>,
        profile: &Profile,
        at: UnixTime,
    ) -> Result<Self, EncodeError> {
        let id = session_id.expose();
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(EncodeError::SessionId);
        }
        let ids = super::echoed_ids(info, request);
        let body = Body::Message(request);
        let mut prepared = Self::unsent(info, TransportKind::Session, profile, at, ids, body)?;
        let own = Header { name: "x-session-id", value: id.clone().into(), sensitive: true };
        prepared.request.parts_mut().headers = [own].into_iter().chain(prepared.common()).collect();
        Ok(prepared)
    }

    /// The same call at a later time, to be signed afresh. The ids and the body stay as they are.
    #[must_use]
    pub fn again(&self, at: UnixTime) -> Self {
        let time = WireTime::epoch_ms(at);
        let mut input = Vec::with_capacity(self.input.len() + 8);
        if let Some(client_id) = signing_client(self.info(), &self.profile) {
            write_prefix(&mut input, "POST", self.request.path(), client_id, &time);
        }
        let prefix = input.len();
        input.extend_from_slice(self.input.get(self.prefix..).unwrap_or_default());
        let input = Bytes::from(input);
        let body = match self.multipart {
            Some(_) => self.request.body().clone(),
            None => input.slice(prefix..),
        };
        let request = OutgoingRequest::new(Parts { body, ..self.request.parts().clone() });
        let (profile, ids, multipart) = (self.profile.clone(), self.ids.clone(), self.multipart.clone());
        Self { request, profile, input, prefix, time, at, ids, multipart }
    }

    /// Whether the call needs a signature; it can be sent without one if not.
    #[must_use]
    pub fn signs(&self) -> bool {
        signing_client(self.info(), &self.profile).is_some()
    }

    /// The bytes to sign; empty where nothing is [signed](Self::signs).
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        if self.signs() { &self.input } else { &[] }
    }

    /// Puts the signature into the headers, if there is to be one.
    pub fn attach(&mut self, signature: &Signature) {
        if !self.signs() {
            return;
        }
        let Credentials::Rsa { client_id, key_version } = self.profile.credentials() else { return };
        let plain = |name, value: &str| Header { name, value: Cow::Owned(value.into()), sensitive: false };
        let (client_id, time) =
            (plain("client-id", client_id.as_str()), plain("request-time", self.time.as_str()));
        let value = header::render(signature, *key_version).into();
        let signature = Header { name: "signature", value, sensitive: true };
        self.set_headers([client_id, time, signature]);
    }

    fn set_headers<const N: usize>(&mut self, own: [Header; N]) {
        let mut headers = Vec::with_capacity(N + 3);
        headers.extend(own);
        headers.extend(self.common());
        headers.extend(self.profile.agent_token().map(|token| Header {
            name: "agent-token",
            value: token.expose().clone().into(),
            sensitive: true,
        }));
        self.request.parts_mut().headers = headers;
    }

    fn common(&self) -> [Header; 2] {
        let content_type = match &self.multipart {
            Some(content_type) => Cow::Owned(content_type.to_string()),
            None => Cow::Borrowed(JSON),
        };
        [
            Header { name: "content-type", value: content_type, sensitive: false },
            Header { name: "user-agent", value: USER_AGENT.into(), sensitive: false },
        ]
    }

    /// The request; it has no headers before [`attach`](Self::attach).
    #[must_use]
    pub fn request(&self) -> &OutgoingRequest {
        &self.request
    }

    /// The operation.
    #[must_use]
    pub fn info(&self) -> &'static OperationInfo {
        self.request.operation()
    }

    /// The ids, of a call that is over.
    pub(crate) fn take_ids(&mut self) -> Vec<EchoedId> {
        core::mem::take(&mut self.ids)
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
        let untrusted = || Untrusted::look(response);
        if response.body().len() > crate::codec::Limits::ANSWER.max_bytes {
            return Err(ReplyError::TooLarge { limit: crate::codec::Limits::ANSWER.max_bytes });
        }
        if response.status() != 200 {
            return Err(ReplyError::HttpStatus(untrusted()));
        }
        let unsigned = || Verified::tls(response.body().clone(), self.request.parts().path.clone(), now);
        let Some(client_id) = signing_client(self.info(), &self.profile) else {
            return self.bind(unsigned());
        };
        let signature = one(response, HeaderName::Signature)?;
        let time = one(response, HeaderName::ResponseTime)?;
        let answered_id = one(response, HeaderName::ClientId)?;
        let (signature, time) = match (signature, time) {
            (Some(signature), Some(time)) => (signature, time),
            (None, None) if self.multipart.is_some() && Untrusted::is_refusal(response) => {
                return self.bind(unsigned());
            }
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
        if answered_at < self.at.saturating_sub(window.skew) || answered_at > now.saturating_add(window.skew)
        {
            return Err(ReplyError::OutsideWindow { answered_at, sent_at: self.at });
        }
        let verified = Verified::signed(
            VerifyInput {
                path: self.request.parts().path.clone(),
                client_id: client_id.clone(),
                time,
                key_hint: header.key_version,
                signature: header.into_signature().map_err(ReplyError::Header)?,
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
        match verified.differing_id(&self.ids).map_err(ReplyError::Unreadable)? {
            Some(member) => Err(ReplyError::Misdirected { member }),
            None => Ok(verified),
        }
    }
}

/// The one value of this header, unless it is empty.
fn one(response: &IncomingResponse, name: HeaderName) -> Result<Option<&str>, ReplyError> {
    match response.header(name) {
        Ok(value) => Ok(value.filter(|value| !value.is_empty())),
        Err(name) => Err(ReplyError::DuplicateHeader { header: name.as_str() }),
    }
}

/// What is written behind the prefix.
#[derive(Clone, Copy)]
enum Body<'a> {
    Message(&'a dyn DynMessage),
    Text(&'a [u8]),
}

impl Body<'_> {
    /// How much room to begin with, in bytes: enough for all but unusually long messages.
    fn room(self) -> usize {
        match self {
            Self::Message(_) => 4000,
            Self::Text(text) => text.len(),
        }
    }

    fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Message(message) => write_message(out, message),
            Self::Text(text) => out.extend_from_slice(text),
        }
    }
}

/// The client that signs the request and for whom the answer is signed; `None` where nothing is signed.
fn signing_client<'a>(info: &OperationInfo, profile: &'a Profile) -> Option<&'a ClientId> {
    match (info.transport, profile.credentials()) {
        (TransportKind::Json | TransportKind::Multipart, Credentials::Rsa { client_id, .. }) => {
            Some(client_id)
        }
        (TransportKind::Session, _) | (_, Credentials::ApiKey(_)) => None,
    }
}

const JSON: &str = "application/json; charset=UTF-8";

/// Names this SDK and its version to the gateway.
pub(crate) const USER_AGENT: &str = concat!("antom-rust/", env!("CARGO_PKG_VERSION"));
