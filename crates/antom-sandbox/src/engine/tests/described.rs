use antom_core::api::catalog::{OPERATIONS as ALL, OperationEntry};
use antom_core::call::{Prepared, TransportKind};
use antom_core::codec::{Limits, Message as _};

use super::super::described::tests::least_request;
use super::*;

/// Sends JSON to an operation, signed; its answer's text.
fn ask(merchant: &mut Merchant, entry: &'static OperationEntry, json: &str) -> String {
    let mut prepared = Prepared::json(entry.info, json.as_bytes(), &merchant.profile, merchant.now).unwrap();
    let signature = merchant.signer.sign(prepared.signing_input()).unwrap();
    prepared.attach(&signature);
    let response = merchant.send(&incoming(prepared.request()));
    String::from_utf8(response.answer().unwrap().body.to_vec()).unwrap()
}

fn find(id: &str) -> &'static OperationEntry {
    ALL.iter().find(|entry| entry.info.id == id).unwrap()
}

#[test]
fn every_operation_answers_with_success_and_what_its_type_reads() {
    let mut merchant = Merchant::new();
    let (mut answered, mut others) = (0, Vec::new());
    for entry in ALL.iter().filter(|entry| !OPERATIONS.contains(&entry.info.id)) {
        if !matches!(entry.info.transport, TransportKind::Json) {
            continue;
        }
        let request = least_request((entry.request)());
        let answer = ask(&mut merchant, entry, &request);
        if !answer.contains(r#""resultStatus":"S""#) {
            others.push(format!("{}: {request}\n  {answer}", entry.info.id));
        } else if let Err(error) = (entry.read_response)(answer.as_bytes(), &Limits::ANSWER) {
            others.push(format!("{}: {error}: {answer}", entry.info.id));
        } else {
            answered += 1;
        }
    }
    assert!(others.is_empty(), "{answered} answered; not: {}\n{}", others.len(), others.join("\n"));
    assert!(answered >= 140, "{answered}");
}

#[test]
fn a_strict_gateway_refuses_what_the_api_would_ignore() {
    let mut merchant = Merchant::new();
    let request = String::from_utf8(order_code("PAY-1", 750).to_json()).unwrap();
    let unknown = request.replacen('{', r#"{"colour":"red","#, 1);
    let word = request.replace("\"OrderCode\"", "\"OrderCodes\"");
    assert_ne!(word, request);
    let pay = find("payments/pay");
    let accepted = [ask(&mut merchant, pay, &request), ask(&mut merchant, pay, &unknown)];
    assert!(accepted.iter().all(|answer| !answer.contains("PARAM_ILLEGAL")), "{accepted:?}");
    merchant.gateway.settings.strict = true;
    assert!(!ask(&mut merchant, pay, &request).contains("PARAM_ILLEGAL"));
    let answer = ask(&mut merchant, pay, &unknown);
    assert!(answer.contains("PARAM_ILLEGAL") && answer.contains("/colour: "), "{answer}");
    let answer = ask(&mut merchant, pay, &word);
    assert!(answer.contains("/paymentFactor/inStorePaymentScenario: must be one of"), "{answer}");
    // What is answered from the description is held against its description, too.
    let create = find("billing/product/create");
    let least = least_request((create.request)());
    assert!(ask(&mut merchant, create, &least).contains(r#""resultStatus":"S""#));
    let more = least.replacen('{', r#"{"colour":"red","#, 1);
    assert!(ask(&mut merchant, create, &more).contains("/colour: "));
}

#[test]
fn what_a_request_lacks_is_named() {
    let mut merchant = Merchant::new();
    let answer = ask(&mut merchant, find("billing/product/create"), "{}");
    assert!(answer.contains("PARAM_ILLEGAL") && answer.contains("is required and absent"), "{answer}");
}

/// The text of a member of an answer.
fn member<'a>(answer: &'a str, name: &str) -> &'a str {
    let begin = answer.find(&format!("\"{name}\":\"")).unwrap_or_else(|| panic!("no {name} in {answer}"));
    answer[begin + name.len() + 4..].split('"').next().unwrap()
}

#[test]
fn what_was_created_is_found_again_and_an_update_shows() {
    let mut merchant = Merchant::new();
    let request = r#"{"name":"Coffee","productRequestId":"PRODUCT-1"}"#;
    let created = ask(&mut merchant, find("billing/product/create"), request);
    assert!(created.contains(r#""resultStatus":"S""#), "{created}");
    let id = member(&created, "productId").to_owned();

    let list = ask(&mut merchant, find("billing/product/inquireList"), "{}");
    assert_eq!((member(&list, "productId"), member(&list, "productRequestId")), (&*id, "PRODUCT-1"));
    assert_eq!(ask(&mut merchant, find("billing/product/inquireList"), "{}"), list, "ids stay");
    let update = format!(r#"{{"productId":"{id}","name":"Tea"}}"#);
    ask(&mut merchant, find("billing/product/update"), &update);
    let by_id = format!(r#"{{"productId":"{id}"}}"#);
    let shown = ask(&mut merchant, find("billing/product/inquireDetails"), &by_id);
    assert_eq!((member(&shown, "name"), member(&shown, "productRequestId")), ("Tea", "PRODUCT-1"));
    let list = ask(&mut merchant, find("billing/product/inquireList"), "{}");
    assert_eq!(list.matches("productId").count(), 1, "an update makes no second one: {list}");
}
