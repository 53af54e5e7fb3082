//! Checks a request against the description: lengths of texts and lists, smallest numbers.

use antom_core::codec::{DynMessage, Field, Kind, View};

use super::reply::{Refusal, refuse};

/// Refuses the first value that the description does not allow. Texts that are only too long are named, never
/// repeated.
pub(super) fn check(message: &dyn DynMessage) -> Result<(), Refusal> {
    walk(message, "")
}

fn walk(message: &dyn DynMessage, path: &str) -> Result<(), Refusal> {
    for (index, field) in message.table().fields.iter().enumerate() {
        value(message.view(index), field, &format!("{path}/{}", field.wire))?;
    }
    Ok(())
}

fn value(view: View<'_>, field: &Field, path: &str) -> Result<(), Refusal> {
    let max = usize::try_from(field.max).unwrap_or(usize::MAX);
    let items = usize::try_from(field.items).unwrap_or(usize::MAX);
    match view {
        View::Text(text) if max > 0 && text.chars().count() > max => {
            refuse("PARAM_ILLEGAL", format!("{path}: longer than {max} characters"))
        }
        View::Text("") if field.required && !matches!(field.kind, Kind::Any) => {
            refuse("PARAM_ILLEGAL", format!("{path}: empty"))
        }
        View::Integer(number) if field.min.is_some_and(|min| number < min) => {
            refuse("PARAM_ILLEGAL", format!("{path}: too small"))
        }
        View::Message(inner) => walk(inner, path),
        View::List(list) => {
            if items > 0 && list.length() > items {
                return refuse("PARAM_ILLEGAL", format!("{path}: more than {items} elements"));
            }
            (0..list.length())
                .try_for_each(|index| value(list.item(index), field, &format!("{path}/{index}")))
        }
        _ => Ok(()),
    }
}
