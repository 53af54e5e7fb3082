use alloc::string::String;

use super::answer::answer;
use super::show::{show_of_code, show_of_urls};
use super::{card_of, code_of, instant, says_of_refund};
use crate::api::models::{AuthReviewStatus, PaymentStatus};
use crate::api::payments::{
    CancelResponse, CaptureResponse, InquiryPaymentResponse, InquiryRefundResponse, PayResponse,
    RefundResponse, Transaction, TransactionStatus, TransactionType,
};
use crate::flow::evidence::{Evidence, Source};
use crate::flow::fact::{Answer, MovementFact, MovementKind, PaymentFact, Says, Show};
use crate::outcome::{CallError, Outcome};

type Called<T> = Result<Outcome<T>, CallError>;

impl Answer<PaymentFact> {
    /// What a call of pay came to.
    ///
    /// ```
    /// use antom_core::flow::Answer;
    /// use antom_core::outcome::CallError;
    /// # let never_sent: Result<antom_core::outcome::Outcome<antom_core::api::payments::PayResponse>, _> = Err(CallError {
    /// #     operation: "payments/pay",
    /// #     kind: antom_core::outcome::CallErrorKind::Encode(antom_core::call::EncodeError::Path),
    /// # });
    ///
    /// // The key could not be read: nothing left this machine, and the order may say so.
    /// let call: Result<_, CallError> = never_sent;
    /// assert_eq!(Answer::pay(&call), Answer::NotSent);
    /// ```
    #[must_use]
    pub fn pay(call: &Called<PayResponse>) -> Self {
        answer(call, |reply| {
            let value = reply.value();
            let mut fact = PaymentFact::new(Evidence::of(Source::PayReply, reply.verified()));
            fact.request_id.clone_from(&value.payment_request_id);
            fact.payment_id.clone_from(&value.payment_id);
            fact.amount.clone_from(&value.payment_amount);
            fact.code = code_of(reply.result());
            fact.card = card_of(value.payment_result_info.as_ref(), None);
            fact.auth_expires = instant(value.auth_expiry_time.as_ref());
            fact.show = show_of_pay(value);
            // Only `S` with SUCCESS says that the payment succeeded; `S` beside a code to pay with does not.
            if let (Ok(Outcome::Completed(_)), Some("SUCCESS")) = (call, fact.code.as_deref()) {
                fact.says = Says::Success;
            }
            fact
        })
    }

    /// What a call of cancel came to.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::called;
    /// use antom_core::flow::Says;
    /// use antom_core::flow::Answer;
    /// # use antom_core::api::payments::*;
    /// # use antom_core::money::{Amount, Currency};
    /// # let call = called::<Cancel>(&CancelRequest::new().with_payment_request_id("PAY-1"), r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1"}"#);
    ///
    /// // `call` is what a driver brought back.
    /// let answer = Answer::cancel(&call);
    /// assert_eq!(answer.fact().unwrap().says(), &Says::Cancelled);
    /// ```
    #[must_use]
    pub fn cancel(call: &Called<CancelResponse>) -> Self {
        answer(call, |reply| {
            let mut fact = PaymentFact::new(Evidence::of(Source::CancelReply, reply.verified()));
            fact.request_id.clone_from(&reply.value().payment_request_id);
            fact.payment_id.clone_from(&reply.value().payment_id);
            fact.code = code_of(reply.result());
            if let Ok(Outcome::Completed(_)) = call {
                fact.says = Says::Cancelled;
            }
            fact
        })
    }

