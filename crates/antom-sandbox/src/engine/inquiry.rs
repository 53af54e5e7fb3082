//! payments/inquiryPayment and payments/inquiryRefund: what became of something.
//!
//! The `result` speaks of the inquiry; the state of the money is in `paymentStatus` and `refundStatus`.

use antom_core::api::models::ResultStatus;
use antom_core::api::payments::{
    InquiryPaymentRequest, InquiryPaymentResponse, InquiryRefundRequest, InquiryRefundResponse, Transaction,
};
use antom_core::codec::Message;
use antom_core::time::DateTimeText;

use super::desk::Desk;
use super::notice::{card_info, card_result};
use super::payment::{Payment, PaymentState};
use super::reply::{Done, Refusal, in_process, refuse, stamp, success};

pub(super) fn payment(desk: &mut Desk<'_>, request: InquiryPaymentRequest) -> Result<Done, Refusal> {
    if request.payment_id.is_none() && request.payment_request_id.is_none() {
        return refuse("PARAM_ILLEGAL", "/paymentId: it or paymentRequestId must be present");
    }
    let found = desk.state.find_payment(request.payment_id.as_deref(), request.payment_request_id.as_deref());
    let Some(payment) = found else {
        return refuse("ORDER_NOT_EXIST", "no such payment");
    };
    let result = success();
    let outcome = payment.outcome();
    let mut answer = InquiryPaymentResponse::new(result.clone());
    answer.payment_status = Some(status(payment).into());
    answer.payment_result_code = outcome.result_code.as_ref().map(|code| code.as_str().into());
    answer.payment_result_message = outcome.result_message;
    answer.payment_request_id = Some(payment.request_id.clone());
    answer.payment_id = Some(payment.id.clone());
    answer.payment_amount = Some(payment.amount.clone());
    answer.actual_payment_amount = Some(payment.amount.clone());
    answer.payment_method_type = Some(payment.method.clone());
    answer.payment_create_time = Some(DateTimeText::from(stamp(payment.created)));
    if let PaymentState::Paid { at } = payment.state {
        answer.payment_time = Some(DateTimeText::from(stamp(at)));
        answer.auth_expiry_time = payment.authorization_expires().map(|at| DateTimeText::from(stamp(at)));
    }
    if payment.state.is_final() {
        answer.card_info = card_info(payment);
        answer.payment_result_info = card_result(payment);
    }
    let transactions = transactions(payment);
    if !transactions.is_empty() {
        answer.transactions = Some(transactions);
    }
    Ok(Done { body: answer.to_json(), result, changes: Vec::new() })
}

pub(super) fn status(payment: &Payment) -> &'static str {
    match payment.state {
        PaymentState::Waiting(_) => "PROCESSING",
        PaymentState::Paid { .. } => "SUCCESS",
        PaymentState::Failed { .. } => "FAIL",
        PaymentState::Cancelled { .. } => "CANCELLED",
    }
}

/// Captures and refunds of a payment.
fn transactions(payment: &Payment) -> Vec<Transaction> {
    let captures = payment.captures.iter().map(|capture| {
        let mut item = Transaction::new();
        item.transaction_result = Some(success());
        item.transaction_id = Some(capture.id.clone());
        item.transaction_type = Some("CAPTURE".into());
        item.transaction_status = Some("SUCCESS".into());
        item.transaction_amount = Some(capture.amount.clone());
        item.transaction_request_id = Some(capture.request_id.clone());
        item.transaction_time = Some(DateTimeText::from(stamp(capture.at)));
        item
    });
    let refunds = payment.refunds.iter().map(|refund| {
        let mut item = Transaction::new();
        let result =
            if refund.done { success() } else { in_process("REFUND_IN_PROCESS", "refund in process") };
        item.transaction_status =
            Some(if result.result_status == Some(ResultStatus::S) { "SUCCESS" } else { "PROCESSING" }.into());
        item.transaction_result = Some(result);
        item.transaction_id = Some(refund.id.clone());
        item.transaction_type = Some("REFUND".into());
        item.transaction_amount = Some(refund.amount.clone());
        item.transaction_request_id = Some(refund.request_id.clone());
        item.transaction_time = refund.done.then(|| DateTimeText::from(stamp(refund.due)));
        item
    });
    captures.chain(refunds).collect()
}

pub(super) fn refund(desk: &mut Desk<'_>, request: InquiryRefundRequest) -> Result<Done, Refusal> {
    let found = match (&request.refund_id, &request.refund_request_id) {
        (Some(id), _) => desk.state.refund(id),
        (None, Some(request_id)) => desk.state.refund_of_request(request_id),
        (None, None) => return refuse("PARAM_ILLEGAL", "/refundId: it or refundRequestId must be present"),
    };
    let Some((_, refund)) = found else {
        return refuse("ORDER_NOT_EXIST", "no such refund");
    };
    let result = success();
    let mut answer = InquiryRefundResponse::new(result.clone());
    answer.refund_id = Some(refund.id.clone());
    answer.refund_request_id = Some(refund.request_id.clone());
    answer.refund_amount = Some(refund.amount.clone());
    answer.refund_status = Some(if refund.done { "SUCCESS" } else { "PROCESSING" }.into());
    answer.refund_time = refund.done.then(|| DateTimeText::from(stamp(refund.due)));
    Ok(Done { body: answer.to_json(), result, changes: Vec::new() })
}
