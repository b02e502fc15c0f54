//! Every address of the shop on one page.

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, guard, web};

use crate::account::web as account;
use crate::app::App;
use crate::catalog::web::admin as goods;
use crate::monitor::web as monitor;
use crate::notify::web as notify;
use crate::payment::web as payment;
use crate::request::web as requests;
use crate::setup::web as setup;
use crate::staff::web as staff;
use crate::stock::web as stock;
use crate::web::admin::gate;
use crate::web::{admin, api, assets, failure, site, theme};
use crate::{case::web as case, catalog::web as catalog, order::web as order};

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
        .configure(wares)
        .service(web::scope("/stock").configure(cards))
        .configure(orders)
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

/// Orders, what their buyers ask, and money cases.
fn orders(config: &mut web::ServiceConfig) {
    use order::admin;
    config
        .route("/orders", web::get().to(admin::list))
        .route("/orders.csv", web::get().to(admin::export))
        .route("/orders/{no}", web::get().to(admin::page))
        .route("/orders/{no}/ask", web::get().to(admin::ask_page))
        .route("/orders/{no}/ask", web::post().to(admin::ask))
        .route("/orders/{no}/cancel", web::get().to(admin::cancel_page))
        .route("/orders/{no}/cancel", web::post().to(admin::cancel))
        .route("/orders/{no}/refund", web::get().to(admin::refund_page))
        .route("/orders/{no}/refund", web::post().to(admin::refund))
        .route(
            "/orders/{no}/refund/amount",
            web::post().to(admin::refund_amount),
        )
        .route("/orders/{no}/email", web::get().to(admin::email_page))
        .route("/orders/{no}/email", web::post().to(admin::email))
        .route("/orders/{no}/goods", web::get().to(admin::goods_page))
        .route("/orders/{no}/goods", web::post().to(admin::goods))
        .route("/orders/{no}/mails/{id}", web::get().to(admin::resend_page))
        .route("/orders/{no}/mails/{id}", web::post().to(admin::resend))
        .route("/requests", web::get().to(requests::list))
        .route("/requests/{id}", web::get().to(requests::page))
        .route("/requests/{id}", web::post().to(requests::write))
        .route("/cases", web::get().to(case::list))
        .route("/cases/{id}", web::get().to(case::page))
        .route("/cases/{id}/note", web::post().to(case::note))
        .route("/cases/{id}/{deed}", web::get().to(case::deed_page))
        .route("/cases/{id}/{deed}", web::post().to(case::deed));
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

/// What is sold, and the way from an empty shop to the first sale.
fn wares(config: &mut web::ServiceConfig) {
    config
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

/// What there is to sell, below `/admin/stock`.
fn cards(config: &mut web::ServiceConfig) {
    config
        .route("", web::get().to(stock::shelf))
        .route("/find", web::post().to(stock::find))
        .route("/cards/{card}", web::get().to(stock::card))
        .route("/cards/{card}/reveal", web::post().to(stock::reveal))
        .route("/imports/{draft}", web::get().to(stock::draft))
        .route("/imports/{draft}", web::post().to(stock::confirm))
        .route("/{variant}", web::get().to(stock::cards))
        .route("/{variant}/cards", web::post().to(stock::change_cards))
        .route("/{variant}/import", web::get().to(stock::import))
        .route("/{variant}/import", web::post().to(stock::read_import))
        .route("/{variant}/batches", web::get().to(stock::batches))
        .route("/{variant}/batches/{batch}", web::get().to(stock::batch))
        .route(
            "/{variant}/batches/{batch}",
            web::post().to(stock::withdraw_batch),
        )
        .route("/{variant}/export", web::get().to(stock::export))
        .route("/{variant}/export", web::post().to(stock::take_out))
        .route("/{variant}/move", web::get().to(stock::moving))
        .route("/{variant}/move", web::post().to(stock::move_cards))
        .route("/{variant}/reusable", web::get().to(stock::reusable))
        .route(
            "/{variant}/reusable",
            web::post().to(stock::change_reusable),
        )
        .route(
            "/{variant}/reusable/reveal",
            web::post().to(stock::reveal_reusable),
        );
}

async fn nowhere(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    if request.method() == Method::HEAD {
        return HttpResponse::NotFound().finish();
    }
    failure::not_found(&request, &app)
}
