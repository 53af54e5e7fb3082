//! `antom-dev call`: one call, from JSON.

mod confirm;
mod told;

use std::io::Write as _;
use std::path::PathBuf;

use antom::blocking::Client;
use antom::core::api::catalog::OPERATIONS;
use antom::core::call::{OperationInfo, TransportKind};
use antom::core::check::{CardMode, Context};
use antom::core::outcome::{CallErrorKind, Outcome};

use super::account::Account;
use super::caller::Caller;
use super::read_file;
use crate::failure::{Failure, causes};
use crate::lint::{self, Part, Question};

/// Calls an operation with JSON from a file, and tells what the call came to. The JSON is checked first and then sent byte
/// for byte; members that this SDK does not know may be in it.
///
/// On a live client id an operation that moves money needs --live and a confirmation typed at a terminal.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    antom-dev call payments/inquiryPayment --body inquiry.json --region asia \\\n    \
    --client-id SANDBOX_5Y0000000000000001 --private-key merchant-private.pem --gateway-key antom-public.txt\n  \
    echo '{\"paymentRequestId\":\"order-42\"}' | antom-dev call payments/inquiryPayment --body - --json\n\n\
    Exit codes: 0 completed, or accepted and under way; 1 declined; 2 the arguments, files or keys cannot be used, or the \
    JSON has problems: nothing was sent; 3 unresolved: the request may have taken effect; 4 nothing was sent for want of a \
    connection.")]
pub(crate) struct Arguments {
    /// The operation, such as payments/pay, or its path.
    #[arg(value_name = "OPERATION")]
    operation: String,
    /// The file with the request; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    body: PathBuf,
    #[command(flatten)]
    account: Account,
    /// Lets an operation that moves money be called on a live client id, once you have confirmed it.
    #[arg(long)]
    live: bool,
    /// Shows the answer's secret and personal members, too.
    #[arg(long)]
    reveal: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let operation = find(&arguments.operation)?;
    let body = read_file("--body", &arguments.body)?;
    check(operation, &body)?;
    let client = Caller::new(&arguments.account)?;
    if operation.moves_money && !client.profile().is_sandbox() {
        confirm::at_the_terminal(operation, client.profile(), &body, arguments.live)?;
    }
    match client.call_raw(operation, &body) {
        Ok(outcome) => {
            let path = client.profile().path(operation).map(|path| path.to_string()).unwrap_or_default();
            let told = told::Told { operation, path, outcome: &outcome, reveal: arguments.reveal };
            let text = if arguments.json { told.json() } else { told.text() };
            writeln!(std::io::stdout(), "{text}")?;
            verdict(operation, &outcome)
        }
        Err(error) => {
            if arguments.json {
                writeln!(std::io::stdout(), "{}", told::nothing_sent(operation, &causes(&error)))?;
            }
            let text = causes(&error);
            Err(match error.kind {
                CallErrorKind::NotSent(_) => Failure::NotSent(text),
                _ => Failure::Input(text),
            })
        }
    }
}

/// The exit code of an outcome.
fn verdict<T>(operation: &OperationInfo, outcome: &Outcome<T>) -> Result<(), Failure> {
    match outcome {
        Outcome::Completed(_) | Outcome::Accepted(_) => Ok(()),
        Outcome::Declined(declined) => {
            Err(Failure::Check(format!("{} was declined: {}", operation.id, told::code(&declined.reply))))
        }
        Outcome::Unresolved(unresolved) => Err(Failure::Unresolved(format!(
            "{} is unresolved, it may have taken effect: {}",
            operation.id,
            told::next_after_unresolved(operation, unresolved)
        ))),
        _ => Err(Failure::Unresolved(format!("{} ended in a way this tool does not know", operation.id))),
    }
}

/// The operation, if it is one that is called with JSON.
fn find(name: &str) -> Result<&'static OperationInfo, Failure> {
    let Some(info) = Client::operation(name) else {
        let word = name.rsplit('/').next().unwrap_or(name).to_lowercase();
        let alike: Vec<&str> = OPERATIONS
            .iter()
            .map(|entry| entry.info.id)
            .filter(|id| !word.is_empty() && id.to_lowercase().contains(&word))
            .take(8)
            .collect();
        let hint = match alike.is_empty() {
            true => "expected a group and a name, such as payments/inquiryPayment".to_owned(),
            false => format!("was one of these meant: {}?", alike.join(", ")),
        };
        return Err(Failure::Input(format!("OPERATION: there is no `{}`; {hint}", name.escape_debug())));
    };
    match info.transport {
        TransportKind::Json => Ok(info),
        TransportKind::Multipart | TransportKind::Session => Err(Failure::Input(format!(
            "OPERATION: {} is not called with JSON alone (it uploads a file, or runs within a session); call it from a program",
            info.id
        ))),
    }
}

/// The typed checks: what the gateway would refuse is not sent.
fn check(operation: &OperationInfo, body: &[u8]) -> Result<(), Failure> {
    let Some((targets, part)) = lint::targets(operation.id, Part::Request) else {
        return Err(Failure::Input(format!(
            "OPERATION: nothing is known about the request of {}",
            operation.id
        )));
    };
    // Whether card data may be sent is a matter of the contract, which only Antom knows.
    let context = Context { cards: CardMode::ServerToServer, payment_method: None };
    let report = lint::lint(&targets, body, Question { part, context, conditions: false });
    if report.problems.is_empty() && report.parsed {
        return Ok(());
    }
    let mut text = format!("--body: the request of {} has problems; nothing was sent", operation.id);
    for problem in &report.problems {
        let place = if problem.pointer.is_empty() { "the document" } else { &problem.pointer };
        text.push_str(&format!("\n- {}: {}", place.escape_debug(), problem.message));
    }
    Err(Failure::Input(text))
}
