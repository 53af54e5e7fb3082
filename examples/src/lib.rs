//! What the examples share: a sandbox to play against, for programs that are not on tokio, a shop whose clock stands
//! still until somebody waits, and the order that is paid.

mod play;

use std::error::Error;

use antom::core::api::models::DisplayType;
use antom::core::api::payments::{PayRequest, PayResponse};
use antom::core::preset::{self, Party, Purchase, Shop};
use antom::core::{Amount, Currency};
use antom_sandbox::{Sandbox, SandboxConfig};
use tokio::runtime::{Builder, Runtime};

pub use play::{BEGIN, NOTIFY, Play, SandboxTime, place};

/// What goes wrong in an example ends it.
pub type Failure = Box<dyn Error + Send + Sync>;

/// A sandbox with a runtime of its own. Dropping it stops both.
#[derive(Debug)]
pub struct OwnSandbox {
    sandbox: Sandbox,
    _runtime: Runtime,
}

impl OwnSandbox {
    /// Starts a sandbox on a free port.
    ///
    /// # Errors
    ///
    /// There is no port, or no thread.
    pub fn start() -> Result<Self, Failure> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let sandbox = runtime.block_on(Sandbox::start(SandboxConfig::default()))?;
        Ok(Self { sandbox, _runtime: runtime })
    }
}

impl std::ops::Deref for OwnSandbox {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.sandbox
    }
}

/// What two coffees cost.
#[must_use]
pub fn price() -> Amount {
    Amount::new(Currency::SGD, 950)
}

/// Two coffees, paid with an order code that the till shows.
#[must_use]
pub fn two_coffees(request_id: &str, order_id: &str) -> PayRequest {
    let shop = Shop::new(
        Party::new("MERCHANT-1", "Corner Coffee Ltd", "5814"),
        Party::new("STORE-1", "Coffee at the corner", "5814"),
    );
    preset::order_code(Purchase::new(request_id, order_id, "Two coffees", price()), shop)
}

/// The text of the code that an answer to such a request shows.
///
/// # Errors
///
/// The answer has none.
pub fn code_of(answer: &PayResponse) -> Result<String, Failure> {
    let data = answer.order_code_form.as_ref().and_then(|form| form.code_details.as_ref());
    let detail =
        data.and_then(|details| details.iter().find(|detail| detail.display_type == Some(DisplayType::TEXT)));
    let code = detail.and_then(|detail| detail.code_value.as_ref());
    Ok(code.ok_or("the answer shows no code")?.expose().clone())
}

/// The quick start of the repository's README, compiled. Here, since a packed crate has no file beside itself.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

/// The examples of the guide to webhooks, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../docs/webhooks.md")]
mod webhooks {}
