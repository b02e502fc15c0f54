//! The acts on payments that the protocols, the cashier page and the control paths share, with
//! the switches applied inside the same transaction.

use std::sync::Arc;

use diesel::SqliteConnection;
use diesel::result::QueryResult;

use super::answer::Fault;
use super::book::{self, Made, Pay, RefundAsk, Refunded};
use super::gateway::Gateway;
use super::model::{
    Api, NewPayment, Notice, NoticeStatus, Payment, PaymentState, Refund, RefundState,
};
use super::{Error, promise, switches};
use crate::clock::Millis;

/// How long after its create a lying notice leaves.
const LIE_AFTER: Millis = 500;

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
    /// Makes a payment, or finds the one made before.
    pub(super) async fn open(
        self: &Arc<Self>,
        nonce: Option<String>,
        new: NewPayment,
    ) -> Result<(Opened, Option<Fault>), Error> {
        let gateway = self.clone();
        whole(async move {
            let inside = gateway.clone();
            let (opened, fault, before, after) = gateway
                .db
                .run(move |conn| inside.open_now(conn, nonce.as_deref(), new))
                .await?;
            for notice in before {
                gateway.deliver(notice.id).await;
            }
            gateway.queue.push_all(after);
            Ok((opened, fault))
        })
        .await
    }

    #[expect(clippy::type_complexity, reason = "unpacked by its one caller")]
    fn open_now(
        &self,
        conn: &mut SqliteConnection,
        nonce: Option<&str>,
        new: NewPayment,
    ) -> QueryResult<(Opened, Option<Fault>, Vec<Notice>, Vec<Notice>)> {
        let now = new.created_at;
        let (merchant, merchant_no) = (new.merchant.clone(), new.merchant_no.clone());
        let of = (merchant.as_str(), merchant_no.as_str());
        let none = |opened, fault| Ok((opened, fault, Vec::new(), Vec::new()));
        if let Some(nonce) = nonce
            && !book::fresh_nonce(conn, &new.merchant, nonce, now)?
        {
            return none(Opened::NonceUsed, None);
        }
        let fault = match self.switches.create(conn, of)? {
            switches::Create::Normal => None,
            switches::Create::TimeoutDone => Some(Fault::Hang),
            switches::Create::Malformed => Some(Fault::Malformed),
            switches::Create::TimeoutNotDone => return none(Opened::Nothing, Some(Fault::Hang)),
            switches::Create::Http500 => return none(Opened::Nothing, Some(Fault::Http500)),
            switches::Create::Reset => return none(Opened::Nothing, Some(Fault::Reset)),
            switches::Create::Refuse => return none(Opened::Refused, None),
        };
        let payment = match book::create(conn, new)? {
            Made::New(payment) => payment,
            Made::Same(payment) => return none(Opened::Same(payment), fault),
            Made::OtherAmount => return none(Opened::OtherAmount, fault),
        };
        if self.switches.paid_before_answer(of) {
            let telling = self.switches.telling(conn, of)?;
            let payment = match book::pay(conn, payment, false, now)? {
                Pay::Now(p) | Pay::Already(p) | Pay::Closed(p) | Pay::Lied(p) => p,
            };
            let mut before = promise::promise(conn, &payment, NoticeStatus::Paid, telling, now)?;
            let after = before.split_off(before.len().min(1));
            return Ok((Opened::New(payment), fault, before, after));
        }
        let mut after = Vec::new();
        if self.switches.lies(of) {
            let telling = self.switches.telling(conn, of)?;
            let later = now + LIE_AFTER;
            after = promise::promise(conn, &payment, NoticeStatus::Paid, telling, later)?;
        }
        Ok((Opened::New(payment), fault, Vec::new(), after))
    }

    /// Takes the buyer's money; `None` when there is no such payment.
    pub(super) async fn pay(
        self: &Arc<Self>,
        merchant: Option<String>,
        which: Which,
        late: bool,
    ) -> Result<Option<Pay>, Error> {
        let (gateway, now) = (self.clone(), self.now());
        self.tell(move |conn| {
            let Some(payment) = find(conn, merchant.as_deref(), &which, now)? else {
                return Ok((None, Vec::new()));
            };
            let payable = match payment.state {
                PaymentState::Waiting => true,
                PaymentState::Closed => late,
                PaymentState::Paid => false,
            };
            if !payable {
                return Ok((Some(book::pay(conn, payment, late, now)?), Vec::new()));
            }
            let of = (payment.merchant.clone(), payment.merchant_no.clone());
            let telling = gateway.switches.telling(conn, (&of.0, &of.1))?;
            let paid = match telling.lie {
                true => Pay::Lied(payment),
                false => book::pay(conn, payment, late, now)?,
            };
            let (Pay::Now(p) | Pay::Lied(p) | Pay::Already(p) | Pay::Closed(p)) = &paid;
            let notices = promise::promise(conn, p, NoticeStatus::Paid, telling, now)?;
            Ok((Some(paid), notices))
        })
        .await
    }

    /// The buyer does not pay: declined by the bank (`Failed`) or cancelled (`Closed`). The
    /// own protocol tells the shop; epay knows no such notice and the payment stays payable.
    pub(super) async fn not_paid(
        self: &Arc<Self>,
        trade_no: String,
        status: NoticeStatus,
    ) -> Result<(), Error> {
        let (gateway, now) = (self.clone(), self.now());
        self.tell(move |conn| {
            let payment = match book::by_trade_no(conn, &trade_no, now)? {
                Some(p) if p.api == Api::Own && p.state == PaymentState::Waiting => p,
                _ => return Ok(((), Vec::new())),
            };
            let of = (payment.merchant.clone(), payment.merchant_no.clone());
            let telling = gateway.switches.telling(conn, (&of.0, &of.1))?;
            let payment = match status {
                NoticeStatus::Closed => book::close(conn, payment)?,
                _ => payment,
            };
            Ok(((), promise::promise(conn, &payment, status, telling, now)?))
        })
        .await
    }

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

    /// Sends the notices of a payment again, at once and as often as asked.
    pub(super) async fn notify(
        self: &Arc<Self>,
        merchant: Option<String>,
        which: Which,
        again: Again,
    ) -> Result<Option<usize>, Error> {
        let now = self.now();
        self.tell(move |conn| {
            let Some(payment) = find(conn, merchant.as_deref(), &which, now)? else {
                return Ok((None, Vec::new()));
            };
            let telling = switches::Telling {
                callback: switches::Callback::Normal,
                repeat: again.times,
                parallel: again.parallel,
                wrong_amount: again.amount.map_or(0, |amount| amount - payment.amount),
                lie: false,
            };
            let notices = promise::promise(conn, &payment, again.status, telling, now)?;
            Ok((Some(notices.len()), notices))
        })
        .await
    }

    /// Runs `f`, then hands the notices it promised to the queue.
    async fn tell<T: Send + 'static>(
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
async fn whole<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    tokio::spawn(work).await.unwrap_or(Err(Error::Stopped))
}

fn find(
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
