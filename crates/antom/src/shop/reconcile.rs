//! A report held against the store.

use antom_reports::{Decimal, Difference, Join, Ours, OursKind, Span, Theirs, Totals};
use antom_store::{
    Applied, Backend, Change, Finding, MoneyRecord, RecordKind, RecordState, Run, StoreError, Write,
};

use super::{Shop, ShopError};

/// The records of a page.
const PAGE: usize = 1000;
/// The findings of one commit.
const BATCH: usize = 500;

/// What a reconciliation came to. It is in the store under its id.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reconciled {
    /// The run, as it is stored.
    pub run: Run,
    /// Counts and sums.
    pub totals: Totals,
}

/// Reads a store's payments, captures and refunds of which money moved, sorted as a [`Join`] takes them, page
/// by page.
///
/// # Errors
///
/// The store failed.
pub async fn read_records(store: &dyn Backend, mut each: impl FnMut(Ours)) -> Result<(), StoreError> {
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
            page.into_iter().filter(|record| record.state == RecordState::Moved).for_each(|record| {
                each(of(record, ours));
            });
        }
    }
    Ok(())
}

fn of(record: MoneyRecord, kind: OursKind) -> Ours {
    let minor = record.amount.minor_units().ok().and_then(|minor| i128::try_from(minor).ok());
    let decimals = record.amount.currency().exponent().map(u32::from);
    Ours {
        kind,
        amount: minor.zip(decimals).map_or(Decimal::ZERO, |(minor, decimals)| Decimal::new(minor, decimals)),
        currency: record.amount.currency().clone(),
        request_id: record.request_id,
        transaction_id: record.transaction_id,
        at: record.at,
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
        let mut join = Join::new(rows, span, &mut tell);
        read_records(&**store, |record| join.ours(record, &mut tell)).await?;
        let totals = join.end(&mut tell);
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
