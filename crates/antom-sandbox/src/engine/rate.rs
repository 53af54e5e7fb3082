//! Rates of exchange, for reports that settle in another currency than was paid in.

use antom_core::money::Currency;

/// A rate of exchange: what one unit of the left currency costs in the right one.
///
/// ```
/// use antom_core::money::Currency;
/// use antom_sandbox::engine::Rate;
///
/// // One pound is 1.17035 euros: it leads from pounds to euros, and from euros to pounds.
/// let rate = Rate::new(Currency::GBP, Currency::EUR, 117_035, 5);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    left: Currency,
    right: Currency,
    units: u64,
    decimals: u8,
}

impl Rate {
    /// So many parts of `10^decimals`; more than twelve decimals count as twelve.
    #[must_use]
    pub fn new(left: Currency, right: Currency, units: u64, decimals: u8) -> Self {
        Self { left, right, units, decimals: decimals.min(12) }
    }

    /// Whether it leads from one of them to the other, in either direction.
    pub(super) fn joins(&self, one: &Currency, other: &Currency) -> bool {
        (&self.left, &self.right) == (one, other) || (&self.left, &self.right) == (other, one)
    }

    pub(super) fn pair(&self) -> String {
        format!("{}/{}", self.left.as_str(), self.right.as_str())
    }

    pub(super) fn price(&self) -> String {
        let one = 10_u64.pow(u32::from(self.decimals));
        format!(
            "{}.{:0width$}",
            self.units / one,
            self.units % one,
            width = usize::from(self.decimals.max(1))
        )
    }
}

/// Smallest units in another currency, rounded half to even; `None` where the rate is nothing or the result too
/// large.
pub(super) fn convert(minor: i128, from: &Currency, into: &Currency, rate: &Rate) -> Option<i128> {
    let power = |exponent: u8| 10_i128.checked_pow(u32::from(exponent));
    let (units, one) = (i128::from(rate.units), power(rate.decimals)?);
    let (times, over) = if rate.left == *from { (units, one) } else { (one, units) };
    let above = minor.checked_mul(times)?.checked_mul(power(into.exponent()?)?)?;
    let below = over.checked_mul(power(from.exponent()?)?)?;
    let (whole, rest) = (above.checked_div_euclid(below)?, above.checked_rem_euclid(below)?);
    let up = match (rest * 2).cmp(&below) {
        core::cmp::Ordering::Less => false,
        core::cmp::Ordering::Greater => true,
        core::cmp::Ordering::Equal => whole % 2 != 0,
    };
    Some(whole + i128::from(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_lead_both_ways_and_halves_go_to_even() {
        let rate = Rate::new(Currency::USD, Currency::EUR, 5, 1);
        assert_eq!((rate.pair().as_str(), rate.price().as_str()), ("USD/EUR", "0.5"));
        let there = |minor| convert(minor, &Currency::USD, &Currency::EUR, &rate);
        let halves = [(100, 50), (101, 50), (103, 52), (-101, -50), (-103, -52)];
        assert!(halves.iter().all(|(from, into)| there(*from) == Some(*into)));
        assert_eq!(convert(100, &Currency::EUR, &Currency::USD, &rate), Some(200));
        let yen = Rate::new(Currency::USD, Currency::JPY, 15_025, 2);
        assert_eq!(convert(1000, &Currency::USD, &Currency::JPY, &yen), Some(1502), "1502.5 yen");
        assert_eq!(
            convert(1, &Currency::EUR, &Currency::USD, &Rate::new(Currency::USD, Currency::EUR, 0, 1)),
            None
        );
    }
}
