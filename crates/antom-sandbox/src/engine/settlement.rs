//! The reports that a merchant gets about what moved: details of transactions, details of settlements in parts, and
//! their summary.
//!
//! Written by hand from the state, so that a reader of reports is tested against something else than itself.

use core::fmt::Write as _;

use antom_core::money::{Amount, Currency};
use antom_core::time::{UnixTime, UtcOffset};

use super::Gateway;
use super::dispute::{Dispute, DisputeStage};
use super::payment::{Channel, Payment, PaymentState};
use super::rate::{Rate, convert};

/// What columns are called.
///
/// ```
/// use antom_core::time::UnixTime;
/// use antom_sandbox::engine::{ReportNames, ReportPlan};
///
/// let mut plan = ReportPlan::new(UnixTime::EPOCH, UnixTime::from_secs(1_800_000_000));
/// assert_eq!(plan.names, ReportNames::Current);
/// plan.names = ReportNames::Older; // For a program that still reads them.
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportNames {
    /// As in current files.
    Current,
    /// As in older files: `acquirer`, `pspName`, `paymentTime`, one fee.
    Older,
}

/// What reports are about: everything that moved in `[from, to)`, and what the account itself pays.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::paid;
/// use antom_core::time::UnixTime;
/// use antom_sandbox::engine::ReportPlan;
/// # let gateway = paid();
///
/// let mut plan = ReportPlan::new(UnixTime::EPOCH, UnixTime::from_secs(1_800_000_000));
/// plan.reserve_percent = 5;
/// plan.account_fee = 100;
/// let files = gateway.settlement_reports(&plan);
/// assert!(files.iter().any(|file| file.text.contains("RESERVE")));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReportPlan {
    /// The begin of the span.
    pub from: UnixTime,
    /// Its end, which is no part of it.
    pub to: UnixTime,
    /// How many rows a file has at most.
    pub rows_a_file: usize,
    /// What columns are called.
    pub names: ReportNames,
    /// The currency that what has a rate to it is settled in. The rest is settled in its own.
    pub settled_in: Option<Currency>,
    /// The rates.
    pub rates: Vec<Rate>,
    /// The fee of the account for each batch, in smallest units.
    pub account_fee: u32,
    /// The percentage of what a batch settles that is kept back.
    pub reserve_percent: u8,
    /// What is let go of an earlier reserve with each batch, in smallest units.
    pub reserve_released: u32,
}

impl ReportPlan {
    /// Files of a thousand rows with current names; everything in its own currency, no reserve, no account's fee.
    #[must_use]
    pub fn new(from: UnixTime, to: UnixTime) -> Self {
        Self {
            from,
            to,
            rows_a_file: 1000,
            names: ReportNames::Current,
            settled_in: None,
            rates: Vec::new(),
            account_fee: 0,
            reserve_percent: 0,
            reserve_released: 0,
        }
    }

    fn holds(&self, at: UnixTime) -> bool {
        at >= self.from && at < self.to
    }

    /// The last day of the span in UTC+8.
    fn day(&self) -> String {
        let day = self.to.saturating_sub(core::time::Duration::from_millis(1));
        day.to_rfc3339_at(UtcOffset::CHINA).get(..10).unwrap_or_default().to_owned()
    }
}

/// A report's file.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::paid;
/// use antom_core::time::UnixTime;
/// use antom_sandbox::engine::ReportPlan;
/// # let gateway = paid();
///
/// let plan = ReportPlan::new(UnixTime::EPOCH, UnixTime::from_secs(1_800_000_000));
/// let details = &gateway.transaction_reports(&plan)[0];
/// assert!(details.name.ends_with(".csv") && details.text.contains("PAY-1"));
/// assert!(details.text.trim_end().ends_with("<END>"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Something that moved, or was to move.
struct Move<'a> {
    kind: &'static str,
    payment: &'a Payment,
    /// The object's own id, as older files write it.
    id: &'a str,
    request_id: &'a str,
    original: &'a str,
    amount: &'a Amount,
    negative: bool,
    status: &'static str,
    at: UnixTime,
}

/// A row of a settlement.
struct Settled {
    kind: &'static str,
    /// The cells up to the amount.
    ids: String,
    /// The cells of the amount and its rate.
    amount: String,
    fee: i128,
    settled: i128,
    at: String,
}

