//! `docs/COVERAGE.md` answers for every id of the specifications: tested (and
//! the test exists), later, or not applicable with a reason.

use crate::harness::specifications;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Checked in, so that an id cannot vanish with a folder that is not there.
const IDS: &str = include_str!("spec_ids.txt");

#[test]
fn every_id_is_answered_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/COVERAGE.md")).expect("docs/COVERAGE.md");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).ok();
    let wrong = examine(&ids(IDS), &page, &read);
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn the_list_holds_what_the_specifications_name() {
    let Some(folder) = specifications() else {
        return;
    };
    let mut named = BTreeSet::new();
    for entry in std::fs::read_dir(folder)
        .expect("the folder can be read")
        .flatten()
    {
        let text = std::fs::read_to_string(entry.path()).expect("a specification is text");
        named.extend(ids_named_in(&text));
    }
    assert_eq!(
        ids(IDS),
        named,
        "tests/it/spec_ids.txt lists the ids of the specifications"
    );
}

fn ids(list: &str) -> BTreeSet<String> {
    list.split_whitespace().map(str::to_owned).collect()
}

/// Ids as they stand in a text, ranges (`F01–F12`) filled in.
fn ids_named_in(text: &str) -> BTreeSet<String> {
    let one = Regex::new(r"\b(?:R\d{3}|RC-\d{2}|J\d{2}[a-z]?|[XFI]\d{2})\b").expect("a pattern");
    let range = Regex::new(r"\b([RXFIJ])(\d+)[–-][RXFIJ]?(\d+)\b").expect("a pattern");
    let mut found: BTreeSet<String> = one
        .find_iter(text)
        .map(|id| id.as_str().to_owned())
        .collect();
    for ends in range.captures_iter(text) {
        let width = ends[2].len();
        let number = |at: usize| ends[at].parse::<u32>().expect("digits");
        found.extend((number(2)..=number(3)).map(|n| format!("{}{n:0width$}", &ends[1])));
    }
    found
}

/// Everything wrong with the page. `read` gives the text of a repository file.
fn examine(
    ids: &BTreeSet<String>,
    page: &str,
    read: &dyn Fn(&str) -> Option<String>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut rows: BTreeMap<&str, u32> = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let &[id, status, place] = cells.as_slice() else {
            wrong.push(format!("not three cells: {line}"));
            continue;
        };
        if id == "id" || id.starts_with("--") {
            continue;
        }
        *rows.entry(id).or_default() += 1;
        if !ids.contains(id) {
            wrong.push(format!("{id} is no id of the specifications"));
        }
        match status {
            "later" => {}
            "not applicable" if !place.is_empty() => {}
            "not applicable" => wrong.push(format!("{id}: say why it is not applicable")),
            "tested" => {
                let tests = place.split(',').map(|test| test.trim().trim_matches('`'));
                wrong.extend(tests.filter_map(|test| no_such_test(id, test, read)));
            }
            other => wrong.push(format!("{id}: `{other}` is no status")),
        }
    }
    for id in ids {
        match rows.get(id.as_str()) {
            Some(1) => {}
            None => wrong.push(format!("{id} is not listed")),
            Some(times) => wrong.push(format!("{id} is listed {times} times")),
        }
    }
    wrong
}

/// `tests/it/flows.rs::name` must be a test that runs; a line if it is not.
fn no_such_test(id: &str, test: &str, read: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let Some((path, name)) = test.split_once("::") else {
        return Some(format!("{id}: `{test}` is not written as path::name"));
    };
    let Some(text) = read(path) else {
        return Some(format!("{id}: there is no {path}"));
    };
    let name = name.rsplit("::").next().unwrap_or(name);
    if is_switched_off(path, read) {
        return Some(format!("{id}: {path} is not part of the tests yet"));
    }
    (!is_a_test(&text, name)).then(|| format!("{id}: {path} has no running test `{name}`"))
}

