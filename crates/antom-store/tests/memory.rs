//! The store in memory passes the suite, with and without a cipher, and with real threads.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use antom_core::flow::payment::{Input, NewAttempt, Payment, Plan, Product};
use antom_core::money::{Amount, Currency};
use antom_core::secret::Secret;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use antom_store::conformance::{Maker, run};
use antom_store::{
    Applied, Backend, Change, CipherError, Fingerprint, FrozenBody, MemoryStore, Orders, Place, Sealed,
    Store, TokenCipher,
};

/// What was sealed, by number: where it stood and what it was.
type Treasures = BTreeMap<u64, (String, Secret<Vec<u8>>)>;

/// Keeps what it "seals" to itself and gives out a number: whatever a store holds is then provably not the
/// text. Remembers the place, as a real cipher binds it.
#[derive(Debug, Default)]
struct Vault {
    next: AtomicU64,
    kept: Mutex<Treasures>,
}

fn name(place: &Place<'_>) -> String {
    format!("{}/{}/{}", place.table, place.column, place.row)
}

#[async_trait::async_trait]
impl TokenCipher for Vault {
    async fn seal(&self, place: &Place<'_>, plain: &Secret<Vec<u8>>) -> Result<Sealed, CipherError> {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        self.kept.lock().unwrap().insert(number, (name(place), plain.clone()));
        Ok(Sealed(number.to_be_bytes().to_vec()))
    }

    async fn open(&self, place: &Place<'_>, sealed: &Sealed) -> Result<Secret<Vec<u8>>, CipherError> {
        let number = u64::from_be_bytes(sealed.0.clone().try_into().map_err(|_| CipherError::Unopened)?);
        let kept = self.kept.lock().unwrap();
        let (at, plain) = kept.get(&number).ok_or(CipherError::Unopened)?;
        if *at == name(place) { Ok(plain.clone()) } else { Err(CipherError::Unopened) }
    }

    async fn fingerprint(&self, _: &Secret<String>) -> Result<Fingerprint, CipherError> {
        Err(CipherError::Unavailable("the memory store asks for no fingerprint".into()))
    }
}

#[derive(Debug)]
struct Plain;

#[async_trait::async_trait]
impl Maker for Plain {
    async fn fresh(&self) -> Arc<dyn Backend> {
        Arc::new(MemoryStore::new())
    }
}

#[derive(Debug)]
struct Encrypted;

#[async_trait::async_trait]
impl Maker for Encrypted {
    async fn fresh(&self) -> Arc<dyn Backend> {
        Arc::new(MemoryStore::with_cipher(Arc::new(Vault::default())))
    }
}

#[tokio::test]
async fn the_memory_store_conforms() {
    let report = run(&Plain).await;
    assert!(report.passed(), "{report}");
    assert!(report.cases.len() >= 30, "{} cases", report.cases.len());
}

#[tokio::test]
async fn the_memory_store_conforms_with_a_cipher() {
    let report = run(&Encrypted).await;
    assert!(report.passed(), "{report}");
}

fn client() -> ClientId {
    ClientId::new("SANDBOX_5Y0000000000000001").unwrap()
}

fn at(seconds: i64) -> UnixTime {
    UnixTime::from_secs(1_700_000_000 + seconds)
}

fn opened() -> Change {
    let attempt =
        NewAttempt::new(client(), "PAY-1", Amount::new(Currency::EUR, 1050), Product::Cashier, at(600));
    let turn = Payment::new("ORDER-1", Plan::default()).apply(&Input::Pay(attempt), at(0)).unwrap();
    Change::payment(&turn, None, at(0))
}

#[tokio::test]
async fn no_body_is_kept_or_shown_in_the_clear() {
    let body = br#"{"canary":"CANARY_IN_THE_BODY"}"#;
    let frozen = FrozenBody::new(client(), "PAY-1", body).unwrap();
    let vault = Arc::new(Vault::default());
    for store in [MemoryStore::new(), MemoryStore::with_cipher(vault.clone())] {
        let applied = store.commit(opened().with_body(frozen.clone())).await.unwrap();
        assert!(matches!(applied, Applied::Changed(_)));
        assert!(!format!("{store:?}{applied:?}").contains("CANARY"));
        let bytes = store.body(&client(), "PAY-1").await.unwrap().unwrap();
        assert_eq!(bytes.expose(), body);
    }
    // The body went through the cipher, bound to its place.
    let kept = vault.kept.lock().unwrap();
    assert_eq!(kept.values().map(|(place, _)| place.as_str()).collect::<Vec<_>>(), ["attempts/body/PAY-1"]);
}

#[test]
fn writers_on_real_threads_lose_nothing() {
    let store = MemoryStore::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    runtime.block_on(async {
        assert!(matches!(store.commit(opened()).await, Ok(Applied::Changed(_))));
        let writers: Vec<_> = (0..16)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut lost = 0;
                    loop {
                        let row = store.order("ORDER-1").await.unwrap().unwrap();
                        let input = if number % 2 == 0 { Input::Tick } else { Input::ConflictsReviewed };
                        let turn = row.payment.apply(&input, at(number)).unwrap();
                        match store.commit(Change::payment(&turn, Some(row.revision), at(1))).await.unwrap() {
                            Applied::Changed(_) => return lost,
                            Applied::Stale { .. } => lost += 1,
                            Applied::AlreadyThere => unreachable!("no notification was written"),
                        }
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        assert_eq!(store.order("ORDER-1").await.unwrap().unwrap().revision.get(), 17);
    });
}
