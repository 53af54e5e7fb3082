//! Scan to Link: the buyer scans once and authorises the shop; from then on the shop charges without the
//! buyer, until the authorization ends.

use std::time::Duration;

use antom::core::api::authorizations::{
    ApplyTokenRequest, ConsultRequest, CustomerBelongsTo, GrantType, RevokeRequest,
};
use antom::core::api::models::{PaymentMethodType, ScopeType, TerminalType};
use antom::core::api::notifications::{AuthorizationNotifyType, Notification};
use antom::core::flow::payment::{self, NewAttempt, PaymentState, Product};
use antom::core::flow::token::{EndReason, GrantState, Input, NewGrant, NextStep};
use antom::core::flow::{Answer, EntryKind, Show};
use antom::core::preset::{self, Purchase};
use antom::core::secret::Secret;
use antom::core::{Amount, Currency};

use super::book::Turn;
use super::stage::{Notice, Stage, Want, money, present, same};
use super::timeline::{Party, Stop, Summary, Unexpected};

/// A demo may be guessed; a shop takes 128 random bits.
const STATE: &str = "DEMO-AUTH-STATE-0000000001";
const ORDER: &str = "ORDER-LINK-1";
const PAY: &str = "PAY-LINK-1";
const WALLET: CustomerBelongsTo = CustomerBelongsTo::GCASH;

pub(crate) async fn play(stage: &mut Stage) -> Result<Summary, Stop> {
    stage.timeline.flow("scan-to-link", "Scan to Link: authorise once, pay without the buyer")?;
    let code = authorise(stage).await?;
    apply(stage, code).await?;
    let amount = Amount::new(Currency::PHP, 45_000);
    pay(stage, &amount).await?;
    refresh(stage).await?;
    revoke(stage).await?;
    stage.settle().await?;
    Ok(Summary {
        flow: "scan-to-link",
        order: ORDER.to_owned(),
        state: "paid; token refreshed, then revoked".to_owned(),
        money: format!("{} paid", money(&amount)),
    })
}

/// Consult, a QR code, and the buyer's consent; returns the authorization code.
async fn authorise(stage: &mut Stage) -> Result<Secret<String>, Stop> {
    let new = NewGrant::new(stage.client_id()?, STATE, "BUYER-1", WALLET.as_str())
        .map_err(|error| Unexpected::new("the authorization", "a strong authState", error.to_string()))?;
    let turn = stage.begin_grant(&new).await?;
    same("the first step", &NextStep::Consult, &turn.step)?;
    let request = ConsultRequest::new(
        WALLET,
        stage.merchant.return_url(),
        vec![ScopeType::AGREEMENT_PAY],
        STATE,
        TerminalType::WEB,
    )
    .with_auth_notify_url(stage.merchant.notify_url());
    let call = stage.client.authorizations().consult(&request).await;
    let reply = Stage::reply("authorizations/consult", Want::Success, &call)?;
    stage.answered("authorizations/consult", reply, "a code to scan")?;
    let turn = stage.grant_asks(STATE, &Input::ConsultAnswered(Answer::consult(&call))).await?;
    let NextStep::Show { show: Show::Code { text, .. }, .. } = &turn.step else {
        return Err(Unexpected::new("consult", "a code to show", format!("{:?}", turn.step)).into());
    };
    stage.tell(Party::Shop, Party::Buyer, "the authorization code", "QR code on the screen", None)?;
    stage.draw(text.expose())?;

    stage
        .sandbox
        .buyer_approves(text.expose())
        .map_err(|error| Unexpected::new("the buyer", "to scan and authorise", error.to_string()))?;
    stage.tell(Party::Buyer, Party::Antom, "scans the code", "authorises the shop", None)?;

    let notice = notified(stage, AuthorizationNotifyType::AuthcodeCreated).await?;
    match notice.turn {
        Turn::Grant(turn) => match turn.step {
            NextStep::Apply { auth_code } => Ok(auth_code),
            other => {
                Err(Unexpected::new("the code", "to be turned into a token", format!("{other:?}")).into())
            }
        },
        other => {
            Err(Unexpected::new("the code", "to belong to the authorization", format!("{other:?}")).into())
        }
    }
}

/// The code becomes a token, within its minute.
async fn apply(stage: &mut Stage, code: Secret<String>) -> Result<(), Stop> {
    let request = ApplyTokenRequest::new(GrantType::AUTHORIZATION_CODE, WALLET).with_auth_code(code);
    let call = stage.client.authorizations().apply_token(&request).await;
    let reply = Stage::reply("authorizations/applyToken", Want::Success, &call)?;
    stage.answered("authorizations/applyToken", reply, "AUTHORIZATION_CODE")?;
    stage.grant_hears(STATE, &Input::ApplyAnswered(Answer::token(&call))).await?;
    same("the authorization", &GrantState::Active, stage.grant(STATE).await?.state())
}

