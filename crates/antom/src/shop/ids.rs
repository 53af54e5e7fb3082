use core::fmt::Debug;
use core::fmt::Write as _;

/// Makes ids that were never used before and cannot be guessed.
///
/// ```
/// use antom::shop::{Ids, NoRandomness};
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// /// For a test that wants to know its ids before.
/// #[derive(Debug, Default)]
/// struct Counted(AtomicU64);
///
/// impl Ids for Counted {
///     fn fresh(&self) -> Result<String, NoRandomness> {
///         Ok(format!("id{:030}", self.0.fetch_add(1, Ordering::Relaxed)))
///     }
/// }
/// assert_ne!(Counted::default().fresh()?.len(), 0);
/// # Ok::<(), NoRandomness>(())
/// ```
pub trait Ids: Debug + Send + Sync {
    /// A new id of at least 128 random bits, at most 64 characters, of letters and digits.
    ///
    /// # Errors
    ///
    /// There is no randomness.
    fn fresh(&self) -> Result<String, NoRandomness>;
}

/// The operating system gave no random bytes.
///
/// ```
/// use antom::shop::NoRandomness;
///
/// let error = NoRandomness("the device is gone".into());
/// assert_eq!(error.to_string(), "the operating system gave no random bytes");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomness(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Ids of 160 bits from the operating system, in hexadecimal digits.
///
/// ```
/// use antom::shop::{Ids, RandomIds};
///
/// assert_ne!(RandomIds.fresh()?, RandomIds.fresh()?);
/// # Ok::<(), antom::shop::NoRandomness>(())
/// ```
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
