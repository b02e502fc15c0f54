//! Every address of the shop on one page.

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, guard, web};

use crate::app::App;
use crate::catalog::web::admin as goods;
use crate::monitor::web as monitor;
use crate::payment::web as payment;
use crate::setup::web as setup;
use crate::staff::web as staff;
use crate::web::admin::gate;
use crate::web::{admin, api, assets, failure};
use crate::{catalog::web as catalog, order::web as order};

/// Forms of the shop's pages are at most this long.
const LONGEST_FORM: usize = 64 * 1024;

/// Mounts everything.
pub fn all(config: &mut web::ServiceConfig) {
    config
        // The shop
        .route("/", web::get().to(catalog::home))
        .service(
            web::resource("/p/{slug}")
                .app_data(web::PayloadConfig::new(LONGEST_FORM))
                .route(web::get().to(catalog::product))
                .route(web::post().to(catalog::buy)),
        )
        .service(
            web::resource("/orders")
                .app_data(web::PayloadConfig::new(LONGEST_FORM))
                .route(web::get().to(order::lookup))
                .route(web::post().to(order::find)),
        )
        // One order, for whoever holds its token
        .route("/o/{order_no}", web::get().to(order::order))
        .route("/o/{order_no}/return", web::get().to(order::returned))
        .route("/o/{order_no}/status", web::get().to(order::status))
        .route("/o/{order_no}/events", web::get().to(order::events))
        .route("/o/{order_no}/goods.txt", web::get().to(order::goods))
        .route("/o/{order_no}/attempts", web::post().to(order::attempts))
        .route("/o/{order_no}/check", web::post().to(order::check))
        .route("/o/{order_no}/cancel", web::post().to(order::cancel))
        // The shop for programs
        .configure(api::routes)
        // The console of the staff, behind its gate
        .service(
            web::scope("/admin")
                .wrap(from_fn(gate::gate))
                .configure(console),
        )
        // Channels
        .service(
            web::resource("/callback/{path_token}").route(
                web::route()
                    .guard(guard::Any(guard::Get()).or(guard::Post()))
                    .to(payment::notice),
            ),
        )
        // Operation
        .route("/healthz", web::get().to(monitor::healthz))
        .route("/readyz", web::get().to(monitor::readyz))
        .route("/metrics", web::get().to(monitor::metrics))
        // Files
        .route("/static/{name}", web::get().to(assets::serve))
        .default_service(web::route().to(nowhere));
}

/// The pages of the staff, below `/admin`.
fn console(config: &mut web::ServiceConfig) {
    config
        .route("", web::get().to(admin::home::home))
        .route("/login", web::get().to(staff::login))
        .route("/login", web::post().to(staff::sign_in))
        .route("/login/code", web::post().to(staff::code))
        .route("/link", web::get().to(staff::link))
        .route("/link", web::post().to(staff::enter))
        .route("/leave", web::post().to(staff::leave))
        .route("/account", web::get().to(staff::account))
        .route("/account/password", web::post().to(staff::password))
        .route("/account/second", web::get().to(staff::second))
        .route("/account/second", web::post().to(staff::turn_on))
        .route("/account/second/off", web::post().to(staff::turn_off))
        .route("/account/end", web::post().to(staff::end))
        .route("/account/end-all", web::post().to(staff::leave_all))
        .route("/audit", web::get().to(staff::audit))
        .route("/products", web::get().to(goods::products))
        .route("/products", web::post().to(goods::create))
        .route("/products/new", web::get().to(goods::new))
        .route("/products/preview", web::post().to(goods::preview))
        .route("/products/{id}", web::get().to(goods::edit))
        .route("/products/{id}", web::post().to(goods::change))
        .route("/products/{id}/duplicate", web::post().to(goods::duplicate))
        .route(
            "/products/{id}/variants",
            web::post().to(goods::add_variant),
        )
        .route(
            "/products/{id}/variants/new",
            web::get().to(goods::new_variant),
        )
        .route(
            "/products/{id}/variants/{variant}",
            web::get().to(goods::variant),
        )
        .route(
            "/products/{id}/variants/{variant}",
            web::post().to(goods::change_variant),
        )
        .route("/categories", web::get().to(goods::categories))
        .route("/categories", web::post().to(goods::add_category))
        .route("/categories/order", web::post().to(goods::order_categories))
        .route("/categories/{id}", web::get().to(goods::category))
        .route("/categories/{id}", web::post().to(goods::change_category))
        .route("/categories/{id}/remove", web::get().to(goods::ask_remove))
        .route(
            "/categories/{id}/remove",
            web::post().to(goods::remove_category),
        )
        .route("/setup", web::get().to(setup::overview))
        .route("/setup/shop", web::get().to(setup::shop))
        .route("/setup/shop", web::post().to(setup::save_shop))
        .route("/setup/channel", web::get().to(setup::channel))
        .route("/setup/channel", web::post().to(setup::add_channel))
        .route("/setup/mail", web::get().to(setup::mail))
        .route("/setup/mail", web::post().to(setup::save_mail))
        .route("/setup/product", web::get().to(setup::product))
        .route("/setup/product", web::post().to(setup::add_product))
        .route("/setup/finish", web::get().to(setup::finish))
        .route("/setup/finish", web::post().to(setup::make_test_order));
}

async fn nowhere(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    if request.method() == Method::HEAD {
        return HttpResponse::NotFound().finish();
    }
    failure::not_found(&request, &app)
}
