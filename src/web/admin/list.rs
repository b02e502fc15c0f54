//! Lists of the staff: filters, order and page stand in the address, so that a list can be kept,
//! sent and gone back to. Pages are found by where the last one ended, never by counting rows.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Rows of a page.
pub const ROWS: usize = 50;

/// What the address of a list asks for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    path: String,
    pairs: Vec<(String, String)>,
}

/// Where a page begins: behind the row with this value in the ordered column, and this id.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cursor {
    /// The ordered column of the last row seen, as text.
    pub key: String,
    /// Its id.
    pub id: String,
}

/// The way to the neighbouring pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pages {
    /// To the beginning of the list, where this is not it.
    pub first: Option<String>,
    /// On.
    pub next: Option<String>,
}

/// The heading of a column by which the list can be ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortLink {
    /// Orders by this column, or turns its order around.
    pub url: String,
    /// `ascending`, `descending` or `none`.
    pub aria: &'static str,
}

const SORT: &str = "sort";
const CURSOR: &str = "from";

impl Asked {
    /// Reads path and query of a request. Empty values count as not there.
    pub fn of(path: &str, query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.trim().to_owned()))
            .filter(|(name, value)| !value.is_empty() && name != "lang")
            .take(40)
            .collect();
        Asked {
            path: path.to_owned(),
            pairs,
        }
    }

    /// A value of the address, empty if it has none; at most 200 characters of it.
    pub fn get(&self, name: &str) -> &str {
        let found = self.pairs.iter().find(|(key, _)| key == name);
        let value = found.map_or("", |(_, value)| value);
        value
            .char_indices()
            .nth(200)
            .map_or(value, |(end, _)| &value[..end])
    }

    /// Whether the list is filtered by any of these.
    pub fn filtered(&self, names: &[&str]) -> bool {
        names.iter().any(|name| !self.get(name).is_empty())
    }

    /// The column the list is ordered by, and whether from the greatest: the first of `columns`
    /// with `down`, unless the address names another.
    pub fn order<'a>(&self, columns: &[&'a str], down: bool) -> (&'a str, bool) {
        let asked = self.get(SORT);
        let (name, turned) = match asked.strip_prefix('-') {
            Some(name) => (name, true),
            None => (asked, false),
        };
        match columns.iter().find(|column| **column == name) {
            Some(column) => (column, turned),
            None => (columns.first().copied().unwrap_or_default(), down),
        }
    }

    /// Where the page begins; a cursor that is none is the beginning.
    pub fn cursor(&self) -> Option<Cursor> {
        let found = self.pairs.iter().find(|(key, _)| key == CURSOR)?;
        let bytes = URL_SAFE_NO_PAD.decode(&found.1).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// The heading of a column, given the present order.
    pub fn sort_link(&self, column: &str, now: (&str, bool)) -> SortLink {
        let here = now.0 == column;
        let value = match (here, now.1) {
            (true, false) => format!("-{column}"),
            _ => column.to_owned(),
        };
        SortLink {
            url: self.with(&[(SORT, Some(&value)), (CURSOR, None)]),
            aria: match (here, now.1) {
                (false, _) => "none",
                (true, true) => "descending",
                (true, false) => "ascending",
            },
        }
    }

    /// Cuts the rows to one page and tells the way on. The caller has read one row more than
    /// [`ROWS`]; `at` tells where a row stands.
    pub fn pages<T>(&self, rows: &mut Vec<T>, at: impl Fn(&T) -> Cursor) -> Pages {
        let more = rows.len() > ROWS;
        rows.truncate(ROWS);
        let next = rows.last().filter(|_| more).map(|row| {
            let bytes = serde_json::to_vec(&at(row)).unwrap_or_default();
            self.with(&[(CURSOR, Some(&URL_SAFE_NO_PAD.encode(bytes)))])
        });
        let first = (!self.get(CURSOR).is_empty()).then(|| self.with(&[(CURSOR, None)]));
        Pages { first, next }
    }

    /// This list with values set or taken away.
    pub fn with(&self, changes: &[(&str, Option<&str>)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let changed = |name: &str| changes.iter().any(|(key, _)| *key == name);
        for (name, value) in self.pairs.iter().filter(|(name, _)| !changed(name)) {
            query.append_pair(name, value);
        }
        for (name, value) in changes {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        match query.finish() {
            query if query.is_empty() => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }

    /// The list without any filter.
    pub fn bare(&self) -> &str {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_its_address() {
        let asked = Asked::of("/admin/orders", "state=paid&q=&sort=-amount&lang=en");
        assert_eq!(asked.get("state"), "paid");
        assert!(asked.filtered(&["q", "state"]) && !asked.filtered(&["q"]));
        assert_eq!(asked.order(&["created", "amount"], true), ("amount", true));
        assert_eq!(
            asked.with(&[("state", None), ("q", Some("a b"))]),
            "/admin/orders?sort=-amount&q=a+b"
        );
        let link = asked.sort_link("amount", ("amount", true));
        assert_eq!(
            (link.url.as_str(), link.aria),
            ("/admin/orders?state=paid&sort=amount", "descending")
        );
        let unknown = Asked::of("/admin/orders", "sort=password_hash&from=%00zz");
        assert_eq!(unknown.order(&["created"], true), ("created", true));
        assert_eq!(unknown.cursor(), None);
    }

    #[test]
    fn pages_go_on_where_they_ended() {
        let asked = Asked::of("/x", "state=paid");
        let at = |n: &usize| Cursor {
            key: n.to_string(),
            id: format!("id{n}"),
        };
        let mut rows: Vec<usize> = (0..=ROWS).collect();
        let pages = asked.pages(&mut rows, at);
        assert_eq!((rows.len(), pages.first), (ROWS, None));
        let next = pages.next.unwrap();
        let (path, query) = next.split_once('?').unwrap();
        let next = Asked::of(path, query);
        assert_eq!(next.get("state"), "paid");
        assert_eq!(next.cursor().unwrap().id, format!("id{}", ROWS - 1));
        let mut last: Vec<usize> = vec![1];
        let pages = next.pages(&mut last, at);
        assert_eq!(pages.next, None);
        assert_eq!(pages.first.as_deref(), Some("/x?state=paid"));
    }
}
