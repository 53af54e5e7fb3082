//! What the small gateway says, as the facts that the machines hear.

use antom_core::fact::{EventId, Proof};
use antom_core::flow::payment::Input;
use antom_core::flow::simulation::{MovementParts, PaymentParts, evidence};
use antom_core::flow::{
    Answer, Evidence, MovementFact, MovementKind, Observed, PaymentFact, Says, Show, Source,
};
use antom_core::money::{Amount, Currency};
use antom_core::signature::{ClientId, KeyVersion};
use antom_core::time::UnixTime;

use crate::book::{Entry, Kind, Move, MoveState, Said, State};
use crate::call::{Call, What, movement_id, pay_id, payment_id};
use crate::far::Missing;

/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Body {
    /// A payment ended.
    Payment {
        /// Whether it was paid.
        ok: bool,
    },
    /// A capture was made.
    Capture {
        /// Its number.
        number: u8,
        /// How much.
        amount: u64,
    },
    /// A refund ended.
    Refund {
        /// Its number.
        number: u8,
        /// How much.
        amount: u64,
        /// Whether it was done.
        done: bool,
    },
}

/// An answer on its way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reply {
    /// The version of the key that signed it.
    pub key: u32,
    /// When it was signed.
    pub at: UnixTime,
    /// The result; without one nobody knows.
    pub said: Option<Said>,
    /// What it shows.
    pub view: View,
}

/// What an answer shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum View {
    /// Nothing.
    Nothing,
    /// A payment.
    Payment(Entry),
    /// A capture or refund.
    Movement(Move),
}

fn amount(minor: u64) -> Amount {
    Amount::new(Currency::EUR, minor)
}

/// Signed by the key of this version.
#[must_use]
pub fn signed(key: u32) -> Proof {
    Proof::Signature(KeyVersion::new(key))
}

/// An event of the recovery, whose answer the key of this version signed.
#[must_use]
pub fn recovered(event: usize, key: u32) -> Proof {
    Proof::Recovered { event: EventId::new(format!("E-{event}")), answer: Box::new(signed(key)) }
}

/// Makes facts for one account.
#[derive(Debug, Clone)]
pub struct Teller {
    client: ClientId,
}

impl Teller {
    /// Facts for this account.
    #[must_use]
    pub fn new(client: ClientId) -> Self {
        Self { client }
    }

    /// What the merchant hears of a call. `odd`: an inquiry answers with a status nobody has heard of.
    #[must_use]
    pub fn input(&self, call: Call, reply: &Result<Reply, Missing>, odd: bool) -> Input {
        let source = match call.what {
            What::Pay => Source::PayReply,
            What::Cancel => Source::CancelReply,
            What::Inquire => Source::PaymentInquiry,
            What::Capture { .. } => Source::CaptureReply,
            What::Refund { .. } => Source::RefundReply,
            What::InquireRefund { .. } => Source::RefundInquiry,
        };
        let evidence = |reply: &Reply| self.evidence(source, signed(reply.key), reply.at);
        if matches!(call.what, What::Pay | What::Cancel | What::Inquire) {
            let answer = shape(reply, |reply| self.payment_fact(call, evidence(reply), reply, odd));
            return payment_input(call, answer);
        }
        movement_input(call, shape(reply, |reply| self.movement_answer(call, evidence(reply), reply)))
    }

    fn evidence(&self, source: Source, proof: Proof, at: UnixTime) -> Evidence {
        evidence(source, proof, Some(self.client.clone()), at)
    }

    fn movement(&self, evidence: Evidence, call: Call, kind: MovementKind, known: Move) -> MovementParts {
        let (request, own) = match kind {
            MovementKind::Capture => ('C', 'c'),
            MovementKind::Refund => ('R', 'r'),
        };
        let (order, attempt) = (call.order, call.attempt);
        let id = movement_id(own, order, attempt, known.number);
        MovementParts {
            evidence,
            kind,
            says: match known.state {
                MoveState::Processing => Says::Processing,
                MoveState::Done => Says::Success,
                MoveState::Failed => Says::Failed,
            },
            // The gateway's own captures carry an id that the merchant never issued.
            request_id: Some(match known.number {
                0 => id.clone(),
                number => movement_id(request, order, attempt, number),
            }),
            id: Some(id),
            payment_id: Some(payment_id(order, attempt)),
            amount: Some(amount(known.amount)),
            code: None,
        }
    }

    /// What an answer to pay, cancel or inquiryPayment says.
    fn payment_fact(&self, call: Call, evidence: Evidence, reply: &Reply, odd: bool) -> PaymentFact {
        let mut parts = PaymentParts::new(evidence.clone());
        if let Some(Said::No(code)) = reply.said {
            parts.code = Some(code.into());
        }
        if let View::Payment(entry) = &reply.view {
            parts.request_id = Some(pay_id(call.order, call.attempt));
            parts.payment_id = Some(payment_id(call.order, call.attempt));
            parts.amount = Some(amount(entry.amount));
            match call.what {
                What::Pay if reply.said == Some(Said::UnderWay) => {
                    if entry.kind == Kind::Asked {
                        parts.show =
                            Some(Show::Redirect { url: Some("https://pay".into()), app: None, scheme: None });
                    }
                }
                What::Pay => {}
                _ => {
                    parts.movements = self.movements(call, &evidence, entry);
                    if odd && call.what == What::Inquire {
                        parts.says = Says::Unknown { status: "HALF_PAID".into() };
                        return parts.into();
                    }
                    parts.says = match entry.state {
                        State::Waiting => Says::Processing,
                        State::Paid => Says::Success,
                        State::Failed => Says::Failed,
                        State::Cancelled => Says::Cancelled,
                    };
                }
            }
        }
        match (call.what, reply.said) {
            (What::Pay, Some(Said::Yes)) => parts.says = Says::Success,
            (What::Cancel, Some(Said::Yes)) => parts.says = Says::Cancelled,
            _ => {}
        }
        parts.into()
    }

