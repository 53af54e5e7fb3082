//! What the merchant and the buyer mean to do with one order.

use antom_core::flow::payment::{Capture, Product};

use crate::book::Kind;
use crate::rng::Rng;

/// What the merchant means to give back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Giving {
    /// Nothing.
    Nothing,
    /// A part.
    Part,
    /// All, at once.
    All,
    /// All, in two parts.
    TwoParts,
}

/// One order as it is meant.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The kind of payment.
    pub product: Product,
    /// How the gateway handles it.
    pub kind: Kind,
    /// The amount.
    pub amount: u64,
    /// How long a payment is open, in milliseconds.
    pub open: i64,
    /// When the merchant closes the order, in milliseconds after its beginning.
    pub cancel: Option<i64>,
    /// Whether the buyer clicks twice.
    pub double_click: bool,
    /// Whether the buyer comes back from the page.
    pub returns: bool,
    /// How often the merchant tries again after a failure.
    pub retries: u8,
    /// In how many captures an authorised amount is taken.
    pub captures: u8,
    /// What is given back after it was paid.
    pub giving: Giving,
}

impl Plan {
    /// A plan by chance.
    pub fn draw(rng: &mut Rng) -> Self {
        let manual = Product::Card { capture: Capture::Manual };
        let automatic = Product::Card { capture: Capture::Automatic };
        let (product, kind, open) = match rng.below(100) {
            0..10 => (Product::InStore, Kind::AtOnce, 60_000),
            10..35 => (Product::InStore, Kind::Asked, 90_000),
            35..60 => (Product::Cashier, Kind::Asked, 840_000),
            60..75 => (Product::Tokenised, Kind::Wallet, 60_000),
            75..85 => (automatic, Kind::Card { automatic: true }, 600_000),
            _ => (manual, Kind::Card { automatic: false }, 600_000),
        };
        let giving = match rng.below(100) {
            0..88 => Giving::Nothing,
            88..92 => Giving::Part,
            92..96 => Giving::All,
            _ => Giving::TwoParts,
        };
        Self {
            product,
            kind,
            amount: 100 + rng.below(100_000),
            open,
            cancel: rng.chance(80_000).then(|| rng.between(500, 90_000)),
            double_click: rng.chance(30_000),
            returns: kind == Kind::Asked && product == Product::Cashier && rng.chance(300_000),
            retries: u8::try_from(rng.below(3)).unwrap_or(0),
            captures: if rng.chance(300_000) { 2 } else { 1 },
            giving,
        }
    }
}
