//! Folders of one test, removed when it ends (or by the watchdog).

use super::watchdog;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// A new empty folder under the system's temporary folder, with a short name,
/// because a socket's path may have 107 bytes at most.
pub struct TempDir {
    path: PathBuf,
}

impl TempDir {
    /// Makes the folder; `label` tells a person whose it is.
    pub fn new(label: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let base = std::env::temp_dir();
        loop {
            let n = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = base.join(format!("vg-{label}-{}-{n}", process::id()));
            match std::fs::create_dir(&path) {
                Ok(()) => {
                    watchdog::watch_dir(&path);
                    return Self { path };
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => panic!("cannot make {}: {error}", path.display()),
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path inside it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // The watchdog tries again at the end if something still writes here.
        if std::fs::remove_dir_all(&self.path).is_ok() {
            watchdog::forget_dir(&self.path);
        }
    }
}
