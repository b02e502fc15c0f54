//! epay (易支付): V1 signs with MD5, V2 with RSA. One protocol of many platforms.
//!
//! Comes in: charges, numbers to ask about, bytes of notices and answers. Goes out: requests,
//! facts. Yuan only. V1 notices are confirmed by a query before goods leave, because its key
//! travels and its hash is weak. Source: the protocol sheet (epay.md) and spec/standard.md.

mod answer;
mod ask;
mod config;
mod create;
mod notice;
mod refund;
mod sign;
mod words;

use std::sync::Arc;

use url::Url;

use self::config::{Config, Keys};
use super::account::{AccountConfig, Kind, Misconfigured};
use super::form;
use super::model::{
    Charge, Failure, HttpAnswer, Lookup, Method, Notice, Pay, QueryAnswer, RawNotice, Refused,
    Reply, Request, Start, Verb,
};
use super::port::{Channel, Close, Refunds};
use crate::clock::{Millis, SECOND};
use crate::money::Currency;
use crate::seal::Secret;

/// The entry in the list of kinds.
pub(super) const KIND: Kind = Kind {
    name: "epay",
    credentials: &[
        "version",
        "pid",
        "key",
        "merchant_private_key",
        "platform_public_key",
    ],
    home: "",
    either: &[],
    open,
};

/// A name and a value of a request.
type Field = (&'static str, String);

/// One account at one platform.
struct Epay {
    base: Url,
    pid: String,
    keys: Keys,
}

fn open(config: &AccountConfig) -> Result<Arc<dyn Channel>, Misconfigured> {
    Ok(Arc::new(Epay::from(Config::read(config)?)))
}

impl From<Config> for Epay {
    fn from(Config { base, pid, keys }: Config) -> Self {
        Epay { base, pid, keys }
    }
}

impl Epay {
    /// A signed form. V2 signs the time too.
    fn signed(&self, path: &str, mut fields: Vec<Field>, now: Millis, nonce: &[u8; 16]) -> Request {
        let text = |fields: &[Field]| sign::canonical(fields.iter().map(|(n, v)| (*n, v.as_str())));
        match &self.keys {
            Keys::V1(key) => {
                let sign = sign::md5(&text(&fields), key.reveal());
                fields.push(("sign", sign));
                fields.push(("sign_type", "MD5".to_owned()));
            }
            Keys::V2(keys) => {
                fields.push(("timestamp", now.div_euclid(SECOND).to_string()));
                let sign = keys.sign(&text(&fields), nonce);
                fields.push(("sign", sign));
                fields.push(("sign_type", "RSA".to_owned()));
            }
        }
        self.form(path, &fields)
    }

    /// A form that carries the V1 key in its body.
    fn with_key(&self, path: &str, mut fields: Vec<Field>, key: &Secret) -> Request {
        fields.insert(1, ("key", key.reveal().to_owned()));
        self.form(path, &fields)
    }

    fn form(&self, path: &str, fields: &[Field]) -> Request {
        Request {
            verb: Verb::Post,
            url: format!("{}{path}", self.base.as_str().trim_end_matches('/')),
            headers: vec![
                (
                    "content-type",
                    "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
                ),
                ("accept", "application/json".to_owned()),
            ],
            body: form::encode(fields),
        }
    }
}

impl Channel for Epay {
    fn methods(&self) -> &[Method] {
        &[Method::Alipay, Method::Wechat, Method::Bank, Method::Usdt]
    }

    fn currencies(&self) -> &[Currency] {
        &[Currency::CNY]
    }

    fn confirm_by_query(&self) -> bool {
        matches!(self.keys, Keys::V1(_))
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
            status: 200,
            content_type: "text/plain",
            body: if accepted { "success" } else { "fail" },
        }
    }

    fn close(&self) -> Option<&dyn Close> {
        match self.keys {
            Keys::V1(_) => None,
            Keys::V2(_) => Some(self),
        }
    }

    fn refunds(&self) -> Option<&dyn Refunds> {
        Some(self)
    }
}

#[cfg(test)]
mod ask_tests;
#[cfg(test)]
mod config_tests;
#[cfg(test)]
mod create_tests;
#[cfg(test)]
mod notice_tests;
#[cfg(test)]
mod parser_tests;
#[cfg(test)]
mod support;
#[cfg(test)]
mod vectors_tests;
