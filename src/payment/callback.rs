//! The callback pipeline: eleven checks, fail-closed, then `settle` (spec/standard.md).
//!
//! Checks 1 and 3 to 6 are the channel's; 2 and 7 to 11 are here. An accepted notice is stored
//! whole in the settling write; a refused one is stored shortened, and only so many a minute.

mod confirm;
mod log;

pub use confirm::Flights;
pub(super) use log::insert_notice;
pub use log::{NoticeRow, RefusedQuota, forget_old};

use super::keys;
use super::model::{Attempt, Error, ReceiptFact, Source};
use super::settle::{Settled, fact_of, settle};
use super::store;
use super::stray::Stray;
use super::till::Till;
use crate::account::Account;
use crate::channel::{
    Check, HttpAnswer, Notice, NoticeStatus, QueryAnswer, RawNotice, Refused, Verb,
};
use crate::clock::{Millis, SECOND};
use crate::ids::AttemptId;
use crate::refund;
use crate::store::StoreError;

/// Largest body of a notice.
pub const LARGEST: usize = 256 * 1024;

/// A notice as it came in, with where from.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// GET or POST.
    pub verb: Verb,
    /// Of the URL as the channel was given it.
    pub path: String,
    /// Of the URL, undecoded.
    pub query: String,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The raw bytes.
    pub body: Vec<u8>,
    /// The sender's address.
    pub source_ip: String,
    /// The network it counts as.
    pub network: String,
}

