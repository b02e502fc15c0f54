//! Tables to take out: CSV by RFC 4180, in which no text becomes a formula (X38).

use crate::money::Money;

/// One field of a record.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// Somebody's text: a program for tables must not calculate it.
    Text(&'a str),
    /// A number, also a negative one: programs may calculate with it.
    Number(i64),
    /// An amount in major units, without its currency.
    Money(Money),
}

/// Writes records; [`Csv::take`] hands over what was written so far, for answers in pieces.
#[derive(Debug)]
pub struct Csv {
    written: Vec<u8>,
}

/// What a field would begin a formula with.
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n'];

impl Csv {
    /// A table under these headings. It opens with a byte order mark, without which spreadsheets
    /// take Chinese for something else.
    pub fn new(headings: &[&str]) -> Self {
        let mut csv = Csv {
            written: b"\xef\xbb\xbf".to_vec(),
        };
        let cells: Vec<Cell<'_>> = headings.iter().map(|text| Cell::Text(text)).collect();
        csv.row(&cells);
        csv
    }

    /// Adds a record.
    pub fn row(&mut self, cells: &[Cell<'_>]) {
        for (n, cell) in cells.iter().enumerate() {
            if n > 0 {
                self.written.push(b',');
            }
            match cell {
                Cell::Text(text) => self.text(text),
                Cell::Number(number) => self.written.extend(number.to_string().bytes()),
                Cell::Money(money) => {
                    let decimal = money.amount.decimal(money.currency);
                    self.written.extend(decimal.bytes());
                }
            }
        }
        self.written.extend(b"\r\n");
    }

    /// What was written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.written)
    }

    fn text(&mut self, text: &str) {
        let guard = if text.starts_with(FORMULA) { "'" } else { "" };
        if text.contains([',', '"', '\r', '\n']) {
            let quoted = text.replace('"', "\"\"");
            self.written.extend(format!("\"{guard}{quoted}\"").bytes());
        } else {
            self.written.extend(guard.bytes().chain(text.bytes()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, Minor};
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Vec<Vec<String>> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").expect("a mark");
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(bytes);
        let records = reader.records().map(|record| record.expect("a record"));
        records
            .map(|record| record.iter().map(str::to_owned).collect())
            .collect()
    }

    /// X38: nothing that somebody wrote begins a formula, and numbers stay numbers.
    #[test]
    fn text_is_no_formula_and_numbers_are_numbers() {
        let mut csv = Csv::new(&["a", "b", "c"]);
        let owed = Money::new(Minor(-1_250), Currency::CNY);
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "\n=1"] {
            csv.row(&[Cell::Text(text), Cell::Number(-7), Cell::Money(owed)]);
        }
        csv.row(&[
            Cell::Text("plain, \"quoted\""),
            Cell::Number(0),
            Cell::Money(owed),
        ]);
        let table = read(&csv.take());
        assert_eq!(table[0], ["a", "b", "c"]);
        for row in &table[1..8] {
            assert!(row[0].starts_with('\''), "{row:?}");
            assert_eq!(row[1..], ["-7", "-12.50"]);
        }
        assert_eq!(table[8][0], "plain, \"quoted\"");
        assert!(csv.take().is_empty());
    }

    proptest! {
        /// Whatever the text is, it comes back: as it was, or behind one apostrophe.
        #[test]
        fn every_text_comes_back(text in "[ -~\r\n\t卡密]{1,40}") {
            let mut csv = Csv::new(&["text", "n"]);
            csv.row(&[Cell::Text(&text), Cell::Number(1)]);
            let table = read(&csv.take());
            let guarded = text.starts_with(FORMULA);
            let back = table[1][0].strip_prefix('\'').filter(|_| guarded);
            prop_assert_eq!(back.unwrap_or(&table[1][0]), &text);
            prop_assert_eq!(&table[1][1], "1");
        }
    }
}
