//! Free space of the data folder.

use std::path::Path;
use std::process::Command;

use super::report::{Finding, bad, ok, warn};

const AREA: &str = "disk";
const GIB: u64 = 1 << 20;

/// A file system, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Space {
    pub(super) whole: u64,
    pub(super) free: u64,
}

/// Asks the system's `df`, which every system has and which needs no code of ours that is unsafe.
pub(super) fn probe(folder: &Path) -> Option<Space> {
    let mut df = Command::new("df");
    let told = df.arg("-Pk").arg("--").arg(folder).output().ok()?;
    told.status
        .success()
        .then(|| read(&String::from_utf8_lossy(&told.stdout)))?
}

/// Reads what `df -Pk` prints: a line of heads, and one of figures before the percentage.
pub(super) fn read(text: &str) -> Option<Space> {
    let words: Vec<&str> = text.lines().nth(1)?.split_whitespace().collect();
    let share = words.iter().position(|word| word.ends_with('%'))?;
    let figure = |back: usize| words.get(share.checked_sub(back)?)?.parse().ok();
    Some(Space {
        whole: figure(3)?,
        free: figure(1)?,
    })
}

/// Judges the space of the data folder.
pub(super) fn judge(space: Option<Space>, folder: &Path) -> Finding {
    let name = folder.display();
    let Some(Space { whole, free }) = space else {
        return warn(
            AREA,
            format!("the free space of {name} is not known"),
            "see that 1 GiB and a tenth of it are free",
        );
    };
    let found = format!("{} MiB free of {} MiB at {name}", free >> 10, whole >> 10);
    let todo = "make room: a full disk stops every sale until there is some";
    match free {
        free if free < GIB / 16 => bad(AREA, found, todo),
        free if free < GIB || free < whole / 10 => warn(AREA, found, todo),
        _ => ok(AREA, found),
    }
}
