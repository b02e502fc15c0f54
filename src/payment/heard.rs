//! What channels sent about attempts, as staff read it.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::ids::{AttemptId, NoticeId};
use crate::store::schema::notice;
use crate::store::{Db, StoreError};

/// A row of the raw log.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = notice)]
pub struct Heard {
    /// The row.
    pub id: NoticeId,
    /// UTC.
    pub at: Millis,
    /// `GET` or `POST`.
    pub verb: String,
    /// Of the URL, undecoded.
    pub query: String,
    headers: String,
    /// The bytes as they came; of a refused notice, its beginning.
    pub body: Vec<u8>,
    /// The sender's address.
    pub source_ip: String,
    /// What became of it.
    pub verdict: String,
    /// The check that it did not pass.
    pub failed_check: Option<String>,
    /// What it is about.
    pub attempt_id: Option<AttemptId>,
}

/// Headers that may hold somebody's secret.
const SECRET: [&str; 5] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-api-key",
    "x-auth-token",
];

impl Heard {
    /// Its headers, without the value of any that may hold a secret.
    pub fn headers(&self) -> Vec<(String, String)> {
        let all: Vec<(String, String)> = serde_json::from_str(&self.headers).unwrap_or_default();
        let hidden = |(name, value): (String, String)| match SECRET.contains(&name.as_str()) {
            true => (name, "••••".to_owned()),
            false => (name, value),
        };
        all.into_iter().map(hidden).collect()
    }

    /// Its body as text, at most `most` letters of it.
    pub fn text(&self, most: usize) -> String {
        String::from_utf8_lossy(&self.body)
            .chars()
            .take(most)
            .collect()
    }
}

/// The notices about these attempts, newest first, at most `limit`.
pub fn notices_of(
    db: &mut Db,
    attempts: &[AttemptId],
    limit: i64,
) -> Result<Vec<Heard>, StoreError> {
    Ok(notice::table
        .filter(notice::attempt_id.eq_any(attempts.to_vec()))
        .order((notice::at.desc(), notice::id.desc()))
        .limit(limit)
        .select(Heard::as_select())
        .load(db)?)
}
