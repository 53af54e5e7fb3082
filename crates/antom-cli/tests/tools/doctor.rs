use std::collections::BTreeMap;

use antom::core::signature::sandbox_keys::{GATEWAY_PUBLIC_KEY, MERCHANT_PRIVATE_KEY, MERCHANT_PUBLIC_KEY};
use antom_sandbox::engine::{Fault, FaultTarget};
use antom_sandbox::{Clock, Sandbox, SandboxConfig};
use serde_json::Value;

use super::{Ended, Folder, Shop, beside, command, run};

/// What was found, by check.
pub(crate) fn findings(ended: &Ended) -> BTreeMap<String, Value> {
    let read =
        |line: &str| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    ended
        .out
        .lines()
        .map(read)
        .map(|finding| (finding["check"].as_str().unwrap().to_owned(), finding))
        .collect()
}

#[tokio::test]
async fn a_sound_set_up_has_no_problem() {
    let shop = Shop::open("doctor-sound").await;
    let ended = shop.run(&["doctor", "--json"]).await;
    assert_eq!(ended.code, 0, "{}", ended.said());
    let found = findings(&ended);
    let checks = [
        "client id",
        "gateway",
        "private key",
        "gateway key",
        "secure channel",
        "reachability",
        "clock",
        "answer",
        "path",
    ];
    for check in checks {
        assert_eq!(found[check]["state"], "ok", "{check}: {}", ended.out);
    }
    let path = found["path"]["says"].as_str().unwrap();
    assert!(path.contains("/ams/sandbox/api/") && path.contains("/ams/api/"), "{path}");
    let text = shop.run(&["doctor"]).await;
    assert_eq!(text.code, 0, "{}", text.said());
    assert!(text.out.contains("ok       clock"), "{}", text.out);
    assert!(!text.said().contains(shop.sandbox.merchant_private_key().unwrap().expose()));
    let away = shop.run_at("https://open-sea-global.alipay.com", &["doctor", "--json", "--offline"]).await;
    assert_eq!(away.code, 0, "{}", away.said());
    assert_eq!(findings(&away)["published key"]["state"], "warning", "{}", away.out);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = shop.folder.path("private.txt");
        for (mode, state) in [(0o600, None), (0o640, Some("warning"))] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            let found = findings(&run_offline(&shop).await);
            assert_eq!(found.get("key file").map(|finding| finding["state"].as_str().unwrap()), state);
        }
    }
}

async fn run_offline(shop: &Shop) -> Ended {
    let ended = shop.run(&["doctor", "--json", "--offline"]).await;
    assert_eq!(ended.code, 0, "{}", ended.said());
    assert_eq!(findings(&ended)["answer"]["state"], "skipped");
    ended
}

#[tokio::test]
async fn keys_are_examined_before_anybody_is_called() {
    let shop = Shop::open("doctor-keys").await;
    let folder = &shop.folder;
    let own = folder.file("own.pem", MERCHANT_PRIVATE_KEY);
    let mine = folder.file("mine.pem", MERCHANT_PUBLIC_KEY);
    let theirs = folder.file("theirs.pem", GATEWAY_PUBLIC_KEY);
    let cases: [(&str, &str, &str, &str, &str); 6] = [
        ("SANDBOX_1", &own, &mine, "gateway keys", "your own private key"),
        ("SANDBOX_1", &mine, &theirs, "private key", "a public key"),
        ("SANDBOX_1", &own, &own, "gateway key", "a private key"),
        ("SANDBOX_1", "no/such/file", &theirs, "private key", "no/such/file"),
        ("5Y1", &own, &theirs, "private key", "published"),
        ("SANDBOX.1", &own, &theirs, "client id", "client id"),
    ];
    for (id, private, gateway, check, said) in cases {
        let mut command = command(&["doctor", "--json", "--client-id", id, "--private-key", private]);
        command.args(["--gateway-key", gateway, "--gateway-url", shop.sandbox.gateway_url()]);
        let ended = beside(command).await;
        assert_eq!(ended.code, 1, "{check}: {}", ended.said());
        let found = findings(&ended);
        assert_eq!(found[check]["state"], "problem", "{check}: {}", ended.out);
        assert!(found[check]["says"].as_str().unwrap().contains(said), "{check}: {}", ended.out);
        assert!(found[check]["fix"].is_string(), "{check}: {}", ended.out);
        assert!(found.get("answer").is_none_or(|answer| answer["state"] == "skipped"), "{}", ended.out);
    }
    assert!(shop.sandbox.journal().is_empty());
}

