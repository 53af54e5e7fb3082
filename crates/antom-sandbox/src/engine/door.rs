//! Who is let in: method, path, client id, time, signature; in this order, before the body is looked at. With
//! an API key there is nothing but the key: every well-formed `TEST` key speaks for the one client.

use std::collections::VecDeque;

use antom_core::profile::ApiKey;
use antom_core::signature::{ClientId, Verifier, check_path, content, header};
use antom_core::time::WireTime;

use super::wire::{GatewayRequest, Lookup};

/// A request that is let in.
pub(super) struct Admitted<'a> {
    /// Whether it was signed; then so is its answer.
    pub(super) signed: bool,
    /// The operation, such as `payments/pay`.
    pub(super) operation: &'a str,
}

/// A request that is turned away. The answer carries no signature, as at the real gateway.
pub(super) struct Rejection {
    pub(super) code: &'static str,
    pub(super) why: String,
}

fn reject<T>(code: &'static str, why: impl Into<String>) -> Result<T, Rejection> {
    Err(Rejection { code, why: why.into() })
}

/// Both path families: rewritten for online products, live for in-store products.
pub(super) const FAMILIES: [&str; 2] = ["/ams/api/v1/", "/ams/sandbox/api/v1/"];

/// Paths beside the families, as the description has them.
const OTHERS: [&str; 4] = [
    "/ams/api//v1/",
    "/ams/sandbox/api//v1/",
    "/ams/api/open/openapiv2_file/v1/",
    "/ams/sandbox/api/open/openapiv2_file/v1/",
];

pub(super) fn admit<'a>(
    request: &'a GatewayRequest,
    client_id: &ClientId,
    merchant: &VecDeque<Box<dyn Verifier>>,
) -> Result<Admitted<'a>, Rejection> {
    if request.method != "POST" {
        return reject("METHOD_NOT_SUPPORTED", "every operation is a POST");
    }
    if let Err(error) = check_path(&request.target) {
        return reject("NO_INTERFACE_DEF", error.to_string());
    }
    let path = request.path();
    let families = FAMILIES.iter().chain(&OTHERS);
    let Some(operation) = families.copied().find_map(|family| path.strip_prefix(family)) else {
        return reject(
            "NO_INTERFACE_DEF",
            format!("the path must begin with {} or {}", FAMILIES[0], FAMILIES[1]),
        );
    };
    if let Lookup::Once(value) = request.header("authorization")
        && matches!(request.header("signature"), Lookup::Absent)
    {
        return api_key(value).map(|()| Admitted { signed: false, operation });
    }
    match request.header("client-id") {
        Lookup::Once(id) if id == client_id.as_str() => {}
        Lookup::Once(_) => {
            return reject(
                "INVALID_CLIENT",
                format!("no account here has this client id; {client_id} is one"),
            );
        }
        Lookup::Absent => return reject("INVALID_CLIENT", "the header client-id is absent"),
        Lookup::Repeated => return reject("INVALID_CLIENT", "the header client-id occurs more than once"),
    }
    let time = match request.header("request-time") {
        Lookup::Once(text) => match WireTime::parse(text) {
            Ok(time) => time,
            Err(error) => return reject("INVALID_SIGNATURE", format!("the header request-time: {error}")),
        },
        Lookup::Absent => return reject("INVALID_SIGNATURE", "the header request-time is absent"),
        Lookup::Repeated => {
            return reject("INVALID_SIGNATURE", "the header request-time occurs more than once");
        }
    };
    let signature = match request.header("signature") {
        Lookup::Once(value) => {
            header::parse(value).and_then(|header| Ok((header.key_version, header.decode()?)))
        }
        Lookup::Absent => return reject("INVALID_SIGNATURE", "the header signature is absent"),
        Lookup::Repeated => return reject("INVALID_SIGNATURE", "the header signature occurs more than once"),
    };
    let (hint, signature) = match signature {
        Ok(parts) => parts,
        Err(error) => return reject("INVALID_SIGNATURE", error.to_string()),
    };
    let input = content(&request.method, &request.target, client_id, &time, &request.body);
    match merchant.iter().any(|key| key.verify(hint, &input, &signature).is_ok()) {
        true => Ok(Admitted { signed: true, operation }),
        false => reject(
            "INVALID_SIGNATURE",
            "the signature does not fit path, client-id, request-time and body under the merchant's public key",
        ),
    }
}

fn api_key(header: &str) -> Result<(), Rejection> {
    let Some(key) = header.strip_prefix("Bearer ") else {
        return reject("INVALID_CLIENT", "the header authorization must be `Bearer` and an API key");
    };
    match ApiKey::parse(key.to_owned()) {
        Ok(key) if key.is_test() => Ok(()),
        Ok(_) => reject("INVALID_CLIENT", "this is a live API key; a sandbox takes TEST keys only"),
        Err(error) => reject("INVALID_CLIENT", error.to_string()),
    }
}
