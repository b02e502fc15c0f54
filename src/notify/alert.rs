//! Alerts: one row per thing that needs the shopkeeper, however often it happens.

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::clock::Millis;
use crate::ids::{AlertId, text_enum};
use crate::store::schema::alert;
use crate::store::{Db, StoreError, both};

text_enum! {
    /// How soon a person should look.
    pub enum Severity {
        /// When there is time.
        Info = "info",
        /// Today.
        Warning = "warning",
        /// Now: money or goods are at stake.
        Critical = "critical",
    }
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct NewAlert {
    /// Made before the transaction; used if the alert is new.
    pub id: AlertId,
    /// What kind of thing, `outbox.dead`.
    pub kind: String,
    /// Says which thing: the same words raise the same alert again. Who wants to hear of it
    /// again tomorrow puts the day into them.
    pub dedupe: String,
    /// How soon a person should look.
    pub severity: Severity,
    /// What happened and what to do, in words without a secret or an address.
    pub body: String,
    /// Now.
    pub now: Millis,
}

/// Raises an alert, or counts it if it is up already (with the newest words). Says whether it
/// is new: then the caller promises one mail to the shopkeeper.
pub fn raise(db: &mut Db, new: &NewAlert) -> Result<bool, StoreError> {
    let row = (
        alert::id.eq(&new.id),
        alert::kind.eq(&new.kind),
        alert::dedupe.eq(&new.dedupe),
        alert::severity.eq(new.severity),
        alert::body.eq(&new.body),
        alert::count.eq(1),
        alert::first_at.eq(new.now),
        alert::last_at.eq(new.now),
    );
    let again = (
        alert::severity.eq(new.severity),
        alert::body.eq(&new.body),
        alert::count.eq(alert::count + 1),
        alert::last_at.eq(new.now),
    );
    let count: i64 = both!(db, |c| diesel::insert_into(alert::table)
        .values(row)
        .on_conflict(alert::dedupe)
        .do_update()
        .set(again)
        .returning(alert::count)
        .get_result(c))?;
    Ok(count == 1)
}

/// Whether this was raised before.
pub fn is_up(db: &mut Db, dedupe: &str) -> Result<bool, StoreError> {
    let there = alert::table.filter(alert::dedupe.eq(dedupe));
    Ok(diesel::select(exists(there)).get_result(db)?)
}

/// A row of the alert list.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = alert)]
pub struct Alert {
    /// Its id, and the cursor of [`list`].
    pub id: AlertId,
    /// What kind of thing.
    pub kind: String,
    /// Which thing.
    pub dedupe: String,
    /// How soon a person should look.
    pub severity: Severity,
    /// The newest words.
    pub body: String,
    /// How often it happened.
    pub count: i64,
    /// The first time.
    pub first_at: Millis,
    /// The last time.
    pub last_at: Millis,
}

/// The alerts, newest first, older than `before`.
pub fn list(db: &mut Db, before: Option<&AlertId>, limit: i64) -> Result<Vec<Alert>, StoreError> {
    let mut rows = alert::table.select(Alert::as_select()).into_boxed();
    if let Some(before) = before {
        rows = rows.filter(alert::id.lt(before));
    }
    Ok(rows.order(alert::id.desc()).limit(limit).load(db)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::testing::shop;
    use crate::random::SeededRandom;

    /// A thing that happens often is one row and one mail.
    #[tokio::test]
    async fn the_same_alert_is_counted_not_repeated() {
        let shop = shop();
        let random = SeededRandom::from_seed(5);
        let at = |now: Millis, dedupe: &str| NewAlert {
            id: AlertId::new(now, &random),
            kind: "outbox.dead".to_owned(),
            dedupe: dedupe.to_owned(),
            severity: Severity::Warning,
            body: format!("at {now}"),
            now,
        };
        let (first, again, other) = (at(1_000, "a"), at(2_000, "a"), at(3_000, "b"));
        let told = shop
            .store
            .write(move |db| {
                Ok::<_, StoreError>([raise(db, &first)?, raise(db, &again)?, raise(db, &other)?])
            })
            .await
            .expect("written");
        assert_eq!(told, [true, false, true]);
        let rows = shop
            .store
            .read(|db| list(db, None, 10))
            .await
            .expect("read");
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].dedupe.as_str(), rows[0].count), ("b", 1));
        assert_eq!((rows[1].count, rows[1].body.as_str()), (2, "at 2000"));
        assert_eq!((rows[1].first_at, rows[1].last_at), (1_000, 2_000));
        let cursor = rows[0].id.clone();
        let older = shop
            .store
            .read(move |db| list(db, Some(&cursor), 10))
            .await
            .expect("read");
        assert_eq!(older, rows[1..]);
    }
}
