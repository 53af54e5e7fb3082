//! What a document lost when only its typed value is kept.

use antom::core::codec::{DecodeError, Kind, Limits, Reader, Table, ValueKind};

/// JSON as a tree. Numbers keep their text.
#[derive(Debug, PartialEq)]
enum Tree {
    Null,
    Text(String),
    Bare(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes, &Limits::ANSWER)?;
        let tree = Self::value(&mut reader)?;
        reader.end()?;
        Ok(tree)
    }

    /// Recursion is bounded by the reader's depth limit.
    fn value(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match reader.peek()? {
            ValueKind::Null => {
                reader.take_null()?;
                Self::Null
            }
            ValueKind::String => Self::Text(reader.read_string()?.into_owned()),
            ValueKind::Boolean | ValueKind::Number => Self::Bare(reader.read_text()?.into_owned()),
            ValueKind::Array => {
                let mut items = Vec::new();
                reader.enter_array()?;
                while reader.next_item()? {
                    items.push(Self::value(reader)?);
                }
                Self::Array(items)
            }
            ValueKind::Object => {
                let mut members = Vec::new();
                reader.enter_object()?;
                while let Some(name) = reader.next_key()? {
                    members.push((name.into_owned(), Self::value(reader)?));
                }
                Self::Object(members)
            }
        })
    }

    fn scalar(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Bare(text) => Some(text),
            _ => None,
        }
    }
}

/// The pointers of what the type names and `alone`, the typed value written again, does not hold as it was.
pub(super) fn lost(table: &'static Table, document: &[u8], alone: &[u8]) -> Vec<String> {
    let mut lost = Vec::new();
    match (Tree::read(document), Tree::read(alone)) {
        (Ok(document), Ok(alone)) => object(table, &document, &alone, &mut String::new(), &mut lost),
        _ => lost.push(String::new()),
    }
    lost
}

fn object(table: &'static Table, before: &Tree, after: &Tree, pointer: &mut String, lost: &mut Vec<String>) {
    let (Tree::Object(before), Tree::Object(after)) = (before, after) else {
        return lost.push(pointer.clone());
    };
    for (name, value) in before {
        // What the type does not name is unknown, not lost.
        let Some(field) = table.field(name) else { continue };
        let mark = enter(pointer, name);
        match after.iter().find(|(kept, _)| kept == field.wire) {
            Some((_, kept)) => compare(field.kind, value, kept, pointer, lost),
            None => lost.push(pointer.clone()),
        }
        pointer.truncate(mark);
    }
}

fn compare(kind: Kind, before: &Tree, after: &Tree, pointer: &mut String, lost: &mut Vec<String>) {
    match (kind, before, after) {
        (_, Tree::Null, Tree::Null) => {}
        (Kind::Message(table), Tree::Object(_), _) => object(table(), before, after, pointer, lost),
        (Kind::List(inner), Tree::Array(items), Tree::Array(kept)) if items.len() == kept.len() => {
            for (index, (item, kept)) in items.iter().zip(kept).enumerate() {
                let mark = pointer.len();
                pointer.push_str(&format!("/{index}"));
                compare(*inner, item, kept, pointer, lost);
                pointer.truncate(mark);
            }
        }
        (Kind::Map(inner), Tree::Object(members), Tree::Object(kept)) => {
            for (name, value) in members {
                let mark = enter(pointer, name);
                match kept.iter().find(|(kept, _)| kept == name) {
                    Some((_, kept)) => compare(*inner, value, kept, pointer, lost),
                    None => lost.push(pointer.clone()),
                }
                pointer.truncate(mark);
            }
        }
        (Kind::Any, before, after) if before == after => {}
        // Whether a scalar stands in quotes does not count.
        (_, before, after) if before.scalar().is_some() && before.scalar() == after.scalar() => {}
        _ => lost.push(pointer.clone()),
    }
}

fn enter(pointer: &mut String, name: &str) -> usize {
    let mark = pointer.len();
    pointer.push('/');
    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
    mark
}
