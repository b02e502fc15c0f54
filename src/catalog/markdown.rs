//! Descriptions: Markdown to HTML that cannot carry script (X42).
//!
//! Raw HTML in the source is shown as text, never passed on; links keep only http, https,
//! mailto and paths of this shop; pictures are replaced by their description. What comes out
//! holds only elements Markdown itself can make, so it needs no second sanitiser.

use pulldown_cmark::{
    Alignment, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html,
};

/// Renders a description. No `style`, no event attribute, no `h1`.
pub fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut unsafe_links = 0usize;
    let events = Parser::new_ext(markdown, options).filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { dest_url, .. }) if !is_safe(&dest_url) => {
            unsafe_links += 1;
            None
        }
        // Links do not nest, so the next end belongs to the one that was dropped.
        Event::End(TagEnd::Link) if unsafe_links > 0 => {
            unsafe_links -= 1;
            None
        }
        Event::Start(tag) => Some(Event::Start(plain(tag))),
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(lowered(level)))),
        other => Some(other),
    });
    let mut out = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut out, events);
    out
}

/// The same element without what the page's policy forbids or the page already has.
fn plain(tag: Tag<'_>) -> Tag<'_> {
    match tag {
        Tag::Heading { level, .. } => Tag::Heading {
            level: lowered(level),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        },
        Tag::Link {
            dest_url, title, ..
        } => Tag::Link {
            link_type: LinkType::Inline,
            dest_url,
            title,
            id: CowStr::Borrowed(""),
        },
        // An alignment would be written as a style attribute.
        Tag::Table(columns) => Tag::Table(vec![Alignment::None; columns.len()]),
        other => other,
    }
}

/// A page has one `h1`, its product's name: headings of a description begin at `h2`.
fn lowered(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H2,
        HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

fn is_safe(url: &str) -> bool {
    let lower = url.trim().to_ascii_lowercase();
    let own_path = lower.starts_with('/') && !lower.starts_with("//") && !lower.contains('\\');
    own_path
        || ["https://", "http://", "mailto:"]
            .iter()
            .any(|s| lower.starts_with(s))
}

#[cfg(test)]
mod tests {
    use super::to_html;
    use proptest::prelude::*;

    #[test]
    fn renders_what_sellers_write() {
        let html = to_html("# 说明\n\n- 一\n- 二\n\n[官网](https://example.com) | a | b |\n");
        assert!(html.contains("<h2>说明</h2>"));
        assert!(html.contains("<li>一</li>"));
        assert!(html.contains("<a href=\"https://example.com\">官网</a>"));
        let table = to_html("|a|b|\n|--:|:-:|\n|1|2|\n");
        assert!(table.contains("<td>1</td>"), "{table}");
    }

    /// X42: nothing a seller pastes becomes script.
    #[test]
    fn script_stays_text() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](  JaVaScRiPt:alert(1))",
            "[x](data:text/html,<script>)",
            "[x](//evil.example)",
            "![x](https://evil.example/pixel.png)",
            "<svg onload=alert(1)>",
            "a <b onclick=alert(1)>b</b>",
            "[a [b](javascript:x)](https://ok.example)",
        ] {
            let html = to_html(hostile).to_lowercase();
            for bad in [
                "<script",
                "<img",
                "<svg",
                "<b ",
                "href=\"javascript",
                "href=\"data",
                "href=\"//",
            ] {
                assert!(!html.contains(bad), "{hostile} -> {html}");
            }
        }
    }

    proptest! {
        #[test]
        fn only_markdown_elements_come_out(source in "[ -~\\n]{0,200}") {
            let html = to_html(&source);
            for part in html.split('<').skip(1) {
                let name: String = part.trim_start_matches('/').chars()
                    .take_while(|c| c.is_ascii_alphanumeric()).collect();
                prop_assert!(
                    ["p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "a", "em", "strong", "del",
                     "code", "pre", "blockquote", "hr", "br", "table", "thead", "tbody", "tr", "th", "td"]
                        .contains(&name.as_str()),
                    "<{}> in {}", name, html
                );
                prop_assert!(!part.split('>').next().unwrap_or("").contains("style="));
            }
        }
    }
}
