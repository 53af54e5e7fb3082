//! The guides of the book and the programs that they are about.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is not as it should be")]

use std::fs;
use std::path::Path;

/// The lines of each block of Rust, trimmed.
fn blocks(page: &str) -> Vec<Vec<&str>> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line == "```rust" {
            blocks.push(lines.by_ref().take_while(|line| *line != "```").map(str::trim).collect());
        }
    }
    blocks
}

/// The program that a page is about.
fn program(page: &str) -> &str {
    let start = page.find("--bin guide_").unwrap() + "--bin ".len();
    page[start..].split_whitespace().next().unwrap()
}

#[test]
fn what_a_guide_shows_is_in_its_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for entry in fs::read_dir(root.join("../docs/guides")).unwrap() {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        let source = root.join(format!("src/bin/{}.rs", program(&page)));
        let source =
            fs::read_to_string(&source).unwrap_or_else(|error| panic!("{}: {error}", source.display()));
        let lines: Vec<&str> = source.lines().map(str::trim).collect();
        let blocks = blocks(&page);
        assert!(blocks.len() >= 2, "{}: {} excerpts", path.display(), blocks.len());
        for block in blocks {
            let there = lines.windows(block.len()).any(|window| window == block);
            assert!(there, "{}: this is not in its program:\n{}", path.display(), block.join("\n"));
        }
        seen += 1;
    }
    assert_eq!(seen, 4, "one guide for each system");
}

#[test]
fn the_defaults_are_what_the_page_says() {
    use antom::core::call::{SendOptions, Window};
    use antom::core::codec::Limits;
    use antom::core::exchange::Policy;
    use antom::core::flow::payment::Product;
    use antom::core::flow::token::{CODE_LIFE, CODE_WAIT, REFRESH_AHEAD};
    use antom::core::signature::MAX_GATEWAY_KEYS;
    use antom::shop::worker::Pace;
    use antom::webhook::{Freshness, Receiver};

    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/defaults.md")).unwrap();
    let (policy, send, pace) = (Policy::DEFAULT, SendOptions::DEFAULT, Pace::default());
    let minutes = |time: std::time::Duration| time.as_secs() / 60;
    let rows = [
        format!("| sends of one request | {} |", policy.max_sends),
        format!("| time for a call | {} s |", policy.deadline.as_secs()),
        format!(
            "| waits between sends | 0.{} s, doubling to {} s,",
            policy.first_wait.as_millis() / 100,
            policy.longest_wait.as_secs()
        ),
        format!(
            "| to connect, between reads, in all | {} s, {} s, {} s |",
            send.connect.as_secs(),
            send.read.as_secs(),
            send.total.as_secs()
        ),
        format!("| longest answer | {} MiB |", Limits::ANSWER.max_bytes >> 20),
        format!("| nesting | {} levels |", Limits::ANSWER.max_depth),
        format!("| clocks may differ by | {} min |", minutes(Window::DEFAULT.skew)),
        format!(
            "| freshness | {} h back, {} min ahead |",
            minutes(Freshness::DEFAULT.past) / 60,
            minutes(Freshness::DEFAULT.future)
        ),
        format!("| longest body | {} MiB |", Limits::NOTIFICATION.max_bytes >> 20),
        format!("| time for a body | {} s |", Receiver::BODY_DEADLINE.as_secs()),
        format!(
            "| a payment is open | {} min; by token {} min; bank transfers {} h less a minute |",
            minutes(Product::Cashier.expiry()),
            minutes(Product::Tokenised.expiry()),
            minutes(Product::Cashier.expiry_for("BANKTRANSFER_BNI")) / 60 + 1
        ),
        format!("| an authorization waits for its code | {} min |", minutes(CODE_WAIT)),
        format!("| a code is traded within | {} min |", minutes(CODE_LIFE)),
        format!("| a token is refreshed | {} days before its end,", minutes(REFRESH_AHEAD) / 60 / 24),
        format!(
            "| a worker's round | {} rows, {} at once, held for {} min, {} s idle |",
            pace.batch,
            pace.at_once,
            minutes(pace.lease),
            pace.idle.as_secs()
        ),
        format!("| Antom's keys at a time | {MAX_GATEWAY_KEYS} at most |"),
    ];
    for row in rows {
        assert!(page.contains(&row), "docs/defaults.md does not say: {row}");
    }
}
