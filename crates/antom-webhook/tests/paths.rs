//! The path, which is signed and therefore configured.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use antom_webhook::{ConfigError, FailedStep, WebhookVerifier};
use support::{BODY, GATEWAY, NOW, PATH, VERIFIER, client_id, head, verifier};

#[test]
fn exactly_two_forms_of_the_path_are_signed() {
    let target = format!("{PATH}?shop=7&x=%20");
    for sent in
        [GATEWAY.sign(&target, BODY, NOW).unwrap(), GATEWAY.sign_with_query(&target, BODY, NOW).unwrap()]
    {
        assert!(VERIFIER.verify(&sent.head(), sent.body().clone(), NOW).is_ok());
    }
    let sent = GATEWAY.sign_with_query(&target, BODY, NOW).unwrap();
    for other in
        [PATH.to_owned(), format!("{PATH}?shop=7"), format!("{PATH}?x=%20&shop=7"), format!("{target}&")]
    {
        let error =
            VERIFIER.verify(&head("POST", &other, sent.headers()), sent.body().clone(), NOW).unwrap_err();
        assert!(matches!(error.step(), FailedStep::Signature(_)), "{other}");
    }
    for signed in ["/", "/other", "/antom/notify/", "/antom", "/ANTOM/NOTIFY", "/antom//notify"] {
        let sent = GATEWAY.sign(signed, BODY, NOW).unwrap();
        let error = VERIFIER.verify(&sent.head(), sent.body().clone(), NOW).unwrap_err();
        assert_eq!(error.step(), &FailedStep::Path, "{signed}");
        // Signed for another path and sent to ours.
        let error =
            VERIFIER.verify(&head("POST", PATH, sent.headers()), sent.body().clone(), NOW).unwrap_err();
        assert!(matches!(error.step(), FailedStep::Signature(_)), "{signed}");
    }
    for odd in ["/antom/notify?a b", "/antom/notify?\n", "/antom/notify?ä"] {
        let sent = GATEWAY.sign(PATH, "{}", NOW).unwrap();
        assert!(VERIFIER.verify(&head("POST", odd, sent.headers()), sent.body().clone(), NOW).is_ok());
    }
}

#[test]
fn a_reverse_proxy_may_change_the_path() {
    let behind = WebhookVerifier::builder(client_id(), GATEWAY.keyring().clone())
        .path("/shop/antom/notify")
        .local_path("/notify")
        .build()
        .unwrap();
    let sent = GATEWAY.sign("/shop/antom/notify", BODY, NOW).unwrap();
    let arrived = head("POST", "/notify", sent.headers());
    let verified = behind.verify(&arrived, sent.body().clone(), NOW).unwrap();
    assert_eq!(verified.path(), "/shop/antom/notify");
    assert_eq!(behind.verify(&sent.head(), sent.body().clone(), NOW).unwrap_err().step(), &FailedStep::Path);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let build = |path: Option<&str>, local: Option<&str>| {
        let builder = WebhookVerifier::builder(client_id(), GATEWAY.keyring().clone());
        let builder = path.into_iter().fold(builder, |builder, path| builder.path(path));
        local.into_iter().fold(builder, |builder, path| builder.local_path(path)).build().map(|_| ())
    };
    assert_eq!(build(None, None), Err(ConfigError::PathMissing));
    for bad in ["", "notify", "https://shop.example/notify", "/no tify", "/n\n"] {
        assert!(matches!(build(Some(bad), None), Err(ConfigError::Path { which: "path", .. })), "{bad}");
        assert!(
            matches!(build(Some("/"), Some(bad)), Err(ConfigError::Path { which: "local_path", .. })),
            "{bad}"
        );
    }
    assert_eq!(build(Some("/n?a=b"), None), Err(ConfigError::PathHasQuery { which: "path" }));
    assert_eq!(build(Some("/n#a"), None), Err(ConfigError::PathHasQuery { which: "path" }));
    assert_eq!(build(Some("/"), None), Ok(()));
    assert_eq!(verifier("/n").local_path(), "/n");
}
