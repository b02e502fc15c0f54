//! The specifications lie beside the repository, in `../shared`.

use std::path::PathBuf;

/// The folder of the specifications. Without it a test that needs it is skipped
/// and says so; in CI (`CI=true`) its absence is a failure.
pub fn specifications() -> Option<PathBuf> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/spec");
    if dir.is_dir() {
        return Some(dir);
    }
    let place = dir.display();
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "CI=true, and the specifications are not at {place}"
    );
    println!("SKIPPED: the specifications are not at {place}, so this check did not run");
    None
}
