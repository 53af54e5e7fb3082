use bytes::{Bytes, BytesMut};

use crate::error::FailedStep;

/// A body under a cap, collected without a copy when it comes in one piece.
#[derive(Debug)]
pub(crate) struct BodyBuffer {
    limit: usize,
    first: Bytes,
    /// Used from the second piece on.
    joined: BytesMut,
}

impl BodyBuffer {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, first: Bytes::new(), joined: BytesMut::new() }
    }

    /// Refuses a length that was stated beforehand. An absent or untrue one does not matter: the pieces
    /// are counted.
    pub(crate) fn check_announced(&self, length: Option<u64>) -> Result<(), FailedStep> {
        match length.map(usize::try_from) {
            None => Ok(()),
            Some(Ok(length)) if length <= self.limit => Ok(()),
            Some(_) => Err(FailedStep::BodyTooLarge { limit: self.limit }),
        }
    }

    pub(crate) fn push(&mut self, piece: Bytes) -> Result<(), FailedStep> {
        let length = self.first.len() + self.joined.len();
        if piece.len() > self.limit.saturating_sub(length) {
            return Err(FailedStep::BodyTooLarge { limit: self.limit });
        }
        if length == 0 {
            self.first = piece;
            return Ok(());
        }
        if self.joined.is_empty() {
            self.joined.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.joined.extend_from_slice(&piece);
        Ok(())
    }

    pub(crate) fn finish(self) -> Bytes {
        if self.joined.is_empty() { self.first } else { self.joined.freeze() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(limit: usize, pieces: &[&'static str]) -> Result<Bytes, FailedStep> {
        let mut buffer = BodyBuffer::new(limit);
        for piece in pieces {
            buffer.push(Bytes::from_static(piece.as_bytes()))?;
        }
        Ok(buffer.finish())
    }

    #[test]
    fn pieces_are_joined_in_order_up_to_the_limit() {
        assert_eq!(collect(0, &[]).unwrap(), "");
        assert_eq!(collect(3, &["abc"]).unwrap(), "abc");
        assert_eq!(collect(6, &["", "ab", "", "c", "def"]).unwrap(), "abcdef");
        let too_large = Err(FailedStep::BodyTooLarge { limit: 5 });
        assert_eq!(collect(5, &["abcdef"]), too_large);
        assert_eq!(collect(5, &["ab", "c", "def"]), too_large);
    }

    #[test]
    fn one_piece_is_not_copied() {
        let piece = Bytes::from(vec![7; 1000]);
        let mut buffer = BodyBuffer::new(1000);
        buffer.push(piece.clone()).unwrap();
        assert_eq!(buffer.finish().as_ptr(), piece.as_ptr());
    }

    #[test]
    fn announced_lengths_are_judged() {
        let buffer = BodyBuffer::new(10);
        assert!(buffer.check_announced(None).is_ok());
        assert!(buffer.check_announced(Some(10)).is_ok());
        assert!(buffer.check_announced(Some(11)).is_err());
        assert!(buffer.check_announced(Some(u64::MAX)).is_err());
    }
}
