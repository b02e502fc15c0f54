//! Applying a file: read, check as a whole, write the configuration in one transaction, then load
//! the cards in batches.

use std::collections::HashSet;
use std::path::Path;

use super::diff::{CardLine, Report};
use super::error::ApplyError;
use super::file;
use super::plan::{self, Plan};
use super::read::Problems;
use super::store::{self, Stored};
use super::wish::{CardsWish, Wishes};
use crate::account;
use crate::catalog;
use crate::clock::Clock;
use crate::fault;
use crate::ids::SellerId;
use crate::random::Random;
use crate::seal::Sealer;
use crate::settings;
use crate::stock::import::Parsed;
use crate::stock::{self, Target};
use crate::store::{Db, Store};

/// The most rows one file may change: what one transaction holds. Cards do not count; they have
/// batches of their own.
pub const MOST_ROWS: usize = 500;

/// What applying needs from outside.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// The shop's database.
    pub store: &'a Store,
    /// Seals credentials, contents and cards.
    pub sealer: &'a Sealer,
    /// Stamps rows.
    pub clock: &'a dyn Clock,
    /// Makes ids, path tokens and nonces.
    pub random: &'a dyn Random,
}

impl<'a> Tools<'a> {
    /// The same for loading cards.
    pub(crate) fn stock(&self) -> stock::Tools<'a> {
        stock::Tools {
            sealer: self.sealer,
            clock: self.clock,
            random: self.random,
        }
    }
}

/// Applies a file, or (dry run) tells what would change. Whatever is wrong with it is told at
/// once, and then nothing has changed.
pub async fn apply(tools: Tools<'_>, path: &Path, dry_run: bool) -> Result<Report, ApplyError> {
    let name = path.display().to_string();
    let problems = Problems::of(&name);
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            problems.add("", format!("cannot be read: {error}"));
            return Err(ApplyError::Problems(problems.into_list()));
        }
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    let wishes = file::parse(&text, folder, &problems);
    bring(tools, &wishes, problems, dry_run).await
}

/// Brings a shop to what was wished for.
pub(crate) async fn bring(
    tools: Tools<'_>,
    wishes: &Wishes,
    problems: Problems,
    dry_run: bool,
) -> Result<Report, ApplyError> {
    let (mut report, plan) = configure(tools, wishes, problems, dry_run).await?;
    fault::point("apply_configured");
    for wish in &wishes.cards {
        let line = load(tools, wish, &plan, dry_run).await?;
        report.cards.push(line);
    }
    Ok(report)
}

/// Everything but the cards.
pub(super) async fn configure(
    tools: Tools<'_>,
    wishes: &Wishes,
    problems: Problems,
    dry_run: bool,
) -> Result<(Report, Skus), ApplyError> {
    let mut plan = planned(tools, wishes, problems, |_| true).await?;
    let report = Report {
        dry_run,
        lines: std::mem::take(&mut plan.lines),
        cards: Vec::new(),
    };
    let skus = Skus(std::mem::take(&mut plan.known));
    if plan.rows() > 0 && !dry_run {
        tools.store.write(move |db| write(db, &plan)).await?;
    }
    Ok((report, skus))
}

/// What is to be written, checked as a whole. `as_seen` tells whether the shop still is as
/// whoever wishes has seen it.
pub(super) async fn planned(
    tools: Tools<'_>,
    wishes: &Wishes,
    problems: Problems,
    as_seen: impl FnOnce(&Stored) -> bool,
) -> Result<Plan, ApplyError> {
    let mut stored = tools.store.read(store::stored).await?;
    if !as_seen(&stored) {
        return Err(ApplyError::Moved);
    }
    // A secret that cannot be opened counts as none: the file has to name it again.
    let mut locked = stored.settings.clone();
    locked.webhook_secret.clear();
    stored.settings = stored.settings.opened(tools.sealer).unwrap_or(locked);
    let mut plan = plan::plan(wishes, &stored, &tools, &problems);
    if plan.rows() > MOST_ROWS {
        let reason = format!(
            "changes {} rows; one transaction takes at most {MOST_ROWS}: split the file",
            plan.rows()
        );
        problems.add("", reason);
    }
    let problems = problems.into_list();
    if !problems.is_empty() {
        return Err(ApplyError::Problems(problems));
    }
    plan.settings = plan
        .settings
        .map(|settings| settings.sealed(tools.sealer, tools.random));
    Ok(plan)
}

/// Every variant by its sku, once a file is applied.
pub(super) struct Skus(
    pub(super) std::collections::HashMap<String, (crate::ids::VariantId, catalog::Delivery)>,
);

pub(super) fn write(db: &mut Db, plan: &Plan) -> Result<(), ApplyError> {
    if !store::bump_from(db, plan.version)? {
        return Err(ApplyError::Moved);
    }
    if let Some(settings) = &plan.settings {
        settings::write(db, settings, plan.now)?;
    }
    for row in &plan.categories {
        catalog::store::put_category(db, row)?;
    }
    for row in &plan.products {
        catalog::store::put_product(db, row)?;
    }
    for row in &plan.variants {
        catalog::store::put_variant(db, row)?;
    }
    for row in &plan.reusables {
        stock::store::put_reusable(db, row)?;
    }
    for row in &plan.accounts {
        account::store::put(db, row)?;
    }
    Ok(())
}

/// Loads one file of cards. A card that an operator withdrew from sale does not come back by
/// applying the file again.
async fn load(
    tools: Tools<'_>,
    wish: &CardsWish,
    skus: &Skus,
    dry_run: bool,
) -> Result<CardLine, ApplyError> {
    let hash = |card: &str| tools.sealer.keyed_hash("card", card.as_bytes());
    let hashes: Vec<String> = wish
        .parsed
        .cards
        .iter()
        .map(|(_, card)| hash(card))
        .collect();
    let asked = hashes.clone();
    let gone = tools
        .store
        .read(move |db| store::withdrawn(db, &asked))
        .await?;
    let gone: HashSet<String> = gone.into_iter().collect();
    let mut withdrawn = Vec::new();
    let mut parsed = Parsed {
        cards: Vec::new(),
        faults: wish.parsed.faults.clone(),
    };
    for ((line, card), hash) in wish.parsed.cards.iter().zip(hashes) {
        if gone.contains(&hash) {
            withdrawn.push(*line);
        } else {
            parsed.cards.push((*line, card.clone()));
        }
    }
    let variant = skus.0.get(&wish.variant).map(|(id, _)| id.clone());
    let target = Target {
        variant: variant.ok_or(crate::store::StoreError::NotFound)?,
        seller: SellerId::house(),
        source: wish.source.clone(),
    };
    let loaded = stock::load(tools.store, tools.stock(), &target, &parsed, dry_run).await?;
    Ok(CardLine {
        variant: wish.variant.clone(),
        file: wish.source.clone(),
        loaded,
        withdrawn,
    })
}
