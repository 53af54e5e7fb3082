//! Clients with an API key.

use antom::core::call::{IncomingResponse, OutgoingRequest};
use antom::core::fact::Proof;
use antom::core::profile::ApiKeyError;
use antom::prelude::*;
use antom::transport::testing::{Script, ScriptedTransport};
use antom::{ApiKeyClient, ApiKeyClientBuilder, ConfigProblem};

use crate::gateway::{Gateway, answer, header, http};
use crate::pay_request;

const TEST_KEY: &str = "isak_TEST_merchant_s3cret_part";

fn builder(key: &str) -> ApiKeyClientBuilder {
    ApiKeyClient::builder().region(Region::Europe).api_key(key)
}

fn playing(key: &str, check: impl Fn(&OutgoingRequest) + Send + Sync + 'static) -> ApiKeyClient {
    let script = Script::reply(move |request| {
        check(request);
        IncomingResponse::new(200, answer("pay-1", "S", "SUCCESS"))
    });
    builder(key).transport(ScriptedTransport::new([script])).build().unwrap()
}

#[tokio::test]
async fn the_key_goes_along_and_chooses_the_path() {
    for (key, path) in [
        (TEST_KEY, "/ams/sandbox/api/v1/payments/pay"),
        ("irak_PROD_merchant_s3cret", "/ams/api/v1/payments/pay"),
    ] {
        let client = playing(key, move |request| {
            assert_eq!(request.url(), format!("https://open-de-global.alipay.com{path}"));
            let names: Vec<_> = request.headers().iter().map(|header| header.name).collect();
            assert_eq!(names, ["authorization", "content-type", "user-agent"]);
            assert_eq!(request.headers()[0].value, format!("Bearer {key}"));
            assert!(!format!("{request:?}").contains("s3cret"));
        });
        let outcome = client.payments().pay(&pay_request()).await.unwrap();
        let Outcome::Completed(reply) = outcome else { panic!("{outcome:?}") };
        assert_eq!(reply.verified().proof(), &Proof::Tls);
        assert!(!reply.verified().proof().is_signed());
        assert_eq!(reply.verified().client_id(), None);
    }
}

#[tokio::test]
async fn it_reaches_a_sandbox_on_this_machine() {
    let gateway =
        Gateway::start(|_| Some(http("200 OK", "", answer("pay-1", "S", "SUCCESS").as_bytes()))).await;
    let client = ApiKeyClient::builder().gateway_url(&gateway.url).api_key(TEST_KEY).build().unwrap();
    let outcome = client.payments().pay(&pay_request()).await.unwrap();
    assert!(matches!(outcome, Outcome::Completed(_)), "{outcome:?}");
    let seen = gateway.seen();
    assert_eq!(header(&seen[0].head, "authorization"), Some(&*format!("Bearer {TEST_KEY}")));
    assert_eq!(header(&seen[0].head, "signature"), None);
}

#[test]
fn what_is_wrong_is_said_at_once_and_without_the_key() {
    let error = ApiKeyClient::builder()
        .gateway_url("http://gateway.example")
        .api_key("isak_LIVE_merchant_s3cret")
        .build()
        .unwrap_err();
    assert!(
        matches!(
            error.problems(),
            [ConfigProblem::Gateway(_), ConfigProblem::ApiKey(ApiKeyError::Environment)]
        ),
        "{error}"
    );
    let missing =
        ApiKeyClient::builder().region(Region::Asia).transport(ScriptedTransport::default()).build();
    assert!(matches!(missing.unwrap_err().problems(), [ConfigProblem::NoApiKey]));
    let shown = format!("{error} {error:?} {:?} {:?}", builder(TEST_KEY), playing(TEST_KEY, |_| {}));
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn the_key_comes_from_a_file_with_a_line_break() {
    let path = std::env::temp_dir().join(format!("antom-api-key-{}", std::process::id()));
    std::fs::write(&path, format!("{TEST_KEY}\r\n")).unwrap();
    let built = ApiKeyClient::builder()
        .region(Region::Asia)
        .api_key(KeySource::file(&path))
        .transport(ScriptedTransport::default())
        .build();
    std::fs::remove_file(&path).unwrap();
    assert!(built.unwrap().profile().is_sandbox());
}
