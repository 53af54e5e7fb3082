//! Authorizations and tokens: consult, applyToken, revoke.

use std::time::Duration;

use antom_core::api::authorizations::{
    ApplyTokenRequest, ApplyTokenResponse, AuthCodeForm, ConsultRequest, ConsultResponse, RevokeRequest,
    RevokeResponse,
};
use antom_core::codec::Message;
use antom_core::secret::Secret;
use antom_core::time::{DateTimeText, UnixTime};

use super::change::Change;
use super::desk::Desk;
use super::pay::qr_code;
use super::reply::{Done, Refusal, refuse, stamp, success};

/// How long the buyer may look at the page.
const PAGE: Duration = Duration::from_secs(15 * 60);
/// How long the merchant may take to trade the code for a token.
pub(super) const CODE: Duration = Duration::from_secs(60);
const DAY: u64 = 24 * 3600;
const ACCESS: Duration = Duration::from_secs(365 * DAY);
const REFRESH: Duration = Duration::from_secs(730 * DAY);

/// How far an authorization is.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Stage {
    /// The buyer has not decided.
    Open,
    /// The buyer agreed; the code waits for the merchant.
    Granted {
        #[cfg_attr(feature = "state-file", serde(with = "super::saved::secret"))]
        code: Secret<String>,
        until: UnixTime,
    },
    /// Declined or too late.
    Closed,
}

#[derive(Debug, Clone)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Authorization {
    pub(super) page: String,
    pub(super) auth_state: String,
    pub(super) wallet: String,
    pub(super) redirect_url: String,
    pub(super) notify_url: Option<String>,
    pub(super) auth_client_id: Option<String>,
    pub(super) expires: UnixTime,
    pub(super) stage: Stage,
}

#[derive(Debug, Clone)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Token {
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::secret"))]
    pub(super) access: Secret<String>,
    /// The code or refresh token that it was given for.
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::secret"))]
    pub(super) spent: Secret<String>,
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::secret"))]
    pub(super) refresh: Secret<String>,
    pub(super) wallet: String,
    pub(super) access_until: UnixTime,
    pub(super) refresh_until: UnixTime,
    pub(super) notify_url: Option<String>,
    pub(super) auth_client_id: Option<String>,
    /// Neither cancelled nor replaced.
    pub(super) live: bool,
}

impl Token {
    pub(super) fn is_live(&self, now: UnixTime) -> bool {
        self.live && now < self.access_until
    }
}

pub(super) fn consult(desk: &mut Desk<'_>, request: ConsultRequest) -> Result<Done, Refusal> {
    // A page of the vendor spells it with three E; it is taken as meant.
    let agrees = |scope: &str| matches!(scope, "AGREEMENT_PAY" | "AGREEEMENT_PAY");
    if !request.scopes.iter().any(|scope| agrees(scope.as_str())) {
        return refuse("PARAM_ILLEGAL", "/scopes: this sandbox grants AGREEMENT_PAY only");
    }
    let wallet = request.customer_belongs_to.as_str().to_owned();
    if let Some(known) = desk.state.authorization_of_state(&request.auth_state) {
        if matches!(known.stage, Stage::Open) && known.wallet == wallet {
            return Ok(consult_answer(desk, &known.page.clone(), Vec::new()));
        }
        return refuse("PARAM_ILLEGAL", "/authState: was used before; an authorization URL works once");
    }
    let page = desk.ids.page();
    let authorization = Authorization {
        page: page.clone(),
        auth_state: request.auth_state,
        wallet,
        redirect_url: request.auth_redirect_url.expose().clone(),
        notify_url: request.auth_notify_url.map(|url| url.expose().clone()),
        auth_client_id: request.auth_client_id,
        expires: desk.now.saturating_add(PAGE),
        stage: Stage::Open,
    };
    Ok(consult_answer(desk, &page, vec![Change::AuthorizationOpened(Box::new(authorization))]))
}

fn consult_answer(desk: &Desk<'_>, page: &str, changes: Vec<Change>) -> Done {
    let url = desk.settings.page_url(page);
    let result = success();
    let mut answer = ConsultResponse::new(result.clone());
    answer.auth_url = Some(url.clone().into());
    answer.normal_url = Some(url.clone().into());
    let mut form = AuthCodeForm::new();
    form.code_details = Some(vec![qr_code(&url)]);
    answer.auth_code_form = Some(form);
    Done { body: answer.to_json(), result, changes }
}

