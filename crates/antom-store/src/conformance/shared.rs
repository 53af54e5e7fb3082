use core::num::NonZeroU32;
use core::time::Duration;
use std::sync::Arc;

use antom_core::flow::payment::Input;
use antom_core::flow::worker::Recovery;
use antom_core::secret::Secret;

use super::kit::{apply, at, auth_state, claim, client, consulted, open, paid_fact, stranger, written};
use super::{Failure, Outcome, cases, ensure};
use crate::card::StoredCard;
use crate::change::{Applied, Change, Write};
use crate::keys::{Key, KeyName};
use crate::record::{MoneyRecord, RecordKind, RecordState};
use crate::rows::{Rate, Revision, Subject};
use crate::run::{Finding, Run};
use crate::store::Backend;

cases! {
    a_card_is_found_by_its_token_until_it_is_removed,
    rows_of_different_kinds_may_have_the_same_id,
    the_numbers_tell_what_waits,
    a_postponed_event_waits_and_holds_back_its_order,
    records_come_in_order_page_by_page,
    one_of_many_takes_the_recovery,
    a_gate_lets_a_burst_through_and_then_one_by_one,
    a_run_keeps_what_it_found,
}

fn card(id: &str, token: &str) -> Result<StoredCard, Failure> {
    let card = StoredCard::new(id, client()?, "BUYER-1", Secret::from(token), at(0));
    Ok(card.with_brand("VISA").with_last_digits("1111").with_expiry(at(1000)))
}

async fn put(store: &dyn Backend, card: StoredCard, expected: Option<Revision>) -> Result<Revision, Failure> {
    let change = Change::write(Write::Card(Box::new(card)), expected, at(0));
    let revision = written(store.commit(change).await?)?.revision;
    revision.ok_or_else(|| Failure("a stored card has no revision".into()))
}

async fn a_card_is_found_by_its_token_until_it_is_removed(store: Arc<dyn Backend>) -> Outcome {
    let (one, two) = (card("CARD-1", "TOKEN-1")?, card("CARD-2", "TOKEN-2")?);
    let first = put(&*store, one.clone(), None).await?;
    put(&*store, two.clone(), None).await?;
    let row = store.card("CARD-1").await?.ok_or_else(|| Failure("the card is gone".into()))?;
    ensure!(row.card == one && row.revision == first, "the card came back as {row:?}");
    let key = Key::new(&client()?, KeyName::Token(Secret::from("TOKEN-1")));
    let owners = store.find(&key).await?;
    ensure!(owners == [Subject::Card("CARD-1".into())], "the token leads to {owners:?}");
    let elsewhere = Key::new(&stranger()?, KeyName::Token(Secret::from("TOKEN-1")));
    ensure!(store.find(&elsewhere).await?.is_empty(), "another account's token was found");
    let again = Change::write(Write::Card(Box::new(one.clone())), None, at(1));
    ensure!(
        matches!(store.commit(again).await?, Applied::Stale { current: Some(_) }),
        "a card was stored twice"
    );
    put(&*store, one.removed(), Some(first)).await?;
    ensure!(store.find(&key).await?.is_empty(), "a removed card is found by its token");
    let left: Vec<_> = store.cards_of("BUYER-1").await?.into_iter().map(|row| row.card).collect();
    ensure!(left == [two], "the buyer has {left:?}");
    let gone = store.card("CARD-1").await?;
    ensure!(gone.is_some_and(|row| row.card.token.expose().is_empty()), "a removed card keeps its token");
    ensure!(store.cards_of("BUYER-2").await?.is_empty(), "another buyer has cards");
    Ok(())
}

async fn rows_of_different_kinds_may_have_the_same_id(store: Arc<dyn Backend>) -> Outcome {
    // The same text as order, card and run: three rows that do not know of each other.
    open(&*store, "SAME", "PAY-1").await?;
    put(&*store, card("SAME", "TOKEN-1")?, None).await?;
    let run = Change::write(Write::Run(Box::new(Run::begin("SAME", Vec::new(), at(0)))), None, at(0));
    written(store.commit(run).await?)?;
    ensure!(store.order("SAME").await?.is_some(), "the order is gone");
    ensure!(store.card("SAME").await?.is_some(), "the card is gone");
    ensure!(store.run("SAME").await?.is_some(), "the run is gone");
    Ok(())
}

