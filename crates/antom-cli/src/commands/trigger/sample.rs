//! Made-up notifications, from the tables of their types.

use std::fmt::Write as _;

use antom::core::api::notifications::{NOTIFICATIONS, NotificationInfo};
use antom::core::codec::{Field, Kind, Privacy, Table};
use antom::core::time::UnixTime;
use serde_json::{Map, Value, json};

use crate::failure::Failure;

/// A notification that can be made up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    info: &'static NotificationInfo,
    /// The word that names its kind, if there is one.
    word: Option<&'static str>,
}

/// Finds a notification by its name, the word that names its kind, or its kind.
pub(super) fn find(name: &str) -> Result<Sample, Failure> {
    let same = |known: &str| {
        let letters = |text: &str| text.replace('_', "").to_ascii_lowercase();
        letters(known) == letters(name)
    };
    let by_word = |info: &NotificationInfo| {
        info.discriminator.and_then(|(_, words)| words.iter().copied().find(|word| *word == name))
    };
    let named = NOTIFICATIONS.iter().find(|info| same(info.id) || same(&format!("{:?}", info.kind)));
    let found = match named {
        Some(info) => Some(Sample { info, word: first_word(info) }),
        None => NOTIFICATIONS
            .iter()
            .filter(|info| by_word(info).is_some())
            // Several kinds share a word; the plainest is meant.
            .min_by_key(|info| info.present.len())
            .map(|info| Sample { info, word: by_word(info) }),
    };
    found.ok_or_else(|| {
        Failure::Input(format!(
            "NAME: there is no notification `{}`; antom-dev trigger list lists them",
            name.escape_debug()
        ))
    })
}

/// All of them: name, kind, and the word that names the kind.
pub(super) fn list() -> String {
    let mut text = String::new();
    let mut last = None;
    for info in NOTIFICATIONS {
        if last != Some(info.kind) {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{:34} {:24} {}",
                info.id,
                format!("{:?}", info.kind),
                first_word(info).unwrap_or_default()
            );
        }
        last = Some(info.kind);
    }
    text
}

fn first_word(info: &NotificationInfo) -> Option<&'static str> {
    info.discriminator.and_then(|(_, words)| words.first().copied())
}

/// What such a notification usually holds beside what tells its kind; the others hold what is neither personal nor bound to
/// a condition.
fn usual(id: &str, word: Option<&str>) -> Option<&'static [&'static str]> {
    Some(match (id, word) {
        ("notifyPayment", Some("PAYMENT_RESULT")) => &[
            "paymentRequestId",
            "paymentId",
            "paymentAmount",
            "paymentCreateTime",
            "paymentTime",
            "paymentMethodType",
        ],
        ("notifyPayment", Some("UPDATE_AMOUNT_RESULT")) => {
            &["paymentRequestId", "paymentId", "paymentAmount", "updateRequestId"]
        }
        ("notifyPayment", _) => &["paymentRequestId", "paymentId", "paymentAmount", "paymentCreateTime"],
        ("notifyCapture", _) => {
            &["captureRequestId", "captureId", "paymentId", "captureAmount", "captureTime"]
        }
        ("notifyRefund", _) => &["refundStatus", "refundRequestId", "refundId", "refundAmount", "refundTime"],
        ("notifyAuthorization", _) => &["authCode", "authState"],
        ("notifyDispute", _) => &[
            "disputeId",
            "paymentId",
            "paymentRequestId",
            "disputeTime",
            "disputeAmount",
            "disputeReasonMsg",
        ],
        _ => return None,
    })
}

impl Sample {
    /// The notification. Its ids hold the time, so that no two runs have the same.
    pub(super) fn document(self, now: UnixTime) -> Value {
        let Self { info, word } = self;
        let usual = usual(info.id, word);
        let mut members = Map::new();
        for field in (info.table)().fields {
            let tells = info.discriminator.filter(|(name, _)| *name == field.wire).and(word);
            // An older form may spell the members that tell its kind in another way.
            let present =
                info.present.iter().copied().find(|name| field.wire == *name || field.aliases.contains(name));
            let wanted = present.is_some()
                || field.required
                || field.wire == "result"
                || match usual {
                    Some(usual) => usual.contains(&field.wire),
                    None => is_plain(field) && field.wire != "notifyType",
                };
            let value = match (tells, wanted) {
                (Some(word), _) => json!(word),
                (None, true) => value(field, now),
                (None, false) => continue,
            };
            members.insert(present.unwrap_or(field.wire).to_owned(), value);
        }
        Value::Object(members)
    }
}

/// Whether a member says something in a notification that is made up: an id, a time, an amount or a word.
fn is_plain(field: &Field) -> bool {
    let says = match field.kind {
        Kind::Text => field.wire.ends_with("Id"),
        Kind::DateTime | Kind::Word(_) => true,
        Kind::Message(table) => table().name == "Amount",
        _ => false,
    };
    says && field.privacy == Privacy::Plain && field.condition.is_none()
}

fn value(field: &Field, now: UnixTime) -> Value {
    match field.wire {
        "authorizationNotifyType" => json!("AUTHCODE_CREATED"),
        "paymentMethodType" => json!("ALIPAY_CN"),
        "refundStatus" => json!("SUCCESS"),
        name if name.ends_with("Id") || name == "authCode" || name == "authState" => {
            text(&format!("{name}-{}", now.as_millis()), field.max)
        }
        name => of_kind(&field.kind, name, field.max, now),
    }
}