impl Gateway {
    /// The settlement of everything that moved: details in files, and a summary, for each currency a batch. A fee
    /// of one percent is taken of what was paid or captured.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::paid;
    /// use antom_core::time::UnixTime;
    /// use antom_sandbox::engine::ReportPlan;
    /// # let gateway = paid();
    ///
    /// let plan = ReportPlan::new(UnixTime::EPOCH, UnixTime::from_secs(1_800_000_000));
    /// let files = gateway.settlement_reports(&plan);
    /// // One for the rows, one that sums them up.
    /// assert_eq!(files.len(), 2);
    /// assert!(files.iter().any(|file| file.text.contains("PAY-1")));
    /// ```
    #[must_use]
    pub fn settlement_reports(&self, plan: &ReportPlan) -> Vec<ReportFile> {
        let moves = self.moves(plan).into_iter().filter(|line| line.status == "SUCCESS");
        let mut batches: Vec<(Currency, Vec<Settled>)> = Vec::new();
        for line in moves {
            let (currency, row) = settle(&line, plan);
            match batches.iter_mut().find(|(own, _)| *own == currency) {
                Some((_, rows)) => rows.push(row),
                None => batches.push((currency, vec![row])),
            }
        }
        batches.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
        let mut files = Vec::new();
        for (currency, mut rows) in batches {
            rows.extend(of_the_account(&rows, &currency, plan));
            write_batch(&mut files, &currency, &rows, plan);
        }
        files
    }

    /// The details of every transaction: what succeeded, what failed, and what is on its way. Older files list what
    /// succeeded only.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::paid;
    /// use antom_core::time::UnixTime;
    /// use antom_sandbox::engine::ReportPlan;
    /// # let gateway = paid();
    ///
    /// let plan = ReportPlan::new(UnixTime::EPOCH, UnixTime::from_secs(1_800_000_000));
    /// assert!(gateway.transaction_reports(&plan)[0].text.contains("PAY-1"));
    /// ```
    #[must_use]
    pub fn transaction_reports(&self, plan: &ReportPlan) -> Vec<ReportFile> {
        let current = plan.names == ReportNames::Current;
        let mut moves = self.moves(plan);
        moves.retain(|line| current || line.status == "SUCCESS");
        let (psp, wallet, done) = match plan.names {
            ReportNames::Current => ("PSP", "wallet", "transactionCompletionTime"),
            ReportNames::Older => ("acquirer", "pspName", "paymentTime"),
        };
        let head = format!(
            "customerId,{psp},transactionType,transactionId,transactionRequestId,originalTransactionRequestId,\
             paymentMethodType,{wallet},status,transactionCreationTime,{done},transactionAmountValue,\
             transactionCurrency\n"
        );
        let rows: Vec<String> = moves
            .iter()
            .map(|line| {
                let method = line.payment.method.as_str();
                let at = line.at.to_rfc3339_at(UtcOffset::CHINA);
                format!(
                    "SANDBOX,SANDBOX,{},{},{},{},{method},{method},{},{},{},{},{}\n",
                    line.kind,
                    if current { &line.payment.id } else { line.id },
                    line.request_id,
                    line.original,
                    line.status,
                    line.payment.created.to_rfc3339_at(UtcOffset::CHINA),
                    if line.status == "SUCCESS" { &at } else { "" },
                    decimal(signed(line.amount, line.negative), decimals(line.amount.currency())),
                    line.amount.currency().as_str(),
                )
            })
            .collect();
        let name = format!("transactionItems_{}", plan.day().replace('-', ""));
        parts(&name, &head, &rows, plan.rows_a_file)
    }

    /// What is in the span, in the order of time.
    fn moves(&self, plan: &ReportPlan) -> Vec<Move<'_>> {
        let disputes = self.state.disputes().flat_map(|dispute| {
            self.state.payment(&dispute.payment).into_iter().flat_map(|payment| of_dispute(dispute, payment))
        });
        let mut moves: Vec<Move<'_>> = self.state.payments().flat_map(of_payment).chain(disputes).collect();
        moves.retain(|line| plan.holds(line.at));
        moves.sort_by(|a, b| (a.at, a.request_id, a.kind).cmp(&(b.at, b.request_id, b.kind)));
        moves
    }
}

