//! Names of things: row ids, the order number a person reads, the token that opens an order.
//!
//! Row ids are UUIDv7 text, one newtype per table, so that no id is passed for another. Time
//! and random bytes come in; nothing here asks for them.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::clock::Millis;
use crate::random::Random;
use crate::seal::Sealer;

/// Declares newtypes over UUIDv7 text, usable as Diesel `Text` on every engine.
macro_rules! ids {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// A new id: 48 bits of `now`, the rest random.
            pub fn new(now: Millis, random: &dyn Random) -> Self {
                $name(uuid_v7(now, random))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        crate::ids::text_column!($name, |id: &$name| id.0.as_str(), |text: String| Ok($name(text)));
    )+};
}

/// Implements Diesel's `Text` conversions on every engine for a type that is stored as text.
macro_rules! text_column {
    ($name:ty, $to:expr, $from:expr) => {
        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                let to: fn(&$name) -> &str = $to;
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(
                    to(self),
                    out,
                )
            }
        }

        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<
                                                                            diesel::sql_types::Text,
                                                                            DB,
                                                                        >>::from_sql(value)?;
                let from: fn(String) -> Result<$name, String> = $from;
                from(text).map_err(Into::into)
            }
        }
    };
}
pub(crate) use text_column;

/// Declares an enum that is stored, sent and logged as one lower-case word per variant.
macro_rules! text_enum {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every value, in order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The word that stands for it in rows, in the API and in logs.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }

            /// The value a word stands for.
            pub fn parse(text: &str) -> Option<$name> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(d)?;
                $name::parse(&text).ok_or_else(|| {
                    let known: Vec<&str> = $name::ALL.iter().map(|v| v.as_str()).collect();
                    serde::de::Error::custom(format!("{text:?} is not one of {}", known.join(", ")))
                })
            }
        }

        crate::ids::text_column!(
            $name,
            |value: &$name| value.as_str(),
            |text: String| $name::parse(&text).ok_or_else(|| format!("unknown {}: {text}", stringify!($name)))
        );
    };
}
pub(crate) use text_enum;

ids! {
    /// A seller; the house itself is [`SellerId::house`].
    SellerId;
    /// A category of the catalogue.
    CategoryId;
    /// A product.
    ProductId;
    /// A variant of a product: what has a price and a stock.
    VariantId;
    /// One import of cards.
    BatchId;
    /// One card (卡密) of the pool.
    CardId;
    /// An order. People see its [`OrderNo`].
    OrderId;
    /// One line of an order.
    ItemId;
    /// A checkout that one or several orders share.
    PaymentId;
    /// A part of a payment: by channel, wallet or coin.
    PartId;
    /// One try to collect a channel part.
    AttemptId;
    /// Confirmed money.
    ReceiptId;
    /// A handed-out unit.
    DeliveryId;
    /// A payment back to the buyer.
    RefundId;
    /// Money that needs a decision.
    CaseId;
    /// One transaction of the journal.
    JournalId;
    /// A promise to tell somebody something (mail, webhook, alert).
    OutboxId;
    /// A logged notice of a channel.
    NoticeId;
    /// A row of the alert list.
    AlertId;
    /// A note on a case.
    NoteId;
    /// Somebody who works in the shop.
    StaffId;
    /// A signed-in browser of the staff.
    SessionId;
    /// A line of the audit log.
    AuditId;
    /// What a buyer asks for after paying.
    RequestId;
    /// One message of a request's thread.
    MessageId;
}

impl SellerId {
    /// The shop's own goods.
    pub fn house() -> Self {
        SellerId("house".to_owned())
    }
}

/// The name an operator gave to one account at a channel (`epay-main`): letters, digits, `-`
/// and `_`, at most 40 characters.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if text.is_empty() || text.len() > 40 || !text.bytes().all(plain) {
            return Err("1 to 40 letters, digits, - or _");
        }
        Ok(AccountId(text.to_owned()))
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_column!(
    AccountId,
    |id: &AccountId| id.0.as_str(),
    |text: String| Ok(AccountId(text))
);

fn uuid_v7(now: Millis, random: &dyn Random) -> String {
    let millis = u64::try_from(now).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random.bytes())
        .into_uuid()
        .hyphenated()
        .to_string()
}

/// The letters of numbers that people read aloud: no 0, O, 1 or I.
const SPOKEN: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// The order number a person reads, writes and dictates: 12 letters in groups of four,
/// `K7Q2-94MX-31AB` (60 random bits). It names an order and opens nothing.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[serde(transparent)]
pub struct OrderNo(String);

