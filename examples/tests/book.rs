//! The book says what the code does: the guides' excerpts are out of the programs that are played.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use antom::core::call::{SendOptions, Window};
use antom::core::codec::Limits;
use antom::core::exchange::Policy;
use antom::core::flow::payment::{Capture, Plan, Product};
use antom::core::flow::token::{CODE_LIFE, CODE_WAIT, REFRESH_AHEAD};
use antom::core::signature::{KeyVersion, MAX_GATEWAY_KEYS, MAX_HEADER_LEN, MAX_KEY_BITS, MIN_KEY_BITS};
use antom::shop::worker::Pace;
use antom::store::StoreClock;
use antom::webhook::{Freshness, Receiver};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// The blocks of a page that are fenced as Rust.
fn excerpts(page: &str) -> Vec<Vec<&str>> {
    let (mut blocks, mut open) = (Vec::new(), None::<Vec<&str>>);
    for line in page.lines() {
        match &mut open {
            Some(block) if line.trim() == "```" => {
                blocks.push(std::mem::take(block));
                open = None;
            }
            Some(block) => block.push(line),
            None if line.starts_with("```rust") => open = Some(Vec::new()),
            None => {}
        }
    }
    blocks
}

/// The lines without indentation, blank ones left out.
fn bare<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    lines.into_iter().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// The name of the program that a guide is built around: the first that it links to.
fn program(page: &str) -> &str {
    let (_, rest) = page.split_once("examples/src/bin/").unwrap();
    rest.split_once(".rs").unwrap().0
}

#[test]
fn the_guides_excerpts_are_out_of_their_programs() {
    let mut guides: Vec<_> =
        fs::read_dir(docs().join("guides")).unwrap().map(|file| file.unwrap().path()).collect();
    guides.sort();
    assert_eq!(guides.len(), 4, "{guides:?}");
    for guide in guides {
        let page = fs::read_to_string(&guide).unwrap();
        let name = program(&page);
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/bin/{name}.rs"));
        let source = fs::read_to_string(source).unwrap();
        let code = bare(source.lines());
        let excerpts = excerpts(&page);
        assert!(excerpts.len() >= 5, "{}: {} excerpts", guide.display(), excerpts.len());
        for excerpt in excerpts {
            let lines = bare(excerpt.iter().copied());
            assert!(
                code.windows(lines.len()).any(|window| window == lines),
                "{}: this is not in {name}.rs:\n{}",
                guide.display(),
                excerpt.join("\n")
            );
        }
        assert!(page.contains(&format!("cargo run -p antom-examples --bin {name}")), "{}", guide.display());
    }
}

/// Generated pages, lists, notes on decisions, and the two that tell of a program instead of teaching.
const NO_LESSON: [&str; 7] = [
    "SUMMARY.md",
    "index.md",
    "coverage.md",
    "dependencies.md",
    "0001-codec.md",
    "sandbox.md",
    "performance.md",
];

#[test]
fn every_page_begins_with_what_its_reader_will_be_able_to_do() {
    let (mut paths, mut lessons) = (vec![docs()], 0);
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.ends_with(".md") || NO_LESSON.contains(&name) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let mut lines = text.lines().filter(|line| !line.is_empty());
        assert!(lines.next().unwrap().starts_with("# "), "{name} has no title");
        assert!(lines.next().unwrap().starts_with("After this page "), "{name} does not say what it is for");
        lessons += 1;
    }
    assert!(lessons >= 20, "{lessons} pages");
}

/// What holds a row of docs/defaults.md against the code.
enum Held {
    /// What can be seen from outside.
    Is(bool),
    /// A line of a source file, for what cannot.
    Line(&'static str, &'static str),
}

use Held::{Is, Line};

const TIMING: &str = "antom-core/src/flow/timing.rs";
const WORKER: &str = "antom-core/src/flow/worker.rs";
const FACTS: &str = "antom-core/src/flow/payment/facts.rs";
const BUILDER: &str = "antom-transport/src/backend/builder.rs";
const SQLITE: &str = "antom-store/src/sqlite/mod.rs";
const POSTGRES: &str = "antom-store/src/postgres/config.rs";

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

const fn hours(hours: u64) -> Duration {
    minutes(hours * 60)
}

