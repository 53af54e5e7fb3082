//! The far side with bytes: the sandbox's engine behind real requests, answers and notifications, signed and
//! verified with a cheap test signer.

mod bodies;
mod gate;
mod sign;

use std::time::Duration;

use antom_core::api::payments::{
    Cancel, Capture, InquiryPayment, InquiryPaymentResponse, InquiryRefund, Pay, Refund, TransactionType,
};
use antom_core::call::{
    IncomingResponse, Operation, OperationInfo, Prepared, Sent, TransportError, TransportErrorKind,
};
use antom_core::exchange::{Engine, Policy, Step};
use antom_core::flow::payment::Input;
use antom_core::flow::{Answer, Observed, Show};
use antom_core::profile::{Credentials, ProductFamily, Profile, Region};
use antom_core::signature::{ClientId, KeyVersion, Signer as _};
use antom_core::time::{Now, UnixTime};
use antom_sandbox::engine::{
    BuyerAction, CardEntry, Delivery, DeliveryResult, Gateway, GatewayRequest, TEST_CARDS,
};
use antom_store::{InboxEntry, InboxKey, StoredMessage};
use sha2::{Digest as _, Sha256};

pub use sign::Cheap;

use crate::book::{Kind, State};
use crate::call::{Call, What};
use crate::facts::{movement_input, payment_input};
use crate::far::{Effects, Far, Missing, Terms, Truth};
use crate::fault::{Dice, Fault};
use bodies::other;

/// The engine with its buyers, and the merchant's end of the wire.
#[derive(Debug)]
pub struct Wire {
    gateway: Gateway,
    online: Profile,
    in_store: Profile,
    client: ClientId,
    merchant: Cheap,
    gateway_keys: Cheap,
    known_keys: Cheap,
    access_token: String,
    kinds: Vec<Kind>,
    effects: Effects<Delivery, Timer>,
    wake: Option<UnixTime>,
}

/// A moment of the gateway or of a buyer.
#[derive(Debug)]
pub enum Timer {
    /// Something is due at the gateway.
    Tick,
    /// The buyer acts at a page.
    Buyer(String, BuyerAction),
}

/// A clock that never jumps, for the deadlines of a call.
fn clock(now: UnixTime) -> Now {
    Now::new(now, Duration::from_millis(u64::try_from(now.as_millis()).unwrap_or(0)))
}

impl Wire {
    /// Makes a call ready to leave, signed.
    fn prepare(
        &self,
        info: &'static OperationInfo,
        body: &[u8],
        in_store: bool,
        now: UnixTime,
    ) -> Option<(Engine, GatewayRequest)> {
        let profile = if in_store { &self.in_store } else { &self.online };
        let prepared = Prepared::json(info, body, profile, now).ok()?;
        let mut engine = Engine::new(prepared, Policy::ONCE, 0, clock(now));
        let signature = match engine.step(clock(now)) {
            Step::Sign(input) => self.merchant.sign(input),
            _ => return None,
        };
        engine.signed(signature);
        let Step::Send { request, .. } = engine.step(clock(now)) else { return None };
        let mut sent = GatewayRequest::post(request.path(), request.body().clone());
        for header in request.headers() {
            sent = sent.with_header(header.name, header.value.clone());
        }
        Some((engine, sent))
    }

    fn kind(&self, order: u32) -> Kind {
        self.kinds.get(usize::try_from(order).unwrap_or(usize::MAX)).copied().unwrap_or(Kind::Asked)
    }

    /// Hands a request to the engine, and keeps what it wants to send.
    fn handle(&mut self, now: UnixTime, request: &GatewayRequest) -> Option<IncomingResponse> {
        let handled = self.gateway.handle(now, request);
        self.effects.deliveries.extend(handled.deliveries);
        self.plan_tick();
        let answer = handled.response.answer()?;
        let mut response = IncomingResponse::new(answer.status, answer.body.clone());
        for (name, value) in &answer.headers {
            response.push_header(name, value.as_bytes());
        }
        Some(response)
    }

    fn plan_tick(&mut self) {
        if let Some(at) = self.gateway.next_wakeup()
            && self.wake.is_none_or(|planned| planned > at)
        {
            self.wake = Some(at);
            self.effects.timers.push((at, Timer::Tick));
        }
    }

    /// What an inquiry says at this moment that nothing can befall.
    fn ask(&mut self, now: UnixTime, order: u32, attempt: u8) -> Option<InquiryPaymentResponse> {
        let body = other(Call { order, attempt, what: What::Inquire }, "");
        let (mut engine, request) = self.prepare(InquiryPayment::INFO, &body, false, now)?;
        let response = self.handle(now, &request)?;
        engine.answered(Ok(response), &self.gateway_keys, clock(now));
        let outcome = engine.finish::<InquiryPaymentResponse>().ok()?;
        let reply = outcome.reply()?;
        reply.value().payment_status.as_ref()?;
        Some(reply.value().clone())
    }
}

