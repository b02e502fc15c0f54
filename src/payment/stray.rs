//! Authentic notices that name no attempt of their account (check 7).
//!
//! Nothing is delivered for them, but dropping one could drop money: the channel is asked, a few
//! times within a day, and money it confirms is stored as `unmatched` with a case. A notice alone
//! never is money. Source: spec/standard.md, the eleven checks.

use std::time::Duration;

use diesel::prelude::*;

use super::model::{Error, Receipt, ReceiptKind, Source};
use super::poll::{self, brief};
use super::settle::book;
use super::store;
use super::till::Till;
use crate::account::Facts;
use crate::case::{self, CaseKind, NewCase};
use crate::channel::{Failure, Lookup, MoneyAt, QueryAnswer};
use crate::clock::{HOUR, MINUTE, Millis, SECOND, SKEW};
use crate::ids::{AccountId, ReceiptId, SellerId};
use crate::ledger::postings;
use crate::money::{Minor, Money};
use crate::notify::alert::Severity;
use crate::notify::{Alarm, Promises};
use crate::random::Random;
use crate::store::schema::stray;
use crate::store::{Db, StoreError, apart, both, skip_locked};

/// How long one answer is waited for.
const BUDGET: Duration = Duration::from_secs(4);
/// No other node takes a claimed row before this.
const LEASE: Millis = 30 * SECOND;
/// Gaps between questions; after the last one the row ends.
const GAPS: [Millis; 7] = [
    5 * SECOND,
    30 * SECOND,
    2 * MINUTE,
    10 * MINUTE,
    HOUR,
    6 * HOUR,
    18 * HOUR,
];

/// When a stray that this program failed at is taken on again.
const STUCK_FOR: Millis = 15 * MINUTE;

/// A payment nobody here asked for, as a notice named it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = stray)]
pub(super) struct Stray {
    account_id: AccountId,
    merchant_no: String,
    channel_trade_no: String,
    checks: i64,
    seen_at: Millis,
    next_check_at: Millis,
}

impl Stray {
    /// To be asked about at once.
    pub(super) fn new(account: &AccountId, merchant_no: &str, trade_no: &str, now: Millis) -> Self {
        Stray {
            account_id: account.clone(),
            merchant_no: merchant_no.to_owned(),
            channel_trade_no: trade_no.to_owned(),
            checks: 0,
            seen_at: now,
            next_check_at: now,
        }
    }
}

/// Remembers a stray; one row for each number, however often it is told.
pub(super) fn remember(db: &mut Db, row: &Stray) -> Result<(), StoreError> {
    both!(db, |c| diesel::insert_into(stray::table)
        .values(row)
        .on_conflict((stray::account_id, stray::merchant_no))
        .do_nothing()
        .execute(c))?;
    Ok(())
}

/// The accounts with strays that are due.
pub(super) async fn accounts_due(till: &Till) -> Result<Vec<AccountId>, StoreError> {
    let now = till.clock.now();
    till.store
        .read(move |db| {
            Ok(stray::table
                .filter(stray::next_check_at.le(now))
                .select(stray::account_id)
                .distinct()
                .load(db)?)
        })
        .await
}

/// Strays of an account that are due, up to `limit`, taken so that no other node asks about them.
pub(super) async fn claim_due(
    till: &Till,
    account: &AccountId,
    limit: usize,
) -> Result<Vec<Stray>, StoreError> {
    let (account, now) = (account.clone(), till.clock.now());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    till.store
        .write(move |db| claim(db, &account, now, limit))
        .await
}

/// Asks about a stray that was claimed. Whatever goes wrong, it is asked about again.
pub(super) async fn ask_due(till: &Till, row: Stray) {
    let (account, no) = (row.account_id.clone(), row.merchant_no.clone());
    let Err(cause) = apart(ask(till, row)).await else {
        return;
    };
    tracing::error!(%account, no, %cause, "a stray notice could not be asked about");
    let (seed, promises, now) = (till.seed(), till.promises(), till.clock.now());
    let put_off = till
        .store
        .write(move |db| put_off(db, &promises, (&account, &no), &seed.random(), now))
        .await;
    if let Err(cause) = put_off {
        tracing::error!(%cause, "a stray notice could not be put off");
    }
}