/// What to do with a notice.
enum Verdict {
    /// Done; the success literal, stored as this.
    Accepted(&'static str),
    /// Not ours, not authentic, or not now: the failure literal.
    Refused(Check, &'static str),
    /// Authentic, and not confirmed when the channel was asked: the failure literal, kept as this.
    Unconfirmed(&'static str, AttemptId),
    /// Authentic, and of no attempt of this account: the failure literal, and the channel is asked.
    Stray(Stray),
}

/// Takes a notice for the account of this path token, and answers it. `None` = there is no
/// such account (counted, not stored).
pub async fn receive(
    till: &Till,
    path_token: &str,
    incoming: Incoming,
) -> Result<Option<HttpAnswer>, Error> {
    crate::fault::point("callback_received");
    let Some(account) = till.accounts.by_path(path_token) else {
        metrics::counter!("vendgate_callbacks_total", "account" => "none", "verdict" => "account")
            .increment(1);
        return Ok(None);
    };
    let Some(channel) = account.open_channel() else {
        count(&account, "account");
        let refusal = HttpAnswer {
            status: 403,
            content_type: "text/plain; charset=utf-8",
            body: "fail",
        };
        return Ok(Some(refusal));
    };
    let now = till.clock.now();
    let raw = RawNotice {
        verb: incoming.verb,
        path: &incoming.path,
        query: &incoming.query,
        headers: &incoming.headers,
        body: &incoming.body,
        now,
    };
    let mut heard = channel.notice(&raw);
    let unsigned = |refused: &Refused| refused.check == Check::Signature;
    if heard.as_ref().is_err_and(unsigned)
        && let Some(knowing) = keys::learn_for(till, &account, &incoming.headers).await
        && let Some(channel) = knowing.open_channel()
    {
        heard = channel.notice(&raw);
    }
    let verdict = match heard {
        Ok(notice) => judge(till, &account, notice, &incoming, now).await?,
        Err(refused) => {
            if let Some(no) = refused.ask_about {
                ask_soon(till, &account, &no, now).await?;
            }
            Verdict::Refused(refused.check, refused.reason)
        }
    };
    let accepted = match verdict {
        Verdict::Accepted(word) => {
            count(&account, word);
            true
        }
        Verdict::Refused(check, reason) => {
            count(&account, check.as_str());
            tracing::warn!(account = %account.facts.id, %check, reason, "a notice was refused");
            let refused = log::Refusal::at(check);
            log::keep_refused(till, &account, &incoming, refused, now).await?;
            false
        }
        Verdict::Unconfirmed(word, attempt) => {
            count(&account, Check::Confirmed.as_str());
            tracing::warn!(account = %account.facts.id, check = %Check::Confirmed, word,
                "the channel does not confirm a notice");
            let refused = log::Refusal {
                word,
                attempt: Some(attempt),
                ..log::Refusal::at(Check::Confirmed)
            };
            log::keep_refused(till, &account, &incoming, refused, now).await?;
            false
        }
        Verdict::Stray(stray) => {
            count(&account, Check::Attempt.as_str());
            tracing::warn!(account = %account.facts.id, check = %Check::Attempt,
                "an authentic notice names no attempt of its account");
            let refused = log::Refusal {
                stray: Some(stray),
                ..log::Refusal::at(Check::Attempt)
            };
            log::keep_refused(till, &account, &incoming, refused, now).await?;
            false
        }
    };
    crate::fault::point("before_answer");
    Ok(Some(channel.answer(accepted)))
}

fn count(account: &Account, verdict: &'static str) {
    metrics::counter!("vendgate_callbacks_total",
        "account" => account.facts.id.to_string(), "verdict" => verdict)
    .increment(1);
}

/// Checks 7 to 11.
async fn judge(
    till: &Till,
    account: &Account,
    notice: Notice,
    incoming: &Incoming,
    now: Millis,
) -> Result<Verdict, Error> {
    if notice.is_aside() {
        let row = log::row(till, account, incoming, notice.status.as_str(), None, now);
        till.store.write(move |db| insert_notice(db, &row)).await?;
        return Ok(Verdict::Accepted("aside"));
    }
    let (no, id) = (notice.merchant_no.clone(), account.facts.id.clone());
    let trade_no = notice.channel_trade_no.clone();
    let found = till
        .store
        .read(move |db| -> Result<_, Error> {
            let Some(attempt) = store::by_merchant_no(db, &no)? else {
                return Ok(None);
            };
            let first = store::receipt_by_trade_no(db, &id, &trade_no)?;
            Ok(Some((attempt, first)))
        })
        .await?;
    // 7: ours, and made here. An authentic notice that names another account's attempt is the
    // attack X04/X06; our own attempt is asked about where it was made, and this account's
    // channel about the money it told of.
    let stray = Stray::new(
        &account.facts.id,
        &notice.merchant_no,
        &notice.channel_trade_no,
        now,
    );
    let Some((attempt, first)) = found else {
        return Ok(Verdict::Stray(stray));
    };
    if attempt.account_id != account.facts.id {
        check_by(till, &attempt, now).await?;
        return Ok(Verdict::Stray(stray));
    }
    // 8: only paid goes on; everything else is stored and answered with success.
    if notice.status != NoticeStatus::Paid {
        let row = log::row(
            till,
            account,
            incoming,
            notice.status.as_str(),
            Some(&attempt),
            now,
        );
        let declined = (notice.status == NoticeStatus::Failed).then(|| attempt.id.clone());
        let refunded = (notice.status == NoticeStatus::Refund).then(|| attempt.id.clone());
        till.store
            .write(move |db| -> Result<(), StoreError> {
                insert_notice(db, &row)?;
                if let Some(id) = &refunded {
                    refund::store::hasten(db, id, now)?;
                }
                match &declined {
                    Some(id) => store::mark_declined(db, id, now),
                    None => Ok(()),
                }
            })
            .await?;
        if notice.status != NoticeStatus::Ignore {
            check_by(till, &attempt, now).await?;
        }
        return Ok(Verdict::Accepted("noted"));
    }
    // 10 before 9: a repeat of what is settled is a success, with no second query, whether it
    // tells the amount that was asked for or the one that came.
    let exact = notice.amount == Some(attempt.amount) && notice.currency == Some(attempt.currency);
    if let Some(first) = first {
        if first.attempt_id.as_ref() != Some(&attempt.id) {
            return taken(till, account, &attempt, &notice).await;
        }
        // Also when more or less came than was asked: what came is settled.
        let same = notice.amount == Some(first.amount) && notice.currency == Some(first.currency);
        if exact || same {
            return Ok(Verdict::Accepted("repeated"));
        }
    }
    // 9: the wrong amount leaves the order untouched; the channel is asked what really came.
    if !exact {
        check_by(till, &attempt, now).await?;
        return Ok(Verdict::Refused(
            Check::Amount,
            "the amount or currency differs",
        ));
    }
    // 11: asked before goods leave, where the account or the order wants it.
    let must_confirm = account.channel.as_ref().is_ok_and(|c| c.confirm_by_query());
    let row = || log::row(till, account, incoming, "accepted", Some(&attempt), now);
    if !must_confirm {
        let fact = ReceiptFact {
            attempt: attempt.id.clone(),
            account: account.facts.id.clone(),
            channel_trade_no: notice.channel_trade_no,
            amount: attempt.amount,
            currency: attempt.currency,
            paid_at: notice.paid_at,
            source: Source::Notice,
            asked: false,
            given_back: notice.given_back,
        };
        match settle(till, fact, Some(row())).await? {
            // The order has ended: the notice alone pays nothing any more.
            Settled::AskFirst => {}
            done => return Ok(settled(done)),
        }
    }
    match confirm::confirm(till, &attempt)
        .await
        .map(QueryAnswer::money)
    {
        Ok(Ok(money)) => {
            let fact = fact_of(&attempt, money, Source::Notice);
            Ok(settled(settle(till, fact, Some(row())).await?))
        }
        Ok(Err(_)) => confirm::contradicted(till, account, &attempt, now).await,
        Err(_) => {
            check_by(till, &attempt, now + 5 * SECOND).await?;
            Ok(Verdict::Unconfirmed("unconfirmed", attempt.id))
        }
    }
}

fn settled(settled: Settled) -> Verdict {
    match settled {
        Settled::Captured { .. } => Verdict::Accepted("captured"),
        Settled::Repeated => Verdict::Accepted("repeated"),
        Settled::Set(_) => Verdict::Accepted("set_aside"),
        Settled::AskFirst => Verdict::Refused(Check::Confirmed, "the order has ended"),
        Settled::TradeNoTaken => {
            Verdict::Refused(Check::TradeNo, "the number belongs to another attempt")
        }
    }
}

/// Check 10 failed: the number pays another attempt. `settle` refuses it again under the lock
/// and raises the alarm, so that there is one place which does.
async fn taken(
    till: &Till,
    account: &Account,
    attempt: &Attempt,
    notice: &Notice,
) -> Result<Verdict, Error> {
    let fact = ReceiptFact {
        attempt: attempt.id.clone(),
        account: account.facts.id.clone(),
        channel_trade_no: notice.channel_trade_no.clone(),
        amount: notice.amount.unwrap_or(attempt.amount),
        currency: notice.currency.unwrap_or(attempt.currency),
        paid_at: notice.paid_at,
        source: Source::Notice,
        asked: true,
        given_back: notice.given_back,
    };
    Ok(settled(settle(till, fact, None).await?))
}

async fn check_by(till: &Till, attempt: &Attempt, now: Millis) -> Result<(), StoreError> {
    let id = attempt.id.clone();
    till.store
        .write(move |db| store::check_by(db, &id, now))
        .await
}

/// An authentic notice with a stale time: dropping it would drop money.
async fn ask_soon(till: &Till, account: &Account, no: &str, now: Millis) -> Result<(), StoreError> {
    let (no, account) = (no.to_owned(), account.facts.id.clone());
    till.store
        .write(move |db| -> Result<(), StoreError> {
            match store::by_merchant_no(db, &no)? {
                Some(attempt) if attempt.account_id == account => {
                    store::check_by(db, &attempt.id, now)
                }
                _ => Ok(()),
            }
        })
        .await
}
