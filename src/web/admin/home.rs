//! `GET /admin`: how the day goes, and what is to be done.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::frame::{Frame, Section};
use super::gate::SignedIn;
use super::today::{self, MOST, Takings, Today, Work};
use crate::app::App;
use crate::clock::{HOUR, MINUTE, Millis, SECOND};
use crate::money::{Currency, Minor, Money};
use crate::notify::alert::Severity;
use crate::setup::{Progress, Step};
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::words::{Shape, Tag, Tone, Words, state_tag};
use crate::zone::Zone;

struct Kpi {
    name: String,
    value: String,
    more: String,
}

struct Todo {
    url: &'static str,
    text: String,
}

struct AccountLine {
    id: String,
    state: Tag,
}

struct AlertLine {
    tag: Tag,
    text: String,
    url: &'static str,
    kind: String,
    body: String,
    times: String,
    at: Stamp,
}

struct OrderLine {
    order_no: String,
    state: Tag,
    amount: String,
    at: Stamp,
}

#[derive(Template)]
#[template(path = "admin/home.html")]
struct HomePage {
    frame: Frame,
    kpis: Vec<Kpi>,
    todo: Vec<Todo>,
    /// What is missing before the shop sells; empty once it is set up.
    missing: Vec<Todo>,
    accounts: Vec<AccountLine>,
    alerts: Vec<AlertLine>,
    orders: Vec<OrderLine>,
}

/// `GET /admin`
pub async fn home(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let settings = app.live().settings;
    let (zone, now) = (Zone::or_utc(&settings.time_zone), app.clock.now());
    let began = zone.day_began(now);
    let before = zone.day_began(began - 1);
    // By the same time of yesterday, and never beyond its end: days differ in length.
    let until = (before + (now - began)).min(began);
    let found = app
        .store
        .read(move |db| today::read(db, began, now, (before, until)))
        .await;
    let found = match found {
        Ok(found) => found,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let frame = Frame::of(&request, &app, &signed, Section::Home, Words::admin_home);
    let words = frame.w();
    let page = HomePage {
        kpis: kpis(words, &found, settings.currency),
        todo: todo(words, found.work),
        missing: missing(words, found.setup),
        accounts: accounts(words, &app),
        alerts: alerts(&frame, &found),
        orders: orders(&frame, &found),
        frame,
    };
    page.frame.show(&request, &app, &page)
}

fn kpis(words: Words, found: &Today, usual: Currency) -> Vec<Kpi> {
    let mut currencies: Vec<Currency> = found
        .today
        .iter()
        .chain(&found.yesterday)
        .map(|t| t.currency)
        .collect();
    if currencies.is_empty() {
        currencies.push(usual);
    }
    currencies.sort_by_key(|currency| (*currency != usual, currency.code()));
    currencies.dedup();
    let many = currencies.len() > 1;
    let of = |takings: &[Takings], currency: Currency| {
        let one = takings.iter().find(|one| one.currency == currency);
        let (amount, orders) = one.map_or((Minor::ZERO, 0), |one| (one.amount, one.orders));
        (
            Money::new(amount, currency).display(),
            words.home_orders(orders),
        )
    };
    let mut kpis = Vec::new();
    for currency in currencies {
        let (amount, orders) = of(&found.today, currency);
        let (was, were) = of(&found.yesterday, currency);
        kpis.push(Kpi {
            name: match many {
                true => words.home_today_in(currency.code()),
                false => words.home_today().to_owned(),
            },
            value: format!("{amount} · {orders}"),
            more: words.home_yesterday(&was, &were),
        });
    }
    kpis.push(Kpi {
        name: words.home_speed().to_owned(),
        value: found.speed.map_or_else(
            || words.home_none().to_owned(),
            |speed| lasted(words, speed.half),
        ),
        more: found.speed.map_or_else(
            || words.home_speed_none().to_owned(),
            |speed| words.home_speed_more(speed.orders, &lasted(words, speed.most)),
        ),
    });
    kpis
}

fn lasted(words: Words, took: Millis) -> String {
    match took {
        ..SECOND => words.home_millis(took.max(1)),
        SECOND..MINUTE => words.home_seconds(took / SECOND, took % SECOND / (SECOND / 10)),
        MINUTE..HOUR => words.home_minutes(took / MINUTE),
        _ => words.home_hours(took / HOUR),
    }
}

fn todo(words: Words, work: Work) -> Vec<Todo> {
    let lines = [
        (
            "/admin/cases",
            work.cases,
            match work.cases {
                MOST.. => words.home_cases_many(MOST),
                n => words.home_cases(n),
            },
        ),
        (
            "/admin/orders?state=awaiting_stock",
            work.waiting,
            match work.waiting {
                MOST.. => words.home_waiting_many(MOST),
                n => words.home_waiting(n),
            },
        ),
        (
            "/admin/requests",
            work.requests,
            match work.requests {
                MOST.. => words.home_requests_many(MOST),
                n => words.home_requests(n),
            },
        ),
        (
            "/admin/mail?state=dead",
            work.dead,
            match work.dead {
                MOST.. => words.home_dead_many(MOST),
                n => words.home_dead(n),
            },
        ),
        ("/admin/stock", work.low, words.home_low(work.low)),
    ];
    let open = lines.into_iter().filter(|(_, count, _)| *count > 0);
    open.map(|(url, _, text)| Todo { url, text }).collect()
}

fn missing(words: Words, progress: Progress) -> Vec<Todo> {
    let steps = Step::ALL.iter().filter(|step| !step.is_done(progress));
    let line = |step: &Step| Todo {
        url: step.url(),
        text: step.title(words).to_owned(),
    };
    steps.map(line).collect()
}

fn accounts(words: Words, app: &App) -> Vec<AccountLine> {
    let accounts = app.accounts.all();
    let lines = accounts.iter().map(|account| AccountLine {
        id: account.facts.id.to_string(),
        state: words.account_tag(account),
    });
    lines.collect()
}

fn alerts(frame: &Frame, found: &Today) -> Vec<AlertLine> {
    let words = frame.w();
    let lines = found.alerts.iter().map(|alert| {
        let (text, tone, shape) = match alert.severity {
            Severity::Info => (words.home_info(), Tone::Info, Shape::Ring),
            Severity::Warning => (words.home_warning(), Tone::Warn, Shape::Diamond),
            Severity::Critical => (words.home_critical(), Tone::Bad, Shape::Square),
        };
        let told = words.alert(&alert.kind, &alert.body);
        AlertLine {
            tag: Tag {
                text: text.to_owned(),
                tone,
                shape,
            },
            text: told.text,
            url: told.url,
            kind: alert.kind.clone(),
            body: alert.body.clone(),
            times: words.home_times(alert.count),
            at: frame.time(alert.last_at),
        }
    });
    lines.collect()
}

fn orders(frame: &Frame, found: &Today) -> Vec<OrderLine> {
    let lines = found.orders.iter().map(|order| OrderLine {
        order_no: order.order_no.to_string(),
        state: state_tag(order.state.as_str(), frame.lang),
        amount: Money::new(order.amount, order.currency).display(),
        at: frame.time(order.created_at),
    });
    lines.collect()
}
