use alloc::string::String;

use super::Purchase;
use crate::api::models::{PaymentMethod, PaymentMethodType, ProductCode};
use crate::api::payments::PayRequest;
use crate::secret::Secret;

/// The buyer pays with a wallet, a bank or another method that takes over until the return to
/// `redirect_url`. For cards see [`card_hosted`](super::card_hosted).
///
/// ```
/// use antom_core::api::models::PaymentMethodType;
/// use antom_core::preset::{self, Purchase};
/// use antom_core::{Amount, Currency};
///
/// let purchase = Purchase::new("PAY-1", "ORDER-1", "A book", Amount::new(Currency::PHP, 45_000));
/// let request = preset::cashier(purchase, PaymentMethodType::GCASH, "https://shop.example/back");
/// assert_eq!(request.product_code, "CASHIER_PAYMENT");
/// ```
#[must_use]
pub fn cashier(
    purchase: Purchase,
    method: impl Into<PaymentMethodType>,
    redirect_url: impl Into<Secret<String>>,
) -> PayRequest {
    purchase
        .pay(ProductCode::CASHIER_PAYMENT, PaymentMethod::new(method))
        .with_payment_redirect_url(redirect_url)
}

/// An agreement that the buyer made earlier pays, without the buyer: `access_token` is what
/// `authorizations/applyToken` gave for it.
///
/// ```
/// use antom_core::preset::{self, Purchase};
/// use antom_core::{Amount, Currency};
///
/// let purchase = Purchase::new("PAY-1", "ORDER-1", "A month", Amount::new(Currency::PHP, 45_000));
/// let request = preset::agreement(purchase, "GCASH", "281010");
/// assert_eq!(request.payment_method.payment_method_id.unwrap().expose(), "281010");
/// ```
#[must_use]
pub fn agreement(
    purchase: Purchase,
    method: impl Into<PaymentMethodType>,
    access_token: impl Into<Secret<String>>,
) -> PayRequest {
    purchase
        .pay(ProductCode::AGREEMENT_PAYMENT, PaymentMethod::new(method).with_payment_method_id(access_token))
}
