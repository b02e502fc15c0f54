//! What an operator configured, checked before the account may start (X03, X15).

use rsa::{RsaPrivateKey, RsaPublicKey};
use url::Url;

use super::certs::Certs;
use crate::channel::account::{AccountConfig, Misconfigured};
use crate::channel::model::Device;
use crate::channel::{link, rsa_keys};
use crate::money::Currency;

/// Which of Alipay's products the merchant has signed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Product {
    /// Page pay on desktops, wap pay on phones.
    Web,
    /// Face-to-face codes on every device.
    Qr,
    /// Face-to-face codes on desktops, wap pay on phones.
    QrWap,
}

/// How one attempt is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// `alipay.trade.page.pay`
    Page,
    /// `alipay.trade.wap.pay`
    Wap,
    /// `alipay.trade.precreate`
    Qr,
}

impl Product {
    /// What a buyer with this device gets.
    pub(super) fn way(self, device: Device) -> Way {
        match (self, device) {
            (Product::Web, Device::Desktop) => Way::Page,
            (Product::Web | Product::QrWap, Device::Mobile) => Way::Wap,
            (Product::Qr, _) | (Product::QrWap, Device::Desktop) => Way::Qr,
        }
    }
}

/// A checked configuration.
pub(super) struct Config {
    /// The gateway, its page included.
    pub(super) gateway: Url,
    /// Our application.
    pub(super) app_id: String,
    /// The merchant.
    pub(super) seller_id: String,
    /// What buyers are shown.
    pub(super) product: Product,
    /// Signs what we send.
    pub(super) ours: RsaPrivateKey,
    /// Verifies what Alipay sends.
    pub(super) theirs: RsaPublicKey,
    /// In certificate mode, what names the certificates.
    pub(super) certs: Option<Certs>,
}

impl Config {
    /// Checks everything, or names the field that is wrong and why.
    pub(super) fn read(config: &AccountConfig) -> Result<Config, Misconfigured> {
        if config.currency != Currency::CNY {
            return Err(Misconfigured::at(
                "currency",
                "must be CNY: Alipay collects yuan here",
            ));
        }
        let app_id = config.require("app_id")?;
        if !(8..=32).contains(&app_id.len()) || !is_digits(app_id) {
            return Err(Misconfigured::at("app_id", "must be 8 to 32 digits"));
        }
        let seller_id = config.require("seller_id")?;
        if seller_id.len() != 16 || !is_digits(seller_id) || !seller_id.starts_with("2088") {
            return Err(Misconfigured::at(
                "seller_id",
                "must be the 16 digits that begin with 2088",
            ));
        }
        let ours = "app_private_key";
        let ours = rsa_keys::private(ours, config.require(ours)?)?;
        let (theirs, certs) = theirs(config, &ours)?;
        Ok(Config {
            gateway: gateway(&config.base_url)?,
            app_id: app_id.to_owned(),
            seller_id: seller_id.to_owned(),
            product: product(config)?,
            ours,
            theirs,
            certs,
        })
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// The gateway's page, also where only its host was pasted.
fn gateway(text: &str) -> Result<Url, Misconfigured> {
    let mut url = link::base(text)?;
    if url.path().trim_end_matches('/').is_empty() {
        url.set_path("/gateway.do");
    }
    Ok(url)
}

fn product(config: &AccountConfig) -> Result<Product, Misconfigured> {
    if !config.credentials.contains_key("product") {
        return Ok(Product::Web);
    }
    match config.require("product")? {
        "web" => Ok(Product::Web),
        "qr" => Ok(Product::Qr),
        "qr_wap" => Ok(Product::QrWap),
        _ => Err(Misconfigured::at("product", "is web, qr or qr_wap")),
    }
}

/// The one mode of the application: what stands there decides, and both never stand there.
fn theirs(
    config: &AccountConfig,
    ours: &RsaPrivateKey,
) -> Result<(RsaPublicKey, Option<Certs>), Misconfigured> {
    let there = |name: &str| config.credentials.contains_key(name);
    let key = "alipay_public_key";
    if !["app_cert", "alipay_cert", "alipay_root_cert"]
        .into_iter()
        .any(there)
    {
        return Ok((rsa_keys::theirs(key, config.require(key)?, ours)?, None));
    }
    if there(key) {
        return Err(Misconfigured::at(
            key,
            "does not belong to certificate mode",
        ));
    }
    let (certs, key) = Certs::read(config, ours)?;
    Ok((key, Some(certs)))
}
