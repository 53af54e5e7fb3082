use std::sync::Arc;

use antom_core::secret::Secret;

use super::kit::{at, client, open, stranger, written};
use super::{Failure, Outcome, cases, ensure};
use crate::card::StoredCard;
use crate::change::{Applied, Change, Write};
use crate::keys::{Key, KeyName};
use crate::rows::{Revision, Subject};
use crate::run::Run;
use crate::store::Backend;

cases! {
    a_card_is_found_by_its_token_until_it_is_removed,
    rows_of_different_kinds_may_have_the_same_id,
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
