//! Payment methods that a buyer leaves with the gateway: cards and wallets become tokens, which pay later.

use std::borrow::Cow;
use std::time::Duration;

use antom_core::api::models::{CardPaymentMethodDetail, PaymentMethodType, Wallet};
use antom_core::api::vaults::{
    CreateVaultingSessionRequest, CreateVaultingSessionResponse, DeleteTokenRequest, DeleteTokenResponse,
    FetchNonceRequest, FetchNonceResponse, InquireTokenRequest, InquireTokenResponse, InquireVaultingRequest,
    InquireVaultingResponse, PaymentMethodDetail, UpdateTokenRequest, UpdateTokenResponse,
    VaultPaymentMethodRequest, VaultPaymentMethodResponse, VaultingStatus,
};
use antom_core::codec::Message;
use antom_core::secret::Secret;
use antom_core::time::{DateTimeText, UnixTime};

use super::card::{CardEntry, StoredCard, TestCard};
use super::change::Change;
use super::desk::Desk;
use super::reply::{Done, Refusal, failure, in_process, refuse, stamp, success};

/// How long the buyer has.
const PAGE: Duration = Duration::from_secs(30 * 60);

/// What a vaulting waits for, or came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum VaultingStage {
    /// The buyer types a card.
    CardEntry,
    /// The buyer's bank asks who they are.
    Challenge {
        #[cfg_attr(feature = "state-file", serde(with = "super::saved::card"))]
        card: &'static TestCard,
    },
    /// The buyer agrees in the wallet.
    Decision,
    Stored {
        #[cfg_attr(feature = "state-file", serde(with = "super::saved::secret"))]
        token: Secret<String>,
        #[cfg_attr(feature = "state-file", serde(with = "super::saved::cards"))]
        card: Option<&'static TestCard>,
    },
    Failed {
        code: Cow<'static, str>,
        message: Cow<'static, str>,
    },
}

impl VaultingStage {
    pub(super) fn failed(code: &'static str, message: &'static str) -> Self {
        Self::Failed { code: code.into(), message: message.into() }
    }
}

#[derive(Debug, Clone)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Vaulting {
    pub(super) request_id: String,
    pub(super) method: PaymentMethodType,
    pub(super) notify_url: String,
    pub(super) redirect_url: Option<String>,
    pub(super) metadata: Option<String>,
    pub(super) asks_3ds: bool,
    pub(super) page: Option<String>,
    pub(super) created: UnixTime,
    pub(super) expires: UnixTime,
    pub(super) stage: VaultingStage,
}

impl Vaulting {
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.stage, VaultingStage::Stored { .. } | VaultingStage::Failed { .. })
    }

    /// The same, having come to something.
    pub(super) fn at(&self, stage: VaultingStage) -> Change {
        Change::VaultingSet(Box::new(Self { stage, ..self.clone() }))
    }

    /// The result that describes it, as the answer and the notification give it.
    pub(super) fn outcome(&self) -> antom_core::api::models::ResultInfo {
        match &self.stage {
            VaultingStage::Stored { .. } => success(),
            VaultingStage::Failed { code, message } => failure(code, message),
            _ => in_process("VERIFICATION_IN_PROCESS", "The buyer has not finished."),
        }
    }

    /// What was stored.
    pub(super) fn detail(&self) -> Option<PaymentMethodDetail> {
        let VaultingStage::Stored { token, card } = &self.stage else { return None };
        let mut detail = PaymentMethodDetail::new(self.method.clone());
        match card {
            Some(known) => {
                let mut card = CardPaymentMethodDetail::new();
                card.card_token = Some(token.clone());
                card.brand = Some(known.brand.into());
                card.masked_card_no = Some(known.masked().into());
                card.issuing_country = Some(known.region.into());
                card.funding = Some("CREDIT".into());
                card.fingerprint = Some(known.fingerprint());
                detail.card = Some(card);
            }
            None => {
                let mut wallet = Wallet::new();
                wallet.token = Some(token.clone());
                detail.wallet = Some(wallet);
            }
        }
        Some(detail)
    }
}

/// Stores a card under a new token, if its bank lets it. What came of the vaulting, and the changes it needs.
pub(super) fn store(desk: &mut Desk<'_>, card: &'static TestCard) -> (VaultingStage, Vec<Change>) {
    if !card.pays() {
        let stage = VaultingStage::failed("PROCESS_FAIL", "The card was declined.");
        return (stage, Vec::new());
    }
    let stored = StoredCard::new(desk.ids.token("ALIPAYCARD"), card);
    let stage = VaultingStage::Stored { token: stored.token.clone(), card: Some(card) };
    (stage, vec![Change::CardStored(Box::new(stored))])
}

