//! What the backends' own tests send.

use antom_core::call::{OperationInfo, OutgoingRequest, Prepared, Repeat, SandboxPath, TransportKind};
use antom_core::profile::{Credentials, Gateway, Profile};
use antom_core::signature::{ClientId, KeyVersion, Signature};
use antom_core::time::UnixTime;

pub(super) static CALL: OperationInfo = operation("/ams/api/v1/test/call");

pub(super) const fn operation(path: &'static str) -> OperationInfo {
    OperationInfo {
        id: "test/call",
        path,
        group: "test",
        repeat: Repeat::Never,
        inquiry: None,
        echoes: &[],
        moves_money: false,
        sandbox: SandboxPath::Keep,
        transport: TransportKind::Json,
        docs: "",
    }
}

/// A request with a signature that nobody checks.
pub(super) fn request(gateway: &str, operation: &'static OperationInfo) -> OutgoingRequest {
    let client_id = ClientId::new("SANDBOX_1").unwrap();
    let credentials = Credentials::Rsa { client_id, key_version: KeyVersion::default() };
    let profile = Profile::new(credentials, Gateway::parse(gateway).unwrap());
    let mut prepared = Prepared::raw(operation, b"{}", Vec::new(), &profile, UnixTime::from_secs(1)).unwrap();
    prepared.attach(&Signature::new(vec![1]));
    prepared.request().clone()
}
