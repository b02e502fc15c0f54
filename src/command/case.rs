//! `case`: what staff decide about money (docs/CASES.md).

use std::io::Read;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Failed, case_view, print};
use crate::app::{App, Desk};
use crate::case;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::ids::CaseId;
use crate::money::Money;
use crate::payment::{self, CaseAction, LONGEST_CONTENT};
use crate::seal::Secret;
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
    /// One case: its order, what the buyer wrote, its notes, and what may be done now.
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
        #[command(flatten)]
        contents: Contents,
    },
    /// Send the money back: what is held, or what of the order was not delivered.
    Refund {
        id: String,
        /// Why, for the record.
        #[arg(long)]
        note: String,
    },
    /// The refund went back: you saw it in the channel's console.
    WentBack {
        id: String,
        /// How you know, for the record.
        #[arg(long)]
        note: String,
    },
    /// The refund did not go back: it is sent again with its number.
    DidNotGoBack {
        id: String,
        /// How you know, for the record.
        #[arg(long)]
        note: String,
        /// Do not send it again: the case is open for another decision.
        #[arg(long)]
        give_up: bool,
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

/// What a person delivers, one content for each unit, in the order of the order's lines.
#[derive(Debug, Args)]
pub(super) struct Contents {
    /// A file with the content of one unit; once for each unit. A line end at its end is not
    /// part of it.
    #[arg(long, value_name = "FILE")]
    content_file: Vec<PathBuf>,
    /// The content of one unit; once for each unit. Other users of this machine may see it: a
    /// file is safer.
    #[arg(long, value_name = "TEXT", conflicts_with = "content_file")]
    content: Vec<Secret>,
}

pub(super) async fn run(config: &Config, command: CaseCommand) -> Result<(), Failed> {
    match command {
        CaseCommand::List { all, json } => list(&Desk::open(config).await?, all, json).await,
        CaseCommand::Show { id, json } => {
            let desk = Desk::open(config).await?;
            let (id, now) = (CaseId(id), SystemClock.now());
            let found = desk
                .store
                .read(move |db| payment::case_view(db, &id, now))
                .await
                .map_err(|e| Failed::Told(e.to_string()))?
                .ok_or_else(|| Failed::Told("no such case".into()))?;
            let told = match json {
                true => case_view::json(&desk.sealer, &found)?.to_string(),
                false => case_view::text(&desk.sealer, &found)?,
            };
            print(&told)
        }
        CaseCommand::Deliver { id, note, contents } => {
            let action = CaseAction::Deliver(contents.read()?);
            act(config, id, action, &note).await
        }
        CaseCommand::Refund { id, note } => act(config, id, CaseAction::Refund, &note).await,
        CaseCommand::WentBack { id, note } => act(config, id, CaseAction::WentBack, &note).await,
        CaseCommand::DidNotGoBack { id, note, give_up } => {
            let action = match give_up {
                true => CaseAction::GiveUp,
                false => CaseAction::DidNotGoBack,
            };
            act(config, id, action, &note).await
        }
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

impl Contents {
    fn read(self) -> Result<Vec<Secret>, Failed> {
        let files = self.content_file.iter().map(|path| {
            let told = |why: &str| Failed::Told(format!("{}: {why}", path.display()));
            let mut bytes = Vec::new();
            // One byte more than may be tells that it is too long, without reading it all.
            let most = u64::try_from(LONGEST_CONTENT).map_or(u64::MAX, |most| most + 3);
            std::fs::File::open(path)
                .and_then(|file| file.take(most).read_to_end(&mut bytes))
                .map_err(|e| told(&e.to_string()))?;
            let text = String::from_utf8(bytes).map_err(|_| told("is not UTF-8 text"))?;
            let text = text.strip_suffix('\n').unwrap_or(&text);
            Ok(Secret::new(text.strip_suffix('\r').unwrap_or(text)))
        });
        let files: Vec<Secret> = files.collect::<Result<_, Failed>>()?;
        Ok(if files.is_empty() {
            self.content
        } else {
            files
        })
    }
}

async fn list(desk: &Desk, all: bool, as_json: bool) -> Result<(), Failed> {
    let cases = desk
        .store
        .read(move |db| case::store::list(db, !all, 500))
        .await?;
    if as_json {
        return print(&serde_json::json!(cases).to_string());
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

/// Who acts on this machine.
pub(super) fn actor() -> String {
    let user = std::env::var("USER").unwrap_or_default();
    format!("staff:{}", if user.is_empty() { "cli" } else { &user })
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
    let goes = match case.refund_id {
        Some(_) if case.state == "open" => "; it closes when its refund has gone back",
        _ => "",
    };
    print(&format!("{} is {}{goes}", case.id, case.state))
}
