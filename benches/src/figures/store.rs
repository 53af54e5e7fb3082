//! The store on SQLite; the bound is the same writes by hand, with the same driver, settings and disk.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use antom::core::fact::{Verified, VerifyInput};
use antom::core::flow::Observed;
use antom::core::flow::payment::{Input, NewAttempt, Payment, Plan, Product};
use antom::core::flow::token::{Grant, NewGrant, TokenSet};
use antom::core::secret::Secret;
use antom::core::signature::{
    ClientId, KeyVersion, Keyring, PrivateKey, RsaSigner, Signer as _, content, sandbox_keys,
};
use antom::core::time::{UnixTime, WireTime};
use antom::core::{Amount, Currency};
use antom::store::{
    AesGcmCipher, Change, Claim, FrozenBody, Grants as _, Inbox as _, InboxEntry, InboxKey, Orders as _,
    Revision, SqliteStore, Store as _, StoredMessage,
};
use rusqlite::Connection;
use tokio::runtime::Runtime;

use crate::bound::sqlite::{self, Bytes, Writer, by_hand};
use crate::figure::{Figure, Goal};
use crate::measure::{Effort, others_cpu, thread_cpu, timed, wall};

pub(super) const NAMES: &[&str] = &[
    "order transition, SQLite",
    "order transition, many orders",
    "repeated notification: the read",
    "repeated notification: threads",
    "claim 100 due, SQLite",
    "page of expiring tokens",
];

/// Rows of the small and of the large tables.
struct Sizes {
    rounds: u32,
    /// Rounds of transitions, which wait for the disk: its flushes differ more than what is compared.
    transitions: u32,
    few: i64,
    many: i64,
    /// Tokens; `many` of them in the smaller table.
    tokens: i64,
}

impl Sizes {
    fn of(effort: Effort) -> Self {
        match effort.rounds {
            0..10 => Self { rounds: 3, transitions: 3, few: 100, many: 1_000, tokens: 10_000 },
            _ => Self { rounds: 15, transitions: 121, few: 10_000, many: 1_000_000, tokens: 10_000_000 },
        }
    }
}

fn at(seconds: i64) -> UnixTime {
    UnixTime::from_secs(1_700_000_000 + seconds)
}

pub(super) fn client() -> ClientId {
    ClientId::new("SANDBOX_5Y0000000000000001").expect("it is one")
}

/// A file with a store on it, and a connection beside it.
struct Table {
    folder: PathBuf,
    store: SqliteStore,
    runtime: Runtime,
    raw: Connection,
    next: u32,
}

impl Drop for Table {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Table {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("antom-bench-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("there is a folder");
        let file = folder.join("shop.db");
        let cipher = Arc::new(AesGcmCipher::ephemeral().expect("there are keys"));
        let store = SqliteStore::open(&file, cipher).expect("it opens");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it starts");
        Self { raw: by_hand(&file), folder, store, runtime, next: 0 }
    }

    /// Orders that nobody will look at.
    fn fill_orders(&mut self, rows: i64) {
        let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
                    INSERT INTO antom_orders (id, revision, version, state, due, written, shape) \
                    SELECT 'FILL-' || i, 1, 1, zeroblob(64), 9000000000000 + i, 0, 0 FROM n";
        self.raw.execute(fill, [rows]).expect("they are written");
    }

    /// Tokens that end later than those that are looked for.
    fn fill_grants(&mut self, rows: i64) {
        const PART: i64 = 250_000;
        let fill = "WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) \
                    INSERT INTO antom_grants (id, revision, version, state, buyer, ends, written, shape) \
                    SELECT printf('FILL-%010d', i), 1, 1, zeroblob(64), printf('B%010d', i), 9000000000000 + i, \
                    0, 0 FROM n";
        // In parts, so that the log stays small.
        for first in (0..rows).step_by(PART as usize) {
            let last = (first + PART).min(rows) - 1;
            self.raw.execute(fill, [first, last]).expect("they are written");
        }
    }

    /// Begins orders, each with a payment that is due.
    fn orders(&mut self, count: u32) -> VecDeque<(Payment, u32)> {
        let mut orders = VecDeque::new();
        for _ in 0..count {
            let number = self.next;
            self.next += 1;
            let (payment, change) = opened(number);
            let _ = self.runtime.block_on(self.store.commit(change)).expect("it is written");
            orders.push_back((payment, number));
        }
        orders
    }

