//! What WeChat Pay encrypts: AEAD_AES_256_GCM with the APIv3 key (wechat_v3.md §3).
//!
//! A resource whose tag does not fit is nothing: no byte of it is looked at.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::channel::json::{Object, Value};
use crate::seal::Secret;

/// The name of the one algorithm.
pub(super) const ALGORITHM: &str = "AEAD_AES_256_GCM";

/// The APIv3 key: 32 bytes, checked when the account was opened.
#[derive(Clone)]
pub(super) struct ApiKey(Secret);

impl ApiKey {
    /// Of a key that was checked.
    pub(super) fn new(key: Secret) -> Self {
        ApiKey(key)
    }

    /// What a resource holds, if it was made with this key and not changed.
    pub(super) fn open(&self, resource: &Resource) -> Option<Vec<u8>> {
        let key = UnboundKey::new(&AES_256_GCM, self.0.reveal().as_bytes()).ok()?;
        let nonce = Nonce::assume_unique_for_key(resource.nonce);
        let mut bytes = resource.ciphertext.clone();
        let aad = Aad::from(resource.associated_data.as_bytes());
        let plain = LessSafeKey::new(key)
            .open_in_place(nonce, aad, &mut bytes)
            .ok()?;
        Some(plain.to_vec())
    }
}

/// Something encrypted, as it is written in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resource {
    nonce: [u8; NONCE_LEN],
    associated_data: String,
    ciphertext: Vec<u8>,
}

impl Resource {
    /// Reads one; the error names what is wrong.
    pub(super) fn read(object: &Object) -> Result<Resource, &'static str> {
        if object.text("algorithm") != Some(ALGORITHM) {
            return Err("encrypted with another algorithm");
        }
        let nonce = object.text("nonce").unwrap_or_default();
        let associated_data = match object.get("associated_data") {
            None | Some(Value::Null) => "",
            Some(Value::Text(text)) => text,
            Some(_) => return Err("associated_data is not a text"),
        };
        let ciphertext = object.text("ciphertext").unwrap_or_default();
        Ok(Resource {
            nonce: nonce
                .as_bytes()
                .try_into()
                .map_err(|_| "a nonce that is not 12 bytes")?,
            associated_data: associated_data.to_owned(),
            ciphertext: STANDARD
                .decode(ciphertext)
                .map_err(|_| "a ciphertext that is not base64")?,
        })
    }
}

/// A notice: which event, and what is encrypted in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    /// What happened.
    pub(super) event: Event,
    /// The facts; `None` for an event of no concern.
    pub(super) resource: Option<Resource>,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// `TRANSACTION.SUCCESS`.
    Paid,
    /// `REFUND.SUCCESS`, `REFUND.ABNORMAL`, `REFUND.CLOSED`.
    Refund,
    /// Anything else, also what is invented later.
    Other,
}

impl Envelope {
    /// Reads the bytes of a notice strictly; the error names what is wrong.
    pub(super) fn read(body: &[u8]) -> Result<Envelope, &'static str> {
        let object = Object::parse(body)?;
        let (event, original) = match object.text("event_type") {
            Some("TRANSACTION.SUCCESS") => (Event::Paid, "transaction"),
            Some("REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED") => {
                (Event::Refund, "refund")
            }
            Some(text) if !text.is_empty() => (Event::Other, ""),
            _ => return Err("names no event"),
        };
        if event == Event::Other {
            let resource = None;
            return Ok(Envelope { event, resource });
        }
        if object.text("resource_type") != Some("encrypt-resource") {
            return Err("not encrypted");
        }
        let resource = object.object("resource").ok_or("holds no resource")?;
        if resource.text("original_type") != Some(original) {
            return Err("the resource is of another type than the event");
        }
        Ok(Envelope {
            event,
            resource: Some(Resource::read(&resource)?),
        })
    }
}
