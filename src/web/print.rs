//! Answers with pages that everybody sees alike: drawn by the first visitor of each state of the
//! goods, handed to the others with tokens of their own.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::app::App;
use crate::random::Random;
use crate::store::StoreError;
use crate::web::failure;
use crate::web::visitor::Visitor;
pub use crate::window::print::KEY;
use crate::window::{Goods, Print, print};

/// The page that `draw` draws. It depends on nothing but the goods, the settings, the language,
/// the address and the visitor it is given, and leaves the key of its form as [`KEY`].
pub fn shared<T: Template>(
    request: &HttpRequest,
    app: &App,
    visitor: &Visitor,
    goods: &Goods,
    draw: impl FnOnce(&Visitor) -> Result<T, StoreError>,
) -> HttpResponse {
    crate::fault::point("before_page");
    let (lang, settings) = (visitor.lang.tag(), &visitor.settings);
    // What is written in code may hold anything once it is read, also what marks a place.
    let plain = !request.query_string().contains('%');
    let known = plain.then(|| goods.prints.at(lang, visitor.path(), settings));
    let drawn = match known.flatten() {
        Some(print) => print,
        None => {
            let page = match draw(&visitor.unnamed(print::CSRF)) {
                Ok(page) => page,
                Err(error) => return failure::store(request, app, &error),
            };
            let html = match page.render() {
                Ok(html) => html,
                Err(cause) => return failure::internal(request, app, &cause),
            };
            let drawn = Arc::new(Print::of(&html));
            if plain {
                let drawn = Arc::clone(&drawn);
                goods.prints.keep(lang, visitor.path(), settings, drawn);
            }
            drawn
        }
    };
    let random: &dyn Random = &*app.random;
    let key = hex::encode(random.bytes::<16>());
    failure::own_page(visitor, drawn.with(visitor.csrf(), &key))
}
