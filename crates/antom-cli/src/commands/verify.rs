//! `antom-dev verify`: whether a signature holds, and if not, over what it would.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use antom::core::signature::{KeyVersion, PublicKey, RsaVerifier, Signature, Verifier as _, content, header};
use sha2::{Digest as _, Sha256};

use super::{Parts, Signed, read_file};
use crate::failure::Failure;

/// Checks the signature of a request, an answer or a notification.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 the signature holds; 1 it does not, or the header is malformed; \
    2 the arguments or the files they name cannot be used.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    signed: Signed,
    /// The value of the `Signature` header.
    #[arg(long, value_name = "HEADER")]
    signature: String,
    /// The file with the signer's public key: SubjectPublicKeyInfo or PKCS#1, PEM or one line of base64.
    #[arg(long, value_name = "FILE")]
    public_key: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let parts = arguments.signed.read()?;
    let key = PublicKey::parse(read_file("--public-key", &arguments.public_key)?)
        .map_err(|error| Failure::input("--public-key", &error))?;
    let header =
        header::parse(&arguments.signature).map_err(|error| Failure::check("--signature", &error))?;
    let signature = header.decode().map_err(|error| Failure::check("--signature", &error))?;
    let fingerprint = key.fingerprint();
    let verifier = RsaVerifier::new(key, header.key_version.unwrap_or_default());
    let described = describe(&parts, header.key_version, &fingerprint);
    if holds(&verifier, &parts, &signature) {
        return Ok(writeln!(std::io::stdout(), "verified\n{described}")?);
    }
    let mut text = format!("the signature does not hold\n{described}\n");
    match variants(&parts).into_iter().find(|(_, variant)| holds(&verifier, variant, &signature)) {
        Some((what, _)) => {
            let _ = write!(text, "It would hold {what}.");
        }
        None => text.push_str(LIKELY),
    }
    Err(Failure::Check(text))
}

const LIKELY: &str = "Likely causes, in this order:\n\
    \x20 1. the path is not the one that was signed: a proxy rewrote it, or it is the wrong one\n\
    \x20 2. the body was written anew on the way, by a framework or an editor; it must be the bytes of the wire\n\
    \x20 3. the public key is another one: your own instead of Antom's, sandbox instead of live, before a rotation";

fn holds(verifier: &RsaVerifier, parts: &Parts, signature: &Signature) -> bool {
    let input = content(&parts.method, &parts.path, &parts.client_id, &parts.time, &parts.body);
    verifier.verify(None, &input, signature).is_ok()
}

fn describe(parts: &Parts, version: Option<KeyVersion>, fingerprint: &str) -> String {
    let digest = Sha256::digest(&parts.body).iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    let version = version.map_or_else(|| "none named".to_owned(), |version| version.to_string());
    format!(
        "  {} {}\n  client id   {}\n  time        {} ({})\n  body        {} bytes, SHA-256 {digest}\n  \
         key version {version}\n  public key  SHA-256 {fingerprint}",
        parts.method,
        parts.path,
        parts.client_id,
        parts.time.as_str(),
        parts.time.instant(),
        parts.body.len(),
    )
}

/// The slips that are worth a try, each with what it says of the signature if it holds.
fn variants(parts: &Parts) -> Vec<(&'static str, Parts)> {
    let with_path = |path: String| Parts { path, ..parts.clone() };
    let with_body = |body: &[u8]| Parts { body: body.to_vec(), ..parts.clone() };
    let mut variants = Vec::new();
    if let Some((path, _)) = parts.path.split_once('?') {
        variants.push(("over the path without its query", with_path(path.to_owned())));
    }
    if let Some(rest) = parts.path.strip_prefix("/ams/sandbox/api/") {
        variants
            .push(("over the live path (in-store products keep it)", with_path(format!("/ams/api/{rest}"))));
    }
    if let Some(rest) = parts.path.strip_prefix("/ams/api/") {
        variants.push(("over the sandbox path", with_path(format!("/ams/sandbox/api/{rest}"))));
    }
    if let Some(body) = parts.body.strip_suffix(b"\r\n").or_else(|| parts.body.strip_suffix(b"\n")) {
        variants.push(("over the body without the line break at its end", with_body(body)));
    }
    if let Some(body) = parts.body.strip_prefix(b"\xef\xbb\xbf") {
        variants.push(("over the body without the byte order mark", with_body(body)));
    }
    variants
}
