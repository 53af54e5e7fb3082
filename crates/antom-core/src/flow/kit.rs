//! Facts for tests, without messages around them.

use super::evidence::{Evidence, Source};
use super::fact::{MovementFact, MovementKind, PaymentFact, Says};
use crate::fact::Proof;
use crate::money::{Amount, Currency};
use crate::signature::{ClientId, KeyVersion};
use crate::time::UnixTime;

pub(crate) const CLIENT: &str = "SANDBOX_5Y0000000000000001";
pub(crate) const PAY: &str = "PAY-1";
pub(crate) const PAYMENT: &str = "2024PAYMENT1";

pub(crate) fn client() -> ClientId {
    ClientId::new(CLIENT).unwrap()
}

pub(crate) fn at(seconds: i64) -> UnixTime {
    UnixTime::from_secs(1_700_000_000 + seconds)
}

pub(crate) fn eur(minor: u64) -> Amount {
    Amount::new(Currency::EUR, minor)
}

pub(crate) fn signed(source: Source) -> Evidence {
    Evidence::for_test(source, Proof::Signature(KeyVersion::FIRST), Some(CLIENT), at(0))
}

/// A statement about the attempt `PAY-1` over 10.50 EUR.
pub(crate) fn fact(source: Source, says: Says) -> PaymentFact {
    let mut fact = PaymentFact::new(signed(source));
    fact.says = says;
    fact.request_id = Some(PAY.into());
    fact.payment_id = Some(PAYMENT.into());
    fact.amount = Some(eur(1050));
    fact
}

pub(crate) fn notice(says: Says) -> PaymentFact {
    fact(Source::Notification, says)
}

pub(crate) fn refusal(source: Source, code: &str) -> PaymentFact {
    let mut fact = PaymentFact::new(signed(source));
    fact.code = Some(code.into());
    fact
}

pub(crate) fn movement(kind: MovementKind, id: &str, minor: u64, says: Says) -> MovementFact {
    let mut fact = MovementFact::new(kind, signed(Source::Notification));
    fact.says = says;
    fact.request_id = Some(id.into());
    fact.payment_id = Some(PAYMENT.into());
    fact.amount = Some(eur(minor));
    fact
}
