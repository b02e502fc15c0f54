//! The first step: what the shop is called, what it counts in, how a person is reached.

use actix_web::{HttpRequest, HttpResponse, web};
use toml::Value;

use super::step::{self, Form as Page, Refused, Step, configure};
use crate::app::App;
use crate::apply::Wishes;
use crate::money::Currency;
use crate::settings::Settings;
use crate::web::admin::gate::words_of;
use crate::web::admin::inputs::{Inputs, Section as Part, Wrong};
use crate::web::admin::{Posted, SignedIn, done};
use crate::web::failure;
use crate::web::form::Form;
use crate::web::words::Words;

const FIELDS: &[&str] = &["name", "name_en", "currency", "time_zone", "contact"];

/// `GET /admin/setup/shop`
pub async fn shop(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let settings = app.live().settings;
    show(&request, &app, &signed, &typed(&settings), Vec::new())
}

fn typed(settings: &Settings) -> Form {
    // The name a shop has before it has one is no answer.
    let fresh = Settings::default().name == settings.name;
    let name = if fresh {
        String::new()
    } else {
        settings.name.clone()
    };
    let pairs = [
        ("name", name),
        ("name_en", settings.name_en.clone()),
        ("currency", settings.currency.to_string()),
        ("time_zone", settings.time_zone.clone()),
        ("contact", settings.contact.clone()),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value));
    Form::of(pairs).unwrap_or_default()
}

fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    form: &Form,
    wrong: Vec<Wrong>,
) -> HttpResponse {
    let words = words_of(request, app);
    let input = Inputs {
        form,
        wrong: &wrong,
    };
    let currencies = Currency::ALL.iter().map(|one| (one.code(), one.code()));
    let section = Part {
        id: "s-shop",
        title: words.setup_shop().to_owned(),
        rows: vec![
            vec![
                input.line("name", words.setup_name(), 60).needed(),
                input
                    .line("name_en", words.setup_name_en(), 60)
                    .hint(words.setup_name_en_hint()),
            ],
            vec![
                input
                    .choice("currency", words.goods_currency(), currencies)
                    .hint(words.setup_currency_hint()),
                input
                    .code("time_zone", words.setup_zone(), 60)
                    .hint(words.setup_zone_hint())
                    .needed(),
            ],
            vec![
                input
                    .line("contact", words.setup_contact(), 200)
                    .hint(words.setup_contact_hint()),
            ],
        ],
        ..Part::default()
    };
    let page = Page {
        sections: vec![section],
        wrong,
        ..Page::default()
    };
    step::show(request, app, signed, Step::Shop, page)
}

/// `POST /admin/setup/shop`
pub async fn save_shop(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let words = words_of(&request, &app);
    let own = |field: &&str| {
        let value = posted.get(field).trim().to_owned();
        ((*field).to_owned(), Value::String(value))
    };
    let mut wishes = Wishes::default();
    wishes.shop.extend(FIELDS.iter().map(own));
    let line = ("settings.save", ("settings", "shop"));
    match configure(&app, &signed, &wishes, line, words.setup_moved()).await {
        Ok(()) => done(&app, Step::Shop.next(), words.goods_saved()),
        Err(Refused::Wrong(found)) => {
            let wrong = found.iter().map(|(key, _)| told(words, key)).collect();
            show(&request, &app, &signed, &posted.form, wrong)
        }
        Err(Refused::Store(error)) => failure::store(&request, &app, &error),
    }
}

fn told(words: Words, key: &str) -> Wrong {
    let id = key.trim_start_matches("shop.");
    let text = match id {
        "name" => words.setup_bad_name(),
        "name_en" => words.setup_bad_name_en(),
        "currency" => words.goods_bad_choice(),
        "time_zone" => words.setup_bad_zone(),
        "contact" => words.setup_bad_contact(),
        _ => words.setup_moved(),
    };
    Wrong {
        id: if id.is_empty() { "name" } else { id }.to_owned(),
        text: text.to_owned(),
    }
}
