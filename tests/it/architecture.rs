//! The house rules of the source tree, read from the sources themselves: who may
//! import whom, which file may name which library, where no float may stand, how
//! long a file may be. [`rules`] has the tables, [`source`] reads a file; the
//! samples at the end show that each rule catches its violation.

mod rules;
mod samples;
mod source;

use source::Source;
use std::path::{Path, PathBuf};

#[test]
fn the_sources_keep_the_house_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut findings = Vec::new();
    let files = rust_files(&root.join("src"));
    assert!(!files.is_empty(), "src/ has files");
    for file in &files {
        let path = shown(root, file);
        let text = std::fs::read_to_string(file).expect("a source file is UTF-8");
        findings.extend(rules::check(&Source::read(&path, &text)));
        findings.extend(without_purpose(
            root,
            file.parent().expect("a file lies in a folder"),
        ));
    }
    findings.sort();
    findings.dedup();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn test_files_stay_readable() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in rust_files(&root.join("tests")) {
        let text = std::fs::read_to_string(&file).expect("a test file is UTF-8");
        assert_eq!(rules::too_long(&shown(root, &file), &text), None);
    }
}

/// Everybody is addressed alike: by the plain word, never by the stiff one (ui.md §5).
#[test]
fn no_text_of_ours_is_stiff() {
    const STIFF: char = '\u{60a8}';
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("README.md")];
    for folder in ["src", "templates", "static", "docs", "build"] {
        files.extend(files_in(&root.join(folder)));
    }
    let mut stiff = Vec::new();
    let mut chinese = 0;
    for file in files {
        // A picture is no text.
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        chinese += text.matches('\u{4f60}').count();
        let lines = text.lines().enumerate();
        let found = lines.filter(|(_, line)| line.contains(STIFF));
        stiff.extend(found.map(|(n, _)| format!("{}:{}", shown(root, &file), n + 1)));
    }
    assert!(chinese > 50, "texts were read: {chinese}");
    assert!(stiff.is_empty(), "\n{}\n", stiff.join("\n"));
}

/// A room has a `mod.rs`; a folder inside a room has one, or a file of its name
/// beside it.
fn without_purpose(root: &Path, folder: &Path) -> Option<String> {
    let path = shown(root, folder);
    let depth = path.split('/').count();
    let beside = depth > 2 && folder.with_extension("rs").is_file();
    let says = depth == 1 || path == "src/bin" || beside || folder.join("mod.rs").is_file();
    (!says).then(|| format!("{path} has no mod.rs that says what the room is for"))
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = files_in(dir);
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    files
}

fn files_in(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir)
        .expect("a folder of sources")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            files.push(path);
        }
    }
    files
}

fn shown(root: &Path, file: &Path) -> String {
    let path = file.strip_prefix(root).expect("a file of the repository");
    path.to_string_lossy().into_owned()
}
