//! Where the flows are played: shop, Antom and buyer on one machine and one clock.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use antom::Client;
use antom::core::Amount;
use antom::core::api::notifications::Notification;
use antom::core::api::payments::PayRequest;
use antom::core::call::Reply;
use antom::core::codec::Message;
use antom::core::fact::{Proof, Verified};
use antom::core::flow::payment::{self, Event, Input, NewAttempt, NextStep, Payment, PaymentState};
use antom::core::flow::token::{self, Grant, NewGrant, TokenEvent};
use antom::core::flow::{EntryKind, Unfit};
use antom::core::outcome::{CallError, Outcome, Reason};
use antom::core::signature::ClientId;
use antom::core::time::{DateTimeText, Now, UnixTime, UtcOffset};
use antom::qr::QrImage;
use antom::store::FrozenBody;
use antom::webhook::{Receiver, Sleep};
use antom_sandbox::{Clock, Sandbox, SandboxConfig};
use tokio::net::TcpListener;

use super::book::{Book, Turn};
use super::merchant::{Kept, Merchant, PATH};
use super::timeline::{Party, Step, Stop, Timeline, Unexpected};
use crate::failure::{Failure, causes};

/// What a call came to.
pub(crate) type Called<T> = Result<Outcome<T>, CallError>;

/// How a call should end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Want {
    /// `S` with SUCCESS.
    Success,
    /// `U` with this code: taken and under way.
    Accepted(&'static str),
}

/// Everything the flows share.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) timeline: Timeline,
    /// For online products.
    pub(crate) client: Client,
    /// For products at a counter.
    pub(crate) in_store: Client,
    pub(crate) sandbox: Sandbox,
    pub(crate) merchant: Merchant,
    pub(crate) book: Book,
    clock: Clock,
}

/// A notification that arrived, was verified, and was applied.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) proof: Proof,
    pub(crate) notification: Notification,
    pub(crate) turn: Turn,
}

/// One clock for everybody, so that a year can pass in a moment.
#[derive(Debug)]
struct SharedClock(Clock, Instant);

impl antom::transport::Clock for SharedClock {
    fn now(&self) -> Now {
        Now::new(self.0.now(), self.1.elapsed())
    }
}

impl Stage {
    /// Starts the sandbox and the merchant's server on free loopback ports and builds the client.
    pub(crate) async fn set(timeline: Timeline) -> Result<Self, Failure> {
        let clock = Clock::system();
        let mut config = SandboxConfig::default();
        config.clock = clock.clone();
        let sandbox = Sandbox::start(config).await.map_err(|error| Failure::input("the demo", &error))?;
        let private_key = sandbox.merchant_private_key().map(|key| key.expose().clone()).unwrap_or_default();
        let client = Client::builder()
            .gateway_url(sandbox.gateway_url())
            .client_id(sandbox.client_id())
            .private_key(private_key)
            .gateway_key(1, sandbox.gateway_public_key())
            .clock(SharedClock(clock.clone(), Instant::now()))
            .build()
            .map_err(|error| Failure::input("building the client failed", &error))?;
        let verifier = client
            .webhook_verifier(PATH)
            .map_err(|error| Failure::input("building the webhook verifier failed", &error))?;
        let webhook_clock = clock.clone();
        let receiver = Receiver::new([verifier], Sleep::tokio())
            .map_err(|error| Failure::input("building the webhook receiver failed", &error))?
            .with_clock(antom::webhook::Clock::new(move || webhook_clock.now()));
        let book =
            Book::open().map_err(|why| Failure::Input(format!("opening the shop's book failed: {why}")))?;
        let merchant = TcpListener::bind(("127.0.0.1", 0))
            .await
            .and_then(|listener| Merchant::start(listener, receiver, book.clone()))
            .map_err(|error| Failure::input("starting the merchant's server failed", &error))?;
        let in_store = client.in_store();
        Ok(Self { timeline, client, in_store, sandbox, merchant, book, clock })
    }