/// What a typed card makes of a vaulting.
pub(super) fn with_card(
    desk: &mut Desk<'_>,
    card: &'static TestCard,
    asks_3ds: bool,
) -> (VaultingStage, Vec<Change>) {
    if asks_3ds && card.challenges() && card.pays() {
        return (VaultingStage::Challenge { card }, Vec::new());
    }
    store(desk, card)
}

/// What the buyer's agreement in a wallet makes of a vaulting.
pub(super) fn with_wallet(desk: &mut Desk<'_>) -> VaultingStage {
    VaultingStage::Stored { token: desk.ids.token("28100105"), card: None }
}

pub(super) fn vault(desk: &mut Desk<'_>, request: VaultPaymentMethodRequest) -> Result<Done, Refusal> {
    let detail = &request.payment_method_detail;
    let method = match &detail.payment_method_type {
        Some(method) if !method.as_str().is_empty() => method.clone(),
        _ => return refuse("PARAM_ILLEGAL", "/paymentMethodDetail/paymentMethodType: absent"),
    };
    if let Some(known) = desk.state.vaulting(&request.vaulting_request_id) {
        if known.method == method {
            return Ok(vault_answer(desk, known, Vec::new()));
        }
        return refuse("PARAM_ILLEGAL", "/vaultingRequestId: was used with another payment method");
    }
    let card = detail.card.as_ref();
    let typed = card.and_then(|card| {
        let text = |secret: &Option<Secret<String>>| secret.as_ref().map(|text| text.expose().clone());
        Some(CardEntry {
            number: card.card_no.clone()?,
            expiry_month: text(&card.expiry_month).unwrap_or_default(),
            expiry_year: text(&card.expiry_year).unwrap_or_default(),
            cvv: card.cvv.clone(),
        })
    });
    let asks_3ds = card.and_then(|card| card.is_3ds_authentication).unwrap_or(false);
    let (stage, mut changes) = match typed {
        Some(entry) => with_card(desk, entry.check()?, asks_3ds),
        None if method.as_str() == "CARD" => (VaultingStage::CardEntry, Vec::new()),
        None => (VaultingStage::Decision, Vec::new()),
    };
    let mut vaulting = Vaulting {
        request_id: request.vaulting_request_id,
        method,
        notify_url: request.vaulting_notification_url.expose().clone(),
        redirect_url: Some(request.redirect_url.expose().clone()),
        metadata: request.metadata,
        asks_3ds,
        page: None,
        created: desk.now,
        expires: desk.now.saturating_add(PAGE),
        stage,
    };
    if vaulting.is_open() {
        vaulting.page = Some(desk.ids.page());
    }
    changes.push(Change::VaultingSet(Box::new(vaulting.clone())));
    Ok(vault_answer(desk, &vaulting, changes))
}

fn vault_answer(desk: &Desk<'_>, vaulting: &Vaulting, changes: Vec<Change>) -> Done {
    let result = vaulting.outcome();
    let mut answer = VaultPaymentMethodResponse::new(result.clone());
    answer.vaulting_request_id = Some(vaulting.request_id.clone());
    answer.payment_method_detail = vaulting.detail();
    answer.normal_url = url(desk, vaulting);
    Done { body: answer.to_json(), result, changes }
}

/// Where the buyer goes on, while something is open.
fn url(desk: &Desk<'_>, vaulting: &Vaulting) -> Option<Secret<String>> {
    let page = vaulting.page.as_deref().filter(|_| vaulting.is_open())?;
    Some(desk.settings.page_url(page).into())
}

pub(super) fn session(desk: &mut Desk<'_>, request: CreateVaultingSessionRequest) -> Result<Done, Refusal> {
    if request.payment_method_type.as_str() != "CARD" {
        return refuse("PARAM_ILLEGAL", "/paymentMethodType: a vaulting session is for CARD");
    }
    if let Some(known) = desk.state.vaulting(&request.vaulting_request_id) {
        return match known.is_open() {
            true => Ok(session_answer(desk, &known.clone(), Vec::new())),
            false => refuse("PARAM_ILLEGAL", "/vaultingRequestId: this vaulting is over"),
        };
    }
    let vaulting = Vaulting {
        request_id: request.vaulting_request_id,
        method: request.payment_method_type,
        notify_url: request.vaulting_notification_url.expose().clone(),
        redirect_url: request.redirect_url.map(|url| url.expose().clone()),
        metadata: None,
        asks_3ds: request.is_3ds_authentication.unwrap_or(false),
        page: Some(desk.ids.page()),
        created: desk.now,
        expires: desk.now.saturating_add(PAGE),
        stage: VaultingStage::CardEntry,
    };
    let changes = vec![Change::VaultingSet(Box::new(vaulting.clone()))];
    Ok(session_answer(desk, &vaulting, changes))
}

