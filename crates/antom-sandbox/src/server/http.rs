//! One HTTP request to the gateway and its answer.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::{Request, Response, StatusCode};

use super::shared::{Batch, Shared};
use crate::engine::{Answer, GatewayRequest, GatewayResponse};

/// The longest request body; the longest documented value is 10,000,000 characters.
const MAX_BODY: usize = 16 << 20;

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox was asked not to answer")]
pub(super) struct NoAnswer;

pub(super) async fn serve(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<AnswerBody>, NoAnswer> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE, "the request is too long, or broke off\n"));
    };
    // A client may send the whole URL as the target; what is signed is the path and the query.
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let request = GatewayRequest {
        method: head.method.as_str().to_owned(),
        target: target.to_owned(),
        headers,
        body: body.to_bytes(),
    };
    let handled = shared.handle(&request);
    let after = Batch::new(&shared, handled.deliveries);
    match handled.response {
        GatewayResponse::Answer(answer) => Ok(response(answer, after)),
        GatewayResponse::Silence => Err(NoAnswer),
    }
}

fn response(answer: Answer, after: Batch) -> Response<AnswerBody> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    let body = AnswerBody { inner: Full::new(answer.body), after: Some(after) };
    response
        .body(body)
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "the answer has no HTTP form\n"))
}

fn plain(status: StatusCode, text: &'static str) -> Response<AnswerBody> {
    let mut response =
        Response::new(AnswerBody { inner: Full::new(Bytes::from_static(text.as_bytes())), after: None });
    *response.status_mut() = status;
    response
}

/// The answer's body. When it is dropped it has been written, or never will be: the notifications go out then,
/// so that a merchant on a quiet machine sees the answer first.
pub(super) struct AnswerBody {
    inner: Full<Bytes>,
    #[allow(dead_code)] // Its drop is what counts.
    after: Option<Batch>,
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
