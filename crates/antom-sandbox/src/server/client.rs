//! One of several clients of a sandbox.

use std::sync::Arc;

use antom_core::profile::Profile;

use super::shared::{Place, Shared};
use crate::engine::{Entry, Fault, FaultTarget, Script};

/// One of the clients that a sandbox serves. Each has a state, faults and a journal of its own; the clock is everybody's.
///
/// ```
/// use antom_sandbox::engine::FaultTarget;
/// use antom_sandbox::{Sandbox, SandboxClient, SandboxConfig};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut config = SandboxConfig::default();
/// config.clients = vec![SandboxClient::new("SANDBOX_SECOND")];
/// let sandbox = Sandbox::start(config).await?;
/// let second = sandbox.client("SANDBOX_SECOND").ok_or("it is served")?;
/// assert!(second.journal().is_empty());
/// assert_eq!(second.profile().client_id().map(|id| id.as_str()), Some("SANDBOX_SECOND"));
/// // This payment of it is answered `U`, then as it is. The first client's are not.
/// let pay = FaultTarget::RequestId("PAY-1".into());
/// second.set_script(pay.clone(), "U,S".parse()?);
/// second.clear_fault(&pay); // Or not.
/// assert_eq!(second.unacknowledged(), 0);
/// # sandbox.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ClientOf<'a> {
    shared: &'a Arc<Shared>,
    place: Place,
}

impl<'a> ClientOf<'a> {
    pub(super) fn new(shared: &'a Arc<Shared>, place: Place) -> Self {
        Self { shared, place }
    }

    /// A profile for calls of this client, for online products.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.shared.profile(self.place).clone()
    }

    /// What happened lately, oldest first; without card data and tokens.
    #[must_use]
    pub fn journal(&self) -> Vec<Entry> {
        self.shared.gateway(self.place).journal().cloned().collect()
    }

    /// Switches a fault on, for so many requests or until [`clear_fault`](Self::clear_fault).
    ///
    /// ```
    /// use antom_sandbox::engine::{Fault, FaultTarget};
    /// use antom_sandbox::{Sandbox, SandboxClient, SandboxConfig};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let mut config = SandboxConfig::default();
    /// config.clients = vec![SandboxClient::new("SANDBOX_SECOND")];
    /// let sandbox = Sandbox::start(config).await?;
    /// let second = sandbox.client("SANDBOX_SECOND").expect("it is served");
    /// assert_eq!(second.profile().client_id().unwrap().as_str(), "SANDBOX_SECOND");
    /// // Its payments are answered `U`; those of the first client are not.
    /// let pay = FaultTarget::Operation("payments/pay".into());
    /// second.set_fault(pay.clone(), Fault::Unknown, None);
    /// second.clear_fault(&pay);
    /// second.set_script(FaultTarget::RequestId("PAY-1".into()), "U,S".parse()?);
    /// assert_eq!(second.unacknowledged(), 0);
    /// # sandbox.shutdown().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_fault(&self, target: FaultTarget, fault: Fault, times: Option<u32>) {
        self.shared.gateway(self.place).set_fault(target, fault, times);
    }

    /// The next requests of a target meet the steps of a script, one each.
    pub fn set_script(&self, target: FaultTarget, script: Script) {
        self.shared.gateway(self.place).set_script(target, script);
    }

    /// Switches a fault off.
    pub fn clear_fault(&self, target: &FaultTarget) {
        self.shared.gateway(self.place).clear_fault(target);
    }

    /// How many notifications are neither acknowledged nor given up.
    #[must_use]
    pub fn unacknowledged(&self) -> usize {
        self.shared.gateway(self.place).unacknowledged()
    }
}
