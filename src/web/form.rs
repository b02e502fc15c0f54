//! Forms: parsed once, strictly. A field sent twice is refused, so that no two readers can see
//! different values (X09, X22); there are at most 200 fields (X68).

use std::collections::BTreeMap;

use crate::random::Random;

/// A parsed form.
#[derive(Debug, Default, Clone)]
pub struct Form(BTreeMap<String, String>);

/// Why a form is not usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadForm {
    /// Not UTF-8, or more than 200 fields.
    #[error("the form could not be read")]
    Malformed,
    /// A field stands in it twice.
    #[error("a field was sent twice")]
    Repeated,
}

const MOST_FIELDS: usize = 200;

impl Form {
    /// Parses `application/x-www-form-urlencoded` bytes.
    pub fn parse(body: &[u8]) -> Result<Self, BadForm> {
        let text = std::str::from_utf8(body).map_err(|_| BadForm::Malformed)?;
        let fields = url::form_urlencoded::parse(text.as_bytes());
        Self::of(fields.map(|(name, value)| (name.into_owned(), value.into_owned())))
    }

    /// The form of these fields, under the same rules.
    pub fn of(sent: impl IntoIterator<Item = (String, String)>) -> Result<Self, BadForm> {
        let mut fields = BTreeMap::new();
        for (name, value) in sent {
            if fields.len() == MOST_FIELDS || value.contains('\u{fffd}') {
                return Err(BadForm::Malformed);
            }
            if fields.insert(name, value).is_some() {
                return Err(BadForm::Repeated);
            }
        }
        Ok(Form(fields))
    }

    /// A field, empty if it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The id of a form, its field `key`: the same form sent twice is one deed. None = it is not
    /// one of ours.
    pub fn key(&self) -> Option<&str> {
        let key = self.get("key");
        let plain = key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit());
        plain.then_some(key)
    }

    /// Fields whose names begin with `prefix`, without it.
    pub fn with_prefix(&self, prefix: &str) -> BTreeMap<String, String> {
        self.0
            .iter()
            .filter_map(|(name, value)| {
                Some((name.strip_prefix(prefix)?.to_owned(), value.clone()))
            })
            .collect()
    }
}

/// A new id for a form.
pub fn new_key(random: &dyn Random) -> String {
    hex::encode(random.bytes::<16>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_one_way_only() {
        let form = Form::parse("email=a%40b.cn&field_note=%E4%BD%A0+x".as_bytes()).unwrap();
        assert_eq!(form.get("email"), "a@b.cn");
        assert_eq!(form.get("absent"), "");
        assert_eq!(form.with_prefix("field_")["note"], "你 x");
        assert_eq!(Form::parse(b"a=1&a=2").unwrap_err(), BadForm::Repeated);
        assert_eq!(Form::parse(b"a=1&%61=2").unwrap_err(), BadForm::Repeated);
        assert_eq!(Form::parse(b"a=%ff").unwrap_err(), BadForm::Malformed);
        let many: String = (0..201).map(|n| format!("f{n}=&")).collect();
        assert_eq!(
            Form::parse(many.as_bytes()).unwrap_err(),
            BadForm::Malformed
        );
    }
}
