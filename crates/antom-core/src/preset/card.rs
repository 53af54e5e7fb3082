use alloc::string::String;
use alloc::vec::Vec;

use super::Purchase;
use crate::api::models::{
    Address, CardBrand, CreditPayPlan, MpiData, PaymentMethod, PaymentMethodType, ProductCode, UserName,
};
use crate::api::payments::{PayRequest, PaymentFactor};
use crate::ascii::into_text;
use crate::codec::{DynMessage, Map, RawJson, View, message, setters, write_view};
use crate::open_enum::vocabulary;
use crate::secret::{Personal, Secret};

message! {
    /// What the open map `paymentMethodMetaData` of a card payment is known to hold.
    ///
    /// The `with_…` functions named after features (card, 3-D Secure, address check, …) set the members that
    /// belong together; all members can be set one by one as well. [`CardMetaData::apply`] puts it into a
    /// request.
    ///
    /// ```
    /// use antom_core::api::models::Address;
    /// use antom_core::check::{self, CardMode, Context};
    /// use antom_core::preset::{self, Card, CardMetaData, Purchase, ThreeDs};
    /// use antom_core::{Amount, Currency};
    ///
    /// let card = Card::new("4054695723100768", "12", "29").with_cvv("123");
    /// let more = CardMetaData::new().with_three_ds(ThreeDs::Demand).with_address_check(Address::new("SG"));
    /// let purchase = Purchase::new("PAY-1", "ORDER-1", "A book", Amount::new(Currency::SGD, 4500));
    /// let mut request = preset::card_server_to_server(purchase, "https://shop.example/back", card);
    /// more.apply(&mut request.payment_method);
    ///
    /// let mode = Context { cards: CardMode::ServerToServer, ..Context::default() };
    /// assert!(check::problems(&request, mode).is_empty());
    /// assert!(!format!("{request:?}").contains("4054"));
    /// // Members for some countries and for cards that are kept.
    /// use antom_core::api::models::UserName;
    /// let more = CardMetaData::new()
    ///     .with_cardholder_name(UserName::new().with_full_name("A. Buyer"))
    ///     .with_tokenize(true)
    ///     .with_payment_method_region("KR")
    ///     .with_payer_email("buyer@shop.example")
    ///     .with_cpf("00000000000")
    ///     .with_date_of_birth("2000-12-31")
    ///     .with_business_no("0000000000")
    ///     .with_card_password_digest("00");
    /// assert!(!format!("{more:?}").contains("buyer@shop.example"));
    /// ```
    pub struct CardMetaData("CardMetaData") reads mirror {
        required {}
        optional {
            /// The card number. Wire name `cardNo`; at most 32 characters.
            card_no: Secret<String> = "cardNo", secret, max 32;
            /// The card's verification value. Wire name `cvv`; at most 4 characters.
            cvv: Secret<String> = "cvv", secret, max 4;
            /// The last two digits of the year in which the card ends. Wire name `expiryYear`.
            expiry_year: Secret<String> = "expiryYear", secret, max 2;
            /// The month in which the card ends, two digits. Wire name `expiryMonth`.
            expiry_month: Secret<String> = "expiryMonth", secret, max 2;
            /// The name on the card. Wire name `cardholderName`.
            cardholder_name: UserName = "cardholderName" | "cardHolderName", personal, max 0;
            /// The cardholder's address, which the issuer can compare (AVS). Wire name `billingAddress`.
            billing_address: Address = "billingAddress", personal, max 0;
            /// Whether the buyer must be authenticated with 3-D Secure. Wire name `is3DSAuthentication`.
            is_3ds_authentication: bool = "is3DSAuthentication", plain, max 0;
            /// Whether Antom may authenticate the buyer when the issuer asks for it, to save a payment that
            /// would else be refused. Wire name `enableAuthenticationUpgrade`.
            enable_authentication_upgrade: bool =
                "enableAuthenticationUpgrade" | "enableAuthenticationUpgrate", plain, max 0;
            /// The result of a 3-D Secure authentication that was run outside Antom. Wire name `mpiData`.
            mpi_data: MpiData = "mpiData", secret, max 0;
            /// Whether the card was stored with the buyer's consent before this payment. Wire name
            /// `isCardOnFile`.
            is_card_on_file: bool = "isCardOnFile", plain, max 0;
            /// Whether Antom is to store the card. Wire name `tokenize`.
            tokenize: bool = "tokenize", plain, max 0;
            /// How a payment without the buyer came about. Wire name `recurringType`.
            recurring_type: RecurringType = "recurringType", plain, max 0;
            /// The card scheme's id of the first payment of a series. Wire name `networkTransactionId`; at
            /// most 256 characters.
            network_transaction_id: Secret<String> = "networkTransactionId", secret, max 256;
            /// The brand that the buyer chose for a card with two. Wire name `selectedCardBrand`; at most 64
            /// characters.
            selected_card_brand: CardBrand = "selectedCardBrand", plain, max 64;
            /// Where the payment method is offered, such as `KR` or `GLOBAL`. Wire name
            /// `paymentMethodRegion`; at most 6 characters.
            payment_method_region: String = "paymentMethodRegion", plain, max 6;
            /// The buyer's mail address; cards of Brazil, Chile, Mexico and Peru need it. Wire name
            /// `payerEmail`; at most 64 characters.
            payer_email: Personal<String> = "payerEmail", personal, max 64;
            /// The buyer's tax id; cards of Brazil need it. Wire name `cpf`; at most 11 characters.
            cpf: Personal<String> = "cpf", personal, max 11;
            /// The cardholder's birthday as `2000-12-31`; personal cards of South Korea need it. Wire name
            /// `dateOfBirth`; at most 10 characters.
            date_of_birth: Personal<String> = "dateOfBirth", personal, max 10;
            /// The company's number; corporate cards of South Korea need it. Wire name `businessNo`; at most
            /// 10 characters.
            business_no: Personal<String> = "businessNo", personal, max 10;
            /// The first two digits of the card's password; cards of South Korea need them. Wire name
            /// `cardPasswordDigest`.
            card_password_digest: Secret<String> = "cardPasswordDigest", secret, max 2;
        }
    }
}

