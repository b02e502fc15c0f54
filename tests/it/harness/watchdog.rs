//! The watchdog: one small shell that outlives the test process by a second.
//!
//! It reads, from a pipe that only this process holds open, which process groups
//! and folders exist. When the pipe closes (the tests ended, panicked, or were
//! killed with SIGKILL) it stops the groups and removes the folders. This needs
//! no signal handler and no unsafe code, and cannot be forgotten.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Groups get their own signal first, then SIGKILL.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
declare -A groups dirs
while read -r verb key value; do
    case "$verb" in
        group) groups[$key]=$value ;;
        gone) unset "groups[$key]" ;;
        dir) dirs[$key]=1 ;;
        removed) unset "dirs[$key]" ;;
    esac
done
if [ "${#groups[@]}" -ne 0 ]; then
    for id in "${!groups[@]}"; do kill -s "${groups[$id]}" -- "-$id"; done
    sleep 1
    for id in "${!groups[@]}"; do kill -s KILL -- "-$id"; done
fi
if [ "${#dirs[@]}" -ne 0 ]; then rm -rf -- "${!dirs[@]}"; fi
"#;

fn shell() -> &'static Mutex<Child> {
    static SHELL: OnceLock<Mutex<Child>> = OnceLock::new();
    SHELL.get_or_init(|| {
        let shell = Command::new("bash")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("the watchdog is a bash");
        Mutex::new(shell)
    })
}

fn say(line: &str) {
    let mut shell = shell().lock().unwrap_or_else(PoisonError::into_inner);
    let pipe = shell.stdin.as_mut().expect("its input was piped");
    // One write of less than a pipe's buffer: lines never mix.
    pipe.write_all(format!("{line}\n").as_bytes())
        .expect("the watchdog listens");
}

/// From now on the process group `id` dies with this process, by `signal`.
pub fn watch_group(id: u32, signal: &str) {
    say(&format!("group {id} {signal}"));
}

/// The group is gone; its number may be used again by somebody else.
pub fn forget_group(id: u32) {
    say(&format!("gone {id}"));
}

/// From now on the folder is removed with this process.
pub fn watch_dir(dir: &Path) {
    say(&format!("dir {}", dir.display()));
}

/// The folder has been removed.
pub fn forget_dir(dir: &Path) {
    say(&format!("removed {}", dir.display()));
}