    /// Ends everything that was started.
    pub(crate) async fn strike(self) {
        let Self { sandbox, merchant, .. } = self;
        drop(merchant);
        sandbox.shutdown().await;
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// A time so much later, and its text for a request.
    pub(crate) fn in_time(&self, span: Duration) -> (UnixTime, DateTimeText) {
        // Requests are read to the second.
        let at = UnixTime::from_secs(self.now().saturating_add(span).as_secs());
        (at, DateTimeText::at(at, UtcOffset::UTC))
    }

    pub(crate) fn client_id(&self) -> Result<ClientId, Stop> {
        self.client
            .profile()
            .client_id()
            .cloned()
            .ok_or_else(|| Unexpected::new("the client", "a client id", "none").into())
    }

    /// An answer, if the call ended as it should.
    pub(crate) fn reply<'a, T>(what: &str, want: Want, call: &'a Called<T>) -> Result<&'a Reply<T>, Stop> {
        let code = |reply: &Reply<T>| reply.result().result_code.as_ref().map(ToString::to_string);
        let (expected, reply) = match (want, call) {
            (Want::Success, Ok(Outcome::Completed(reply))) => ("SUCCESS", reply),
            (Want::Accepted(expected), Ok(Outcome::Accepted(reply))) => (expected, reply),
            _ => return Err(Unexpected::new(what, want.describe(), describe(call)).into()),
        };
        if code(reply).as_deref() != Some(expected) {
            return Err(Unexpected::new(what, want.describe(), describe(call)).into());
        }
        if !reply.verified().proof().is_signed() {
            return Err(Unexpected::new(what, "a signed answer", "an unsigned one").into());
        }
        Ok(reply)
    }

    /// Tells of an answer: what it said, and what more there is to say about it.
    pub(crate) fn answered<T>(&mut self, what: &str, reply: &Reply<T>, more: &str) -> Result<(), Stop> {
        let result = reply.result();
        let status = result.result_status.as_ref().map_or("", |status| status.as_str());
        let code = result.result_code.as_ref().map_or("", |code| code.as_str());
        let more = if more.is_empty() { String::new() } else { format!(", {more}") };
        let text = format!("{status} {code}{more}");
        let proof = Some(reply.verified().proof());
        self.tell(Party::Shop, Party::Antom, what, &text, proof)
    }

    /// Tells a step.
    pub(crate) fn tell(
        &mut self,
        from: Party,
        to: Party,
        what: &str,
        result: &str,
        proof: Option<&Proof>,
    ) -> Result<(), Stop> {
        Ok(self.timeline.step(&Step { from, to, what, result, proof })?)
    }

    /// The notification that is wanted: verified, stored with what it brought about, and acknowledged by the
    /// merchant's server.
    pub(crate) async fn notified(
        &mut self,
        what: &str,
        wanted: impl Fn(&Notification) -> bool,
    ) -> Result<Notice, Stop> {
        let fits =
            |verified: &Verified| verified.notification().is_ok_and(|notification| wanted(&notification));
        let arrived = self.merchant.next(fits).await;
        let Kept { verified, turn } =
            arrived.map_err(|found| Unexpected::new(what, "a verified notification", found))?;
        let notification = verified
            .notification()
            .map_err(|error| Unexpected::new(what, "a notification of a known form", causes(&error)))?;
        if !verified.proof().is_signed() {
            return Err(Unexpected::new(what, "a signed notification", "an unsigned one").into());
        }
        self.sandbox.idle().await;
        same(&format!("{what}: without acknowledgement"), &0, &self.sandbox.unacknowledged())?;
        match &turn {
            Turn::Order(turn) => undisturbed(what, &turn.events)?,
            Turn::Grant(turn) => grant_undisturbed(what, &turn.events)?,
            Turn::Kept => {
                return Err(Unexpected::new(what, "one that is applied", "one that is kept aside").into());
            }
        }
        Ok(Notice { proof: verified.proof().clone(), notification, turn })
    }

    /// Tells of a notification.
    pub(crate) fn noticed(&mut self, what: &str, notice: &Notice, said: &str) -> Result<(), Stop> {
        let text = format!("{said}, acknowledged");
        self.tell(Party::Antom, Party::Shop, what, &text, Some(&notice.proof))
    }

    /// Draws a code in the terminal.
    pub(crate) fn draw(&mut self, text: &str) -> Result<(), Stop> {
        let image = QrImage::new(text)
            .map_err(|error| Unexpected::new("drawing the code", "a QR code", causes(&error)))?;
        Ok(self.timeline.picture(&image.terminal())?)
    }

    /// A new attempt: its intent is stored, with the request if that may be sent again, before anything is
    /// sent.
    pub(crate) async fn pays(
        &self,
        order: &str,
        attempt: NewAttempt,
        request: &PayRequest,
    ) -> Result<(), Stop> {
        let what = format!("order {order}");
        let first = NextStep::Send { request_id: attempt.request_id.clone() };
        let body = attempt
            .replayable
            .then(|| FrozenBody::new(attempt.client_id.clone(), &attempt.request_id, &request.to_json()))
            .transpose()
            .map_err(|error| Unexpected::new(&what, "a request that may be stored", causes(&error)))?;
        let kept = self.book.payment_hears(order, &Input::Pay(attempt), body, self.now()).await;
        let turn = kept.map_err(|found| Unexpected::new(&what, "a change that is kept", found))?;
        same(&format!("{what}: the first step"), &first, &turn.step)
    }

    /// What an order heard and what is to be done next; the change is kept before anything is done.
    pub(crate) async fn asks(&self, order: &str, input: &Input) -> Result<payment::Transition, Stop> {
        let what = format!("order {order}");
        let kept = self.book.payment_hears(order, input, None, self.now()).await;
        let turn = kept.map_err(|found| Unexpected::new(&what, "a change that is kept", found))?;
        undisturbed(&what, &turn.events)?;
        Ok(turn)
    }

    /// What an order heard.
    pub(crate) async fn hears(&self, order: &str, input: &Input) -> Result<(), Stop> {
        self.asks(order, input).await.map(|_| ())
    }

    /// Begins an authorization.
    pub(crate) async fn begin_grant(&self, new: &NewGrant) -> Result<token::Transition, Stop> {
        let kept = self.book.begin_grant(new, self.now()).await;
        Ok(kept.map_err(|found| Unexpected::new("the authorization", "a change that is kept", found))?)
    }

    /// What an authorization heard and what is to be done next.
    pub(crate) async fn grant_asks(
        &self,
        state: &str,
        input: &token::Input,
    ) -> Result<token::Transition, Stop> {
        let kept = self.book.grant_hears(state, input, self.now()).await;
        let turn =
            kept.map_err(|found| Unexpected::new("the authorization", "a change that is kept", found))?;
        grant_undisturbed("the authorization", &turn.events)?;
        Ok(turn)
    }

    /// What an authorization heard.
    pub(crate) async fn grant_hears(&self, state: &str, input: &token::Input) -> Result<(), Stop> {
        self.grant_asks(state, input).await.map(|_| ())
    }

    /// Holds an order's ledger against what should be in it.
    pub(crate) async fn expect_ledger(
        &self,
        order: &str,
        expected: &[(EntryKind, &Amount)],
    ) -> Result<(), Stop> {
        let what = format!("the ledger of {order}");
        let ledger = self.book.ledger(order).await;
        let ledger = ledger.map_err(|found| Unexpected::new(&what, "entries", found))?;
        let found: Vec<_> = ledger.iter().map(|entry| (entry.kind, &entry.amount)).collect();
        // Two notifications may overtake each other, and each is entered when it comes.
        let all = expected.iter().all(|entry| found.contains(entry)) && found.len() == expected.len();
        if !all {
            return Err(Unexpected::new(&what, format!("{expected:?}"), format!("{found:?}")).into());
        }
        let unsigned = ledger.iter().filter(|entry| !entry.evidence.proof().is_signed()).count();
        same(&format!("{what}: entries without a signature behind them"), &0, &unsigned)
    }

    /// The order as the store has it.
    pub(crate) async fn order(&self, order: &str) -> Result<Payment, Stop> {
        let loaded = self.book.payment(order).await;
        Ok(loaded
            .map_err(|found| Unexpected::new(format!("order {order}"), "the order in the store", found))?)
    }

    /// The authorization as the store has it.
    pub(crate) async fn grant(&self, auth_state: &str) -> Result<Grant, Stop> {
        let loaded = self.book.grant(auth_state).await;
        Ok(loaded
            .map_err(|found| Unexpected::new("the authorization", "the authorization in the store", found))?)
    }

    /// Holds an order against the state it should be in.
    pub(crate) async fn expect_state(&self, order: &str, expected: &PaymentState) -> Result<Payment, Stop> {
        let payment = self.order(order).await?;
        same(&format!("order {order}"), expected, &payment.state())?;
        Ok(payment)
    }

    /// The end of a flow: every notification was acknowledged, and none came that nobody expected.
    pub(crate) async fn settle(&mut self) -> Result<(), Stop> {
        self.sandbox.idle().await;
        same("notifications: without acknowledgement", &0, &self.sandbox.unacknowledged())?;
        same("notifications: that nobody expected", &0, &self.merchant.left_over())
    }
}

