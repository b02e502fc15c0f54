//! Where the two engines differ, and nowhere else: upserts, batch inserts and row locks do not
//! compile through the multi-engine connection, so these macros run one query on each.
//!
//! A row is looked up by its key with `get_result`, not with `first`: `first` binds a LIMIT, and
//! SQLite plans a statement anew each time such a binding changes.

/// Runs one expression on whichever connection `$db` is: `both!(db, |c| query.execute(c))`.
macro_rules! both {
    ($db:expr, |$c:ident| $run:expr) => {
        match $db {
            $crate::store::Db::Sqlite($c) => $run,
            $crate::store::Db::Pg($c) => $run,
        }
    };
}
pub(crate) use both;

/// Runs a SELECT that locks its rows until the transaction ends (`FOR UPDATE` on PostgreSQL;
/// on SQLite the one writer holds the whole file).
macro_rules! locked {
    ($db:expr, $query:expr, |$q:ident, $c:ident| $run:expr) => {
        match $db {
            $crate::store::Db::Sqlite($c) => {
                let $q = $query;
                $run
            }
            $crate::store::Db::Pg($c) => {
                let $q = $query.for_update();
                $run
            }
        }
    };
}
pub(crate) use locked;

/// Like [`locked!`], but passes over rows that another transaction holds.
macro_rules! skip_locked {
    ($db:expr, $query:expr, |$q:ident, $c:ident| $run:expr) => {
        match $db {
            $crate::store::Db::Sqlite($c) => {
                let $q = $query;
                $run
            }
            $crate::store::Db::Pg($c) => {
                let $q = $query.for_update().skip_locked();
                $run
            }
        }
    };
}
pub(crate) use skip_locked;

/// Inserts a slice of rows, all of them new. One statement on PostgreSQL; a statement per row,
/// prepared once, on SQLite.
macro_rules! insert_rows {
    ($db:expr, $table:expr, $rows:expr) => {
        match $db {
            $crate::store::Db::Sqlite(c) => {
                for row in $rows {
                    diesel::insert_into($table).values(row).execute(c)?;
                }
            }
            $crate::store::Db::Pg(c) => {
                diesel::insert_into($table).values($rows).execute(c)?;
            }
        }
    };
}
pub(crate) use insert_rows;

/// Inserts a slice of rows and passes over those that a unique index knows already; how many
/// were new. One statement on PostgreSQL; a statement per row, prepared once, on SQLite.
macro_rules! insert_new {
    ($db:expr, $table:expr, $rows:expr) => {
        match $db {
            $crate::store::Db::Sqlite(c) => {
                let mut new = 0;
                for row in $rows {
                    new += diesel::insert_into($table)
                        .values(row)
                        .on_conflict_do_nothing()
                        .execute(c)?;
                }
                new
            }
            $crate::store::Db::Pg(c) => diesel::insert_into($table)
                .values($rows)
                .on_conflict_do_nothing()
                .execute(c)?,
        }
    };
}
pub(crate) use insert_new;
