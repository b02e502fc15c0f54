//! Sessions: rows of the server, known to a browser by a token that is in no row. They end after
//! half an hour without use, half a day after they began, and when somebody says so (X49, X50).

use super::audit::{Actor, Entry};
use super::model::{Session, Staff, StaffState};
use super::store;
use crate::clock::{Clock, DAY, HOUR, MINUTE, Millis};
use crate::ids::{SessionId, StaffId, ViewToken};
use crate::random::Random;
use crate::seal::Secret;
use crate::store::{Store, StoreError};

/// How long a session lives without use.
pub const IDLE: Millis = 30 * MINUTE;
/// How long it lives at all.
pub const LONGEST: Millis = 12 * HOUR;
/// How long a typed password counts as just typed.
pub const PROOF: Millis = 10 * MINUTE;
/// How long ended sessions are kept for the list.
const KEPT: Millis = 30 * DAY;

/// Whether somebody may sign in at all.
pub(super) fn may_enter(staff: &Staff) -> bool {
    staff.state == StaffState::On
}

/// Whether a session is good now.
pub fn is_alive(session: &Session, staff: &Staff, now: Millis) -> bool {
    session.ended_at.is_none()
        && now - session.seen_at < IDLE
        && now - session.created_at < LONGEST
        && may_enter(staff)
}

/// What is kept of a sign-in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Who; their password was right.
    pub staff: Staff,
    /// Which network.
    pub network: String,
    /// What the browser calls itself.
    pub agent: String,
    /// The session this browser had: it ends.
    pub before: Option<ViewToken>,
}

/// Begins a session under a new token.
pub async fn sign_in(
    shop: &Store,
    who: SignIn,
    actor: &Actor,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<ViewToken, StoreError> {
    let (token, now) = (ViewToken::new(random), clock.now());
    let agent: String = who
        .agent
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    let session = Session {
        id: SessionId::new(now, random),
        hash: token.hash(),
        staff_id: who.staff.id.clone(),
        created_at: now,
        seen_at: now,
        proved_at: now,
        network: who.network,
        agent,
        ended_at: None,
    };
    let before = who.before.map(|token| token.hash());
    let object = ("session", session.id.as_str());
    let line = Entry::new(actor, "staff.sign_in", object, now, random);
    shop.write(move |db| -> Result<(), StoreError> {
        if let Some(before) = &before {
            store::end_by_hash(db, before, now)?;
        }
        store::insert_session(db, &session)?;
        line.write(db)
    })
    .await?;
    Ok(token)
}

/// Who holds this token, if their session is good; it counts as used.
pub async fn see(
    shop: &Store,
    token: &ViewToken,
    clock: &dyn Clock,
) -> Result<Option<(Session, Staff)>, StoreError> {
    let (hash, now) = (token.hash(), clock.now());
    let found = shop.read(move |db| store::session(db, &hash)).await?;
    let Some((session, staff)) = found.filter(|(session, staff)| is_alive(session, staff, now))
    else {
        return Ok(None);
    };
    // To the minute: a page that is looked at writes nothing most of the time.
    if !(session.seen_at..session.seen_at + MINUTE).contains(&now) {
        let id = session.id.clone();
        shop.write(move |db| store::touch(db, &id, now)).await?;
    }
    Ok(Some((session, staff)))
}

/// The password was typed again, rightly.
pub async fn prove(shop: &Store, id: &SessionId, clock: &dyn Clock) -> Result<(), StoreError> {
    let (id, now) = (id.clone(), clock.now());
    shop.write(move |db| store::set_proved(db, &id, now)).await
}

/// Somebody has chosen a new password in this session: all others end.
pub async fn change_password(
    shop: &Store,
    staff: &StaffId,
    here: &SessionId,
    hash: Secret,
    line: Entry,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let (staff, here, now) = (staff.clone(), here.clone(), clock.now());
    shop.write(move |db| -> Result<(), StoreError> {
        store::set_password(db, &staff, hash.reveal(), now)?;
        store::end_others(db, &staff, &here, now)?;
        line.write(db)
    })
    .await
}

/// Ends one session of somebody's; false = it is not theirs, or over.
pub async fn end(
    shop: &Store,
    staff: &StaffId,
    id: &SessionId,
    line: Entry,
    clock: &dyn Clock,
) -> Result<bool, StoreError> {
    let (staff, id, now) = (staff.clone(), id.clone(), clock.now());
    shop.write(move |db| -> Result<bool, StoreError> {
        let ended = store::end_session(db, &staff, &id, now)?;
        if ended {
            line.write(db)?;
        }
        Ok(ended)
    })
    .await
}

/// Ends all sessions of somebody's; how many.
pub async fn end_all(
    shop: &Store,
    staff: &StaffId,
    line: Entry,
    clock: &dyn Clock,
) -> Result<usize, StoreError> {
    let (staff, now) = (staff.clone(), clock.now());
    shop.write(move |db| -> Result<usize, StoreError> {
        let ended = store::end_all(db, &staff, now)?;
        line.write(db)?;
        Ok(ended)
    })
    .await
}

/// Forgets old sessions and links; how many sessions.
pub async fn sweep(shop: &Store, now: Millis) -> Result<usize, StoreError> {
    shop.write(move |db| store::forget(db, now - KEPT, 200))
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::Role;

    fn alive(seen: Millis, created: Millis, state: StaffState, ended: bool) -> bool {
        let now = 100 * HOUR;
        let staff = Staff {
            id: StaffId("s".into()),
            email: "a@b.cn".into(),
            role: Role::Owner,
            state,
            password_hash: String::new(),
            totp: None,
            totp_step: 0,
            created_at: 0,
            changed_at: 0,
        };
        let session = Session {
            id: SessionId("x".into()),
            hash: String::new(),
            staff_id: staff.id.clone(),
            created_at: now - created,
            seen_at: now - seen,
            proved_at: 0,
            network: String::new(),
            agent: String::new(),
            ended_at: ended.then_some(now),
        };
        is_alive(&session, &staff, now)
    }

    #[test]
    fn a_session_ends_by_itself_by_word_and_with_its_person() {
        use StaffState::{Off, On};
        assert!(alive(0, 0, On, false));
        assert!(alive(IDLE - 1, LONGEST - 1, On, false));
        assert!(!alive(IDLE, IDLE, On, false), "nobody used it");
        assert!(!alive(0, LONGEST, On, false), "half a day is over");
        assert!(!alive(0, 0, Off, false), "nobody of the staff any more");
        assert!(!alive(0, 0, On, true), "signed out");
        assert!(alive(-5_000, 0, On, false), "another node's clock is ahead");
    }
}
