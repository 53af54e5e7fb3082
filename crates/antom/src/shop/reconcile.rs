//! A report held against the store.

use std::collections::{BTreeSet, HashMap, HashSet};

use antom_core::flow::EntryKind;
use antom_core::money::Amount;
use antom_reports::{Decimal, Difference, Join, Ours, OursKind, RowKind, Span, Theirs, Totals};
use antom_store::{
    Applied, Backend, Change, Finding, MoneyRecord, RecordKind, RecordState, Run, StoreError, Write,
};

use super::{Shop, ShopError};

/// The records of a page.
const PAGE: usize = 1000;
/// The findings of one commit.
const BATCH: usize = 500;

/// What a reconciliation came to. It is in the store under its id.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, PAID, request, shop};
/// use antom::core::flow::payment::Product;
/// use antom::reports::Span;
/// use antom::shop::Reconciled;
/// # let (request, shop) = (request(), shop(&[PAID]));
///
/// # block_on(async {
/// shop.orders().pay("ORDER-1", request, Product::Cashier).await?; // Paid.
/// // The gateway's report of that day has no row at all.
/// let Reconciled { run, totals, .. } =
///     shop.reconcile("2023-11-14", vec!["empty.csv".into()], Vec::new(), Span::default()).await?.expect("the first run");
/// assert!(run.finished.is_some());
/// assert_eq!(totals.counts.values().sum::<u64>(), 1);
/// // The same run is not made twice.
/// assert!(shop.reconcile("2023-11-14", vec![], Vec::new(), Span::default()).await?.is_none());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reconciled {
    /// The run, as it is stored.
    pub run: Run,
    /// Counts and sums.
    pub totals: Totals,
}

/// Holds the rows of a report against what a store knows: payments, captures and refunds of which money moved, and
/// of the payments whose disputes and reversals the report lists, what the ledger says of them. Records are read
/// page by page; `tell` is told of every line.
///
/// # Errors
///
/// The store failed.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::block_on;
/// use antom::reports::Span;
/// use antom::shop::hold_against;
/// use antom::store::MemoryStore;
///
/// # block_on(async {
/// let mut differences = Vec::new();
/// let totals = hold_against(&MemoryStore::new(), Vec::new(), Span::default(), &mut |found| differences.push(found)).await?;
/// assert!(differences.is_empty() && totals.counts.is_empty());
/// # Ok(()) });
/// ```
pub async fn hold_against(
    store: &dyn Backend,
    rows: Vec<Theirs>,
    span: Span,
    tell: &mut impl FnMut(Difference),
) -> Result<Totals, StoreError> {
    let mut asked = Asked::of(&rows);
    let mut join = Join::new(rows, span, tell);
    for (kind, ours) in [
        (RecordKind::Payment, OursKind::Payment),
        (RecordKind::Capture, OursKind::Capture),
        (RecordKind::Refund, OursKind::Refund),
    ] {
        let mut last: Option<MoneyRecord> = None;
        loop {
            let page = store.records(kind, last.as_ref(), PAGE).await?;
            let Some(end) = page.last() else { break };
            last = Some(end.clone());
            for record in page {
                asked.note(&record);
                let came_back = record.state == RecordState::Back && kind == RecordKind::Refund;
                if record.state == RecordState::Moved || came_back {
                    join.ours(of(record, ours, came_back), tell);
                }
            }
        }
    }
    for record in asked.answers(store).await? {
        join.ours(record, tell);
    }
    Ok(join.end(tell))
}

fn of(record: MoneyRecord, kind: OursKind, may_be_absent: bool) -> Ours {
    Ours {
        kind,
        amount: decimal(&record.amount),
        currency: record.amount.currency().clone(),
        request_id: record.request_id,
        transaction_id: record.transaction_id,
        at: record.at,
        may_be_absent,
    }
}

fn decimal(amount: &Amount) -> Decimal {
    let minor = amount.minor_units().ok().and_then(|minor| i128::try_from(minor).ok());
    let decimals = amount.currency().exponent().map(u32::from);
    minor.zip(decimals).map_or(Decimal::ZERO, |(minor, decimals)| Decimal::new(minor, decimals))
}

/// The orders whose disputes and reversals a report lists: few, so that only their ledgers are read.
struct Asked {
    /// Request ids and gateway's ids that the report names.
    ids: HashSet<String>,
    /// The orders they belong to.
    orders: BTreeSet<String>,
    /// The gateway's ids of their payments, by request id.
    payments: HashMap<String, String>,
}

impl Asked {
    fn of(rows: &[Theirs]) -> Self {
        let rows = rows.iter().filter(|row| {
            matches!(
                row.known_kind(),
                RowKind::Dispute
                    | RowKind::DisputeReversal
                    | RowKind::RefundReversal
                    | RowKind::PaymentReversal
            )
        });
        let ids = rows.flat_map(|row| [row.request_id(), row.original_request_id(), row.transaction_id()]);
        let ids = ids.filter(|id| !id.is_empty()).map(str::to_owned).collect();
        Self { ids, orders: BTreeSet::new(), payments: HashMap::new() }
    }

    fn note(&mut self, record: &MoneyRecord) {
        if self.ids.is_empty() {
            return;
        }
        let id = record.transaction_id.as_deref();
        if self.ids.contains(&record.request_id) || id.is_some_and(|id| self.ids.contains(id)) {
            self.orders.insert(record.order_id.clone());
            if let (RecordKind::Payment, Some(id)) = (record.kind, id) {
                self.payments.insert(record.request_id.clone(), id.to_owned());
            }
        }
    }

