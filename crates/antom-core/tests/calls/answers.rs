use std::time::Duration;

use antom_core::api::payments::{InquiryPayment, Pay};
use antom_core::call::{Call, IncomingResponse, Ready, Reply, ReplyError};
use antom_core::codec::DecodeErrorKind;
use antom_core::fact::Proof;
use antom_core::outcome::Outcome;
use antom_core::signature::{KeyVersion, Signer, header};

use crate::world::*;

fn pay() -> Call<Pay, Ready> {
    let call = Call::<Pay, _>::new(&pay_request(), &profile(), start().wall).unwrap();
    let signature = merchant().sign(call.signing_input()).unwrap();
    call.sign(&signature)
}

type PayReply = Reply<antom_core::api::payments::PayResponse>;

fn receive(response: &IncomingResponse) -> Result<PayReply, ReplyError> {
    pay().receive(response, &keys(), later(start(), Duration::from_secs(2)))
}

fn good() -> IncomingResponse {
    signed(PAY_PATH, start().wall, &answer("S", "SUCCESS"))
}

/// The good answer with one header replaced.
fn with(name: &str, value: &str) -> IncomingResponse {
    let good = good();
    let mut other = IncomingResponse::new(good.status(), good.body().clone());
    for known in antom_core::call::HeaderName::ALL {
        let value = if known.as_str() == name { Some(value) } else { good.header(known).unwrap() };
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            other.push_header(known.as_str(), value.as_bytes());
        }
    }
    other
}

#[test]
fn what_is_signed_is_what_is_sent() {
    let call = pay();
    let request = call.request();
    assert_eq!(request.url(), format!("https://open-sea-global.alipay.com{PAY_PATH}"));
    assert_eq!(request.path(), PAY_PATH);
    let header =
        |name: &str| request.headers().iter().find(|h| h.name == name).map(|h| h.value.clone()).unwrap();
    assert_eq!(header("client-id"), CLIENT);
    assert_eq!(header("request-time"), start().wall.as_millis().to_string());
    assert!(header("signature").starts_with("algorithm=RSA256,keyVersion=1,signature="));
    let unsigned = Call::<Pay, _>::new(&pay_request(), &profile(), start().wall).unwrap();
    let expected = format!(
        "POST {PAY_PATH}\n{CLIENT}.{}.{}",
        start().wall.as_millis(),
        std::str::from_utf8(request.body()).unwrap()
    );
    assert_eq!(unsigned.signing_input(), expected.as_bytes());
    assert!(!format!("{request:?}").contains(&*header("signature")));
}

#[test]
fn a_good_answer_is_a_reply_with_its_proof() {
    let reply = receive(&good()).unwrap();
    assert_eq!(reply.verified().proof(), &Proof::Signature(KeyVersion::default()));
    assert_eq!(reply.verified().path(), PAY_PATH);
    assert_eq!(reply.value().payment_request_id.as_deref(), Some("pay-1"));
    assert!(matches!(Outcome::of(reply, true, &[], 1), Outcome::Completed(_)));
}

