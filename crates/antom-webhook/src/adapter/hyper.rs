use bytes::{Buf, Bytes};
use http::request::Parts;
use http_body::Body;
use http_body_util::BodyExt;

use super::{Delivery, Receiver};
use crate::error::{FailedStep, WebhookError};
use crate::head::WebhookHead;

impl Receiver {
    /// Receives a delivery from hyper, or from anything else that speaks `http::Request`: checks the head,
    /// reads the body under the limits of size and time, verifies.
    ///
    /// The body is taken as it comes, with a stated length or without one; content type and content
    /// encoding are not looked at.
    ///
    /// # Errors
    ///
    /// [`WebhookError`]; answer with [`Ack::for_error`](crate::Ack::for_error).
    ///
    /// ```
    /// # use antom_webhook::{Ack, Receiver};
    /// # use std::convert::Infallible;
    /// use bytes::Bytes;
    /// use http_body_util::Full;
    ///
    /// /// For `hyper::service::service_fn`.
    /// async fn serve<B: http_body::Body>(
    ///     receiver: Receiver,
    ///     request: http::Request<B>,
    /// ) -> Result<http::Response<Full<Bytes>>, Infallible> {
    ///     let ack = match receiver.receive(request).await {
    ///         Ok(delivery) => delivery.acknowledge_after(store(delivery.verified().raw())).await.0,
    ///         Err(error) => Ack::for_error(&error),
    ///     };
    ///     Ok(ack.into_http())
    /// }
    /// # async fn store(_: &[u8]) -> Result<(), ()> { Ok(()) }
    /// ```
    pub async fn receive<B: Body>(&self, request: http::Request<B>) -> Result<Delivery, WebhookError> {
        let (parts, body) = request.into_parts();
        self.receive_parts(&parts, &parts.uri, body).await
    }

    /// The same with the URI as the client sent it, which a router may have shortened.
    pub(crate) async fn receive_parts<B: Body>(
        &self,
        parts: &Parts,
        uri: &http::Uri,
        body: B,
    ) -> Result<Delivery, WebhookError> {
        let mut head = WebhookHead::new(
            parts.method.as_str(),
            uri.path_and_query().map_or("", |target| target.as_str()),
        );
        for (name, value) in &parts.headers {
            head.push_header(name.as_str(), value.as_bytes());
        }
        let opened = self.open(head)?;
        let announced = body.size_hint().lower();
        self.complete(opened, Some(announced), async |buffer| {
            let mut body = std::pin::pin!(body);
            while let Some(frame) = body.as_mut().frame().await {
                // Trailers are not part of what is signed.
                if let Ok(mut data) = frame.map_err(|_| FailedStep::BodyBroken)?.into_data() {
                    buffer.push(copy_to_bytes(&mut data))?;
                }
            }
            Ok(())
        })
        .await
    }
}

/// Free of a copy when the data is `Bytes` already.
fn copy_to_bytes(data: &mut impl Buf) -> Bytes {
    data.copy_to_bytes(data.remaining())
}
