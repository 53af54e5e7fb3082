//! Cards: the published test numbers, and what a request or a page says about a card.

use antom_core::codec::{Limits, Map, RawJson, Reader};
use antom_core::secret::Secret;
use antom_core::time::DateTimeText;

use super::reply::{Refusal, refuse};

/// One of the test cards that Antom publishes. Every other number is refused: this is no place for real ones.
///
/// ```
/// use antom_sandbox::engine::{TEST_CARDS, TestCard};
///
/// // The published ones; every other number is refused.
/// let visa: Option<&TestCard> = TEST_CARDS.iter().find(|card| card.brand == "VISA");
/// assert_eq!(visa.map(|card| card.region.len()), Some(2));
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct TestCard {
    /// The number.
    pub number: &'static str,
    /// The brand.
    pub brand: &'static str,
    /// The country of the issuer, two letters; the published list says "global" for some, taken as `US` here.
    pub region: &'static str,
    /// What paying with it comes to.
    pub behaviour: CardBehaviour,
}

/// What paying with a test card comes to.
///
/// ```
/// use antom_sandbox::engine::{CardBehaviour, TEST_CARDS};
///
/// assert!(TEST_CARDS.iter().any(|card| card.behaviour == CardBehaviour::Declines));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CardBehaviour {
    /// It pays.
    Pays,
    /// It is declined (`PROCESS_FAIL`).
    Declines,
    /// It pays, and the bank never asks for 3-D Secure.
    PaysWithoutChallenge,
}

use CardBehaviour::{Declines, Pays, PaysWithoutChallenge};

const fn card(
    number: &'static str,
    brand: &'static str,
    region: &'static str,
    behaviour: CardBehaviour,
) -> TestCard {
    TestCard { number, brand, region, behaviour }
}

/// The published test cards.
pub const TEST_CARDS: &[TestCard] = &[
    card("4054695723100768", "VISA", "US", Pays),
    card("5162774114974622", "MASTERCARD", "US", Pays),
    card("9490220011669217", "HYUNDAI", "KR", Pays),
    card("4294097400915107", "VISA", "BR", Pays),
    card("4006055482525268", "VISA", "MX", Pays),
    card("4600729331819383", "VISA", "CL", Pays),
    card("4310377720003234", "VISA", "PE", Pays),
    card("4054692760174822", "VISA", "US", Declines),
    card("5162770472561357", "MASTERCARD", "US", Declines),
    card("4035501000000008", "VISA", "US", PaysWithoutChallenge),
];

impl TestCard {
    /// First six and last four digits with stars between, as answers show it.
    pub(super) fn masked(&self) -> String {
        let (head, tail) = (self.number.get(..6).unwrap_or_default(), self.last_four());
        format!("{head}******{tail}")
    }

    /// The same for the same card, and nothing else.
    pub(super) fn fingerprint(&self) -> String {
        let at = TEST_CARDS.iter().position(|card| card == self).unwrap_or_default();
        format!("SANDBOXCARD{at:02}")
    }

    pub(super) fn last_four(&self) -> &'static str {
        self.number.get(12..).unwrap_or_default()
    }

    pub(super) fn challenges(&self) -> bool {
        self.behaviour != PaysWithoutChallenge
    }

    pub(super) fn pays(&self) -> bool {
        self.behaviour != Declines
    }
}

/// A card that a token stands for.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct StoredCard {
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::secret"))]
    pub(super) token: Secret<String>,
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::card"))]
    pub(super) card: &'static TestCard,
    /// When the merchant wants the token to end, as it was told.
    pub(super) expires: Option<DateTimeText>,
}

impl StoredCard {
    pub(super) fn new(token: Secret<String>, card: &'static TestCard) -> Self {
        Self { token, card, expires: None }
    }
}

/// What a buyer types on the hosted page.
///
/// ```
/// use antom_sandbox::engine::{CardEntry, TEST_CARDS};
///
/// // A card whose year is over: the page refuses it and stays open.
/// let entry = CardEntry { expiry_year: "20".into(), ..CardEntry::valid(TEST_CARDS[0].number) };
/// assert_eq!((entry.expiry_month.as_str(), entry.cvv.is_some()), ("12", true));
/// ```
#[derive(Debug, Clone)]
pub struct CardEntry {
    /// The number; one of [`TEST_CARDS`].
    pub number: Secret<String>,
    /// The month, `01` to `12`.
    pub expiry_month: String,
    /// The year, two or four digits.
    pub expiry_year: String,
    /// The security code, three digits; some cards and merchants do without.
    pub cvv: Option<Secret<String>>,
}

