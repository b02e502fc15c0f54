//! Strict JSON, of channels and of the API: one object, every number as it was printed.
//!
//! Comes in: raw bytes. Goes out: an [`Object`] whose keys are unique at every depth (also
//! when only their case differs), at most [`DEEPEST`] levels deep, with no byte before or
//! after it. Numbers stay text, so no float is ever made of them and a signature over them can
//! be checked. Source: spec/standard.md check 3, spec/attacks.md X02, X09, X68.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The deepest nesting that is read.
const DEEPEST: usize = 32;

/// A value, as exact as it was printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// The characters of the number.
    Number(String),
    /// The decoded text.
    Text(String),
    /// The raw text of an object or an array.
    Nested(String),
}

/// A JSON object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object(BTreeMap<String, Value>);

impl Object {
    /// Reads one object; the error names what is wrong and holds nothing of the bytes.
    pub fn parse(bytes: &[u8]) -> Result<Object, &'static str> {
        let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8")?;
        if depth(text) > DEEPEST {
            return Err("nests deeper than 32 levels");
        }
        serde_json::from_str::<Unique>(text).map_err(|_| "is not JSON with unique keys")?;
        let raw: Raw = serde_json::from_str(text).map_err(|_| "is not a JSON object")?;
        let mut object = BTreeMap::new();
        for (key, value) in raw.0 {
            object.insert(key, read(value.get())?);
        }
        Ok(Object(object))
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Takes the value of a key out.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key)
    }

    /// Every key and value, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A whole number of plain digits (with `-`), never `1.0`, `1e3`, a text or a boolean.
    pub fn integer(&self, key: &str) -> Option<i64> {
        self.get(key)?.integer()
    }

    /// The object a key holds, read as strictly.
    pub fn object(&self, key: &str) -> Option<Object> {
        self.get(key)?.object()
    }

    /// The list of objects a key holds, each read as strictly; `None` if anything else is in it.
    pub fn objects(&self, key: &str) -> Option<Vec<Object>> {
        let Value::Nested(raw) = self.get(key)? else {
            return None;
        };
        let all: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
        all.iter()
            .map(|one| Object::parse(one.get().as_bytes()).ok())
            .collect()
    }
}

impl Value {
    /// [`Object::integer`] of one value.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Value::Number(digits) if !digits.contains(['.', 'e', 'E']) => digits.parse().ok(),
            _ => None,
        }
    }

    /// [`Object::object`] of one value.
    pub fn object(&self) -> Option<Object> {
        match self {
            Value::Nested(raw) if raw.starts_with('{') => Object::parse(raw.as_bytes()).ok(),
            _ => None,
        }
    }
}

fn read(raw: &str) -> Result<Value, &'static str> {
    let value = match raw.as_bytes().first() {
        Some(b'n') => Value::Null,
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'{' | b'[') => Value::Nested(raw.to_owned()),
        Some(b'"') => Value::Text(serde_json::from_str(raw).map_err(|_| "a text is malformed")?),
        _ => Value::Number(raw.to_owned()),
    };
    Ok(value)
}

/// How deep brackets nest outside of texts; never less than the parser would go.
fn depth(text: &str) -> usize {
    let (mut now, mut most, mut quoted, mut escaped) = (0usize, 0usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                now += 1;
                most = most.max(now);
            }
            b'}' | b']' if !quoted => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

/// The members of an object in order, values untouched.
struct Raw(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Raw(members))
            }
        }
        from.deserialize_map(Members)
    }
}

/// Any JSON in which no object has a key twice, upper and lower case taken as one.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Unique;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
                let mut known = HashSet::new();
                while let Some(key) = map.next_key::<String>()? {
                    if !known.insert(key.to_ascii_lowercase()) {
                        return Err(A::Error::custom("a key stands twice"));
                    }
                    map.next_value::<Unique>()?;
                }
                Ok(Unique)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Unique, A::Error> {
                while seq.next_element::<Unique>()?.is_some() {}
                Ok(Unique)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Unique, E> {
                Ok(Unique)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Unique, E> {
                Ok(Unique)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Unique, E> {
                Ok(Unique)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Unique, E> {
                Ok(Unique)
            }
            fn visit_str<E>(self, _: &str) -> Result<Unique, E> {
                Ok(Unique)
            }
            fn visit_unit<E>(self) -> Result<Unique, E> {
                Ok(Unique)
            }
        }
        from.deserialize_any(Walk)
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
