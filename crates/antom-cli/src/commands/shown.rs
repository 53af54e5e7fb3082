//! JSON of the API for a person's eyes: what is secret or personal is hidden unless asked for.

use std::fmt::Write as _;

use antom::core::codec::{DecodeError, Kind, Limits, Privacy, RawJson, Reader, Table, ValueKind};

/// How a document is written out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Show {
    /// Whether secret and personal members are shown, too.
    pub(crate) reveal: bool,
    /// Whether members stand on lines of their own, and how far these are indented.
    pub(crate) indent: Option<usize>,
}

impl Show {
    /// For a person.
    pub(crate) fn lines(reveal: bool) -> Self {
        Self { reveal, indent: Some(2) }
    }

    /// For a program.
    pub(crate) fn line(reveal: bool) -> Self {
        Self { reveal, indent: None }
    }

    /// The document, a JSON text in any case: what cannot be read is described by its length.
    pub(crate) fn document(self, table: Option<&'static Table>, bytes: &[u8]) -> String {
        let mut out = String::new();
        match self.write(table, bytes, &mut out) {
            Ok(()) => out,
            Err(_) => text(&format!("[{} bytes that are no sound JSON document]", bytes.len())),
        }
    }

    fn write(self, table: Option<&'static Table>, bytes: &[u8], out: &mut String) -> Result<(), DecodeError> {
        let mut reader = Reader::new(bytes, &Limits::ANSWER)?;
        let kind = table.map_or(Shape::Unknown, Shape::Message);
        Walk { show: self, depth: 0, out }.value(&mut reader, kind)?;
        reader.end()
    }
}

/// An object with one member more, whose value is JSON text that must stay as it is.
pub(crate) fn with_raw(object: String, name: &str, raw: &str) -> String {
    let members = object.strip_suffix('}').unwrap_or(&object);
    let comma = if members.ends_with('{') { "" } else { "," };
    format!("{members}{comma}{}:{raw}}}", text(name))
}

/// A JSON string.
fn text(content: &str) -> String {
    RawJson::string(content).as_str().to_owned()
}