impl Want {
    fn describe(self) -> String {
        match self {
            Self::Success => "S SUCCESS".to_owned(),
            Self::Accepted(code) => format!("U {code}"),
        }
    }
}

/// What a call came to, in a line.
fn describe<T>(call: &Called<T>) -> String {
    let of = |reply: &Reply<T>| {
        let result = reply.result();
        let status = result.result_status.as_ref().map_or("no status", |status| status.as_str());
        let code = result.result_code.as_ref().map_or("no code", |code| code.as_str());
        let message = result.result_message.as_deref().unwrap_or_default();
        format!("{status} {code} {message}")
    };
    match call {
        Ok(Outcome::Unresolved(unresolved)) => match &unresolved.reason {
            Reason::NoAnswer(error) => format!("no answer: {}", causes(error)),
            Reason::Unproven(error) => format!("an answer that proves nothing: {}", causes(error)),
            Reason::Unknown(reply) => of(reply),
            _ => "an unresolved call".to_owned(),
        },
        Ok(outcome) => outcome.reply().map_or_else(|| "an outcome without answer".to_owned(), of),
        Err(error) => causes(error),
    }
}

/// Facts that repeat what is known are nothing to worry about; conflicts and facts that do not fit are.
fn undisturbed(what: &str, events: &[Event]) -> Result<(), Stop> {
    let disturbing = |event: &&Event| match event {
        Event::Ignored { why, .. } => *why != Unfit::Stale,
        Event::ConflictFound { .. } | Event::PaidLate { .. } | Event::SuccessAfterCancel { .. } => true,
        _ => false,
    };
    match events.iter().find(disturbing) {
        None => Ok(()),
        Some(event) => {
            Err(Unexpected::new(what, "a fact that fits what is known", format!("{event:?}")).into())
        }
    }
}

