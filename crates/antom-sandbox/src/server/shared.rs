//! What the server's tasks share: the engines, the clock, and the count of deliveries on their way.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use antom_core::profile::Profile;
use antom_core::secret::Secret;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use super::clock::Clock;
use super::deliver::{Targets, deliver};
#[cfg(feature = "state-file")]
use super::file::{StateFile, StateFileError};
use crate::engine::{
    BankAction, BankError, BuyerAction, BuyerError, BuyerNext, Delivery, Gateway, GatewayRequest, Handled,
    PageView,
};

/// Which of the clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(usize);

impl Place {
    /// The client that everything is about which names none.
    pub(super) const FIRST: Self = Self(0);
}

#[derive(Debug)]
pub(super) struct Shared {
    /// One for each client.
    gateways: Vec<Mutex<Gateway>>,
    /// How each of them is called.
    profiles: Vec<Profile>,
    pub(super) clock: Clock,
    /// Something changed that may bring the next wake-up forward.
    pub(super) wake: Notify,
    on_their_way: watch::Sender<usize>,
    runtime: Handle,
    pub(super) rules: Rules,
}

/// What the server is told beside the engine's settings.
#[derive(Debug)]
pub(super) struct Rules {
    /// What commands are known by.
    pub(super) token: Secret<String>,
    /// The names under which commands are taken.
    pub(super) hosts: Vec<String>,
    /// Where notifications may go.
    pub(super) targets: Targets,
    /// The most connections of a listener at a time.
    pub(super) max_connections: usize,
    /// Where the state is kept beyond the process.
    #[cfg(feature = "state-file")]
    pub(super) file: Option<StateFile>,
}

/// The engine of one client, for as long as this is held.
pub(super) struct Turn<'a> {
    gateway: MutexGuard<'a, Gateway>,
    #[cfg(feature = "state-file")]
    shared: &'a Shared,
}

impl Deref for Turn<'_> {
    type Target = Gateway;

    fn deref(&self) -> &Gateway {
        &self.gateway
    }
}

impl DerefMut for Turn<'_> {
    fn deref_mut(&mut self) -> &mut Gateway {
        &mut self.gateway
    }
}

/// What changed is in the file before anybody hears of it.
#[cfg(feature = "state-file")]
impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let Some(file) = &self.shared.rules.file else { return };
        let rows = self.gateway.changed_rows();
        if !rows.is_empty() {
            file.write(self.gateway.settings().client_id.as_str(), rows, self.shared.clock.now());
        }
    }
}

impl Shared {
    /// Must be called on a runtime. The first gateway is that of the client that everything is about which names none.
    pub(super) fn new(gateways: Vec<(Profile, Gateway)>, clock: Clock, rules: Rules) -> Arc<Self> {
        let (on_their_way, _) = watch::channel(0);
        let (profiles, gateways): (Vec<_>, Vec<_>) = gateways.into_iter().unzip();
        Arc::new(Self {
            gateways: gateways.into_iter().map(Mutex::new).collect(),
            profiles,
            clock,
            wake: Notify::new(),
            on_their_way,
            runtime: Handle::current(),
            rules,
        })
    }

