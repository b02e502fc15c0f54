//! The acts on payments that the protocols share, with the switches applied inside the same
//! transaction: here what shops ask about a payment, in `pay` how it is made and paid.

use std::sync::Arc;

use diesel::SqliteConnection;
use diesel::result::QueryResult;

use super::answer::Fault;
use super::book::{self, RefundAsk, Refunded};
use super::gateway::Gateway;
use super::model::{Notice, NoticeStatus, Payment, Refund, RefundState};
use super::{Error, switches};
use crate::clock::Millis;

/// What became of a create.
pub(super) enum Opened {
    /// A new payment.
    New(Payment),
    /// The payment an earlier create made.
    Same(Payment),
    OtherAmount,
    Refused,
    NonceUsed,
    /// A switch kept it from being made; there will be no answer that says so.
    Nothing,
}

/// What became of another call about a payment.
pub(super) enum Done<T> {
    Yes(T),
    NotFound,
    NonceUsed,
    Refused,
    Nothing,
}

/// Notices to send once more.
pub(super) struct Again {
    pub(super) times: u32,
    pub(super) parallel: u32,
    pub(super) status: NoticeStatus,
    pub(super) amount: Option<i64>,
}

/// Which payment a shop means.
#[derive(Clone)]
pub(super) enum Which {
    MerchantNo(String),
    TradeNo(String),
}

/// Who asks, and the nonce of the own protocol.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) merchant: String,
    pub(super) nonce: Option<String>,
}

impl Gateway {
    /// What a shop is told about a payment.
    pub(super) async fn query(
        self: &Arc<Self>,
        caller: Caller,
        which: Which,
    ) -> Result<(Done<Payment>, Option<Fault>), Error> {
        self.about(caller, which, |gateway, conn, of, payment, _| {
            let fault = match gateway.switches.query(conn, of)? {
                switches::Query::Normal => None,
                switches::Query::Timeout => Some(Fault::Hang),
                switches::Query::Http500 => Some(Fault::Http500),
                switches::Query::Malformed => Some(Fault::Malformed),
                switches::Query::NotFound => return Ok((Done::NotFound, None)),
                switches::Query::Amount(amount) => {
                    let told = payment.map(|payment| Payment { amount, ..payment });
                    return Ok((told.map_or(Done::NotFound, Done::Yes), None));
                }
            };
            Ok((payment.map_or(Done::NotFound, Done::Yes), fault))
        })
        .await
    }

    /// Closes a payment; the answer's state says whether it was paid already.
    pub(super) async fn close(
        self: &Arc<Self>,
        caller: Caller,
        which: Which,
    ) -> Result<(Done<Payment>, Option<Fault>), Error> {
        self.about(caller, which, |gateway, conn, of, payment, _| {
            let fault = match gateway.switches.close(conn, of)? {
                switches::Close::Normal => None,
                switches::Close::TimeoutDone => Some(Fault::Hang),
                switches::Close::Http500 => return Ok((Done::Nothing, Some(Fault::Http500))),
                switches::Close::Refuse => return Ok((Done::Refused, None)),
            };
            let closed = payment
                .map(|payment| book::close(conn, payment))
                .transpose()?;
            Ok((closed.map_or(Done::NotFound, Done::Yes), fault))
        })
        .await
    }