impl CardEntry {
    /// A card with an expiry and a code that are good.
    ///
    /// ```
    /// use antom_sandbox::engine::{CardEntry, TEST_CARDS};
    /// let entry = CardEntry::valid(TEST_CARDS[0].number);
    /// assert_eq!(entry.expiry_month, "12");
    /// ```
    #[must_use]
    pub fn valid(number: &str) -> Self {
        Self {
            number: Secret::from(number),
            expiry_month: "12".into(),
            expiry_year: "39".into(),
            cvv: Some(Secret::from("123")),
        }
    }

    /// The test card that was meant, if all that was typed is good.
    pub(super) fn check(&self) -> Result<&'static TestCard, Refusal> {
        let number: String = self.number.expose().chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let Some(card) = TEST_CARDS.iter().find(|card| card.number == number) else {
            return refuse("INVALID_CARD_NUMBER", "the sandbox takes the published test cards only");
        };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let month = digits(&self.expiry_month) && matches!(self.expiry_month.parse::<u32>(), Ok(1..=12));
        let year = digits(&self.expiry_year) && matches!(self.expiry_year.len(), 2 | 4);
        if !month || !year {
            return refuse(
                "INVALID_EXPIRATION_DATE",
                "the card's expiry must be a month from 01 to 12 and a year",
            );
        }
        let three_digits = |cvv: &Secret<String>| digits(cvv.expose()) && cvv.expose().len() == 3;
        if !self.cvv.as_ref().is_none_or(three_digits) {
            return refuse("INVALID_CVV", "the card's security code must have three digits");
        }
        Ok(card)
    }
}

/// What `paymentMethodMetaData` says about a card payment.
pub(super) struct CardData {
    pub(super) entry: Option<CardEntry>,
    pub(super) asks_3ds: bool,
}

pub(super) fn card_data(meta: Option<&Map<RawJson>>) -> CardData {
    let text = |name: &str| meta.and_then(|meta| meta.get(name)).and_then(scalar);
    let number = text("cardNo").filter(|number| !number.is_empty());
    let entry = number.map(|number| CardEntry {
        number: Secret::new(number),
        expiry_month: text("expiryMonth").unwrap_or_default(),
        expiry_year: text("expiryYear").unwrap_or_default(),
        cvv: text("cvv").map(Secret::new),
    });
    let asks_3ds = text("is3DSAuthentication").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    CardData { entry, asks_3ds }
}

/// A string, number or boolean as text: all three forms are in use.
fn scalar(raw: &RawJson) -> Option<String> {
    let mut reader = Reader::new(raw.as_str().as_bytes(), &Limits::NOTIFICATION).ok()?;
    if raw.as_str().starts_with('"') {
        return reader.read_string().ok().map(std::borrow::Cow::into_owned);
    }
    match raw.as_str() {
        text if text.starts_with(['{', '[', 'n']) => None,
        text => Some(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_checked() {
        let good = CardEntry::valid("4054 6957 2310 0768");
        assert_eq!(good.check().unwrap().brand, "VISA");
        let code = |entry: CardEntry| entry.check().unwrap_err().code;
        assert_eq!(code(CardEntry::valid("4111111111111111")), "INVALID_CARD_NUMBER");
        assert_eq!(code(CardEntry { expiry_month: "13".into(), ..good.clone() }), "INVALID_EXPIRATION_DATE");
        assert_eq!(code(CardEntry { expiry_month: "+1".into(), ..good.clone() }), "INVALID_EXPIRATION_DATE");
        assert_eq!(code(CardEntry { cvv: Some(Secret::from("99")), ..good }), "INVALID_CVV");
    }

    #[test]
    fn flags_are_read_in_every_form() {
        let meta = |value: &str| -> Map<RawJson> {
            [("is3DSAuthentication", RawJson::parse(value).unwrap())].into_iter().collect()
        };
        assert!(card_data(Some(&meta("true"))).asks_3ds);
        assert!(card_data(Some(&meta("\"true\""))).asks_3ds);
        assert!(!card_data(Some(&meta("false"))).asks_3ds);
        assert!(!card_data(Some(&meta("{}"))).asks_3ds);
        assert!(!card_data(None).asks_3ds);
    }

    #[test]
    fn numbers_are_masked_and_not_shown() {
        let entry = CardEntry::valid(TEST_CARDS[0].number);
        assert_eq!(TEST_CARDS[0].masked(), "405469******0768");
        assert!(!format!("{entry:?}").contains("4054"));
    }
}
