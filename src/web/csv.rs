//! Tables for spreadsheets: RFC 4180, and no cell that a spreadsheet would run (X38).

use crate::money::Money;

/// One cell.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// Anybody's words: never a formula.
    Text(&'a str),
    /// A count, also below zero.
    Number(i64),
    /// An amount as a plain decimal number; its currency has a cell of its own.
    Money(Money),
}

/// Rows as they are written.
#[derive(Debug, Default)]
pub struct Csv(String);

/// What a spreadsheet takes for a formula when it begins with it.
const BEGINS: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

impl Csv {
    /// A table for programs of our buyers' countries: the mark at its beginning says UTF-8.
    pub fn new() -> Self {
        Csv("\u{feff}".to_owned())
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[Cell<'_>]) {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
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
        let formula = text.trim_start_matches(' ').starts_with(BEGINS);
        let quoted = formula || text.contains(['"', ',', '\r', '\n']);
        if quoted {
            self.0.push('"');
        }
        if formula {
            self.0.push('\'');
        }
        self.0.push_str(&text.replace('"', "\"\""));
        if quoted {
            self.0.push('"');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, Minor};
    use proptest::prelude::*;

    #[test]
    fn words_are_never_formulas_and_numbers_stay_numbers() {
        let mut csv = Csv::new();
        csv.row(&[
            Cell::Text("=HYPERLINK(\"http://x\")"),
            Cell::Text("  +1"),
            Cell::Text("plain"),
            Cell::Text("a,\"b\"\nc"),
            Cell::Number(-3),
            Cell::Money(Money::new(Minor(-1_990), Currency::CNY)),
        ]);
        assert_eq!(
            csv.take(),
            "\u{feff}\"'=HYPERLINK(\"\"http://x\"\")\",\"'  +1\",plain,\"a,\"\"b\"\"\nc\",-3,-19.90\r\n"
        );
        assert_eq!(csv.take(), "");
        for begins in BEGINS {
            csv.row(&[Cell::Text(&format!("{begins}1"))]);
            assert!(csv.take().starts_with("\"'"), "{begins:?}");
        }
    }

    proptest! {
        /// Whatever somebody wrote comes back: as it was, or behind one apostrophe.
        #[test]
        fn every_text_comes_back(text in "[ -~\r\n\t卡密]{1,40}", number in any::<i64>()) {
            let mut csv = Csv::new();
            csv.row(&[Cell::Text(&text), Cell::Number(number)]);
            let table = csv.take();
            let table = table.strip_prefix('\u{feff}').unwrap_or_default();
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(table.as_bytes());
            let record = reader.records().next().expect("a record").expect("by the rules");
            let guarded = text.trim_start_matches(' ').starts_with(BEGINS);
            let back = record[0].strip_prefix('\'').filter(|_| guarded);
            prop_assert_eq!(back.unwrap_or(&record[0]), &text);
            prop_assert_eq!(&record[1], number.to_string());
        }
    }
}
