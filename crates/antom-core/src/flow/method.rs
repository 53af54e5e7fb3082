//! How long payment methods let a payment be cancelled.

use core::time::Duration;

use crate::time::UnixTime;

/// The end of the day in which most payments can be cancelled is in UTC+8.
const GATEWAY_OFFSET: i64 = 8 * 3600;
const DAY: i64 = 24 * 3600;

/// How long a payment can be cancelled.
///
/// ```
/// use antom_core::flow::CancelWindow;
/// use antom_core::time::UnixTime;
///
/// let window = CancelWindow::of("GCASH");
/// assert!(window.is_cancellable());
/// assert!(window.end(UnixTime::from_secs(1_700_000_000)).is_some());
/// assert!(!CancelWindow::of("JKOPAY").is_cancellable());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelWindow {
    /// Never: it is inquired until it is final, and refunded where it was paid.
    Never,
    /// Until it succeeded.
    UntilSuccess,
    /// Until a quarter past midnight (UTC+8) of the day after it was paid.
    NextDay,
    /// Seven days.
    SevenDays,
}

impl CancelWindow {
    /// The window of a payment method, by its `paymentMethodType`. A contract may say otherwise; the gateway
    /// has the last word, and what it refuses to cancel is inquired and then refunded.
    ///
    /// ```
    /// use antom_core::flow::CancelWindow;
    /// assert_eq!(CancelWindow::of("JKOPAY"), CancelWindow::Never);
    /// assert_eq!(CancelWindow::of("CARD"), CancelWindow::SevenDays);
    /// assert_eq!(CancelWindow::of("GCASH"), CancelWindow::NextDay);
    /// ```
    #[must_use]
    pub fn of(payment_method: &str) -> Self {
        const INDONESIA: [&str; 14] = [
            "DANA",
            "KREDIVO_ID",
            "OVO",
            "GOPAY_ID",
            "BANKTRANSFER_MAYBANK",
            "BANKTRANSFER_BNI",
            "BANKTRANSFER_PERMATA",
            "BANKTRANSFER_BSI",
            "CIMBNIAGA",
            "ATMTRANSFER_ID",
            "QRIS",
            "SHOPEEPAY_ID",
            "LINKAJA",
            "DOKU",
        ];
        const THAI_BANKS: [&str; 6] = [
            "KRUNGTHAIBANK",
            "SIAMCOMMERCIALBANK",
            "BANGKOKBANK",
            "BANKOFAYUDHYA",
            "KASIKORNBANK",
            "GOVERNMENTSAVINGSBANK",
        ];
        match payment_method {
            "CARD" => Self::SevenDays,
            method if method.starts_with("MERCADOPAGO") => Self::SevenDays,
            "JKOPAY" => Self::Never,
            method if INDONESIA.contains(&method) => Self::Never,
            method if THAI_BANKS.iter().any(|bank| method.ends_with(bank)) => Self::UntilSuccess,
            "KPLUS" => Self::UntilSuccess,
            _ => Self::NextDay,
        }
    }

    /// Whether a payment that is not paid yet can be cancelled at all.
    #[must_use]
    pub fn is_cancellable(self) -> bool {
        self != Self::Never
    }

    /// The last moment at which a payment that was paid then can be cancelled; `None` when it cannot.
    ///
    /// ```
    /// use antom_core::flow::CancelWindow;
    /// use antom_core::time::UnixTime;
    /// // 2023-11-15 06:13:20 in UTC+8: until 2023-11-16 00:15.
    /// let end = CancelWindow::NextDay.end(UnixTime::from_secs(1_700_000_000)).unwrap();
    /// assert_eq!(end.to_rfc3339(), "2023-11-15T16:15:00Z");
    /// ```
    #[must_use]
    pub fn end(self, paid: UnixTime) -> Option<UnixTime> {
        match self {
            Self::Never | Self::UntilSuccess => None,
            Self::SevenDays => Some(paid.saturating_add(Duration::from_secs(7 * 24 * 3600))),
            Self::NextDay => {
                let day = paid.as_secs().saturating_add(GATEWAY_OFFSET).div_euclid(DAY);
                let midnight = day.saturating_add(1).saturating_mul(DAY).saturating_sub(GATEWAY_OFFSET);
                Some(UnixTime::from_secs(midnight.saturating_add(15 * 60)))
            }
        }
    }
}
