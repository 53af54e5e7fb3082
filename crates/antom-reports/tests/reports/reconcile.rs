//! Rows held against records, and how it is shown.

use std::convert::Infallible;

use antom_core::time::UnixTime;
use antom_reports::{
    Decimal, Difference, Ours, OursKind, Outcome, ProblemKind, Span, Theirs, csv_row, reconcile, to_csv,
    to_html,
};

use crate::support::{file, kinds, ours, row, theirs};

#[test]
fn every_outcome_is_told_apart() {
    let text = file(&[
        row("PAYMENT", "T1", "PAY-1", "10.50", "EUR", "10.20", "-0.30"),
        row("PAYMENT", "T2", "PAY-2", "11.00", "EUR", "11.00", "0"),
        row("PAYMENT", "T3", "PAY-3", "10.50", "USD", "10.50", "0"),
        row("PAYMENT", "T4", "", "7.00", "EUR", "7.00", "0"),
        row("PAYMENT", "T5", "PAY-5", "10.50", "EUR", "10.50", "0"),
        row("REFUND", "T1", "PAY-1", "-2.00", "EUR", "-2.00", "0"),
        row("SETTLEMENT_FEE", "F", "", "0", "EUR", "-1.00", "0"),
        row("RESERVE", "R", "", "0", "EUR", "-1.00", "0"),
        row("DISPUTE", "T1", "", "-10.50", "EUR", "-10.50", "0"),
        row("REFUND_REVERSAL", "T1", "REF-1", "2.00", "EUR", "2.00", "0"),
        row("AUTHORIZATION", "T1", "PAY-1", "10.50", "EUR", "0", "0"),
        row("SOMETHING_NEW", "T8", "", "1.00", "EUR", "1.00", "0"),
        row("PAYMENT", "T9", "PAY-OLD-9", "3.00", "EUR", "3.00", "0"),
        row("PAYMENT", "T2", "PAY-2", "11.00", "EUR", "11.00", "0"),
        row("CAPTURE", "T9", "C9", "1.00", "EUR", "1.00", "0"),
    ]);
    let records = [
        ours(OursKind::Payment, "PAY-1", "T1", 1050, "EUR", 10),
        ours(OursKind::Payment, "PAY-2", "T2", 1050, "EUR", 10),
        ours(OursKind::Payment, "PAY-3", "T3", 1050, "EUR", 10),
        ours(OursKind::Payment, "PAY-4", "T4", 700, "EUR", 10),
        ours(OursKind::Payment, "PAY-6", "T6", 700, "EUR", 10),
        ours(OursKind::Payment, "PAY-7", "T7", 700, "EUR", 1000),
        ours(OursKind::Payment, "PAY-8", "T8", 700, "EUR", 9),
        ours(OursKind::Payment, "PAY-9", "T9", 300, "EUR", 10),
        ours(OursKind::Capture, "CAP-9", "C9", 100, "EUR", 10),
        ours(OursKind::Refund, "PAY-1", "R1", 200, "EUR", 10),
    ];
    let mut told = Vec::new();
    let span = Span { from: Some(UnixTime::from_secs(10)), until: Some(UnixTime::from_secs(100)) };
    let totals = reconcile(theirs(&text), records, span, |row| told.push(row)).unwrap();
    let count = |outcome| totals.counts.get(&outcome).copied().unwrap_or(0);
    for (outcome, number) in [
        (Outcome::Matched, 4),
        (Outcome::IdDiffers, 1),
        (Outcome::Repeated, 1),
        (Outcome::Early, 1),
        (Outcome::AmountDiffers, 1),
        (Outcome::CurrencyDiffers, 1),
        (Outcome::OnlyOurs, 1),
        (Outcome::Late, 1),
        (Outcome::OnlyTheirs, 1),
        (Outcome::FeeOnly, 1),
        (Outcome::Reserve, 1),
        (Outcome::Dispute, 1),
        (Outcome::Reversal, 1),
        (Outcome::NoMoney, 1),
        (Outcome::Unknown, 1),
    ] {
        assert_eq!(count(outcome), number, "{outcome:?} in {told:#?}");
    }
    assert_eq!(
        totals.currencies.get("EUR").map(|sums| sums.matched),
        Some(Decimal::new(1650, 2)),
        "taken less refunded"
    );
    assert!(totals.needs_a_person());
    let csv = to_csv(&told);
    assert_eq!(csv.lines().count(), told.len() + 1);
    let page = to_html("March <1st>", &totals, &told);
    assert!(page.contains("March &lt;1st&gt;") && page.contains("Somebody has to look"), "{page}");
    // By currency: ours, theirs, the difference, what matched; then what differs, by what it is and of which kind.
    assert!(
        page.contains("<th scope=row>USD<td class=n>0<td class=n>10.50<td class=\"n look\">10.50"),
        "{page}"
    );
    for group in ["Amount differs: PAYMENT (1)", "Only ours: PAYMENT (1)", "Reversal: REFUND_REVERSAL (1)"] {
        assert!(page.contains(&format!("<h2>{group}</h2>")), "{group} in {page}");
    }
    assert!(!page.contains("Matched: ") && !page.contains("Late: "), "{page}");
}

