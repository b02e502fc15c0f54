//! Lists: the orders a shop reconciles with, and what the log and the queue hold.

use diesel::prelude::*;

use super::Error;
use super::gateway::Gateway;
use super::model::{Api, LogRow, NoticeState, Payment, PaymentState};
use super::schema::{log, notices, payments};

/// A merchant's epay orders, newest first; `paid` picks some.
pub(super) async fn page(
    gateway: &Gateway,
    merchant: String,
    offset: i64,
    limit: i64,
    paid: Option<bool>,
) -> Result<Vec<Payment>, Error> {
    gateway
        .db
        .run(move |conn| {
            let mut query = payments::table
                .filter(payments::merchant.eq(merchant))
                .filter(payments::api.ne(Api::Own))
                .order(payments::id.desc())
                .offset(offset)
                .limit(limit)
                .select(Payment::as_select())
                .into_boxed();
            query = match paid {
                Some(true) => query.filter(payments::state.eq(PaymentState::Paid)),
                Some(false) => query.filter(payments::state.ne(PaymentState::Paid)),
                None => query,
            };
            query.load(conn)
        })
        .await
}

/// The log after row `after`, oldest first, with the rows' ids.
pub(super) async fn log(
    gateway: &Gateway,
    merchant_no: Option<String>,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, LogRow)>, Error> {
    gateway
        .db
        .run(move |conn| {
            let mut query = log::table
                .filter(log::id.gt(after))
                .order(log::id)
                .limit(limit)
                .select((log::id, LogRow::as_select()))
                .into_boxed();
            if let Some(merchant_no) = merchant_no {
                query = query.filter(log::merchant_no.eq(merchant_no));
            }
            query.load(conn)
        })
        .await
}

/// How many notices stand in which state, of one payment or of all.
pub(super) async fn notices(
    gateway: &Gateway,
    merchant_no: Option<String>,
) -> Result<Vec<(NoticeState, i64)>, Error> {
    gateway
        .db
        .run(move |conn| {
            NoticeState::ALL
                .iter()
                .map(|state| {
                    let mut query = notices::table
                        .inner_join(payments::table)
                        .filter(notices::state.eq(*state))
                        .into_boxed();
                    if let Some(merchant_no) = &merchant_no {
                        query = query.filter(payments::merchant_no.eq(merchant_no));
                    }
                    Ok((*state, query.count().get_result(conn)?))
                })
                .collect()
        })
        .await
}