    /// What a call of inquiryPayment came to.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::called;
    /// use antom_core::flow::Says;
    /// use antom_core::flow::Answer;
    /// # use antom_core::api::payments::*;
    /// # use antom_core::money::{Amount, Currency};
    /// # let call = called::<InquiryPayment>(&InquiryPaymentRequest::new().with_payment_request_id("PAY-1"), r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1","paymentStatus":"PROCESSING"}"#);
    ///
    /// // `call` is what a driver brought back.
    /// let answer = Answer::inquiry(&call);
    /// // That the inquiry succeeded says nothing about the payment; its own status does.
    /// assert_eq!(answer.fact().unwrap().says(), &Says::Processing);
    /// ```
    #[must_use]
    pub fn inquiry(call: &Called<InquiryPaymentResponse>) -> Self {
        answer(call, |reply| {
            let value = reply.value();
            let evidence = Evidence::of(Source::PaymentInquiry, reply.verified());
            let mut fact = PaymentFact::new(evidence.clone());
            fact.request_id.clone_from(&value.payment_request_id);
            fact.payment_id.clone_from(&value.payment_id);
            fact.merchant_account.clone_from(&value.merchant_account_id);
            fact.amount.clone_from(&value.payment_amount);
            fact.card = card_of(value.payment_result_info.as_ref(), value.card_info.as_ref());
            fact.auth_expires = instant(value.auth_expiry_time.as_ref());
            fact.in_review =
                value.auth_review_status.as_ref().map(|status| *status == AuthReviewStatus::Processing);
            let Ok(Outcome::Completed(_)) = call else {
                // A refusal speaks of the inquiry.
                fact.code = code_of(reply.result());
                return fact;
            };
            fact.code = value.payment_result_code.as_ref().map(|code| code.as_str().into());
            fact.says = match &value.payment_status {
                None => Says::Nothing,
                Some(PaymentStatus::Success) => Says::Success,
                Some(PaymentStatus::Fail) => Says::Failed,
                Some(PaymentStatus::Cancelled) => Says::Cancelled,
                Some(PaymentStatus::Processing | PaymentStatus::Pending) => Says::Processing,
                Some(other) => Says::Unknown { status: other.as_str().into() },
            };
            let transactions = value.transactions.iter().flatten();
            fact.movements = transactions
                .filter_map(|known| movement_of(known, &evidence, fact.payment_id.as_ref()))
                .collect();
            fact
        })
    }
}

impl Answer<MovementFact> {
    /// What a call of capture came to.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::called;
    /// use antom_core::flow::Says;
    /// use antom_core::flow::Answer;
    /// # use antom_core::api::payments::*;
    /// # use antom_core::money::{Amount, Currency};
    /// # let call = called::<Capture>(&CaptureRequest::new("CAP-1", "20231114001", Amount::new(Currency::EUR, 1050)), r#"{"result":{"resultCode":"CAPTURE_IN_PROCESS","resultStatus":"U"},"captureRequestId":"CAP-1","captureId":"1","paymentId":"20231114001","captureAmount":{"currency":"EUR","value":"1050"}}"#);
    ///
    /// // `call` is what a driver brought back.
    /// let answer = Answer::capture(&call);
    /// assert!(matches!(answer, Answer::Accepted(fact) if fact.says() == &Says::Processing));
    /// ```
    #[must_use]
    pub fn capture(call: &Called<CaptureResponse>) -> Self {
        answer(call, |reply| {
            let value = reply.value();
            let evidence = Evidence::of(Source::CaptureReply, reply.verified());
            let mut fact = MovementFact::new(MovementKind::Capture, evidence);
            fact.request_id.clone_from(&value.capture_request_id);
            fact.id.clone_from(&value.capture_id);
            fact.payment_id.clone_from(&value.payment_id);
            fact.amount.clone_from(&value.capture_amount);
            fact.code = code_of(reply.result());
            fact.says = says_of_call(call);
            fact
        })
    }

    /// What a call of refund came to.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::called;
    /// use antom_core::flow::Answer;
    /// # use antom_core::api::payments::*;
    /// # use antom_core::money::{Amount, Currency};
    /// # let call = called::<Refund>(&RefundRequest::new("REF-1", "20231114001", Amount::new(Currency::EUR, 500)), r#"{"result":{"resultCode":"REFUND_IN_PROCESS","resultStatus":"U"},"refundRequestId":"REF-1"}"#);
    ///
    /// // `call` is what a driver brought back.
    /// let answer = Answer::refund(&call);
    /// assert!(matches!(answer, Answer::Accepted(fact) if fact.request_id() == Some("REF-1")));
    /// ```
    #[must_use]
    pub fn refund(call: &Called<RefundResponse>) -> Self {
        answer(call, |reply| {
            let value = reply.value();
            let evidence = Evidence::of(Source::RefundReply, reply.verified());
            let mut fact = MovementFact::new(MovementKind::Refund, evidence);
            fact.request_id.clone_from(&value.refund_request_id);
            fact.id.clone_from(&value.refund_id);
            fact.payment_id.clone_from(&value.payment_id);
            fact.amount.clone_from(&value.refund_amount);
            fact.code = code_of(reply.result());
            fact.says = says_of_call(call);
            fact
        })
    }

