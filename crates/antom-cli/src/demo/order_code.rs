//! Order Code: the shop shows a code made for the order, the buyer scans it and pays.

use std::time::Duration;

use antom::core::api::models::{PaymentStatus, RefundStatus};
use antom::core::api::notifications::Notification;
use antom::core::api::payments::{InquiryPaymentRequest, InquiryRefundRequest, RefundRequest};
use antom::core::flow::payment::{Input, NewAttempt, NewRefund, NextStep, PaymentState, Product};
use antom::core::flow::{Answer, EntryKind, Show};
use antom::core::preset::{self, Party as Place, Purchase, Shop};
use antom::core::{Amount, Currency};

use super::stage::{Stage, Want, money, present, same};
use super::timeline::{Party, Stop, Summary, Unexpected};

const ORDER: &str = "ORDER-CODE-1";
const PAY: &str = "PAY-ORDER-CODE-1";
const REFUND: &str = "REFUND-ORDER-CODE-1";

pub(crate) async fn play(stage: &mut Stage) -> Result<Summary, Stop> {
    stage.timeline.flow("order-code", "Order Code: a code at the till, and a partial refund")?;
    let amount = Amount::new(Currency::SGD, 1250);
    let payment_id = pay(stage, &amount).await?;
    inquire(stage, &payment_id, &amount).await?;
    let back = Amount::new(Currency::SGD, 500);
    refund(stage, &payment_id, &back).await?;
    let order = stage.expect_state(ORDER, &PaymentState::Paid { captured: amount.clone() }).await?;
    let attempt = present("the attempt", order.current())?;
    same("the order: refunded", &500, &attempt.refunded())?;
    stage.expect_ledger(ORDER, &[(EntryKind::Captured, &amount), (EntryKind::Refunded, &back)]).await?;
    stage.settle().await?;
    Ok(Summary {
        flow: "order-code",
        order: ORDER.to_owned(),
        state: "paid, partly refunded".to_owned(),
        money: format!("{} paid, {} refunded", money(&amount), money(&back)),
    })
}

/// From the request to the verified notification; returns the payment id.
async fn pay(stage: &mut Stage, amount: &Amount) -> Result<String, Stop> {
    let (expires, expiry_text) = stage.in_time(Duration::from_secs(600));
    let shop = Shop::new(
        Place::new("MERCHANT-1", "Corner Coffee Ltd", "5814"),
        Place::new("STORE-1", "Coffee at the corner", "5814"),
    );
    let request = preset::order_code(Purchase::new(PAY, ORDER, "Two coffees", amount.clone()), shop)
        .with_payment_expiry_time(expiry_text)
        .with_payment_notify_url(stage.merchant.notify_url());
    let attempt = NewAttempt::new(stage.client_id()?, PAY, amount.clone(), Product::InStore, expires);
    stage.pays(ORDER, attempt, &request).await?;

    let call = stage.in_store.payments().pay(&request).await;
    let reply = Stage::reply("payments/pay", Want::Accepted("PAYMENT_IN_PROCESS"), &call)?;
    stage.answered("payments/pay", reply, &money(amount))?;
    let input = Input::PayAnswered { request_id: PAY.to_owned(), answer: Answer::pay(&call) };
    let turn = stage.asks(ORDER, &input).await?;
    let NextStep::ShowCode { show: Show::Code { text, .. }, .. } = &turn.step else {
        return Err(Unexpected::new("payments/pay", "a code to show", format!("{:?}", turn.step)).into());
    };
    stage.tell(Party::Shop, Party::Buyer, "the order code", "QR code on the screen", None)?;
    stage.draw(text.expose())?;

    stage
        .sandbox
        .buyer_approves(text.expose())
        .map_err(|error| Unexpected::new("the buyer", "to scan and pay", error.to_string()))?;
    stage.tell(Party::Buyer, Party::Antom, "scans the code", "pays in the wallet", None)?;

    let notice = stage
        .notified("notifyPayment", |notification| {
            matches!(notification, Notification::PaymentResult(notice)
                if notice.payment_request_id.as_deref() == Some(PAY))
        })
        .await?;
    let Notification::PaymentResult(said) = &notice.notification else {
        return Err(Unexpected::new("notifyPayment", "PAYMENT_RESULT", "another type").into());
    };
    same("notifyPayment: paymentAmount", &Some(amount), &said.payment_amount.as_ref())?;
    let text = format!("PAYMENT_RESULT S, {}", money(amount));
    stage.noticed("notifyPayment", &notice, &text)?;
    let order = stage.expect_state(ORDER, &PaymentState::Paid { captured: amount.clone() }).await?;
    same("the order may be handed over", &true, &order.may_ship())?;
    Ok(present("notifyPayment: paymentId", said.payment_id.as_ref())?.clone())
}

