//! Reads a received message enough to assert on: headers, text, HTML, files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One message as the mail server got it.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The message, byte by byte, without the transport's dots.
    pub raw: Vec<u8>,
}

/// A leaf of the message's tree.
#[derive(Clone, Debug)]
pub struct Part {
    /// As `text/plain`, in lower case.
    pub kind: String,
    /// The name of an attached file.
    pub file: Option<String>,
    /// Decoded.
    pub body: Vec<u8>,
}

impl Mail {
    /// A header, unfolded and with its encoded words decoded.
    pub fn header(&self, name: &str) -> Option<String> {
        header(&split_head(&self.raw).0, name)
    }

    /// All leaves, in order.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        collect(&self.raw, &mut parts);
        parts
    }

    /// The plain text.
    pub fn text(&self) -> String {
        self.body_of("text/plain")
    }

    /// The HTML.
    pub fn html(&self) -> String {
        self.body_of("text/html")
    }

    /// An attached file by its name.
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        self.parts()
            .into_iter()
            .find(|part| part.file.as_deref() == Some(name))
            .map(|p| p.body)
    }

    fn body_of(&self, kind: &str) -> String {
        let part = self
            .parts()
            .into_iter()
            .find(|part| part.kind == kind && part.file.is_none());
        part.map_or_else(String::new, |part| {
            String::from_utf8_lossy(&part.body).replace("\r\n", "\n")
        })
    }
}

fn collect(raw: &[u8], parts: &mut Vec<Part>) {
    let (head, body) = split_head(raw);
    let content = header(&head, "content-type").unwrap_or_else(|| "text/plain".to_owned());
    let kind = content
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if kind.starts_with("multipart/") {
        let mark = format!("--{}", parameter(&content, "boundary").unwrap_or_default());
        let text = String::from_utf8_lossy(body);
        // Before the first mark is the preamble, after the last one `--`.
        for piece in text.split(mark.as_str()).skip(1) {
            if piece.starts_with("--") {
                break;
            }
            let piece = piece.strip_prefix("\r\n").unwrap_or(piece);
            collect(
                piece.strip_suffix("\r\n").unwrap_or(piece).as_bytes(),
                parts,
            );
        }
        return;
    }
    let disposition = header(&head, "content-disposition").unwrap_or_default();
    let file = parameter(&disposition, "filename").or_else(|| parameter(&content, "name"));
    let coding = header(&head, "content-transfer-encoding").unwrap_or_default();
    let body = match coding.trim().to_ascii_lowercase().as_str() {
        "base64" => {
            let packed: Vec<u8> = body
                .iter()
                .copied()
                .filter(|byte| !byte.is_ascii_whitespace())
                .collect();
            STANDARD.decode(packed).unwrap_or_default()
        }
        "quoted-printable" => unquote(body, false),
        _ => body.to_vec(),
    };
    parts.push(Part { kind, file, body });
}

fn split_head(raw: &[u8]) -> (String, &[u8]) {
    // A part without headers begins with the empty line itself.
    if let Some(body) = raw.strip_prefix(b"\r\n") {
        return (String::new(), body);
    }
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = end.map_or((raw, &[][..]), |at| (&raw[..at], &raw[at + 4..]));
    (String::from_utf8_lossy(head).into_owned(), body)
}

fn header(head: &str, name: &str) -> Option<String> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    unfolded.split("\r\n").find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name)
            .then(|| decode_words(value.trim()))
    })
}

fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// RFC 2047: `=?utf-8?b?…?=` and `=?utf-8?q?…?=`.
fn decode_words(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some(at) = rest.find("=?") {
        let (before, word) = rest.split_at(at);
        let mut fields = word[2..].splitn(4, '?');
        let (Some(_), Some(coding), Some(text), Some(tail)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            break;
        };
        // White space between two encoded words is no text.
        if !(after_word && before.trim().is_empty()) {
            out.push_str(before);
        }
        let bytes = match coding {
            "b" | "B" => STANDARD.decode(text).unwrap_or_default(),
            _ => unquote(text.as_bytes(), true),
        };
        out.push_str(&String::from_utf8_lossy(&bytes));
        rest = tail.strip_prefix('=').unwrap_or(tail);
        after_word = true;
    }
    out.push_str(rest);
    out
}

fn unquote(text: &[u8], in_header: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'=' => {
                let pair = [bytes.next().unwrap_or(b'\r'), bytes.next().unwrap_or(b'\n')];
                let hex = std::str::from_utf8(&pair).ok();
                // Anything but two hex digits is a soft line break.
                out.extend(hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()));
            }
            b'_' if in_header => out.push(b' '),
            other => out.push(other),
        }
    }
    out
}
