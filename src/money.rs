//! Money: whole minor units with a currency.
//!
//! Comes in: integers, or text a person or a channel wrote. Goes out: [`Minor`] amounts that
//! never wrap, never round by accident and never meet a float; [`Currency`] knows how many
//! decimals it has; rates are [`rust_decimal::Decimal`] ([`Rate`]) and meet money only through
//! [`Rate::of`], which names its rounding. Source: design.md §3, spec/ledger.md 4.1, ui.md §6.

use std::fmt;
use std::str::FromStr;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// What can go wrong with an amount. Each is the caller's or the sender's fault, never a wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result does not fit into 64 bits of minor units.
    #[error("the amount is too large")]
    Overflow,
    /// Two amounts of different currencies met.
    #[error("the amounts are in different currencies")]
    CurrencyMismatch,
    /// The text is not a plain decimal number (no exponent, sign, blank or full-width digit).
    #[error("not a plain decimal amount")]
    Malformed,
    /// The text has more decimals than the currency.
    #[error("more decimals than the currency has")]
    TooPrecise,
    /// Not an ISO code we know, nor COIN or USDT.
    #[error("unknown currency")]
    UnknownCurrency,
    /// Split into no parts, or by weights that sum to nothing.
    #[error("cannot split into no parts")]
    NoParts,
}

macro_rules! currencies {
    ($($code:ident = $exponent:literal, $symbol:literal;)+) => {
        /// An ISO 4217 currency, or one of our two units of account: COIN (the shop's virtual
        /// coin) and USDT (10⁻⁶).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum Currency {
            $(#[doc = concat!("`", stringify!($code), "`, ", stringify!($exponent), " decimals.")] $code,)+
        }

        impl Currency {
            /// Every currency, in code order of declaration.
            pub const ALL: &'static [Currency] = &[$(Currency::$code,)+];

            /// The code as it is stored and sent: three letters of ISO 4217, or `COIN`, `USDT`.
            pub fn code(self) -> &'static str {
                match self { $(Currency::$code => stringify!($code),)+ }
            }

            /// Decimals of one whole unit: CNY 2, JPY 0, USDT 6.
            pub fn exponent(self) -> u32 {
                match self { $(Currency::$code => $exponent,)+ }
            }

            /// The sign shown to buyers where it is not ambiguous; empty where the code is shown.
            pub fn symbol(self) -> &'static str {
                match self { $(Currency::$code => $symbol,)+ }
            }
        }
    };
}

currencies! {
    CNY = 2, "¥"; USD = 2, "$"; EUR = 2, "€"; GBP = 2, "£"; HKD = 2, "HK$"; TWD = 2, "NT$";
    JPY = 0, ""; KRW = 0, "₩"; SGD = 2, "S$"; AUD = 2, "A$"; CAD = 2, "C$"; NZD = 2, "NZ$";
    CHF = 2, ""; SEK = 2, ""; NOK = 2, ""; DKK = 2, ""; PLN = 2, ""; CZK = 2, ""; HUF = 2, "";
    INR = 2, "₹"; IDR = 2, ""; MYR = 2, ""; PHP = 2, "₱"; THB = 2, "฿"; VND = 0, "₫"; MOP = 2, "";
    BRL = 2, "R$"; MXN = 2, ""; TRY = 2, "₺"; RUB = 2, "₽"; UAH = 2, "₴"; KZT = 2, ""; AED = 2, "";
    SAR = 2, ""; ILS = 2, "₪"; ZAR = 2, ""; KWD = 3, ""; BHD = 3, ""; CLP = 0, ""; ISK = 0, "";
    COIN = 0, ""; USDT = 6, "";
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        Currency::ALL
            .iter()
            .copied()
            .find(|c| c.code() == code)
            .ok_or(MoneyError::UnknownCurrency)
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let code = String::deserialize(d)?;
        code.parse()
            .map_err(|_| serde::de::Error::custom(format!("unknown currency {code:?}")))
    }
}

/// An amount in whole minor units (分, cents, 10⁻⁶ USDT). The currency stands beside it in every
/// row; [`Money`] carries both where they travel together. Arithmetic is checked by name.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::BigInt)]
#[serde(transparent)]
pub struct Minor(pub i64);

impl Minor {
    /// Nothing.
    pub const ZERO: Minor = Minor(0);

    /// The sum, or [`MoneyError::Overflow`].
    pub fn plus(self, other: Minor) -> Result<Minor, MoneyError> {
        self.0
            .checked_add(other.0)
            .map(Minor)
            .ok_or(MoneyError::Overflow)
    }

