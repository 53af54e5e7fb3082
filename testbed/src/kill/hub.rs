use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use tokio::net::TcpListener;

use super::Failure;

/// A number that was given out and not stored for so long is given out again.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the children tell, and the work they take.
#[derive(Debug, Clone, Default)]
pub(super) struct Hub(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    left: VecDeque<u64>,
    given: BTreeMap<u64, Instant>,
    stored: BTreeSet<u64>,
    /// Each order's events, by their sequence, with how often each was handed over.
    events: BTreeMap<u64, BTreeMap<u64, u32>>,
    code: Option<String>,
}

/// What was told in the end.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) stored: BTreeSet<u64>,
    pub(super) events: BTreeMap<u64, BTreeMap<u64, u32>>,
}

impl Hub {
    pub(super) fn new(orders: u64) -> Self {
        let hub = Self::default();
        hub.lock().left = (1..=orders).collect();
        hub
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves on a free port; its URL.
    pub(super) async fn serve(&self) -> Result<String, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let routes = Router::new()
            .route("/next", get(next))
            .route("/stored/{number}", post(stored))
            .route("/event/{sequence}/{number}", post(event))
            .route("/code", post(code))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(url)
    }

    pub(super) fn told(&self) -> Told {
        let inner = self.lock();
        Told { stored: inner.stored.clone(), events: inner.events.clone() }
    }

    pub(super) fn progress(&self) -> (usize, usize) {
        let inner = self.lock();
        (inner.stored.len(), inner.events.len())
    }

    pub(super) fn code(&self) -> Option<String> {
        self.lock().code.clone()
    }
}

async fn next(State(hub): State<Hub>) -> String {
    let mut inner = hub.lock();
    let now = Instant::now();
    let number = inner.left.pop_front().or_else(|| {
        let late = inner.given.iter().find(|(_, since)| now.duration_since(**since) > PATIENCE);
        late.map(|(number, _)| *number)
    });
    if let Some(number) = number {
        inner.given.insert(number, now);
    }
    number.map(|number| number.to_string()).unwrap_or_default()
}

async fn stored(State(hub): State<Hub>, Path(number): Path<u64>) {
    let mut inner = hub.lock();
    inner.given.remove(&number);
    inner.stored.insert(number);
}

async fn event(State(hub): State<Hub>, Path((sequence, number)): Path<(u64, u64)>) {
    let mut inner = hub.lock();
    *inner.events.entry(number).or_default().entry(sequence).or_default() += 1;
}

/// The gateway's notification of an authorization: its code. It is taken as it comes, for here the gateway is
/// this very process.
async fn code(State(hub): State<Hub>, body: String) {
    let document: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    if let Some(code) = document.get("authCode").and_then(serde_json::Value::as_str) {
        hub.lock().code = Some(code.to_owned());
    }
}
