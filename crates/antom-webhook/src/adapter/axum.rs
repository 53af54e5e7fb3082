use ::axum::body::Body;
use ::axum::extract::{FromRef, FromRequest, OriginalUri, Request};
use ::axum::response::{IntoResponse, Response};

use super::{Delivery, Receiver};
use crate::ack::Ack;
use crate::error::WebhookError;

/// Takes the body before any other extractor could; the router's state holds the [`Receiver`].
///
/// ```
/// use antom_webhook::{Ack, Delivery, Receiver};
/// use axum::Router;
/// use axum::routing::post;
///
/// async fn notify(delivery: Delivery) -> Ack {
///     let (ack, outcome) = delivery.acknowledge_after(store(delivery.verified().raw())).await;
///     if let Err(error) = outcome {
///         // Log it; the delivery will be repeated.
///         # let _: &str = error;
///     }
///     ack
/// }
///
/// fn routes(receiver: Receiver) -> Router {
///     Router::new().route("/antom/notify", post(notify)).with_state(receiver)
/// }
/// # async fn store(_: &[u8]) -> Result<(), &'static str> { Ok(()) }
/// ```
impl<S> FromRequest<S> for Delivery
where
    S: Send + Sync,
    Receiver: FromRef<S>,
{
    type Rejection = WebhookError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let receiver = Receiver::from_ref(state);
        let (parts, body) = request.into_parts();
        // A nested router sees the path without its prefix; what counts is what came over the wire.
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        receiver.receive_parts(&parts, uri, body).await
    }
}

impl IntoResponse for Ack {
    fn into_response(self) -> Response {
        self.into_http::<Body>()
    }
}

impl IntoResponse for WebhookError {
    fn into_response(self) -> Response {
        Ack::for_error(&self).into_response()
    }
}
