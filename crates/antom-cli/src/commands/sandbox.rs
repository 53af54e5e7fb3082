//! `antom-dev sandbox`: the gateway on a port, for one's own program.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use antom::core::signature::PublicKey;
use antom_sandbox::engine::KeySet;
use antom_sandbox::{Sandbox, SandboxClient, SandboxConfig};
use serde_json::json;

use super::read_file;
use crate::failure::Failure;
use crate::json::object;

/// Serves a sandbox gateway until it is interrupted. Prints how to reach it, as one JSON object, once it
/// serves.
///
/// Requests are signed and verified as at the real gateway; notifications are signed and redelivered. A buyer's
/// browser opens the URLs and codes it hands out; `admin_url` takes commands (docs/sandbox.md): the clock, the buyer,
/// faults, the journal.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The address to listen on, a loopback address unless --beyond-loopback is given; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Lets --listen name an address that other machines reach. Commands are then taken at a loopback address of their
    /// own.
    #[arg(long)]
    beyond_loopback: bool,
    /// Serves HTTPS under a certificate authority made for this run, whose certificate `ca_file` holds: some SDKs
    /// call nothing else.
    #[arg(long)]
    tls: bool,
    /// Where `ca_file` is written; a temporary file, removed at the end, unless set.
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca_file: Option<PathBuf>,
    /// The client id; begins with SANDBOX_.
    #[arg(long, value_name = "ID", default_value = "SANDBOX_5Y0000000000000001")]
    client_id: String,
    /// One more client with a state of its own; may be given more than once. Its requests are signed for the public key
    /// in FILE, or for the same key as the first client's.
    #[arg(long, value_name = "ID[=FILE]")]
    client: Vec<String>,
    /// Keeps the state in this SQLite file, made if there is none, and goes on from it: payments, tokens,
    /// notifications that wait, the clock. Faults and the journal are of one run.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
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
    /// Refuses requests for what the API would only ignore: unknown members, words that are not listed.
    #[arg(long)]
    strict: bool,
    /// A host beside the loopback that notifications may go to; may be given more than once.
    #[arg(long, value_name = "HOST")]
    allow_notify: Vec<String>,
    /// Certificates as PEM that deliveries over HTTPS trust beside the platform's: of an authority of your own.
    #[arg(long, value_name = "FILE")]
    notify_ca: Option<PathBuf>,
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
    config.beyond_loopback = arguments.beyond_loopback;
    config.tls = arguments.tls;
    config.client_id.clone_from(&arguments.client_id);
    config.keys = Some(keys(arguments)?);
    config.clients = arguments.client.iter().map(|client| one_more(client)).collect::<Result<_, _>>()?;
    config.state_file.clone_from(&arguments.state);
    config.seed = arguments.seed;
    config.notify_url.clone_from(&arguments.notify_url);
    config.strict = arguments.strict;
    config.notify_hosts.clone_from(&arguments.allow_notify);
    config.notify_ca = arguments.notify_ca.as_deref().map(|path| text("--notify-ca", path)).transpose()?;
    let sandbox = Sandbox::start(config).await.map_err(|error| Failure::input("the sandbox", &error))?;
    // Before the first client can know of it: whoever waits for the line may interrupt at once.
    let mut ended =
        Ended::listen().map_err(|error| Failure::input("listening for signals failed", &error))?;
    let authority = Authority::write(&sandbox, arguments.ca_file.as_deref())?;
    let ready = ready(&sandbox, authority.as_ref().map(|authority| authority.path.as_path()));
    if let Some(path) = &arguments.ready_file {
        write_private(path, &ready).map_err(|error| {
            Failure::input(&format!("--ready-file: writing {} failed", path.display()), &error)
        })?;
    }
    writeln!(std::io::stdout(), "{ready}")?;
    ended.wait().await.map_err(|error| Failure::input("waiting for the interrupt failed", &error))?;
    sandbox.shutdown().await;
    Ok(())
}

