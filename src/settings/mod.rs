//! Settings: what an owner can change while the shop runs.
//!
//! One row per setting, JSON; a missing row is its default, a name that a newer version left
//! behind is passed over. Every
//! change counts up the configuration's version, which each node reads once a second. The
//! webhook secret is sealed at rest: whoever reads the database cannot sign for the shop.

use std::fmt;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::{MINUTE, Millis};
use crate::ids::text_enum;
use crate::money::Currency;
use crate::random::Random;
use crate::seal::{SealError, Sealer};
use crate::store::schema::{config_version, setting};
use crate::store::{Db, Store, StoreError, both};

mod limit;

pub use limit::{Limit, Per};

text_enum! {
    /// What happens to money that comes after an order expired or was cancelled.
    pub enum LatePolicy {
        /// Goods leave if they are still there; otherwise the money goes back.
        Deliver = "deliver",
        /// The money goes back.
        Refund = "refund",
    }
}

/// The longest line that stands on every page, in characters.
const LONGEST_LINE: usize = 200;
/// The longest policy, in bytes.
const LONGEST_POLICY: usize = 20_000;

/// The name of the webhook secret.
const SECRET: &str = "webhook_secret";
/// The associated data it is sealed with.
const SECRET_PLACE: &str = "setting/webhook_secret";

/// All settings of a shop.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The shop's name, as buyers see it.
    pub name: String,
    /// The same in English; empty = `name`.
    pub name_en: String,
    /// The currency new variants have unless they say otherwise.
    pub currency: Currency,
    /// The time zone times are shown in (`Asia/Shanghai`).
    pub time_zone: String,
    /// How buyers reach a person: an address or a link, shown in mails and pages.
    pub contact: String,
    /// The one colour of the shop, `#2b50c8`; empty = ours. Pages take a lighter or darker one
    /// of the same hue where text could not be read on it.
    pub brand_colour: String,
    /// One line above every page; empty = none.
    pub announcement: String,
    /// The same in English; empty = the line above.
    pub announcement_en: String,
    /// One line at the end of every page; empty = none.
    pub footer_note: String,
    /// The same in English; empty = the line above.
    pub footer_note_en: String,
    /// The refund policy, in Markdown, on a page of its own; empty = no such page.
    pub policy: String,
    /// The same in English; empty = the text above.
    pub policy_en: String,
    /// Where alerts go; empty = nowhere by mail.
    pub admin_email: String,
    /// The sender of mails.
    pub mail_from: String,
    /// Whether mails carry the goods, or only a link to them.
    pub mail_goods: bool,
    /// How long a buyer has to pay.
    pub minutes_to_pay: i64,
    /// Most units that unpaid orders of one network may hold.
    pub unpaid_per_network: i64,
    /// Most units that unpaid orders of one email address may hold.
    pub unpaid_per_email: i64,
    /// How often a network, and how often an address, may place orders and open attempts.
    pub limit_placement: Limit,
    /// How often a network may look orders up, or come with a token that opens nothing.
    pub limit_lookup: Limit,
    /// How often a network may see orders with tokens that open them.
    pub limit_status: Limit,
    /// How often a network, and how often one account, may try to log in.
    pub limit_login: Limit,
    /// How often all together may try to log in.
    pub limit_login_all: Limit,
    /// How often a network may ask for mailed links.
    pub limit_link: Limit,
    /// How often one address may be mailed a link.
    pub limit_link_email: Limit,
    /// How often a network may write to the seller about paid orders.
    pub limit_ask: Limit,
    /// Money after the deadline.
    pub late_money: LatePolicy,
    /// Where `order.delivered` is posted; empty = nowhere.
    pub webhook_url: String,
    /// Signs webhooks (`whsec_…`); as [`read`] and [`write`] know it, sealed, in hex.
    pub webhook_secret: String,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({:?})", self.name)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            name: "Vendgate".to_owned(),
            name_en: String::new(),
            currency: Currency::CNY,
            time_zone: "Asia/Shanghai".to_owned(),
            contact: String::new(),
            brand_colour: String::new(),
            announcement: String::new(),
            announcement_en: String::new(),
            footer_note: String::new(),
            footer_note_en: String::new(),
            policy: String::new(),
            policy_en: String::new(),
            admin_email: String::new(),
            mail_from: "shop@localhost".to_owned(),
            mail_goods: true,
            minutes_to_pay: 15,
            unpaid_per_network: 20,
            unpaid_per_email: 10,
            limit_placement: const { limit::of(20, 60, Per::Minute) },
            limit_lookup: const { limit::of(10, 20, Per::Minute) },
            limit_status: const { limit::of(200, 50, Per::Second) },
            limit_login: const { limit::of(5, 10, Per::Minute) },
            limit_login_all: const { limit::of(100, 200, Per::Minute) },
            limit_link: const { limit::of(10, 20, Per::Minute) },
            limit_link_email: const { limit::of(3, 6, Per::Hour) },
            limit_ask: const { limit::of(5, 10, Per::Minute) },
            late_money: LatePolicy::Deliver,
            webhook_url: String::new(),
            webhook_secret: String::new(),
        }
    }
}

