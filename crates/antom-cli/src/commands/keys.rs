//! `antom-dev keys`: RSA key pairs, as files.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use antom::core::secret::Secret;
use antom::core::signature::{
    ClientId, KeyError, KeyVersion, PrivateKey, PublicKey, RsaSigner, RsaVerifier, Signer as _,
    Verifier as _, check_not_published, is_published_sandbox_key,
};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::account::KeyPlace;
use crate::failure::Failure;
use crate::json::object;

/// Makes, shows and checks RSA key pairs. A private key goes to a file that you alone can read, never to the
/// terminal unless you ask for it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 as it should be; 1 the keys do not go together; 2 the arguments or the files \
    they name cannot be used."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    New(New),
    Show(Show),
    Check(Check),
}

/// Makes a new pair. The private key goes to a new file (PKCS#8 PEM, mode 0600), the public key to standard output in the
/// form the dashboard takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    antom-dev keys new --private-key merchant-private.pem --public-key merchant-public.txt\n  \
    antom-dev keys new --private-key - | your-secret-store put antom-private-key\n\n\
    Paste the public key into the dashboard as your own public key, then copy Antom's public key from there.")]
struct New {
    /// The file for the private key; it must not be there yet. `-` is standard output: then the public key goes to
    /// standard error.
    #[arg(long, value_name = "FILE")]
    private_key: PathBuf,
    /// Also writes the public key to this file; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// The length of the key.
    #[arg(long, value_enum, default_value_t = Bits::B2048)]
    bits: Bits,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Bits {
    #[value(name = "2048")]
    B2048,
    #[value(name = "3072")]
    B3072,
    #[value(name = "4096")]
    B4096,
}

/// Shows the public key of a private or public key file in the form the dashboard takes: one line of base64
/// (SubjectPublicKeyInfo). What else there is to say about it goes to standard error.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  antom-dev keys show merchant-private.pem")]
struct Show {
    /// A private or public key: PEM, one line of base64 or DER.
    #[arg(value_name = "FILE")]
    key: PathBuf,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Checks that keys go together: your public key is the private key's, Antom's public key is another one, and for a live
/// account none of them is a published one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  antom-dev keys check --private-key merchant-private.pem \
    --public-key merchant-public.txt --gateway-key antom-public.txt --client-id SANDBOX_5Y0000000000000001")]
struct Check {
    /// The file with your private key.
    #[arg(long, value_name = "FILE")]
    private_key: PathBuf,
    /// A file with the public key that should belong to it, such as a copy of what the dashboard shows as yours.
    #[arg(long, value_name = "FILE", required_unless_present = "gateway_key")]
    public_key: Option<PathBuf>,
    /// A file with Antom's public key.
    #[arg(long, value_name = "FILE")]
    gateway_key: Option<PathBuf>,
    /// The account the keys are for.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::New(arguments) => new(arguments),
        Command::Show(arguments) => show(arguments),
        Command::Check(arguments) => check(arguments),
    }
}

fn new(arguments: &New) -> Result<(), Failure> {
    let key = generate(arguments.bits)?;
    let pem = pem(&key);
    let public = key.public().to_spki_base64();
    let to_terminal = arguments.private_key.as_os_str() == "-";
    if let Some(path) = &arguments.public_key {
        create("--public-key", path, 0o644, public.as_bytes())?;
    }
    if !to_terminal {
        let written =
            create("--private-key", &arguments.private_key, 0o600, pem.expose().trim_end().as_bytes());
        if let (Err(_), Some(path)) = (&written, &arguments.public_key) {
            // A public key without its private half would only mislead; if it stays, the error still stands.
            let _ = std::fs::remove_file(path);
        }
        written?;
    }
    let shown = |path: &Path| json!(path.display().to_string());
    if arguments.json {
        let text = object(&[
            ("public_key", json!(public)),
            ("fingerprint", json!(key.public().fingerprint())),
            ("bits", json!(key.bits())),
            ("public_key_file", arguments.public_key.as_deref().map_or(json!(null), shown)),
            ("private_key_file", if to_terminal { json!(null) } else { shown(&arguments.private_key) }),
            ("private_key", if to_terminal { json!(pem.expose()) } else { json!(null) }),
        ]);
        return Ok(writeln!(std::io::stdout(), "{text}")?);
    }
    let mut notes = std::io::stderr().lock();
    if to_terminal {
        write!(std::io::stdout(), "{}", pem.expose())?;
        writeln!(notes, "public key  {public}")?;
    } else {
        writeln!(std::io::stdout(), "{public}")?;
        writeln!(notes, "private key {} (readable by you alone)", arguments.private_key.display())?;
    }
    writeln!(notes, "fingerprint SHA-256 {}, {} bits", key.public().fingerprint(), key.bits())?;
    Ok(writeln!(notes, "next        paste the public key into the dashboard as your own public key")?)
}

fn generate(bits: Bits) -> Result<PrivateKey, Failure> {
    let no_key = || Failure::Input("making a key failed: the system gave no randomness".into());
    let size = match bits {
        Bits::B2048 => KeySize::Rsa2048,
        Bits::B3072 => KeySize::Rsa3072,
        Bits::B4096 => KeySize::Rsa4096,
    };
    let pair = KeyPair::generate(size).map_err(|_| no_key())?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| no_key())?;
    PrivateKey::parse(der.as_ref()).map_err(|error| Failure::input("the new key", &error))
}

