use std::fs;

use antom::core::signature::sandbox_keys::{GATEWAY_PUBLIC_KEY, MERCHANT_PRIVATE_KEY, MERCHANT_PUBLIC_KEY};
use antom::core::signature::{PrivateKey, PublicKey};

use super::{Folder, run};

#[test]
fn a_new_pair_can_be_used_and_is_private() {
    let folder = Folder::new("keys-new");
    let (private, public) = (folder.path("private.pem"), folder.path("public.txt"));
    let made = run(&["keys", "new", "--private-key", &private, "--public-key", &public]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(!made.said().contains("PRIVATE KEY"), "{}", made.said());
    let text = fs::read_to_string(&private).unwrap();
    assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert!(text.lines().all(|line| line.len() <= 64));
    let key = PrivateKey::parse(&text).unwrap();
    assert_eq!(key.bits(), 2048);
    assert_eq!(made.out.trim_end(), key.public().to_spki_base64());
    assert_eq!(fs::read_to_string(&public).unwrap(), made.out);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&private).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(run(&["keys", "check", "--private-key", &private, "--public-key", &public]).code, 0);
    // A key that is in use is not lost, and no public key without its private half stays.
    let other = folder.path("other.txt");
    let again = run(&["keys", "new", "--private-key", &private, "--public-key", &other]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("not overwritten"), "{}", again.err);
    assert_eq!(fs::read_to_string(&private).unwrap(), text);
    assert!(!fs::exists(&other).unwrap());
}

#[test]
fn a_private_key_is_printed_only_when_asked_for() {
    let made = run(&["keys", "new", "--private-key", "-"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let key = PrivateKey::parse(&made.out).unwrap();
    assert!(made.err.contains(&key.public().to_spki_base64()) && !made.err.contains("PRIVATE KEY"));
    let json = run(&["keys", "new", "--private-key", "-", "--json"]).json();
    let key = PrivateKey::parse(json["private_key"].as_str().unwrap()).unwrap();
    assert_eq!(json["public_key"], key.public().to_spki_base64());
}

#[test]
fn show_prints_what_the_dashboard_takes() {
    let folder = Folder::new("keys-show");
    let line = PublicKey::parse(MERCHANT_PUBLIC_KEY).unwrap().to_spki_base64();
    for (text, kind) in
        [(MERCHANT_PRIVATE_KEY, "private"), (MERCHANT_PUBLIC_KEY, "public"), (line.as_str(), "public")]
    {
        let file = folder.file("key", text);
        let shown = run(&["keys", "show", &file]);
        assert_eq!((shown.code, shown.out.trim_end()), (0, line.as_str()), "{}", shown.err);
        assert!(shown.err.contains(&format!("holds a {kind} key")), "{}", shown.err);
        let json = run(&["keys", "show", "--json", &file]).json();
        assert_eq!((json["file_holds"].as_str(), json["published"].as_bool()), (Some(kind), Some(true)));
        assert_eq!(json["public_key"], line);
    }
    let bad = run(&["keys", "show", &folder.file("no-key", "hello")]);
    assert_eq!(bad.code, 2, "{}", bad.err);
}

#[test]
fn keys_that_do_not_go_together_are_named() {
    let folder = Folder::new("keys-check");
    let private = folder.file("private", MERCHANT_PRIVATE_KEY);
    let mine = folder.file("mine", MERCHANT_PUBLIC_KEY);
    let gateway = folder.file("gateway", GATEWAY_PUBLIC_KEY);
    let check = |public: &str, gateway: &str, id: &str| {
        run(&[
            "keys",
            "check",
            "--private-key",
            &private,
            "--public-key",
            public,
            "--gateway-key",
            gateway,
            "--client-id",
            id,
        ])
    };
    let good = check(&mine, &gateway, "SANDBOX_1");
    assert_eq!(good.code, 0, "{}", good.said());
    for (public, gateway, id, said) in [
        (&gateway, &mine, "SANDBOX_1", "mixed up"),
        (&gateway, &gateway, "SANDBOX_1", "mixed up"),
        (&mine, &mine, "SANDBOX_1", "your own public key"),
        (&mine, &gateway, "5Y1", "published sandbox key"),
    ] {
        let bad = check(public, gateway, id);
        assert_eq!(bad.code, 1, "{said}: {}", bad.said());
        assert!(bad.err.contains(said), "{}", bad.err);
    }
    let other = folder.path("other-private");
    assert_eq!(run(&["keys", "new", "--private-key", &other]).code, 0);
    let foreign = run(&["keys", "check", "--json", "--private-key", &other, "--public-key", &mine]);
    assert_eq!(foreign.code, 1);
    assert_eq!(foreign.json()["ok"], false);
}

#[test]
fn the_text_of_a_key_is_no_file_name_and_is_not_repeated() {
    let line: String = MERCHANT_PRIVATE_KEY.lines().filter(|line| !line.starts_with("-----")).collect();
    for text in [MERCHANT_PRIVATE_KEY, line.as_str()] {
        let refused = run(&["keys", "check", &format!("--private-key={text}"), "--public-key", "x"]);
        assert_eq!(refused.code, 2);
        assert!(refused.err.contains("the text of a key"), "{}", refused.err);
        assert!(!refused.said().contains("MII"), "{}", refused.said());
    }
}
