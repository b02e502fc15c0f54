//! The binary is there and answers the two questions every program answers.

use crate::harness::{Engine, TestShop};

#[tokio::test]
async fn the_binary_tells_its_version_and_its_commands() {
    let shop = TestShop::on(Engine::Sqlite).prepare();
    for question in ["--version", "--help"] {
        let answer = shop.cli(&[question]).await;
        assert_eq!(
            (answer.code, answer.err.as_str()),
            (0, ""),
            "vendgate {question}"
        );
    }
}
