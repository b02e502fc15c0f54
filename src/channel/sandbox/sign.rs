//! HMAC-SHA256 of the sandbox's protocol (docs/SANDBOX.md §2).

use subtle::ConstantTimeEq as _;

use crate::clock::{Millis, SECOND};
use crate::seal::hmac;

/// How far a signed time may be from ours.
const WINDOW: Millis = 300 * SECOND;

/// The signature over parts that are joined by line ends, lower-case hex.
pub(super) fn sign(key: &str, timestamp: &str, nonce: &str, third: &str, body: &[u8]) -> String {
    let head = format!("{timestamp}\n{nonce}\n{third}\n");
    hex::encode(hmac(key.as_bytes(), &[head.as_bytes(), body]))
}

/// Whether two signatures are the same, in constant time.
pub(super) fn same(ours: &str, given: &str) -> bool {
    ours.as_bytes().ct_eq(given.as_bytes()).into()
}

/// Whether a unix second is at most 300 s away from `now`.
pub(super) fn is_fresh(timestamp: &str, now: Millis) -> bool {
    let plain = timestamp.len() <= 12 && timestamp.bytes().all(|b| b.is_ascii_digit());
    plain
        && timestamp
            .parse::<i64>()
            .ok()
            .and_then(|seconds| seconds.checked_mul(SECOND))
            .is_some_and(|at| at.abs_diff(now) <= WINDOW.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::timing_tests::take_the_same_time;

    /// X13: how long a signature is looked at says nothing of where it is wrong.
    #[test]
    fn a_wrong_letter_takes_the_same_time_wherever_it_stands() {
        let right = "a".repeat(64);
        assert!(same(&right, &right.clone()));
        let (first, last) = (format!("b{}", &right[1..]), format!("{}b", &right[..63]));
        take_the_same_time(|| same(&right, &first), || same(&right, &last));
    }
}
