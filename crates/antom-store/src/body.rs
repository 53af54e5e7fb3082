//! Raw bodies, and what must never be among them.

use antom_core::codec::{Limits, Reader, ValueKind};
use antom_core::fact::Verified;
use antom_core::flow::{Evidence, Source};
use antom_core::secret::Secret;
use antom_core::signature::ClientId;

/// The request of an attempt as it was sent, to be sent again byte for byte. Never one with a card number or
/// a security code: such an attempt is only inquired or cancelled after a crash.
///
/// ```
/// use antom_core::signature::ClientId;
/// use antom_store::{BodyError, FrozenBody};
///
/// let account = ClientId::new("SANDBOX_5Y00000000000000")?;
/// let body = FrozenBody::new(account.clone(), "PAY-1", br#"{"paymentRequestId": "PAY-1"}"#)?;
/// assert_eq!((body.client_id(), body.request_id()), (&account, "PAY-1"));
/// assert!(body.bytes().expose().starts_with(b"{"));
/// // A card number is never stored.
/// let card = FrozenBody::new(account, "PAY-2", br#"{"cardNo": "4111111111111111"}"#);
/// assert_eq!(card, Err(BodyError::CardData));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenBody {
    client_id: ClientId,
    request_id: String,
    bytes: Secret<Vec<u8>>,
}

/// Why a request may not be stored.
///
/// ```
/// use antom_core::signature::ClientId;
/// use antom_store::{BodyError, FrozenBody};
///
/// let account = ClientId::new("SANDBOX_5Y00000000000000")?;
/// assert_eq!(FrozenBody::new(account, "PAY-1", b"not JSON"), Err(BodyError::Unreadable));
/// # Ok::<(), antom_core::signature::ClientIdError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// It holds card data.
    #[error(
        "the request holds a card number or security code, which is never stored; make its attempt not replayable"
    )]
    CardData,
    /// It is no JSON document, so nobody can tell what it holds.
    #[error("the request is not one JSON document, so what it holds cannot be checked")]
    Unreadable,
}

impl FrozenBody {
    /// Checks a request and freezes it.
    ///
    /// # Errors
    ///
    /// It holds card data, or cannot be read.
    pub fn new(client_id: ClientId, request_id: impl Into<String>, bytes: &[u8]) -> Result<Self, BodyError> {
        match scan(bytes, is_card_member) {
            Ok(false) => Ok(Self { client_id, request_id: request_id.into(), bytes: Secret::from(bytes) }),
            Ok(true) => Err(BodyError::CardData),
            Err(Unreadable) => Err(BodyError::Unreadable),
        }
    }

    /// The account.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The attempt.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &Secret<Vec<u8>> {
        &self.bytes
    }
}

/// A verified notification as it is stored: bytes, path and evidence. The bytes are left out where they
/// hold an unmasked card number.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::verified;
/// use antom_store::StoredMessage;
/// # let message = verified();
///
/// let stored = StoredMessage::of(&message);
/// assert_eq!(stored.path, "/notify");
/// assert!(stored.evidence.proof().is_signed());
/// assert_eq!(&stored.body.unwrap().expose()[..], &message.raw()[..]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// The bytes.
    pub body: Option<Secret<Vec<u8>>>,
    /// The path it was verified for.
    pub path: String,
    /// What proves it.
    pub evidence: Evidence,
}

impl StoredMessage {
    /// A verified notification.
    #[must_use]
    pub fn of(message: &Verified) -> Self {
        // What cannot be read holds no member at all as far as anyone can tell; its bytes are what matters.
        let has_card = scan(message.raw(), is_clear_card).unwrap_or(false);
        Self {
            body: (!has_card).then(|| Secret::new(message.raw().to_vec())),
            path: message.path().into(),
            evidence: Evidence::of(Source::Notification, message),
        }
    }
}

/// The members that carry a card number or a security code, in lower case without separators.
const CARD_MEMBERS: [&str; 11] = [
    "cardno",
    "cardnumber",
    "pan",
    "cvv",
    "cvv2",
    "cvc",
    "cvc2",
    "cvn",
    "securitycode",
    "cardsecuritycode",
    "cardpassworddigest",
];

fn is_card_name(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    CARD_MEMBERS.contains(&plain.as_str())
}

/// Whether a member of a request is card data: any value will do.
fn is_card_member(name: &str, value: &str) -> bool {
    is_card_name(name) && !value.is_empty()
}

/// Whether a member of a notification is card data in the clear: masked numbers have fewer digits.
fn is_clear_card(name: &str, value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let number = matches!(digits, 12..) && !value.contains('*');
    let code = matches!(digits, 3..=4) && value.len() <= 4 && !name.to_ascii_lowercase().contains("no");
    is_card_name(name) && (number || code)
}

