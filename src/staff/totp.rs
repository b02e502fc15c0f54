//! The second factor of a log-in: time-based codes (RFC 6238, SHA-1, six digits, 30 seconds), as
//! every authenticator app knows them. A code works once.

use totp_rs::{Algorithm, Secret as Base32, TOTP};

use super::audit::Entry;
use super::model::{Error, Staff};
use super::store;
use crate::clock::{Clock, MINUTE, Millis, SECOND};
use crate::ids::StaffId;
use crate::random::Random;
use crate::seal::{Sealer, Secret};
use crate::store::{Store, StoreError};

/// Seconds of one code.
const STEP: i64 = 30;
/// How long a right password waits for its code.
const PATIENCE: Millis = 5 * MINUTE;
const PENDING: &str = "staff/pending";

/// A new secret, in the letters apps take (base 32, 160 bits).
pub fn new_secret(random: &dyn Random) -> Secret {
    let bytes: [u8; 20] = random.bytes();
    Secret::new(Base32::Raw(bytes.to_vec()).to_encoded().to_string())
}

/// What an app reads from a QR code.
pub fn url(secret: &Secret, shop: &str, email: &str) -> Secret {
    let part = |text: &str| -> String {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let (shop, email) = (part(shop), part(email));
    let secret = secret.reveal();
    Secret::new(format!(
        "otpauth://totp/{shop}:{email}?secret={secret}&issuer={shop}"
    ))
}

/// The time step a code is right for now: this one, the one before or the next; none = wrong.
pub fn step_of(secret: &Secret, code: &str, now: Millis) -> Option<i64> {
    let bytes = Base32::Encoded(secret.reveal().to_owned())
        .to_bytes()
        .ok()?;
    let totp = TOTP::new(Algorithm::SHA1, 6, 1, STEP.unsigned_abs(), bytes).ok()?;
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let this = now / SECOND / STEP;
    [this, this - 1, this + 1].into_iter().find(|step| {
        let at = u64::try_from(step * STEP).unwrap_or(0);
        bool::from(subtle::ConstantTimeEq::ct_eq(
            totp.generate(at).as_bytes(),
            code.as_bytes(),
        ))
    })
}

fn place(id: &StaffId) -> String {
    format!("staff/{id}/totp")
}

/// What a right password leaves with the browser until the code is typed: sealed, for minutes.
pub fn pending(sealer: &Sealer, staff: &Staff, now: Millis, random: &dyn Random) -> String {
    let text = format!("{}/{}", now + PATIENCE, staff.id);
    hex::encode(sealer.seal(text.as_bytes(), PENDING, random))
}

/// Whose password was right, if not too long ago.
pub fn who(sealer: &Sealer, pending: &str, now: Millis) -> Option<StaffId> {
    let text = sealer
        .open_text(&hex::decode(pending).ok()?, PENDING)
        .ok()?;
    let (until, id) = text.split_once('/')?;
    let until: Millis = until.parse().ok()?;
    (now < until).then(|| StaffId(id.to_owned()))
}

/// Whether this is their code, now and for the first time. Without a second factor nothing is.
pub async fn accept(
    shop: &Store,
    sealer: &Sealer,
    staff: &Staff,
    code: &str,
    clock: &dyn Clock,
) -> Result<bool, StoreError> {
    let Some(sealed) = &staff.totp else {
        return Ok(false);
    };
    let secret = sealer
        .open_text(sealed, &place(&staff.id))
        .map_err(|e| StoreError::corrupt(e.to_string()))?;
    let Some(step) = step_of(&Secret::new(secret), code, clock.now()) else {
        return Ok(false);
    };
    let id = staff.id.clone();
    shop.write(move |db| store::use_step(db, &id, step)).await
}

/// Turns the second factor on, once its app has shown a right code.
pub async fn turn_on(
    shop: &Store,
    sealer: &Sealer,
    staff: &StaffId,
    secret: &Secret,
    line: Entry,
    random: &dyn Random,
) -> Result<(), StoreError> {
    let sealed = sealer.seal(secret.reveal().as_bytes(), &place(staff), random);
    let staff = staff.clone();
    shop.write(move |db| -> Result<(), StoreError> {
        store::set_totp(db, &staff, Some(&sealed))?;
        line.write(db)
    })
    .await
}

/// Turns it off.
pub async fn turn_off(shop: &Store, staff: &StaffId, line: Entry) -> Result<(), StoreError> {
    let staff = staff.clone();
    shop.write(move |db| -> Result<(), StoreError> {
        store::set_totp(db, &staff, None)?;
        line.write(db)
    })
    .await
}

/// Turns it off for whoever has lost their app; the machine's own command.
pub async fn turn_off_for(shop: &Store, email: &str, line: Entry) -> Result<(), Error> {
    let email = email.to_owned();
    shop.write(move |db| -> Result<(), Error> {
        let staff = store::by_email(db, &email)?.ok_or(Error::Unknown)?;
        store::set_totp(db, &staff.id, None)?;
        Ok(line.clone().of(staff.id.as_str()).write(db)?)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    /// The vectors of RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = Secret::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let step = step_of(&secret, code, second * SECOND);
            assert_eq!(step, Some(second / STEP), "{second}");
            assert_eq!(step_of(&secret, code, (second + 30) * SECOND), step);
            assert_eq!(step_of(&secret, code, (second + 90) * SECOND), None);
        }
        assert_eq!(step_of(&secret, " 287 082 ", 59_000), Some(1));
        for wrong in ["", "28708", "2870820", "２８７０８２"] {
            assert_eq!(step_of(&secret, wrong, 59_000), None, "{wrong}");
        }
    }

    #[test]
    fn a_right_password_waits_for_minutes() {
        let random = SeededRandom::from_seed(4);
        let sealer = Sealer::from_ring(&Sealer::new_ring(&random)).unwrap();
        let staff = Staff {
            id: StaffId("s-1".into()),
            email: "a@b.cn".into(),
            role: crate::staff::Role::Owner,
            state: crate::staff::StaffState::On,
            password_hash: String::new(),
            totp: None,
            totp_step: 0,
            created_at: 0,
            changed_at: 0,
        };
        let token = pending(&sealer, &staff, 1_000, &random);
        assert_eq!(who(&sealer, &token, 2_000), Some(staff.id));
        assert_eq!(who(&sealer, &token, 1_000 + PATIENCE), None);
        assert_eq!(who(&sealer, &format!("{token}00"), 2_000), None);
        assert_eq!(who(&sealer, "", 2_000), None);
        assert_eq!(new_secret(&random).reveal().len(), 32);
    }
}
