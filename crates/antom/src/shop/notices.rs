use antom_core::fact::Verified;
use antom_core::flow::Observed;
use antom_core::time::UnixTime;
use antom_store::{Applied, Change, InboxEntry, InboxKey, Placement, StoredMessage, Subject, keys_of_fact};
use antom_webhook::DedupKey;

use super::book::{Heard, Reached};
use super::{OrderTurn, Shop, ShopError, TokenTurn};

/// What a notification came to. In every case it is stored and may be acknowledged.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOTICE, NOW, WAITS, request, shop, verified};
/// use antom::core::flow::payment::Product;
/// use antom::shop::Noticed;
/// # let (request, shop, now) = (request(), shop(&[WAITS]), NOW);
///
/// # block_on(async {
/// # let message = verified(shop.client(), NOTICE);
/// shop.orders().pay("ORDER-1", request, Product::Cashier).await?; // It waits for the buyer.
/// // `message` is the notification that it was paid, verified.
/// let Noticed::Order(turn) = shop.on_notification(&message, now).await? else { panic!("not an order") };
/// assert!(turn.payment.may_ship());
/// assert_eq!(shop.on_notification(&message, now).await?, Noticed::Before);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Noticed {
    /// An order went on.
    Order(Box<OrderTurn>),
    /// An authorization went on.
    Token(Box<TokenTurn>),
    /// It waits for its order, authorization or refund to appear.
    Parked,
    /// It is kept; nothing here follows its kind, or it does not fit its type.
    Kept,
    /// It came before; nothing was written.
    Before,
}

impl Shop {
    /// Takes a verified notification in: stored, applied, and only then to be acknowledged.
    ///
    /// In a handler of one of the adapters:
    ///
    /// ```text
    /// let taken = shop.on_notification(delivery.verified(), delivery.received_at());
    /// let (acknowledgement, noticed) = delivery.acknowledge_after(taken).await;
    /// ```
    ///
    /// # Errors
    ///
    /// It could not be stored: refuse it, and it comes again.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, NOTICE, NOW, shop, verified};
    /// use antom::shop::Noticed;
    /// # let (shop, now) = (shop(&[]), NOW);
    ///
    /// # block_on(async {
    /// # let message = verified(shop.client(), NOTICE);
    /// // The notification of an order that nobody here knows yet: kept until it is.
    /// assert_eq!(shop.on_notification(&message, now).await?, Noticed::Parked);
    /// assert_eq!(shop.measure().await?.inbox.parked, 1);
    /// # Ok(()) });
    /// ```
    pub async fn on_notification(
        &self,
        verified: &Verified,
        received: UnixTime,
    ) -> Result<Noticed, ShopError> {
        let shop = &self.inner;
        let key = InboxKey(*DedupKey::of(verified).as_bytes());
        // A repeat costs a read and no write.
        if let Some(row) = shop.store.notification(key).await?
            && !matches!(row.placement, Placement::Parked(_))
        {
            return Ok(Noticed::Before);
        }
        let entry = InboxEntry {
            key,
            message: StoredMessage::of(verified),
            // What does not fit its type is stored and acknowledged all the same.
            fact: Observed::of(verified).ok(),
            received,
        };
        let keys = entry.fact.as_ref().map(|fact| keys_of_fact(&shop.client_id, fact)).unwrap_or_default();
        for key in &keys {
            for subject in shop.store.find(key).await? {
                if let Some(noticed) = self.reached(&subject, &entry).await? {
                    return Ok(noticed);
                }
            }
        }
        let change = match keys.is_empty() {
            true => Change::keep(entry.clone()),
            false => Change::park(entry.clone(), keys),
        };
        match shop.store.commit(change).await? {
            Applied::Changed(changed) => {
                // Its order became known between looking and parking.
                for owner in &changed.owners {
                    if let Some(noticed) = self.reached(owner, &entry).await? {
                        return Ok(noticed);
                    }
                }
                Ok(if entry.fact.is_some() { Noticed::Parked } else { Noticed::Kept })
            }
            _ => Ok(Noticed::Before),
        }
    }

    async fn reached(&self, subject: &Subject, entry: &InboxEntry) -> Result<Option<Noticed>, ShopError> {
        Ok(self.inner.reach(subject, entry).await?.map(|heard| match heard {
            Heard::Before => Noticed::Before,
            Heard::Turn(Reached::Order(turn)) => Noticed::Order(Box::new((*turn).into())),
            Heard::Turn(Reached::Grant(turn)) => Noticed::Token(Box::new((*turn).into())),
        }))
    }
}
