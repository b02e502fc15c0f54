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
#[derive(Debug, Default)]
pub struct Csv(String);

/// What a field would begin a formula with.
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n'];

impl Csv {
    /// A table without a record. It opens with a byte order mark, without which spreadsheets take
    /// Chinese for something else.
    pub fn new() -> Self {
        Csv("\u{feff}".to_owned())
    }

    /// Adds a record.
    pub fn row(&mut self, cells: &[Cell<'_>]) {
        for (n, cell) in cells.iter().enumerate() {
            if n > 0 {
                self.0.push(',');
            }
            match cell {
                Cell::Text(text) => self.text(text),
                Cell::Number(number) => self.0.push_str(&number.to_string()),
                Cell::Money(money) => self.0.push_str(&money.amount.decimal(money.currency)),
            }
        }
        self.0.push_str("\r\n");
    }

    /// What was written since the last time.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.0)
    }

    fn text(&mut self, text: &str) {
        let guard = if begins_formula(text) { "'" } else { "" };
        if text.contains([',', '"', '\r', '\n']) {
            let quoted = text.replace('"', "\"\"");
            self.0.push_str(&format!("\"{guard}{quoted}\""));
        } else {
            self.0.push_str(guard);
            self.0.push_str(text);
        }
    }
}

/// Programs pass over blanks before a formula.
fn begins_formula(text: &str) -> bool {
    text.trim_start_matches(' ').starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, Minor};
    use proptest::prelude::*;

    fn read(table: &str) -> Vec<Vec<String>> {
        let table = table.strip_prefix('\u{feff}').expect("a mark");
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(table.as_bytes());
        let records = reader.records().map(|record| record.expect("a record"));
        records
            .map(|record| record.iter().map(str::to_owned).collect())
            .collect()
    }

    /// X38: nothing that somebody wrote begins a formula, and numbers stay numbers.
    #[test]
    fn text_is_no_formula_and_numbers_are_numbers() {
        let mut csv = Csv::new();
        csv.row(&["a", "b", "c"].map(Cell::Text));
        let owed = Money::new(Minor(-1_250), Currency::CNY);
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", " =1"] {
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
            let mut csv = Csv::new();
            csv.row(&[Cell::Text(&text), Cell::Number(1)]);
            let table = read(&csv.take());
            let back = table[0][0].strip_prefix('\'').filter(|_| begins_formula(&text));
            prop_assert_eq!(back.unwrap_or(&table[0][0]), &text);
            prop_assert_eq!(&table[0][1], "1");
        }
    }
}
