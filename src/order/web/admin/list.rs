//! `GET /admin/orders`

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{filter, masked};
use crate::app::App;
use crate::catalog::{self, Product};
use crate::ids::{AccountId, OrderId};
use crate::money::{Minor, Money};
use crate::order::list::{self, Filter, Sort};
use crate::order::{Item, Order, State};
use crate::store::{Db, StoreError};
use crate::web::admin::list::ROWS;
use crate::web::admin::{Asked, Cursor, Frame, Pages, Section, SignedIn, SortLink};
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::words::{Method, Tag, Words, state_tag};

struct Line {
    no: String,
    tag: Tag,
    items: Vec<String>,
    email: String,
    amount: String,
    refunded: Option<String>,
    placed: Stamp,
    paid: Option<Stamp>,
    method: String,
    account: String,
}

/// One choice of a list: its value, what it is called, whether it is chosen.
type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "admin/orders.html")]
struct OrdersPage {
    frame: Frame,
    asked: Asked,
    currency: &'static str,
    states: Vec<Choice>,
    methods: Vec<Choice>,
    accounts: Vec<Choice>,
    products: Vec<Choice>,
    filtered: bool,
    export: String,
    by_created: SortLink,
    by_amount: SortLink,
    by_paid: SortLink,
    wrong: Vec<(&'static str, &'static str)>,
    rows: Vec<Line>,
    pages: Pages,
}

impl OrdersPage {
    /// Whether one of the filters that are folded away is in use.
    fn more_asked(&self) -> bool {
        FOLDED.iter().any(|name| !self.asked.get(name).is_empty())
    }

    fn is_wrong(&self, field: &str) -> bool {
        self.wrong.iter().any(|(name, _)| *name == field)
    }
}

/// Filters that are folded away until one of them is used.
const FOLDED: &[&str] = &[
    "method", "account", "product", "from_day", "to_day", "least", "most",
];

/// The columns a list can be ordered by, as its address names them.
pub(super) const COLUMNS: &[&str] = &["created", "amount", "paid"];

/// The column of this name.
pub(super) fn sort_of(name: &str) -> Sort {
    match name {
        "amount" => Sort::Amount,
        "paid" => Sort::Paid,
        _ => Sort::Created,
    }
}

/// Where a page begins; a cursor that is none is the beginning.
pub(super) fn behind(cursor: Option<&Cursor>) -> Option<(i64, OrderId)> {
    let cursor = cursor?;
    Some((cursor.key.parse().ok()?, OrderId(cursor.id.clone())))
}

/// Orders with what is shown of them beside their own row.
pub(super) struct Found {
    pub(super) rows: Vec<list::Row>,
    pub(super) items: BTreeMap<OrderId, Vec<Item>>,
    /// The newest attempt's method and account.
    pub(super) paid_by: BTreeMap<OrderId, (String, AccountId)>,
}

/// Reads rows of a list with all that is shown of them.
pub(super) fn find(
    db: &mut Db,
    filter: &Filter,
    order: (Sort, bool),
    after: Option<(i64, OrderId)>,
    limit: i64,
) -> Result<Found, StoreError> {
    let rows = list::list(db, filter, order, after, limit)?;
    let ids: Vec<OrderId> = rows.iter().map(|row| row.id.clone()).collect();
    let mut items: BTreeMap<OrderId, Vec<Item>> = BTreeMap::new();
    for item in list::items_of(db, &ids)? {
        items.entry(item.order_id.clone()).or_default().push(item);
    }
    let paid_by = list::attempts_of(db, &ids)?
        .into_iter()
        .map(|(order, method, account)| (order, (method, account)))
        .collect();
    Ok(Found {
        rows,
        items,
        paid_by,
    })
}

/// The address of a row, masked.
pub(super) fn email_of(app: &App, row: &list::Row) -> String {
    app.sealer
        .open_text(&row.email, &Order::email_place(&row.id))
        .map(|email| masked(&email))
        .unwrap_or_default()
}

