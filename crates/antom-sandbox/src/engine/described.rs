//! Every operation that has no desk of its own, answered from the description and from what it was sent.
//!
//! What a request names is kept under each id in it; what an answer needs and nobody named is made up: ids from
//! the seed, the first word of a set, now. So what was created is found again by its inquiry and its list, and
//! an update shows.

mod written;

use std::collections::BTreeMap;

use antom_core::api::catalog::{OPERATIONS, OperationEntry};
use antom_core::check::{CardMode, Context, problems};
use antom_core::codec::{Limits, Reader, ValueKind};
use antom_core::time::UnixTime;

use super::ids::Ids;
use super::kept::Kept;
use super::reply::{Done, Refusal, refuse, success};
use written::Answer;

/// The most objects of an answer's list.
const LISTED: usize = 20;

/// A group of the API. A type of its own, so that what reads it from a file does not borrow from the file.
type Group = &'static str;

/// What is known of an object: its members by name, as JSON texts.
type Members = BTreeMap<String, String>;

/// The objects of these operations.
#[derive(Debug)]
pub(super) struct Described {
    objects: Kept<Object>,
    by_id: BTreeMap<(&'static str, String), String>,
    /// How many there have ever been.
    last: u64,
}

#[derive(Debug)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Object {
    /// What names it here; the later one was begun, the later it stands in the order of names.
    name: String,
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::group"))]
    group: Group,
    members: Members,
    ids: Vec<String>,
}

/// The operation of a path below one of the families, if the API has it. Two operations may share a path; the
/// one whose request this is counts.
pub(super) fn entry(operation: &str, body: &[u8]) -> Option<&'static OperationEntry> {
    let is_meant = |entry: &&OperationEntry| {
        let path = entry.info.path;
        path.strip_suffix(operation).is_some_and(|family| family.ends_with("/v1/"))
    };
    let reads = |entry: &&OperationEntry| (entry.read_request)(body, &Limits::ANSWER).is_ok();
    OPERATIONS.iter().filter(is_meant).find(reads).or_else(|| OPERATIONS.iter().find(is_meant))
}

impl Described {
    pub(super) fn new(max: usize) -> Self {
        Self { objects: Kept::new(max), by_id: BTreeMap::new(), last: 0 }
    }

    pub(super) fn serve(
        &mut self,
        now: UnixTime,
        ids: &mut Ids,
        entry: &'static OperationEntry,
        body: &[u8],
    ) -> Result<Done, Refusal> {
        let request = match (entry.read_request)(body, &Limits::ANSWER) {
            Ok(request) => request,
            Err(error) => return refuse("PARAM_ILLEGAL", error.to_string()),
        };
        let context = Context { cards: CardMode::ServerToServer, ..Context::default() };
        if let Some(problem) = problems(&*request, context).into_iter().next() {
            return refuse("PARAM_ILLEGAL", problem.to_string());
        }
        let sent = members(body);
        let known = sent
            .iter()
            .filter(|(name, _)| is_id(name))
            .find_map(|(_, value)| self.by_id.get(&(entry.info.group, value.clone())).cloned());
        let table = (entry.response)();
        let mut answer = Answer {
            now,
            ids,
            sources: Vec::new(),
            made: Members::new(),
            is_answer: true,
            made_for: Vec::new(),
        };
        let object = known.as_ref().and_then(|name| self.objects.get(name));
        answer.sources.extend([&sent]);
        answer.sources.extend(object.map(|object| &object.members));
        let listed: Vec<(&str, &Members)> = self
            .objects
            .values()
            .rev()
            .filter(|object| object.group == entry.info.group)
            .take(LISTED)
            .map(|object| (&*object.name, &object.members))
            .collect();
        let mut text = answer.message(table, &listed, 0);
        if (entry.read_response)(text.as_bytes(), &Limits::ANSWER).is_err() {
            // Something that was sent has another shape under the same name in the answer.
            answer.sources.clear();
            text = answer.message(table, &[], 0);
        }
        let (made, made_for) = (answer.made, answer.made_for);
        for (name, made) in made_for {
            self.merge(&name, made);
        }
        self.keep(entry, known, sent, made);
        Ok(Done { body: text.into_bytes(), result: success(), changes: Vec::new() })
    }

    /// Merges what was sent and made into the object, which an operation that only reads does not make.
    fn keep(&mut self, entry: &'static OperationEntry, known: Option<String>, sent: Members, made: Members) {
        let reads = matches!(entry.info.repeat, antom_core::call::Repeat::Read);
        match (known, reads) {
            // An id that was told is the object's from then on.
            (Some(name), true) => self.merge(&name, made),
            (None, true) => {}
            (Some(name), false) => self.merge(&name, sent.into_iter().chain(made).collect()),
            (None, false) => {
                let name = self.begin(entry.info.group);
                self.merge(&name, sent.into_iter().chain(made).collect());
            }
        }
    }

    fn begin(&mut self, group: &'static str) -> String {
        self.last = self.last.saturating_add(1);
        let name = format!("{:012}", self.last);
        self.keep_object(Object { name: name.clone(), group, members: Members::new(), ids: Vec::new() });
        name
    }

    fn keep_object(&mut self, object: Object) {
        for id in &object.ids {
            self.by_id.insert((object.group, id.clone()), object.name.clone());
        }
        let name = object.name.clone();
        for gone in self.objects.insert(&name, object) {
            for id in gone.ids {
                self.by_id.remove(&(gone.group, id));
            }
        }
    }