/// How an unusable answer looks.
fn broken(mut response: IncomingResponse, dice: &mut Dice) -> IncomingResponse {
    match dice.rng.below(3) {
        0 => IncomingResponse::new(503, &b"<html>busy</html>"[..]),
        1 => IncomingResponse::new(200, response.body().clone()),
        _ => {
            // One more byte than was signed.
            let mut body = response.body().to_vec();
            body.push(b' ');
            let headers =
                [antom_core::call::HeaderName::Signature, antom_core::call::HeaderName::ResponseTime];
            let kept: Vec<_> = headers
                .iter()
                .filter_map(|name| Some((name.as_str(), response.header(*name).ok()??.to_owned())))
                .collect();
            response = IncomingResponse::new(200, body);
            for (name, value) in kept {
                response.push_header(name, value.as_bytes());
            }
            response
        }
    }
}

impl Far for Wire {
    type Request = GatewayRequest;
    type Pending = Engine;
    type Response = Option<IncomingResponse>;
    type Delivery = Delivery;
    type Timer = Timer;

    fn body(&mut self, call: Call, terms: Terms) -> Vec<u8> {
        bodies::pay(call, terms, &self.access_token)
    }

    fn request(
        &mut self,
        now: UnixTime,
        call: Call,
        terms: Terms,
        payment_id: Option<&str>,
        stored: Option<&[u8]>,
    ) -> Option<(Engine, GatewayRequest)> {
        let info = match call.what {
            What::Pay => Pay::INFO,
            What::Cancel => Cancel::INFO,
            What::Inquire => InquiryPayment::INFO,
            What::Capture { .. } => Capture::INFO,
            What::Refund { .. } => Refund::INFO,
            What::InquireRefund { .. } => InquiryRefund::INFO,
        };
        let body = match (call.what, stored) {
            (What::Pay, Some(stored)) => stored.to_vec(),
            (What::Pay, None) => self.body(call, terms),
            _ => other(call, payment_id.unwrap_or_default()),
        };
        self.prepare(info, &body, terms.in_store, now)
    }

    fn arrive(
        &mut self,
        now: UnixTime,
        request: GatewayRequest,
        dice: &mut Dice,
    ) -> Option<IncomingResponse> {
        if dice.hit(Fault::GatewayBusy) {
            return Some(IncomingResponse::new(503, &b"<html>busy</html>"[..]));
        }
        let response = self.handle(now, &request)?;
        Some(if dice.hit(Fault::AnswerBroken) { broken(response, dice) } else { response })
    }

    fn read(
        &mut self,
        now: UnixTime,
        call: Call,
        mut engine: Engine,
        answer: Result<Option<IncomingResponse>, Missing>,
        dice: &mut Dice,
    ) -> Input {
        let answered = match answer {
            Ok(Some(response)) => Ok(response),
            Err(Missing::NotSent) => Err(TransportError::new(TransportErrorKind::Connect, Sent::No)),
            Ok(None) | Err(Missing::Lost) => {
                Err(TransportError::new(TransportErrorKind::Timeout, Sent::Maybe))
            }
        };
        let came = answered.is_ok();
        engine.answered(answered, &self.known_keys, clock(now));
        if came && self.known_keys.version() < self.gateway_keys.version() {
            dice.counts.add(Fault::Unverifiable);
        }
        match call.what {
            What::Pay => payment_input(call, Answer::pay(&engine.finish())),
            What::Cancel => payment_input(call, Answer::cancel(&engine.finish())),
            What::Inquire => payment_input(call, Answer::inquiry(&engine.finish())),
            What::Capture { .. } => movement_input(call, Answer::capture(&engine.finish())),
            What::Refund { .. } => movement_input(call, Answer::refund(&engine.finish())),
            What::InquireRefund { .. } => movement_input(call, Answer::refund_inquiry(&engine.finish())),
        }
    }

    fn shown(&mut self, now: UnixTime, order: u32, _attempt: u8, show: &Show, dice: &mut Dice) {
        let page = match show {
            Show::Code { text, .. } => text.expose().clone(),
            Show::Redirect { url: Some(url), .. } => url.expose().clone(),
            _ => return,
        };
        let card = matches!(self.kind(order), Kind::Card { .. });
        let rng = &mut dice.rng;
        let action = match rng.below(100) {
            0..80 if card => {
                TEST_CARDS.first().map(|card| BuyerAction::EnterCard(CardEntry::valid(card.number)))
            }
            0..80 => Some(BuyerAction::Approve),
            80..90 => Some(BuyerAction::Decline),
            _ => None,
        };
        let wait = Duration::from_millis(rng.between(2_000, 60_000).unsigned_abs());
        if let Some(action) = action {
            self.effects.timers.push((now.saturating_add(wait), Timer::Buyer(page, action)));
        }
    }

