//! payments/capture: takes what a card authorization holds.

use antom_core::api::payments::{CaptureRequest, CaptureResponse};
use antom_core::codec::Message;
use antom_core::time::DateTimeText;

use super::change::Change;
use super::desk::Desk;
use super::payment::{Capture, Channel, Payment, PaymentState};
use super::reply::{Done, Refusal, refuse, stamp, success};

pub(super) fn capture(desk: &mut Desk<'_>, request: CaptureRequest) -> Result<Done, Refusal> {
    if let Some((payment, known)) = desk.state.capture_of_request(&request.capture_request_id) {
        let same = known.amount.same_money(&request.capture_amount).unwrap_or(false);
        if same && payment.id == request.payment_id {
            return Ok(answer(payment, known));
        }
        return refuse("REPEAT_REQ_INCONSISTENT", "this captureRequestId was used with other values");
    }
    let Some(payment) = desk.state.payment(&request.payment_id) else {
        return refuse("AUTH_NOT_FOUND", "/paymentId: no such authorization");
    };
    if payment.channel != Channel::Card {
        return refuse("ORDER_STATUS_INVALID", "only card payments are captured");
    }
    match payment.state {
        PaymentState::Paid { .. } => {}
        PaymentState::Cancelled { .. } => return refuse("AUTH_CANCELLED", "the authorization was cancelled"),
        PaymentState::Waiting(_) => {
            return refuse("ORDER_STATUS_INVALID", "the payment is not authorised yet");
        }
        PaymentState::Failed { .. } => return refuse("ORDER_STATUS_INVALID", "the payment failed"),
    }
    if payment.is_closed_for_capture() {
        return refuse("MULTI_CAPTURE_NOT_SUPPORTED", "the last capture was made");
    }
    if payment.authorization_expires().is_some_and(|at| desk.now >= at) {
        return refuse("AUTH_EXPIRED", "the authorization has expired");
    }
    if payment.currency() != request.capture_amount.currency() {
        return refuse("CURRENCY_NOT_SUPPORT", "/captureAmount/currency: not that of the payment");
    }
    let amount = match request.capture_amount.minor_units() {
        Ok(amount) if amount > 0 => amount,
        Ok(_) => return refuse("PARAM_ILLEGAL", "/captureAmount/value: zero"),
        Err(error) => return refuse("PARAM_ILLEGAL", format!("/captureAmount/value: {error}")),
    };
    let total = payment.captured().saturating_add(amount);
    if total > payment.minor() {
        return refuse("CAPTURE_AMOUNT_EXCEED_AUTH_LIMIT", "the captures would exceed the authorised amount");
    }
    let capture = Capture {
        id: desk.ids.numbered("194010810", desk.now),
        request_id: request.capture_request_id,
        amount: request.capture_amount,
        at: desk.now,
        last: request.is_last_capture == Some(true) || total == payment.minor(),
    };
    let mut done = answer(payment, &capture);
    done.changes.push(Change::Captured { payment: request.payment_id, capture });
    Ok(done)
}

fn answer(payment: &Payment, capture: &Capture) -> Done {
    let result = success();
    let mut answer = CaptureResponse::new(result.clone());
    answer.capture_request_id = Some(capture.request_id.clone());
    answer.capture_id = Some(capture.id.clone());
    answer.payment_id = Some(payment.id.clone());
    answer.capture_amount = Some(capture.amount.clone());
    answer.capture_time = Some(DateTimeText::from(stamp(capture.at)));
    Done { body: answer.to_json(), result, changes: Vec::new() }
}
