//! Currencies, as texts.

use crate::open_enum::vocabulary;

vocabulary! {
    /// A currency code, kept as it came: there is a constant for each currency with a known number of
    /// decimals.
    ///
    /// Any text can be stored, because a message from outside may hold any text; [`Currency::is_iso_form`]
    /// tells whether it is a code at all. Equality is by text, so `usd` is not `USD`.
    ///
    /// ```
    /// use antom_core::money::Currency;
    ///
    /// assert_eq!(Currency::from("USD"), Currency::USD);
    /// assert_eq!(Currency::from_static("USD").as_str(), "USD");
    /// assert!(Currency::USD.is_known() && !Currency::from("XXX").is_known());
    /// assert_eq!(Currency::JPY.exponent(), Some(0));
    /// assert_eq!(Currency::from("KWD").exponent(), None);
    /// assert!(!Currency::from("usd").is_iso_form());
    /// ```
    pub struct Currency {
        /// Australian dollar, two decimals.
        AUD = "AUD",
        /// Bangladeshi taka, two decimals.
        BDT = "BDT",
        /// Brazilian real, two decimals.
        BRL = "BRL",
        /// Canadian dollar, two decimals.
        CAD = "CAD",
        /// Swiss franc, two decimals.
        CHF = "CHF",
        /// Chilean peso, no decimals.
        CLP = "CLP",
        /// Chinese yuan, two decimals.
        CNY = "CNY",
        /// Euro, two decimals.
        EUR = "EUR",
        /// Pound sterling, two decimals.
        GBP = "GBP",
        /// Hong Kong dollar, two decimals.
        HKD = "HKD",
        /// Indonesian rupiah; two decimals on the wire, which must be `00`.
        IDR = "IDR",
        /// Japanese yen, no decimals.
        JPY = "JPY",
        /// South Korean won, no decimals.
        KRW = "KRW",
        /// Mexican peso, two decimals.
        MXN = "MXN",
        /// Malaysian ringgit, two decimals.
        MYR = "MYR",
        /// New Zealand dollar, two decimals.
        NZD = "NZD",
        /// Peruvian sol, two decimals.
        PEN = "PEN",
        /// Philippine peso, two decimals.
        PHP = "PHP",
        /// Pakistani rupee, two decimals.
        PKR = "PKR",
        /// Polish zloty, two decimals.
        PLN = "PLN",
        /// Singapore dollar, two decimals.
        SGD = "SGD",
        /// Thai baht, two decimals.
        THB = "THB",
        /// New Taiwan dollar, two decimals.
        TWD = "TWD",
        /// US dollar, two decimals.
        USD = "USD",
        /// Vietnamese dong, no decimals.
        VND = "VND",
    }
}

impl Currency {
    /// How many decimals the smallest unit stands for: 2 for USD, 0 for JPY.
    ///
    /// Known for the currencies that have a constant. `None` means unknown, not zero: a wrong guess would
    /// be wrong by a factor of ten or more.
    pub fn exponent(&self) -> Option<u8> {
        if !self.is_known() {
            return None;
        }
        match self.as_str() {
            "CLP" | "JPY" | "KRW" | "VND" => Some(0),
            _ => Some(2),
        }
    }

    /// Whether the text is three upper-case ASCII letters, as ISO 4217 codes are.
    pub fn is_iso_form(&self) -> bool {
        self.as_str().len() == 3 && self.as_str().bytes().all(|byte| byte.is_ascii_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_of_the_documented_currencies() {
        let zero = ["CLP", "JPY", "KRW", "VND"];
        let two = [
            "AUD", "BDT", "BRL", "CAD", "CHF", "CNY", "EUR", "GBP", "HKD", "IDR", "MXN", "MYR", "NZD", "PEN",
            "PHP", "PKR", "PLN", "SGD", "THB", "TWD", "USD",
        ];
        for code in zero {
            assert_eq!(Currency::from(code).exponent(), Some(0), "{code}");
        }
        for code in two {
            assert_eq!(Currency::from(code).exponent(), Some(2), "{code}");
        }
        assert_eq!(Currency::KNOWN.len(), zero.len() + two.len());
        assert!(Currency::KNOWN.iter().all(|code| Currency::from(*code).is_iso_form()));
    }

    #[test]
    fn other_texts_are_stored_and_have_no_exponent() {
        for text in ["", "usd", "USDT", "US", "US1", "ÜSD", " USD", "KWD", "XXX"] {
            let currency = Currency::from(text);
            assert_eq!(currency.as_str(), text);
            assert_eq!(currency.exponent(), None, "{text}");
            assert_eq!(currency.is_iso_form(), text == "KWD" || text == "XXX", "{text}");
        }
    }
}
