//! From an admitted request to the handler of its operation.

use antom_core::api::{authorizations, disputes, notification, payments, subscriptions, vaults};
use antom_core::check::{CardMode, Context, ProblemKind, problems};
use antom_core::codec::{Limits, Message, ReadMessage, Reader};
use antom_core::money::AmountError;
use antom_core::time::UnixTime;

use super::history::History;
use super::ids::Ids;
use super::reply::{Done, Refusal, refuse};
use super::settings::Settings;
use super::state::State;
use super::{auth, cancel, capture, dispute, history, inquiry, pay, refund, subscribe, vault};

/// What a handler works with: it reads the state and proposes changes.
pub(super) struct Desk<'a> {
    pub(super) now: UnixTime,
    pub(super) state: &'a State,
    pub(super) ids: &'a mut Ids,
    pub(super) settings: &'a Settings,
    pub(super) history: &'a History,
}

/// The operations that are served.
pub const OPERATIONS: &[&str] = &[
    "authorizations/consult",
    "authorizations/applyToken",
    "authorizations/revoke",
    "payments/pay",
    "payments/cancel",
    "payments/capture",
    "payments/refund",
    "payments/inquiryPayment",
    "payments/inquiryRefund",
    "payments/acceptDispute",
    "payments/supplyDefenseDocument",
    "payments/supplyEvidence",
    "vaults/vaultPaymentMethod",
    "vaults/createVaultingSession",
    "vaults/inquireVaulting",
    "vaults/fetchNonce",
    "vaults/inquireToken",
    "vaults/updateToken",
    "vaults/deleteToken",
    "subscriptions/create",
    "subscriptions/change",
    "subscriptions/update",
    "subscriptions/cancel",
    "subscriptions/inquiry",
    "subscriptions/inquireSubscription",
    "subscriptions/inquireSubscriptionList",
    "subscriptions/inquireSubscriptionPayment",
    "payments/inquire",
    "notification/inquireNotificationList",
    "notification/inquireNotification",
];

pub(super) fn serve(desk: &mut Desk<'_>, operation: &str, body: &[u8]) -> Result<Done, Refusal> {
    match operation {
        "authorizations/consult" => auth::consult(desk, read::<authorizations::ConsultRequest>(body)?),
        "authorizations/applyToken" => {
            auth::apply_token(desk, read::<authorizations::ApplyTokenRequest>(body)?)
        }
        "authorizations/revoke" => auth::revoke(desk, read::<authorizations::RevokeRequest>(body)?),
        "payments/pay" => pay::pay(desk, read::<payments::PayRequest>(body)?),
        "payments/cancel" => cancel::cancel(desk, read::<payments::CancelRequest>(body)?),
        "payments/capture" => capture::capture(desk, read::<payments::CaptureRequest>(body)?),
        "payments/refund" => refund::refund(desk, read::<payments::RefundRequest>(body)?),
        "payments/inquiryPayment" => inquiry::payment(desk, read::<payments::InquiryPaymentRequest>(body)?),
        "payments/inquiryRefund" => inquiry::refund(desk, read::<payments::InquiryRefundRequest>(body)?),
        "payments/acceptDispute" => dispute::accept(desk, &read::<disputes::AcceptDisputeRequest>(body)?),
        "payments/supplyDefenseDocument" => {
            dispute::defend(desk, &read::<disputes::SupplyDefenseDocumentRequest>(body)?)
        }
        "payments/supplyEvidence" => dispute::supply(desk, &read::<disputes::SupplyEvidenceRequest>(body)?),
        "vaults/vaultPaymentMethod" => vault::vault(desk, read::<vaults::VaultPaymentMethodRequest>(body)?),
        "vaults/createVaultingSession" => {
            vault::session(desk, read::<vaults::CreateVaultingSessionRequest>(body)?)
        }
        "vaults/inquireVaulting" => vault::inquire(desk, &read::<vaults::InquireVaultingRequest>(body)?),
        "vaults/fetchNonce" => vault::nonce(desk, read::<vaults::FetchNonceRequest>(body)?),
        "vaults/inquireToken" => vault::inquire_token(desk, &read::<vaults::InquireTokenRequest>(body)?),
        "vaults/updateToken" => vault::update_token(desk, read::<vaults::UpdateTokenRequest>(body)?),
        "vaults/deleteToken" => vault::delete_token(desk, &read::<vaults::DeleteTokenRequest>(body)?),
        "subscriptions/create" => subscribe::create(desk, read::<subscriptions::CreateRequest>(body)?),
        "subscriptions/change" => subscribe::change(desk, read::<subscriptions::ChangeRequest>(body)?),
        "subscriptions/update" => subscribe::update(desk, read::<subscriptions::UpdateRequest>(body)?),
        "subscriptions/cancel" => subscribe::cancel(desk, &read::<subscriptions::CancelRequest>(body)?),
        "subscriptions/inquiry" => subscribe::inquiry(desk, &read::<subscriptions::InquiryRequest>(body)?),
        "subscriptions/inquireSubscription" => {
            subscribe::one(desk, &read::<subscriptions::InquireSubscriptionRequest>(body)?)
        }
        "subscriptions/inquireSubscriptionList" => {
            subscribe::list(desk, &read::<subscriptions::InquireSubscriptionListRequest>(body)?)
        }
        "subscriptions/inquireSubscriptionPayment" => {
            subscribe::payments(desk, &read::<subscriptions::InquireSubscriptionPaymentRequest>(body)?)
        }
        "payments/inquire" => subscribe::legacy(desk, &read::<subscriptions::InquireLegacyRequest>(body)?),
        "notification/inquireNotificationList" => {
            history::list(desk, &read::<notification::InquireNotificationListRequest>(body)?)
        }
        "notification/inquireNotification" => {
            history::one(desk, &read::<notification::InquireNotificationRequest>(body)?)
        }
        _ => refuse("NO_INTERFACE_DEF", "the sandbox does not serve this operation"),
    }
}