    /// Pays a buyer back.
    pub(super) async fn refund(
        self: &Arc<Self>,
        caller: Caller,
        which: Which,
        refund_no: String,
        amount: Option<i64>,
    ) -> Result<(Done<(Payment, Refunded)>, Option<Fault>), Error> {
        let channel_refund_no = self.number("SR");
        self.about(caller, which, move |gateway, conn, of, payment, now| {
            let switched = gateway.switches.refund(conn, of)?;
            let (state, fault) = match switched {
                switches::Refund::Normal => (RefundState::Done, None),
                switches::Refund::TimeoutDone => (RefundState::Done, Some(Fault::Hang)),
                switches::Refund::Pending => (RefundState::Pending, None),
                switches::Refund::Fail => (RefundState::Failed, None),
                switches::Refund::TimeoutNotDone => return Ok((Done::Nothing, Some(Fault::Hang))),
                switches::Refund::Http500 => return Ok((Done::Nothing, Some(Fault::Http500))),
            };
            let Some(payment) = payment else {
                return Ok((Done::NotFound, fault));
            };
            let amount = amount.unwrap_or(payment.amount);
            let ask = RefundAsk {
                refund_no,
                channel_refund_no,
                amount,
                state,
            };
            let refunded = book::refund(conn, &payment, &ask, now)?;
            let which = Which::TradeNo(payment.trade_no.clone());
            let payment = find(conn, None, &which, now)?.unwrap_or(payment);
            Ok((Done::Yes((payment, refunded)), fault))
        })
        .await
    }

    /// A refund made before.
    pub(super) async fn refund_query(
        self: &Arc<Self>,
        caller: Caller,
        refund_no: String,
    ) -> Result<Done<Refund>, Error> {
        let now = self.now();
        self.db
            .run(move |conn| {
                if let Some(nonce) = &caller.nonce
                    && !book::fresh_nonce(conn, &caller.merchant, nonce, now)?
                {
                    return Ok(Done::NonceUsed);
                }
                let found = book::refund_by_no(conn, &caller.merchant, &refund_no)?;
                Ok(found.map_or(Done::NotFound, Done::Yes))
            })
            .await
    }

    /// Runs `f`, then hands the notices it promised to the queue.
    pub(super) async fn tell<T: Send + 'static>(
        self: &Arc<Self>,
        f: impl FnOnce(&mut SqliteConnection) -> QueryResult<(T, Vec<Notice>)> + Send + 'static,
    ) -> Result<T, Error> {
        let gateway = self.clone();
        whole(async move {
            let (done, notices) = gateway.db.run(f).await?;
            gateway.queue.push_all(notices);
            Ok(done)
        })
        .await
    }

    async fn about<T: Send + 'static>(
        self: &Arc<Self>,
        caller: Caller,
        which: Which,
        f: impl FnOnce(
            &Gateway,
            &mut SqliteConnection,
            (&str, &str),
            Option<Payment>,
            Millis,
        ) -> QueryResult<(Done<T>, Option<Fault>)>
        + Send
        + 'static,
    ) -> Result<(Done<T>, Option<Fault>), Error> {
        let (gateway, now) = (self.clone(), self.now());
        self.db
            .run(move |conn| {
                if let Some(nonce) = &caller.nonce
                    && !book::fresh_nonce(conn, &caller.merchant, nonce, now)?
                {
                    return Ok((Done::NonceUsed, None));
                }
                let payment = find(conn, Some(&caller.merchant), &which, now)?;
                let number = match (&payment, &which) {
                    (Some(payment), _) => payment.merchant_no.clone(),
                    (None, Which::MerchantNo(no) | Which::TradeNo(no)) => no.clone(),
                };
                f(&gateway, conn, (&caller.merchant, &number), payment, now)
            })
            .await
    }
}

/// Runs to the end, also when the client that asked has left: what is promised in the file
/// must reach the queue.
pub(super) async fn whole<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    tokio::spawn(work).await.unwrap_or(Err(Error::Stopped))
}

pub(super) fn find(
    conn: &mut SqliteConnection,
    merchant: Option<&str>,
    which: &Which,
    now: Millis,
) -> QueryResult<Option<Payment>> {
    let found = match which {
        Which::TradeNo(no) => book::by_trade_no(conn, no, now)?,
        Which::MerchantNo(no) => book::by_number(conn, merchant, no, now)?,
    };
    Ok(found.filter(|payment| merchant.is_none_or(|merchant| payment.merchant == merchant)))
}
