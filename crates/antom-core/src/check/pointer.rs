use alloc::string::String;
use core::fmt::Write as _;

/// The JSON pointer (RFC 6901) of the place where a walk is.
#[derive(Debug, Default)]
pub(super) struct Pointer(String);

impl Pointer {
    /// Goes into a member; [`leave`](Self::leave) takes what this gives.
    pub(super) fn enter(&mut self, name: &str) -> usize {
        let mark = self.0.len();
        self.0.push('/');
        for c in name.chars() {
            match c {
                '~' => self.0.push_str("~0"),
                '/' => self.0.push_str("~1"),
                c => self.0.push(c),
            }
        }
        mark
    }

    /// Goes into an element.
    pub(super) fn enter_item(&mut self, index: usize) -> usize {
        let mark = self.0.len();
        // Writing to a string cannot fail.
        let _ = write!(self.0, "/{index}");
        mark
    }

    /// Goes back to where an `enter` started.
    pub(super) fn leave(&mut self, mark: usize) {
        self.0.truncate(mark);
    }

    pub(super) fn text(&self) -> String {
        self.0.clone()
    }
}
