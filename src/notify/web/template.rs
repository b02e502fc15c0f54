//! `/admin/mail/templates`: the owner's own texts in mails to buyers, by topic and language, with
//! a look at the whole mail before anybody gets it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::{Value, json};

use super::words;
use crate::app::App;
use crate::clock::Millis;
use crate::ids::OutboxId;
use crate::notify::outbox::Topic;
use crate::notify::template::{
    self, Fault, LONGEST_SUBJECT, LONGEST_TEXT, PLACEHOLDERS, TOPICS, Wording as Own,
};
use crate::notify::{Lang, MailFacts, NewTest, PER_HOUR, is_address, render_with, sample};
use crate::staff::audit::Entry;
use crate::store::{Db, StoreError};
use crate::web::admin::gate::words_of;
use crate::web::admin::{Errors, Field, Frame, Input, Posted, Section, SignedIn, done};
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::words::Words;
use crate::zone::Zone;

struct Row {
    url: String,
    topic: &'static str,
    lang: &'static str,
    tag: &'static str,
    since: Option<Stamp>,
}

#[derive(Template)]
#[template(path = "admin/mail/templates.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
}

struct Look {
    subject: String,
    text: String,
    html: String,
}

#[derive(Template)]
#[template(path = "admin/mail/template.html")]
struct EditPage {
    frame: Frame,
    url: String,
    /// When the stored texts were changed last, as this form knows it; empty = there are none.
    seen: String,
    lang_tag: &'static str,
    fields: Vec<Field>,
    to: Field,
    placeholders: Vec<(&'static str, &'static str)>,
    own: bool,
    look: Option<Look>,
    errors: Errors,
}

