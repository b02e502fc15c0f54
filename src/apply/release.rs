//! Putting on sale again what a restore has withheld.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use super::cards::{self, CardsError, variant};
use super::run::Tools;
use crate::stock::import::{Fault, Parsed};
use crate::stock::withheld::{self, Gone};

/// What releasing a variant did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Released {
    /// The variant's sku.
    pub variant: String,
    /// Units given up for good: they may be a buyer's.
    pub withdrawn: i64,
    /// Units on sale again.
    pub on_sale: i64,
    /// Lines of the file that are no card of this variant.
    pub unknown_lines: Vec<u64>,
}

/// Releases a variant, without the contents of a file of cards that buyers have and without the
/// oldest `but_first` that were unsold; with neither, all of it.
pub async fn release(
    tools: Tools<'_>,
    sku: &str,
    but_first: Option<i64>,
    delivered: Option<&Path>,
) -> Result<Released, CardsError> {
    let variant = variant(tools.store, sku).await?;
    let Parsed {
        cards: lines,
        faults,
    } = match delivered {
        Some(file) => read(file)?,
        None => Parsed::default(),
    };
    let hash = |card: &String| tools.sealer.keyed_hash("card", card.as_bytes());
    let gone = Gone {
        contents: lines.iter().map(|(_, card)| hash(card)).collect(),
        units: but_first,
    };
    let done = withheld::release(tools.store, tools.clock, &variant.id, &gone).await?;
    let mut unknown: Vec<u64> = done.unknown.iter().map(|n| lines[*n].0).collect();
    let unreadable = |(_, fault): &&(u64, Fault)| !matches!(fault, Fault::DuplicateInFile);
    unknown.extend(faults.iter().filter(unreadable).map(|(line, _)| *line));
    unknown.sort_unstable();
    Ok(Released {
        variant: variant.sku,
        withdrawn: done.withdrawn,
        on_sale: done.on_sale,
        unknown_lines: unknown,
    })
}

/// A file with at least one card: nothing to give up would put everything on sale.
fn read(file: &Path) -> Result<Parsed, CardsError> {
    let parsed = cards::read(file)?;
    if parsed.cards.is_empty() {
        return Err(CardsError::Empty(file.display().to_string()));
    }
    Ok(parsed)
}

impl fmt::Display for Released {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} on sale again, {} given up",
            self.variant, self.on_sale, self.withdrawn
        )?;
        if !self.unknown_lines.is_empty() {
            let lines: Vec<String> = self.unknown_lines.iter().map(u64::to_string).collect();
            write!(
                f,
                "\nno card of this variant (never load these again): lines {}",
                lines.join(", ")
            )?;
        }
        Ok(())
    }
}
