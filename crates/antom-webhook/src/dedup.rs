use std::collections::BTreeSet;
use std::fmt;

use antom_core::codec::{Limits, Reader, ValueKind};
use antom_core::fact::{Proof, Verified};
use sha2::{Digest, Sha256};

use crate::error::hex;

/// Says whether two verified notifications are the same one: 32 bytes for a unique column.
///
/// It is made from the id of the event where there is one (`notifyId`, or the id in the notification
/// recovery), else from client id, path and body, which a redelivery repeats although its time and
/// signature may differ. Never from the payment's id: one payment has many notifications.
///
/// A notification that came both as a delivery and from the recovery may have two keys, because
/// deliveries are not known to carry the recovery's event id; the order's own state makes the second one
/// harmless.
///
/// ```
/// use antom_webhook::DedupKey;
/// use antom_webhook::WebhookVerifier;
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::time::UnixTime;
/// # use antom_webhook::testing::TestGateway;
/// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// # let gateway = TestGateway::published(client_id.clone())?;
/// # let now = UnixTime::from_secs(1_772_360_430);
/// # let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path("/notify").build()?;
///
/// // Delivered once, and ten seconds later again with another time and signature.
/// let later = now.saturating_add(std::time::Duration::from_secs(10));
/// let mut keys = Vec::new();
/// for at in [now, later] {
///     let sent = gateway.sign("/notify", r#"{"notifyId":"N-1"}"#, at)?;
///     keys.push(DedupKey::of(&verifier.verify(&sent.head(), sent.body().clone(), at)?));
/// }
/// assert_eq!(keys[0].as_bytes(), keys[1].as_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DedupKey([u8; 32]);

impl DedupKey {
    /// The key of a verified notification.
    #[must_use]
    pub fn of(verified: &Verified) -> Self {
        let client_id = verified.client_id().map_or("", |id| id.as_str());
        let mut digest = Sha256::new();
        // A client id and a path hold no line break, so no two lists of parts have the same bytes.
        match verified.proof() {
            Proof::Recovered { event, .. } => {
                write(&mut digest, &["recovered event", client_id, event.as_str()]);
            }
            _ => match notify_id(verified.raw()) {
                Some(id) => write(&mut digest, &["notifyId", client_id, &id]),
                None => {
                    write(&mut digest, &["content", client_id, verified.path(), ""]);
                    digest.update(verified.raw());
                }
            },
        }
        Self(digest.finalize().into())
    }

    /// The key's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

fn write(digest: &mut Sha256, parts: &[&str]) {
    for (at, part) in parts.iter().enumerate() {
        digest.update(if at == 0 { "" } else { "\n" });
        digest.update(part);
    }
}

/// The event's id of a document that is sound: with a duplicate key somewhere, no member can be trusted to
/// mean one thing.
fn notify_id(body: &[u8]) -> Option<String> {
    let mut reader = Reader::new(body, &Limits::NOTIFICATION).ok()?;
    let mut id = None;
    let mut seen = BTreeSet::new();
    reader.enter_object().ok()?;
    while let Some(key) = reader.next_key().ok()? {
        if key == "notifyId" && reader.peek().ok()? == ValueKind::String {
            id = Some(reader.read_string().ok()?.into_owned());
        } else {
            reader.read_raw().ok()?;
        }
        if !seen.insert(key) {
            return None;
        }
    }
    reader.end().ok()?;
    id.filter(|id| !id.is_empty())
}

/// The key in hexadecimal digits.
impl fmt::Display for DedupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for DedupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DedupKey({self})")
    }
}
