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

mod answer;
mod auth;
mod buyer;
mod cancel;
mod capture;
mod card;
mod change;
mod day;
mod described;
mod desk;
mod dispute;
mod door;
mod fault;
mod history;
mod ids;
mod inquiry;
mod journal;
mod kept;
mod keys;
mod mask;
mod notice;
mod outbox;
mod pay;
mod payment;
mod rate;
mod refund;
mod reply;
#[cfg(feature = "state-file")]
mod saved;
mod settings;
mod settlement;
mod state;
mod strict;
mod subscribe;
mod subscription;
#[cfg(test)]
mod tests;
mod vault;
mod view;
mod wire;

use std::collections::{BTreeMap, VecDeque};

use antom_core::signature::{KeyVersion, RsaSigner, RsaVerifier, Signer, Verifier};
use antom_core::time::UnixTime;

pub use buyer::{BuyerAction, BuyerDone, BuyerError, BuyerNext};
pub use card::{CardBehaviour, CardEntry, TEST_CARDS, TestCard};
pub use desk::OPERATIONS;
pub use dispute::{BankAction, BankError, Disputed};
pub use fault::{Fault, FaultTarget, Script, UnknownFault, parse_duration};
pub use journal::{Entry, Event};
pub use keys::AsMerchantError;
pub use outbox::SCHEDULE;
pub use rate::Rate;
#[cfg(feature = "state-file")]
pub use saved::{Row, RowError};
pub use settings::{KeySet, Settings, SettingsError};
pub use settlement::{ReportFile, ReportNames, ReportPlan};
pub use view::{
    Ask, AuthorizationView, DisputeView, PageView, PaymentView, SubscriptionView, VaultingView, View,
};
pub use wire::{Answer, Delivery, DeliveryResult, GatewayRequest, GatewayResponse, Handled, NotificationId};

use change::Change;
use described::Described;
use desk::Desk;
use fault::Faults;
use ids::Ids;
use journal::Journal;
use outbox::Outbox;
use state::{State, Timer};

