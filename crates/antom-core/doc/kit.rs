// What the examples of this crate stand on, taken in by hidden lines: a gateway that answers what the example
// says it answers, and keys that hold every signature for good, since the examples have no gateway's key.

use std::time::Duration;

use antom_core::api::authorizations::{ApplyToken, ApplyTokenRequest, GrantType};
use antom_core::call::{IncomingResponse, Operation};
use antom_core::exchange::{Exchange, Policy, Step};
use antom_core::fact::{Verified, VerifyInput};
use antom_core::flow::payment::{Capture, Input, NewAttempt, Payment, Plan, Product, Transition};
use antom_core::flow::token::{self, Grant, NewGrant};
use antom_core::flow::{Answer, Observed};
use antom_core::money::{Amount, Currency};
use antom_core::outcome::{CallError, Outcome};
use antom_core::profile::{Credentials, Profile, Region};
use antom_core::signature::{ClientId, KeyVersion, Signature, Verifier, VerifyError};
use antom_core::time::{Now, UnixTime, WireTime};

/// The time of the examples: 2023-11-14 22:13:20 UTC.
pub const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

/// The reading of both clocks at that time.
pub const CLOCKS: Now = Now::new(NOW, Duration::ZERO);

#[derive(Debug)]
pub struct AnyKey;

impl Verifier for AnyKey {
    fn verify(
        &self,
        hint: Option<KeyVersion>,
        _input: &[u8],
        _signature: &Signature,
    ) -> Result<KeyVersion, VerifyError> {
        Ok(hint.unwrap_or(KeyVersion::FIRST))
    }
}

/// The account of the examples.
pub fn client_id() -> ClientId {
    ClientId::new("SANDBOX_5Y0000000000000001").unwrap()
}

pub fn profile() -> Profile {
    let credentials = Credentials::Rsa { client_id: client_id(), key_version: KeyVersion::FIRST };
    Profile::new(credentials, Region::Asia)
}

/// Bytes that the gateway signed for this path.
pub fn verified(path: &str, body: &str) -> Verified {
    let input = VerifyInput {
        path: path.into(),
        client_id: client_id(),
        time: WireTime::epoch_ms(NOW),
        key_hint: None,
        signature: Signature::new(vec![1; 256]),
        body: body.to_owned().into(),
    };
    Verified::signed(input, &AnyKey).unwrap()
}

/// The fact that a notification is.
pub fn observed(body: &str) -> Observed {
    Observed::of(&verified("/notify", body)).unwrap()
}

/// A signed answer with this body.
pub fn answer(body: &str) -> IncomingResponse {
    let time = WireTime::epoch_ms(NOW);
    IncomingResponse::new(200, body.to_owned())
        .with_header("client-id", client_id().as_str())
        .with_header("response-time", time.as_str())
        .with_header("signature", "algorithm=RSA256,keyVersion=1,signature=AQEB")
}

/// What a call comes to that the gateway answers so.
pub fn called<O: Operation>(
    request: &O::Request,
    body: &str,
) -> Result<Outcome<O::Response>, CallError> {
    let mut exchange = Exchange::<O>::new(request, &profile(), Policy::ONCE, 0, CLOCKS)?;
    loop {
        match exchange.engine().step(CLOCKS) {
            Step::Sign(_) => exchange.engine().signed(Ok(Signature::new(vec![1; 256]))),
            Step::Send { .. } => exchange.engine().answered(Ok(answer(body)), &AnyKey, CLOCKS),
            Step::Wait(_) | Step::Finished => return exchange.finish(),
        }
    }
}

/// A notification that the payment PAY-1 succeeded.
pub const PAID: &str = r#"{"notifyType":"PAYMENT_RESULT","paymentRequestId":"PAY-1","paymentId":"20231114001",
    "paymentAmount":{"currency":"EUR","value":"1050"},"result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#;

/// An order whose payment PAY-1 of 10.50 EUR was sent.
pub fn sent(product: Product) -> Payment {
    let amount = Amount::new(Currency::EUR, 1050);
    let expires = NOW.saturating_add(Duration::from_secs(600));
    let attempt = NewAttempt::new(client_id(), "PAY-1", amount, product, expires);
    Payment::new("ORDER-1", Plan::default()).apply(&Input::Pay(attempt), NOW).unwrap().next
}

/// What this order makes of a notification.
pub fn noticed(payment: &Payment, body: &str) -> Transition {
    payment.apply(&Input::noticed(&observed(body)).unwrap(), NOW).unwrap()
}

/// An order that was paid at a counter.
pub fn paid() -> Payment {
    noticed(&sent(Product::InStore), PAID).next
}

/// An order whose card payment was authorised and waits for the merchant's capture.
pub fn authorised() -> Payment {
    noticed(&sent(Product::Card { capture: Capture::Manual }), PAID).next
}

/// An authorization of a buyer that is about to be consulted.
pub fn grant() -> Grant {
    let new = NewGrant::new(client_id(), "q83uhFXpWm5rTnB2kYdLcE", "buyer-7", "GCASH").unwrap();
    Grant::begin(&new, NOW).next
}

/// The same with a token that pays for thirty days.
pub fn active() -> Grant {
    let code = r#"{"authorizationNotifyType":"AUTHCODE_CREATED","authState":"q83uhFXpWm5rTnB2kYdLcE",
        "authCode":"CODE","result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#;
    let noticed = token::Input::noticed(&observed(code)).unwrap();
    let applying = grant().apply(&noticed, NOW).unwrap().next;
    let request = ApplyTokenRequest::new(GrantType::AUTHORIZATION_CODE, "GCASH").with_auth_code("CODE");
    let token = r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},
        "accessToken":"281010","accessTokenExpiryTime":"2023-12-14T22:13:20Z",
        "refreshToken":"281011","refreshTokenExpiryTime":"2024-12-14T22:13:20Z"}"#;
    let answered = token::Input::ApplyAnswered(Answer::token(&called::<ApplyToken>(&request, token)));
    applying.apply(&answered, NOW).unwrap().next
}
