//! Mutations: what was right, bent a little, again and again.

use vendgate::random::{Random, SeededRandom};

/// A case never grows beyond this.
const LONGEST: usize = 64 * 1024;

/// Bytes at which readers change their mind.
const EDGES: &[u8] =
    b"\0\t\n\r \"#%&'()*+,-./0129:;<=>?@[\\]^_`{|}~\x7f\x80\xbf\xc0\xe2\xed\xef\xf0\xfe\xff";

/// Numbers at which arithmetic changes its mind.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "+1",
    "1e3",
    "0x10",
    "1.0",
    "0.001",
    "00",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551616",
    "１２",
    "NaN",
    "1_000",
];

/// Makes one case after another.
pub struct Mutator {
    random: SeededRandom,
    seeds: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
}

impl Mutator {
    /// Begins a sequence, the same for the same seed.
    pub fn new(seed: u64, seeds: Vec<Vec<u8>>, words: &[&str]) -> Self {
        Self {
            random: SeededRandom::from_seed(seed),
            seeds,
            words: words.iter().map(|word| word.as_bytes().to_vec()).collect(),
        }
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        let random: &dyn Random = &self.random;
        let bound = u32::try_from(bound).unwrap_or(u32::MAX);
        usize::try_from(random.below(bound)).expect("it came from a usize")
    }

    /// The next case: a seed with one to eight changes.
    pub fn next(&mut self) -> Vec<u8> {
        let at = self.below(self.seeds.len());
        let mut case = self.seeds[at].clone();
        for _ in 0..=self.below(8) {
            self.change(&mut case);
            case.truncate(LONGEST);
        }
        case
    }

    /// The same of any bytes: at least one change.
    pub fn bend(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut case = bytes.to_vec();
        for _ in 0..=self.below(3) {
            self.change(&mut case);
        }
        case
    }

    fn change(&mut self, case: &mut Vec<u8>) {
        let at = self.below(case.len() + 1);
        let to = (at + 1 + self.below(16)).min(case.len());
        match self.below(10) {
            0 if at < case.len() => case[at] ^= 1 << self.below(8),
            1 if at < case.len() => case[at] = EDGES[self.below(EDGES.len())],
            2 => case.insert(at, EDGES[self.below(EDGES.len())]),
            3 if at < to => {
                case.drain(at..to);
            }
            4 if at < to => {
                let piece = case[at..to].to_vec();
                let into = self.below(case.len() + 1);
                case.splice(into..into, piece);
            }
            5 if !self.words.is_empty() => {
                let which = self.below(self.words.len());
                case.splice(at..at, self.words[which].clone());
            }
            6 => self.other_number(case),
            7 => {
                let which = self.below(self.seeds.len());
                let other = self.seeds[which].clone();
                let from = self.below(other.len() + 1);
                case.truncate(at);
                case.extend_from_slice(&other[from..]);
            }
            8 if at < to => {
                let piece = case[at..to].to_vec();
                let times = self.below(200);
                case.splice(at..at, piece.repeat(times));
            }
            _ => case.truncate(at),
        }
    }

    /// Puts another number where one stands.
    fn other_number(&mut self, case: &mut Vec<u8>) {
        let digits: Vec<usize> = (0..case.len())
            .filter(|at| case[*at].is_ascii_digit())
            .collect();
        if digits.is_empty() {
            return;
        }
        let from = digits[self.below(digits.len())];
        let length = case[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        let number = NUMBERS[self.below(NUMBERS.len())];
        case.splice(from..from + length, number.bytes());
    }
}
