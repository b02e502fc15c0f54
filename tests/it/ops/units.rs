//! The other examples of docs/deploy: their own programs find nothing wrong with them.

use std::process::Command;

use super::{example, there_is, tool};
use crate::harness::TempDir;

const UNITS: [&str; 3] = [
    "vendgate.service",
    "vendgate-backup.service",
    "vendgate-backup.timer",
];

#[test]
fn systemd_takes_the_units() {
    if !there_is("systemd-analyze") {
        return;
    }
    let dir = TempDir::new("units");
    let mut verify = Command::new("systemd-analyze");
    verify.arg("verify");
    for name in UNITS {
        // It looks whether the program is there.
        let text = example(name).replace("/usr/local/bin/vendgate", env!("CARGO_BIN_EXE_vendgate"));
        let path = dir.join(name);
        std::fs::write(&path, text).expect("written");
        verify.arg(path);
    }
    let said = tool(verify);
    let ours: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("vendgate"))
        .collect();
    assert!(ours.is_empty(), "{ours:?}");
}

#[test]
fn the_unit_is_hardened_and_stops_gently() {
    let unit = example("vendgate.service");
    let value = |key: &str| {
        let line = unit
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{key}=")));
        line.unwrap_or_else(|| panic!("no {key}")).to_owned()
    };
    for (key, wanted) in [
        ("User", "vendgate"),
        ("Restart", "always"),
        ("ProtectSystem", "strict"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
    ] {
        assert_eq!(value(key), wanted, "{key}");
    }
    let number = |key: &str| value(key).parse::<u32>().expect("a number");
    assert!(number("TimeoutStopSec") > 20);
    assert!(number("LimitNOFILE") >= 65_536);
}

#[test]
fn caddy_takes_its_file() {
    if !there_is("caddy") {
        return;
    }
    let dir = TempDir::new("caddy");
    let path = dir.join("Caddyfile");
    std::fs::write(&path, example("Caddyfile")).expect("written");
    let mut validate = Command::new("caddy");
    validate.args(["validate", "--adapter", "caddyfile", "--config"]);
    validate.arg(&path).env("HOME", dir.path());
    let said = tool(validate);
    assert!(said.contains("Valid configuration"), "{said}");
}
