/// What a row is about, whatever its file calls it.
///
/// ```
/// use antom_reports::RowKind;
///
/// assert!(RowKind::Payment.moves_money() && !RowKind::Authorization.moves_money());
/// assert_ne!(RowKind::Payment.word(), RowKind::Refund.word());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RowKind {
    /// A payment.
    Payment,
    /// A capture.
    Capture,
    /// A refund.
    Refund,
    /// An authorization.
    Authorization,
    /// A cancellation.
    Cancel,
    /// A dispute: its money is held back.
    Dispute,
    /// A dispute that was settled before it became one.
    Resolution,
    /// A dispute that was won, or withdrawn.
    DisputeReversal,
    /// A payment that was taken back.
    PaymentReversal,
    /// A refund that bounced.
    RefundReversal,
    /// A fee of the account.
    Fee,
    /// A reserve or collateral, kept back or let go.
    Reserve,
    /// The sum of a batch, in a summary.
    Total,
    /// A kind that this crate does not know.
    Unknown,
}

impl RowKind {
    /// All of them, in their order.
    pub const ALL: &[Self] = &[
        Self::Payment,
        Self::Capture,
        Self::Refund,
        Self::Authorization,
        Self::Cancel,
        Self::Dispute,
        Self::Resolution,
        Self::DisputeReversal,
        Self::PaymentReversal,
        Self::RefundReversal,
        Self::Fee,
        Self::Reserve,
        Self::Total,
        Self::Unknown,
    ];

    /// The word for it; current files use it for most of them.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Payment => "PAYMENT",
            Self::Capture => "CAPTURE",
            Self::Refund => "REFUND",
            Self::Authorization => "AUTHORIZATION",
            Self::Cancel => "CANCEL",
            Self::Dispute => "DISPUTE",
            Self::Resolution => "RAPID_DISPUTE_RESOLUTION",
            Self::DisputeReversal => "DISPUTE_REVERSAL",
            Self::PaymentReversal => "PAYMENT_REVERSAL",
            Self::RefundReversal => "REFUND_REVERSAL",
            Self::Fee => "FEE",
            Self::Reserve => "RESERVE",
            Self::Total => "TOTAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// Reads `transactionType` or `summaryType`, old and new words, in any case of letters.
    ///
    /// ```
    /// use antom_reports::RowKind;
    /// assert_eq!(RowKind::of("PAYMENT"), RowKind::Payment);
    /// assert_eq!(RowKind::of("refund"), RowKind::Refund);
    /// assert_eq!(RowKind::of("SOMETHING_NEW"), RowKind::Unknown);
    /// ```
    #[must_use]
    pub fn of(text: &str) -> Self {
        match exact(text.as_bytes()) {
            Self::Unknown => any_case(text),
            known => known,
        }
    }

    /// Whether such a row moves money by itself: then it has an amount, and the formula holds.
    #[must_use]
    pub fn moves_money(self) -> bool {
        matches!(self, Self::Payment | Self::Capture | Self::Refund)
    }
}

#[cold]
fn any_case(text: &str) -> RowKind {
    exact(text.to_ascii_uppercase().as_bytes())
}

fn exact(text: &[u8]) -> RowKind {
    match text {
        b"PAYMENT" => RowKind::Payment,
        b"CAPTURE" => RowKind::Capture,
        b"REFUND" => RowKind::Refund,
        b"AUTHORIZATION" => RowKind::Authorization,
        b"CANCEL" | b"VOID" => RowKind::Cancel,
        b"DISPUTE" => RowKind::Dispute,
        b"RAPID_DISPUTE_RESOLUTION" | b"CDRN" => RowKind::Resolution,
        b"DISPUTE_REVERSAL" => RowKind::DisputeReversal,
        b"PAYMENT_REVERSAL" => RowKind::PaymentReversal,
        b"REFUND_REVERSAL" => RowKind::RefundReversal,
        b"SETTLEMENT_FEE" | b"ADJUSTMENT_FEE" => RowKind::Fee,
        b"RESERVE"
        | b"RESERVE_WITHHOLDING"
        | b"RESERVE_RELEASED"
        | b"RESERVE_RELEASE"
        | b"COLLATERAL_WITHHELD"
        | b"COLLATERAL_WITHHOLDING"
        | b"COLLATERAL_RELEASED"
        | b"COLLATERAL_RELEASE" => RowKind::Reserve,
        b"TOTAL" => RowKind::Total,
        _ => RowKind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_in_their_order_and_words_are_read_back() {
        for (at, kind) in RowKind::ALL.iter().enumerate() {
            assert_eq!(*kind as usize, at);
            // Several kinds are one sort of fee, and each has a word of its own.
            if *kind != RowKind::Fee {
                assert_eq!(RowKind::of(kind.word()), *kind);
            }
        }
    }
}