    fn movements(&self, call: Call, evidence: &Evidence, entry: &Entry) -> Vec<MovementFact> {
        let of = |kind, all: &[Move]| -> Vec<MovementFact> {
            all.iter().map(|known| self.movement(evidence.clone(), call, kind, *known).into()).collect()
        };
        let mut all = of(MovementKind::Capture, &entry.captures);
        all.extend(of(MovementKind::Refund, &entry.refunds));
        all
    }

    fn movement_answer(&self, call: Call, evidence: Evidence, reply: &Reply) -> MovementFact {
        let (kind, number, minor) = match call.what {
            What::Capture { number, amount, .. } => (MovementKind::Capture, number, amount),
            What::Refund { number, amount } => (MovementKind::Refund, number, amount),
            What::InquireRefund { number } => (MovementKind::Refund, number, 0),
            _ => (MovementKind::Refund, 0, 0),
        };
        let known = match (&reply.view, reply.said) {
            (View::Movement(known), _) => *known,
            (_, Some(Said::Yes)) => Move { number, amount: minor, state: MoveState::Done, last: false },
            _ => Move { number, amount: minor, state: MoveState::Processing, last: false },
        };
        let mut parts = self.movement(evidence, call, kind, known);
        if let Some(Said::No(code)) = reply.said {
            parts.code = Some(code.into());
            parts.says = Says::Nothing;
            parts.id = None;
            parts.amount = None;
        }
        parts.into()
    }

    /// What a notification says. `amount` is that of the payment, unless it is left out.
    #[must_use]
    pub fn notice(
        &self,
        (order, attempt): (u32, u8),
        body: Body,
        amount_of_payment: Option<u64>,
        proof: Proof,
        at: UnixTime,
    ) -> (Observed, Evidence) {
        let evidence = self.evidence(Source::Notification, proof, at);
        let call = Call { order, attempt, what: What::Inquire };
        let movement = |kind, number, minor, done| {
            let state = if done { MoveState::Done } else { MoveState::Failed };
            let known = Move { number, amount: minor, state, last: false };
            let mut parts = self.movement(evidence.clone(), call, kind, known);
            if kind == MovementKind::Refund {
                // Refund notifications do not name the payment.
                parts.payment_id = None;
            }
            Observed::Movement(Box::new(parts.into()))
        };
        let observed = match body {
            Body::Payment { ok } => {
                let mut parts = PaymentParts::new(evidence.clone());
                parts.says = if ok { Says::Success } else { Says::Failed };
                parts.request_id = Some(pay_id(order, attempt));
                parts.payment_id = Some(payment_id(order, attempt));
                parts.amount = amount_of_payment.filter(|_| ok).map(amount);
                Observed::Payment(Box::new(parts.into()))
            }
            Body::Capture { number, amount } => movement(MovementKind::Capture, number, amount, true),
            Body::Refund { number, amount, done } => movement(MovementKind::Refund, number, amount, done),
        };
        (observed, evidence)
    }
}

/// The answer in the form in which a machine hears it.
fn shape<F>(reply: &Result<Reply, Missing>, mut fact: impl FnMut(&Reply) -> F) -> Answer<F> {
    match reply {
        Err(Missing::NotSent) => Answer::NotSent,
        Err(Missing::Lost) => Answer::Unresolved,
        Ok(reply) => match reply.said {
            None => Answer::Unresolved,
            Some(Said::Yes) => Answer::Done(fact(reply)),
            Some(Said::UnderWay) => Answer::Accepted(fact(reply)),
            Some(Said::No(_)) => Answer::Refused { fact: fact(reply), first_send: true },
        },
    }
}

/// The input for the payment whose call was answered.
pub(crate) fn payment_input(call: Call, answer: Answer<PaymentFact>) -> Input {
    let request_id = pay_id(call.order, call.attempt);
    match call.what {
        What::Pay => Input::PayAnswered { request_id, answer },
        What::Cancel => Input::CancelAnswered { request_id, answer },
        _ => Input::Inquired { request_id, answer },
    }
}

/// The input for the payment whose capture or refund was answered.
pub(crate) fn movement_input(call: Call, answer: Answer<MovementFact>) -> Input {
    let id = |letter, number| movement_id(letter, call.order, call.attempt, number);
    match call.what {
        What::Capture { number, .. } => {
            Input::CaptureAnswered { capture_request_id: id('C', number), answer }
        }
        What::Refund { number, .. } => Input::RefundAnswered { refund_request_id: id('R', number), answer },
        What::InquireRefund { number } => {
            Input::RefundInquired { refund_request_id: id('R', number), answer }
        }
        _ => Input::Tick,
    }
}
