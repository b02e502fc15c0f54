//! Rows of the gateway and the words for their states.

use diesel::prelude::*;
use serde::Serialize;

use super::schema;
use crate::clock::Millis;
use crate::ids::text_enum;

text_enum! {
    /// The protocol a payment was made by; its notices speak it too.
    pub enum Api {
        /// The gateway's own JSON protocol.
        Own = "own",
        /// epay with MD5 signatures.
        EpayV1 = "epay_v1",
        /// epay with RSA signatures.
        EpayV2 = "epay_v2",
    }
}

text_enum! {
    /// Where a payment stands.
    pub enum PaymentState {
        /// The buyer may pay.
        Waiting = "waiting",
        /// Money is here; the last state.
        Paid = "paid",
        /// Nobody may pay any more.
        Closed = "closed",
    }
}

text_enum! {
    /// Where a refund stands.
    pub enum RefundState {
        /// The buyer has the money back.
        Done = "done",
        /// Accepted, the money is set aside.
        Pending = "pending",
        /// Refused for good; nothing is set aside.
        Failed = "failed",
    }
}

text_enum! {
    /// What a notice says about its payment.
    pub enum NoticeStatus {
        /// The buyer paid.
        Paid = "paid",
        /// The buyer cancelled.
        Closed = "closed",
        /// The buyer's bank said no; the payment can still be paid.
        Failed = "failed",
        /// An old state that comes late (switch `out_of_order`).
        Waiting = "waiting",
    }
}

text_enum! {
    /// Where a notice stands.
    pub enum NoticeState {
        /// To be sent at `next_at`.
        Due = "due",
        /// Waits for the first sending of the notice it follows.
        Held = "held",
        /// The shop took it.
        Done = "done",
        /// Not taken within a day.
        Dead = "dead",
    }
}

/// A merchant and its keys. Keys that are absent leave what the gateway already has; a
/// merchant may own keys of every protocol.
#[derive(Clone, Default, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::merchants)]
pub struct Merchant {
    /// The name in the own protocol, the `pid` in epay.
    pub id: String,
    /// HMAC key of the own protocol, at least 32 characters.
    pub own_key: Option<String>,
    /// MD5 key of epay V1.
    pub md5_key: Option<String>,
    /// The shop's public key of epay V2, PEM.
    pub merchant_public_key: Option<String>,
    /// The gateway's private key of epay V2, PEM.
    pub platform_private_key: Option<String>,
}

impl Merchant {
    /// A merchant of the own protocol.
    pub fn own(id: &str, key: &str) -> Self {
        Merchant {
            id: id.to_owned(),
            own_key: Some(key.to_owned()),
            ..Merchant::default()
        }
    }

    /// A merchant of epay V1.
    pub fn epay_v1(pid: &str, key: &str) -> Self {
        Merchant {
            id: pid.to_owned(),
            md5_key: Some(key.to_owned()),
            ..Merchant::default()
        }
    }

    /// A merchant of epay V2.
    pub fn epay_v2(pid: &str, merchant_public_key: &str, platform_private_key: &str) -> Self {
        Merchant {
            id: pid.to_owned(),
            merchant_public_key: Some(merchant_public_key.to_owned()),
            platform_private_key: Some(platform_private_key.to_owned()),
            ..Merchant::default()
        }
    }
}

/// Says who, never the keys.
impl std::fmt::Debug for Merchant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Merchant")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = schema::payments)]
pub(super) struct Payment {
    pub(super) id: i64,
    pub(super) trade_no: String,
    pub(super) merchant: String,
    pub(super) merchant_no: String,
    pub(super) api: Api,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) method: String,
    pub(super) subject: String,
    pub(super) notify_url: String,
    pub(super) return_url: String,
    pub(super) param: String,
    pub(super) state: PaymentState,
    pub(super) created_at: Millis,
    pub(super) expires_at: Option<Millis>,
    pub(super) paid_at: Option<Millis>,
    pub(super) refunded: i64,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = schema::payments)]
pub(super) struct NewPayment {
    pub(super) trade_no: String,
    pub(super) merchant: String,
    pub(super) merchant_no: String,
    pub(super) api: Api,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) method: String,
    pub(super) subject: String,
    pub(super) notify_url: String,
    pub(super) return_url: String,
    pub(super) param: String,
    pub(super) state: PaymentState,
    pub(super) created_at: Millis,
    pub(super) expires_at: Option<Millis>,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = schema::refunds)]
pub(super) struct Refund {
    pub(super) id: i64,
    pub(super) refund_no: String,
    pub(super) channel_refund_no: String,
    pub(super) payment: i64,
    pub(super) amount: i64,
    pub(super) state: RefundState,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = schema::notices)]
pub(super) struct Notice {
    pub(super) id: i64,
    pub(super) payment: i64,
    pub(super) status: NoticeStatus,
    pub(super) amount: i64,
    pub(super) parallel: i32,
    pub(super) tries: i32,
    pub(super) created_at: Millis,
    pub(super) next_at: Millis,
}

#[derive(Debug, Clone, Default, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::log)]
pub(super) struct LogRow {
    pub(super) at: Millis,
    pub(super) direction: String,
    pub(super) kind: String,
    pub(super) merchant: Option<String>,
    pub(super) merchant_no: Option<String>,
    pub(super) verb: String,
    pub(super) path: String,
    pub(super) status: Option<i32>,
    pub(super) ms: Option<i64>,
    pub(super) body: String,
}
