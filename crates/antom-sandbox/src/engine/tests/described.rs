use antom_core::api::catalog::{OPERATIONS as ALL, OperationEntry};
use antom_core::call::{Prepared, TransportKind};
use antom_core::codec::Limits;

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
    assert!(answered >= 150, "{answered}");
}

#[test]
fn what_a_request_lacks_is_named() {
    let mut merchant = Merchant::new();
    let answer = ask(&mut merchant, find("subscriptions/create"), "{}");
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
    let create = find("subscriptions/create");
    let request = least_request((create.request)())
        .replace(r#""subscriptionRequestId":"A-1""#, r#""subscriptionRequestId":"SUB-1""#)
        .replace(r#""subscriptionDescription":"A-1""#, r#""subscriptionDescription":"Coffee""#);
    let created = ask(&mut merchant, create, &request);
    assert!(created.contains(r#""resultStatus":"S""#), "{created}");
    let inquiry = r#"{"subscriptionRequestId":"SUB-1"}"#;
    let found = ask(&mut merchant, find("subscriptions/inquiry"), inquiry);
    assert_eq!(member(&found, "subscriptionRequestId"), "SUB-1");
    assert!(found.contains(r#""paymentAmount":{"#), "{found}");

    let list = ask(&mut merchant, find("subscriptions/inquireSubscriptionList"), "{}");
    let id = member(&list, "subscriptionId").to_owned();
    assert_eq!(ask(&mut merchant, find("subscriptions/inquireSubscriptionList"), "{}"), list, "ids stay");
    let update = format!(
        r#"{{"subscriptionUpdateRequestId":"UP-1","subscriptionId":"{id}","subscriptionDescription":"Tea"}}"#
    );
    ask(&mut merchant, find("subscriptions/update"), &update);
    let by_id = format!(r#"{{"subscriptionId":"{id}"}}"#);
    let shown = ask(&mut merchant, find("subscriptions/inquiry"), &by_id);
    assert_eq!(member(&shown, "subscriptionRequestId"), "SUB-1", "the id leads to what was created");
    let list = ask(&mut merchant, find("subscriptions/inquireSubscriptionList"), "{}");
    assert_eq!(list.matches("subscriptionId").count(), 1, "an update makes no second one: {list}");
}
