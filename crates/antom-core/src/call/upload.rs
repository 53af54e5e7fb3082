use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::EncodeError;
use crate::profile::Gateway;

/// A file to upload. Cloning it does not copy its bytes.
///
/// ```
/// use antom_core::call::File;
/// let file = File::new("C:\\pictures\\shoe.png", &b"not really a picture"[..]);
/// assert_eq!((file.name(), file.media_type()), ("shoe.png", "image/png"));
/// assert_eq!(file.sha256().len(), 64);
/// assert_eq!(file.bytes().len(), 20);
/// // What cannot stand in a header is no media type.
/// assert_eq!(file.with_media_type("image\r\n").media_type(), "application/octet-stream");
/// ```
#[derive(Clone)]
pub struct File {
    name: String,
    media_type: String,
    bytes: Bytes,
    sha256: String,
}

impl File {
    /// The longest file in bytes.
    pub const MAX_LENGTH: usize = 2 * 1024 * 1024;

    /// A file with this name, of which folders are cut off. Its type follows from the name's ending.
    #[must_use]
    pub fn new(name: &str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let name: String = name
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or_default()
            .chars()
            .map(|c| if c.is_control() || c == '"' { '_' } else { c })
            .collect();
        let media_type = media_type(&name).into();
        let sha256 = hex(&Sha256::digest(&bytes));
        Self { name: if name.is_empty() { "file".into() } else { name }, media_type, bytes, sha256 }
    }

    /// The same file with another media type. One that cannot stand in a header becomes
    /// `application/octet-stream`.
    #[must_use]
    pub fn with_media_type(self, media_type: &str) -> Self {
        let possible = media_type.contains('/') && media_type.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        Self { media_type: if possible { media_type } else { BINARY }.into(), ..self }
    }

    /// The name without folders.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The media type, such as `image/png`.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The SHA-256 of the bytes in lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    pub(crate) fn check_length(&self) -> Result<(), EncodeError> {
        match self.bytes.len() {
            1..=Self::MAX_LENGTH => Ok(()),
            length => Err(EncodeError::FileLength { length, limit: Self::MAX_LENGTH }),
        }
    }

    /// Content type and body: the JSON, then the file twice, as the gateway reads it.
    ///
    /// The boundary is a digest over the parts. No one can make a part that holds the digest of itself, and
    /// the same call has the same bytes every time it is sent.
    pub(crate) fn multipart(&self, json: &[u8]) -> (String, Bytes) {
        let digest = Sha256::new()
            .chain_update(json)
            .chain_update(self.name.as_bytes())
            .chain_update(self.sha256.as_bytes())
            .finalize();
        let boundary = format!("antom-{}", hex(&digest));
        let mut body = Vec::with_capacity(2 * self.bytes.len() + json.len() + 1024);
        let head =
            "Content-Disposition: form-data; name=\"body\"\r\nContent-Type: application/json; charset=UTF-8";
        part(&mut body, &boundary, head, json);
        for name in ["file", "imageFile"] {
            let head = format!(
                "Content-Disposition: form-data; name=\"{name}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\
                 Content-Transfer-Encoding: binary",
                self.name, self.media_type
            );
            part(&mut body, &boundary, &head, &self.bytes);
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body.into())
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({:?}, {}, {} bytes)", self.name, self.media_type, self.bytes.len())
    }
}

/// Antom's gateway for files that belongs to this one.
pub(crate) fn upload_gateway(gateway: &Gateway) -> Option<Gateway> {
    let authority = gateway.authority();
    let upload = match authority.strip_suffix(":443").unwrap_or(authority) {
        "open-na-global.alipay.com" | "open-na.alipay.com" => "https://open-big-na.alipay.com",
        "open-sea-global.alipay.com" | "open-sea.alipay.com" => "https://open-big-sea.alipay.com",
        "open-de-global.alipay.com" => "https://open-big-de-global.alipay.com",
        _ => return None,
    };
    Gateway::parse(upload).ok()
}

const BINARY: &str = "application/octet-stream";

fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        _ => BINARY,
    }
}

fn part(body: &mut Vec<u8>, boundary: &str, head: &str, bytes: &[u8]) {
    body.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Region;

    #[test]
    fn names_are_cut_and_cleaned() {
        for (given, name, media_type) in [
            ("/srv/a/photo.JPG", "photo.JPG", "image/jpeg"),
            ("a\"b\r\n.gif", "a_b__.gif", "image/gif"),
            ("notes.txt", "notes.txt", BINARY),
            ("folder/", "file", BINARY),
        ] {
            let file = File::new(given, &b"x"[..]);
            assert_eq!((file.name(), file.media_type()), (name, media_type));
        }
        let file = File::new("x", &b"x"[..]);
        assert_eq!(file.clone().with_media_type("image/avif").media_type(), "image/avif");
        assert_eq!(file.with_media_type("image/png\r\nx: y").media_type(), BINARY);
    }

    #[test]
    fn files_are_neither_empty_nor_too_long() {
        for (length, good) in [(0, false), (1, true), (File::MAX_LENGTH, true), (File::MAX_LENGTH + 1, false)]
        {
            assert_eq!(File::new("x", alloc::vec![7; length]).check_length().is_ok(), good, "{length}");
        }
    }

    #[test]
    fn the_digest_is_sha_256() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(File::new("x", &b"abc"[..]).sha256(), expected);
    }

    #[test]
    fn each_region_has_the_upload_gateway_that_antom_names() {
        for (region, host) in [
            (Region::NorthAmerica, Some("open-big-na.alipay.com")),
            (Region::UnitedStates, None),
            (Region::Asia, Some("open-big-sea.alipay.com")),
            (Region::Europe, Some("open-big-de-global.alipay.com")),
        ] {
            let upload = upload_gateway(&region.into());
            assert_eq!(upload.as_ref().map(Gateway::authority), host, "{region:?}");
        }
        for url in ["https://open-eu.alipay.com", "https://open-sea.alipay.com:8443", "http://127.0.0.1:1"] {
            assert_eq!(upload_gateway(&Gateway::parse(url).unwrap()), None, "{url}");
        }
    }
}
