//! Values the gateway may extend at any time: a text that is known or kept as it came, never lost and never
//! an error.
//!
//! Two shapes, each made by a macro. `open_enum!` makes an enum with an `Unknown` variant: for statuses, where
//! every value must be decided upon. `vocabulary!` makes a text newtype with constants: for long, growing lists
//! such as payment methods and result codes, where most values are only passed on. Neither has a `Default`: no
//! status is assumed.
//!
//! ```
//! use antom_core::api::models::ResultStatus;
//!
//! // A word of tomorrow is kept as it came, and is no error.
//! let status = ResultStatus::from("Z");
//! assert!(!status.is_known());
//! assert_eq!(status.as_str(), "Z");
//! ```

use alloc::string::String;
use core::fmt::{self, Write as _};

/// How many characters of a text from outside are shown.
const SHOWN: usize = 64;

/// A text from the wire that this version has no name for, kept unchanged.
///
/// Equality is by text. `Debug` shows at most 64 characters, escaped. It is only made by reading an open
/// enum, so an unknown value never hides a known one.
///
/// ```
/// use antom_core::api::notifications::AuthorizationNotifyType;
///
/// let AuthorizationNotifyType::Unknown(word) = AuthorizationNotifyType::from("TOKEN_RENAMED") else {
///     panic!("it is known");
/// };
/// assert_eq!(word.as_str(), "TOKEN_RENAMED");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownValue(String);

impl UnknownValue {
    /// The text as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For the `open_enum!` macro, which has compared the text with the known values.
    pub(crate) const fn new(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Shown(&self.0))
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Displays a text from outside so that it cannot flood or forge a log line: escaped, at most 64 characters.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.chars();
        for character in rest.by_ref().take(SHOWN) {
            for escaped in character.escape_debug() {
                f.write_char(escaped)?;
            }
        }
        if rest.next().is_some() { f.write_char('…') } else { Ok(()) }
    }
}

/// Declares a status-like enum that keeps values it does not know in `Unknown`.
///
/// Made for it: `as_str`, `is_known`, `KNOWN`, `From<&str>`, `From<String>` and `Display`; `Clone`,
/// `PartialEq`, `Eq`, `Hash` and `Debug` are derived. Reading a text and taking it with `as_str` gives the
/// same text, known or not.
///
/// ```text
/// open_enum! {
///     /// How far a parcel is.
///     pub enum ParcelStatus {
///         /// With the carrier.
///         Sent = "SENT",
///         /// With the buyer.
///         Delivered = "DELIVERED",
///     }
/// }
///
/// assert_eq!(ParcelStatus::from("SENT"), ParcelStatus::Sent);
/// let new = ParcelStatus::from("LOST");
/// assert!(!new.is_known());
/// assert_eq!(new.as_str(), "LOST");
/// assert_eq!(ParcelStatus::KNOWN, ["SENT", "DELIVERED"]);
/// ```
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $text:literal ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[non_exhaustive]
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        $vis enum $name {
            $( $(#[$variant_meta])* $variant, )+
            /// A value this version has no name for, as it came.
            Unknown($crate::open_enum::UnknownValue),
        }

        #[allow(unreachable_pub)]
        impl $name {
            /// The texts of all values that have a name, in the order of declaration.
            pub const KNOWN: &'static [&'static str] = &[$( $text ),+];

            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $text, )+
                    Self::Unknown(value) => value.as_str(),
                }
            }

            /// Whether this version has a name for the value.
            pub const fn is_known(&self) -> bool {
                !::core::matches!(self, Self::Unknown(_))
            }

            fn known(text: &str) -> ::core::option::Option<Self> {
                match text {
                    $( $text => ::core::option::Option::Some(Self::$variant), )+
                    _ => ::core::option::Option::None,
                }
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::known(text)
                    .unwrap_or_else(|| Self::Unknown($crate::open_enum::UnknownValue::new(text.into())))
            }
        }

        impl ::core::convert::From<$crate::__private::alloc::string::String> for $name {
            fn from(text: $crate::__private::alloc::string::String) -> Self {
                match Self::known(&text) {
                    ::core::option::Option::Some(value) => value,
                    ::core::option::Option::None => {
                        Self::Unknown($crate::open_enum::UnknownValue::new(text))
                    }
                }
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        $crate::codec::impl_wire_for_text!($name);
    };
}

