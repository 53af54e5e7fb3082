//! From the names of the wire to the names of Rust.

use super::spec::{Home, TypeId};

/// Words that Rust keeps for itself.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// Names that the macros around the messages use themselves.
const TAKEN: &[&str] = &["rest", "index", "reader", "message"];

/// The name of a field: `paymentRequestId` → `payment_request_id`, `is3DSAuthentication` →
/// `is_3ds_authentication`, `type` → `type_`.
pub(super) fn field(wire: &str) -> String {
    let name = snake(wire);
    if KEYWORDS.contains(&name.as_str()) || TAKEN.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        name
    }
}

/// Words joined by underscores, in lower case.
pub(super) fn snake(name: &str) -> String {
    words(name).join("_").to_lowercase()
}

/// The name of an enum variant: `PAYMENT_RESULT` → `PaymentResult`, `S` → `S`.
pub(super) fn variant(value: &str) -> String {
    let mut name = String::new();
    for word in words(value) {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(&letters.as_str().to_ascii_lowercase());
    }
    name
}

/// The name of a constant: `PaymentCode` → `PAYMENT_CODE`, `en_US` → `EN_US`. A value that is in upper case
/// already keeps its spelling.
pub(super) fn constant(value: &str) -> String {
    let upper =
        value.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
    let name = if upper { value.to_owned() } else { words(value).join("_").to_uppercase() };
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("V{name}") } else { name }
}

/// Splits at underscores, blanks and changes of case. Digits stay with the letters before them, but begin a
/// word of their own before an abbreviation: `is3DS` is `is` and `3DS`, `address1` is one word.
fn words(name: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for part in name.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        let bytes = part.as_bytes();
        let at = |index: usize| bytes.get(index).copied().unwrap_or(b' ');
        let mut start = 0;
        for index in 1..bytes.len() {
            let (before, here, after) = (at(index - 1), at(index), at(index + 1));
            let lower_to_upper = before.is_ascii_lowercase() && here.is_ascii_uppercase();
            let end_of_abbreviation =
                before.is_ascii_uppercase() && here.is_ascii_uppercase() && after.is_ascii_lowercase();
            let digits_begin = before.is_ascii_lowercase()
                && here.is_ascii_digit()
                && bytes.get(index..).is_some_and(digits_before_capital);
            let digits_end =
                before.is_ascii_digit() && here.is_ascii_uppercase() && after.is_ascii_lowercase();
            if lower_to_upper || end_of_abbreviation || digits_begin || digits_end {
                found.extend(part.get(start..index));
                start = index;
            }
        }
        found.extend(part.get(start..).filter(|word| !word.is_empty()));
    }
    found
}

fn digits_before_capital(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_digit()).is_some_and(u8::is_ascii_uppercase)
}

impl std::fmt::Display for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Models => "models",
            Self::Notifications => "notifications",
            Self::Group(name) => name,
        })
    }
}

impl std::fmt::Display for TypeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}::{}", self.home, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        for (wire, rust) in [
            ("paymentRequestId", "payment_request_id"),
            ("storeMCC", "store_mcc"),
            ("is3DSAuthentication", "is_3ds_authentication"),
            ("request3DS", "request_3ds"),
            ("threeDSResult", "three_ds_result"),
            ("address1", "address1"),
            ("fileSha256", "file_sha256"),
            ("customer2088Id", "customer_2088_id"),
            ("orderCountIn24H", "order_count_in_24h"),
            ("registrationNotifyURL", "registration_notify_url"),
            ("type", "type_"),
            ("index", "index_"),
        ] {
            assert_eq!(field(wire), rust);
        }
    }

    #[test]
    fn values() {
        assert_eq!(variant("PAYMENT_RESULT"), "PaymentResult");
        assert_eq!(variant("S"), "S");
        assert_eq!(constant("PaymentCode"), "PAYMENT_CODE");
        assert_eq!(constant("en_US"), "EN_US");
        assert_eq!(constant("MERCADOPAGO_BR"), "MERCADOPAGO_BR");
        assert_eq!(constant("AlipayCN"), "ALIPAY_CN");
    }
}
