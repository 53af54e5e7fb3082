//! The suite notices broken stores: each of these breaks one promise, and the case that is about it fails.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]

use core::time::Duration;
use std::sync::Arc;

use antom_core::secret::Secret;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use antom_store::conformance::{Maker, run};
use antom_store::{
    Applied, Backend, CardRow, CardState, Cards, Change, Claim, Claimed, FindingRow, GrantRow, GrantStats,
    Grants, Inbox, InboxKey, InboxRow, InboxStats, Key, LedgerRow, MemoryStore, MoneyRecord, OrderRow,
    OrderStats, Orders, Outbox, OutboxRow, OutboxStats, Rate, RecordKind, RecoveryRow, Revision, RunRow,
    Runs, Shared, Store, StoreError, Subject, Write,
};
use async_trait::async_trait;

/// What a store does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Overwrites whatever is there.
    LostUpdate,
    /// Does not hand over what was parked.
    ForgetsParked,
    /// Does not say whose a notification is that was parked too late.
    ForgetsOwners,
    /// Writes a notification each time it comes.
    NoDedup,
    /// Gives rows away while they are leased.
    NoLease,
    /// Hands events over once more after they were delivered.
    EventsComeAgain,
    /// Gives bodies to any account.
    BodyOfAnyAccount,
    /// Ignores where a ledger page begins.
    NoPages,
    /// Drops the ledger.
    NoLedger,
    /// Drops events.
    NoEvents,
    /// Gives postponed events at once.
    NoPostpone,
    /// Begins every page of records at the first.
    NoRecordPages,
    /// Lets every call through.
    OpenGate,
    /// Drops findings.
    NoFindings,
    /// Counts nothing.
    NoNumbers,
    /// Lists removed cards.
    CardsStay,
}

const FAULTS: [(Fault, &str); 16] = [
    (Fault::LostUpdate, "of_two_writers_one_wins"),
    (Fault::ForgetsParked, "a_parked_notification_is_handed_over_when_its_order_appears"),
    (Fault::ForgetsOwners, "a_notification_parked_too_late_says_whose_it_is"),
    (Fault::NoDedup, "a_notification_is_applied_once_however_often_it_comes"),
    (Fault::NoLease, "a_lease_hides_until_it_ends"),
    (Fault::EventsComeAgain, "handed_over_is_handed_over"),
    (Fault::BodyOfAnyAccount, "requests_are_kept_while_they_may_be_needed"),
    (Fault::NoPages, "the_ledger_keeps_its_order_and_pages"),
    (Fault::NoLedger, "the_ledger_keeps_its_order_and_pages"),
    (Fault::NoEvents, "events_come_in_order_and_until_they_are_handed_over"),
    (Fault::NoPostpone, "a_postponed_event_waits_and_holds_back_its_order"),
    (Fault::NoRecordPages, "records_come_in_order_page_by_page"),
    (Fault::OpenGate, "a_gate_lets_a_burst_through_and_then_one_by_one"),
    (Fault::NoFindings, "a_run_keeps_what_it_found"),
    (Fault::NoNumbers, "the_numbers_tell_what_waits"),
    (Fault::CardsStay, "a_card_is_found_by_its_token_until_it_is_removed"),
];

#[derive(Debug)]
struct Broken {
    store: MemoryStore,
    fault: Fault,
}

impl Broken {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }
}

#[async_trait]
impl Store for Broken {
    async fn commit(&self, mut change: Change) -> Result<Applied, StoreError> {
        if self.has(Fault::NoLedger) {
            change.ledger.clear();
        }
        if self.has(Fault::NoEvents) {
            change.outbox.clear();
        }
        if self.has(Fault::NoFindings) {
            change.findings.clear();
        }
        if self.has(Fault::CardsStay)
            && let Write::Card(card) = &mut change.write
        {
            card.state = CardState::Active;
        }
        if self.has(Fault::NoDedup) && matches!(change.write, Write::Order(_)) {
            change.inbox = None;
        }
        let mut applied = self.store.commit(change.clone()).await?;
        if let (Applied::Stale { current: Some(current) }, true) = (&applied, self.has(Fault::LostUpdate)) {
            change.expected = Some(Revision::new(current.get()));
            applied = self.store.commit(change).await?;
        }
        if let Applied::Changed(changed) = &mut applied {
            if self.has(Fault::ForgetsParked) {
                changed.parked.clear();
            }
            if self.has(Fault::ForgetsOwners) {
                changed.owners.clear();
            }
        }
        Ok(applied)
    }
}

