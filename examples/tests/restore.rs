//! An old backup, and the sweep that brings its tables back to the truth.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is not as it should be")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use antom::core::flow::payment::{PaymentState, Product};
use antom::shop::worker::{Pace, Recoverer, Worker as _};
use antom::shop::{ImportedOrder, Shop};
use antom::store::{AesGcmCipher, CipherKey, SqliteStore};
use antom_examples::price;
use support::{World, place};

fn cipher() -> Arc<AesGcmCipher> {
    Arc::new(AesGcmCipher::new(CipherKey::new("test", [7; 32]).unwrap(), [9; 32]))
}

async fn pay(world: &World, number: u8) {
    let (order, request) = (format!("ORDER-{number}"), format!("PAY-{number}"));
    let request = world.coffees(&request, &order);
    let turn = world.shop.orders().pay(&order, request, Product::InStore).await.unwrap();
    world.sandbox.buyer_approves(&place(turn.show())).unwrap();
    world.sandbox.idle().await;
}

#[tokio::test]
async fn a_restored_backup_is_swept_back_to_the_truth() {
    let folder = std::env::temp_dir().join(format!("antom-restore-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let store = SqliteStore::open(folder.join("shop.db"), cipher()).unwrap();
    let world = World::on(Arc::new(store.clone())).await;

    pay(&world, 1).await;
    let request = world.coffees("PAY-2", "ORDER-2");
    let waiting = world.shop.orders().pay("ORDER-2", request, Product::InStore).await.unwrap();
    let (backup, saved) = (folder.join("backup.db"), world.sandbox.now());
    store.backup(&backup).await.unwrap();

    // After the backup: the second order is paid, a third begins and is paid, a fourth begins.
    world.sandbox.advance(Duration::from_secs(60)).await;
    world.sandbox.buyer_approves(&place(waiting.show())).unwrap();
    world.sandbox.idle().await;
    pay(&world, 3).await;
    assert_eq!(world.sandbox.unacknowledged(), 0, "the gateway has been told that all is stored");

    // The disk dies, and the backup is what is left.
    world.sandbox.advance(Duration::from_secs(3600)).await;
    let restored = SqliteStore::open(&backup, cipher()).unwrap();
    let shop = Shop::new(world.shop.client().clone(), Arc::new(restored)).unwrap();
    let state = |order: &'static str| {
        let shop = shop.clone();
        async move { shop.orders().get(order).await.map(|payment| payment.state()) }
    };
    assert_eq!(state("ORDER-2").await.unwrap(), PaymentState::Pending);
    assert!(state("ORDER-3").await.is_err());

    // The sweep: every notification since the backup, and then the orders that only the shop's own list knows.
    let recoverer = Recoverer::new(shop.clone()).since(saved).everything();
    let round = recoverer.round(Pace::default()).await.unwrap();
    assert!(round.failed.is_empty() && !round.gap, "{round:?}");
    assert!(round.done >= 2, "{round:?}");
    assert!(matches!(state("ORDER-2").await.unwrap(), PaymentState::Paid { .. }));
    assert_eq!(shop.measure().await.unwrap().inbox.parked, 1, "of an order that the backup does not know");
    let created = saved.saturating_add(Duration::from_secs(60));
    let expires = created.saturating_add(Duration::from_secs(600));
    let third = ImportedOrder::new("ORDER-3", "PAY-3", price(), Product::InStore, created, expires);
    assert!(shop.orders().import(third).await.unwrap());
    assert!(matches!(state("ORDER-3").await.unwrap(), PaymentState::Paid { .. }));
    assert_eq!(shop.measure().await.unwrap().inbox.parked, 0);
    assert!(matches!(state("ORDER-1").await.unwrap(), PaymentState::Paid { .. }));

    // A second sweep finds nothing new, whoever makes it.
    world.sandbox.advance(Duration::from_secs(600)).await;
    let before = shop.store().events(0, 100).await.unwrap().len();
    let again = Recoverer::new(shop.clone()).everything().round(Pace::default()).await.unwrap();
    assert!(again.failed.is_empty() && again.claimed == 1, "{again:?}");
    assert_eq!(shop.store().events(0, 100).await.unwrap().len(), before);
    std::fs::remove_dir_all(&folder).unwrap();
}
