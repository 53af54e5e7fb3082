use std::sync::Arc;

use super::kit::{at, written};
use super::{Failure, Outcome, cases, ensure};
use crate::change::{Applied, Change, Write};
use crate::run::{Finding, Run};
use crate::store::Backend;

cases! {
    a_run_keeps_what_it_found,
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