setters! {
    CardMetaData {
        with_cardholder_name(cardholder_name: UserName);
        with_tokenize(tokenize: bool);
        with_payment_method_region(payment_method_region: String);
        with_payer_email(payer_email: Personal<String>);
        with_cpf(cpf: Personal<String>);
        with_date_of_birth(date_of_birth: Personal<String>);
        with_business_no(business_no: Personal<String>);
        with_card_password_digest(card_password_digest: Secret<String>);
    }
}

vocabulary! {
    /// How a payment without the buyer came about.
    ///
    /// ```
    /// use antom_core::preset::RecurringType;
    ///
    /// assert_eq!(RecurringType::from_static("SCHEDULED"), RecurringType::SCHEDULED);
    /// assert_eq!(RecurringType::SCHEDULED.as_str(), "SCHEDULED");
    /// assert!(!RecurringType::from("SOMETIMES").is_known());
    /// ```
    pub struct RecurringType {
        /// At times that were agreed, such as every month.
        SCHEDULED = "SCHEDULED",
        /// When something happens that was agreed, such as a balance running low.
        UNSCHEDULED = "UNSCHEDULED",
    }
}

/// A card as the buyer entered it. Never shown.
///
/// ```
/// use antom_core::api::models::UserName;
/// use antom_core::preset::Card;
///
/// let card = Card::new("4054695723100768", "12", "29")
///     .with_cvv("123")
///     .with_holder(UserName::new().with_first_name("A").with_last_name("Buyer"));
/// assert!(!format!("{card:?}").contains("4054"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    number: Secret<String>,
    expiry_month: Secret<String>,
    expiry_year: Secret<String>,
    cvv: Option<Secret<String>>,
    holder: Option<UserName>,
}

