//! What names, codes and texts may look like: PURE.

/// The part of an address, or a seller's own code: letters, digits, `-`, `_` and `.`.
pub(super) fn code(text: &str) -> Result<(), &'static str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let dots = text.bytes().all(|b| b == b'.');
    if text.len() > 80 || dots || !text.bytes().all(plain) {
        return Err("must be 1 to 80 letters, digits, -, _ or .");
    }
    Ok(())
}

/// One line of at most `most` characters.
pub(super) fn line(text: &str, most: usize) -> Result<(), String> {
    if text.chars().any(char::is_control) {
        return Err("must be one line without control characters".to_owned());
    }
    longest(text, most)
}

/// Text of several lines and at most `most` characters.
pub(super) fn lines(text: &str, most: usize) -> Result<(), String> {
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(control) {
        return Err("holds a control character".to_owned());
    }
    longest(text, most)
}

/// The name of an icon, or the path of a picture on this shop.
pub(super) fn picture(text: &str) -> Result<(), &'static str> {
    let icon = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let path = text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= 300
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '\\');
    if path || (text.len() <= 40 && text.bytes().all(icon)) {
        return Ok(());
    }
    Err(
        "must be the name of an icon (lower-case letters, digits and -) or a path of this shop (/…)",
    )
}

fn longest(text: &str, most: usize) -> Result<(), String> {
    if text.chars().count() > most {
        return Err(format!("is longer than {most} characters"));
    }
    Ok(())
}
