//! Words and texts: amounts, numbers and tokens, forms, addresses, cards, descriptions.

use std::collections::HashSet;

use vendgate::catalog::to_html;
use vendgate::ids::{AccountId, OrderNo, ViewToken};
use vendgate::money::{Currency, Minor};
use vendgate::stock::import::{LONGEST_CARD, Layout, parse};
use vendgate::web::checkout::check_email;
use vendgate::web::form::Form;

use super::{corpus, play};

fn text(case: &[u8]) -> String {
    String::from_utf8_lossy(case).into_owned()
}

/// An amount reads as what schoolbook arithmetic makes of it, or not at all; and prints as
/// something that reads as the same.
#[test]
fn amounts() {
    play(
        "amounts",
        corpus("amounts"),
        &["0.", ".00", "0000"],
        |case| {
            let text = text(case);
            for currency in Currency::ALL.iter().copied() {
                let Ok(minor) = Minor::parse(&text, currency) else {
                    continue;
                };
                assert!(minor.0 >= 0, "{text} is negative");
                assert!(text.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
                let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
                let places = usize::try_from(currency.exponent()).expect("few places");
                let padded = format!("{fraction:0<places$}");
                let (kept, dropped) = padded.split_at(places);
                assert!(dropped.bytes().all(|b| b == b'0'), "{text} loses money");
                let exact: i128 = format!("{whole}{kept}").parse().expect("digits");
                assert_eq!(i128::from(minor.0), exact, "{text} in {currency}");
                let printed = minor.decimal(currency);
                assert_eq!(Minor::parse(&printed, currency), Ok(minor), "{printed}");
            }
        },
    );
}

/// Numbers, tokens and names are themselves when they are read again.
#[test]
fn names() {
    play(
        "names",
        corpus("names"),
        &["-", " ", "K7Q2", "vg_order="],
        |case| {
            let text = text(case);
            if let Ok(no) = text.parse::<OrderNo>() {
                assert_eq!(no.as_str().len(), 14);
                assert_eq!(no.as_str().parse(), Ok(no.clone()), "{text}");
                let plain = no.as_str().bytes();
                assert!(
                    plain
                        .into_iter()
                        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
                );
            }
            if let Some(token) = ViewToken::from_client(&text) {
                assert_eq!(token.reveal(), text);
                assert_eq!(text.len(), 22, "128 bits");
                assert!(!format!("{token:?}").contains(&text));
            }
            if let Ok(account) = text.parse::<AccountId>() {
                assert_eq!(account.as_str(), text);
                assert!(text.len() <= 40 && text.is_ascii());
            }
        },
    );
}

/// A form has each field once and reads back as it was written; an address of mail has one
/// recipient and no line of its own.
#[test]
fn forms() {
    let words = [
        "&email=",
        "&email=x%40y.test",
        "%0d%0aBcc:",
        "%00",
        "+",
        "%F0%9F",
    ];
    play("forms", corpus("forms"), &words, |case| {
        let Ok(form) = Form::parse(case) else { return };
        let fields = form.with_prefix("");
        assert!(fields.len() <= 200);
        let size: usize = fields
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        assert!(size <= case.len() * 3, "a form grows");
        let written = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&fields)
            .finish();
        let again = Form::parse(written.as_bytes()).expect("what was read can be written");
        assert_eq!(again.with_prefix(""), fields);
        for value in fields.values() {
            let Ok(email) = check_email(value) else {
                continue;
            };
            assert!(email.is_ascii() && email.len() <= 254);
            assert_eq!(email.matches('@').count(), 1, "{email}");
            assert!(!email.contains(|c: char| c.is_whitespace() || c.is_control() || c == ','));
            assert_eq!(check_email(&email).ok().as_ref(), Some(&email));
        }
    });
}

/// Every card is one line of text, stands once, and comes out of the next import as it is.
#[test]
fn cards() {
    let words = [
        "\n",
        "\r\n",
        "\"",
        "\",\"",
        "card,password\n",
        "\u{feff}",
        "----",
        "\t",
    ];
    play("cards", corpus("cards"), &words, |case| {
        for layout in [Layout::Lines, Layout::Csv] {
            let parsed = parse(case, layout);
            let mut seen = HashSet::new();
            let mut before = 0;
            for (line, card) in &parsed.cards {
                assert!(!card.is_empty() && card.chars().count() <= LONGEST_CARD);
                assert!(
                    !card.chars().any(|c| c.is_control() && c != '\t'),
                    "{card:?}"
                );
                assert!(seen.insert(card), "{card:?} stands twice");
                assert!(*line >= before, "in order");
                before = *line;
            }
            // A CSV record may end with a bare carriage return.
            let ends = case.iter().filter(|b| matches!(b, b'\n' | b'\r')).count();
            assert!(parsed.cards.len() + parsed.faults.len() <= ends + 2);
            if layout == Layout::Lines {
                // The blank line keeps a mark at the beginning from being taken for the file's.
                let cards: Vec<&str> = parsed.cards.iter().map(|(_, card)| card.as_str()).collect();
                let printed = format!("\n{}\n", cards.join("\n"));
                let again = parse(printed.as_bytes(), Layout::Lines);
                let again: Vec<&str> = again.cards.iter().map(|(_, card)| card.as_str()).collect();
                assert_eq!(again, cards);
            }
        }
    });
}

/// A description becomes the elements that Markdown makes and nothing else, and not much more of
/// it than was written.
#[test]
fn descriptions() {
    const MADE: &[&str] = &[
        "p",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "a",
        "em",
        "strong",
        "del",
        "code",
        "pre",
        "blockquote",
        "hr",
        "br",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ];
    let words = [
        "<script>",
        "<img src=x onerror=alert(1)>",
        "](javascript:alert(1))",
        "[a]: ",
        "|--:|",
        "```html",
        "&#x3c;",
        "<!--",
        "![",
        "](//evil)",
        "> ",
        "    ",
        "**",
        "~~",
        "\n\n",
        "[^1]",
    ];
    let attribute = regex::Regex::new(r#"([a-zA-Z-]+)="([^"]*)""#).expect("a pattern");
    play("descriptions", corpus("descriptions"), &words, |case| {
        let source = text(case);
        let html = to_html(&source);
        assert!(
            html.len() <= 64 * source.len() + 4_096,
            "{} from {}",
            html.len(),
            source.len()
        );
        for part in html.split('<').skip(1) {
            let inside = part.split('>').next().unwrap_or_default();
            let name = inside.trim_start_matches('/');
            let name: String = name
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            assert!(MADE.contains(&name.as_str()), "<{name}> in {html}");
            for found in attribute.captures_iter(inside) {
                let (name, value) = (&found[1], found[2].trim().to_ascii_lowercase());
                match name {
                    "href" => {
                        let own = value.starts_with('/') && !value.starts_with("//");
                        let known = ["https://", "http://", "mailto:"];
                        assert!(own || known.iter().any(|s| value.starts_with(s)), "{value}");
                    }
                    "title" | "class" | "start" => {}
                    other => panic!("{other}= in {html}"),
                }
            }
        }
    });
}
