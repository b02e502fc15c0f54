//! Alipay (支付宝): page pay, wap pay and face-to-face codes, by the classic gateway.
//!
//! Comes in: charges, numbers to ask about, bytes of notices and answers. Goes out: requests,
//! links that the buyer's browser opens, facts. Yuan only; RSA2 (SHA256withRSA) both ways, with
//! Alipay's public key or its certificate. Source: the protocol sheet (alipay.md) and
//! spec/standard.md.

mod answer;
mod ask;
mod certs;
mod config;
mod create;
mod notice;
mod refund;
mod sign;
mod words;

use std::sync::Arc;

use rsa::RsaPublicKey;
use serde_json::Value as Json;
use url::Url;

use self::certs::Certs;
use self::config::{Config, Product};
use super::account::{AccountConfig, Kind, Misconfigured};
use super::model::{
    Charge, Failure, HttpAnswer, Lookup, Method, Notice, Pay, QueryAnswer, RawNotice, Refused,
    Reply, Request, Start, Verb,
};
use super::port::{Channel, Close, Refunds};
use super::rsa_sign::Signer;
use super::{beijing, form};
use crate::clock::{MINUTE, Millis};
use crate::money::Currency;

/// The entry in the list of kinds.
pub(super) const KIND: Kind = Kind {
    name: "alipay",
    credentials: &[
        "app_id",
        "seller_id",
        "product",
        "app_private_key",
        "alipay_public_key",
        "app_cert",
        "alipay_cert",
        "alipay_root_cert",
    ],
    home: "https://openapi.alipay.com/gateway.do",
    either: &[
        &["alipay_public_key"],
        &["app_cert", "alipay_cert", "alipay_root_cert"],
    ],
    open,
};

/// An attempt must leave Alipay the minute that it asks for, and the buyer the time to get there.
const SHORTEST: Millis = 2 * MINUTE;

/// A name and a value of a request.
type Field = (&'static str, String);

/// One application of one merchant.
struct Alipay {
    gateway: Url,
    app_id: String,
    seller_id: String,
    product: Product,
    ours: Signer,
    theirs: RsaPublicKey,
    /// In certificate mode, what names the certificates.
    certs: Option<Certs>,
}

fn open(config: &AccountConfig) -> Result<Arc<dyn Channel>, Misconfigured> {
    Ok(Arc::new(Alipay::from(Config::read(config)?)))
}

impl From<Config> for Alipay {
    fn from(config: Config) -> Self {
        Alipay {
            gateway: config.gateway,
            app_id: config.app_id,
            seller_id: config.seller_id,
            product: config.product,
            ours: Signer::new(config.ours),
            theirs: config.theirs,
            certs: config.certs,
        }
    }
}

/// Where Alipay sends its notices and the buyer: of calls that begin a payment.
#[derive(Default)]
struct Addresses<'a> {
    notify: Option<&'a str>,
    back: Option<&'a str>,
}

impl Alipay {
    /// Every field of a signed call.
    fn signed(
        &self,
        method: &str,
        content: &Json,
        addresses: &Addresses<'_>,
        (now, nonce): (Millis, &[u8; 16]),
    ) -> Vec<Field> {
        let mut fields: Vec<Field> = vec![
            ("app_id", self.app_id.clone()),
            ("method", method.to_owned()),
            ("format", "JSON".to_owned()),
            ("charset", "utf-8".to_owned()),
            ("sign_type", "RSA2".to_owned()),
            ("timestamp", beijing::write(now)),
            ("version", "1.0".to_owned()),
        ];
        let mut add = |name, value: Option<&str>| {
            fields.extend(value.map(|value| (name, value.to_owned())));
        };
        add("notify_url", addresses.notify);
        add("return_url", addresses.back);
        add("app_cert_sn", self.certs.as_ref().map(|c| c.app.as_str()));
        add(
            "alipay_root_cert_sn",
            self.certs.as_ref().map(|c| c.root.as_str()),
        );
        fields.push((CONTENT, content.to_string()));
        let text = sign::of_request(fields.iter().map(|(n, v)| (*n, v.as_str())));
        fields.push(("sign", self.ours.sign(text.as_bytes(), nonce)));
        fields
    }

    /// A call of ours: the content goes in the body, all else in the address.
    fn call(&self, fields: &[Field]) -> Request {
        let (body, address): (Vec<_>, Vec<_>) = fields
            .iter()
            .cloned()
            .partition(|(name, _)| *name == CONTENT);
        Request {
            verb: Verb::Post,
            url: self.address(&address),
            headers: vec![
                (
                    "content-type",
                    "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
                ),
                ("accept", "application/json".to_owned()),
            ],
            body: form::encode(&body),
        }
    }

    /// The gateway's address with these fields: also what a buyer's browser opens.
    fn address(&self, fields: &[Field]) -> String {
        let mut url = self.gateway.clone();
        url.query_pairs_mut().extend_pairs(fields);
        url.into()
    }
}

/// The name of the field that holds what a call is about.
const CONTENT: &str = "biz_content";

impl Channel for Alipay {
    fn methods(&self) -> &[Method] {
        &[Method::Alipay]
    }

    fn currencies(&self) -> &[Currency] {
        &[Currency::CNY]
    }

    fn shortest_life(&self) -> Millis {
        SHORTEST
    }

    fn confirm_by_query(&self) -> bool {
        false
    }

    fn create(&self, charge: &Charge) -> Result<Start, Failure> {
        self.begin(charge)
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
        Some(self)
    }

    fn refunds(&self) -> Option<&dyn Refunds> {
        Some(self)
    }
}

#[cfg(test)]
mod answer_tests;
#[cfg(test)]
mod ask_tests;
#[cfg(test)]
mod config_tests;
#[cfg(test)]
mod create_tests;
#[cfg(test)]
mod notice_tests;
#[cfg(test)]
mod refund_tests;
#[cfg(test)]
mod support;
#[cfg(test)]
mod vectors_calls_tests;
#[cfg(test)]
mod vectors_tests;
