//! From a request of pay to the attempt that is stored before it is sent.

use antom_core::api::models::PaymentMethodType;
use antom_core::api::payments::PayRequest;
use antom_core::flow::CancelWindow;
use antom_core::flow::payment::{NewAttempt, Product};
use antom_core::signature::ClientId;
use antom_core::time::{DateTimeText, TimeError, UnixTime, UtcOffset};

/// The attempt of a request, whose expiry the request carries afterwards.
pub(crate) fn of(
    client_id: &ClientId,
    request: &mut PayRequest,
    product: Product,
    cancellable: bool,
    now: UnixTime,
) -> Result<NewAttempt, TimeError> {
    let method = request.payment_method.payment_method_type.clone();
    let method = method.as_ref().map_or("", PaymentMethodType::as_str);
    let cancellable = cancellable && CancelWindow::of(method).is_cancellable();
    let expires = match &request.payment_expiry_time {
        Some(text) => text.instant()?,
        None => {
            // Whole seconds, as the gateway reads them.
            let expires = UnixTime::from_secs(now.saturating_add(product.expiry_for(method)).as_secs());
            request.payment_expiry_time = Some(DateTimeText::at(expires, UtcOffset::UTC));
            expires
        }
    };
    let (id, amount) = (request.payment_request_id.clone(), request.payment_amount.clone());
    let mut new = NewAttempt::new(client_id.clone(), id, amount, product, expires);
    if let Some(account) = &request.merchant_account_id {
        new = new.with_merchant_account(account.clone());
    }
    Ok(if cancellable { new } else { new.not_cancellable() })
}
