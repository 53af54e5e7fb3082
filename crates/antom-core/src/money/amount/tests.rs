use proptest::prelude::*;

use super::*;

fn usd(minor: u64) -> Amount {
    Amount::new(Currency::USD, minor)
}

fn wire(value: &str) -> Amount {
    Amount::parse_wire("USD", value)
}

fn decimal(text: &str, currency: Currency) -> Result<String, AmountError> {
    Amount::from_decimal(text, currency).map(|amount| amount.value_text().to_string())
}

#[test]
fn decimal_text_becomes_minor_units() {
    let ok = |text: &str, currency: Currency, value: &str| {
        assert_eq!(decimal(text, currency).as_deref(), Ok(value), "{text}")
    };
    ok("10.50", Currency::USD, "1050");
    ok("10.5", Currency::USD, "1050");
    ok("10", Currency::USD, "1000");
    ok("10.5000000000000000000", Currency::USD, "1050");
    ok("007.05", Currency::USD, "705");
    ok("0", Currency::USD, "0");
    ok("0.00", Currency::USD, "0");
    ok("500", Currency::JPY, "500");
    ok("500.00", Currency::JPY, "500");
    ok("15000", Currency::IDR, "1500000");
    ok("15000.00", Currency::IDR, "1500000");
    ok("99999999999999.99", Currency::USD, "9999999999999999");
    ok("9999999999999999", Currency::KRW, "9999999999999999");
}

#[test]
fn other_decimal_text_is_refused() {
    let error = |text, currency| decimal(text, currency).unwrap_err();
    assert_eq!(error("", Currency::USD), AmountError::Empty);
    assert_eq!(error(".5", Currency::USD), AmountError::Empty);
    assert_eq!(error("5.", Currency::USD), AmountError::NotDigits);
    assert_eq!(error(".", Currency::USD), AmountError::Empty);
    assert_eq!(error("-5", Currency::USD), AmountError::Signed);
    assert_eq!(error("+5", Currency::USD), AmountError::Signed);
    for text in ["5.-1", "1.2.3", "1e3", " 5", "5 ", "1,000", "1_000", "٣", "0x1F", "NaN", "5.0 "] {
        assert_eq!(error(text, Currency::USD), AmountError::NotDigits, "{text}");
    }
    assert_eq!(
        error("10.505", Currency::USD),
        AmountError::ExcessPrecision { currency: Currency::USD, exponent: 2 }
    );
    assert_eq!(
        error("0.5", Currency::JPY),
        AmountError::ExcessPrecision { currency: Currency::JPY, exponent: 0 }
    );
    assert_eq!(error("15000.50", Currency::IDR), AmountError::Step { currency: Currency::IDR, step: 100 });
    assert_eq!(error("100000000000000.00", Currency::USD), AmountError::TooLong);
    assert_eq!(error("10000000000000000", Currency::JPY), AmountError::TooLong);
    let kwd = Currency::from("KWD");
    assert_eq!(error("1", kwd.clone()), AmountError::UnsupportedCurrency { currency: kwd });
    let lower = Currency::from("usd");
    assert_eq!(error("1", lower.clone()), AmountError::InvalidCurrency { currency: lower });
}

#[test]
fn minor_units_are_strict() {
    assert_eq!(wire("0100").minor_units(), Ok(100));
    assert_eq!(wire("0").minor_units(), Ok(0));
    assert_eq!(wire("9999999999999999").minor_units(), Ok(MAX_MINOR));
    assert_eq!(wire("").minor_units(), Err(AmountError::Empty));
    assert_eq!(wire("-1").minor_units(), Err(AmountError::Signed));
    assert_eq!(wire("+1").minor_units(), Err(AmountError::Signed));
    assert_eq!(wire("10.50").minor_units(), Err(AmountError::Decimals));
    for text in ["1e3", " 1", "1 ", "1,0", "٣", "1.", ".1", "1.x", "x.1"] {
        assert_eq!(wire(text).minor_units(), Err(AmountError::NotDigits), "{text}");
    }
    assert_eq!(wire("00000000000000001").minor_units(), Err(AmountError::TooLong));
    assert_eq!(Amount::new(Currency::USD, u64::MAX).minor_units(), Err(AmountError::TooLong));
    assert_eq!(Amount::from_minor(Currency::USD, MAX_MINOR + 1), Err(AmountError::TooLong));
    assert!(Amount::from_minor(Currency::USD, MAX_MINOR).is_ok());
}

