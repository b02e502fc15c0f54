//! What is signed: RSA2 is SHA256withRSA over these texts, in base64.
//!
//! Requests keep `sign_type` among what is signed, notices do not; answers are signed as the raw
//! text of their object. Source: alipay.md §2, §3, §5.

/// What a request signs: `k=v&…` of every field but `sign` and the empty ones, sorted by name;
/// values as they are, not encoded.
pub(super) fn of_request<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut signed: Vec<(&str, &str)> = fields
        .into_iter()
        .filter(|(name, value)| *name != "sign" && !value.is_empty())
        .collect();
    signed.sort_unstable();
    let pairs: Vec<String> = signed.iter().map(|(n, v)| format!("{n}={v}")).collect();
    pairs.join("&")
}

/// Whether a field without a value is signed: those who sign for Alipay do not agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Empty {
    /// It is left out.
    Skipped,
    /// It stands there as `name=`.
    Kept,
}

/// What a notice signs: every field but `sign` and `sign_type`, sorted by name; values as they
/// are, in the bytes of the notice's own encoding.
pub(super) fn of_notice<'a>(
    fields: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    empty: Empty,
) -> Vec<u8> {
    let mut signed: Vec<(&str, &[u8])> = fields
        .into_iter()
        .filter(|(name, _)| !matches!(*name, "sign" | "sign_type"))
        .filter(|(_, value)| empty == Empty::Kept || !value.is_empty())
        .collect();
    signed.sort_unstable();
    let mut text = Vec::new();
    for (name, value) in signed {
        if !text.is_empty() {
            text.push(b'&');
        }
        text.extend_from_slice(name.as_bytes());
        text.push(b'=');
        text.extend_from_slice(value);
    }
    text
}

/// The raw text of an answer with every bare `/` written as `\/`, as some of Alipay's servers
/// sign it and do not send it; `None` where nothing changes. It says the same: within JSON a `/`
/// stands in texts only, and one that is escaped already stays as it is.
pub(super) fn with_escaped_slashes(raw: &str) -> Option<String> {
    let mut text = String::with_capacity(raw.len() + 16);
    let mut escaped = false;
    for c in raw.chars() {
        if c == '/' && !escaped {
            text.push('\\');
        }
        text.push(c);
        escaped = c == '\\' && !escaped;
    }
    (text.len() != raw.len()).then_some(text)
}
