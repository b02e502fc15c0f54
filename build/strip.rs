//! Takes comments and blanks out of our own style sheets and scripts. It is not a minifier: it knows
//! only what it can do without understanding the code, and compression does the rest.

/// Removes comments, joins blanks, and drops those beside `{ } ; ,`. Quoted text is kept as it is.
pub fn css(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
        } else if c == '"' || c == '\'' {
            let end = rest[1..].find(c).map_or(rest.len(), |i| i + 2);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if c.is_whitespace() {
            rest = rest.trim_start();
            if !out.is_empty()
                && !out.ends_with(['{', '}', ';', ',', ' ', '\n'])
                && !rest.starts_with(['{', '}', ';'])
            {
                out.push(' ');
            }
        } else {
            if c == '}' && out.ends_with(';') {
                out.pop();
            }
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out.push('\n');
    out
}

/// Removes whole-line comments, block comments that begin a line, indentation and empty lines.
pub fn js(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_comment = false;
    for line in text.lines().map(str::trim) {
        if in_comment || line.starts_with("/*") {
            in_comment = !line.ends_with("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}
