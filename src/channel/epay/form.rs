//! Form fields, read once and strictly.
//!
//! Comes in: the raw query or body. Goes out: [`Fields`], each name once. Whatever two parsers
//! could read differently is refused: repeated names (also in another case), `sign[]`, encoded
//! names, `;`, a piece without `=`, a broken escape, bytes that are not UTF-8. Source:
//! spec/standard.md check 3, spec/attacks.md X02, X09, X68.

use std::collections::BTreeMap;

/// The most fields that are read.
const MOST: usize = 200;

/// Names and decoded values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads `name=value&…`; the error names what is wrong and holds nothing of the text.
    pub(super) fn parse(raw: &str) -> Result<Fields, &'static str> {
        let mut fields = BTreeMap::new();
        if raw.is_empty() {
            return Ok(Fields(fields));
        }
        if raw.contains(';') {
            return Err("holds a bare ;");
        }
        if raw.split('&').count() > MOST {
            return Err("too many fields");
        }
        for piece in raw.split('&') {
            let (name, value) = piece.split_once('=').ok_or("a field without =")?;
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) {
                return Err("a field name that is not plain");
            }
            if fields
                .keys()
                .any(|known: &String| known.eq_ignore_ascii_case(name))
            {
                return Err("a field stands twice");
            }
            fields.insert(name.to_owned(), decode(value)?);
        }
        Ok(Fields(fields))
    }

    /// The decoded value of a field, also when it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a field that is there and not empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Every name and value, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

/// Undoes percent-encoding exactly once (`+` is a blank).
fn decode(value: &str) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let [high, low, tail @ ..] = rest else {
                    return Err("a broken escape");
                };
                let digit = |b: &u8| char::from(*b).to_digit(16);
                let (Some(high), Some(low)) = (digit(high), digit(low)) else {
                    return Err("a broken escape");
                };
                bytes.push(u8::try_from(high * 16 + low).map_err(|_| "a broken escape")?);
                rest = tail;
            }
            other => bytes.push(*other),
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| "not UTF-8")?;
    if text.contains('\0') {
        return Err("holds a zero byte");
    }
    Ok(text)
}

/// Writes fields as a body.
pub(super) fn encode(fields: &[(&'static str, String)]) -> Vec<u8> {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        body.append_pair(name, value);
    }
    body.finish().into_bytes()
}
