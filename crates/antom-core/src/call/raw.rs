use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::{EchoedId, EncodeError, OperationInfo, Prepared};
use crate::api::models::ResultInfo;
use crate::codec::{DecodeError, DecodeErrorKind, Limits, Reader, ValueKind, message};
use crate::profile::Profile;
use crate::time::UnixTime;

message! {
    /// An answer of which only the result is typed; everything else is in `rest`, as it came.
    ///
    /// ```
    /// use antom_core::call::RawAnswer;
    /// use antom_core::codec::{Limits, ReadMessage};
    ///
    /// let text = br#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"newMember":{"a":1}}"#;
    /// let answer = RawAnswer::from_json(text, &Limits::ANSWER)?;
    /// assert_eq!(answer.rest.get("newMember").unwrap().as_str(), r#"{"a":1}"#);
    /// // And one of a test's own making.
    /// assert!(RawAnswer::new(answer.result).rest.is_empty());
    /// # Ok::<(), antom_core::codec::DecodeError>(())
    /// ```
    pub struct RawAnswer("RawAnswer") reads always {
        required {
            /// The result. Wire name `result`.
            result: ResultInfo = "result", plain, max 0;
        }
        optional {}
    }
}

impl Prepared {
    /// A call whose body is JSON text of the caller's own, for members that the types do not know. The text
    /// is sent byte for byte; the ids that the answer must repeat are read out of it.
    ///
    /// # Errors
    ///
    /// The text is not one JSON object without duplicate keys, or the operation cannot be reached with this
    /// profile.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{CLOCKS, profile};
    /// use antom_core::api::payments::InquiryPayment;
    /// use antom_core::call::{Operation, Prepared};
    /// # let (profile, now) = (profile(), CLOCKS);
    ///
    /// let body = br#"{ "paymentRequestId": "PAY-1", "newMember": true }"#;
    /// let prepared = Prepared::json(InquiryPayment::INFO, body, &profile, now.wall)?;
    /// assert_eq!(&prepared.request().body()[..], body); // Byte for byte, blanks too.
    /// assert_eq!(prepared.ids()[0].value, "PAY-1");
    /// # Ok::<(), antom_core::call::EncodeError>(())
    /// ```
    pub fn json(
        info: &'static OperationInfo,
        body: &[u8],
        profile: &Profile,
        at: UnixTime,
    ) -> Result<Self, EncodeError> {
        let ids = ids_in(info, body).map_err(EncodeError::Body)?;
        Self::raw(info, body, ids, profile, at)
    }
}

fn ids_in(info: &OperationInfo, body: &[u8]) -> Result<Vec<EchoedId>, DecodeError> {
    let mut ids = Vec::new();
    let mut seen = BTreeSet::new();
    let mut reader = Reader::new(body, &Limits::ANSWER)?;
    reader.enter_object()?;
    while let Some(key) = reader.next_key()? {
        if seen.contains(&key) {
            return Err(reader.error(DecodeErrorKind::DuplicateKey).inside(&key));
        }
        let echoed = info.echoes.iter().copied().find(|name| *name == key);
        match echoed {
            Some(name) if reader.peek()? == ValueKind::String => {
                ids.push(EchoedId { name, value: reader.read_string()?.into_owned() });
            }
            _ => {
                reader.read_raw().map_err(|error| error.inside(&key))?;
            }
        }
        seen.insert(key);
    }
    reader.end()?;
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{Repeat, SandboxPath, TransportKind};
    use crate::profile::{Credentials, Region};
    use crate::signature::{ClientId, KeyVersion};

    static INFO: OperationInfo = OperationInfo {
        id: "test/call",
        path: "/ams/api/v1/test/call",
        group: "test",
        repeat: Repeat::Never,
        inquiry: None,
        echoes: &["requestId"],
        moves_money: false,
        sandbox: SandboxPath::Rewrite,
        transport: TransportKind::Json,
        docs: "",
    };

    fn prepare(body: &str) -> Result<Prepared, EncodeError> {
        let client_id = ClientId::new("SANDBOX_1").unwrap();
        let credentials = Credentials::Rsa { client_id, key_version: KeyVersion::FIRST };
        Prepared::json(
            &INFO,
            body.as_bytes(),
            &Profile::new(credentials, Region::Asia),
            UnixTime::from_secs(1),
        )
    }

    #[test]
    fn the_text_is_sent_as_it_is_and_its_ids_are_known() {
        let body = r#"{ "new" : {"a":[1]}, "requestId":"r\u0031" }"#;
        let prepared = prepare(body).unwrap();
        assert_eq!(prepared.request().body(), body.as_bytes());
        assert_eq!(prepared.ids(), [EchoedId { name: "requestId", value: "r1".into() }]);
        assert!(prepare(r#"{"requestId":5}"#).unwrap().ids().is_empty());
    }

    #[test]
    fn what_is_no_object_is_refused_before_anything_is_sent() {
        for bad in ["", "[]", "{", "{} {}", r#"{"a":1,"a":2}"#, r#"{"b":{"a":1,"a":2}}"#, "{'a':1}"] {
            assert!(matches!(prepare(bad), Err(EncodeError::Body(_))), "{bad}");
        }
    }
}