#[test]
fn a_payment_of_the_other_sign_is_noticed_before_it_is_settled_and_never_matches() {
    let text = "customerId,wallet,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
transactionCurrency\nC,W,PAYMENT,T1,PAY-1,-10.50,EUR\n<END>\n";
    assert_eq!(kinds(text), [ProblemKind::Sign]);
    let records = [ours(OursKind::Payment, "PAY-1", "T1", 1050, "EUR", 10)];
    let totals = reconcile(theirs(text), records, Span::default(), |_| ()).unwrap();
    assert_eq!(totals.counts.get(&Outcome::AmountDiffers), Some(&1));
    let refund = file(&[row("REFUND", "T1", "REF-1", "2.00", "EUR", "2.00", "0")]);
    let records = [ours(OursKind::Refund, "REF-1", "R1", 200, "EUR", 10)];
    let totals = reconcile(theirs(&refund), records, Span::default(), |_| ()).unwrap();
    assert_eq!(totals.counts.get(&Outcome::AmountDiffers), Some(&1));
}

#[test]
fn disputes_and_what_came_back_are_held_against_what_is_known_of_them() {
    let about = |line: String, payment: &str| line.replacen(",T1,", &format!(",T1,{payment},"), 1);
    let head = "settlementBatchId,customerId,transactionType,transactionId,originalTransactionRequestId,\
                transactionRequestId,transactionAmountValue,transactionCurrency,quoteCurrencyPair,quotePrice,\
                settlementAmountValue,settlementCurrency,processingFeeAmountValue,processingFeeCurrency,\
                transactionCompletionTime,settlementInitiatedDate,newColumn\n";
    let lines = [
        about(row("DISPUTE", "T1", "", "-10.50", "EUR", "-10.50", "0"), "PAY-1"),
        about(row("DISPUTE_REVERSAL", "T1", "", "10.50", "EUR", "10.50", "0"), "PAY-1"),
        about(row("DISPUTE", "T1", "", "-10.50", "EUR", "-10.50", "0"), "PAY-1"),
        about(row("DISPUTE", "T1", "", "-7.00", "EUR", "-7.00", "0"), "PAY-2"),
        about(row("REFUND_REVERSAL", "T1", "REF-1", "2.00", "EUR", "2.00", "0"), "PAY-1"),
        about(row("RAPID_DISPUTE_RESOLUTION", "T1", "", "-1.00", "EUR", "-1.00", "0"), "PAY-1"),
    ];
    let text = format!("{head}{}<END>\n", lines.concat());
    let known = |kind, request: &str, minor| {
        ours(kind, request, "T1", minor, "EUR", 10).map(|ours| Ours { may_be_absent: true, ..ours })
    };
    let records = [
        known(OursKind::Refund, "REF-0", 100),
        // Disputed twice, won once.
        known(OursKind::Dispute, "PAY-1", 1050),
        known(OursKind::Dispute, "PAY-1", 1050),
        known(OursKind::DisputeReversal, "PAY-1", 1050),
        known(OursKind::RefundReversal, "REF-1", 200),
    ];
    let totals = reconcile(theirs(&text), records, Span::default(), |_| ()).unwrap();
    // PAY-2's dispute and the early settlement are news; the refund that came back earlier is not missed.
    assert_eq!(totals.counts, [(Outcome::Matched, 4), (Outcome::Dispute, 2)].into());
}

