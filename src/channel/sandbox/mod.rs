//! The sandbox gateway's own protocol, as docs/SANDBOX.md writes it.
//!
//! JSON both ways, HMAC-SHA256 both ways. Written after the document alone: it shares no code
//! with the gateway, so that each checks the other.

mod answer;
mod calls;
mod notice;
mod sign;

use std::sync::Arc;

use url::Url;

use super::account::{AccountConfig, Kind, Misconfigured};
use super::link;
use super::model::{
    Charge, Failure, HttpAnswer, Lookup, Method, Notice, Pay, QueryAnswer, RawNotice, Refused,
    Reply, Request, Start,
};
use super::port::{Channel, Close, Refunds};
use crate::money::Currency;
use crate::seal::Secret;

/// The entry in the list of kinds.
pub(super) const KIND: Kind = Kind {
    name: "sandbox",
    credentials: &["merchant", "key"],
    home: "",
    either: &[],
    open,
};

/// The shortest key, in characters.
const SHORTEST_KEY: usize = 32;

/// What it collects: play money of the usual currencies.
const CURRENCIES: &[Currency] = &[
    Currency::CNY,
    Currency::USD,
    Currency::EUR,
    Currency::GBP,
    Currency::HKD,
    Currency::TWD,
    Currency::JPY,
    Currency::KRW,
    Currency::SGD,
    Currency::KWD,
    Currency::USDT,
];

/// One merchant at one gateway.
struct Sandbox {
    base: Url,
    merchant: String,
    key: Secret,
}

fn open(config: &AccountConfig) -> Result<Arc<dyn Channel>, Misconfigured> {
    Ok(Arc::new(Sandbox::read(config)?))
}

impl Sandbox {
    fn read(config: &AccountConfig) -> Result<Sandbox, Misconfigured> {
        let wrong = Misconfigured::at;
        let merchant = config.require("merchant")?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if merchant.len() > 64 || !merchant.bytes().all(plain) {
            return Err(wrong("merchant", "must be letters and digits, at most 64"));
        }
        let key = config.require("key")?;
        if key.len() < SHORTEST_KEY {
            return Err(wrong("key", "is shorter than 32 characters"));
        }
        let first = key.chars().next();
        if key.chars().all(|c| Some(c) == first) {
            return Err(wrong("key", "is one character repeated"));
        }
        if !CURRENCIES.contains(&config.currency) {
            return Err(wrong("currency", "is not one the sandbox collects"));
        }
        Ok(Sandbox {
            base: link::base(&config.base_url)?,
            merchant: merchant.to_owned(),
            key: Secret::new(key),
        })
    }
}

impl Channel for Sandbox {
    fn methods(&self) -> &[Method] {
        &[
            Method::Alipay,
            Method::Wechat,
            Method::Card,
            Method::Paypal,
            Method::Usdt,
            Method::Bank,
        ]
    }

    fn currencies(&self) -> &[Currency] {
        CURRENCIES
    }

    fn confirm_by_query(&self) -> bool {
        false
    }

    fn create(&self, charge: &Charge) -> Result<Start, Failure> {
        self.build_create(charge).map(Start::Ask)
    }

    fn read_created(&self, charge: &Charge, reply: &Reply) -> Result<Pay, Failure> {
        self.created(charge, reply)
    }

    fn query(&self, lookup: &Lookup) -> Request {
        self.build_query(lookup)
    }

    fn read_query(&self, lookup: &Lookup, reply: &Reply) -> Result<QueryAnswer, Failure> {
        self.queried(lookup, reply)
    }

    fn notice(&self, raw: &RawNotice<'_>) -> Result<Notice, Refused> {
        self.noticed(raw)
    }

    fn answer(&self, accepted: bool) -> HttpAnswer {
        HttpAnswer {
            status: if accepted { 200 } else { 400 },
            content_type: "application/json",
            body: if accepted {
                "{\"ok\":true}"
            } else {
                "{\"ok\":false}"
            },
        }
    }

    fn close(&self) -> Option<&dyn Close> {
        Some(self)
    }

    fn refunds(&self) -> Option<&dyn Refunds> {
        Some(self)
    }
}

#[cfg(test)]
mod calls_tests;
#[cfg(test)]
mod notice_tests;
#[cfg(test)]
mod support;
