//! Files and sessions: what is written, what is signed, and what is believed of the answers.

use antom_core::api::billing::{
    MeterUploadEvent, MeterUploadEventRequest, ProductUploadImage, ProductUploadImageRequest,
};
use antom_core::call::{
    Call, EncodeError, File, IncomingResponse, Operation, OutgoingRequest, Prepared, ReplyError, Window,
};
use antom_core::exchange::{Engine, Exchange, Policy, Step};
use antom_core::fact::{Proof, Verified};
use antom_core::outcome::{CallErrorKind, Outcome};
use antom_core::profile::{ApiKey, Credentials, Gateway, Profile, Region};
use antom_core::secret::Secret;
use antom_core::signature::Signer;

use crate::world::*;

const PATH: &str = "/ams/sandbox/api/v1/billing/product/uploadImage";

fn file() -> File {
    File::new("shoe.png", &b"\x89PNG\r\n--not a boundary\r\n\x00\xff"[..])
}

fn request() -> ProductUploadImageRequest {
    ProductUploadImageRequest::new("product-1", file().sha256())
}

fn upload(profile: &Profile) -> Result<Prepared, EncodeError> {
    Prepared::upload(ProductUploadImage::INFO, &request(), &file(), profile, start().wall)
}

fn ready() -> Prepared {
    let mut prepared = upload(&profile()).unwrap();
    let signature = merchant().sign(prepared.signing_input()).unwrap();
    prepared.attach(&signature);
    prepared
}

fn header<'a>(request: &'a OutgoingRequest, name: &str) -> Option<&'a str> {
    request.headers().iter().find(|header| header.name == name).map(|header| &*header.value)
}

/// Takes a multipart body apart: heads and contents.
fn parts(request: &OutgoingRequest) -> Vec<(String, Vec<u8>)> {
    let boundary =
        header(request, "content-type").unwrap().strip_prefix("multipart/form-data; boundary=").unwrap();
    let body = request.body();
    let mark = format!("--{boundary}");
    let starts: Vec<usize> = (0..body.len()).filter(|at| body[*at..].starts_with(mark.as_bytes())).collect();
    assert!(body.ends_with(format!("\r\n{mark}--\r\n").as_bytes()));
    starts
        .windows(2)
        .map(|pair| {
            let part = &body[pair[0] + mark.len() + 2..pair[1] - 2];
            let split = part.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
            (String::from_utf8(part[..split].to_vec()).unwrap(), part[split + 4..].to_vec())
        })
        .collect()
}

