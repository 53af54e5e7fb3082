//! payments/pay, and what an answer says about a payment.

use std::time::Duration;

use antom_core::api::models::{CodeDetail, PaymentMethodType};
use antom_core::api::payments::{OrderCodeForm, PayRequest, PayResponse, RedirectActionForm};
use antom_core::codec::Message;
use antom_core::secret::Secret;
use antom_core::time::{DateTimeText, UnixTime};

use super::card::{TestCard, card_data};
use super::change::Change;
use super::desk::Desk;
use super::payment::{Capture, CaptureMode, Channel, PaidCard, Payment, PaymentState, Waiting};
use super::reply::{Done, Refusal, refuse, stamp};

/// How long the buyer has, unless the request says otherwise.
const EXPIRY: Duration = Duration::from_secs(14 * 60);
/// The same for payments with a token: the buyer is not asked.
const AGREEMENT_EXPIRY: Duration = Duration::from_secs(60);
/// Amounts that fail by risk control on card payments, as published.
pub(super) const RISK_AMOUNTS: [&str; 3] = ["11", "1100", "1111"];

pub(super) fn pay(desk: &mut Desk<'_>, request: PayRequest) -> Result<Done, Refusal> {
    let method = method_of(&request)?;
    if let Some(known) = desk.state.payment_of_request(&request.payment_request_id) {
        return again(desk, known, &request);
    }
    match request.payment_amount.minor_units() {
        Ok(0) => return refuse("PARAM_ILLEGAL", "/paymentAmount/value: zero cannot be paid"),
        Ok(_) if request.payment_amount.currency().is_iso_form() => {}
        Ok(_) => return refuse("PARAM_ILLEGAL", "/paymentAmount/currency: not three upper-case letters"),
        Err(error) => return refuse("PARAM_ILLEGAL", format!("/paymentAmount/value: {error}")),
    }
    let channel = channel_of(&request, &method)?;
    let default = if channel == Channel::Agreement { AGREEMENT_EXPIRY } else { EXPIRY };
    let expires = match &request.payment_expiry_time {
        None => desk.now.saturating_add(default),
        Some(text) => match text.instant() {
            Ok(at) if at > desk.now => at,
            Ok(_) => return refuse("PARAM_ILLEGAL", "/paymentExpiryTime: has passed"),
            Err(error) => return refuse("PARAM_ILLEGAL", format!("/paymentExpiryTime: {error}")),
        },
    };
    let card = card_data(request.payment_method.payment_method_meta_data.as_ref());
    let manual = request
        .payment_factor
        .as_ref()
        .and_then(|factor| factor.capture_mode.as_ref())
        .is_some_and(|mode| mode.as_str() == "MANUAL");
    let mut payment = Payment {
        id: desk.ids.numbered("194010800", desk.now),
        request_id: request.payment_request_id,
        amount: request.payment_amount,
        method,
        method_id: request.payment_method.payment_method_id.clone(),
        channel,
        capture_mode: if manual { CaptureMode::Manual } else { CaptureMode::Automatic },
        asks_3ds: card.asks_3ds,
        notify_url: request.payment_notify_url.map(|url| url.expose().clone()),
        redirect_url: request.payment_redirect_url.map(|url| url.expose().clone()),
        page: None,
        created: desk.now,
        expires,
        state: PaymentState::Waiting(Waiting::Decision),
        card: None,
        captures: Vec::new(),
        refunds: Vec::new(),
        cancel_noted: None,
        phase: None,
    };
    let mut later = Vec::new();
    match channel {
        Channel::OrderCode | Channel::Wallet => payment.page = Some(desk.ids.page()),
        Channel::PresentedCode => payment.state = PaymentState::Paid { at: desk.now },
        Channel::Agreement => {
            check_token(desk, &payment)?;
            payment.state = PaymentState::Waiting(Waiting::Settlement);
            later.push(Change::PaymentPaid { payment: payment.id.clone(), card: None, capture: None });
        }
        Channel::Card if RISK_AMOUNTS.contains(&payment.amount.value_text()) => {
            payment.state = failed(desk.now, "RISK_REJECT", "The payment was rejected by risk control.");
        }
        Channel::Card => match (card.entry, &payment.method_id) {
            (Some(entry), _) => charge(desk, &mut payment, entry.check()?, None),
            (None, Some(token)) => {
                let Some(card) = desk.state.card(token.expose()) else {
                    return refuse("INVALID_CARD_NUMBER", "/paymentMethod/paymentMethodId: not a card token");
                };
                let (card, token) = (card.card, token.clone());
                charge(desk, &mut payment, card, Some(token));
            }
            (None, None) => {
                payment.page = Some(desk.ids.page());
                payment.state = PaymentState::Waiting(Waiting::CardEntry);
            }
        },
    }
    let mut done = answer(desk, &payment);
    done.changes.push(Change::PaymentCreated(Box::new(payment)));
    done.changes.append(&mut later);
    Ok(done)
}

/// Charges a known card at once, or sends the buyer to the bank's page first.
fn charge(
    desk: &mut Desk<'_>,
    payment: &mut Payment,
    card: &'static TestCard,
    token: Option<Secret<String>>,
) {
    payment.card = Some(PaidCard { card, token, challenged: false, network_id: desk.ids.network() });
    if !card.pays() {
        payment.state = failed(desk.now, "PROCESS_FAIL", "The card was declined.");
    } else if payment.asks_3ds && card.challenges() {
        payment.page = Some(desk.ids.page());
        payment.state = PaymentState::Waiting(Waiting::Challenge);
    } else {
        payment.state = PaymentState::Paid { at: desk.now };
        payment.captures.extend(automatic_capture(desk, payment));
    }
}

