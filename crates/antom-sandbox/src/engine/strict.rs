//! What the API would only ignore: members that the description does not know, words that it does not list.

use antom_core::codec::{Kind, Limits, Reader, Table, ValueKind};

use super::reply::{Refusal, refuse};

/// Refuses the first of them.
pub(super) fn check(body: &[u8], table: &'static Table) -> Result<(), Refusal> {
    let found = Reader::new(body, &Limits::ANSWER).ok().and_then(|mut reader| {
        let mut path = Vec::new();
        message(&mut reader, table, &mut path).err().map(|what| (path, what))
    });
    match found {
        None => Ok(()),
        Some((path, what)) => refuse("PARAM_ILLEGAL", format!("/{}: {what}", path.join("/"))),
    }
}

/// What was found, or a text that is no JSON, which was refused before.
fn message(reader: &mut Reader<'_>, table: &'static Table, path: &mut Vec<String>) -> Result<(), String> {
    let unreadable = |error: antom_core::codec::DecodeError| error.to_string();
    reader.enter_object().map_err(unreadable)?;
    while let Some(key) = reader.next_key().map_err(unreadable)? {
        path.push(key.chars().take(64).collect());
        match table.field(&key) {
            Some(field) => value(reader, &field.kind, path)?,
            None => return Err("the description has no such member, so the API would ignore it".into()),
        }
        path.pop();
    }
    Ok(())
}

fn value(reader: &mut Reader<'_>, kind: &Kind, path: &mut Vec<String>) -> Result<(), String> {
    let unreadable = |error: antom_core::codec::DecodeError| error.to_string();
    match (kind, reader.peek().map_err(unreadable)?) {
        (Kind::Message(table), ValueKind::Object) => message(reader, table(), path),
        (Kind::List(kind), ValueKind::Array) => {
            reader.enter_array().map_err(unreadable)?;
            let mut index = 0_usize;
            while reader.next_item().map_err(unreadable)? {
                path.push(index.to_string());
                value(reader, kind, path)?;
                path.pop();
                index = index.saturating_add(1);
            }
            Ok(())
        }
        (Kind::Word(words), ValueKind::String) if !words.is_empty() => {
            let word = reader.read_string().map_err(unreadable)?;
            match words.contains(&&*word) {
                true => Ok(()),
                false => Err(format!("must be one of {}", words.join(", "))),
            }
        }
        _ => reader.read_raw().map(drop).map_err(unreadable),
    }
}