impl Settings {
    /// How long a buyer has to pay, in milliseconds.
    pub fn time_to_pay(&self) -> Millis {
        self.minutes_to_pay * MINUTE
    }

    /// As they may be written: the secret sealed.
    pub fn sealed(mut self, sealer: &Sealer, random: &dyn Random) -> Self {
        if !self.webhook_secret.is_empty() {
            let secret = sealer.seal(self.webhook_secret.as_bytes(), SECRET_PLACE, random);
            self.webhook_secret = hex::encode(secret);
        }
        self
    }

    /// As they were before [`Settings::sealed`].
    pub fn opened(mut self, sealer: &Sealer) -> Result<Self, SealError> {
        if !self.webhook_secret.is_empty() {
            let secret = hex::decode(&self.webhook_secret).map_err(|_| SealError::Altered)?;
            self.webhook_secret = sealer.open_text(&secret, SECRET_PLACE)?;
        }
        Ok(self)
    }

    /// What is wrong with a value, by its name.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let plain = |text: &str| !text.chars().any(char::is_control);
        if self.name.trim().is_empty() || !plain(&self.name) || self.name.chars().count() > 60 {
            return Err(("name", "is 1 to 60 characters on one line"));
        }
        if !plain(&self.name_en) || self.name_en.chars().count() > 60 {
            return Err(("name_en", "is at most 60 characters on one line"));
        }
        if !plain(&self.contact) || self.contact.chars().count() > 200 {
            return Err(("contact", "is at most 200 characters on one line"));
        }
        if self.time_zone.parse::<crate::zone::Zone>().is_err() {
            return Err(("time_zone", "is a time zone such as Asia/Shanghai"));
        }
        if !(1..=24 * 60).contains(&self.minutes_to_pay) {
            return Err(("minutes_to_pay", "is from 1 to 1440"));
        }
        if self.unpaid_per_network < 1 {
            return Err(("unpaid_per_network", "is at least 1"));
        }
        if self.unpaid_per_email < 1 {
            return Err(("unpaid_per_email", "is at least 1"));
        }
        if !self.brand_colour.is_empty() && !is_colour(&self.brand_colour) {
            return Err(("brand_colour", "is a colour such as #2b50c8"));
        }
        for (name, line) in [
            ("announcement", &self.announcement),
            ("announcement_en", &self.announcement_en),
            ("footer_note", &self.footer_note),
            ("footer_note_en", &self.footer_note_en),
        ] {
            if !plain(line) || line.chars().count() > LONGEST_LINE {
                return Err((name, "is at most 200 characters on one line"));
            }
        }
        for (name, text) in [("policy", &self.policy), ("policy_en", &self.policy_en)] {
            let strange = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
            if text.len() > LONGEST_POLICY || text.chars().any(strange) {
                return Err((name, "is at most 20000 bytes of plain text"));
            }
        }
        if !is_sender(&self.mail_from) {
            return Err(("mail_from", "is an email address"));
        }
        if !self.admin_email.is_empty() && !is_address(&self.admin_email) {
            return Err(("admin_email", "is an email address"));
        }
        let webhook = url::Url::parse(&self.webhook_url);
        let web = webhook.is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !self.webhook_url.is_empty() && !web {
            return Err(("webhook_url", "is an http or https address"));
        }
        if !self.webhook_url.is_empty() && !self.webhook_secret.starts_with("whsec_") {
            return Err(("webhook_secret", "begins with whsec_"));
        }
        Ok(())
    }
}

/// `#` and six hexadecimal digits.
fn is_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// One plain address. A sender that mails cannot come from would keep the shop from starting.
fn is_address(text: &str) -> bool {
    let local = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    let domain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let dotted = |text: &str, plain: &dyn Fn(u8) -> bool| {
        text.split('.')
            .all(|part| !part.is_empty() && part.bytes().all(plain))
    };
    text.len() <= 254
        && text.split_once('@').is_some_and(|(name, host)| {
            name.len() <= 64 && dotted(name, &local) && dotted(host, &domain)
        })
}

