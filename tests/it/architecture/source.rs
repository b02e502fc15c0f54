//! Reads one source file as far as the house rules need it: its code without
//! comments, texts and inline tests, and the paths it takes from the crate.

/// A file under `src/`.
pub struct Source {
    /// From the repository's root: `src/order/state.rs`.
    pub path: String,
    /// As it stands in the file.
    pub text: String,
    /// Without comments, the insides of texts, and `#[cfg(test)] mod … { }`.
    pub code: String,
    /// What it names of this crate, as `order::state::State`.
    pub imports: Vec<String>,
}

impl Source {
    /// Reads it.
    pub fn read(path: &str, text: &str) -> Self {
        let code = without_inline_tests(&without_comments_and_texts(text));
        let imports = imports(path, &code);
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            imports,
        }
    }

    /// The path inside `src/` in pieces, without `.rs`: `["order", "state"]`.
    pub fn pieces(&self) -> Vec<&str> {
        pieces(&self.path)
    }

    /// Whether the code uses a word (not a part of a longer one).
    pub fn names(&self, word: &str) -> bool {
        find_word(&self.code, word, 0).is_some()
    }
}

fn pieces(path: &str) -> Vec<&str> {
    path.trim_start_matches("src/")
        .trim_end_matches(".rs")
        .split('/')
        .collect()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn find_word(code: &str, word: &str, from: usize) -> Option<usize> {
    let bytes = code.as_bytes();
    let mut from = from;
    while let Some(at) = code.get(from..)?.find(word).map(|at| at + from) {
        let end = at + word.len();
        let free_before = at == 0 || !is_word(bytes[at - 1]);
        if free_before && bytes.get(end).is_none_or(|byte| !is_word(*byte)) {
            return Some(at);
        }
        from = end;
    }
    None
}

/// Blanks comments and the insides of string and character literals; everything
/// keeps its place and its line.
fn without_comments_and_texts(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    let blank = |out: &mut String, piece: &[char]| {
        out.extend(piece.iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
    };
    while i < chars.len() {
        let end = match (chars[i], chars.get(i + 1)) {
            ('/', Some('/')) => position(&chars, i, |c| c == '\n'),
            ('/', Some('*')) => end_of_block(&chars, i),
            ('"', _) => end_of_text(&chars, i),
            ('r', Some('"' | '#')) if i == 0 || !is_ident(chars[i - 1]) => {
                end_of_raw_text(&chars, i).unwrap_or(i)
            }
            ('\'', Some('\\')) => position(&chars, i + 3, |c| c == '\'') + 1,
            ('\'', Some(_)) if chars.get(i + 2) == Some(&'\'') => i + 3,
            _ => i,
        };
        let end = end.min(chars.len());
        if end == i {
            out.push(chars[i]);
            i += 1;
        } else {
            blank(&mut out, &chars[i..end]);
            i = end;
        }
    }
    out
}

fn is_ident(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn position(chars: &[char], from: usize, found: impl Fn(char) -> bool) -> usize {
    (from..chars.len())
        .find(|at| found(chars[*at]))
        .unwrap_or(chars.len())
}

fn end_of_block(chars: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0, from);
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

fn end_of_text(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn end_of_raw_text(chars: &[char], from: usize) -> Option<usize> {
    let open = position(chars, from + 1, |c| c != '#');
    // `r#name` is an identifier, not a text.
    (chars.get(open) == Some(&'"')).then_some(())?;
    let marks = open - from - 1;
    let mut at = open + 1;
    loop {
        at = position(chars, at, |c| c == '"') + 1;
        if at > chars.len() || chars[at..].iter().take_while(|c| **c == '#').count() >= marks {
            return Some(at + marks);
        }
    }
}

/// Blanks `#[cfg(test)] mod name { … }`: tests may use what they like.
fn without_inline_tests(code: &str) -> String {
    let mut out = code.to_owned();
    let mut from = 0;
    while let Some(at) = out[from..].find("#[cfg(test)]").map(|at| at + from) {
        let after = at + "#[cfg(test)]".len();
        from = after;
        let item = out[after..].trim_start();
        let head = item.split(['{', ';']).next().unwrap_or_default();
        let is_module = find_word(head, "mod", 0).is_some();
        let Some(open) = out[after..].find(['{', ';']).map(|open| open + after) else {
            break;
        };
        if !is_module || out.as_bytes()[open] == b';' {
            continue;
        }
        let end = end_of_braces(&out, open);
        let blank: String = out[at..end]
            .chars()
            .map(|c| if c == '\n' { '\n' } else { ' ' })
            .collect();
        out.replace_range(at..end, &blank);
        from = at + blank.len();
    }
    out
}

fn end_of_braces(code: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// Every `crate::…` path, and every `super::…` path made absolute.
fn imports(path: &str, code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for root in ["crate", "super"] {
        let mut from = 0;
        while let Some(at) = find_word(code, root, from) {
            from = at + root.len();
            // `super` in the middle of a chain was taken with its first one.
            if code[..at].trim_end().ends_with("::") {
                continue;
            }
            let Some(mut rest) = after_colons(&code[from..]) else {
                continue;
            };
            let mut base = Vec::new();
            if root == "super" {
                base = parent(path);
                while let Some(next) = rest.strip_prefix("super").and_then(after_colons) {
                    base.pop();
                    rest = next;
                }
            }
            tree(rest, &base.join("::"), &mut found);
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The module that `super` means in a file.
fn parent(path: &str) -> Vec<&str> {
    let mut module = pieces(path);
    if module.last() == Some(&"mod") {
        module.pop();
    }
    module.pop();
    module
}

fn after_colons(code: &str) -> Option<&str> {
    code.trim_start().strip_prefix("::").map(str::trim_start)
}

/// Reads `a::{b, c::d}` at the start of `code` into whole paths.
fn tree(code: &str, base: &str, found: &mut Vec<String>) {
    let join = |name: &str| match base {
        "" => name.to_owned(),
        base => format!("{base}::{name}"),
    };
    if let Some(group) = code.strip_prefix('{') {
        let inside = &group[..end_of_braces(code, 0) - 2];
        for branch in branches(inside) {
            tree(branch.trim(), base, found);
        }
        return;
    }
    let end = code.find(|c: char| !is_ident(c)).unwrap_or(code.len());
    if end == 0 {
        return found.push(join("*"));
    }
    let name = join(&code[..end]);
    match after_colons(&code[end..]) {
        Some(rest) if rest.starts_with(|c: char| is_ident(c) || c == '{' || c == '*') => {
            tree(rest, &name, found);
        }
        _ => found.push(name),
    }
}

fn branches(group: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, byte) in group.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(&group[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[from..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}
