//! The buyer: who scans, decides, types and walks away.

use super::auth::{CODE, Stage};
use super::card::{CardEntry, StoredCard};
use super::change::Change;
use super::desk::Desk;
use super::pay::automatic_capture;
use super::payment::{PaidCard, Payment, PaymentState, Waiting};
use super::state::Page;
use super::subscription::{self, Subscription, SubscriptionStage};
use super::vault::{self, Vaulting, VaultingStage};
use super::wire::Delivery;

/// What a buyer does at a page or code the gateway handed out.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, gateway, pay};
/// use antom_sandbox::engine::BuyerAction;
/// # let mut gateway = gateway();
/// # let (page, now) = (pay(&mut gateway), NOW);
///
/// // The buyer looks, and closes the page: nothing happens until the payment expires.
/// assert!(gateway.buyer(now, &page, BuyerAction::WalkAway)?.deliveries.is_empty());
/// assert!(!gateway.buyer(now, &page, BuyerAction::Decline)?.deliveries.is_empty());
/// # Ok::<(), antom_sandbox::engine::BuyerError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum BuyerAction {
    /// Pays, passes 3-D Secure, or grants the authorization.
    Approve,
    /// Refuses to pay or to grant.
    Decline,
    /// Fails at the bank's page.
    Fail3ds,
    /// Types a card on the hosted page.
    EnterCard(CardEntry),
    /// Cancels, in the wallet, an authorization that was granted. The page may also be the access token.
    CancelAuthorization,
    /// Leaves. Nothing happens until the payment or authorization expires.
    WalkAway,
}

/// What came of it.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, gateway, pay};
/// use antom_sandbox::engine::{BuyerAction, BuyerDone, BuyerNext};
/// # let mut gateway = gateway();
/// # let (page, now) = (pay(&mut gateway), NOW);
///
/// let BuyerDone { next, deliveries } = gateway.buyer(now, &page, BuyerAction::Approve)?;
/// assert!(matches!(next, Some(BuyerNext::Redirect(url)) if url.starts_with("https://shop.example/back")));
/// assert_eq!(deliveries.len(), 1);
/// # Ok::<(), antom_sandbox::engine::BuyerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuyerDone {
    /// Where the buyer's browser goes next, if anywhere.
    pub next: Option<BuyerNext>,
    /// What to send to the merchant.
    pub deliveries: Vec<Delivery>,
}

/// Where the buyer's browser goes next.
///
/// ```
/// use antom_sandbox::engine::BuyerNext;
///
/// let next = BuyerNext::Redirect("https://shop.example/back".into());
/// assert_ne!(next, BuyerNext::Challenge);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuyerNext {
    /// To the bank's page for 3-D Secure: the same page again.
    Challenge,
    /// Back to the merchant.
    Redirect(String),
}

