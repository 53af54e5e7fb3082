use std::sync::Arc;

use crate::column::Column;
use crate::decimal::Decimal;
use crate::kind::RowKind;
use crate::reconcile::OursKind;
use crate::row::Row;

/// A row of a report, as much of it as is compared: small, because all rows of a report are held at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theirs {
    /// The request id, the gateway's id, the kind and the currency, one after another.
    text: Box<str>,
    ends: [u32; 3],
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
        let (request_id, transaction_id) = (text(Column::TransactionRequestId), text(Column::TransactionId));
        Self {
            file: Arc::clone(row.file),
            line: row.line(),
            moved: Moved::of(text(Column::Status)),
            ..Self::new(
                row.kind(),
                request_id,
                transaction_id,
                row.transaction_amount(),
                text(Column::TransactionCurrency),
            )
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
        let mut text =
            String::with_capacity(request_id.len() + transaction_id.len() + kind.len() + currency.len());
        let mut end = |part: &str| {
            text.push_str(part);
            u32::try_from(text.len()).unwrap_or(u32::MAX)
        };
        let ends = [end(request_id), end(transaction_id), end(kind)];
        end(currency);
        let (kind, file) = (RowKind::of(kind), Arc::default());
        Self { text: text.into_boxed_str(), ends, kind, moved: Moved::Yes, amount, file, line: 0 }
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
        let [request, _, _] = self.ends;
        self.part(0, Some(request))
    }

    /// The gateway's id.
    #[must_use]
    pub fn transaction_id(&self) -> &str {
        let [request, transaction, _] = self.ends;
        self.part(request, Some(transaction))
    }

    /// The kind, as the report writes it.
    #[must_use]
    pub fn kind(&self) -> &str {
        let [_, transaction, kind] = self.ends;
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
        let [_, _, kind] = self.ends;
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
            _ => None,
        };
        (kind, self.request_id())
    }
}
