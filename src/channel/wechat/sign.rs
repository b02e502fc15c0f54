//! Requests, signed over the very bytes that leave (wechat_v3.md §2).

use super::Wechat;
use crate::channel::model::{Request, Verb};
use crate::clock::{Millis, SECOND};

/// The scheme of the signature, in requests and in answers.
pub(super) const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";

/// Requests without one are refused.
const USER_AGENT: &str = concat!("vendgate/", env!("CARGO_PKG_VERSION"));

impl Wechat {
    /// A GET of a path with its query.
    pub(super) fn get(&self, path: &str, now: Millis, nonce: &[u8; 16]) -> Request {
        self.signed(Verb::Get, path, String::new(), now, nonce)
    }

    /// A POST of JSON.
    pub(super) fn post(&self, path: &str, body: String, now: Millis, nonce: &[u8; 16]) -> Request {
        self.signed(Verb::Post, path, body, now, nonce)
    }

    fn signed(
        &self,
        verb: Verb,
        path: &str,
        body: String,
        now: Millis,
        nonce: &[u8; 16],
    ) -> Request {
        let word = match verb {
            Verb::Get => "GET",
            Verb::Post => "POST",
        };
        let target = format!("{}{path}", self.base.path().trim_end_matches('/'));
        let at = now.div_euclid(SECOND);
        let nonce_text = hex::encode_upper(nonce);
        let message = format!("{word}\n{target}\n{at}\n{nonce_text}\n{body}\n");
        let signature = self.signer.sign(message.as_bytes(), nonce);
        let (mch_id, serial) = (&self.mch_id, &self.serial);
        let mut headers = vec![
            (
                "authorization",
                format!(
                    "{SCHEME} mchid=\"{mch_id}\",nonce_str=\"{nonce_text}\",\
                     signature=\"{signature}\",timestamp=\"{at}\",serial_no=\"{serial}\""
                ),
            ),
            ("accept", "application/json".to_owned()),
            ("user-agent", USER_AGENT.to_owned()),
        ];
        // Asks for answers that this key signs.
        if let Some(id) = self.verifiers.public_key_id() {
            headers.push(("wechatpay-serial", id.to_owned()));
        }
        if verb == Verb::Post {
            headers.push(("content-type", "application/json".to_owned()));
        }
        Request {
            verb,
            url: format!("{}{path}", self.base.as_str().trim_end_matches('/')),
            headers,
            body: body.into_bytes(),
        }
    }
}