/// The capture that the gateway makes by itself right after a card was authorised.
pub(super) fn automatic_capture(desk: &mut Desk<'_>, payment: &Payment) -> Option<Capture> {
    if payment.channel != Channel::Card || payment.capture_mode != CaptureMode::Automatic {
        return None;
    }
    let id = desk.ids.numbered("194010810", desk.now);
    Some(Capture { request_id: id.clone(), id, amount: payment.amount.clone(), at: desk.now, last: true })
}

pub(super) fn failed(at: UnixTime, code: &'static str, message: &'static str) -> PaymentState {
    PaymentState::Failed { at, code: code.into(), message: message.into() }
}

/// The same request id again: the same payment, or a contradiction.
fn again(desk: &Desk<'_>, known: &Payment, request: &PayRequest) -> Result<Done, Refusal> {
    let same_amount = known.amount.same_money(&request.payment_amount).unwrap_or(false);
    if same_amount && known.method_id == request.payment_method.payment_method_id {
        return Ok(answer(desk, known));
    }
    refuse("REPEAT_REQ_INCONSISTENT", "this paymentRequestId was used with another amount or payment method")
}

fn method_of(request: &PayRequest) -> Result<PaymentMethodType, Refusal> {
    match &request.payment_method.payment_method_type {
        Some(method) if !method.as_str().is_empty() => Ok(method.clone()),
        _ => refuse("PARAM_ILLEGAL", "/paymentMethod/paymentMethodType: absent"),
    }
}

fn channel_of(request: &PayRequest, method: &PaymentMethodType) -> Result<Channel, Refusal> {
    let has_id = request.payment_method.payment_method_id.is_some();
    match request.product_code.as_str() {
        "IN_STORE_PAYMENT" => {
            let scenario =
                request.payment_factor.as_ref().and_then(|factor| factor.in_store_payment_scenario.as_ref());
            // One of the vendor's clients writes the scenario in upper case.
            match scenario.map(|scenario| scenario.as_str().to_ascii_lowercase().replace('_', "")).as_deref()
            {
                Some("ordercode") => Ok(Channel::OrderCode),
                Some("entrycode") => Ok(Channel::Wallet),
                Some("paymentcode") if has_id => Ok(Channel::PresentedCode),
                Some("paymentcode") => {
                    refuse("INVALID_PAYMENT_CODE", "/paymentMethod/paymentMethodId: absent")
                }
                _ => refuse(
                    "PARAM_ILLEGAL",
                    "/paymentFactor/inStorePaymentScenario: must be OrderCode, PaymentCode or EntryCode",
                ),
            }
        }
        "AGREEMENT_PAYMENT" if has_id => Ok(Channel::Agreement),
        "AGREEMENT_PAYMENT" => {
            refuse("INVALID_ACCESS_TOKEN", "/paymentMethod/paymentMethodId: the token is absent")
        }
        "CASHIER_PAYMENT" if method.as_str() == "CARD" => Ok(Channel::Card),
        "CASHIER_PAYMENT" => Ok(Channel::Wallet),
        _ => refuse("PARAM_ILLEGAL", "/productCode: not a product of this sandbox"),
    }
}

fn check_token(desk: &Desk<'_>, payment: &Payment) -> Result<(), Refusal> {
    let token = payment.method_id.as_ref().and_then(|token| desk.state.token(token.expose()));
    match token {
        Some(token) if token.is_live(desk.now) && token.wallet == payment.method.as_str() => Ok(()),
        Some(token) if token.is_live(desk.now) => {
            refuse("INVALID_ACCESS_TOKEN", "the access token is one of another wallet than paymentMethodType")
        }
        Some(_) => refuse("INVALID_ACCESS_TOKEN", "the access token is cancelled, replaced or expired"),
        None => refuse("INVALID_ACCESS_TOKEN", "the access token is unknown"),
    }
}

/// The answer to pay: a function of the payment as it stands, so that a repetition hears the same.
fn answer(desk: &Desk<'_>, payment: &Payment) -> Done {
    let result = payment.outcome();
    let mut answer = PayResponse::new(result.clone());
    answer.payment_request_id = Some(payment.request_id.clone());
    answer.payment_id = Some(payment.id.clone());
    answer.payment_amount = Some(payment.amount.clone());
    answer.payment_create_time = Some(DateTimeText::from(stamp(payment.created)));
    if let PaymentState::Paid { at } = payment.state {
        answer.payment_time = Some(DateTimeText::from(stamp(at)));
        answer.auth_expiry_time = payment.authorization_expires().map(|at| DateTimeText::from(stamp(at)));
    }
    if payment.state.is_final() {
        answer.payment_result_info = super::notice::card_result(payment);
    }
    if let (PaymentState::Waiting(_), Some(page)) = (&payment.state, &payment.page) {
        let url = desk.settings.page_url(page);
        if payment.channel == Channel::OrderCode {
            let mut form = OrderCodeForm::new();
            form.payment_method_type = Some(payment.method.clone());
            form.expire_time = Some(DateTimeText::from(stamp(payment.expires)));
            form.code_details = Some(vec![qr_code(&url)]);
            answer.order_code_form = Some(form);
        } else {
            answer.normal_url = Some(url.clone().into());
            let mut form = RedirectActionForm::new();
            form.method = Some("GET".into());
            form.redirect_url = Some(url.into());
            answer.redirect_action_form = Some(form);
        }
    }
    Done { body: answer.to_json(), result, changes: Vec::new() }
}

/// A code to be drawn by the merchant.
pub(super) fn qr_code(url: &str) -> CodeDetail {
    let mut code = CodeDetail::new();
    code.code_value_type = Some("QRCODE".into());
    code.code_value = Some(url.to_owned().into());
    code.display_type = Some("TEXT".into());
    code
}
