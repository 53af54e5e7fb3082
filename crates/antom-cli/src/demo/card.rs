//! Cards: entered at the shop and captured later; entered at Antom and captured by itself; and an order
//! that is cancelled.

use std::time::Duration;

use antom::core::api::models::PaymentStatus;
use antom::core::api::notifications::Notification;
use antom::core::api::payments::{
    CancelRequest, CaptureMode, CaptureRequest, InquiryPaymentRequest, PayRequest, PaymentFactor,
};
use antom::core::flow::payment::{Capture, Input, NewAttempt, NewCapture, NextStep, PaymentState, Product};
use antom::core::flow::{Answer, EntryKind, Show};
use antom::core::preset::{self, CardMetaData, Purchase, ThreeDs};
use antom::core::secret::Secret;
use antom::core::{Amount, Currency};
use antom_sandbox::engine::CardEntry;

use super::stage::{Stage, Want, money, present, same};
use super::timeline::{Party, Stop, Summary, Unexpected};

/// A published test card that succeeds; it belongs to nobody.
const TEST_CARD: &str = "4054695723100768";

/// An order of this module.
struct Order<'a> {
    id: &'a str,
    pay: &'a str,
    amount: &'a Amount,
}

pub(crate) async fn play(stage: &mut Stage) -> Result<Vec<Summary>, Stop> {
    let server = server_to_server(stage).await?;
    let hosted = hosted(stage).await?;
    let cancelled = cancelled(stage).await?;
    stage.settle().await?;
    Ok(vec![server, hosted, cancelled])
}

async fn server_to_server(stage: &mut Stage) -> Result<Summary, Stop> {
    stage.timeline.flow("card", "Card, entered at the shop: 3-D Secure, authorised, captured by the shop")?;
    let amount = Amount::new(Currency::EUR, 30_000);
    let order = Order { id: "ORDER-CARD-1", pay: "PAY-CARD-1", amount: &amount };
    let card = preset::Card::new(TEST_CARD, "12", "29").with_cvv("123");
    let purchase = Purchase::new(order.pay, order.id, "A coffee machine", amount.clone());
    let mut request = preset::card_server_to_server(purchase, stage.merchant.return_url(), card);
    CardMetaData::new().with_three_ds(ThreeDs::Demand).apply(&mut request.payment_method);
    let factor = request.payment_factor.take().unwrap_or_else(PaymentFactor::new);
    let request = request.with_payment_factor(factor.with_capture_mode(CaptureMode::MANUAL));
    let page = pay(stage, &order, request, Capture::Manual).await?;

    stage.tell(Party::Shop, Party::Buyer, "3-D Secure", "redirected to the bank's page", None)?;
    stage
        .sandbox
        .buyer_approves(page.expose())
        .map_err(|error| Unexpected::new("the buyer", "to pass 3-D Secure", error.to_string()))?;
    stage.tell(Party::Buyer, Party::Antom, "3-D Secure", "passed", None)?;
    let payment_id = paid(stage, &order).await?;
    let payment = stage.expect_state(order.id, &PaymentState::Authorised).await?;
    same("authorised money may be shipped for", &false, &payment.may_ship())?;

    capture(stage, &order, &payment_id).await?;
    let payment = stage.expect_state(order.id, &PaymentState::Paid { captured: amount.clone() }).await?;
    same("the order may be shipped", &true, &payment.may_ship())?;
    inquire(stage, &order, &PaymentStatus::Success).await?;
    stage.expect_state(order.id, &PaymentState::Paid { captured: amount.clone() }).await?;
    let entries = [(EntryKind::Authorised, &amount), (EntryKind::Captured, &amount)];
    stage.expect_ledger(order.id, &entries).await?;
    Ok(Summary {
        flow: "card",
        order: order.id.to_owned(),
        state: "authorised, captured".to_owned(),
        money: format!("{} captured", money(&amount)),
    })
}