impl OrderNo {
    /// A new number. Uniqueness is the database's to keep.
    pub fn new(random: &dyn Random) -> Self {
        let bytes: [u8; 12] = random.bytes();
        let mut text = String::with_capacity(14);
        for (at, byte) in bytes.iter().enumerate() {
            if at > 0 && at % 4 == 0 {
                text.push('-');
            }
            text.push(char::from(SPOKEN[usize::from(byte % 32)]));
        }
        OrderNo(text)
    }

    /// The number as shown and stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for OrderNo {
    type Err = &'static str;

    /// Forgives small letters, blanks and missing dashes, as people type them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut plain = String::with_capacity(14);
        for letter in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let letter = letter.to_ascii_uppercase();
            let known = u8::try_from(letter).is_ok_and(|b| SPOKEN.contains(&b));
            if !known || plain.len() >= 14 {
                return Err("not an order number");
            }
            if plain.len() == 4 || plain.len() == 9 {
                plain.push('-');
            }
            plain.push(letter);
        }
        if plain.len() != 14 {
            return Err("not an order number");
        }
        Ok(OrderNo(plain))
    }
}

text_column!(OrderNo, |no: &OrderNo| no.0.as_str(), |text: String| Ok(
    OrderNo(text)
));

/// 128 random bits that open one thing. Shown once to whom it belongs; rows hold only its
/// SHA-256, which is enough because the token is not guessable. Never printed by `Debug`.
#[derive(Clone)]
pub struct ViewToken(String);

impl ViewToken {
    /// A new token of 22 URL-safe characters.
    pub fn new(random: &dyn Random) -> Self {
        let bytes: [u8; 16] = random.bytes();
        ViewToken(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The token that belongs to `name`: the same one each time it is made, known to nobody
    /// without the key.
    pub fn derived(sealer: &Sealer, name: &str) -> Self {
        let hash = sealer.keyed_hash("view_token", name.as_bytes());
        let bytes = hex::decode(&hash[..32]).unwrap_or_default();
        ViewToken(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Takes what a client sent; refuses what cannot be a token before any look-up.
    pub fn from_client(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 16).then(|| ViewToken(text.to_owned()))
    }

    /// The secret itself, to be handed to its owner and to nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What rows hold: SHA-256, hex.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }
}

impl fmt::Debug for ViewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ViewToken(…)")
    }
}

/// A number of digits and capital letters for a channel (`merchant_no`): a prefix that tells
/// the environment apart, the time in base 32 and 50 random bits; 24 characters, which every
/// channel accepts.
pub fn external_no(prefix: &str, now: Millis, random: &dyn Random) -> String {
    let mut text = String::from(prefix);
    let millis = u64::try_from(now).unwrap_or(0);
    for shift in (0..9).rev() {
        text.push(char::from(SPOKEN[((millis >> (shift * 5)) & 31) as usize]));
    }
    let bytes: [u8; 10] = random.bytes();
    for byte in bytes {
        text.push(char::from(SPOKEN[usize::from(byte % 32)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    #[test]
    fn order_numbers_have_groups_without_look_alikes_and_read_back_as_typed() {
        let random = SeededRandom::from_seed(7);
        for _ in 0..1_000 {
            let no = OrderNo::new(&random);
            assert_eq!(no.as_str().len(), 14);
            assert!(!no.as_str().contains(['0', 'O', '1', 'I']));
            let typed = no.as_str().to_lowercase().replace('-', " ");
            assert_eq!(typed.parse::<OrderNo>(), Ok(no));
        }
        for wrong in ["", "K7Q2", "K7Q2-94MX-31A0", "K7Q2-94MX-31AB-C", "订单号"] {
            assert!(wrong.parse::<OrderNo>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn tokens_have_128_bits_and_hide_themselves() {
        let token = ViewToken::new(&SeededRandom::from_seed(1));
        assert_eq!(token.reveal().len(), 22);
        assert_eq!(format!("{token:?}"), "ViewToken(…)");
        assert!(ViewToken::from_client(token.reveal()).is_some());
        assert!(ViewToken::from_client("short").is_none());
        assert_eq!(token.hash().len(), 64);
    }

    #[test]
    fn ids_sort_by_time() {
        let random = SeededRandom::from_seed(2);
        let early = OrderId::new(1_000, &random);
        let late = OrderId::new(1_001, &random);
        assert!(early < late);
        assert_eq!(early.as_str().len(), 36);
    }

    #[test]
    fn external_numbers_fit_every_channel() {
        let random = SeededRandom::from_seed(3);
        let no = external_no("VG", 1_795_000_000_000, &random);
        assert_eq!(no.len(), 21);
        assert!(no.bytes().all(|b| b.is_ascii_alphanumeric()));
        assert_ne!(no, external_no("VG", 1_795_000_000_000, &random));
    }
}
