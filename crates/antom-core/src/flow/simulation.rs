//! Facts without messages: for simulations and model checkers, which cannot sign a million answers.
//!
//! Behind the feature `simulation`, which no other crate of this workspace but the unpublished testbed names.
//! A program that enables it can state that money moved without any proof: never do so outside a test.
//!
//! ```
//! use antom_core::fact::Proof;
//! use antom_core::flow::{Source, simulation};
//! use antom_core::time::UnixTime;
//!
//! let evidence = simulation::evidence(Source::PayReply, Proof::Tls, None, UnixTime::EPOCH);
//! let parts = simulation::PaymentParts::new(evidence);
//! assert!(parts.request_id.is_none());
//! ```

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::fact::Proof;
use crate::flow::dispute::{DisputeFact, DisputeSays};
use crate::flow::evidence::{Evidence, Source};
use crate::flow::fact::{Card, MovementFact, MovementKind, PaymentFact, Says, Show};
use crate::flow::token::{CodeFact, ConsultFact, RevokeFact, TokenFact, TokenSet};
use crate::money::Amount;
use crate::secret::Secret;
use crate::signature::ClientId;
use crate::time::UnixTime;

/// Evidence that nothing proves.
///
/// ```
/// use antom_core::fact::Proof;
/// use antom_core::flow::{Source, simulation};
/// use antom_core::time::UnixTime;
///
/// let evidence = simulation::evidence(Source::Notification, Proof::Tls, None, UnixTime::from_secs(1_700_000_000));
/// assert!(!evidence.proof().is_signed());
/// ```
#[must_use]
pub fn evidence(source: Source, proof: Proof, client_id: Option<ClientId>, time: UnixTime) -> Evidence {
    Evidence::new(source, proof, client_id, time)
}

/// The parts of a statement about a payment.
///
/// ```
/// use antom_core::fact::Proof;
/// use antom_core::flow::{PaymentFact, Says, Source, simulation};
/// use antom_core::time::UnixTime;
///
/// let evidence = simulation::evidence(Source::PayReply, Proof::Tls, None, UnixTime::from_secs(1_700_000_000));
/// let mut parts = simulation::PaymentParts::new(evidence);
/// parts.says = Says::Success;
/// parts.request_id = Some("PAY-1".into());
/// let fact = PaymentFact::from(parts);
/// assert_eq!((fact.says(), fact.request_id()), (&Says::Success, Some("PAY-1")));
/// ```
#[derive(Debug, Clone)]
pub struct PaymentParts {
    /// By what right it would be stated.
    pub evidence: Evidence,
    /// What it says.
    pub says: Says,
    /// The `paymentRequestId`.
    pub request_id: Option<String>,
    /// The `paymentId`.
    pub payment_id: Option<String>,
    /// The merchant account.
    pub merchant_account: Option<String>,
    /// The `paymentAmount`.
    pub amount: Option<Amount>,
    /// The result code.
    pub code: Option<String>,
    /// What is said about the card.
    pub card: Option<Box<Card>>,
    /// When the authorization ends.
    pub auth_expires: Option<UnixTime>,
    /// Whether a review is under way.
    pub in_review: Option<bool>,
    /// What the buyer is shown.
    pub show: Option<Show>,
    /// Captures and refunds.
    pub movements: Vec<MovementFact>,
}

impl PaymentParts {
    /// Says nothing yet.
    #[must_use]
    pub fn new(evidence: Evidence) -> Self {
        Self {
            evidence,
            says: Says::Nothing,
            request_id: None,
            payment_id: None,
            merchant_account: None,
            amount: None,
            code: None,
            card: None,
            auth_expires: None,
            in_review: None,
            show: None,
            movements: Vec::new(),
        }
    }
}

impl From<PaymentParts> for PaymentFact {
    fn from(parts: PaymentParts) -> Self {
        let PaymentParts { evidence, says, request_id, payment_id, merchant_account, amount, .. } = parts;
        let PaymentParts { code, card, auth_expires, in_review, show, movements, .. } = parts;
        Self {
            evidence,
            says,
            request_id,
            payment_id,
            merchant_account,
            amount,
            code,
            card,
            auth_expires,
            in_review,
            show,
            movements,
        }
    }
}

