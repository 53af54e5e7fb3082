//! payments/refund: gives back a part or all.

use antom_core::api::payments::{RefundRequest, RefundResponse};
use antom_core::codec::Message;
use antom_core::time::DateTimeText;

use super::change::Change;
use super::desk::Desk;
use super::payment::{Payment, PaymentState, Refund};
use super::reply::{Done, Refusal, in_process, refuse, stamp, success};

pub(super) fn refund(desk: &mut Desk<'_>, request: RefundRequest) -> Result<Done, Refusal> {
    if let Some((payment, known)) = desk.state.refund_of_request(&request.refund_request_id) {
        let same = known.amount.same_money(&request.refund_amount).unwrap_or(false);
        if same && payment.id == request.payment_id {
            return Ok(answer(payment, known));
        }
        return refuse("REPEAT_REQ_INCONSISTENT", "this refundRequestId was used with other values");
    }
    let Some(payment) = desk.state.payment(&request.payment_id) else {
        return refuse("ORDER_NOT_EXIST", "/paymentId: no such payment");
    };
    match payment.state {
        PaymentState::Paid { .. } => {}
        PaymentState::Cancelled { .. } => return refuse("ORDER_IS_CANCELED", "the payment was cancelled"),
        PaymentState::Waiting(_) | PaymentState::Failed { .. } => {
            return refuse("ORDER_STATUS_INVALID", "the payment is not paid");
        }
    }
    if payment.currency() != request.refund_amount.currency() {
        return refuse("CURRENCY_NOT_SUPPORT", "/refundAmount/currency: not that of the payment");
    }
    let amount = match request.refund_amount.minor_units() {
        Ok(amount) if amount > 0 => amount,
        Ok(_) => return refuse("PARAM_ILLEGAL", "/refundAmount/value: zero"),
        Err(error) => return refuse("PARAM_ILLEGAL", format!("/refundAmount/value: {error}")),
    };
    check_room(payment, request.capture_id.as_deref(), amount)?;
    let later = request.is_async_refund == Some(true);
    let refund = Refund {
        id: desk.ids.numbered("194010820", desk.now),
        request_id: request.refund_request_id,
        amount: request.refund_amount,
        capture_id: request.capture_id,
        notify_url: request.refund_notify_url.map(|url| url.expose().clone()),
        due: if later { desk.now.saturating_add(desk.settings.refund_delay) } else { desk.now },
        done: !later,
    };
    let mut done = answer(payment, &refund);
    done.changes.push(Change::RefundCreated { payment: request.payment_id, refund });
    Ok(done)
}

/// No more is given back than was taken: of the payment, and of the capture if one is named.
fn check_room(payment: &Payment, capture_id: Option<&str>, amount: u128) -> Result<(), Refusal> {
    if let Some(id) = capture_id {
        let Some(capture) = payment.captures.iter().find(|capture| capture.id == id) else {
            return refuse("ORDER_NOT_EXIST", "/captureId: no such capture of this payment");
        };
        let given: u128 = payment
            .refunds
            .iter()
            .filter(|refund| refund.capture_id.as_deref() == Some(id))
            .map(|refund| refund.amount.minor_units().unwrap_or(0))
            .sum();
        if given.saturating_add(amount) > capture.amount.minor_units().unwrap_or(0) {
            return refuse("REFUND_AMOUNT_EXCEED", "the refunds would exceed the capture");
        }
    }
    if payment.refunded().saturating_add(amount) > payment.refundable() {
        return refuse("REFUND_AMOUNT_EXCEED", "the refunds would exceed what was paid and captured");
    }
    Ok(())
}

fn answer(payment: &Payment, refund: &Refund) -> Done {
    let result = if refund.done { success() } else { in_process("REFUND_IN_PROCESS", "refund in process") };
    let mut answer = RefundResponse::new(result.clone());
    answer.refund_request_id = Some(refund.request_id.clone());
    answer.refund_id = Some(refund.id.clone());
    answer.payment_id = Some(payment.id.clone());
    answer.refund_amount = Some(refund.amount.clone());
    if refund.done {
        answer.refund_time = Some(DateTimeText::from(stamp(refund.due)));
    }
    Done { body: answer.to_json(), result, changes: Vec::new() }
}
