//! Every address of the shop on one page.

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, guard, web};

use crate::account::web as account;
use crate::app::App;
use crate::monitor::web as monitor;
use crate::notify::web as notify;
use crate::payment::web as payment;
use crate::staff::web as staff;
use crate::web::admin::gate;
use crate::web::{admin, api, assets, failure, site, theme};
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
        .route("/orders/mine", web::get().to(order::mine))
        .route("/orders/mine/{order_no}", web::get().to(order::enter_mine))
        .route("/policy", web::get().to(site::policy))
        // The shop for search engines
        .route("/robots.txt", web::get().to(site::robots))
        .route("/sitemap.xml", web::get().to(site::sitemap))
        // One order, for whoever holds its token
        .route("/o/{order_no}", web::get().to(order::order))
        .route("/o/{order_no}/return", web::get().to(order::returned))
        .route("/o/{order_no}/status", web::get().to(order::status))
        .route("/o/{order_no}/events", web::get().to(order::events))
        .route("/o/{order_no}/goods.txt", web::get().to(order::goods))
        .route("/o/{order_no}/attempts", web::post().to(order::attempts))
        .route("/o/{order_no}/check", web::post().to(order::check))
        .route("/o/{order_no}/cancel", web::post().to(order::cancel))
        .route("/o/{order_no}/requests", web::post().to(order::ask))
        .route("/o/{order_no}/requests/{id}", web::post().to(order::reply))
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
        .route("/theme.{hash}.css", web::get().to(theme::serve))
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
        .configure(accounts)
        .configure(mail)
        .route("/settings", web::get().to(admin::settings::settings))
        .route("/settings", web::post().to(admin::settings::save))
        .route(
            "/settings/webhook-secret",
            web::get().to(admin::settings::secret),
        )
        .route(
            "/settings/webhook-secret",
            web::post().to(admin::settings::make_secret),
        );
}

fn accounts(config: &mut web::ServiceConfig) {
    config
        .route("/accounts", web::get().to(account::list))
        .route("/accounts/new", web::get().to(account::new))
        .route("/accounts/new", web::post().to(account::create))
        .route("/accounts/{id}", web::get().to(account::one))
        .route("/accounts/{id}/edit", web::get().to(account::edit))
        .route("/accounts/{id}/edit", web::post().to(account::change))
        .route("/accounts/{id}/test", web::post().to(account::test))
        .route("/accounts/{id}/state/{to}", web::get().to(account::confirm))
        .route("/accounts/{id}/state/{to}", web::post().to(account::turn));
}

fn mail(config: &mut web::ServiceConfig) {
    config
        .route("/mail", web::get().to(notify::queue))
        .route("/mail/templates", web::get().to(notify::templates))
        .service(
            web::scope("/mail/templates/{topic}/{lang}")
                .route("", web::get().to(notify::edit))
                .route("", web::post().to(notify::save))
                .route("/reset", web::post().to(notify::reset))
                .route("/test", web::post().to(notify::test)),
        )
        .route("/mail/{id}", web::get().to(notify::one))
        .route("/mail/{id}/resend", web::post().to(notify::resend))
        .route("/mail/{id}/eml", web::post().to(notify::eml));
}

async fn nowhere(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    if request.method() == Method::HEAD {
        return HttpResponse::NotFound().finish();
    }
    failure::not_found(&request, &app)
}
