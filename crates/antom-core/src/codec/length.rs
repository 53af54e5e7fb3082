use super::{DynMessage, View};

/// About how long a message is as JSON: exact but for escapes, so that it is written into memory that is
/// fetched once.
pub(crate) fn length_hint(message: &dyn DynMessage) -> usize {
    let table = message.table();
    let members = table.fields.iter().enumerate().map(|(index, field)| match message.view(index) {
        View::Absent => 0,
        view => name(field.wire) + value(view),
    });
    let rest = message.rest().iter().map(|(key, value)| name(key) + value.as_str().len());
    2 + members.sum::<usize>() + rest.sum::<usize>()
}

/// With quotes, colon and comma.
fn name(name: &str) -> usize {
    name.len() + 4
}

fn value(view: View<'_>) -> usize {
    match view {
        View::Absent => 4,
        View::Text(text) | View::Decimal(text) => text.len() + 2,
        View::Boolean(_) => 5,
        View::Integer(number) => number.unsigned_abs().checked_ilog10().unwrap_or_default() as usize + 2,
        View::Raw(raw) => raw.as_str().len(),
        View::Message(message) => length_hint(message),
        View::List(list) => 2 + (0..list.length()).map(|index| value(list.item(index)) + 1).sum::<usize>(),
        View::Map(map) => {
            let member = |index| {
                let (key, view) = map.member(index);
                name(key) + value(view)
            };
            2 + (0..map.length()).map(member).sum::<usize>()
        }
    }
}
