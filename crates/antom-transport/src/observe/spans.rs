//! The two spans. Fields that are known later are declared empty.

use antom_core::call::{OperationInfo, OutgoingRequest};
use tracing::Span;
use tracing::field::Empty;

use super::{Attempt, Called, Ending};

pub(super) fn call(operation: &'static OperationInfo) -> Span {
    tracing::info_span!(
        "antom.call",
        antom.operation = operation.id,
        antom.result.status = Empty,
        antom.result.code = Empty,
        "error.type" = Empty,
    )
}

pub(super) fn called(span: &Span, called: &Called<'_>) {
    if let Some(status) = called.result_status {
        span.record("antom.result.status", status);
    }
    if let Some(code) = called.result_code {
        span.record("antom.result.code", code);
    }
    if matches!(called.ending, Ending::Unresolved | Ending::NotSent) {
        span.record("error.type", called.ending.as_str());
    }
}

pub(super) fn attempt(call: &Span, request: &OutgoingRequest, resends: u32) -> Span {
    let (host, port) = address(request.gateway().authority());
    let span = tracing::info_span!(
        parent: call,
        "antom.attempt",
        otel.name = format_args!("{} {}", request.method(), request.path()),
        otel.kind = "client",
        antom.operation = request.operation().id,
        http.request.method = request.method(),
        server.address = host,
        server.port = port.unwrap_or(if request.gateway().is_https() { 443 } else { 80 }),
        url.template = request.path(),
        http.request.resend_count = Empty,
        http.response.status_code = Empty,
        "error.type" = Empty,
    );
    if resends > 0 {
        span.record("http.request.resend_count", resends);
    }
    span
}

pub(super) fn attempted(span: &Span, attempt: &Attempt<'_>) {
    if let Ok(status) = attempt.result {
        span.record("http.response.status_code", status);
    }
    if let Some(error) = attempt.error_type() {
        span.record("error.type", &*error);
    }
}

/// Host and port of `host`, `host:port` or `[address]:port`.
fn address(authority: &str) -> (&str, Option<u16>) {
    match authority.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?))) {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    }
}