fn of_payment(payment: &Payment) -> Vec<Move<'_>> {
    let (status, at) = match payment.state {
        PaymentState::Paid { at } => ("SUCCESS", at),
        PaymentState::Failed { at, .. } => ("FAIL", at),
        PaymentState::Cancelled { at } => ("CANCELLED", at),
        PaymentState::Waiting(_) => ("PROCESSING", payment.created),
    };
    let begin = Move {
        kind: if payment.channel == Channel::Card { "AUTHORIZATION" } else { "PAYMENT" },
        payment,
        id: &payment.id,
        request_id: &payment.request_id,
        original: "",
        amount: &payment.amount,
        negative: false,
        status,
        at,
    };
    let captures = payment.captures.iter().map(|capture| Move {
        kind: "CAPTURE",
        payment,
        id: &capture.id,
        request_id: &capture.request_id,
        original: &payment.request_id,
        amount: &capture.amount,
        negative: false,
        status: "SUCCESS",
        at: capture.at,
    });
    let refunds = payment.refunds.iter().map(|refund| Move {
        kind: "REFUND",
        payment,
        id: &refund.id,
        request_id: &refund.request_id,
        original: &payment.request_id,
        amount: &refund.amount,
        negative: true,
        status: if refund.done { "SUCCESS" } else { "PROCESSING" },
        at: refund.due,
    });
    core::iter::once(begin).chain(captures).chain(refunds).collect()
}

/// A dispute takes the money when it is opened, and gives it back when the merchant wins or the bank lets go.
fn of_dispute<'a>(dispute: &'a Dispute, payment: &'a Payment) -> impl Iterator<Item = Move<'a>> {
    let back = match dispute.stage {
        DisputeStage::Judged { at, merchant_won: true } | DisputeStage::Cancelled { at } => Some(at),
        _ => None,
    };
    let line = move |kind, negative, at| Move {
        kind,
        payment,
        id: &dispute.id,
        request_id: "",
        original: &payment.request_id,
        amount: &dispute.amount,
        negative,
        status: "SUCCESS",
        at,
    };
    let opened = line("DISPUTE", true, dispute.opened);
    core::iter::once(opened).chain(back.map(|at| line("DISPUTE_REVERSAL", false, at)))
}

/// What something that moved settles, and in which currency.
fn settle(line: &Move<'_>, plan: &ReportPlan) -> (Currency, Settled) {
    let own = line.amount.currency();
    // What is only reserved moves nothing yet: its row stands outside the formula.
    let minor = if line.kind == "AUTHORIZATION" { 0 } else { signed(line.amount, line.negative) };
    let rate = plan.settled_in.as_ref().filter(|into| *into != own).and_then(|into| {
        let rate = plan.rates.iter().find(|rate| rate.joins(own, into))?;
        Some((into, rate, convert(minor, own, into, rate)?))
    });
    let (currency, gross) = match &rate {
        Some((into, _, gross)) => ((*into).clone(), *gross),
        None => (own.clone(), minor),
    };
    let fee = if matches!(line.kind, "PAYMENT" | "CAPTURE") { -(gross / 100) } else { 0 };
    let older = plan.names == ReportNames::Older;
    // Older files give a capture its own id, and no request id.
    let (id, request) = match older && line.kind == "CAPTURE" {
        true => (line.id, ""),
        false => (line.payment.id.as_str(), line.request_id),
    };
    let ids = format!("{id},{request},{},{}", line.original, line.payment.method.as_str());
    let (pair, price) = rate.map(|(_, rate, _)| (rate.pair(), rate.price())).unwrap_or_default();
    let shown = decimal(gross, decimals(&currency));
    let converted = match (older, pair.is_empty()) {
        (true, _) => String::new(),
        (false, true) => ",,".to_owned(),
        (false, false) => format!(",{shown},{}", currency.as_str()),
    };
    let amount = format!("{},{},{pair},{price}{converted}", decimal(minor, decimals(own)), own.as_str());
    let at = line.at.to_rfc3339_at(UtcOffset::CHINA);
    (currency, Settled { kind: line.kind, ids, amount, fee, settled: gross + fee, at })
}

