//! Values that must not be seen: [`Secret`] for what opens doors, [`Personal`] for what names people.
//!
//! Both print a constant text, so a message that holds one can be printed, logged and put into an error
//! safely. The only way to the value is a method with a telling name, [`Secret::expose`] and
//! [`Personal::expose`], which makes every use easy to find.
//!
//! ```
//! use antom_core::secret::{Personal, Secret};
//!
//! let token = Secret::new("281010".to_owned());
//! let name = Personal::new("A. Buyer".to_owned());
//! let shown = format!("{token:?} {name:?}");
//! assert!(!shown.contains("281010") && !shown.contains("Buyer"));
//! ```

use alloc::string::String;
use alloc::vec::Vec;
use core::{fmt, hint};

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A key, token, card number or security code: never printed, overwritten with zeros when dropped.
///
/// There is no `Display` and no `Hash`. Texts and byte strings compare in constant time (their lengths are
/// not hidden).
///
/// ```
/// use antom_core::secret::Secret;
///
/// let token: Secret<String> = Secret::from("T0ken");
/// assert_eq!(token, Secret::new("T0ken".to_owned()));
/// assert_eq!(format!("{token:?}"), "Secret(***)");
/// assert_eq!(token.expose(), "T0ken");
/// assert_eq!(token, Secret::from("T0ken"));
/// ```
///
/// It cannot be written out by accident:
///
/// ```compile_fail
/// let token: antom_core::secret::Secret<String> = "T0ken".into();
/// println!("{token}");
/// ```
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Puts a value under seal.
    ///
    /// Copies made before (a `String` that grew, the `&str` it came from) are not overwritten.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Do not print, log or store what comes out.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> ZeroizeOnDrop for Secret<T> {}

impl<T: Zeroize + Clone> Clone for Secret<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Self(String::from(value))
    }
}

impl Secret<String> {
    /// Puts a text in the place of this one.
    pub(crate) fn put(&mut self, text: String) {
        // Mostly this one has yet to hold anything, and needs no zeros.
        if self.0.capacity() > 0 {
            self.0.zeroize();
        }
        self.0 = text;
    }
}

/// The text's bytes, without a copy.
impl From<Secret<String>> for Secret<Vec<u8>> {
    fn from(mut text: Secret<String>) -> Self {
        Self(core::mem::take(&mut text.0).into_bytes())
    }
}

impl From<&[u8]> for Secret<Vec<u8>> {
    fn from(value: &[u8]) -> Self {
        Self(Vec::from(value))
    }
}

impl PartialEq for Secret<String> {
    fn eq(&self, other: &Self) -> bool {
        same_bytes(self.0.as_bytes(), other.0.as_bytes())
    }
}

impl Eq for Secret<String> {}

impl PartialEq for Secret<Vec<u8>> {
    fn eq(&self, other: &Self) -> bool {
        same_bytes(&self.0, &other.0)
    }
}

impl Eq for Secret<Vec<u8>> {}

/// Compares without stopping at the first difference, so the time taken tells nothing about where it is.
fn same_bytes(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    // The barrier at each step keeps the optimiser from turning the loop back into one with an early exit.
    let difference = left.iter().zip(right).fold(0_u8, |seen, (a, b)| hint::black_box(seen | (a ^ b)));
    difference == 0
}

/// Data about a person (name, address, e-mail, phone, account): left out of `Debug`.
///
/// Unlike [`Secret`] it is an ordinary value otherwise: it compares, and it can be taken out.
///
/// ```
/// use antom_core::secret::Personal;
///
/// let email: Personal<String> = Personal::from("buyer@example.com");
/// assert_eq!(format!("{email:?}"), "Personal(***)");
/// assert_eq!(email, Personal::new(email.expose().clone()));
/// assert_eq!(email.into_inner(), "buyer@example.com");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Marks a value as personal.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Takes the value out.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personal(***)")
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Personal<String> {
    fn from(value: &str) -> Self {
        Self(String::from(value))
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::rc::Rc;
    use core::cell::Cell;

    use super::*;

    #[test]
    fn debug_is_constant() {
        assert_eq!(format!("{:?}", Secret::<String>::from("canary")), "Secret(***)");
        assert_eq!(format!("{:#?}", Secret::<Vec<u8>>::from(&b"canary"[..])), "Secret(***)");
        assert_eq!(format!("{:?}", Some(Personal::<String>::from("canary"))), "Some(Personal(***))");
        assert_eq!(format!("{:#?}", Personal::from(17_u8)), "Personal(***)");
    }

    #[test]
    fn secrets_compare_by_content() {
        let secret = Secret::<String>::from;
        assert_eq!(secret("abc"), secret("abc"));
        assert_eq!(secret(""), secret(""));
        assert_ne!(secret("abc"), secret("abd"));
        assert_ne!(secret("abc"), secret("bbc"));
        assert_ne!(secret("abc"), secret("abcd"));
        assert_ne!(secret("abc"), secret(""));
        assert_eq!(Secret::<Vec<u8>>::from(secret("abc")), Secret::from(&b"abc"[..]));
        assert_eq!(Secret::new(Vec::from([1_u8, 2])), Secret::from(&[1_u8, 2][..]));
        assert_ne!(Secret::new(Vec::from([1_u8, 2])), Secret::from(&[2_u8, 1][..]));
        assert_eq!(secret("abc").clone().expose(), "abc");
        let mut other = secret("");
        for text in ["abc", "d"] {
            other.put(text.into());
            assert_eq!(other, secret(text));
        }
    }

    #[test]
    fn drop_overwrites_the_value() {
        #[derive(Clone)]
        struct Probe(Rc<Cell<u32>>);
        impl Zeroize for Probe {
            fn zeroize(&mut self) {
                self.0.set(self.0.get() + 1);
            }
        }
        let count = Rc::new(Cell::new(0));
        let first = Secret::new(Probe(Rc::clone(&count)));
        let second = first.clone();
        assert_eq!(first.expose().0.get(), 0);
        drop(first);
        assert_eq!(count.get(), 1);
        drop(second);
        assert_eq!(count.get(), 2);
    }
}