/// The key as PEM of PKCS#8.
fn pem(key: &PrivateKey) -> Secret<String> {
    const BEGIN: &str = "-----BEGIN PRIVATE KEY-----\n";
    const END: &str = "-----END PRIVATE KEY-----\n";
    let base64 = Secret::new(STANDARD.encode(key.to_pkcs8_der().expose()));
    let digits = base64.expose();
    // Room for all at once: a text that grows leaves copies behind.
    let mut text = String::with_capacity(BEGIN.len() + END.len() + digits.len() + digits.len() / 64 + 1);
    text.push_str(BEGIN);
    for (at, digit) in digits.char_indices() {
        text.push(digit);
        if at % 64 == 63 || at + 1 == digits.len() {
            text.push('\n');
        }
    }
    text.push_str(END);
    Secret::new(text)
}

/// Writes a file that must not be there yet: a key that is in use must not be lost.
fn create(option: &str, path: &Path, mode: u32, text: &[u8]) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    options
        .open(path)
        .and_then(|mut file| {
            file.write_all(text)?;
            file.write_all(b"\n")?;
            file.sync_all()
        })
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Failure::Input(format!(
                "{option}: {} is there already and is not overwritten; choose another name",
                path.display()
            )),
            _ => Failure::input(&format!("{option}: writing {} failed", path.display()), &error),
        })
}

fn show(arguments: &Show) -> Result<(), Failure> {
    let place = KeyPlace::file("FILE", arguments.key.clone())?;
    let bytes = place.read().map_err(Failure::Input)?;
    let (kind, key) = match PrivateKey::parse(bytes.expose()) {
        Ok(key) => ("private", key.public().clone()),
        Err(KeyError::WrongKind { found: "a public key", .. }) => {
            let key = PublicKey::parse(bytes.expose());
            ("public", key.map_err(|error| Failure::input(&place.to_string(), &error))?)
        }
        Err(error) => return Err(Failure::input(&place.to_string(), &error)),
    };
    let published = is_published_sandbox_key(&key);
    if arguments.json {
        let text = object(&[
            ("public_key", json!(key.to_spki_base64())),
            ("fingerprint", json!(key.fingerprint())),
            ("bits", json!(key.bits())),
            ("file_holds", json!(kind)),
            ("published", json!(published)),
        ]);
        return Ok(writeln!(std::io::stdout(), "{text}")?);
    }
    writeln!(std::io::stdout(), "{}", key.to_spki_base64())?;
    let mut notes = std::io::stderr().lock();
    writeln!(
        notes,
        "fingerprint SHA-256 {}, {} bits; the file holds a {kind} key",
        key.fingerprint(),
        key.bits()
    )?;
    if published {
        writeln!(
            notes,
            "published   anyone can sign with this pair: for SANDBOX_ accounts on your own machine only"
        )?;
    }
    Ok(())
}

