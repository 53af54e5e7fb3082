use core::fmt;

use super::{DynMessage, Privacy, View};

/// `Debug` of every message: present members by their wire name, secret and personal values hidden.
#[doc(hidden)]
pub fn debug_message(message: &dyn DynMessage, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let table = message.table();
    let mut out = f.debug_struct(table.name);
    for (index, field) in table.fields.iter().enumerate() {
        match (message.view(index), field.privacy) {
            (View::Absent, _) => {}
            (View::Text(""), _) => drop(out.field(field.wire, &"")),
            (_, Privacy::Secret) => drop(out.field(field.wire, &format_args!("[secret]"))),
            (_, Privacy::Personal) => drop(out.field(field.wire, &format_args!("[personal]"))),
            (view, Privacy::Plain) => drop(out.field(field.wire, &Shown(view))),
        }
    }
    if !message.rest().is_empty() {
        out.field("rest", message.rest());
    }
    out.finish()
}

struct Shown<'a>(View<'a>);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            View::Absent => f.write_str("absent"),
            View::Text(text) | View::Decimal(text) => fmt::Debug::fmt(text, f),
            View::Boolean(value) => fmt::Debug::fmt(&value, f),
            View::Integer(value) => fmt::Debug::fmt(&value, f),
            View::Raw(raw) => fmt::Debug::fmt(raw, f),
            View::Message(message) => debug_message(message, f),
            View::List(list) => {
                f.debug_list().entries((0..list.length()).map(|index| Shown(list.item(index)))).finish()
            }
            // Names of a map are data; which of its values are harmless is not known.
            View::Map(map) => {
                f.debug_set().entries((0..map.length()).map(|index| map.member(index).0)).finish()
            }
        }
    }
}