#[async_trait]
impl Orders for Broken {
    async fn order(&self, order_id: &str) -> Result<Option<OrderRow>, StoreError> {
        self.store.order(order_id).await
    }
    async fn find(&self, key: &Key) -> Result<Vec<Subject>, StoreError> {
        self.store.find(key).await
    }
    async fn body(&self, client: &ClientId, request_id: &str) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        let any = ClientId::new("SANDBOX_5Y0000000000000001").unwrap();
        let client = if self.has(Fault::BodyOfAnyAccount) { &any } else { client };
        self.store.body(client, request_id).await
    }
    async fn ledger(&self, order_id: &str, after: u64, limit: usize) -> Result<Vec<LedgerRow>, StoreError> {
        let after = if self.has(Fault::NoPages) { 0 } else { after };
        self.store.ledger(order_id, after, limit).await
    }
    async fn order_stats(&self, now: UnixTime) -> Result<OrderStats, StoreError> {
        if self.has(Fault::NoNumbers) {
            return Ok(OrderStats::default());
        }
        self.store.order_stats(now).await
    }
    async fn records(
        &self,
        kind: RecordKind,
        after: Option<&MoneyRecord>,
        limit: usize,
    ) -> Result<Vec<MoneyRecord>, StoreError> {
        let after = if self.has(Fault::NoRecordPages) { None } else { after };
        self.store.records(kind, after, limit).await
    }
    async fn claim_orders(&self, mut claim: Claim) -> Result<Vec<Claimed<OrderRow>>, StoreError> {
        if self.has(Fault::NoLease) {
            claim.lease = Duration::ZERO;
        }
        self.store.claim_orders(claim).await
    }
}

#[async_trait]
impl Grants for Broken {
    async fn grant(&self, auth_state: &str) -> Result<Option<GrantRow>, StoreError> {
        self.store.grant(auth_state).await
    }
    async fn grants_of(&self, buyer: &str) -> Result<Vec<GrantRow>, StoreError> {
        self.store.grants_of(buyer).await
    }
    async fn claim_grants(&self, claim: Claim) -> Result<Vec<Claimed<GrantRow>>, StoreError> {
        self.store.claim_grants(claim).await
    }
    async fn grant_stats(&self, now: UnixTime, before: UnixTime) -> Result<GrantStats, StoreError> {
        self.store.grant_stats(now, before).await
    }
    async fn expiring(
        &self,
        before: UnixTime,
        after: Option<(UnixTime, String)>,
        limit: usize,
    ) -> Result<Vec<GrantRow>, StoreError> {
        self.store.expiring(before, after, limit).await
    }
}

#[async_trait]
impl Inbox for Broken {
    async fn notification(&self, key: InboxKey) -> Result<Option<InboxRow>, StoreError> {
        self.store.notification(key).await
    }
    async fn parked(
        &self,
        after: Option<(UnixTime, InboxKey)>,
        limit: usize,
    ) -> Result<Vec<InboxRow>, StoreError> {
        self.store.parked(after, limit).await
    }
    async fn inbox_stats(&self) -> Result<InboxStats, StoreError> {
        self.store.inbox_stats().await
    }
}

#[async_trait]
impl Outbox for Broken {
    async fn claim_events(&self, claim: Claim) -> Result<Vec<Claimed<OutboxRow>>, StoreError> {
        self.store.claim_events(claim).await
    }
    async fn delivered(&self, sequence: u64) -> Result<(), StoreError> {
        if self.has(Fault::EventsComeAgain) { Ok(()) } else { self.store.delivered(sequence).await }
    }
    async fn postpone(&self, sequence: u64, until: UnixTime) -> Result<(), StoreError> {
        let until = if self.has(Fault::NoPostpone) { UnixTime::from_secs(0) } else { until };
        self.store.postpone(sequence, until).await
    }
    async fn outbox_stats(&self) -> Result<OutboxStats, StoreError> {
        self.store.outbox_stats().await
    }
    async fn events(&self, after: u64, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        self.store.events(after, limit).await
    }
}

#[async_trait]
impl Cards for Broken {
    async fn card(&self, card_id: &str) -> Result<Option<CardRow>, StoreError> {
        self.store.card(card_id).await
    }
    async fn cards_of(&self, buyer: &str) -> Result<Vec<CardRow>, StoreError> {
        self.store.cards_of(buyer).await
    }
}

#[async_trait]
impl Shared for Broken {
    async fn recovery(&self, client: &ClientId) -> Result<Option<RecoveryRow>, StoreError> {
        self.store.recovery(client).await
    }
    async fn admit(&self, gate: &str, rate: Rate, calls: u32, now: UnixTime) -> Result<Duration, StoreError> {
        if self.has(Fault::OpenGate) {
            return Ok(Duration::ZERO);
        }
        self.store.admit(gate, rate, calls, now).await
    }
}

#[async_trait]
impl Runs for Broken {
    async fn run(&self, run_id: &str) -> Result<Option<RunRow>, StoreError> {
        self.store.run(run_id).await
    }
    async fn runs(&self, after: Option<(UnixTime, String)>, limit: usize) -> Result<Vec<RunRow>, StoreError> {
        self.store.runs(after, limit).await
    }
    async fn findings(&self, run_id: &str, after: u64, limit: usize) -> Result<Vec<FindingRow>, StoreError> {
        self.store.findings(run_id, after, limit).await
    }
}

#[async_trait]
impl Maker for Fault {
    async fn fresh(&self) -> Arc<dyn Backend> {
        Arc::new(Broken { store: MemoryStore::new(), fault: *self })
    }
}

#[tokio::test]
async fn each_broken_promise_fails_its_case() {
    for (fault, case) in FAULTS {
        let report = run(&fault).await;
        let failed = report.cases.iter().any(|(name, failure)| *name == case && failure.is_some());
        assert!(failed, "{fault:?} was not noticed by {case}:\n{report}");
        assert!(!report.passed());
    }
}
