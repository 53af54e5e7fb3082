//! The SDK's side, as a program uses it.

use std::convert::Infallible;
use std::net::SocketAddr;

use antom::core::api::payments::{Pay, PayRequest};
use antom::core::codec::{Limits, ReadMessage};
use antom::core::exchange::{Exchange, Policy};
use antom::core::outcome::Outcome;
use antom::core::profile::{Credentials, Gateway, Profile};
use antom::core::signature::{
    ClientId, KeyVersion, Keyring, PublicKey, SignError, Signature, Signer, Verifier, VerifyError,
};
use antom::core::signature::{PrivateKey, RsaSigner};
use antom::transport::{Clock, SystemClock, TokioSleep, Transport, drive};
use antom::webhook::{Ack, Receiver, Sleep, WebhookVerifier};
use antom::{Client, KeySource};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::fixture::{CLIENT_ID, GATEWAY_PUBLIC_KEY, MERCHANT_KEY, NOTIFY_PATH};

/// A request, typed.
#[must_use]
pub fn request(text: &str) -> PayRequest {
    PayRequest::from_json(text.as_bytes(), &Limits::ANSWER).expect("the request is one")
}

/// The account.
#[must_use]
pub fn client_id() -> ClientId {
    ClientId::new(CLIENT_ID).expect("the client id is one")
}

/// The merchant's key.
#[must_use]
pub fn signer() -> RsaSigner {
    let key = PrivateKey::parse(MERCHANT_KEY).expect("the key is one");
    RsaSigner::new(&key, KeyVersion::FIRST).expect("the key signs")
}

/// The gateway's key.
#[must_use]
pub fn keyring() -> Keyring {
    let key = PublicKey::parse(GATEWAY_PUBLIC_KEY).expect("the key is one");
    Keyring::new(&client_id(), [(KeyVersion::FIRST, key)], None).expect("the keys go together")
}

/// Who calls.
#[must_use]
pub fn profile(peer: SocketAddr) -> Profile {
    let credentials = Credentials::Rsa { client_id: client_id(), key_version: KeyVersion::FIRST };
    Profile::new(credentials, Gateway::parse(&format!("http://{peer}")).expect("the URL is one"))
}

/// The client of the quick start, with this transport.
#[must_use]
pub fn client(peer: SocketAddr, transport: impl Transport + 'static) -> Client {
    Client::builder()
        .gateway_url(&format!("http://{peer}"))
        .client_id(CLIENT_ID)
        .private_key(KeySource::text(MERCHANT_KEY))
        .gateway_key(1, KeySource::text(GATEWAY_PUBLIC_KEY))
        .transport(transport)
        .build()
        .expect("the client is complete")
}

/// Asks for a payment.
///
/// # Panics
///
/// The answer is not the peer's.
pub async fn pay(client: &Client, request: &PayRequest) {
    let outcome = client.payments().pay(request).await.expect("it is sent");
    assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
}

/// Signs and verifies nothing.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

impl Signer for Nothing {
    fn key_version(&self) -> KeyVersion {
        KeyVersion::FIRST
    }

    fn sign(&self, _: &[u8]) -> Result<Signature, SignError> {
        Ok(Signature::new(vec![0x5a; 256]))
    }
}

impl Verifier for Nothing {
    fn verify(&self, _: Option<KeyVersion>, _: &[u8], _: &Signature) -> Result<KeyVersion, VerifyError> {
        Ok(KeyVersion::FIRST)
    }
}

/// What [`Client`] does for a call, with a signer and verifier that do nothing.
#[derive(Debug)]
pub struct WithoutRsa<T> {
    profile: Profile,
    transport: T,
    clock: SystemClock,
}

impl<T: Transport> WithoutRsa<T> {
    /// A caller for the peer at this address.
    pub fn new(peer: SocketAddr, transport: T) -> Self {
        Self { profile: profile(peer), transport, clock: SystemClock::new() }
    }

    /// Asks for a payment.
    ///
    /// # Panics
    ///
    /// The answer is not the peer's.
    pub async fn pay(&self, request: &PayRequest) {
        let now = self.clock.now();
        let mut exchange = Exchange::<Pay>::new(request, &self.profile, Policy::DEFAULT, 7, now)
            .expect("the request has a form");
        drive(exchange.engine(), &Nothing, &Nothing, &self.clock, &TokioSleep, &self.transport).await;
        let outcome = exchange.finish().expect("it is sent");
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }
}

/// The verifier of notifications.
#[must_use]
pub fn webhook_verifier() -> WebhookVerifier {
    WebhookVerifier::builder(client_id(), keyring()).path(NOTIFY_PATH).build().expect("the path is one")
}

/// Takes a delivery as a merchant's program does: verified, read, acknowledged.
///
/// # Errors
///
/// Never.
pub async fn take(
    receiver: Receiver,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let ack = match receiver.receive(request).await {
        Ok(delivery) => {
            std::hint::black_box(delivery.notification().expect("it fits"));
            delivery.acknowledge()
        }
        Err(error) => Ack::for_error(&error),
    };
    Ok(ack.into_http())
}

/// The receiver of a hyper server.
#[must_use]
pub fn receiver() -> Receiver {
    Receiver::new([webhook_verifier()], Sleep::tokio()).expect("there is an endpoint")
}
