//! What a browser says it is, as people call it: `Chrome, Windows`.

use crate::web::words::Words;

/// Marks of browsers, and their names. Whoever pretends to be another names the other as well, so
/// that the more special ones stand first.
const BROWSERS: &[(&str, &str)] = &[
    ("MicroMessenger/", "WeChat"),
    ("AlipayClient/", "Alipay"),
    ("QQBrowser/", "QQ Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("curl/", "curl"),
];

/// The same of the systems they run on.
const SYSTEMS: &[(&str, &str)] = &[
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// Browser and system in words; what it does not know it says so.
pub(super) fn called(words: Words, agent: &str) -> String {
    let found = |marks: &[(&str, &'static str)]| {
        let mark = marks.iter().find(|(mark, _)| agent.contains(mark));
        mark.map(|(_, name)| *name)
    };
    match (found(BROWSERS), found(SYSTEMS)) {
        (Some(browser), Some(system)) => words.account_browser(browser, system),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => words.account_browser(words.account_unknown(), system),
        (None, None) => words.account_unknown().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::words::Lang;

    #[test]
    fn browsers_are_called_by_their_names() {
        let (zh, en) = (Lang::Zh.words(), Lang::En.words());
        for (agent, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/131.0.0.0 Safari/537.36",
                "Chrome, Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
                "Edge, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari, iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 \
                 Firefox/133.0",
                "Firefox, macOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Version/4.0 Chrome/130.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50",
                "WeChat, Android",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) Something/1",
                "Unknown browser, Linux",
            ),
            ("curl/8.5.0", "curl"),
            ("", "Unknown browser"),
        ] {
            assert_eq!(called(en, agent), name, "{agent}");
        }
        assert_eq!(called(zh, "Firefox/133.0 (Windows)"), "Firefox，Windows");
        assert_eq!(called(zh, "<script>"), "未知浏览器");
    }
}
