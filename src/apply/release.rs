//! Putting on sale again what a restore has withheld.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use super::cards::{self, CardsError, variant};
use super::run::Tools;
use crate::stock::import::Fault;
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
    let (lines, unreadable) = match delivered {
        Some(file) => read(file)?,
        None => Default::default(),
    };
    let hash = |card: &String| tools.sealer.keyed_hash("card", card.as_bytes());
    let gone = Gone {
        contents: lines.iter().map(|(_, card)| hash(card)).collect(),
        units: but_first,
    };
    let done = withheld::release(tools.store, tools.clock, &variant.id, &gone).await?;
    let mut unknown: Vec<u64> = done.unknown.iter().map(|n| lines[*n].0).collect();
    unknown.extend(unreadable);
    unknown.sort_unstable();
    Ok(Released {
        variant: variant.sku,
        withdrawn: done.withdrawn,
        on_sale: done.on_sale,
        unknown_lines: unknown,
    })
}

/// The cards of a file, and the lines that are none.
fn read(file: &Path) -> Result<(Vec<(u64, String)>, Vec<u64>), CardsError> {
    let parsed = cards::read(file)?;
    // Nothing to give up would put everything on sale.
    if parsed.cards.is_empty() {
        return Err(CardsError::Empty(file.display().to_string()));
    }
    let twice = |fault: &Fault| matches!(fault, Fault::DuplicateInFile);
    let faults = parsed.faults.iter().filter(|(_, fault)| !twice(fault));
    let unreadable = faults.map(|(line, _)| *line).collect();
    Ok((parsed.cards, unreadable))
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