/// Name and value of every row, and what holds them.
fn defaults() -> Vec<(&'static str, &'static str, Held)> {
    let (policy, send, pace) = (Policy::DEFAULT, SendOptions::DEFAULT, Pace::default());
    let plan = Plan::default();
    let all_but_token = [Product::InStore, Product::Cashier, Product::Card { capture: Capture::Manual }];
    vec![
        ("sends of one request", "3", Is(policy.max_sends == 3)),
        ("time for a call", "60 s", Is(policy.deadline == seconds(60))),
        ("first wait between sends", "0.5 s", Is(policy.first_wait == Duration::from_millis(500))),
        ("longest wait between sends", "8 s", Is(policy.longest_wait == seconds(8))),
        ("to connect", "10 s", Is(send.connect == seconds(10) && policy.send == send)),
        ("between two reads", "15 s", Is(send.read == seconds(15))),
        ("for one send in all", "30 s", Is(send.total == seconds(30))),
        ("longest answer", "16 MiB", Is(Limits::ANSWER.max_bytes == 16 << 20 && send.max_answer == 16 << 20)),
        (
            "nesting of a document",
            "64 levels",
            Is(Limits::ANSWER.max_depth == 64 && Limits::NOTIFICATION.max_depth == 64),
        ),
        ("clocks may differ by", "5 min", Is(Window::DEFAULT.skew == minutes(5))),
        ("connections kept idle", "64", Line(BUILDER, "max_idle: 64,")),
        ("an idle connection is closed after", "60 s", Line(BUILDER, "idle: Duration::from_secs(60),")),
        ("how old a delivery may be", "26 h", Is(Freshness::DEFAULT.past == hours(26))),
        ("how far ahead its time may be", "5 min", Is(Freshness::DEFAULT.future == minutes(5))),
        ("longest notification", "1 MiB", Is(Limits::NOTIFICATION.max_bytes == 1 << 20)),
        ("time for a body", "10 s", Is(Receiver::BODY_DEADLINE == seconds(10))),
        ("longest signature header", "8 KiB", Is(MAX_HEADER_LEN == 8 << 10)),
        (
            "a payment is open for",
            "14 min",
            Is(all_but_token.iter().all(|product| product.expiry() == minutes(14))),
        ),
        ("a payment by token is open for", "1 min", Is(Product::Tokenised.expiry() == minutes(1))),
        (
            "a bank transfer is open for",
            "47 h 59 min",
            Is(Product::Cashier.expiry_for("BANKTRANSFER_BNI") == hours(48) - minutes(1)),
        ),
        ("sends of one pay request by workers", "5", Line(FACTS, "const MOST_SENDS: u32 = 5;")),
        (
            "a pay request is not sent again",
            "5 s before its expiry",
            Line(FACTS, "const TOO_LATE: Duration = Duration::from_secs(5);"),
        ),
        (
            "first look after pay without an answer, at a counter",
            "5 s",
            Line(TIMING, "Product::InStore => Duration::from_secs(5),"),
        ),
        (
            "first look after pay without an answer, elsewhere",
            "15 s",
            Line(TIMING, "_ => Duration::from_secs(15),"),
        ),
        (
            "inquiries at a counter",
            "after 5 s, then every 3 s, 20 times",
            Line(TIMING, "Product::InStore => (5, 3, 20),"),
        ),
        (
            "inquiries about a token's payment",
            "after 60 s, then every 15 s, 20 times",
            Line(TIMING, "Product::Tokenised => (60, 15, 20),"),
        ),
        (
            "inquiries about a page",
            "after 60 s, then every 60 s, 15 times",
            Line(TIMING, "Product::Cashier => (60, 60, 15),"),
        ),
        (
            "inquiries about a card",
            "after 60 s, then every 30 s, 20 times",
            Line(TIMING, "Product::Card { .. } => (60, 30, 20),"),
        ),
        (
            "the longest wait between looks",
            "1 h",
            Line(TIMING, "const LONGEST: Duration = Duration::from_secs(3600);"),
        ),
        ("a card order is shipped", "when captured", Is(!plan.ship_on_authorisation)),
        (
            "a reservation lasts",
            "7 days",
            Line(TIMING, "const AUTHORISATION_LASTS: Duration = Duration::from_secs(7 * 24 * 3600);"),
        ),
        (
            "the reminder to capture comes",
            "24 h before",
            Line(TIMING, "const CAPTURE_REMINDER: Duration = Duration::from_secs(24 * 3600);"),
        ),
        (
            "the reminder to defend a dispute comes",
            "24 h before",
            Line(
                "antom-core/src/flow/payment/disputes.rs",
                "const REMINDER: Duration = Duration::from_secs(24 * 3600);",
            ),
        ),
        (
            "a success after a cancel is watched",
            "24 looks, one an hour",
            Line(
                TIMING,
                "const WATCH_LOOKS: u32 = 24;\n/// The wait between those looks.\npub(crate) const WATCH_WAIT: Duration = Duration::from_secs(3600);",
            ),
        ),
        (
            "an order nobody can settle is reported",
            "24 h after its expiry",
            Line(
                "antom-core/src/flow/payment/tick.rs",
                "const REPORT_AFTER: Duration = Duration::from_secs(24 * 3600);",
            ),
        ),
        ("an authorization waits for its code", "15 min", Is(CODE_WAIT == minutes(15))),
        ("a code is traded within", "1 min", Is(CODE_LIFE == minutes(1))),
        ("a token is refreshed", "10 days before its end", Is(REFRESH_AHEAD == hours(240))),
        (
            "a refused refresh is tried again",
            "24 h later",
            Line(
                "antom-core/src/flow/token/facts.rs",
                "const REFUSED_WAIT: Duration = Duration::from_secs(24 * 3600);",
            ),
        ),
        ("rows of a round", "100", Is(pace.batch == 100)),
        ("worked on at once", "16", Is(pace.at_once == 16)),
        ("a row is held for", "2 min", Is(pace.lease == minutes(2))),
        ("the wait after an empty round", "1 s", Is(pace.idle == seconds(1))),
        (
            "missed notifications are fetched",
            "every 5 min",
            Line(WORKER, "const PAUSE: Duration = Duration::from_secs(5 * 60);"),
        ),
        (
            "each fetch reaches back",
            "15 min behind the one before",
            Line(WORKER, "const OVERLAP: Duration = Duration::from_secs(15 * 60);"),
        ),
        (
            "the list goes back",
            "30 days",
            Line(WORKER, "const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);"),
        ),
        (
            "an event that is not taken is reported",
            "after 10 tries",
            Line(WORKER, "const REPORT_TRIES: u32 = 10;"),
        ),
        ("the version of your key", "1", Is(KeyVersion::default() == KeyVersion::new(1))),
        ("Antom's keys at a time", "4 at most", Is(MAX_GATEWAY_KEYS == 4)),
        ("the shortest key", "2048 bits", Is(MIN_KEY_BITS == 2048)),
        ("the longest key", "8192 bits", Is(MAX_KEY_BITS == 8192)),
        ("facts that only the channel proves", "refused", Is(!plan.accept_tls)),
        ("SQLite waits for a lock", "5 s", Line(SQLITE, "busy_timeout: Duration::from_secs(5), readers: 2,")),
        ("SQLite is read by", "2 threads", Line(SQLITE, "readers: 2,")),
        ("connections to PostgreSQL", "8", Line(POSTGRES, "connections: 8,")),
        ("the wait for one of them", "5 s", Line(POSTGRES, "patience: Duration::from_secs(5),")),
        ("leases go by", "the database's clock", Is(StoreClock::default() == StoreClock::Database)),
    ]
}

