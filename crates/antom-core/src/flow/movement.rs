use alloc::string::String;

use crate::flow::evidence::Evidence;
use crate::flow::fact::{MovementFact, MovementKind, Says};
use crate::flow::stored::{choice, record};
use crate::money::Amount;
use crate::time::UnixTime;

choice! {
    /// How far a capture or refund is.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, paid};
    /// use antom_core::flow::MovementState;
    /// use antom_core::flow::payment::{Input, NewRefund};
    /// use antom_core::money::{Amount, Currency};
    /// # let payment = paid();
    ///
    /// let refund = NewRefund { request_id: "REF-1".into(), amount: Amount::new(Currency::EUR, 500), capture_id: None };
    /// let turn = payment.apply(&Input::Refund(refund), NOW)?;
    /// // Stored before it is sent, and unresolved until something proves more.
    /// assert_eq!(turn.next.current().unwrap().refunds[0].state, MovementState::Unresolved);
    /// # Ok::<(), antom_core::flow::payment::Refused>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum MovementState {
        /// It was sent, or may have been; nobody knows more.
        Unresolved,
        /// The gateway has it.
        InProcess,
        /// The money moved.
        Done,
        /// It is proven that no money moved.
        Failed {
            /// The result code, if there was one.
            code: Option<String>,
        },
        /// A refund that was done came back.
        Returned,
    }
}

record! {
    /// One capture or refund of an attempt.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, paid};
    /// use antom_core::flow::MovementKind;
    /// use antom_core::flow::payment::{Input, NewRefund};
    /// use antom_core::money::{Amount, Currency};
    /// # let payment = paid();
    ///
    /// let refund = NewRefund { request_id: "REF-1".into(), amount: Amount::new(Currency::EUR, 500), capture_id: None };
    /// let turn = payment.apply(&Input::Refund(refund), NOW)?;
    /// let movement = &turn.next.current().unwrap().refunds[0];
    /// assert_eq!((movement.kind, movement.request_id.as_str()), (MovementKind::Refund, "REF-1"));
    /// assert!(movement.ours && movement.evidence.is_none());
    /// # Ok::<(), antom_core::flow::payment::Refused>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Movement {
        /// Capture or refund.
        pub kind: MovementKind,
        /// The capture or refund request id.
        pub request_id: String,
        /// The gateway's id.
        pub id: Option<String>,
        /// How much.
        pub amount: Amount,
        /// How far it is.
        pub state: MovementState,
        /// Whether this side asked for it; automatic captures and refunds from the dashboard are not ours.
        pub ours: bool,
        /// Whether it closes the authorisation.
        pub last: bool,
        /// The capture that a refund is about, where there are several.
        pub of_capture: Option<String>,
        /// What the state rests on.
        pub evidence: Option<Evidence>,
        pub(crate) sends: u32,
        pub(crate) tries: u32,
        pub(crate) due: Option<UnixTime>,
    }
}

/// What hearing a fact came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Repeated or outdated.
    Stale,
    /// It is under way, proven for the first time.
    UnderWay,
    Done,
    Failed,
    Returned,
    /// Done, although its failure was proven.
    DoneAfterFailure,
    /// A capture failed although it was proven done.
    FailedAfterDone,
    WrongAmount,
    WrongId,
    Insufficient,
    UnknownStatus,
}

/// Result codes of a refusal that never prove that nothing happened, even for the first send.
pub(crate) fn proves_nothing(code: Option<&str>) -> bool {
    matches!(code, Some("REPEAT_REQ_INCONSISTENT" | "ORDER_STATUS_INVALID" | "ORDER_NOT_EXIST"))
}

/// The same for pay. A refusal that calls the order closed or cancelled speaks of an order that the gateway
/// knows already: another copy of the same request arrived before this one, and may have been paid.
pub(crate) fn pay_proves_nothing(code: Option<&str>) -> bool {
    proves_nothing(code)
        || matches!(code, Some("ORDER_IS_CLOSED" | "ORDER_IS_CANCELED" | "ORDER_IS_CANCELLED"))
}

