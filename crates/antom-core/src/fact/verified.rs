use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

use bytes::Bytes;

use crate::call::EchoedId;
use crate::codec::{DecodeError, Limits, Reader, ValueKind};
use crate::signature::{ClientId, KeyVersion, Signature, Verifier, VerifyError, content};
use crate::time::{UnixTime, WireTime};

/// By what right a fact is known.
///
/// ```
/// use antom_core::fact::Proof;
/// use antom_core::signature::KeyVersion;
///
/// assert!(Proof::Signature(KeyVersion::FIRST).is_signed());
/// assert!(!Proof::Tls.is_signed());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proof {
    /// The gateway's signature over these very bytes holds under the key of this version.
    Signature(KeyVersion),
    /// The bytes came from the configured gateway over its secure channel, unsigned: so it is with API-key
    /// credentials, within a session, and where the upload gateway refuses a file. Whoever ends the channel
    /// on the way, such as a proxy that is trusted to, could have written them.
    Tls,
    /// The bytes stood inside a proven answer of the notification recovery.
    Recovered {
        /// The event.
        event: EventId,
        /// The proof of the answer that held it.
        answer: alloc::boxed::Box<Proof>,
    },
}

impl Proof {
    /// Whether a signature stands behind the fact.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        match self {
            Self::Signature(_) => true,
            Self::Tls => false,
            Self::Recovered { answer, .. } => answer.is_signed(),
        }
    }
}

/// The id of an event in the notification recovery.
///
/// ```
/// use antom_core::fact::EventId;
///
/// assert_eq!(EventId::new("evt-1").as_str(), "evt-1");
/// assert_ne!(EventId::new("evt-1"), EventId::new("evt-2"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventId(String);

impl EventId {
    /// An id as the gateway gave it.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Bytes that are known to come from the gateway, with the proof of it.
///
/// Owned, cheap to clone, and impossible to make without verifying.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{AnyKey, NOW};
/// use antom_core::fact::{EventId, Proof, Verified, VerifyInput};
/// use antom_core::signature::{ClientId, KeyVersion, Signature};
/// use antom_core::time::WireTime;
/// # let (keys, now) = (AnyKey, NOW);
///
/// let input = VerifyInput {
///     path: "/notify".into(),
///     client_id: ClientId::new("SANDBOX_5Y0000000000000001")?,
///     time: WireTime::epoch_ms(now),
///     key_hint: Some(KeyVersion::FIRST),
///     signature: Signature::new(vec![1; 256]), // From the header.
///     body: "{}".into(),
/// };
/// let verified = Verified::signed(input, &keys)?;
/// assert_eq!((verified.path(), &verified.raw()[..]), ("/notify", &b"{}"[..]));
/// assert_eq!(verified.proof(), &Proof::Signature(KeyVersion::FIRST));
/// assert_eq!((verified.key_hint_mismatch(), verified.time()), (None, now));
/// assert!(verified.client_id().unwrap().is_sandbox());
/// // It is a notification, not an answer that holds older ones.
/// let inner = antom_core::codec::RawJson::parse("{}")?;
/// assert!(verified.recovered(EventId::new("E-1"), &inner).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Verified {
    bytes: Bytes,
    proof: Proof,
    key_hint: Option<KeyVersion>,
    path: Arc<str>,
    client_id: Option<ClientId>,
    time: UnixTime,
}

/// What goes into a verification.
///
/// ```
/// use antom_core::fact::{Verified, VerifyInput};
/// use antom_core::signature::{ClientId, Signature, VerifyError};
/// use antom_core::time::WireTime;
/// # #[derive(Debug)]
/// # struct GatewayKeys;
/// # impl antom_core::signature::Verifier for GatewayKeys {
/// #     fn verify(&self, hint: Option<antom_core::signature::KeyVersion>, _: &[u8], _: &Signature) -> Result<antom_core::signature::KeyVersion, VerifyError> {
/// #         Err(VerifyError::NoMatch { hint, tried: vec![] })
/// #     }
/// # }
/// # let keys = GatewayKeys;
///
/// let input = VerifyInput {
///     path: "/notify".into(),
///     client_id: ClientId::new("SANDBOX_5Y0000000000000001")?,
///     time: WireTime::parse("1700000000000")?,
///     key_hint: None,
///     signature: Signature::new(vec![0; 256]), // Somebody's own.
///     body: r#"{"result":{"resultStatus":"S"}}"#.into(),
/// };
/// assert!(matches!(Verified::signed(input, &keys), Err(VerifyError::NoMatch { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct VerifyInput {
    /// The path that was signed.
    pub path: Arc<str>,
    /// The configured client id.
    pub client_id: ClientId,
    /// The time header, already read strictly.
    pub time: WireTime,
    /// The key version that the signature header names: a hint, for it is not signed.
    pub key_hint: Option<KeyVersion>,
    /// The signature.
    pub signature: Signature,
    /// The body as received.
    pub body: Bytes,
}

