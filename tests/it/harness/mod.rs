//! The stage on which the integration tests play.
//!
//! A test tells its story from the user's side: [`TestShop`] is the shop as its
//! own process, [`Demo`] the demo, [`Sandbox`] the gateway, [`SmtpSink`] the mail server, and
//! [`Browser`] a person's Chromium. Servers under them are private, started once
//! and killed with the test process, however it ends. Nothing sleeps blindly:
//! [`eventually`] waits for what must become true. Tests that start processes
//! take a [`turn`], so that a small machine is not asked for everything at once.

mod answers;
mod browser;
mod browser_report;
mod builder;
mod clerk;
mod demo;
mod http;
mod mime;
mod ports;
mod process;
mod proxy;
mod sandbox;
mod servers;
mod shop;
mod smtp;
mod specs;
mod temp;
mod turns;
mod wait;
mod watchdog;

pub use answers::{Cli, Pay, Placed};
pub use browser::{Browser, Look};
pub use builder::{Engine, ShopBuilder};
pub use clerk::{Clerk, OWNER, field};
pub use demo::Demo;
pub use http::{Http, Reply};
pub use mime::Mail;
pub use ports::free_port;
pub use process::{Process, run};
pub use proxy::Proxy;
pub use sandbox::{Outcome, Sandbox, press_at};
pub use servers::{
    Redis, fresh_database, fresh_redis, postgres_scalar, postgres_tool, wait_for_port, we_are_root,
};
pub use shop::{TestShop, vendgate};
pub use smtp::{SmtpMode, SmtpSink};
pub use specs::specifications;
pub use temp::TempDir;
pub(crate) use turns::on_both_engines;
pub use turns::{Weight, in_a_shop, on_an_engine, turn};
pub use wait::eventually;