    /// What ours wrote for an order, for the bound to write.
    fn bytes(&self, number: u32) -> Bytes {
        let one = |sql: &str, id: &str| {
            self.raw.query_row(sql, [id], |row| row.get::<_, Vec<u8>>(0)).expect("it is there")
        };
        let order = format!("ORDER-{number}");
        Bytes {
            state: one("SELECT state FROM antom_orders WHERE id = ?1", &order),
            event: one("SELECT event FROM antom_events WHERE id = ?1", &order),
            fact: one("SELECT fact FROM antom_inbox WHERE id = ?1", &order),
            body: one("SELECT body FROM antom_inbox WHERE id = ?1", &order),
        }
    }
}

/// A new order, and the change that stores it.
pub(super) fn opened(number: u32) -> (Payment, Change) {
    let (order, request) = (format!("ORDER-{number}"), format!("PAY-{number}"));
    let amount = Amount::new(Currency::EUR, 1050);
    let new = NewAttempt::new(client(), &*request, amount, Product::Cashier, at(600));
    let turn = Payment::new(order, Plan::default()).apply(&Input::Pay(new), at(0)).expect("it begins");
    let body =
        FrozenBody::new(client(), request, crate::fixture::pay_request().as_bytes()).expect("it freezes");
    let change = Change::payment(&turn, None, at(0)).with_body(body);
    (turn.next, change)
}

/// The notification that an order is paid, verified, with its place in the inbox.
pub(super) fn paid(number: u32, keys: &Keyring, signer: &RsaSigner) -> InboxEntry {
    let body = format!(
        r#"{{"notifyType":"PAYMENT_RESULT","result":{{"resultCode":"SUCCESS","resultStatus":"S"}},"paymentRequestId":"PAY-{number}","paymentId":"ID-{number}","paymentAmount":{{"currency":"EUR","value":"1050"}}}}"#
    );
    let (time, body) = (WireTime::epoch_ms(at(1)), bytes::Bytes::from(body));
    let signature = signer.sign(&content("POST", "/notify", &client(), &time, &body)).expect("it signs");
    let input =
        VerifyInput { path: "/notify".into(), client_id: client(), time, key_hint: None, signature, body };
    let verified = Verified::signed(input, keys).expect("it verifies");
    let mut key = [0; 32];
    key[..4].copy_from_slice(&number.to_be_bytes());
    InboxEntry {
        key: InboxKey(key),
        message: StoredMessage::of(&verified),
        fact: Observed::of(&verified).ok(),
        received: at(1),
    }
}

/// The change that a notification makes of an order.
pub(super) fn change(payment: &Payment, entry: InboxEntry) -> Change {
    let input = entry.fact.as_ref().and_then(Input::noticed).expect("it is about a payment");
    let turn = payment.apply(&input, at(1)).expect("facts are taken");
    Change::payment(&turn, Some(Revision::FIRST), at(1)).with_notification(entry)
}

/// Orders, each with the notification that it is paid.
fn waiting(
    table: &mut Table,
    count: u32,
    keys: &Keyring,
    signer: &RsaSigner,
) -> VecDeque<(Payment, InboxEntry)> {
    let orders = table.orders(count);
    orders.into_iter().map(|(payment, number)| (payment, paid(number, keys, signer))).collect()
}

/// Writes the next transition. It is made just before, as in a shop: one that was made long ago would have to be
/// fetched from memory first.
fn commit(table: &Table, orders: &mut VecDeque<(Payment, InboxEntry)>) -> Duration {
    let (payment, entry) = orders.pop_front().expect("there are enough");
    let change = change(&payment, entry);
    let start = Instant::now();
    let _ = table.runtime.block_on(table.store.commit(change)).expect("it is written");
    start.elapsed()
}

pub(super) fn run(effort: Effort) -> Vec<Figure> {
    let sizes = Sizes::of(effort);
    let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).expect("it is one");
    let signer = RsaSigner::new(&key, KeyVersion::FIRST).expect("it signs");
    let keys = Keyring::new(&client(), [(KeyVersion::FIRST, key.public().clone())], None).expect("it is one");
    let times = 20;
    let (mut few, mut hand, mut many) = (Table::new("few"), Table::new("hand"), Table::new("many"));
    for (table, rows) in [(&mut few, sizes.few), (&mut hand, sizes.few), (&mut many, sizes.many)] {
        table.fill_orders(rows);
    }
    let all = (sizes.transitions + 1) * times;

    // A transition, beside the same writes by hand.
    let mut orders = waiting(&mut few, all, &keys, &signer);
    let sample = few.next - all;
    let _ = commit(&few, &mut orders);
    let bytes = Arc::new(few.bytes(sample));
    let writer = Writer::open(&hand.folder.join("shop.db"));
    let mut numbers: VecDeque<u32> = hand.orders(all).into_iter().map(|(_, number)| number).collect();
    let transition = timed(
        sizes.transitions,
        times,
        || commit(&few, &mut orders),
        || {
            let (number, bytes) = (numbers.pop_front().expect("there are enough"), Arc::clone(&bytes));
            let start = Instant::now();
            let written = writer.run(move |raw| sqlite::write(raw, number, &bytes));
            hand.runtime.block_on(written).expect("written");
            start.elapsed()
        },
    );

    // The same among many orders, beside few.
    let mut there = waiting(&mut many, all, &keys, &signer);
    let mut here = waiting(&mut few, all, &keys, &signer);
    let flat = timed(sizes.transitions, times, || commit(&many, &mut there), || commit(&few, &mut here));

