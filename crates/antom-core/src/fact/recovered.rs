use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::{EventId, Verified};
use crate::codec::{DecodeError, Limits, RawJson, Reader, ValueKind};

/// One entry of the list of past notifications, with the notification as the exact text it has there.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::verified;
/// # let answer = verified("/ams/sandbox/api/v1/notification/inquireNotificationList",
/// #     r#"{"notifications":[{"eventId":"E-1","deliveryStatus":"FAILED","notificationData":{"notifyType":"PAYMENT_RESULT"}}]}"#);
/// // `answer` is a verified list of what was not delivered.
/// let missed = &answer.recovered_events()?[0];
/// assert_eq!((missed.event.as_str(), missed.delivered), ("E-1", false));
/// // Proven by the answer that held it, and read like any other.
/// assert!(missed.notification.proof().is_signed());
/// # Ok::<(), antom_core::codec::DecodeError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecoveredEvent {
    /// The event's id.
    pub event: EventId,
    /// The notification, proven by the answer that held it.
    pub notification: Verified,
    /// Whether the gateway says that it was acknowledged.
    pub delivered: bool,
}

impl Verified {
    /// The past notifications in an answer of `notification/inquireNotificationList` or
    /// `notification/inquireNotification`, in its order. Entries without an id or a payload are left out:
    /// there is nothing to apply.
    ///
    /// # Errors
    ///
    /// The document is not sound, or is no answer of these operations.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::verified;
    /// use antom_core::fact::Proof;
    /// # let answer = verified("/ams/sandbox/api/v1/notification/inquireNotificationList",
    /// #     r#"{"notifications":[{"eventId":"E-1","deliveryStatus":"FAILED","notificationData":{"notifyType":"PAYMENT_RESULT"}}]}"#);
    ///
    /// for missed in answer.recovered_events()? {
    ///     assert!(matches!(missed.notification.proof(), Proof::Recovered { .. }));
    /// }
    /// # Ok::<(), antom_core::codec::DecodeError>(())
    /// ```
    pub fn recovered_events(&self) -> Result<Vec<RecoveredEvent>, DecodeError> {
        let mut reader = Reader::new(self.raw(), &Limits::ANSWER)?;
        let mut events = Vec::new();
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            match (&*key, reader.peek()?) {
                ("notifications", ValueKind::Array) => {
                    reader.enter_array()?;
                    while reader.next_item()? {
                        events.extend(self.recovered_event(&mut reader)?);
                    }
                }
                ("notification", ValueKind::Object) => events.extend(self.recovered_event(&mut reader)?),
                _ => reader.pass_over().map_err(|error| error.inside(&key))?,
            }
        }
        reader.end()?;
        Ok(events)
    }

    fn recovered_event(&self, reader: &mut Reader<'_>) -> Result<Option<RecoveredEvent>, DecodeError> {
        let (mut id, mut payload, mut delivered) = (None, None, false);
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            match (&*key, reader.peek()?) {
                ("eventId", ValueKind::String) => id = Some(String::from(reader.read_string()?)),
                ("deliveryStatus", ValueKind::String) => delivered = reader.read_string()? == "DELIVERED",
                ("notificationData", ValueKind::Object) => {
                    payload = Some(Cow::Borrowed(reader.read_raw()?));
                }
                // The payload as a text in a text.
                ("notificationData", ValueKind::String) => payload = Some(reader.read_string()?),
                _ => reader.pass_over().map_err(|error| error.inside(&key))?,
            }
        }
        let (Some(id), Some(payload)) = (id, payload) else { return Ok(None) };
        let (event, payload) = (EventId::new(id), RawJson::parse(&payload)?);
        Ok(self.recovered(event.clone(), &payload).ok().map(|notification| RecoveredEvent {
            event,
            notification,
            delivered,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Proof;
    use crate::time::UnixTime;
    use bytes::Bytes;

    fn answer(path: &str, body: &str) -> Verified {
        Verified::tls(Bytes::copy_from_slice(body.as_bytes()), path.into(), UnixTime::from_secs(0))
    }

    const LIST: &str = "/ams/api/v1/notification/inquireNotificationList";

    #[test]
    fn entries_keep_their_exact_text_and_the_proof_of_the_answer() {
        let body = r#"{"result":{"resultStatus":"S"},"notifications":[
            {"eventId":"E2","deliveryStatus":"FAILED","notificationData":{ "notifyType" : "PAYMENT_RESULT","n":1.50 }},
            {"eventId":"E1","deliveryStatus":"DELIVERED","notificationData":"{\"notifyType\":\"X\"}"},
            {"eventId":"E0"}]}"#;
        let events = answer(LIST, body).recovered_events().unwrap();
        let texts: Vec<_> = events.iter().map(|event| event.notification.raw().clone()).collect();
        assert_eq!(
            texts,
            [
                Bytes::from_static(br#"{ "notifyType" : "PAYMENT_RESULT","n":1.50 }"#),
                Bytes::from_static(br#"{"notifyType":"X"}"#)
            ]
        );
        assert_eq!(events.iter().map(|event| event.delivered).collect::<Vec<_>>(), [false, true]);
        let proof = events.first().unwrap().notification.proof().clone();
        assert_eq!(proof, Proof::Recovered { event: EventId::new("E2"), answer: Proof::Tls.into() });
    }

    #[test]
    fn another_operation_recovers_nothing() {
        let body = r#"{"notification":{"eventId":"E1","notificationData":{}}}"#;
        assert!(answer("/ams/api/v1/payments/pay", body).recovered_events().unwrap().is_empty());
        assert_eq!(answer(LIST, body).recovered_events().unwrap().len(), 1);
    }
}
