//! `antom-dev trigger`: a notification, signed with a sandbox key, to one's own receiver.

mod edit;
mod sample;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use antom::core::signature::{
    ClientId, KeyVersion, PrivateKey, RsaSigner, Signer as _, check_path, content, header, sandbox_keys,
};
use antom::core::time::{UnixTime, WireTime};
use serde_json::{Value, json};

use super::account::{KeyPlace, client_id};
use super::post::{Answer, Post};
use super::{printable, read_file};
use crate::failure::Failure;
use crate::json::object;

/// Sends a notification to a receiver, signed as Antom would sign it, but with a sandbox key: for SANDBOX_ client ids
/// only. Its members are made up, with ids that no other run has; --set changes them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    antom-dev trigger notifyPayment --to http://127.0.0.1:8080/antom/notify --client-id SANDBOX_5Y0000000000000001 \\\n    \
    --set paymentRequestId=order-42-1 --set paymentAmount.value=1990\n  \
    antom-dev trigger PAYMENT_RESULT --to … --set result.resultStatus=F --set result.resultCode=PROCESS_FAIL\n  \
    antom-dev trigger notifyRefund --to … --duplicate 2\n  \
    antom-dev trigger notifyCapture --to … --corrupt signature\n\n\
    The receiver verifies with the published sandbox key, whose public half is printed by\n  \
    antom-dev sandbox (as antom_public_key); antom-dev listen --published-key is such a receiver.\n\n\
    Exit codes: 0 acknowledged; 1 not acknowledged, so Antom would deliver it again; 2 the arguments or the files they name \
    cannot be used.")]
pub(crate) struct Arguments {
    /// The notification: its name, such as notifyPayment, its notifyType, such as PAYMENT_PENDING, or its kind, such as
    /// Dispute. `list` lists them.
    #[arg(value_name = "NAME")]
    name: String,
    /// The URL of the receiver. Its path is signed.
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// The client id of the receiver; begins with SANDBOX_. The environment's ANTOM_CLIENT_ID unless given.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Sends this file instead of a made-up notification; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// Sets a member: MEMBER=TEXT, or MEMBER:=JSON. Dots lead inside: result.resultStatus=F, evidenceList.0.name=x.
    #[arg(long, value_name = "MEMBER=TEXT")]
    set: Vec<String>,
    /// Removes a member.
    #[arg(long, value_name = "MEMBER")]
    unset: Vec<String>,
    /// Sends it so many times more, each time signed afresh, as a redelivery is.
    #[arg(long, value_name = "N", default_value_t = 0)]
    duplicate: u32,
    /// Waits so many seconds before each delivery.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    delay: u64,
    /// Signs with a time so many seconds ago, as of a delivery that was under way for long.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    age: u64,
    /// Spoils it after signing.
    #[arg(long, value_enum)]
    corrupt: Option<Corrupt>,
    /// The file with the private key to sign with, instead of the published key of the sandbox gateway.
    #[arg(long, value_name = "FILE")]
    private_key: Option<PathBuf>,
    /// The version of the key that the header names.
    #[arg(long, default_value_t = 1, value_name = "N")]
    key_version: u32,
    /// Prints the notification and sends nothing.
    #[arg(long)]
    dry_run: bool,
    /// Prints one JSON object a delivery.
    #[arg(long)]
    json: bool,
}

/// What is spoiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Corrupt {
    /// One byte of the body.
    Byte,
    /// The signature.
    Signature,
    /// The time that the header names.
    Time,
}

/// What goes over the wire.
#[derive(Debug)]
struct Delivery {
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.name == "list" {
        return Ok(io::stdout().write_all(sample::list().as_bytes())?);
    }
    let body = body(arguments)?;
    if arguments.dry_run {
        io::stdout().write_all(&body)?;
        return Ok(writeln!(io::stdout())?);
    }
    let Some(to) = &arguments.to else {
        return Err(Failure::Input("--to: the URL of the receiver is needed, or --dry-run".into()));
    };
    let post = Post::to("--to", to)?;
    let signing = Signing::new(arguments, post.path())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::input("starting the runtime failed", &error))?;
    runtime.block_on(deliver(arguments, &post, &signing, &body))
}

/// The notification.
fn body(arguments: &Arguments) -> Result<Vec<u8>, Failure> {
    let now = UnixTime::from(SystemTime::now());
    let made_up = sample::find(&arguments.name)?;
    let bytes = match &arguments.body {
        Some(path) => read_file("--body", path)?,
        None => made_up.document(now).to_string().into_bytes(),
    };
    // A file that is not changed is sent byte for byte, whatever is in it.
    if arguments.set.is_empty() && arguments.unset.is_empty() {
        return Ok(bytes);
    }
    let mut document: Value = serde_json::from_slice(&bytes).map_err(|error| {
        Failure::input("--set and --unset: the notification of --body must be JSON to be changed", &error)
    })?;
    for text in &arguments.set {
        edit::set(&mut document, text).map_err(|why| Failure::Input(format!("--set: {why}")))?;
    }
    for text in &arguments.unset {
        edit::unset(&mut document, text).map_err(|why| Failure::Input(format!("--unset: {why}")))?;
    }
    Ok(document.to_string().into_bytes())
}

/// Who signs, and what beside time and body.
struct Signing {
    client_id: ClientId,
    signer: RsaSigner,
    path: String,
    age: Duration,
    corrupt: Option<Corrupt>,
}

