//! `/admin/settings`: everything an owner can change while the shop runs. What is typed becomes
//! the same wish a file makes, and acts on every node within a second.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toml::Value;

use super::field::{Errors, Field, Input};
use super::frame::{Frame, Section};
use super::gate::{SignedIn, words_of};
use super::posted::Posted;
use super::prove::{self, proved};
use super::said::done;
use crate::app::App;
use crate::apply::{self, ApplyError, Tools, Wishes};
use crate::money::Currency;
use crate::notify::alert::Severity;
use crate::notify::webhook::SigningKey;
use crate::notify::{Alarm, is_address, is_sender};
use crate::random::Derived;
use crate::settings::{self, LatePolicy, Settings};
use crate::store::{Db, StoreError};
use crate::web::failure;
use crate::web::words::Words;

const SECRET: &str = "webhook_secret";
/// Settings that are whole numbers.
const NUMBERS: &[&str] = &["minutes_to_pay", "unpaid_per_network", "unpaid_per_email"];
/// Settings that are text.
const TEXTS: &[&str] = &[
    "name",
    "name_en",
    "currency",
    "time_zone",
    "contact",
    "mail_from",
    "admin_email",
    "late_money",
    "webhook_url",
];

struct Group {
    name: &'static str,
    fields: Vec<Field>,
    /// Whether short fields stand beside each other.
    beside: bool,
    /// A new webhook secret can be made here.
    secret: bool,
}

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

type Values = BTreeMap<String, String>;

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
    let shop = wish(words, &values, &mut errors);
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

/// Whether what was typed sends orders or alarms elsewhere.
fn is_sensitive(values: &Values, stored: &Settings) -> bool {
    let get = |id: &str| values.get(id).map_or("", |value| value.trim());
    get("webhook_url") != stored.webhook_url
        || get("admin_email") != stored.admin_email
        || !get(SECRET).is_empty()
}

/// What was typed, as lines of a file; what cannot be one is noted.
fn wish(words: Words, values: &Values, errors: &mut Errors) -> Vec<(String, Value)> {
    let get = |id: &str| values.get(id).map_or("", |value| value.trim());
    let mut refuse = |id: &str, reason: &str| {
        errors.add(id, words.reason_of(&label(words, id), id, reason));
    };
    let mut shop: Vec<(String, Value)> = TEXTS
        .iter()
        .map(|id| ((*id).to_owned(), Value::String(get(id).to_owned())))
        .collect();
    for id in NUMBERS {
        match get(id).parse::<i64>() {
            Ok(number) => shop.push(((*id).to_owned(), Value::Integer(number))),
            Err(_) => refuse(id, "is a whole number"),
        }
    }
    let goods = get("mail_goods") == "on";
    shop.push(("mail_goods".to_owned(), Value::Boolean(goods)));
    if !is_sender(get("mail_from")) {
        refuse("mail_from", "is an email address");
    }
    if !get("admin_email").is_empty() && !is_address(get("admin_email")) {
        refuse("admin_email", "is an email address");
    }
    match get(SECRET) {
        "" => {}
        typed if typed.parse::<SigningKey>().is_ok() => {
            shop.push((SECRET.to_owned(), Value::String(typed.to_owned())));
        }
        _ => refuse(SECRET, "is whsec_ and 24 to 64 random bytes in base64"),
    }
    shop
}

fn values_of(stored: &Settings) -> Values {
    let all = serde_json::to_value(stored).unwrap_or_default();
    let mut values = Values::new();
    for id in TEXTS.iter().chain(NUMBERS) {
        let value = match &all[*id] {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        values.insert((*id).to_owned(), value);
    }
    if stored.mail_goods {
        values.insert("mail_goods".to_owned(), "on".to_owned());
    }
    values
}

fn label(words: Words, key: &str) -> String {
    match key {
        "name" => words.settings_name(),
        "name_en" => words.settings_name_en(),
        "currency" => words.settings_currency(),
        "time_zone" => words.settings_time_zone(),
        "contact" => words.settings_contact(),
        "mail_from" => words.settings_mail_from(),
        "admin_email" => words.settings_admin_email(),
        "mail_goods" => words.settings_mail_goods(),
        "minutes_to_pay" => words.settings_minutes(),
        "unpaid_per_network" => words.settings_per_network(),
        "unpaid_per_email" => words.settings_per_email(),
        "late_money" => words.settings_late_money(),
        "webhook_url" => words.settings_webhook_url(),
        SECRET => words.settings_webhook_secret(),
        other => return other.to_owned(),
    }
    .to_owned()
}

fn groups(words: Words, values: &Values, set: bool) -> Vec<Group> {
    let field = |id: &str, input: Input| {
        let value = values.get(id).cloned().unwrap_or_default();
        Field::new(id, label(words, id), input).value(value)
    };
    let line = |id: &str| field(id, Input::Line("text"));
    let number = |id: &str, hint: &str| {
        field(id, Input::Line("text"))
            .hint(hint)
            .most(9)
            .required()
            .narrow()
    };
    let currencies = Currency::ALL.iter();
    let currencies = currencies.map(|c| (c.code().to_owned(), c.code().to_owned()));
    let late = [
        (LatePolicy::Deliver, words.settings_late_deliver()),
        (LatePolicy::Refund, words.settings_late_refund()),
    ];
    let late = late.map(|(policy, name)| (policy.to_string(), name.to_owned()));
    let group = |name, fields| Group {
        name,
        fields,
        beside: false,
        secret: false,
    };
    let keep = match set {
        true => words.settings_webhook_set(),
        false => words.settings_webhook_unset(),
    };
    vec![
        group(
            words.settings_shop(),
            vec![
                line("name").most(60).required(),
                line("name_en").most(60).hint(words.settings_name_en_hint()),
                field("currency", Input::Choice(currencies.collect()))
                    .hint(words.settings_currency_hint())
                    .narrow(),
                line("time_zone")
                    .hint(words.settings_time_zone_hint())
                    .required(),
                line("contact").hint(words.settings_contact_hint()),
            ],
        ),
        group(
            words.settings_mail(),
            vec![
                line("mail_from")
                    .hint(words.settings_mail_from_hint())
                    .required(),
                field("admin_email", Input::Line("email"))
                    .hint(words.settings_admin_email_hint())
                    .most(254),
                field("mail_goods", Input::Tick).hint(words.settings_mail_goods_hint()),
            ],
        ),
        Group {
            beside: true,
            ..group(
                words.settings_orders(),
                vec![
                    number("minutes_to_pay", words.settings_minutes_hint()),
                    number("unpaid_per_network", words.settings_per_network_hint()),
                    number("unpaid_per_email", words.settings_per_email_hint()),
                ],
            )
        },
        group(
            words.settings_late(),
            vec![field("late_money", Input::Choice(late.to_vec()))],
        ),
        Group {
            secret: true,
            ..group(
                words.settings_webhook(),
                vec![
                    field("webhook_url", Input::Line("url"))
                        .hint(words.settings_webhook_url_hint())
                        .most(500),
                    field(
                        SECRET,
                        Input::Secret {
                            autocomplete: "off",
                        },
                    )
                    .hint(keep),
                ],
            )
        },
    ]
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
