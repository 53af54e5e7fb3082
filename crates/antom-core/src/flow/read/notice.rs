use alloc::boxed::Box;
use alloc::string::String;

use super::{card_of, code_of, instant, says_of_refund};
use crate::api::models::{AuthReviewStatus, ResultInfo, ResultStatus};
use crate::api::notifications::{
    AuthorizationNotification, AuthorizationNotifyType, CaptureNotification, DisputeJudgedResult,
    DisputeNotification, DisputeNotificationType, Notification, PaymentNotification, RefundNotification,
};
use crate::fact::{NotificationError, Verified};
use crate::flow::LoadError;
use crate::flow::dispute::{DisputeFact, DisputeSays};
use crate::flow::evidence::{Evidence, Source};
use crate::flow::fact::{AmountFact, MovementFact, MovementKind, PaymentFact, Says};
use crate::flow::stored::{Stored, choice, load, member, name, save_with};
use crate::flow::token::{CodeFact, TokenFact, TokenSet};
use crate::secret::Secret;

/// A verified notification as the fact it is.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{PAID, verified};
/// use antom_core::flow::Observed;
/// # let message = verified("/notify", PAID);
///
/// // `message` is a notification whose signature held.
/// let fact = Observed::of(&message)?;
/// assert!(matches!(&fact, Observed::Payment(fact) if fact.request_id() == Some("PAY-1")));
/// // The order is not known yet: the fact waits in the store.
/// let text = fact.save().expect("an order follows payments");
/// assert!(matches!(Observed::load(text.expose())?, Observed::Payment(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Observed {
    /// About a payment.
    Payment(Box<PaymentFact>),
    /// About a capture or refund.
    Movement(Box<MovementFact>),
    /// About the update of an authorised amount.
    Amount(Box<AmountFact>),
    /// About a dispute.
    Dispute(Box<DisputeFact>),
    /// An authorization code.
    Code(Box<CodeFact>),
    /// A token was made.
    Token(Box<TokenFact>),
    /// A token was cancelled by the buyer.
    TokenCancelled(Box<TokenFact>),
    /// About something no machine of this module follows.
    Other(Box<Notification>),
}

choice! {
    enum Form {
        Payment { fact: Box<PaymentFact> },
        Movement { fact: Box<MovementFact> },
        Amount { fact: Box<AmountFact> },
        Dispute { fact: Box<DisputeFact> },
        Code { fact: Box<CodeFact> },
        Token { fact: Box<TokenFact> },
        TokenCancelled { fact: Box<TokenFact> },
    }
}

/// Writes what [`Form`] reads, without a copy of the fact.
fn saved<T: Stored>(variant: &str, fact: &T) -> Secret<String> {
    save_with("fact", 1, |out| {
        out.push(b'{');
        out.extend_from_slice(variant.as_bytes());
        member(out, &mut true, name!(fact), fact);
        out.extend_from_slice(b"}}");
    })
}

impl Observed {
    /// The text to store until the order or authorization it is about appears; `None` for what no machine
    /// follows. It may hold a code or a token: encrypt it.
    #[must_use]
    pub fn save(&self) -> Option<Secret<String>> {
        Some(match self {
            Self::Payment(fact) => saved(name!(Payment), fact),
            Self::Movement(fact) => saved(name!(Movement), fact),
            Self::Amount(fact) => saved(name!(Amount), fact),
            Self::Dispute(fact) => saved(name!(Dispute), fact),
            Self::Code(fact) => saved(name!(Code), fact),
            Self::Token(fact) => saved(name!(Token), fact),
            Self::TokenCancelled(fact) => saved(name!(TokenCancelled), fact),
            Self::Other(_) => return None,
        })
    }

    /// A fact from a trusted store.
    ///
    /// # Errors
    ///
    /// The text is of another version, or no fact.
    pub fn load(text: &str) -> Result<Self, LoadError> {
        Ok(match load("fact", 1, text)? {
            Form::Payment { fact } => Self::Payment(fact),
            Form::Movement { fact } => Self::Movement(fact),
            Form::Amount { fact } => Self::Amount(fact),
            Form::Dispute { fact } => Self::Dispute(fact),
            Form::Code { fact } => Self::Code(fact),
            Form::Token { fact } => Self::Token(fact),
            Form::TokenCancelled { fact } => Self::TokenCancelled(fact),
        })
    }

    /// Reads a verified notification.
    ///
    /// # Errors
    ///
    /// The bytes do not fit the type of their kind. Store them, acknowledge them and inquire.
    pub fn of(message: &Verified) -> Result<Self, NotificationError> {
        let evidence = || Evidence::of(Source::Notification, message);
        Ok(match message.notification()? {
            // `S` means paid with this type only.
            Notification::PaymentResult(notice) => {
                let says = says_of_result(notice.result.as_ref());
                Self::payment(evidence(), &notice, says)
            }
            Notification::PaymentPending(notice) | Notification::OfflinePaymentCode(notice) => {
                Self::payment(evidence(), &notice, Says::Processing)
            }
            Notification::UpdateAmountResult(notice) => Self::amount(evidence(), &notice),
            Notification::Dispute(notice) => Self::dispute(evidence(), &notice),
            Notification::Capture(notice) => Self::capture(evidence(), &notice),
            Notification::Refund(notice) => Self::refund(evidence(), &notice),
            Notification::Authorization(notice) => match &notice.authorization_notify_type {
                Some(AuthorizationNotifyType::AuthcodeCreated) => Self::Code(Box::new(CodeFact {
                    evidence: evidence(),
                    auth_state: notice.auth_state.clone(),
                    code: notice.auth_code.clone(),
                })),
                Some(AuthorizationNotifyType::TokenCreated) => {
                    Self::Token(Box::new(token_fact(evidence(), &notice)))
                }
                Some(AuthorizationNotifyType::TokenCanceled) => {
                    Self::TokenCancelled(Box::new(token_fact(evidence(), &notice)))
                }
                _ => Self::Other(Box::new(Notification::Authorization(notice))),
            },
            other => Self::Other(Box::new(other)),
        })
    }

