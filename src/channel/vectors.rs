//! The shared vector files: made with the signing code of named SDKs, not ours.

use std::path::PathBuf;

use serde_json::Value as Json;

/// One channel's file, and the folder it lies in.
pub(super) struct Vectors {
    pub(super) json: Json,
    pub(super) folder: PathBuf,
}

impl Vectors {
    /// Reads a file, or `None` (loudly) where the checkout has none; in CI that fails.
    pub(super) fn of(file: &str) -> Option<Vectors> {
        let shared = std::env::var_os("VENDGATE_SHARED").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")),
            PathBuf::from,
        );
        let folder = shared.join("gateways/vectors");
        let path = folder.join(file);
        if path.is_file() {
            let text = std::fs::read_to_string(path).expect("readable");
            let json = serde_json::from_str(&text).expect("JSON");
            return Some(Vectors { json, folder });
        }
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "CI needs the vectors of {file}: set VENDGATE_SHARED"
        );
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("SKIPPED: no {file} at {}", folder.display());
        }
        None
    }

    /// The text at a JSON pointer.
    pub(super) fn text(&self, pointer: &str) -> String {
        let found = self.json.pointer(pointer).and_then(Json::as_str);
        found.unwrap_or_else(|| panic!("{pointer}")).to_owned()
    }

    /// A file of the folder, by its path there.
    pub(super) fn file(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.join(path)).expect(path)
    }

    /// One of the keys that the file names.
    pub(super) fn key(&self, name: &str) -> String {
        self.file(&self.text(&format!("/keys/{name}")))
    }
}
