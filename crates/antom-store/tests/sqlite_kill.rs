//! A process that is killed before any statement of the writer leaves whole changes and nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test stops where something is not as it should be"
)]

mod support;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use antom_core::flow::payment::PaymentState;
use antom_store::{Applied, Key, KeyName, Orders as _, Outbox as _, SqliteOptions, Subject};
use support::{Folder, begin, cancel, cipher, client, sqlite};

const FILE: &str = "ANTOM_KILL_FILE";
const AT: &str = "ANTOM_KILL_AT";

/// The process that is killed: one order is begun and cancelled.
#[tokio::test]
async fn the_child() {
    let (Some(file), Ok(at)) = (std::env::var_os(FILE), std::env::var(AT)) else { return };
    let (at, seen) = (at.parse::<u32>().unwrap(), AtomicU32::new(0));
    let options = SqliteOptions::default().with_probe(move || {
        if seen.fetch_add(1, Ordering::SeqCst) == at {
            // As `kill -9`: nothing is closed, nothing is told.
            std::process::abort();
        }
    });
    let store = options.open(file, cipher()).unwrap();
    let _ = begin(&store, "ORDER-1", "PAY-1").await.unwrap();
    println!("begun");
    let _ = cancel(&store, "ORDER-1").await.unwrap();
    println!("cancelled");
}

/// How the child ended: whether it was killed, and what it had been told was done.
fn run(file: &Path, at: u32) -> (bool, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["the_child", "--exact", "--nocapture"])
        .env(FILE, file)
        .env(AT, at.to_string())
        .output()
        .unwrap();
    (!output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test]
async fn between_any_two_statements_a_change_is_whole_or_not_there() {
    let (mut points, mut seen) = (0, Vec::new());
    for at in 0.. {
        let folder = Folder::new("kill");
        let (killed, said) = run(&folder.file(), at);
        let store = sqlite(&folder.file());
        let row = store.order("ORDER-1").await.unwrap();
        let owners = store.find(&Key::new(&client(), KeyName::Request("PAY-1".into()))).await.unwrap();
        let body = store.body(&client(), "PAY-1").await.unwrap();
        let events = store.events(0, 10).await.unwrap().len();
        let stage = match &row {
            None => {
                assert!(owners.is_empty() && body.is_none() && events == 0, "at {at}: parts of a change");
                0
            }
            Some(row) => {
                assert_eq!(owners, [Subject::Order("ORDER-1".into())], "at {at}: an order without its key");
                assert!(body.is_some(), "at {at}: an open attempt without its request");
                let closing = row.payment.state() == PaymentState::Cancelling;
                assert_eq!(events, usize::from(closing), "at {at}: state and event disagree");
                assert_eq!(row.revision.get(), if closing { 2 } else { 1 }, "at {at}");
                if closing { 2 } else { 1 }
            }
        };
        // What was answered was durable.
        assert!(!said.contains("begun") || stage >= 1, "at {at}: an answered change is gone");
        assert!(!said.contains("cancelled") || stage == 2, "at {at}: an answered change is gone");
        seen.push(stage);
        if !killed {
            break;
        }
        points += 1;
        // Whoever comes next goes on.
        let done = match stage {
            0 => begin(&store, "ORDER-1", "PAY-1").await.unwrap(),
            1 => cancel(&store, "ORDER-1").await.unwrap(),
            _ => continue,
        };
        assert!(matches!(done, Applied::Changed(_)), "at {at}: {done:?}");
    }
    assert!(points >= 10, "{points} points are too few to be all statements");
    assert!(seen.is_sorted() && [0, 1, 2].iter().all(|stage| seen.contains(stage)), "{seen:?}");
}