/// Declares a text newtype with a constant for each value that is known by name.
///
/// Made for it: the constants, `KNOWN`, `from_static`, `as_str`, `is_known`, `From<&str>`, `From<String>`,
/// comparison with texts, `Display` and `Debug`; `Clone`, `PartialEq`, `Eq`, `PartialOrd`, `Ord` and `Hash`
/// are derived. Equality is by text, whichever way the value was made.
///
/// ```text
/// vocabulary! {
///     /// What a parcel is wrapped in.
///     pub struct Wrapping {
///         /// A box.
///         BOX = "BOX",
///         /// Soft paper.
///         TISSUE_PAPER = "TISSUE-PAPER",
///     }
/// }
///
/// assert_eq!(Wrapping::from("TISSUE-PAPER"), Wrapping::TISSUE_PAPER);
/// let new = Wrapping::from("BAG");
/// assert!(new == "BAG" && !new.is_known());
/// ```
macro_rules! vocabulary {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$const_meta:meta])* $constant:ident = $text:literal ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name($crate::__private::alloc::borrow::Cow<'static, str>);

        #[allow(unreachable_pub)]
        impl $name {
            $(
                $(#[$const_meta])*
                pub const $constant: Self = Self::from_static($text);
            )*

            /// The texts of all constants, in the order of declaration.
            pub const KNOWN: &'static [&'static str] = &[$( $text ),*];

            /// A value from a text in the program, without a copy.
            pub const fn from_static(text: &'static str) -> Self {
                Self($crate::__private::alloc::borrow::Cow::Borrowed(text))
            }

            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether there is a constant for the value.
            pub fn is_known(&self) -> bool {
                Self::KNOWN.contains(&self.as_str())
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                Self($crate::__private::alloc::borrow::Cow::Owned(text.into()))
            }
        }

        impl ::core::convert::From<$crate::__private::alloc::string::String> for $name {
            fn from(text: $crate::__private::alloc::string::String) -> Self {
                Self($crate::__private::alloc::borrow::Cow::Owned(text))
            }
        }

        impl ::core::cmp::PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl ::core::cmp::PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::write!(
                    f,
                    "{}(\"{}\")",
                    ::core::stringify!($name),
                    $crate::open_enum::Shown(self.as_str())
                )
            }
        }

        $crate::codec::impl_wire_for_text!($name);
    };
}

pub(crate) use {open_enum, vocabulary};

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use alloc::format;
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    crate::open_enum::open_enum! {
        /// A status.
        enum Light {
            /// Go.
            Green = "GREEN",
            /// Stop.
            Red = "RED",
        }
    }

    crate::open_enum::vocabulary! {
        /// A word.
        struct Word {
            /// One.
            ONE = "ONE",
            /// Two.
            TWO_WORDS = "TWO WORDS",
        }
    }

    #[test]
    fn known_values_have_names() {
        assert_eq!(Light::from("GREEN"), Light::Green);
        assert_eq!(Light::from(String::from("RED")), Light::Red);
        assert_eq!(Light::Red.to_string(), "RED");
        assert_eq!(format!("{:>5}|", Light::Red), "  RED|");
        assert!(Light::Green.is_known());
        assert_eq!(Light::KNOWN, ["GREEN", "RED"]);
        assert_eq!(format!("{:?}", Light::Green), "Green");
    }

    #[test]
    fn unknown_values_are_kept() {
        let light = Light::from("green");
        assert!(!light.is_known());
        assert_eq!(light.as_str(), "green");
        assert_eq!(light, Light::from(String::from("green")));
        assert_ne!(light, Light::Green);
        assert_eq!(format!("{light:?}"), "Unknown(\"green\")");
        assert_eq!(Light::from("").as_str(), "");
    }

    #[test]
    fn debug_is_short_and_escaped() {
        let long = "x".repeat(65);
        assert_eq!(format!("{:?}", UnknownValue(long.clone())), format!("\"{}…\"", "x".repeat(64)));
        assert_eq!(format!("{:?}", UnknownValue("x".repeat(64))), format!("\"{}\"", "x".repeat(64)));
        assert_eq!(format!("{:?}", Light::from("a\n\"b\u{1b}")), r#"Unknown("a\n\"b\u{1b}")"#);
        assert_eq!(format!("{:?}", Word::from("a\nb")), r#"Word("a\nb")"#);
        assert_eq!(Word::from(long.as_str()).to_string(), long);
    }

    #[test]
    fn words_compare_by_text() {
        assert_eq!(Word::from("TWO WORDS"), Word::TWO_WORDS);
        assert_eq!(Word::from(String::from("ONE")), Word::from_static("ONE"));
        assert!(Word::ONE == "ONE" && Word::ONE == *"ONE" && Word::ONE != "one");
        assert!(Word::from("ONE").is_known() && !Word::from("THREE").is_known());
        assert_eq!(Word::KNOWN, ["ONE", "TWO WORDS"]);
        let set = BTreeSet::from([Word::from("ONE"), Word::ONE, Word::TWO_WORDS]);
        assert_eq!(set.len(), 2);
    }

    proptest! {
        #[test]
        fn texts_come_back_unchanged(text in ".{0,100}") {
            let light = Light::from(text.as_str());
            prop_assert_eq!(light.as_str(), text.as_str());
            prop_assert_eq!(light.is_known(), Light::KNOWN.contains(&text.as_str()));
            let word = Word::from(text.as_str());
            prop_assert_eq!(word.as_str(), text.as_str());
            prop_assert_eq!(word.to_string(), text);
        }
    }
}
