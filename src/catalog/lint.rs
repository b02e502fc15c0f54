//! What names, codes, texts, prices and limits of goods may look like: PURE. Whoever writes goods
//! (a file, the console) asks here, so that both refuse the same.

use super::model::Tier;
use crate::money::{Currency, Minor, MoneyError};

/// Most units of one order: what one order writes stays within one transaction.
pub const MOST_UNITS: i64 = 200;
/// Most units of one order unless somebody says otherwise.
pub const UNITS: i64 = 100;
/// Most of a limit that is only a number.
pub const MANY: i64 = 1_000_000_000;
/// Longest promise of a delivery by hand, in minutes: a year.
pub const LONGEST_PROMISE: i64 = 60 * 24 * 365;
/// Places in a list go from its negative to this.
pub const LAST_PLACE: i64 = 1_000_000;
/// The largest price, in minor units: [`MOST_UNITS`] of it still fit.
pub const LARGEST_PRICE: Minor = Minor(100_000_000_000_000);
/// Longest name of a product, in characters.
pub const NAME: usize = 200;
/// Longest name of a category, of a variant, and longest label of a field.
pub const LABEL: usize = 100;
/// Longest summary.
pub const SUMMARY: usize = 300;
/// Longest description.
pub const DESCRIPTION: usize = 50_000;
/// Longest usage note.
pub const USAGE: usize = 10_000;
/// Longest content of a reusable card.
pub const CONTENT: usize = 20_000;

/// Why a value of the goods is refused. Its words are for files; the console has its own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// Nothing stands there.
    #[error("is empty")]
    Empty,
    /// No part of an address.
    #[error("must be 1 to 80 letters, digits, -, _ or .")]
    Code,
    /// Several lines, or something no eye sees.
    #[error("must be one line without control characters")]
    NotOneLine,
    /// Something no eye sees.
    #[error("holds a control character")]
    Control,
    /// More characters than this.
    #[error("is longer than {0} characters")]
    TooLong(usize),
    /// Neither icon nor path.
    #[error(
        "must be the name of an icon (lower-case letters, digits and -) or a path of this shop (/…)"
    )]
    Picture,
    /// No whole number from the first to the second.
    #[error("must be a whole number from {0} to {1}")]
    Range(i64, i64),
    /// None of the words it may be.
    #[error("is not one of the choices")]
    NotAChoice,
    /// No plain decimal amount.
    #[error("is not a plain decimal amount")]
    NotMoney,
    /// More decimals than this currency has.
    #[error("has more decimals than {0}")]
    TooPrecise(Currency),
    /// More than [`LARGEST_PRICE`].
    #[error("is more than {max}", max = LARGEST_PRICE.0)]
    TooDear,
    /// An upper bound below its lower one.
    #[error("is below min_quantity")]
    BelowLeast,
    /// More than [`MOST_UNITS`].
    #[error("is more than one order can hold")]
    AboveOrder,
    /// A buyer may have less than the least of an order.
    #[error("is below min_quantity, so nobody could buy")]
    NobodyCouldBuy,
    /// A tier that does not begin after the one before it.
    #[error("must be more than that of the tier before it")]
    TierOrder,
    /// A tier that costs more than fewer units do.
    #[error("is more than fewer units cost")]
    TierDearer,
    /// A field's key that is none.
    #[error("a field's key is lower-case letters, digits and _")]
    FieldKey,
    /// A choice without choices.
    #[error("a select needs options")]
    NoOptions,
    /// A blank choice.
    #[error("holds an empty choice, or one with blanks around it")]
    BlankOption,
    /// No regular expression.
    #[error("the pattern is not a regular expression")]
    Pattern,
    /// Choices where nothing is chosen.
    #[error("only a select has options")]
    OptionsElsewhere,
    /// A pattern where none is asked for.
    #[error("only a pattern has a pattern")]
    PatternElsewhere,
    /// Another one is called so already.
    #[error("stands elsewhere already")]
    Taken,
}

impl From<Unsound> for String {
    fn from(unsound: Unsound) -> String {
        unsound.to_string()
    }
}

/// The part of an address, or a seller's own code: letters, digits, `-`, `_` and `.`.
pub fn code(text: &str) -> Result<(), Unsound> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let dots = text.bytes().all(|b| b == b'.');
    match text {
        "" => Err(Unsound::Empty),
        _ if text.len() > 80 || dots || !text.bytes().all(plain) => Err(Unsound::Code),
        _ => Ok(()),
    }
}

/// A name: one line of at most `most` characters that is not blank.
pub fn name(text: &str, most: usize) -> Result<(), Unsound> {
    match text.trim() {
        "" => Err(Unsound::Empty),
        _ => line(text, most),
    }
}

/// One line of at most `most` characters.
pub fn line(text: &str, most: usize) -> Result<(), Unsound> {
    match text.chars().any(char::is_control) {
        true => Err(Unsound::NotOneLine),
        false => longest(text, most),
    }
}

