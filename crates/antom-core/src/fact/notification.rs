use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::Verified;
use crate::api::notifications::{
    BY_DEMAND, NOTIFICATIONS, Notification, NotificationInfo, NotificationKind, read,
};
use crate::codec::{DecodeError, Limits, Reader, ValueKind};

/// Why verified bytes are no typed notification. They stay verified: store them, acknowledge them, and
/// inquire about what they may concern.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::verified;
/// use antom_core::codec::DecodeErrorKind;
/// # let message = verified("/notify", r#"{"notifyType":"PAYMENT_RESULT","notifyType":"PAYMENT_PENDING"}"#);
///
/// // Signed, and yet of two minds: no member of it can be trusted to mean one thing.
/// let error = message.notification().unwrap_err();
/// assert_eq!(error.decode_error().kind(), &DecodeErrorKind::DuplicateKey);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the notification is authentic, but does not fit its type; store it, acknowledge it and inquire")]
pub struct NotificationError {
    #[source]
    source: DecodeError,
}

impl NotificationError {
    /// Where and why reading stopped.
    #[must_use]
    pub fn decode_error(&self) -> &DecodeError {
        &self.source
    }
}

/// The first look at a notification: which members it has, and the words that tell kinds apart. It borrows
/// the document and checks nothing; the typed reading that follows does.
struct EventHead<'a> {
    /// The top-level members, with their values where these are strings.
    members: Vec<(Cow<'a, str>, Option<Cow<'a, str>>)>,
}

impl<'a> EventHead<'a> {
    /// Looks at the top level of a document.
    fn look(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        // Room for the usual notification at once, which is just not more than what allocators hand out fast: 1 kB.
        let mut members = Vec::with_capacity(21);
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            let word = match reader.peek()? {
                ValueKind::String => Some(reader.read_string()?),
                _ => reader.pass_over().map(|()| None)?,
            };
            members.push((key, word));
        }
        Ok(Self { members })
    }

    fn word(&self, name: &str) -> Option<&str> {
        self.members.iter().find(|(known, _)| known == name).and_then(|(_, word)| word.as_deref())
    }

    fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(known, _)| known == name)
    }

    /// The kind of notification this is. An entry of the table fits when its word is one of the entry's
    /// and every member the entry needs is there; of those that fit, the one that asks for most wins.
    fn kind(&self) -> Option<NotificationKind> {
        let mut rows = BY_DEMAND.iter().filter_map(|&row| NOTIFICATIONS.get(usize::from(row)));
        rows.find(|info| self.fits(info)).map(|info| info.kind)
    }

    fn fits(&self, info: &NotificationInfo) -> bool {
        let word = match info.discriminator {
            Some((name, words)) => self.word(name).is_some_and(|word| words.contains(&word)),
            None => !info.present.is_empty(),
        };
        word && info.present.iter().all(|name| self.has(name))
    }
}

impl Verified {
    /// The typed notification. What this SDK does not know is [`Notification::Unknown`], never an error.
    ///
    /// # Errors
    ///
    /// The bytes are no JSON object, name a member twice, or do not fit the type of their kind.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::verified;
    /// use antom_core::api::notifications::Notification;
    /// # let message = verified("/notify", r#"{"something":"new"}"#);
    ///
    /// // A kind of tomorrow is no error.
    /// assert!(matches!(message.notification()?, Notification::Unknown(_)));
    /// # Ok::<(), antom_core::fact::NotificationError>(())
    /// ```
    pub fn notification(&self) -> Result<Notification, NotificationError> {
        parse_notification(self.raw(), &Limits::NOTIFICATION).map_err(|source| NotificationError { source })
    }
}

