use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use antom_core::call::{
    IncomingResponse, OutgoingRequest, SendOptions, Sent, TransportError, TransportErrorKind,
};
use async_trait::async_trait;

use crate::{BlockingTransport, Transport};

/// Gives recorded answers, in their order for each path.
///
/// A recorded signature holds for its path, client id and time: let the test's clock show the time of the
/// recording.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::request;
/// use antom_core::call::{IncomingResponse, SendOptions};
/// use antom_transport::BlockingTransport;
/// use antom_transport::testing::ReplayTransport;
/// # let request = request();
///
/// let recorded = IncomingResponse::new(200, "{}");
/// let transport = ReplayTransport::new([("/ams/sandbox/api/v1/payments/inquiryPayment", recorded)]);
/// assert_eq!(transport.send(request.clone(), &SendOptions::DEFAULT)?.status(), 200);
/// assert!(transport.send(request, &SendOptions::DEFAULT).is_err(), "it was recorded once");
/// # Ok::<(), antom_core::call::TransportError>(())
/// ```
#[derive(Debug, Default)]
pub struct ReplayTransport(Mutex<BTreeMap<String, VecDeque<IncomingResponse>>>);

impl ReplayTransport {
    /// A transport that gives these answers, each to a request for its path.
    #[must_use]
    pub fn new<P: Into<String>>(recorded: impl IntoIterator<Item = (P, IncomingResponse)>) -> Self {
        let mut answers = BTreeMap::<String, VecDeque<_>>::new();
        for (path, response) in recorded {
            answers.entry(path.into()).or_default().push_back(response);
        }
        Self(Mutex::new(answers))
    }

    fn play(&self, request: &OutgoingRequest) -> Result<IncomingResponse, TransportError> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get_mut(request.path()).and_then(VecDeque::pop_front).ok_or_else(|| {
            TransportError::new(TransportErrorKind::Unsupported, Sent::No)
                .with_source(format!("no answer is recorded for {}", request.path()))
        })
    }
}

#[async_trait]
impl Transport for ReplayTransport {
    async fn send(
        &self,
        request: OutgoingRequest,
        _: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        self.play(&request)
    }
}

impl BlockingTransport for ReplayTransport {
    fn send(&self, request: OutgoingRequest, _: &SendOptions) -> Result<IncomingResponse, TransportError> {
        self.play(&request)
    }
}
