//! JSON objects whose members stand in the order in which they are best read.

use serde_json::Value;

/// An object in one line, its members in this order.
pub(crate) fn object(members: &[(&str, Value)]) -> String {
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("{}:{value}", Value::from(*name))).collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::object;

    #[test]
    fn keeps_the_order_and_escapes() {
        let text = object(&[("b", json!("\"\n")), ("a", json!(null)), ("c\"", json!([1]))]);
        assert_eq!(text, r#"{"b":"\"\n","a":null,"c\"":[1]}"#);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["b"], "\"\n");
        assert_eq!(object(&[]), "{}");
    }
}