    fn merge(&mut self, name: &str, members: Members) {
        let Some(object) = self.objects.get_mut(name) else { return };
        for (member, value) in members {
            if is_id(&member)
                && value.starts_with('"')
                && object.ids.len() < 32
                && !object.ids.contains(&value)
            {
                object.ids.push(value.clone());
                self.by_id.insert((object.group, value.clone()), name.to_owned());
            }
            object.members.insert(member, value);
        }
    }
}

/// What a file takes and gives back.
#[cfg(feature = "state-file")]
impl Described {
    pub(super) fn saved(&mut self) -> (&mut Kept<Object>, u64) {
        (&mut self.objects, self.last)
    }

    pub(super) fn restore(&mut self, object: Object) {
        self.keep_object(object);
    }

    pub(super) fn go_on_from(&mut self, last: u64) {
        self.last = last;
    }
}

/// Whether a member names an object.
fn is_id(name: &str) -> bool {
    name.ends_with("Id") || name.ends_with("No")
}

/// The members of a document, its own and those of the objects in it, as JSON texts; the outermost of a name
/// counts. Card data is left out: nothing keeps it.
fn members(body: &[u8]) -> Members {
    fn walk(reader: &mut Reader<'_>, depth: u8, found: &mut Members) -> Option<()> {
        let mut inner = Vec::new();
        reader.enter_object().ok()?;
        while let Some(key) = reader.next_key().ok()? {
            let is_object = reader.peek().ok()? == ValueKind::Object;
            let text = reader.read_raw().ok()?;
            if is_object {
                inner.push(text);
            }
            // An object or list may hold card data somewhere inside.
            let lower = match text.starts_with(['{', '[']) {
                true => format!("{key}{text}").to_ascii_lowercase(),
                false => key.to_ascii_lowercase(),
            };
            let secret = ["cardno", "cvv", "password", "pan"].iter().any(|word| lower.contains(word));
            if !secret && text.len() <= 4096 {
                found.entry(key.into_owned()).or_insert_with(|| text.to_owned());
            }
        }
        for text in inner {
            if depth > 0
                && let Ok(mut reader) = Reader::new(text.as_bytes(), &Limits::ANSWER)
            {
                walk(&mut reader, depth - 1, found);
            }
        }
        Some(())
    }
    let mut found = Members::new();
    if let Ok(mut reader) = Reader::new(body, &Limits::ANSWER) {
        walk(&mut reader, 4, &mut found);
    }
    found
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use antom_core::codec::{Demand, Field, Kind, Table};

    /// The least request that the description lets through.
    pub(crate) fn least_request(table: &'static Table) -> String {
        message(table, table.name, 0)
    }

    fn message(table: &'static Table, root: &str, depth: u8) -> String {
        let demanded = |field: &&Field| {
            field.required
                || match field.demand {
                    Demand::Always => true,
                    Demand::In(names) => names.contains(&root),
                    _ => false,
                }
        };
        let fields = table.fields.iter().filter(demanded);
        let members: Vec<_> = fields
            .map(|field| format!("\"{}\":{}", field.wire, value(field, &field.kind, root, depth)))
            .collect();
        format!("{{{}}}", members.join(","))
    }

    fn value(field: &Field, kind: &Kind, root: &str, depth: u8) -> String {
        let usual = match field.wire {
            name if name.to_ascii_lowercase().ends_with("currency") => Some("EUR"),
            "value" => Some("100"),
            "cardNo" => Some("4054695723100768"),
            "cvv" => Some("123"),
            name if name.ends_with("Region") || name.ends_with("region") || name.ends_with("ountry") => {
                Some("SG")
            }
            name if name.to_ascii_lowercase().ends_with("mcc") => Some("5411"),
            name if name.to_ascii_lowercase().ends_with("email") => Some("a@example.com"),
            name if name.to_ascii_lowercase().ends_with("url") => Some("https://shop.example/a"),
            _ => None,
        };
        match kind {
            Kind::Text | Kind::Word([]) => {
                let text = usual.unwrap_or("A-1");
                let most = if field.max == 0 { 64 } else { usize::try_from(field.max).unwrap() };
                format!("\"{}\"", text.get(..most.min(text.len())).unwrap())
            }
            Kind::Word(words) => {
                format!("\"{}\"", usual.filter(|word| words.contains(word)).unwrap_or(words[0]))
            }
            Kind::DateTime => "\"2026-03-01T10:00:00+08:00\"".into(),
            Kind::Decimal => "\"1\"".into(),
            Kind::Integer => field.min.unwrap_or(1).max(1).to_string(),
            Kind::Boolean => "true".into(),
            Kind::Message(table) if depth < 8 => message(table(), root, depth + 1),
            Kind::List(inner) => format!("[{}]", value(field, inner, root, depth + 1)),
            _ => "{}".into(),
        }
    }

    #[test]
    fn card_data_is_never_kept() {
        let found = members(br#"{"a":{"cardNo":"4054695723100768","cvv":"123","x":{"PAN":"1"}},"b":1}"#);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["b"]);
        let kept: Vec<_> = found.iter().filter(|(_, value)| value.contains("4054")).collect();
        assert!(kept.is_empty(), "{kept:?}");
    }
}
