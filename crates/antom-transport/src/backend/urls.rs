//! The URLs of requests, each parsed and checked once.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use antom_core::call::{OutgoingRequest, TransportError};

/// How many are kept at most: more than a gateway has operations.
const MOST: usize = 256;

/// The URLs that a transport has sent to, as its HTTP stack has them. Clones share them.
pub(super) struct Urls<U>(Arc<Mutex<Vec<Known<U>>>>);

struct Known<U> {
    text: Box<str>,
    url: U,
}

impl<U: Clone> Urls<U> {
    /// The URL of this request; `parse` is asked once for each.
    pub(super) fn of(
        &self,
        request: &OutgoingRequest,
        parse: impl FnOnce(&str) -> Result<U, TransportError>,
    ) -> Result<U, TransportError> {
        let (origin, path) = (request.gateway().origin(), request.path());
        // Nothing in here leaves the list half changed.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |text: &str| {
            text.len() == origin.len() + path.len() && text.ends_with(path) && text.starts_with(origin)
        };
        if let Some(found) = known.iter().find(|known| is_it(&known.text)) {
            return Ok(found.url.clone());
        }
        let text = request.url();
        let url = parse(&text)?;
        if known.len() < MOST {
            known.push(Known { text: text.into(), url: url.clone() });
        }
        Ok(url)
    }
}

impl<U> Clone for Urls<U> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<U> Default for Urls<U> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<U> fmt::Debug for Urls<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Urls").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use antom_core::call::{OperationInfo, Sent, TransportErrorKind};

    use super::super::kit::{operation, request};
    use super::*;

    static FIRST: OperationInfo = operation("/ams/api/v1/test/first");
    static SECOND: OperationInfo = operation("/ams/api/v1/test/other");

    #[test]
    fn each_url_is_parsed_once_and_belongs_to_its_gateway_and_path() {
        let urls = Urls::<String>::default();
        let requests = [
            request("http://127.0.0.1:1", &FIRST),
            request("http://127.0.0.1:1", &SECOND),
            request("http://127.0.0.1:2", &FIRST),
            request("https://gateway.example", &FIRST),
        ];
        for (index, request) in requests.iter().enumerate() {
            let url = urls.of(request, |text| Ok(format!("{index} {text}"))).unwrap();
            assert_eq!(url, format!("{index} {}", request.url()));
        }
        for (index, request) in requests.iter().enumerate() {
            let url = urls.clone().of(request, |_| panic!("parsed again")).unwrap();
            assert_eq!(url, format!("{index} {}", request.url()));
        }
    }

    #[test]
    fn what_is_refused_is_not_kept() {
        let urls = Urls::<()>::default();
        let refuse = |_: &str| Err(TransportError::new(TransportErrorKind::Unsupported, Sent::No));
        let request = request("http://127.0.0.1:1", &FIRST);
        assert!(urls.of(&request, refuse).is_err());
        assert!(urls.of(&request, refuse).is_err());
        assert!(urls.of(&request, |_| Ok(())).is_ok());
    }

    #[test]
    fn the_list_does_not_grow_without_end() {
        let urls = Urls::<String>::default();
        for port in 1..400 {
            let request = request(&format!("http://127.0.0.1:{port}"), &FIRST);
            assert_eq!(urls.of(&request, |text| Ok(text.to_owned())).unwrap(), request.url());
        }
        assert_eq!(urls.0.lock().unwrap().len(), MOST);
    }
}
