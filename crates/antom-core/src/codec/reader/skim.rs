//! Passing over a value to find its end, unread. What comes of it is a guess about where things are; only
//! the reading that follows says whether the text is JSON.

use super::Reader;
use crate::codec::DecodeError;

impl Reader<'_> {
    /// Goes to the end of the next value without looking at what it holds.
    ///
    /// # Errors
    ///
    /// The value has no end.
    pub(crate) fn pass_over(&mut self) -> Result<(), DecodeError> {
        match self.peek_byte() {
            Some(b'"') => self.pass_string(),
            Some(b'{' | b'[') => self.pass_container(),
            _ => {
                let rest = self.bytes.get(self.position..).unwrap_or_default();
                let end = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
                self.position += rest.iter().position(end).unwrap_or(rest.len());
                Ok(())
            }
        }
    }

    /// At the opening quote.
    fn pass_string(&mut self) -> Result<(), DecodeError> {
        self.position += 1;
        while self.scan_plain()? == b'\\' {
            // Whatever is escaped, its first letter is no end of the string.
            self.position += 2;
        }
        self.position += 1;
        Ok(())
    }

    /// At the opening bracket. Which kind closes it does not matter here, and nothing nests on the stack.
    fn pass_container(&mut self) -> Result<(), DecodeError> {
        let mut open = 0usize;
        loop {
            match self.bytes.get(self.position) {
                Some(b'"') => {
                    self.pass_string()?;
                    continue;
                }
                Some(b'{' | b'[') => open += 1,
                Some(b'}' | b']') => open -= 1,
                Some(_) => {}
                None => return Err(self.syntax("the end of an object or array")),
            }
            self.position += 1;
            if open == 0 {
                return Ok(());
            }
        }
    }
}
