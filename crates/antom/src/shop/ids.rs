use core::fmt::Debug;
use core::fmt::Write as _;

/// Makes ids that were never used before and cannot be guessed.
pub trait Ids: Debug + Send + Sync {
    /// A new id of at least 128 random bits, at most 64 characters, of letters and digits.
    ///
    /// # Errors
    ///
    /// There is no randomness.
    fn fresh(&self) -> Result<String, NoRandomness>;
}

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomness(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Ids of 160 bits from the operating system, in hexadecimal digits.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn fresh(&self) -> Result<String, NoRandomness> {
        let mut bytes = [0_u8; 20];
        getrandom::fill(&mut bytes).map_err(|error| NoRandomness(error.to_string().into()))?;
        let mut id = String::with_capacity(40);
        for byte in bytes {
            // Writing to a text cannot fail.
            let _ = write!(id, "{byte:02x}");
        }
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_have_one_length() {
        let (one, two) = (RandomIds.fresh().unwrap(), RandomIds.fresh().unwrap());
        assert_ne!(one, two);
        assert_eq!((one.len(), two.len()), (40, 40));
    }
}