/// The inquiry agrees with the notification.
async fn inquire(stage: &mut Stage, payment_id: &str, amount: &Amount) -> Result<(), Stop> {
    let request = InquiryPaymentRequest::new().with_payment_request_id(PAY);
    let call = stage.in_store.payments().inquiry_payment(&request).await;
    let reply = Stage::reply("payments/inquiryPayment", Want::Success, &call)?;
    let value = reply.value();
    same("inquiryPayment: paymentStatus", &Some(&PaymentStatus::Success), &value.payment_status.as_ref())?;
    same("inquiryPayment: paymentId", &Some(payment_id), &value.payment_id.as_deref())?;
    same("inquiryPayment: paymentAmount", &Some(amount), &value.payment_amount.as_ref())?;
    stage.answered("payments/inquiryPayment", reply, "the payment: SUCCESS")?;
    let input = Input::Inquired { request_id: PAY.to_owned(), answer: Answer::inquiry(&call) };
    stage.hears(ORDER, &input).await?;
    stage.expect_state(ORDER, &PaymentState::Paid { captured: amount.clone() }).await?;
    Ok(())
}

/// A part goes back, and its inquiry agrees.
async fn refund(stage: &mut Stage, payment_id: &str, back: &Amount) -> Result<(), Stop> {
    let wish = NewRefund { request_id: REFUND.to_owned(), amount: back.clone(), capture_id: None };
    let turn = stage.asks(ORDER, &Input::Refund(wish)).await?;
    let NextStep::Refund { payment_id: bound, refund_request_id, amount, .. } = &turn.step else {
        return Err(Unexpected::new("the refund", "to be called", format!("{:?}", turn.step)).into());
    };
    same("the refunded payment", &payment_id, &bound.as_str())?;
    let request = RefundRequest::new(refund_request_id, bound, amount.clone());
    let call = stage.in_store.payments().refund(&request).await;
    let reply = Stage::reply("payments/refund", Want::Success, &call)?;
    same("refund: refundAmount", &Some(back), &reply.value().refund_amount.as_ref())?;
    stage.answered("payments/refund", reply, &money(back))?;
    let answer = Answer::refund(&call);
    stage.hears(ORDER, &Input::RefundAnswered { refund_request_id: REFUND.to_owned(), answer }).await?;

    let notice = stage
        .notified("notifyRefund", |notification| {
            matches!(notification, Notification::Refund(notice)
                if notice.refund_request_id.as_deref() == Some(REFUND))
        })
        .await?;
    if let Notification::Refund(said) = &notice.notification {
        same("notifyRefund: refundStatus", &Some(&RefundStatus::Success), &said.refund_status.as_ref())?;
        same("notifyRefund: refundAmount", &Some(back), &said.refund_amount.as_ref())?;
    }
    let text = format!("REFUND_RESULT SUCCESS, {}", money(back));
    stage.noticed("notifyRefund", &notice, &text)?;

    let request = InquiryRefundRequest::new().with_refund_request_id(REFUND);
    let call = stage.in_store.payments().inquiry_refund(&request).await;
    let reply = Stage::reply("payments/inquiryRefund", Want::Success, &call)?;
    same(
        "inquiryRefund: refundStatus",
        &Some(&RefundStatus::Success),
        &reply.value().refund_status.as_ref(),
    )?;
    same("inquiryRefund: refundAmount", &Some(back), &reply.value().refund_amount.as_ref())?;
    stage.answered("payments/inquiryRefund", reply, "the refund: SUCCESS")?;
    let answer = Answer::refund_inquiry(&call);
    stage.hears(ORDER, &Input::RefundInquired { refund_request_id: REFUND.to_owned(), answer }).await?;
    Ok(())
}
