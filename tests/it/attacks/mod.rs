//! Strangers who attack the shop for money (the X of the specifications), from outside: they
//! send what they like and see what everybody sees. The tests play on their side and look at the
//! books afterwards.
//!
//! X39 (poisoned bills) has no test yet: there is no import of bills to poison.

mod amounts;
mod forge;
mod ground;
mod identity;
mod limits;
mod parsers;
mod person;
mod replay;
mod signature;
mod steps;
