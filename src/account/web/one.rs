//! `GET /admin/accounts/{id}`: one account, what may be done with it, and how it answers.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::list::{fee_of, kind_word, limits_of, methods_of};
use super::trial::{self, Trial};
use crate::account::store::{self, Health};
use crate::account::{Account, AccountRow, AccountState, open};
use crate::app::App;
use crate::ids::AccountId;
use crate::store::StoreError;
use crate::web::admin::{Frame, Section, SignedIn};
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::words::{Tag, Tone, Words};

/// A row with its account, opened as it stands in the database.
pub(super) struct Found {
    pub(super) row: AccountRow,
    pub(super) account: Account,
    pub(super) health: Health,
}

/// The account of this name, or the page that says why there is none.
pub(super) async fn find(
    request: &HttpRequest,
    app: &App,
    id: &str,
) -> Result<Found, HttpResponse> {
    let Ok(id) = id.parse::<AccountId>() else {
        return Err(failure::not_found(request, app));
    };
    let found = app
        .store
        .read(move |db| -> Result<_, StoreError> {
            let Some(row) = store::by_id(db, &id)? else {
                return Ok(None);
            };
            let health = store::health(db, &id)?;
            Ok(Some((row, health)))
        })
        .await;
    match found {
        Ok(Some((row, health))) => match row.facts() {
            Ok(facts) => Ok(Found {
                account: Account {
                    facts,
                    channel: open(&row, &app.sealer),
                },
                row,
                health,
            }),
            Err(error) => Err(failure::store(request, app, &error)),
        },
        Ok(None) => Err(failure::not_found(request, app)),
        Err(error) => Err(failure::store(request, app, &error)),
    }
}

struct Told {
    tone: &'static str,
    text: String,
    hint: String,
}

#[derive(Template)]
#[template(path = "admin/accounts/one.html")]
struct OnePage {
    frame: Frame,
    id: String,
    state: Tag,
    current: AccountState,
    broken: Option<String>,
    kind: String,
    methods: String,
    currency: &'static str,
    fee: String,
    limits: String,
    priority: i32,
    base_url: String,
    callback: String,
    last_notice: Option<Stamp>,
    last_paid: Option<Stamp>,
    open: i64,
    changed: Stamp,
    told: Option<Told>,
}

/// `GET /admin/accounts/{id}`
pub async fn one(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
) -> HttpResponse {
    match find(&request, &app, &id).await {
        Ok(found) => show(&request, &app, &signed, found, None),
        Err(page) => page,
    }
}

/// `POST /admin/accounts/{id}/test`: asks the channel about a number nobody ever used.
pub async fn test(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
) -> HttpResponse {
    let found = match find(&request, &app, &id).await {
        Ok(found) => found,
        Err(page) => return page,
    };
    let id = &found.row.id;
    let line = signed.entry(&app, "account.test", ("account", id.as_str()));
    if let Err(error) = app.store.write(move |db| line.write(db)).await {
        return failure::store(&request, &app, &error);
    }
    let ended = match app
        .asked_lately
        .pass(&format!("trial/{id}"), app.clock.now())
    {
        true => Some(trial::ask(&app, &found.row).await),
        false => None,
    };
    show(&request, &app, &signed, found, Some(ended))
}

fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    found: Found,
    ended: Option<Option<Trial>>,
) -> HttpResponse {
    let Found {
        row,
        account,
        health,
    } = found;
    let id = row.id.to_string();
    let frame = Frame::of(request, app, signed, Section::Accounts, |_| id.clone());
    let words = frame.w();
    let wrong = account.channel.as_ref().err();
    let page = OnePage {
        state: words.account_tag(&account),
        current: row.state,
        broken: wrong.map(|wrong| {
            let label = super::form::label(words, &wrong.key);
            words.reason_of(&label, &wrong.key, &wrong.reason)
        }),
        kind: kind_word(words, &row.kind),
        methods: methods_of(words, &account),
        currency: row.currency.code(),
        fee: fee_of(&account),
        limits: limits_of(words, &account),
        priority: row.priority,
        callback: format!("{}/callback/{}", app.base_url, row.path_token),
        base_url: row.base_url,
        last_notice: health.last_notice.map(|at| frame.time(at)),
        last_paid: health.last_paid.map(|at| frame.time(at)),
        open: health.open,
        changed: frame.time(row.changed_at),
        told: ended.map(|ended| told(words, ended)),
        id,
        frame,
    };
    page.frame.show(request, app, &page)
}

fn told(words: Words, ended: Option<Trial>) -> Told {
    let of = |tone: Tone, text: String, hint: &str| Told {
        tone: tone.class(),
        text,
        hint: hint.to_owned(),
    };
    match ended {
        None => of(Tone::Info, words.accounts_test_wait().to_owned(), ""),
        Some(Trial::Works) => of(
            Tone::Ok,
            words.accounts_test_works().to_owned(),
            words.accounts_test_works_hint(),
        ),
        Some(Trial::Odd) => of(
            Tone::Warn,
            words.accounts_test_odd().to_owned(),
            words.accounts_test_odd_hint(),
        ),
        Some(Trial::Broken(wrong)) => {
            let label = super::form::label(words, &wrong.key);
            let text = words.reason_of(&label, &wrong.key, &wrong.reason);
            of(Tone::Bad, text, words.accounts_test_broken_hint())
        }
        Some(Trial::Silent(error)) => of(
            Tone::Bad,
            words.accounts_test_silent(&error.to_string()),
            words.accounts_test_silent_hint(),
        ),
        Some(Trial::Refused(code)) => of(
            Tone::Bad,
            words.accounts_test_refused(&code),
            words.accounts_test_refused_hint(),
        ),
        Some(Trial::Strange(code)) => of(
            Tone::Warn,
            words.accounts_test_strange(&code),
            words.accounts_test_strange_hint(),
        ),
    }
}
