//! The ready cipher: what it seals opens at its place under its key, and nowhere else.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is not as it should be")]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use antom_core::secret::Secret;
use antom_store::conformance::{Maker, run};
use antom_store::{
    AesGcmCipher, Backend, BadKeyId, CipherError, CipherKey, MemoryStore, Place, Sealed, TokenCipher,
};
use proptest::prelude::*;

const FIND: [u8; 32] = [9; 32];

fn key(name: &str, byte: u8) -> CipherKey {
    CipherKey::new(name, [byte; 32]).unwrap()
}

fn place<'a>(column: &'static str, row: &'a str) -> Place<'a> {
    Place { table: "attempts", column, row }
}

/// The cipher never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waited"),
    }
}

fn opens(cipher: &AesGcmCipher, place: &Place<'_>, sealed: &Sealed) -> Option<Vec<u8>> {
    match now(cipher.open(place, sealed)) {
        Ok(plain) => Some(plain.expose().clone()),
        Err(CipherError::Unopened) => None,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_rotated_key_opens_what_it_sealed_and_seals_no_more() {
    let secret = Secret::new(b"token".to_vec());
    let at = place("body", "A/PAY-1");
    let before = AesGcmCipher::new(key("old", 1), FIND);
    let sealed = now(before.seal(&at, &secret)).unwrap();
    assert_eq!(AesGcmCipher::key_id(&sealed), Some("old"));
    let after = AesGcmCipher::new(key("new", 2), FIND).with_old_key(key("old", 1));
    assert_eq!(opens(&after, &at, &sealed).as_deref(), Some(&b"token"[..]));
    let fresh = now(after.seal(&at, &secret)).unwrap();
    assert_eq!(AesGcmCipher::key_id(&fresh), Some("new"));
    assert_eq!(opens(&before, &at, &fresh), None);
    // Another key of the same name is not that key.
    assert_eq!(opens(&AesGcmCipher::new(key("old", 3), FIND), &at, &sealed), None);
    // Tokens are found whichever key encrypts.
    let token = Secret::from("token");
    assert_eq!(now(before.fingerprint(&token)).unwrap(), now(after.fingerprint(&token)).unwrap());
    let other = AesGcmCipher::new(key("old", 1), [8; 32]);
    assert_ne!(now(before.fingerprint(&token)).unwrap(), now(other.fingerprint(&token)).unwrap());
}

#[test]
fn the_same_value_is_never_sealed_the_same_way_and_no_key_is_shown() {
    let cipher = AesGcmCipher::new(key("k", 1), FIND).with_old_key(key("j", 7));
    let seal = || now(cipher.seal(&place("body", "1"), &Secret::new(b"token".to_vec()))).unwrap();
    assert_ne!(seal(), seal());
    assert!(!seal().0.windows(5).any(|part| part == b"token"));
    let shown = format!("{cipher:?} {:?} {:?}", key("k", 1), seal());
    assert_eq!(
        shown,
        r#"AesGcmCipher { newest: "k", old: ["j"], .. } CipherKey { id: "k", .. } Sealed(36 bytes)"#
    );
    assert_eq!(CipherKey::new("", [0; 32]).unwrap_err(), BadKeyId { length: 0 });
    assert_eq!(CipherKey::new("k".repeat(256), [0; 32]).unwrap_err(), BadKeyId { length: 256 });
}

#[derive(Debug)]
struct Sealing;

#[async_trait::async_trait]
impl Maker for Sealing {
    async fn fresh(&self) -> Arc<dyn Backend> {
        Arc::new(MemoryStore::with_cipher(Arc::new(AesGcmCipher::new(key("k", 1), FIND))))
    }
}

#[tokio::test]
async fn a_store_that_uses_it_passes_the_suite() {
    let report = run(&Sealing).await;
    assert!(report.passed(), "{report}");
}

proptest! {
    #[test]
    fn what_is_sealed_opens_at_its_place_alone(
        plain in proptest::collection::vec(any::<u8>(), 0..200),
        row in "[a-z]{1,8}",
        other in "[a-z]{1,8}",
    ) {
        let cipher = AesGcmCipher::new(key("k", 1), FIND);
        let sealed = now(cipher.seal(&place("body", &row), &Secret::new(plain.clone()))).unwrap();
        prop_assert_eq!(opens(&cipher, &place("body", &row), &sealed), Some(plain));
        prop_assert_eq!(opens(&cipher, &place("state", &row), &sealed), None);
        prop_assert_eq!(opens(&cipher, &place("body", &other), &sealed).is_some(), row == other);
    }

    #[test]
    fn one_changed_bit_and_every_cut_is_noticed(
        plain in proptest::collection::vec(any::<u8>(), 0..60),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let cipher = AesGcmCipher::new(key("k", 1), FIND);
        let at_place = place("body", "1");
        let sealed = now(cipher.seal(&at_place, &Secret::new(plain))).unwrap().0;
        let at = at.index(sealed.len());
        let mut changed = sealed.clone();
        changed[at] ^= 1 << bit;
        prop_assert_eq!(opens(&cipher, &at_place, &Sealed(changed)), None);
        prop_assert_eq!(opens(&cipher, &at_place, &Sealed(sealed[..at].to_vec())), None);
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let cipher = AesGcmCipher::new(key("k", 1), FIND);
        prop_assert_eq!(opens(&cipher, &place("body", "1"), &Sealed(bytes)), None);
    }
}
