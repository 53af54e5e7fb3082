use std::fmt;

use antom_core::signature::MAX_HEADER_LEN;

/// The head of a delivery as it came in: method, target and the three headers that mean something.
/// Nothing about it is trusted.
///
/// ```
/// use antom_webhook::WebhookHead;
///
/// let head = WebhookHead::new("POST", "/antom/notify")
///     .with_header("Client-Id", "SANDBOX_5Y0000000000000")
///     .with_header("request-time", "2026-03-01T10:20:30Z")
///     .with_header("Signature", "algorithm=RSA256,keyVersion=1,signature=...")
///     .with_header("user-agent", "dropped: of no meaning here");
/// assert_eq!(head.path(), "/antom/notify");
/// assert_eq!(head.method(), "POST");
/// ```
#[derive(Clone)]
pub struct WebhookHead {
    method: String,
    target: String,
    headers: [Slot; HeadHeader::ALL.len()],
}

/// The headers of a delivery that mean something.
///
/// ```
/// use antom_webhook::HeadHeader;
///
/// // What an adapter has to hand over; every other header may be dropped.
/// let names: Vec<&str> = HeadHeader::ALL.iter().map(|header| header.as_str()).collect();
/// assert_eq!(names, ["client-id", "request-time", "signature"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeadHeader {
    /// `client-id`
    ClientId,
    /// `request-time`
    RequestTime,
    /// `signature`
    Signature,
}

impl HeadHeader {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ClientId, Self::RequestTime, Self::Signature];

    /// The name in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientId => "client-id",
            Self::RequestTime => "request-time",
            Self::Signature => "signature",
        }
    }
}

impl fmt::Display for HeadHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Clone, Default)]
pub(crate) enum Slot {
    #[default]
    Absent,
    /// One value, without the blanks around it.
    One(String),
    /// One value that is too long or holds something else than printable ASCII.
    Unreadable,
    Many,
}

impl WebhookHead {
    /// A head without headers. `target` is path and query as they stand in the request line.
    #[must_use]
    pub fn new(method: impl Into<String>, target: impl Into<String>) -> Self {
        Self { method: method.into(), target: target.into(), headers: Default::default() }
    }

    /// Adds a header. Names are compared without case; a header of no meaning here is dropped; a second
    /// one of the same name makes the delivery refusable, whichever of them would have verified.
    ///
    /// ```
    /// use antom_webhook::WebhookHead;
    ///
    /// let mut head = WebhookHead::new("POST", "/notify");
    /// head.push_header("Request-Time", b"2026-03-01T10:20:30Z");
    /// assert!(format!("{head:?}").contains("request_time: \"present\""));
    /// head.push_header("request-time", b"2026-03-01T10:20:31Z");
    /// assert!(format!("{head:?}").contains("request_time: \"repeated\"")); // Neither of them counts.
    /// assert_eq!(head.method(), "POST");
    /// ```
    pub fn push_header(&mut self, name: &str, value: &[u8]) {
        let Some(position) =
            HeadHeader::ALL.iter().position(|known| known.as_str().eq_ignore_ascii_case(name))
        else {
            return;
        };
        let Some(slot) = self.headers.get_mut(position) else { return };
        *slot = match slot {
            Slot::Absent => read(value),
            _ => Slot::Many,
        };
    }

    /// The head with a header more.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.push_header(name, value.as_ref());
        self
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The query with its question mark, if the target has one.
    pub(crate) fn query(&self) -> Option<&str> {
        self.target.find('?').and_then(|at| self.target.get(at..))
    }

    pub(crate) fn slot(&self, header: HeadHeader) -> &Slot {
        match (&self.headers, header) {
            ([slot, _, _], HeadHeader::ClientId)
            | ([_, slot, _], HeadHeader::RequestTime)
            | ([_, _, slot], HeadHeader::Signature) => slot,
        }
    }
}

fn read(value: &[u8]) -> Slot {
    // Without an early exit, which would keep the compiler from looking at many bytes at once.
    let odd = |value: &[u8]| value.iter().fold(false, |odd, byte| odd | !matches!(byte, b' '..=b'~' | b'\t'));
    if value.len() > MAX_HEADER_LEN || odd(value) {
        return Slot::Unreadable;
    }
    match std::str::from_utf8(value) {
        // Of all blanks only spaces and tabs are left.
        Ok(text) => Slot::One(text.trim_ascii().to_owned()),
        Err(_) => Slot::Unreadable,
    }
}

/// Shows which headers are there, not what they say, and no query: both may carry what is not for logs.
impl fmt::Debug for WebhookHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = |header| match self.slot(header) {
            Slot::Absent => "absent",
            Slot::One(_) => "present",
            Slot::Unreadable => "unreadable",
            Slot::Many => "repeated",
        };
        f.debug_struct("WebhookHead")
            .field("method", &self.method)
            .field("path", &self.path())
            .field("client_id", &shape(HeadHeader::ClientId))
            .field("request_time", &shape(HeadHeader::RequestTime))
            .field("signature", &shape(HeadHeader::Signature))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_any_case_and_trimmed() {
        for name in ["client-id", "Client-Id", "CLIENT-ID"] {
            let head = WebhookHead::new("POST", "/n").with_header(name, " \tABC ");
            assert!(matches!(head.slot(HeadHeader::ClientId), Slot::One(value) if value == "ABC"));
            assert!(matches!(head.slot(HeadHeader::Signature), Slot::Absent));
        }
    }

    #[test]
    fn repeated_and_unreadable_headers_are_told_apart() {
        let head = WebhookHead::new("POST", "/n")
            .with_header("signature", "a")
            .with_header("SIGNATURE", "a")
            .with_header("client-id", [0xff])
            .with_header("request-time", "1".repeat(100_000));
        assert!(matches!(head.slot(HeadHeader::Signature), Slot::Many));
        assert!(matches!(head.slot(HeadHeader::ClientId), Slot::Unreadable));
        assert!(matches!(head.slot(HeadHeader::RequestTime), Slot::Unreadable));
    }

    #[test]
    fn target_is_split_at_the_first_question_mark() {
        let head = WebhookHead::new("POST", "/n?a=b?c");
        assert_eq!((head.path(), head.query()), ("/n", Some("?a=b?c")));
        assert_eq!(WebhookHead::new("POST", "/n").query(), None);
        assert_eq!(WebhookHead::new("POST", "").path(), "");
    }

    #[test]
    fn debug_shows_no_value() {
        let head = WebhookHead::new("POST", "/n?token=hush").with_header("signature", "hush");
        assert!(!format!("{head:?}").contains("hush"));
    }
}