    /// The difference, or [`MoneyError::Overflow`]. May be negative.
    pub fn minus(self, other: Minor) -> Result<Minor, MoneyError> {
        self.0
            .checked_sub(other.0)
            .map(Minor)
            .ok_or(MoneyError::Overflow)
    }

    /// A unit price times a quantity, or [`MoneyError::Overflow`].
    pub fn times(self, quantity: i64) -> Result<Minor, MoneyError> {
        self.0
            .checked_mul(quantity)
            .map(Minor)
            .ok_or(MoneyError::Overflow)
    }

    /// The sum of many, or [`MoneyError::Overflow`].
    pub fn sum(amounts: impl IntoIterator<Item = Minor>) -> Result<Minor, MoneyError> {
        amounts
            .into_iter()
            .try_fold(Minor::ZERO, |total, amount| total.plus(amount))
    }

    /// Splits into parts in proportion to `weights`; the parts sum to the whole exactly.
    ///
    /// Each part is floored and the left-over units go, one each, to the parts with the largest
    /// remainders (the earlier part first on a tie).
    pub fn split(self, weights: &[u64]) -> Result<Vec<Minor>, MoneyError> {
        let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
        if total == 0 {
            return Err(MoneyError::NoParts);
        }
        let magnitude = u128::from(self.0.unsigned_abs());
        let mut parts = Vec::with_capacity(weights.len());
        let mut remainders = Vec::with_capacity(weights.len());
        let mut given: u128 = 0;
        for (at, weight) in weights.iter().enumerate() {
            // |amount| ≤ 2⁶³ and weight < 2⁶⁴, so the product fits into 128 bits.
            let product = magnitude * u128::from(*weight);
            parts.push(product / total);
            given += product / total;
            remainders.push((product % total, at));
        }
        remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let left = usize::try_from(magnitude - given).map_err(|_| MoneyError::Overflow)?;
        for (_, at) in remainders.into_iter().take(left) {
            parts[at] += 1;
        }
        parts
            .into_iter()
            .map(|part| {
                let part = i128::try_from(part).map_err(|_| MoneyError::Overflow)?;
                i64::try_from(if self.0 < 0 { -part } else { part })
                    .map(Minor)
                    .map_err(|_| MoneyError::Overflow)
            })
            .collect()
    }

    /// Reads a plain decimal number of whole units, as channels and sellers write it: `10`,
    /// `10.0`, `10.00`. Trailing zeros beyond the currency's decimals are harmless (`100.0000`),
    /// other digits there are [`MoneyError::TooPrecise`]. Signs, exponents, blanks, grouping
    /// and full-width digits are [`MoneyError::Malformed`].
    pub fn parse(text: &str, currency: Currency) -> Result<Minor, MoneyError> {
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return Err(MoneyError::Malformed),
            Some((whole, fraction)) => (whole, fraction),
            None => (text, ""),
        };
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 19 || !digits(whole) || !digits(fraction) {
            return Err(MoneyError::Malformed);
        }
        let exponent = currency.exponent() as usize;
        let (kept, dropped) = fraction.split_at(fraction.len().min(exponent));
        if dropped.bytes().any(|b| b != b'0') {
            return Err(MoneyError::TooPrecise);
        }
        let mut minor: i64 = 0;
        let padding = std::iter::repeat_n(b'0', exponent - kept.len());
        for digit in whole.bytes().chain(kept.bytes()).chain(padding) {
            minor = minor
                .checked_mul(10)
                .and_then(|m| m.checked_add(i64::from(digit - b'0')))
                .ok_or(MoneyError::Overflow)?;
        }
        Ok(Minor(minor))
    }

    /// The plain decimal text channels want: `29.90`, `-0.05`, `100` for a currency without
    /// decimals. [`Minor::parse`] reads it back (if not negative).
    pub fn decimal(self, currency: Currency) -> String {
        let exponent = currency.exponent();
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        if exponent == 0 {
            return format!("{sign}{magnitude}");
        }
        let unit = 10u64.pow(exponent);
        format!(
            "{sign}{}.{:0width$}",
            magnitude / unit,
            magnitude % unit,
            width = exponent as usize
        )
    }
}

/// An amount with its currency, where both travel together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Whole minor units.
    pub amount: Minor,
    /// What the units are.
    pub currency: Currency,
}

impl Money {
    /// An amount of a currency.
    pub fn new(amount: Minor, currency: Currency) -> Self {
        Money { amount, currency }
    }

