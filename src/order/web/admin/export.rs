//! `GET /admin/orders.csv`: the orders of a list, written while they are read.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream;

use super::filter;
use super::list::{COLUMNS, Found, behind, email_of, find, sort_of};
use crate::app::App;
use crate::money::Money;
use crate::order::list::{Filter, Sort};
use crate::store::StoreError;
use crate::web::admin::frame::refuse;
use crate::web::admin::{Asked, Cursor, Frame, Section, SignedIn};
use crate::web::csv::{Cell, Csv};
use crate::web::failure;
use crate::web::words::{Lang, Method, Words, state_tag};
use crate::zone::Zone;

/// Rows that are read at once.
const CHUNK: usize = 500;
/// Rows of one file.
const MOST: usize = 50_000;

/// What is left to write.
struct Rest {
    app: web::Data<App>,
    filter: Filter,
    order: (Sort, bool),
    after: Option<Cursor>,
    written: usize,
    csv: Csv,
    lang: Lang,
    zone: Zone,
    over: bool,
}

/// `GET /admin/orders.csv`
pub async fn export(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let asked = Asked::of(request.path(), request.query_string());
    let frame = Frame::of(
        &request,
        &app,
        &signed,
        Section::Orders,
        Words::orders_export,
    );
    let filter = match filter::read(&app, &asked, frame.w()) {
        Ok(filter) => filter,
        Err(wrong) => {
            let text = wrong.first().map_or("", |(_, text)| text);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return refuse(&request, &app, &frame, status, text);
        }
    };
    let line = signed
        .entry(&app, "order.export", ("orders", "csv"))
        .changed(
            &serde_json::json!({}),
            &serde_json::json!({"list": asked.with(&[("email", None)]),
                "by_email": !asked.get("email").is_empty()}),
        );
    if let Err(error) = app.store.write(move |db| line.write(db)).await {
        return failure::store(&request, &app, &error);
    }
    let (column, down) = asked.order(COLUMNS, true);
    let mut csv = Csv::new();
    let w = frame.w();
    let heads = [
        w.orders_number(),
        w.orders_state(),
        w.orders_placed(),
        w.orders_paid(),
        w.orders_items(),
        w.orders_amount(),
        w.order_sum_refunded(),
        "ISO 4217",
        w.orders_buyer(),
        w.orders_method(),
        w.orders_account(),
    ];
    csv.row(&heads.map(Cell::Text));
    let rest = Rest {
        filter,
        order: (sort_of(column), down),
        after: None,
        written: 0,
        csv,
        lang: frame.lang,
        zone: Zone::or_utc(&app.live().settings.time_zone),
        over: false,
        app,
    };
    let name = "attachment; filename=\"orders.csv\"";
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("content-disposition", name))
        .insert_header(("cache-control", "no-store"))
        .streaming(stream::try_unfold(rest, next))
}

/// The next piece of the file. A database that fails breaks it off, so that nobody takes a part
/// for the whole.
async fn next(mut rest: Rest) -> Result<Option<(web::Bytes, Rest)>, StoreError> {
    if rest.over {
        return Ok(None);
    }
    let (filter, order) = (rest.filter.clone(), rest.order);
    let wanted = CHUNK.min(MOST - rest.written);
    let after = behind(rest.after.as_ref());
    let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
    let found = rest
        .app
        .store
        .read(move |db| find(db, &filter, order, after, limit))
        .await?;
    rest.written += found.rows.len();
    rest.over = found.rows.len() < wanted || rest.written >= MOST;
    rest.after = found.rows.last().map(|row| Cursor {
        key: row.key(order.0).to_string(),
        id: row.id.0.clone(),
    });
    write(&mut rest, found);
    let piece = web::Bytes::from(rest.csv.take());
    Ok(Some((piece, rest)))
}

fn write(rest: &mut Rest, found: Found) {
    for row in &found.rows {
        let items = found.items.get(&row.id).map(Vec::as_slice);
        let items: Vec<String> = items
            .unwrap_or_default()
            .iter()
            .map(|item| {
                let name = match rest.lang {
                    Lang::En if !item.name_en.is_empty() => &item.name_en,
                    _ => &item.name_zh,
                };
                format!("{name} × {}", item.quantity)
            })
            .collect();
        let (method, account) = match found.paid_by.get(&row.id) {
            Some((method, account)) => {
                let name = Method::parse(method).map(|m| m.name(rest.lang).to_owned());
                (name.unwrap_or_else(|| method.clone()), account.to_string())
            }
            None => (String::new(), String::new()),
        };
        let time = |at| rest.zone.date_time(at, true);
        let email = email_of(&rest.app, row);
        let state = state_tag(row.state.as_str(), rest.lang).text;
        rest.csv.row(&[
            Cell::Text(row.order_no.as_str()),
            Cell::Text(&state),
            Cell::Text(&time(row.created_at)),
            Cell::Text(&row.paid_at.map(time).unwrap_or_default()),
            Cell::Text(&items.join("; ")),
            Cell::Money(Money::new(row.amount, row.currency)),
            Cell::Money(Money::new(row.refunded_amount, row.currency)),
            Cell::Text(row.currency.code()),
            Cell::Text(&email),
            Cell::Text(&method),
            Cell::Text(&account),
        ]);
    }
}