async fn the_numbers_tell_what_waits(store: Arc<dyn Backend>) -> Outcome {
    let none = store.order_stats(at(0)).await?;
    ensure!(none.open == 0 && none.oldest_open.is_none() && none.due == 0, "an empty store has {none:?}");
    open(&*store, "ORDER-1", "PAY-1").await?;
    open(&*store, "ORDER-2", "PAY-2").await?;
    let row = store.order("ORDER-1").await?.and_then(|row| row.payment.due());
    let due = row.ok_or_else(|| Failure("a sent order has no tick".into()))?;
    let early = store.order_stats(at(0)).await?;
    ensure!(early.open == 2 && early.oldest_open == Some(at(0)), "two open orders are {early:?}");
    ensure!(early.due == 0 && early.oldest_due.is_none(), "too early due: {early:?}");
    let late = store.order_stats(due).await?;
    ensure!(late.due == 2 && late.oldest_due == Some(due), "two due orders are {late:?}");
    apply(&*store, "ORDER-1", &paid_fact("PAY-1")?, at(7)).await?;
    let one = store.order_stats(due).await?;
    ensure!(one.open == 1 && one.due == 1, "after one was paid: {one:?}");
    let events = store.outbox_stats().await?;
    ensure!(events.waiting == 1 && events.oldest_waiting == Some(at(7)), "one event is {events:?}");
    store.claim_events(claim(10, 5)).await?;
    let events = store.outbox_stats().await?;
    ensure!(events.waiting == 1 && events.most_claims == 1, "one claimed event is {events:?}");
    let turn = consulted(&auth_state(1), "BUYER-1", 0)?;
    written(store.commit(Change::grant(&turn, None, at(0))).await?)?;
    let grants = store.grant_stats(at(1_000_000), at(0)).await?;
    ensure!(grants.due == 1 && grants.oldest_due == turn.next.due(), "one due grant is {grants:?}");
    ensure!(grants.expiring == 0, "a grant without token expires: {grants:?}");
    Ok(())
}

async fn a_postponed_event_waits_and_holds_back_its_order(store: Arc<dyn Backend>) -> Outcome {
    open(&*store, "ORDER-1", "PAY-1").await?;
    apply(&*store, "ORDER-1", &paid_fact("PAY-1")?, at(1)).await?;
    apply(&*store, "ORDER-1", &Input::Cancel, at(2)).await?;
    let first = store.claim_events(claim(10, 1)).await?;
    let sequence = first.first().map(|row| row.sequence).ok_or_else(|| Failure("no event".into()))?;
    store.postpone(sequence, at(500)).await?;
    ensure!(store.claim_events(claim(499, 10)).await?.is_empty(), "a postponed event was given");
    ensure!(!store.claim_events(claim(500, 10)).await?.is_empty(), "a postponed event never came");
    store.delivered(sequence).await?;
    // What was handed over is not brought back.
    store.postpone(sequence, at(501)).await?;
    ensure!(
        store.claim_events(claim(9000, 10)).await?.iter().all(|row| row.sequence != sequence),
        "a handed-over event came back"
    );
    Ok(())
}

async fn records_come_in_order_page_by_page(store: Arc<dyn Backend>) -> Outcome {
    for number in [3_u8, 1, 5, 4, 2] {
        open(&*store, &format!("ORDER-{number}"), &format!("PAY-{number}")).await?;
    }
    apply(&*store, "ORDER-4", &paid_fact("PAY-4")?, at(1)).await?;
    let mut all: Vec<MoneyRecord> = Vec::new();
    loop {
        let page = store.records(RecordKind::Payment, all.last(), 2).await?;
        if page.is_empty() {
            break;
        }
        ensure!(page.len() <= 2, "a page has {} records", page.len());
        all.extend(page);
        ensure!(all.len() <= 5, "five records became {} or more", all.len());
    }
    let ids: Vec<_> = all.iter().map(|record| record.request_id.as_str()).collect();
    ensure!(ids == ["PAY-1", "PAY-2", "PAY-3", "PAY-4", "PAY-5"], "the records are {ids:?}");
    let moved: Vec<_> = all.iter().filter(|record| record.state == RecordState::Moved).collect();
    ensure!(
        moved.len() == 1
            && moved
                .iter()
                .all(|r| r.order_id == "ORDER-4" && r.transaction_id.as_deref() == Some("ID-PAY-4")),
        "moved are {moved:?}"
    );
    ensure!(store.records(RecordKind::Refund, None, 10).await?.is_empty(), "there are refunds");
    Ok(())
}

