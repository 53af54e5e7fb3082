//! The merchant's server: it verifies notifications and counts the payments that they tell of.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use antom::core::api::notifications::Notification;
use antom::core::signature::{ClientId, KeyVersion, Keyring, PublicKey, sandbox_keys};
use antom::core::time::UnixTime;
use antom::webhook::{Ack, WebhookHead, WebhookVerifier};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;

use super::Failure;

const PATH: &str = "/notify";

#[derive(Debug, Default)]
struct Counts {
    told: BTreeSet<String>,
    refused: u64,
}

#[derive(Clone)]
struct Desk {
    client_id: ClientId,
    verifier: Arc<WebhookVerifier>,
    counts: Arc<Mutex<Counts>>,
}

/// A running server; it ends with the process.
pub(super) struct Merchant {
    pub(super) url: String,
    counts: Arc<Mutex<Counts>>,
}

impl Merchant {
    pub(super) async fn start(client_id: &str) -> Result<Self, Failure> {
        let id = ClientId::new(client_id)?;
        let key = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY)?;
        let keys = Keyring::new(&id, [(KeyVersion::FIRST, key)], None)?;
        let verifier = Arc::new(WebhookVerifier::builder(id.clone(), keys).path(PATH).build()?);
        let counts = Arc::<Mutex<Counts>>::default();
        let desk = Desk { client_id: id, verifier, counts: Arc::clone(&counts) };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}{PATH}", listener.local_addr()?);
        let router = Router::new().route(PATH, post(told)).with_state(desk);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, counts })
    }

    /// How many payments were told of.
    pub(super) fn told(&self) -> u64 {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).told.len() as u64
    }

    /// How many notifications could not be verified.
    pub(super) fn refused(&self) -> u64 {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).refused
    }
}

async fn told(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let mut head = WebhookHead::new("POST", PATH);
    for (name, value) in &headers {
        head = head.with_header(name.as_str(), value.to_str().unwrap_or_default());
    }
    let now = UnixTime::from(SystemTime::now());
    let verified = desk.verifier.verify(&head, body, now);
    let mut counts = desk.counts.lock().unwrap_or_else(PoisonError::into_inner);
    let ack = match verified.map(|verified| verified.notification()) {
        Ok(note) => {
            if let Ok(Notification::PaymentResult(note)) = note {
                counts.told.extend(note.payment_request_id);
            }
            Ack::success(&desk.client_id, now)
        }
        Err(error) => {
            counts.refused = counts.refused.saturating_add(1);
            Ack::for_error(&error)
        }
    };
    drop(counts);
    let mut response = Response::new(Body::from(ack.body()));
    *response.status_mut() = StatusCode::from_u16(ack.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}