/// Somebody wants it to end: by hand, or as services are ended.
struct Ended {
    #[cfg(unix)]
    interrupted: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminated: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Ended {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupted = signal(SignalKind::interrupt())?;
        Ok(Self { interrupted, terminated: signal(SignalKind::terminate())? })
    }

    async fn wait(&mut self) -> std::io::Result<()> {
        tokio::select! {
            _ = self.interrupted.recv() => {}
            _ = self.terminated.recv() => {}
        }
        Ok(())
    }
}

#[cfg(not(unix))]
impl Ended {
    #[expect(clippy::unnecessary_wraps, reason = "on Unix it can fail")]
    fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    async fn wait(&mut self) -> std::io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}

/// The file with the certificate that clients have to trust.
struct Authority {
    path: PathBuf,
    /// What is removed at the end: the folder that was made for it.
    folder: Option<PathBuf>,
}

impl Authority {
    fn write(sandbox: &Sandbox, file: Option<&Path>) -> Result<Option<Self>, Failure> {
        let Some(pem) = sandbox.authority() else { return Ok(None) };
        let authority = match file {
            Some(path) => Self { path: path.to_path_buf(), folder: None },
            None => {
                let folder = private_folder()
                    .map_err(|error| Failure::input("ca_file: making a temporary folder failed", &error))?;
                Self { path: folder.join("ca.pem"), folder: Some(folder) }
            }
        };
        std::fs::write(&authority.path, pem).map_err(|error| {
            Failure::input(&format!("ca_file: writing {} failed", authority.path.display()), &error)
        })?;
        Ok(Some(authority))
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_file(&self.path);
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// A new folder of our own among the temporary files: whoever could write there could put an authority in its place
/// that clients then trust.
fn private_folder() -> std::io::Result<PathBuf> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let mut number = 0;
    loop {
        let path = std::env::temp_dir().join(format!("antom-sandbox-{}-{number}", std::process::id()));
        match builder.create(&path) {
            Ok(()) => return Ok(path),
            // What is there may be somebody else's.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && number < 100 => number += 1,
            Err(error) => return Err(error),
        }
    }
}

fn text(option: &str, path: &Path) -> Result<String, Failure> {
    String::from_utf8(read_file(option, path)?)
        .map_err(|error| Failure::input(&format!("{option}: {} is no text", path.display()), &error))
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

/// A client as `--client` names it.
fn one_more(text: &str) -> Result<SandboxClient, Failure> {
    let Some((id, file)) = text.split_once('=') else { return Ok(SandboxClient::new(text)) };
    let key = PublicKey::parse(read_file("--client", Path::new(file))?)
        .map_err(|error| Failure::input("--client", &error))?;
    Ok(SandboxClient::new(id).with_merchant_public_key(key))
}

/// What a program needs to call this sandbox.
fn ready(sandbox: &Sandbox, ca_file: Option<&Path>) -> String {
    let private_key = sandbox.merchant_private_key().map(|key| key.expose().clone());
    let mut environment = vec![
        format!("ANTOM_GATEWAY_URL={}", sandbox.gateway_url()),
        format!("ANTOM_CLIENT_ID={}", sandbox.client_id()),
        format!("ANTOM_PUBLIC_KEY={}", sandbox.gateway_public_key()),
    ];
    environment.extend(private_key.as_ref().map(|key| format!("ANTOM_PRIVATE_KEY={key}")));
    let ca_file = ca_file.map(|path| path.display().to_string());
    environment.extend(ca_file.as_ref().map(|path| format!("SSL_CERT_FILE={path}")));
    object(&[
        ("gateway_url", json!(sandbox.gateway_url())),
        ("admin_url", json!(sandbox.admin_url())),
        ("admin_token", json!(sandbox.admin_token().expose())),
        ("client_id", json!(sandbox.client_id())),
        ("merchant_private_key", json!(private_key)),
        ("antom_public_key", json!(sandbox.gateway_public_key())),
        ("ca_file", json!(ca_file)),
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
