//! Platform certificates: asked for, decrypted, checked (wechat_v3.md §3).
//!
//! What is trusted in an answer is what the APIv3 key opens: nobody else could have written it.
//! The answer must then be signed by one of the keys that were known or came in it.

use std::sync::Arc;

use super::Wechat;
use super::answer::{Answer, Effect};
use super::envelope::Resource;
use super::verify::once;
use super::words::{Meaning, failed};
use crate::channel::certificate::{Certificate, plain_serial};
use crate::channel::failing::failure;
use crate::channel::json::Object;
use crate::channel::model::{Class, Failure, Reply, Request};
use crate::channel::port::{Channel, Keys};
use crate::channel::rsa_keys::blocks;
use crate::clock::Millis;

/// More have never been good at once.
const MOST: usize = 20;

impl Keys for Wechat {
    fn is_unknown(&self, headers: &[(String, String)]) -> bool {
        match once(headers, "wechatpay-serial") {
            Ok(Some(serial)) => !self.verifiers.knows(serial),
            Ok(None) | Err(_) => false,
        }
    }

    fn ask(&self, now: Millis, nonce: &[u8; 16]) -> Request {
        self.get("/v3/certificates", now, nonce)
    }

    fn learn(&self, now: Millis, reply: &Reply) -> Result<Arc<dyn Channel>, Failure> {
        let learned = match reply.status {
            200 => self
                .read_certificates(&reply.body, now)
                .map_err(|why| failure(Class::Unknown, &format!("HTTP 200, {why}")))?,
            _ => Vec::new(),
        };
        let knowing = Wechat {
            verifiers: self.verifiers.with(learned, now),
            ..self.clone()
        };
        match knowing.read_answer(reply, now, Effect::None)? {
            Answer::Yes(_) => Ok(Arc::new(knowing)),
            Answer::No(refusal) => Err(match refusal.meaning {
                // A merchant of the public-key mode has none.
                Meaning::NotFound => failure(Class::Misconfigured, &refusal.said),
                _ => failed(&refusal),
            }),
        }
    }
}

impl Wechat {
    /// Every certificate of an answer that is good until later than now.
    pub(super) fn read_certificates(
        &self,
        body: &[u8],
        now: Millis,
    ) -> Result<Vec<Certificate>, &'static str> {
        let object = Object::parse(body)?;
        let list = object.objects("data").ok_or("without a list")?;
        if list.is_empty() || list.len() > MOST {
            return Err("no certificates, or too many");
        }
        let mut all = Vec::with_capacity(list.len());
        for one in list {
            let certificate = self.read_certificate(&one)?;
            if now <= certificate.until {
                all.push(certificate);
            }
        }
        Ok(all)
    }

    fn read_certificate(&self, one: &Object) -> Result<Certificate, &'static str> {
        let sealed = one.object("encrypt_certificate").ok_or("without one")?;
        let plain = self
            .api_key
            .open(&Resource::read(&sealed)?)
            .ok_or("a certificate that does not open with the APIv3 key")?;
        let text = std::str::from_utf8(&plain).map_err(|_| "a certificate that is no text")?;
        let [(_, der)] = &blocks(text)?[..] else {
            return Err("several certificates in one");
        };
        let certificate = Certificate::read(der)?;
        let named = one.text("serial_no").map(plain_serial);
        if named.as_deref() != Some(certificate.serial.as_str()) {
            return Err("a certificate of another number");
        }
        if certificate.key == self.own {
            return Err("a certificate of our own key");
        }
        Ok(certificate)
    }
}
