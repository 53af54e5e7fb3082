//! An answer, written from its description, from what is known, and from what is made up.

use antom_core::codec::{Kind, Message as _, Table};
use antom_core::time::UnixTime;

use super::super::ids::Ids;
use super::super::reply::{stamp, success};
use super::{Members, is_id};

/// How deep an answer goes.
const DEPTH: u8 = 5;

/// An answer while it is written.
pub(super) struct Answer<'a> {
    pub(super) now: UnixTime,
    pub(super) ids: &'a mut Ids,
    pub(super) sources: Vec<&'a Members>,
    pub(super) made: Members,
    /// Whether it is a whole answer, not an entry of a list.
    pub(super) is_answer: bool,
    /// What was made for the objects of a list.
    pub(super) made_for: Vec<(String, Members)>,
}

impl Answer<'_> {
    pub(super) fn message(
        &mut self,
        table: &'static Table,
        listed: &[(&str, &Members)],
        depth: u8,
    ) -> String {
        let mut text = String::from("{");
        for field in table.fields {
            let value = match field.wire {
                "result" if self.is_answer && depth == 0 => {
                    Some(String::from_utf8(success().to_json()).unwrap_or_default())
                }
                _ => self.member(field, listed, depth),
            };
            if let Some(value) = value {
                if text.len() > 1 {
                    text.push(',');
                }
                text.push_str(&format!("\"{}\":{value}", field.wire));
            }
        }
        text.push('}');
        text
    }

    fn member(
        &mut self,
        field: &'static antom_core::codec::Field,
        listed: &[(&str, &Members)],
        depth: u8,
    ) -> Option<String> {
        if let Some(value) = self
            .sources
            .iter()
            .find_map(|source| source.get(field.wire))
            .filter(|value| fits(value, &field.kind))
        {
            return Some(value.clone());
        }
        // What was made before, in another part of the same answer, is the same thing.
        if let Some(value) = self.made.get(field.wire).filter(|value| fits(value, &field.kind)) {
            return Some(value.clone());
        }
        let own_id = depth == 0 && is_id(field.wire) && matches!(field.kind, Kind::Text);
        let list = depth == 0 && matches!(field.kind, Kind::List(Kind::Message(_)));
        if !field.required && !own_id && !list {
            return None;
        }
        let value = match &field.kind {
            Kind::Text if is_id(field.wire) => {
                let value = format!("\"{}\"", self.ids.numbered("1001", self.now));
                self.made.insert(field.wire.to_owned(), value.clone());
                value
            }
            Kind::Text if field.wire.ends_with("Url") => "\"https://sandbox.invalid/\"".to_owned(),
            Kind::Text => "\"SANDBOX\"".to_owned(),
            Kind::DateTime => format!("\"{}\"", stamp(self.now)),
            Kind::Decimal => "\"1\"".to_owned(),
            Kind::Integer => field.min.unwrap_or(1).to_string(),
            Kind::Boolean => "true".to_owned(),
            Kind::Word(words) => format!("\"{}\"", words.first().copied().unwrap_or("SUCCESS")),
            Kind::Any => "{}".to_owned(),
            Kind::Message(table) if depth < DEPTH => self.message(table(), listed, depth + 1),
            Kind::Message(_) => return None,
            Kind::List(Kind::Message(table)) => self.list(table(), listed, depth),
            Kind::List(_) => "[]".to_owned(),
            Kind::Map(_) => "{}".to_owned(),
            _ => return None,
        };
        Some(value)
    }

    /// The objects of the group, each as far as it has what an entry needs.
    fn list(&mut self, table: &'static Table, listed: &[(&str, &Members)], depth: u8) -> String {
        let mut entries = Vec::new();
        for (name, members) in listed {
            // An object that has nothing of an entry is one of another kind.
            let names = table.fields.iter().any(|field| members.contains_key(field.wire));
            if names && depth < DEPTH {
                let mut entry = Answer {
                    now: self.now,
                    ids: self.ids,
                    sources: vec![members],
                    made: Members::new(),
                    is_answer: false,
                    made_for: Vec::new(),
                };
                // The entry's own ids are told like those of an answer.
                entries.push(entry.message(table, &[], 0));
                self.made_for.push(((*name).to_owned(), entry.made));
            }
        }
        format!("[{}]", entries.join(","))
    }
}

/// Whether a JSON text has the shape of a member.
fn fits(value: &str, kind: &Kind) -> bool {
    let Some(first) = value.bytes().next() else { return false };
    match kind {
        Kind::Text | Kind::DateTime => first == b'"',
        Kind::Word(words) => first == b'"' && words.iter().any(|word| value.trim_matches('"') == *word),
        Kind::Decimal => first == b'"' || first.is_ascii_digit(),
        Kind::Integer => first.is_ascii_digit() && value.bytes().all(|byte| byte.is_ascii_digit()),
        Kind::Boolean => value == "true" || value == "false",
        Kind::Any => true,
        Kind::Message(_) | Kind::Map(_) => first == b'{',
        Kind::List(_) => first == b'[',
        _ => false,
    }
}
