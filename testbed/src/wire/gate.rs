//! The engine's making, the agreement that token payments rest on, and the merchant's door for notifications.

use std::sync::Arc;

use antom_core::api::authorizations::{
    ApplyToken, ApplyTokenRequest, ApplyTokenResponse, Consult, ConsultRequest, ConsultResponse,
};
use antom_core::call::Operation;
use antom_core::codec::{Message, ReadMessage};
use antom_core::fact::{Verified, VerifyInput};
use antom_core::signature::{ClientId, Verifier, header};
use antom_core::time::{UnixTime, WireTime};
use antom_sandbox::engine::{BuyerAction, BuyerNext, Delivery, DeliveryResult, Gateway, KeySet, Settings};

use super::{Cheap, Wire, bodies, clock};

/// An engine that verifies and signs with these.
pub(super) fn gateway(client: &ClientId, seed: u64, merchant: &Cheap, own: &Cheap) -> Option<Gateway> {
    let mut settings = Settings::new(client.clone(), KeySet::published().ok()?, "http://gateway.example");
    settings.seed = seed;
    settings.journal_size = 16;
    settings.notify_url = Some(bodies::NOTIFY.into());
    Gateway::with_signatures(settings, Box::new(merchant.clone()), Box::new(own.clone())).ok()
}

/// A notification's bytes, if they are signed for this merchant and path.
pub(super) fn verify(delivery: &Delivery, client: &ClientId, keys: &dyn Verifier) -> Option<Verified> {
    let header_value = |name: &str| {
        delivery.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    };
    if header_value("client-id") != Some(client.as_str()) {
        return None;
    }
    let parsed = header::parse(header_value("signature")?).ok()?;
    let path = delivery.url.strip_prefix("http://merchant.example")?;
    let input = VerifyInput {
        path: Arc::from(path),
        client_id: client.clone(),
        time: WireTime::parse(header_value("request-time")?).ok()?,
        key_hint: parsed.key_version,
        signature: parsed.decode().ok()?,
        body: delivery.body.clone(),
    };
    Verified::signed(input, keys).ok()
}

impl Wire {
    /// consult, the buyer's consent, applyToken: all of it over the wire.
    pub(super) fn agree(&mut self, now: UnixTime) -> Option<String> {
        let request = ConsultRequest::new(
            "GCASH",
            "https://merchant.example/agreed",
            vec!["AGREEMENT_PAY".into()],
            "state-of-the-one-buyer",
            "WEB",
        );
        let consulted: ConsultResponse = self.exchange(Consult::INFO, &request.to_json(), now)?;
        let page = consulted.auth_url?.expose().clone();
        let done = self.gateway.buyer(now, &page, BuyerAction::Approve).ok()?;
        for delivery in &done.deliveries {
            self.gateway.delivered(now, delivery.id, DeliveryResult::Acknowledged);
        }
        let Some(BuyerNext::Redirect(back)) = done.next else { return None };
        let code = back.split(['?', '&']).find_map(|part| part.strip_prefix("authCode="))?.to_owned();
        let request = ApplyTokenRequest::new("AUTHORIZATION_CODE", "GCASH").with_auth_code(code);
        let applied: ApplyTokenResponse = self.exchange(ApplyToken::INFO, &request.to_json(), now)?;
        Some(applied.access_token?.expose().clone())
    }

    fn exchange<T: ReadMessage + Clone>(
        &mut self,
        info: &'static antom_core::call::OperationInfo,
        body: &[u8],
        now: UnixTime,
    ) -> Option<T> {
        let (mut engine, request) = self.prepare(info, body, false, now)?;
        let response = self.handle(now, &request)?;
        engine.answered(Ok(response), &self.known_keys, clock(now));
        Some(engine.finish::<T>().ok()?.reply()?.value().clone())
    }
}