fn parse_notification(bytes: &[u8], limits: &Limits) -> Result<Notification, DecodeError> {
    let mut reader = Reader::new(bytes, limits)?;
    let start = reader.mark();
    // Where the look fails, reading the document as one of an unknown kind says what is wrong with it.
    let head = EventHead::look(&mut reader);
    let kind = head.ok().and_then(|head| head.kind()).unwrap_or(NotificationKind::Unknown);
    reader.rewind(start);
    let notification = read(kind, &mut reader)?;
    reader.end()?;
    Ok(notification)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use proptest::prelude::*;

    use super::*;
    use crate::codec::DecodeErrorKind;

    fn read_text(text: &str) -> Result<Notification, DecodeError> {
        parse_notification(text.as_bytes(), &Limits::NOTIFICATION)
    }

    #[test]
    fn rows_that_ask_for_more_come_first() {
        let demand = |row: &u8| {
            let info = &NOTIFICATIONS[usize::from(*row)];
            info.present.len() + usize::from(info.discriminator.is_some()) * 4
        };
        assert!(BY_DEMAND.is_sorted_by(|one, next| (demand(one), one) > (demand(next), next)));
        assert_eq!(BY_DEMAND.len(), NOTIFICATIONS.len());
    }

    #[test]
    fn the_word_is_found_wherever_it_stands() {
        for text in [
            r#"{"notifyType":"PAYMENT_RESULT","result":{"resultStatus":"S"}}"#,
            r#"{"result":{"resultStatus":"S"},"notifyType":"PAYMENT_RESULT"}"#,
            r#"{"a":["}",{"b":"\"]}"}, [[]] ] , "c" : -1.5e3 , "notifyType" : "PAYMENT\u005fRESULT" }"#,
            r#"{"a":"\\","b":true,"c":null,"d":{},"notifyTyp\u0065":"PAYMENT_RESULT"}"#,
        ] {
            assert!(matches!(read_text(text), Ok(Notification::PaymentResult(_))), "{text}");
        }
        // The words of a member further down tell nothing.
        let nested = r#"{"a":{"notifyType":"PAYMENT_RESULT"}}"#;
        assert!(matches!(read_text(nested), Ok(Notification::Unknown(_))));
    }

    #[test]
    fn what_the_first_look_lets_pass_the_reading_refuses() {
        let duplicate = DecodeErrorKind::DuplicateKey;
        for text in [
            r#"{"notifyType":"PAYMENT_RESULT","notifyType":"PAYMENT_PENDING"}"#,
            r#"{"notifyType":"PAYMENT_RESULT","x":1,"x":1}"#,
            r#"{"notifyType":"PAYMENT_RESULT","x":[{"y":{"z":1,"z":1}}]}"#,
            r#"{"x":{"z":1,"z":1}}"#,
        ] {
            assert_eq!(read_text(text).unwrap_err().kind(), &duplicate, "{text}");
        }
        for text in [
            "",
            " ",
            "[]",
            "7",
            "{",
            r#"{"notifyType""#,
            r#"{"notifyType":"PAYMENT_RESULT"} x"#,
            r#"{"notifyType":"PAYMENT_RESULT","x":[}}"#,
            r#"{"notifyType":"PAYMENT_RESULT","x":{]}"#,
            r#"{"notifyType":"PAYMENT_RESULT","x":tru}"#,
            r#"{"notifyType":"PAYMENT_RESULT","x":01}"#,
            r#"{"notifyType":"PAYMENT_RESULT","x":}"#,
            r#"{"notifyType":"PAYMENT_RESULT","x":"\q"}"#,
        ] {
            assert!(read_text(text).is_err(), "{text}");
        }
        let deep = format!(r#"{{"notifyType":"PAYMENT_RESULT","x":{}{}}}"#, "[".repeat(200), "]".repeat(200));
        assert!(matches!(read_text(&deep).unwrap_err().kind(), DecodeErrorKind::TooDeep { .. }));
    }

    fn value() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just(String::from("null")),
            Just(String::from("true")),
            Just(String::from(r#""\"\\}]{[,:""#)),
            any::<i32>().prop_map(|number| format!("{number}")),
            "[a-z}\\]{\\[, ]{0,6}".prop_map(|text| format!("\"{text}\"")),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4)
                    .prop_map(|items| format!("[{}]", items.join(" ,"))),
                prop::collection::vec(inner, 0..4).prop_map(|items| {
                    let members = items.iter().enumerate().map(|(at, item)| format!("\"k{at}\": {item}"));
                    format!("{{{}}}", members.collect::<alloc::vec::Vec<_>>().join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn values_are_passed_over_to_their_end(value in value()) {
            let text = format!(r#"{{"a":{value} ,"notifyType":"CAPTURE_RESULT"}}"#);
            prop_assert!(matches!(read_text(&text), Ok(Notification::Capture(_))), "{}", text);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), text in r#"[{}\[\]",:\\a1 ]{0,40}"#) {
            let _ = parse_notification(&bytes, &Limits::NOTIFICATION);
            let _ = read_text(&text);
        }
    }
}
