//! `mail` and `ledger`: what staff look at.

use clap::Subcommand;
use serde_json::json;

use super::{Failed, print};
use crate::app::Desk;
use crate::clock::{Clock, SystemClock};
use crate::ids::OutboxId;
use crate::ledger;
use crate::notify::outbox::{self, Filter, Kind, Resent};
use crate::staff;

#[derive(Debug, Subcommand)]
pub(super) enum MailCommand {
    /// The queue, newest first.
    List {
        #[arg(long)]
        json: bool,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: i64,
    },
    /// Send one again, with the same Message-ID.
    Resend { id: String },
}

#[derive(Debug, Subcommand)]
pub(super) enum LedgerCommand {
    /// Check the whole book; exit code 1 if anything is wrong.
    Verify {
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn mail(desk: &Desk, command: MailCommand) -> Result<(), Failed> {
    match command {
        MailCommand::List { json, limit } => {
            let filter = Filter {
                kind: Some(Kind::Mail),
                ..Filter::default()
            };
            let rows = desk
                .store
                .read(move |db| outbox::list(db, filter, None, limit))
                .await?;
            if json {
                return print(&json!(rows).to_string());
            }
            let mut text = String::new();
            for row in rows {
                text.push_str(&format!(
                    "{}  {:<22} {:<8} tries {}  {}\n",
                    row.id,
                    row.topic,
                    row.state,
                    row.tries,
                    row.last_error.unwrap_or_default()
                ));
            }
            print(&text)
        }
        MailCommand::Resend { id } => {
            let now = SystemClock.now();
            let id = OutboxId(id);
            let resent = desk
                .store
                .write(move |db| outbox::resend(db, &id, now))
                .await?;
            match resent {
                Resent::Queued => print("queued"),
                Resent::Running => Err(Failed::Told("it is being sent right now".into())),
                Resent::Unknown => Err(Failed::Told("no such mail".into())),
            }
        }
    }
}

pub(super) async fn ledger(desk: &Desk, command: LedgerCommand) -> Result<(), Failed> {
    let LedgerCommand::Verify { json } = command;
    let mut report = ledger::verify::verify(&desk.store, SystemClock.now())
        .await
        .map_err(|e| Failed::Told(e.to_string()))?;
    report.checks.push(staff::audit::check(&desk.store).await?);
    if json {
        print(&json!(report).to_string())?;
    } else {
        print(&report.to_string())?;
    }
    if report.ok() {
        Ok(())
    } else {
        Err(Failed::Told("the book does not hold".into()))
    }
}