    fn timer(&mut self, now: UnixTime, timer: Timer, _dice: &mut Dice) {
        match timer {
            Timer::Tick => {
                if self.wake.is_some_and(|at| at <= now) {
                    self.wake = None;
                }
                let deliveries = self.gateway.tick(now);
                self.effects.deliveries.extend(deliveries);
            }
            Timer::Buyer(page, action) => {
                // A page that is closed meanwhile is no concern of anybody.
                if let Ok(done) = self.gateway.buyer(now, &page, action) {
                    self.effects.deliveries.extend(done.deliveries);
                }
            }
        }
        self.plan_tick();
    }

    fn effects(&mut self) -> Effects<Delivery, Timer> {
        std::mem::take(&mut self.effects)
    }

    fn open(&mut self, now: UnixTime, delivery: &Delivery, dice: &mut Dice) -> Option<InboxEntry> {
        let Some(verified) = gate::verify(delivery, &self.client, &self.known_keys) else {
            dice.counts.add(Fault::Unverifiable);
            return None;
        };
        let fact = Observed::of(&verified).ok();
        let key = InboxKey(Sha256::digest(&delivery.body).into());
        Some(InboxEntry { key, message: StoredMessage::of(&verified), fact, received: now })
    }

    fn acknowledged(&mut self, now: UnixTime, delivery: &Delivery) {
        self.gateway.delivered(now, delivery.id, DeliveryResult::Acknowledged);
    }

    fn rotate(&mut self) {
        self.gateway_keys.set(self.gateway_keys.version() + 1);
    }

    fn learn(&mut self) {
        self.known_keys.set(self.gateway_keys.version());
    }

    fn truth(&mut self, now: UnixTime, order: u32, attempt: u8) -> Option<Truth> {
        let answer = self.ask(now, order, attempt)?;
        let minor = |amount: &antom_core::money::Amount| {
            amount.minor_units().ok().and_then(|minor| u64::try_from(minor).ok()).unwrap_or(0)
        };
        let state = match answer.payment_status.as_ref()?.as_str() {
            "SUCCESS" => State::Paid,
            "FAIL" => State::Failed,
            "CANCELLED" => State::Cancelled,
            _ => State::Waiting,
        };
        let amount = answer.payment_amount.as_ref().map_or(0, minor);
        let sum = |kind: TransactionType| -> u64 {
            let all = answer.transactions.iter().flatten();
            let done = all.filter(|known| {
                known.transaction_type.as_ref() == Some(&kind)
                    && known.transaction_status.as_ref().is_some_and(|status| status.as_str() == "SUCCESS")
            });
            done.filter_map(|known| known.transaction_amount.as_ref()).map(minor).sum()
        };
        let taken = match self.kind(order) {
            Kind::Card { .. } => sum(TransactionType::CAPTURE),
            _ if state == State::Paid => amount,
            _ => 0,
        };
        Some(Truth { state, amount, taken, returned: sum(TransactionType::REFUND) })
    }

    fn charges(&mut self, now: UnixTime, order: u32) -> usize {
        let charged =
            |truth: &Truth| truth.state == State::Paid && (truth.taken == 0 || truth.taken > truth.returned);
        (0..4_u8).filter_map(|attempt| self.truth(now, order, attempt)).filter(charged).count()
    }
}

impl Wire {
    /// An engine for orders of these kinds, and an agreement of one buyer for all that pay by token.
    #[must_use]
    pub fn new(client: &ClientId, kinds: Vec<Kind>, seed: u64, now: UnixTime) -> Option<Self> {
        let (merchant, gateway_keys) = (Cheap::new("merchant"), Cheap::new("gateway"));
        let gateway = gate::gateway(client, seed, &merchant, &gateway_keys)?;
        let credentials = Credentials::Rsa { client_id: client.clone(), key_version: KeyVersion::FIRST };
        let online = Profile::new(credentials, Region::Asia);
        let mut wire = Self {
            gateway,
            in_store: online.clone().with_family(ProductFamily::InStore),
            online,
            client: client.clone(),
            known_keys: gateway_keys.known(),
            merchant,
            gateway_keys,
            access_token: String::new(),
            kinds,
            effects: Effects::default(),
            wake: None,
        };
        wire.access_token = wire.agree(now)?;
        Some(wire)
    }
}