#[test]
fn only_what_succeeded_is_held_against_money_that_moved() {
    let line = |id: u8, status: &str| format!("C,W,PAYMENT,T{id},PAY-{id},10.50,EUR,{status}\n");
    let text = [
        "customerId,wallet,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
         transactionCurrency,status\n"
            .to_owned(),
        line(1, "SUCCESS"),
        line(2, "FAIL"),
        line(3, "PROCESSING"),
        line(4, "A_NEW_STATUS"),
        "<END>\n".to_owned(),
    ]
    .concat();
    let records = [
        ours(OursKind::Payment, "PAY-1", "T1", 1050, "EUR", 10),
        ours(OursKind::Payment, "PAY-2", "T2", 1050, "EUR", 10),
    ];
    let totals = reconcile(theirs(&text), records, Span::default(), |_| ()).unwrap();
    let expected =
        [(Outcome::Matched, 1), (Outcome::OnlyOurs, 1), (Outcome::NoMoney, 2), (Outcome::Unknown, 1)];
    assert_eq!(totals.counts, expected.into());
    assert_eq!(totals.currencies.get("EUR").map(|sums| sums.theirs), Some(Decimal::new(1050, 2)));
}

#[test]
fn a_page_stays_readable_and_says_what_it_leaves_out() {
    let rows = (0..6000).map(|at| Theirs::new("PAYMENT", &format!("P{at}"), "", None, "EUR")).collect();
    let mut told = Vec::new();
    let none: [Result<Ours, Infallible>; 0] = [];
    let totals = reconcile(rows, none, Span::default(), |row| told.push(row)).unwrap();
    let page = to_html("t", &totals, &told);
    assert!(page.contains("Only theirs: PAYMENT (6000)") && page.contains("1000 more are not shown"));
    assert_eq!(page.matches("<tr><td class=i>P").count(), 5000);
    assert_eq!(told.iter().map(csv_row).filter(|row| row.starts_with("only theirs,PAYMENT,P")).count(), 6000);
}

#[test]
fn results_run_nothing_in_a_spreadsheet_or_a_browser() {
    let evil = row("PAYMENT", "@SUM(A1)", "=cmd|' /C calc'!A0", "-10.50", "EUR", "-10.50", "0");
    let mut told = Vec::new();
    let none: [Result<Ours, Infallible>; 0] = [];
    let totals = reconcile(theirs(&file(&[evil])), none, Span::default(), |row| told.push(row)).unwrap();
    let csv = to_csv(&told);
    let line = csv.lines().nth(1).unwrap();
    assert!(line.contains(",'=cmd|") && line.contains(",'@SUM(A1),") && line.contains(",-10.50,"), "{line}");
    // Whatever a spreadsheet looks past before it finds a formula.
    for begin in ["+1+1", "-1+1", "\t=1", " =1", "\u{feff}=1", "\u{ff1d}1"] {
        let row = Theirs::new("PAYMENT", begin, "", None, "EUR");
        let line = csv_row(&Difference { outcome: Outcome::OnlyTheirs, ours: None, theirs: Some(row) });
        assert!(line.contains(&format!("'{begin}")), "{line}");
    }
    let script = file(&[row("PAYMENT", "<script>", "PAY-1", "1.00", "EUR", "1.00", "0")]);
    let mut told = Vec::new();
    let none: [Result<Ours, Infallible>; 0] = [];
    reconcile(theirs(&script), none, Span::default(), |row| told.push(row)).unwrap();
    assert!(!to_html("t", &totals, &told).contains("<script"));
}
