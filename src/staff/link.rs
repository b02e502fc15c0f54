//! One-time links: the first of the staff, and new passwords. Whoever can run a command on the
//! machine can make one; nobody else can, and there is no default password (X56).

use super::audit::{Actor, Entry};
use super::model::{Error, LinkRow, Role, Staff, StaffState};
use super::{session, store};
use crate::clock::{Clock, HOUR, MINUTE, Millis};
use crate::ids::{StaffId, ViewToken};
use crate::random::Random;
use crate::seal::Secret;
use crate::settings;
use crate::store::{Store, StoreError};

/// How long the first link works.
pub const FIRST_LINK: Millis = 24 * HOUR;
/// How long a link to a new password works.
pub const RESET_LINK: Millis = 30 * MINUTE;

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkFor {
    /// Becoming the first of the staff.
    First,
    /// A new password of this one.
    Reset(Staff),
}

/// A link to become the first of the staff; none if there is somebody. It replaces earlier ones.
pub async fn first_link(
    shop: &Store,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<Option<ViewToken>, StoreError> {
    let (token, now) = (ViewToken::new(random), clock.now());
    let row = row(&token, None, now, FIRST_LINK);
    let made = shop
        .write(move |db| -> Result<bool, StoreError> {
            if store::is_anybody(db)? {
                return Ok(false);
            }
            store::kill_links(db, None)?;
            store::insert_link(db, &row)?;
            Ok(true)
        })
        .await?;
    Ok(made.then_some(token))
}

/// A link to a new password of whoever has this address. It replaces earlier ones.
pub async fn reset_link(
    shop: &Store,
    email: &str,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<ViewToken, Error> {
    let (token, now, email) = (ViewToken::new(random), clock.now(), email.to_owned());
    let hash = token.hash();
    shop.write(move |db| -> Result<(), Error> {
        let staff = store::by_email(db, &email)?.ok_or(Error::Unknown)?;
        store::kill_links(db, Some(&staff.id))?;
        let row = LinkRow {
            hash: hash.clone(),
            staff_id: Some(staff.id),
            created_at: now,
            expires_at: now + RESET_LINK,
            used_at: None,
        };
        Ok(store::insert_link(db, &row)?)
    })
    .await?;
    Ok(token)
}

fn row(token: &ViewToken, staff_id: Option<StaffId>, now: Millis, lives: Millis) -> LinkRow {
    LinkRow {
        hash: token.hash(),
        staff_id,
        created_at: now,
        expires_at: now + lives,
        used_at: None,
    }
}

/// What somebody who opens a link typed.
#[derive(Debug, Clone)]
pub struct Enter {
    /// The link.
    pub token: ViewToken,
    /// Their address; of no meaning where the link knows it.
    pub email: String,
    /// The hash of the password they chose.
    pub password_hash: Secret,
}

/// Uses a link: the first of the staff is made, or a password is replaced and all sessions that
/// stood on the old one end.
pub async fn enter(
    shop: &Store,
    typed: Enter,
    actor: &Actor,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<Staff, Error> {
    let now = clock.now();
    let new = Staff {
        id: StaffId::new(now, random),
        email: typed.email,
        role: Role::Owner,
        state: StaffState::On,
        password_hash: typed.password_hash.reveal().to_owned(),
        totp: None,
        totp_step: 0,
        created_at: now,
        changed_at: now,
    };
    let hash = typed.token.hash();
    let named = Actor {
        name: format!("staff:{}", new.email),
        ..actor.clone()
    };
    let made = Entry::new(
        &named,
        "staff.first",
        ("staff", new.id.as_str()),
        now,
        random,
    )
    .changed(
        &serde_json::json!({}),
        &serde_json::json!({"email": new.email, "role": new.role}),
    );
    let reset = Entry::new(actor, "staff.new_password", ("staff", ""), now, random);
    shop.write(move |db| -> Result<Staff, Error> {
        let link = store::live_link(db, &hash, now)?.ok_or(Error::DeadLink)?;
        if !store::use_link(db, &hash, now)? {
            return Err(Error::DeadLink);
        }
        match link.staff_id {
            None => {
                // Takes a row that everybody who wants to be first has to wait for.
                settings::bump(db)?;
                if store::is_anybody(db)? {
                    return Err(Error::NotFirst);
                }
                store::insert(db, &new)?;
                made.write(db)?;
                Ok(new.clone())
            }
            Some(id) => {
                store::set_password(db, &id, &new.password_hash, now)?;
                store::end_all(db, &id, now)?;
                reset.clone().of(id.as_str()).write(db)?;
                let staff = store::by_id(db, &id)?.ok_or(Error::Unknown)?;
                Ok(staff)
            }
        }
    })
    .await
}

/// What a link is for, if it works.
pub async fn look(
    shop: &Store,
    token: &ViewToken,
    clock: &dyn Clock,
) -> Result<Option<LinkFor>, StoreError> {
    let (hash, now) = (token.hash(), clock.now());
    shop.read(move |db| -> Result<_, StoreError> {
        let Some(link) = store::live_link(db, &hash, now)? else {
            return Ok(None);
        };
        match link.staff_id {
            None => Ok((!store::is_anybody(db)?).then_some(LinkFor::First)),
            Some(id) => Ok(store::by_id(db, &id)?
                .filter(session::may_enter)
                .map(LinkFor::Reset)),
        }
    })
    .await
}
