//! Orders, authorizations and signed notifications for the cases.

use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;

use antom_core::api::authorizations::{ApplyToken, ApplyTokenRequest};
use antom_core::call::{Call, IncomingResponse, Operation};
use antom_core::fact::{Verified, VerifyInput};
use antom_core::flow::payment::{Input, NewAttempt, Payment, Plan, Product, Transition};
use antom_core::flow::token::{Grant, NewGrant, TokenFact};
use antom_core::flow::{Answer, Observed, token};
use antom_core::money::{Amount, Currency};
use antom_core::outcome::Outcome;
use antom_core::profile::{Credentials, Profile, Region};
use antom_core::signature::{
    ClientId, KeyVersion, Keyring, PrivateKey, RsaSigner, Signer, content, header, sandbox_keys,
};
use antom_core::time::{Now, UnixTime, WireTime};
use bytes::Bytes;

use super::Failure;
use crate::body::StoredMessage;
use crate::change::{Applied, Change, Changed};
use crate::claimed::Claimed;
use crate::rows::{Claim, InboxEntry, InboxKey, Revision};
use crate::store::Backend;

/// The account of all cases.
pub(super) fn client() -> Result<ClientId, Failure> {
    Ok(ClientId::new("SANDBOX_5Y0000000000000001")?)
}

/// Another account.
pub(super) fn stranger() -> Result<ClientId, Failure> {
    Ok(ClientId::new("SANDBOX_5Y0000000000000002")?)
}

pub(super) fn at(seconds: i64) -> UnixTime {
    UnixTime::from_secs(1_700_000_000_i64.saturating_add(seconds))
}

/// What was claimed, each row opened.
pub(super) async fn open_all<T>(rows: Vec<Claimed<T>>) -> Result<Vec<T>, Failure> {
    let mut opened = Vec::with_capacity(rows.len());
    for row in rows {
        opened.push(row.open().await?);
    }
    Ok(opened)
}

pub(super) fn claim(seconds: i64, limit: usize) -> Claim {
    Claim { now: at(seconds), lease: Duration::from_secs(30), limit }
}

fn amount() -> Amount {
    Amount::new(Currency::EUR, 1050)
}

/// The first transition of an order: an attempt of ten minutes that is about to be sent.
pub(super) fn opened(order: &str, request: &str, seconds: i64) -> Result<Transition, Failure> {
    let expires = at(seconds.saturating_add(600));
    let attempt = NewAttempt::new(client()?, request, amount(), Product::Cashier, expires);
    Ok(Payment::new(order, Plan::default()).apply(&Input::Pay(attempt), at(seconds))?)
}

/// Stores a new order and gives its first revision.
pub(super) async fn open(store: &dyn Backend, order: &str, request: &str) -> Result<Revision, Failure> {
    let turn = opened(order, request, 0)?;
    let changed = written(store.commit(Change::payment(&turn, None, at(0))).await?)?;
    changed.revision.ok_or_else(|| Failure("a written state has no revision".into()))
}

/// What was written; anything else fails the case.
pub(super) fn written(applied: Applied) -> Result<Changed, Failure> {
    match applied {
        Applied::Changed(changed) => Ok(changed),
        other => Err(Failure(format!("expected a written change, got {other:?}"))),
    }
}

/// Reads an order, applies an input, commits; again when somebody else was faster.
pub(super) async fn apply(
    store: &dyn Backend,
    order: &str,
    input: &Input,
    now: UnixTime,
) -> Result<u32, Failure> {
    for tries in 1..=1000 {
        let row = store.order(order).await?.ok_or_else(|| Failure(format!("{order} is gone")))?;
        let turn = row.payment.apply(input, now)?;
        match store.commit(Change::payment(&turn, Some(row.revision), now)).await? {
            Applied::Changed(_) => return Ok(tries),
            Applied::Stale { .. } => {}
            Applied::AlreadyThere => {
                return Err(Failure("a change without notification cannot be there".into()));
            }
        }
    }
    Err(Failure("a thousand commits were stale".into()))
}

/// A notification, signed as the gateway signs and verified.
pub(super) fn notification(account: &ClientId, body: &str) -> Result<Verified, Failure> {
    let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY)?;
    let keys = Keyring::new(account, [(KeyVersion::FIRST, key.public().clone())], None)?;
    let signer = RsaSigner::new(&key, KeyVersion::FIRST)?;
    let (time, body) = (WireTime::epoch_ms(at(0)), Bytes::copy_from_slice(body.as_bytes()));
    let signature = signer.sign(&content("POST", "/notify", account, &time, &body))?;
    let input = VerifyInput {
        path: "/notify".into(),
        client_id: account.clone(),
        time,
        key_hint: None,
        signature,
        body,
    };
    Ok(Verified::signed(input, &keys)?)
}

