//! The gateway as a merchant sees it: every request is written and signed, every answer and notification
//! verified and read, by the core's own client side.

mod authorizations;
mod cards;
mod described;
mod disputes;
mod door;
mod fault_names;
mod faults;
mod notifications;
mod orders;
mod random;
#[cfg(feature = "state-file")]
mod saved;
mod subscriptions;
mod vaults;

use std::time::Duration;

use antom_core::api::authorizations as auth_api;
use antom_core::api::models::{ResultInfo, ResultStatus};
use antom_core::api::notifications::Notification;
use antom_core::api::payments::{
    Cancel, CancelRequest, Capture, CaptureRequest, CaptureResponse, InquiryPayment, InquiryPaymentRequest,
    InquiryPaymentResponse, Pay, PayRequest, PayResponse, Refund, RefundRequest, RefundResponse,
};
use antom_core::call::{Call, IncomingResponse, Operation, OutgoingRequest, ReplyError, Unsigned};
use antom_core::fact::{Verified, VerifyInput};
use antom_core::money::{Amount, Currency};
use antom_core::preset::{self, Party, Purchase, Shop};
use antom_core::profile::{Credentials, Profile};
use antom_core::signature::{ClientId, KeyVersion, Keyring, RsaSigner, Signer as _, header};
use antom_core::time::{Now, UnixTime, WireTime};

use super::*;

pub(super) const NOTIFY: &str = "http://127.0.0.1:9/notify?shop=1";

/// A merchant with a gateway of its own and a clock in hand.
pub(super) struct Merchant {
    pub(super) gateway: Gateway,
    pub(super) now: UnixTime,
    pub(super) profile: Profile,
    signer: RsaSigner,
    keys: Keyring,
    /// Every delivery that came, unread.
    pub(super) inbox: Vec<Delivery>,
}

impl Merchant {
    pub(super) fn new() -> Self {
        let id = ClientId::new("SANDBOX_5Y0000000000000001").unwrap();
        let keys = KeySet::published().unwrap();
        let signer = RsaSigner::new(keys.merchant_private().unwrap(), KeyVersion::FIRST).unwrap();
        let gateway_key = (KeyVersion::FIRST, keys.gateway_public().clone());
        let ring = Keyring::new(&id, [gateway_key], Some(keys.merchant())).unwrap();
        let settings = Settings {
            notify_url: Some(NOTIFY.into()),
            ..Settings::new(id.clone(), keys, "http://127.0.0.1:8")
        };
        let credentials = Credentials::Rsa { client_id: id, key_version: KeyVersion::FIRST };
        let url = antom_core::profile::Gateway::parse("http://127.0.0.1:8").unwrap();
        Self {
            gateway: Gateway::new(settings).unwrap(),
            now: UnixTime::from_secs(1_700_000_000),
            profile: Profile::new(credentials, url),
            signer,
            keys: ring,
            inbox: Vec::new(),
        }
    }

    pub(super) fn signed<O: Operation>(&self, request: &O::Request) -> Call<O, antom_core::call::Ready> {
        let call = Call::<O, Unsigned>::new(request, &self.profile, self.now).unwrap();
        let signature = self.signer.sign(call.signing_input()).unwrap();
        call.sign(&signature)
    }

    pub(super) fn send(&mut self, request: &GatewayRequest) -> GatewayResponse {
        let handled = self.gateway.handle(self.now, request);
        self.inbox.extend(handled.deliveries);
        handled.response
    }

    pub(super) fn try_call<O: Operation>(&mut self, request: &O::Request) -> Result<O::Response, ReplyError> {
        let call = self.signed::<O>(request);
        let response = self.send(&incoming(call.request()));
        call.receive(
            &received(response.answer().expect("an answer")),
            &self.keys,
            Now::new(self.now, Duration::ZERO),
        )
        .map(antom_core::call::Reply::into_value)
    }

    pub(super) fn call<O: Operation>(&mut self, request: &O::Request) -> O::Response {
        self.try_call::<O>(request).expect("a verified answer")
    }

    pub(super) fn pay(&mut self, request: &PayRequest) -> PayResponse {
        self.call::<Pay>(request)
    }

    pub(super) fn inquire(&mut self, id: &str) -> InquiryPaymentResponse {
        self.call::<InquiryPayment>(&InquiryPaymentRequest::new().with_payment_request_id(id))
    }

    pub(super) fn cancel(&mut self, id: &str) -> (String, String) {
        code(&self.call::<Cancel>(&CancelRequest::new().with_payment_request_id(id)).result)
    }

    pub(super) fn refund(&mut self, id: &str, payment: &str, minor: u64) -> RefundResponse {
        self.call::<Refund>(&RefundRequest::new(id, payment, usd(minor)))
    }