#[test]
fn a_file_goes_out_twice_behind_the_json_that_is_signed() {
    let prepared = ready();
    let sent = prepared.request();
    assert_eq!(sent.url(), format!("https://open-big-sea.alipay.com{PATH}"));
    assert!(!sent.needs_http2());
    let json = format!(r#"{{"productId":"product-1","fileSha256":"{}"}}"#, file().sha256());
    let input = std::str::from_utf8(prepared.signing_input()).unwrap();
    assert!(input.starts_with(&format!("POST {PATH}\n{CLIENT}.")) && input.ends_with(&json), "{input}");
    let found = parts(sent);
    let [body, first, second] = found.as_slice() else { panic!("{} parts", found.len()) };
    assert_eq!(
        body.0,
        "Content-Disposition: form-data; name=\"body\"\r\nContent-Type: application/json; charset=UTF-8"
    );
    assert_eq!(body.1, json.as_bytes());
    for (name, part) in [("file", first), ("imageFile", second)] {
        assert_eq!(
            part.0,
            format!(
                "Content-Disposition: form-data; name=\"{name}\"; filename=\"shoe.png\"\r\nContent-Type: image/png\r\n\
                 Content-Transfer-Encoding: binary"
            )
        );
        assert_eq!(part.1, &file().bytes()[..]);
    }
    for name in ["client-id", "request-time", "signature"] {
        assert!(header(sent, name).is_some(), "{name}");
    }
}

#[test]
fn a_repeated_upload_is_signed_afresh_and_sends_the_same_bytes() {
    let first = ready();
    let mut second = first.again(later(start(), std::time::Duration::from_secs(3)).wall);
    assert_ne!(first.signing_input(), second.signing_input());
    let signature = merchant().sign(second.signing_input()).unwrap();
    second.attach(&signature);
    assert_eq!(first.request().body(), second.request().body());
    assert_eq!(header(first.request(), "content-type"), header(second.request(), "content-type"));
    assert_ne!(header(first.request(), "signature"), header(second.request(), "signature"));
}

#[test]
fn uploads_that_cannot_be_are_refused_before_anything_is_sent() {
    let of = |file: &File, request: &ProductUploadImageRequest, profile: &Profile| {
        Prepared::upload(ProductUploadImage::INFO, request, file, profile, start().wall).unwrap_err()
    };
    let empty = File::new("x", &b""[..]);
    let long = File::new("x", vec![0; File::MAX_LENGTH + 1]);
    for file in [&empty, &long] {
        let request = ProductUploadImageRequest::new("product-1", file.sha256());
        assert!(matches!(of(file, &request, &profile()), EncodeError::FileLength { .. }));
    }
    let other = ProductUploadImageRequest::new("product-1", empty.sha256());
    assert_eq!(of(&file(), &other, &profile()), EncodeError::FileDigest);
    let united_states = Profile::new(profile().credentials().clone(), Region::UnitedStates);
    assert!(matches!(of(&file(), &request(), &united_states), EncodeError::NoUploadGateway { .. }));
    let explicit = united_states.with_upload_gateway(Gateway::parse("https://files.example:8443").unwrap());
    assert_eq!(upload(&explicit).unwrap().request().gateway().authority(), "files.example:8443");
    let key = Profile::new(Credentials::ApiKey(ApiKey::parse("isak_TEST_id_key").unwrap()), Region::Asia);
    assert!(matches!(of(&file(), &request(), &key), EncodeError::NotWithApiKey { .. }));
    let plain = Call::<ProductUploadImage, _>::new(&request(), &profile(), start().wall).unwrap_err();
    assert!(matches!(plain, EncodeError::WrongTransport { .. }));
}

fn judge(prepared: &Prepared, response: &IncomingResponse) -> Result<Verified, ReplyError> {
    prepared.verify(response, &keys(), start().wall, Window::DEFAULT)
}

fn body(status: &str, code: &str) -> String {
    format!(r#"{{"productId":"product-1",{}}}"#, result(status, code))
}

#[test]
fn only_a_refusal_of_an_upload_is_taken_without_a_signature() {
    let prepared = ready();
    let good = judge(&prepared, &signed(PATH, start().wall, &body("S", "SUCCESS"))).unwrap();
    assert!(good.proof().is_signed());
    let unsigned = |status| IncomingResponse::new(200, body(status, "PARAM_ILLEGAL"));
    let refusal = judge(&prepared, &unsigned("F")).unwrap();
    assert_eq!(refusal.proof(), &Proof::Tls);
    for status in ["S", "U", ""] {
        assert!(matches!(judge(&prepared, &unsigned(status)), Err(ReplyError::Unsigned(_))), "{status}");
    }
    let half = unsigned("F").with_header("signature", "algorithm=RSA256,keyVersion=1,signature=AA");
    assert!(matches!(judge(&prepared, &half), Err(ReplyError::MissingHeader { header: "response-time" })));
    let forged = signed(PATH, start().wall, &body("F", "PARAM_ILLEGAL"));
    let changed = IncomingResponse::new(200, body("F", "OTHER_CODE"))
        .with_header("signature", forged.header(antom_core::call::HeaderName::Signature).unwrap().unwrap())
        .with_header(
            "response-time",
            forged.header(antom_core::call::HeaderName::ResponseTime).unwrap().unwrap(),
        );
    assert!(matches!(judge(&prepared, &changed), Err(ReplyError::Signature(_))));
    let other = IncomingResponse::new(200, body("F", "PARAM_ILLEGAL").replace("product-1", "product-2"));
    assert!(matches!(judge(&prepared, &other), Err(ReplyError::Misdirected { member: "productId" })));
}

#[test]
fn an_unsigned_refusal_of_an_ordinary_call_is_no_proof() {
    let mut pay =
        Prepared::new(antom_core::api::payments::Pay::INFO, &pay_request(), &profile(), start().wall)
            .unwrap();
    let signature = merchant().sign(pay.signing_input()).unwrap();
    pay.attach(&signature);
    let unsigned = IncomingResponse::new(200, answer("F", "PARAM_ILLEGAL"));
    assert!(matches!(judge(&pay, &unsigned), Err(ReplyError::Unsigned(_))));
}

fn session(profile: &Profile, id: &str) -> Result<Exchange<MeterUploadEvent>, CallErrorKind> {
    let request = MeterUploadEventRequest::new(Vec::new());
    Exchange::session(&request, &Secret::new(id.to_owned()), profile, Policy::DEFAULT, 7, start())
        .map_err(|error| error.kind)
}

fn first_send(engine: &mut Engine) -> OutgoingRequest {
    match engine.step(start()) {
        Step::Send { request, .. } => request.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_session_signs_nothing_and_names_nobody() {
    let mut exchange = session(&profile().with_agent_token("t0ken".to_owned()), "session-1").unwrap();
    let sent = first_send(exchange.engine());
    assert!(sent.needs_http2());
    assert_eq!(sent.path(), "/ams/api/v1/meter/uploadEvent", "never that of a sandbox");
    let names: Vec<_> = sent.headers().iter().map(|header| header.name).collect();
    assert_eq!(names, ["x-session-id", "content-type", "user-agent"]);
    assert!(!format!("{sent:?}").contains("session-1"));
    let answer = IncomingResponse::new(200, format!("{{{}}}", result("S", "SUCCESS")));
    exchange.engine().answered(Ok(answer), &keys(), start());
    let outcome = exchange.finish().unwrap();
    let Outcome::Completed(reply) = &outcome else { panic!("{outcome:?}") };
    assert_eq!(reply.verified().proof(), &Proof::Tls);
}

#[test]
fn a_session_answer_without_a_result_or_with_another_status_is_no_answer() {
    for response in [IncomingResponse::new(200, "{}"), IncomingResponse::new(404, "{}")] {
        let mut exchange = session(&profile(), "session-1").unwrap();
        first_send(exchange.engine());
        exchange.engine().answered(Ok(response), &keys(), start());
        let outcome = exchange.finish().unwrap();
        assert!(matches!(outcome, Outcome::Unresolved(_)), "{outcome:?}");
    }
}

#[test]
fn a_session_id_must_fit_into_a_header() {
    for bad in ["", "a b", "a\r\nb", "ä"] {
        assert!(
            matches!(session(&profile(), bad), Err(CallErrorKind::Encode(EncodeError::SessionId))),
            "{bad}"
        );
    }
}
