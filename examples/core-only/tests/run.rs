//! Plays the program against a sandbox, and looks at what it is made of.
#![allow(clippy::unwrap_used)]

use std::process::Command;

use antom_sandbox::{Sandbox, SandboxConfig};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn it_pays_and_inquires() {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let url = sandbox.gateway_url().to_owned();
    let played = Command::new(env!("CARGO_BIN_EXE_antom-example-core-only")).arg(url).output().unwrap();
    let output = String::from_utf8(played.stdout).unwrap();
    assert!(played.status.success(), "{output}{}", String::from_utf8_lossy(&played.stderr));
    assert!(output.contains("PAYMENT_IN_PROCESS") && output.contains("Signature(KeyVersion(1))"), "{output}");
    assert!(output.contains("inquiry: Some(Processing)"), "{output}");
}

#[test]
fn no_http_crate_is_behind_it() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--prefix", "none", "--edges", "normal", "--package"])
        .arg(env!("CARGO_PKG_NAME"))
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"antom-core"), "{names:?}");
    for stack in ["http", "httparse", "hyper", "reqwest", "ureq", "curl", "tokio", "rustls"] {
        assert!(!names.contains(&stack), "{stack} is behind it: {names:?}");
    }
}