impl Card {
    /// Number, month (two digits) and the year's last two digits.
    #[must_use]
    pub fn new(
        number: impl Into<Secret<String>>,
        expiry_month: impl Into<Secret<String>>,
        expiry_year: impl Into<Secret<String>>,
    ) -> Self {
        Self {
            number: number.into(),
            expiry_month: expiry_month.into(),
            expiry_year: expiry_year.into(),
            cvv: None,
            holder: None,
        }
    }

    /// With the verification value, which must never be stored.
    #[must_use]
    pub fn with_cvv(self, cvv: impl Into<Secret<String>>) -> Self {
        Self { cvv: Some(cvv.into()), ..self }
    }

    /// With the name on the card.
    #[must_use]
    pub fn with_holder(self, holder: UserName) -> Self {
        Self { holder: Some(holder), ..self }
    }
}

/// Whether the buyer is authenticated with 3-D Secure by Antom.
///
/// ```
/// use antom_core::preset::{CardMetaData, ThreeDs};
///
/// let more = CardMetaData::new().with_three_ds(ThreeDs::IfIssuerAsks);
/// assert_eq!((more.is_3ds_authentication, more.enable_authentication_upgrade), (Some(false), Some(true)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreeDs {
    /// Always.
    Demand,
    /// Only if the issuer would else refuse the payment.
    IfIssuerAsks,
    /// Not even then.
    Never,
}

/// The result of a 3-D Secure authentication that was run outside Antom.
///
/// ```
/// use antom_core::preset::{CardMetaData, ExternalThreeDs};
///
/// let result = ExternalThreeDs::new("2.2.0", "05")
///     .with_cavv("AAABAWFlmQAAAABjRWWZEEFgFz8=")
///     .with_ds_transaction_id("f25084f0-5b16-4c0a-ae5d-b24808a95e4b");
/// let more = CardMetaData::new().with_external_three_ds(result);
/// assert_eq!(more.mpi_data.unwrap().eci.as_deref(), Some("05"));
/// assert_eq!(more.is_3ds_authentication, Some(false)); // It is not asked a second time.
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalThreeDs(MpiData);

impl ExternalThreeDs {
    /// The protocol's version, such as `2.2.0`, and the electronic commerce indicator, such as `05`.
    #[must_use]
    pub fn new(version: impl Into<String>, eci: impl Into<String>) -> Self {
        Self(MpiData { three_ds_version: Some(version.into()), eci: Some(eci.into()), ..MpiData::new() })
    }

    /// With the cardholder authentication verification value.
    #[must_use]
    pub fn with_cavv(mut self, cavv: impl Into<Secret<String>>) -> Self {
        self.0.cavv = Some(cavv.into());
        self
    }

    /// With the directory server's id of the authentication.
    #[must_use]
    pub fn with_ds_transaction_id(mut self, id: impl Into<String>) -> Self {
        self.0.ds_transaction_id = Some(id.into());
        self
    }
}

/// A payment that the merchant starts without the buyer, after a first one that the buyer made.
///
/// ```
/// use antom_core::preset::{CardMetaData, MerchantInitiated, RecurringType};
///
/// let monthly = MerchantInitiated::new(RecurringType::SCHEDULED, "123456789012345");
/// let more = CardMetaData::new().with_merchant_initiated(monthly);
/// assert_eq!((more.is_card_on_file, more.recurring_type), (Some(true), Some(RecurringType::SCHEDULED)));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MerchantInitiated {
    kind: RecurringType,
    network_transaction_id: Secret<String>,
}

impl MerchantInitiated {
    /// How it came about, and the `networkTransactionId` of the first payment's answer or notification.
    #[must_use]
    pub fn new(kind: RecurringType, network_transaction_id: impl Into<Secret<String>>) -> Self {
        Self { kind, network_transaction_id: network_transaction_id.into() }
    }
}

