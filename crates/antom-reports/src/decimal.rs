use core::cmp::Ordering;
use core::fmt;

/// The most digits of a number: enough for any amount, few enough that no product overflows.
const MOST_DIGITS: usize = 18;
/// The most decimals that are kept.
const MOST_SCALE: u32 = 12;

/// A decimal number, exactly: `units` parts of `10^scale`.
///
/// ```
/// use antom_reports::Decimal;
///
/// let (price, fee) = (Decimal::new(1999, 2), Decimal::new(25, 3));
/// assert_eq!(price.minus(Decimal::new(2000, 2)).abs(), Decimal::new(1, 2));
/// assert_eq!(price.times(fee, 2).to_string(), "0.50");
/// assert_eq!(price.over(Decimal::ZERO, 2), None);
/// assert_eq!(price.plus(fee).rounded(2).minor_units(2), Some(2002));
/// assert!(!fee.fits(2) && !fee.is_zero() && !fee.is_negative());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    units: i128,
    scale: u32,
}

#[expect(clippy::indexing_slicing, reason = "computed while it is compiled, which fails where it is wrong")]
/// The powers of ten, computed once: they are asked for several times a row.
const POWERS: [i128; 31] = {
    let mut powers = [1; 31];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

fn power(exponent: u32) -> i128 {
    usize::try_from(exponent).ok().and_then(|at| POWERS.get(at)).copied().unwrap_or(i128::MAX)
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { units: 0, scale: 0 };

    /// So many parts of `10^scale`.
    ///
    /// ```
    /// use antom_reports::Decimal;
    /// assert_eq!(Decimal::new(1050, 2).to_string(), "10.50");
    /// ```
    #[must_use]
    pub fn new(units: i128, scale: u32) -> Self {
        Self { units, scale: scale.min(MOST_SCALE) }
    }

    /// Digits, at most one point with digits on both sides, at most one sign. No blanks, commas, exponents.
    ///
    /// ```
    /// use antom_reports::Decimal;
    /// assert_eq!(Decimal::parse("-10.50"), Some(Decimal::new(-1050, 2)));
    /// assert_eq!(Decimal::parse("10,50"), None);
    /// ```
    #[must_use]
    #[inline]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', ..] => (true, text.get(1..)?),
            [b'+', ..] => (false, text.get(1..)?),
            _ => (false, text),
        };
        if digits.len() <= MOST_DIGITS {
            return short(digits.as_bytes(), negative);
        }
        let (mut units, mut scale, mut seen, mut point) = (0_u64, 0_u32, 0_usize, false);
        let mut last_was_digit = false;
        for byte in digits.bytes() {
            match byte {
                b'0'..=b'9' => {
                    // Zeros in front cost nothing; eighteen digits fit.
                    seen += usize::from(units != 0 || byte != b'0');
                    scale += u32::from(point);
                    if seen > MOST_DIGITS || scale > MOST_SCALE {
                        return None;
                    }
                    units = units * 10 + u64::from(byte - b'0');
                    last_was_digit = true;
                }
                b'.' if !point && last_was_digit => {
                    point = true;
                    last_was_digit = false;
                }
                _ => return None,
            }
        }
        let units = i128::from(units);
        last_was_digit.then_some(Self { units: if negative { -units } else { units }, scale })
    }

    /// Whether it is nothing.
    #[must_use]
    #[inline]
    pub fn is_zero(self) -> bool {
        self.units == 0
    }

    /// Whether it is below zero.
    #[must_use]
    #[inline]
    pub fn is_negative(self) -> bool {
        self.units < 0
    }

    #[inline]
    fn at_scale(self, scale: u32) -> i128 {
        if scale == self.scale {
            return self.units;
        }
        self.units.saturating_mul(power(scale.saturating_sub(self.scale)))
    }

    /// The sum.
    #[must_use]
    #[inline]
    pub fn plus(self, other: Self) -> Self {
        let scale = self.scale.max(other.scale);
        Self { units: self.at_scale(scale).saturating_add(other.at_scale(scale)), scale }
    }

    /// The difference.
    #[must_use]
    #[inline]
    pub fn minus(self, other: Self) -> Self {
        self.plus(Self { units: other.units.saturating_neg(), ..other })
    }

    /// Without its sign.
    #[must_use]
    #[inline]
    pub fn abs(self) -> Self {
        Self { units: self.units.saturating_abs(), ..self }
    }

    /// Units and scale, for a hash of the same text.
    pub(crate) fn parts(self) -> (i128, u32) {
        (self.units, self.scale)
    }

    /// The product, rounded half to even at so many decimals.
    #[must_use]
    pub fn times(self, other: Self, decimals: u32) -> Self {
        let product = self.units.saturating_mul(other.units);
        let scale = self.scale.saturating_add(other.scale);
        match scale.checked_sub(decimals) {
            Some(extra) => Self { units: divide(product, power(extra)), scale: decimals },
            None => Self { units: product.saturating_mul(power(decimals - scale)), scale: decimals },
        }
    }

    /// The quotient, rounded half to even at so many decimals; `None` for zero below.
    #[must_use]
    pub fn over(self, other: Self, decimals: u32) -> Option<Self> {
        if other.units == 0 {
            return None;
        }
        let above = self.units.saturating_mul(power(decimals.saturating_add(other.scale)));
        let below = other.units.saturating_mul(power(self.scale));
        Some(Self { units: divide(above, below), scale: decimals })
    }

    /// Rounded half to even at so many decimals.
    #[must_use]
    pub fn rounded(self, decimals: u32) -> Self {
        self.times(Self { units: 1, scale: 0 }, decimals)
    }

    /// Whether it needs no more than so many decimals.
    #[must_use]
    #[inline]
    pub fn fits(self, decimals: u32) -> bool {
        self.scale <= decimals || self.units % power(self.scale - decimals) == 0
    }

    /// The number of smallest units of a currency with so many decimals; `None` if it has more.
    #[must_use]
    pub fn minor_units(self, decimals: u32) -> Option<i128> {
        self.fits(decimals).then(|| self.rounded(decimals).units)
    }
}

