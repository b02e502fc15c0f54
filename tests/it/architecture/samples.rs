//! Small sources that break one rule each, and their lawful neighbours.

use super::rules::{check, circle};
use super::source::Source;

#[track_caller]
fn caught(path: &str, text: &str, why: &str) {
    let wrong = check(&Source::read(path, text));
    assert!(
        wrong.iter().any(|line| line.contains(why)),
        "{path} should be caught: {wrong:?}"
    );
}

#[track_caller]
fn lawful(path: &str, text: &str) {
    assert_eq!(
        check(&Source::read(path, text)),
        Vec::<String>::new(),
        "{path} is lawful"
    );
}

#[test]
fn words_import_only_words() {
    caught(
        "src/money.rs",
        "use crate::store::Db;",
        "words import only words",
    );
    caught(
        "src/ids.rs",
        "fn f(a: crate::app::App) {}",
        "words import only words",
    );
    lawful("src/ids.rs", "use crate::clock::Millis;");
}

#[test]
fn the_store_imports_only_words() {
    caught(
        "src/store/writer.rs",
        "use crate::order::model::State;",
        "no such line",
    );
    lawful(
        "src/store/writer.rs",
        "use crate::{clock::Clock, random::Random};\nuse super::Db;",
    );
}

#[test]
fn pure_files_stay_pure() {
    caught("src/order/state.rs", "use crate::store::Db;", "pure file");
    caught(
        "src/ledger/postings.rs",
        "use super::store::insert;",
        "pure file",
    );
    caught(
        "src/routing/decide.rs",
        "use crate::routing::record::write;",
        "pure file",
    );
    lawful(
        "src/routing/decide.rs",
        "use super::filter::hard; use crate::order::model::State;",
    );
    lawful(
        "src/order/state.rs",
        "use super::model::State; use crate::money::Minor;",
    );
}

#[test]
fn channels_know_the_port_and_nobody_else() {
    caught(
        "src/channel/epay/mod.rs",
        "//! E.\nuse crate::payment::settle;",
        "a channel imports",
    );
    caught(
        "src/channel/epay/v1.rs",
        "use crate::channel::alipay::sign;",
        "a channel imports",
    );
    caught(
        "src/channel/epay/v1.rs",
        "use super::super::alipay::sign;",
        "a channel imports",
    );
    caught(
        "src/channel/epay/v1.rs",
        "use crate::store::Db;",
        "a channel imports",
    );
    caught(
        "src/channel/port.rs",
        "use crate::order::model::State;",
        "no such line",
    );
    lawful(
        "src/channel/epay/v1.rs",
        "use crate::channel::Charge; use super::sign::md5;",
    );
    lawful("src/channel/account.rs", "use super::{epay, sandbox};");
}

#[test]
fn nobody_imports_the_hub_back() {
    for room in ["order", "stock", "ledger", "delivery", "notify", "routing"] {
        caught(
            &format!("src/{room}/store.rs"),
            "use crate::payment::settle;",
            "no such line",
        );
    }
    lawful(
        "src/payment/settle.rs",
        "use crate::{order::apply, stock, ledger::post, delivery};",
    );
}

#[test]
fn edges_are_imported_by_the_two_lists_only() {
    caught(
        "src/order/place.rs",
        "use crate::catalog::web::page;",
        "edges are imported",
    );
    caught(
        "src/order/place.rs",
        "use super::job::step;",
        "edges are imported",
    );
    caught(
        "src/payment/poll.rs",
        "use crate::app::App;",
        "no such line",
    );
    caught(
        "src/order/web.rs",
        "use crate::web::routes::all;",
        "an edge takes",
    );
    lawful(
        "src/web/routes.rs",
        "use crate::order::web::show; use crate::catalog::web;",
    );
    lawful("src/jobs/mod.rs", "//! J.\nuse crate::order::job::step;");
    lawful(
        "src/order/web.rs",
        "use crate::{app::App, web::{layout, failure::Failure}, payment::open};",
    );
    lawful(
        "src/order/web/show.rs",
        "use super::view; use crate::payment::attempts;",
    );
}

