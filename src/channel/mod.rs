//! Channels: how Vendgate speaks with those who move money.
//!
//! Comes in: a [`Charge`] to collect, a number to ask about, the raw bytes of a notice or a
//! reply. Goes out: a [`Request`] for `outbound` to send, or a fact ([`Pay`], [`Paid`],
//! [`Notice`]). The port is sans-IO: a channel never opens a socket, reads a clock or touches a
//! row. One folder per channel; adding one is a folder, a line in [`KINDS`] and a vector file.
//! A channel imports no room and no other channel. Source: design.md §5.

mod account;
mod alipay;
mod beijing;
mod certificate;
mod epay;
mod failing;
mod form;
pub mod json;
mod link;
mod model;
mod port;
mod rsa_keys;
mod rsa_sign;
mod sandbox;
mod subject;
#[cfg(test)]
mod test_keys;
#[cfg(test)]
mod timing_tests;
#[cfg(test)]
mod vectors;
mod wechat;

pub use account::{AccountConfig, KINDS, Kind, Misconfigured, open};
pub use model::{
    Buyer, Charge, Check, Class, CloseAnswer, Device, Failure, HttpAnswer, Lookup, Method, MoneyAt,
    Notice, NoticeStatus, Paid, Pay, PayKind, QueryAnswer, RawNotice, RefundAnswer, RefundCharge,
    Refused, Reply, Request, Start, Text, Verb,
};
pub use port::{Channel, Close, Keys, Refunds};
