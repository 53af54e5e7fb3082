//! What the result-code catalogue advises, held against the rules about money.
#![cfg(all(feature = "full", feature = "wire-mirror"))]
#![allow(clippy::unwrap_used, clippy::panic)]

use antom_core::api::catalog::OPERATIONS;
use antom_core::api::models::ResultCode;
use antom_core::api::notifications::NOTIFICATIONS;
use antom_core::api::result_codes::{RESULT_CODES, ResultCodeLevel};
use antom_core::outcome::{Advice, advice};

#[test]
fn rows_are_in_order_and_name_what_exists() {
    assert!(RESULT_CODES.len() > 250, "{}", RESULT_CODES.len());
    assert!(RESULT_CODES.is_sorted_by(|a, b| a.code <= b.code));
    for row in RESULT_CODES {
        assert!(matches!(row.status, "S" | "F" | "U"), "{}: {}", row.code, row.status);
        for id in row.operations {
            let known = OPERATIONS.iter().any(|entry| entry.info.id == *id)
                || NOTIFICATIONS.iter().any(|entry| entry.id == *id)
                || row.level == ResultCodeLevel::ClientResult;
            assert!(known, "{} names {id}", row.code);
        }
        let named = ResultCode::from(row.code).is_known() || row.level != ResultCodeLevel::Api;
        assert!(named, "{} has no constant", row.code);
    }
}

/// Money rule 4: what is unknown is never failed, and never sent under a new id.
#[test]
fn an_unknown_status_is_never_advised_as_final() {
    for row in RESULT_CODES.iter().filter(|row| row.status == "U") {
        let final_advice =
            matches!(row.advice, Advice::Success | Advice::FinalFailure | Advice::NewRequestId);
        assert!(!final_advice, "{} (U): {:?}", row.code, row.advice);
    }
    for row in RESULT_CODES.iter().filter(|row| row.status == "S") {
        assert!(!matches!(row.advice, Advice::FinalFailure | Advice::NewRequestId), "{}", row.code);
    }
    for row in RESULT_CODES.iter().filter(|row| row.status == "F") {
        assert_ne!(row.advice, Advice::Success, "{}", row.code);
    }
}

#[test]
fn operations_advise_on_their_own() {
    for (operation, code, status, expected) in [
        ("payments/pay", "SUCCESS", "S", Advice::Success),
        ("payments/pay", "PAYMENT_IN_PROCESS", "U", Advice::RedirectOrInquire),
        ("payments/pay", "UNKNOWN_EXCEPTION", "U", Advice::RetrySameRequest),
        ("payments/pay", "REQUEST_TRAFFIC_EXCEED_LIMIT", "U", Advice::RetrySameRequest),
        ("payments/pay", "REPEAT_REQ_INCONSISTENT", "F", Advice::InquireOriginal),
        ("payments/pay", "PARAM_ILLEGAL", "F", Advice::FixParameters),
        ("payments/pay", "INVALID_SIGNATURE", "F", Advice::FixConfiguration),
    ] {
        assert_eq!(advice(operation, code, status), expected, "{operation} {code} {status}");
    }
}

#[test]
fn codes_that_nobody_knows_follow_their_status() {
    for (status, expected) in [
        ("S", Advice::Success),
        ("F", Advice::FinalFailure),
        ("U", Advice::Inquire),
        ("A", Advice::Inquire),
        ("", Advice::Inquire),
    ] {
        assert_eq!(advice("payments/pay", "A_CODE_OF_TOMORROW", status), expected, "{status}");
    }
    // A known code with a status it never had is not taken for the known reading.
    assert_eq!(advice("payments/pay", "SUCCESS", "U"), Advice::Inquire);
    assert_eq!(advice("payments/pay", "SUCCESS", "F"), Advice::FinalFailure);
}
