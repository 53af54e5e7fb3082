use core::num::NonZeroU32;
use core::time::Duration;
use std::sync::Arc;

use antom_core::flow::worker::Recovery;

use super::kit::{at, client, stranger, written};
use super::{Failure, Outcome, cases, ensure};
use crate::change::{Applied, Change, Write};
use crate::rows::Rate;
use crate::store::Backend;

cases! {
    one_of_many_takes_the_recovery,
    a_gate_lets_a_burst_through_and_then_one_by_one,
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
