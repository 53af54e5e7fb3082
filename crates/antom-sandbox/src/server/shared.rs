//! What the server's tasks share: the engine, the clock, and the count of deliveries on their way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use antom_core::secret::Secret;
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use super::clock::Clock;
use super::deliver::{Targets, deliver};
use crate::engine::{
    BankAction, BankError, BuyerAction, BuyerError, BuyerNext, Delivery, Gateway, GatewayRequest, Handled,
};

#[derive(Debug)]
pub(super) struct Shared {
    gateway: Mutex<Gateway>,
    pub(super) clock: Clock,
    /// Something changed that may bring the next wake-up forward.
    pub(super) wake: Notify,
    on_their_way: watch::Sender<usize>,
    runtime: Handle,
    /// What commands are known by.
    pub(super) token: Secret<String>,
    /// The names under which commands are taken.
    pub(super) hosts: Vec<String>,
    /// Where notifications may go.
    targets: Targets,
    /// The most connections of a listener at a time.
    pub(super) max_connections: usize,
}

/// What the server is told beside the engine's settings.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) token: Secret<String>,
    pub(super) hosts: Vec<String>,
    pub(super) targets: Targets,
    pub(super) max_connections: usize,
}

impl Shared {
    /// Must be called on a runtime.
    pub(super) fn new(gateway: Gateway, clock: Clock, rules: Rules) -> Arc<Self> {
        let Rules { token, hosts, targets, max_connections } = rules;
        let (on_their_way, _) = watch::channel(0);
        let (gateway, runtime) = (Mutex::new(gateway), Handle::current());
        let wake = Notify::new();
        Arc::new(Self { gateway, clock, wake, on_their_way, runtime, token, hosts, targets, max_connections })
    }

    /// The engine. It has no state that a panic could leave half-changed and that a later request would not
    /// stand, so a poisoned lock is taken all the same.
    pub(super) fn gateway(&self) -> MutexGuard<'_, Gateway> {
        self.gateway.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn handle(&self, request: &GatewayRequest) -> Handled {
        let handled = self.gateway().handle(self.clock.now(), request);
        self.wake.notify_one();
        handled
    }

    /// Waits until no delivery is on its way.
    pub(super) async fn idle(&self) {
        // The sender lives in `self`, so the channel cannot close.
        let _ = self.on_their_way.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Signs a request with the merchant's key, if that is known here, and answers it like any other.
    pub(super) fn send_as_merchant(self: &Arc<Self>, operation: &str, body: &str) -> Result<(), String> {
        let now = self.clock.now();
        let request = self.gateway().as_merchant(now, operation, body).map_err(|error| error.to_string())?;
        let handled = self.handle(&request);
        drop(Batch::new(self, handled.deliveries));
        Ok(())
    }

    /// The buyer does something; notifications follow by themselves.
    pub(super) fn buyer(
        self: &Arc<Self>,
        at: &str,
        action: BuyerAction,
    ) -> Result<Option<BuyerNext>, BuyerError> {
        let done = self.gateway().buyer(self.clock.now(), at, action)?;
        self.wake.notify_one();
        drop(Batch::new(self, done.deliveries));
        Ok(done.next)
    }

    /// The buyer's bank disputes a payment; the dispute's id.
    pub(super) fn dispute(self: &Arc<Self>, payment: &str) -> Result<String, BankError> {
        let disputed = self.gateway().dispute(self.clock.now(), payment)?;
        self.wake.notify_one();
        drop(Batch::new(self, disputed.deliveries));
        Ok(disputed.dispute_id)
    }

    /// The buyer's bank decides a dispute, or takes it back.
    pub(super) fn bank(self: &Arc<Self>, dispute_id: &str, action: BankAction) -> Result<(), BankError> {
        let deliveries = self.gateway().bank(self.clock.now(), dispute_id, action)?;
        drop(Batch::new(self, deliveries));
        Ok(())
    }

    /// Moves the clock on. Everything that falls due on the way happens at its own time and in its order: each
    /// delivery is answered, or fails, before the next moment comes.
    pub(super) async fn advance(self: &Arc<Self>, by: Duration) {
        let target = self.clock.now().saturating_add(by);
        self.idle().await;
        loop {
            let next = self.gateway().next_wakeup();
            let Some(at) = next.filter(|at| *at <= target) else { break };
            self.clock.move_to(at);
            self.tick();
            self.idle().await;
        }
        self.clock.move_to(target);
        self.wake.notify_one();
    }

    /// Runs what is due, and sends it.
    pub(super) fn tick(self: &Arc<Self>) {
        let due = self.gateway().tick(self.clock.now());
        drop(Batch::new(self, due));
    }
}

/// Deliveries that go out, one after the other, when this is dropped. They count as on their way from the start.
pub(super) struct Batch {
    shared: Arc<Shared>,
    deliveries: Vec<Delivery>,
}

impl Batch {
    pub(super) fn new(shared: &Arc<Shared>, deliveries: Vec<Delivery>) -> Self {
        if !deliveries.is_empty() {
            shared.on_their_way.send_modify(|count| *count = count.saturating_add(1));
        }
        Self { shared: Arc::clone(shared), deliveries }
    }

    /// Sends them now, and waits until all are answered or failed.
    pub(super) async fn land(mut self) {
        let deliveries = std::mem::take(&mut self.deliveries);
        if !deliveries.is_empty() {
            send(&self.shared, &deliveries).await;
        }
    }
}

/// One after the other; all of them have landed when this ends, however it ends.
async fn send(shared: &Shared, deliveries: &[Delivery]) {
    let _landed = Landed(shared);
    for delivery in deliveries {
        let (result, said) = deliver(delivery, &shared.targets).await;
        shared.gateway().answered(shared.clock.now(), delivery.id, result, &said);
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        let deliveries = std::mem::take(&mut self.deliveries);
        if deliveries.is_empty() {
            return;
        }
        let shared = Arc::clone(&self.shared);
        self.shared.runtime.spawn(async move { send(&shared, &deliveries).await });
    }
}

/// Counts a batch as landed, even when its task is dropped in the middle.
struct Landed<'a>(&'a Shared);

impl Drop for Landed<'_> {
    fn drop(&mut self) {
        self.0.on_their_way.send_modify(|count| *count = count.saturating_sub(1));
        self.0.wake.notify_one();
    }
}
