//! "Type your password again": before money, secrets and other people's cards.

use super::gate::SignedIn;
use super::posted::Posted;
use crate::app::App;
use crate::seal::Secret;
use crate::staff;
use crate::store::StoreError;
use crate::web::hashing;

/// The field of a form the password is typed into.
pub const FIELD: &str = "proof";

/// Whether it is them: they typed their password in the last minutes, or in this form. A right
/// password counts for the next minutes as well.
pub async fn proved(app: &App, signed: &SignedIn, posted: &Posted) -> Result<bool, StoreError> {
    if signed.has_proved(app.clock.now()) {
        return Ok(true);
    }
    let typed = posted.get(FIELD);
    if typed.is_empty() {
        return Ok(false);
    }
    let hash = Some(signed.staff.password_hash.clone());
    let right = hashing::is(&hashing::STAFF, Secret::new(typed), hash).await?;
    if right {
        staff::prove(&app.store, &signed.session.id, &*app.clock).await?;
    }
    Ok(right)
}
