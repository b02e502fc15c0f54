//! `case`, `mail` and `ledger`: what staff look at and decide.

use clap::Subcommand;
use serde_json::json;

use super::{Failed, print};
use crate::app::{App, Desk};
use crate::case;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::ids::{CaseId, OutboxId};
use crate::ledger;
use crate::money::Money;
use crate::notify::outbox::{self, Filter, Kind, Resent};
use crate::payment::{self, CaseAction};
use crate::store::StoreError;
use crate::zone::iso;

#[derive(Debug, Subcommand)]
pub(super) enum CaseCommand {
    /// Cases, the most urgent first.
    List {
        /// Closed ones too.
        #[arg(long)]
        all: bool,
        #[arg(long)]
        json: bool,
    },
    /// One case with its notes.
    Show {
        id: String,
        #[arg(long)]
        json: bool,
    },
    /// Hand the goods out for the money that came.
    Deliver {
        id: String,
        /// Why, for the record.
        #[arg(long)]
        note: String,
    },
    /// Send the money back.
    Refund {
        id: String,
        /// Why, for the record.
        #[arg(long)]
        note: String,
    },
    /// Write something down.
    Note { id: String, text: String },
    /// Nothing more is to be done, because of this.
    Close {
        id: String,
        #[arg(long)]
        note: String,
    },
}

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

/// Who acts on this machine.
fn actor() -> String {
    let user = std::env::var("USER").unwrap_or_default();
    format!("staff:{}", if user.is_empty() { "cli" } else { &user })
}

pub(super) async fn case(config: &Config, command: CaseCommand) -> Result<(), Failed> {
    match command {
        CaseCommand::List { all, json } => {
            let desk = Desk::open(config).await?;
            let cases = desk
                .store
                .read(move |db| case::store::list(db, !all, 500))
                .await?;
            if json {
                return print(&json!(cases).to_string());
            }
            let mut text = String::new();
            for case in &cases {
                let money = Money::new(case.amount, case.currency).display_with_code();
                text.push_str(&format!(
                    "{}  {:<14} {:<7} {:>16}  due {}  {}\n",
                    case.id,
                    case.kind.as_str(),
                    case.state,
                    money,
                    iso(case.due_at),
                    case.summary
                ));
            }
            if cases.is_empty() {
                text.push_str("no open case\n");
            }
            print(&text)
        }
        CaseCommand::Show { id, json } => show(&Desk::open(config).await?, CaseId(id), json).await,
        CaseCommand::Deliver { id, note } => act(config, id, CaseAction::Deliver, &note).await,
        CaseCommand::Refund { id, note } => act(config, id, CaseAction::Refund, &note).await,
        CaseCommand::Close { id, note } => {
            act(config, id, CaseAction::Close(note.clone()), &note).await
        }
        CaseCommand::Note { id, text } => {
            let till = till(config).await?;
            payment::add_note(&till, &CaseId(id), &actor(), &text)
                .await
                .map_err(|e| Failed::Told(e.to_string()))?;
            print("noted")
        }
    }
}

async fn show(desk: &Desk, id: CaseId, as_json: bool) -> Result<(), Failed> {
    let found = desk
        .store
        .read(move |db| -> Result<_, StoreError> {
            let case = case::store::by_id(db, &id)?;
            Ok((case, case::store::notes(db, &id)?))
        })
        .await?;
    let (Some(case), notes) = found else {
        return Err(Failed::Told("no such case".into()));
    };
    if as_json {
        let notes: Vec<_> = notes
            .iter()
            .map(|(at, who, what)| json!({"at": iso(*at), "actor": who, "body": what}))
            .collect();
        return print(&json!({"case": case, "notes": notes}).to_string());
    }
    let money = Money::new(case.amount, case.currency).display_with_code();
    let mut text = format!(
        "{} {} ({})\n{money}, due {}, proposal: {}\n{}\n",
        case.id,
        case.kind,
        case.state,
        iso(case.due_at),
        case.proposal,
        case.summary
    );
    if let Some(resolution) = &case.resolution {
        text.push_str(&format!("ended: {resolution}\n"));
    }
    for (at, who, what) in notes {
        text.push_str(&format!("{} {who}: {what}\n", iso(at)));
    }
    print(&text)
}

/// A till on the configured database; refunds and mails it promises are kept by the server.
async fn till(config: &Config) -> Result<payment::Till, Failed> {
    let base_url = config.base_url_at(config.listen);
    Ok(App::open_beside(config.clone(), base_url).await?.till())
}

async fn act(config: &Config, id: String, action: CaseAction, note: &str) -> Result<(), Failed> {
    let till = till(config).await?;
    let case = payment::act(&till, &CaseId(id), action, &actor(), note)
        .await
        .map_err(|e| Failed::Told(e.to_string()))?;
    print(&format!("{} is {}", case.id, case.state))
}

pub(super) async fn mail(desk: &Desk, command: MailCommand) -> Result<(), Failed> {
    match command {
        MailCommand::List { json, limit } => {
            let filter = Filter {
                kind: Some(Kind::Mail),
                state: None,
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
    let report = ledger::verify::verify(&desk.store, SystemClock.now())
        .await
        .map_err(|e| Failed::Told(e.to_string()))?;
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
