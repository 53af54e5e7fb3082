use super::{Folder, run};

const GOOD: &str = "settlementBatchId,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
transactionCurrency,settlementAmountValue,settlementCurrency,processingFeeAmountValue,processingFeeCurrency\n\
B1,PAYMENT,T1,PAY-1,10.50,EUR,10.20,EUR,-0.30,EUR\n<END>\n";

#[test]
fn a_good_report_passes_and_a_bad_one_names_every_cell() {
    let folder = Folder::new("report-check");
    let good = folder.file("settlementItems_GCASH_EUR_B1_000.csv", GOOD);
    let passed = run(&["report", "check", &good]);
    assert_eq!((passed.code, passed.out.as_str()), (0, "1 rows, 1 batches, 0 problems\n"), "{}", passed.err);

    let bad = folder
        .file("settlementItems_GCASH_EUR_B2_001.csv", &GOOD.replace("10.50", "10.5O").replace("<END>\n", ""));
    let failed = run(&["report", "check", &bad]);
    assert_eq!(failed.code, 1);
    assert!(
        failed.out.contains(":2: ") && failed.out.contains("column transactionAmountValue"),
        "{}",
        failed.out
    );
    assert!(failed.out.contains("the file was cut off"), "{}", failed.out);
    assert!(failed.out.contains("file number 000 is missing"), "{}", failed.out);

    let json = run(&["report", "check", "--json", &bad]);
    assert_eq!(json.code, 1);
    let lines: Vec<serde_json::Value> =
        json.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["problem"], "Cell");
    assert_eq!(lines[0]["line"], 2);
    assert_eq!(lines.last().unwrap()["problems"], 3);
}

#[test]
fn files_that_cannot_be_used_are_no_findings() {
    let folder = Folder::new("report-input");
    let none = run(&["report", "check", &folder.path("none.csv")]);
    assert_eq!(none.code, 2, "{}", none.err);
    let other = folder.file("other.csv", "a,b\n1,2\n");
    let other = run(&["report", "check", &other]);
    assert_eq!(other.code, 2);
    assert!(other.err.contains("names no column of a report"), "{}", other.err);
    let old = GOOD.replace("processingFeeAmountValue,processingFeeCurrency", "feeAmountValue,feeCurrency");
    let old = folder.file("old.csv", &old);
    let asked = run(&["report", "check", &old]);
    assert_eq!(asked.code, 2);
    assert!(asked.err.contains("say which"), "{}", asked.err);
    assert_eq!(run(&["report", "check", "--amounts", "decimals", &old]).code, 0);
}

#[test]
fn rows_are_held_against_a_store() {
    let folder = Folder::new("report-reconcile");
    let store = format!("sqlite:{}", folder.path("shop.db"));
    let good = folder.file("settlementItems_GCASH_EUR_B1_000.csv", GOOD);
    let out = folder.path("out.csv");
    let alone = run(&["report", "reconcile", "--store", &store, "--out", &out, &good]);
    assert_eq!(alone.code, 1, "{}", alone.err);
    assert!(alone.out.contains("only theirs") && alone.err.contains("needs a person"), "{}", alone.out);
    let written = std::fs::read_to_string(&out).unwrap();
    assert!(written.contains("only theirs,PAYMENT,PAY-1,T1,,,10.50,EUR,"), "{written}");
    let page = folder.path("out.html");
    let span = ["--from", "2026-03-01T00:00:00+08:00", "--until", "2026-03-02T00:00:00+08:00"];
    let shown =
        run(&[&["report", "reconcile", "--store", &store, "--out", &page], &span[..], &[&good]].concat());
    assert_eq!(shown.code, 1, "{}", shown.err);
    let written = std::fs::read_to_string(&page).unwrap();
    assert!(written.contains("Only theirs: PAYMENT (1)"), "{written}");
    let wrong = run(&["report", "reconcile", "--store", &store, "--from", "yesterday", &good]);
    assert!(wrong.code == 2 && wrong.err.contains("--from"), "{}", wrong.err);
    let fees = folder.file(
        "settlementItems_GCASH_EUR_B3_000.csv",
        &GOOD.replace("PAYMENT,T1,PAY-1,10.50,EUR,10.20,EUR,-0.30", "SETTLEMENT_FEE,T1,,0,EUR,-5.00,EUR,0"),
    );
    let clean = run(&["report", "reconcile", "--json", "--store", &store, &fees]);
    assert_eq!(
        (clean.code, clean.out.as_str()),
        (0, "{\"rows\":1,\"counts\":{\"fee only\":1}}\n"),
        "{}",
        clean.err
    );
    let unknown = run(&["report", "reconcile", "--store", "mysql://a", &good]);
    assert_eq!(unknown.code, 2, "{}", unknown.err);
}
