use core::fmt::Debug;
use std::collections::BTreeMap;
use std::sync::Arc;

use antom_core::flow::worker::{Deliver, deliver};
use antom_store::{Claim, Claimed, OutboxRow, Subject};
use async_trait::async_trait;

use super::{Pace, Round, Worker, each};
use crate::shop::{Inner, Shop, ShopError};

/// Why the merchant's program did not take an event.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// The merchant's program: what is to be done when something happened to an order or a token.
///
/// ```
/// use antom::shop::worker::{Handler, HandlerError};
/// use antom::store::OutboxRow;
///
/// /// Sends what happened to another program.
/// #[derive(Debug)]
/// struct Printer;
///
/// #[async_trait::async_trait]
/// impl Handler for Printer {
///     async fn handle(&self, event: &OutboxRow) -> Result<(), HandlerError> {
///         // The sequence tells a repeat from a new event.
///         println!("{} {:?} {:?}", event.sequence, event.subject, event.event);
///         Ok(())
///     }
/// }
/// # let _ = Printer;
/// ```
#[async_trait]
pub trait Handler: Debug + Send + Sync {
    /// Takes an event. It comes at least once: one with a sequence that was seen is a repeat.
    ///
    /// # Errors
    ///
    /// It could not be taken; it comes again, later each time, and holds back what happened to the same order
    /// or token afterwards.
    async fn handle(&self, event: &OutboxRow) -> Result<(), HandlerError>;
}

/// Hands events over.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, PAID, request, shop};
/// use std::sync::Arc;
/// use antom::core::flow::payment::Product;
/// use antom::shop::worker::{Courier, Pace, Worker};
/// # use antom::shop::worker::{Handler, HandlerError};
/// # #[derive(Debug)] struct Printer;
/// # #[async_trait::async_trait]
/// # impl Handler for Printer {
/// #     async fn handle(&self, _: &antom::store::OutboxRow) -> Result<(), HandlerError> { Ok(()) }
/// # }
/// # let (request, shop) = (request(), shop(&[PAID]));
///
/// # block_on(async {
/// shop.orders().pay("ORDER-1", request, Product::Cashier).await?; // Paid at once: an event waits.
/// let courier = Courier::new(shop.clone(), Arc::new(Printer));
/// assert!(courier.round(Pace::default()).await?.done > 0);
/// assert_eq!(shop.measure().await?.outbox.waiting, 0);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct Courier {
    shop: Shop,
    handler: Arc<dyn Handler>,
}

impl Courier {
    /// A courier of this shop's events to this program.
    #[must_use]
    pub fn new(shop: Shop, handler: Arc<dyn Handler>) -> Self {
        Self { shop, handler }
    }
}

#[async_trait]
impl Worker for Courier {
    async fn round(&self, pace: Pace) -> Result<Round, ShopError> {
        let inner = &*self.shop.inner;
        let claim = Claim { now: inner.now(), lease: pace.lease, limit: pace.batch };
        // Each subject's events go over one after the other, different subjects' at once.
        let mut subjects: BTreeMap<Subject, Vec<Claimed<OutboxRow>>> = BTreeMap::new();
        for row in inner.store.claim_events(claim).await? {
            subjects.entry(row.subject().clone()).or_default().push(row);
        }
        let claimed = subjects.values().map(Vec::len).sum();
        let handler = &*self.handler;
        let work = |(subject, rows): (Subject, Vec<Claimed<OutboxRow>>)| async move {
            let result = hand_over(inner, handler, rows).await;
            (subject, result)
        };
        let round = each(subjects.into_iter().collect(), pace.at_once, work).await;
        Ok(Round { claimed, ..round })
    }
}

/// Hands one subject's events over, up to the first that is not taken or cannot be read.
async fn hand_over(
    shop: &Inner,
    handler: &dyn Handler,
    rows: Vec<Claimed<OutboxRow>>,
) -> Result<usize, ShopError> {
    let mut done = 0;
    for row in rows {
        let row = row.open().await?;
        match handler.handle(&row).await {
            Ok(()) => shop.store.delivered(row.sequence).await?,
            Err(source) => {
                let now = shop.now();
                let tries = row.claims.saturating_add(1);
                if let Deliver::NotBefore(until) = deliver(tries, Some(now), now) {
                    shop.store.postpone(row.sequence, until).await?;
                }
                return Err(ShopError::NotTaken { tries, source });
            }
        }
        done += 1;
    }
    Ok(done)
}
