use core::fmt::Write as _;

use crate::reconcile::{Difference, Totals};

/// The head of [`to_csv`]'s lines.
const HEAD: &str =
    "outcome,kind,request id,transaction id,our amount,our currency,their amount,their currency,place\n";

/// Differences as CSV that no spreadsheet takes for formulas: a cell that begins like one gets an apostrophe in
/// front.
#[must_use]
pub fn to_csv<'a>(differences: impl IntoIterator<Item = &'a Difference>) -> String {
    let mut text = String::from(HEAD);
    for difference in differences {
        for (at, cell) in cells(difference).iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            text.push_str(&quoted(cell));
        }
        text.push('\n');
    }
    text
}

fn cells(difference: &Difference) -> [String; 9] {
    let (ours, theirs) = (difference.ours.as_ref(), difference.theirs.as_ref());
    let kind = theirs.map(|row| row.kind.clone()).or_else(|| ours.map(|ours| format!("{:?}", ours.kind)));
    let request =
        ours.map(|ours| ours.request_id.clone()).or_else(|| theirs.map(|row| row.request_id.clone()));
    let id = theirs
        .map(|row| row.transaction_id.clone())
        .or_else(|| ours.and_then(|ours| ours.transaction_id.clone()));
    [
        difference.outcome.word().to_owned(),
        kind.unwrap_or_default(),
        request.unwrap_or_default(),
        id.unwrap_or_default(),
        ours.map(|ours| ours.amount.to_string()).unwrap_or_default(),
        ours.map(|ours| ours.currency.clone()).unwrap_or_default(),
        theirs.and_then(|row| row.amount).map(|amount| amount.to_string()).unwrap_or_default(),
        theirs.map(|row| row.currency.clone()).unwrap_or_default(),
        theirs.map(|row| format!("{}:{}", row.place.0, row.place.1)).unwrap_or_default(),
    ]
}

fn quoted(cell: &str) -> String {
    // A signed number is a number; anything else that begins so may be run by a spreadsheet.
    let number = crate::Decimal::parse(cell).is_some();
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !number { "'" } else { "" };
    let cell = format!("{guard}{cell}");
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

/// A page for people: counts, sums by currency, and what needs a look. Everything from outside is escaped.
#[must_use]
pub fn to_html(title: &str, totals: &Totals, differences: &[Difference]) -> String {
    let mut page = String::new();
    // Writing to a text cannot fail.
    let _ = write!(
        page,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{0}</title><style>body{{font:16px system-ui;margin:2rem;max-width:70rem}}\
         table{{border-collapse:collapse;margin:1rem 0}}th,td{{text-align:left;padding:.3rem .8rem;border-bottom:1px solid #ccc}}\
         .look{{color:#a30000}}</style><h1>{0}</h1>",
        escaped(title)
    );
    let verdict =
        if totals.needs_a_person() { "Somebody has to look at this." } else { "Nothing is left over." };
    let _ = write!(page, "<p>{verdict}</p><table><tr><th>Outcome<th>Rows");
    for (outcome, count) in &totals.counts {
        let class = if outcome.needs_a_person() { " class=look" } else { "" };
        let _ = write!(page, "<tr{class}><td>{}<td>{count}", outcome.word());
    }
    page.push_str("</table><table><tr><th>Currency<th>Matched: taken less refunded");
    for (currency, sum) in &totals.matched {
        let _ = write!(page, "<tr><td>{}<td>{sum}", escaped(currency));
    }
    page.push_str("</table>");
    let looks: Vec<&Difference> = differences.iter().filter(|row| row.outcome.needs_a_person()).collect();
    if !looks.is_empty() {
        page.push_str("<table><tr>");
        for name in HEAD.trim_end().split(',') {
            let _ = write!(page, "<th>{name}");
        }
        for difference in looks {
            page.push_str("<tr>");
            for cell in cells(difference) {
                let _ = write!(page, "<td>{}", escaped(&cell));
            }
        }
        page.push_str("</table>");
    }
    page.push_str("</html>\n");
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
