//! What the gateway and single payment methods accept, in smallest units. A minimum is one on top of the
//! amount being a number.

use super::{AmountError, Currency};

/// What an amount is sent for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Payment,
    Refund,
}

/// One payment method's rules for one currency. 0 is no minimum; 1 is no step.
struct MethodRule {
    currency: Currency,
    method: &'static str,
    step: u64,
    min_payment: u64,
    min_refund: u64,
}

const METHOD_RULES: &[MethodRule] = &[
    rule(Currency::CNY, "ALIPAY_CN", 1, 10, 0),
    rule(Currency::HKD, "ALIPAY_HK", 1, 1, 1),
    rule(Currency::HKD, "OCTOPUS", 10, 0, 0),
    rule(Currency::IDR, "AKULAKU", 1, 30_000, 0),
    rule(Currency::IDR, "DANA", 1, 30_000, 30_000),
    rule(Currency::KRW, "KAKAOPAY", 1, 50, 50),
    rule(Currency::MYR, "TNG", 1, 5, 5),
    rule(Currency::PHP, "GCASH", 1, 100, 100),
    rule(Currency::THB, "TRUEMONEY", 1, 100, 100),
    rule(Currency::TWD, "JKOPAY", 100, 100, 100),
];

const fn rule(
    currency: Currency,
    method: &'static str,
    step: u64,
    min_payment: u64,
    min_refund: u64,
) -> MethodRule {
    MethodRule { currency, method, step, min_payment, min_refund }
}

/// The exponent of a currency, or why there is none.
pub(super) fn exponent(currency: &Currency) -> Result<u8, AmountError> {
    currency.exponent().ok_or_else(|| {
        let currency = currency.clone();
        if currency.is_iso_form() {
            AmountError::UnsupportedCurrency { currency }
        } else {
            AmountError::InvalidCurrency { currency }
        }
    })
}

/// The rules of the currency itself. Rupiah have two decimals on the wire that are always zero.
pub(super) fn check_currency(currency: &Currency, minor: u128) -> Result<(), AmountError> {
    check_step(currency, minor, if *currency == Currency::IDR { 100 } else { 1 })
}

/// The rules of a payment method; none for a method that is not in the table.
pub(super) fn check_method(
    currency: &Currency,
    minor: u128,
    method: &str,
    purpose: Purpose,
) -> Result<(), AmountError> {
    let Some(rule) = METHOD_RULES.iter().find(|rule| rule.currency == *currency && rule.method == method)
    else {
        return Ok(());
    };
    check_step(currency, minor, rule.step)?;
    let minimum = match purpose {
        Purpose::Payment => rule.min_payment,
        Purpose::Refund => rule.min_refund,
    };
    if minor < u128::from(minimum) {
        return Err(AmountError::BelowMinimum { currency: currency.clone(), method: rule.method, minimum });
    }
    Ok(())
}

fn check_step(currency: &Currency, minor: u128, step: u64) -> Result<(), AmountError> {
    if minor % u128::from(step) == 0 {
        Ok(())
    } else {
        Err(AmountError::Step { currency: currency.clone(), step })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sane() {
        for (place, rule) in METHOD_RULES.iter().enumerate() {
            assert!(rule.currency.is_known() && rule.step > 0);
            let same = |other: &MethodRule| other.currency == rule.currency && other.method == rule.method;
            assert_eq!(METHOD_RULES.iter().position(same), Some(place), "{} twice", rule.method);
        }
    }
}
