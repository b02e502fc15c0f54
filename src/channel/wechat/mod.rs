//! WeChat Pay, API v3, as an ordinary merchant: Native (a code to scan) and H5 (a phone's browser).
//!
//! Comes in: charges, numbers to ask about, bytes of notices and answers. Goes out: requests,
//! facts. Yuan only. Answers and notices are signed by WeChat Pay's public key or by platform
//! certificates, which change by themselves; both are known side by side while a merchant moves
//! from one to the other. What a notice says is encrypted with the APIv3 key besides. Source:
//! the protocol sheet (wechat_v3.md) and spec/standard.md.

mod answer;
mod ask;
mod certificates;
mod config;
mod create;
mod envelope;
mod jsapi;
mod notice;
mod refund;
mod sign;
mod times;
mod transaction;
mod verify;
mod words;

use std::sync::Arc;

use rsa::RsaPublicKey;
use url::Url;

use self::config::Config;
use self::envelope::ApiKey;
use self::verify::Verifiers;
use super::account::{AccountConfig, Kind, Misconfigured};
use super::model::{
    Charge, Failure, HttpAnswer, Lookup, Method, Notice, Pay, QueryAnswer, RawNotice, Refused,
    Reply, Request, Start,
};
use super::port::{Channel, Close, Keys, Refunds};
use super::rsa_sign::Signer;
use crate::clock::{MINUTE, Millis};
use crate::money::Currency;

/// The entry in the list of kinds.
pub(super) const KIND: Kind = Kind {
    name: "wechat",
    credentials: &[
        "mch_id",
        "app_id",
        "api_v3_key",
        "merchant_private_key",
        "merchant_serial",
        "public_key_id",
        "public_key",
        "platform_certificates",
        "h5",
    ],
    home: "https://api.mch.weixin.qq.com",
    either: &[],
    open,
};

/// One merchant.
#[derive(Clone)]
struct Wechat {
    base: Url,
    mch_id: String,
    app_id: String,
    api_key: ApiKey,
    signer: Arc<Signer>,
    /// The public half of the key we sign with: nobody else's signature is made with it.
    own: RsaPublicKey,
    /// Of the merchant's certificate, as WeChat Pay knows it.
    serial: String,
    /// Who signs answers and notices.
    verifiers: Verifiers,
    /// Whether phones are sent to WeChat's own page.
    h5: bool,
}

fn open(config: &AccountConfig) -> Result<Arc<dyn Channel>, Misconfigured> {
    Ok(Arc::new(Wechat::from(Config::read(config)?)))
}

impl From<Config> for Wechat {
    fn from(config: Config) -> Self {
        let own = config.private_key.to_public_key();
        Wechat {
            base: config.base,
            mch_id: config.mch_id,
            app_id: config.app_id,
            api_key: config.api_key,
            signer: Arc::new(Signer::new(config.private_key)),
            own,
            serial: config.serial,
            verifiers: config.verifiers,
            h5: config.h5,
        }
    }
}

impl Channel for Wechat {
    fn methods(&self) -> &[Method] {
        &[Method::Wechat]
    }

    fn currencies(&self) -> &[Currency] {
        &[Currency::CNY]
    }

    fn shortest_life(&self) -> Millis {
        MINUTE
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

    /// An answer of 200 or 204 ends the notices; after anything else they come again.
    fn answer(&self, accepted: bool) -> HttpAnswer {
        match accepted {
            true => HttpAnswer {
                status: 204,
                content_type: "application/json",
                body: "",
            },
            false => HttpAnswer {
                status: 400,
                content_type: "application/json",
                body: "{\"code\":\"FAIL\",\"message\":\"失败\"}",
            },
        }
    }

    fn close(&self) -> Option<&dyn Close> {
        Some(self)
    }

    fn refunds(&self) -> Option<&dyn Refunds> {
        Some(self)
    }

    /// WeChat Pay's public key stays; its certificates change.
    fn keys(&self) -> Option<&dyn Keys> {
        self.verifiers.has_certificates().then_some(self)
    }
}

#[cfg(test)]
mod answer_tests;
#[cfg(test)]
mod ask_tests;
#[cfg(test)]
mod certificates_tests;
#[cfg(test)]
mod config_tests;
#[cfg(test)]
mod create_tests;
#[cfg(test)]
mod notice_tests;
#[cfg(test)]
mod parser_tests;
#[cfg(test)]
mod refund_tests;
#[cfg(test)]
mod support;
#[cfg(test)]
mod vectors_tests;
