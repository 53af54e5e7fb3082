use std::sync::Arc;

use crate::column::Column;
use crate::decimal::Decimal;
use crate::kind::RowKind;
use crate::reconcile::OursKind;
use crate::row::Row;

/// A row of a report, as much of it as is compared: small, because all rows of a report are held at once.
///
/// ```
/// use antom_reports::{Decimal, Reader, RowKind, Theirs};
/// # const FILE: &str = "settlementBatchId,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
/// # transactionCurrency,settlementAmountValue,settlementCurrency,processingFeeAmountValue,processingFeeCurrency,note\n\
/// # B1,PAYMENT,T1,PAY-1,10.50,EUR,10.20,EUR,-0.30,EUR,gift\n<END>\n";
///
/// let mut reader = Reader::new("settlementItems_20260301_000.csv", FILE.as_bytes())?;
/// let kept = Theirs::of(&reader.next_row()?.expect("one row"));
/// assert_eq!((kept.request_id(), kept.transaction_id()), ("PAY-1", "T1"));
/// assert_eq!((kept.kind(), kept.known_kind(), kept.original_request_id()), ("PAYMENT", RowKind::Payment, ""));
/// assert_eq!((kept.amount(), kept.currency()), (Some(Decimal::new(1050, 2)), "EUR"));
/// assert_eq!((kept.file(), kept.line()), ("settlementItems_20260301_000.csv", 2));
/// // The same from somewhere else, and with another amount.
/// let made = Theirs::new("PAYMENT", "PAY-1", "T1", None, "EUR");
/// assert_eq!(made.with_amount(kept.amount()).amount(), kept.amount());
/// # Ok::<(), antom_reports::FileError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theirs {
    /// The request id, that of what it is about, the gateway's id, the kind and the currency, one after another.
    text: Box<str>,
    ends: [u32; 4],
    kind: RowKind,
    moved: Moved,
    amount: Option<Decimal>,
    file: Arc<str>,
    line: u64,
}

/// What a row's `status` says of its money. Reports of settlements have none: they list what moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moved {
    Yes,
    No,
    /// A word that this crate does not know.
    Unknown,
}

impl Moved {
    /// By the gateway's words for the status of a payment or a refund.
    fn of(status: &str) -> Self {
        let is = |words: &[&str]| words.iter().any(|word| status.eq_ignore_ascii_case(word));
        if is(&["", "SUCCESS"]) {
            Self::Yes
        } else if is(&["PROCESSING", "PENDING", "FAIL", "CANCELLED"]) {
            Self::No
        } else {
            Self::Unknown
        }
    }
}

impl Theirs {
    /// What is kept of a row.
    #[must_use]
    pub fn of(row: &Row<'_>) -> Self {
        let text = |column| row.text(column).unwrap_or_default();
        let parts = [
            text(Column::TransactionRequestId),
            text(Column::OriginalTransactionRequestId),
            text(Column::TransactionId),
            row.kind(),
            text(Column::TransactionCurrency),
        ];
        Self {
            file: Arc::clone(row.file),
            line: row.line(),
            moved: Moved::of(text(Column::Status)),
            ..Self::made(parts, row.transaction_amount())
        }
    }

    /// A row that does not come from a [`Reader`](crate::Reader): its kind as reports write it, the merchant's id
    /// and the gateway's, either of which may be empty, and the amount with its sign.
    #[must_use]
    pub fn new(
        kind: &str,
        request_id: &str,
        transaction_id: &str,
        amount: Option<Decimal>,
        currency: &str,
    ) -> Self {
        Self::made([request_id, "", transaction_id, kind, currency], amount)
    }

    fn made(parts: [&str; 5], amount: Option<Decimal>) -> Self {
        let mut text = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        let ends = parts.map(|part| {
            text.push_str(part);
            u32::try_from(text.len()).unwrap_or(u32::MAX)
        });
        let ([request, original, transaction, end, _], [_, _, _, kind, _]) = (ends, parts);
        Self {
            text: text.into_boxed_str(),
            ends: [request, original, transaction, end],
            kind: RowKind::of(kind),
            moved: Moved::Yes,
            amount,
            file: Arc::default(),
            line: 0,
        }
    }

    /// The same row with another amount.
    #[must_use]
    pub fn with_amount(self, amount: Option<Decimal>) -> Self {
        Self { amount, ..self }
    }

    fn part(&self, from: u32, to: Option<u32>) -> &str {
        let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        self.text.get(place(from)..to.map_or(self.text.len(), place)).unwrap_or_default()
    }

    /// The merchant's id; empty where the report has none.
    #[must_use]
    pub fn request_id(&self) -> &str {
        let [request, ..] = self.ends;
        self.part(0, Some(request))
    }

    /// The merchant's id of what the row is about: of the payment for a refund, a capture or a dispute.
    #[must_use]
    pub fn original_request_id(&self) -> &str {
        let [request, original, ..] = self.ends;
        self.part(request, Some(original))
    }

    /// The gateway's id.
    #[must_use]
    pub fn transaction_id(&self) -> &str {
        let [_, original, transaction, _] = self.ends;
        self.part(original, Some(transaction))
    }

    /// The kind, as the report writes it.
    #[must_use]
    pub fn kind(&self) -> &str {
        let [_, _, transaction, kind] = self.ends;
        self.part(transaction, Some(kind))
    }

    /// The kind as one that this crate knows.
    #[must_use]
    pub fn known_kind(&self) -> RowKind {
        self.kind
    }

    /// The amount of the transaction, with its sign.
    #[must_use]
    pub fn amount(&self) -> Option<Decimal> {
        self.amount
    }

    /// Its currency.
    #[must_use]
    pub fn currency(&self) -> &str {
        let [.., kind] = self.ends;
        self.part(kind, None)
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line in it.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    pub(crate) fn moved(&self) -> Moved {
        self.moved
    }

    /// What kind of record stands against it, and under which request id: by this rows and records are sorted.
    pub(crate) fn key(&self) -> (Option<OursKind>, &str) {
        let kind = match self.kind {
            _ if self.moved != Moved::Yes => None,
            RowKind::Payment => Some(OursKind::Payment),
            RowKind::Capture => Some(OursKind::Capture),
            RowKind::Refund => Some(OursKind::Refund),
            RowKind::Dispute => Some(OursKind::Dispute),
            RowKind::DisputeReversal => Some(OursKind::DisputeReversal),
            RowKind::RefundReversal => Some(OursKind::RefundReversal),
            RowKind::PaymentReversal => Some(OursKind::PaymentReversal),
            _ => None,
        };
        // Disputes have no request id of their own.
        let about_another = kind.is_some_and(|kind| kind > OursKind::Refund);
        match self.request_id() {
            "" if about_another => (kind, self.original_request_id()),
            own => (kind, own),
        }
    }
}