/// An address, with or without a name before it: `Shop <shop@example.com>`.
fn is_sender(text: &str) -> bool {
    let Some((name, rest)) = text.split_once('<') else {
        return is_address(text);
    };
    let plain = |c: char| !c.is_control() && !r#"<>@,;:"()[]\."#.contains(c);
    name.chars().all(plain) && rest.strip_suffix('>').is_some_and(is_address)
}

/// Reads all settings, the secret sealed. Names it does not know are passed over with a warning:
/// a newer version was here and has been taken back.
pub fn read(db: &mut Db) -> Result<Settings, StoreError> {
    let told = |e: serde_json::Error| StoreError::corrupt(format!("settings: {e}"));
    let rows: Vec<(String, String)> = setting::table
        .select((setting::name, setting::value))
        .load(db)?;
    let known = serde_json::to_value(Settings::default()).map_err(told)?;
    let mut map = serde_json::Map::new();
    for (name, value) in rows {
        if known.get(&name).is_none() {
            tracing::warn!(
                name,
                "a setting that this version does not know is passed over"
            );
            continue;
        }
        let value = serde_json::from_str(&value)
            .map_err(|e| StoreError::corrupt(format!("setting {name}: {e}")))?;
        map.insert(name, value);
    }
    serde_json::from_value(serde_json::Value::Object(map)).map_err(told)
}

/// The row of the webhook secret: as it is written, and its text.
fn secret_row(db: &mut Db) -> Result<Option<(String, String)>, StoreError> {
    let row: Option<String> = setting::table
        .find(SECRET)
        .select(setting::value)
        .first(db)
        .optional()?;
    // A row that is no text is told by whoever needs the settings.
    Ok(row.and_then(|row| {
        let text = serde_json::from_str(&row).ok()?;
        Some((row, text))
    }))
}

/// The sealed webhook secret with its associated data, if there is one.
pub fn sealed_secret(db: &mut Db) -> Result<Option<(Vec<u8>, String)>, StoreError> {
    let sealed = secret_row(db)?.and_then(|(_, text)| hex::decode(text).ok());
    Ok(sealed
        .filter(|sealed| !sealed.is_empty())
        .map(|sealed| (sealed, SECRET_PLACE.to_owned())))
}

/// Seals a webhook secret that an earlier version wrote in the clear; true = there was one.
pub async fn seal_secret(
    store: &Store,
    sealer: &Sealer,
    random: &dyn Random,
) -> Result<bool, StoreError> {
    let Some((row, text)) = store.read(secret_row).await? else {
        return Ok(false);
    };
    // What is sealed is written in hex, and no secret is: it begins with `whsec_`.
    if hex::decode(&text).is_ok() {
        return Ok(false);
    }
    let sealed = hex::encode(sealer.seal(text.as_bytes(), SECRET_PLACE, random));
    store
        .write(move |db| -> Result<bool, StoreError> {
            let touched = diesel::update(setting::table.find(SECRET))
                // Whoever changed it meanwhile has sealed it.
                .filter(setting::value.eq(&row))
                .set(setting::value.eq(serde_json::Value::from(sealed.clone()).to_string()))
                .execute(db)?;
            Ok(touched == 1)
        })
        .await
}

/// Writes all settings as they are, the secret sealed before.
pub fn write(db: &mut Db, settings: &Settings, now: Millis) -> Result<(), StoreError> {
    let map = serde_json::to_value(settings)
        .map_err(|e| StoreError::corrupt(format!("settings: {e}")))?;
    for (name, value) in map.as_object().into_iter().flatten() {
        let row = (
            setting::name.eq(name),
            setting::value.eq(value.to_string()),
            setting::changed_at.eq(now),
        );
        both!(db, |c| diesel::insert_into(setting::table)
            .values(&row)
            .on_conflict(setting::name)
            .do_update()
            .set((
                setting::value.eq(value.to_string()),
                setting::changed_at.eq(now)
            ))
            .execute(c))?;
    }
    Ok(())
}

/// The version of the configuration.
pub fn version(db: &mut Db) -> Result<i64, StoreError> {
    Ok(config_version::table
        .select(config_version::version)
        .first(db)?)
}

/// Tells every node that the configuration changed.
pub fn bump(db: &mut Db) -> Result<(), StoreError> {
    diesel::update(config_version::table)
        .set(config_version::version.eq(config_version::version + 1))
        .execute(db)?;
    Ok(())
}
