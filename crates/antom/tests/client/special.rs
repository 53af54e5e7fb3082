//! Files and sessions through the client.

use antom::core::api::billing::MeterUploadEventRequest;
use antom::core::call::{EncodeError, File, IncomingResponse, TransportErrorKind};
use antom::core::fact::Proof;
use antom::core::outcome::CallErrorKind;
use antom::prelude::*;
use antom::transport::testing::{Script, ScriptedTransport};

use crate::gateway::{Gateway, answer, http, signed};
use crate::{builder, client};

#[tokio::test]
async fn a_file_is_uploaded_to_the_gateway_for_files() {
    let files = Gateway::start(|seen| {
        assert!(seen.body.contains("name=\"imageFile\"; filename=\"shoe.png\""), "{}", seen.body);
        Some(signed_upload(seen))
    })
    .await;
    let client = builder("http://127.0.0.1:1").upload_gateway_url(&files.url).build().unwrap();
    let file = File::new("shoe.png", &b"not a picture"[..]);
    let outcome = client.billing().product_upload_image("product-1", &file).await.unwrap();
    let Outcome::Completed(reply) = outcome else { panic!("{outcome:?}") };
    assert!(reply.verified().proof().is_signed());
    assert_eq!(files.seen()[0].path, "/ams/sandbox/api/v1/billing/product/uploadImage");
}

fn signed_upload(seen: &crate::gateway::Seen) -> Vec<u8> {
    signed(seen, r#"{"productId":"product-1","result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#)
}

#[tokio::test]
async fn without_a_gateway_for_files_nothing_is_sent() {
    let gateway = Gateway::start(|_| None).await;
    let file = File::new("shoe.png", &b"not a picture"[..]);
    let error = client(&gateway).billing().product_upload_image("product-1", &file).await.unwrap_err();
    assert!(matches!(error.kind, CallErrorKind::Encode(EncodeError::NoUploadGateway { .. })), "{error:?}");
    assert!(gateway.seen().is_empty());
}

#[tokio::test]
async fn an_unsigned_refusal_of_a_file_is_a_refusal() {
    let files =
        Gateway::start(|_| Some(http("200 OK", "", answer("x", "F", "PARAM_ILLEGAL").as_bytes()))).await;
    let client = builder("http://127.0.0.1:1").upload_gateway_url(&files.url).build().unwrap();
    let file = File::new("shoe.png", &b"not a picture"[..]);
    let outcome = client.billing().product_upload_image("product-1", &file).await.unwrap();
    let Outcome::Declined(declined) = outcome else { panic!("{outcome:?}") };
    assert_eq!(declined.reply.verified().proof(), &Proof::Tls);
}

#[tokio::test]
async fn events_go_out_within_their_session() {
    let script = Script::reply(|request| {
        assert!(request.needs_http2());
        assert_eq!(request.path(), "/ams/api/v1/meter/uploadEvent");
        IncomingResponse::new(200, answer("x", "S", "SUCCESS"))
    });
    let client =
        builder("https://gateway.example").transport(ScriptedTransport::new([script])).build().unwrap();
    let session = Secret::new("session-1".to_owned());
    let request = MeterUploadEventRequest::new(Vec::new());
    let outcome = client.billing().meter_upload_event(&session, &request).await.unwrap();
    assert!(matches!(outcome, Outcome::Completed(_)), "{outcome:?}");
}

/// A gateway in plain text cannot choose HTTP/2.
#[tokio::test]
async fn without_http2_no_event_is_sent() {
    let gateway = Gateway::start(|_| None).await;
    let session = Secret::new("session-1".to_owned());
    let request = MeterUploadEventRequest::new(Vec::new());
    let error = client(&gateway).billing().meter_upload_event(&session, &request).await.unwrap_err();
    let CallErrorKind::NotSent(cause) = &error.kind else { panic!("{error:?}") };
    assert_eq!((cause.kind(), cause.sent()), (TransportErrorKind::Unsupported, Sent::No));
    assert!(gateway.seen().is_empty());
}
