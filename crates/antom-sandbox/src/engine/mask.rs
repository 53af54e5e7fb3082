//! Documents as a person may see them: what the description calls secret or personal, and what it does not know,
//! is covered.

use antom_core::codec::{Kind, Limits, Privacy, Reader, Table, ValueKind};

/// What stands where something is covered.
const COVER: &str = "\"•••\"";
/// The longest text of a document, and of a value in it.
const MOST: usize = 4_096;
const MOST_OF_VALUE: usize = 300;

/// The document, covered and cut.
pub(super) fn masked(body: &[u8], table: &'static Table) -> String {
    let mut out = String::new();
    let written = Reader::new(body, &Limits::ANSWER)
        .ok()
        .and_then(|mut reader| message(&mut reader, table, &mut out).map(|()| reader.end().is_ok()));
    if written != Some(true) {
        // What was written up to there is covered as well.
        out.push_str(" … the rest is no document of this kind");
    }
    out
}

/// Whether there is no room for more.
fn is_full(out: &mut String) -> bool {
    if out.len() < MOST {
        return false;
    }
    if !out.ends_with('…') {
        out.push('…');
    }
    true
}

fn message(reader: &mut Reader<'_>, table: &'static Table, out: &mut String) -> Option<()> {
    reader.enter_object().ok()?;
    let mut first = true;
    out.push('{');
    while let Some(key) = reader.next_key().ok()? {
        let field = table.field(&key);
        if is_full(out) {
            reader.read_raw().ok()?;
            continue;
        }
        out.push_str(if std::mem::take(&mut first) { "\"" } else { ",\"" });
        out.push_str(field.map_or("?", |field| field.wire));
        out.push_str("\":");
        match field {
            Some(field) if field.privacy == Privacy::Plain => value(reader, &field.kind, out)?,
            _ => {
                reader.read_raw().ok()?;
                out.push_str(COVER);
            }
        }
    }
    out.push('}');
    Some(())
}

fn value(reader: &mut Reader<'_>, kind: &Kind, out: &mut String) -> Option<()> {
    let shape = reader.peek().ok()?;
    match (kind, shape) {
        (Kind::Message(table), ValueKind::Object) => message(reader, table(), out),
        (Kind::List(kind), ValueKind::Array) => {
            reader.enter_array().ok()?;
            let mut first = true;
            out.push('[');
            while reader.next_item().ok()? {
                if is_full(out) {
                    reader.read_raw().ok()?;
                    continue;
                }
                if !std::mem::take(&mut first) {
                    out.push(',');
                }
                value(reader, kind, out)?;
            }
            out.push(']');
            Some(())
        }
        // Anything may be in there.
        (Kind::Any | Kind::Map(_), _) | (_, ValueKind::Object | ValueKind::Array) => {
            reader.read_raw().ok()?;
            out.push_str(COVER);
            Some(())
        }
        _ => {
            let text = reader.read_raw().ok()?;
            match text.char_indices().nth(MOST_OF_VALUE) {
                Some((at, _)) => {
                    out.push_str(text.get(..at)?);
                    out.push_str("…\"");
                }
                None => out.push_str(text),
            }
            Some(())
        }
    }
}

#[cfg(test)]
mod tests {
    use antom_core::api::authorizations::{ApplyToken, ApplyTokenResponse};
    use antom_core::api::payments::PayRequest;
    use antom_core::call::Operation;
    use antom_core::codec::Message;

    use super::*;

    #[test]
    fn what_is_secret_personal_or_unknown_is_covered() {
        let table = PayRequest::describe();
        let body =
            br#"{"paymentRequestId":"P-1","secretThing":"s3cret","paymentMethod":{"paymentMethodType":"CARD",
            "paymentMethodId":"t0ken","paymentMethodMetaData":{"cardNo":"4054695723100768","cvv":"123"}},
            "paymentAmount":{"currency":"USD","value":"750"}}"#;
        let text = masked(body, table);
        for shown in ["\"P-1\"", "\"CARD\"", "\"750\"", "•••"] {
            assert!(text.contains(shown), "{shown} in {text}");
        }
        for hidden in ["s3cret", "t0ken", "4054", "123", "secretThing"] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        let answer = br#"{"result":{"resultCode":"SUCCESS"},"accessToken":"A1","refreshToken":"R1"}"#;
        let text = masked(answer, ApplyTokenResponse::describe());
        assert!(text.contains("SUCCESS") && !text.contains("A1") && !text.contains("R1"), "{text}");
        assert_eq!(ApplyToken::INFO.id, "authorizations/applyToken");
    }

    #[test]
    fn nonsense_and_endless_texts_end() {
        let table = PayRequest::describe();
        for bad in [&b""[..], b"nonsense", b"{\"paymentRequestId\":", b"[1]", b"\xff"] {
            assert!(masked(bad, table).ends_with("no document of this kind"));
        }
        let long = format!("{{\"paymentRequestId\":\"{}\"}}", "x".repeat(100_000));
        assert!(masked(long.as_bytes(), table).len() < 1_000);
        let goods = vec!["{\"referenceGoodsId\":\"G\",\"goodsName\":\"N\"}"; 10_000].join(",");
        let many = format!("{{\"order\":{{\"goods\":[{goods}]}}}}");
        assert!(masked(many.as_bytes(), table).len() <= 2 * MOST);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_end(body in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let text = masked(&body, PayRequest::describe());
            proptest::prop_assert!(text.len() <= 2 * MOST);
        }
    }
}
