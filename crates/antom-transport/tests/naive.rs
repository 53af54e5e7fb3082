//! The suite finds what is wrong: transports as one writes them first, and what it says about them.
#![allow(clippy::unwrap_used)]

use std::io::Read;
use std::sync::Arc;

use antom_core::call::{
    IncomingResponse, OutgoingRequest, SendOptions, Sent, TransportError, TransportErrorKind,
};
use antom_transport::conformance::{self, Case, Report, Verdict};
use antom_transport::{BlockingTransport, UreqTransport};

/// The first try of docs/transports.md: all of a stack's defaults, and every failure called unsent.
#[derive(Debug)]
struct Naive(ureq::Agent);

impl BlockingTransport for Naive {
    fn send(&self, request: OutgoingRequest, _: &SendOptions) -> Result<IncomingResponse, TransportError> {
        if request.gateway().is_https() {
            return Err(TransportError::new(TransportErrorKind::Unsupported, Sent::No));
        }
        let mut outgoing = self.0.post(request.url());
        for header in request.headers() {
            outgoing = outgoing.header(header.name, &*header.value);
        }
        let failed = |error: ureq::Error| {
            let kind = match error {
                ureq::Error::Timeout(_) => TransportErrorKind::Timeout,
                _ => TransportErrorKind::Connect,
            };
            TransportError::new(kind, Sent::No).with_source(error)
        };
        let answer = outgoing
            .config()
            // Without a limit of some kind the suite would wait for its own.
            .timeout_global(Some(std::time::Duration::from_secs(1)))
            .build()
            .send(&request.body()[..])
            .map_err(failed)?;
        let (head, mut body) = answer.into_parts();
        let mut bytes = Vec::new();
        body.as_reader().take(64 << 20).read_to_end(&mut bytes).map_err(|error| failed(error.into()))?;
        let mut incoming = IncomingResponse::new(head.status.as_u16(), bytes);
        for (name, value) in &head.headers {
            incoming.push_header(name.as_str(), value.as_bytes());
        }
        Ok(incoming)
    }
}

fn only(names: &[&str]) -> Vec<Case> {
    conformance::cases().iter().filter(|case| names.contains(&case.name())).copied().collect()
}

fn failed(report: &Report) -> Vec<&'static str> {
    let failed = |row: &&conformance::Row| matches!(row.verdict, Verdict::Failed(_));
    report.rows().iter().filter(failed).map(|row| row.case.name()).collect()
}

#[test]
fn a_first_try_fails_where_it_should() {
    let report = conformance::run_blocking(conformance::cases(), |_| {
        Ok::<_, String>(Naive(ureq::Agent::config_builder().proxy(None).build().into()))
    });
    println!("{report}");
    assert!(!report.is_passed());
    let failed = failed(&report);
    for name in [
        "server error",
        "redirect",
        "reset after the request",
        "closed after the request",
        "no answer",
        "slow body",
        "truncated body",
        "reset as the end",
        "oversized by one",
        "another protocol",
    ] {
        assert!(failed.contains(&name), "{name} must fail");
    }
    for name in ["answer", "empty answer", "chunked", "100-continue", "duplicate headers", "nobody there"] {
        assert!(!failed.contains(&name), "{name} must pass");
    }
    let unsupported = report.rows().iter().filter(|row| matches!(row.verdict, Verdict::Unsupported(_)));
    assert!(unsupported.count() > 20, "what the stack says it cannot do is no failure");
}

/// Sends again what failed, which may pay twice.
#[derive(Debug)]
struct Twice(UreqTransport);

impl BlockingTransport for Twice {
    fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        self.0.send(request.clone(), options).or_else(|_| self.0.send(request, options))
    }
}

/// Changes the answer's body a little.
#[derive(Debug)]
struct Tidy(Arc<UreqTransport>);

impl BlockingTransport for Tidy {
    fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        let answer = self.0.send(request, options)?;
        let mut tidy = IncomingResponse::new(answer.status(), answer.body().trim_ascii().to_vec());
        for name in antom_core::call::HeaderName::ALL {
            if let Ok(Some(value)) = answer.header(name) {
                tidy.push_header(name.as_str(), value.as_bytes());
            }
        }
        Ok(tidy)
    }
}

#[test]
fn a_transport_that_sends_twice_is_found_out() {
    let names =
        ["reset after the request", "closed after the request", "no answer", "slow body", "truncated body"];
    let report =
        conformance::run_blocking(&only(&names), |_| UreqTransport::builder().build_loopback().map(Twice));
    assert_eq!(failed(&report).len(), names.len(), "{report}");
}

#[test]
fn a_transport_that_changes_answers_is_found_out() {
    for name in ["answer", "duplicate headers"] {
        let report = conformance::run_blocking(&only(&[name]), |_| {
            UreqTransport::builder().build_loopback().map(|transport| Tidy(Arc::new(transport)))
        });
        assert_eq!(failed(&report), [name]);
    }
}
