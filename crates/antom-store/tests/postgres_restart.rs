//! A PostgreSQL server that is restarted. A program of its own, for it is everybody's server.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test stops where something is not as it should be"
)]

mod support;

use std::process::Command;

use antom_store::{Applied, Orders as _};
use support::{begin, cancel, fresh_schema, postgres, postgres_url, revision};

#[tokio::test]
async fn a_restarted_server_is_found_again_with_all_that_was_written() {
    let Some(url) = postgres_url("a restart of PostgreSQL") else { return };
    let (Some(programs), Some(data)) =
        (std::env::var_os("ANTOM_TEST_POSTGRES_PROGRAMS"), std::env::var_os("ANTOM_TEST_POSTGRES_DATA"))
    else {
        eprintln!("a restart of PostgreSQL: did NOT run, the server that is named is not ours to restart");
        return;
    };
    let (_, url) = fresh_schema(&url).await;
    let store = postgres(&url).await;
    let _ = begin(&store, "ORDER-1", "PAY-1").await.unwrap();
    restart(&programs, &data);
    // Connections of the pool are dead; what they are asked first fails or is served by a new one.
    let mut failures = 0;
    loop {
        match store.order("ORDER-1").await {
            Ok(row) => {
                assert!(row.is_some());
                break;
            }
            Err(_) => failures += 1,
        }
        assert!(failures <= 20, "the server is not found again");
    }
    assert!(matches!(cancel(&store, "ORDER-1").await.unwrap(), Applied::Changed(_)));
    assert_eq!(revision(&store, "ORDER-1").await.map(antom_store::Revision::get), Some(2));
}

/// As after a power cut: without a word to the clients and without a checkpoint.
fn restart(programs: &std::ffi::OsStr, data: &std::ffi::OsStr) {
    use std::os::unix::fs::MetadataExt as _;
    use std::os::unix::process::CommandExt as _;
    let owner = std::fs::metadata(data).unwrap();
    let mut command = Command::new(std::path::Path::new(programs).join("pg_ctl"));
    command
        .args(["restart", "--wait", "--silent", "--mode=immediate", "--log=/dev/null", "--pgdata"])
        .arg(data);
    if std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() != owner.uid()) {
        command.uid(owner.uid()).gid(owner.gid()).current_dir("/");
    }
    assert!(command.status().unwrap().success(), "pg_ctl restart failed");
}
