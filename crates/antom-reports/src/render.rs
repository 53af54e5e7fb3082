use core::fmt::Write as _;
use std::collections::BTreeMap;

use crate::decimal::Decimal;
use crate::outcome::{Difference, Outcome, Totals};
use crate::theirs::Theirs;

/// The head of the lines that [`csv_row`] makes.
pub const CSV_HEAD: &str =
    "outcome,kind,request id,transaction id,our amount,our currency,their amount,their currency,place\n";

/// The most lines of a page: it is for reading. The CSV has them all.
const SHOWN: usize = 5000;

/// A difference as a line of CSV, with its end, for writing them one by one. No spreadsheet takes it for a
/// formula: a cell that begins like one gets an apostrophe in front.
///
/// ```
/// use antom_reports::{Decimal, Difference, Outcome, Theirs, csv_row};
///
/// let found = Difference {
///     outcome: Outcome::OnlyTheirs,
///     ours: None,
///     theirs: Some(Theirs::new("PAYMENT", "PAY-1", "T1", Some(Decimal::new(1050, 2)), "EUR")),
/// };
/// assert!(csv_row(&found).starts_with("only theirs,PAYMENT,PAY-1,T1,"));
/// ```
#[must_use]
pub fn csv_row(difference: &Difference) -> String {
    let mut text = String::new();
    for (at, cell) in cells(difference).iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&quoted(cell));
    }
    text.push('\n');
    text
}

/// Differences as CSV, with a head; see [`csv_row`].
///
/// ```
/// use antom_reports::{CSV_HEAD, Decimal, Difference, Outcome, Theirs, to_csv};
///
/// let found = Difference {
///     outcome: Outcome::OnlyTheirs,
///     ours: None,
///     theirs: Some(Theirs::new("PAYMENT", "PAY-1", "T1", Some(Decimal::new(1050, 2)), "EUR")),
/// };
/// let text = to_csv([&found]);
/// assert!(text.starts_with(CSV_HEAD));
/// assert_eq!(text.lines().count(), 2);
/// ```
#[must_use]
pub fn to_csv<'a>(differences: impl IntoIterator<Item = &'a Difference>) -> String {
    let rows = differences.into_iter().map(csv_row);
    core::iter::once(CSV_HEAD.to_owned()).chain(rows).collect()
}

fn cells(difference: &Difference) -> [String; 9] {
    let (ours, theirs) = (difference.ours.as_ref(), difference.theirs.as_ref());
    let request = ours.map(|ours| ours.request_id.as_str()).or_else(|| theirs.map(|row| row.request_id()));
    let id = theirs
        .map(|row| row.transaction_id())
        .or_else(|| ours.and_then(|ours| ours.transaction_id.as_deref()));
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let number = |amount: Option<Decimal>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    [
        difference.outcome.word().to_owned(),
        kind(difference),
        text(request),
        text(id),
        number(ours.map(|ours| ours.amount)),
        text(ours.map(|ours| ours.currency.as_str())),
        number(theirs.and_then(|row| row.amount())),
        text(theirs.map(|row| row.currency())),
        theirs.filter(|row| row.line() > 0).map(place).unwrap_or_default(),
    ]
}

fn place(row: &Theirs) -> String {
    format!("{}:{}", row.file(), row.line())
}

fn kind(difference: &Difference) -> String {
    match (&difference.theirs, &difference.ours) {
        (Some(row), _) => row.kind().to_owned(),
        (None, Some(ours)) => format!("{:?}", ours.kind).to_ascii_uppercase(),
        (None, None) => String::new(),
    }
}

