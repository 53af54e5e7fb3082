use alloc::string::String;

use super::Purchase;
use crate::api::models::{Env, Merchant, PaymentMethod, PaymentMethodType, ProductCode, Store};
use crate::api::payments::{InStorePaymentScenario, PayRequest, PaymentFactor};
use crate::secret::Secret;
use crate::time::DateTimeText;

/// A merchant or a store: who it is to you, to buyers and to card schemes.
///
/// ```
/// use antom_core::preset::Party;
///
/// // Your id, the name that buyers know, and the category code of eating places.
/// let store = Party::new("S-1", "Coffee at the corner", "5814");
/// assert_ne!(store, Party::new("S-2", "Coffee at the station", "5814"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    id: String,
    name: String,
    mcc: String,
}

impl Party {
    /// Your own id, the name that buyers know, and the merchant category code (four digits, ISO 18245).
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>, mcc: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into(), mcc: mcc.into() }
    }
}

/// Where an in-store payment takes place.
///
/// ```
/// use antom_core::preset::{self, Party, Purchase, Shop};
/// use antom_core::{Amount, Currency};
///
/// let shop = Shop::new(Party::new("M-1", "Coffee Ltd", "5814"), Party::new("S-1", "At the corner", "5814"));
/// let purchase = Purchase::new("PAY-1", "ORDER-1", "Two coffees", Amount::new(Currency::SGD, 950));
/// let merchant = preset::order_code(purchase, shop).order.merchant.unwrap();
/// assert_eq!(merchant.store.unwrap().reference_store_id.as_deref(), Some("S-1"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    merchant: Party,
    store: Party,
}

impl Shop {
    /// The merchant, and the store of that merchant.
    #[must_use]
    pub fn new(merchant: Party, store: Party) -> Self {
        Self { merchant, store }
    }

    fn into_merchant(self) -> Merchant {
        let store = Store::new()
            .with_reference_store_id(self.store.id)
            .with_store_name(self.store.name)
            .with_store_mcc(self.store.mcc);
        Merchant::new()
            .with_reference_merchant_id(self.merchant.id)
            .with_merchant_name(self.merchant.name)
            .with_merchant_mcc(self.merchant.mcc)
            .with_store(store)
    }
}

/// The till that scanned the buyer's code.
///
/// ```
/// use antom_core::preset::Terminal;
///
/// let till = Terminal::new("TILL-3", "2023-11-14T22:13:20+08:00");
/// assert_ne!(till, Terminal::new("TILL-4", "2023-11-14T22:13:20+08:00"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    id: String,
    request_time: DateTimeText,
}

impl Terminal {
    /// Your id of the till, and when it asked for the payment.
    #[must_use]
    pub fn new(id: impl Into<String>, request_time: impl Into<DateTimeText>) -> Self {
        Self { id: id.into(), request_time: request_time.into() }
    }
}

/// The store shows a code that was made for this order; the buyer scans it.
///
/// ```
/// use antom_core::preset::{self, Party, Purchase, Shop};
/// use antom_core::{Amount, Currency};
///
/// let shop = Shop::new(Party::new("M-1", "Coffee Ltd", "5814"), Party::new("S-1", "At the corner", "5814"));
/// let purchase = Purchase::new("PAY-1", "ORDER-1", "Two coffees", Amount::new(Currency::SGD, 950));
/// let request = preset::order_code(purchase, shop);
/// let factor = request.payment_factor.unwrap();
/// assert_eq!(factor.in_store_payment_scenario.unwrap().as_str(), "OrderCode");
/// ```
#[must_use]
pub fn order_code(purchase: Purchase, shop: Shop) -> PayRequest {
    let mut request = in_store(purchase, InStorePaymentScenario::ORDER_CODE);
    request.order.merchant = Some(shop.into_merchant());
    request
}

/// The buyer scans the store's fixed code and orders on the page behind it; `user_agent` is that browser's
/// `User-Agent`.
///
/// ```
/// use antom_core::preset::{self, Party, Purchase, Shop};
/// use antom_core::{Amount, Currency};
///
/// let shop = Shop::new(Party::new("M-1", "Coffee Ltd", "5814"), Party::new("S-1", "At the corner", "5814"));
/// let purchase = Purchase::new("PAY-1", "ORDER-1", "Two coffees", Amount::new(Currency::SGD, 950));
/// let request = preset::entry_code(purchase, shop, "Mozilla/5.0");
/// assert_eq!(request.order.env.unwrap().user_agent.as_deref(), Some("Mozilla/5.0"));
/// ```
#[must_use]
pub fn entry_code(purchase: Purchase, shop: Shop, user_agent: impl Into<String>) -> PayRequest {
    let mut request = in_store(purchase, InStorePaymentScenario::ENTRY_CODE);
    request.order.merchant = Some(shop.into_merchant());
    request.order.env = Some(Env::new().with_user_agent(user_agent));
    request
}

/// The buyer shows a code in the wallet; the till scans it and sends it as `payment_code`.
///
/// ```
/// use antom_core::preset::{self, Party, Purchase, Shop, Terminal};
/// use antom_core::{Amount, Currency};
///
/// let shop = Shop::new(Party::new("M-1", "Coffee Ltd", "5814"), Party::new("S-1", "At the corner", "5814"));
/// let purchase = Purchase::new("PAY-1", "ORDER-1", "Two coffees", Amount::new(Currency::SGD, 950));
/// let till = Terminal::new("TILL-3", "2023-11-14T22:13:20+08:00");
/// // What the till read off the buyer's phone.
/// let request = preset::user_presented_code(purchase, shop, till, "288888888888888888");
/// assert_eq!(request.payment_method.payment_method_id.unwrap().expose(), "288888888888888888");
/// ```
#[must_use]
pub fn user_presented_code(
    purchase: Purchase,
    shop: Shop,
    terminal: Terminal,
    payment_code: impl Into<Secret<String>>,
) -> PayRequest {
    let mut request = in_store(purchase, InStorePaymentScenario::PAYMENT_CODE);
    request.payment_method.payment_method_id = Some(payment_code.into());
    request.order.merchant = Some(shop.into_merchant());
    request.order.env = Some(
        Env::new()
            .with_store_terminal_id(terminal.id)
            .with_store_terminal_request_time(terminal.request_time),
    );
    request
}

fn in_store(purchase: Purchase, scenario: InStorePaymentScenario) -> PayRequest {
    purchase
        .pay(ProductCode::IN_STORE_PAYMENT, PaymentMethod::new(PaymentMethodType::CONNECT_WALLET))
        .with_payment_factor(PaymentFactor::new().with_in_store_payment_scenario(scenario))
}
