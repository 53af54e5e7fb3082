use alloc::string::String;

use crate::flow::LoadError;
use crate::flow::evidence::Evidence;
use crate::flow::stored::{choice, load, record, save};
use crate::money::Amount;
use crate::secret::Secret;
use crate::time::UnixTime;

choice! {
    /// What happened to the money.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{PAID, noticed, sent};
    /// use antom_core::flow::EntryKind;
    /// # use antom_core::flow::payment::Product;
    /// # let (payment, paid) = (sent(Product::InStore), PAID);
    ///
    /// // The notification says that the payment succeeded.
    /// let turn = noticed(&payment, paid);
    /// assert_eq!(turn.entries[0].kind, EntryKind::Captured);
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum EntryKind {
        /// The issuer reserved it; nothing is taken yet.
        Authorised,
        /// It was taken.
        Captured,
        /// What was reserved or taken goes back, because the payment was cancelled. Zero when nothing was.
        Cancelled,
        /// It was given back by a refund.
        Refunded,
        /// A refund came back: the money is the merchant's again.
        RefundReturned,
        /// A taken payment was undone by someone else.
        Reversed,
        /// The authorised amount was changed to this one.
        AmountUpdated,
        /// The buyer disputes it; it is held back.
        Disputed,
        /// A dispute ended for the merchant: what was held back is free.
        DisputeWon,
        /// A dispute ended for the buyer: the money went back.
        DisputeLost,
        /// A success was stated after the cancellation was confirmed; the funds go back to the buyer.
        SuccessAfterCancel,
        /// A success was stated after the failure was proven: a contradiction that a person must settle.
        SuccessAfterFailure,
    }
}

record! {
    /// One line of the ledger. Lines are appended and never changed.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{PAID, noticed, sent};
    /// use antom_core::flow::LedgerEntry;
    /// # use antom_core::flow::payment::Product;
    /// # let turn = noticed(&sent(Product::InStore), PAID);
    ///
    /// // `turn` is what an order made of the notification that it was paid.
    /// let entry = &turn.entries[0];
    /// assert_eq!((entry.attempt.as_str(), entry.amount.to_string().as_str()), ("PAY-1", "EUR 10.50"));
    /// assert!(entry.evidence.proof().is_signed());
    /// assert_eq!(&LedgerEntry::load(entry.save().expose())?, entry);
    /// # Ok::<(), antom_core::flow::LoadError>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LedgerEntry {
        /// What happened.
        pub kind: EntryKind,
        /// The attempt's `paymentRequestId`.
        pub attempt: String,
        /// The capture or refund request id, where it is about one.
        pub movement: Option<String>,
        /// How much.
        pub amount: Amount,
        /// By what right it is recorded.
        pub evidence: Evidence,
        /// When it was recorded.
        pub at: UnixTime,
    }
}

impl LedgerEntry {
    /// The text to store.
    #[must_use]
    pub fn save(&self) -> Secret<String> {
        save("entry", 1, self)
    }

    /// An entry from a trusted store.
    ///
    /// # Errors
    ///
    /// The text is of another version, or no entry.
    pub fn load(text: &str) -> Result<Self, LoadError> {
        load("entry", 1, text)
    }
}