/// A file of the integration tests whose `mod` line is missing.
fn is_switched_off(path: &str, read: &dyn Fn(&str) -> Option<String>) -> bool {
    let Some(inner) = path.strip_prefix("tests/it/") else {
        return false;
    };
    let module = inner
        .split('/')
        .next()
        .unwrap_or(inner)
        .trim_end_matches(".rs");
    let main = read("tests/it/main.rs").unwrap_or_default();
    !main
        .lines()
        .any(|line| line.trim() == format!("mod {module};"))
}

/// A function under a `#[…test…]` attribute and not ignored, or a story of
/// `on_both_engines!`.
fn is_a_test(text: &str, name: &str) -> bool {
    let name = regex::escape(name);
    let attributes = r"((?:\s*#\[[^\]]*\]|\s*///[^\n]*)*)";
    let function = format!(r"{attributes}\s*(?:pub )?(?:async )?fn {name}\b");
    let story = format!(r"on_both_engines!\s*[({{]{attributes}\s*{name}\s*,");
    let look = |pattern: &str| {
        Regex::new(pattern)
            .expect("a pattern")
            .captures(text)
            .map(|found| found[1].to_owned())
    };
    let runs = |attributes: &str| !attributes.contains("#[ignore");
    look(&function)
        .is_some_and(|a| runs(&a) && Regex::new(r"#\[[^\]]*\btest\b").is_ok_and(|t| t.is_match(&a)))
        || look(&story).is_some_and(|a| runs(&a))
}

#[cfg(test)]
mod samples {
    use super::*;

    fn wrong(page: &str) -> Vec<String> {
        let read = |path: &str| match path {
            "tests/it/main.rs" => Some("mod flows;\n// mod later;\n".to_owned()),
            "tests/it/flows.rs" => Some(
                "#[test]\nfn runs() {}\n#[test]\n#[ignore]\nfn rests() {}\nfn helps() {}\n\
                 on_both_engines!(\n    /// Both.\n    buys, |shop| async move {});"
                    .to_owned(),
            ),
            "tests/it/later.rs" => Some("#[test]\nfn waits() {}".to_owned()),
            _ => None,
        };
        examine(
            &ids("R001 X01"),
            &format!("{page}\n| X01 | later | |"),
            &read,
        )
    }

    #[test]
    fn good_answers_pass() {
        for row in [
            "| R001 | later | |",
            "| R001 | tested | `tests/it/flows.rs::runs` |",
            "| R001 | tested | tests/it/flows.rs::runs, tests/it/flows.rs::buys |",
            "| R001 | not applicable | the shop has no such thing |",
        ] {
            assert_eq!(wrong(row), Vec::<String>::new(), "{row}");
        }
    }

    #[test]
    fn bad_answers_are_named() {
        for (row, why) in [
            ("", "R001 is not listed"),
            ("| R001 | later | |\n| R001 | later | |", "listed 2 times"),
            ("| R001 | later | |\n| R999 | later | |", "R999 is no id"),
            ("| R001 | done | |", "no status"),
            ("| R001 | not applicable | |", "say why"),
            ("| R001 | tested | runs |", "path::name"),
            ("| R001 | tested | tests/it/none.rs::runs |", "there is no"),
            (
                "| R001 | tested | tests/it/flows.rs::absent |",
                "no running test",
            ),
            (
                "| R001 | tested | tests/it/flows.rs::rests |",
                "no running test",
            ),
            (
                "| R001 | tested | tests/it/flows.rs::helps |",
                "no running test",
            ),
            (
                "| R001 | tested | tests/it/later.rs::waits |",
                "not part of the tests",
            ),
        ] {
            let wrong = wrong(row);
            assert!(
                wrong.iter().any(|line| line.contains(why)),
                "{row}: {wrong:?}"
            );
        }
    }

    #[test]
    fn ranges_are_filled_in() {
        let found = ids_named_in("| F01–F03 | J17a X509 (I01–I02) RC-01 R001, X-Forwarded");
        assert_eq!(found, ids("F01 F02 F03 J17a I01 I02 RC-01 R001"));
    }
}
