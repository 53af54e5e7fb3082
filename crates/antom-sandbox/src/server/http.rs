//! One HTTP request to the gateway and its answer.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::{Request, Response, StatusCode};

use super::listen::Reset;
use super::shared::{Batch, Shared};
use super::shown::{Policy, Shown};
use super::{admin, inspector, pages};
use crate::engine::{Answer, GatewayRequest, GatewayResponse, Handled};

/// The longest request body; the longest documented value is 10,000,000 characters.
const MAX_BODY: usize = 16 << 20;
/// The longest form or command of a person.
const MAX_FORM: usize = 64 << 10;

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox was asked not to answer")]
pub(super) struct NoAnswer;

/// What a listener leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doors {
    /// The gateway, the buyer's pages, the inspector and commands: on the loopback.
    All,
    /// The gateway and the buyer's pages: where others can reach it.
    Public,
    /// Commands and the inspector alone.
    Admin,
}

pub(super) async fn serve(
    shared: Arc<Shared>,
    doors: Doors,
    reset: Reset,
    request: Request<Incoming>,
) -> Result<Response<AnswerBody>, NoAnswer> {
    let path = request.uri().path();
    if path.starts_with("/_sandbox/") {
        let (page_of_buyer, style) = (path.starts_with(pages::PREFIX), path == pages::STYLE);
        let (head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, MAX_FORM).collect().await else {
            return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE, "the request is too long, or broke off\n"));
        };
        let (head, body) = (head.into(), body.to_bytes());
        return Ok(match (page_of_buyer || style, doors) {
            (true, Doors::All | Doors::Public) => page(pages::serve(&shared, &head, &body)),
            (false, Doors::All | Doors::Admin) if inspector::has(head.uri.path()) => {
                page(inspector::serve(&shared, &head, &body).await)
            }
            (false, Doors::All | Doors::Admin) => page(admin::serve(&shared, &head, &body).await),
            (true, Doors::Admin) if style => page(pages::serve(&shared, &head, &body)),
            _ => plain(StatusCode::NOT_FOUND, "there is nothing here\n"),
        });
    }
    if doors == Doors::Admin {
        return Ok(plain(StatusCode::NOT_FOUND, "the gateway is at another address\n"));
    }
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
    let (place, Handled { response, delay, deliveries }) = shared.handle(&request);
    let (before, after): (Vec<_>, Vec<_>) = deliveries.into_iter().partition(|one| one.before_answer);
    let after = Batch::new(&shared, place, after);
    Batch::new(&shared, place, before).land().await;
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match response {
        GatewayResponse::Answer(answer) => Ok(answered(answer, after)),
        GatewayResponse::Silence => Err(NoAnswer),
        GatewayResponse::Reset => {
            reset.ask();
            Err(NoAnswer)
        }
    }
}

/// What a person's browser or tool is shown.
fn page(page: Shown) -> Response<AnswerBody> {
    let mut response = Response::builder()
        .status(page.status)
        .header("content-type", page.kind)
        .header("cache-control", "no-store")
        .header("x-content-type-options", "nosniff")
        // Without a referrer at all a browser's own forms would come from the origin "null".
        .header("referrer-policy", "same-origin")
        .header(
            "content-security-policy",
            match page.policy {
                Policy::Still => STILL,
                Policy::Live => LIVE,
            },
        );
    for (name, value) in page.headers {
        response = response.header(name, value);
    }
    response
        .body(AnswerBody { inner: Full::new(page.body.into()), after: None })
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "the page has no HTTP form\n"))
}

/// Nothing comes from elsewhere, nobody may frame it, and only our own script runs.
const LIVE: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The same, and nothing runs.
const STILL: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

fn answered(answer: Answer, after: Batch) -> Response<AnswerBody> {
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
