//! Turns: how many tests with processes of their own run side by side.

use std::future::Future;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::builder::Engine;
use super::shop::TestShop;

/// Four shops with their gateways are what two cores carry without noise.
const ALL: u32 = 4;
static TURNS: Semaphore = Semaphore::const_new(ALL as usize);

/// What a test asks of the machine.
#[derive(Clone, Copy, Debug)]
pub enum Weight {
    /// A shop, with or without a sandbox gateway.
    Shop,
    /// A browser, a second node, or a load of some hundred calls.
    Heavy,
    /// Figures that no neighbour may spoil.
    Alone,
}

/// Waits for the test's turn; it lasts until the value is dropped. Take it once
/// per test and before any process is started: a test that takes a second turn
/// while it holds one can wait for ever.
pub async fn turn(weight: Weight) -> SemaphorePermit<'static> {
    let share = match weight {
        Weight::Shop => 1,
        Weight::Heavy => 2,
        Weight::Alone => ALL,
    };
    TURNS
        .acquire_many(share)
        .await
        .expect("turns are never closed")
}

/// Plays `story` in a started, empty shop on `engine`.
pub async fn in_a_shop<F: Future<Output = ()>>(engine: Engine, story: impl FnOnce(TestShop) -> F) {
    let _turn = turn(Weight::Shop).await;
    story(TestShop::on(engine).start().await).await;
}

/// Plays `story` on `engine`; it builds its shops itself.
pub async fn on_an_engine<F: Future<Output = ()>>(
    engine: Engine,
    weight: Weight,
    story: impl FnOnce(Engine) -> F,
) {
    let _turn = turn(weight).await;
    story(engine).await;
}

/// One story, two tests: `name::sqlite` and `name::postgres`.
///
/// ```ignore
/// on_both_engines!(a_stranger_buys, |shop| async move { shop.apply("…").await; });
/// on_both_engines!(two_nodes, Weight::Heavy, |engine| async move {
///     let shop = TestShop::on(engine).env("VENDGATE_FAIL", "…").start().await;
/// });
/// ```
///
/// Attributes and doc lines before the name stand on both tests.
macro_rules! on_both_engines {
    ($(#[$meta:meta])* $name:ident, |$shop:ident| async move $story:block $(,)?) => {
        async fn $name($shop: $crate::harness::TestShop) $story

        mod $name {
            use $crate::harness::{Engine, in_a_shop};

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                in_a_shop(Engine::Sqlite, super::$name).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                in_a_shop(Engine::Postgres, super::$name).await;
            }
        }
    };
    ($(#[$meta:meta])* $name:ident, $weight:expr, |$engine:ident| async move $story:block $(,)?) => {
        async fn $name($engine: $crate::harness::Engine) $story

        mod $name {
            use $crate::harness::{Engine, Weight, on_an_engine};

            const WEIGHT: Weight = $weight;

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                on_an_engine(Engine::Sqlite, WEIGHT, super::$name).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                on_an_engine(Engine::Postgres, WEIGHT, super::$name).await;
            }
        }
    };
}
pub(crate) use on_both_engines;