/// Reads a request and checks it against the description.
fn read<T: ReadMessage + Message>(body: &[u8]) -> Result<T, Refusal> {
    let request = match T::from_json(body, &Limits::ANSWER) {
        Ok(request) => request,
        Err(error) => return refuse("PARAM_ILLEGAL", error.to_string()),
    };
    let context = Context { cards: CardMode::ServerToServer, ..Context::default() };
    // A currency that is not in the documented list may still be one: it is let through.
    let grave =
        |kind: &ProblemKind| !matches!(kind, ProblemKind::Amount(AmountError::UnsupportedCurrency { .. }));
    match problems(&request, context).into_iter().find(|problem| grave(problem.kind())) {
        Some(problem) => refuse("PARAM_ILLEGAL", problem.to_string()),
        None => Ok(request),
    }
}

/// The id by which a request is known: to the journal, and to faults that wait for it.
pub(super) fn reference(body: &[u8]) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    let mut reader = Reader::new(body, &Limits::ANSWER).ok()?;
    reader.enter_object().ok()?;
    while let Some(key) = reader.next_key().ok()? {
        let names = [
            "captureRequestId",
            "refundRequestId",
            "subscriptionChangeRequestId",
            "subscriptionUpdateRequestId",
            "subscriptionRequestId",
            "vaultingRequestId",
            "paymentRequestId",
            "authState",
        ];
        match names.iter().position(|name| *name == key) {
            Some(rank) if best.as_ref().is_none_or(|(known, _)| rank < *known) => {
                best = Some((rank, reader.read_text().ok()?.chars().take(64).collect()));
            }
            _ => drop(reader.read_raw().ok()?),
        }
    }
    best.map(|(_, id)| id)
}

#[cfg(test)]
mod tests {

    #[test]
    fn a_request_is_known_by_its_own_id() {
        let reference = |text: &str| super::reference(text.as_bytes());
        assert_eq!(reference(r#"{"a":[1],"paymentRequestId":"P"}"#).as_deref(), Some("P"));
        assert_eq!(reference(r#"{"paymentRequestId":"P","captureRequestId":"C"}"#).as_deref(), Some("C"));
        assert_eq!(reference(r#"{"captureRequestId":"C","paymentRequestId":"P"}"#).as_deref(), Some("C"));
        assert_eq!(reference("{}"), None);
        assert_eq!(reference("nonsense"), None);
        assert_eq!(reference(r#"{"paymentRequestId":{}}"#), None);
    }
}
