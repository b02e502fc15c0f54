//! Passwords: argon2id, with the parameters of OWASP. Both ways take tens of milliseconds and
//! 19 MiB: callers run them on a thread of their own, a few at once.

use argon2::password_hash::{PasswordHasher, SaltString};
use argon2::{Argon2, PasswordHash, PasswordVerifier};

use crate::seal::Secret;

/// The hash of a password nobody has: checking against it costs what every check costs.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5cy1zYWx0LTE2$\
    9IyVvN0lFf4uE4d2pq6cQv0yP5m8mD0ZcQ2u1u3C7xk";

/// The hash of a password as rows hold it (PHC text); none if the library refuses.
pub fn hash(password: &Secret, salt: &[u8; 16]) -> Option<Secret> {
    let salt = SaltString::encode_b64(salt).ok()?;
    let hash = Argon2::default().hash_password(password.reveal().as_bytes(), &salt);
    hash.ok().map(|hash| Secret::new(hash.to_string()))
}

/// Whether `password` is the one of `hash`. Without a hash it is not, at the same cost.
pub fn is(password: &Secret, hash: Option<&str>) -> bool {
    let right = PasswordHash::new(hash.unwrap_or(NOBODYS)).is_ok_and(|parsed| {
        Argon2::default()
            .verify_password(password.reveal().as_bytes(), &parsed)
            .is_ok()
    });
    right && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_opens_its_own_hash_alone() {
        let secret = Secret::new("长密码 with blanks");
        let kept = hash(&secret, &[7; 16]).unwrap();
        assert!(kept.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(is(&secret, Some(kept.reveal())));
        assert!(!is(&Secret::new("长密码 with blank"), Some(kept.reveal())));
        assert!(!is(&secret, None));
        assert!(!is(&secret, Some("no hash")));
        assert_ne!(hash(&secret, &[8; 16]).unwrap().reveal(), kept.reveal());
    }

    #[test]
    fn nobodys_hash_costs_what_every_hash_costs() {
        let parsed = PasswordHash::new(NOBODYS).unwrap();
        let real = hash(&Secret::new("x"), &[1; 16]).unwrap();
        let real = PasswordHash::new(real.reveal()).unwrap();
        assert_eq!(parsed.params, real.params);
        assert!(parsed.hash.is_some());
    }
}