    /// What the ledgers say, sorted as a [`Join`] takes it. An earlier report may have listed it, or a later one will.
    async fn answers(self, store: &dyn Backend) -> Result<Vec<Ours>, StoreError> {
        let mut answers = Vec::new();
        for order in &self.orders {
            let mut after = 0;
            loop {
                let page = store.ledger(order, after, PAGE).await?;
                let Some(end) = page.last() else { break };
                after = end.sequence;
                for entry in page.into_iter().map(|row| row.entry) {
                    let (kind, own) = match entry.kind {
                        EntryKind::Disputed => (OursKind::Dispute, None),
                        EntryKind::DisputeWon => (OursKind::DisputeReversal, None),
                        EntryKind::RefundReturned => (OursKind::RefundReversal, entry.movement),
                        EntryKind::Reversed => (OursKind::PaymentReversal, None),
                        _ => continue,
                    };
                    answers.push(Ours {
                        kind,
                        transaction_id: self.payments.get(&entry.attempt).cloned(),
                        request_id: own.unwrap_or(entry.attempt),
                        amount: decimal(&entry.amount),
                        currency: entry.amount.currency().clone(),
                        at: Some(entry.at),
                        may_be_absent: true,
                    });
                }
            }
        }
        answers.sort_by(|a, b| (a.kind, &a.request_id).cmp(&(b.kind, &b.request_id)));
        Ok(answers)
    }
}

impl Shop {
    /// Compares the rows of a report with what the store knows, and stores the run with everything that a
    /// person has to look at. A run that is there already is not made again: `None`.
    ///
    /// Nothing of a report goes into the ledger: its files are not signed, so they prove nothing about money.
    /// What they know more is a finding, to be inquired.
    ///
    /// # Errors
    ///
    /// The store failed. The run then stays unfinished; begin another under a new id.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, shop};
    /// use antom::reports::{Span, Theirs};
    /// # let shop = shop(&[]);
    ///
    /// # block_on(async {
    /// // A row of the report that no order here knows.
    /// let row = Theirs::new("PAYMENT", "PAY-9", "T9", None, "EUR");
    /// let done = shop.reconcile("2023-11-14", vec!["items.csv".into()], vec![row], Span::default()).await?;
    /// assert!(done.expect("the first run").totals.needs_a_person());
    /// assert_eq!(shop.store().findings("2023-11-14", 0, 10).await?.len(), 1);
    /// # Ok(()) });
    /// ```
    pub async fn reconcile(
        &self,
        run_id: &str,
        files: Vec<String>,
        rows: Vec<Theirs>,
        span: Span,
    ) -> Result<Option<Reconciled>, ShopError> {
        let store = &self.inner.store;
        let run = Run::begin(run_id, files, self.inner.now());
        let begin = Change::write(Write::Run(Box::new(run.clone())), None, self.inner.now());
        let Applied::Changed(changed) = store.commit(begin).await? else { return Ok(None) };
        let mut revision = changed.revision;
        let mut findings = Vec::new();
        let mut tell = |difference: Difference| {
            if difference.outcome.needs_a_person() {
                findings.push(finding(&difference));
            }
        };
        let totals = hold_against(&**store, rows, span, &mut tell).await?;
        let mut run = run.finish(self.inner.now());
        run.counts =
            totals.counts.iter().map(|(outcome, count)| (outcome.word().to_owned(), *count)).collect();
        let mut batches: Vec<Vec<Finding>> = findings.chunks(BATCH).map(<[Finding]>::to_vec).collect();
        if batches.is_empty() {
            batches.push(Vec::new());
        }
        for findings in batches {
            let mut change = Change::write(Write::Run(Box::new(run.clone())), revision, self.inner.now());
            change.findings = findings;
            match store.commit(change).await? {
                Applied::Changed(changed) => revision = changed.revision,
                // Somebody else writes to a run that this one began: that is no repeat but a clash of ids.
                _ => return Err(ShopError::Contended { tries: 1 }),
            }
        }
        Ok(Some(Reconciled { run, totals }))
    }
}

fn finding(difference: &Difference) -> Finding {
    let (ours, theirs) = (difference.ours.as_ref(), difference.theirs.as_ref());
    let side = |amount: Option<String>, currency: Option<&str>| match (amount, currency) {
        (Some(amount), Some(currency)) => format!("{amount} {currency}"),
        _ => "nothing".to_owned(),
    };
    let text = format!(
        "here {}, there {}",
        side(ours.map(|ours| ours.amount.to_string()), ours.map(|ours| ours.currency.as_str())),
        side(
            theirs.and_then(|row| row.amount()).map(|amount| amount.to_string()),
            theirs.map(|row| row.currency())
        ),
    );
    let mut finding = Finding::new(difference.outcome.word(), text);
    let request = ours.map(|ours| ours.request_id.as_str()).or_else(|| theirs.map(|row| row.request_id()));
    if let Some(id) = request.filter(|id| !id.is_empty()) {
        finding = finding.with_request_id(id);
    }
    if let Some(row) = theirs {
        finding = finding.with_transaction_id(row.transaction_id()).with_line(format!(
            "{}:{}",
            row.file(),
            row.line()
        ));
    }
    finding
}