/// A payments gateway for one client. See the [module](self).
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, pay, settings};
/// use antom_sandbox::engine::{BuyerAction, DeliveryResult, Fault, FaultTarget, Gateway};
/// use std::time::Duration;
/// # let settings = settings();
///
/// let mut gateway = Gateway::new(settings)?;
/// assert!(gateway.settings().client_id.is_sandbox());
/// assert_eq!((gateway.key_version().get(), gateway.next_wakeup()), (1, None));
/// # let (page, now) = (pay(&mut gateway), NOW);
///
/// // A merchant asked for a payment; the buyer pays at its page.
/// let done = gateway.buyer(now, &page, BuyerAction::Approve)?;
/// let delivery = &done.deliveries[0];
/// // The merchant's server is down. The gateway tries again later.
/// gateway.answered(now, delivery.id, DeliveryResult::Unreachable, "connection refused");
/// assert_eq!(gateway.unacknowledged(), 1);
/// let later = gateway.next_wakeup().expect("another try");
/// let again = gateway.tick(later);
/// assert_eq!((again[0].id, again[0].attempt), (delivery.id, 2));
/// gateway.delivered(later, delivery.id, DeliveryResult::Acknowledged);
/// assert_eq!(gateway.unacknowledged(), 0);
/// assert!(gateway.resend(later, delivery.id), "as an operator would, from the dashboard");
///
/// // From now on every inquiry is answered too late.
/// let inquiries = FaultTarget::Operation("payments/inquiryPayment".into());
/// gateway.set_fault(inquiries.clone(), Fault::Delay(Duration::from_secs(30)), None);
/// gateway.clear_fault(&inquiries);
/// gateway.set_script(FaultTarget::RequestId("PAY-2".into()), "U,S".parse()?);
/// assert!(gateway.journal().count() > 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Gateway {
    settings: Settings,
    /// The merchant's keys, the newest first.
    merchant: VecDeque<Box<dyn Verifier>>,
    signer: Box<dyn Signer>,
    /// What signed before the last change of keys.
    retired: Option<Box<dyn Signer>>,
    /// The latest answer's body of each operation of the API.
    latest: BTreeMap<&'static str, Vec<u8>>,
    ids: Ids,
    state: State,
    outbox: Outbox,
    faults: Faults,
    journal: Journal,
    described: Described,
    /// The end of a day in which money moved that is not settled yet.
    settles: Option<UnixTime>,
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
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::settings;
    /// use antom_core::signature::{KeyVersion, RsaSigner, RsaVerifier};
    /// use antom_sandbox::engine::Gateway;
    /// # let settings = settings();
    ///
    /// // What `new` does with the keys of the settings; a simulation gives a signer that costs nothing.
    /// let verifier = RsaVerifier::new(settings.keys.merchant().clone(), KeyVersion::FIRST);
    /// let signer = RsaSigner::new(settings.keys.merchant_private().unwrap(), KeyVersion::FIRST)?;
    /// let gateway = Gateway::with_signatures(settings, Box::new(verifier), Box::new(signer))?;
    /// assert_eq!(gateway.unacknowledged(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
            latest: BTreeMap::new(),
            ids: Ids::new(settings.seed),
            state: State::new(settings.max_objects),
            outbox: Outbox::new(settings.max_objects),
            faults: Faults::default(),
            journal: Journal::new(settings.journal_size),
            described: Described::new(settings.max_objects),
            settles: None,
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
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, gateway};
    /// # let (mut gateway, now) = (gateway(), NOW);
    /// let request = gateway.as_merchant(now, "payments/inquiryPayment", r#"{"paymentRequestId":"PAY-1"}"#)?;
    /// let handled = gateway.handle(now, &request);
    /// // It is signed, so that the merchant can believe that there is no such payment.
    /// let answer = handled.response.answer().expect("no fault is on");
    /// assert!(answer.header("signature").is_some() && answer.body.windows(15).any(|text| text == b"ORDER_NOT_EXIST"));
    /// # Ok::<(), antom_sandbox::engine::AsMerchantError>(())
    /// ```
    pub fn handle(&mut self, now: UnixTime, request: &GatewayRequest) -> Handled {
        self.elapse(now);
        let (response, delay) = self.answer(now, request);
        Handled { response, delay, deliveries: self.due(now) }
    }

    /// Lets time pass: expires what is over, and gives the deliveries that are due.
    pub fn tick(&mut self, now: UnixTime) -> Vec<Delivery> {
        self.elapse(now);
        self.due(now)
    }

    /// When [`tick`](Self::tick) has something to do next.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<UnixTime> {
        [self.state.next_timer(), self.outbox.next_due(), self.settles].into_iter().flatten().min()
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
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, paid};
    /// use antom_sandbox::engine::BankAction;
    /// # let (mut gateway, now) = (paid(), NOW);
    ///
    /// // The buyer paid PAY-1, and now asks the bank for the money back.
    /// let disputed = gateway.dispute(now, "PAY-1")?;
    /// assert_eq!(disputed.deliveries.len(), 1);
    /// let judged = gateway.bank(now, &disputed.dispute_id, BankAction::Judge { merchant_wins: true })?;
    /// assert_eq!(judged.len(), 1);
    /// # Ok::<(), antom_sandbox::engine::BankError>(())
    /// ```
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
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, paid};
    /// use antom_sandbox::engine::{BankAction, BankError};
    /// # let (mut gateway, now) = (paid(), NOW);
    ///
    /// let refused = gateway.bank(now, "D-1", BankAction::Cancel);
    /// assert_eq!(refused, Err(BankError::Unknown));
    /// ```
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
        loop {
            // A day ends before what happens in the next one.
            let day = self.settles.filter(|end| *end <= now);
            if let Some(end) = day.filter(|end| self.state.next_timer().is_none_or(|at| *end <= at)) {
                self.settle_day(end);
                continue;
            }
            let Some((at, timer)) = self.state.elapsed(now) else { return };
            let changes = match timer {
                Timer::SubscriptionTurns(id) => subscription::turn(&mut self.at_desk(at), &id),
                timer => self.timed_out(at, timer).into_iter().collect(),
            };
            self.apply(at, changes);
        }
    }

    /// What running out of time changes, if anything.
    fn timed_out(&self, at: UnixTime, timer: Timer) -> Option<Change> {
        match timer {
            Timer::PaymentExpires(payment) => {
                let (code, message) = ("ORDER_IS_CLOSED", "The payment expired before it was completed.");
                Some(Change::PaymentFailed { payment, code, message })
            }
            Timer::RefundDone { payment, refund } => Some(Change::RefundDone { payment, refund }),
            Timer::AuthorizationExpires(page) => Some(Change::AuthorizationClosed { page }),
            Timer::DisputeAlert(dispute) => Some(Change::DisputeNearsItsEnd { dispute }),
            Timer::DisputeEnds(dispute) => {
                let stage = dispute::DisputeStage::Accepted { at, in_time: false };
                Some(Change::DisputeMoved { dispute, stage })
            }
            Timer::VaultingExpires(request) => {
                let (code, message) = ("ORDER_IS_CLOSED", "The buyer did not finish in time.");
                Some(self.state.vaulting(&request)?.at(vault::VaultingStage::failed(code, message)))
            }
            Timer::SubscriptionTurns(_) => None,
        }
    }

    /// The one way in which anything changes: the journal notes it, the state makes it, the merchant hears it.
    fn apply(&mut self, now: UnixTime, changes: Vec<Change>) {
        for change in changes {
            if change.moves_money() {
                self.moved(now);
            }
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

    /// The version of the key that signs answers.
    #[must_use]
    pub fn key_version(&self) -> KeyVersion {
        self.signer.key_version()
    }
}
