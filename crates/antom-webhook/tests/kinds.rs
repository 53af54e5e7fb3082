//! Every kind of notification is told from the others, by whichever member does that.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use antom_core::api::notifications::NotificationKind as Kind;
use support::{GATEWAY, NOW, PATH, VERIFIER};

fn kind_of(body: &str) -> Kind {
    let sent = GATEWAY.sign(PATH, body.to_owned(), NOW).unwrap();
    let verified = VERIFIER.verify(&sent.head(), sent.body().clone(), NOW).unwrap();
    verified.notification().unwrap_or_else(|error| panic!("{body}: {error:?}")).kind()
}

#[test]
fn every_kind_is_told_by_its_own_member() {
    let table: &[(&str, Kind)] = &[
        (r#"{"notifyType":"PAYMENT_RESULT","paymentId":"P"}"#, Kind::PaymentResult),
        (r#"{"notifyType":"PAYMENT_PENDING","paymentId":"P"}"#, Kind::PaymentPending),
        (r#"{"notifyType":"OFFLINE_PAYMENT_CODE","paymentId":"P"}"#, Kind::OfflinePaymentCode),
        (r#"{"notifyType":"UPDATE_AMOUNT_RESULT","paymentId":"P"}"#, Kind::UpdateAmountResult),
        (r#"{"notifyType":"CAPTURE_RESULT","captureId":"C"}"#, Kind::Capture),
        (r#"{"notifyType":"REFUND_RESULT","refundId":"R"}"#, Kind::Refund),
        (r#"{"notifyType":"REFUND_RESULT","refundFromMethod":{}}"#, Kind::DirectRefund),
        (r#"{"notifyType":"SETTLEMENT_RESULT"}"#, Kind::Settlement),
        (r#"{"notifyType":"REGISTRATION_RESULT"}"#, Kind::MarketplaceRegistration),
        (r#"{"notifyType":"SETTLEMENT_INFO_UPDATE_RESULT"}"#, Kind::SettlementInfoUpdate),
        (r#"{"authorizationNotifyType":"AUTHCODE_CREATED","authCode":"A"}"#, Kind::Authorization),
        (r#"{"authorizationNotifyType":"TOKEN_CANCELED"}"#, Kind::Authorization),
        (r#"{"authorizationNotifyType":"SOMETHING_NEW"}"#, Kind::Authorization),
        (r#"{"disputeNotificationType":"DISPUTE_CREATED","paymentId":"P"}"#, Kind::Dispute),
        (r#"{"subscriptionNotificationType":"CREATE","subscriptionId":"S"}"#, Kind::Subscription),
        (
            r#"{"subscriptionId":"S","periodStartTime":"2026-01-01T00:00:00Z","paymentId":"P"}"#,
            Kind::SubscriptionPayment,
        ),
        (r#"{"creditNoteNotificationType":"CREATED","notifyId":"N"}"#, Kind::CreditNote),
        (r#"{"vaultingRequestId":"V"}"#, Kind::Vaulting),
        // The order of members does not matter, and neither do members that are not known.
        (
            r#"{"new":{"notifyType":"REFUND_RESULT"},"paymentId":"P","notifyType":"PAYMENT_PENDING"}"#,
            Kind::PaymentPending,
        ),
        // Words that are not known, and words in the wrong place.
        (r#"{"notifyType":"PAYMENT_RESULT2"}"#, Kind::Unknown),
        (r#"{"paymentId":"P"}"#, Kind::Unknown),
        (r#"{"inner":{"notifyType":"PAYMENT_RESULT"}}"#, Kind::Unknown),
        (r#"{}"#, Kind::Unknown),
    ];
    for (body, kind) in table {
        assert_eq!(kind_of(body), *kind, "{body}");
    }
}

/// A result of `S` makes none of them a payment.
#[test]
fn success_of_the_result_does_not_make_a_payment() {
    let result = r#""result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}"#;
    for (word, kind) in
        [("PAYMENT_PENDING", Kind::PaymentPending), ("OFFLINE_PAYMENT_CODE", Kind::OfflinePaymentCode)]
    {
        assert_eq!(kind_of(&format!(r#"{{"notifyType":"{word}",{result}}}"#)), kind);
    }
}
