//! What a buyer reads on a channel's page: the name of the goods, cut to what the channel takes.

use super::model::Charge;

/// The first bytes of a charge's subject, cut at a character, without control characters; never
/// empty. The `barred` signs (ASCII) are widened: values are signed unencoded, and a name must
/// not be able to imitate other fields of the notice that will repeat it.
pub(super) fn cut(charge: &Charge, most: usize, barred: &[char]) -> String {
    let clean: String = charge
        .subject
        .chars()
        .map(|c| match c {
            c if barred.contains(&c) => wide(c),
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    let clean = clean.trim();
    let mut end = clean.len().min(most);
    while !clean.is_char_boundary(end) {
        end -= 1;
    }
    match clean[..end].trim_end() {
        "" => charge.merchant_no.clone(),
        cut => cut.to_owned(),
    }
}

/// The full-width form of a printable ASCII sign.
fn wide(c: char) -> char {
    let full = u32::from(c).checked_add(0xfee0).and_then(char::from_u32);
    full.filter(|_| c.is_ascii_graphic()).unwrap_or(' ')
}