/// `GET /admin/orders`
pub async fn list(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let asked = Asked::of(request.path(), request.query_string());
    let frame = Frame::of(
        &request,
        &app,
        &signed,
        Section::Orders,
        Words::admin_orders,
    );
    let (wanted, wrong) = match filter::read(&app, &asked, frame.w()) {
        Ok(filter) => (Some(filter), Vec::new()),
        Err(wrong) => (None, wrong),
    };
    let (column, down) = asked.order(COLUMNS, true);
    let sort = sort_of(column);
    let cursor = asked.cursor();
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let read = app.store.read(move |db| {
        let products = catalog::store::products(db)?;
        let after = behind(cursor.as_ref());
        let found = match &wanted {
            Some(filter) => find(db, filter, (sort, down), after, limit)?,
            None => Found {
                rows: Vec::new(),
                items: BTreeMap::new(),
                paid_by: BTreeMap::new(),
            },
        };
        Ok::<_, StoreError>((found, products))
    });
    let (mut found, products) = match read.await {
        Ok(read) => read,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let pages = asked.pages(&mut found.rows, |row| Cursor {
        key: row.key(sort).to_string(),
        id: row.id.0.clone(),
    });
    let rows = lines(&app, &frame, found);
    let page = OrdersPage {
        currency: app.live().settings.currency.code(),
        states: states(&asked, &frame),
        methods: methods(&asked, &frame),
        accounts: accounts(&app, &asked),
        products: choices(&asked, &frame, products),
        filtered: asked.filtered(filter::NAMES),
        export: asked
            .with(&[("from", None)])
            .replacen("/admin/orders", "/admin/orders.csv", 1),
        by_created: asked.sort_link("created", (column, down)),
        by_amount: asked.sort_link("amount", (column, down)),
        by_paid: asked.sort_link("paid", (column, down)),
        rows,
        pages,
        wrong,
        asked,
        frame,
    };
    let status = match page.wrong.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page.frame.show_as(&request, &app, status, &page)
}

fn lines(app: &App, frame: &Frame, mut found: Found) -> Vec<Line> {
    let words = frame.w();
    let rows = std::mem::take(&mut found.rows);
    rows.into_iter()
        .map(|row| {
            let money = |amount: Minor| Money::new(amount, row.currency).display();
            let items = found.items.remove(&row.id).unwrap_or_default();
            let (method, account) = match found.paid_by.remove(&row.id) {
                Some((method, account)) => {
                    let name = Method::parse(&method).map(|m| m.name(frame.lang).to_owned());
                    (name.unwrap_or(method), account.to_string())
                }
                None => (String::new(), String::new()),
            };
            Line {
                tag: state_tag(row.state.as_str(), frame.lang),
                items: items
                    .iter()
                    .map(|item| {
                        let name = frame.pick(&item.name_zh, &item.name_en);
                        format!("{name} × {}", item.quantity)
                    })
                    .collect(),
                email: email_of(app, &row),
                amount: money(row.amount),
                refunded: (row.refunded_amount > Minor::ZERO)
                    .then(|| words.orders_refunded(&money(row.refunded_amount))),
                placed: frame.time(row.created_at),
                paid: row.paid_at.map(|at| frame.time(at)),
                method,
                account,
                no: row.order_no.to_string(),
            }
        })
        .collect()
}

fn states(asked: &Asked, frame: &Frame) -> Vec<Choice> {
    let chosen = asked.get("state");
    State::ALL
        .iter()
        // Money that is captured and goods that leave are one moment; no row rests there.
        .filter(|state| **state != State::Paid)
        .map(|state| {
            let code = state.as_str();
            let name = state_tag(code, frame.lang).text;
            (code.to_owned(), name, chosen == code)
        })
        .collect()
}

fn methods(asked: &Asked, frame: &Frame) -> Vec<Choice> {
    let chosen = asked.get("method");
    Method::ALL
        .into_iter()
        .filter(|method| *method != Method::Recommended)
        .map(|method| {
            let code = method.code();
            let name = method.name(frame.lang).to_owned();
            (code.to_owned(), name, chosen == code)
        })
        .collect()
}

fn accounts(app: &App, asked: &Asked) -> Vec<Choice> {
    let chosen = asked.get("account");
    let mut names: Vec<String> = app
        .accounts
        .all()
        .iter()
        .map(|account| account.facts.id.to_string())
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| (name.clone(), name.clone(), chosen == name))
        .collect()
}

fn choices(asked: &Asked, frame: &Frame, products: Vec<Product>) -> Vec<Choice> {
    let chosen = asked.get("product");
    products
        .into_iter()
        .map(|product| {
            let name = frame.pick(&product.name_zh, &product.name_en).to_owned();
            let is = chosen == product.id.as_str();
            (product.id.0, name, is)
        })
        .collect()
}
