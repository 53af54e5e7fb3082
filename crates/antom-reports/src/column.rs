/// Declares the columns with their names, the newest first.
macro_rules! columns {
    ($($(#[$meta:meta])* $name:ident = [$($text:literal),+],)*) => {
        /// A column that is known, whatever it is called in a file.
        ///
        /// ```
        /// use antom_reports::Column;
        ///
        /// assert!(Column::ALL.contains(&Column::Psp));
        /// assert_eq!(Column::Psp.names(), ["PSP", "acquirer"]); // As it is called, and as it was.
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Column { $($(#[$meta])* $name),* }

        impl Column {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The names it has had, the newest first.
            #[must_use]
            pub fn names(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($text),+]),* }
            }
        }
    };
}

columns! {
    /// The settlement's batch.
    SettlementBatchId = ["settlementBatchId"],
    /// The merchant.
    CustomerId = ["customerId"],
    /// The acquirer.
    Psp = ["PSP", "acquirer"],
    /// What a line of a summary sums up.
    SummaryType = ["summaryType"],
    /// How many rows a line of a summary sums up.
    Count = ["count"],
    /// The kind of a row.
    TransactionType = ["transactionType"],
    /// The gateway's id.
    TransactionId = ["transactionId"],
    /// The merchant's id.
    TransactionRequestId = ["transactionRequestId"],
    /// The merchant's id of what a row is about.
    OriginalTransactionRequestId = ["originalTransactionRequestId"],
    /// The gateway's id of what a row is about.
    OriginalTransactionId = ["originalTransactionId"],
    /// The payment method.
    PaymentMethodType = ["paymentMethodType"],
    /// The wallet.
    Wallet = ["wallet", "pspName"],
    /// When it was begun.
    CreationTime = ["transactionCreationTime"],
    /// When it was changed.
    UpdateTime = ["transactionUpdateTime"],
    /// When it was done.
    CompletionTime = ["transactionCompletionTime", "paymentTime"],
    /// The day of the settlement.
    SettlementDate = ["settlementInitiatedDate", "settlementTime"],
    /// The amount of the transaction.
    TransactionAmount = ["transactionAmountValue"],
    /// Its currency.
    TransactionCurrency = ["transactionCurrency"],
    /// The same in the settlement's currency.
    ConvertedAmount = ["convertedTransactionAmountValue"],
    /// Its currency.
    ConvertedCurrency = ["convertedCurrency"],
    /// What the merchant gets, or gives.
    SettlementAmount = ["settlementAmountValue"],
    /// Its currency.
    SettlementCurrency = ["settlementCurrency"],
    /// The currencies of the exchange rate, `AAA/BBB`.
    QuotePair = ["quoteCurrencyPair"],
    /// The exchange rate.
    QuotePrice = ["quotePrice"],
    /// The status.
    Status = ["status"],
}

/// A fee's column and that of its currency.
///
/// ```
/// use antom_reports::{FEES, Fee};
///
/// let processing = Fee { amount: "processingFeeAmountValue", currency: "processingFeeCurrency" };
/// assert!(FEES.contains(&processing));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fee {
    /// The amount's column.
    pub amount: &'static str,
    /// The currency's column.
    pub currency: &'static str,
}

const fn fee(amount: &'static str, currency: &'static str) -> Fee {
    Fee { amount, currency }
}

/// All fees, with the one of older files.
pub const FEES: [Fee; 21] = [
    fee("paymentMethodFeeAmountValue", "paymentMethodFeeCurrency"),
    fee("interchangeFeeAmountValue", "interchangeFeeCurrency"),
    fee("schemeFeeAmountValue", "schemeFeeCurrency"),
    fee("acquirerMarkupAmountValue", "acquirerMarkupCurrency"),
    fee("processingFeeAmountValue", "processingFeeCurrency"),
    fee("taxFeeAmountValue", "taxFeeCurrency"),
    fee("refundFeeAmountValue", "refundFeeCurrency"),
    fee("disputeHandlingFee", "disputeHandlingFeeCurrency"),
    fee("financingFeeAmountValue", "financingFeeCurrency"),
    fee("rdrFeeAmountValue", "rdrFeeCurrency"),
    fee("anticipationFeeAmountValue", "anticipationFeeCurrency"),
    fee("riskDecisionServiceFeeAmountValue", "riskDecisionServiceFeeCurrency"),
    fee("riskManagementFeeAmountValue", "riskManagementFeeCurrency"),
    fee("cdrnFeeAmountValue", "cdrnFeeCurrency"),
    fee("iofFeeAmountValue", "iofFeeCurrency"),
    fee("withholdingTaxAmountValue", "withholdingTaxFeeCurrency"),
    fee("fxFeeAmountValue", "fxFeeAmountCurrency"),
    fee("rtauServiceFeeAmountValue", "rtauServiceFeeCurrency"),
    fee("ntServiceFeeAmountValue", "ntServiceFeeCurrency"),
    fee("revenueBoosterServiceFeeAmountValue", "revenueBoosterServiceFeeCurrency"),
    fee("feeAmountValue", "feeCurrency"),
];

/// Columns that only current files have: their amounts are decimals of the currency.
pub(crate) const CURRENT: [&str; 8] = [
    "processingFeeAmountValue",
    "paymentMethodFeeAmountValue",
    "interchangeFeeAmountValue",
    "convertedTransactionAmountValue",
    "settlementInitiatedDate",
    "transactionCompletionTime",
    "wallet",
    "PSP",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_name_stands_for_two_columns() {
        let fees = FEES.iter().flat_map(|fee| [fee.amount, fee.currency]);
        let names: Vec<_> =
            Column::ALL.iter().flat_map(|column| column.names()).copied().chain(fees).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert!(CURRENT.iter().all(|name| names.contains(name)));
    }
}
