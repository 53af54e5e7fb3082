//! Read the row, let the machine decide, commit everything as one; read again when somebody else was first.

use core::future::Future;
use core::pin::Pin;

use antom_core::flow::payment::{self, Payment};
use antom_core::flow::token;
use antom_core::time::UnixTime;
use antom_store::{Applied, Change, FrozenBody, GrantRow, InboxEntry, OrderRow, Subject};

use super::calls::{is_call, is_grant_call};
use super::{Inner, ShopError};

/// How often others may be first. Each time somebody's change went through, so this is no fault of the store.
const MOST_TRIES: u32 = 100;

/// What hearing something came to.
#[derive(Debug)]
pub(super) enum Heard<T> {
    /// It was taken in.
    Turn(T),
    /// The notification had been taken in before.
    Before,
}

/// What an order is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) input: &'a payment::Input,
    /// The request of a new attempt, frozen.
    pub(super) body: Option<&'a FrozenBody>,
    /// The notification that says it.
    pub(super) notice: Option<&'a InboxEntry>,
}

impl<'a> Said<'a> {
    pub(super) fn of(input: &'a payment::Input) -> Self {
        Self { input, body: None, notice: None }
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, ShopError>> + Send + 'a>>;

impl Inner {
    /// An order hears something.
    pub(super) async fn order_hears(
        &self,
        order_id: &str,
        said: Said<'_>,
    ) -> Result<Heard<payment::Transition>, ShopError> {
        let row = self.store.order(order_id).await?;
        self.order_row_hears(order_id, row, said).await
    }

    /// The same for an order whose row is at hand, as it was claimed.
    pub(super) async fn order_row_hears(
        &self,
        order_id: &str,
        mut row: Option<OrderRow>,
        said: Said<'_>,
    ) -> Result<Heard<payment::Transition>, ShopError> {
        let Said { input, body, notice } = said;
        for _ in 0..MOST_TRIES {
            let (payment, revision) = match row.take() {
                Some(row) => (row.payment, Some(row.revision)),
                // Only paying begins an order that is not there yet.
                None if matches!(input, payment::Input::Pay(_)) => (Payment::new(order_id, self.plan), None),
                None => return Err(ShopError::NotFound { what: "order" }),
            };
            let now = self.now();
            let turn = payment.apply(input, now).map_err(ShopError::Refused)?;
            let mut change = Change::payment(&turn, revision, now);
            // Asked again with the same id, nothing new begins and the stored request stays.
            let begins = turn.next.attempts().len() > payment.attempts().len();
            change.children.extend(body.filter(|_| begins).cloned());
            if let Some(entry) = notice {
                change = change.with_notification(entry.clone());
            }
            match self.store.commit(change).await? {
                Applied::Changed(changed) => {
                    self.ring_if_due(turn.next.due(), now);
                    self.drain(&Subject::Order(order_id.to_owned()), changed.parked).await?;
                    return Ok(Heard::Turn(turn));
                }
                Applied::AlreadyThere => return Ok(Heard::Before),
                Applied::Stale { .. } => row = self.store.order(order_id).await?,
            }
        }
        Err(ShopError::Contended { tries: MOST_TRIES })
    }

    /// An authorization hears something.
    pub(super) async fn grant_hears(
        &self,
        auth_state: &str,
        input: &token::Input,
        notice: Option<&InboxEntry>,
    ) -> Result<Heard<token::Transition>, ShopError> {
        let row = self.store.grant(auth_state).await?;
        self.grant_row_hears(auth_state, row, input, notice).await
    }

    /// The same for an authorization whose row is at hand, as it was claimed.
    pub(super) async fn grant_row_hears(
        &self,
        auth_state: &str,
        mut found: Option<GrantRow>,
        input: &token::Input,
        notice: Option<&InboxEntry>,
    ) -> Result<Heard<token::Transition>, ShopError> {
        for _ in 0..MOST_TRIES {
            let row = found.take().ok_or(ShopError::NotFound { what: "authorization" })?;
            let now = self.now();
            let turn = row.grant.apply(input, now).map_err(ShopError::TokenRefused)?;
            let mut change = Change::grant(&turn, Some(row.revision), now);
            if let Some(entry) = notice {
                change = change.with_notification(entry.clone());
            }
            match self.store.commit(change).await? {
                Applied::Changed(changed) => {
                    self.ring_if_due(turn.next.due(), now);
                    self.drain(&Subject::Grant(auth_state.to_owned()), changed.parked).await?;
                    return Ok(Heard::Turn(turn));
                }
                Applied::AlreadyThere => return Ok(Heard::Before),
                Applied::Stale { .. } => found = self.store.grant(auth_state).await?,
            }
        }
        Err(ShopError::Contended { tries: MOST_TRIES })
    }

    /// A notification reaches what it is about. Boxed: what it makes known may release others.
    pub(super) fn reach<'a>(
        &'a self,
        subject: &'a Subject,
        entry: &'a InboxEntry,
    ) -> Boxed<'a, Option<Heard<Reached>>> {
        Box::pin(async move {
            let Some(fact) = &entry.fact else { return Ok(None) };
            Ok(match subject {
                Subject::Order(order_id) => {
                    let Some(input) = payment::Input::noticed(fact) else { return Ok(None) };
                    let heard =
                        self.order_hears(order_id, Said { notice: Some(entry), ..Said::of(&input) }).await?;
                    Some(match heard {
                        Heard::Turn(turn) => {
                            if is_call(&turn.step) {
                                self.fresh_orders.put(turn.clone(), turn.next.due());
                                self.bell.ring();
                            }
                            Heard::Turn(Reached::Order(Box::new(turn)))
                        }
                        Heard::Before => Heard::Before,
                    })
                }
                Subject::Grant(auth_state) => {
                    let Some(input) = token::Input::noticed(fact) else { return Ok(None) };
                    Some(match self.grant_hears(auth_state, &input, Some(entry)).await? {
                        Heard::Turn(turn) => {
                            if is_grant_call(&turn.step) {
                                self.fresh_grants.put(turn.clone(), turn.next.due());
                                self.bell.ring();
                            }
                            Heard::Turn(Reached::Grant(Box::new(turn)))
                        }
                        Heard::Before => Heard::Before,
                    })
                }
                _ => None,
            })
        })
    }

    /// What was parked for a subject reaches it, the first to arrive first.
    pub(super) async fn drain(&self, subject: &Subject, parked: Vec<InboxEntry>) -> Result<(), ShopError> {
        for entry in &parked {
            self.reach(subject, entry).await?;
        }
        Ok(())
    }

    /// Wakes this process's workers for what is due at once; what is due later they find by themselves.
    pub(super) fn ring_if_due(&self, due: Option<UnixTime>, now: UnixTime) {
        if due.is_some_and(|due| due <= now) {
            self.bell.ring();
        }
    }
}

/// What a notification did.
#[derive(Debug)]
pub(super) enum Reached {
    Order(Box<payment::Transition>),
    Grant(Box<token::Transition>),
}
