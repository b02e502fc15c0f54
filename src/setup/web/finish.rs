//! The last step: an order of one's own, from the shop's page to the goods.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

use super::product::Goods;
use crate::account::{self, AccountState};
use crate::app::App;
use crate::catalog::save::SaveError;
use crate::catalog::{self, Delivery};
use crate::money::{Minor, Money};
use crate::setup::{Progress, something_to_buy};
use crate::stock::{self, Reusable};
use crate::store::{Db, StoreError};
use crate::web::admin::gate::words_of;
use crate::web::admin::{Frame, Section, SignedIn, done};
use crate::web::failure;
use crate::web::words::{Lang, Words};

/// Where the product for trying out stands.
const TRY: &str = "test-order";
const HERE: &str = "/admin/setup/finish";

#[derive(Template)]
#[template(path = "admin/setup/finish.html")]
struct FinishPage {
    frame: Frame,
    progress: Progress,
    /// The page of something to buy.
    buy: Option<String>,
    /// The product for trying out, once it is there.
    test: Option<String>,
    smallest: String,
    /// Only sandboxes take orders: nothing real is paid.
    sandbox: bool,
}

struct Known {
    progress: Progress,
    buy: Option<String>,
    test: Option<String>,
    sandbox: bool,
}

fn read(db: &mut Db) -> Result<Known, StoreError> {
    let open: Vec<_> = account::store::all(db)?
        .into_iter()
        .filter(|row| row.state == AccountState::Enabled)
        .collect();
    let test = catalog::store::product_by_slug(db, TRY)?;
    Ok(Known {
        progress: Progress::read(db)?,
        buy: something_to_buy(db)?,
        test: test.map(|product| product.id.0),
        // Without https an account is on this machine: nothing real lives there.
        sandbox: !open.is_empty()
            && open
                .iter()
                .all(|row| row.kind == "sandbox" || row.base_url.starts_with("http://")),
    })
}

/// `GET /admin/setup/finish`
pub async fn finish(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let known = match app.store.read(read).await {
        Ok(known) => known,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let currency = app.live().settings.currency;
    let frame = Frame::of(&request, &app, &signed, Section::Home, Words::setup_finish);
    let page = FinishPage {
        progress: known.progress,
        buy: known.buy,
        test: known.test,
        smallest: Money::new(Minor(1), currency).display(),
        sandbox: known.sandbox,
        frame,
    };
    page.frame.show(&request, &app, &page)
}

/// `POST /admin/setup/finish`: a product for the smallest price there is, to be bought once.
pub async fn make_test_order(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
) -> HttpResponse {
    let words = words_of(&request, &app);
    let names = (
        Lang::Zh.words().setup_test_product(),
        Lang::En.words().setup_test_product(),
    );
    let goods = match Goods::new(&app, names, TRY, Minor(1), Delivery::Reusable).await {
        Ok(goods) => goods,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let place = Reusable::place(&goods.variant.id, &goods.variant.seller_id);
    let text = words.setup_test_content();
    let content = Reusable {
        variant_id: goods.variant.id.clone(),
        seller_id: goods.variant.seller_id.clone(),
        content: app.sealer.seal(text.as_bytes(), &place, &*app.random),
        use_limit: None,
        used: 0,
        changed_at: app.clock.now(),
    };
    let after = json!({ "slug": TRY, "price": "1 minor unit" });
    let object = ("product", goods.product.id.as_str());
    let line = signed.changed(&app, "product.create", object, &json!({}), &after);
    let written = app.store.write(move |db| -> Result<(), SaveError> {
        goods.write(db)?;
        stock::store::put_reusable(db, &content)?;
        Ok(line.write(db)?)
    });
    match written.await {
        Ok(()) | Err(SaveError::Taken) => done(&app, HERE, words.setup_test_made()),
        Err(SaveError::Store(error)) => failure::store(&request, &app, &error),
        Err(other) => failure::internal(&request, &app, &other),
    }
}