    /// What a call of inquiryRefund came to.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::called;
    /// use antom_core::flow::Says;
    /// use antom_core::flow::Answer;
    /// # use antom_core::api::payments::*;
    /// # use antom_core::money::{Amount, Currency};
    /// # let call = called::<InquiryRefund>(&InquiryRefundRequest::new().with_refund_request_id("REF-1"), r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"refundRequestId":"REF-1","refundStatus":"FAIL"}"#);
    ///
    /// // `call` is what a driver brought back.
    /// let answer = Answer::refund_inquiry(&call);
    /// assert_eq!(answer.fact().unwrap().says(), &Says::Failed);
    /// ```
    #[must_use]
    pub fn refund_inquiry(call: &Called<InquiryRefundResponse>) -> Self {
        answer(call, |reply| {
            let value = reply.value();
            let evidence = Evidence::of(Source::RefundInquiry, reply.verified());
            let mut fact = MovementFact::new(MovementKind::Refund, evidence);
            fact.request_id.clone_from(&value.refund_request_id);
            fact.id.clone_from(&value.refund_id);
            fact.amount.clone_from(&value.refund_amount);
            fact.code = code_of(reply.result());
            if let Ok(Outcome::Completed(_)) = call {
                fact.says = says_of_refund(value.refund_status.as_ref());
            }
            fact
        })
    }
}

/// The answer to capture and refund speaks of the movement itself.
fn says_of_call<T>(call: &Called<T>) -> Says {
    match call {
        Ok(Outcome::Completed(_)) => Says::Success,
        Ok(Outcome::Accepted(_)) => Says::Processing,
        _ => Says::Nothing,
    }
}

fn movement_of(
    known: &Transaction,
    evidence: &Evidence,
    payment_id: Option<&String>,
) -> Option<MovementFact> {
    let kind = match known.transaction_type.as_ref()?.as_str() {
        kind if TransactionType::CAPTURE == *kind => MovementKind::Capture,
        kind if TransactionType::REFUND == *kind => MovementKind::Refund,
        _ => return None,
    };
    let mut fact = MovementFact::new(kind, evidence.clone());
    fact.request_id.clone_from(&known.transaction_request_id);
    fact.id.clone_from(&known.transaction_id);
    fact.payment_id = payment_id.cloned();
    fact.amount.clone_from(&known.transaction_amount);
    fact.code = known.transaction_result.as_ref().and_then(code_of);
    fact.says = match &known.transaction_status {
        None => Says::Nothing,
        Some(TransactionStatus::Success) => Says::Success,
        Some(TransactionStatus::Fail) => Says::Failed,
        Some(TransactionStatus::Cancelled) => Says::Cancelled,
        Some(TransactionStatus::Processing | TransactionStatus::Pending) => Says::Processing,
        Some(other) => Says::Unknown { status: other.as_str().into() },
    };
    Some(fact)
}

fn show_of_pay(value: &PayResponse) -> Option<Show> {
    let form = value.order_code_form.as_ref();
    let code = form.and_then(|form| {
        show_of_code(form.code_details.as_deref().unwrap_or_default(), instant(form.expire_time.as_ref()))
    });
    let form_url = || value.redirect_action_form.as_ref().and_then(|form| form.redirect_url.clone());
    code.or_else(|| {
        show_of_urls(
            value.normal_url.clone().or_else(form_url),
            value.applink_url.clone(),
            value.scheme_url.clone(),
        )
    })
}
