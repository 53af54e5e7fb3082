//! A live and a sandbox client in one program, a thousand calls at once: no call takes the other's path.

use std::sync::{Arc, Mutex};

use antom::core::api::payments::InquiryPaymentRequest;
use antom::core::call::{IncomingResponse, OutgoingRequest, SendOptions, TransportError};
use antom::core::signature::{ClientId, KeyVersion, PrivateKey, RsaSigner, Signer, sandbox_keys};
use antom::core::time::UnixTime;
use antom::prelude::*;
use antom::transport::Transport;
use antom::transport::testing::sign_answer;

use crate::OTHER_KEY;
use crate::gateway::CLIENT;

const LIVE: &str = "5Y00000000000000";
/// The gateway's key for the live client, made for this test alone.
const LIVE_PRIVATE: &str = include_str!("live-gateway-private.pem");
const LIVE_PUBLIC: &str = include_str!("live-gateway-public.pem");

fn signer(key: &str) -> RsaSigner {
    RsaSigner::new(&PrivateKey::parse(key).unwrap(), KeyVersion::FIRST).unwrap()
}

/// One transport for both clients: answers each in its own name and keeps who went where.
#[derive(Debug, Clone)]
struct Both {
    sandbox: Arc<RsaSigner>,
    live: Arc<RsaSigner>,
    seen: Arc<Mutex<Vec<(String, String)>>>,
}

#[async_trait::async_trait]
impl Transport for Both {
    async fn send(
        &self,
        request: OutgoingRequest,
        _: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        let value = |name| {
            request
                .headers()
                .iter()
                .find(|header| header.name == name)
                .map(|header| header.value.to_string())
                .unwrap()
        };
        let id = value("client-id");
        self.seen.lock().unwrap().push((id.clone(), request.path().to_owned()));
        // Others go first, so that calls of both clients are under way at any time.
        for _ in 0..request.body().len() % 7 {
            tokio::task::yield_now().await;
        }
        let signer: &dyn Signer = if id == LIVE { &*self.live } else { &*self.sandbox };
        let at = UnixTime::from_millis(value("request-time").parse().unwrap());
        let asked = std::str::from_utf8(request.body()).unwrap().trim_end_matches('}');
        let body = format!(r#"{asked},"result":{{"resultCode":"SUCCESS","resultStatus":"S"}}}}"#);
        Ok(sign_answer(signer, &ClientId::new(&id).unwrap(), request.path(), at, body).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_of_a_live_and_a_sandbox_client_keep_apart() {
    let transport = Both {
        sandbox: Arc::new(signer(sandbox_keys::GATEWAY_PRIVATE_KEY)),
        live: Arc::new(signer(LIVE_PRIVATE)),
        seen: Arc::default(),
    };
    let client = |id: &str, key: &str| {
        Client::builder()
            .region(Region::Asia)
            .client_id(id)
            .signer(signer(sandbox_keys::MERCHANT_PRIVATE_KEY))
            .gateway_key(1, key)
            .transport(transport.clone())
            .build()
            .unwrap()
    };
    let sandbox = client(CLIENT, sandbox_keys::GATEWAY_PUBLIC_KEY);
    let live = client(LIVE, LIVE_PUBLIC);
    let calls: Vec<_> = (0..1000)
        .map(|number| {
            // In-store clients of both are in the crowd.
            let (client, path) = match number % 4 {
                0 => (sandbox.clone(), "/ams/sandbox/api/v1/payments/inquiryPayment"),
                1 => (live.clone(), "/ams/api/v1/payments/inquiryPayment"),
                2 => (sandbox.in_store(), "/ams/api/v1/payments/inquiryPayment"),
                _ => (live.in_store(), "/ams/api/v1/payments/inquiryPayment"),
            };
            tokio::spawn(async move {
                let id = format!("order-{number:0width$}", width = number % 9);
                let request = InquiryPaymentRequest::new().with_payment_request_id(id.as_str());
                let outcome = client.payments().inquiry_payment(&request).await.unwrap();
                let Outcome::Completed(reply) = outcome else { panic!("{outcome:?}") };
                assert_eq!(reply.verified().path(), path);
                assert_eq!(reply.verified().client_id(), client.profile().client_id());
                assert_eq!(reply.value().payment_request_id.as_deref(), Some(id.as_str()));
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    let seen = transport.seen.lock().unwrap();
    assert_eq!(seen.len(), 1000);
    let count =
        |id: &str, path: &str| seen.iter().filter(|(found, at)| found == id && at.starts_with(path)).count();
    assert_eq!((count(CLIENT, "/ams/sandbox/api/"), count(CLIENT, "/ams/api/")), (250, 250));
    assert_eq!((count(LIVE, "/ams/sandbox/api/"), count(LIVE, "/ams/api/")), (0, 500));
    assert!(seen.windows(2).any(|pair| pair[0].0 != pair[1].0), "the calls were not interleaved");
}

#[test]
fn a_live_client_takes_no_key_that_anyone_has() {
    let builder = || Client::builder().region(Region::Asia).client_id(LIVE).gateway_key(1, OTHER_KEY);
    assert!(builder().private_key(sandbox_keys::MERCHANT_PRIVATE_KEY).build().is_err());
    assert!(
        builder().private_key(LIVE_PRIVATE).gateway_key(2, sandbox_keys::GATEWAY_PUBLIC_KEY).build().is_err()
    );
}