/// The parts of a statement about a capture or refund.
///
/// ```
/// use antom_core::fact::Proof;
/// use antom_core::flow::{MovementFact, MovementKind, Says, Source, simulation};
/// use antom_core::time::UnixTime;
///
/// let parts = simulation::MovementParts {
///     evidence: simulation::evidence(Source::RefundReply, Proof::Tls, None, UnixTime::from_secs(1_700_000_000)),
///     kind: MovementKind::Refund,
///     says: Says::Failed,
///     request_id: Some("REF-1".into()),
///     id: None,
///     payment_id: None,
///     amount: None,
///     code: Some("REFUND_FAILED".into()),
/// };
/// let fact = MovementFact::from(parts);
/// assert_eq!((fact.kind(), fact.says()), (MovementKind::Refund, &Says::Failed));
/// ```
#[derive(Debug, Clone)]
pub struct MovementParts {
    /// By what right it would be stated.
    pub evidence: Evidence,
    /// Capture or refund.
    pub kind: MovementKind,
    /// What it says.
    pub says: Says,
    /// The capture or refund request id.
    pub request_id: Option<String>,
    /// The gateway's id.
    pub id: Option<String>,
    /// The payment.
    pub payment_id: Option<String>,
    /// How much.
    pub amount: Option<Amount>,
    /// The result code.
    pub code: Option<String>,
}

impl From<MovementParts> for MovementFact {
    fn from(parts: MovementParts) -> Self {
        let MovementParts { evidence, kind, says, request_id, id, payment_id, amount, code } = parts;
        Self { evidence, kind, says, request_id, id, payment_id, amount, code }
    }
}

/// What consult answered.
///
/// ```
/// use antom_core::fact::Proof;
/// use antom_core::flow::{Source, simulation};
/// use antom_core::time::UnixTime;
///
/// let evidence = simulation::evidence(Source::ConsultReply, Proof::Tls, None, UnixTime::from_secs(1_700_000_000));
/// let refused = simulation::consult(evidence.clone(), None, Some("ACCESS_DENIED".into()));
/// assert_ne!(refused, simulation::consult(evidence, None, None));
/// ```
#[must_use]
pub fn consult(evidence: Evidence, show: Option<Show>, result_code: Option<String>) -> ConsultFact {
    ConsultFact { evidence, show, result_code }
}

/// An authorization code.
///
/// ```
/// use antom_core::fact::Proof;
/// use antom_core::flow::{Source, simulation};
/// use antom_core::time::UnixTime;
///
/// let evidence = simulation::evidence(Source::Notification, Proof::Tls, None, UnixTime::from_secs(1_700_000_000));
/// let fact = simulation::code(evidence, Some("STATE".into()), Some("CODE".into()));
/// assert_eq!(fact.auth_state(), Some("STATE"));
/// ```
#[must_use]
pub fn code(evidence: Evidence, auth_state: Option<String>, code: Option<Secret<String>>) -> CodeFact {
    CodeFact { evidence, auth_state, code }
}

/// A token, or the end of one.
///
/// ```
/// use antom_core::fact::Proof;
/// use antom_core::flow::{Source, simulation};
/// use antom_core::time::UnixTime;
///
/// let evidence = simulation::evidence(Source::TokenReply, Proof::Tls, None, UnixTime::from_secs(1_700_000_000));
/// let fact = simulation::token(evidence, None, None, Some("INVALID_TOKEN".into()));
/// assert!(fact.access_token().is_none());
/// ```
#[must_use]
pub fn token(
    evidence: Evidence,
    auth_state: Option<String>,
    token: Option<TokenSet>,
    result_code: Option<String>,
) -> TokenFact {
    TokenFact { evidence, auth_state, token, result_code }
}

/// What revoke answered.
///
/// ```
/// use antom_core::fact::Proof;
/// use antom_core::flow::{Source, simulation};
/// use antom_core::time::UnixTime;
///
/// let evidence = simulation::evidence(Source::RevokeReply, Proof::Tls, None, UnixTime::from_secs(1_700_000_000));
/// let refused = simulation::revoke(evidence.clone(), Some("INVALID_TOKEN".into()));
/// assert_ne!(refused, simulation::revoke(evidence, None));
/// ```
#[must_use]
pub fn revoke(evidence: Evidence, result_code: Option<String>) -> RevokeFact {
    RevokeFact { evidence, result_code }
}

/// What a message says about a dispute; the ids are the dispute's, the payment's and the pay request's.
///
/// ```
/// use antom_core::flow::dispute::DisputeSays;
/// use antom_core::fact::Proof;
/// use antom_core::flow::{Source, simulation};
/// use antom_core::time::UnixTime;
///
/// let evidence = simulation::evidence(Source::Notification, Proof::Tls, None, UnixTime::from_secs(1_700_000_000));
/// let ids = (Some("D-1".into()), Some("20231114001".into()), Some("PAY-1".into()));
/// let fact = simulation::dispute(evidence, DisputeSays::Lost, ids, None, None);
/// assert_eq!((fact.says(), fact.request_id()), (&DisputeSays::Lost, Some("PAY-1")));
/// ```
#[must_use]
pub fn dispute(
    evidence: Evidence,
    says: DisputeSays,
    (id, payment_id, request_id): (Option<String>, Option<String>, Option<String>),
    amount: Option<Amount>,
    defend_by: Option<UnixTime>,
) -> DisputeFact {
    DisputeFact { evidence, says, id, payment_id, request_id, amount, defend_by }
}