fn claim(
    db: &mut Db,
    account: &AccountId,
    now: Millis,
    limit: i64,
) -> Result<Vec<Stray>, StoreError> {
    let due: Vec<Stray> = skip_locked!(
        db,
        stray::table
            .filter(stray::account_id.eq(account))
            .filter(stray::next_check_at.le(now))
            .order(stray::next_check_at)
            .limit(limit)
            .select(Stray::as_select()),
        |q, c| q.load(c)
    )?;
    for row in &due {
        diesel::update(stray::table.find((&row.account_id, &row.merchant_no)))
            .set(stray::next_check_at.eq(now + LEASE))
            .execute(db)?;
    }
    Ok(due)
}

/// Strays whose next question lies further ahead than any gap after so many questions: the clock
/// was set back since.
pub(super) fn too_far_ahead(db: &mut Db, now: Millis) -> Result<Vec<Stray>, StoreError> {
    let far: Vec<Stray> = stray::table
        .filter(stray::next_check_at.gt(now + STUCK_FOR + SKEW))
        .limit(1_000)
        .select(Stray::as_select())
        .load(db)?;
    let furthest = |row: &Stray| {
        let last = usize::try_from(row.checks - 1).ok();
        let gap = last.and_then(|n| GAPS.get(n)).copied().unwrap_or(0);
        now + gap.max(STUCK_FOR) + SKEW
    };
    Ok(far
        .into_iter()
        .filter(|row| row.next_check_at > furthest(row))
        .collect())
}

/// Has such strays asked about now.
pub(super) fn bring_back(db: &mut Db, rows: &[Stray], now: Millis) -> Result<(), StoreError> {
    for row in rows {
        diesel::update(stray::table.find((&row.account_id, &row.merchant_no)))
            .set(stray::next_check_at.eq(now))
            .execute(db)?;
    }
    Ok(())
}

/// A stray that this program failed at is taken on again in a quarter of an hour; the owner is
/// told once.
fn put_off(
    db: &mut Db,
    promises: &Promises,
    (account, no): (&AccountId, &str),
    random: &dyn Random,
    now: Millis,
) -> Result<(), StoreError> {
    diesel::update(stray::table.find((account, no)))
        .set(stray::next_check_at.eq(now + STUCK_FOR))
        .execute(db)?;
    let alarm = Alarm {
        kind: "stray_stuck",
        cause: &format!("stray_stuck/{account}/{no}"),
        severity: Severity::Warning,
        body: format!(
            "Account {account} told of payment {no}, which no attempt of this shop asked for, and \
             it could not be looked into: the log of the process says why."
        ),
    };
    promises.alarm(db, random, alarm, now)
}

async fn ask(till: &Till, row: Stray) -> Result<(), Error> {
    let lookup = Lookup {
        merchant_no: row.merchant_no.clone(),
        channel_trade_no: Some(row.channel_trade_no.clone()),
        now: till.clock.now(),
        nonce: till.random.bytes(),
    };
    let answer = poll::query_at(till, &row.account_id, &lookup, brief(BUDGET)).await;
    let Some(facts) = till
        .accounts
        .by_id(&row.account_id)
        .map(|a| a.facts.clone())
    else {
        return Err(Error::Unknown);
    };
    let write = Write {
        row,
        facts,
        answer: answer.map(QueryAnswer::money),
        promises: till.promises(),
        now: till.clock.now(),
    };
    let seed = till.seed();
    till.store
        .write(move |db| write.run(db, &seed.random()))
        .await
}

/// One answer about a stray, to be written.
struct Write {
    row: Stray,
    facts: Facts,
    answer: Result<Result<MoneyAt, QueryAnswer>, Failure>,
    promises: Promises,
    now: Millis,
}