#[test]
fn same_money_compares_numbers() {
    assert_ne!(wire("0100"), usd(100));
    assert_eq!(wire("0100").same_money(&usd(100)), Ok(true));
    assert_eq!(wire("0100").same_money(&usd(101)), Ok(false));
    assert_eq!(usd(100).same_money(&Amount::new(Currency::SGD, 100)), Ok(false));
    assert_eq!(usd(100).same_money(&Amount::parse_wire("usd", "100")), Ok(false));
    assert_eq!(usd(100).same_money(&wire("1.00")), Err(AmountError::Decimals));
    assert_eq!(wire("x").same_money(&wire("x")), Err(AmountError::NotDigits));
}

#[test]
fn arithmetic_stays_in_one_currency() {
    assert_eq!(usd(100).checked_add(&wire("0050")), Ok(usd(150)));
    assert_eq!(usd(100).checked_sub(&usd(100)), Ok(usd(0)));
    assert_eq!(usd(100).checked_sub(&usd(101)), Err(AmountError::Negative));
    let euro = Amount::new(Currency::EUR, 1);
    let mismatch = AmountError::CurrencyMismatch { left: Currency::USD, right: Currency::EUR };
    assert_eq!(usd(100).checked_add(&euro), Err(mismatch.clone()));
    assert_eq!(usd(100).checked_sub(&euro), Err(mismatch));
    assert_eq!(wire("9999999999999999").checked_add(&usd(1)), Err(AmountError::TooLong));
    assert_eq!(wire("").checked_add(&usd(1)), Err(AmountError::Empty));
}

#[test]
fn checks_of_the_currency() {
    assert_eq!(usd(0).check(), Ok(()));
    assert_eq!(Amount::new(Currency::IDR, 0).check(), Ok(()));
    assert_eq!(Amount::new(Currency::IDR, 1_500_000).check(), Ok(()));
    let step = AmountError::Step { currency: Currency::IDR, step: 100 };
    assert_eq!(Amount::new(Currency::IDR, 150).check(), Err(step));
    assert!(matches!(Amount::parse_wire("KWD", "1").check(), Err(AmountError::UnsupportedCurrency { .. })));
    assert!(matches!(Amount::parse_wire("", "1").check(), Err(AmountError::InvalidCurrency { .. })));
    assert_eq!(wire("1.0").check(), Err(AmountError::Decimals));
}

#[test]
fn checks_of_payment_methods() {
    let check = |currency: Currency, minor, method| Amount::new(currency, minor).check_for(method);
    let refund = |currency: Currency, minor, method| Amount::new(currency, minor).check_refund_for(method);
    let below =
        |currency: Currency, method, minimum| Err(AmountError::BelowMinimum { currency, method, minimum });

    assert_eq!(check(Currency::HKD, 20, "OCTOPUS"), Ok(()));
    assert_eq!(
        check(Currency::HKD, 25, "OCTOPUS"),
        Err(AmountError::Step { currency: Currency::HKD, step: 10 })
    );
    assert_eq!(check(Currency::HKD, 25, "ALIPAY_HK"), Ok(()));
    assert_eq!(check(Currency::HKD, 0, "ALIPAY_HK"), below(Currency::HKD, "ALIPAY_HK", 1));
    assert_eq!(
        check(Currency::TWD, 150, "JKOPAY"),
        Err(AmountError::Step { currency: Currency::TWD, step: 100 })
    );
    assert_eq!(check(Currency::TWD, 0, "JKOPAY"), below(Currency::TWD, "JKOPAY", 100));
    assert_eq!(check(Currency::TWD, 150, "CARD"), Ok(()));
    assert_eq!(check(Currency::IDR, 29_900, "DANA"), below(Currency::IDR, "DANA", 30_000));
    assert_eq!(check(Currency::IDR, 30_000, "DANA"), Ok(()));
    assert_eq!(
        check(Currency::IDR, 30_050, "DANA"),
        Err(AmountError::Step { currency: Currency::IDR, step: 100 })
    );
    assert_eq!(check(Currency::IDR, 29_900, "AKULAKU"), below(Currency::IDR, "AKULAKU", 30_000));
    assert_eq!(refund(Currency::IDR, 29_900, "AKULAKU"), Ok(()));
    assert_eq!(check(Currency::CNY, 9, "ALIPAY_CN"), below(Currency::CNY, "ALIPAY_CN", 10));
    assert_eq!(refund(Currency::CNY, 9, "ALIPAY_CN"), Ok(()));
    for (currency, method, minimum) in [
        (Currency::KRW, "KAKAOPAY", 50),
        (Currency::MYR, "TNG", 5),
        (Currency::PHP, "GCASH", 100),
        (Currency::THB, "TRUEMONEY", 100),
    ] {
        assert_eq!(check(currency.clone(), minimum, method), Ok(()));
        assert_eq!(refund(currency.clone(), minimum, method), Ok(()));
        assert_eq!(check(currency.clone(), minimum - 1, method), below(currency.clone(), method, minimum));
        assert_eq!(refund(currency.clone(), minimum - 1, method), below(currency, method, minimum));
    }
    // A rule of one currency says nothing about another.
    assert_eq!(check(Currency::USD, 1, "GCASH"), Ok(()));
}

