//! From the bytes of messages to facts, with messages as the gateway's documents show them.

use alloc::string::String;

use bytes::Bytes;

use super::*;
use crate::api::authorizations::{ApplyToken, Consult};
use crate::api::payments::{Cancel, Capture, InquiryPayment, InquiryRefund, Pay, Refund};
use crate::call::{Operation, Reply};
use crate::fact::Verified;
use crate::flow::dispute::DisputeSays;
use crate::flow::fact::{Answer, MovementFact, MovementKind, PaymentFact, Says, Show};
use crate::flow::token::{ConsultFact, TokenFact};
use crate::outcome::{CallError, CallErrorKind, Outcome};

const OK: &str = r#""result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success."}"#;
const WAITS: &str =
    r#""result":{"resultCode":"PAYMENT_IN_PROCESS","resultStatus":"U","resultMessage":"wait"}"#;
const REFUSED: &str = r#""result":{"resultCode":"RISK_REJECT","resultStatus":"F","resultMessage":"no"}"#;
const UNKNOWN: &str = r#""result":{"resultCode":"UNKNOWN_EXCEPTION","resultStatus":"U","resultMessage":"?"}"#;
const IDS: &str = r#""paymentRequestId":"PAY-1","paymentId":"2024PAYMENT1","paymentAmount":{"currency":"EUR","value":"1050"}"#;

fn verified(body: &str) -> Verified {
    Verified::tls(Bytes::copy_from_slice(body.as_bytes()), "/ams/api/v1/x".into(), UnixTime::EPOCH)
}

fn called<O: Operation>(result: &str, rest: &str) -> Result<Outcome<O::Response>, CallError> {
    let body =
        if rest.is_empty() { alloc::format!("{{{result}}}") } else { alloc::format!("{{{result},{rest}}}") };
    let reply = Reply::<O::Response>::read(O::INFO, verified(&body)).unwrap();
    Ok(Outcome::of(reply, true, &[], 1))
}

fn observed(body: &str) -> Observed {
    Observed::of(&verified(body)).unwrap()
}

