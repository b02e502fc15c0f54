//! `apply`, `export` and `cards`: what the shop sells.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;

use super::{Failed, print};
use crate::app::Desk;
use crate::apply::{self, Tools, cards, release};
use crate::clock::SystemClock;
use crate::ids::BatchId;
use crate::random::SystemRandom;

#[derive(Debug, Subcommand)]
pub(super) enum CardsCommand {
    /// Import a file of cards: .csv, or one card a line.
    Import {
        file: PathBuf,
        /// The variant's sku.
        #[arg(long)]
        variant: String,
        /// Tell what would happen, and write nothing.
        #[arg(long)]
        dry_run: bool,
        #[arg(long)]
        json: bool,
    },
    /// The imports of a variant.
    Batches {
        /// The variant's sku.
        #[arg(long)]
        variant: String,
        #[arg(long)]
        json: bool,
    },
    /// Put what a restore withheld on sale again, without what may have left since the backup.
    Release {
        /// The variant's sku.
        #[arg(long)]
        variant: String,
        /// Nothing was ordered since the backup.
        #[arg(long, conflicts_with_all = ["but_first", "delivered"])]
        all: bool,
        /// At most so many units were ordered since the backup, paid or not: the oldest cards, and
        /// those that orders held, are given up for good.
        #[arg(long, value_name = "N", required_unless_present_any = ["all", "delivered"],
            value_parser = clap::value_parser!(i64).range(0..))]
        but_first: Option<i64>,
        /// A file of cards that buyers have: .csv, or one card a line. They are given up for good.
        #[arg(long, value_name = "FILE")]
        delivered: Option<PathBuf>,
        #[arg(long)]
        json: bool,
    },
    /// Take the unsold cards of an import out of sale.
    Withdraw {
        batch: String,
        #[arg(long)]
        json: bool,
    },
}

fn tools(desk: &Desk) -> Tools<'_> {
    Tools {
        store: &desk.store,
        sealer: &desk.sealer,
        clock: &SystemClock,
        random: &SystemRandom,
    }
}

/// The same thing for people or for programs.
fn show<T: serde::Serialize + std::fmt::Display>(found: &T, as_json: bool) -> Result<(), Failed> {
    if as_json {
        print(&json!(found).to_string())
    } else {
        print(&found.to_string())
    }
}

fn told(error: impl std::fmt::Display) -> Failed {
    Failed::Told(error.to_string())
}

pub(super) async fn apply(
    desk: &Desk,
    file: &Path,
    dry_run: bool,
    json: bool,
) -> Result<(), Failed> {
    let report = apply::apply(tools(desk), file, dry_run)
        .await
        .map_err(told)?;
    show(&report, json)
}

pub(super) async fn export(desk: &Desk) -> Result<(), Failed> {
    print(&apply::export(tools(desk)).await.map_err(told)?)
}

pub(super) async fn cards(desk: &Desk, command: CardsCommand) -> Result<(), Failed> {
    match command {
        CardsCommand::Import {
            file,
            variant,
            dry_run,
            json,
        } => {
            let done = cards::import(tools(desk), &file, &variant, dry_run)
                .await
                .map_err(told)?;
            show(&done, json)
        }
        CardsCommand::Batches { variant, json } => show(
            &cards::batches(&desk.store, &variant).await.map_err(told)?,
            json,
        ),
        CardsCommand::Release {
            variant,
            all: _,
            but_first,
            delivered,
            json,
        } => {
            let done = release::release(tools(desk), &variant, but_first, delivered.as_deref())
                .await
                .map_err(told)?;
            show(&done, json)
        }
        CardsCommand::Withdraw { batch, json } => {
            let done = cards::withdraw(tools(desk), &BatchId(batch))
                .await
                .map_err(told)?;
            show(&done, json)
        }
    }
}
