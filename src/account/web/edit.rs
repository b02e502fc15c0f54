//! Making an account, and changing one. What was typed becomes the same wish a file makes and is
//! checked the same way, by opening the channel.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::form::{self, Values};
use super::list::kind_word;
use super::one::find;
use crate::account::AccountRow;
use crate::app::App;
use crate::apply::{self, ApplyError, Tools, Wishes};
use crate::channel::{KINDS, Kind};
use crate::notify::Alarm;
use crate::notify::alert::Severity;
use crate::random::Derived;
use crate::web::admin::gate::words_of;
use crate::web::admin::prove::{self, proved};
use crate::web::admin::{Asked, Errors, Field, Frame, Posted, Section, SignedIn, done};
use crate::web::failure;
use crate::web::words::Words;

#[derive(Template)]
#[template(path = "admin/accounts/kinds.html")]
struct KindsPage {
    frame: Frame,
    kinds: Vec<(&'static str, String, String)>,
}

#[derive(Template)]
#[template(path = "admin/accounts/edit.html")]
struct EditPage {
    frame: Frame,
    /// Empty for a new one.
    id: String,
    kind: &'static str,
    kind_name: String,
    /// When it was changed last, as this form knows it.
    seen: i64,
    general: Vec<Field>,
    limits: Vec<Field>,
    keys: Vec<Field>,
    proof: Option<Field>,
    errors: Errors,
}

fn kind_of(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// `GET /admin/accounts/new`: the kind first, then its form.
pub async fn new(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let asked = Asked::of(request.path(), request.query_string());
    if let Some(kind) = kind_of(asked.get("kind")) {
        let values = form::values_of_new(kind, app.live().settings.currency);
        return show(
            &request,
            &app,
            &signed,
            (kind, None),
            &values,
            Errors::default(),
        );
    }
    let frame = Frame::of(
        &request,
        &app,
        &signed,
        Section::Accounts,
        Words::accounts_new_title,
    );
    let words = frame.w();
    let kinds = KINDS.iter().map(|kind| {
        let told = match kind.name {
            "epay" => words.accounts_kind_epay_hint(),
            "alipay" => words.accounts_kind_alipay_hint(),
            "wechat" => words.wechat_kind_hint(),
            "sandbox" => words.accounts_kind_sandbox_hint(),
            _ => "",
        };
        (kind.name, kind_word(words, kind.name), told.to_owned())
    });
    let page = KindsPage {
        kinds: kinds.collect(),
        frame,
    };
    page.frame.show(&request, &app, &page)
}

/// `GET /admin/accounts/{id}/edit`
pub async fn edit(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
) -> HttpResponse {
    let found = match find(&request, &app, &id).await {
        Ok(found) => found,
        Err(page) => return page,
    };
    let Some(kind) = kind_of(&found.row.kind) else {
        return failure::not_found(&request, &app);
    };
    let values = form::values_of(&found.row);
    let of = (kind, Some(&found.row));
    show(&request, &app, &signed, of, &values, Errors::default())
}

/// `POST /admin/accounts/new`
pub async fn create(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let Some(kind) = kind_of(posted.get("kind")) else {
        return failure::not_found(&request, &app);
    };
    save(&request, &app, &signed, &posted, (kind, None)).await
}

/// `POST /admin/accounts/{id}/edit`
pub async fn change(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
    id: web::Path<String>,
) -> HttpResponse {
    let found = match find(&request, &app, &id).await {
        Ok(found) => found,
        Err(page) => return page,
    };
    let Some(kind) = kind_of(&found.row.kind) else {
        return failure::not_found(&request, &app);
    };
    save(&request, &app, &signed, &posted, (kind, Some(&found.row))).await
}

async fn save(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    posted: &Posted,
    (kind, stored): (&'static Kind, Option<&AccountRow>),
) -> HttpResponse {
    let words = words_of(request, app);
    let values: Values = posted.form.with_prefix("");
    let mut errors = Errors::default();
    let id = stored.map_or(posted.get("id").trim(), |row| row.id.as_str());
    let wish = form::wish(words, (id, kind), &values, stored, &app.sealer, &mut errors);
    let sensitive = form::needs_proof(kind, &values, stored);
    if sensitive {
        match proved(app, signed, posted).await {
            Ok(true) => {}
            Ok(false) => errors.add(prove::FIELD, words.proof_wrong()),
            Err(error) => return failure::store(request, app, &error),
        }
    }
    let (Some(wish), true) = (wish, errors.is_empty()) else {
        return show(request, app, signed, (kind, stored), &values, errors);
    };
    let (wanted, seen) = (wish.id.clone(), posted.get("seen").parse::<i64>().ok());
    let wishes = Wishes::of_account(wish);
    let tools = Tools {
        store: &app.store,
        sealer: &app.sealer,
        clock: &*app.clock,
        random: &*app.random,
    };
    let new = stored.is_none();
    let taken = std::cell::Cell::new(false);
    let considered = apply::consider(tools, &wishes, |now| {
        let there = now.accounts.iter().find(|row| row.id == wanted);
        taken.set(new && there.is_some());
        match there {
            None => new,
            Some(row) => !new && seen == Some(row.changed_at),
        }
    });
    // The owner is told at the address of this moment.
    if let Err(error) = app.follow_configuration().await {
        return failure::store(request, app, &error);
    }
    let made = match considered.await {
        Ok(change) if !change.touches() => Ok(()),
        Ok(change) => {
            let (before, after) = change.told();
            let action = if new {
                "account.create"
            } else {
                "account.save"
            };
            let line = signed.changed(app, action, ("account", wanted.as_str()), &before, &after);
            let also = told(app, &wanted, sensitive, signed, line);
            change.make(&app.store, also).await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok(()) => {}
        Err(ApplyError::Problems(problems)) => form::refused(words, &problems, &mut errors),
        Err(ApplyError::Moved) if taken.get() => errors.add("id", words.accounts_id_taken()),
        Err(ApplyError::Moved) => errors.add("", words.accounts_moved()),
        Err(ApplyError::Store(error)) => return failure::store(request, app, &error),
    }
    if !errors.is_empty() {
        return show(request, app, signed, (kind, stored), &values, errors);
    }
    if let Err(error) = app.follow_configuration().await {
        return failure::store(request, app, &error);
    }
    let said = match new {
        true => words.accounts_created(),
        false => words.accounts_saved(),
    };
    done(app, &format!("/admin/accounts/{wanted}"), said)
}

/// The line of the audit log, and, where money or keys go elsewhere from now on, word to the
/// owner's address.
fn told(
    app: &App,
    id: &crate::ids::AccountId,
    sensitive: bool,
    signed: &SignedIn,
    line: crate::staff::audit::Entry,
) -> impl Fn(&mut crate::store::Db) -> Result<(), crate::store::StoreError> + Send + 'static {
    let (promises, now) = (app.promises(), app.clock.now());
    let seed: [u8; 32] = (*app.random).bytes();
    let cause = format!("account_changed/{id}/{now}");
    let body = format!(
        "{} changed where money of the account {id} goes: its address or its keys. If that was \
         not you, turn the account off, and set a new password with `vendgate staff reset`. The \
         audit log says more.",
        signed.staff.email
    );
    move |db| {
        line.write(db)?;
        if !sensitive {
            return Ok(());
        }
        let alarm = Alarm {
            kind: "account_changed",
            cause: &cause,
            severity: Severity::Critical,
            body: body.clone(),
        };
        promises.alarm(db, &Derived::from_seed(seed), alarm, now)
    }
}

fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    (kind, stored): (&'static Kind, Option<&AccountRow>),
    values: &Values,
    errors: Errors,
) -> HttpResponse {
    let id = stored.map(|row| row.id.to_string()).unwrap_or_default();
    let frame = Frame::of(
        request,
        app,
        signed,
        Section::Accounts,
        |words| match stored {
            None => words.accounts_new_title().to_owned(),
            Some(row) => words.accounts_edit_title(row.id.as_str()),
        },
    );
    let words = frame.w();
    let mut fields = form::fields(words, kind, stored.is_none(), values);
    let mut proof = (!signed.has_proved(app.clock.now())).then(|| Field::proof(words));
    errors.mark(fields.all().chain(&mut proof));
    let status = errors.status();
    let typed_seen = values.get("seen").and_then(|seen| seen.parse().ok());
    let page = EditPage {
        id,
        kind: kind.name,
        kind_name: kind_word(words, kind.name),
        seen: typed_seen.unwrap_or(stored.map_or(0, |row| row.changed_at)),
        general: fields.general,
        limits: fields.limits,
        keys: fields.keys,
        proof,
        errors,
        frame,
    };
    page.frame.show_as(request, app, status, &page)
}