async fn hosted(stage: &mut Stage) -> Result<Summary, Stop> {
    stage.timeline.flow("card", "Card, entered at Antom: captured automatically, the card stored")?;
    let amount = Amount::new(Currency::EUR, 4_990);
    let order = Order { id: "ORDER-CARD-2", pay: "PAY-CARD-2", amount: &amount };
    let purchase = Purchase::new(order.pay, order.id, "A grinder", amount.clone());
    let request = preset::card_hosted(purchase, stage.merchant.return_url());
    let page = pay(stage, &order, request, Capture::Automatic).await?;

    stage.tell(Party::Shop, Party::Buyer, "the card page", "redirected to Antom's page", None)?;
    let entry = CardEntry::valid(TEST_CARD);
    stage
        .sandbox
        .buyer_enters_card(page.expose(), entry)
        .map_err(|error| Unexpected::new("the buyer", "to enter a card", error.to_string()))?;
    stage.tell(Party::Buyer, Party::Antom, "the card page", "enters a card and pays", None)?;
    paid(stage, &order).await?;
    captured(stage, &order, None).await?;
    let payment = stage.expect_state(order.id, &PaymentState::Paid { captured: amount.clone() }).await?;
    same("the order may be shipped", &true, &payment.may_ship())?;
    let entries = [(EntryKind::Authorised, &amount), (EntryKind::Captured, &amount)];
    stage.expect_ledger(order.id, &entries).await?;
    let attempt = present("the attempt", payment.current())?;
    let card = present("what is known about the card", attempt.card.as_ref())?;
    present("the stored card's token", card.token.as_ref())?;
    let brand = card.brand.as_deref().unwrap_or("unknown brand");
    stage.tell(
        Party::Shop,
        Party::Shop,
        "the card",
        &format!("{brand}, its token stored for later"),
        None,
    )?;
    Ok(Summary {
        flow: "card",
        order: order.id.to_owned(),
        state: "captured automatically, card stored".to_owned(),
        money: format!("{} captured", money(&amount)),
    })
}

async fn cancelled(stage: &mut Stage) -> Result<Summary, Stop> {
    stage.timeline.flow("card", "An order that is cancelled")?;
    let amount = Amount::new(Currency::EUR, 1_500);
    let order = Order { id: "ORDER-CARD-3", pay: "PAY-CARD-3", amount: &amount };
    let purchase = Purchase::new(order.pay, order.id, "A milk jug", amount.clone());
    let request = preset::card_hosted(purchase, stage.merchant.return_url());
    pay(stage, &order, request, Capture::Automatic).await?;
    stage.tell(Party::Buyer, Party::Shop, "the order", "changes their mind", None)?;

    let turn = stage.asks(order.id, &Input::Cancel).await?;
    let NextStep::Cancel { request_id, .. } = &turn.step else {
        return Err(Unexpected::new("the order", "to be cancelled", format!("{:?}", turn.step)).into());
    };
    let request = CancelRequest::new().with_payment_request_id(request_id);
    let call = stage.client.payments().cancel(&request).await;
    let reply = Stage::reply("payments/cancel", Want::Success, &call)?;
    stage.answered("payments/cancel", reply, "")?;
    let answer = Answer::cancel(&call);
    stage.hears(order.id, &Input::CancelAnswered { request_id: order.pay.to_owned(), answer }).await?;
    stage.expect_state(order.id, &PaymentState::Cancelled).await?;
    inquire(stage, &order, &PaymentStatus::Cancelled).await?;
    let payment = stage.expect_state(order.id, &PaymentState::Cancelled).await?;
    same("a cancelled order may be shipped", &false, &payment.may_ship())?;
    stage.expect_ledger(order.id, &[(EntryKind::Cancelled, &Amount::new(Currency::EUR, 0))]).await?;
    Ok(Summary {
        flow: "card",
        order: order.id.to_owned(),
        state: "cancelled".to_owned(),
        money: "nothing taken".to_owned(),
    })
}

/// Sends the request; returns the page the buyer is sent to.
async fn pay(
    stage: &mut Stage,
    order: &Order<'_>,
    request: PayRequest,
    capture: Capture,
) -> Result<Secret<String>, Stop> {
    let (expires, expiry_text) = stage.in_time(Duration::from_secs(14 * 60));
    let request =
        request.with_payment_expiry_time(expiry_text).with_payment_notify_url(stage.merchant.notify_url());
    let product = Product::Card { capture };
    let attempt = NewAttempt::new(stage.client_id()?, order.pay, order.amount.clone(), product, expires);
    stage.pays(order.id, attempt, &request).await?;
    let call = stage.client.payments().pay(&request).await;
    let reply = Stage::reply("payments/pay", Want::Accepted("PAYMENT_IN_PROCESS"), &call)?;
    stage.answered("payments/pay", reply, &money(order.amount))?;
    let input = Input::PayAnswered { request_id: order.pay.to_owned(), answer: Answer::pay(&call) };
    let turn = stage.asks(order.id, &input).await?;
    match turn.step {
        NextStep::Redirect { show: Show::Redirect { url: Some(url), .. }, .. } => Ok(url),
        other => Err(Unexpected::new("payments/pay", "a page to go to", format!("{other:?}")).into()),
    }
}

