//! Every backend passes every case of the conformance suite.
//!
//! `cargo test -p antom-transport --all-features --test conformance -- --nocapture` prints the table.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing)]

mod providers;
mod stack;

use std::thread;

use antom_transport::conformance::{self, Report, Settings, Verdict, Waiting};
use antom_transport::{
    HyperTransport, ReqwestTransport, SetupError, TokioSleep, TowerTransport, UreqTransport,
};

fn with_hyper(settings: &Settings) -> Result<HyperTransport, SetupError> {
    let builder = HyperTransport::builder().extra_roots(settings.extra_root.as_str());
    match &settings.proxy {
        Some(url) => builder.proxy(url.as_str()).build(),
        None => builder.no_proxy().build(),
    }
}

fn with_reqwest(settings: &Settings) -> Result<ReqwestTransport, SetupError> {
    let builder = ReqwestTransport::builder().extra_roots(settings.extra_root.as_str());
    match &settings.proxy {
        Some(url) => builder.proxy(url.as_str()).build(),
        None => builder.no_proxy().build(),
    }
}

fn with_ureq(settings: &Settings) -> Result<UreqTransport, SetupError> {
    let builder = UreqTransport::builder().extra_roots(settings.extra_root.as_str());
    match &settings.proxy {
        Some(url) => builder.proxy(url.as_str()).build(),
        None => builder.no_proxy().build(),
    }
}

fn with_tower(settings: &Settings) -> Result<TowerTransport<stack::Service, TokioSleep>, stack::BoxError> {
    Ok(TowerTransport::new(stack::service(settings)?, TokioSleep))
}

fn on_tokio() -> impl Fn(Waiting<'_>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    move |future| runtime.block_on(future)
}

/// Prints the table of docs/transports.md: case × backend.
#[test]
fn every_backend_passes_every_case() {
    let cases = conformance::cases();
    let reports = thread::scope(|scope| {
        [
            scope.spawn(|| conformance::run(cases, with_reqwest, on_tokio())),
            scope.spawn(|| conformance::run(cases, with_hyper, on_tokio())),
            scope.spawn(|| conformance::run_blocking(cases, with_ureq)),
            scope.spawn(|| conformance::run(cases, with_tower, on_tokio())),
        ]
        .map(|running| running.join().unwrap())
    });
    println!(
        "| case | the server | required | reqwest | hyper | ureq | tower |\n| --- | --- | --- | --- | --- | --- | --- |"
    );
    for (index, case) in cases.iter().enumerate() {
        let mut required: Vec<_> = case.required().map(|required| required.to_string()).collect();
        required.dedup();
        let verdicts: Vec<_> =
            reports.iter().map(|report| report.rows()[index].verdict.to_string()).collect();
        println!(
            "| {} | {} | {} | {} |",
            case.name(),
            case.about(),
            required.join("; "),
            verdicts.join(" | ")
        );
    }
    assert!(reports.iter().all(Report::is_passed), "see the table above");
    let left_out = reports.each_ref().map(|report| {
        let left_out = report.rows().iter().filter(|row| matches!(row.verdict, Verdict::Unsupported(_)));
        left_out.map(|row| row.case.name()).collect::<Vec<_>>()
    });
    // ureq has no HTTP/2, and says so.
    assert_eq!(left_out, [vec![], vec![], vec!["HTTP/2 demanded"], vec![]]);
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = conformance::cases().iter().map(|case| case.name()).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