/// A text that cannot have too many digits, as nearly all are.
#[inline]
fn short(digits: &[u8], negative: bool) -> Option<Decimal> {
    let ([b'0'..=b'9', .., b'0'..=b'9'] | [b'0'..=b'9']) = digits else { return None };
    let (mut units, mut scale, mut point) = (0_u64, 0_u32, 0_u32);
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            units = units * 10 + u64::from(digit);
            scale += point;
        } else if *byte == b'.' && point == 0 {
            point = 1;
        } else {
            return None;
        }
    }
    let units = i128::from(units);
    (scale <= MOST_SCALE).then_some(Decimal { units: if negative { -units } else { units }, scale })
}

/// Divides and rounds half to even.
fn divide(above: i128, below: i128) -> i128 {
    let (above, below) =
        if below < 0 { (above.saturating_neg(), below.saturating_neg()) } else { (above, below) };
    let Some(quotient) = above.checked_div_euclid(below) else { return 0 };
    let rest = above.rem_euclid(below);
    match rest.saturating_mul(2).cmp(&below) {
        Ordering::Less => quotient,
        Ordering::Greater => quotient.saturating_add(1),
        Ordering::Equal => quotient.saturating_add(quotient & 1),
    }
}

/// Zero.
impl Default for Decimal {
    fn default() -> Self {
        Self::ZERO
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        self.at_scale(scale).cmp(&other.at_scale(scale))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let (units, unit) = (self.units.unsigned_abs(), power(self.scale).unsigned_abs());
        match self.scale {
            0 => write!(f, "{sign}{units}"),
            scale => {
                let width = usize::try_from(scale).unwrap_or_default();
                write!(f, "{sign}{}.{:0width$}", units / unit, units % unit)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn texts_are_read_strictly() {
        for text in
            ["0", "-0.00", "10.50", "+3", "999999999999999999", "0.000000000001", "000000000000000000001"]
        {
            assert!(Decimal::parse(text).is_some(), "{text}");
        }
        for text in ["", "-", ".", "1.", ".5", "1,5", "1e3", " 1", "1 ", "--1", "1.2.3", "0x1", "١", "NaN"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        assert_eq!(Decimal::parse(&"9".repeat(40)), None);
    }

    #[test]
    fn halves_go_to_even() {
        for (text, rounded) in
            [("0.125", "0.12"), ("0.135", "0.14"), ("-0.125", "-0.12"), ("-0.135", "-0.14"), ("2.5", "2.50")]
        {
            assert_eq!(d(text).rounded(2), d(rounded), "{text}");
        }
        assert_eq!(d("1").over(d("3"), 2), Some(d("0.33")));
        assert_eq!(d("100.00").times(d("1.2345"), 2), d("123.45"));
        assert_eq!(d("1").over(Decimal::ZERO, 2), None);
    }

    proptest::proptest! {
        #[test]
        fn numbers_come_back_as_they_were_written(units in -999_999_999_999_i64..=999_999_999_999, scale in 0_u32..=6) {
            let number = Decimal::new(i128::from(units), scale);
            proptest::prop_assert_eq!(Decimal::parse(&number.to_string()), Some(number));
            proptest::prop_assert_eq!(number.plus(number).minus(number), number);
            proptest::prop_assert!(number.rounded(2).minus(number).abs() <= Decimal::new(5, 3));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}") {
            let _ = Decimal::parse(&text);
        }

        #[test]
        fn zeros_in_front_change_nothing(text in "[-+]?[0-9]{1,8}(\\.[0-9]{1,4})?", zeros in 0_usize..30) {
            let (sign, digits) = match text.strip_prefix(['-', '+']) {
                Some(digits) => (&text[..1], digits),
                None => ("", text.as_str()),
            };
            let longer = format!("{sign}{}{digits}", "0".repeat(zeros));
            proptest::prop_assert_eq!(Decimal::parse(&longer), Decimal::parse(&text));
        }
    }
}
