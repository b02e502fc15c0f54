//! `POST /api/v1/orders`: placing an order, once however often it is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::body::{self, Body};
use super::view::{self, OrderView};
use super::words::Wishes;
use super::{answer_bytes, wish};
use crate::app::App;
use crate::channel::{Buyer, Method};
use crate::ids::OrderId;
use crate::order;
use crate::seal::Secret;
use crate::store::StoreError;
use crate::web::checkout::{self, Asked};
use crate::web::idempotency::{self, Claim, Key, Outcome};
use crate::web::problem::Problem;
use crate::web::whole::whole;
use crate::web::words::Lang;
use crate::web::{buy, client};

const ROUTE: &str = "POST /api/v1/orders";

/// What to order. Prices, amounts and states are the shop's to say: any other key is refused.
#[derive(Serialize, ToSchema)]
#[schema(as = NewOrder)]
pub(super) struct Asking {
    /// The variant's id or sku.
    #[schema(max_length = 100)]
    variant: String,
    /// How many: a whole number in plain digits.
    #[schema(minimum = 1, example = 1)]
    quantity: i64,
    /// Where the goods go.
    #[schema(max_length = 254, example = "buyer@example.com")]
    email: String,
    /// What to pay by; `recommended` if it is left out.
    #[schema(value_type = Option<Wishes>)]
    method: Option<Method>,
    /// `zh-CN` or `en`: the language of mails and of the goods' page. Without it
    /// `Accept-Language` decides.
    #[schema(required = false)]
    locale: &'static str,
    /// The product's custom fields by key.
    #[schema(required = false)]
    fields: BTreeMap<String, String>,
    /// Opens the order together with its number, beside the view token: 4 to 100 characters.
    password: Option<String>,
}

impl Asking {
    /// Reads a body; whatever can be refused without the database is refused here, before a key
    /// is taken.
    fn read(mut body: Body, request: &HttpRequest) -> Result<Self, Problem> {
        let variant = body.needed_text("variant")?;
        if variant.is_empty() || variant.len() > 100 || variant.chars().any(char::is_control) {
            return Err(Problem::invalid("variant", "must be an id or a sku"));
        }
        let quantity = body.needed_integer("quantity")?;
        if quantity < 1 {
            return Err(Problem::invalid("quantity", "must be at least 1"));
        }
        let email = checkout::check_email(&body.needed_text("email")?)?;
        let method = wish(body.text("method")?)?;
        let lang = match body.text("locale")? {
            None => super::products::language(request),
            Some(tag) if tag.len() <= 20 => Lang::parse(&tag)
                .ok_or_else(|| Problem::invalid("locale", "must be zh-CN or en"))?,
            Some(_) => return Err(Problem::invalid("locale", "must be zh-CN or en")),
        };
        let fields = body.texts("fields")?;
        let password = body.text("password")?;
        body.finish()?;
        Ok(Asking {
            variant,
            quantity,
            email,
            method,
            locale: lang.tag(),
            fields,
            password,
        })
    }

    /// The bytes that make two requests the same one.
    fn canonical(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(self).unwrap_or_default())
    }

    fn into_asked(self) -> Asked {
        Asked {
            variant: self.variant,
            quantity: self.quantity,
            email: self.email,
            locale: self.locale.to_owned(),
            fields: self.fields,
            password: self.password.map(Secret::new),
        }
    }
}

/// Places an order and opens its first attempt to pay.
///
/// With an `Idempotency-Key` the request can be sent again for 24 hours and is done once: the
/// same answer comes back, with the view token for the first 15 minutes. Without one, each
/// request places an order. Should no channel be able to take the payment, the order is placed
/// all the same: `pay.kind` is `none` and `failure` says why.
#[utoipa::path(
    post,
    path = "/api/v1/orders",
    tag = "orders",
    params(("Idempotency-Key" = Option<String>, Header,
        description = "Names this request: 1 to 200 visible ASCII characters")),
    request_body = Asking,
    responses(
        (status = 201, description = "Placed", body = OrderView),
        (status = 409, description = "Sold out, the buyer's limit is reached, or the same \
            request is being worked on", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "More than 64 KiB", body = Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "A field is wrong or not asked for, or the key belongs to \
            another request", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many unpaid orders, or too many requests", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "The shop cannot answer just now", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(super) async fn place(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let key = Key::of(&request)?;
    let asking = Asking::read(body::read(&request, payload).await?, &request)?;
    let buyer = client::buyer(&request, &app.config);
    let network = client::network_of(buyer.ip);
    let email = order::email_hash(&app.sealer, &asking.email);
    app.limits.placement(&network, &email).await?;
    let app = Arc::clone(&app);
    let Some(key) = key else {
        let id = OrderId::new(app.clock.now(), &*app.random);
        let placed = whole(async move { place_under(&app, &id, false, asking, buyer).await });
        let body = placed.await?.map_err(|refusal| refusal.problem)?;
        return Ok(answer_bytes(StatusCode::CREATED, body));
    };
    let claim = Claim::of_guest(&app.sealer, ROUTE, &network, key, &asking.canonical());
    let shop = Arc::clone(&app);
    let outcome = idempotency::once(
        &app,
        claim,
        StatusCode::CREATED,
        move |id, resumed| async move { place_under(&shop, &id, resumed, asking, buyer).await },
    );
    match outcome.await.map_err(|refusal: Refusal| refusal.problem)? {
        Outcome::Answer {
            status,
            body,
            with_token,
            ..
        } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED);
            let body = if with_token {
                body
            } else {
                without_token(&body)?
            };
            Ok(answer_bytes(status, body))
        }
        waiting => Err(waiting.refusal().unwrap_or_else(Problem::unavailable)),
    }
}

/// Why no answer was made.
struct Refusal {
    problem: Problem,
    /// Whether it is certain that no order was placed.
    nothing_placed: bool,
}

impl idempotency::Refusal for Refusal {
    fn nothing_made(&self) -> bool {
        self.nothing_placed
    }
}

impl From<order::Error> for Refusal {
    fn from(error: order::Error) -> Self {
        Refusal {
            nothing_placed: idempotency::Refusal::nothing_made(&error),
            problem: error.into(),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Refusal {
            problem,
            nothing_placed: false,
        }
    }
}

async fn place_under(
    app: &App,
    id: &OrderId,
    resumed: bool,
    asking: Asking,
    buyer: Buyer,
) -> Result<Vec<u8>, Refusal> {
    let method = asking.method;
    let bought = buy::buy(app, id, resumed, asking.into_asked(), method, buyer).await?;
    if let Some(cause) = &bought.unpaid {
        let cause = cause.to_string();
        tracing::warn!(order = %bought.order.order_no, ?cause, "placed without an attempt");
    }
    let view = view::load(app, id).await?;
    let view = view.placed(&bought.token, bought.unpaid.is_some(), &bought.order.locale);
    Ok(serde_json::to_vec(&view).map_err(|e| Problem::internal(&e))?)
}

/// The same answer for whoever may not have the token again.
fn without_token(body: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut answer: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(body).map_err(|e| Problem::internal(&e))?;
    answer.remove("view_token");
    serde_json::to_vec(&answer).map_err(|e| Problem::internal(&e))
}