async fn one_of_many_takes_the_recovery(store: Arc<dyn Backend>) -> Outcome {
    let account = client()?;
    ensure!(store.recovery(&account).await?.is_none(), "an empty store recovers");
    let begin = Recovery::since(at(0));
    let mark = |recovery| Write::Recovery(account.clone(), recovery);
    written(store.commit(Change::write(mark(begin), None, at(0))).await?)?;
    let row = store.recovery(&account).await?.ok_or_else(|| Failure("the mark is gone".into()))?;
    ensure!(row.recovery == begin, "the mark came back as {row:?}");
    let taken = begin.failed(at(1));
    let mut won = 0_u8;
    for _ in 0..3 {
        let change = Change::write(mark(taken), Some(row.revision), at(1));
        won = won.saturating_add(u8::from(matches!(store.commit(change).await?, Applied::Changed(_))));
    }
    ensure!(won == 1, "{won} took the same recovery");
    ensure!(store.recovery(&stranger()?).await?.is_none(), "accounts share a mark");
    Ok(())
}

async fn a_gate_lets_a_burst_through_and_then_one_by_one(store: Arc<dyn Backend>) -> Outcome {
    let one = NonZeroU32::MIN;
    let rate = Rate { per_second: one, burst: one.saturating_add(2) };
    // A database goes by its own clock, so that only lower and upper bounds can be asked for.
    let mut waits = Vec::new();
    for _ in 0..5 {
        waits.push(store.admit("gate", rate, 1, at(0)).await?);
    }
    ensure!(waits.iter().take(3).all(Duration::is_zero), "a burst has to wait: {waits:?}");
    let (fourth, fifth) = (waits.get(3).copied(), waits.get(4).copied());
    let within = |wait: Option<Duration>, most| {
        wait.is_some_and(|wait| !wait.is_zero() && wait <= Duration::from_secs(most))
    };
    ensure!(within(fourth, 1) && within(fifth, 2) && fourth < fifth, "then waits are {waits:?}");
    ensure!(store.admit("other", rate, 3, at(0)).await?.is_zero(), "gates share their marks");
    Ok(())
}

async fn a_run_keeps_what_it_found(store: Arc<dyn Backend>) -> Outcome {
    for (number, id) in ["RUN-1", "RUN-2", "RUN-3"].into_iter().enumerate() {
        let started = at(i64::try_from(number).unwrap_or_default());
        let run = Run::begin(id, vec!["settlement.csv".into()], started);
        written(store.commit(Change::write(Write::Run(Box::new(run)), None, started)).await?)?;
    }
    let row = store.run("RUN-1").await?.ok_or_else(|| Failure("the run is gone".into()))?;
    let mut run = row.run.clone();
    run.count("matched");
    run.count("matched");
    run.count("only ours");
    let mut change =
        Change::write(Write::Run(Box::new(run.clone().finish(at(9)))), Some(row.revision), at(9));
    change.findings = vec![
        Finding::new("only ours", "no line of the report").with_request_id("PAY-1"),
        Finding::new("amount differs", "1 EUR here, 2 EUR there")
            .with_transaction_id("T-1")
            .with_line("a.csv:7"),
    ];
    let findings = change.findings.clone();
    written(store.commit(change.clone()).await?)?;
    ensure!(matches!(store.commit(change).await?, Applied::Stale { .. }), "a run was written twice");
    let kept = store.findings("RUN-1", 0, 10).await?;
    ensure!(kept.iter().map(|row| &row.finding).eq(&findings), "found were {kept:?}");
    let after = kept.first().map(|row| row.sequence).unwrap_or_default();
    let rest = store.findings("RUN-1", after, 10).await?;
    ensure!(rest.len() == 1, "after the first come {}", rest.len());
    ensure!(store.findings("RUN-2", 0, 10).await?.is_empty(), "runs share findings");
    let back = store.run("RUN-1").await?.map(|row| row.run);
    ensure!(back == Some(run.finish(at(9))), "the run came back as {back:?}");
    let first = store.runs(None, 2).await?;
    let ids: Vec<_> = first.iter().map(|row| row.run.run_id.as_str()).collect();
    ensure!(ids == ["RUN-3", "RUN-2"], "the newest runs are {ids:?}");
    let last = first.last().map(|row| (row.run.started, row.run.run_id.clone()));
    let next = store.runs(last, 2).await?;
    ensure!(next.len() == 1 && next.iter().all(|row| row.run.run_id == "RUN-1"), "then come {next:?}");
    Ok(())
}
