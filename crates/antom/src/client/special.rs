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
    pub fn meter_upload_event(
        &self,
        session_id: &Secret<String>,
        request: &MeterUploadEventRequest,
    ) -> Result<Outcome<MeterUploadEventResponse>, CallError> {
        self.0.session::<MeterUploadEvent>(request, session_id)
    }
}
