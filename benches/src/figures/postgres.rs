//! The store on PostgreSQL, where `ANTOM_TEST_POSTGRES` names a server (`cargo xtask postgres -- cargo xtask bench`);
//! the bound is the same writes by hand over the same driver.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use antom::core::signature::{KeyVersion, Keyring, PrivateKey, RsaSigner, sandbox_keys};
use antom::store::{AesGcmCipher, PostgresOptions, PostgresStore, Store as _, StoreClock};
use tokio_postgres::{Client, NoTls, Statement};

use super::store::{change, client, opened, paid};
use crate::bound::sqlite::{ENTRY, EVIDENCE};
use crate::figure::{Figure, Goal};
use crate::measure::{Effort, timed};

pub(super) const NAMES: &[&str] = &["order transition, PostgreSQL"];

pub(super) fn run(effort: Effort) -> Vec<Figure> {
    let [name] = NAMES else { return Vec::new() };
    match std::env::var("ANTOM_TEST_POSTGRES") {
        Ok(url) => vec![transition(effort, name, &url)],
        // It did not run: there is no number, and no goal is met or missed.
        Err(_) => vec![Figure::plain(name, f64::NAN, f64::NAN, "(did not run)", Goal::None)],
    }
}

fn transition(effort: Effort, name: &'static str, url: &str) -> Figure {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("it starts");
    let schema = |name: &str| format!("{url}?options=-c%20search_path%3D{name}");
    let cipher = Arc::new(AesGcmCipher::ephemeral().expect("there are keys"));
    let setup = "DROP SCHEMA IF EXISTS bench_ours CASCADE; DROP SCHEMA IF EXISTS bench_hand CASCADE; \
                 CREATE SCHEMA bench_ours; CREATE SCHEMA bench_hand";
    let (ours, hand, raw) = runtime.block_on(async {
        connect(url).await.batch_execute(setup).await.expect("there are schemas");
        let open = |url: String| {
            PostgresOptions::default()
                .with_connections(1)
                .with_clock(StoreClock::Caller)
                .open_owned(url, cipher.clone())
        };
        let (ours, hand) = (open(schema("bench_ours")).await, open(schema("bench_hand")).await);
        (ours, hand, connect(&schema("bench_hand")).await)
    });
    let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).expect("it is one");
    let signer = RsaSigner::new(&key, KeyVersion::FIRST).expect("it signs");
    let keys = Keyring::new(&client(), [(KeyVersion::FIRST, key.public().clone())], None).expect("it is one");
    let times = 20;
    let rounds = effort.rounds.min(15);
    let all = (rounds + 1) * times;
    let mut orders = VecDeque::new();
    for number in 0..all {
        for store in [&ours, &hand] {
            let (turn, begin) = opened(number);
            let _ = runtime.block_on(store.commit(begin)).expect("it is written");
            if std::ptr::eq(store, &ours) {
                orders.push_back((turn, paid(number, &keys, &signer)));
            }
        }
    }
    let statements = runtime.block_on(prepare(&raw));
    let sealed = vec![7_u8; 1_500];
    let mut next = 0;
    let pair = timed(
        rounds,
        times,
        || {
            let (payment, entry) = orders.pop_front().expect("there are enough");
            let change = change(&payment, entry);
            let start = Instant::now();
            let _ = runtime.block_on(ours.commit(change)).expect("it is written");
            start.elapsed()
        },
        || {
            let start = Instant::now();
            runtime.block_on(by_hand(&raw, &statements, next, &sealed)).expect("it is written");
            next += 1;
            start.elapsed()
        },
    );
    Figure::cpu(name, pair, Goal::RatioAtMost(1.10))
}

/// Opens with an owned URL, so that futures may be made in a closure.
trait OpenOwned {
    fn open_owned(self, url: String, cipher: Arc<AesGcmCipher>) -> impl Future<Output = PostgresStore>;
}

impl OpenOwned for PostgresOptions {
    async fn open_owned(self, url: String, cipher: Arc<AesGcmCipher>) -> PostgresStore {
        self.open(&url, cipher).await.expect("it opens")
    }
}

pub(super) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("there is a server");
    tokio::spawn(connection);
    client
}

async fn prepare(raw: &Client) -> Vec<Statement> {
    let mut statements = Vec::new();
    for sql in [
        "INSERT INTO antom_inbox (key, received, path, evidence, body, fact, placement, kind, id) \
         VALUES ($1, 1, '/notify', $2, $3, $4, 1, 1, $5)",
        "UPDATE antom_orders SET revision = revision + 1, state = $1, due = NULL, written = 1, shape = 1 \
         WHERE id = $2 AND revision = 1",
        "INSERT INTO antom_keys (digest, kind, id, single) VALUES ($1, 1, $2, 1) ON CONFLICT DO NOTHING",
        "UPDATE antom_attempts SET state = 'paid', live = 1, body = NULL WHERE client_id = $1 AND request_id = $2",
        "UPDATE antom_records SET transaction_id = $1, state = 2, at = 1 \
         WHERE kind = 0 AND request_id = $2 AND client_id = $3 AND order_id = $4",
        "INSERT INTO antom_ledger (order_id, kind, attempt, currency, value, at, entry) \
         VALUES ($1, 'captured', $2, 'EUR', '1050', 1, $3)",
        "INSERT INTO antom_events (kind, id, event, at) VALUES (1, $1, $2, 1)",
    ] {
        statements.push(raw.prepare(sql).await.expect("SQL"));
    }
    statements
}

/// The same writes, one statement after another, in one transaction.
async fn by_hand(
    raw: &Client,
    statements: &[Statement],
    number: u32,
    sealed: &[u8],
) -> Result<(), tokio_postgres::Error> {
    let [inbox, order, key, attempt, record, ledger, event] = statements else { return Ok(()) };
    let (id, request, payment) = (format!("ORDER-{number}"), format!("PAY-{number}"), format!("ID-{number}"));
    let client = "SANDBOX_5Y0000000000000001";
    let mut digest = [1_u8; 32];
    digest[..4].copy_from_slice(&number.to_be_bytes());
    let notice = digest.to_vec();
    let (fact, body, told) = (vec![7_u8; 400], vec![7_u8; 300], vec![7_u8; 200]);
    raw.batch_execute("BEGIN").await?;
    raw.execute(inbox, &[&notice, &EVIDENCE, &body, &fact, &id]).await?;
    raw.execute(order, &[&sealed, &id]).await?;
    // The payment id; the request id was there before.
    raw.execute(key, &[&digest.to_vec(), &id]).await?;
    raw.execute(attempt, &[&client, &request]).await?;
    raw.execute(record, &[&payment, &request, &client, &id]).await?;
    raw.execute(ledger, &[&id, &request, &ENTRY]).await?;
    raw.execute(event, &[&id, &told]).await?;
    raw.batch_execute("COMMIT").await
}
