//! The gateway without a socket: requests, the buyer and time go in; answers and deliveries come out.
//!
//! ```
//! use antom_core::signature::ClientId;
//! use antom_core::time::UnixTime;
//! use antom_sandbox::engine::{Gateway, GatewayRequest, KeySet, Settings};
//!
//! let keys = KeySet::published()?;
//! let settings = Settings::new(ClientId::new("SANDBOX_5Y0000000000000001")?, keys, "http://127.0.0.1:8080");
//! let mut gateway = Gateway::new(settings)?;
//! let request = GatewayRequest::post("/ams/sandbox/api/v1/payments/pay", &b"{}"[..]);
//! let handled = gateway.handle(UnixTime::from_secs(1_700_000_000), &request);
//! let answer = handled.response.answer().ok_or("no answer")?;
//! assert_eq!(answer.header("signature"), None); // a request that is not signed gets an unsigned answer
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod auth;
mod buyer;
mod cancel;
mod capture;
mod card;
mod change;
mod described;
mod desk;
mod dispute;
mod door;
mod exchange;
mod fault;
mod history;
mod ids;
mod inquiry;
mod journal;
mod mask;
mod notice;
mod outbox;
mod pay;
mod payment;
mod refund;
mod reply;
mod settings;
mod settlement;
mod state;
mod strict;
#[cfg(test)]
mod tests;
mod view;
mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use antom_core::api::models::{ResultInfo, ResultStatus};
use antom_core::signature::{
    KeyVersion, MAX_GATEWAY_KEYS, PrivateKey, PublicKey, RsaSigner, RsaVerifier, Signer, Verifier,
    check_path, content, header,
};
use antom_core::time::{UnixTime, WireTime};

pub use buyer::{BuyerAction, BuyerDone, BuyerError, BuyerNext};
pub use card::{CardBehaviour, CardEntry, TEST_CARDS, TestCard};
pub use desk::OPERATIONS;
pub use dispute::{BankAction, BankError, Disputed};
pub use exchange::Rate;
pub use fault::{Fault, FaultTarget, Script, UnknownFault, parse_duration};
pub use journal::{Entry, Event};
pub use outbox::SCHEDULE;
pub use settings::{KeySet, Settings, SettingsError};
pub use settlement::{ReportFile, ReportNames, ReportPlan};
pub use view::{Ask, AuthorizationView, DisputeView, PageView, PaymentView, View};
pub use wire::{Answer, Delivery, DeliveryResult, GatewayRequest, GatewayResponse, Handled, NotificationId};

use change::Change;
use described::Described;
use desk::Desk;
use fault::Faults;
use ids::Ids;
use journal::Journal;
use outbox::Outbox;
use reply::{failure, page, result, result_only, signed, success, unsigned};
use state::{State, Timer};

/// Why no request could be signed as the merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AsMerchantError {
    /// Only the merchant has the private key.
    #[error("signing as the merchant: its private key is not known here")]
    NoKey,
    /// The operation makes no path.
    #[error("signing as the merchant: an operation is named like payments/pay")]
    NoPath,
}

/// A payments gateway for one client. See the [module](self).
pub struct Gateway {
    settings: Settings,
    /// The merchant's keys, the newest first.
    merchant: VecDeque<Box<dyn Verifier>>,
    signer: Box<dyn Signer>,
    /// What signed before the last change of keys.
    retired: Option<Box<dyn Signer>>,
    /// The latest answer's body of each operation.
    answered: BTreeMap<String, Vec<u8>>,
    ids: Ids,
    state: State,
    outbox: Outbox,
    faults: Faults,
    journal: Journal,
    described: Described,
}

/// Shows whom it serves; payments and tokens stay inside.
impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("client_id", &self.settings.client_id).finish_non_exhaustive()
    }
}

impl Settings {
    fn page_url(&self, page: &str) -> String {
        format!("{}/_sandbox/buyer/{page}", self.public_url)
    }
}

