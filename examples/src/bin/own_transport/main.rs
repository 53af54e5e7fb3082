//! A transport of one's own, in under 80 lines: see `transport.rs` beside this file. `own_transport` pays
//! through it; `own_transport conformance` puts it through the suite that every transport has to pass.
#![allow(clippy::print_stdout)] // It is a program for a terminal.

mod transport;

use antom::core::signature::sandbox_keys;
use antom::prelude::*;
use antom::transport::TokioSleep;
use antom::transport::conformance;
use antom_examples::{Failure, code_of, two_coffees};
use antom_sandbox::{Sandbox, SandboxConfig};

use transport::Plain;

fn main() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    if std::env::args().nth(1).as_deref() == Some("conformance") {
        let make = |_: &conformance::Settings| Ok::<_, Failure>(Plain::default());
        let report = conformance::run(conformance::cases(), make, |future| runtime.block_on(future));
        println!("{report}");
        return if report.is_passed() { Ok(()) } else { Err("the transport breaks its promises".into()) };
    }
    runtime.block_on(pay())
}

async fn pay() -> Result<(), Failure> {
    let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    let client = Client::builder()
        .gateway_url(sandbox.gateway_url())
        .client_id(sandbox.client_id())
        .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
        .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
        .product_family(ProductFamily::InStore)
        .transport(Plain::default())
        .sleep(TokioSleep)
        .build()?;
    let outcome = client.payments().pay(&two_coffees("ORDER-1-1", "ORDER-1")).await?;
    let Outcome::Accepted(reply) = outcome else { return Err(format!("{outcome:?}").into()) };
    sandbox.buyer_approves(&code_of(reply.value())?)?;
    println!("ORDER-1 is paid");
    Ok(())
}