fn payment(body: &str) -> PaymentFact {
    match observed(body) {
        Observed::Payment(fact) => *fact,
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_s_with_success_says_that_a_pay_succeeded() {
    let says = |result: &str| Answer::pay(&called::<Pay>(result, IDS)).fact().map(|fact| fact.says.clone());
    assert_eq!(says(OK), Some(Says::Success));
    assert_eq!(says(WAITS), Some(Says::Nothing));
    assert_eq!(says(REFUSED), Some(Says::Nothing));
    assert_eq!(says(UNKNOWN), None);
    let odd = r#""result":{"resultCode":"PAYMENT_PENDING","resultStatus":"S"}"#;
    assert_eq!(says(odd), Some(Says::Nothing));
    let new = r#""result":{"resultCode":"SUCCESS","resultStatus":"X"}"#;
    assert_eq!(Answer::pay(&called::<Pay>(new, IDS)), Answer::Unresolved);
    assert!(matches!(Answer::pay(&called::<Pay>(REFUSED, IDS)), Answer::Refused { first_send: true, .. }));
}

#[test]
fn a_call_that_was_not_sent_is_told_apart() {
    let error =
        CallError { operation: "payments/pay", kind: CallErrorKind::Encode(crate::call::EncodeError::Path) };
    assert_eq!(Answer::pay(&Err(error)), Answer::NotSent);
}

#[test]
fn codes_and_addresses_are_shown() {
    let shown = |rest: &str| match Answer::pay(&called::<Pay>(WAITS, rest)) {
        Answer::Accepted(fact) => fact.show,
        other => panic!("{other:?}"),
    };
    let code = r#""orderCodeForm":{"expireTime":"2023-11-14T22:13:20Z","codeDetails":[
        {"codeValue":"https://pic","displayType":"BIGIMAGE"},{"codeValue":"281666","displayType":"TEXT"}]}"#;
    assert_eq!(
        shown(code),
        Some(Show::Code {
            text: "281666".into(),
            image: Some("https://pic".into()),
            expires: Some(UnixTime::from_secs(1_700_000_000)),
        })
    );
    let urls = r#""normalUrl":"https://n","schemeUrl":"app://s","applinkUrl":"https://a""#;
    let redirect = |url: Option<&str>, app: Option<&str>, scheme: Option<&str>| Show::Redirect {
        url: url.map(Into::into),
        app: app.map(Into::into),
        scheme: scheme.map(Into::into),
    };
    assert_eq!(shown(urls), Some(redirect(Some("https://n"), Some("https://a"), Some("app://s"))));
    assert_eq!(
        shown(r#""redirectActionForm":{"redirectUrl":"https://r"}"#),
        Some(redirect(Some("https://r"), None, None))
    );
    assert_eq!(shown(r#""orderCodeForm":{"codeDetails":[]}"#), None);
}

#[test]
fn an_inquiry_speaks_through_the_payment_status() {
    let fact = |status: &str| {
        let rest = alloc::format!("{IDS},\"paymentStatus\":\"{status}\",\"paymentResultCode\":\"X\"");
        Answer::inquiry(&called::<InquiryPayment>(OK, &rest)).fact().cloned().unwrap()
    };
    let says = |status| fact(status).says;
    assert_eq!(says("SUCCESS"), Says::Success);
    assert_eq!(says("FAIL"), Says::Failed);
    assert_eq!(says("CANCELLED"), Says::Cancelled);
    assert_eq!(says("PROCESSING"), Says::Processing);
    assert_eq!(says("PENDING"), Says::Processing);
    assert_eq!(says("HALF_PAID"), Says::Unknown { status: "HALF_PAID".into() });
    assert_eq!(fact("FAIL").code.as_deref(), Some("X"));
    let silent = Answer::inquiry(&called::<InquiryPayment>(OK, IDS));
    assert_eq!(silent.fact().unwrap().says, Says::Nothing);
    // A refused inquiry says nothing about the payment, whatever stands beside it.
    let rest = alloc::format!("{IDS},\"paymentStatus\":\"SUCCESS\"");
    let refused = Answer::inquiry(&called::<InquiryPayment>(REFUSED, &rest));
    assert_eq!(refused.fact().unwrap().says, Says::Nothing);
    assert_eq!(refused.fact().unwrap().code.as_deref(), Some("RISK_REJECT"));
}

#[test]
fn an_inquiry_lists_captures_and_refunds() {
    let rest = alloc::format!(
        r#"{IDS},"paymentStatus":"SUCCESS","authReviewStatus":"PROCESSING","authExpiryTime":"2023-11-14T22:13:20Z",
        "paymentResultInfo":{{"avsResultRaw":"A","cvvResultRaw":"Y","threeDSResult":{{"eci":"05"}}}},
        "cardInfo":{{"cardToken":"TOKEN"}},
        "transactions":[
        {{"transactionType":"CAPTURE","transactionRequestId":"C-1","transactionId":"1","transactionStatus":"SUCCESS","transactionAmount":{{"currency":"EUR","value":"50"}}}},
        {{"transactionType":"AUTHORIZATION","transactionRequestId":"A-1","transactionStatus":"SUCCESS"}},
        {{"transactionType":"REFUND","transactionRequestId":"R-1","transactionStatus":"PROCESSING"}}]"#
    );
    let answer = Answer::inquiry(&called::<InquiryPayment>(OK, &rest));
    let fact = answer.fact().unwrap();
    let told: alloc::vec::Vec<_> =
        fact.movements.iter().map(|known| (known.kind, known.request_id(), known.says.clone())).collect();
    let expected = [
        (MovementKind::Capture, Some("C-1"), Says::Success),
        (MovementKind::Refund, Some("R-1"), Says::Processing),
    ];
    assert_eq!(told, expected);
    assert_eq!(fact.in_review, Some(true));
    assert_eq!(fact.auth_expires, Some(UnixTime::from_secs(1_700_000_000)));
    let card = fact.card.as_deref().unwrap();
    assert_eq!((card.avs.as_deref(), card.eci.as_deref()), (Some("A"), Some("05")));
    assert_eq!(card.token, Some("TOKEN".into()));
}

#[test]
fn the_other_calls_speak_of_their_own_object() {
    let cancel = Answer::cancel(&called::<Cancel>(OK, r#""paymentRequestId":"PAY-1""#));
    assert_eq!(cancel.fact().unwrap().says, Says::Cancelled);
    let cancel = Answer::cancel(&called::<Cancel>(REFUSED, r#""paymentRequestId":"PAY-1""#));
    assert_eq!(cancel.fact().unwrap().says, Says::Nothing);

    let in_process = r#""result":{"resultCode":"CAPTURE_IN_PROCESS","resultStatus":"U"}"#;
    let rest = r#""captureRequestId":"C-1","captureId":"9","paymentId":"P","captureAmount":{"currency":"EUR","value":"5"}"#;
    assert!(matches!(
        Answer::capture(&called::<Capture>(in_process, rest)),
        Answer::Accepted(MovementFact { kind: MovementKind::Capture, says: Says::Processing, .. })
    ));
    let in_process = r#""result":{"resultCode":"REFUND_IN_PROCESS","resultStatus":"U"}"#;
    assert!(matches!(
        Answer::refund(&called::<Refund>(in_process, r#""refundRequestId":"R-1""#)),
        Answer::Accepted(MovementFact { kind: MovementKind::Refund, says: Says::Processing, .. })
    ));
    let inquired =
        |rest: &str| Answer::refund_inquiry(&called::<InquiryRefund>(OK, rest)).fact().unwrap().says.clone();
    assert_eq!(inquired(r#""refundStatus":"SUCCESS""#), Says::Success);
    assert_eq!(inquired(r#""refundStatus":"FAIL""#), Says::Failed);
    assert_eq!(inquired(r#""refundRequestId":"R-1""#), Says::Nothing);

    let consult: Answer<ConsultFact> = Answer::consult(&called::<Consult>(
        OK,
        r#""authCodeForm":{"codeDetails":[{"codeValue":"QR","displayType":"TEXT"}]}"#,
    ));
    assert_eq!(
        consult.fact().unwrap().show,
        Some(Show::Code { text: "QR".into(), image: None, expires: None })
    );
    let token: Answer<TokenFact> = Answer::token(&called::<ApplyToken>(
        OK,
        r#""accessToken":"A","accessTokenExpiryTime":"2023-11-14T22:13:20Z","refreshToken":"R""#,
    ));
    let set = token.fact().unwrap().token.clone().unwrap();
    assert_eq!(set.expires, Some(UnixTime::from_secs(1_700_000_000)));
    assert!(Answer::token(&called::<ApplyToken>(OK, "")).fact().unwrap().token.is_none());
}

#[test]
fn notifications_become_facts() {
    let result =
        |kind: &str, result: &str| payment(&alloc::format!("{{\"notifyType\":\"{kind}\",{result},{IDS}}}"));
    assert_eq!(result("PAYMENT_RESULT", OK).says, Says::Success);
    assert_eq!(result("PAYMENT_RESULT", REFUSED).says, Says::Failed);
    assert_eq!(result("PAYMENT_PENDING", OK).says, Says::Processing);
    assert_eq!(result("OFFLINE_PAYMENT_CODE", OK).says, Says::Processing);
    assert_eq!(result("PAYMENT_RESULT", OK).amount, Some(crate::flow::kit::eur(1050)));
    // Some in-store notifications have no result.
    assert_eq!(payment(&alloc::format!("{{\"notifyType\":\"PAYMENT_RESULT\",{IDS}}}")).says, Says::Nothing);

    let capture = r#"{"notifyType":"CAPTURE_RESULT","result":{"resultStatus":"S","resultCode":"SUCCESS"},"captureRequestId":"C","paymentId":"P","captureId":"1","captureAmount":{"currency":"EUR","value":"5"}}"#;
    assert!(
        matches!(observed(capture), Observed::Movement(fact) if fact.says == Says::Success && fact.payment_id() == Some("P"))
    );
    let refund = r#"{"notifyType":"REFUND_RESULT","result":{"resultStatus":"S","resultCode":"SUCCESS"},"refundStatus":"FAIL","refundRequestId":"R","refundId":"1","refundAmount":{"currency":"EUR","value":"5"}}"#;
    assert!(
        matches!(observed(refund), Observed::Movement(fact) if fact.says == Says::Failed && fact.kind == MovementKind::Refund)
    );

    let code = r#"{"authorizationNotifyType":"AUTHCODE_CREATED","authState":"S","authCode":"C","result":{"resultStatus":"S"}}"#;
    assert!(matches!(observed(code), Observed::Code(fact) if fact.auth_state() == Some("S")));
    let gone =
        r#"{"authorizationNotifyType":"TOKEN_CANCELED","accessToken":"A","result":{"resultStatus":"S"}}"#;
    assert!(
        matches!(observed(gone), Observed::TokenCancelled(fact) if fact.access_token() == Some(&"A".into()))
    );
    let made = r#"{"authorizationNotifyType":"TOKEN_CREATED","authState":"S","accessToken":"A","result":{"resultStatus":"S"}}"#;
    assert!(matches!(observed(made), Observed::Token(_)));
    assert!(matches!(observed(r#"{"something":"new"}"#), Observed::Other(_)));
    assert!(Observed::of(&verified(r#"{"notifyType":"PAYMENT_RESULT","notifyType":"X"}"#)).is_err());
}

#[test]
fn parked_facts_come_back_whole() {
    let bodies = [
        alloc::format!("{{\"notifyType\":\"PAYMENT_RESULT\",{OK},{IDS}}}"),
        String::from(
            r#"{"notifyType":"REFUND_RESULT","refundStatus":"FAIL","result":{"resultStatus":"S"},"refundRequestId":"R","refundId":"1","refundAmount":{"currency":"EUR","value":"5"}}"#,
        ),
        String::from(
            r#"{"authorizationNotifyType":"AUTHCODE_CREATED","authState":"S","authCode":"C","result":{"resultStatus":"S"}}"#,
        ),
        String::from(
            r#"{"authorizationNotifyType":"TOKEN_CREATED","authState":"S","accessToken":"A","result":{"resultStatus":"S"}}"#,
        ),
        String::from(
            r#"{"authorizationNotifyType":"TOKEN_CANCELED","accessToken":"A","result":{"resultStatus":"S"}}"#,
        ),
        alloc::format!("{{\"notifyType\":\"UPDATE_AMOUNT_RESULT\",\"updateRequestId\":\"U\",{OK},{IDS}}}"),
        String::from(
            r#"{"disputeId":"D","paymentId":"P","paymentRequestId":"R","disputeAmount":{"currency":"EUR","value":"5"},"disputeNotificationType":"DISPUTE_CREATED"}"#,
        ),
    ];
    let mut kinds = Vec::new();
    for body in bodies {
        let fact = observed(&body);
        let text = fact.save().unwrap();
        let loaded = Observed::load(text.expose()).unwrap();
        // The text alone would not tell a token that was made from one that is gone.
        let kind = core::mem::discriminant(&fact);
        assert_eq!((core::mem::discriminant(&loaded), loaded.save()), (kind, Some(text)), "{body}");
        assert!(!kinds.contains(&kind), "{body}");
        kinds.push(kind);
    }
    assert_eq!(kinds.len(), 7);
    assert!(observed(r#"{"something":"new"}"#).save().is_none());
}

#[test]
fn updates_and_disputes_become_facts() {
    let body =
        alloc::format!("{{\"notifyType\":\"UPDATE_AMOUNT_RESULT\",\"updateRequestId\":\"U\",{OK},{IDS}}}");
    let fact = observed(&body);
    assert!(
        matches!(&fact, Observed::Amount(fact) if fact.says == Says::Success && fact.update_id.as_deref() == Some("U"))
    );
    assert_eq!(Observed::load(fact.save().unwrap().expose()).unwrap().save(), fact.save());
    let says = |rest: &str| {
        let body = alloc::format!(
            r#"{{"disputeId":"D","paymentId":"P","paymentRequestId":"R","disputeAmount":{{"currency":"EUR","value":"5"}},"defenseDueTime":"2023-11-14T22:13:20Z",{rest}}}"#
        );
        match observed(&body) {
            Observed::Dispute(fact) => {
                assert_eq!(fact.defend_by, Some(UnixTime::from_secs(1_700_000_000)));
                fact.says
            }
            other => panic!("{other:?}"),
        }
    };
    let kind = |kind: &str| says(&alloc::format!("\"disputeNotificationType\":\"{kind}\""));
    assert_eq!(kind("DISPUTE_CREATED"), DisputeSays::Open);
    assert_eq!(kind("DEFENSE_DUE_ALERT"), DisputeSays::Open);
    assert_eq!(kind("DEFENSE_SUPPLIED"), DisputeSays::Defended);
    assert_eq!(kind("DISPUTE_CANCELLED"), DisputeSays::Won);
    assert_eq!(kind("DISPUTE_ACCEPTED"), DisputeSays::Lost);
    assert_eq!(kind("RDR_RESOLVED"), DisputeSays::Lost);
    assert_eq!(kind("NEW_WORD"), DisputeSays::Unknown { status: "NEW_WORD".into() });
    let judged = |result: &str| {
        says(&alloc::format!(
            r#""disputeNotificationType":"DISPUTE_JUDGED","disputeJudgedResult":"{result}""#
        ))
    };
    assert_eq!(judged("ACCEPT_BY_CUSTOMER"), DisputeSays::Won);
    assert_eq!(judged("ACCEPT_BY_MERCHANT"), DisputeSays::Lost);
    assert_eq!(judged("VALIDATE_SUCCESS"), DisputeSays::Unknown { status: "VALIDATE_SUCCESS".into() });
}
