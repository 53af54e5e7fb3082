//! What observers and spans are told.

use std::sync::{Arc, Mutex};

use antom::core::call::{IncomingResponse, TransportErrorKind};
use antom::core::signature::{ClientId, KeyVersion, PrivateKey, RsaSigner, sandbox_keys};
use antom::core::time::UnixTime;
use antom::prelude::*;
use antom::transport::observe::{Attempt, Called, Observer};
use antom::transport::testing::{ManualClock, Script, ScriptedTransport, sign_answer};

use crate::gateway::{CLIENT, answer};
use crate::{builder, pay_request};

const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);

fn says(status: &'static str, code: &'static str) -> Script {
    let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).unwrap();
    let signer = RsaSigner::new(&key, KeyVersion::FIRST).unwrap();
    Script::reply(move |request| {
        let id = ClientId::new(CLIENT).unwrap();
        sign_answer(&signer, &id, request.path(), NOW, answer("pay-1", status, code)).unwrap()
    })
}

fn playing(script: Vec<Script>) -> antom::ClientBuilder {
    let clock = ManualClock::new(NOW);
    builder("https://gateway.example:8443")
        .transport(ScriptedTransport::new(script))
        .clock(clock.clone())
        .sleep(clock)
        .policy(Policy::DEFAULT)
        .seeds(|| 7)
}

#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Observer for Lines {
    fn attempted(&self, attempt: &Attempt<'_>) {
        let line = format!(
            "{} {} resends={} error={:?}",
            attempt.operation.id,
            attempt.gateway.authority(),
            attempt.resends,
            attempt.error_type()
        );
        self.0.lock().unwrap().push(line);
    }

    fn called(&self, call: &Called<'_>) {
        let line = format!(
            "{} {} sends={} took={:?} {:?}/{:?}",
            call.operation.id,
            call.ending.as_str(),
            call.sends,
            call.took,
            call.result_status,
            call.result_code
        );
        self.0.lock().unwrap().push(line);
    }
}

#[tokio::test]
async fn an_observer_is_told_of_every_attempt_and_of_the_end() {
    let lines = Lines::default();
    let client = playing(vec![
        Script::Fail(TransportErrorKind::Connect, Sent::No),
        says("U", "PAYMENT_IN_PROCESS"),
        Script::Answer(IncomingResponse::new(503, "")),
    ])
    .observer(lines.clone())
    .build()
    .unwrap();
    let wait = antom::core::exchange::Backoff::new(&Policy::DEFAULT, 7).next().unwrap();
    let _ = client.payments().pay(&pay_request()).await.unwrap();
    assert_eq!(
        lines.take(),
        [
            "payments/pay gateway.example:8443 resends=0 error=Some(\"connect\")".to_owned(),
            "payments/pay gateway.example:8443 resends=1 error=None".to_owned(),
            format!("payments/pay accepted sends=2 took={wait:?} Some(\"U\")/Some(\"PAYMENT_IN_PROCESS\")"),
        ]
    );
    let _ = client.payments().pay(&pay_request()).await.unwrap();
    assert_eq!(
        lines.take(),
        [
            "payments/pay gateway.example:8443 resends=0 error=Some(\"503\")",
            "payments/pay unresolved sends=1 took=0ns None/None",
        ]
    );
    let operation = Client::operation("payments/pay").unwrap();
    assert!(client.call_raw(operation, "[]").await.is_err());
    assert_eq!(lines.take(), ["payments/pay not_sent sends=0 took=0ns None/None"]);
}

#[cfg(feature = "tracing")]
mod spans {
    use std::collections::BTreeMap;
    use std::fmt;
    use std::sync::atomic::{AtomicU64, Ordering};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    #[derive(Debug, Default, Clone)]
    struct Span {
        name: &'static str,
        parent: Option<u64>,
        fields: BTreeMap<String, String>,
        entered: bool,
    }

    /// Keeps every span with its fields.
    #[derive(Debug, Default, Clone)]
    struct Keeper(Arc<(AtomicU64, Mutex<BTreeMap<u64, Span>>)>);

    struct Into<'a>(&'a mut BTreeMap<String, String>);

    impl Visit for Into<'_> {
        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            self.0.insert(field.name().to_owned(), format!("{value:?}").trim_matches('"').to_owned());
        }
    }

    impl Subscriber for Keeper {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.name().starts_with("antom.")
        }

        fn new_span(&self, span: &Attributes<'_>) -> Id {
            let id = self.0.0.fetch_add(1, Ordering::Relaxed) + 1;
            let mut kept = Span {
                name: span.metadata().name(),
                parent: span.parent().map(Id::into_u64),
                ..Span::default()
            };
            span.record(&mut Into(&mut kept.fields));
            self.0.1.lock().unwrap().insert(id, kept);
            Id::from_u64(id)
        }

        fn record(&self, span: &Id, values: &Record<'_>) {
            let mut spans = self.0.1.lock().unwrap();
            values.record(&mut Into(&mut spans.get_mut(&span.into_u64()).unwrap().fields));
        }

        fn enter(&self, span: &Id) {
            self.0.1.lock().unwrap().get_mut(&span.into_u64()).unwrap().entered = true;
        }

        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &Event<'_>) {}
        fn exit(&self, _: &Id) {}
    }

    fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn calls_and_attempts_are_spans_with_the_names_of_open_telemetry() {
        let keeper = Keeper::default();
        // While there is one subscriber only, a span that another test's thread meets first is switched off for
        // all threads. A second one makes tracing ask every subscriber.
        let _another = tracing::Dispatch::new(Keeper::default());
        let client =
            playing(vec![Script::Fail(TransportErrorKind::Connect, Sent::No), says("F", "PROCESS_FAIL")])
                .agent_token("t0ken")
                .build()
                .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        tracing::subscriber::with_default(keeper.clone(), || {
            let _ = runtime.block_on(client.payments().pay(&pay_request())).unwrap();
        });
        let spans: Vec<Span> = keeper.0.1.lock().unwrap().values().cloned().collect();
        let [call, first, second] = spans.as_slice() else { panic!("{spans:#?}") };
        assert!(spans.iter().all(|span| span.entered), "{spans:#?}");
        assert_eq!((call.name, call.parent), ("antom.call", None));
        assert_eq!(
            call.fields,
            fields(&[
                ("antom.operation", "payments/pay"),
                ("antom.result.code", "PROCESS_FAIL"),
                ("antom.result.status", "F"),
            ])
        );
        let path = "/ams/sandbox/api/v1/payments/pay";
        let name = format!("POST {path}");
        let attempt = |more: &[(&str, &str)]| {
            let mut all = fields(&[
                ("antom.operation", "payments/pay"),
                ("http.request.method", "POST"),
                ("otel.kind", "client"),
                ("otel.name", &name),
                ("server.address", "gateway.example"),
                ("server.port", "8443"),
                ("url.template", path),
            ]);
            all.extend(fields(more));
            all
        };
        assert_eq!((first.name, first.parent), ("antom.attempt", Some(1)));
        assert_eq!(first.fields, attempt(&[("error.type", "connect")]));
        assert_eq!((second.name, second.parent), ("antom.attempt", Some(1)));
        assert_eq!(
            second.fields,
            attempt(&[("http.request.resend_count", "1"), ("http.response.status_code", "200")])
        );
    }
}