impl Gateway {
    /// A gateway that remembers nothing yet.
    ///
    /// # Errors
    ///
    /// The client id is not that of a sandbox account, or a key cannot be used.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        if !settings.client_id.is_sandbox() {
            return Err(SettingsError::NotASandboxId);
        }
        if settings.keys.merchant == *settings.keys.gateway_public() {
            return Err(SettingsError::SameKey);
        }
        let merchant = RsaVerifier::new(settings.keys.merchant.clone(), KeyVersion::FIRST);
        let signer = RsaSigner::new(&settings.keys.gateway, KeyVersion::FIRST)?;
        Self::with_signatures(settings, Box::new(merchant), Box::new(signer))
    }

    /// A gateway that verifies and signs with these instead of the keys of its settings: for simulations,
    /// in which RSA would take most of the time.
    ///
    /// # Errors
    ///
    /// The client id is not that of a sandbox account.
    pub fn with_signatures(
        settings: Settings,
        merchant: Box<dyn Verifier>,
        signer: Box<dyn Signer>,
    ) -> Result<Self, SettingsError> {
        if !settings.client_id.is_sandbox() {
            return Err(SettingsError::NotASandboxId);
        }
        Ok(Self {
            merchant: VecDeque::from([merchant]),
            signer,
            retired: None,
            answered: BTreeMap::new(),
            ids: Ids::new(settings.seed),
            state: State::new(settings.max_objects),
            outbox: Outbox::new(settings.max_objects),
            faults: Faults::default(),
            journal: Journal::new(settings.journal_size),
            described: Described::new(settings.max_objects),
            settings,
        })
    }

    /// What it was made with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Answers a request. The deliveries are those that are due now, among them what the request caused;
    /// send them after the answer.
    pub fn handle(&mut self, now: UnixTime, request: &GatewayRequest) -> Handled {
        self.elapse(now);
        let (response, delay) = self.answer(now, request);
        Handled { response, delay, deliveries: self.due(now) }
    }

    /// A request to an operation, signed as the merchant would.
    ///
    /// # Errors
    ///
    /// The merchant's private key is not known here, or the path is none.
    pub fn as_merchant(
        &self,
        now: UnixTime,
        operation: &str,
        body: &str,
    ) -> Result<GatewayRequest, AsMerchantError> {
        let key = self.settings.keys.merchant_private().ok_or(AsMerchantError::NoKey)?;
        let target = format!("{}{operation}", door::FAMILIES[1]);
        check_path(&target).map_err(|_| AsMerchantError::NoPath)?;
        let signer = RsaSigner::new(key, KeyVersion::FIRST).map_err(|_| AsMerchantError::NoKey)?;
        let time = WireTime::epoch_ms(now);
        let input = content("POST", &target, &self.settings.client_id, &time, body.as_bytes());
        let signature = signer.sign(&input).map_err(|_| AsMerchantError::NoKey)?;
        Ok(GatewayRequest::post(target, body.as_bytes().to_vec())
            .with_header("client-id", self.settings.client_id.as_str())
            .with_header("request-time", time.as_str())
            .with_header("signature", header::render(&signature, KeyVersion::FIRST)))
    }

    /// From now on answers and notifications are signed with this key, under the next version. The key before
    /// is used by [`Fault::OldKey`] alone.
    ///
    /// # Errors
    ///
    /// The key cannot be used, or is the merchant's.
    pub fn rotate(&mut self, key: &PrivateKey) -> Result<KeyVersion, SettingsError> {
        if self.settings.keys.merchant == *key.public() {
            return Err(SettingsError::SameKey);
        }
        let version = KeyVersion::new(self.signer.key_version().get().saturating_add(1));
        let signer = Box::new(RsaSigner::new(key, version)?);
        self.retired = Some(std::mem::replace(&mut self.signer, signer));
        self.settings.keys.gateway = key.clone();
        Ok(version)
    }

    /// From now on the merchant may sign with this key as well. The four newest keys are taken.
    ///
    /// # Errors
    ///
    /// It is the gateway's own key.
    pub fn accept_merchant_key(&mut self, key: PublicKey) -> Result<(), SettingsError> {
        if key == *self.settings.keys.gateway_public() {
            return Err(SettingsError::SameKey);
        }
        self.merchant.push_front(Box::new(RsaVerifier::new(key.clone(), KeyVersion::FIRST)));
        self.merchant.truncate(MAX_GATEWAY_KEYS);
        self.settings.keys.merchant = key;
        Ok(())
    }

    fn answer(&mut self, now: UnixTime, request: &GatewayRequest) -> (GatewayResponse, Duration) {
        let admitted = match door::admit(request, &self.settings.client_id, &self.merchant) {
            Ok(admitted) => admitted,
            Err(rejection) => {
                let info = failure(rejection.code, &rejection.why);
                let body = result_only(&info);
                self.note_request(now, request, None, (&info, &body), Some(rejection.why));
                return (GatewayResponse::Answer(unsigned(body)), Duration::ZERO);
            }
        };
        let operation = admitted.operation;
        let reference = desk::reference(&request.body);
        let fault = self.faults.meet(operation, reference.as_deref());
        let refused = match &fault {
            Some(Fault::Refuse { code, status }) => Some((code.as_str(), status.clone())),
            Some(Fault::Unknown) => Some(("UNKNOWN_EXCEPTION", ResultStatus::U)),
            _ => None,
        };
        let (body, info, changes) = if let Some((code, status)) = refused {
            let info = result(code, status, "This result was asked for.");
            (result_only(&info), info, Vec::new())
        } else {
            let described = match OPERATIONS.contains(&operation) {
                true => None,
                false => described::entry(operation, &request.body),
            };
            let meant = match self.settings.strict {
                true => described.or_else(|| described::entry(operation, &request.body)),
                false => None,
            };
            let ignored = meant.map_or(Ok(()), |entry| strict::check(&request.body, (entry.request)()));
            let served = if let Err(refusal) = ignored {
                Err(refusal)
            } else if let Some(entry) = described {
                self.described.serve(now, &mut self.ids, entry, &request.body)
            } else {
                desk::serve(&mut self.at_desk(now), operation, &request.body)
            };
            match served {
                Ok(done) => (done.body, done.result, done.changes),
                Err(refusal) => {
                    let info = failure(refusal.code, &refusal.message);
                    (result_only(&info), info, Vec::new())
                }
            }
        };
        self.note_request(now, request, reference, (&info, &body), None);
        self.apply(now, changes);
        let other = self.answered.insert(operation.to_owned(), body.clone());
        let with = |signer: &dyn Signer, body: Vec<u8>| match admitted.signed {
            true => signed(signer, &self.settings.client_id, &request.target, now, body),
            false => unsigned(body),
        };
        let sign = |body: Vec<u8>| with(&*self.signer, body);
        let mut delay = Duration::ZERO;
        let answer = match fault {
            Some(Fault::NoAnswer) => return (GatewayResponse::Silence, delay),
            Some(Fault::Reset) => return (GatewayResponse::Reset, delay),
            Some(Fault::Delay(time)) => {
                delay = time;
                sign(body)
            }
            Some(Fault::Unsigned) => unsigned(body),
            Some(Fault::WrongSignature) => {
                let other = sign(b"{}".to_vec());
                Answer { body: body.into(), ..other }
            }
            Some(Fault::OldKey) => with(self.retired.as_deref().unwrap_or(&*self.signer), body),
            Some(Fault::Foreign) => sign(other.unwrap_or_else(|| result_only(&success()))),
            Some(Fault::HtmlPage(status)) => page(status, "The service is not available at the moment."),
            Some(Fault::Truncated) => {
                let mut answer = sign(body);
                answer.body.truncate(answer.body.len() / 2);
                answer
            }
            _ => sign(body),
        };
        (GatewayResponse::Answer(answer), delay)
    }

    /// Lets time pass: expires what is over, and gives the deliveries that are due.
    pub fn tick(&mut self, now: UnixTime) -> Vec<Delivery> {
        self.elapse(now);
        self.due(now)
    }

    /// When [`tick`](Self::tick) has something to do next.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<UnixTime> {
        [self.state.next_timer(), self.outbox.next_due()].into_iter().flatten().min()
    }

    /// Takes note of what came of a delivery. Only [`DeliveryResult::Acknowledged`] ends the redeliveries.
    pub fn delivered(&mut self, now: UnixTime, id: NotificationId, result: DeliveryResult) {
        self.answered(now, id, result, "");
    }

    /// The same with the beginning of what the merchant's server said, for the journal.
    pub fn answered(&mut self, now: UnixTime, id: NotificationId, result: DeliveryResult, said: &str) {
        self.outbox.delivered(now, id, (result, said), &mut self.journal);
    }

    /// The buyer does something. `at` is a URL or code text that the gateway handed out, the last part of it,
    /// or, for [`BuyerAction::CancelAuthorization`], an access token.
    ///
    /// # Errors
    ///
    /// See [`BuyerError`]; nothing has changed then.
    pub fn buyer(&mut self, now: UnixTime, at: &str, action: BuyerAction) -> Result<BuyerDone, BuyerError> {
        self.elapse(now);
        let decided = buyer::act(&mut self.at_desk(now), at, action)?;
        self.apply(now, decided.changes);
        Ok(BuyerDone { next: decided.next, deliveries: self.due(now) })
    }

    /// The buyer's bank disputes a payment, by its id or its request's id. The merchant has seven days to accept
    /// it or to defend; then it is taken as accepted.
    ///
    /// # Errors
    ///
    /// See [`BankError`]; nothing has changed then.
    pub fn dispute(&mut self, now: UnixTime, payment: &str) -> Result<Disputed, BankError> {
        self.elapse(now);
        let dispute = dispute::open(&mut self.at_desk(now), payment)?;
        let dispute_id = dispute.id.clone();
        self.apply(now, vec![Change::DisputeOpened(Box::new(dispute))]);
        Ok(Disputed { dispute_id, deliveries: self.due(now) })
    }

    /// The buyer's bank decides a dispute, or takes it back. Gives what to send to the merchant.
    ///
    /// # Errors
    ///
    /// See [`BankError`]; nothing has changed then.
    pub fn bank(
        &mut self,
        now: UnixTime,
        dispute_id: &str,
        action: BankAction,
    ) -> Result<Vec<Delivery>, BankError> {
        self.elapse(now);
        let change = dispute::act(&self.at_desk(now), dispute_id, action)?;
        self.apply(now, vec![change]);
        Ok(self.due(now))
    }

    fn at_desk(&mut self, now: UnixTime) -> Desk<'_> {
        Desk {
            now,
            state: &self.state,
            ids: &mut self.ids,
            settings: &self.settings,
            history: self.outbox.history(),
        }
    }

    /// Switches a fault on, for so many requests or until [`clear_fault`](Self::clear_fault).
    pub fn set_fault(&mut self, target: FaultTarget, fault: Fault, times: Option<u32>) {
        self.faults.set(target, fault, times);
    }

    /// The next requests of a target meet the steps of a script, one each.
    pub fn set_script(&mut self, target: FaultTarget, script: Script) {
        self.faults.script(target, script);
    }

    /// Sends a notification again, once, whatever became of it before; `false` for one that is forgotten or has no
    /// address.
    pub fn resend(&mut self, now: UnixTime, id: NotificationId) -> bool {
        self.outbox.again(now, id)
    }

    /// Switches a fault off.
    pub fn clear_fault(&mut self, target: &FaultTarget) {
        self.faults.clear(target);
    }

    /// What happened lately, oldest first.
    pub fn journal(&self) -> impl Iterator<Item = &Entry> {
        self.journal.entries()
    }

    /// How many notifications are neither acknowledged nor given up.
    #[must_use]
    pub fn unacknowledged(&self) -> usize {
        self.outbox.waiting()
    }

    fn elapse(&mut self, now: UnixTime) {
        while let Some((at, timer)) = self.state.elapsed(now) {
            let change = match timer {
                Timer::PaymentExpires(id) => match self.state.payment(&id) {
                    Some(payment) if !payment.state.is_final() => {
                        let (code, message) =
                            ("ORDER_IS_CLOSED", "The payment expired before it was completed.");
                        Change::PaymentFailed { payment: id, code, message }
                    }
                    _ => continue,
                },
                Timer::DisputeAlert(dispute) => Change::DisputeNearsItsEnd { dispute },
                Timer::DisputeEnds(id) => match self.state.dispute_ends(&id, at) {
                    Some(change) => change,
                    None => continue,
                },
                Timer::RefundDone { payment, refund } => Change::RefundDone { payment, refund },
                Timer::AuthorizationExpires(page) => match self.state.authorization(&page) {
                    Some(authorization) if matches!(authorization.stage, auth::Stage::Open) => {
                        Change::AuthorizationClosed { page }
                    }
                    _ => continue,
                },
            };
            self.apply(at, vec![change]);
        }
    }

    /// The one way in which anything changes: the journal notes it, the state makes it, the merchant hears it.
    fn apply(&mut self, now: UnixTime, changes: Vec<Change>) {
        for change in changes {
            let (what, id) = change.name();
            self.journal.note(now, Event::Change { what, id });
            for notice in self.state.apply(now, change) {
                if let Some(written) = notice.write(&self.state) {
                    let fault = self.faults.meet_notice(written.operation, written.reference.as_deref());
                    let url = self.settings.notify_url.as_deref();
                    self.outbox.post(now, written, fault, url, &mut self.journal);
                }
            }
        }
    }

    fn due(&mut self, now: UnixTime) -> Vec<Delivery> {
        self.outbox.due(now, &*self.signer, &self.settings.client_id, &mut self.journal)
    }

    fn note_request(
        &mut self,
        now: UnixTime,
        request: &GatewayRequest,
        reference: Option<String>,
        (info, answer): (&ResultInfo, &[u8]),
        refusal: Option<String>,
    ) {
        if self.settings.journal_size == 0 {
            return;
        }
        let (sent, answered) = traffic(request, answer);
        let status = match info.result_status.as_ref().map(|status| status.as_str()) {
            Some("S") => "S",
            Some("U") => "U",
            _ => "F",
        };
        let event = Event::Request {
            path: request.path().chars().take(200).collect(),
            reference,
            code: info.result_code.as_ref().map(|code| code.as_str().to_owned()).unwrap_or_default(),
            status,
            verified: refusal.is_none(),
            refusal,
            sent,
            answered,
        };
        self.journal.note(now, event);
    }

    /// The version of the key that signs answers.
    #[must_use]
    pub fn key_version(&self) -> KeyVersion {
        self.signer.key_version()
    }
}

/// What was verified, or was to be, and the answer's body; covered.
fn traffic(request: &GatewayRequest, answer: &[u8]) -> (String, String) {
    let header = |name| match request.header(name) {
        wire::Lookup::Once(value) => value.chars().take(64).collect(),
        wire::Lookup::Absent => "(absent)".to_owned(),
        wire::Lookup::Repeated => "(more than once)".to_owned(),
    };
    let target: String = request.target.chars().take(200).collect();
    let operation = request.path().rsplit_once("/v1/").map_or("", |(_, operation)| operation);
    let entry = described::entry(operation, &request.body);
    let body = match entry {
        Some(entry) => mask::masked(&request.body, (entry.request)()),
        None => format!("({} bytes)", request.body.len()),
    };
    let sent =
        format!("{} {target}\n{}.{}.{body}", request.method, header("client-id"), header("request-time"));
    let answered = match entry {
        Some(entry) => mask::masked(answer, (entry.response)()),
        None => String::from_utf8_lossy(answer).chars().take(300).collect(),
    };
    (sent, answered)
}