/// `GET /admin/mail/templates`
pub async fn templates(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
) -> HttpResponse {
    let own = match app.store.read(template::store::all).await {
        Ok(own) => own,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let frame = Frame::of(
        &request,
        &app,
        &signed,
        Section::Mail,
        Words::mail_templates,
    );
    let w = frame.w();
    let mut rows = Vec::new();
    for topic in TOPICS {
        for lang in Lang::ALL {
            let since = own.iter().find(|(t, l, _)| t == topic && l == lang);
            rows.push(Row {
                url: url_of(*topic, *lang),
                topic: words::topic(w, *topic),
                lang: words::language(*lang),
                tag: lang.tag(),
                since: since.map(|(.., at)| frame.time(*at)),
            });
        }
    }
    let page = ListPage { rows, frame };
    page.frame.show(&request, &app, &page)
}

fn url_of(topic: Topic, lang: Lang) -> String {
    format!("/admin/mail/templates/{topic}/{lang}")
}

/// Which texts an address means.
fn which((topic, lang): (String, String)) -> Option<(Topic, Lang)> {
    let topic = Topic::parse(&topic).filter(|topic| TOPICS.contains(topic))?;
    Some((topic, Lang::parse(&lang)?))
}

type Stored = Option<(Own, Millis)>;

async fn stored(app: &App, (topic, lang): (Topic, Lang)) -> Result<Stored, StoreError> {
    app.store
        .read(move |db| template::store::get(db, topic, lang))
        .await
}

/// `GET /admin/mail/templates/{topic}/{lang}`
pub async fn edit(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let Some(of) = which(path.into_inner()) else {
        return failure::not_found(&request, &app);
    };
    match stored(&app, of).await {
        Ok(stored) => {
            let (own, since) = stored.unzip();
            let form = Form::new(of, own.unwrap_or_default(), since);
            form.show(&request, &app, &signed, Errors::default())
        }
        Err(error) => failure::store(&request, &app, &error),
    }
}

/// `POST /admin/mail/templates/{topic}/{lang}`: saves what was typed, or (with `do=preview`) only
/// shows the mail it would make.
pub async fn save(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let Some(of) = which(path.into_inner()) else {
        return failure::not_found(&request, &app);
    };
    let w = words_of(&request, &app);
    let typed = |name: &str| posted.get(name).replace("\r\n", "\n").trim().to_owned();
    let own = Own {
        subject: typed("subject"),
        opening: typed("opening"),
        closing: typed("closing"),
    };
    let seen = posted.get("seen").parse::<Millis>().ok();
    let mut errors = Errors::default();
    for (field, fault) in own.check() {
        errors.add(field, told(w, &fault));
    }
    let form = Form::new(of, own, seen);
    if !errors.is_empty() || posted.get("do") == "preview" {
        return form.show(&request, &app, &signed, errors);
    }
    match form.put(&app, &signed, &form.own).await {
        Ok(true) => done(&app, &url_of(of.0, of.1), w.mail_template_saved()),
        Ok(false) => {
            errors.add("", w.mail_template_moved());
            form.show(&request, &app, &signed, errors)
        }
        Err(error) => failure::store(&request, &app, &error),
    }
}

/// `POST /admin/mail/templates/{topic}/{lang}/reset`: the usual texts again.
pub async fn reset(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let Some(of) = which(path.into_inner()) else {
        return failure::not_found(&request, &app);
    };
    let w = words_of(&request, &app);
    let seen = posted.get("seen").parse::<Millis>().ok();
    let form = Form::new(of, Own::default(), seen);
    let said = match form.put(&app, &signed, &Own::default()).await {
        Ok(true) => w.mail_template_reset(),
        Ok(false) => w.mail_template_moved(),
        Err(error) => return failure::store(&request, &app, &error),
    };
    done(&app, &url_of(of.0, of.1), said)
}

/// `POST /admin/mail/templates/{topic}/{lang}/test`: one mail with made-up facts, of the texts as
/// they are stored.
pub async fn test(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let Some(of) = which(path.into_inner()) else {
        return failure::not_found(&request, &app);
    };
    let w = words_of(&request, &app);
    let to = posted.get("to").trim().to_owned();
    let mut errors = Errors::default();
    if !is_address(&to) {
        errors.add("to", w.staff_email_error());
    } else {
        let new = NewTest::new(of, &to, &app.sealer, &*app.random, app.clock.now());
        let object = format!("{}/{}", of.0, of.1);
        let line = signed.entry(&app, "mail.test", ("mail_template", &object));
        let promised = app.store.write(move |db| promise(db, &new, &line)).await;
        match promised {
            Ok(true) => {
                let said = w.mail_test_sent(&to);
                return done(&app, &url_of(of.0, of.1), &said);
            }
            Ok(false) => errors.add("to", w.mail_test_limit(&PER_HOUR)),
            Err(error) => return failure::store(&request, &app, &error),
        }
    }
    match stored(&app, of).await {
        Ok(stored) => {
            let (own, since) = stored.unzip();
            let mut form = Form::new(of, own.unwrap_or_default(), since);
            form.to = to;
            form.show(&request, &app, &signed, errors)
        }
        Err(error) => failure::store(&request, &app, &error),
    }
}

fn promise(db: &mut Db, new: &NewTest, line: &Entry) -> Result<bool, StoreError> {
    let promised = new.promise(db)?;
    if promised {
        line.write(db)?;
    }
    Ok(promised)
}

fn told(w: Words, fault: &Fault) -> String {
    match fault {
        Fault::Control => w.mail_fault_control().to_owned(),
        Fault::TooLong(most) => w.mail_fault_long(most),
        Fault::Placeholder(name) => w.mail_fault_placeholder(name),
    }
}

/// The form of one template with what stands in it.
struct Form {
    topic: Topic,
    lang: Lang,
    own: Own,
    since: Option<Millis>,
    to: String,
}

impl Form {
    fn new((topic, lang): (Topic, Lang), own: Own, since: Option<Millis>) -> Self {
        Form {
            topic,
            lang,
            own,
            since,
            to: String::new(),
        }
    }

    /// Writes texts over those this form knows of; false = they are others by now.
    async fn put(&self, app: &App, signed: &SignedIn, own: &Own) -> Result<bool, StoreError> {
        let (topic, lang, since) = (self.topic, self.lang, self.since);
        let before = stored(app, (topic, lang)).await?.map(|(own, _)| own);
        let before = before.unwrap_or_default();
        let object = format!("{topic}/{lang}");
        let line = signed.changed(
            app,
            "mail.template",
            ("mail_template", &object),
            &texts(&before),
            &texts(own),
        );
        let (own, now) = (own.clone(), app.clock.now());
        let touched = own != before;
        app.store
            .write(move |db| -> Result<bool, StoreError> {
                if !template::store::put(db, topic, lang, &own, since, now)? {
                    return Ok(false);
                }
                if touched {
                    line.write(db)?;
                }
                Ok(true)
            })
            .await
    }

    fn show(
        &self,
        request: &HttpRequest,
        app: &App,
        signed: &SignedIn,
        errors: Errors,
    ) -> HttpResponse {
        let frame = Frame::of(request, app, signed, Section::Mail, |w| {
            w.mail_template_title(words::topic(w, self.topic), words::language(self.lang))
        });
        let w = frame.w();
        let area = || Input::Area {
            rows: 4,
            code: false,
        };
        let mut fields = vec![
            Field::new("subject", w.mail_subject(), Input::Line("text"))
                .hint(w.mail_subject_hint())
                .value(&self.own.subject)
                .most(LONGEST_SUBJECT),
            Field::new("opening", w.mail_opening(), area())
                .hint(w.mail_opening_hint())
                .value(&self.own.opening)
                .most(LONGEST_TEXT),
            Field::new("closing", w.mail_closing(), area())
                .hint(w.mail_closing_hint())
                .value(&self.own.closing)
                .most(LONGEST_TEXT),
        ];
        let mut to = Field::new("to", w.mail_test_to(), Input::Line("email"))
            .value(&self.to)
            .most(254)
            .required();
        errors.mark(fields.iter_mut().chain([&mut to]));
        let status = errors.status();
        let named = |name: &'static str| {
            let told = match name {
                "shop" => w.mail_placeholder_shop(),
                "order_no" => w.mail_placeholder_order_no(),
                "item" => w.mail_placeholder_item(),
                _ => w.mail_placeholder_amount(),
            };
            (name, told)
        };
        let page = EditPage {
            url: url_of(self.topic, self.lang),
            seen: self.since.map(|at| at.to_string()).unwrap_or_default(),
            lang_tag: self.lang.tag(),
            fields,
            to,
            placeholders: PLACEHOLDERS.iter().map(|name| named(name)).collect(),
            own: self.since.is_some(),
            look: self.look(app),
            errors,
            frame,
        };
        page.frame.show_as(request, app, status, &page)
    }

    /// The mail these texts would make of made-up facts.
    fn look(&self, app: &App) -> Option<Look> {
        if !self.own.check().is_empty() {
            return None;
        }
        let settings = app.live().settings;
        let (zone, now) = (Zone::or_utc(&settings.time_zone), app.clock.now());
        let paid_at = zone.date_time(now, self.lang == Lang::Zh);
        let facts = MailFacts {
            id: OutboxId::new(now, &*app.random),
            at: now,
            lang: self.lang,
            to: "buyer@example.com".to_owned(),
            shop: settings.name.clone(),
            base_url: app.base_url.to_string(),
            support: settings.contact.clone(),
            news: sample(self.topic, self.lang, &app.base_url, &paid_at)?,
        };
        let mail = render_with(&facts, &self.own).ok()?;
        Some(Look {
            subject: mail.subject,
            text: mail.text,
            html: mail.html,
        })
    }
}

fn texts(own: &Own) -> Value {
    json!({"subject": own.subject, "opening": own.opening, "closing": own.closing})
}
