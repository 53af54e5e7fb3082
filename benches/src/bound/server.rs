//! A receiver of notifications by hand.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;

use super::messages::PaymentNotification;
use super::wire::{Verifies, content};
use crate::fixture::{CLIENT_ID, NOTIFY_PATH, now_text};

const SUCCESS: &[u8] = br#"{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}"#;

/// Verifies and reads a notification.
#[must_use]
pub fn read(key: &Verifies, time: &str, signature: &str, body: &[u8]) -> Option<PaymentNotification> {
    if !key.holds(signature, &content(NOTIFY_PATH, time, body)) {
        return None;
    }
    serde_json::from_slice(body).ok()
}

/// Answers a delivery.
///
/// # Errors
///
/// Never.
pub async fn receive(
    key: Arc<Verifies>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let refuse = |status| {
        let mut response = Response::new(Full::default());
        *response.status_mut() = status;
        Ok(response)
    };
    if head.method != "POST" || head.uri.path() != NOTIFY_PATH || text("client-id") != CLIENT_ID {
        return refuse(http::StatusCode::NOT_FOUND);
    }
    let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        return refuse(http::StatusCode::BAD_REQUEST);
    };
    let Some(notification) = read(&key, text("request-time"), text("signature"), &body) else {
        return refuse(http::StatusCode::UNAUTHORIZED);
    };
    std::hint::black_box(&notification);
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("response-time", now_text())
        .header("client-id", CLIENT_ID)
        .body(Full::new(Bytes::from_static(SUCCESS)));
    Ok(response.expect("the answer is one"))
}
