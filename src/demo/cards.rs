//! The cards of the demo shop, made from a seed: the same seed makes the same cards. Only their
//! text comes from it; ids, nonces and everything secret come from the operating system.

use sha2::{Digest, Sha256};

use crate::random::{Derived, Random};
use crate::stock::import::Parsed;

/// What the cards of a variant look like.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// `NHPRO-7KQ2M-…`: a prefix and groups of five.
    Key(&'static str, usize),
    /// `user----password`.
    Account(&'static str),
    /// `number----PIN`.
    Gift(&'static str),
    /// An address of its own.
    Link(&'static str),
}

use Shape::{Account, Gift, Key, Link};

/// Every variant of `goods.toml` that is delivered from a pool: its cards, how many and of what
/// shape. None is sold out; few are low.
const POOLS: &[(&str, usize, Shape)] = &[
    ("noteharbor-pro", 128, Key("NHPRO", 4)),
    ("lumen-1m", 90, Key("LM01", 4)),
    ("lumen-1y", 320, Key("LM12", 4)),
    ("lumen-3y", 60, Key("LM36", 4)),
    ("shieldline-1y", 3, Key("SHLD", 4)),
    ("draftpad-trial", 200, Key("TRIAL", 3)),
    ("orbital-atlas", 75, Key("ORBIT", 5)),
    ("streambay-30d", 64, Account("streambay.example")),
    ("tunefield-1y", 0, Key("TUNE", 3)),
    ("driftbox-2tb", 48, Key("DBX2", 4)),
    ("starforge-60", 400, Key("SF60", 3)),
    ("starforge-300", 180, Key("SF300", 3)),
    ("starforge-980", 55, Key("SF980", 3)),
    ("papaya-50", 80, Gift("6201")),
    ("papaya-200", 40, Gift("6204")),
    ("inkwell-fonts", 70, Link("dl.lantern.example/inkwell")),
];

/// No letter that reads like another.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// The variants that have a pool, and what lies in each.
pub(super) fn pools(seed: u64) -> impl Iterator<Item = (&'static str, Parsed)> {
    POOLS
        .iter()
        .map(move |(sku, count, shape)| (*sku, pool(seed, sku, *count, *shape)))
}

fn pool(seed: u64, sku: &str, count: usize, shape: Shape) -> Parsed {
    let mut digest = Sha256::new();
    digest.update(b"demo cards\0");
    digest.update(seed.to_le_bytes());
    digest.update(sku);
    let source = Derived::from_seed(digest.finalize().into());
    let cards = (1u64..).take(count).map(|n| (n, card(shape, n, &source)));
    Parsed {
        cards: cards.collect(),
        faults: Vec::new(),
    }
}

/// One card. Its number is part of it where chance alone could repeat itself.
fn card(shape: Shape, n: u64, random: &dyn Random) -> String {
    match shape {
        Key(prefix, groups) => {
            let groups: Vec<String> = (0..groups).map(|_| letters(5, random)).collect();
            format!("{prefix}-{}", groups.join("-"))
        }
        Account(domain) => {
            let name = letters(6, random).to_lowercase();
            let password = letters(12, random);
            format!("{name}{n:03}@{domain}----{password}")
        }
        Gift(prefix) => {
            let middle = random.below(100_000_000);
            let pin = random.below(1_000_000);
            format!("{prefix}{middle:08}{n:04}----{pin:06}")
        }
        Link(place) => {
            let token = letters(26, random).to_lowercase();
            format!("https://{place}/{token}")
        }
    }
}

fn letters(count: usize, random: &dyn Random) -> String {
    let letter = |_| char::from(LETTERS[usize::from(random.bytes::<1>()[0] % 32)]);
    (0..count).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_makes_the_same_cards_and_no_card_twice() {
        let all = |seed| -> Vec<String> {
            let cards = pools(seed).flat_map(|(_, parsed)| parsed.cards);
            cards.map(|(_, card)| card).collect()
        };
        assert_eq!(all(7), all(7));
        assert_ne!(all(7), all(8));
        let cards = all(1);
        let distinct: std::collections::HashSet<&String> = cards.iter().collect();
        assert_eq!(distinct.len(), cards.len());
        assert!(cards[0].starts_with("NHPRO-"), "{}", cards[0]);
    }
}
