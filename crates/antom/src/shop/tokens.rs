use std::sync::Arc;

use antom_core::api::authorizations::{Consult, ConsultRequest};
use antom_core::flow::token::{Grant, Input, NewGrant, NextStep, Transition};
use antom_core::flow::{Answer, Show};
use antom_store::{Applied, Change};

use super::book::Heard;
use super::{Inner, ShopError};

/// A shop's authorizations and their tokens. See [`Shop::tokens`](super::Shop::tokens).
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, shop};
/// use antom::core::api::authorizations::ConsultRequest;
/// use antom::core::flow::Show;
/// # let shop = shop(&[r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"authUrl":"https://wallet.example/authorize"}"#]);
///
/// # block_on(async {
/// // An empty `authState` is filled with one that nobody can guess.
/// let request = ConsultRequest::new("GCASH", "https://shop.example/back", [], "", "WEB");
/// let turn = shop.tokens().authorize("buyer-7", request).await?;
/// assert!(matches!(turn.show(), Some(Show::Redirect { .. })));
/// let state = turn.grant.auth_state().to_owned();
/// assert_eq!(shop.tokens().get(&state).await?.buyer(), "buyer-7");
/// // The buyer did not authorize yet: there is nothing to revoke.
/// assert!(shop.tokens().revoke(&state).await.is_err());
/// # Ok(()) });
/// ```
#[derive(Clone, Copy)]
pub struct Tokens<'a> {
    pub(super) shop: &'a Arc<Inner>,
}

/// An authorization after something was done with it.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, shop};
/// use antom::core::api::authorizations::ConsultRequest;
/// use antom::core::flow::token::GrantState;
/// # let shop = shop(&[r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"authUrl":"https://wallet.example/authorize"}"#]);
///
/// # block_on(async {
/// let request = ConsultRequest::new("GCASH", "https://shop.example/back", [], "", "WEB");
/// let turn = shop.tokens().authorize("buyer-7", request).await?;
/// assert_eq!(turn.grant.state(), &GrantState::Waiting);
/// assert!(turn.show().is_some());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenTurn {
    /// The authorization, as it is stored.
    pub grant: Grant,
    /// What there is to do next. The workers do it; what concerns the buyer is [`show`](Self::show).
    pub step: NextStep,
}

impl TokenTurn {
    /// The code to draw or the page to send the buyer to.
    #[must_use]
    pub fn show(&self) -> Option<&Show> {
        match &self.step {
            NextStep::Show { show, .. } => Some(show),
            _ => None,
        }
    }
}

impl From<Transition> for TokenTurn {
    fn from(turn: Transition) -> Self {
        Self { grant: turn.next, step: turn.step }
    }
}

impl Tokens<'_> {
    /// An authorization as it is stored.
    ///
    /// # Errors
    ///
    /// There is none with this `authState`, or the store failed.
    pub async fn get(&self, auth_state: &str) -> Result<Grant, ShopError> {
        let row = self.shop.store.grant(auth_state).await?;
        Ok(row.ok_or(ShopError::NotFound { what: "authorization" })?.grant)
    }

    /// Asks a buyer, who is logged in here as `buyer`, to authorize payments: the intent is stored, then
    /// consult is called once. What is to be shown is in the turn; the code comes by notification and the
    /// token is fetched with it.
    ///
    /// A request with an empty `authState` gets one that cannot be guessed. Read it back from the turn's grant.
    ///
    /// # Errors
    ///
    /// Its `authState` can be guessed, the request cannot be written, or the store failed.
    pub async fn authorize(&self, buyer: &str, mut request: ConsultRequest) -> Result<TokenTurn, ShopError> {
        let shop = self.shop;
        if request.auth_state.is_empty() {
            request.auth_state = shop.ids.fresh().map_err(ShopError::Ids)?;
        }
        let method = request.customer_belongs_to.as_str();
        let new = NewGrant::new(shop.client_id.clone(), request.auth_state.clone(), buyer, method);
        let mut new = new.map_err(ShopError::WeakState)?;
        new.jitter = jitter(&request.auth_state);
        let now = shop.now();
        let turn = Grant::begin(&new, now);
        match shop.store.commit(Change::grant(&turn, None, now)).await? {
            Applied::Changed(changed) => {
                let subject = antom_store::Subject::Grant(request.auth_state.clone());
                shop.drain(&subject, changed.parked).await?;
            }
            // Consult is called once for a state: asked again, this says what became of it.
            _ => return self.stored(&request.auth_state).await,
        }
        let call = shop.client.call::<Consult>(&request).await;
        let input = Input::ConsultAnswered(Answer::consult(&call));
        self.hear(&request.auth_state, &input).await
    }

    /// Ends an authorization: the token pays no more from the moment this is stored, and the gateway is asked
    /// until it confirms.
    ///
    /// # Errors
    ///
    /// There is no live token, or the store failed.
    pub async fn revoke(&self, auth_state: &str) -> Result<TokenTurn, ShopError> {
        let turn = self.hear(auth_state, &Input::Revoke).await?;
        match self.shop.grant_call(&turn.grant, &turn.step).await {
            Some(input) => self.hear(auth_state, &input).await,
            None => Ok(turn),
        }
    }

    async fn hear(&self, auth_state: &str, input: &Input) -> Result<TokenTurn, ShopError> {
        match self.shop.grant_hears(auth_state, input, None).await? {
            Heard::Turn(turn) => Ok(turn.into()),
            // Only a notification may have been there before, and there was none.
            Heard::Before => self.stored(auth_state).await,
        }
    }

    async fn stored(&self, auth_state: &str) -> Result<TokenTurn, ShopError> {
        let grant = self.get(auth_state).await?;
        let step = grant.resting_step();
        Ok(TokenTurn { grant, step })
    }
}

/// A part of a day that depends on the state, which is random: tokens of one day are not refreshed in one
/// minute.
pub(super) fn jitter(auth_state: &str) -> core::time::Duration {
    const DAY: u64 = 24 * 3600;
    // FNV-1a: spreads well, and nothing depends on more than that.
    let hash = auth_state.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    core::time::Duration::from_secs(hash % DAY)
}

impl core::fmt::Debug for Tokens<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tokens").field("store", &self.shop.store).finish_non_exhaustive()
    }
}