impl Signing {
    fn new(arguments: &Arguments, path: &str) -> Result<Self, Failure> {
        let named = client_id(arguments.client_id.as_deref())?;
        let client_id = ClientId::new(&named).map_err(|error| Failure::input("--client-id", &error))?;
        if !client_id.is_sandbox() {
            return Err(Failure::Input(format!(
                "--client-id: {client_id} is a live account; made-up notifications are for SANDBOX_ client ids only"
            )));
        }
        check_path(path).map_err(|error| Failure::input("--to", &error))?;
        let unusable = |error: &(dyn std::error::Error + 'static)| Failure::input("--private-key", error);
        let key = match &arguments.private_key {
            None => PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY),
            Some(path) => {
                let bytes = KeyPlace::file("--private-key", path.clone())?.read().map_err(Failure::Input)?;
                PrivateKey::parse(bytes.expose())
            }
        }
        .map_err(|error| unusable(&error))?;
        let signer =
            RsaSigner::new(&key, KeyVersion::new(arguments.key_version)).map_err(|error| unusable(&error))?;
        let age = Duration::from_secs(arguments.age);
        Ok(Self { client_id, signer, path: path.to_owned(), age, corrupt: arguments.corrupt })
    }

    fn sign(&self, body: &[u8], now: UnixTime) -> Result<Delivery, Failure> {
        let at = now.saturating_sub(self.age);
        let wire = |at: UnixTime| {
            let text = UnixTime::from_secs(at.as_secs()).to_rfc3339();
            WireTime::parse(&text).map_err(|error| Failure::input("--age", &error))
        };
        let time = wire(at)?;
        let input = content("POST", &self.path, &self.client_id, &time, body);
        let signature = self.signer.sign(&input).map_err(|error| Failure::input("--private-key", &error))?;
        let mut header = header::render(&signature, self.signer.key_version());
        let (mut named, mut body) = (time, body.to_vec());
        match self.corrupt {
            None => {}
            Some(Corrupt::Time) => named = wire(at.saturating_sub(Duration::from_secs(1)))?,
            Some(Corrupt::Byte) => corrupt_byte(&mut body),
            Some(Corrupt::Signature) => header = corrupt_signature(&header),
        }
        let headers = vec![
            ("client-id", self.client_id.as_str().to_owned()),
            ("request-time", named.as_str().to_owned()),
            ("signature", header),
            ("content-type", "application/json; charset=UTF-8".to_owned()),
        ];
        Ok(Delivery { headers, body })
    }
}

/// Changes one byte so that the document stays what it is to the eye: a letter or digit near the middle.
fn corrupt_byte(body: &mut Vec<u8>) {
    let middle = body.len() / 2;
    let near =
        (middle..body.len()).chain(0..middle).find(|at| body.get(*at).is_some_and(u8::is_ascii_alphanumeric));
    match near.and_then(|at| body.get_mut(at)) {
        // The lowest bit turns a digit into a digit and a letter into another character.
        Some(byte) => *byte ^= 1,
        None => body.push(b' '),
    }
}

/// Another signature of the same form.
fn corrupt_signature(header: &str) -> String {
    let Some((before, signature)) = header.rsplit_once('=') else { return String::new() };
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{before}={first}{}", signature.get(1..).unwrap_or_default())
}

async fn deliver(arguments: &Arguments, post: &Post, signing: &Signing, body: &[u8]) -> Result<(), Failure> {
    let deliveries = arguments.duplicate.saturating_add(1);
    let mut refused = 0u32;
    for number in 1..=deliveries {
        if arguments.delay > 0 {
            tokio::time::sleep(Duration::from_secs(arguments.delay)).await;
        }
        let Delivery { headers, body } = signing.sign(body, UnixTime::from(SystemTime::now()))?;
        let length = body.len();
        let answer = post.send(&headers, body).await;
        refused += u32::from(!answer.as_ref().is_ok_and(Answer::acknowledges));
        let line =
            if arguments.json { told_json(number, length, &answer) } else { told(number, length, &answer) };
        writeln!(io::stdout(), "{line}")?;
    }
    match refused {
        0 => Ok(()),
        _ => Err(Failure::Check(format!(
            "{refused} of {deliveries} deliveries not acknowledged: Antom would deliver again; an acknowledgement is HTTP 200 \
             with \"resultStatus\":\"S\" in \"result\""
        ))),
    }
}

fn told(number: u32, length: usize, answer: &Result<Answer, String>) -> String {
    match answer {
        Err(error) => format!("delivery {number}: no answer: {error}"),
        Ok(answer) => format!(
            "delivery {number}: {length} bytes sent, HTTP {}, {}\n  {}",
            answer.status,
            if answer.acknowledges() { "acknowledged" } else { "not acknowledged" },
            printable(&String::from_utf8_lossy(&answer.body))
        ),
    }
}

fn told_json(number: u32, length: usize, answer: &Result<Answer, String>) -> String {
    let answered = answer.as_ref().ok();
    object(&[
        ("delivery", json!(number)),
        ("sent_bytes", json!(length)),
        ("acknowledged", json!(answered.is_some_and(Answer::acknowledges))),
        ("status", json!(answered.map(|answer| answer.status))),
        ("answer", json!(answered.map(|answer| String::from_utf8_lossy(&answer.body).into_owned()))),
        ("error", json!(answer.as_ref().err())),
    ])
}

#[cfg(test)]
mod tests {
    use super::{corrupt_byte, corrupt_signature};

    #[test]
    fn what_is_spoiled_differs_and_keeps_its_form() {
        for body in [&b"{\"a\":\"bc\"}"[..], b"{}", b""] {
            let mut spoiled = body.to_vec();
            corrupt_byte(&mut spoiled);
            assert_ne!(spoiled, body);
        }
        for (header, spoiled) in [
            ("algorithm=RSA256,signature=Bcd%3D", "algorithm=RSA256,signature=Acd%3D"),
            ("signature=Ab", "signature=Bb"),
        ] {
            assert_eq!(corrupt_signature(header), spoiled);
        }
    }
}
