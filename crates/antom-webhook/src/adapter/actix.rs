use std::future::{Future, poll_fn};
use std::pin::Pin;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, ResponseError, web};
use futures_core::Stream;

use super::{Delivery, Receiver};
use crate::ack::Ack;
use crate::error::{FailedStep, WebhookError};
use crate::head::WebhookHead;

/// Takes the body before any other extractor could; the [`Receiver`] is the app's data.
///
/// ```
/// use actix_web::{App, web};
/// use antom_webhook::{Ack, Delivery, Receiver};
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
/// fn configure(config: &mut web::ServiceConfig, receiver: Receiver) {
///     config.app_data(web::Data::new(receiver)).route("/antom/notify", web::post().to(notify));
/// }
/// # async fn store(_: &[u8]) -> Result<(), &'static str> { Ok(()) }
/// ```
impl FromRequest for Delivery {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let receiver = request.app_data::<web::Data<Receiver>>().cloned();
        let head = head_of(request);
        let announced = request
            .headers()
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok())
            .and_then(|length| length.parse().ok());
        let mut payload = payload.take();
        Box::pin(async move {
            let receiver = receiver.ok_or_else(|| {
                actix_web::error::ErrorInternalServerError(
                    "no antom_webhook::Receiver in the app's data: add app_data(web::Data::new(receiver))",
                )
            })?;
            let opened = receiver.open(head)?;
            let delivery = receiver
                .complete(opened, announced, async |buffer| {
                    while let Some(piece) = poll_fn(|cx| Pin::new(&mut payload).poll_next(cx)).await {
                        buffer.push(piece.map_err(|_| FailedStep::BodyBroken)?)?;
                    }
                    Ok(())
                })
                .await?;
            Ok(delivery)
        })
    }
}

fn head_of(request: &HttpRequest) -> WebhookHead {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let mut head = WebhookHead::new(request.method().as_str(), target);
    for (name, value) in request.headers() {
        head.push_header(name.as_str(), value.as_bytes());
    }
    head
}

impl Responder for Ack {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        answer(&self)
    }
}

impl ResponseError for WebhookError {
    fn status_code(&self) -> StatusCode {
        status(self.status())
    }

    fn error_response(&self) -> HttpResponse {
        answer(&Ack::for_error(self))
    }
}

fn answer(ack: &Ack) -> HttpResponse {
    let mut response = HttpResponse::build(status(ack.status()));
    for header in ack.headers() {
        response.insert_header(header);
    }
    response.body(ack.body())
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