#[test]
fn display_never_misleads() {
    let shown = |currency, value| Amount::parse_wire(currency, value).to_string();
    assert_eq!(shown("USD", "1050"), "USD 10.50");
    assert_eq!(shown("USD", "5"), "USD 0.05");
    assert_eq!(shown("JPY", "0500"), "JPY 500");
    assert_eq!(shown("KWD", "1050"), "KWD 1050 (minor units)");
    assert_eq!(shown("USD", "10.50"), "USD \"10.50\" (not a number of minor units)");
    assert_eq!(shown("a\nb", "1\n2"), "a\\nb \"1\\n2\" (not a number of minor units)");
    assert_eq!(format!("{:?}", usd(1050)), "USD 10.50");
    let error = Amount::parse_wire("a\nb", "1").check().unwrap_err().to_string();
    assert!(error.contains("`a\\nb`"), "{error}");
}

fn known_currency() -> impl Strategy<Value = Currency> {
    (0..Currency::KNOWN.len()).prop_map(|place| Currency::from_static(Currency::KNOWN[place]))
}

proptest! {
    #[test]
    fn decimal_text_comes_back(currency in known_currency(), minor in 0..=MAX_MINOR) {
        let minor = if currency == Currency::IDR { minor / 100 * 100 } else { minor };
        let amount = Amount::from_minor(currency.clone(), minor).unwrap();
        prop_assert_eq!(amount.check(), Ok(()));
        let text = amount.to_decimal().unwrap();
        let fraction = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        prop_assert_eq!(fraction, usize::from(currency.exponent().unwrap()));
        prop_assert_eq!(Amount::from_decimal(&text, currency), Ok(amount));
    }

    #[test]
    fn any_text_is_answered(currency in ".{0,6}", value in ".{0,50}") {
        let amount = Amount::parse_wire(&currency, &value);
        prop_assert_eq!((amount.currency().as_str(), amount.value_text()), (currency.as_str(), value.as_str()));
        let _ = (amount.minor_units(), amount.to_decimal(), amount.check(), amount.check_for("DANA"), amount.to_string());
        let _ = (amount.same_money(&amount), amount.checked_add(&amount), amount.checked_sub(&amount));
        let _ = (Amount::from_decimal(&value, Currency::USD), Amount::from_decimal(&value, amount.currency().clone()));
    }

    #[test]
    fn text_close_to_a_number_is_answered(text in "[-+0-9.]{0,24}") {
        if let Ok(amount) = Amount::from_decimal(&text, Currency::USD) {
            prop_assert!(amount.minor_units().unwrap() <= MAX_MINOR);
        }
        let digits = (1..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        prop_assert_eq!(wire(&text).minor_units().is_ok(), digits);
    }

    #[test]
    fn forty_digits_are_refused(text in "[1-9][0-9]{39}") {
        prop_assert_eq!(Amount::from_decimal(&text, Currency::USD), Err(AmountError::TooLong));
        prop_assert_eq!(wire(&text).minor_units(), Err(AmountError::TooLong));
    }

    #[test]
    fn subtraction_undoes_addition(left in 0..=MAX_MINOR / 2, right in 0..=MAX_MINOR / 2) {
        let left = Amount::from_minor(Currency::EUR, left).unwrap();
        let right = Amount::from_minor(Currency::EUR, right).unwrap();
        let sum = left.checked_add(&right).unwrap();
        prop_assert_eq!(sum.checked_sub(&right), Ok(left));
    }
}