impl Movement {
    /// A movement that is about to be sent for the first time.
    pub(crate) fn asked(kind: MovementKind, request_id: String, amount: Amount, due: UnixTime) -> Self {
        Self {
            kind,
            request_id,
            id: None,
            amount,
            state: MovementState::Unresolved,
            ours: true,
            last: false,
            of_capture: None,
            evidence: None,
            sends: 1,
            tries: 0,
            due: Some(due),
        }
    }

    /// A movement someone else started, known from a fact that names its amount.
    pub(crate) fn found(fact: &MovementFact, now: UnixTime) -> Option<Self> {
        let request_id = fact.request_id.clone().or_else(|| fact.id.clone())?;
        let amount = fact.amount.clone().filter(|amount| amount.minor_units().is_ok())?;
        let mut movement = Self::asked(fact.kind, request_id, amount, now);
        movement.ours = false;
        movement.id.clone_from(&fact.id);
        Some(movement)
    }

    /// Whether its money is spoken for: everything but a proven failure or a returned refund counts.
    pub(crate) fn reserves(&self) -> bool {
        !matches!(self.state, MovementState::Failed { .. } | MovementState::Returned)
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, MovementState::Unresolved | MovementState::InProcess)
    }

    /// Whether a fact is about this movement.
    pub(crate) fn is_meant(&self, fact: &MovementFact) -> bool {
        let by_request = fact.request_id.as_ref() == Some(&self.request_id);
        self.kind == fact.kind && (by_request || (fact.id.is_some() && fact.id == self.id))
    }

    /// Takes a fact in.
    pub(crate) fn hear(&mut self, fact: &MovementFact) -> Heard {
        match (&self.id, &fact.id) {
            (Some(known), Some(stated)) if known != stated => return Heard::WrongId,
            _ => {}
        }
        match &fact.amount {
            // An answer that echoes our id and leaves the amount out speaks of the amount we asked for.
            None => {}
            Some(stated) if stated.same_money(&self.amount) == Ok(true) => {}
            Some(_) => return Heard::WrongAmount,
        }
        let heard = match (&self.state, &fact.says) {
            (_, Says::Nothing) => Heard::Insufficient,
            (_, Says::Unknown { .. }) => Heard::UnknownStatus,
            (MovementState::Unresolved, Says::Processing) => {
                self.state = MovementState::InProcess;
                Heard::UnderWay
            }
            (_, Says::Processing) => Heard::Stale,
            (MovementState::Unresolved | MovementState::InProcess, Says::Success) => {
                self.state = MovementState::Done;
                Heard::Done
            }
            (MovementState::Unresolved | MovementState::InProcess, Says::Failed | Says::Cancelled) => {
                self.state = MovementState::Failed { code: fact.code.clone() };
                Heard::Failed
            }
            (MovementState::Failed { .. }, Says::Success) => {
                self.state = MovementState::Done;
                Heard::DoneAfterFailure
            }
            (MovementState::Done, Says::Failed | Says::Cancelled) => match self.kind {
                MovementKind::Capture => Heard::FailedAfterDone,
                MovementKind::Refund => {
                    self.state = MovementState::Returned;
                    Heard::Returned
                }
            },
            (MovementState::Done | MovementState::Returned, Says::Success)
            | (MovementState::Failed { .. } | MovementState::Returned, Says::Failed | Says::Cancelled) => {
                Heard::Stale
            }
        };
        if !matches!(heard, Heard::Insufficient | Heard::UnknownStatus | Heard::FailedAfterDone)
            && self.id.is_none()
        {
            self.id.clone_from(&fact.id);
        }
        if matches!(heard, Heard::Done | Heard::Failed | Heard::Returned | Heard::DoneAfterFailure) {
            self.evidence = Some(fact.evidence.clone());
            self.due = None;
        }
        heard
    }
}