#[tokio::test]
async fn what_the_gateway_shows_is_told_with_its_fix() {
    let shop = Shop::open("doctor-gateway").await;
    let folder = &shop.folder;
    let made = run(&[
        "keys",
        "new",
        "--private-key",
        &folder.path("other.pem"),
        "--public-key",
        &folder.path("other.txt"),
    ]);
    assert_eq!(made.code, 0, "{}", made.err);
    let doctor = |id: &str, private: &str, gateway: &str| {
        let mut command = command(&["doctor", "--json", "--client-id", id]);
        command.args(["--gateway-url", shop.sandbox.gateway_url()]);
        command.args(["--private-key", &folder.path(private), "--gateway-key", &folder.path(gateway)]);
        beside(command)
    };
    let id = shop.sandbox.client_id();
    for (id, private, gateway, fix) in [
        (id, "other.pem", "gateway.txt", "paste what `antom-dev keys show` prints"),
        (id, "private.txt", "other.txt", "--gateway-key is not the key"),
        ("SANDBOX_OTHER", "private.txt", "gateway.txt", "does not know the client id"),
    ] {
        let ended = doctor(id, private, gateway).await;
        assert_eq!(ended.code, 1, "{}", ended.said());
        let found = findings(&ended);
        assert_eq!(found["answer"]["state"], "problem", "{}", ended.out);
        assert!(found["answer"]["fix"].as_str().unwrap().contains(fix), "{fix}: {}", ended.out);
        assert_eq!(found["reachability"]["state"], "ok", "{}", ended.out);
    }
    let target = || FaultTarget::Operation("payments/inquiryPayment".into());
    shop.sandbox.set_fault(target(), Fault::HtmlPage(502), None);
    let ended = shop.run(&["doctor", "--json"]).await;
    assert_eq!(
        (ended.code, &findings(&ended)["answer"]["state"]),
        (1, &Value::from("problem")),
        "{}",
        ended.out
    );
    // The first question is answered badly, and the second, on the other path, well.
    shop.sandbox.set_fault(target(), Fault::Unsigned, Some(1));
    let ended = shop.run(&["doctor", "--json", "--in-store"]).await;
    assert_eq!(ended.code, 1, "{}", ended.said());
    let path = &findings(&ended)["path"];
    assert!(path["fix"].as_str().unwrap().contains("without --in-store"), "{path}");
}

#[tokio::test]
async fn a_wrong_clock_and_a_silent_host_are_told() {
    let folder = Folder::new("doctor-clock");
    let mut config = SandboxConfig::default();
    config.clock = Clock::system();
    let sandbox = Sandbox::start(config).await.unwrap();
    let private = folder.file("private", sandbox.merchant_private_key().unwrap().expose());
    let gateway = folder.file("gateway", &sandbox.gateway_public_key());
    sandbox.advance(std::time::Duration::from_secs(3600)).await;
    let url = sandbox.gateway_url().to_owned();
    let doctor = || {
        let mut command = command(&["doctor", "--json", "--client-id", "SANDBOX_5Y0000000000000001"]);
        command.args(["--gateway-url", &url, "--private-key", &private, "--gateway-key", &gateway]);
        beside(command)
    };
    let ended = doctor().await;
    assert_eq!(ended.code, 1, "{}", ended.said());
    let found = findings(&ended);
    assert_eq!(found["clock"]["state"], "problem", "{}", ended.out);
    assert!(found["clock"]["says"].as_str().unwrap().contains("behind"), "{}", ended.out);
    assert!(found["answer"]["fix"].as_str().unwrap().contains("NTP"), "{}", ended.out);
    sandbox.shutdown().await;
    let ended = doctor().await;
    assert_eq!(ended.code, 1, "{}", ended.said());
    let found = findings(&ended);
    assert_eq!(found["reachability"]["state"], "problem", "{}", ended.out);
    assert!(found["reachability"]["fix"].is_string());
    assert_eq!(found["clock"]["state"], "skipped");
}