/// Text of several lines and at most `most` characters.
pub fn lines(text: &str, most: usize) -> Result<(), Unsound> {
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    match text.chars().any(control) {
        true => Err(Unsound::Control),
        false => longest(text, most),
    }
}

/// The name of an icon, or the path of a picture on this shop.
pub fn picture(text: &str) -> Result<(), Unsound> {
    let icon = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let path = text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= 300
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '\\');
    match path || (text.len() <= 40 && text.bytes().all(icon)) {
        true => Ok(()),
        false => Err(Unsound::Picture),
    }
}

/// A price as a person writes it, in whole units: `29.90`.
pub fn price(text: &str, currency: Currency) -> Result<Minor, Unsound> {
    match Minor::parse(text, currency) {
        Ok(minor) if minor > LARGEST_PRICE => Err(Unsound::TooDear),
        Ok(minor) => Ok(minor),
        Err(MoneyError::TooPrecise) => Err(Unsound::TooPrecise(currency)),
        Err(MoneyError::Overflow) => Err(Unsound::TooDear),
        Err(_) if text.is_empty() => Err(Unsound::Empty),
        Err(_) => Err(Unsound::NotMoney),
    }
}

/// Which of these limits of a variant contradict one another, by the name of the field.
pub fn limits(least: i64, most: i64, buyer: Option<i64>) -> Vec<(&'static str, Unsound)> {
    let mut wrong = Vec::new();
    if least > most {
        wrong.push(("max_quantity", Unsound::BelowLeast));
    } else if most > MOST_UNITS {
        wrong.push(("max_quantity", Unsound::AboveOrder));
    }
    if buyer.is_some_and(|limit| limit < least) {
        wrong.push(("buyer_limit", Unsound::NobodyCouldBuy));
    }
    wrong
}

/// The places of tiers that do not begin after the one before them.
pub fn out_of_order(froms: &[i64]) -> Vec<usize> {
    places(froms, |before, this| this <= before)
}

/// The places of tiers that cost more than fewer units do.
pub fn dearer(price: Option<Minor>, tiers: &[Tier]) -> Vec<usize> {
    let all: Vec<Minor> = price
        .into_iter()
        .chain(tiers.iter().map(|tier| tier.price))
        .collect();
    let ahead = usize::from(price.is_some());
    let found = places(&all, |before, this| this > before);
    found.into_iter().map(|at| at - ahead).collect()
}

fn places<T: Copy>(list: &[T], wrong: impl Fn(T, T) -> bool) -> Vec<usize> {
    let pairs = list.iter().zip(list.iter().skip(1)).enumerate();
    pairs
        .filter(|(_, (before, this))| wrong(**before, **this))
        .map(|(at, _)| at + 1)
        .collect()
}

fn longest(text: &str, most: usize) -> Result<(), Unsound> {
    match text.chars().count() > most {
        true => Err(Unsound::TooLong(most)),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_as_people_write_them() {
        let read = |text| price(text, Currency::CNY);
        assert_eq!(read("29.90"), Ok(Minor(2990)));
        assert_eq!(read("29"), Ok(Minor(2900)));
        assert_eq!(read("0.001"), Err(Unsound::TooPrecise(Currency::CNY)));
        assert_eq!(read(""), Err(Unsound::Empty));
        assert_eq!(read("-1"), Err(Unsound::NotMoney));
        assert_eq!(read("1e3"), Err(Unsound::NotMoney));
        assert_eq!(read("1000000000000.01"), Err(Unsound::TooDear));
        assert_eq!(read("99999999999999999999"), Err(Unsound::NotMoney));
    }

    #[test]
    fn tiers_rise_in_number_and_fall_in_price() {
        let tier = |from, price| Tier {
            from,
            price: Minor(price),
        };
        assert!(out_of_order(&[2, 5, 9]).is_empty());
        assert_eq!(out_of_order(&[2, 2, 9, 3]), [1, 3]);
        assert!(dearer(Some(Minor(100)), &[tier(2, 100), tier(5, 90)]).is_empty());
        assert_eq!(
            dearer(Some(Minor(100)), &[tier(2, 101), tier(5, 102)]),
            [0, 1]
        );
        assert_eq!(dearer(None, &[tier(2, 90), tier(5, 91)]), [1]);
    }

    #[test]
    fn limits_leave_something_to_buy() {
        assert!(limits(1, 200, Some(1)).is_empty());
        assert_eq!(limits(3, 2, None), [("max_quantity", Unsound::BelowLeast)]);
        assert_eq!(
            limits(1, 201, None),
            [("max_quantity", Unsound::AboveOrder)]
        );
        let few = limits(3, 9, Some(2));
        assert_eq!(few, [("buyer_limit", Unsound::NobodyCouldBuy)]);
    }
}
