//! Form fields, read once and strictly.
//!
//! Comes in: the raw query or body. Goes out: [`Fields`], each name once. Whatever two parsers
//! could read differently is refused: repeated names (also in another case), `sign[]`, encoded
//! names, `;`, a piece without `=`, a broken escape, bytes that are not in the encoding of the
//! message. Source: spec/standard.md check 3, spec/attacks.md X02, X09, X68.

use std::collections::BTreeMap;

/// The most fields that are read.
const MOST: usize = 200;

/// Names and decoded values: texts, or bytes where a message names its own encoding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields<V = String>(BTreeMap<String, V>);

impl Fields<Vec<u8>> {
    /// Reads `name=value&…` in whatever encoding; the error names what is wrong and holds
    /// nothing of the text.
    pub(super) fn read(raw: &str) -> Result<Self, &'static str> {
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

    /// The value of a field that is there, not empty and ASCII.
    pub(super) fn ascii(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).filter(|value| !value.is_empty())?;
        std::str::from_utf8(value)
            .ok()
            .filter(|text| text.is_ascii())
    }
}

impl Fields {
    /// Reads `name=value&…` in UTF-8; the error names what is wrong and holds nothing of the
    /// text.
    pub(super) fn parse(raw: &str) -> Result<Fields, &'static str> {
        let Fields(bytes) = Fields::read(raw)?;
        let texts = bytes.into_iter().map(|(name, value)| {
            let text = String::from_utf8(value).map_err(|_| "not UTF-8")?;
            Ok((name, text))
        });
        texts.collect::<Result<_, _>>().map(Fields)
    }

    /// The decoded value of a field, also when it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a field that is there and not empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }
}

impl<V: std::ops::Deref> Fields<V> {
    /// Every name and value, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &V::Target)> {
        self.0.iter().map(|(name, value)| (name.as_str(), &**value))
    }
}

/// A number or a word, as every field that decides something is.
pub(super) fn is_plain(value: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    value.len() <= 128 && value.bytes().all(plain)
}

/// Whether a value could stand for one of the fields that decide something: values are signed
/// unencoded, so `name=a&pid=1` and two fields have one signature.
pub(super) fn imitates(value: &[u8], deciding: &[&str]) -> bool {
    let pieces = value.split(|byte| *byte == b'&').skip(1);
    pieces.into_iter().any(|piece| {
        let names = deciding
            .iter()
            .map(|name| piece.strip_prefix(name.as_bytes()));
        names.flatten().any(|rest| rest.starts_with(b"="))
    })
}

/// Undoes percent-encoding exactly once (`+` is a blank).
fn decode(value: &str) -> Result<Vec<u8>, &'static str> {
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
    if bytes.contains(&0) {
        return Err("holds a zero byte");
    }
    Ok(bytes)
}

/// Writes fields as a body.
pub(super) fn encode(fields: &[(&'static str, String)]) -> Vec<u8> {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        body.append_pair(name, value);
    }
    body.finish().into_bytes()
}