impl Write {
    fn run(&self, db: &mut Db, random: &dyn Random) -> Result<(), Error> {
        let this = stray::table.find((&self.row.account_id, &self.row.merchant_no));
        if let Ok(Ok(money)) = &self.answer {
            self.take_in(db, money, random)?;
            diesel::delete(this).execute(db)?;
            return Ok(());
        }
        let gap = usize::try_from(self.row.checks)
            .ok()
            .and_then(|n| GAPS.get(n));
        match gap {
            Some(gap) => {
                diesel::update(this)
                    .set((
                        stray::checks.eq(self.row.checks + 1),
                        stray::next_check_at.eq(self.now + gap),
                    ))
                    .execute(db)?;
            }
            None => {
                if self.answer.is_err() {
                    self.open_silent(db, random)?;
                }
                diesel::delete(this).execute(db)?;
            }
        }
        Ok(())
    }

    /// The channel confirms money that no attempt of its account asked for.
    fn take_in(&self, db: &mut Db, money: &MoneyAt, random: &dyn Random) -> Result<(), Error> {
        let paid = &money.paid;
        // Two accounts of one merchant see the same money: it is booked where it was asked for.
        if let Some(attempt) = store::by_merchant_no(db, &self.row.merchant_no)?
            && store::receipts_of(db, &attempt.order_id)?
                .iter()
                .any(|known| known.channel_trade_no == paid.channel_trade_no)
        {
            return Ok(());
        }
        let receipt = Receipt {
            id: ReceiptId::new(self.now, random),
            account_id: self.row.account_id.clone(),
            channel_trade_no: paid.channel_trade_no.clone(),
            attempt_id: None,
            payment_id: None,
            order_id: None,
            seller_id: SellerId::house(),
            kind: ReceiptKind::Unmatched,
            source: Source::Query,
            currency: paid.currency,
            amount: paid.amount,
            refunding: Minor::ZERO,
            paid_at: paid.paid_at.unwrap_or(self.now),
            created_at: self.now,
            reconciled_at: None,
        };
        if !store::insert_receipt(db, &receipt)? {
            return Ok(());
        }
        let received = postings::Received {
            receipt: &receipt.id,
            seller: &receipt.seller_id,
            account: &receipt.account_id,
            money: Money::new(receipt.amount, receipt.currency),
        };
        let charge = postings::unallocated_payment(received)?;
        book(db, received, &charge, &self.facts, random, self.now)?;
        let got = Money::new(receipt.amount, receipt.currency);
        let back = match money.given_back {
            true => " It was given back at the channel since.",
            false => "",
        };
        let summary = format!(
            "{} came at account {} under the number {} (the channel's: {}), which no attempt of \
             this account has.{back} Nothing was delivered. Look in the channel's console what it \
             was for; give it back there if it is not yours.",
            got.display_with_code(),
            self.row.account_id,
            self.row.merchant_no,
            receipt.channel_trade_no,
        );
        self.open(db, Some(receipt.id), got, summary, random)
    }

    /// A signed notice says paid, and the channel never said anything about it.
    fn open_silent(&self, db: &mut Db, random: &dyn Random) -> Result<(), Error> {
        let summary = format!(
            "A signed notice at account {} says that {} (the channel's: {}) is paid. No attempt of \
             this account has that number, and the channel did not answer for a day. Look in its \
             console.",
            self.row.account_id, self.row.merchant_no, self.row.channel_trade_no,
        );
        let nothing = Money::new(Minor::ZERO, self.facts.currency);
        self.open(db, None, nothing, summary, random)
    }

    fn open(
        &self,
        db: &mut Db,
        receipt: Option<ReceiptId>,
        money: Money,
        summary: String,
        random: &dyn Random,
    ) -> Result<(), Error> {
        let case = NewCase {
            kind: CaseKind::Unmatched,
            cause: format!("stray/{}/{}", self.row.account_id, self.row.merchant_no),
            money,
            proposal: "investigate",
            summary,
            order_id: None,
            attempt_id: None,
            receipt_id: receipt,
            refund_id: None,
            account_id: Some(self.row.account_id.clone()),
        };
        case::open(db, &self.promises, case, random, self.now)?;
        Ok(())
    }
}
