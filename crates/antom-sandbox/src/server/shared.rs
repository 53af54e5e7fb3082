//! What the server's tasks share: the engine, the clock, and the count of deliveries on their way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use super::clock::Clock;
use super::deliver::deliver;
use crate::engine::{Delivery, Gateway, GatewayRequest, Handled};

#[derive(Debug)]
pub(super) struct Shared {
    gateway: Mutex<Gateway>,
    pub(super) clock: Clock,
    /// Something changed that may bring the next wake-up forward.
    pub(super) wake: Notify,
    on_their_way: watch::Sender<usize>,
    runtime: Handle,
}

impl Shared {
    pub(super) fn new(gateway: Gateway, clock: Clock, runtime: Handle) -> Arc<Self> {
        let (on_their_way, _) = watch::channel(0);
        Arc::new(Self { gateway: Mutex::new(gateway), clock, wake: Notify::new(), on_their_way, runtime })
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
}

impl Drop for Batch {
    fn drop(&mut self) {
        let deliveries = std::mem::take(&mut self.deliveries);
        if deliveries.is_empty() {
            return;
        }
        let shared = Arc::clone(&self.shared);
        self.shared.runtime.spawn(async move {
            let _landed = Landed(&shared);
            for delivery in &deliveries {
                let result = deliver(delivery).await;
                shared.gateway().delivered(shared.clock.now(), delivery.id, result);
            }
        });
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