    fn payment(evidence: Evidence, notice: &PaymentNotification, says: Says) -> Self {
        let mut fact = PaymentFact::new(evidence);
        fact.says = says;
        fact.request_id.clone_from(&notice.payment_request_id);
        fact.payment_id.clone_from(&notice.payment_id);
        fact.amount.clone_from(&notice.payment_amount);
        fact.code = notice.result.as_ref().and_then(code_of);
        fact.card = card_of(notice.payment_result_info.as_ref(), notice.card_info.as_ref());
        fact.auth_expires = instant(notice.auth_expiry_time.as_ref());
        fact.in_review =
            notice.auth_review_status.as_ref().map(|status| *status == AuthReviewStatus::Processing);
        Self::Payment(Box::new(fact))
    }

    fn amount(evidence: Evidence, notice: &PaymentNotification) -> Self {
        Self::Amount(Box::new(AmountFact {
            evidence,
            says: says_of_result(notice.result.as_ref()),
            update_id: notice.update_request_id.clone(),
            request_id: notice.payment_request_id.clone(),
            payment_id: notice.payment_id.clone(),
            amount: notice.payment_amount.clone(),
            code: notice.result.as_ref().and_then(code_of),
            auth_expires: instant(notice.auth_expiry_time.as_ref()),
        }))
    }

    fn dispute(evidence: Evidence, notice: &DisputeNotification) -> Self {
        Self::Dispute(Box::new(DisputeFact {
            evidence,
            says: says_of_dispute(notice),
            id: notice.dispute_id.clone(),
            payment_id: notice.payment_id.clone(),
            request_id: notice.payment_request_id.clone(),
            amount: notice.dispute_amount.clone(),
            defend_by: instant(notice.defense_due_time.as_ref()),
        }))
    }

    fn capture(evidence: Evidence, notice: &CaptureNotification) -> Self {
        let mut fact = MovementFact::new(MovementKind::Capture, evidence);
        fact.says = says_of_result(notice.result.as_ref());
        fact.request_id.clone_from(&notice.capture_request_id);
        fact.id.clone_from(&notice.capture_id);
        fact.payment_id.clone_from(&notice.payment_id);
        fact.amount.clone_from(&notice.capture_amount);
        fact.code = notice.result.as_ref().and_then(code_of);
        Self::Movement(Box::new(fact))
    }

    fn refund(evidence: Evidence, notice: &RefundNotification) -> Self {
        let mut fact = MovementFact::new(MovementKind::Refund, evidence);
        fact.says = says_of_refund(notice.refund_status.as_ref());
        fact.request_id.clone_from(&notice.refund_request_id);
        fact.id.clone_from(&notice.refund_id);
        fact.amount.clone_from(&notice.refund_amount);
        fact.code = notice.result.as_ref().and_then(code_of);
        Self::Movement(Box::new(fact))
    }
}

/// What the result of a result notification says. One without a result, as some in-store ones are, says
/// nothing.
fn says_of_result(result: Option<&ResultInfo>) -> Says {
    match result.and_then(|result| result.result_status.as_ref()) {
        None => Says::Nothing,
        Some(ResultStatus::S) => Says::Success,
        Some(ResultStatus::F) => Says::Failed,
        Some(ResultStatus::U) => Says::Processing,
        Some(other) => Says::Unknown { status: other.as_str().into() },
    }
}

/// What a dispute's notification says. A judgment by a word that names no side decides nothing here.
fn says_of_dispute(notice: &DisputeNotification) -> DisputeSays {
    use DisputeJudgedResult as Result;
    use DisputeNotificationType as Kind;
    let unknown = |word: &str| DisputeSays::Unknown { status: word.into() };
    match &notice.dispute_notification_type {
        Some(Kind::DisputeCreated | Kind::DefenseDueAlert) => DisputeSays::Open,
        Some(Kind::DefenseSupplied) => DisputeSays::Defended,
        // The buyer took it back.
        Some(Kind::DisputeCancelled) => DisputeSays::Won,
        // The merchant accepted it, or an agreement with the card network settled it for the buyer.
        Some(Kind::DisputeAccepted | Kind::RdrResolved) => DisputeSays::Lost,
        Some(Kind::DisputeJudged) => match &notice.dispute_judged_result {
            Some(Result::AcceptByCustomer) => DisputeSays::Won,
            Some(Result::AcceptByMerchant) => DisputeSays::Lost,
            Some(other) => unknown(other.as_str()),
            None => unknown("DISPUTE_JUDGED"),
        },
        Some(other) => unknown(other.as_str()),
        None => unknown(""),
    }
}

fn token_fact(evidence: Evidence, notice: &AuthorizationNotification) -> TokenFact {
    TokenFact {
        evidence,
        auth_state: notice.auth_state.clone(),
        token: notice.access_token.clone().map(|access_token| TokenSet {
            access_token,
            expires: None,
            refresh_token: None,
            refresh_expires: None,
            user_login_id: notice.user_login_id.clone(),
        }),
        result_code: notice.result.as_ref().and_then(code_of),
    }
}
