//! `antom-dev sign`: the signature header of a message.

use std::io::Write as _;
use std::path::PathBuf;

use antom::core::signature::{KeyVersion, PrivateKey, RsaSigner, Signer as _, content, header};

use super::{Signed, read_file};
use crate::failure::Failure;

/// Signs a message as a merchant signs a request, or Antom a notification, and prints the header's value.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    signed: Signed,
    /// The file with the private key: PKCS#8 or PKCS#1, PEM or one line of base64.
    #[arg(long, value_name = "FILE")]
    private_key: PathBuf,
    /// The version of the key that the header names.
    #[arg(long, default_value_t = 1, value_name = "N")]
    key_version: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let parts = arguments.signed.read()?;
    let unusable = |error: &(dyn std::error::Error + 'static)| Failure::input("--private-key", error);
    let key = PrivateKey::parse(read_file("--private-key", &arguments.private_key)?)
        .map_err(|error| unusable(&error))?;
    let version = KeyVersion::new(arguments.key_version);
    let signer = RsaSigner::new(&key, version).map_err(|error| unusable(&error))?;
    let input = content(&parts.method, &parts.path, &parts.client_id, &parts.time, &parts.body);
    let signature = signer.sign(&input).map_err(|error| Failure::input("--private-key", &error))?;
    Ok(writeln!(std::io::stdout(), "{}", header::render(&signature, version))?)
}
