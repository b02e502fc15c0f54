//! Buying on the product page: one form, one order, however often it is sent.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::product::{Typed, chosen, on_sale, show};
use crate::app::App;
use crate::catalog::Field;
use crate::channel::{Buyer, Method as Serves};
use crate::ids::{OrderId, OrderNo};
use crate::money::Minor;
use crate::order;
use crate::seal::Secret;
use crate::web::buy::buy as buy_once;
use crate::web::checkout::{self, Asked};
use crate::web::form::Form;
use crate::web::idempotency::{self, Claim, Outcome};
use crate::web::methods::methods;
use crate::web::pages::failure::Failure;
use crate::web::pages::product::FieldError;
use crate::web::visitor::{Visitor, is_ours};
use crate::web::words::Words;
use crate::web::{client, failure, order_cookie};
use crate::window::OnSale;

/// `POST /p/{slug}`
pub async fn buy(
    request: HttpRequest,
    app: web::Data<App>,
    slug: web::Path<String>,
    body: web::Bytes,
) -> HttpResponse {
    let Ok(form) = Form::parse(&body) else {
        return failure::page(&request, &app, Failure::BadRequest, None);
    };
    if !is_ours(&request, &app, &form) {
        return failure::page(&request, &app, Failure::Forbidden, None);
    }
    let (_, shelf) = match on_sale(&request, &app, &slug).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let again = |errors: Vec<FieldError>, form: Form| {
        let typed = Typed {
            form,
            errors,
            ..Typed::default()
        };
        show(&request, &app, &shelf, typed)
    };
    // Without scripts this button only shows the new total.
    if form.get("update") == "1" {
        return again(Vec::new(), form);
    }
    let visitor = Visitor::of(&request, &app);
    let fields = match shelf.fields() {
        Ok(fields) => fields,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let asked = match parse(&app, &visitor, (&shelf, fields), &form) {
        Ok(asked) => asked,
        Err(errors) => return again(errors, form),
    };
    match submit(&request, &app, &shelf, &form, asked).await {
        Ok(response) => response,
        Err(Refused::Page(response)) => response,
        Err(Refused::Order(error)) => match words_for(visitor.words(), &shelf, &error) {
            Some(wrong) => again(vec![wrong], form),
            None => match error {
                order::Error::Store(error) => failure::store(&request, &app, &error),
                other => failure::internal(&request, &app, &other),
            },
        },
    }
}

#[derive(Clone)]
struct Wanted {
    asked: Asked,
    method: Option<Serves>,
}

/// Reads the form; every problem at once, each at its field.
fn parse(
    app: &App,
    visitor: &Visitor,
    (shelf, asks): (&OnSale, &[Field]),
    form: &Form,
) -> Result<Wanted, Vec<FieldError>> {
    let words = visitor.words();
    let (variant, _) = chosen(shelf, form);
    let mut errors = Vec::new();
    let mut wrong = |id: &str, text: String| {
        errors.push(FieldError {
            id: id.to_owned(),
            text,
        });
    };
    let sent = form.get("variant");
    if !sent.is_empty() && sent != variant.id.as_str() {
        wrong("variant", words.err_variant().to_owned());
    }
    let quantity = plain_number(form.get("quantity"));
    if quantity.is_none_or(|q| q < variant.min_quantity || q > variant.max_quantity) {
        let (min, max) = (variant.min_quantity, variant.max_quantity);
        let words = words.err_quantity(
            u64::try_from(min).unwrap_or(1),
            u64::try_from(max).unwrap_or(1),
        );
        wrong("quantity", words);
    }
    if checkout::check_email(form.get("email")).is_err() {
        wrong("email", words.err_email().to_owned());
    }
    let method = Serves::parse(form.get("method"));
    let offered = methods(app, variant.currency);
    let free = variant.price == Minor::ZERO;
    if !free && form.get("method") != "recommended" {
        let known = method.is_some_and(|m| offered.iter().any(|o| o.code() == m.as_str()));
        if !known {
            let id = offered.first().map_or("method-alipay".to_owned(), |m| {
                format!("method-{}", m.code())
            });
            wrong(&id, words.err_method().to_owned());
        }
    }
    let mut fields = form.with_prefix("field_");
    fields.retain(|_, value| !value.trim().is_empty());
    for field in asks {
        let label = visitor.pick(&field.label_zh, &field.label_en);
        let id = format!("field_{}", field.key);
        let one: std::collections::BTreeMap<String, String> = fields
            .get_key_value(&field.key)
            .map(|(key, value)| (key.clone(), value.clone()))
            .into_iter()
            .collect();
        if field.required && one.is_empty() {
            wrong(&id, words.err_required(label));
        } else if crate::catalog::check_fields(std::slice::from_ref(field), &one).is_err() {
            wrong(&id, words.err_pattern(label));
        }
    }
    let password = match form.get("password") {
        "" => None,
        text if (4..=100).contains(&text.chars().count()) => Some(Secret::new(text)),
        _ => {
            wrong("password", words.err_password().to_owned());
            None
        }
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Wanted {
        asked: Asked {
            variant: variant.id.to_string(),
            quantity: quantity.unwrap_or(1),
            email: form.get("email").to_owned(),
            locale: visitor.lang.tag().to_owned(),
            fields,
            password,
        },
        method,
    })
}

/// X20: `1`, `12`; not `1.0`, `1e3`, `+1`, full-width digits or anything else.
fn plain_number(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

enum Refused {
    Order(order::Error),
    Page(HttpResponse),
}

impl From<order::Error> for Refused {
    fn from(error: order::Error) -> Self {
        Refused::Order(error)
    }
}

impl From<crate::store::StoreError> for Refused {
    fn from(error: crate::store::StoreError) -> Self {
        Refused::Order(error.into())
    }
}

/// Places the order and opens its first attempt, once for each form key (R140), and goes to its
/// page.
async fn submit(
    request: &HttpRequest,
    app: &Arc<App>,
    shelf: &OnSale,
    form: &Form,
    wanted: Wanted,
) -> Result<HttpResponse, Refused> {
    let who = client::buyer(request, &app.config);
    let network = client::network_of(who.ip);
    let email = order::email_hash(&app.sealer, &wanted.asked.email);
    if let Err(wait) = app.limits.placement(&network, &email).await {
        return Err(Refused::Page(failure::too_many(request, app, wait)));
    }
    let Ok(key) = form.get("key").parse() else {
        let page = failure::page(request, app, Failure::BadRequest, None);
        return Err(Refused::Page(page));
    };
    let same = json!([
        shelf.product.slug,
        wanted.asked.variant,
        wanted.asked.quantity,
        wanted.asked.email,
        form.get("method"),
        wanted.asked.fields,
        form.get("password"),
    ])
    .to_string();
    let claim = Claim::of_guest(&app.sealer, "POST /p", &network, key, same.as_bytes());
    let place = || {
        let (shop, wanted) = (Arc::clone(app), wanted.clone());
        let work = move |id, resumed| async move { placed(&shop, id, resumed, wanted, who).await };
        idempotency::once(app, claim.clone(), StatusCode::SEE_OTHER, work)
    };
    let mut outcome = place().await?;
    if matches!(outcome, Outcome::Running { .. }) {
        // The same form sent a moment before: without scripts a second click cuts off the answer
        // to the first, and its own answer is the one the buyer sees.
        idempotency::wait(app, &claim, PATIENCE).await?;
        outcome = place().await?;
    }
    match outcome {
        Outcome::Answer { order, body, .. } => go(app, &order, &body).await,
        // Longer than anybody waits for a page.
        Outcome::Running { .. } => {
            let page = failure::page(request, app, Failure::Unavailable, None);
            Err(Refused::Page(page))
        }
        // A page that was changed after it had placed an order and is sent again.
        Outcome::Mismatch => {
            let notice = Visitor::of(request, app).words().already_placed();
            let typed = Typed {
                form: form.clone(),
                notice: Some(notice.to_owned()),
                anew: true,
                ..Typed::default()
            };
            Err(Refused::Page(show(request, app, shelf, typed)))
        }
    }
}

/// How long a form waits for the same form sent before it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Places under an id; the order's number.
async fn placed(
    app: &App,
    id: OrderId,
    resumed: bool,
    wanted: Wanted,
    who: Buyer,
) -> Result<Vec<u8>, order::Error> {
    let bought = buy_once(app, &id, resumed, wanted.asked, wanted.method, who).await?;
    // A channel that refuses leaves the order payable: its page offers the other methods.
    if let Some(cause) = &bought.unpaid {
        tracing::warn!(order = %bought.order.order_no, %cause, "no attempt could be opened");
    }
    Ok(bought.order.order_no.as_str().as_bytes().to_vec())
}

/// Leads to the order that was placed. The same form again leads there again, by the same token.
async fn go(app: &App, order: &OrderId, no: &[u8]) -> Result<HttpResponse, Refused> {
    let no: Option<OrderNo> = std::str::from_utf8(no).ok().and_then(|no| no.parse().ok());
    let no = no.ok_or(order::Error::Unknown)?;
    let token = order_cookie::token_of(app, order).await?;
    let mut response = HttpResponse::SeeOther()
        .insert_header(("location", format!("/o/{no}")))
        .insert_header(("cache-control", "no-store"))
        .finish();
    order_cookie::set(&mut response, app, &no, &token);
    Ok(response)
}

/// A refusal at its field; none = no buyer can mend it.
fn words_for(words: Words, shelf: &OnSale, error: &order::Error) -> Option<FieldError> {
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let (id, text) = match error {
        order::Error::SoldOut { left: 0 } => ("quantity", words.err_sold_out().to_owned()),
        order::Error::SoldOut { left } => ("quantity", words.err_stock_left(count(*left))),
        order::Error::Quantity { min, max } => {
            ("quantity", words.err_quantity(count(*min), count(*max)))
        }
        order::Error::BuyerLimit { most } => ("quantity", words.err_buyer_limit(count(*most))),
        order::Error::TooManyUnpaid => ("quantity", words.err_too_many_open().to_owned()),
        order::Error::Invalid { field, .. } if field == "email" => {
            ("email", words.err_email().to_owned())
        }
        order::Error::Invalid { field, .. } if field == "password" => {
            ("password", words.err_password().to_owned())
        }
        order::Error::NotOnSale if shelf.variants.len() > 1 => {
            ("variant", words.err_variant().to_owned())
        }
        order::Error::NotOnSale => ("quantity", words.err_sold_out().to_owned()),
        _ => return None,
    };
    Some(FieldError {
        id: id.to_owned(),
        text,
    })
}
