//! The calls of the group `billing` that are no signed JSON: a file, and events within a session.

use antom_core::api::billing::{
    MeterUploadEvent, MeterUploadEventRequest, MeterUploadEventResponse, ProductUploadImage,
    ProductUploadImageRequest, ProductUploadImageResponse,
};
use antom_core::call::File;
use antom_core::outcome::{CallError, Outcome};
use antom_core::secret::Secret;

use crate::groups::Billing;
#[cfg(feature = "blocking")]
use crate::groups::blocking;

fn describe(product_id: &str, file: &File) -> ProductUploadImageRequest {
    ProductUploadImageRequest::new(product_id, file.sha256())
}

impl Billing<'_> {
    /// Uploads the picture of a product, of 1 byte to 2 MiB, to the upload gateway.
    ///
    /// # Errors
    ///
    /// Nothing was sent: the file has a length that is not possible, no upload gateway is known
    /// (see `upload_gateway_url` of the builder), or an API key is used.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, client};
    /// use antom::core::call::File;
    /// # let client = client(&[]);
    ///
    /// # block_on(async {
    /// let file = File::new("shoe.png", Vec::new());
    /// // An empty file is refused before anything is sent.
    /// let refused = client.billing().product_upload_image("product-1", &file).await;
    /// assert!(refused.is_err());
    /// # Ok(()) });
    /// ```
    pub async fn product_upload_image(
        &self,
        product_id: &str,
        file: &File,
    ) -> Result<Outcome<ProductUploadImageResponse>, CallError> {
        self.0.upload::<ProductUploadImage>(&describe(product_id, file), file).await
    }

    /// Uploads metered events within the session that `meter_create_session` opened. It needs a transport
    /// with HTTP/2. Nothing is signed: the answer carries [`Proof::Tls`](antom_core::fact::Proof::Tls).
    ///
    /// # Errors
    ///
    /// Nothing was sent: the session id cannot be one, or the transport cannot do HTTP/2.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, client};
    /// use antom::core::api::billing::MeterUploadEventRequest;
    /// use antom::prelude::*;
    /// # let client = client(&[r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#]);
    ///
    /// # block_on(async {
    /// let session = Secret::new("session-1".to_owned()); // From the answer of `meter_create_session`.
    /// let request = MeterUploadEventRequest::new(Vec::new());
    /// let outcome = client.billing().meter_upload_event(&session, &request).await?;
    /// assert!(matches!(outcome, Outcome::Completed(_)));
    /// # Ok(()) });
    /// ```
    pub async fn meter_upload_event(
        &self,
        session_id: &Secret<String>,
        request: &MeterUploadEventRequest,
    ) -> Result<Outcome<MeterUploadEventResponse>, CallError> {
        self.0.session::<MeterUploadEvent>(request, session_id).await
    }
}

#[cfg(feature = "blocking")]
impl blocking::Billing<'_> {
    /// Uploads the picture of a product, of 1 byte to 2 MiB, to the upload gateway.
    ///
    /// # Errors
    ///
    /// Nothing was sent: the file has a length that is not possible, no upload gateway is known
    /// (see `upload_gateway_url` of the builder), or an API key is used.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::blocking_client;
    /// use antom::core::call::File;
    /// # let client = blocking_client(&[]);
    ///
    /// let file = File::new("shoe.png", Vec::new());
    /// // An empty file is refused before anything is sent.
    /// assert!(client.billing().product_upload_image("product-1", &file).is_err());
    /// ```
    pub fn product_upload_image(
        &self,
        product_id: &str,
        file: &File,
    ) -> Result<Outcome<ProductUploadImageResponse>, CallError> {
        self.0.upload::<ProductUploadImage>(&describe(product_id, file), file)
    }

    /// Uploads metered events within the session that `meter_create_session` opened. It needs a transport
    /// with HTTP/2, which ureq is not.
    ///
    /// # Errors
    ///
    /// Nothing was sent: the session id cannot be one, or the transport cannot do HTTP/2.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::blocking_client;
    /// use antom::core::api::billing::MeterUploadEventRequest;
    /// use antom::prelude::*;
    /// # let client = blocking_client(&[r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#]);
    ///
    /// let session = Secret::new("session-1".to_owned()); // From the answer of `meter_create_session`.
    /// let outcome = client.billing().meter_upload_event(&session, &MeterUploadEventRequest::new(Vec::new()))?;
    /// assert!(matches!(outcome, Outcome::Completed(_)));
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn meter_upload_event(
        &self,
        session_id: &Secret<String>,
        request: &MeterUploadEventRequest,
    ) -> Result<Outcome<MeterUploadEventResponse>, CallError> {
        self.0.session::<MeterUploadEvent>(request, session_id)
    }
}
