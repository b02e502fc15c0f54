//! What a browser can tell of the page it shows: its whole picture, what it complained of, what
//! axe-core finds, and whether it runs over its edge.

use super::browser::{Browser, Look};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::error::CmdError;
use serde_json::{Value, json};
use std::path::Path;

/// Where `.ci/prerequisites` puts it.
const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/axe/axe.min.js");

/// What the watcher writes before each refusal.
const REFUSED: &str = "refused by the content security policy:";

impl Browser {
    /// Takes on the parts of a look that can change while it runs, and from now on has each
    /// page say what its content security policy refused.
    pub(super) async fn see_through(&self, look: &Look) {
        let scheme = if look.dark { "dark" } else { "light" };
        // Without motion a page is the same whenever it is looked at.
        let media = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.cdp("Emulation.setEmulatedMedia", media).await;
        let hidden = json!({"hidden": true});
        self.cdp("Emulation.setScrollbarsHidden", hidden).await;
        let touch = json!({"enabled": look.is_a_phone()});
        self.cdp("Emulation.setTouchEmulationEnabled", touch).await;
        self.allow_scripts(look.javascript).await;
        let watcher = format!(
            "addEventListener('securitypolicyviolation', e => console.error('{REFUSED} ' \
             + e.effectiveDirective + ' ' + e.blockedURI + ' ' + e.sample))"
        );
        self.cdp(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": watcher}),
        )
        .await;
    }

    /// A window in the background draws nothing, and whoever waits for that waits for ever.
    pub(super) async fn to_the_front(&self) {
        self.cdp("Page.bringToFront", json!({})).await;
    }

    /// One command of the browser's own protocol.
    async fn cdp(&self, command: &str, params: Value) -> Value {
        let asked = json!({"cmd": command, "params": params});
        self.driver("goog/cdp/execute", asked).await
    }

    async fn driver(&self, what: &str, asked: Value) -> Value {
        let session = self.session_id().await;
        let session = session.expect("a session").expect("a session");
        let path = format!("/session/{session}/{what}");
        let answer = self.driver_http.post_json(&path, &[], &asked).await;
        answer.expect(200).json()["value"].take()
    }

    /// What the pages complained of since the last call: script errors, refusals of the content
    /// security policy, and answers that are failures.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.driver("se/log", json!({"type": "browser"})).await;
        let lines = log.as_array().cloned().unwrap_or_default();
        let bad = |line: &Value| matches!(line["level"].as_str(), Some("SEVERE" | "WARNING"));
        let told = lines.iter().filter(|line| bad(line));
        told.map(|line| line["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Panics when a page complained of anything but answers with one of these statuses.
    pub async fn complains_of_nothing_but(&self, statuses: &[u16]) {
        let expected = |told: &String| {
            let status = |status: &u16| told.contains(&format!("status of {status} "));
            statuses.iter().any(status)
        };
        let mut complaints = self.complaints().await;
        complaints.retain(|told| !expected(told));
        assert!(complaints.is_empty(), "{complaints:#?}");
    }

    /// What axe-core finds wrong with the page, of whatever weight, but for these of its rules.
    /// It is run from outside, so that the page's content security policy stays as it is.
    pub async fn axe(&self, but: &[&str]) -> Vec<String> {
        let axe = std::fs::read_to_string(AXE)
            .unwrap_or_else(|error| panic!("{AXE}: {error}; .ci/prerequisites fetches it"));
        let mut rules = json!({"target-size": {"enabled": true}});
        for rule in but {
            rules[rule] = json!({"enabled": false});
        }
        self.allow_scripts(true).await;
        let mut tries = 0;
        let found = loop {
            match self.run_axe(&axe, &rules).await {
                Ok(found) => break found,
                // A page that reloads itself may do so at this moment.
                Err(error) if tries < 3 && has_reloaded(&error) => tries += 1,
                Err(error) => panic!("axe-core does not end: {error}"),
            }
        };
        self.allow_scripts(self.scripts).await;
        let passed = found["passes"].as_array().map_or(0, Vec::len);
        assert!(passed > 5, "axe-core looked at the page: {found}");
        let violations = found["violations"].as_array().cloned().unwrap_or_default();
        violations.iter().map(told).collect()
    }

    async fn run_axe(&self, axe: &str, rules: &Value) -> Result<Value, CmdError> {
        self.execute(axe, Vec::new()).await?;
        // Without preloading: what that is for are videos.
        let run = "const done = arguments[arguments.length - 1];
            axe.run(document, {rules: arguments[0], preload: false, resultTypes: ['violations']})
                .then(found => done(found), wrong => done({wrong: String(wrong)}));";
        self.execute_async(run, vec![rules.clone()]).await
    }

    async fn allow_scripts(&self, allowed: bool) {
        let forbidden = json!({"value": !allowed});
        self.cdp("Emulation.setScriptExecutionDisabled", forbidden)
            .await;
    }

    /// What runs over the right edge of the page, if the page can be scrolled there.
    pub async fn overhang(&self) -> Vec<String> {
        let script = "const root = document.documentElement, edge = root.clientWidth;
            if (root.scrollWidth <= edge) return [];
            return [...document.querySelectorAll('body *')]
                .map(part => [part, Math.round(part.getBoundingClientRect().right - edge)])
                .filter(([, over]) => over > 0)
                .slice(0, 8)
                .map(([part, over]) => `${over} pixels: ${part.outerHTML.slice(0, 120)}`)
                .concat(`${root.scrollWidth - edge} pixels over the edge`);";
        let over = self.execute(script, Vec::new()).await;
        let over = over.expect("the page can be measured");
        serde_json::from_value(over).expect("a list of texts")
    }

    /// Keeps a picture of the page, to its very end.
    pub async fn shot(&self, file: &Path) {
        let metrics = self.cdp("Page.getLayoutMetrics", json!({})).await;
        let size = &metrics["cssContentSize"];
        let clip =
            json!({"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1});
        let asked = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        self.keep(asked, file).await;
    }

    /// Keeps a picture of what the window shows.
    pub async fn shot_of_the_window(&self, file: &Path) {
        self.keep(json!({"format": "png"}), file).await;
    }

    async fn keep(&self, asked: Value, file: &Path) {
        let png = self.cdp("Page.captureScreenshot", asked).await;
        let png = png["data"].as_str().map(|text| STANDARD.decode(text));
        let png = png.expect("a picture is taken").expect("it is base64");
        std::fs::write(file, png).expect("the picture is written");
    }
}

/// Whether the page went away while it was looked at, or before the second of the two scripts.
fn has_reloaded(error: &CmdError) -> bool {
    let told = error.to_string();
    told.contains("unloaded") || told.contains("axe is not defined")
}

/// One violation as a person reads it.
fn told(violation: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut told = format!(
        "{} ({}): {}",
        text(&violation["id"]),
        text(&violation["impact"]),
        text(&violation["help"])
    );
    for node in violation["nodes"].as_array().into_iter().flatten() {
        let why = text(&node["failureSummary"]).replace('\n', " ");
        told.push_str(&format!(
            "\n    {} {}\n        {why}",
            node["target"],
            text(&node["html"])
        ));
    }
    told
}