pub(super) fn apply_token(desk: &mut Desk<'_>, request: ApplyTokenRequest) -> Result<Done, Refusal> {
    match request.grant_type.as_str() {
        "AUTHORIZATION_CODE" => match &request.auth_code {
            Some(code) => by_code(desk, &request, code),
            None => refuse("PARAM_ILLEGAL", "/authCode: absent, though grantType is AUTHORIZATION_CODE"),
        },
        "REFRESH_TOKEN" => match &request.refresh_token {
            Some(refresh) => by_refresh(desk, &request, refresh),
            None => refuse("PARAM_ILLEGAL", "/refreshToken: absent, though grantType is REFRESH_TOKEN"),
        },
        _ => refuse("PARAM_ILLEGAL", "/grantType: must be AUTHORIZATION_CODE or REFRESH_TOKEN"),
    }
}

fn by_code(desk: &mut Desk<'_>, request: &ApplyTokenRequest, code: &Secret<String>) -> Result<Done, Refusal> {
    let Some(authorization) = desk.state.authorization_of_code(code.expose()) else {
        return refuse("INVALID_CODE", "/authCode: unknown");
    };
    if authorization.wallet != request.customer_belongs_to.as_str() {
        return refuse("INVALID_CODE", "/customerBelongsTo: the code was granted by another wallet");
    }
    // The same request again, for whoever lost the first answer: the same token, as long as it lives.
    if let Some(token) = desk.state.token_issued_for(code.expose()) {
        return if token.live {
            Ok(token_answer(token))
        } else {
            refuse("USED_CODE", "/authCode: works once")
        };
    }
    match &authorization.stage {
        Stage::Granted { until, .. } if desk.now <= *until => {}
        _ => return refuse("EXPIRED_CODE", "/authCode: works for one minute"),
    }
    let (wallet, url, client) =
        (&authorization.wallet, &authorization.notify_url, &authorization.auth_client_id);
    Ok(issue(new_token(desk, code, wallet, url, client), None))
}

fn by_refresh(
    desk: &mut Desk<'_>,
    request: &ApplyTokenRequest,
    refresh: &Secret<String>,
) -> Result<Done, Refusal> {
    let Some(old) = desk.state.token_of_refresh(refresh.expose()) else {
        return refuse("INVALID_REFRESH_TOKEN", "/refreshToken: unknown");
    };
    if old.wallet != request.customer_belongs_to.as_str() {
        return refuse("INVALID_REFRESH_TOKEN", "/customerBelongsTo: the token is one of another wallet");
    }
    if let Some(token) = desk.state.token_issued_for(refresh.expose()) {
        return if token.live {
            Ok(token_answer(token))
        } else {
            refuse("INVALID_REFRESH_TOKEN", "/refreshToken: was used; only the latest one works")
        };
    }
    if !old.live || desk.now >= old.refresh_until {
        return refuse("EXPIRED_REFRESH_TOKEN", "/refreshToken: cancelled or expired");
    }
    let token = new_token(desk, refresh, &old.wallet, &old.notify_url, &old.auth_client_id);
    let replaces = old.access.expose().clone();
    Ok(issue(token, Some(replaces)))
}

fn new_token(
    desk: &mut Desk<'_>,
    spent: &Secret<String>,
    wallet: &str,
    notify_url: &Option<String>,
    auth_client_id: &Option<String>,
) -> Token {
    Token {
        access: desk.ids.token("28100103"),
        spent: spent.clone(),
        refresh: desk.ids.token("28100104"),
        wallet: wallet.to_owned(),
        access_until: desk.now.saturating_add(ACCESS),
        refresh_until: desk.now.saturating_add(REFRESH),
        notify_url: notify_url.clone(),
        auth_client_id: auth_client_id.clone(),
        live: true,
    }
}

fn issue(token: Token, replaces: Option<String>) -> Done {
    let mut done = token_answer(&token);
    done.changes.push(Change::TokenIssued { token: Box::new(token), replaces });
    done
}

fn token_answer(token: &Token) -> Done {
    let result = success();
    let mut answer = ApplyTokenResponse::new(result.clone());
    answer.access_token = Some(token.access.clone());
    answer.access_token_expiry_time = Some(DateTimeText::from(stamp(token.access_until)));
    answer.refresh_token = Some(token.refresh.clone());
    answer.refresh_token_expiry_time = Some(DateTimeText::from(stamp(token.refresh_until)));
    answer.user_login_id = Some("buy***@example.com".into());
    Done { body: answer.to_json(), result, changes: Vec::new() }
}

pub(super) fn revoke(desk: &mut Desk<'_>, request: RevokeRequest) -> Result<Done, Refusal> {
    let access = request.access_token.expose();
    let Some(token) = desk.state.token(access) else {
        return refuse("INVALID_ACCESS_TOKEN", "/accessToken: unknown");
    };
    let result = success();
    let body = RevokeResponse::new(result.clone()).to_json();
    // Revoking again what is revoked is no failure: whoever lost the answer hears it again.
    let changes = if token.live {
        vec![Change::TokenCancelled { access: access.clone(), by_buyer: false }]
    } else {
        Vec::new()
    };
    Ok(Done { body, result, changes })
}
