//! Payments as the products want them: a request with the product's fixed values set, from exactly what the
//! product demands. What comes out is a plain [`PayRequest`]; everything else is set on it as on any other.
//!
//! | product | function | needs |
//! | --- | --- | --- |
//! | order code: the store shows a code made for this order | [`order_code`] | purchase, shop |
//! | entry code: the buyer scans the store's fixed code | [`entry_code`] | purchase, shop, browser |
//! | user-presented code: the store scans the buyer's code | [`user_presented_code`] | purchase, shop, terminal, code |
//! | cashier: the buyer pays on a page or in a wallet | [`cashier`] | purchase, payment method, return URL |
//! | tokenised: an agreement made earlier pays | [`agreement`] | purchase, payment method, access token |
//! | card, entered at Antom | [`card_hosted`] | purchase, return URL |
//! | card, entered at the merchant (PCI DSS) | [`card_server_to_server`] | purchase, return URL, card |
//! | card, stored at Antom | [`card_stored`] | purchase, return URL, card token |
//!
//! The in-store products need a [`Profile`](crate::Profile) for
//! [`ProductFamily::InStore`](crate::profile::ProductFamily::InStore).
//!
//! ```
//! use antom_core::preset::{self, Party, Purchase, Shop};
//! use antom_core::{Amount, Currency};
//!
//! let purchase = Purchase::new("PAY-1", "ORDER-1", "Two coffees", Amount::new(Currency::SGD, 950));
//! let shop = Shop::new(Party::new("M-1", "Coffee Ltd", "5814"), Party::new("S-1", "Coffee at the corner", "5814"));
//! let request = preset::order_code(purchase, shop)
//!     .with_payment_notify_url("https://shop.example/antom");
//! assert!(antom_core::check::problems(&request, Default::default()).is_empty());
//! ```

mod card;
mod in_store;
mod online;

#[cfg(test)]
mod tests;

pub use card::{
    Card, CardMetaData, ExternalThreeDs, Installments, MerchantInitiated, RecurringType, ThreeDs,
    card_hosted, card_server_to_server, card_stored,
};
pub use in_store::{Party, Shop, Terminal, entry_code, order_code, user_presented_code};
pub use online::{agreement, cashier};

use alloc::string::String;

use crate::Amount;
use crate::api::models::{Order, PaymentMethod, ProductCode};
use crate::api::payments::PayRequest;

/// What is paid for, and under which ids.
///
/// The order's amount is the amount paid. Where they differ (exchange, promotions), set
/// `order.order_amount` of the request that comes out.
///
/// ```
/// use antom_core::preset::{self, Purchase};
/// use antom_core::{Amount, Currency};
///
/// let purchase = Purchase::new("PAY-7", "ORDER-7", "A ticket", Amount::new(Currency::EUR, 4_990));
/// let request = preset::agreement(purchase, "ALIPAY_HK", "token of the buyer".to_owned());
/// assert_eq!(request.payment_request_id, "PAY-7");
/// assert_eq!(request.payment_amount, Amount::new(Currency::EUR, 4_990));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Purchase {
    payment_request_id: String,
    order_id: String,
    description: String,
    amount: Amount,
}

impl Purchase {
    /// `payment_request_id` is your id of this attempt to pay: the same id never pays twice. `order_id` and
    /// `description` say what is bought; buyers see them.
    #[must_use]
    pub fn new(
        payment_request_id: impl Into<String>,
        order_id: impl Into<String>,
        description: impl Into<String>,
        amount: Amount,
    ) -> Self {
        Self {
            payment_request_id: payment_request_id.into(),
            order_id: order_id.into(),
            description: description.into(),
            amount,
        }
    }

    fn pay(self, product: ProductCode, method: PaymentMethod) -> PayRequest {
        let order = Order::new(self.order_id, self.description, self.amount.clone());
        PayRequest::new(product, self.payment_request_id, order, self.amount, method)
    }
}