/// The inbox entry of a notification; `number` stands for the webhook's dedup key.
pub(super) fn entry(message: &Verified, number: u8, seconds: i64) -> Result<InboxEntry, Failure> {
    Ok(InboxEntry {
        key: InboxKey([number; 32]),
        message: StoredMessage::of(message),
        fact: Some(Observed::of(message)?),
        received: at(seconds),
    })
}

/// A payment's success, told to the account.
pub(super) fn paid(account: &ClientId, request: &str) -> Result<Verified, Failure> {
    notification(
        account,
        &format!(
            r#"{{"notifyType":"PAYMENT_RESULT","result":{{"resultCode":"SUCCESS","resultStatus":"S"}},"paymentRequestId":"{request}","paymentId":"ID-{request}","paymentAmount":{{"currency":"EUR","value":"1050"}}}}"#
        ),
    )
}

/// The fact of a payment's success.
pub(super) fn paid_fact(request: &str) -> Result<Input, Failure> {
    match Observed::of(&paid(&client()?, request)?)? {
        Observed::Payment(fact) => Ok(Input::PaymentNoticed(*fact)),
        _ => Err(Failure("a payment notification is no payment fact".into())),
    }
}

/// The first transition of an authorization.
pub(super) fn consulted(state: &str, buyer: &str, seconds: i64) -> Result<token::Transition, Failure> {
    Ok(Grant::begin(&NewGrant::new(client()?, state, buyer, "GCASH")?, at(seconds)))
}

/// An `authState` of the length that is asked for.
pub(super) fn auth_state(number: u8) -> String {
    format!("state-of-the-authorization-{number:03}")
}

/// A notification about an authorization.
pub(super) fn token_notice(kind: &str, state: &str, token: &str) -> Result<Verified, Failure> {
    notification(
        &client()?,
        &format!(
            r#"{{"authorizationNotifyType":"{kind}","authState":"{state}","authCode":"CODE","accessToken":"{token}","result":{{"resultStatus":"S","resultCode":"SUCCESS"}}}}"#
        ),
    )
}

/// Polls all futures in turn until each is done.
pub(super) async fn together<T>(futures: Vec<impl Future<Output = T> + Send>) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(|future| (Some(Box::pin(future)), None)).collect();
    poll_fn(move |context| {
        for (future, result) in &mut running {
            let Some(ready) = future.as_mut().map(|future| Pin::new(future).poll(context)) else { continue };
            if let Poll::Ready(value) = ready {
                *result = Some(value);
                *future = None;
            }
        }
        if running.iter().all(|(future, _)| future.is_none()) {
            return Poll::Ready(running.iter_mut().filter_map(|(_, result)| result.take()).collect());
        }
        Poll::Pending
    })
    .await
}

/// What an answered applyToken says: a token with an end.
pub(super) fn token_answer(token: &str, ends: UnixTime) -> Result<Answer<TokenFact>, Failure> {
    let credentials = Credentials::Rsa { client_id: client()?, key_version: KeyVersion::FIRST };
    let profile = Profile::new(credentials, Region::Asia);
    let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY)?;
    let gateway = RsaSigner::new(&key, KeyVersion::FIRST)?;
    let keys = Keyring::new(&client()?, [(KeyVersion::FIRST, key.public().clone())], None)?;
    let request = ApplyTokenRequest::new("AUTHORIZATION_CODE", "GCASH");
    let call = Call::<ApplyToken, _>::new(&request, &profile, at(0))?;
    // Who signs the request does not matter here: only the answer is judged.
    let call = call.sign(&gateway.sign(b"any")?);
    let body = format!(
        r#"{{"result":{{"resultCode":"SUCCESS","resultStatus":"S"}},"accessToken":"{token}","accessTokenExpiryTime":"{ends}","refreshToken":"REFRESH-{token}"}}"#
    );
    let time = WireTime::parse(&at(0).to_rfc3339())?;
    let path = profile.path(ApplyToken::INFO)?;
    let signature = gateway.sign(&content("POST", &path, &client()?, &time, body.as_bytes()))?;
    let response = IncomingResponse::new(200, body)
        .with_header("signature", header::render(&signature, KeyVersion::FIRST))
        .with_header("response-time", time.as_str());
    let reply = call.receive(&response, &keys, Now::new(at(0), Duration::ZERO))?;
    Ok(Answer::token(&Ok(Outcome::of(reply, true, &[], 1))))
}
