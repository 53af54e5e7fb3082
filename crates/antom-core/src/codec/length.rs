use super::{DynMessage, View};

/// About how long a value is as JSON: exact but for escapes, so that it can be written into memory that is
/// fetched once.
pub(super) fn length_hint(view: View<'_>) -> usize {
    match view {
        View::Absent => 4,
        View::Text(text) | View::Decimal(text) => text.len() + 2,
        View::Boolean(_) => 5,
        View::Integer(number) => number.unsigned_abs().checked_ilog10().unwrap_or_default() as usize + 2,
        View::Raw(raw) => raw.as_str().len(),
        View::Message(message) => members(message),
        View::List(list) => {
            2 + (0..list.length()).map(|index| length_hint(list.item(index)) + 1).sum::<usize>()
        }
        View::Map(map) => {
            let member = |index| {
                let (key, view) = map.member(index);
                name(key) + length_hint(view)
            };
            2 + (0..map.length()).map(member).sum::<usize>()
        }
    }
}

fn members(message: &dyn DynMessage) -> usize {
    let fields = message.table().fields.iter().enumerate();
    let typed = fields.map(|(index, field)| match message.view(index) {
        View::Absent => 0,
        view => name(field.wire) + length_hint(view),
    });
    let rest = message.rest().iter().map(|(key, value)| name(key) + value.as_str().len());
    2 + typed.sum::<usize>() + rest.sum::<usize>()
}

/// With quotes, colon and comma.
fn name(name: &str) -> usize {
    name.len() + 4
}