#[test]
fn the_sandbox_sees_the_shop_over_http_only() {
    caught(
        "src/sandbox/mod.rs",
        "//! S.\nuse crate::order::model::State;",
        "over HTTP only",
    );
    lawful("src/sandbox/mod.rs", "//! S.\nuse crate::money::Minor;");
}

#[test]
fn a_room_without_a_line_is_noticed() {
    caught(
        "src/helpers/mod.rs",
        "//! H.\nuse crate::order::place;",
        "in no table",
    );
}

#[test]
fn libraries_have_one_home() {
    caught(
        "src/payment/poll.rs",
        "let client = reqwest::Client::new();",
        "names reqwest",
    );
    caught("src/order/mail.rs", "use lettre::Message;", "names lettre");
    caught(
        "src/jobs/mod.rs",
        "//! B.\nuse redis::Client;",
        "names redis",
    );
    caught(
        "src/stock/store.rs",
        "use diesel::pg::PgConnection;",
        "names PgConnection",
    );
    caught(
        "src/stock/store.rs",
        "use diesel::sqlite::Sqlite;",
        "names diesel::sqlite",
    );
    lawful("src/outbound.rs", "use reqwest::Client;");
    lawful("src/bus/redis.rs", "use redis::Client;");
    lawful(
        "src/jobs/mod.rs",
        "//! B.\nmod redis;\npub use self::redis::Bus;",
    );
    lawful("src/notify/mail.rs", "use lettre::Message;");
    lawful(
        "src/store/mod.rs",
        "//! S.\nuse diesel::{PgConnection, SqliteConnection};",
    );
}

#[test]
fn money_is_never_a_float() {
    caught("src/money.rs", "fn f(x: f64) {}", "names f64");
    caught("src/ledger/postings.rs", "let x = 1 as f32;", "names f32");
    lawful(
        "src/money.rs",
        "// an f64 would lie\nconst SAY: &str = \"f64\";",
    );
    lawful("src/routing/learner.rs", "fn score(x: f64) -> f64 { x }");
}

#[test]
fn sizes_and_purposes() {
    caught("src/order/place.rs", &"\n".repeat(500), "500 lines");
    caught("src/main.rs", &"\n".repeat(30), "30 lines");
    caught("src/order/mod.rs", "mod place;", "`//!` paragraph");
    lawful("src/order/place.rs", &"\n".repeat(499));
    lawful("src/store/schema.rs", &"\n".repeat(900));
}

#[test]
fn what_only_looks_like_an_import_is_none() {
    lawful(
        "src/money.rs",
        "// use crate::store::Db;\n/* crate::app /* deep */ crate::web */",
    );
    lawful(
        "src/money.rs",
        "const A: &str = r#\"crate::store \"# ; const Q: char = '\"';",
    );
    lawful(
        "src/money.rs",
        "#[cfg(test)]\nmod tests {\n use crate::store::Db; fn f(x: f64) {} }",
    );
    caught(
        "src/money.rs",
        "const Q: char = '\"'; use crate::store::Db;",
        "words",
    );
    caught(
        "src/money.rs",
        "#[cfg(test)]\nmod tests { }\nuse crate::store::Db;",
        "words",
    );
}

#[test]
fn nested_groups_are_read_whole() {
    let source = Source::read(
        "src/payment/settle.rs",
        "pub(crate) use crate::{\n a::{b, c::{self, D as E}},\n f::*,\n};\nfn g() { super::super::h::i(); }",
    );
    assert_eq!(
        source.imports,
        ["a::b", "a::c::D", "a::c::self", "f::*", "h::i"]
    );
}

#[test]
fn the_table_of_rooms_has_no_circle() {
    assert_eq!(circle(), None);
}