/// The payment's notification; returns the payment id.
async fn paid(stage: &mut Stage, order: &Order<'_>) -> Result<String, Stop> {
    let notice = stage
        .notified("notifyPayment", |notification| {
            matches!(notification, Notification::PaymentResult(notice)
                if notice.payment_request_id.as_deref() == Some(order.pay))
        })
        .await?;
    let Notification::PaymentResult(said) = &notice.notification else {
        return Err(Unexpected::new("notifyPayment", "PAYMENT_RESULT", "another type").into());
    };
    same("notifyPayment: paymentAmount", &Some(order.amount), &said.payment_amount.as_ref())?;
    let text = format!("PAYMENT_RESULT S, {} authorised", money(order.amount));
    stage.noticed("notifyPayment", &notice, &text)?;
    Ok(present("notifyPayment: paymentId", said.payment_id.as_ref())?.clone())
}

/// The shop takes the authorised money.
async fn capture(stage: &mut Stage, order: &Order<'_>, payment_id: &str) -> Result<(), Stop> {
    let request_id = "CAPTURE-CARD-1";
    let wish = NewCapture { request_id: request_id.to_owned(), amount: order.amount.clone(), last: true };
    let turn = stage.asks(order.id, &Input::Capture(wish)).await?;
    let NextStep::Capture { payment_id: bound, capture_request_id, amount, last } = &turn.step else {
        return Err(Unexpected::new("the capture", "to be called", format!("{:?}", turn.step)).into());
    };
    same("the captured payment", &payment_id, &bound.as_str())?;
    let request = CaptureRequest::new(capture_request_id, bound, amount.clone()).with_is_last_capture(*last);
    let call = stage.client.payments().capture(&request).await;
    let reply = Stage::reply("payments/capture", Want::Success, &call)?;
    stage.answered("payments/capture", reply, &money(order.amount))?;
    let answer = Answer::capture(&call);
    stage
        .hears(order.id, &Input::CaptureAnswered { capture_request_id: request_id.to_owned(), answer })
        .await?;
    captured(stage, order, Some(request_id)).await
}

/// The capture's notification; the gateway's own captures have ids of their own.
async fn captured(stage: &mut Stage, order: &Order<'_>, request_id: Option<&str>) -> Result<(), Stop> {
    let payment = stage.order(order.id).await?;
    let payment_id = present("the attempt", payment.current())?.payment_id.clone();
    let notice = stage
        .notified("notifyCapture", |notification| {
            matches!(notification, Notification::Capture(notice) if notice.payment_id == payment_id
                && request_id.is_none_or(|id| notice.capture_request_id.as_deref() == Some(id)))
        })
        .await?;
    if let Notification::Capture(said) = &notice.notification {
        same("notifyCapture: captureAmount", &Some(order.amount), &said.capture_amount.as_ref())?;
    }
    let text = format!("CAPTURE_RESULT S, {}", money(order.amount));
    stage.noticed("notifyCapture", &notice, &text)
}

async fn inquire(stage: &mut Stage, order: &Order<'_>, expected: &PaymentStatus) -> Result<(), Stop> {
    let request = InquiryPaymentRequest::new().with_payment_request_id(order.pay);
    let call = stage.client.payments().inquiry_payment(&request).await;
    let reply = Stage::reply("payments/inquiryPayment", Want::Success, &call)?;
    same("inquiryPayment: paymentStatus", &Some(expected), &reply.value().payment_status.as_ref())?;
    stage.answered("payments/inquiryPayment", reply, &format!("the payment: {}", expected.as_str()))?;
    let input = Input::Inquired { request_id: order.pay.to_owned(), answer: Answer::inquiry(&call) };
    stage.hears(order.id, &input).await?;
    Ok(())
}
