//! What is behind an error.

use std::error::Error as StdError;
use std::io;

/// The error and everything behind it, also what `io::Error` hides from `source`.
pub(super) fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let hidden = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        hidden.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| error.source())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_look_into_io_errors() {
        let inner = rustls::Error::DecryptError;
        let error = io::Error::other(io::Error::other(inner));
        assert!(causes(&error).any(|cause| cause.is::<rustls::Error>()));
    }
}