/// Why a buyer could not do that. Nothing has changed.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, gateway, pay};
/// use antom_sandbox::engine::{BuyerAction, BuyerError};
/// # let mut gateway = gateway();
/// # let (page, now) = (pay(&mut gateway), NOW);
///
/// gateway.buyer(now, &page, BuyerAction::Approve)?;
/// // Paid is paid.
/// assert!(matches!(gateway.buyer(now, &page, BuyerAction::Decline), Err(BuyerError::Closed(_))));
/// assert!(matches!(gateway.buyer(now, "no-page", BuyerAction::Approve), Err(BuyerError::Unknown)));
/// # Ok::<(), BuyerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuyerError {
    /// The gateway never handed this out, or has forgotten it.
    #[error(
        "the buyer's page: no such page, code or token; give the URL, the code's text or the access token"
    )]
    Unknown,
    /// It is paid, failed, cancelled, granted or expired.
    #[error("the buyer's page: nothing is open here any more ({0})")]
    Closed(&'static str),
    /// This page asks for something else.
    #[error("the buyer's page: this page {0}")]
    OtherPage(&'static str),
    /// What was typed is no good; the page stays open.
    #[error("the buyer's page: {message} ({code})")]
    Card {
        /// The result code of a server-to-server payment with the same card data.
        code: &'static str,
        /// What is wrong, without what was typed.
        message: String,
    },
}

/// Changes that follow from what a buyer does, and where the browser goes.
pub(super) struct Decided {
    pub(super) changes: Vec<Change>,
    pub(super) next: Option<BuyerNext>,
}

/// The page's name in a URL, or the text itself.
fn page_name(at: &str) -> &str {
    let at = at.split(['?', '#']).next().unwrap_or_default();
    at.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

pub(super) fn act(desk: &mut Desk<'_>, at: &str, action: BuyerAction) -> Result<Decided, BuyerError> {
    if matches!(action, BuyerAction::CancelAuthorization) {
        return cancel_authorization(desk, at);
    }
    let name = page_name(at);
    match desk.state.page(name) {
        Some(Page::Payment(payment)) => at_payment(desk, payment, action),
        Some(Page::Authorization(_)) => at_authorization(desk, name, action),
        Some(Page::Vaulting(vaulting)) => at_vaulting(desk, vaulting, action),
        Some(Page::Subscription(subscription)) => at_subscription(desk, subscription, action),
        None => Err(BuyerError::Unknown),
    }
}

fn at_payment(desk: &mut Desk<'_>, payment: &Payment, action: BuyerAction) -> Result<Decided, BuyerError> {
    let waiting = match payment.state {
        PaymentState::Waiting(waiting) => waiting,
        PaymentState::Paid { .. } => return Err(BuyerError::Closed("paid")),
        PaymentState::Failed { .. } => return Err(BuyerError::Closed("failed or expired")),
        PaymentState::Cancelled { .. } => return Err(BuyerError::Closed("cancelled")),
    };
    let id = payment.id.clone();
    let fail = |code, message| vec![Change::PaymentFailed { payment: payment.id.clone(), code, message }];
    let changes = match (action, waiting) {
        (BuyerAction::WalkAway, _) => return Ok(Decided { changes: Vec::new(), next: None }),
        (BuyerAction::Approve, Waiting::Decision) => {
            vec![Change::PaymentPaid { payment: id, card: None, capture: None }]
        }
        (BuyerAction::Approve, Waiting::Challenge) => {
            let card = payment.card.clone().map(|card| PaidCard { challenged: true, ..card });
            charged(desk, payment, card)
        }
        (BuyerAction::Decline, _) => {
            fail("USER_PAYMENT_VERIFICATION_FAILED", "The buyer did not confirm the payment.")
        }
        (BuyerAction::Fail3ds, Waiting::Challenge) => {
            fail("USER_PAYMENT_VERIFICATION_FAILED", "3-D Secure authentication failed.")
        }
        (BuyerAction::EnterCard(entry), Waiting::CardEntry) => return enter_card(desk, payment, &entry),
        (BuyerAction::Approve, Waiting::CardEntry) => return Err(BuyerError::OtherPage("waits for a card")),
        (BuyerAction::Fail3ds, _) => return Err(BuyerError::OtherPage("is no 3-D Secure page")),
        (BuyerAction::EnterCard(_), _) => return Err(BuyerError::OtherPage("takes no card")),
        (_, Waiting::Settlement) | (BuyerAction::CancelAuthorization, _) => {
            return Err(BuyerError::OtherPage("asks the buyer nothing"));
        }
    };
    Ok(Decided { changes, next: back(payment) })
}

fn back(payment: &Payment) -> Option<BuyerNext> {
    payment.redirect_url.clone().map(BuyerNext::Redirect)
}

/// The card is typed: it becomes a token, and is charged or challenged.
fn enter_card(desk: &mut Desk<'_>, payment: &Payment, entry: &CardEntry) -> Result<Decided, BuyerError> {
    let card =
        entry.check().map_err(|refusal| BuyerError::Card { code: refusal.code, message: refusal.message })?;
    let token = desk.ids.token("ALIPAYCARD");
    let paid =
        PaidCard { card, token: Some(token.clone()), challenged: false, network_id: desk.ids.network() };
    if payment.asks_3ds && card.challenges() && card.pays() {
        let changes = vec![
            Change::CardStored(Box::new(StoredCard::new(token, card))),
            Change::PaymentChallenged { payment: payment.id.clone(), card: paid },
        ];
        return Ok(Decided { changes, next: Some(BuyerNext::Challenge) });
    }
    let mut changes = Vec::new();
    if card.pays() {
        changes.push(Change::CardStored(Box::new(StoredCard::new(token, card))));
        changes.append(&mut charged(desk, payment, Some(paid)));
    } else {
        let (code, message) = ("PROCESS_FAIL", "The card was declined.");
        changes.push(Change::PaymentFailed { payment: payment.id.clone(), code, message });
    }
    Ok(Decided { changes, next: back(payment) })
}

fn charged(desk: &mut Desk<'_>, payment: &Payment, card: Option<PaidCard>) -> Vec<Change> {
    let capture = automatic_capture(desk, payment);
    vec![Change::PaymentPaid { payment: payment.id.clone(), card, capture }]
}

fn at_authorization(desk: &mut Desk<'_>, page: &str, action: BuyerAction) -> Result<Decided, BuyerError> {
    let authorization = desk.state.authorization(page).ok_or(BuyerError::Unknown)?;
    match authorization.stage {
        Stage::Open => {}
        Stage::Granted { .. } => return Err(BuyerError::Closed("granted")),
        Stage::Closed => return Err(BuyerError::Closed("declined or expired")),
    }
    match action {
        BuyerAction::Approve => {
            let code = desk.ids.auth_code();
            let join = if authorization.redirect_url.contains('?') { '&' } else { '?' };
            let next = format!(
                "{}{join}authCode={}&authState={}",
                authorization.redirect_url,
                code.expose(),
                escape(&authorization.auth_state)
            );
            let until = desk.now.saturating_add(CODE);
            let changes = vec![Change::AuthorizationGranted { page: page.to_owned(), code, until }];
            Ok(Decided { changes, next: Some(BuyerNext::Redirect(next)) })
        }
        BuyerAction::Decline => {
            let next = Some(BuyerNext::Redirect(authorization.redirect_url.clone()));
            Ok(Decided { changes: vec![Change::AuthorizationClosed { page: page.to_owned() }], next })
        }
        BuyerAction::WalkAway => Ok(Decided { changes: Vec::new(), next: None }),
        _ => Err(BuyerError::OtherPage("asks for an authorization")),
    }
}

fn at_vaulting(desk: &mut Desk<'_>, vaulting: &Vaulting, action: BuyerAction) -> Result<Decided, BuyerError> {
    let failed = |code, message| (VaultingStage::failed(code, message), Vec::new());
    let (stage, mut changes) = match (action, &vaulting.stage) {
        (_, VaultingStage::Stored { .. }) => return Err(BuyerError::Closed("stored")),
        (_, VaultingStage::Failed { .. }) => return Err(BuyerError::Closed("failed or expired")),
        (BuyerAction::WalkAway, _) => return Ok(Decided { changes: Vec::new(), next: None }),
        (BuyerAction::Decline, _) => failed("USER_PAYMENT_VERIFICATION_FAILED", "The buyer did not agree."),
        (BuyerAction::Fail3ds, VaultingStage::Challenge { .. }) => {
            failed("USER_PAYMENT_VERIFICATION_FAILED", "3-D Secure authentication failed.")
        }
        (BuyerAction::Approve, VaultingStage::Challenge { card }) => vault::store(desk, card),
        (BuyerAction::Approve, VaultingStage::Decision) => (vault::with_wallet(desk), Vec::new()),
        (BuyerAction::EnterCard(entry), VaultingStage::CardEntry) => {
            let card = entry.check();
            let card =
                card.map_err(|refusal| BuyerError::Card { code: refusal.code, message: refusal.message })?;
            vault::with_card(desk, card, vaulting.asks_3ds)
        }
        (BuyerAction::Approve, VaultingStage::CardEntry) => {
            return Err(BuyerError::OtherPage("waits for a card"));
        }
        (BuyerAction::Fail3ds, _) => return Err(BuyerError::OtherPage("is no 3-D Secure page")),
        (BuyerAction::EnterCard(_), _) => return Err(BuyerError::OtherPage("takes no card")),
        (BuyerAction::CancelAuthorization, _) => {
            return Err(BuyerError::OtherPage("asks for a payment method"));
        }
    };
    let next = match stage {
        VaultingStage::Challenge { .. } => Some(BuyerNext::Challenge),
        _ => vaulting.redirect_url.clone().map(BuyerNext::Redirect),
    };
    changes.push(vaulting.at(stage));
    Ok(Decided { changes, next })
}

fn at_subscription(
    desk: &mut Desk<'_>,
    found: &Subscription,
    action: BuyerAction,
) -> Result<Decided, BuyerError> {
    match found.stage {
        SubscriptionStage::Open => {}
        SubscriptionStage::Closed => return Err(BuyerError::Closed("declined or expired")),
        _ => return Err(BuyerError::Closed("agreed to")),
    }
    let changes = match action {
        BuyerAction::WalkAway => return Ok(Decided { changes: Vec::new(), next: None }),
        BuyerAction::Approve => subscription::agree(desk, found),
        BuyerAction::Decline => {
            let (code, message) = ("USER_PAYMENT_VERIFICATION_FAILED", "The buyer did not agree.");
            vec![subscription::close(desk.now, found, code, message)]
        }
        _ => return Err(BuyerError::OtherPage("asks for a subscription")),
    };
    Ok(Decided { changes, next: Some(BuyerNext::Redirect(found.redirect_url.clone())) })
}

fn cancel_authorization(desk: &mut Desk<'_>, at: &str) -> Result<Decided, BuyerError> {
    let access = match desk.state.token(at) {
        Some(token) => token.access.expose().clone(),
        None => match desk.state.authorization(page_name(at)).map(|authorization| &authorization.stage) {
            Some(Stage::Granted { code, .. }) => {
                let mut latest =
                    desk.state.token_issued_for(code.expose()).ok_or(BuyerError::Closed("no token yet"))?;
                while let Some(next) = desk.state.token_issued_for(latest.refresh.expose()) {
                    latest = next;
                }
                latest.access.expose().clone()
            }
            Some(_) => return Err(BuyerError::Closed("never granted")),
            None => return Err(BuyerError::Unknown),
        },
    };
    if !desk.state.token(&access).is_some_and(|token| token.live) {
        return Err(BuyerError::Closed("cancelled or replaced"));
    }
    Ok(Decided { changes: vec![Change::TokenCancelled { access, by_buyer: true }], next: None })
}

/// Percent-encodes everything that is not a plain letter, digit or one of `-._~`.
fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_by_url_or_name() {
        for text in ["abc", "http://127.0.0.1:1/_sandbox/buyer/abc", "http://h/_sandbox/buyer/abc/?x=/y"] {
            assert_eq!(page_name(text), "abc");
        }
        assert_eq!(escape("a b/ä"), "a%20b%2F%C3%A4");
    }
}
