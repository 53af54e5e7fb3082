use antom_core::flow::payment::{Input, Transition};
use antom_store::{Claim, Claimed, OrderRow, Subject};
use async_trait::async_trait;

use super::{Pace, Round, Worker, each};
use crate::shop::book::{Heard, Said};
use crate::shop::calls::is_call;
use crate::shop::{Inner, Shop, ShopError};

/// The most calls for one order in one round; what is left is due again at once.
const MOST_CALLS: usize = 8;

/// Sees payments through: inquires what is due, sends the same request again where that is allowed, closes
/// expired orders, repeats captures, refunds and cancellations until their answers are known.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, shop};
/// use antom::shop::worker::{Pace, Settler, Worker};
/// # let shop = shop(&[r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1","paymentId":"20231114001","paymentAmount":{"currency":"EUR","value":"1050"},"paymentStatus":"SUCCESS"}"#]);
///
/// # block_on(async {
/// # let file = "order_id,request_id,currency,value,product,created,expires\n\
/// #             ORDER-1,PAY-1,EUR,1050,cashier,2023-11-14T20:00:00Z,2023-11-14T20:14:00Z\n";
/// # let order = antom::shop::ImportedOrder::read_csv(file.as_bytes()).next().unwrap()?;
/// # shop.orders().import(order).await?;
/// // ORDER-1 was sent hours ago, and no answer is known. A round asks the gateway.
/// let round = Settler::new(shop.clone()).round(Pace::default()).await?;
/// assert_eq!((round.claimed, round.done), (1, 1));
/// assert!(shop.orders().get("ORDER-1").await?.may_ship());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct Settler {
    shop: Shop,
}

impl Settler {
    /// A settler of this shop's orders.
    #[must_use]
    pub fn new(shop: Shop) -> Self {
        Self { shop }
    }
}

#[async_trait]
impl Worker for Settler {
    async fn round(&self, pace: Pace) -> Result<Round, ShopError> {
        let inner = &*self.shop.inner;
        let now = inner.now();
        let fresh = inner.fresh_orders.take(now).into_iter();
        let fresh = fresh.map(|turn| (Subject::Order(turn.next.order_id().to_owned()), Begin::Taken(turn)));
        let claim = Claim { now, lease: pace.lease, limit: pace.batch };
        let due = inner.store.claim_orders(claim).await?.into_iter();
        let due = due.map(|row| (row.subject().clone(), Begin::Due(row)));
        Ok(each(fresh.chain(due).collect(), pace.at_once, |(subject, begin)| async move {
            let result = settle(inner, &subject, begin).await;
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
    Due(Claimed<OrderRow>),
}

/// Ticks an order, unless a notification did that already, and makes the calls that follow until it rests.
async fn settle(shop: &Inner, subject: &Subject, begin: Begin) -> Result<usize, ShopError> {
    let Subject::Order(order_id) = subject else { return Ok(0) };
    let lane = shop.flights.lane(order_id);
    let _flight = lane.lock().await;
    // The turn of the first call is waited for before the tick that counts it.
    shop.admitted().await?;
    let mut heard = match begin {
        Begin::Taken(turn) => Heard::Turn(turn),
        Begin::Due(row) => {
            let row = row.open().await?;
            shop.order_row_hears(order_id, Some(row), Said::of(&Input::Tick)).await?
        }
    };
    for calls in 0..MOST_CALLS {
        let Heard::Turn(turn) = heard else { return Ok(calls) };
        if !is_call(&turn.step) {
            return Ok(calls);
        }
        if calls > 0 {
            shop.admitted().await?;
        }
        let Some(input) = shop.payment_call(&turn.next, &turn.step, None).await? else { return Ok(calls) };
        heard = shop.order_hears(order_id, Said::of(&input)).await?;
    }
    Ok(MOST_CALLS)
}
