//! The files that hold secrets: who may read them, and where they lie.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::report::{Finding, bad, ok, warn};

const CONFIGURATION: &str = "configuration";
const KEY: &str = "key";

/// Folders whose content a web server or a backup carries out of the machine.
const CARRIED_OUT: [&str; 9] = [
    "www",
    "html",
    "htdocs",
    "public",
    "public_html",
    "webroot",
    "static",
    "backup",
    "backups",
];

/// The permission bits of a file; none if it is not there.
pub(super) fn mode(path: &Path) -> Option<u32> {
    let found = std::fs::metadata(path).ok()?;
    Some(found.permissions().mode() & 0o777)
}

/// The configuration file: it may hold passwords.
pub(super) fn configuration(path: &Path, mode: Option<u32>) -> Finding {
    let name = path.display();
    match mode {
        None => ok(
            CONFIGURATION,
            "no configuration file: the environment alone",
        ),
        Some(mode) if mode & 0o077 == 0 => ok(CONFIGURATION, format!("read from {name}")),
        Some(mode) => warn(
            CONFIGURATION,
            format!("{name} may hold passwords, and others may read it (mode {mode:03o})"),
            format!("chmod 600 {name}"),
        ),
    }
}

/// The key's file: who may read it, and where it lies.
pub(super) fn key(path: &Path, mode: u32) -> Vec<Finding> {
    let name = path.display();
    let mut findings = Vec::new();
    if mode & 0o077 != 0 {
        findings.push(bad(
            KEY,
            format!("others may read {name} (mode {mode:03o})"),
            format!("chmod 600 {name}, and see who could have copied it"),
        ));
    }
    if let Some(folder) = carried_out(path) {
        findings.push(bad(
            KEY,
            format!(
                "{name} lies in a folder that is served or backed up: {}",
                folder.display()
            ),
            "keep the data folder elsewhere, such as /var/lib/vendgate",
        ));
    }
    if findings.is_empty() {
        findings.push(ok(KEY, format!("{name} is read by its owner alone")));
    }
    findings
}

/// The innermost folder above a file whose name says that its content leaves the machine.
fn carried_out(path: &Path) -> Option<PathBuf> {
    let goes_out = |folder: &&Path| {
        let name = folder.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| CARRIED_OUT.iter().any(|out| name.eq_ignore_ascii_case(out)))
    };
    let mut folders = path.ancestors().skip(1);
    folders.find(goes_out).map(Path::to_owned)
}
