//! How a payment is made, paid, declined and told: the acts that owe the shop a notice.

use std::sync::Arc;

use diesel::SqliteConnection;
use diesel::result::QueryResult;

use super::acts::{Again, Opened, Which, find, whole};
use super::answer::Fault;
use super::book::{self, Made, Pay};
use super::gateway::Gateway;
use super::model::{Api, NewPayment, Notice, NoticeStatus, PaymentState};
use super::{Error, promise, switches};
use crate::clock::Millis;

/// How long after its create a lying notice leaves.
const LIE_AFTER: Millis = 500;

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
}
