//! Learning the keys that channels sign with, where they change by themselves.
//!
//! Each node asks when it opens an account and every few hours after that, long before a new key
//! signs anything; and at once when a message names a key it does not know, but never twice
//! within a minute, for anybody can name one. What is learned lives as long as the open account:
//! a node that begins anew asks anew, with the keys of the configuration to begin with.

use std::sync::Arc;
use std::time::Duration;

use super::poll::brief;
use super::till::Till;
use crate::account::{Account, When};
use crate::channel::{Class, Failure};
use crate::clock::{DAY, Millis};
use crate::ids::AccountId;
use crate::notify::Alarm;
use crate::notify::alert::Severity;
use crate::outbound::Reach;
use crate::store::StoreError;

/// How long an answer is waited for; a notice may wait with it.
const BUDGET: Duration = Duration::from_secs(3);

/// Asks for the keys of every account that has not asked for hours; how many it learned.
pub async fn renew(till: &Till) -> usize {
    let mut learned = 0;
    for account in till.accounts.all().iter() {
        learned += usize::from(learn(till, account, When::Due).await.is_some());
    }
    learned
}

/// The account, knowing more, if a message with these headers names a key that was not known and
/// the channel has told its keys just now.
pub(super) async fn learn_for(
    till: &Till,
    account: &Arc<Account>,
    headers: &[(String, String)],
) -> Option<Arc<Account>> {
    let unknown = account.open_channel()?.keys()?.is_unknown(headers);
    if !unknown {
        return None;
    }
    learn(till, account, When::Wanted).await
}

async fn learn(till: &Till, account: &Arc<Account>, when: When) -> Option<Arc<Account>> {
    let (id, now) = (&account.facts.id, till.clock.now());
    let keys = account.open_channel()?.keys()?;
    if !till.accounts.may_ask_keys(id, when, now) {
        return None;
    }
    let request = keys.ask(now, &till.random.bytes());
    let sent = till
        .outbound
        .send(&request, Reach::Configured, brief(BUDGET))
        .await;
    let reply = match sent {
        Ok(reply) => reply,
        Err(error) => {
            tracing::warn!(account = %id, %error, "a channel could not be asked for its keys");
            return None;
        }
    };
    match keys.learn(now, &reply) {
        Ok(channel) => {
            till.accounts.told_keys(id, now);
            Some(till.accounts.replace(account, channel))
        }
        Err(failure) => {
            tracing::warn!(account = %id, %failure, "the keys of a channel could not be learned");
            if let Err(cause) = alarm(till, id, &failure, now).await {
                tracing::error!(account = %id, %cause, "nobody could be told of it");
            }
            None
        }
    }
}

/// An answer that is a no, or makes no sense, will be the same tomorrow: the owner is told, once
/// a day.
async fn alarm(
    till: &Till,
    id: &AccountId,
    failure: &Failure,
    now: Millis,
) -> Result<(), StoreError> {
    if !matches!(failure.class, Class::Misconfigured | Class::Unknown) {
        return Ok(());
    }
    let (seed, promises, day) = (till.seed(), till.promises(), now.div_euclid(DAY));
    let (cause, body) = (
        format!("keys_unlearned/{id}/{day}"),
        format!(
            "The keys that the channel of account {id} signs with could not be learned: {failure}. \
             What it signs with a new key is not believed until they can: check the credentials \
             of the account, and whether the channel still gives out certificates."
        ),
    );
    till.store
        .write(move |db| -> Result<(), StoreError> {
            let alarm = Alarm {
                kind: "keys_unlearned",
                cause: &cause,
                severity: Severity::Critical,
                body: body.clone(),
            };
            promises.alarm(db, &seed.random(), alarm, now)
        })
        .await
}
