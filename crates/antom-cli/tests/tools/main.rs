//! `antom-dev keys`, `report`, `call`, `doctor`, `listen` and `trigger`, as a person at a terminal has them, against a sandbox in this
//! process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod api_key;
mod call;
mod channel;
mod doctor;
mod keys;
mod report;
mod webhooks;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use antom_sandbox::{Sandbox, SandboxConfig};
use serde_json::Value;

/// A folder of a test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tools-{name}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, content: &str) -> String {
        fs::write(self.0.join(name), content).unwrap();
        self.path(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// How a run ended.
struct Ended {
    code: i32,
    out: String,
    err: String,
}

impl Ended {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }

    fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

/// A command of which nothing comes from the environment of the tests.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antom-dev"));
    command.args(arguments).stdin(Stdio::null());
    for name in ["API_KEY", "CLIENT_ID", "GATEWAY_URL", "PRIVATE_KEY", "PUBLIC_KEY"] {
        command.env_remove(format!("ANTOM_{name}"));
    }
    command
}

fn end(mut command: Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn run(arguments: &[&str]) -> Ended {
    end(command(arguments))
}

/// Runs a command while the servers of this test go on serving.
async fn beside(command: Command) -> Ended {
    tokio::task::spawn_blocking(|| end(command)).await.unwrap()
}

/// A sandbox, and the options with which a command calls it.
struct Shop {
    sandbox: Sandbox,
    folder: Folder,
}

impl Shop {
    async fn open(name: &str) -> Self {
        let folder = Folder::new(name);
        let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
        folder.file("private.txt", sandbox.merchant_private_key().unwrap().expose());
        folder.file("gateway.txt", &sandbox.gateway_public_key());
        Self { sandbox, folder }
    }

    /// Client id, gateway and keys.
    fn account(&self, gateway_url: &str) -> Vec<String> {
        let options = [
            ("--client-id", self.sandbox.client_id().to_owned()),
            ("--gateway-url", gateway_url.to_owned()),
            ("--private-key", self.folder.path("private.txt")),
            ("--gateway-key", self.folder.path("gateway.txt")),
        ];
        options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }

    /// Runs a command with the account's options behind these arguments.
    async fn run(&self, arguments: &[&str]) -> Ended {
        self.run_at(self.sandbox.gateway_url(), arguments).await
    }

    /// The same with another gateway.
    async fn run_at(&self, gateway_url: &str, arguments: &[&str]) -> Ended {
        let mut command = command(arguments);
        command.args(self.account(gateway_url));
        beside(command).await
    }
}
