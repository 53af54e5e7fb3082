//! Every adapter over a real socket: the same table of deliveries against four servers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![cfg(all(feature = "axum", feature = "actix", feature = "hyper", feature = "tower"))]

#[path = "../support/mod.rs"]
mod support;

mod cases;
mod servers;
mod shop;
mod wire;

/// One test per server and case.
macro_rules! matrix {
    ($server:ident: $($case:ident),* $(,)?) => {
        mod $server {
            $(
                #[tokio::test]
                async fn $case() {
                    let case = crate::cases::$case(crate::servers::Kind::$server);
                    tokio::time::timeout(crate::wire::PATIENCE, case).await.expect("the case did not end");
                }
            )*
        }
    };
    ($($server:ident)*) => {
        $(matrix! {
            $server:
            whole_and_in_pieces,
            content_types_that_lie,
            repeats_are_acknowledged,
            a_full_store_refuses,
            a_stated_gigabyte,
            an_unstated_gigabyte,
            a_body_that_never_ends,
            a_body_that_breaks_off,
            forgeries,
            wrong_paths_and_methods,
            several_merchants,
            unfit_documents,
            the_answer_is_exact,
        })*
    };
}

matrix! { axum actix hyper tower }
