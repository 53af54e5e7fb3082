//! One module per command.

pub(crate) mod account;
pub(crate) mod call;
mod caller;
pub(crate) mod doctor;
pub(crate) mod keys;
pub(crate) mod lint;
pub(crate) mod listen;
pub(crate) mod post;
pub(crate) mod report;
pub(crate) mod sandbox;
pub(crate) mod shown;
pub(crate) mod sign;
pub(crate) mod trigger;
pub(crate) mod verify;

use std::fs;
use std::io::Read as _;
use std::path::Path;

use antom::core::signature::{ClientId, check_path};
use antom::core::time::WireTime;

use crate::failure::Failure;

/// The parts of a signed message beside its body, as the command line names them.
#[derive(Debug, clap::Args)]
pub(crate) struct Signed {
    /// The HTTP method.
    #[arg(long, default_value = "POST")]
    method: String,
    /// The path that is signed, with its query if that is signed too; never scheme and host.
    #[arg(long)]
    path: String,
    /// The `client-id` header.
    #[arg(long)]
    client_id: String,
    /// The `request-time` or `response-time` header: ISO 8601 with offset, or milliseconds since 1970.
    #[arg(long)]
    time: String,
    /// The file with the body, byte for byte as it goes over the wire; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    body: std::path::PathBuf,
}

/// The same, read and checked.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) client_id: ClientId,
    pub(crate) time: WireTime,
    pub(crate) body: Vec<u8>,
}

impl Signed {
    pub(crate) fn read(&self) -> Result<Parts, Failure> {
        if self.method.is_empty() || !self.method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(Failure::Input("--method: expected a method in capitals, such as POST".into()));
        }
        check_path(&self.path).map_err(|error| Failure::input("--path", &error))?;
        Ok(Parts {
            method: self.method.clone(),
            path: self.path.clone(),
            client_id: ClientId::new(&self.client_id)
                .map_err(|error| Failure::input("--client-id", &error))?,
            time: WireTime::parse(&self.time).map_err(|error| Failure::input("--time", &error))?,
            body: read_file("--body", &self.body)?,
        })
    }
}

/// The bytes of a file, or of standard input for `-`.
pub(crate) fn read_file(option: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let result = match path.as_os_str() == "-" {
        true => std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ()),
        false => fs::read(path).map(|read| bytes = read),
    };
    match result {
        Ok(()) => Ok(bytes),
        Err(error) => Err(Failure::input(&format!("{option}: reading {} failed", path.display()), &error)),
    }
}

/// Foreign text for a terminal: what could steer it is replaced.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
