//! Strangers who attack the shop for money (the X of the specifications), from outside: they
//! send what they like and see what everybody sees. The tests play on their side and look at the
//! books afterwards.
//!
//! X39 (poisoned bills) has no test yet: there is no import of bills to poison.

mod amounts;
mod cache;
mod content;
pub(crate) mod doors;
pub(crate) mod forge;
pub(crate) mod ground;
mod identity;
mod injection;
mod limits;
pub(crate) mod pages;
mod parsers;
pub(crate) mod person;
mod replay;
mod secrets;
mod signature;
mod slow;
mod steps;
mod strays;
mod timing;
mod xss;
