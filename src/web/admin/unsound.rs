//! Why values of the goods are refused, in the words of the console.

use super::inputs::Wrong;
use crate::catalog::lint::Unsound;
use crate::web::words::Words;

/// What is wrong with the input `id`.
pub fn wrong(words: Words, id: &str, unsound: &Unsound) -> Wrong {
    Wrong {
        id: id.to_owned(),
        text: told(words, unsound),
    }
}

fn told(words: Words, unsound: &Unsound) -> String {
    let text = match unsound {
        Unsound::Empty => words.goods_bad_empty(),
        Unsound::Code => words.goods_bad_code(),
        Unsound::NotOneLine => words.goods_bad_line(),
        Unsound::Control => words.goods_bad_control(),
        Unsound::TooLong(most) => return words.goods_bad_long(*most),
        Unsound::Picture => words.goods_bad_picture(),
        Unsound::Range(from, to) => return words.goods_bad_range(*from, *to),
        Unsound::NotAChoice => words.goods_bad_choice(),
        Unsound::NotMoney => words.goods_bad_money(),
        Unsound::TooPrecise(currency) => {
            return words.goods_bad_precise(currency.code(), currency.exponent());
        }
        Unsound::TooDear => words.goods_bad_dear(),
        Unsound::BelowLeast => words.goods_bad_below(),
        Unsound::AboveOrder => words.goods_bad_above(),
        Unsound::NobodyCouldBuy => words.goods_bad_nobody(),
        Unsound::TierOrder => words.goods_bad_tier_order(),
        Unsound::TierDearer => words.goods_bad_tier_dearer(),
        Unsound::FieldKey => words.goods_bad_key(),
        Unsound::NoOptions => words.goods_bad_no_options(),
        Unsound::BlankOption => words.goods_bad_blank_option(),
        Unsound::Pattern => words.goods_bad_pattern(),
        Unsound::OptionsElsewhere => words.goods_bad_options_elsewhere(),
        Unsound::PatternElsewhere => words.goods_bad_pattern_elsewhere(),
        Unsound::Taken => words.goods_bad_taken(),
    };
    text.to_owned()
}