fn session_answer(desk: &Desk<'_>, vaulting: &Vaulting, changes: Vec<Change>) -> Done {
    let result = success();
    let mut answer = CreateVaultingSessionResponse::new(result.clone());
    let page = vaulting.page.clone().unwrap_or_default();
    answer.vaulting_session_data = Some(format!("SANDBOX.{page}").into());
    answer.vaulting_session_id = Some(page.into());
    answer.vaulting_session_expiry_time = Some(DateTimeText::from(stamp(vaulting.expires)));
    answer.normal_url = url(desk, vaulting);
    Done { body: answer.to_json(), result, changes }
}

pub(super) fn inquire(desk: &Desk<'_>, request: &InquireVaultingRequest) -> Result<Done, Refusal> {
    let Some(vaulting) = desk.state.vaulting(&request.vaulting_request_id) else {
        return refuse("VAULTING_NOT_EXIST", "no such vaulting");
    };
    let (result, outcome) = (success(), vaulting.outcome());
    let mut answer = InquireVaultingResponse::new(result.clone());
    answer.vaulting_request_id = Some(vaulting.request_id.clone());
    answer.vaulting_status = Some(match vaulting.stage {
        VaultingStage::Stored { .. } => VaultingStatus::Success,
        VaultingStage::Failed { .. } => VaultingStatus::Fail,
        _ => VaultingStatus::Processing,
    });
    answer.vaulting_result_code = outcome.result_code;
    answer.vaulting_result_message = outcome.result_message;
    answer.payment_method_detail = vaulting.detail();
    answer.metadata.clone_from(&vaulting.metadata);
    answer.normal_url = url(desk, vaulting);
    Ok(Done { body: answer.to_json(), result, changes: Vec::new() })
}

pub(super) fn nonce(desk: &mut Desk<'_>, request: FetchNonceRequest) -> Result<Done, Refusal> {
    let entry = CardEntry {
        number: request.card.card_no,
        expiry_month: request.card.expiry_month.expose().clone(),
        expiry_year: request.card.expiry_year.expose().clone(),
        cvv: request.card.cvv,
    };
    let stored = StoredCard::new(desk.ids.token("ALIPAYNONCE"), entry.check()?);
    let result = success();
    let mut answer = FetchNonceResponse::new(result.clone());
    answer.card_token = Some(stored.token.clone());
    Ok(Done { body: answer.to_json(), result, changes: vec![Change::CardStored(Box::new(stored))] })
}

/// The card that a request about a token is about.
fn of_token<'a>(desk: &Desk<'a>, token: &Option<Secret<String>>) -> Result<&'a StoredCard, Refusal> {
    match token.as_ref().and_then(|token| desk.state.card(token.expose())) {
        Some(card) => Ok(card),
        None => refuse("PARAM_ILLEGAL", "/token: absent, unknown or deleted"),
    }
}

pub(super) fn inquire_token(desk: &Desk<'_>, request: &InquireTokenRequest) -> Result<Done, Refusal> {
    let stored = of_token(desk, &request.token)?;
    let result = success();
    let mut answer = InquireTokenResponse::new(result.clone());
    answer.token = Some(stored.token.clone());
    answer.issuer_name = Some("Bank of the sandbox".into());
    answer.issuing_country = Some(stored.card.region.into());
    answer.token_expiry_time.clone_from(&stored.expires);
    Ok(Done { body: answer.to_json(), result, changes: Vec::new() })
}

pub(super) fn update_token(desk: &Desk<'_>, request: UpdateTokenRequest) -> Result<Done, Refusal> {
    let stored = of_token(desk, &request.token)?;
    let expires = request.token_expiry_time.or_else(|| stored.expires.clone());
    let stored = StoredCard { expires, ..stored.clone() };
    let result = success();
    let mut answer = UpdateTokenResponse::new(result.clone());
    answer.token = Some(stored.token.clone());
    Ok(Done { body: answer.to_json(), result, changes: vec![Change::CardStored(Box::new(stored))] })
}

pub(super) fn delete_token(desk: &Desk<'_>, request: &DeleteTokenRequest) -> Result<Done, Refusal> {
    let token = of_token(desk, &request.token)?.token.clone();
    let result = success();
    let body = DeleteTokenResponse::new(result.clone()).to_json();
    Ok(Done { body, result, changes: vec![Change::CardDeleted { token }] })
}
