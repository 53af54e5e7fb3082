//! What a person is shown, and how a person's request is read.

use std::borrow::Cow;

use hyper::{HeaderMap, Method, StatusCode, Uri, http};
use serde_json::Value;

/// A page or an object.
pub(super) struct Shown {
    pub(super) status: StatusCode,
    pub(super) kind: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) policy: Policy,
    pub(super) body: Vec<u8>,
}

/// What a page may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    /// Nothing runs.
    Still,
    /// Our own script runs and asks for what is new.
    Live,
}

impl Shown {
    pub(super) fn html(status: StatusCode, body: Html) -> Self {
        let (kind, policy) = ("text/html; charset=utf-8", Policy::Still);
        Self { status, kind, headers: Vec::new(), policy, body: body.0.into() }
    }

    pub(super) fn json(status: StatusCode, value: &Value) -> Self {
        let body = format!("{value}\n").into();
        Self { status, kind: "application/json", headers: Vec::new(), policy: Policy::Still, body }
    }

    /// An object with a sentence that says what is wrong.
    pub(super) fn refused(status: StatusCode, why: impl std::fmt::Display) -> Self {
        Self::json(status, &serde_json::json!({ "error": why.to_string() }))
    }
}

/// The head of a person's request.
pub(super) struct Head {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
}

impl From<http::request::Parts> for Head {
    fn from(parts: http::request::Parts) -> Self {
        Self { method: parts.method, uri: parts.uri, headers: parts.headers }
    }
}

impl Head {
    /// A header that occurs once and is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().ok();
        value.filter(|_| values.next().is_none())
    }

    fn host(&self) -> Option<&str> {
        self.uri.authority().map(|authority| authority.as_str()).or(self.header("host"))
    }

    /// Whether the request was meant for this server and comes from a page of its own, or from no page at all. A
    /// page of another site can neither choose the `Host` of a name that it owns to be ours nor leave out `Origin`.
    pub(super) fn is_from_here(&self, hosts: &[String]) -> bool {
        self.host().is_some_and(|host| hosts.iter().any(|known| known == host)) && self.is_of_one_origin()
    }

    /// Whether no page of another site sent it.
    pub(super) fn is_of_one_origin(&self) -> bool {
        let Some(host) = self.host() else { return false };
        let same_origin = |origin: &str| {
            origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) == Some(host)
        };
        let by_origin = match self.headers.contains_key("origin") {
            true => self.header("origin").is_some_and(same_origin),
            false => true,
        };
        let by_site = !self.headers.contains_key("sec-fetch-site")
            || self.method == Method::GET
            || matches!(self.header("sec-fetch-site"), Some("same-origin" | "none"));
        by_origin && by_site
    }

    /// A value of the query.
    pub(super) fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        field(self.uri.query()?, name)
    }
}

/// A field of a form, percent-decoded.
pub(super) fn field<'a>(form: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let value = form.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then_some(value)
    })?;
    if !value.contains(['+', '%']) {
        return Some(Cow::Borrowed(value));
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// HTML that was put together from our own text, and from others' text made harmless.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// Our own text, as it is.
    pub(super) fn raw(mut self, html: &'static str) -> Self {
        self.0.push_str(html);
        self
    }

    /// Anybody's text: it stays text, between tags and within quotes.
    pub(super) fn text(mut self, text: &str) -> Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_text_stays_text() {
        let html = Html::default().raw("<p title=\"").text("\"><script>alert('x')</script>&").raw("\">");
        assert_eq!(html.0, "<p title=\"&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;\">");
    }

    #[test]
    fn fields_are_decoded() {
        let form = "a=1&number=4054+6957&x=%C3%A4%2f&bad=%zz&empty=";
        assert_eq!(field(form, "number").as_deref(), Some("4054 6957"));
        assert_eq!(field(form, "x").as_deref(), Some("ä/"));
        assert_eq!((field(form, "bad"), field(form, "none")), (None, None));
        assert_eq!(field(form, "empty").as_deref(), Some(""));
    }

    #[test]
    fn requests_of_other_sites_are_told_apart() {
        let head = |headers: &[(&'static str, &'static str)]| Head {
            method: Method::POST,
            uri: "/".parse().unwrap(),
            headers: headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect::<HeaderMap>(),
        };
        let hosts = ["127.0.0.1:8".to_owned()];
        let from_here = |headers: &[(&'static str, &'static str)]| head(headers).is_from_here(&hosts);
        assert!(from_here(&[("host", "127.0.0.1:8")]));
        assert!(from_here(&[("host", "127.0.0.1:8"), ("origin", "http://127.0.0.1:8")]));
        for bad in [
            &[][..],
            &[("host", "evil.example:8")],
            &[("host", "127.0.0.1:8"), ("origin", "http://evil.example")],
            &[("host", "127.0.0.1:8"), ("origin", "null")],
            &[("host", "127.0.0.1:8"), ("sec-fetch-site", "cross-site")],
        ] {
            assert!(!from_here(bad), "{bad:?}");
        }
    }
}
