//! The callback pipeline: eleven checks, fail-closed, then `settle` (spec/standard.md).
//!
//! Checks 1 and 3 to 6 are the channel's; 2 and 7 to 11 are here. An accepted notice is stored
//! whole in the settling write; a refused one is stored shortened, and only so many a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use diesel::prelude::*;

use super::model::{Attempt, Error, ReceiptFact, Source};
use super::poll;
use super::settle::{Settled, fact_of, settle};
use super::store;
use super::till::Till;
use crate::account::{Account, AccountState};
use crate::case::{self, CaseKind, NewCase};
use crate::channel::{Check, HttpAnswer, Notice, NoticeStatus, QueryAnswer, RawNotice, Verb};
use crate::clock::{DAY, MINUTE, Millis, SECOND};
use crate::ids::{AccountId, AttemptId, NoticeId};
use crate::money::Money;
use crate::order::State;
use crate::store::schema::notice;
use crate::store::{Db, StoreError};

/// Largest body of a notice.
pub const LARGEST: usize = 256 * 1024;
/// How long check 11 may take.
const CONFIRM_BUDGET: Duration = Duration::from_millis(2_500);
/// Of a refused notice this much is kept.
const KEPT: usize = 8 * 1024;
/// Notices are kept this long.
const RETENTION: Millis = 400 * DAY;

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
}

/// A row of the raw log.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = notice, treat_none_as_default_value = false)]
pub struct NoticeRow {
    id: NoticeId,
    account_id: AccountId,
    at: Millis,
    verb: String,
    query: String,
    headers: String,
    body: Vec<u8>,
    source_ip: String,
    verdict: String,
    failed_check: Option<Check>,
    attempt_id: Option<AttemptId>,
}

/// Writes a row of the raw log.
pub(super) fn insert_notice(db: &mut Db, row: &NoticeRow) -> Result<(), StoreError> {
    diesel::insert_into(notice::table).values(row).execute(db)?;
    Ok(())
}

/// Forgets notices past their retention, at most 500 at once; how many.
pub async fn forget_old(till: &Till) -> Result<usize, StoreError> {
    let before = till.clock.now() - RETENTION;
    till.store
        .write(move |db| {
            let old: Vec<NoticeId> = notice::table
                .filter(notice::at.lt(before))
                .order(notice::at)
                .limit(500)
                .select(notice::id)
                .load(db)?;
            Ok(diesel::delete(notice::table.filter(notice::id.eq_any(old))).execute(db)?)
        })
        .await
}

