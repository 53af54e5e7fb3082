//! Accounts with an API key instead of RSA keys.

use super::{Ended, Shop, beside, command, doctor};

const KEY: &str = "isak_TEST_merchant_s3cret_part";
const INQUIRY: &str = r#"{"paymentRequestId":"no-such-payment"}"#;

async fn run(shop: &Shop, key: &str, arguments: &[&str]) -> Ended {
    let file = shop.folder.file("api-key.txt", &format!("{key}\n"));
    let mut command = command(arguments);
    command.args(["--gateway-url", shop.sandbox.gateway_url(), "--api-key", &file]);
    beside(command).await
}

#[tokio::test]
async fn a_call_goes_out_with_the_key_and_says_what_proves_the_answer() {
    let shop = Shop::open("api-key-call").await;
    let body = shop.folder.file("inquiry.json", INQUIRY);
    let ended = run(&shop, KEY, &["call", "payments/inquiryPayment", "--json", "--body", &body]).await;
    assert_eq!(ended.code, 1, "{}", ended.said());
    let json = ended.json();
    assert_eq!(json["outcome"], "declined", "{json}");
    assert_eq!(json["result_code"], "ORDER_NOT_EXIST");
    assert_eq!(json["signed"], false);
    assert_eq!(json["path"], "/ams/sandbox/api/v1/payments/inquiryPayment");
    assert!(!ended.said().contains("s3cret"), "{}", ended.said());

    let mut command = command(&["call", "payments/inquiryPayment", "--body", &body]);
    command.args(["--gateway-url", shop.sandbox.gateway_url(), "--api-key-env", "MY_API_KEY"]);
    command.env("MY_API_KEY", KEY);
    let ended = beside(command).await;
    assert_eq!(ended.code, 1, "{}", ended.said());
    assert!(ended.out.contains("outcome   declined"), "{}", ended.out);
    assert!(ended.out.contains("the secure channel alone, unsigned"), "{}", ended.out);
}

#[tokio::test]
async fn a_key_that_is_no_key_or_is_typed_is_refused_without_being_shown() {
    let shop = Shop::open("api-key-bad").await;
    let body = shop.folder.file("inquiry.json", INQUIRY);
    let call = ["call", "payments/inquiryPayment", "--body", &body];
    let ended = run(&shop, "isak_LIVE_merchant_s3cret_part", &call).await;
    assert_eq!(ended.code, 2, "{}", ended.said());
    assert!(ended.err.contains("API key") && !ended.said().contains("s3cret"), "{}", ended.said());
    let mut typed = command(&call);
    typed.args(["--gateway-url", shop.sandbox.gateway_url(), "--api-key", KEY]);
    let ended = beside(typed).await;
    assert_eq!(ended.code, 2, "{}", ended.said());
    assert!(ended.err.contains("--api-key: expected the name of a file"), "{}", ended.err);
    assert!(!ended.said().contains("s3cret"), "{}", ended.said());
    // Two kinds of credentials at once are a mistake.
    let mut both = command(&call);
    both.args(["--api-key-env", "A", "--private-key", &shop.folder.path("private.txt")]);
    assert_eq!(beside(both).await.code, 2);
    assert!(shop.sandbox.journal().is_empty());
}

#[tokio::test]
async fn a_live_key_is_turned_away_by_a_sandbox() {
    let shop = Shop::open("api-key-live").await;
    let body = shop.folder.file("inquiry.json", INQUIRY);
    let call = ["call", "payments/inquiryPayment", "--body", &body];
    let ended = run(&shop, "isak_PROD_merchant_s3cret_part", &call).await;
    assert_ne!(ended.code, 0, "{}", ended.said());
    assert!(ended.said().contains("INVALID_CLIENT"), "{}", ended.said());
}

#[tokio::test]
async fn doctor_examines_the_key_and_asks_with_it() {
    let shop = Shop::open("api-key-doctor").await;
    let ended = run(&shop, KEY, &["doctor", "--json"]).await;
    let found = doctor::findings(&ended);
    assert_eq!(ended.code, 0, "{}", ended.said());
    for check in ["gateway", "api key", "secure channel", "reachability", "answer", "path"] {
        assert_eq!(found[check]["state"], "ok", "{check}: {}", ended.out);
    }
    assert!(found["api key"]["says"].as_str().unwrap().contains("TEST"), "{}", ended.out);
    assert!(!ended.said().contains("s3cret"), "{}", ended.said());

    let ended = run(&shop, "no key", &["doctor", "--json"]).await;
    assert_eq!(ended.code, 1, "{}", ended.said());
    let found = doctor::findings(&ended);
    assert_eq!(found["api key"]["state"], "problem", "{}", ended.out);
    assert_eq!(found["answer"]["state"], "skipped", "{}", ended.out);
    // Live calls do not go to a sandbox on this machine.
    let ended = run(&shop, "isak_PROD_merchant_s3cret_part", &["doctor", "--json"]).await;
    assert_eq!(doctor::findings(&ended)["gateway"]["state"], "problem", "{}", ended.out);
}