    /// The sum, refused across currencies.
    pub fn plus(self, other: Money) -> Result<Money, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        Ok(Money::new(self.amount.plus(other.amount)?, self.currency))
    }

    /// For a buyer's eye: `¥1,234.50`, `−¥12.00`, `JPY 1,000`, `USDT 3.50` (two decimals of
    /// USDT when the rest is zero, six otherwise). The same in both languages of a shop page.
    pub fn display(self) -> String {
        let plain = Minor(self.amount.0).decimal(self.currency);
        let plain = plain.trim_start_matches('-');
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
        let fraction = match self.currency {
            Currency::USDT if fraction.ends_with("0000") => &fraction[..2],
            _ => fraction,
        };
        let mut text = String::new();
        if self.amount.0 < 0 {
            text.push('−');
        }
        match self.currency.symbol() {
            "" => {
                text.push_str(self.currency.code());
                text.push('\u{a0}');
            }
            symbol => text.push_str(symbol),
        }
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at) % 3 == 0 {
                text.push(',');
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push('.');
            text.push_str(fraction);
        }
        text
    }

    /// For staff and exports: the code first, `CNY 1,234.50`.
    pub fn display_with_code(self) -> String {
        let shown = self.display();
        let number = shown.trim_start_matches(['−']);
        let number = number
            .strip_prefix(self.currency.symbol())
            .filter(|_| !self.currency.symbol().is_empty())
            .unwrap_or_else(|| number.trim_start_matches(self.currency.code()))
            .trim_start_matches('\u{a0}');
        let sign = if self.amount.0 < 0 { "−" } else { "" };
        format!("{sign}{}\u{a0}{number}", self.currency.code())
    }
}

/// How a rate that does not give a whole unit is rounded (spec/ledger.md 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Towards zero: commissions, the coin cap.
    Floor,
    /// Half away from zero: channel fees.
    HalfUp,
}

/// A rate (fee, commission) with at most 6 decimals, kept as decimal text in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(Decimal);

impl Rate {
    /// No rate at all.
    pub const ZERO: Rate = Rate(Decimal::ZERO);

    /// `rate × amount`, rounded as named.
    pub fn of(self, amount: Minor, rounding: Rounding) -> Result<Minor, MoneyError> {
        let strategy = match rounding {
            Rounding::Floor => RoundingStrategy::ToZero,
            Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
        };
        Decimal::from(amount.0)
            .checked_mul(self.0)
            .map(|product| product.round_dp_with_strategy(0, strategy))
            .and_then(|whole| whole.to_i64())
            .map(Minor)
            .ok_or(MoneyError::Overflow)
    }
}

impl Rate {
    /// Reads a rate as people write it: `0.6` is 0.006.
    pub fn from_percent(text: &str) -> Result<Self, MoneyError> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(MoneyError::Malformed);
        }
        let percent: Decimal = text.parse().map_err(|_| MoneyError::Malformed)?;
        let rate = percent
            .checked_div(Decimal::ONE_HUNDRED)
            .ok_or(MoneyError::Overflow)?;
        rate.normalize().to_string().parse()
    }

    /// The rate as people write it: 0.006 is `0.6`.
    pub fn percent(self) -> String {
        let hundred = self.0.saturating_mul(Decimal::ONE_HUNDRED);
        hundred.normalize().to_string()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.normalize())
    }
}

impl FromStr for Rate {
    type Err = MoneyError;

    /// Reads `0.006`: not negative, at most 1, at most 6 decimals, no exponent or sign.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        if !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(MoneyError::Malformed);
        }
        let rate: Decimal = text.parse().map_err(|_| MoneyError::Malformed)?;
        if rate.normalize().scale() > 6 {
            return Err(MoneyError::TooPrecise);
        }
        if rate > Decimal::ONE {
            return Err(MoneyError::Overflow);
        }
        Ok(Rate(rate))
    }
}

crate::ids::text_column!(
    Currency,
    |currency: &Currency| currency.code(),
    |text: String| text.parse().map_err(|_| format!("unknown currency {text}"))
);

impl<DB> diesel::serialize::ToSql<diesel::sql_types::BigInt, DB> for Minor
where
    DB: diesel::backend::Backend,
    i64: diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>,
{
    fn to_sql<'b>(
        &'b self,
        out: &mut diesel::serialize::Output<'b, '_, DB>,
    ) -> diesel::serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB> diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB> for Minor
where
    DB: diesel::backend::Backend,
    i64: diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        i64::from_sql(value).map(Minor)
    }
}

#[cfg(test)]
#[path = "money_tests.rs"]
mod tests;
