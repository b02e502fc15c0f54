//! The gateway's book: every change of a payment or a refund, as plain functions over its
//! connection. Who calls (which protocol, page or control path) makes no difference here.

use diesel::prelude::*;

use super::model::{Merchant, NewPayment, Payment, PaymentState, Refund, RefundState};
use super::schema::{merchants, nonces, payments, refunds};
use crate::clock::{MINUTE, Millis};

/// What a create found.
pub(super) enum Made {
    /// A new payment.
    New(Payment),
    /// The same payment was made before.
    Same(Payment),
    /// The number belongs to a payment of another amount.
    OtherAmount,
}

/// What paying found.
pub(super) enum Pay {
    /// Paid by this call.
    Now(Payment),
    /// Paid before.
    Already(Payment),
    /// Closed before.
    Closed(Payment),
    /// Told as paid, but not paid (switch `lie`).
    Lied(Payment),
}

/// What a refund found.
pub(super) enum Refunded {
    /// The refund, made now or by an earlier call with the same number.
    Made(Refund),
    /// No money came in.
    NotPaid,
    /// More than what is left.
    Exceeds,
    /// The number belongs to another refund.
    NumberUsed,
}

/// Makes a merchant or replaces the keys that are given.
pub(super) fn ensure_merchant(conn: &mut SqliteConnection, new: Merchant) -> QueryResult<()> {
    let old = merchant(conn, &new.id)?.unwrap_or_default();
    let row = Merchant {
        own_key: new.own_key.or(old.own_key),
        md5_key: new.md5_key.or(old.md5_key),
        merchant_public_key: new.merchant_public_key.or(old.merchant_public_key),
        platform_private_key: new.platform_private_key.or(old.platform_private_key),
        id: new.id,
    };
    diesel::replace_into(merchants::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

pub(super) fn merchant(conn: &mut SqliteConnection, id: &str) -> QueryResult<Option<Merchant>> {
    merchants::table
        .find(id)
        .select(Merchant::as_select())
        .first(conn)
        .optional()
}

/// Remembers a nonce; false when it was seen before. Forgets those whose time stamp no
/// longer passes.
pub(super) fn fresh_nonce(
    conn: &mut SqliteConnection,
    merchant: &str,
    nonce: &str,
    now: Millis,
) -> QueryResult<bool> {
    if nonce.starts_with("00") {
        let stale = nonces::table.filter(nonces::at.lt(now - 15 * MINUTE));
        diesel::delete(stale).execute(conn)?;
    }
    let row = (
        nonces::merchant.eq(merchant),
        nonces::nonce.eq(nonce),
        nonces::at.eq(now),
    );
    let added = diesel::insert_or_ignore_into(nonces::table)
        .values(row)
        .execute(conn)?;
    Ok(added == 1)
}

pub(super) fn create(conn: &mut SqliteConnection, new: NewPayment) -> QueryResult<Made> {
    if let Some(old) = by_merchant_no(conn, &new.merchant, &new.merchant_no, new.created_at)? {
        let same = old.amount == new.amount && old.currency == new.currency;
        return Ok(if same {
            Made::Same(old)
        } else {
            Made::OtherAmount
        });
    }
    let made = diesel::insert_into(payments::table)
        .values(new)
        .returning(Payment::as_returning())
        .get_result(conn)?;
    Ok(Made::New(made))
}

pub(super) fn by_merchant_no(
    conn: &mut SqliteConnection,
    merchant: &str,
    merchant_no: &str,
    now: Millis,
) -> QueryResult<Option<Payment>> {
    let found = payments::table
        .filter(payments::merchant.eq(merchant))
        .filter(payments::merchant_no.eq(merchant_no))
        .select(Payment::as_select())
        .first(conn)
        .optional()?;
    found.map(|payment| due(conn, payment, now)).transpose()
}

/// A payment by the shop's number; without a merchant, the youngest of that number.
pub(super) fn by_number(
    conn: &mut SqliteConnection,
    merchant: Option<&str>,
    merchant_no: &str,
    now: Millis,
) -> QueryResult<Option<Payment>> {
    if let Some(merchant) = merchant {
        return by_merchant_no(conn, merchant, merchant_no, now);
    }
    let found = payments::table
        .filter(payments::merchant_no.eq(merchant_no))
        .order(payments::id.desc())
        .select(Payment::as_select())
        .first(conn)
        .optional()?;
    found.map(|payment| due(conn, payment, now)).transpose()
}

pub(super) fn by_trade_no(
    conn: &mut SqliteConnection,
    trade_no: &str,
    now: Millis,
) -> QueryResult<Option<Payment>> {
    let found = payments::table
        .filter(payments::trade_no.eq(trade_no))
        .select(Payment::as_select())
        .first(conn)
        .optional()?;
    found.map(|payment| due(conn, payment, now)).transpose()
}

/// Closes a payment whose deadline has passed, when somebody looks at it.
fn due(conn: &mut SqliteConnection, payment: Payment, now: Millis) -> QueryResult<Payment> {
    let over = payment.expires_at.is_some_and(|at| at <= now);
    if payment.state == PaymentState::Waiting && over {
        return close(conn, payment);
    }
    Ok(payment)
}

/// Takes the buyer's money. `late` pays a closed payment too, as a slow bank does.
pub(super) fn pay(
    conn: &mut SqliteConnection,
    payment: Payment,
    late: bool,
    now: Millis,
) -> QueryResult<Pay> {
    match payment.state {
        PaymentState::Paid => return Ok(Pay::Already(payment)),
        PaymentState::Closed if !late => return Ok(Pay::Closed(payment)),
        PaymentState::Closed | PaymentState::Waiting => {}
    }
    let paid = diesel::update(payments::table.find(payment.id))
        .set((
            payments::state.eq(PaymentState::Paid),
            payments::paid_at.eq(now),
        ))
        .returning(Payment::as_returning())
        .get_result(conn)?;
    Ok(Pay::Now(paid))
}

/// Closes a payment that waits; any other stays what it is.
pub(super) fn close(conn: &mut SqliteConnection, payment: Payment) -> QueryResult<Payment> {
    if payment.state != PaymentState::Waiting {
        return Ok(payment);
    }
    diesel::update(payments::table.find(payment.id))
        .set(payments::state.eq(PaymentState::Closed))
        .returning(Payment::as_returning())
        .get_result(conn)
}

/// A refund to make.
pub(super) struct RefundAsk {
    pub(super) refund_no: String,
    pub(super) channel_refund_no: String,
    pub(super) amount: i64,
    pub(super) state: RefundState,
}

pub(super) fn refund(
    conn: &mut SqliteConnection,
    payment: &Payment,
    ask: &RefundAsk,
    now: Millis,
) -> QueryResult<Refunded> {
    if let Some(old) = refund_by_no(conn, &payment.merchant, &ask.refund_no)? {
        let same = old.payment == payment.id && old.amount == ask.amount;
        return Ok(if same {
            Refunded::Made(old)
        } else {
            Refunded::NumberUsed
        });
    }
    if payment.state != PaymentState::Paid {
        return Ok(Refunded::NotPaid);
    }
    let fits = payments::table
        .find(payment.id)
        .filter((payments::refunded + ask.amount).le(payments::amount));
    let taken = if ask.state == RefundState::Failed {
        0
    } else {
        ask.amount
    };
    let touched = diesel::update(fits)
        .set(payments::refunded.eq(payments::refunded + taken))
        .execute(conn)?;
    if touched == 0 {
        return Ok(Refunded::Exceeds);
    }
    diesel::insert_into(refunds::table)
        .values((
            refunds::merchant.eq(&payment.merchant),
            refunds::refund_no.eq(&ask.refund_no),
            refunds::channel_refund_no.eq(&ask.channel_refund_no),
            refunds::payment.eq(payment.id),
            refunds::amount.eq(ask.amount),
            refunds::state.eq(ask.state),
            refunds::created_at.eq(now),
        ))
        .returning(Refund::as_returning())
        .get_result(conn)
        .map(Refunded::Made)
}

/// Looks a refund up by the shop's number or the gateway's.
pub(super) fn refund_by_no(
    conn: &mut SqliteConnection,
    merchant: &str,
    no: &str,
) -> QueryResult<Option<Refund>> {
    refunds::table
        .filter(refunds::merchant.eq(merchant))
        .filter(
            refunds::refund_no
                .eq(no)
                .or(refunds::channel_refund_no.eq(no)),
        )
        .select(Refund::as_select())
        .first(conn)
        .optional()
}

/// Ends a pending refund; a failed one gives back what was set aside.
pub(super) fn end_refund(
    conn: &mut SqliteConnection,
    refund: &Refund,
    state: RefundState,
) -> QueryResult<bool> {
    let pending = refunds::table
        .find(refund.id)
        .filter(refunds::state.eq(RefundState::Pending));
    let touched = diesel::update(pending)
        .set(refunds::state.eq(state))
        .execute(conn)?;
    if touched == 1 && state == RefundState::Failed {
        diesel::update(payments::table.find(refund.payment))
            .set(payments::refunded.eq(payments::refunded - refund.amount))
            .execute(conn)?;
    }
    Ok(touched == 1)
}
