//! The file of a backup: `VENDGATE BACKUP <SHA-256 of the manifest>`, the manifest as one line of
//! JSON, and the database, byte for byte. So `head -2` shows what is in it, and `tail -n +3` is
//! the database.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::model::{Error, FORMAT, Manifest};
use super::take::rows_of;
use crate::store::{self, Store, StoreUrl};

const MAGIC: &str = "VENDGATE BACKUP ";
/// A manifest is short; whatever is longer is none.
const LONGEST_LINE: u64 = 64 * 1024;

/// Creates a new file that only its owner may read.
pub(super) fn create(path: &Path) -> Result<File, Error> {
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(Error::at(path))
}

/// SHA-256 and length of what `from` holds, copied to `to` on the way.
fn copy(from: &mut dyn Read, to: &mut dyn Write) -> std::io::Result<(String, u64)> {
    let (mut digest, mut size) = (Sha256::new(), 0u64);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok((hex::encode(digest.finalize()), size));
        }
        digest.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
        size += read as u64;
    }
}

/// SHA-256 and length of a file.
pub(super) fn measure(path: &Path) -> Result<(String, u64), Error> {
    let mut file = File::open(path).map_err(Error::at(path))?;
    copy(&mut file, &mut std::io::sink()).map_err(Error::at(path))
}

/// Writes the two lines and the database; durable when it returns.
pub(super) fn pack(manifest: &Manifest, database: &Path, to: &Path) -> Result<(), Error> {
    let line = serde_json::json!(manifest).to_string();
    let mut from = File::open(database).map_err(Error::at(database))?;
    let mut file = create(to)?;
    let mut write = |file: &mut File| -> std::io::Result<(String, u64)> {
        writeln!(
            file,
            "{MAGIC}{}",
            hex::encode(Sha256::digest(line.as_bytes()))
        )?;
        writeln!(file, "{line}")?;
        let written = copy(&mut from, file)?;
        file.sync_all()?;
        Ok(written)
    };
    let written = write(&mut file).map_err(Error::at(to))?;
    if written == (manifest.sha256.clone(), manifest.size) {
        Ok(())
    } else {
        Err(Error::damaged(database, "it changed while it was copied"))
    }
}

fn open(path: &Path) -> Result<(Manifest, BufReader<File>), Error> {
    let file = File::open(path).map_err(Error::at(path))?;
    let mut reader = BufReader::new(file);
    let mut line = || -> Result<String, Error> {
        let mut bytes = Vec::new();
        let mut most = (&mut reader).take(LONGEST_LINE);
        most.read_until(b'\n', &mut bytes)
            .map_err(Error::at(path))?;
        let text = bytes.strip_suffix(b"\n").unwrap_or_default().to_vec();
        String::from_utf8(text).map_err(|_| Error::damaged(path, "it is no backup"))
    };
    let (first, second) = (line()?, line()?);
    let digest = first
        .strip_prefix(MAGIC)
        .ok_or_else(|| Error::damaged(path, "it is no backup"))?;
    if digest != hex::encode(Sha256::digest(second.as_bytes())) {
        return Err(Error::damaged(path, "its manifest is damaged"));
    }
    let format = serde_json::from_str::<serde_json::Value>(&second)
        .ok()
        .and_then(|value| u32::try_from(value.get("format")?.as_u64()?).ok());
    match format {
        Some(FORMAT) => {}
        Some(format) => {
            return Err(Error::Newer {
                path: path.to_owned(),
                format,
            });
        }
        None => return Err(Error::damaged(path, "its manifest names no format")),
    }
    let manifest = serde_json::from_str(&second)
        .map_err(|e| Error::damaged(path, format!("its manifest: {e}")))?;
    Ok((manifest, reader))
}

/// What a backup says is in it.
pub fn read_manifest(path: &Path) -> Result<Manifest, Error> {
    open(path).map(|(manifest, _)| manifest)
}

/// Writes the database of a backup to `to`, where nothing is yet, and checks that it is the one
/// that was taken: its length, its SHA-256, SQLite's own check, and the number of rows.
pub fn unpack(path: &Path, to: &Path) -> Result<Manifest, Error> {
    let (manifest, mut reader) = open(path)?;
    let mut file = create(to)?;
    let (sha256, size) = copy(&mut reader, &mut file).map_err(Error::at(to))?;
    file.sync_all().map_err(Error::at(to))?;
    drop(file);
    if size != manifest.size {
        let reason = format!("it holds {size} bytes of {}", manifest.size);
        return Err(Error::damaged(path, reason));
    }
    if sha256 != manifest.sha256 {
        return Err(Error::damaged(
            path,
            "it is not as it was written (SHA-256)",
        ));
    }
    let faults = store::faults_of_sqlite(to)?;
    if let Some(first) = faults.first() {
        return Err(Error::damaged(path, format!("its database: {first}")));
    }
    let rows = Store::look(&StoreUrl::Sqlite(to.to_owned()), rows_of)?;
    if rows.as_ref() != Some(&manifest.rows) {
        return Err(Error::damaged(
            path,
            "its rows are not those it was taken with",
        ));
    }
    Ok(manifest)
}
