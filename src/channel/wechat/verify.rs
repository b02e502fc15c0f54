//! Who signed an answer or a notice, and whether they did (wechat_v3.md §3).

use rsa::RsaPublicKey;

use super::Wechat;
use super::sign::SCHEME;
use crate::channel::certificate::{Certificate, plain_serial};
use crate::channel::rsa_sign::is_signed;
use crate::clock::{Millis, SECOND};

/// How far a signed time may be from ours; so far is too far already.
const WINDOW: Millis = 300 * SECOND;

/// WeChat Pay's public key with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublicKey {
    /// `PUB_KEY_ID_…`.
    pub(super) id: String,
    /// The key.
    pub(super) key: RsaPublicKey,
}

/// Every key that may sign for WeChat Pay, each by its serial.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Verifiers {
    /// In public-key mode.
    pub(super) public_key: Option<PublicKey>,
    /// In certificate mode; several around a change.
    pub(super) certificates: Vec<Certificate>,
}

impl Verifiers {
    /// The name of the public key, where there is one.
    pub(super) fn public_key_id(&self) -> Option<&str> {
        self.public_key.as_ref().map(|known| known.id.as_str())
    }

    /// Whether certificates are in use, which change.
    pub(super) fn has_certificates(&self) -> bool {
        !self.certificates.is_empty()
    }

    /// Whether a serial names a key that is known, good or not.
    pub(super) fn knows(&self, serial: &str) -> bool {
        self.public_key_id() == Some(serial) || self.certificate(serial).is_some()
    }

    /// These, and certificates that were learned; those past their time are forgotten.
    pub(super) fn with(&self, learned: Vec<Certificate>, now: Millis) -> Verifiers {
        let mut all = self.clone();
        for new in learned {
            if !all.knows(&new.serial) {
                all.certificates.push(new);
            }
        }
        all.certificates.retain(|known| now <= known.until);
        all
    }

    /// The key of a serial, if it is good at this moment.
    fn find(&self, serial: &str, now: Millis) -> Result<&RsaPublicKey, &'static str> {
        if let Some(known) = &self.public_key
            && known.id == serial
        {
            return Ok(&known.key);
        }
        let known = self.certificate(serial).ok_or("signed by an unknown key")?;
        if now < known.from || now > known.until {
            return Err("signed with a certificate that is not good now");
        }
        Ok(&known.key)
    }

    fn certificate(&self, serial: &str) -> Option<&Certificate> {
        let hex = !serial.is_empty() && serial.bytes().all(|b| b.is_ascii_hexdigit());
        let wanted = plain_serial(serial);
        let mut all = self.certificates.iter();
        all.find(|known| hex && known.serial == wanted)
    }
}

impl Wechat {
    /// Whether WeChat Pay signed these bytes, and when it says it did.
    pub(super) fn signed_at(
        &self,
        headers: &[(String, String)],
        body: &[u8],
        now: Millis,
    ) -> Result<Millis, &'static str> {
        let scheme = once(headers, "wechatpay-signature-type")?;
        if scheme.is_some_and(|scheme| scheme != SCHEME) {
            return Err("another scheme of signature");
        }
        let filled = |name| once(headers, name)?.ok_or("unsigned");
        let signature = filled("wechatpay-signature")?;
        let timestamp = filled("wechatpay-timestamp")?;
        let nonce = filled("wechatpay-nonce")?;
        let key = self.verifiers.find(filled("wechatpay-serial")?, now)?;
        let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
        message.extend_from_slice(body);
        message.push(b'\n');
        if !is_signed(key, &message, signature) {
            return Err("the signature is wrong");
        }
        seconds(timestamp).ok_or("the time is not one")
    }
}

/// Whether a signed time is near enough.
pub(super) fn is_fresh(at: Millis, now: Millis) -> bool {
    at.abs_diff(now) < WINDOW.unsigned_abs()
}

/// The one header of a name that is there and not empty; two of them could be read differently.
pub(super) fn once<'a>(
    headers: &'a [(String, String)],
    name: &str,
) -> Result<Option<&'a str>, &'static str> {
    let mut all = headers.iter().filter(|(known, _)| known == name);
    let first = all.next().map(|(_, value)| value.trim());
    if all.next().is_some() {
        return Err("a header stands twice");
    }
    Ok(first.filter(|value| !value.is_empty()))
}

/// Unix seconds of plain digits, as milliseconds.
fn seconds(text: &str) -> Option<Millis> {
    let digits = !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit());
    let whole: i64 = digits.then(|| text.parse().ok()).flatten()?;
    whole.checked_mul(SECOND)
}
