//! Letting an account take orders, wind down, or do nothing: a page that says what goes on
//! working, then the deed.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

use super::one::{Found, find};
use crate::account::{self, AccountState};
use crate::app::App;
use crate::web::admin::gate::words_of;
use crate::web::admin::prove::{self, proved};
use crate::web::admin::{Errors, Field, Frame, Posted, Section, SignedIn, done};
use crate::web::failure;
use crate::web::words::{Method, Words};

#[derive(Template)]
#[template(path = "admin/accounts/state.html")]
struct StatePage {
    frame: Frame,
    id: String,
    from: AccountState,
    to: AccountState,
    effects: Vec<String>,
    button: &'static str,
    proof: Option<Field>,
    errors: Errors,
}

/// Taking orders and doing nothing move money or stop it: the password is asked for again.
fn needs_proof(to: AccountState) -> bool {
    to != AccountState::Draining
}

/// `GET /admin/accounts/{id}/state/{to}`
pub async fn confirm(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let (id, to) = path.into_inner();
    let Some(to) = AccountState::parse(&to) else {
        return failure::not_found(&request, &app);
    };
    match find(&request, &app, &id).await {
        Ok(found) => show(&request, &app, &signed, &found, to, Errors::default()),
        Err(page) => page,
    }
}

/// `POST /admin/accounts/{id}/state/{to}`
pub async fn turn(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let (id, to) = path.into_inner();
    let Some(to) = AccountState::parse(&to) else {
        return failure::not_found(&request, &app);
    };
    let found = match find(&request, &app, &id).await {
        Ok(found) => found,
        Err(page) => return page,
    };
    let words = words_of(&request, &app);
    let mut errors = Errors::default();
    let from = found.row.state;
    if posted.get("from") != from.as_str() {
        errors.add("", words.accounts_moved());
    } else if to == AccountState::Enabled && found.account.channel.is_err() {
        errors.add("", words.accounts_cannot_start());
    } else if needs_proof(to) {
        match proved(&app, &signed, &posted).await {
            Ok(true) => {}
            Ok(false) => errors.add(prove::FIELD, words.proof_wrong()),
            Err(error) => return failure::store(&request, &app, &error),
        }
    }
    if !errors.is_empty() {
        return show(&request, &app, &signed, &found, to, errors);
    }
    let line = signed.changed(
        &app,
        "account.state",
        ("account", id.as_str()),
        &json!({"state": from}),
        &json!({"state": to}),
    );
    let now = app.clock.now();
    let also = move |db: &mut crate::store::Db| line.write(db);
    let turned = account::turn(&app.store, &found.row.id, (from, to), now, also).await;
    let followed = match turned {
        Ok(true) => app.follow_configuration().await,
        Ok(false) => {
            let mut errors = Errors::default();
            errors.add("", words.accounts_moved());
            return show(&request, &app, &signed, &found, to, errors);
        }
        Err(error) => Err(error),
    };
    match followed {
        Ok(_) => {
            let said = words.accounts_turned(&id, words.account_state(to));
            done(&app, &format!("/admin/accounts/{id}"), &said)
        }
        Err(error) => failure::store(&request, &app, &error),
    }
}

fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    found: &Found,
    to: AccountState,
    errors: Errors,
) -> HttpResponse {
    let id = found.row.id.to_string();
    let frame = Frame::of(request, app, signed, Section::Accounts, |words| match to {
        AccountState::Enabled => words.accounts_enable_title(&id),
        AccountState::Draining => words.accounts_drain_title(&id),
        AccountState::Off => words.accounts_off_title(&id),
    });
    let words = frame.w();
    let ask = needs_proof(to) && !signed.has_proved(app.clock.now());
    let mut proof = ask.then(|| Field::proof(words));
    errors.mark(&mut proof);
    let status = errors.status();
    let page = StatePage {
        effects: effects(words, app, found, to),
        button: match to {
            AccountState::Enabled => words.accounts_enable(),
            AccountState::Draining => words.accounts_drain(),
            AccountState::Off => words.accounts_turn_off(),
        },
        from: found.row.state,
        to,
        id,
        proof,
        errors,
        frame,
    };
    page.frame.show_as(request, app, status, &page)
}

fn effects(words: Words, app: &App, found: &Found, to: AccountState) -> Vec<String> {
    let mut effects = match to {
        AccountState::Enabled => vec![
            words.accounts_enable_1().to_owned(),
            words.accounts_enable_2().to_owned(),
        ],
        AccountState::Draining => vec![
            words.accounts_drain_1().to_owned(),
            words.accounts_drain_2().to_owned(),
        ],
        AccountState::Off => vec![
            words.accounts_off_1().to_owned(),
            words.accounts_off_2().to_owned(),
        ],
    };
    if to != AccountState::Enabled {
        if found.health.open > 0 {
            effects.push(words.accounts_open_now(found.health.open));
        }
        let lost = methods_lost(words, app, found);
        if !lost.is_empty() {
            effects.push(words.accounts_methods_lost(&lost));
        }
    }
    effects
}

/// The methods that no other account would take orders by.
fn methods_lost(words: Words, app: &App, found: &Found) -> String {
    let facts = &found.account.facts;
    if facts.state != AccountState::Enabled {
        return String::new();
    }
    let accounts = app.accounts.all();
    let others = |method| {
        accounts.iter().any(|other| {
            other.facts.id != facts.id
                && other.facts.state == AccountState::Enabled
                && other.channel.is_ok()
                && other.facts.currency == facts.currency
                && other.facts.methods.contains(method)
        })
    };
    let lost = facts.methods.iter().filter(|method| !others(method));
    let names = lost.filter_map(|method| Method::parse(method.as_str()));
    let names: Vec<&str> = names.map(|method| method.name(words.lang())).collect();
    names.join(" · ")
}