#[test]
fn the_defaults_are_what_their_page_says() {
    let page = fs::read_to_string(docs().join("defaults.md")).unwrap();
    let rows = page
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .map(|row| row.split(" | ").collect::<Vec<_>>());
    let mut told: BTreeMap<&str, &str> = rows
        .filter(|cells| !matches!(cells[0], "default" | "---"))
        .map(|cells| (cells[0], cells[1]))
        .collect();
    for (name, value, held) in defaults() {
        assert_eq!(told.remove(name), Some(value), "{name}: the page says something else");
        match held {
            Is(is) => assert!(is, "{name}: the code says something else than {value}"),
            Line(file, line) => {
                let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates").join(file);
                let source = fs::read_to_string(source).unwrap();
                assert!(source.contains(line), "{name}: {file} no longer says `{line}`");
            }
        }
    }
    assert!(told.is_empty(), "rows that nothing holds: {told:?}");
}

/// Pages beside the guides, and the sources that their excerpts are out of. `webhooks.md` is compiled as it stands.
const OUT_OF: [(&str, &str); 2] =
    [("testing.md", "examples/src/play.rs"), ("outcomes.md", "crates/antom/src/guide/outcomes.rs")];

#[test]
fn excerpts_of_other_pages_are_out_of_what_is_compiled() {
    for (page, source) in OUT_OF {
        let text = fs::read_to_string(docs().join(page)).unwrap();
        let source = fs::read_to_string(docs().join("..").join(source)).unwrap();
        let code = bare(source.lines().map(|line| line.trim().trim_start_matches("//!")));
        let excerpts = excerpts(&text);
        assert!(!excerpts.is_empty(), "{page} shows nothing");
        for excerpt in excerpts {
            let lines = bare(excerpt.iter().copied());
            assert!(
                code.windows(lines.len()).any(|window| window == lines),
                "{page}:\n{}",
                excerpt.join("\n")
            );
        }
    }
}