fn check(arguments: &Check) -> Result<(), Failure> {
    let unusable = |option: &str, error: &(dyn std::error::Error + 'static)| Failure::input(option, error);
    let client_id = match &arguments.client_id {
        Some(id) => Some(ClientId::new(id).map_err(|error| unusable("--client-id", &error))?),
        None => None,
    };
    let bytes =
        KeyPlace::file("--private-key", arguments.private_key.clone())?.read().map_err(Failure::Input)?;
    let own = PrivateKey::parse(bytes.expose()).map_err(|error| unusable("--private-key", &error))?;
    let public = |option: &'static str, path: &Option<PathBuf>| -> Result<Option<PublicKey>, Failure> {
        let Some(path) = path else { return Ok(None) };
        let bytes = KeyPlace::file(option, path.clone())?.read().map_err(Failure::Input)?;
        PublicKey::parse(bytes.expose()).map(Some).map_err(|error| unusable(option, &error))
    };
    let mine = public("--public-key", &arguments.public_key)?;
    let gateway = public("--gateway-key", &arguments.gateway_key)?;
    let problems = mismatches(&own, mine.as_ref(), gateway.as_ref(), client_id.as_ref());
    if arguments.json {
        let print = |key: &PublicKey| json!(key.fingerprint());
        let text = object(&[
            ("ok", json!(problems.is_empty())),
            ("private_key", print(own.public())),
            ("public_key", mine.as_ref().map_or(json!(null), print)),
            ("gateway_key", gateway.as_ref().map_or(json!(null), print)),
            ("problems", json!(problems)),
        ]);
        writeln!(std::io::stdout(), "{text}")?;
    } else {
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "private key SHA-256 {} (of its public half), {} bits",
            own.public().fingerprint(),
            own.bits()
        )?;
        for (name, key) in [("public key ", &mine), ("gateway key", &gateway)] {
            if let Some(key) = key {
                writeln!(out, "{name} SHA-256 {}, {} bits", key.fingerprint(), key.bits())?;
            }
        }
        if problems.is_empty() {
            writeln!(out, "the keys go together")?;
        }
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Failure::Check(format!("the keys do not go together:\n- {}", problems.join("\n- ")))),
    }
}

/// What is wrong with these keys together.
fn mismatches(
    own: &PrivateKey,
    mine: Option<&PublicKey>,
    gateway: Option<&PublicKey>,
    client_id: Option<&ClientId>,
) -> Vec<String> {
    let mut problems = Vec::new();
    let signs = RsaSigner::new(own, KeyVersion::FIRST)
        .map_err(|error| error.to_string())
        .and_then(|signer| signer.sign(PROBE).map_err(|error| error.to_string()));
    match &signs {
        Err(error) => problems.push(format!("the private key does not sign: {error}; make a new pair")),
        Ok(signature) => {
            let holds = |key: &PublicKey| {
                RsaVerifier::new(key.clone(), KeyVersion::FIRST).verify(None, PROBE, signature).is_ok()
            };
            if mine.is_some_and(|key| !holds(key)) {
                problems.push(match gateway.is_some_and(&holds) || mine == gateway {
                    true => "the public key is not the private key's, and the gateway key is mixed up with it: the \
                        dashboard shows both keys, give each its place"
                        .into(),
                    false => "the public key is not the private key's: paste the line that `antom-dev keys show` prints for \
                        the private key into the dashboard"
                        .into(),
                });
            } else if gateway.is_some_and(&holds) {
                problems.push(
                    "the gateway key is your own public key: copy Antom's public key from the dashboard instead, with it you \
                     verify what Antom signs"
                        .into(),
                );
            }
        }
    }
    if let Some(client_id) = client_id {
        for (name, key) in [("private key", Some(own.public())), ("gateway key", gateway)] {
            if key.is_some_and(|key| check_not_published(client_id, key).is_err()) {
                problems.push(format!(
                    "the {name} is a published sandbox key, which anyone can sign with, and the account is a live one: \
                     use the account's own keys"
                ));
            }
        }
    }
    problems
}

/// Something to sign.
const PROBE: &[u8] = b"antom-dev keys check";