#[test]
fn unknown_members_and_words_do_no_harm() {
    let body =
        format!(r#"{{"paymentRequestId":"pay-1","newThing":{{"a":[1]}},{}}}"#, result("X", "NEW_CODE"));
    let reply = receive(&signed(PAY_PATH, start().wall, &body)).unwrap();
    assert!(reply.value().rest.get("newThing").is_some());
    assert!(
        matches!(Outcome::of(reply, true, &[], 1), Outcome::Unresolved(_)),
        "an unknown status is no verdict"
    );
    let body = format!(r#"{{"paymentRequestId":"pay-1",{}}}"#, result("F", "NEW_CODE"));
    let reply = receive(&signed(PAY_PATH, start().wall, &body)).unwrap();
    assert!(matches!(Outcome::of(reply, true, &[], 1), Outcome::Declined(_)));
}

#[test]
fn a_status_decides_with_its_code() {
    for (status, code, expected) in [
        ("S", "SUCCESS", "Completed"),
        ("F", "PROCESS_FAIL", "Declined"),
        ("U", "PAYMENT_IN_PROCESS", "Accepted"),
        ("U", "UNKNOWN_EXCEPTION", "Unresolved"),
        ("U", "REQUEST_TRAFFIC_EXCEED_LIMIT", "Unresolved"),
        ("U", "", "Unresolved"),
        ("s", "SUCCESS", "Unresolved"),
        ("", "SUCCESS", "Unresolved"),
    ] {
        let reply = receive(&signed(PAY_PATH, start().wall, &answer(status, code))).unwrap();
        let outcome = format!("{:?}", Outcome::of(reply, true, &[], 1));
        assert!(outcome.starts_with(expected), "{status}/{code}: {outcome}");
    }
}

#[test]
fn headers_that_are_missing_doubled_or_mangled_name_the_step() {
    let signature = good().header(antom_core::call::HeaderName::Signature).unwrap().unwrap().to_owned();
    let (kept, _) = signature.split_at(signature.len() - 8);
    let cases: Vec<(IncomingResponse, &str)> = vec![
        (with("signature", ""), "`signature` is absent"),
        (with("response-time", ""), "`response-time` is absent"),
        (good().with_header("Signature", signature.as_bytes()), "`signature` came more than once"),
        (good().with_header("client-id", CLIENT), "`client-id` came more than once"),
        (with("signature", kept), "the answer"),
        (with("signature", "algorithm=none,keyVersion=1,signature=abcd"), "signature header"),
        (with("signature", &signature.replace("signature=", "signatur=")), "signature header"),
        (with("client-id", "SANDBOX_OTHER"), "another client id"),
        (with("response-time", "yesterday"), "response-time"),
    ];
    for (response, part) in cases {
        let error = receive(&response).unwrap_err();
        let text = format!("{error}");
        assert!(text.contains(part), "{part}: {text}");
        assert!(!text.contains(kept));
    }
    // A client-id header may be absent: the configured one is what is verified.
    receive(&with("client-id", "")).unwrap();
}

#[test]
fn unsigned_answers_explain_and_prove_nothing() {
    for (status, body, form) in [
        (200, r#"{"result":{"resultCode":"INVALID_SIGNATURE","resultStatus":"F"}}"#, "JSON"),
        (200, "<html><body>gateway</body></html>", "HTML"),
        (200, "", "empty"),
        (502, "<html>bad gateway</html>", "HTML"),
        (404, "nothing here", "text"),
    ] {
        let error = receive(&IncomingResponse::new(status, body.to_owned())).unwrap_err();
        let (ReplyError::Unsigned(seen) | ReplyError::HttpStatus(seen)) = &error else { panic!("{error}") };
        assert_eq!((seen.status, seen.body_form, seen.body_length), (status, form, body.len()));
        assert_eq!(seen.result_code.is_some(), form == "JSON");
    }
    let error = receive(&IncomingResponse::new(200, vec![0xff, 0xfe])).unwrap_err();
    assert!(matches!(error, ReplyError::Unsigned(seen) if seen.body_form == "not UTF-8"));
}

#[test]
fn what_was_changed_does_not_verify() {
    let body = answer("S", "SUCCESS");
    let good = good();
    for index in 0..body.len() {
        let mut bytes = body.clone().into_bytes();
        bytes[index] ^= 1;
        let mut response = IncomingResponse::new(200, bytes);
        for name in antom_core::call::HeaderName::ALL {
            if let Some(value) = good.header(name).unwrap() {
                response.push_header(name.as_str(), value.as_bytes());
            }
        }
        assert!(matches!(receive(&response), Err(ReplyError::Signature(_))), "byte {index}");
    }
    let other_path = signed(INQUIRY_PATH, start().wall, &body);
    assert!(matches!(receive(&other_path), Err(ReplyError::Signature(_))));
    let other_key = merchant().sign(b"anything").unwrap();
    let response = with("signature", &header::render(&other_key, KeyVersion::default()));
    assert!(matches!(receive(&response), Err(ReplyError::Signature(_))));
}

#[test]
fn an_answer_counts_only_in_its_own_time_and_for_its_own_id() {
    let hour = Duration::from_secs(3600);
    for at in [start().wall.saturating_sub(hour), start().wall.saturating_add(hour)] {
        let error = receive(&signed(PAY_PATH, at, &answer("S", "SUCCESS"))).unwrap_err();
        assert!(matches!(error, ReplyError::OutsideWindow { .. }), "{error}");
    }
    let other = answer("S", "SUCCESS").replace("pay-1", "pay-2");
    let error = receive(&signed(PAY_PATH, start().wall, &other)).unwrap_err();
    assert!(matches!(error, ReplyError::Misdirected { member: "paymentRequestId" }), "{error}");
    // Behind its own id it names another's: whichever is meant, it is not believed.
    let both = answer("S", "SUCCESS").replacen('}', "},\"paymentRequestId\":\"pay-2\"", 1);
    let error = receive(&signed(PAY_PATH, start().wall, &both)).unwrap_err();
    assert!(matches!(error, ReplyError::Unreadable(_)), "{error}");
}

#[test]
fn verified_bytes_that_do_not_fit_name_the_place() {
    for (body, pointer) in [
        ("{}", ""),
        ("[]", ""),
        (r#"{"result":{},"result":{}}"#, "/result"),
        (r#"{"result":7}"#, "/result"),
        (r#"{"result":{},"paymentAmount":{"currency":"EUR","currency":"USD"}}"#, "/paymentAmount/currency"),
    ] {
        let error = receive(&signed(PAY_PATH, start().wall, body)).unwrap_err();
        let ReplyError::Unreadable(error) = error else { panic!("{body}: {error}") };
        assert_eq!(error.pointer(), pointer, "{body}: {error}");
        if body.matches("result").count() == 2 {
            assert_eq!(error.kind(), &DecodeErrorKind::DuplicateKey);
        }
    }
}

#[test]
fn a_member_of_another_shape_is_absent_and_decides_nothing() {
    let body = r#"{"paymentRequestId":"pay-1","result":{"resultStatus":{"S":1}},"paymentAmount":{"currency":"EUR"}}"#;
    let reply = receive(&signed(PAY_PATH, start().wall, body)).unwrap();
    assert_eq!(reply.value().payment_amount, None);
    assert!(reply.value().rest.get("paymentAmount").is_some());
    assert!(matches!(Outcome::of(reply, true, &[], 1), Outcome::Unresolved(_)));
}

#[test]
fn an_answer_over_the_limit_is_refused_before_it_is_read() {
    let response = IncomingResponse::new(200, vec![b' '; antom_core::codec::Limits::ANSWER.max_bytes + 1]);
    assert!(matches!(receive(&response), Err(ReplyError::TooLarge { .. })));
}

#[test]
fn in_store_calls_keep_the_live_path_in_the_sandbox() {
    let profile = profile().with_family(antom_core::profile::ProductFamily::InStore);
    let call = Call::<InquiryPayment, _>::new(&inquiry_request(), &profile, start().wall).unwrap();
    assert!(call.signing_input().starts_with(b"POST /ams/api/v1/payments/inquiryPayment\n"));
}