/// The shop charges the token; the result comes by notification.
async fn pay(stage: &mut Stage, amount: &Amount) -> Result<(), Stop> {
    let grant = stage.grant(STATE).await?;
    let token = present("the token", grant.usable(stage.now()))?.clone();
    let (expires, expiry_text) = stage.in_time(Duration::from_secs(55));
    let purchase = Purchase::new(PAY, ORDER, "Rides in November", amount.clone());
    let request = preset::agreement(purchase, PaymentMethodType::GCASH, token)
        .with_payment_expiry_time(expiry_text)
        .with_payment_notify_url(stage.merchant.notify_url());
    let attempt = NewAttempt::new(stage.client_id()?, PAY, amount.clone(), Product::Tokenised, expires);
    stage.pays(ORDER, attempt, &request).await?;
    let call = stage.client.payments().pay(&request).await;
    let reply = Stage::reply("payments/pay", Want::Accepted("PAYMENT_IN_PROCESS"), &call)?;
    stage.answered("payments/pay", reply, &money(amount))?;
    let input = payment::Input::PayAnswered { request_id: PAY.to_owned(), answer: Answer::pay(&call) };
    stage.hears(ORDER, &input).await?;

    let notice = stage
        .notified("notifyPayment", |notification| {
            matches!(notification, Notification::PaymentResult(notice)
                if notice.payment_request_id.as_deref() == Some(PAY))
        })
        .await?;
    if let Notification::PaymentResult(said) = &notice.notification {
        same("notifyPayment: paymentAmount", &Some(amount), &said.payment_amount.as_ref())?;
    }
    let text = format!("PAYMENT_RESULT S, {}", money(amount));
    stage.noticed("notifyPayment", &notice, &text)?;
    stage.expect_ledger(ORDER, &[(EntryKind::Captured, amount)]).await?;
    let order = stage.expect_state(ORDER, &PaymentState::Paid { captured: amount.clone() }).await?;
    same("the order may be handed over", &true, &order.may_ship())
}

/// Time passes until the token is due; a new one takes over.
async fn refresh(stage: &mut Stage) -> Result<(), Stop> {
    let before = stage.grant(STATE).await?;
    let due = *present("the moment to refresh", before.due().as_ref())?;
    let span = due.since(stage.now());
    stage.sandbox.advance(span).await;
    let days = span.as_secs() / (24 * 3600);
    stage.tell(
        Party::Shop,
        Party::Shop,
        "the clock",
        &format!("{days} days pass, the token is due"),
        None,
    )?;
    let turn = stage.grant_asks(STATE, &Input::Tick).await?;
    let NextStep::Refresh { refresh_token } = &turn.step else {
        return Err(Unexpected::new("the token", "to be refreshed", format!("{:?}", turn.step)).into());
    };
    let request =
        ApplyTokenRequest::new(GrantType::REFRESH_TOKEN, WALLET).with_refresh_token(refresh_token.clone());
    let call = stage.client.authorizations().apply_token(&request).await;
    let reply = Stage::reply("authorizations/applyToken", Want::Success, &call)?;
    stage.answered("authorizations/applyToken", reply, "REFRESH_TOKEN")?;
    stage.grant_hears(STATE, &Input::RefreshAnswered(Answer::token(&call))).await?;
    let after = stage.grant(STATE).await?;
    same("the authorization", &GrantState::Active, after.state())?;
    let fresh =
        before.token().map(|token| &token.access_token) != after.token().map(|token| &token.access_token);
    same("the refreshed token is a new one", &true, &fresh)
}

/// The buyer unlinks at the shop: the token is revoked, and a notification says so.
async fn revoke(stage: &mut Stage) -> Result<(), Stop> {
    let turn = stage.grant_asks(STATE, &Input::Revoke).await?;
    let NextStep::Revoke { access_token } = &turn.step else {
        return Err(Unexpected::new("the token", "to be revoked", format!("{:?}", turn.step)).into());
    };
    let call = stage.client.authorizations().revoke(&RevokeRequest::new(access_token.clone())).await;
    let reply = Stage::reply("authorizations/revoke", Want::Success, &call)?;
    stage.answered("authorizations/revoke", reply, "")?;
    let answered =
        Input::RevokeAnswered { access_token: access_token.clone(), answer: Answer::revoke(&call) };
    stage.grant_hears(STATE, &answered).await?;
    let notice = notified(stage, AuthorizationNotifyType::TokenCanceled).await?;
    if let Notification::Authorization(said) = &notice.notification {
        same("notifyAuthorization: accessToken", &Some(access_token), &said.access_token.as_ref())?;
    }
    let grant = stage.grant(STATE).await?;
    same("the authorization", &GrantState::Ended { why: EndReason::Revoked }, grant.state())?;
    same("a token to pay with", &None, &grant.usable(stage.now()))
}

/// The authorization notification of a type, told.
async fn notified(stage: &mut Stage, kind: AuthorizationNotifyType) -> Result<Notice, Stop> {
    let notice = stage
        .notified("notifyAuthorization", |notification| {
            matches!(notification, Notification::Authorization(notice)
                if notice.authorization_notify_type.as_ref() == Some(&kind))
        })
        .await?;
    stage.noticed("notifyAuthorization", &notice, kind.as_str())?;
    Ok(notice)
}
