//! `antom-dev sandbox`: the gateway on a port, for one's own program.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use antom::core::signature::PublicKey;
use antom_sandbox::engine::KeySet;
use antom_sandbox::{Sandbox, SandboxConfig};
use serde_json::json;

use super::read_file;
use crate::failure::Failure;
use crate::json::object;

/// Serves a sandbox gateway until it is interrupted. Prints how to reach it, as one JSON object, once it
/// serves.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The loopback address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The client id; begins with SANDBOX_.
    #[arg(long, value_name = "ID", default_value = "SANDBOX_5Y0000000000000001")]
    client_id: String,
    /// The public key your requests are signed for, instead of the published sandbox key.
    #[arg(long, value_name = "FILE")]
    merchant_public_key: Option<PathBuf>,
    /// Makes new key pairs for this run, instead of the published ones.
    #[arg(long)]
    fresh_keys: bool,
    /// Decides every id and token.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Where notifications go whose request names no URL.
    #[arg(long, value_name = "URL")]
    notify_url: Option<String>,
    /// Writes the same JSON object to this file, readable by you alone.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::input("starting the runtime failed", &error))?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: &Arguments) -> Result<(), Failure> {
    let mut config = SandboxConfig::default();
    config.listen = arguments.listen;
    config.client_id.clone_from(&arguments.client_id);
    config.keys = Some(keys(arguments)?);
    config.seed = arguments.seed;
    config.notify_url.clone_from(&arguments.notify_url);
    let sandbox = Sandbox::start(config).await.map_err(|error| Failure::input("the sandbox", &error))?;
    // Before the first client can know of it: whoever waits for the line may interrupt at once.
    let interrupted = tokio::signal::ctrl_c();
    let ready = ready(&sandbox);
    if let Some(path) = &arguments.ready_file {
        write_private(path, &ready).map_err(|error| {
            Failure::input(&format!("--ready-file: writing {} failed", path.display()), &error)
        })?;
    }
    writeln!(std::io::stdout(), "{ready}")?;
    interrupted.await.map_err(|error| Failure::input("waiting for the interrupt failed", &error))?;
    sandbox.shutdown().await;
    Ok(())
}

fn keys(arguments: &Arguments) -> Result<KeySet, Failure> {
    let keys = match arguments.fresh_keys {
        true => KeySet::fresh().map_err(|error| Failure::input("--fresh-keys", &error))?,
        false => KeySet::published().map_err(|error| Failure::input("the published keys", &error))?,
    };
    let Some(path) = &arguments.merchant_public_key else { return Ok(keys) };
    let key = PublicKey::parse(read_file("--merchant-public-key", path)?)
        .map_err(|error| Failure::input("--merchant-public-key", &error))?;
    Ok(keys.with_merchant_public_key(key))
}

/// What a program needs to call this sandbox.
fn ready(sandbox: &Sandbox) -> String {
    let private_key = sandbox.merchant_private_key().map(|key| key.expose().clone());
    let mut environment = vec![
        format!("ANTOM_GATEWAY_URL={}", sandbox.gateway_url()),
        format!("ANTOM_CLIENT_ID={}", sandbox.client_id()),
        format!("ANTOM_PUBLIC_KEY={}", sandbox.gateway_public_key()),
    ];
    environment.extend(private_key.as_ref().map(|key| format!("ANTOM_PRIVATE_KEY={key}")));
    object(&[
        ("gateway_url", json!(sandbox.gateway_url())),
        ("client_id", json!(sandbox.client_id())),
        ("merchant_private_key", json!(private_key)),
        ("antom_public_key", json!(sandbox.gateway_public_key())),
        ("environment", json!(environment)),
    ])
}

/// The object holds a private key: nobody else may read the file, not even for a moment, and not if it was
/// there before with other permissions.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    writeln!(file, "{text}")
}
