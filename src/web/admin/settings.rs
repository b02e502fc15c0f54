//! `/admin/settings`: everything an owner can change while the shop runs. What is typed becomes
//! the same wish a file makes, and acts on every node within a second.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toml::Value;

use super::field::{Errors, Field};
use super::frame::{Frame, Section};
use super::gate::{SignedIn, words_of};
use super::posted::Posted;
use super::prove::{self, proved};
use super::said::done;
use crate::app::App;
use crate::apply::{self, ApplyError, Tools, Wishes};
use crate::notify::Alarm;
use crate::notify::alert::Severity;
use crate::random::Derived;
use crate::settings::{self, Settings};
use crate::store::{Db, StoreError};
use crate::web::failure;
use crate::web::words::Words;

mod form;

use form::{Group, Values, groups, is_sensitive, label, values_of, wish};

const SECRET: &str = "webhook_secret";

#[derive(Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage {
    frame: Frame,
    seen: String,
    groups: Vec<Group>,
    proof: Option<Field>,
    errors: Errors,
}

#[derive(Template)]
#[template(path = "admin/webhook_secret.html")]
struct SecretPage {
    frame: Frame,
    /// Once, on the page that answers its making.
    made: Option<String>,
    proof: Option<Field>,
    errors: Errors,
}

/// Which settings a form was filled in with.
fn mark_of(app: &App, stored: &Settings) -> String {
    let text = serde_json::to_vec(stored).unwrap_or_default();
    app.sealer.keyed_hash("settings/seen", &text)
}

/// `GET /admin/settings`
pub async fn settings(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    match app.store.read(settings::read).await {
        Ok(stored) => {
            let values = values_of(&stored);
            let set = !stored.webhook_secret.is_empty();
            let seen = mark_of(&app, &stored);
            show(
                &request,
                &app,
                &signed,
                (&values, set, seen),
                Errors::default(),
            )
        }
        Err(error) => failure::store(&request, &app, &error),
    }
}

/// `POST /admin/settings`
pub async fn save(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let words = words_of(&request, &app);
    let stored = match app.store.read(settings::read).await {
        Ok(stored) => stored,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let values = posted.form.with_prefix("");
    let mut errors = Errors::default();
    let shop = wish(words, &values, &stored, &mut errors);
    let sensitive = is_sensitive(&values, &stored);
    if sensitive {
        match proved(&app, &signed, &posted).await {
            Ok(true) => {}
            Ok(false) => errors.add(prove::FIELD, words.proof_wrong()),
            Err(error) => return failure::store(&request, &app, &error),
        }
    }
    let mut said = words.settings_saved();
    if errors.is_empty() {
        let seen = posted.get("seen").to_owned();
        match change(&app, &signed, shop, Some(seen), sensitive).await {
            Ok(true) => {}
            Ok(false) => said = words.settings_same(),
            Err(ApplyError::Moved) => errors.add("", words.settings_moved()),
            Err(ApplyError::Store(error)) => return failure::store(&request, &app, &error),
            Err(ApplyError::Problems(problems)) => {
                for problem in problems {
                    let key = problem.key.trim_start_matches("shop.");
                    let text = words.reason_of(&label(words, key), key, &problem.reason);
                    errors.add(key, text);
                }
            }
        }
    }
    if !errors.is_empty() {
        let set = !stored.webhook_secret.is_empty();
        let seen = posted.get("seen").to_owned();
        return show(&request, &app, &signed, (&values, set, seen), errors);
    }
    done(&app, "/admin/settings", said)
}

/// `GET /admin/settings/webhook-secret`
pub async fn secret(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    show_secret(&request, &app, &signed, None, Errors::default())
}

/// `POST /admin/settings/webhook-secret`: makes a new one and shows it this once.
pub async fn make_secret(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let words = words_of(&request, &app);
    let mut errors = Errors::default();
    match proved(&app, &signed, &posted).await {
        Ok(true) => {}
        Ok(false) => {
            errors.add(prove::FIELD, words.proof_wrong());
            return show_secret(&request, &app, &signed, None, errors);
        }
        Err(error) => return failure::store(&request, &app, &error),
    }
    let bytes: [u8; 32] = (*app.random).bytes();
    let made = format!("whsec_{}", STANDARD.encode(bytes));
    let shop = vec![(SECRET.to_owned(), Value::String(made.clone()))];
    match change(&app, &signed, shop, None, true).await {
        Ok(_) => show_secret(&request, &app, &signed, Some(made), errors),
        Err(ApplyError::Store(error)) => failure::store(&request, &app, &error),
        Err(_) => {
            errors.add("", words.settings_moved());
            show_secret(&request, &app, &signed, None, errors)
        }
    }
}

/// Makes a change of settings; false = it changes nothing.
async fn change(
    app: &App,
    signed: &SignedIn,
    shop: Vec<(String, Value)>,
    seen: Option<String>,
    sensitive: bool,
) -> Result<bool, ApplyError> {
    let wishes = Wishes::of_settings(shop);
    let tools = Tools {
        store: &app.store,
        sealer: &app.sealer,
        clock: &*app.clock,
        random: &*app.random,
    };
    let as_seen = |now: &apply::Stored| seen.is_none_or(|seen| seen == mark_of(app, &now.settings));
    // The owner is told at the address that stood until now.
    app.follow_configuration().await?;
    let change = apply::consider(tools, &wishes, as_seen).await?;
    if !change.touches() {
        return Ok(false);
    }
    let (before, after) = change.told();
    let line = signed.changed(app, "settings.save", ("settings", "shop"), &before, &after);
    let (promises, now) = (app.promises(), app.clock.now());
    let seed: [u8; 32] = (*app.random).bytes();
    let cause = format!("settings_changed/{now}");
    let body = format!(
        "{} changed the webhook or where alerts go. If that was not you, set a new password with \
         `vendgate staff reset` and look at the audit log.",
        signed.staff.email
    );
    let also = move |db: &mut Db| -> Result<(), StoreError> {
        line.write(db)?;
        if !sensitive {
            return Ok(());
        }
        let alarm = Alarm {
            kind: "settings_changed",
            cause: &cause,
            severity: Severity::Warning,
            body: body.clone(),
        };
        promises.alarm(db, &Derived::from_seed(seed), alarm, now)
    };
    change.make(&app.store, also).await?;
    app.follow_configuration().await?;
    Ok(true)
}

fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    (values, set, seen): (&Values, bool, String),
    errors: Errors,
) -> HttpResponse {
    let frame = Frame::of(
        request,
        app,
        signed,
        Section::Settings,
        Words::admin_settings,
    );
    let words = frame.w();
    let mut groups = groups(words, values, set);
    let mut proof = (!signed.has_proved(app.clock.now())).then(|| Field::proof(words));
    let fields = groups.iter_mut().flat_map(|group| &mut group.fields);
    errors.mark(fields.chain(&mut proof));
    let status = errors.status();
    let page = SettingsPage {
        seen,
        groups,
        proof,
        errors,
        frame,
    };
    page.frame.show_as(request, app, status, &page)
}

fn show_secret(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    made: Option<String>,
    errors: Errors,
) -> HttpResponse {
    let frame = Frame::of(
        request,
        app,
        signed,
        Section::Settings,
        Words::settings_webhook_new,
    );
    let mut proof = (!signed.has_proved(app.clock.now())).then(|| Field::proof(frame.w()));
    errors.mark(&mut proof);
    let status = errors.status();
    let page = SecretPage {
        made,
        proof,
        errors,
        frame,
    };
    page.frame.show_as(request, app, status, &page)
}
