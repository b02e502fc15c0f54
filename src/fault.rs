//! Failpoints: named places where a drill can kill, fail, delay or panic the process.
//!
//! They exist only with the feature `failpoints`; in a release they are empty functions. The
//! environment names them: `VENDGATE_FAIL="after_receipt_insert=kill@1,settle_tx=delay:200@3"`
//! acts on the n-th time the place is passed (`@*`: every time). `kill:200` waits so many
//! milliseconds first. A place may also be named with what passes it: `job/poll`,
//! `before_commit/settle`. Source: spec/drills.md.

#[cfg(not(feature = "failpoints"))]
/// Does nothing in a release.
#[inline(always)]
pub fn point(_name: &str) {}

#[cfg(not(feature = "failpoints"))]
/// Does nothing in a release.
#[inline(always)]
pub fn point_of(_name: &str, _what: &str) {}

#[cfg(not(feature = "failpoints"))]
/// Does nothing in a release.
#[inline(always)]
pub fn commit_point(_name: &str) {}

#[cfg(not(feature = "failpoints"))]
/// Does nothing in a release.
#[inline(always)]
pub fn tag(_what: &'static str) {}

#[cfg(not(feature = "failpoints"))]
/// Does nothing in a release.
#[inline(always)]
pub fn during(_name: &str, _work: impl FnMut()) {}

#[cfg(not(feature = "failpoints"))]
/// Never fails in a release.
#[inline(always)]
pub fn fails(_name: &str) -> bool {
    false
}

#[cfg(feature = "failpoints")]
pub use on::{commit_point, during, fails, point, point_of, tag};

#[cfg(feature = "failpoints")]
mod on {
    use std::cell::Cell;
    use std::collections::HashMap;
    use std::sync::{LazyLock, Mutex};
    use std::time::Duration;

    #[derive(Clone, Debug, PartialEq)]
    enum Action {
        /// After so many milliseconds.
        Kill(u64),
        Error,
        Panic,
        Delay(u64),
    }

    #[derive(Clone, Debug)]
    struct Rule {
        action: Action,
        /// 0 = every time.
        hit: u64,
    }

    static RULES: LazyLock<HashMap<String, Rule>> = LazyLock::new(|| {
        let text = std::env::var("VENDGATE_FAIL").unwrap_or_default();
        text.split(',')
            .filter(|rule| !rule.trim().is_empty())
            .map(|rule| parse(rule).unwrap_or_else(|| panic!("VENDGATE_FAIL: {rule:?}")))
            .collect()
    });
    static HITS: LazyLock<Mutex<HashMap<String, u64>>> = LazyLock::new(Default::default);

    thread_local! {
        /// What the transaction of this thread is about.
        static TAG: Cell<&'static str> = const { Cell::new("") };
    }

    fn parse(rule: &str) -> Option<(String, Rule)> {
        let (name, does) = rule.trim().split_once('=')?;
        let (action, hit) = does.split_once('@').unwrap_or((does, "1"));
        let action = match action.split_once(':') {
            Some(("delay", ms)) => Action::Delay(ms.parse().ok()?),
            Some(("kill", ms)) => Action::Kill(ms.parse().ok()?),
            None if action == "kill" => Action::Kill(0),
            None if action == "error" => Action::Error,
            None if action == "panic" => Action::Panic,
            _ => return None,
        };
        let hit = if hit == "*" { 0 } else { hit.parse().ok()? };
        Some((name.to_owned(), Rule { action, hit }))
    }

    fn due(name: &str) -> Option<Action> {
        let rule = RULES.get(name)?;
        let mut hits = HITS.lock().unwrap_or_else(|e| e.into_inner());
        let count = hits.entry(name.to_owned()).or_default();
        *count += 1;
        (rule.hit == 0 || rule.hit == *count).then(|| rule.action.clone())
    }

    /// Passes a place that can be killed, delayed or panicked.
    pub fn point(name: &str) {
        if let Some(action) = due(name) {
            act(name, &action);
        }
    }

    /// The same, for a place that many different things pass.
    pub fn point_of(name: &str, what: &str) {
        if !what.is_empty() {
            point(&format!("{name}/{what}"));
        }
    }

    /// Says what this thread's transaction is about, so that its commit can be told from all
    /// others: `before_commit/settle`. The store forgets it when a transaction begins.
    pub fn tag(what: &'static str) {
        TAG.set(what);
    }

    /// The places around a commit: by name, and by name and tag.
    pub fn commit_point(name: &str) {
        point(name);
        point_of(name, TAG.get());
    }

    /// Does `work` over and over until the process is dead, if this place (`name/tag`) is to be
    /// killed: the end comes from outside, in the middle of it.
    pub fn during(name: &str, mut work: impl FnMut()) {
        if let Some(Action::Kill(ms)) = due(&format!("{name}/{}", TAG.get())) {
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(ms));
                kill();
            });
            loop {
                work();
            }
        }
    }

    /// Passes a place that can also be made to fail: true = fail now.
    pub fn fails(name: &str) -> bool {
        match due(name) {
            Some(Action::Error) => true,
            Some(action) => {
                act(name, &action);
                false
            }
            None => false,
        }
    }

    /// SIGKILL: nothing of ours runs afterwards, as in a power cut of the process.
    fn kill() {
        let _ = std::process::Command::new("kill")
            .args(["-9", &std::process::id().to_string()])
            .status();
        std::thread::sleep(Duration::from_secs(60));
    }

    fn act(name: &str, action: &Action) {
        match action {
            Action::Kill(ms) => {
                std::thread::sleep(Duration::from_millis(*ms));
                kill();
            }
            Action::Panic => panic!("failpoint {name}"),
            Action::Delay(ms) => std::thread::sleep(Duration::from_millis(*ms)),
            Action::Error => {}
        }
    }
}
