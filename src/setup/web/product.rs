//! The fourth step: something to sell, with a price and cards pasted into the page.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::step::{self, Form as Page, Step};
use crate::app::App;
use crate::catalog::lint::{self, Unsound};
use crate::catalog::save::{self, SaveError};
use crate::catalog::{self, Category, Delivery, Product, Variant};
use crate::ids::{CategoryId, ProductId, VariantId};
use crate::money::Minor;
use crate::stock::import::{self, Fault, Layout, Parsed};
use crate::stock::{self, Target};
use crate::store::{Db, StoreError};
use crate::web::admin::gate::words_of;
use crate::web::admin::inputs::{Inputs, Kind, Section as Part, Wrong};
use crate::web::admin::{Posted, SignedIn, done, unsound};
use crate::web::failure;
use crate::web::form::Form;
use crate::web::words::{Lang, Words};

/// Where a first product stands before there is a shelf.
const SHELF: &str = "general";

/// `GET /admin/setup/product`
pub async fn product(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    show(&request, &app, &signed, &Form::default(), Vec::new())
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
    let currency = app.live().settings.currency;
    let section = Part {
        id: "s-product",
        title: words.setup_product().to_owned(),
        rows: vec![
            vec![
                input
                    .line("name_zh", words.goods_name_zh(), lint::NAME)
                    .needed(),
                input
                    .line("name_en", words.goods_name_en(), lint::NAME)
                    .needed(),
            ],
            vec![
                input
                    .code("slug", words.goods_slug(), 80)
                    .hint(words.goods_slug_hint())
                    .needed(),
                input
                    .number("price", &words.setup_price(currency.code()))
                    .hint(words.goods_price_hint())
                    .needed(),
            ],
            vec![
                input
                    .of(Kind::Source, "cards", words.setup_cards())
                    .hint(words.setup_cards_hint()),
            ],
        ],
        ..Part::default()
    };
    let page = Page {
        sections: vec![section],
        wrong,
        ..Page::default()
    };
    step::show(request, app, signed, Step::Product, page)
}

/// What is written for something to sell: a shelf if there is none, a product, its variant.
pub(super) struct Goods {
    pub(super) shelf: Option<Category>,
    pub(super) product: Product,
    pub(super) variant: Variant,
}

impl Goods {
    /// Something with one variant, on the first shelf there is.
    pub(super) async fn new(
        app: &App,
        names: (&str, &str),
        slug: &str,
        price: Minor,
        delivery: Delivery,
    ) -> Result<Self, StoreError> {
        let shelves = app.store.read(catalog::store::categories).await?;
        let (now, random) = (app.clock.now(), &*app.random);
        let shelf = match shelves.first() {
            Some(_) => None,
            None => Some(Category {
                id: CategoryId::new(now, random),
                slug: SHELF.to_owned(),
                name_zh: Lang::Zh.words().setup_shelf().to_owned(),
                name_en: Lang::En.words().setup_shelf().to_owned(),
                position: 0,
                changed_at: now,
            }),
        };
        let stands = shelf.as_ref().or(shelves.first());
        let product = Product {
            category_id: stands.map_or_else(|| CategoryId::new(now, random), |c| c.id.clone()),
            slug: slug.to_owned(),
            name_zh: names.0.to_owned(),
            name_en: names.1.to_owned(),
            delivery,
            ..Product::fresh(ProductId::new(now, random), now)
        };
        let currency = app.live().settings.currency;
        let variant = Variant {
            sku: slug.to_owned(),
            price,
            ..Variant::fresh(VariantId::new(now, random), &product, currency, now)
        };
        Ok(Goods {
            shelf,
            product,
            variant,
        })
    }

    /// Writes all of it.
    pub(super) fn write(&self, db: &mut Db) -> Result<(), SaveError> {
        if let Some(shelf) = &self.shelf {
            save::category(db, shelf, None)?;
        }
        save::product(db, &self.product, None)?;
        save::variant(db, &self.variant, None)
    }
}

/// `POST /admin/setup/product`
pub async fn add_product(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let words = words_of(&request, &app);
    let get = |name: &str| posted.get(name).trim();
    let mut found: Vec<(&str, Unsound)> = Vec::new();
    for id in ["name_zh", "name_en"] {
        let sound = lint::name(get(id), lint::NAME);
        found.extend(sound.err().map(|reason| (id, reason)));
    }
    found.extend(lint::code(get("slug")).err().map(|reason| ("slug", reason)));
    let price = lint::price(get("price"), app.live().settings.currency);
    found.extend(price.clone().err().map(|reason| ("price", reason)));
    let mut wrong: Vec<Wrong> = found
        .iter()
        .map(|(id, reason)| unsound::wrong(words, id, reason))
        .collect();
    let parsed = import::parse(posted.get("cards").as_bytes(), Layout::Lines);
    wrong.extend(faults(words, &parsed));
    let price = match price {
        Ok(price) if wrong.is_empty() => price,
        Ok(_) | Err(_) => return show(&request, &app, &signed, &posted.form, wrong),
    };
    let names = (get("name_zh"), get("name_en"));
    let made = Goods::new(&app, names, get("slug"), price, Delivery::CardPool).await;
    let goods = match made {
        Ok(goods) => goods,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let target = Target {
        variant: goods.variant.id.clone(),
        seller: goods.variant.seller_id.clone(),
        source: "paste".to_owned(),
    };
    let after = json!({
        "slug": goods.product.slug,
        "name_zh": goods.product.name_zh,
        "name_en": goods.product.name_en,
        "price": goods.variant.price.decimal(goods.variant.currency),
        "currency": goods.variant.currency,
        "cards": parsed.cards.len(),
    });
    let object = ("product", goods.product.id.as_str());
    let line = signed.changed(&app, "product.create", object, &json!({}), &after);
    let written = app.store.write(move |db| -> Result<(), SaveError> {
        goods.write(db)?;
        Ok(line.write(db)?)
    });
    match written.await {
        Ok(()) => {}
        Err(SaveError::Store(error)) => return failure::store(&request, &app, &error),
        Err(_) => {
            let taken = unsound::wrong(words, "slug", &Unsound::Taken);
            return show(&request, &app, &signed, &posted.form, vec![taken]);
        }
    }
    let tools = stock::Tools {
        sealer: &app.sealer,
        clock: &*app.clock,
        random: &*app.random,
    };
    match stock::load(&app.store, tools, &target, &parsed, false).await {
        Ok(loaded) => {
            let known = loaded.already_in_stock.len();
            let said = words.setup_product_added(loaded.new, known);
            done(&app, Step::Product.next(), &said)
        }
        Err(error) => failure::store(&request, &app, &error),
    }
}

/// The lines that cannot become cards; one that stands there twice is loaded once.
fn faults(words: Words, parsed: &Parsed) -> Option<Wrong> {
    let malformed = parsed.faults.iter();
    let malformed = malformed.filter(|(_, fault)| *fault != Fault::DuplicateInFile);
    let lines: Vec<String> = malformed
        .take(10)
        .map(|(line, _)| line.to_string())
        .collect();
    (!lines.is_empty()).then(|| Wrong {
        id: "cards".to_owned(),
        text: words.setup_bad_cards(&lines.join(", ")),
    })
}
