//! The reports that a merchant gets about what moved: details in parts, and a summary.
//!
//! Written by hand from the state, so that a reader of reports is tested against something else than itself.

use core::fmt::Write as _;

use antom_core::money::Amount;
use antom_core::time::{UnixTime, UtcOffset};

use super::Gateway;
use super::payment::{Channel, Payment, PaymentState};

/// What columns are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportNames {
    /// As in current files.
    Current,
    /// As in older files: `acquirer`, `pspName`, `paymentTime`, one fee.
    Older,
}

/// A report's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

struct Line<'a> {
    kind: &'static str,
    payment: &'a Payment,
    request_id: &'a str,
    original: &'a str,
    amount: &'a Amount,
    negative: bool,
    at: UnixTime,
}

impl Gateway {
    /// The settlement of everything that moved in `[from, to)`: details in files of so many rows, and a summary,
    /// for each currency a batch. A fee of one percent is taken of what was paid or captured.
    #[must_use]
    pub fn settlement_reports(
        &self,
        from: UnixTime,
        to: UnixTime,
        rows_a_file: usize,
        names: ReportNames,
    ) -> Vec<ReportFile> {
        let mut lines: Vec<Line<'_>> = self.state.payments().flat_map(moves).collect();
        lines.retain(|line| line.at >= from && line.at < to);
        lines.sort_by(|a, b| (a.at, a.request_id, a.kind).cmp(&(b.at, b.request_id, b.kind)));
        let mut currencies: Vec<&str> = lines.iter().map(|line| line.amount.currency().as_str()).collect();
        currencies.sort_unstable();
        currencies.dedup();
        let day = to.saturating_sub(core::time::Duration::from_millis(1)).to_rfc3339_at(UtcOffset::CHINA);
        let day = day.get(..10).unwrap_or_default().to_owned();
        let mut files = Vec::new();
        for currency in currencies {
            let batch = format!("{}{currency}", day.replace('-', ""));
            let own: Vec<&Line<'_>> =
                lines.iter().filter(|line| line.amount.currency().as_str() == currency).collect();
            let mut total = 0_i128;
            for (number, part) in own.chunks(rows_a_file.max(1)).enumerate() {
                let mut text = format!("{}\n", head(names));
                for line in part {
                    total += write(&mut text, line, &batch, &day, names);
                }
                text.push_str("<END>\n");
                files.push(ReportFile { name: format!("settlementItems_ALL_{batch}_{number:03}.csv"), text });
            }
            let decimals = own.first().and_then(|line| line.amount.currency().exponent()).unwrap_or(2);
            let text = format!(
                "settlementBatchId,customerId,summaryType,count,settlementAmountValue,settlementCurrency,settlementInitiatedDate\n\
                 {batch},SANDBOX,TOTAL,{},{},{currency},{day}\n<END>\n",
                own.len(),
                decimal(total, decimals),
            );
            files.push(ReportFile { name: format!("settlementSummary_{currency}_{batch}_000.csv"), text });
        }
        files
    }
}

fn moves(payment: &Payment) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let PaymentState::Paid { at } = payment.state else { return lines };
    let is_card = payment.channel == Channel::Card;
    lines.push(Line {
        kind: if is_card { "AUTHORIZATION" } else { "PAYMENT" },
        payment,
        request_id: &payment.request_id,
        original: "",
        amount: &payment.amount,
        negative: false,
        at,
    });
    lines.extend(payment.captures.iter().map(|capture| Line {
        kind: "CAPTURE",
        payment,
        request_id: &capture.request_id,
        original: &payment.request_id,
        amount: &capture.amount,
        negative: false,
        at: capture.at,
    }));
    lines.extend(payment.refunds.iter().filter(|refund| refund.done).map(|refund| Line {
        kind: "REFUND",
        payment,
        request_id: &refund.request_id,
        original: &payment.request_id,
        amount: &refund.amount,
        negative: true,
        at: refund.due,
    }));
    lines
}

fn head(names: ReportNames) -> &'static str {
    match names {
        ReportNames::Current => {
            "settlementBatchId,customerId,PSP,transactionType,transactionId,transactionRequestId,\
             originalTransactionRequestId,paymentMethodType,transactionAmountValue,transactionCurrency,\
             settlementAmountValue,settlementCurrency,processingFeeAmountValue,processingFeeCurrency,\
             transactionCompletionTime,settlementInitiatedDate"
        }
        ReportNames::Older => {
            "settlementBatchId,customerId,acquirer,transactionType,transactionId,transactionRequestId,\
             originalTransactionRequestId,pspName,transactionAmountValue,transactionCurrency,\
             settlementAmountValue,settlementCurrency,feeAmountValue,feeCurrency,paymentTime,settlementTime"
        }
    }
}

/// Writes a row; what it settles, in smallest units.
fn write(text: &mut String, line: &Line<'_>, batch: &str, day: &str, names: ReportNames) -> i128 {
    let currency = line.amount.currency();
    let minor =
        line.amount.minor_units().ok().and_then(|minor| i128::try_from(minor).ok()).unwrap_or_default();
    let signed = if line.negative { -minor } else { minor };
    let (fee, settled) = match line.kind {
        // What is only reserved moves nothing yet: its row stands outside the formula.
        "AUTHORIZATION" => (0, 0),
        "REFUND" => (0, signed),
        _ => (-(minor / 100), signed - minor / 100),
    };
    let shown = if line.kind == "AUTHORIZATION" { 0 } else { signed };
    let decimals = currency.exponent().unwrap_or(2);
    let request = if names == ReportNames::Older && line.kind == "CAPTURE" { "" } else { line.request_id };
    // Older files give each object its own id.
    let id = match (names, line.kind) {
        (ReportNames::Older, "CAPTURE") => line
            .payment
            .captures
            .iter()
            .find(|capture| capture.request_id == line.request_id)
            .map(|capture| &capture.id),
        _ => None,
    };
    // Writing to a text cannot fail.
    let _ = writeln!(
        text,
        "{batch},SANDBOX,SANDBOX,{},{},{request},{},{},{},{currency},{},{currency},{},{currency},{},{day}",
        line.kind,
        id.unwrap_or(&line.payment.id),
        line.original,
        line.payment.method.as_str(),
        decimal(shown, decimals),
        decimal(settled, decimals),
        decimal(fee, decimals),
        line.at.to_rfc3339_at(UtcOffset::CHINA),
    );
    settled
}

fn decimal(minor: i128, decimals: u8) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let (minor, unit) = (minor.unsigned_abs(), 10_u128.pow(u32::from(decimals)));
    match decimals {
        0 => format!("{sign}{minor}"),
        _ => format!("{sign}{}.{:0width$}", minor / unit, minor % unit, width = usize::from(decimals)),
    }
}
