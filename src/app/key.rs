//! The key ring of a process: from `VENDGATE_KEY`, or from the file `key` of its data folder.

use std::fmt;
use std::path::{Path, PathBuf};

use super::OpenError;
use crate::random::{Random, SystemRandom};
use crate::seal::{SealError, Sealer};

/// Where a ring came from, as an operator knows the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The environment.
    Variable,
    /// A file.
    File(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Variable => f.write_str("VENDGATE_KEY"),
            Place::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A ring and where it came from.
#[derive(Debug)]
pub(super) struct Ring {
    pub(super) sealer: Sealer,
    pub(super) place: Place,
}

/// The file a data folder keeps its ring in.
pub(super) fn file(data: &Path) -> PathBuf {
    data.join("key")
}

/// The ring this process was given; `None` = neither a variable nor a file.
pub(super) fn given(data: &Path) -> Result<Option<Ring>, OpenError> {
    let (text, place) = match std::env::var("VENDGATE_KEY") {
        Ok(text) if !text.trim().is_empty() => (text, Place::Variable),
        _ => {
            let path = file(data);
            match std::fs::read_to_string(&path) {
                Ok(text) => (text, Place::File(path)),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(e) => return Err(told("cannot read", &path, &e)),
            }
        }
    };
    read(&text, place).map(Some)
}

/// A new ring in the data folder's file, and whether this process has made it: another may have
/// been first, and then its ring is the ring.
pub(super) fn made(data: &Path, random: &dyn Random) -> Result<(Ring, bool), OpenError> {
    let path = file(data);
    std::fs::create_dir_all(data).map_err(|e| told("cannot create", data, &e))?;
    let ours =
        write_new(&path, &Sealer::new_ring(random)).map_err(|e| told("cannot write", &path, &e))?;
    let text = std::fs::read_to_string(&path).map_err(|e| told("cannot read", &path, &e))?;
    Ok((read(&text, Place::File(path))?, ours))
}

/// Takes back a file that [`made`] has made, because its ring belongs to nothing.
pub(super) fn take_back(data: &Path) {
    let path = file(data);
    if let Err(cause) = std::fs::remove_file(&path) {
        tracing::warn!(file = %path.display(), %cause, "a key that opens nothing stays behind");
    }
}

fn read(text: &str, place: Place) -> Result<Ring, OpenError> {
    match Sealer::from_ring(text) {
        Ok(sealer) => Ok(Ring { sealer, place }),
        Err(cause) => Err(unusable(place, cause)),
    }
}

fn unusable(place: Place, cause: SealError) -> OpenError {
    OpenError::KeyUnusable { place, cause }
}

fn told(what: &str, path: &Path, cause: &std::io::Error) -> OpenError {
    OpenError::Folder(format!("{what} {}: {cause}", path.display()))
}

/// Creates a file that only its owner may read, whole or not at all; false = one is there, and
/// stays.
fn write_new(path: &Path, text: &str) -> std::io::Result<bool> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    // A name of its own: two containers that share the folder may have one process number.
    let random: &dyn Random = &SystemRandom;
    let mark: [u8; 8] = random.bytes();
    let draft = path.with_extension(format!("new-{}", hex::encode(mark)));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Ok(()) => {
            // The name is durable too, before anything is sealed with what it names.
            if let Some(folder) = path.parent() {
                std::fs::File::open(folder)?.sync_all()?;
            }
            Ok(true)
        }
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(e),
    }
}