fn quoted(cell: &str) -> String {
    // A signed number is a number; anything else that begins so may be run by a spreadsheet, which looks past
    // blanks.
    let number = Decimal::parse(cell).is_some();
    let begin = cell.trim_start_matches([' ', '\u{a0}', '\u{feff}']);
    let formula = begin.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let guard = if formula && !number { "'" } else { "" };
    let cell = format!("{guard}{cell}");
    match cell.contains([',', ';', '"', '\t', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

/// A page for people: counts, sums by currency, and what needs a look, by what it is. Everything from outside is
/// escaped. Of more than five thousand lines the first are shown, and how many are not.
///
/// ```
/// use antom_reports::{Decimal, Difference, Outcome, Theirs, Totals, to_html};
///
/// let found = Difference {
///     outcome: Outcome::OnlyTheirs,
///     ours: None,
///     theirs: Some(Theirs::new("PAYMENT", "PAY-1", "T1", Some(Decimal::new(1050, 2)), "EUR")),
/// };
/// let page = to_html("Reconciliation of <2026-03-01>", &Totals::default(), &[found]);
/// assert!(page.contains("&lt;2026-03-01&gt;"), "nothing from outside is markup");
/// ```
#[must_use]
pub fn to_html(title: &str, totals: &Totals, differences: &[Difference]) -> String {
    let mut page = String::new();
    let _ = head(&mut page, title, totals);
    let _ = sums(&mut page, totals);
    let _ = counts(&mut page, totals);
    let _ = looks(&mut page, differences);
    page.push_str("</main></html>\n");
    page
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1c1c1e;background:#fff}\
h1{margin-bottom:0}h2{margin-top:2.5rem}table{border-collapse:collapse;width:100%}\
th,td{text-align:left;padding:.35rem .8rem;border-bottom:1px solid #ddd;vertical-align:top}\
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.i{font-family:ui-monospace,monospace;font-size:.85em;overflow-wrap:anywhere}\
.look{color:#a30000}.ok{color:#0a6b2d}.verdict{font-size:1.2rem;font-weight:600}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#161618}th,td{border-color:#444}.look{color:#ff8a80}.ok{color:#7ddc9a}}";

fn head(page: &mut String, title: &str, totals: &Totals) -> core::fmt::Result {
    let title = escaped(title);
    let looks: u64 =
        totals.counts.iter().filter(|(outcome, _)| outcome.needs_a_person()).map(|(_, count)| count).sum();
    write!(
        page,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style><main><h1>{title}</h1>"
    )?;
    match looks {
        0 => write!(page, "<p class=\"verdict ok\">Nothing is left over."),
        _ => write!(
            page,
            "<p class=\"verdict look\">Somebody has to look at this: {looks} of the lines below."
        ),
    }
}

fn sums(page: &mut String, totals: &Totals) -> core::fmt::Result {
    page.push_str(
        "<h2>By currency</h2><p>Payments, captures and what came back, less refunds and disputes, before fees.<table><tr><th>Currency<th class=n>Ours\
         <th class=n>Theirs<th class=n>Difference<th class=n>Matched",
    );
    for (currency, sums) in &totals.currencies {
        let difference = sums.theirs.minus(sums.ours);
        let class = if difference.is_zero() { "n" } else { "\"n look\"" };
        write!(
            page,
            "<tr><th scope=row>{}<td class=n>{}<td class=n>{}<td class={class}>{difference}<td class=n>{}",
            escaped(currency),
            sums.ours,
            sums.theirs,
            sums.matched
        )?;
    }
    page.push_str("</table>");
    Ok(())
}

fn counts(page: &mut String, totals: &Totals) -> core::fmt::Result {
    page.push_str("<h2>By outcome</h2><table><tr><th>Outcome<th class=n>Lines<th>What it says");
    for (outcome, count) in &totals.counts {
        let class = if outcome.needs_a_person() { " class=look" } else { "" };
        write!(page, "<tr{class}><th scope=row>{}<td class=n>{count}<td>{}", outcome.word(), says(*outcome))?;
    }
    page.push_str("</table>");
    Ok(())
}

/// What needs a look, a table for each outcome and kind.
fn looks(page: &mut String, differences: &[Difference]) -> core::fmt::Result {
    let mut groups: BTreeMap<(Outcome, String), Vec<&Difference>> = BTreeMap::new();
    for difference in differences.iter().filter(|row| row.outcome.needs_a_person()) {
        groups.entry((difference.outcome, kind(difference))).or_default().push(difference);
    }
    let mut left = SHOWN;
    for ((outcome, kind), rows) in groups {
        write!(page, "<h2>{}: {} ({})</h2>", capital(outcome.word()), escaped(&kind), rows.len())?;
        page.push_str(
            "<table><tr><th>Request id<th>Transaction id<th class=n>Our amount<th class=n>Their amount<th>Place",
        );
        for difference in rows.iter().take(left) {
            let [_, _, request, id, ours, our_currency, theirs, their_currency, place] =
                cells(difference).map(|cell| escaped(&cell));
            write!(
                page,
                "<tr><td class=i>{request}<td class=i>{id}<td class=n>{ours} {our_currency}\
                 <td class=n>{theirs} {their_currency}<td class=i>{place}"
            )?;
        }
        page.push_str("</table>");
        let more = rows.len().saturating_sub(left);
        if more > 0 {
            write!(page, "<p>{more} more are not shown; the CSV has them.")?;
        }
        left = left.saturating_sub(rows.len());
    }
    Ok(())
}

fn says(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Matched => "Both sides say the same.",
        Outcome::AmountDiffers => "The amounts differ.",
        Outcome::CurrencyDiffers => "The currencies differ.",
        Outcome::IdDiffers => "The gateway's id and the amount are the same, the request ids are not.",
        Outcome::OnlyOurs => "Money moved here, and no row is about it.",
        Outcome::Early => "It moved before the report's time: an earlier report is about it.",
        Outcome::Late => "It moved after the report's time: expect it in the next one.",
        Outcome::OnlyTheirs => "A row about nothing that is known here.",
        Outcome::Repeated => "A second row about what another row is about.",
        Outcome::FeeOnly => "A fee of the account.",
        Outcome::Reserve => "A reserve or collateral, kept back or let go.",
        Outcome::Dispute => "A dispute, or its end, of which nothing is known here.",
        Outcome::Reversal => {
            "A payment that was taken back, or a refund that bounced, of which nothing is known here."
        }
        Outcome::NoMoney => {
            "An authorization, a cancellation, or what failed or is on its way: no money moved."
        }
        Outcome::Unknown => "A kind, or a status, that this version does not know.",
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
