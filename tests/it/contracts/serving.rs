//! One process serves a SQLite file; the others are told why not.

use crate::harness::{Engine, TestShop, Weight, turn};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sqlite_file_has_one_server() {
    let _turn = turn(Weight::Shop).await;
    let shop = TestShop::on(Engine::Sqlite).start().await;
    let second = shop.cli(&["serve", "--listen", "127.0.0.1:0"]).await;
    let why = second.refused();
    assert!(why.contains("another process serves"), "{why}");
    assert!(why.contains("PostgreSQL"), "it says what to do: {why}");

    // The same file under another data folder is the same file.
    let elsewhere = shop.data().join("elsewhere");
    let elsewhere = elsewhere.display().to_string();
    let third = ["serve", "--listen", "127.0.0.1:0", "--data", &elsewhere];
    let why = shop.cli(&third).await.refused();
    assert!(why.contains("another process serves"), "{why}");

    // Commands beside the server are welcome, and a killed server leaves no lock behind.
    shop.cli(&["case", "list"]).await.ok();
    shop.kill9();
    shop.start().await;
    shop.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_needs_postgres() {
    let _turn = turn(Weight::Shop).await;
    let shop = TestShop::on(Engine::Sqlite).prepare();
    let why = shop.cli(&["worker"]).await.refused();
    assert!(why.contains("PostgreSQL"), "{why}");
}
