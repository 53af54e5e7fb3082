//! Live money: nothing is called before a person at a terminal has said so.

use std::io::{self, BufRead, IsTerminal as _, Write};

use antom::core::call::OperationInfo;
use antom::core::profile::Profile;
use antom::core::signature::ClientId;
use serde_json::Value;

use crate::failure::Failure;

/// Asks for the confirmation where a person can give it.
pub(super) fn at_the_terminal(
    operation: &OperationInfo,
    profile: &Profile,
    body: &[u8],
    live: bool,
) -> Result<(), Failure> {
    let client_id = profile.client_id().map_or("", ClientId::as_str);
    if !live {
        return Err(Failure::Input(format!(
            "{} moves money, and {client_id} is a live client id; nothing was sent. If that is what you want, give --live and \
             confirm at the terminal; for the sandbox give a client id that begins with SANDBOX_",
            operation.id
        )));
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(Failure::Input(format!(
            "{} moves money, and {client_id} is a live client id: it is confirmed by a person at a terminal, and there is \
             none; nothing was sent. Give the body as a file, and do not redirect standard input and standard error",
            operation.id
        )));
    }
    let facts = facts(operation, client_id, profile.gateway().origin(), body);
    ask(operation.id, &facts, &mut io::stdin().lock(), &mut io::stderr().lock())
}

/// What the person should know: never the whole body, which may hold card data.
fn facts(operation: &OperationInfo, client_id: &str, gateway: &str, body: &[u8]) -> String {
    let mut facts = format!("LIVE: {} for {client_id} at {gateway}\n", operation.id);
    let document = serde_json::from_slice(body).unwrap_or(Value::Null);
    for (name, value) in document.as_object().into_iter().flatten() {
        match (value.get("currency"), value.get("value")) {
            (Some(Value::String(currency)), Some(amount)) => {
                facts.push_str(&format!(
                    "  {name:20} {} {} (in the smallest unit)\n",
                    currency.escape_debug(),
                    amount
                        .as_str()
                        .map_or_else(|| amount.to_string(), |text| text.escape_debug().to_string())
                ));
            }
            _ if name.ends_with("RequestId") || name == "paymentId" => {
                facts.push_str(&format!(
                    "  {name:20} {}\n",
                    value.as_str().unwrap_or_default().escape_debug()
                ));
            }
            _ => {}
        }
    }
    facts
}

fn ask(id: &str, facts: &str, input: &mut dyn BufRead, output: &mut dyn Write) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::input("asking for the confirmation failed", &error);
    write!(output, "{facts}Type {id} to send it: ").and_then(|()| output.flush()).map_err(failed)?;
    let mut line = String::new();
    input.read_line(&mut line).map_err(failed)?;
    match line.trim() == id {
        true => Ok(()),
        false => Err(Failure::Input(format!("not confirmed: {id} was not typed; nothing was sent"))),
    }
}

#[cfg(test)]
mod tests {
    use antom::blocking::Client;

    use super::*;

    #[test]
    fn only_the_exact_word_confirms() {
        let mut asked = Vec::new();
        assert!(ask("payments/pay", "LIVE\n", &mut &b"payments/pay\n"[..], &mut asked).is_ok());
        assert_eq!(String::from_utf8(asked).unwrap(), "LIVE\nType payments/pay to send it: ");
        for typed in ["", "\n", "y\n", "yes\n", "payments/refund\n", "payments/pay please\n"] {
            let refused = ask("payments/pay", "", &mut typed.as_bytes(), &mut Vec::new());
            assert!(matches!(refused, Err(Failure::Input(_))), "{typed:?}");
        }
    }

    #[test]
    fn the_person_sees_ids_and_amounts_and_no_card() {
        let pay = Client::operation("payments/pay").unwrap();
        let body = br#"{"paymentRequestId":"order-42","paymentAmount":{"currency":"USD","value":"1000"},
            "paymentMethod":{"paymentMethodType":"CARD","paymentMethodMetadata":{"cardNo":"4054695723100768"}}}"#;
        let facts = facts(pay, "5Y1", "https://gateway.example", body);
        for part in ["LIVE: payments/pay for 5Y1 at https://gateway.example", "order-42", "USD 1000"] {
            assert!(facts.contains(part), "{facts}");
        }
        assert!(!facts.contains("4054"), "{facts}");
    }
}
