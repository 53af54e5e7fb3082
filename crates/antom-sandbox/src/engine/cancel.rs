//! payments/cancel: voids what is not settled.

use std::time::Duration;

use antom_core::api::payments::{CancelRequest, CancelResponse};
use antom_core::codec::Message;
use antom_core::time::{DateTimeText, UnixTime};

use super::change::Change;
use super::day::end_of_day;
use super::desk::Desk;
use super::payment::{Channel, Payment, PaymentState};
use super::reply::{Done, Refusal, refuse, stamp, success};

pub(super) fn cancel(desk: &mut Desk<'_>, request: CancelRequest) -> Result<Done, Refusal> {
    if request.payment_id.is_none() && request.payment_request_id.is_none() {
        return refuse("PARAM_ILLEGAL", "/paymentId: it or paymentRequestId must be present");
    }
    let found = desk.state.find_payment(request.payment_id.as_deref(), request.payment_request_id.as_deref());
    let Some(payment) = found else {
        return refuse("ORDER_NOT_EXIST", "no such payment");
    };
    let at = match payment.state {
        PaymentState::Cancelled { at } => return Ok(answer(payment, at)),
        PaymentState::Waiting(_) => desk.now,
        // Nothing was paid and nothing will be: the wish is fulfilled.
        PaymentState::Failed { .. } => match payment.cancel_noted {
            Some(at) => return Ok(answer(payment, at)),
            None => desk.now,
        },
        PaymentState::Paid { at } => {
            if !payment.refunds.is_empty() {
                return refuse("PROCESS_FAIL", "a refunded payment cannot be cancelled");
            }
            if !payment.captures.is_empty() {
                return refuse("PROCESS_FAIL", "a captured payment cannot be cancelled; refund it");
            }
            if desk.now > window(payment, at) {
                return refuse("CANCEL_WINDOW_EXCEED", "it is too late to cancel; refund it");
            }
            desk.now
        }
    };
    let mut done = answer(payment, at);
    done.changes.push(Change::PaymentCancelled { payment: payment.id.clone() });
    Ok(done)
}

/// Until when a paid payment can be cancelled: seven days for cards, else a quarter past midnight of the
/// following day in the gateway's time.
fn window(payment: &Payment, paid: UnixTime) -> UnixTime {
    if payment.channel == Channel::Card {
        return paid.saturating_add(Duration::from_secs(7 * 24 * 3600));
    }
    end_of_day(paid).saturating_add(Duration::from_secs(15 * 60))
}

fn answer(payment: &Payment, at: UnixTime) -> Done {
    let result = success();
    let mut answer = CancelResponse::new(result.clone());
    answer.payment_id = Some(payment.id.clone());
    answer.payment_request_id = Some(payment.request_id.clone());
    answer.cancel_time = Some(DateTimeText::from(stamp(at)));
    Done { body: answer.to_json(), result, changes: Vec::new() }
}
