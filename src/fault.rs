//! Failpoints: named places where a drill can kill, fail, delay or panic the process.
//!
//! They exist only with the feature `failpoints`; in a release they are empty functions. The
//! environment names them: `VENDGATE_FAIL="after_receipt_insert=kill@1,settle_tx=delay:200@3"`
//! acts on the n-th time the place is passed (`@*`: every time). Source: spec/drills.md.

#[cfg(not(feature = "failpoints"))]
/// Does nothing in a release.
#[inline(always)]
pub fn point(_name: &str) {}

#[cfg(not(feature = "failpoints"))]
/// Never fails in a release.
#[inline(always)]
pub fn fails(_name: &str) -> bool {
    false
}

#[cfg(feature = "failpoints")]
pub use on::{fails, point};

#[cfg(feature = "failpoints")]
mod on {
    use std::collections::HashMap;
    use std::sync::{LazyLock, Mutex};
    use std::time::Duration;

    #[derive(Clone, Debug, PartialEq)]
    enum Action {
        Kill,
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

    fn parse(rule: &str) -> Option<(String, Rule)> {
        let (name, does) = rule.trim().split_once('=')?;
        let (action, hit) = does.split_once('@').unwrap_or((does, "1"));
        let action = match action.split_once(':') {
            Some(("delay", ms)) => Action::Delay(ms.parse().ok()?),
            None if action == "kill" => Action::Kill,
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

    fn act(name: &str, action: &Action) {
        match action {
            Action::Kill => {
                // SIGKILL: nothing of ours runs afterwards, as in a power cut of the process.
                let _ = std::process::Command::new("kill")
                    .args(["-9", &std::process::id().to_string()])
                    .status();
                std::thread::sleep(Duration::from_secs(60));
            }
            Action::Panic => panic!("failpoint {name}"),
            Action::Delay(ms) => std::thread::sleep(Duration::from_millis(*ms)),
            Action::Error => {}
        }
    }
}