    let [read, threads] = repeated(&few, sample);
    vec![
        Figure::cpu("order transition, SQLite", transition, Goal::RatioAtMost(1.10)),
        Figure::cpu("order transition, many orders", flat, Goal::RatioAtMost(1.4)),
        read,
        threads,
        claim(&mut many, sizes.rounds),
        expiring(&sizes),
    ]
}

/// A notification that is there: what the store's thread reads, and the same with the way there and back.
fn repeated(table: &Table, number: u32) -> [Figure; 2] {
    let mut key = [0; 32];
    key[..4].copy_from_slice(&number.to_be_bytes());
    let times = 2_000;
    // The statement of `sql::statements::NOTICE`, on this thread.
    let statement = "SELECT key, received, path, evidence, fact, placement, names, kind, id, body FROM antom_inbox WHERE key = ?1";
    let read = |sql: &str, column: usize| {
        let mut statement = table.raw.prepare_cached(sql).expect("SQL");
        let length = |row: &rusqlite::Row<'_>| {
            Ok((0..=column)
                .map(|at| row.get_ref(at).map_or(0, |value| value.data_type() as usize))
                .sum::<usize>())
        };
        std::hint::black_box(statement.query_row([key], length).expect("it is there"));
    };
    let measured = |work: &dyn Fn()| {
        work();
        let start = thread_cpu();
        (0..times).for_each(|_| work());
        (thread_cpu() - start) / f64::from(times) / 1000.0
    };
    let ours = measured(&|| read(statement, 9));
    let bound = measured(&|| read("SELECT placement FROM antom_inbox WHERE key = ?1", 0));
    let ask = || {
        let row = table.runtime.block_on(table.store.notification(InboxKey(key))).expect("it is read");
        assert!(row.is_some(), "it is there");
    };
    ask();
    let start = others_cpu() + thread_cpu();
    (0..times).for_each(|_| ask());
    let both = (others_cpu() + thread_cpu() - start) / f64::from(times) / 1000.0;
    [
        Figure::plain("repeated notification: the read", ours, bound, "µs", Goal::AtMost(10.0)),
        Figure::plain("repeated notification: threads", both, bound, "µs", Goal::None),
    ]
}

/// A hundred of a million due orders, beside the statement alone.
fn claim(table: &mut Table, rounds: u32) -> Figure {
    // Both sides take from the same table; each takes a hundred that nobody has taken.
    let rows = (2 * rounds + 4) * 100;
    table.raw.execute("UPDATE antom_orders SET due = NULL WHERE id LIKE 'ORDER-%'", []).expect("written");
    let first = table.next;
    table.orders(rows);
    table
        .raw
        .execute("UPDATE antom_orders SET due = 1 + place WHERE id LIKE 'ORDER-%' AND due IS NOT NULL", [])
        .expect("written");
    assert!(table.next > first);
    let now = UnixTime::from_millis(9_500_000_000_000);
    let claim = Claim { now, lease: Duration::from_secs(3600), limit: 100 };
    let writer = Writer::open(&table.folder.join("shop.db"));
    let pair = wall(
        rounds,
        1,
        |_| {
            let rows = table.runtime.block_on(table.store.claim_orders(claim)).expect("it claims");
            assert_eq!(rows.len(), 100);
        },
        |_| {
            let rows = table
                .runtime
                .block_on(writer.run(move |raw| sqlite::claim(raw, now.as_millis())))
                .expect("it claims");
            assert_eq!(rows.len(), 100);
        },
    );
    Figure::cpu("claim 100 due, SQLite", pair, Goal::RatioAtMost(1.15))
}

/// A page of tokens that end soon, among ten times as many and among many.
fn expiring(sizes: &Sizes) -> Figure {
    let (mut most, mut many) = (Table::new("most-tokens"), Table::new("many-tokens"));
    for (table, rows) in [(&mut most, sizes.tokens), (&mut many, sizes.many)] {
        table.fill_grants(rows);
        for number in 0..150 {
            let state = format!("state-of-the-authorization-{number:03}");
            let new = NewGrant::new(client(), state, "BUYER", "GCASH").expect("it is long enough");
            let token = TokenSet {
                access_token: Secret::new(format!("TOKEN-{number}")),
                expires: Some(at(number)),
                refresh_token: None,
                refresh_expires: None,
                user_login_id: None,
            };
            let turn = Grant::adopt(&new, token, at(0));
            let change = Change::grant(&turn, None, at(0));
            let _ = table.runtime.block_on(table.store.commit(change)).expect("it is written");
        }
    }
    let page = |table: &Table, times: u32| {
        for _ in 0..times {
            let page = table.store.expiring(at(1_000), None, 100);
            assert_eq!(table.runtime.block_on(page).expect("it reads").len(), 100);
        }
    };
    let pair = wall(sizes.rounds, 20, |times| page(&most, times), |times| page(&many, times));
    Figure::cpu("page of expiring tokens", pair, Goal::RatioAtMost(1.3))
}