/// A payment in instalments. It stands beside the payment method, in `creditPayPlan`.
///
/// ```
/// use antom_core::preset::{self, Installments, Purchase};
/// use antom_core::{Amount, Currency};
/// let purchase = Purchase::new("PAY-1", "ORDER-1", "A bicycle", Amount::new(Currency::BRL, 90_000));
/// let request = preset::card_hosted(purchase, "https://shop.example/back")
///     .with_credit_pay_plan(Installments::new(3));
/// assert_eq!(request.credit_pay_plan.and_then(|plan| plan.installment_num), Some(3));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Installments(u32);

impl Installments {
    /// The number of instalments, as the issuer offers it.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }
}

impl From<Installments> for CreditPayPlan {
    fn from(installments: Installments) -> Self {
        Self { installment_num: Some(installments.0.into()), ..Self::new() }
    }
}

impl CardMetaData {
    /// With a card that the buyer entered at the merchant: for the server-to-server mode only.
    ///
    /// ```
    /// use antom_core::preset::{Card, CardMetaData};
    ///
    /// let more = CardMetaData::new().with_card(Card::new("4054695723100768", "12", "29"));
    /// assert_eq!(more.expiry_year.unwrap().expose(), "29");
    /// ```
    #[must_use]
    pub fn with_card(mut self, card: Card) -> Self {
        self.card_no = Some(card.number);
        self.expiry_month = Some(card.expiry_month);
        self.expiry_year = Some(card.expiry_year);
        self.cvv = card.cvv;
        if card.holder.is_some() {
            self.cardholder_name = card.holder;
        }
        self
    }

    /// With what is wanted of 3-D Secure.
    #[must_use]
    pub fn with_three_ds(mut self, three_ds: ThreeDs) -> Self {
        self.is_3ds_authentication = Some(three_ds == ThreeDs::Demand);
        self.enable_authentication_upgrade = Some(three_ds != ThreeDs::Never);
        self
    }

    /// With an authentication that was run outside Antom, which then runs none of its own.
    ///
    /// ```
    /// use antom_core::preset::{CardMetaData, ExternalThreeDs};
    ///
    /// let more = CardMetaData::new().with_external_three_ds(ExternalThreeDs::new("2.2.0", "05"));
    /// assert_eq!(more.is_3ds_authentication, Some(false)); // It is not asked a second time.
    /// ```
    #[must_use]
    pub fn with_external_three_ds(mut self, result: ExternalThreeDs) -> Self {
        self.mpi_data = Some(result.0);
        self.is_3ds_authentication = Some(false);
        self
    }

    /// With the cardholder's address for the issuer to compare (AVS).
    #[must_use]
    pub fn with_address_check(mut self, billing_address: Address) -> Self {
        self.billing_address = Some(billing_address);
        self
    }

    /// With the mark of a payment that the merchant starts without the buyer (MIT). No 3-D Secure is run:
    /// there is nobody to authenticate.
    ///
    /// ```
    /// use antom_core::preset::{CardMetaData, MerchantInitiated, RecurringType};
    ///
    /// let unscheduled = MerchantInitiated::new(RecurringType::UNSCHEDULED, "123456789012345");
    /// let more = CardMetaData::new().with_merchant_initiated(unscheduled);
    /// assert_eq!(more.enable_authentication_upgrade, Some(false)); // There is nobody to authenticate.
    /// ```
    #[must_use]
    pub fn with_merchant_initiated(mut self, payment: MerchantInitiated) -> Self {
        self.is_card_on_file = Some(true);
        self.recurring_type = Some(payment.kind);
        self.network_transaction_id = Some(payment.network_transaction_id);
        self.is_3ds_authentication = Some(false);
        self.enable_authentication_upgrade = Some(false);
        self
    }

    /// With the brand that the buyer chose for a card with two.
    ///
    /// ```
    /// use antom_core::preset::CardMetaData;
    ///
    /// let more = CardMetaData::new().with_brand("CARTES_BANCAIRES");
    /// assert_eq!(more.selected_card_brand.unwrap().as_str(), "CARTES_BANCAIRES");
    /// ```
    #[must_use]
    pub fn with_brand(mut self, brand: impl Into<CardBrand>) -> Self {
        self.selected_card_brand = Some(brand.into());
        self
    }

