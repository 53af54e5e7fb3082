//! `antom-dev demo`: three payment flows from end to end, offline.
//!
//! The shop uses the SDK as any shop would: the client calls, the merchant's server receives, the machines
//! of the core decide, the store remembers. Antom and the buyer are played by the sandbox. Every step says
//! what it expects; the first one that is not as it should be ends the demo.

mod book;
mod card;
mod merchant;
mod order_code;
mod scan_to_link;
mod stage;
mod timeline;

use std::io;

use clap::ValueEnum;

use crate::failure::Failure;
use stage::Stage;
use timeline::{Form, Stop, Summary, Timeline};

/// Plays three payment flows against a sandbox on this machine and tells every step.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 every step was as it should be; 1 one was not; 2 the demo could not start."
)]
pub(crate) struct Arguments {
    /// Prints one JSON object a step instead of the timeline.
    #[arg(long)]
    json: bool,
    /// Plays one flow only.
    #[arg(long, value_enum, value_name = "NAME")]
    flow: Option<Flow>,
}

/// The flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Flow {
    /// A code at the till that the buyer scans, and a partial refund.
    OrderCode,
    /// An authorization by QR code, payments without the buyer, refresh and end of the token.
    ScanToLink,
    /// Cards: entered at the shop, entered at Antom, and an order that is cancelled.
    Card,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::input("starting the runtime failed", &error))?;
    let form = if arguments.json { Form::Json } else { Form::Text };
    let flows = arguments.flow.map_or_else(|| Flow::value_variants().to_vec(), |flow| vec![flow]);
    runtime.block_on(play(&flows, Timeline::new(Box::new(io::stdout()), form)))
}

async fn play(flows: &[Flow], timeline: Timeline) -> Result<(), Failure> {
    let mut stage = Stage::set(timeline).await?;
    let mut summaries = Vec::new();
    for flow in flows {
        let played = match flow {
            Flow::OrderCode => order_code::play(&mut stage).await.map(|summary| vec![summary]),
            Flow::ScanToLink => scan_to_link::play(&mut stage).await.map(|summary| vec![summary]),
            Flow::Card => card::play(&mut stage).await,
        };
        match played {
            Ok(mut played) => summaries.append(&mut played),
            Err(stop) => return Err(fail(&mut stage, &summaries, stop)),
        }
    }
    let closed = stage.timeline.close(&summaries);
    stage.strike().await;
    Ok(closed?)
}

/// Tells the step that is not as it should be, and what was played before it.
fn fail(stage: &mut Stage, summaries: &[Summary], stop: Stop) -> Failure {
    let unexpected = match stop {
        Stop::Output(error) => return error.into(),
        Stop::Unexpected(unexpected) => unexpected,
    };
    let told = stage.timeline.unexpected(&unexpected).and_then(|()| stage.timeline.close(summaries));
    match told {
        Ok(()) => {
            Failure::Check(format!("the demo stopped at a step that is not as it should be: {unexpected}"))
        }
        Err(error) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use antom::core::api::models::ResultStatus;
    use antom_sandbox::engine::{Fault, FaultTarget};

    use super::stage::Stage;
    use super::timeline::{Form, Stop, Timeline};
    use super::{Failure, fail, order_code};

    /// A demo that cannot fail shows nothing.
    #[tokio::test]
    async fn a_step_that_is_not_as_it_should_be_ends_the_demo() {
        let declined = Fault::Refuse { code: "PROCESS_FAIL".into(), status: ResultStatus::F };
        for (operation, fault, found) in [
            ("payments/pay", Fault::Unsigned, "the answer is unsigned"),
            ("payments/pay", declined, "F PROCESS_FAIL"),
            ("payments/refund", Fault::WrongSignature, "verifying the answer failed"),
        ] {
            let mut stage = Stage::set(Timeline::new(Box::new(io::sink()), Form::Json)).await.unwrap();
            stage.sandbox.set_fault(FaultTarget::Operation(operation.into()), fault.clone(), None);
            let Err(Stop::Unexpected(unexpected)) = order_code::play(&mut stage).await else {
                panic!("{operation} with {fault:?} went unnoticed");
            };
            assert_eq!(unexpected.what, operation);
            assert!(unexpected.found.contains(found), "{unexpected}");
            assert!(matches!(fail(&mut stage, &[], unexpected.into()), Failure::Check(_)));
        }
    }
}
