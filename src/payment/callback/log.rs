//! The raw log: what channels sent, whole when it was accepted, shortened and rationed when not.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use diesel::prelude::*;

use super::Incoming;
use crate::account::Account;
use crate::channel::{Check, Verb};
use crate::clock::{DAY, MINUTE, Millis};
use crate::ids::{AccountId, AttemptId, NoticeId};
use crate::payment::model::Attempt;
use crate::payment::stray::{self, Stray};
use crate::payment::till::Till;
use crate::store::schema::notice;
use crate::store::{Db, StoreError};

/// Of a refused notice this much is kept.
const KEPT: usize = 8 * 1024;
/// Notices are kept this long.
const RETENTION: Millis = 400 * DAY;

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
pub(in crate::payment) fn insert_notice(db: &mut Db, row: &NoticeRow) -> Result<(), StoreError> {
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

/// Why a notice is refused, as far as it is kept.
pub(super) struct Refusal {
    /// The verdict it is stored with.
    pub(super) word: &'static str,
    /// The check that fired.
    pub(super) check: Check,
    /// The attempt it is about, if that is known.
    pub(super) attempt: Option<AttemptId>,
    /// The payment it told of, if no attempt is.
    pub(super) stray: Option<Stray>,
}

impl Refusal {
    /// Refused at a check, with nothing more known.
    pub(super) fn at(check: Check) -> Self {
        Refusal {
            word: "refused",
            check,
            attempt: None,
            stray: None,
        }
    }
}

/// Keeps a refused notice, shortened, and the stray it told of: ten a minute of each account and
/// source, strays counted apart, so that a flood of notices hides no money.
pub(super) async fn keep_refused(
    till: &Till,
    account: &Account,
    incoming: &Incoming,
    refusal: Refusal,
    now: Millis,
) -> Result<(), StoreError> {
    let (id, network) = (&account.facts.id, &incoming.network);
    let stray = refusal
        .stray
        .filter(|_| till.refused.allows(id, &format!("stray {network}"), now));
    let row = till.refused.allows(id, network, now).then(|| {
        let mut row = row(till, account, incoming, refusal.word, None, now);
        row.attempt_id = refusal.attempt;
        row.failed_check = Some(refusal.check);
        row.body.truncate(KEPT);
        row.query = shorten(&row.query, KEPT);
        row.headers = shorten(&row.headers, KEPT);
        row
    });
    if stray.is_none() && row.is_none() {
        return Ok(());
    }
    till.store
        .write(move |db| {
            if let Some(stray) = &stray {
                stray::remember(db, stray)?;
            }
            match &row {
                Some(row) => insert_notice(db, row),
                None => Ok(()),
            }
        })
        .await
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

/// A row for a notice of this account, made now.
pub(super) fn row(
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

fn shorten(text: &str, most: usize) -> String {
    text.chars().take(most / 4).collect()
}
