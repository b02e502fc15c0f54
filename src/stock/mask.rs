//! What is shown of a card to somebody who has not asked to see it: PURE.

/// Enough of a card to tell it from its neighbours, and too little to use it: `NMPRO-…-PL6VC`,
/// `user…----…`. Of an account only the name is hinted at, of a short text nothing is shown.
pub fn mask(card: &str) -> String {
    if let Some((name, _)) = card.split_once("----") {
        return format!("{}…----…", head(name, length(name) / 3));
    }
    let all = length(card);
    if let Some((first, rest)) = card.split_once('-')
        && let Some((middle, last)) = rest.rsplit_once('-')
        && [first, last]
            .iter()
            .all(|part| (1..=6).contains(&length(part)))
        && length(middle) >= length(first) + length(last)
    {
        return format!("{first}-…-{last}");
    }
    let shown = all / 5;
    format!("{}…{}", head(card, shown), tail(card, shown))
}

const MOST: usize = 5;

fn length(text: &str) -> usize {
    text.chars().count()
}

fn head(text: &str, most: usize) -> String {
    text.chars().take(most.min(MOST)).collect()
}

fn tail(text: &str, most: usize) -> String {
    let from = length(text) - most.min(MOST);
    text.chars().skip(from).collect()
}

#[cfg(test)]
mod tests {
    use super::mask;
    use proptest::prelude::*;

    #[test]
    fn a_masked_card_can_be_told_and_not_used() {
        assert_eq!(mask("NMPRO-7Q2KD-94MXA-PL6VC"), "NMPRO-…-PL6VC");
        assert_eq!(mask("https://example.com/gift/0123456789"), "https…56789");
        assert_eq!(mask("user1@example.com----hunter2"), "user1…----…");
        assert_eq!(mask("1234"), "…");
        assert_eq!(mask("A-B-C"), "A…C");
        assert_eq!(mask("卡密卡密卡密卡密卡密"), "卡密…卡密");
    }

    proptest! {
        /// At least half of whatever it is stays hidden.
        #[test]
        fn half_of_it_is_hidden(card in "[a-z0-9-]{0,60}") {
            let shown = mask(&card).chars().filter(|c| *c != '…' && *c != '-').count();
            let all = card.chars().filter(|c| *c != '-').count();
            prop_assert!(shown * 2 <= card.chars().count().max(all), "{card}: {}", mask(&card));
        }
    }
}
