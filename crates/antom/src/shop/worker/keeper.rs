use antom_core::flow::token::{Input, Transition};
use antom_store::{Claim, Claimed, GrantRow, Subject};
use async_trait::async_trait;

use super::{Pace, Round, Worker, each};
use crate::shop::book::Heard;
use crate::shop::calls::is_grant_call;
use crate::shop::{Inner, Shop, ShopError};

/// The most calls for one authorization in one round.
const MOST_CALLS: usize = 4;

/// Keeps tokens: turns codes into tokens within their minute, refreshes tokens before they end, and keeps an
/// old token until the new one is stored.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, shop};
/// use antom::shop::worker::{Pace, TokenKeeper, Worker};
/// # let shop = shop(&[r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"accessToken":"281020","accessTokenExpiryTime":"2024-11-14T22:13:20Z","refreshToken":"281021"}"#]);
///
/// # block_on(async {
/// # let file = "buyer,method,access_token,access_token_expiry,refresh_token\nbuyer-7,GCASH,281010,2023-11-15T00:00:00Z,281011\n";
/// # let token = antom::shop::ImportedToken::read_csv(file.as_bytes()).next().unwrap()?;
/// # let state = shop.tokens().import(token).await?;
/// // A token that ends in two hours. A round refreshes it.
/// let round = TokenKeeper::new(shop.clone()).round(Pace::default()).await?;
/// assert_eq!((round.claimed, round.done), (1, 1));
/// let grant = shop.tokens().get(&state).await?;
/// assert_eq!(grant.token().unwrap().access_token.expose(), "281020");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct TokenKeeper {
    shop: Shop,
}

impl TokenKeeper {
    /// A keeper of this shop's tokens.
    #[must_use]
    pub fn new(shop: Shop) -> Self {
        Self { shop }
    }
}

#[async_trait]
impl Worker for TokenKeeper {
    async fn round(&self, pace: Pace) -> Result<Round, ShopError> {
        let inner = &*self.shop.inner;
        let now = inner.now();
        let fresh = inner.fresh_grants.take(now).into_iter();
        let fresh = fresh.map(|turn| (Subject::Grant(turn.next.auth_state().to_owned()), Begin::Taken(turn)));
        let claim = Claim { now, lease: pace.lease, limit: pace.batch };
        let due = inner.store.claim_grants(claim).await?.into_iter();
        let due = due.map(|row| (row.subject().clone(), Begin::Due(row)));
        Ok(each(fresh.chain(due).collect(), pace.at_once, |(subject, begin)| async move {
            let result = keep(inner, &subject, begin).await;
            (subject, result)
        })
        .await)
    }
}

/// What a round begins with.
enum Begin {
    /// A turn that a notification brought about, whose step nobody has taken.
    Taken(Transition),
    /// A row whose tick is due.
    Due(Claimed<GrantRow>),
}

async fn keep(shop: &Inner, subject: &Subject, begin: Begin) -> Result<usize, ShopError> {
    let Subject::Grant(auth_state) = subject else { return Ok(0) };
    shop.admitted().await?;
    let mut heard = match begin {
        Begin::Taken(turn) => Heard::Turn(turn),
        Begin::Due(row) => {
            let row = row.open().await?;
            shop.grant_row_hears(auth_state, Some(row), &Input::Tick, None).await?
        }
    };
    for calls in 0..MOST_CALLS {
        let Heard::Turn(turn) = heard else { return Ok(calls) };
        if !is_grant_call(&turn.step) {
            return Ok(calls);
        }
        if calls > 0 {
            shop.admitted().await?;
        }
        let Some(input) = shop.grant_call(&turn.next, &turn.step).await else { return Ok(calls) };
        heard = shop.grant_hears(auth_state, &input, None).await?;
    }
    Ok(MOST_CALLS)
}