    /// The engine of a client. It has no state that a panic could leave half-changed and that a later request would
    /// not stand, so a poisoned lock is taken all the same.
    pub(super) fn gateway(&self, place: Place) -> Turn<'_> {
        #[allow(clippy::indexing_slicing, reason = "places come from here alone")]
        let gateway = self.gateways[place.0].lock().unwrap_or_else(PoisonError::into_inner);
        Turn {
            gateway,
            #[cfg(feature = "state-file")]
            shared: self,
        }
    }

    /// How a client is called.
    pub(super) fn profile(&self, place: Place) -> &Profile {
        #[allow(clippy::indexing_slicing, reason = "places come from here alone")]
        &self.profiles[place.0]
    }

    /// Every client.
    pub(super) fn clients(&self) -> impl Iterator<Item = (Place, &ClientId)> {
        let ids = self.profiles.iter().enumerate();
        ids.filter_map(|(place, profile)| Some((Place(place), profile.client_id()?)))
    }

    /// Takes the state back from the file, if there is one, and begins to write to it.
    #[cfg(feature = "state-file")]
    pub(super) fn restore(&self) -> Result<(), StateFileError> {
        let Some(file) = &self.rules.file else { return Ok(()) };
        if let Some(now) = file.clock()? {
            self.clock.move_to(now);
        }
        for gateway in &self.gateways {
            let mut gateway = gateway.lock().unwrap_or_else(PoisonError::into_inner);
            gateway.watch();
            let client = gateway.settings().client_id.as_str().to_owned();
            gateway.restore(file.rows(&client)?).map_err(|error| file.row_failed(error))?;
            // What came from the file is in it; what there was no room for goes.
            let mut gone = gateway.changed_rows();
            gone.retain(|row| row.body.is_none());
            file.write(&client, gone, self.clock.now());
        }
        Ok(())
    }

    /// The client of this id.
    pub(super) fn client(&self, id: &str) -> Option<Place> {
        self.clients().find(|(_, client)| client.as_str() == id).map(|(place, _)| place)
    }

    /// What each client in turn makes of something, until one knows what it is about.
    fn whoever<T, E: PartialEq>(
        &self,
        unknown: E,
        mut ask: impl FnMut(&mut Gateway) -> Result<T, E>,
    ) -> Result<(Place, T), E> {
        for (place, _) in self.clients() {
            match ask(&mut self.gateway(place)) {
                Ok(done) => return Ok((place, done)),
                Err(error) if error == unknown => {}
                Err(error) => return Err(error),
            }
        }
        Err(unknown)
    }

    /// Answers a request of the client that it names; the first one's gateway says what is wrong with any other.
    pub(super) fn handle(&self, request: &GatewayRequest) -> (Place, Handled) {
        let place = request.client_id().and_then(|id| self.client(id)).unwrap_or(Place::FIRST);
        let handled = self.gateway(place).handle(self.clock.now(), request);
        self.wake.notify_one();
        (place, handled)
    }

    /// Waits until no delivery is on its way.
    pub(super) async fn idle(&self) {
        // The sender lives in `self`, so the channel cannot close.
        let _ = self.on_their_way.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Signs a request with the merchant's key, if that is known here, and answers it like any other.
    pub(super) fn send_as_merchant(
        self: &Arc<Self>,
        place: Place,
        operation: &str,
        body: &str,
    ) -> Result<(), String> {
        let now = self.clock.now();
        let request =
            self.gateway(place).as_merchant(now, operation, body).map_err(|error| error.to_string())?;
        let (place, handled) = self.handle(&request);
        drop(Batch::new(self, place, handled.deliveries));
        Ok(())
    }

    /// The buyer does something; notifications follow by themselves.
    pub(super) fn buyer(
        self: &Arc<Self>,
        at: &str,
        action: &BuyerAction,
    ) -> Result<Option<BuyerNext>, BuyerError> {
        let now = self.clock.now();
        let (place, done) =
            self.whoever(BuyerError::Unknown, |gateway| gateway.buyer(now, at, action.clone()))?;
        self.wake.notify_one();
        drop(Batch::new(self, place, done.deliveries));
        Ok(done.next)
    }

    /// What a buyer's page shows.
    pub(super) fn page(&self, name: &str) -> Option<PageView> {
        self.clients().find_map(|(place, _)| self.gateway(place).page(name))
    }

    /// The buyer's bank disputes a payment; the dispute's id.
    pub(super) fn dispute(self: &Arc<Self>, payment: &str) -> Result<String, BankError> {
        let now = self.clock.now();
        let (place, disputed) = self.whoever(BankError::Unknown, |gateway| gateway.dispute(now, payment))?;
        self.wake.notify_one();
        drop(Batch::new(self, place, disputed.deliveries));
        Ok(disputed.dispute_id)
    }

    /// The buyer's bank decides a dispute, or takes it back.
    pub(super) fn bank(self: &Arc<Self>, dispute_id: &str, action: BankAction) -> Result<(), BankError> {
        let now = self.clock.now();
        let (place, deliveries) =
            self.whoever(BankError::Unknown, |gateway| gateway.bank(now, dispute_id, action))?;
        drop(Batch::new(self, place, deliveries));
        Ok(())
    }

    /// When something happens next by itself.
    pub(super) fn next_wakeup(&self) -> Option<UnixTime> {
        self.clients().filter_map(|(place, _)| self.gateway(place).next_wakeup()).min()
    }

    /// Moves the clock on. Everything that falls due on the way happens at its own time and in its order: each
    /// delivery is answered, or fails, before the next moment comes.
    pub(super) async fn advance(self: &Arc<Self>, by: Duration) {
        let target = self.clock.now().saturating_add(by);
        self.idle().await;
        loop {
            let next = self.next_wakeup();
            let Some(at) = next.filter(|at| *at <= target) else { break };
            self.clock.move_to(at);
            self.tick();
            self.idle().await;
        }
        self.clock.move_to(target);
        #[cfg(feature = "state-file")]
        if let Some(file) = &self.rules.file {
            file.write("", Vec::new(), target);
        }
        self.wake.notify_one();
    }

    /// Runs what is due, and sends it.
    pub(super) fn tick(self: &Arc<Self>) {
        for (place, _) in self.clients() {
            let due = self.gateway(place).tick(self.clock.now());
            drop(Batch::new(self, place, due));
        }
    }
}

/// Deliveries that go out, one after the other, when this is dropped. They count as on their way from the start.
pub(super) struct Batch {
    shared: Arc<Shared>,
    place: Place,
    deliveries: Vec<Delivery>,
}

impl Batch {
    pub(super) fn new(shared: &Arc<Shared>, place: Place, deliveries: Vec<Delivery>) -> Self {
        if !deliveries.is_empty() {
            shared.on_their_way.send_modify(|count| *count = count.saturating_add(1));
        }
        Self { shared: Arc::clone(shared), place, deliveries }
    }

    /// Sends them now, and waits until all are answered or failed.
    pub(super) async fn land(mut self) {
        let deliveries = std::mem::take(&mut self.deliveries);
        if !deliveries.is_empty() {
            send(&self.shared, self.place, &deliveries).await;
        }
    }
}

/// One after the other; all of them have landed when this ends, however it ends.
async fn send(shared: &Shared, place: Place, deliveries: &[Delivery]) {
    let _landed = Landed(shared);
    for delivery in deliveries {
        let (result, said) = deliver(delivery, &shared.rules.targets).await;
        shared.gateway(place).answered(shared.clock.now(), delivery.id, result, &said);
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        let deliveries = std::mem::take(&mut self.deliveries);
        if deliveries.is_empty() {
            return;
        }
        let (shared, place) = (Arc::clone(&self.shared), self.place);
        self.shared.runtime.spawn(async move { send(&shared, place, &deliveries).await });
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
