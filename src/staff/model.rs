//! Rows of the staff, and what can go wrong with them.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::ids::{SessionId, StaffId, text_enum};
use crate::store::schema::{staff, staff_link, staff_session};
use crate::store::{StoreError, write_error};

text_enum! {
    /// What somebody may do.
    pub enum Role {
        /// Everything.
        Owner = "owner",
    }
}

text_enum! {
    /// Whether somebody may sign in.
    pub enum StaffState {
        /// They may.
        On = "on",
        /// They may not, and have no session.
        Off = "off",
    }
}

/// Why something about the staff was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The link was never made, is used, too old, or not for this.
    #[error("the link does not open anything")]
    DeadLink,
    /// The shop has staff already.
    #[error("the shop has an administrator already")]
    NotFirst,
    /// Nobody has this address.
    #[error("nobody of the staff has this address")]
    Unknown,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

write_error!(Error);

/// Somebody who works in the shop.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = staff, treat_none_as_default_value = false)]
pub struct Staff {
    /// The row.
    pub id: StaffId,
    /// How they sign in; lower case.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may sign in.
    pub state: StaffState,
    /// argon2id.
    pub password_hash: String,
    /// The secret of their second factor, sealed; none = a password is enough.
    pub totp: Option<Vec<u8>>,
    /// The last time step a code was used for: no code works twice.
    pub totp_step: i64,
    /// UTC.
    pub created_at: Millis,
    /// UTC.
    pub changed_at: Millis,
}

/// A link that works once.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = staff_link, treat_none_as_default_value = false)]
pub struct LinkRow {
    /// SHA-256 of its token.
    pub hash: String,
    /// Whose password it sets; none = it makes the first of the staff.
    pub staff_id: Option<StaffId>,
    /// UTC.
    pub created_at: Millis,
    /// UTC.
    pub expires_at: Millis,
    /// UTC.
    pub used_at: Option<Millis>,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = staff_session, treat_none_as_default_value = false)]
pub struct Session {
    /// The row, as pages name it; it opens nothing.
    pub id: SessionId,
    /// SHA-256 of its token.
    pub hash: String,
    /// Who.
    pub staff_id: StaffId,
    /// UTC.
    pub created_at: Millis,
    /// When it was used last, to the minute; UTC.
    pub seen_at: Millis,
    /// When the password was typed last; UTC.
    pub proved_at: Millis,
    /// The network it began in.
    pub network: String,
    /// What the browser called itself.
    pub agent: String,
    /// When it was ended; UTC.
    pub ended_at: Option<Millis>,
}

/// The fewest characters of a staff password.
pub const fn shortest_password() -> usize {
    10
}
