//! Runs the command and reads what it prints.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

pub(crate) fn lint(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_antom-dev"))
        .arg("lint")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // Beside the reading, so that neither side waits for the other.
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

pub(crate) fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

/// The reports of a batch, which could be judged as a whole.
pub(crate) fn batch(lines: &str) -> Vec<Value> {
    let output = lint(&["--batch", "-", "--json"], lines);
    let reports = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    reports
}

pub(crate) fn one(api: &str, kind: &str, doc: &str) -> Value {
    let line = format!(r#"{{"id":"x","api":"{api}","kind":"{kind}","doc":{}}}"#, doc.replace('\n', " "));
    let mut reports = batch(&line);
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

/// Pointer and kind of each problem.
pub(crate) fn problems(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(&one["pointer"]), text(&one["kind"])))
        .collect()
}

pub(crate) fn expect(report: &Value, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> =
        expected.iter().map(|(pointer, kind)| ((*pointer).to_owned(), (*kind).to_owned())).collect();
    assert_eq!(problems(report), expected, "{report}");
}

pub(crate) fn assert_clean(report: &Value) {
    assert_eq!(report["parsed"], json!(true), "{report}");
    for list in ["lost", "unknown", "problems"] {
        assert_eq!(report[list], json!([]), "{report}");
    }
}
