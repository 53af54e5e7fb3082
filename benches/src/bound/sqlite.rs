//! The store's statements by hand, with the same driver, settings and disk.

use std::path::Path;
use std::sync::mpsc;

use rusqlite::{Connection, params};

/// A connection on a thread of its own: blocking an executor until the disk has it is no lower bound of a
/// program that does not.
pub(crate) struct Writer(mpsc::Sender<Job>);

type Job = Box<dyn FnOnce(&Connection) + Send>;

impl Writer {
    pub(crate) fn open(file: &Path) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let connection = by_hand(file);
        std::thread::spawn(move || queue.iter().for_each(|job| job(&connection)));
        Self(jobs)
    }

    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> T + Send + 'static,
    ) -> T {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let job = move |connection: &Connection| drop(answer.send(work(connection)));
        self.0.send(Box::new(job)).expect("the thread is there");
        answered.await.expect("it answers")
    }
}

/// A connection as the store's own.
pub(crate) fn by_hand(file: &Path) -> Connection {
    let connection = Connection::open(file).expect("it opens");
    connection.pragma_update(None, "synchronous", "FULL").expect("it is set");
    connection.set_prepared_statement_cache_capacity(64);
    connection
}

/// The row's bytes that an order of the bound is written with: what ours writes for the same order.
pub(crate) struct Bytes {
    pub(crate) state: Vec<u8>,
    pub(crate) event: Vec<u8>,
    pub(crate) fact: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

/// The same writes by hand: one transaction for what one notification changes.
pub(crate) fn write(raw: &Connection, number: u32, bytes: &Bytes) -> rusqlite::Result<()> {
    let (order, request, id) = (format!("ORDER-{number}"), format!("PAY-{number}"), format!("ID-{number}"));
    let mut key = [0_u8; 32];
    key[..4].copy_from_slice(&number.to_be_bytes());
    // Spread as hashes are: ours are hashes.
    let mut digest = [1_u8; 32];
    digest[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b1).to_be_bytes());
    raw.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    raw.prepare_cached(
        "INSERT INTO antom_inbox (key, received, path, evidence, body, fact, placement, kind, id) \
         VALUES (?1, ?2, '/notify', ?3, ?4, ?5, 1, 1, ?6)",
    )?
    .execute(params![key, 1, EVIDENCE, bytes.body, bytes.fact, order])?;
    raw.prepare_cached(
        "UPDATE antom_orders SET revision = revision + 1, state = ?1, due = NULL, written = ?2, shape = ?3 \
         WHERE id = ?4 AND revision = 1",
    )?
    .execute(params![bytes.state, 1, number, order])?;
    // The payment id; the request id was there before.
    raw.prepare_cached(
        "INSERT INTO antom_keys (digest, kind, id, single) VALUES (?1, 1, ?2, 1) ON CONFLICT DO NOTHING",
    )?
    .execute(params![digest, order])?;
    raw.prepare_cached(
        "UPDATE antom_attempts SET state = 'paid', live = 1, body = NULL WHERE client_id = ?1 AND request_id = ?2",
    )?
    .execute(params!["SANDBOX_5Y0000000000000001", request])?;
    raw.prepare_cached(
        "UPDATE antom_records SET transaction_id = ?1, state = 2, at = 1 \
         WHERE kind = 0 AND request_id = ?2 AND client_id = ?3 AND order_id = ?4",
    )?
    .execute(params![id, request, "SANDBOX_5Y0000000000000001", order])?;
    raw.prepare_cached(
        "INSERT INTO antom_ledger (order_id, kind, attempt, currency, value, at, entry) \
         VALUES (?1, 'captured', ?2, 'EUR', '1050', 1, ?3)",
    )?
    .execute(params![order, request, ENTRY])?;
    raw.prepare_cached("INSERT INTO antom_events (kind, id, event, at) VALUES (1, ?1, ?2, 1)")?
        .execute(params![order, bytes.event])?;
    raw.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

/// As long as what ours writes.
pub(crate) const EVIDENCE: &str = r#"{"version":1,"evidence":{"source":{"Notification":{}},"proof":{"Signature":{"version":1}},"client_id":"SANDBOX_5Y0000000000000001","time":1700000001000}}"#;
pub(crate) const ENTRY: &str = r#"{"version":1,"entry":{"kind":{"Captured":{}},"attempt":"PAY-1","amount":{"currency":"EUR","value":"1050"},"evidence":{"source":{"Notification":{}},"proof":{"Signature":{"version":1}},"client_id":"SANDBOX_5Y0000000000000001","time":1700000001000},"at":1700000001000}}"#;

/// Id, revision and state of each claimed row.
pub(crate) type Taken = Vec<(String, i64, Vec<u8>)>;

pub(crate) fn claim(raw: &Connection, now: i64) -> rusqlite::Result<Taken> {
    let mut statement = raw.prepare_cached(
        "UPDATE antom_orders SET since = due, due = ?1 WHERE place IN (SELECT place FROM antom_orders \
         WHERE due <= ?2 AND version <= 1 ORDER BY due LIMIT 100) RETURNING since, id, revision, state",
    )?;
    let values = [now + 3_600_000, now];
    statement.query_map(values, |row| Ok((row.get(1)?, row.get(2)?, row.get(3)?)))?.collect()
}
