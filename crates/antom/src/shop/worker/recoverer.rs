use antom_core::api::notification::{InquireNotificationList, InquireNotificationListRequest};
use antom_core::flow::worker::{Recover, Recovery};
use antom_core::outcome::Outcome;
use antom_core::time::{DateTimeText, UnixTime, UtcOffset};
use antom_store::{Applied, Change, RecoveryRow, Subject, Write};
use async_trait::async_trait;

use super::{Pace, Round, Worker};
use crate::shop::{Shop, ShopError};

/// The entries of a page.
const PAGE: i64 = 100;
/// The most pages of a fetch; a list that never ends is no list.
const MOST_PAGES: u32 = 10_000;

/// Fetches notifications that were missed, the newest first, and takes them in like delivered ones.
///
/// Those that the gateway says were delivered are passed over, because what was acknowledged is stored here.
/// After a restored backup that is not so: fetch [`everything`](Self::everything) since the backup.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, shop};
/// use antom::shop::worker::{Pace, Recoverer, Worker};
/// # let backup = NOW.saturating_sub(std::time::Duration::from_secs(3600));
/// # let shop = shop(&[r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"notificationList":[]}"#]);
///
/// # block_on(async {
/// // After a restored backup: everything since then, delivered or not.
/// let recoverer = Recoverer::new(shop).since(backup).everything();
/// let round = recoverer.round(Pace::default()).await?;
/// assert!(!round.gap && round.failed.is_empty());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct Recoverer {
    shop: Shop,
    since: Option<UnixTime>,
    everything: bool,
}

impl Recoverer {
    /// A recoverer of what is missed from now on, or from where the one before it stopped.
    #[must_use]
    pub fn new(shop: Shop) -> Self {
        Self { shop, since: None, everything: false }
    }

    /// One that begins there where the store has no mark yet.
    #[must_use]
    pub fn since(mut self, since: UnixTime) -> Self {
        self.since = Some(since);
        self
    }

    /// One that takes in delivered ones, too: for the sweep after a restored backup.
    #[must_use]
    pub fn everything(mut self) -> Self {
        self.everything = true;
        self
    }

    async fn mark(
        &self,
        recovery: Recovery,
        row: Option<RecoveryRow>,
    ) -> Result<Option<RecoveryRow>, ShopError> {
        let inner = &self.shop.inner;
        let write = Write::Recovery(inner.client_id.clone(), recovery);
        let change = Change::write(write, row.map(|row| row.revision), inner.now());
        Ok(match inner.store.commit(change).await? {
            Applied::Changed(changed) => changed.revision.map(|revision| RecoveryRow { recovery, revision }),
            _ => None,
        })
    }

    /// Fetches a span and takes in what it lists.
    async fn fetch(&self, from: UnixTime, to: UnixTime) -> Result<usize, ShopError> {
        let inner = &self.shop.inner;
        let text = |time| DateTimeText::at(time, UtcOffset::UTC);
        let (mut taken, mut after) = (0_usize, None::<String>);
        for _ in 0..MOST_PAGES {
            inner.admitted().await?;
            let mut request = InquireNotificationListRequest::new()
                .with_event_create_time_from(text(from))
                .with_event_create_time_to(text(to))
                .with_limit(PAGE);
            if let Some(after) = after.take() {
                request = request.with_starting_after(after);
            }
            let outcome = inner.client.call::<InquireNotificationList>(&request).await;
            let reply = match outcome.map_err(ShopError::Call)? {
                Outcome::Completed(reply) => reply,
                other => return Err(ShopError::NoList { what: kind(&other).to_owned() }),
            };
            for event in reply.verified().recovered_events().map_err(ShopError::List)? {
                if self.everything || !event.delivered {
                    self.shop.on_notification(&event.notification, inner.now()).await?;
                    taken = taken.saturating_add(1);
                }
            }
            let list = reply.value();
            match (list.has_more, &list.next_starting_after) {
                (Some(true), Some(next)) => after = Some(next.clone()),
                _ => return Ok(taken),
            }
        }
        Err(ShopError::NoList { what: format!("a list of more than {MOST_PAGES} pages") })
    }
}

fn kind<T>(outcome: &Outcome<T>) -> &'static str {
    match outcome {
        Outcome::Completed(_) => "success",
        Outcome::Accepted(_) => "in process",
        Outcome::Declined(_) => "refused",
        _ => "no readable answer",
    }
}

#[async_trait]
impl Worker for Recoverer {
    async fn round(&self, pace: Pace) -> Result<Round, ShopError> {
        let inner = &self.shop.inner;
        let now = inner.now();
        let row = match inner.store.recovery(&inner.client_id).await? {
            Some(row) => Some(row),
            None => self.mark(Recovery::since(self.since.unwrap_or(now)), None).await?,
        };
        let Some(row) = row else { return Ok(Round::default()) };
        let Recover::Fetch { from, to, gap } = row.recovery.tick(now) else { return Ok(Round::default()) };
        // The end of the lease as the next time: with the revision, one process of all fetches.
        let held = Recovery { due: now.saturating_add(pace.lease), ..row.recovery };
        let Some(row) = self.mark(held, Some(row)).await? else { return Ok(Round::default()) };
        let mut round = Round { claimed: 1, gap, ..Round::default() };
        let next = match self.fetch(from, to).await {
            Ok(taken) => {
                round.done = taken;
                row.recovery.fetched(to, inner.now())
            }
            Err(error) => {
                round.failed.push((Subject::Recovery(inner.client_id.as_str().to_owned()), error));
                row.recovery.failed(inner.now())
            }
        };
        // Where this is stale the lease was over and another fetches the same span: nothing is lost.
        self.mark(next, Some(row)).await?;
        Ok(round)
    }
}
