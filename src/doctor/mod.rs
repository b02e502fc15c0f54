//! The doctor: whether everything the shop stands on is well, and what to do where it is not.
//!
//! Comes in: the configuration. Goes out: a [`Report`] with a finding for each thing that was
//! looked at. Nothing is changed, no mail is sent. Each file looks at one area; what is found is
//! judged by functions that ask nobody.

mod address;
mod channels;
mod database;
mod disk;
mod files;
mod peers;
mod people;
mod report;
mod time;

use diesel::prelude::*;

use crate::account::{self, AccountRow};
use crate::app;
use crate::clock::{Clock, Millis, SystemClock};
use crate::config::{self, Config};
use crate::outbound::{Outbound, Policy};
use crate::settings::{self, Settings};
use crate::staff;
use crate::stock::withheld;
use crate::store::schema::{journal, orders, outbox};
use crate::store::{self, Db, Store, StoreError};

pub use report::{Finding, Level, Report};
use report::{bad, ok, warn};

/// A report on a configuration that cannot be used: there is nothing else to look at.
pub fn without_configuration(cause: &str) -> Report {
    let todo = "mend it: the shop does not start";
    Report {
        findings: vec![bad("configuration", cause, todo)],
    }
}

/// Looks at everything.
pub async fn examine(config: &Config, env: &dyn Fn(&str) -> Option<String>) -> Report {
    let clock = &SystemClock;
    let base_url = config.base_url_at(config.listen);
    let (file, _) = config::file_at(env, &config.data);
    let mut findings = vec![
        files::configuration(&file, files::mode(&file)),
        address::base_url(&base_url, config.base_url.is_some()),
        address::proxies(&base_url, &config.trusted_proxies),
        disk::judge(disk::probe(&config.data), &config.data),
    ];
    let probe = store::probe(&config.database);
    match &probe {
        Err(cause) => findings.push(database::unopened(&config.database, &cause.to_string())),
        Ok(None) => findings.push(database::absent(&config.database)),
        Ok(Some(found)) => {
            findings.extend(database::judge(&config.database, found));
            if let Some(theirs) = found.clock {
                let who = "the database's server";
                findings.push(time::against(who, theirs, clock.now(), 0));
            }
        }
    }
    findings.push(peers::redis(config.redis_url.as_deref()).await);
    let current =
        matches!(&probe, Ok(Some(found)) if found.pending == Ok(0) && found.schema.is_some());
    let known = match current {
        true => known(config, clock, &mut findings),
        false => None,
    };
    let settings = known.as_ref().map(|known| known.settings.clone());
    let from = settings.unwrap_or_default().mail_from;
    findings.push(peers::mail(config.smtp_url.as_deref(), &config.data, &from).await);
    findings.extend(keys_and_channels(config, known, clock).await);
    Report { findings }
}

/// What the shop's own rows say.
struct Known {
    settings: Settings,
    accounts: Vec<AccountRow>,
}

fn known(config: &Config, clock: &dyn Clock, findings: &mut Vec<Finding>) -> Option<Known> {
    let read = Store::look(&config.database, |db| -> Result<_, StoreError> {
        let known = Known {
            settings: settings::read(db)?,
            accounts: account::store::all(db)?,
        };
        let staff = staff::store::all(db)?;
        Ok((known, newest(db)?, withheld::withheld(db)?, staff))
    });
    match read {
        Err(cause) => {
            findings.push(database::unopened(&config.database, &cause.to_string()));
            None
        }
        Ok(None) => None,
        Ok(Some((known, newest, withheld, staff))) => {
            findings.push(people::judge(&staff));
            findings.extend(time::newest_row(newest, clock.now()));
            for withheld::Withheld { sku, units } in withheld {
                findings.push(warn(
                    "stock",
                    format!("{sku}: {units} unsold are withheld since the database was restored"),
                    "`vendgate cards release` says which are on sale again (docs/OPERATIONS.md)",
                ));
            }
            Some(known)
        }
    }
}

/// The time of the newest row; ids of rows begin with their time.
fn newest(db: &mut Db) -> Result<Option<Millis>, StoreError> {
    let order: Option<Millis> = orders::table
        .order(orders::id.desc())
        .select(orders::created_at)
        .first(db)
        .optional()?;
    let promise: Option<Millis> = outbox::table
        .order(outbox::id.desc())
        .select(outbox::created_at)
        .first(db)
        .optional()?;
    let entry: Option<Millis> = journal::table
        .order(journal::id.desc())
        .select(journal::at)
        .first(db)
        .optional()?;
    Ok(order.max(promise).max(entry))
}

async fn keys_and_channels(
    config: &Config,
    known: Option<Known>,
    clock: &dyn Clock,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let file = app::key_file(&config.data);
    let ring = match app::ring_of(config) {
        Ok(Some(ring)) => ring,
        Ok(None) => {
            let todo = "the first start makes one; keep a copy apart from the backups";
            findings.push(warn(
                "key",
                "there is none yet, and nothing is sealed",
                todo,
            ));
            return findings;
        }
        Err(cause) => {
            let todo = "the shop does not start without its own key";
            findings.push(bad("key", cause.to_string(), todo));
            return findings;
        }
    };
    findings.push(ok(
        "key",
        format!("the ring in {} opens the database", ring.place),
    ));
    if ring.place == app::Place::File(file.clone())
        && let Some(mode) = files::mode(&file)
    {
        let at = std::path::absolute(&file).unwrap_or(file);
        findings.extend(files::key(&at, mode));
    }
    let Some(known) = known else {
        return findings;
    };
    let policy = Policy {
        allow: config.webhook_hosts.clone(),
    };
    match Outbound::new(policy) {
        Ok(outbound) => {
            let seen = channels::look(&known.accounts, &ring.sealer, &outbound, clock).await;
            findings.extend(seen);
        }
        Err(cause) => findings.push(bad("channels", cause.to_string(), "reinstall the program")),
    }
    findings
}

#[cfg(test)]
mod tests;