/// What is known about a value.
#[derive(Clone, Copy)]
enum Shape {
    Message(&'static Table),
    Known(&'static Kind),
    /// Nothing: the value may be a secret.
    Unknown,
}

struct Walk<'a> {
    show: Show,
    depth: usize,
    out: &'a mut String,
}

impl Walk<'_> {
    fn value(&mut self, reader: &mut Reader<'_>, shape: Shape) -> Result<(), DecodeError> {
        let shape = match shape {
            Shape::Known(Kind::Message(table)) => Shape::Message(table()),
            shape => shape,
        };
        match (reader.peek()?, shape) {
            (ValueKind::Object, shape) => self.object(reader, shape),
            (ValueKind::Array, Shape::Known(Kind::List(item))) => self.array(reader, Shape::Known(item)),
            (ValueKind::Array, _) => self.array(reader, Shape::Unknown),
            (_, Shape::Unknown | Shape::Known(Kind::Any)) if !self.show.reveal => {
                reader.read_raw()?;
                self.out.push_str(r#""[not known here]""#);
                Ok(())
            }
            _ => {
                let raw = reader.read_raw()?;
                // JSON forbids the control characters of ASCII but one; the others steer terminals, too.
                for c in raw.chars() {
                    match c {
                        '\u{7f}'..='\u{9f}' => {
                            // Writing to a String cannot fail.
                            let _ = write!(self.out, "\\u{:04x}", u32::from(c));
                        }
                        c => self.out.push(c),
                    }
                }
                Ok(())
            }
        }
    }

    fn object(&mut self, reader: &mut Reader<'_>, shape: Shape) -> Result<(), DecodeError> {
        reader.enter_object()?;
        let mut first = true;
        let mut opened = false;
        while let Some(name) = reader.next_key()? {
            self.open('{', &mut opened);
            self.next(&mut first);
            self.out.push_str(&text(&name));
            self.out.push_str(if self.show.indent.is_some() { ": " } else { ":" });
            let field = match shape {
                Shape::Message(table) => table.field(&name),
                _ => None,
            };
            let hidden = match field.map(|field| field.privacy) {
                _ if self.show.reveal => None,
                Some(Privacy::Secret) => Some("[secret]"),
                Some(Privacy::Personal) => Some("[personal]"),
                _ => None,
            };
            match (hidden, field) {
                (Some(hidden), _) => {
                    reader.read_raw()?;
                    self.out.push_str(&text(hidden));
                }
                // An explicit nothing tells nothing.
                (None, None) if reader.peek()? == ValueKind::Null => self.out.push_str(reader.read_raw()?),
                (None, Some(field)) => self.value(reader, Shape::Known(&field.kind))?,
                (None, None) => self.value(reader, Shape::Unknown)?,
            }
        }
        self.close("{}", opened);
        Ok(())
    }

    fn array(&mut self, reader: &mut Reader<'_>, item: Shape) -> Result<(), DecodeError> {
        reader.enter_array()?;
        let mut first = true;
        let mut opened = false;
        while reader.next_item()? {
            self.open('[', &mut opened);
            self.next(&mut first);
            self.value(reader, item)?;
        }
        self.close("[]", opened);
        Ok(())
    }

    fn open(&mut self, bracket: char, opened: &mut bool) {
        if !std::mem::replace(opened, true) {
            self.out.push(bracket);
            self.depth += 1;
        }
    }

    fn next(&mut self, first: &mut bool) {
        if !std::mem::replace(first, false) {
            self.out.push(',');
        }
        self.new_line();
    }

    fn close(&mut self, brackets: &str, opened: bool) {
        if !opened {
            return self.out.push_str(brackets);
        }
        self.depth = self.depth.saturating_sub(1);
        self.new_line();
        self.out.extend(brackets.chars().last());
    }

    fn new_line(&mut self) {
        if let Some(width) = self.show.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', width * (self.depth + 1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use antom::core::api::authorizations::ApplyTokenResponse;
    use antom::core::codec::Message as _;

    use super::Show;

    const ANSWER: &[u8] = br#"{ "result":{"resultCode":"SUCCESS","resultStatus":"S"}, "accessToken":"T0ken",
        "userLoginId":"buyer@example.com","extendInfo":"{}","novel":{"deep":["hidden",1]},"empty":{},"none":null}"#;

    #[test]
    fn what_is_secret_or_unknown_is_hidden_and_the_rest_is_kept() {
        let table = Some(ApplyTokenResponse::describe());
        let shown = Show::line(false).document(table, ANSWER);
        assert!(shown.contains(r#""resultCode":"SUCCESS""#), "{shown}");
        assert!(shown.contains(r#""accessToken":"[secret]""#), "{shown}");
        assert!(shown.contains(r#""novel":{"deep":["[not known here]","[not known here]"]}"#), "{shown}");
        assert!(shown.contains(r#""empty":{},"none":null"#), "{shown}");
        for secret in ["T0ken", "buyer@", "hidden"] {
            assert!(!shown.contains(secret), "{shown}");
            assert!(Show::line(true).document(table, ANSWER).contains(secret));
        }
        assert!(serde_json::from_str::<serde_json::Value>(&shown).is_ok());
        let lines = Show::lines(false).document(table, ANSWER);
        assert!(lines.contains("\n      \"resultCode\": \"SUCCESS\""), "{lines}");
        assert!(serde_json::from_str::<serde_json::Value>(&lines).is_ok());
    }

    #[test]
    fn without_a_type_only_the_outline_is_shown() {
        let shown = Show::line(false).document(None, br#"{"a":{"b":"secret"}}"#);
        assert_eq!(shown, r#"{"a":{"b":"[not known here]"}}"#);
        assert_eq!(
            Show::line(true).document(None, b"no json"),
            r#""[7 bytes that are no sound JSON document]""#
        );
    }
}
