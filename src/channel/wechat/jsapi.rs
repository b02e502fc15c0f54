//! Paying inside WeChat: what its page needs to open the cashier (wechat_v3.md §4).
//!
//! No buyer is offered this yet. Two things are missing beside what stands here: a charge that
//! carries the buyer's openid (it comes from a log-in of the official account, with a secret of
//! its own), and a page that hands these values to `WeixinJSBridge`.

use serde::Serialize;

use super::Wechat;
use crate::clock::{Millis, SECOND};

/// What `getBrandWCPayRequest` takes.
#[derive(Debug, Serialize)]
pub(super) struct Invoke<'a> {
    #[serde(rename = "appId")]
    app_id: &'a str,
    #[serde(rename = "timeStamp")]
    at: String,
    #[serde(rename = "nonceStr")]
    nonce: String,
    package: String,
    #[serde(rename = "signType")]
    sign_type: &'static str,
    #[serde(rename = "paySign")]
    pay_sign: String,
}

impl Wechat {
    /// The signed call for an order of the JSAPI product.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a charge carries no openid yet")
    )]
    pub(super) fn invoke(&self, prepay_id: &str, now: Millis, nonce: &[u8; 16]) -> Invoke<'_> {
        let at = now.div_euclid(SECOND).to_string();
        let nonce_text = hex::encode_upper(nonce);
        let package = format!("prepay_id={prepay_id}");
        let message = format!("{}\n{at}\n{nonce_text}\n{package}\n", self.app_id);
        Invoke {
            app_id: &self.app_id,
            at,
            nonce: nonce_text,
            package,
            sign_type: "RSA",
            pay_sign: self.signer.sign(message.as_bytes(), nonce),
        }
    }
}