    pub(super) fn capture(&mut self, id: &str, payment: &str, minor: u64) -> CaptureResponse {
        self.call::<Capture>(&CaptureRequest::new(id, payment, usd(minor)))
    }

    pub(super) fn buyer(&mut self, at: &str, action: BuyerAction) -> Result<Option<BuyerNext>, BuyerError> {
        let done = self.gateway.buyer(self.now, at, action)?;
        self.inbox.extend(done.deliveries);
        Ok(done.next)
    }

    pub(super) fn wait(&mut self, span: Duration) {
        self.now = self.now.saturating_add(span);
        self.inbox.extend(self.gateway.tick(self.now));
    }

    /// Reads what came, verified; acknowledges all of it.
    pub(super) fn read_inbox(&mut self) -> Vec<Notification> {
        let deliveries = std::mem::take(&mut self.inbox);
        deliveries
            .iter()
            .map(|delivery| {
                self.gateway.delivered(self.now, delivery.id, DeliveryResult::Acknowledged);
                self.verify(delivery).notification().unwrap()
            })
            .collect()
    }

    pub(super) fn verify(&self, delivery: &Delivery) -> Verified {
        let header = |name: &str| {
            delivery
                .headers
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.as_str())
                .unwrap()
        };
        let signature = header::parse(header("signature")).unwrap();
        let url = delivery.url.strip_prefix("http://127.0.0.1:9").unwrap();
        let input = VerifyInput {
            path: url.into(),
            client_id: ClientId::new(header("client-id")).unwrap(),
            time: WireTime::parse(header("request-time")).unwrap(),
            key_hint: signature.key_version,
            signature: signature.decode().unwrap(),
            body: delivery.body.clone(),
        };
        Verified::signed(input, &self.keys).expect("a signed notification")
    }

    /// A token of GCASH, granted and applied for.
    pub(super) fn token(&mut self, state: &str) -> auth_api::ApplyTokenResponse {
        let page = self.consult(state);
        self.buyer(&page, BuyerAction::Approve).unwrap();
        let Some(Notification::Authorization(note)) = self.read_inbox().pop() else {
            panic!("no notification")
        };
        let request = auth_api::ApplyTokenRequest::new("AUTHORIZATION_CODE", "GCASH")
            .with_auth_code(note.auth_code.unwrap());
        self.call::<auth_api::ApplyToken>(&request)
    }

    pub(super) fn consult(&mut self, state: &str) -> String {
        let scopes = vec![antom_core::api::models::ScopeType::from("AGREEMENT_PAY")];
        let request =
            auth_api::ConsultRequest::new("GCASH", "https://shop.example/back", scopes, state, "WEB");
        let answer = self.call::<auth_api::Consult>(&request);
        let code = answer.auth_code_form.unwrap().code_details.unwrap().remove(0).code_value.unwrap();
        code.expose().clone()
    }
}

pub(super) fn usd(minor: u64) -> Amount {
    Amount::new(Currency::USD, minor)
}

pub(super) fn purchase(id: &str, minor: u64) -> Purchase {
    Purchase::new(id, format!("ORDER-{id}"), "Two coffees", usd(minor))
}

pub(super) fn order_code(id: &str, minor: u64) -> PayRequest {
    let party = |id| Party::new(id, "Coffee", "5814");
    preset::order_code(purchase(id, minor), Shop::new(party("M-1"), party("S-1")))
}

pub(super) fn shown_code(answer: &PayResponse) -> String {
    let form = answer.order_code_form.as_ref().expect("an order code");
    form.code_details.as_ref().unwrap()[0].code_value.as_ref().unwrap().expose().clone()
}

pub(super) fn code(result: &ResultInfo) -> (String, String) {
    let status = result.result_status.as_ref().map_or("", ResultStatus::as_str);
    (status.to_owned(), result.result_code.as_ref().unwrap().as_str().to_owned())
}

pub(super) fn is(result: &ResultInfo, status: &str, expected: &str) {
    assert_eq!(code(result), (status.to_owned(), expected.to_owned()), "{:?}", result.result_message);
}

pub(super) fn incoming(request: &OutgoingRequest) -> GatewayRequest {
    let mut incoming = GatewayRequest::post(request.path(), request.body().clone());
    for header in request.headers() {
        incoming = incoming.with_header(header.name, &*header.value);
    }
    incoming
}

pub(super) fn received(answer: &Answer) -> IncomingResponse {
    let mut response = IncomingResponse::new(answer.status, answer.body.clone());
    for (name, value) in &answer.headers {
        response.push_header(name, value.as_bytes());
    }
    response
}
