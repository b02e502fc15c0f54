//! The cookie that opens an order in the browser that placed it: one per order, on the order's
//! own path, so that no other page ever sees it (X63).

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::ids::{OrderId, OrderNo, ViewToken};
use crate::order::{self, Order};
use crate::store::StoreError;

const NAME: &str = "vg_order";

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

/// Lets this browser open the order from now on.
pub fn set(response: &mut HttpResponse, app: &App, no: &OrderNo, token: &ViewToken) {
    let cookie = Cookie::build(NAME, token.reveal().to_owned())
        .path(format!("/o/{no}"))
        .http_only(true)
        .secure(app.base_url.starts_with("https://"))
        // Lax: the buyer comes back from the channel by a link.
        .same_site(SameSite::Lax)
        .max_age(Duration::days(90))
        .finish();
    if let Err(cause) = response.add_cookie(&cookie) {
        tracing::error!(%cause, "the order cookie could not be set");
    }
}