impl Verified {
    /// Verifies a signed answer or notification.
    ///
    /// # Errors
    ///
    /// The signature holds under none of the keys.
    pub fn signed(input: VerifyInput, keys: &dyn Verifier) -> Result<Self, VerifyError> {
        let content = content("POST", &input.path, &input.client_id, &input.time, &input.body);
        let version = keys.verify(input.key_hint, &content, &input.signature)?;
        Ok(Self {
            bytes: input.body,
            proof: Proof::Signature(version),
            key_hint: input.key_hint,
            path: input.path,
            client_id: Some(input.client_id),
            time: input.time.instant(),
        })
    }

    /// An answer that nobody signed.
    pub(crate) fn tls(bytes: Bytes, path: Arc<str>, at: UnixTime) -> Self {
        Self { bytes, proof: Proof::Tls, key_hint: None, path, client_id: None, time: at }
    }

    /// A notification that stood inside this answer of the notification recovery, as the exact text it
    /// had there.
    ///
    /// # Errors
    ///
    /// This fact is itself no answer of the recovery operations.
    pub fn recovered(&self, event: EventId, payload: &crate::codec::RawJson) -> Result<Self, NotARecovery> {
        if !self.path.contains("/notification/inquireNotification") {
            return Err(NotARecovery);
        }
        Ok(Self {
            bytes: Bytes::copy_from_slice(payload.as_str().as_bytes()),
            proof: Proof::Recovered { event, answer: self.proof.clone().into() },
            key_hint: None,
            path: self.path.clone(),
            client_id: self.client_id.clone(),
            time: self.time,
        })
    }

    /// The bytes that were verified.
    #[must_use]
    pub fn raw(&self) -> &Bytes {
        &self.bytes
    }

    /// The proof.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// The key version the unsigned header named, when the signature holds under another one: a rotation
    /// is under way, or the versions are configured wrongly. Worth a log line, nothing more.
    #[must_use]
    pub fn key_hint_mismatch(&self) -> Option<KeyVersion> {
        match self.proof {
            Proof::Signature(version) => self.key_hint.filter(|hint| *hint != version),
            _ => None,
        }
    }

    /// The path for which it was verified.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The client id for which it was verified; `None` with an API key.
    #[must_use]
    pub fn client_id(&self) -> Option<&ClientId> {
        self.client_id.as_ref()
    }

    /// The signed time.
    #[must_use]
    pub fn time(&self) -> UnixTime {
        self.time
    }

    /// The first of these ids that the document repeats at its top level with another value.
    ///
    /// Everything else is passed over, and what follows the last of them is not looked at: that the document is
    /// sound and names no member twice is for the reading to say, typed or not.
    pub(crate) fn differing_id(&self, ids: &[EchoedId]) -> Result<Option<&'static str>, DecodeError> {
        if ids.is_empty() {
            return Ok(None);
        }
        let mut reader = Reader::new(&self.bytes, &Limits::ANSWER)?;
        reader.enter_object()?;
        // One bit each; of more than there are bits for, the whole document is looked at.
        let mut seen = 0_u64;
        while let Some(key) = reader.next_key()? {
            match ids.iter().zip(0_u32..).find(|(id, _)| id.name == key) {
                Some((id, place)) if reader.peek()? == ValueKind::String => {
                    if reader.read_string()? != id.value {
                        return Ok(Some(id.name));
                    }
                    seen |= 1_u64.checked_shl(place).unwrap_or_default();
                    if seen.count_ones() as usize == ids.len() {
                        return Ok(None);
                    }
                }
                _ => reader.pass_over().map_err(|error| error.inside(&key))?,
            }
        }
        reader.end()?;
        Ok(None)
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("bytes", &format_args!("{} bytes", self.bytes.len()))
            .field("proof", &self.proof)
            .field("path", &self.path)
            .field("client_id", &self.client_id)
            .field("time", &self.time)
            .finish()
    }
}

/// The fact is no answer of the notification recovery.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::verified;
/// use antom_core::codec::RawJson;
/// use antom_core::fact::{EventId, NotARecovery};
/// # let notification = verified("/notify", r#"{"payload":"{}"}"#);
///
/// // Only an answer of the recovery operations may vouch for what stands inside it.
/// let inside = RawJson::parse("{}")?;
/// assert_eq!(notification.recovered(EventId::new("E-1"), &inside).unwrap_err(), NotARecovery);
/// # Ok::<(), antom_core::codec::DecodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "only an answer of notification/inquireNotification or inquireNotificationList holds recovered notifications"
)]
pub struct NotARecovery;
