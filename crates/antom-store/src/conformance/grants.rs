use std::sync::Arc;

use antom_core::flow::Observed;
use antom_core::flow::token::{GrantState, Input};
use antom_core::secret::Secret;

use super::kit::{at, auth_state, claim, client, consulted, token_answer, token_notice, written};
use super::{Failure, Outcome, cases, ensure};
use crate::change::{Applied, Change};
use crate::keys::{Key, KeyName};
use crate::rows::{GrantRow, Subject};
use crate::store::Backend;

cases! {
    an_authorization_is_created_once,
    of_two_writers_of_a_token_one_wins,
    tokens_are_found_by_state_and_by_token,
    a_buyers_authorizations_are_listed,
    due_authorizations_are_claimed,
    a_code_that_overtakes_the_consult_is_handed_over,
    tokens_are_listed_by_their_end,
    tokens_without_an_end_do_not_expire,
}

async fn begin(store: &dyn Backend, number: u8, buyer: &str) -> Result<String, Failure> {
    let state = auth_state(number);
    let turn = consulted(&state, buyer, 0)?;
    written(store.commit(Change::grant(&turn, None, at(0))).await?)?;
    Ok(state)
}

async fn row(store: &dyn Backend, state: &str) -> Result<GrantRow, Failure> {
    store.grant(state).await?.ok_or_else(|| Failure("the authorization is gone".into()))
}

async fn apply(store: &dyn Backend, state: &str, input: &Input) -> Outcome {
    let row = row(store, state).await?;
    let turn = row.grant.apply(input, at(1))?;
    written(store.commit(Change::grant(&turn, Some(row.revision), at(1))).await?)?;
    Ok(())
}

/// Brings an authorization to a live token by its two notifications.
async fn activate(store: &dyn Backend, state: &str, token: &str) -> Outcome {
    match Observed::of(&token_notice("AUTHCODE_CREATED", state, token)?)? {
        Observed::Code(fact) => apply(store, state, &Input::CodeNoticed(*fact)).await?,
        _ => return Err(Failure("no code".into())),
    }
    match Observed::of(&token_notice("TOKEN_CREATED", state, token)?)? {
        Observed::Token(fact) => apply(store, state, &Input::TokenNoticed(*fact)).await,
        _ => Err(Failure("no token".into())),
    }
}

async fn an_authorization_is_created_once(store: Arc<dyn Backend>) -> Outcome {
    let state = begin(&*store, 1, "buyer").await?;
    let again = store.commit(Change::grant(&consulted(&state, "buyer", 0)?, None, at(0))).await?;
    ensure!(matches!(again, Applied::Stale { .. }), "creating it again came to {again:?}");
    ensure!(store.grant(&auth_state(2)).await?.is_none(), "an unknown one was found");
    Ok(())
}

async fn of_two_writers_of_a_token_one_wins(store: Arc<dyn Backend>) -> Outcome {
    let state = begin(&*store, 1, "buyer").await?;
    activate(&*store, &state, "TOKEN-1").await?;
    let row = row(&*store, &state).await?;
    let turn = row.grant.apply(&Input::Revoke, at(2))?;
    let first = store.commit(Change::grant(&turn, Some(row.revision), at(2))).await?;
    let second = store.commit(Change::grant(&turn, Some(row.revision), at(2))).await?;
    ensure!(
        matches!((&first, &second), (Applied::Changed(_), Applied::Stale { .. })),
        "{first:?}, {second:?}"
    );
    Ok(())
}

async fn tokens_are_found_by_state_and_by_token(store: Arc<dyn Backend>) -> Outcome {
    let state = begin(&*store, 1, "buyer").await?;
    activate(&*store, &state, "TOKEN-1").await?;
    let token = |text: &str| KeyName::Token(Secret::from(text));
    for name in [KeyName::AuthState(state.clone()), token("TOKEN-1")] {
        let found = store.find(&Key::new(&client()?, name.clone())).await?;
        ensure!(found == [Subject::Grant(state.clone())], "{name:?} leads to {found:?}");
    }
    ensure!(
        store.find(&Key::new(&client()?, token("TOKEN-2"))).await?.is_empty(),
        "an unknown token was found"
    );
    let stored = row(&*store, &state).await?;
    let usable = stored.grant.usable(at(2)).map(|token| token.expose().as_str());
    ensure!(usable == Some("TOKEN-1"), "the token came back otherwise");
    // Another authorization may bring the same token.
    let second = begin(&*store, 2, "buyer").await?;
    activate(&*store, &second, "TOKEN-1").await?;
    ensure!(store.find(&Key::new(&client()?, token("TOKEN-1"))).await?.len() == 2, "one of the two is lost");
    Ok(())
}

