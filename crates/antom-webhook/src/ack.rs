use std::future::Future;

use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use bytes::Bytes;

use crate::clock::Clock;
use crate::error::WebhookError;

const SUCCESS: &str = r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}"#;
const REFUSED: &str =
    r#"{"result":{"resultCode":"PROCESS_FAIL","resultStatus":"F","resultMessage":"not accepted"}}"#;

/// The answer to a delivery: status, headers and body. It is not signed.
///
/// Only [`success`](Self::success) ends the redeliveries; make it once the delivery is stored durably, or
/// let [`after`](Self::after) do so.
///
/// ```
/// use antom_webhook::Ack;
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::time::UnixTime;
///
/// let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// let ack = Ack::success(&client_id, UnixTime::from_secs(1_772_360_430));
/// assert_eq!(ack.status(), 200);
/// assert!(ack.is_success() && ack.body().starts_with(b"{"));
/// assert!(ack.headers().any(|header| header == ("response-time", "2026-03-01T10:20:30Z")));
/// # Ok::<(), antom_webhook::signature::ClientIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an answer has an effect only when it is sent"]
pub struct Ack {
    status: u16,
    /// Client id and response-time; a refusal has neither.
    stamp: Option<(ClientId, String)>,
    body: &'static str,
}

impl Ack {
    /// The acknowledgement: the gateway will not deliver this notification again.
    pub fn success(client_id: &ClientId, now: UnixTime) -> Self {
        // The header is accurate to the second.
        let time = UnixTime::from_secs(now.as_secs()).to_rfc3339();
        Self { status: 200, stamp: Some((client_id.clone(), time)), body: SUCCESS }
    }

    /// The refusal: the gateway will deliver this notification again. For when storing it failed.
    ///
    /// ```
    /// use antom_webhook::Ack;
    ///
    /// let ack = Ack::refuse();
    /// assert!(!ack.is_success() && ack.status() == 500);
    /// assert!(ack.body().starts_with(b"{"));
    /// ```
    pub fn refuse() -> Self {
        Self { status: 500, stamp: None, body: REFUSED }
    }

    /// The refusal of a delivery that did not verify. It tells the sender nothing but a status.
    ///
    /// ```
    /// use antom_webhook::{Ack, WebhookHead};
    /// use antom_webhook::WebhookVerifier;
    /// use antom_webhook::signature::ClientId;
    /// use antom_webhook::time::UnixTime;
    /// # use antom_webhook::testing::TestGateway;
    /// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
    /// # let gateway = TestGateway::published(client_id.clone())?;
    /// # let now = UnixTime::from_secs(1_772_360_430);
    /// # let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path("/notify").build()?;
    ///
    /// let error = verifier.verify(&WebhookHead::new("GET", "/notify"), "".into(), now).unwrap_err();
    /// let ack = Ack::for_error(&error);
    /// assert_eq!(ack.status(), 405);
    /// assert!(ack.headers().any(|header| header == ("allow", "POST")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn for_error(error: &WebhookError) -> Self {
        Self { status: error.status(), ..Self::refuse() }
    }

    /// Acknowledges once `work` has succeeded and refuses once it has failed. What the work came to is
    /// handed back beside the answer: log it.
    ///
    /// ```
    /// use antom_webhook::signature::ClientId;
    /// use antom_webhook::time::UnixTime;
    /// use antom_webhook::{Ack, Clock};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
    /// let clock = Clock::fixed(UnixTime::from_secs(1_772_360_430));
    /// // The disk is full: it comes again.
    /// let (ack, stored) = Ack::after(&client_id, &clock, async { Err::<(), _>("the disk is full") }).await;
    /// assert!(!ack.is_success());
    /// assert_eq!(stored, Err("the disk is full")); // For the log.
    /// # Ok::<(), antom_webhook::signature::ClientIdError>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn after<T, E>(
        client_id: &ClientId,
        clock: &Clock,
        work: impl Future<Output = Result<T, E>>,
    ) -> (Self, Result<T, E>) {
        let outcome = work.await;
        let ack = match outcome {
            Ok(_) => Self::success(client_id, clock.now()),
            Err(_) => Self::refuse(),
        };
        (ack, outcome)
    }

    /// Whether it ends the redeliveries.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status == 200
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers, names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let stamp = self.stamp.iter().flat_map(|(client_id, time)| {
            [("response-time", time.as_str()), ("client-id", client_id.as_str())]
        });
        let allow = (self.status == 405).then_some(("allow", "POST"));
        [("content-type", "application/json")].into_iter().chain(stamp).chain(allow)
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> Bytes {
        Bytes::from_static(self.body.as_bytes())
    }

    /// The answer as a response of the `http` crate, for any body that is made from bytes.
    ///
    /// ```
    /// use antom_webhook::Ack;
    ///
    /// let response: http::Response<bytes::Bytes> = Ack::refuse().into_http();
    /// assert_eq!(response.status(), 500);
    /// ```
    #[cfg(feature = "hyper")]
    #[must_use]
    pub fn into_http<B: From<Bytes>>(self) -> http::Response<B> {
        let mut response = http::Response::new(B::from(self.body()));
        *response.status_mut() =
            http::StatusCode::from_u16(self.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers() {
            // A client id and a time are visible ASCII, so no value is left out.
            if let Ok(value) = http::HeaderValue::from_str(value) {
                response.headers_mut().insert(http::HeaderName::from_static(name), value);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_id() -> ClientId {
        ClientId::new("SANDBOX_1").unwrap()
    }

    #[test]
    fn success_is_exact() {
        let ack = Ack::success(&client_id(), UnixTime::from_millis(1_772_360_430_999));
        assert!(ack.is_success());
        assert_eq!(ack.status(), 200);
        assert_eq!(
            ack.headers().collect::<Vec<_>>(),
            [
                ("content-type", "application/json"),
                ("response-time", "2026-03-01T10:20:30Z"),
                ("client-id", "SANDBOX_1"),
            ]
        );
        assert_eq!(ack.body(), SUCCESS.as_bytes());
    }

    #[test]
    fn refusal_is_no_success() {
        let ack = Ack::refuse();
        assert!(!ack.is_success());
        assert_eq!(ack.status(), 500);
        assert_eq!(ack.headers().collect::<Vec<_>>(), [("content-type", "application/json")]);
        assert!(ack.body().windows(19).any(|part| part == br#""resultStatus":"F","#));
    }
}
