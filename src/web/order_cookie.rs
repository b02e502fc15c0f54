//! What a browser keeps of its orders: a cookie that opens an order, one per order and on the
//! order's own path, so that no other page ever sees it (X63); a sealed list of the orders it
//! opened last; and, for half an hour, that its reader gets the mail of an address.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::ids::{OrderId, OrderNo, ViewToken};
use crate::order::{self, Order, Proof};
use crate::store::StoreError;

const NAME: &str = "vg_order";
/// The orders of this browser, sealed for this place.
const RECENT: &str = "vg_recent";
const MOST_RECENT: usize = 10;
/// What a mailed link has proved.
const MINE: &str = "vg_mine";

/// The token this browser has for the order page it asks for.
pub fn token(request: &HttpRequest) -> Option<ViewToken> {
    request
        .cookie(NAME)
        .and_then(|cookie| ViewToken::from_client(cookie.value()))
}

/// The token of an order for whoever has shown that the order is theirs. An order placed by a
/// version that drew its token gets this one beside it.
pub async fn token_of(app: &App, order: &OrderId) -> Result<ViewToken, StoreError> {
    let token = Order::token(&app.sealer, order);
    let (hash, id, now) = (token.hash(), order.clone(), app.clock.now());
    let wanted = hash.clone();
    if !app
        .store
        .read(move |db| order::store::has_token(db, &wanted))
        .await?
    {
        app.store
            .write(move |db| order::store::add_token(db, &hash, &id, now))
            .await?;
    }
    Ok(token)
}

/// The orders that were opened in this browser, the newest first.
pub fn recent(request: &HttpRequest, app: &App) -> Vec<OrderId> {
    let opened = request.cookie(RECENT).and_then(|cookie| {
        let sealed = URL_SAFE_NO_PAD.decode(cookie.value()).ok()?;
        app.sealer.open(&sealed, RECENT).ok()
    });
    let bytes = opened.unwrap_or_default();
    let ids = bytes.chunks_exact(16).take(MOST_RECENT);
    ids.filter_map(|id| uuid::Uuid::from_slice(id).ok())
        .map(|id| OrderId(id.hyphenated().to_string()))
        .collect()
}

/// Puts an order at the head of those of this browser. The cookie names orders and opens none.
pub fn remember(response: &mut HttpResponse, request: &HttpRequest, app: &App, id: &OrderId) {
    let mut ids = recent(request, app);
    if ids.first() == Some(id) {
        return;
    }
    ids.retain(|known| known != id);
    ids.insert(0, id.clone());
    let bytes: Vec<u8> = ids
        .iter()
        .take(MOST_RECENT)
        .filter_map(|id| uuid::Uuid::parse_str(id.as_str()).ok())
        .flat_map(uuid::Uuid::into_bytes)
        .collect();
    let sealed = app.sealer.seal(&bytes, RECENT, &*app.random);
    let value = URL_SAFE_NO_PAD.encode(sealed);
    give(response, app, (RECENT, value), "/", Duration::days(90));
}

/// What a mailed link has proved to this browser, if it still holds.
pub fn proof(request: &HttpRequest, app: &App) -> Option<Proof> {
    let cookie = request.cookie(MINE)?;
    Proof::opened(&app.sealer, cookie.value(), app.clock.now())
}

/// Keeps a proof in this browser for as long as it holds.
pub fn prove(response: &mut HttpResponse, app: &App, text: &str, proof: &Proof) {
    let left = Duration::milliseconds((proof.until - app.clock.now()).max(0));
    give(response, app, (MINE, text.to_owned()), "/orders", left);
}

/// Lets this browser open the order from now on.
pub fn set(response: &mut HttpResponse, app: &App, no: &OrderNo, token: &ViewToken) {
    let value = token.reveal().to_owned();
    let path = format!("/o/{no}");
    give(response, app, (NAME, value), &path, Duration::days(90));
}

fn give(
    response: &mut HttpResponse,
    app: &App,
    (name, value): (&'static str, String),
    path: &str,
    age: Duration,
) {
    let cookie = Cookie::build(name, value)
        .path(path.to_owned())
        .http_only(true)
        .secure(app.base_url.starts_with("https://"))
        // Lax: the buyer comes back from the channel, or from the mail, by a link.
        .same_site(SameSite::Lax)
        .max_age(age)
        .finish();
    if let Err(cause) = response.add_cookie(&cookie) {
        tracing::error!(%cause, name, "a cookie could not be set");
    }
}
