//! Reading files of cards: PURE. Text or CSV in, cards and what is wrong with the rest out.
//!
//! `.txt` and pasted text hold one card a line; `.csv` holds one a record, its fields joined by
//! `----` as shops write accounts (`user----password`), a first record `card` or `content` being
//! a heading. Blank lines are passed over. A card has at most 4,000 characters and no control
//! characters.

use std::collections::HashSet;

use crate::ids::text_enum;

/// The longest card, in characters.
pub const LONGEST_CARD: usize = 4_000;

text_enum! {
    /// How the text is laid out.
    pub enum Layout {
        /// One card a line.
        Lines = "lines",
        /// One card a record.
        Csv = "csv",
    }
}

impl Layout {
    /// By a file's name: `.csv` is CSV, all else is lines.
    pub fn of_file(name: &str) -> Self {
        if name.to_ascii_lowercase().ends_with(".csv") {
            Layout::Csv
        } else {
            Layout::Lines
        }
    }
}

text_enum! {
    /// What a line that cannot become a card has.
    pub enum Fault {
        /// The same card stands above it.
        DuplicateInFile = "duplicate_in_file",
        /// More than [`LONGEST_CARD`] characters.
        TooLong = "too_long",
        /// A control character inside.
        ControlCharacter = "control_character",
        /// A record CSV rules cannot read.
        NotCsv = "not_csv",
        /// Not UTF-8.
        NotText = "not_text",
    }
}

impl Fault {
    /// In words for the seller.
    pub fn words(self) -> &'static str {
        match self {
            Fault::DuplicateInFile => "stands above already",
            Fault::TooLong => "is longer than 4,000 characters",
            Fault::ControlCharacter => "holds a control character",
            Fault::NotCsv => "is not a CSV record",
            Fault::NotText => "is not UTF-8 text",
        }
    }
}

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The cards, in order, with the line each began on.
    pub cards: Vec<(u64, String)>,
    /// The lines that are none, with why; in order.
    pub faults: Vec<(u64, Fault)>,
}

/// Reads a file. Never fails: whatever it holds is a card or a fault with its line.
pub fn parse(bytes: &[u8], layout: Layout) -> Parsed {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut parsed = Parsed::default();
    let mut seen = HashSet::new();
    match layout {
        Layout::Lines => {
            for (line, raw) in (1u64..).zip(bytes.split(|b| *b == b'\n')) {
                let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
                match std::str::from_utf8(raw) {
                    Ok(text) => parsed.take(line, text.trim().to_owned(), &mut seen),
                    Err(_) => parsed.faults.push((line, Fault::NotText)),
                }
            }
        }
        Layout::Csv => {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .trim(csv::Trim::All)
                .from_reader(bytes);
            let mut record = csv::ByteRecord::new();
            let mut first = true;
            loop {
                let line = reader.position().line();
                match reader.read_byte_record(&mut record) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(_) => {
                        parsed.faults.push((line, Fault::NotCsv));
                        break;
                    }
                }
                let line = record.position().map_or(line, csv::Position::line);
                let fields: Result<Vec<&str>, _> = record.iter().map(std::str::from_utf8).collect();
                let Ok(fields) = fields else {
                    parsed.faults.push((line, Fault::NotText));
                    continue;
                };
                let heading = std::mem::take(&mut first) && is_heading(&fields);
                if !heading {
                    let kept: Vec<&str> = fields.into_iter().filter(|f| !f.is_empty()).collect();
                    parsed.take(line, kept.join("----"), &mut seen);
                }
            }
        }
    }
    parsed
}

fn is_heading(fields: &[&str]) -> bool {
    let first = fields.first().copied().unwrap_or_default();
    ["card", "content", "卡密"].contains(&first.to_ascii_lowercase().as_str())
}

impl Parsed {
    fn take(&mut self, line: u64, card: String, seen: &mut HashSet<String>) {
        if card.is_empty() {
            return;
        }
        let fault = if card.chars().count() > LONGEST_CARD {
            Some(Fault::TooLong)
        } else if card.chars().any(|c| c.is_control() && c != '\t') {
            Some(Fault::ControlCharacter)
        } else if seen.contains(&card) {
            Some(Fault::DuplicateInFile)
        } else {
            None
        };
        match fault {
            Some(fault) => self.faults.push((line, fault)),
            None => {
                seen.insert(card.clone());
                self.cards.push((line, card));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_tell_what_is_wrong_and_where() {
        let parsed = parse(
            b"\xef\xbb\xbfA-1\r\n\n  A-2  \nA-1\nA\x07-3\n\xff\xfe\nA-4",
            Layout::Lines,
        );
        let cards: Vec<_> = parsed.cards.iter().map(|(l, c)| (*l, c.as_str())).collect();
        assert_eq!(cards, [(1, "A-1"), (3, "A-2"), (7, "A-4")]);
        assert_eq!(
            parsed.faults,
            [
                (4, Fault::DuplicateInFile),
                (5, Fault::ControlCharacter),
                (6, Fault::NotText)
            ]
        );
        let long = "x".repeat(LONGEST_CARD + 1);
        assert_eq!(
            parse(long.as_bytes(), Layout::Lines).faults,
            [(1, Fault::TooLong)]
        );
    }

    #[test]
    fn csv_joins_the_fields_of_an_account() {
        let parsed = parse(
            "card,password\nuser1,\"p,1\"\nuser2,p2\n\nuser1,\"p,1\"\n".as_bytes(),
            Layout::Csv,
        );
        let cards: Vec<_> = parsed.cards.iter().map(|(_, c)| c.as_str()).collect();
        assert_eq!(cards, ["user1----p,1", "user2----p2"]);
        assert_eq!(parsed.faults.len(), 1);
        assert_eq!(parsed.faults[0].1, Fault::DuplicateInFile);
    }

    proptest! {
        /// Nothing is lost silently: every non-blank line is a card or a fault.
        #[test]
        fn every_line_is_accounted_for(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let parsed = parse(&bytes, Layout::Lines);
            let stripped = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            let lines = stripped.split(|b| *b == b'\n').filter(|raw| {
                std::str::from_utf8(raw).map_or(true, |t| !t.trim().is_empty())
            }).count();
            prop_assert_eq!(parsed.cards.len() + parsed.faults.len(), lines);
            let _ = parse(&bytes, Layout::Csv);
        }
    }
}
