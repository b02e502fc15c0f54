//! Pages drawn from the goods once and handed to everybody: all that differs from visitor to
//! visitor are the tokens of their forms.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::settings::Settings;

/// Stands in a print where the token of the visitor's forms goes; no text of a shop holds it.
pub const CSRF: &str = "\u{1}csrf\u{1}";
/// Stands in a print where the key of its form goes.
pub const KEY: &str = "\u{1}key\u{1}";

/// Prints kept of one state of the goods; whoever asks for more addresses is drawn a page alone.
const MOST: usize = 512;

/// A page cut where the tokens go.
#[derive(Debug)]
pub struct Print {
    /// Each with the token that follows it.
    pieces: Vec<(String, Token)>,
    rest: String,
    bytes: usize,
}

#[derive(Debug, Clone, Copy)]
enum Token {
    Csrf,
    Key,
}

impl Print {
    /// Cuts a page that was drawn with [`CSRF`] and [`KEY`] in the place of tokens.
    #[must_use]
    pub fn of(html: &str) -> Self {
        let bytes = html.len();
        let (mut pieces, mut rest) = (Vec::new(), html);
        let next = |text: &str| {
            let of = |mark: &str, token| Some((text.find(mark)?, mark.len(), token));
            let found = [of(CSRF, Token::Csrf), of(KEY, Token::Key)];
            found.into_iter().flatten().min_by_key(|(at, ..)| *at)
        };
        while let Some((at, length, token)) = next(rest) {
            pieces.push((rest[..at].to_owned(), token));
            rest = &rest[at + length..];
        }
        Print {
            pieces,
            rest: rest.to_owned(),
            bytes,
        }
    }

    /// The page with a visitor's tokens.
    #[must_use]
    pub fn with(&self, csrf: &str, key: &str) -> String {
        let more = self.pieces.len() * csrf.len().max(key.len());
        let mut html = String::with_capacity(self.bytes + more);
        for (text, token) in &self.pieces {
            html.push_str(text);
            html.push_str(match token {
                Token::Csrf => csrf,
                Token::Key => key,
            });
        }
        html.push_str(&self.rest);
        html
    }
}

/// What was drawn of one state of the goods, by language and address.
#[derive(Debug, Default)]
pub struct Prints(RwLock<HashMap<String, Kept>>);

/// Under which settings it was drawn, and what.
type Kept = (Arc<Settings>, Arc<Print>);

impl Prints {
    /// The print at an address in a language, if it was drawn under these very settings.
    pub fn at(&self, lang: &str, path: &str, settings: &Arc<Settings>) -> Option<Arc<Print>> {
        let prints = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (under, print) = prints.get(&place(lang, path))?;
        Arc::ptr_eq(under, settings).then(|| Arc::clone(print))
    }

    /// Keeps a print for the next visitor.
    pub fn keep(&self, lang: &str, path: &str, settings: &Arc<Settings>, print: Arc<Print>) {
        let mut prints = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let place = place(lang, path);
        if prints.len() < MOST || prints.contains_key(&place) {
            prints.insert(place, (Arc::clone(settings), print));
        }
    }
}

fn place(lang: &str, path: &str) -> String {
    [lang, " ", path].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_print_is_filled_with_tokens_where_they_go() {
        let print = Print::of(&format!("<a>{CSRF}</a>{KEY}{CSRF}<b>é"));
        assert_eq!(print.with("C", "key"), "<a>C</a>keyC<b>é");
        assert_eq!(print.with("", ""), "<a></a><b>é");
        assert_eq!(Print::of("plain").with("C", "K"), "plain");
        assert_eq!(Print::of("").with("C", "K"), "");
    }

    #[test]
    fn prints_are_of_one_language_address_and_settings() {
        let prints = Prints::default();
        let (old, new) = (Arc::default(), Arc::default());
        prints.keep("zh-CN", "/", &old, Arc::new(Print::of("窗")));
        let at = |lang, path, settings| prints.at(lang, path, settings).map(|p| p.with("", ""));
        assert_eq!(at("zh-CN", "/", &old).as_deref(), Some("窗"));
        assert_eq!(at("en", "/", &old), None);
        assert_eq!(at("zh-CN", "/?page=2", &old), None);
        assert_eq!(at("zh-CN", "/", &new), None, "the same settings, read anew");
        prints.keep("zh-CN", "/", &new, Arc::new(Print::of("新")));
        assert_eq!(at("zh-CN", "/", &new).as_deref(), Some("新"));
        for n in 0..2 * MOST {
            prints.keep("en", &format!("/?{n}"), &new, Arc::new(Print::of("")));
        }
        assert_eq!(prints.0.read().unwrap().len(), MOST);
        assert_eq!(at("zh-CN", "/", &new).as_deref(), Some("新"));
    }
}