/// The rows that belong to no transaction: what they settle is all that they say.
fn of_the_account(rows: &[Settled], currency: &Currency, plan: &ReportPlan) -> Vec<Settled> {
    let sum: i128 = rows.iter().map(|row| row.settled).sum();
    let older = plan.names == ReportNames::Older;
    [
        ("SETTLEMENT_FEE", -i128::from(plan.account_fee)),
        (
            if older { "RESERVE_WITHHOLDING" } else { "RESERVE" },
            -(sum.max(0) * i128::from(plan.reserve_percent) / 100),
        ),
        (if older { "RESERVE_RELEASE" } else { "RESERVE_RELEASED" }, i128::from(plan.reserve_released)),
    ]
    .into_iter()
    .filter(|(_, settled)| *settled != 0)
    .map(|(kind, settled)| Settled {
        kind,
        ids: format!("{kind}-{},,,", plan.day().replace('-', "")),
        amount: format!(
            "{},{},,{}",
            decimal(0, decimals(currency)),
            currency.as_str(),
            if older { "" } else { ",," }
        ),
        fee: 0,
        settled,
        at: String::new(),
    })
    .collect()
}

fn write_batch(files: &mut Vec<ReportFile>, currency: &Currency, rows: &[Settled], plan: &ReportPlan) {
    let (day, code, exponent) = (plan.day(), currency.as_str(), decimals(currency));
    let batch = format!("{}{code}", day.replace('-', ""));
    let texts: Vec<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{batch},SANDBOX,SANDBOX,{},{},{},{},{code},{},{code},{},{day}\n",
                row.kind,
                row.ids,
                row.amount,
                decimal(row.settled, exponent),
                decimal(row.fee, exponent),
                row.at,
            )
        })
        .collect();
    let (psp, method, converted, fee, done, date) = match plan.names {
        ReportNames::Current => (
            "PSP",
            "paymentMethodType",
            "convertedTransactionAmountValue,convertedCurrency,",
            "processingFeeAmountValue,processingFeeCurrency",
            "transactionCompletionTime",
            "settlementInitiatedDate",
        ),
        ReportNames::Older => {
            ("acquirer", "pspName", "", "feeAmountValue,feeCurrency", "paymentTime", "settlementTime")
        }
    };
    let head = format!(
        "settlementBatchId,customerId,{psp},transactionType,transactionId,transactionRequestId,\
         originalTransactionRequestId,{method},transactionAmountValue,transactionCurrency,quoteCurrencyPair,quotePrice,\
         {converted}settlementAmountValue,settlementCurrency,{fee},{done},{date}\n"
    );
    files.extend(parts(&format!("settlementItems_ALL_{batch}"), &head, &texts, plan.rows_a_file));
    let mut text = "settlementBatchId,customerId,summaryType,count,settlementAmountValue,settlementCurrency,\
                    settlementInitiatedDate\n"
        .to_owned();
    let mut kinds: Vec<&str> = rows.iter().map(|row| row.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds.into_iter().chain(["TOTAL"]) {
        let own = rows.iter().filter(|row| kind == "TOTAL" || row.kind == kind);
        let (count, sum) = own.fold((0, 0), |(count, sum), row| (count + 1, sum + row.settled));
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{batch},SANDBOX,{kind},{count},{},{code},{day}", decimal(sum, exponent));
    }
    text.push_str("<END>\n");
    files.push(ReportFile { name: format!("settlementSummary_{code}_{batch}_000.csv"), text });
}

/// Rows in files of so many, each with the head and its end; one file of none.
fn parts(stem: &str, head: &str, rows: &[String], rows_a_file: usize) -> Vec<ReportFile> {
    let count = rows.len().div_ceil(rows_a_file.max(1)).max(1);
    let part = |number: usize| {
        let own = rows.iter().skip(number * rows_a_file.max(1)).take(rows_a_file.max(1));
        let text = core::iter::once(head).chain(own.map(String::as_str)).chain(["<END>\n"]).collect();
        ReportFile { name: format!("{stem}_{number:03}.csv"), text }
    };
    (0..count).map(part).collect()
}

fn signed(amount: &Amount, negative: bool) -> i128 {
    let minor = amount.minor_units().ok().and_then(|minor| i128::try_from(minor).ok()).unwrap_or_default();
    if negative { -minor } else { minor }
}

fn decimals(currency: &Currency) -> u8 {
    currency.exponent().unwrap_or(2)
}

fn decimal(minor: i128, decimals: u8) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let (minor, unit) = (minor.unsigned_abs(), 10_u128.pow(u32::from(decimals)));
    match decimals {
        0 => format!("{sign}{minor}"),
        _ => format!("{sign}{}.{:0width$}", minor / unit, minor % unit, width = usize::from(decimals)),
    }
}