/// The same for an authorization.
fn grant_undisturbed(what: &str, events: &[TokenEvent]) -> Result<(), Stop> {
    let disturbing = |event: &&TokenEvent| match event {
        TokenEvent::Ignored { why } => *why != Unfit::Stale,
        TokenEvent::RefreshRefused { .. } | TokenEvent::RevokeRefused { .. } | TokenEvent::LateCode => true,
        _ => false,
    };
    match events.iter().find(disturbing) {
        None => Ok(()),
        Some(event) => {
            Err(Unexpected::new(what, "a fact that fits what is known", format!("{event:?}")).into())
        }
    }
}

/// Compares, and says what was compared.
pub(crate) fn same<T: PartialEq + Debug>(what: &str, expected: &T, found: &T) -> Result<(), Stop> {
    if expected == found {
        return Ok(());
    }
    Err(Unexpected::new(what, format!("{expected:?}"), format!("{found:?}")).into())
}

/// A value that must be there.
pub(crate) fn present<'a, T>(what: &str, value: Option<&'a T>) -> Result<&'a T, Stop> {
    value.ok_or_else(|| Unexpected::new(what, "a value", "none").into())
}

/// An amount as people write it, such as `12.50 SGD`.
pub(crate) fn money(amount: &Amount) -> String {
    let number = amount.to_decimal().unwrap_or_else(|_| amount.value_text().to_owned());
    format!("{number} {}", amount.currency())
}
