//! The one integration binary: the shop as people, gateways and operators meet
//! it, through its own process, over HTTP, mail and the command line.
//!
//! Files mirror what is tested; [`harness`] holds the stage: private servers,
//! the shop as a process, the sandbox gateway, a mail sink and a browser.

mod alipay;
mod api;
mod apply;
mod architecture;
mod attacks;
mod books;
mod browser_buys;
mod browser_desk;
mod browser_hard;
mod browser_pages;
mod browser_walk;
mod budget;
mod console;
mod contracts;
mod coverage_ids;
mod desk;
mod drills;
mod edge;
mod flows;
mod fuzz;
pub mod harness;
mod harness_works;
mod limits;
mod ops;
mod paying;
mod scene;
mod shots;
mod smoke;
mod stock;
mod storefront;
mod wechat;
