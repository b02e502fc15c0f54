use super::*;
use crate::money::MoneyError;
use crate::seal::SealError;

fn order(error: order::Error) -> Problem {
    error.into()
}

fn paying(error: payment::Error) -> Problem {
    error.into()
}

#[test]
fn each_error_has_its_status_type_and_field() {
    use order::Error as O;
    use payment::Error as P;
    let busy = || StoreError::Busy;
    for (problem, status, word, field, retry) in [
        (
            order(O::NotOnSale),
            422,
            "not-on-sale",
            Some("variant"),
            None,
        ),
        (
            order(O::SoldOut { left: 3 }),
            409,
            "sold-out",
            Some("quantity"),
            None,
        ),
        (
            order(O::Quantity { min: 1, max: 9 }),
            422,
            "invalid-field",
            Some("quantity"),
            None,
        ),
        (
            order(O::Money(MoneyError::Overflow)),
            422,
            "invalid-field",
            Some("quantity"),
            None,
        ),
        (
            order(O::BuyerLimit { most: 2 }),
            409,
            "buyer-limit",
            Some("quantity"),
            None,
        ),
        (
            order(O::TooManyUnpaid),
            429,
            "too-many-unpaid",
            None,
            Some(60),
        ),
        (order(O::Unknown), 404, "no-such-order", None, None),
        (order(O::Store(busy())), 503, "unavailable", None, Some(5)),
        (
            order(O::Seal(SealError::Altered)),
            500,
            "internal",
            None,
            None,
        ),
        (paying(P::NotPayable), 409, "not-payable", None, None),
        (
            paying(P::NoChannel),
            503,
            "no-channel",
            Some("method"),
            Some(60),
        ),
        (
            paying(P::TooManyAttempts),
            409,
            "too-many-attempts",
            None,
            None,
        ),
        (paying(P::Store(busy())), 503, "unavailable", None, Some(5)),
        (
            paying(P::Order(O::NotOnSale)),
            422,
            "not-on-sale",
            Some("variant"),
            None,
        ),
        (
            paying(P::Ledger("J01".to_owned())),
            500,
            "internal",
            None,
            None,
        ),
    ] {
        assert_eq!(problem.status, status, "{problem:?}");
        assert_eq!(problem.kind, format!("urn:vendgate:problem:{word}"));
        assert_eq!(problem.field.as_deref(), field, "{problem:?}");
        assert_eq!(problem.retry_after, retry, "{problem:?}");
    }
}

/// A cause is ours to know: the answer holds none of it.
#[test]
fn a_cause_never_leaves_the_house() {
    let secret = "duplicate key value (CARD-SECRET)";
    for problem in [
        order(order::Error::Store(StoreError::Constraint(
            secret.to_owned(),
        ))),
        paying(payment::Error::Ledger(secret.to_owned())),
        Problem::from(StoreError::Unreachable(secret.to_owned())),
    ] {
        let text = serde_json::to_string(&problem).unwrap();
        assert!(!text.contains("CARD-SECRET"), "{text}");
    }
}

#[actix_web::test]
async fn a_problem_is_sent_as_the_standard_says() {
    let reply = Problem::unavailable().error_response();
    assert_eq!(reply.status(), 503);
    let header = |name: &str| reply.headers().get(name).map(|v| v.to_str().unwrap());
    assert_eq!(header("content-type"), Some(CONTENT_TYPE));
    assert_eq!(header("cache-control"), Some("no-store"));
    assert_eq!(header("retry-after"), Some("5"));
    let body = actix_web::body::to_bytes(reply.into_body()).await.unwrap();
    let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(document["status"], 503);
    assert_eq!(document["retry_after"], 5);
    assert_eq!(document["type"], "urn:vendgate:problem:unavailable");
}