fn of_kind(kind: &Kind, name: &str, max: u32, now: UnixTime) -> Value {
    match kind {
        Kind::DateTime => json!(UnixTime::from_secs(now.as_secs()).to_rfc3339()),
        Kind::Decimal | Kind::Integer => json!(1),
        Kind::Boolean => json!(true),
        Kind::Word(words) => json!(words.first().copied().unwrap_or("UNKNOWN")),
        Kind::Message(table) => message(table(), now),
        Kind::List(item) => json!([of_kind(item, name, max, now)]),
        Kind::Map(_) | Kind::Any => json!({}),
        _ => text(&format!("sample {name}"), max),
    }
}

fn message(table: &'static Table, now: UnixTime) -> Value {
    match table.name {
        "Amount" => json!({"currency": "USD", "value": "1000"}),
        "ResultInfo" => json!({"resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "success"}),
        _ => {
            let required = table.fields.iter().filter(|field| field.required);
            Value::Object(required.map(|field| (field.wire.to_owned(), value(field, now))).collect())
        }
    }
}

/// The end of a text, within the limit: the end is what differs.
fn text(text: &str, max: u32) -> Value {
    let length = text.chars().count();
    let over = match usize::try_from(max) {
        Ok(max) if max > 0 => length.saturating_sub(max),
        _ => 0,
    };
    Value::from(text.chars().skip(over).collect::<String>())
}

#[cfg(test)]
mod tests {
    use antom::core::codec::Limits;
    use antom::core::signature::{ClientId, sandbox_keys};
    use antom::core::signature::{
        KeyVersion, Keyring, PrivateKey, PublicKey, RsaSigner, Signer as _, content, header,
    };
    use antom::webhook::{WebhookHead, WebhookVerifier};

    use super::*;
    use crate::lint::{self, Part, Question};

    #[test]
    fn every_notification_can_be_made_up_and_is_taken_for_what_it_is() {
        let client_id = ClientId::new("SANDBOX_1").unwrap();
        let key = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY).unwrap();
        let keys = Keyring::new(&client_id, [(KeyVersion::FIRST, key)], None).unwrap();
        let verifier = WebhookVerifier::builder(client_id.clone(), keys).path("/n").build().unwrap();
        let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).unwrap();
        let signer = RsaSigner::new(&key, KeyVersion::FIRST).unwrap();
        let now = UnixTime::from_secs(1_772_360_430);
        let time = antom::core::time::WireTime::epoch_ms(now);
        for info in NOTIFICATIONS {
            let words = info.discriminator.map_or(&[][..], |(_, words)| words);
            let samples = match words {
                [] => vec![Sample { info, word: None }],
                words => words.iter().map(|word| Sample { info, word: Some(word) }).collect(),
            };
            for sample in samples {
                let body = sample.document(now).to_string();
                let signature =
                    signer.sign(&content("POST", "/n", &client_id, &time, body.as_bytes())).unwrap();
                let head = WebhookHead::new("POST", "/n")
                    .with_header("request-time", time.as_str())
                    .with_header("signature", header::render(&signature, KeyVersion::FIRST));
                let verified = verifier.verify_slice(&head, body.as_bytes(), now).unwrap();
                let notification = verified.notification().unwrap_or_else(|error| panic!("{error:?} {body}"));
                assert_eq!(notification.kind(), info.kind, "{body}");
                assert!((info.read)(body.as_bytes(), &Limits::NOTIFICATION).is_ok());
            }
        }
    }

    #[test]
    fn the_common_ones_have_no_problems() {
        for name in [
            "notifyPayment",
            "PAYMENT_PENDING",
            "CAPTURE_RESULT",
            "REFUND_RESULT",
            "notify_authorization",
            "Dispute",
        ] {
            let sample = find(name).unwrap();
            let body = sample.document(UnixTime::from_secs(1_772_360_430)).to_string();
            let (targets, part) = lint::targets(sample.info.id, Part::Notification).unwrap();
            let question = Question { part, context: Default::default(), conditions: false };
            let report = lint::lint(&targets, body.as_bytes(), question);
            assert!(
                report.is_clean() && report.unknown.is_empty() && report.hints.is_empty(),
                "{body} {report:?}"
            );
        }
    }

    #[test]
    fn words_lead_to_the_plainest_kind() {
        for (name, id, word) in [
            ("PAYMENT_RESULT", "notifyPayment", Some("PAYMENT_RESULT")),
            ("OFFLINE_PAYMENT_CODE", "notifyPayment", Some("OFFLINE_PAYMENT_CODE")),
            ("REFUND_RESULT", "notifyRefund", Some("REFUND_RESULT")),
            ("notifyvaulting", "notifyVaulting", None),
        ] {
            let sample = find(name).unwrap();
            assert_eq!((sample.info.id, sample.word), (id, word));
        }
        assert!(find("nothing").is_err());
        assert!(list().contains("notifyDispute"));
        // Long names keep the end, which differs.
        assert_eq!(text("paymentId-123", 4), "-123");
    }
}
