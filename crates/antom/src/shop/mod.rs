//! A shop's orders and tokens, kept in a store, and the workers that see them through.
//!
//! ```text
//!  your program ──► Shop: orders, tokens ──► flow (decides) ──► store: one commit ──► one call to Antom
//!  web server   ──► Shop::on_notification ──────┘                    │
//!  workers      ──► ticks ──────────────────────┘                    └─► outbox ─► Courier ─► your program
//! ```
//!
//! Everything that a call will do is stored before its first byte leaves; a notification is stored before it
//! is acknowledged. Any process may die between any two steps, and any number of processes may share one
//! database: whoever comes next goes on from what is stored.
//!
//! ```no_run
//! # async fn example(client: antom::Client, request: antom::core::api::payments::PayRequest)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use antom::core::flow::payment::Product;
//! use antom::shop::Shop;
//! use antom::store::MemoryStore;
//!
//! let shop = Shop::new(client, Arc::new(MemoryStore::new()))?;
//! let turn = shop.orders().pay("ORDER-1", request, Product::Cashier).await?;
//! if let Some(show) = turn.show() {
//!     println!("send the buyer to {show:?}");
//! }
//! # Ok(()) }
//! ```

mod bell;
mod book;
mod calls;
mod error;
mod flight;
mod fresh;
mod ids;
mod import;
mod notices;
mod orders;
#[cfg(feature = "reports")]
mod reconcile;
mod tokens;
pub mod worker;

use core::fmt;
use std::sync::Arc;

use antom_core::flow::payment::{self, Plan};
use antom_core::flow::token;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use antom_store::{Backend, GrantStats, InboxStats, OrderStats, OutboxStats, Rate};

use crate::Client;

pub use error::ShopError;
pub use ids::{Ids, NoRandomness, RandomIds};
pub use import::{ImportError, ImportedOrder, ImportedToken};
pub use notices::Noticed;
pub use orders::{OrderTurn, Orders};
#[cfg(feature = "reports")]
#[cfg_attr(docsrs, doc(cfg(feature = "reports")))]
pub use reconcile::{Reconciled, hold_against};
pub use tokens::{TokenTurn, Tokens};

use bell::Bell;
use flight::Flights;
use fresh::Fresh;

/// A client and a store, together. Clones share everything.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::client;
/// use std::sync::Arc;
/// use antom::core::flow::payment::Plan;
/// use antom::shop::{RandomIds, Shop};
/// use antom::store::{MemoryStore, Rate};
/// # let client = client(&[]);
///
/// let shop = Shop::new(client, Arc::new(MemoryStore::new()))?
///     .with_plan(Plan { ship_on_authorisation: true, ..Plan::default() })
///     .with_ids(Arc::new(RandomIds))
///     .with_rate(Rate { per_second: 20.try_into()?, burst: 5.try_into()? });
/// assert!(shop.client().profile().is_sandbox());
/// let (orders, tokens, store) = (shop.orders(), shop.tokens(), shop.store());
/// # let _ = (orders, tokens, store);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Shop {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) client: Client,
    pub(crate) client_id: ClientId,
    pub(crate) store: Arc<dyn Backend>,
    pub(crate) plan: Plan,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) rate: Option<Rate>,
    pub(crate) bell: Arc<Bell>,
    pub(crate) flights: Arc<Flights>,
    pub(crate) fresh_orders: Arc<Fresh<payment::Transition>>,
    pub(crate) fresh_grants: Arc<Fresh<token::Transition>>,
}

/// How everything is, for gauges and alerts.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, shop};
/// # let shop = shop(&[]);
///
/// # block_on(async {
/// shop.orders().create("ORDER-1").await?;
/// let measures = shop.measure().await?;
/// // Alert on these: an order that is due for long, a notification that is parked, an event that nobody takes.
/// assert_eq!((measures.orders.due, measures.inbox.parked, measures.outbox.waiting), (0, 0, 0));
/// assert_eq!(measures.grants.expiring, 0);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measures {
    /// Open and due orders.
    pub orders: OrderStats,
    /// Due authorizations, and tokens that end within ten days.
    pub grants: GrantStats,
    /// Parked notifications.
    pub inbox: InboxStats,
    /// Events the merchant's program has not taken.
    pub outbox: OutboxStats,
}

impl Shop {
    /// A shop of this client's account on this store.
    ///
    /// # Errors
    ///
    /// The client has no client id.
    pub fn new(client: Client, store: Arc<dyn Backend>) -> Result<Self, ShopError> {
        let client_id = client.profile().client_id().ok_or(ShopError::NoClientId)?.clone();
        Ok(Self {
            inner: Arc::new(Inner {
                client,
                client_id,
                store,
                plan: Plan::default(),
                ids: Arc::new(RandomIds),
                rate: None,
                bell: Arc::default(),
                flights: Arc::default(),
                fresh_orders: Arc::default(),
                fresh_grants: Arc::default(),
            }),
        })
    }

    /// With choices for new orders, such as to ship when a card is authorised.
    #[must_use]
    pub fn with_plan(self, plan: Plan) -> Self {
        self.with(|inner| inner.plan = plan)
    }

    /// With ids of the caller's own, such as in tests.
    #[must_use]
    pub fn with_ids(self, ids: Arc<dyn Ids>) -> Self {
        self.with(|inner| inner.ids = ids)
    }

    /// With a limit on the workers' calls, which all processes on this store keep together.
    #[must_use]
    pub fn with_rate(self, rate: Rate) -> Self {
        self.with(|inner| inner.rate = Some(rate))
    }

    fn with(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Arc::unwrap_or_clone(self.inner);
        change(&mut inner);
        Self { inner: Arc::new(inner) }
    }

    /// Orders and their money.
    #[must_use]
    pub fn orders(&self) -> Orders<'_> {
        Orders { shop: &self.inner }
    }

    /// Buyers' authorizations and their tokens.
    #[must_use]
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens { shop: &self.inner }
    }

    /// The store, for reading and for what this type has no word for.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Backend> {
        &self.inner.store
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// How everything is now.
    ///
    /// # Errors
    ///
    /// The store failed.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, shop};
    /// # block_on(async {
    /// # let shop = shop(&[]);
    /// shop.orders().create("ORDER-1").await?;
    /// assert_eq!(shop.measure().await?.orders.due, 0);
    /// # Ok(()) });
    /// ```
    pub async fn measure(&self) -> Result<Measures, ShopError> {
        let (store, now) = (&self.inner.store, self.inner.now());
        let soon = now.saturating_add(token::REFRESH_AHEAD);
        Ok(Measures {
            orders: store.order_stats(now).await?,
            grants: store.grant_stats(now, soon).await?,
            inbox: store.inbox_stats().await?,
            outbox: store.outbox_stats().await?,
        })
    }
}

impl Inner {
    pub(crate) fn now(&self) -> UnixTime {
        self.client.inner.now()
    }
}

impl fmt::Debug for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shop")
            .field("client", &self.inner.client)
            .field("store", &self.inner.store)
            .finish_non_exhaustive()
    }
}
