//! From typed messages to facts. This is the only place where a message's words get a meaning for money.

#[cfg(any(feature = "payments", feature = "authorizations"))]
mod answer;
mod notice;
#[cfg(feature = "payments")]
mod payment;
#[cfg(any(feature = "payments", feature = "authorizations"))]
mod show;
#[cfg(test)]
#[cfg(all(feature = "payments", feature = "authorizations"))]
mod tests;
#[cfg(feature = "authorizations")]
mod token;

pub use notice::Observed;

use alloc::boxed::Box;
use alloc::string::{String, ToString};

use crate::api::models::{CardInfo, PaymentResultInfo, RefundStatus, ResultCode, ResultInfo};
use crate::flow::fact::{Card, Says};
use crate::time::{DateTimeText, UnixTime};

/// The result code of a message.
fn code_of(result: &ResultInfo) -> Option<String> {
    result.result_code.as_ref().map(ResultCode::to_string)
}

/// A time that cannot be read is no time.
fn instant(text: Option<&DateTimeText>) -> Option<UnixTime> {
    text.and_then(|text| text.instant().ok())
}

/// What a message says about the card, from both places where it may stand; `None` when nothing.
fn card_of(info: Option<&PaymentResultInfo>, card: Option<&CardInfo>) -> Option<Box<Card>> {
    let mut found = Card::default();
    if let Some(card) = card {
        found.merge(&Card {
            avs: card.avs_result_raw.clone(),
            cvv: card.cvv_result_raw.clone(),
            eci: card.three_ds_result.as_ref().and_then(|result| result.eci.clone()),
            brand: card.card_brand.as_ref().map(ToString::to_string),
            last_four: None,
            token: card.card_token.clone(),
            network_transaction_id: card.network_transaction_id.clone().map(Into::into),
        });
    }
    if let Some(info) = info {
        found.merge(&Card {
            avs: info.avs_result_raw.clone(),
            cvv: info.cvv_result_raw.clone(),
            eci: info.three_ds_result.as_ref().and_then(|result| result.eci.clone()),
            brand: info.card_brand.as_ref().map(ToString::to_string),
            last_four: info.last_four.clone(),
            token: info.card_token.clone(),
            network_transaction_id: info.network_transaction_id.clone(),
        });
    }
    (found != Card::default()).then(|| Box::new(found))
}

/// What a refund's status says.
fn says_of_refund(status: Option<&RefundStatus>) -> Says {
    match status {
        None => Says::Nothing,
        Some(RefundStatus::Success) => Says::Success,
        Some(RefundStatus::Fail) => Says::Failed,
        Some(RefundStatus::Processing) => Says::Processing,
        Some(other) => Says::Unknown { status: other.as_str().into() },
    }
}
