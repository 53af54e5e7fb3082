//! What a client refuses to be built from.

use antom::core::profile::Region;
use antom::core::signature::{KeyError, KeyVersion, KeyringError, PrivateKey, RsaSigner, sandbox_keys};
use antom::{Client, ClientBuilder, ConfigError, ConfigProblem, KeySource};

use crate::gateway::CLIENT;
use crate::{OTHER_KEY, builder};

const URL: &str = "http://127.0.0.1:1";

fn problems(builder: ClientBuilder) -> ConfigError {
    builder.build().unwrap_err()
}

fn only(builder: ClientBuilder) -> String {
    let error = problems(builder);
    let [problem] = error.problems() else { panic!("{error}") };
    format!("{problem:?}").split(['(', ' ']).next().unwrap().to_owned()
}

#[test]
fn all_problems_come_in_one_error() {
    let error = problems(
        Client::builder()
            .gateway_url("http://gateway.example")
            .client_id("a b")
            .private_key(KeySource::env("ANTOM_TEST_VARIABLE_THAT_IS_NOT_SET"))
            .gateway_key(1, KeySource::file("/no/such/file.pem"))
            .gateway_key(2, "not a key")
            .agent_token("a\nb")
            .policy(antom::core::exchange::Policy { max_sends: 0, ..Default::default() }),
    );
    let text = error.to_string();
    for part in [
        "https://",
        "client id",
        "ANTOM_TEST_VARIABLE_THAT_IS_NOT_SET",
        "gateway key 1: reading the file /no/such/file.pem",
        "gateway key 2",
        "agent token",
        "max_sends",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(error.problems().len(), 7, "{text}");
    assert!(!text.contains("not a key"), "{text}");
}

#[test]
fn what_is_missing_is_named() {
    let error = problems(Client::builder());
    assert!(
        matches!(
            error.problems(),
            [ConfigProblem::NoGateway, ConfigProblem::NoClientId, ConfigProblem::NoPrivateKey]
        ),
        "{error}"
    );
    let no_gateway_key =
        Client::builder().gateway_url(URL).client_id(CLIENT).private_key(sandbox_keys::MERCHANT_PRIVATE_KEY);
    let error = problems(no_gateway_key);
    assert!(matches!(error.problems(), [ConfigProblem::GatewayKeys(KeyringError::Empty)]), "{error}");
}

#[test]
fn keys_that_anyone_has_or_that_are_mixed_up_are_refused() {
    let error = problems(builder(URL).client_id("LIVE_1"));
    assert!(
        matches!(
            error.problems(),
            [
                ConfigProblem::Published(_),
                ConfigProblem::GatewayKeys(KeyringError::PublishedSandboxKey { .. })
            ]
        ),
        "{error}"
    );
    let error = problems(builder(URL).gateway_key(2, sandbox_keys::MERCHANT_PUBLIC_KEY));
    assert!(
        matches!(error.problems(), [ConfigProblem::GatewayKeys(KeyringError::SameAsOwn { .. })]),
        "{error}"
    );
    let error = problems(builder(URL).gateway_key(1, OTHER_KEY));
    assert!(
        matches!(error.problems(), [ConfigProblem::GatewayKeys(KeyringError::DuplicateVersion { .. })]),
        "{error}"
    );
    let error = problems(builder(URL).private_key(sandbox_keys::GATEWAY_PUBLIC_KEY));
    assert!(matches!(error.problems(), [ConfigProblem::PrivateKey(KeyError::WrongKind { .. })]), "{error}");
    let error = problems(builder(URL).private_key(""));
    assert!(matches!(error.problems(), [ConfigProblem::PrivateKey(KeyError::Empty { .. })]), "{error}");
}

#[test]
fn keys_come_from_files_and_the_environment() {
    let path = std::env::temp_dir().join(format!("antom-key-{}.pem", std::process::id()));
    std::fs::write(&path, sandbox_keys::MERCHANT_PRIVATE_KEY.replace('\n', "\r\n")).unwrap();
    let built = builder(URL).private_key(KeySource::file(&path)).build();
    std::fs::remove_file(&path).unwrap();
    assert!(built.is_ok(), "{built:?}");
    // PATH is set wherever tests run, and is no key.
    assert_eq!(only(builder(URL).private_key(KeySource::env("PATH"))), "PrivateKey");
}

#[test]
fn a_signer_states_its_own_key_version() {
    let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY).unwrap();
    let signer = || RsaSigner::new(&key, KeyVersion::new(5)).unwrap();
    assert_eq!(only(builder(URL).signer(signer()).key_version(4)), "KeyVersion");
    let client = builder(URL).signer(signer()).build().unwrap();
    let antom::core::profile::Credentials::Rsa { key_version, .. } = client.profile().credentials() else {
        panic!()
    };
    assert_eq!(*key_version, KeyVersion::new(5));
}

#[test]
fn no_key_is_ever_shown() {
    let secret = sandbox_keys::MERCHANT_PRIVATE_KEY.lines().nth(3).unwrap();
    let settings = builder(URL).agent_token("t0ken");
    let shown =
        format!("{settings:?} {:?}", KeySource::text(secret)) + &format!("{:?}", settings.build().unwrap());
    assert!(!shown.contains(secret) && !shown.contains("t0ken"), "{shown}");
}

#[test]
fn a_region_names_antoms_gateway() {
    let built = builder(URL).region(Region::Europe).build();
    match built {
        Ok(client) => assert_eq!(client.profile().gateway().origin(), "https://open-de-global.alipay.com"),
        // A machine without root certificates says so, and nothing else is wrong.
        Err(error) => assert!(matches!(error.problems(), [ConfigProblem::Transport(_)]), "{error}"),
    }
}
