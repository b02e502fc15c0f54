//! The port every channel implements. Optional abilities are `Option<&dyn …>`: absent means
//! absent, never a silent no-op.

use std::sync::Arc;

use super::model::{
    Charge, CloseAnswer, Failure, HttpAnswer, Lookup, Method, Notice, Pay, QueryAnswer, RawNotice,
    RefundAnswer, RefundCharge, Refused, Reply, Request, Start,
};
use crate::clock::Millis;
use crate::money::Currency;

/// One account at one channel, ready to speak. Pure: builds requests, reads bytes.
pub trait Channel: Send + Sync {
    /// The methods this account can serve at all.
    fn methods(&self) -> &[Method];

    /// The currencies it can collect.
    fn currencies(&self) -> &[Currency];

    /// The shortest life an attempt can have at the channel; 0 where the channel has no expiry
    /// of ours to obey.
    fn shortest_life(&self) -> Millis {
        0
    }

    /// Whether a paid notice must be confirmed by a query before goods leave (check 11), as
    /// for every account that signs with MD5.
    fn confirm_by_query(&self) -> bool;

    /// Begins an attempt.
    fn create(&self, charge: &Charge) -> Result<Start, Failure>;

    /// Reads the reply to [`Start::Ask`].
    fn read_created(&self, charge: &Charge, reply: &Reply) -> Result<Pay, Failure>;

    /// Asks about an attempt.
    fn query(&self, lookup: &Lookup) -> Request;

    /// Reads the reply to [`Channel::query`].
    fn read_query(&self, lookup: &Lookup, reply: &Reply) -> Result<QueryAnswer, Failure>;

    /// Checks 1 and 3 to 6 of the pipeline: authentic, fresh, for this merchant.
    fn notice(&self, raw: &RawNotice<'_>) -> Result<Notice, Refused>;

    /// The channel's success literal, or its failure literal.
    fn answer(&self, accepted: bool) -> HttpAnswer;

    /// Closing an attempt at the channel, where it can.
    fn close(&self) -> Option<&dyn Close> {
        None
    }

    /// Paying back, where the channel has an API for it.
    fn refunds(&self) -> Option<&dyn Refunds> {
        None
    }

    /// Learning the keys the channel signs with, where they change by themselves.
    fn keys(&self) -> Option<&dyn Keys> {
        None
    }
}

/// Keys that a channel changes by itself, in its own time.
pub trait Keys: Send + Sync {
    /// Whether a notice or a reply with these headers names a key that this account does not
    /// know: then it is worth asking for them.
    fn is_unknown(&self, headers: &[(String, String)]) -> bool;

    /// Asks for the keys the channel signs with now.
    fn ask(&self, now: Millis, nonce: &[u8; 16]) -> Request;

    /// Reads the reply: the same account, knowing these keys beside those it knew.
    fn learn(&self, now: Millis, reply: &Reply) -> Result<Arc<dyn Channel>, Failure>;
}

/// Closing an attempt so that no money can come.
pub trait Close: Send + Sync {
    /// Asks to close.
    fn close(&self, lookup: &Lookup) -> Request;

    /// Reads the reply.
    fn read_close(&self, lookup: &Lookup, reply: &Reply) -> Result<CloseAnswer, Failure>;
}

/// Paying money back. Sent with one number for ever: a repeat must answer as the first did, and
/// an adapter whose channel says "already refunded" to a repeat reads that as done (R044).
pub trait Refunds: Send + Sync {
    /// Asks for a refund.
    fn refund(&self, charge: &RefundCharge) -> Request;

    /// Reads the reply.
    fn read_refund(&self, charge: &RefundCharge, reply: &Reply) -> Result<RefundAnswer, Failure>;

    /// Asks about a refund, or `None` where the channel cannot be asked (then an unknown
    /// outcome goes to a person).
    fn query_refund(&self, charge: &RefundCharge) -> Option<Request>;

    /// Reads the reply to [`Refunds::query_refund`].
    fn read_refund_query(
        &self,
        charge: &RefundCharge,
        reply: &Reply,
    ) -> Result<RefundAnswer, Failure>;
}
