//! Promises of money: never wraps, splits exactly, prints what it reads.

use super::*;
use proptest::prelude::*;

fn cny(text: &str) -> Result<Minor, MoneyError> {
    Minor::parse(text, Currency::CNY)
}

#[test]
fn reads_the_ways_channels_write_one_amount() {
    for text in [
        "10",
        "10.0",
        "10.00",
        "100.0000".trim_start_matches("0"),
        "010.00",
    ] {
        let wanted = if text.starts_with("100") {
            10_000
        } else {
            1_000
        };
        assert_eq!(cny(text), Ok(Minor(wanted)), "{text}");
    }
    assert_eq!(Minor::parse("7", Currency::JPY), Ok(Minor(7)));
    assert_eq!(Minor::parse("1.5", Currency::USDT), Ok(Minor(1_500_000)));
}

/// X20: numbers that are not plain numbers.
#[test]
fn refuses_what_is_not_a_plain_number() {
    for text in [
        "", ".", "1.", ".5", "-1", "+1", "1e3", "0x10", "１０", " 1", "1 ", "1,000", "NaN",
        "1.0.0", "1_000", "٣",
    ] {
        assert_eq!(cny(text), Err(MoneyError::Malformed), "{text:?}");
    }
    assert_eq!(cny("0.001"), Err(MoneyError::TooPrecise));
    assert_eq!(
        Minor::parse("1.5", Currency::JPY),
        Err(MoneyError::TooPrecise)
    );
    assert_eq!(cny("92233720368547758.08"), Err(MoneyError::Overflow));
    assert_eq!(cny("92233720368547758.07"), Ok(Minor(i64::MAX)));
}

/// X21: the edges of 64 bits.
#[test]
fn never_wraps() {
    assert_eq!(Minor(i64::MAX).plus(Minor(1)), Err(MoneyError::Overflow));
    assert_eq!(Minor(i64::MIN).minus(Minor(1)), Err(MoneyError::Overflow));
    assert_eq!(Minor(i64::MAX / 2 + 1).times(2), Err(MoneyError::Overflow));
    assert_eq!(
        Minor::sum([Minor(i64::MAX), Minor(1)]),
        Err(MoneyError::Overflow)
    );
}

#[test]
fn shows_money_to_people() {
    let shown = |amount, currency| Money::new(Minor(amount), currency).display();
    assert_eq!(shown(123_450, Currency::CNY), "¥1,234.50");
    assert_eq!(shown(-1_200, Currency::CNY), "−¥12.00");
    assert_eq!(shown(1_000, Currency::JPY), "JPY\u{a0}1,000");
    assert_eq!(shown(3_500_000, Currency::USDT), "USDT\u{a0}3.50");
    assert_eq!(shown(3_500_001, Currency::USDT), "USDT\u{a0}3.500001");
    let coded = |amount, currency| Money::new(Minor(amount), currency).display_with_code();
    assert_eq!(coded(-123_450, Currency::CNY), "−CNY\u{a0}1,234.50");
    assert_eq!(coded(1_000, Currency::JPY), "JPY\u{a0}1,000");
}

#[test]
fn rates_round_as_named() {
    let rate: Rate = "0.006".parse().expect("a rate");
    assert_eq!(rate.of(Minor(10_000), Rounding::HalfUp), Ok(Minor(60)));
    assert_eq!(rate.of(Minor(250), Rounding::HalfUp), Ok(Minor(2)));
    assert_eq!(rate.of(Minor(250), Rounding::Floor), Ok(Minor(1)));
    assert!("1.1".parse::<Rate>().is_err());
    assert_eq!(Rate::from_percent("0.6").expect("a rate"), rate);
    assert_eq!(rate.percent(), "0.6");
    for wrong in ["", "100.1", "0.00001", "-1", "1e1", "."] {
        assert!(Rate::from_percent(wrong).is_err(), "{wrong}");
    }
    assert!("0.0000001".parse::<Rate>().is_err());
    assert!("-0.1".parse::<Rate>().is_err());
}

#[test]
fn currencies_meet_only_their_own() {
    let cny = Money::new(Minor(1), Currency::CNY);
    let jpy = Money::new(Minor(1), Currency::JPY);
    assert_eq!(cny.plus(jpy), Err(MoneyError::CurrencyMismatch));
    assert!("cny".parse::<Currency>().is_err());
}

proptest! {
    /// R064: the parts are the whole.
    #[test]
    fn parts_sum_to_the_whole(amount: i64, weights in prop::collection::vec(0u64..=u64::MAX, 1..20)) {
        prop_assume!(weights.iter().any(|w| *w > 0));
        let parts = Minor(amount).split(&weights).expect("parts");
        prop_assert_eq!(Minor::sum(parts.iter().copied()), Ok(Minor(amount)));
        for (part, weight) in parts.iter().zip(&weights) {
            prop_assert!(*weight > 0 || part.0 == 0 || amount == i64::MIN);
        }
    }

    #[test]
    fn prints_what_it_reads(amount in 0i64..=i64::MAX, at in 0..Currency::ALL.len()) {
        let currency = Currency::ALL[at];
        prop_assert_eq!(Minor::parse(&Minor(amount).decimal(currency), currency), Ok(Minor(amount)));
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,30}") {
        for currency in Currency::ALL {
            let _ = Minor::parse(&text, *currency);
        }
    }

    #[test]
    fn a_rate_takes_no_more_than_the_whole(amount in 0i64..=i64::MAX, ppm in 0u32..=1_000_000) {
        let rate: Rate = format!("{}.{:06}", ppm / 1_000_000, ppm % 1_000_000).parse().expect("a rate");
        let part = rate.of(Minor(amount), Rounding::HalfUp).expect("fits");
        prop_assert!(part.0 >= 0 && part.0 <= amount);
    }
}
