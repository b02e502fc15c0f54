//! What a page may hold: its text as a reader sees it, and nothing that runs.

use crate::harness::Reply;
use regex::Regex;

/// A page's text as a reader sees it.
pub fn plain(html: &str) -> String {
    [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ]
    .iter()
    .fold(html.to_owned(), |text, (entity, plain)| {
        text.replace(entity, plain)
    })
}

/// Panics if a page could run anything a stranger wrote: the policy is there, no script, style
/// or handler stands inside the page, and no address leads out of http.
#[track_caller]
pub fn harmless(reply: &Reply) {
    let (html, at) = (reply.text(), &reply.url);
    let policy = reply.header("content-security-policy").unwrap_or_default();
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(rule), "{at}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{at}: {policy}");
    assert_eq!(
        reply.header("x-content-type-options"),
        Some("nosniff"),
        "{at}"
    );
    let kind = reply.header("content-type").unwrap_or_default();
    if !kind.starts_with("text/html") {
        // No browser reads it as a page.
        let known = ["application/", "text/plain", "text/event-stream"];
        let known = kind.is_empty() || known.iter().any(|known| kind.starts_with(known));
        return assert!(known, "{at}: {kind}");
    }
    let tag = Regex::new(r#"<([a-zA-Z][a-zA-Z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>"#).expect("ok");
    let value = Regex::new(r#""[^"]*"|'[^']*'"#).expect("a pattern");
    let handler =
        Regex::new(r"(?i)(?:^|[\s/])(?:on\w+|style|srcdoc)\s*(?:=|$)").expect("a pattern");
    let address =
        Regex::new(r#"(?i)\b(?:href|src|action|formaction|content)="\s*(\w+):"#).expect("ok");
    for found in tag.captures_iter(&html) {
        let (name, attributes) = (found[1].to_ascii_lowercase(), &found[2]);
        let bare = value.replace_all(attributes, "");
        assert!(!handler.is_match(&bare), "{at}: {}", &found[0]);
        assert!(
            !["iframe", "object", "embed", "base", "frame", "style"].contains(&name.as_str()),
            "{at}: {}",
            &found[0]
        );
        if name == "script" {
            assert!(attributes.contains("src=\"/static/"), "{at}: {}", &found[0]);
        }
        if let Some(scheme) = address.captures(attributes) {
            let scheme = scheme[1].to_ascii_lowercase();
            assert!(
                ["http", "https", "mailto"].contains(&scheme.as_str()),
                "{at}: {}",
                &found[0]
            );
        }
    }
    assert!(!html.contains("<script>alert"), "{at}");
    assert!(!html.contains("<img src=x"), "{at}");
}