/// What to do with a notice.
enum Verdict {
    /// Done; the success literal, stored as this.
    Accepted(&'static str),
    /// Not ours, not authentic, or not now: the failure literal.
    Refused(Check, &'static str),
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
    let channel = match &account.channel {
        Ok(channel) if account.facts.state != AccountState::Off => channel.clone(),
        _ => {
            count(&account, "account");
            let refusal = HttpAnswer {
                status: 403,
                content_type: "text/plain; charset=utf-8",
                body: "fail",
            };
            return Ok(Some(refusal));
        }
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
    let verdict = match channel.notice(&raw) {
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
            keep_refused(till, &account, &incoming, check, now).await?;
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
    let (no, id) = (notice.merchant_no.clone(), account.facts.id.clone());
    let trade_no = notice.channel_trade_no.clone();
    let found = till
        .store
        .read(move |db| -> Result<_, Error> {
            let Some(attempt) = store::by_merchant_no(db, &no)? else {
                return Ok(None);
            };
            let order = crate::order::store::by_id(db, &attempt.order_id)?.state;
            let first = store::receipt_by_trade_no(db, &id, &trade_no)?;
            Ok(Some((attempt, order, first)))
        })
        .await?;
    // 7: ours, and made here. An authentic notice that names another account's attempt is the
    // attack X04/X06; our own attempt is asked about where it was made.
    let Some((attempt, order, first)) = found else {
        return Ok(Verdict::Refused(Check::Attempt, "no such attempt"));
    };
    if attempt.account_id != account.facts.id {
        check_by(till, &attempt, now).await?;
        return Ok(Verdict::Refused(Check::Attempt, "made on another account"));
    }
    // 8: only paid goes on; everything else is stored and answered with success.
    if notice.status != NoticeStatus::Paid {
        let row = row(
            till,
            account,
            incoming,
            notice.status.as_str(),
            Some(&attempt),
            now,
        );
        let declined = (notice.status == NoticeStatus::Failed).then(|| attempt.id.clone());
        till.store
            .write(move |db| -> Result<(), StoreError> {
                insert_notice(db, &row)?;
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
    let ended = matches!(order, State::Expired | State::Cancelled);
    let must_confirm = account.channel.as_ref().is_ok_and(|c| c.confirm_by_query()) || ended;
    let row = row(till, account, incoming, "accepted", Some(&attempt), now);
    if !must_confirm {
        let fact = ReceiptFact {
            attempt: attempt.id.clone(),
            account: account.facts.id.clone(),
            channel_trade_no: notice.channel_trade_no,
            amount: attempt.amount,
            currency: attempt.currency,
            paid_at: notice.paid_at,
            source: Source::Notice,
        };
        return Ok(settled(settle(till, fact, Some(row)).await?));
    }
    let limits = poll::brief(CONFIRM_BUDGET);
    match poll::query(till, &attempt, limits).await {
        Ok(QueryAnswer::Paid(paid)) => {
            let fact = fact_of(&attempt, paid, Source::Notice);
            Ok(settled(settle(till, fact, Some(row)).await?))
        }
        Ok(_) => contradicted(till, account, &attempt, row, now).await,
        Err(_) => {
            let (id, row) = (attempt.id.clone(), row.with_verdict("unconfirmed"));
            till.store
                .write(move |db| -> Result<(), StoreError> {
                    insert_notice(db, &row)?;
                    store::check_by(db, &id, now + 5 * SECOND)
                })
                .await?;
            Ok(Verdict::Refused(
                Check::Confirmed,
                "the channel did not answer",
            ))
        }
    }
}

fn settled(settled: Settled) -> Verdict {
    match settled {
        Settled::Captured { .. } => Verdict::Accepted("captured"),
        Settled::Repeated => Verdict::Accepted("repeated"),
        Settled::Set(_) => Verdict::Accepted("set_aside"),
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
    };
    Ok(settled(settle(till, fact, None).await?))
}

/// The notice says paid, the channel says not (F30): held, a critical case, nothing delivered.
async fn contradicted(
    till: &Till,
    account: &Account,
    attempt: &Attempt,
    row: NoticeRow,
    now: Millis,
) -> Result<Verdict, Error> {
    let (seed, promises) = (till.seed(), till.promises());
    let row = row.with_verdict("contradicted");
    let money = Money::new(attempt.amount, attempt.currency);
    let new = NewCase {
        kind: CaseKind::Contradicted,
        cause: format!("contradicted/{}", attempt.id),
        money,
        proposal: "investigate",
        summary: format!(
            "A signed notice says that attempt {} ({}) at {} is paid, but the channel itself says \
             it is not. Nothing was delivered. If the key leaked, change it now.",
            attempt.merchant_no,
            money.display_with_code(),
            account.facts.id
        ),
        order_id: Some(attempt.order_id.clone()),
        attempt_id: Some(attempt.id.clone()),
        receipt_id: None,
        refund_id: None,
        account_id: Some(account.facts.id.clone()),
    };
    let id = attempt.id.clone();
    till.store
        .write(move |db| -> Result<(), StoreError> {
            let random = seed.random();
            insert_notice(db, &row)?;
            case::open(db, &promises, new.clone(), &random, now)?;
            store::check_by(db, &id, now + 5 * SECOND)
        })
        .await?;
    Ok(Verdict::Refused(
        Check::Confirmed,
        "the channel says it is not paid",
    ))
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

/// Keeps a refused notice, shortened; the account's quota of the minute allows ten a source.
async fn keep_refused(
    till: &Till,
    account: &Account,
    incoming: &Incoming,
    check: Check,
    now: Millis,
) -> Result<(), StoreError> {
    if !till
        .refused
        .allows(&account.facts.id, &incoming.source_ip, now)
    {
        return Ok(());
    }
    let mut row = row(till, account, incoming, "refused", None, now);
    row.failed_check = Some(check);
    row.body.truncate(KEPT);
    row.query = shorten(&row.query, KEPT);
    row.headers = shorten(&row.headers, KEPT);
    till.store.write(move |db| insert_notice(db, &row)).await
}

/// How many refused notices are kept of one account and source each minute; the rest is only
/// counted, so that nobody can fill the disk. In memory: a restart begins anew.
#[derive(Default)]
pub struct RefusedQuota(Mutex<HashMap<(AccountId, String), (Millis, u32)>>);

impl RefusedQuota {
    const EACH_MINUTE: u32 = 10;

    fn allows(&self, account: &AccountId, source: &str, now: Millis) -> bool {
        let minute = now / MINUTE;
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() > 10_000 {
            seen.retain(|_, (at, _)| *at == minute);
        }
        let (at, count) = seen
            .entry((account.clone(), source.to_owned()))
            .or_insert((minute, 0));
        if *at != minute {
            (*at, *count) = (minute, 0);
        }
        *count += 1;
        *count <= Self::EACH_MINUTE
    }
}

fn row(
    till: &Till,
    account: &Account,
    incoming: &Incoming,
    verdict: &str,
    attempt: Option<&Attempt>,
    now: Millis,
) -> NoticeRow {
    NoticeRow {
        id: NoticeId::new(now, &*till.random),
        account_id: account.facts.id.clone(),
        at: now,
        verb: match incoming.verb {
            Verb::Get => "GET",
            Verb::Post => "POST",
        }
        .to_owned(),
        query: incoming.query.clone(),
        headers: serde_json::json!(incoming.headers).to_string(),
        body: incoming.body.clone(),
        source_ip: incoming.source_ip.clone(),
        verdict: verdict.to_owned(),
        failed_check: None,
        attempt_id: attempt.map(|a| a.id.clone()),
    }
}

impl NoticeRow {
    fn with_verdict(mut self, verdict: &str) -> Self {
        verdict.clone_into(&mut self.verdict);
        self
    }
}

fn shorten(text: &str, most: usize) -> String {
    text.chars().take(most / 4).collect()
}