#[derive(Debug, PartialEq, Eq)]
struct Unreadable;

/// Whether any member at any depth, also inside JSON that stands in a string, fits.
fn scan(bytes: &[u8], fits: fn(&str, &str) -> bool) -> Result<bool, Unreadable> {
    let mut reader = Reader::new(bytes, &Limits::ANSWER).map_err(|_| Unreadable)?;
    let found = value(&mut reader, "", fits, 4)?;
    reader.end().map_err(|_| Unreadable)?;
    Ok(found)
}

/// The reader limits the nesting of one text, `texts` how often a text may stand in a text.
fn value(
    reader: &mut Reader<'_>,
    name: &str,
    fits: fn(&str, &str) -> bool,
    texts: u8,
) -> Result<bool, Unreadable> {
    let mut found = false;
    match reader.peek().map_err(|_| Unreadable)? {
        ValueKind::Object => {
            reader.enter_object().map_err(|_| Unreadable)?;
            while let Some(key) = reader.next_key().map_err(|_| Unreadable)? {
                found |= value(reader, &key, fits, texts)?;
            }
        }
        ValueKind::Array => {
            reader.enter_array().map_err(|_| Unreadable)?;
            while reader.next_item().map_err(|_| Unreadable)? {
                found |= value(reader, name, fits, texts)?;
            }
        }
        ValueKind::String | ValueKind::Number => {
            let text = reader.read_text().map_err(|_| Unreadable)?;
            found |= fits(name, &text);
            let nested = text.trim_start().starts_with(['{', '[']);
            if let (true, Some(texts)) = (nested, texts.checked_sub(1)) {
                // A text that only looks like JSON is a text.
                if let Ok(mut inner) = Reader::new(text.as_bytes(), &Limits::ANSWER) {
                    found |= value(&mut inner, name, fits, texts).unwrap_or(false);
                }
            }
        }
        ValueKind::Null | ValueKind::Boolean => {
            reader.read_raw().map_err(|_| Unreadable)?;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn freeze(body: &str) -> Result<FrozenBody, BodyError> {
        FrozenBody::new(ClientId::new("SANDBOX_1").unwrap(), "PAY-1", body.as_bytes())
    }

    #[test]
    fn requests_with_card_data_are_refused_wherever_it_stands() {
        for body in [
            r#"{"paymentMethod":{"paymentMethodMetaData":{"cardNo":"4111111111111111"}}}"#,
            r#"{"a":[{"b":{"CVV":"123"}}]}"#,
            r#"{"x":{"card_number":4111111111111111}}"#,
            r#"{"extendInfo":"{\"cvc\":\"123\"}"}"#,
            r#"{"extendInfo":"[{\"y\":\"{\\\"pan\\\":\\\"4111111111111111\\\"}\"}]"}"#,
            r#"{"cardNo":["4111111111111111"]}"#,
        ] {
            assert_eq!(freeze(body), Err(BodyError::CardData), "{body}");
        }
    }

    #[test]
    fn other_requests_are_frozen_byte_for_byte() {
        let body = " {\"order\":{\"referenceOrderId\":\"4111111111111111\"},\"cardNo\":\"\"} ";
        let frozen = freeze(body).unwrap();
        assert_eq!(frozen.bytes().expose(), body.as_bytes());
        assert!(!format!("{frozen:?}").contains("4111"));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for body in ["", "{", "{}{}", "x", "{\"a\":1,}"] {
            assert_eq!(freeze(body), Err(BodyError::Unreadable), "{body}");
        }
    }

    #[test]
    fn only_clear_card_data_is_left_out_of_notifications() {
        assert!(is_clear_card("cardNo", "4111111111111111"));
        assert!(is_clear_card("cvv", "123"));
        assert!(!is_clear_card("cardNo", "****1111"));
        assert!(!is_clear_card("cardNo", "411111******1111"));
        assert!(!is_clear_card("paymentId", "4111111111111111"));
    }

    proptest::proptest! {
        #[test]
        fn no_document_makes_the_scan_panic(text in ".{0,200}") {
            let _ = freeze(&text);
        }

        #[test]
        fn a_card_member_is_found_beside_anything(name in "[a-z]{1,8}", text in "[a-z0-9 ]{0,20}") {
            let body = format!(r#"{{"{name}":{{"{name}":"{text}","cardNo":"4111111111111111"}}}}"#);
            proptest::prop_assert_eq!(freeze(&body), Err(BodyError::CardData));
        }
    }
}