async fn a_buyers_authorizations_are_listed(store: Arc<dyn Backend>) -> Outcome {
    for (number, buyer) in [(1, "buyer-1"), (2, "buyer-2"), (3, "buyer-1")] {
        begin(&*store, number, buyer).await?;
    }
    let rows = store.grants_of("buyer-1").await?;
    let states: Vec<_> = rows.iter().map(|row| row.grant.auth_state().to_owned()).collect();
    ensure!(states == [auth_state(1), auth_state(3)], "the list is {states:?}");
    ensure!(store.grants_of("buyer-3").await?.is_empty(), "an unknown buyer has authorizations");
    Ok(())
}

async fn due_authorizations_are_claimed(store: Arc<dyn Backend>) -> Outcome {
    let state = begin(&*store, 1, "buyer").await?;
    ensure!(store.claim_grants(claim(899, 1)).await?.is_empty(), "it is due too early");
    ensure!(store.claim_grants(claim(900, 1)).await?.len() == 1, "it is not due");
    ensure!(store.claim_grants(claim(929, 1)).await?.is_empty(), "a leased one was given away");
    let row = row(&*store, &state).await?;
    let turn = row.grant.apply(&Input::Tick, at(930))?;
    written(store.commit(Change::grant(&turn, Some(row.revision), at(930))).await?)?;
    ensure!(matches!(turn.next.state(), GrantState::Ended { .. }), "it did not end");
    ensure!(store.claim_grants(claim(1_000_000, 1)).await?.is_empty(), "an ended one is due");
    Ok(())
}

async fn a_code_that_overtakes_the_consult_is_handed_over(store: Arc<dyn Backend>) -> Outcome {
    let state = auth_state(1);
    let message = token_notice("AUTHCODE_CREATED", &state, "unused")?;
    let entry = super::kit::entry(&message, 1, 0)?;
    let Some(fact) = &entry.fact else { return Err(Failure("no fact".into())) };
    let keys = crate::keys::keys_of_fact(&client()?, fact);
    written(store.commit(Change::park(entry.clone(), keys)).await?)?;
    let change = Change::grant(&consulted(&state, "buyer", 0)?, None, at(0));
    let changed = written(store.commit(change).await?)?;
    let handed: Vec<_> = changed.parked.iter().map(|entry| entry.key).collect();
    ensure!(handed == [entry.key], "{handed:?} were handed over");
    Ok(())
}

async fn tokens_are_listed_by_their_end(store: Arc<dyn Backend>) -> Outcome {
    const DAY: i64 = 24 * 3600;
    for (number, days) in [(1, 30), (2, 10), (3, 20), (4, 20), (5, 400)] {
        let state = begin(&*store, number, "buyer").await?;
        match Observed::of(&token_notice("AUTHCODE_CREATED", &state, "unused")?)? {
            Observed::Code(fact) => apply(&*store, &state, &Input::CodeNoticed(*fact)).await?,
            _ => return Err(Failure("no code".into())),
        }
        let answer = token_answer(&format!("TOKEN-{number}"), at(days * DAY))?;
        apply(&*store, &state, &Input::ApplyAnswered(answer)).await?;
    }
    // A token that is being revoked is nobody's to refresh.
    apply(&*store, &auth_state(2), &Input::Revoke).await?;
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.expiring(at(100 * DAY), after, 2).await?;
        let Some(last) = page.last() else { break };
        let end = last.grant.token().and_then(|token| token.expires);
        after = end.map(|end| (end, last.grant.auth_state().to_owned()));
        seen.extend(page.iter().map(|row| row.grant.auth_state().to_owned()));
        ensure!(seen.len() <= 3, "pages go in circles: {seen:?}");
    }
    ensure!(seen == [3, 4, 1].map(auth_state), "the list is {seen:?}");
    ensure!(store.expiring(at(20 * DAY), None, 10).await?.is_empty(), "a later token is listed");
    Ok(())
}

async fn tokens_without_an_end_do_not_expire(store: Arc<dyn Backend>) -> Outcome {
    let state = begin(&*store, 1, "buyer").await?;
    activate(&*store, &state, "TOKEN-1").await?;
    let rows = store.expiring(antom_core::time::UnixTime::MAX, None, 10).await?;
    ensure!(rows.is_empty(), "a token without an end expires");
    Ok(())
}
