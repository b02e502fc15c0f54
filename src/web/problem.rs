//! Problem documents (RFC 9457): what an API client is told when something did not work.
//!
//! Each says what happened, what was kept and what to do next. A cause that is ours goes to the
//! log and never into the answer; nothing of the request is repeated but the name of a field.

use std::error::Error as StdError;
use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::risk::Wait;
use crate::store::StoreError;
use crate::{order, payment};

/// The content type of a problem document.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// Seconds after which a shop that is overloaded or unreachable is worth another try.
const BACK_SOON: u64 = 5;
/// Seconds after which a channel may work again, or an unpaid order may have ended.
const BACK_LATER: u64 = 60;

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem for ever: `urn:vendgate:problem:sold-out`. Compare this one.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in a few words that are the same for every problem of this type.
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 409)]
    pub status: u16,
    /// What happened this time, what was kept, and what to do next.
    pub detail: String,
    /// The field of the request that is wrong, if it is one: `quantity`, `fields.account`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds to wait before another try; the same as the header `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem of the type `word`.
    pub fn new(
        status: StatusCode,
        word: &str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Problem {
            kind: format!("urn:vendgate:problem:{word}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            field: None,
            retry_after: None,
        }
    }

    /// Names the field that is wrong.
    #[must_use]
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_in(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// A field of the request that is wrong; `reason` reads on after its name.
    pub fn invalid(field: impl Into<String>, reason: &str) -> Self {
        let field = field.into();
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid-field",
            "A field is wrong",
            format!("{field} {reason}. Nothing was changed. Correct it and send it again."),
        )
        .in_field(field)
    }

    /// The body as a whole is wrong.
    pub fn malformed(reason: &str) -> Self {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "malformed-body",
            "The body is not the JSON asked for",
            format!("The body {reason}. Nothing was changed. Correct it and send it again."),
        )
    }

    /// No order, or not the right token: the same words for both, so that nobody learns which.
    pub fn no_such_order() -> Self {
        Problem::new(
            StatusCode::NOT_FOUND,
            "no-such-order",
            "There is no such order",
            "No order has this number and this view token. Check both; the link in the order's \
             mail opens it as well.",
        )
    }

    /// The database cannot be reached or is overloaded.
    pub fn unavailable() -> Self {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The shop cannot answer just now",
            "The shop is overloaded or its database is away. What was ordered and paid is safe. \
             Send the same request, with the same Idempotency-Key, in a few seconds.",
        )
        .retry_in(BACK_SOON)
    }

    /// Something of ours is broken. The cause goes to the log.
    pub fn internal(cause: &dyn StdError) -> Self {
        tracing::error!(cause = ?cause.to_string(), "a request of the API failed");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The shop made a mistake",
            "The mistake is logged under the request id of this answer. What was ordered and \
             paid is safe. Try again; if it stays, tell the shop the request id.",
        )
    }

    /// The order takes no money now.
    pub fn not_payable() -> Self {
        Problem::new(
            StatusCode::CONFLICT,
            "not-payable",
            "The order takes no payment now",
            "It is paid already, cancelled, or its time is over. Look at its state; what was \
             paid for it is safe. To buy again, place a new order.",
        )
    }

    /// An order that is paid is not cancelled by its buyer.
    pub fn already_paid() -> Self {
        Problem::new(
            StatusCode::CONFLICT,
            "already-paid",
            "The order is paid",
            "It was not cancelled: it is paid, and its goods are or will be delivered. To have \
             the money back, ask the shop for a refund.",
        )
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.title)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut reply = HttpResponse::build(self.status());
        reply
            .insert_header((header::CONTENT_TYPE, CONTENT_TYPE))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
        if let Some(seconds) = self.retry_after {
            reply.insert_header((header::RETRY_AFTER, seconds));
        }
        reply.body(serde_json::to_vec(self).unwrap_or_default())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_unavailable() || error.is_conflict() {
            tracing::warn!(cause = ?error.to_string(), "the database did not serve the API");
            return Problem::unavailable();
        }
        Problem::internal(&error)
    }
}

impl From<Wait> for Problem {
    fn from(wait: Wait) -> Self {
        Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            "Too many requests",
            format!(
                "Your network or address asked for this more often than the shop allows. \
                 Nothing was changed. Send the same request again after {} s.",
                wait.seconds()
            ),
        )
        .retry_in(wait.seconds())
    }
}

impl From<order::Error> for Problem {
    fn from(error: order::Error) -> Self {
        use order::Error as E;
        match error {
            E::NotOnSale => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "not-on-sale",
                "This is not on sale",
                "The shop sells no such variant now. Nothing was ordered. Choose one of \
                 /api/v1/products.",
            )
            .in_field("variant"),
            E::SoldOut { left } => Problem::new(
                StatusCode::CONFLICT,
                "sold-out",
                "Not enough is left",
                format!(
                    "Only {left} left. Nothing was ordered or charged. Order fewer, or come \
                     back when there are more."
                ),
            )
            .in_field("quantity"),
            E::Quantity { min, max } => {
                Problem::invalid("quantity", &format!("must be from {min} to {max}"))
            }
            E::Invalid { field, reason } => Problem::invalid(field, reason),
            E::Money(_) => Problem::invalid("quantity", "makes an amount that is too large"),
            E::BuyerLimit { most } => Problem::new(
                StatusCode::CONFLICT,
                "buyer-limit",
                "One buyer may not buy more",
                format!(
                    "One buyer may buy at most {most} of this, over all orders. Nothing was \
                     ordered or charged. Order fewer."
                ),
            )
            .in_field("quantity"),
            E::TooManyUnpaid => Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-unpaid",
                "Too many unpaid orders",
                "Unpaid orders of this address or network hold as much as they may. Nothing was \
                 ordered. Pay or cancel one of them, or wait until it ends.",
            )
            .retry_in(BACK_LATER),
            E::Edge(_) => Problem::new(
                StatusCode::CONFLICT,
                "wrong-state",
                "The order does not allow this now",
                "Its state does not allow this. Nothing was changed. Look at its state again.",
            ),
            E::Unknown => Problem::no_such_order(),
            E::Store(error) => error.into(),
            error @ E::Seal(_) => Problem::internal(&error),
        }
    }
}

impl From<payment::Error> for Problem {
    fn from(error: payment::Error) -> Self {
        use payment::Error as E;
        match error {
            E::NotPayable => Problem::not_payable(),
            E::NoChannel => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "no-channel",
                "No channel can take this payment now",
                "No payment channel serves this method, amount and currency just now. The order \
                 is kept until its deadline. Choose another method, or try again later.",
            )
            .in_field("method")
            .retry_in(BACK_LATER),
            E::TooManyAttempts => Problem::new(
                StatusCode::CONFLICT,
                "too-many-attempts",
                "Too many payment attempts",
                "This order has had as many attempts as it may. It is kept until its deadline; \
                 the payments begun so far still count. Place a new order to try again.",
            ),
            E::Unknown => Problem::no_such_order(),
            E::Order(error) => error.into(),
            E::Store(error) => error.into(),
            error => Problem::internal(&error),
        }
    }
}

#[cfg(test)]
#[path = "problem_tests.rs"]
mod tests;