    /// With the mark of a card that was stored before, at the merchant or at Antom.
    ///
    /// ```
    /// use antom_core::preset::CardMetaData;
    ///
    /// assert_eq!(CardMetaData::new().with_card_on_file().is_card_on_file, Some(true));
    /// ```
    #[must_use]
    pub fn with_card_on_file(mut self) -> Self {
        self.is_card_on_file = Some(true);
        self
    }

    /// Puts what is set into a payment method, beside what its map holds already.
    pub fn apply(&self, method: &mut PaymentMethod) {
        let map = method.payment_method_meta_data.get_or_insert_with(Map::new);
        for (index, field) in self.table().fields.iter().enumerate() {
            let view = self.view(index);
            if !matches!(view, View::Absent) {
                let mut json = Vec::new();
                write_view(&mut json, view);
                map.insert(field.wire, RawJson::trusted(&into_text(json)));
            }
        }
        for (name, value) in self.rest.iter() {
            map.insert(name, value.clone());
        }
    }
}

/// The buyer enters the card on a page of Antom and returns to `redirect_url`.
///
/// ```
/// use antom_core::preset::{self, Purchase};
/// use antom_core::{Amount, Currency};
///
/// let purchase = Purchase::new("PAY-1", "ORDER-1", "A book", Amount::new(Currency::SGD, 4500));
/// let request = preset::card_hosted(purchase, "https://shop.example/back");
/// assert_eq!(request.payment_method.payment_method_type.unwrap().as_str(), "CARD");
/// // No card data: this server never sees the number.
/// assert!(request.payment_method.payment_method_meta_data.is_none());
/// ```
#[must_use]
pub fn card_hosted(purchase: Purchase, redirect_url: impl Into<Secret<String>>) -> PayRequest {
    purchase
        .pay(ProductCode::CASHIER_PAYMENT, PaymentMethod::new(PaymentMethodType::CARD))
        .with_payment_factor(PaymentFactor::new().with_is_authorization(true))
        .with_payment_redirect_url(redirect_url)
}

/// The buyer entered the card at the merchant, who is qualified to handle card data (PCI DSS). An
/// authentication may still take the buyer away until the return to `redirect_url`.
///
/// ```
/// use antom_core::preset::{self, Card, Purchase};
/// use antom_core::{Amount, Currency};
///
/// let purchase = Purchase::new("PAY-1", "ORDER-1", "A book", Amount::new(Currency::SGD, 4500));
/// let card = Card::new("4054695723100768", "12", "29").with_cvv("123");
/// let request = preset::card_server_to_server(purchase, "https://shop.example/back", card);
/// assert!(request.payment_method.payment_method_meta_data.unwrap().get("cardNo").is_some());
/// ```
#[must_use]
pub fn card_server_to_server(
    purchase: Purchase,
    redirect_url: impl Into<Secret<String>>,
    card: Card,
) -> PayRequest {
    let mut request = card_hosted(purchase, redirect_url);
    CardMetaData::new().with_card(card).apply(&mut request.payment_method);
    request
}

/// A card that Antom stored at an earlier payment: `card_token` is the `cardToken` of its notification or
/// inquiry.
///
/// ```
/// use antom_core::preset::{self, Purchase};
/// use antom_core::{Amount, Currency};
///
/// let purchase = Purchase::new("PAY-2", "ORDER-2", "A book", Amount::new(Currency::SGD, 4500));
/// let request = preset::card_stored(purchase, "https://shop.example/back", "ALIPAYx1nXnXn");
/// assert_eq!(request.payment_method.payment_method_id.unwrap().expose(), "ALIPAYx1nXnXn");
/// ```
#[must_use]
pub fn card_stored(
    purchase: Purchase,
    redirect_url: impl Into<Secret<String>>,
    card_token: impl Into<Secret<String>>,
) -> PayRequest {
    let mut request = card_hosted(purchase, redirect_url);
    request.payment_method.payment_method_id = Some(card_token.into());
    CardMetaData::new().with_card_on_file().apply(&mut request.payment_method);
    request
}
