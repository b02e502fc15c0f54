//! The third step: who mails come from, and one that shows that they arrive.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;
use toml::Value;

use super::step::{self, Form as Page, Refused, Step, configure};
use crate::app::App;
use crate::apply::Wishes;
use crate::ids::OutboxId;
use crate::notify::outbox::{self, Kind as Way, NewPromise, Topic};
use crate::setup::Progress;
use crate::store::StoreError;
use crate::web::admin::gate::words_of;
use crate::web::admin::inputs::{Inputs, Section as Part, Wrong};
use crate::web::admin::{Posted, SignedIn, done};
use crate::web::checkout::check_email;
use crate::web::failure;
use crate::web::form::Form;

const FIELDS: &[&str] = &["mail_from", "admin_email"];

/// `GET /admin/setup/mail`
pub async fn mail(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let settings = app.live().settings;
    // Whoever sets the shop up most likely reads its alerts.
    let admin = match settings.admin_email.as_str() {
        "" => signed.staff.email.clone(),
        set => set.to_owned(),
    };
    let pairs = [
        ("mail_from".to_owned(), settings.mail_from.clone()),
        ("admin_email".to_owned(), admin),
    ];
    let form = Form::of(pairs).unwrap_or_default();
    show(&request, &app, &signed, &form, Vec::new()).await
}

async fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    form: &Form,
    wrong: Vec<Wrong>,
) -> HttpResponse {
    let sent = match app.store.read(Progress::read).await {
        Ok(progress) => progress.mail,
        Err(error) => return failure::store(request, app, &error),
    };
    let words = words_of(request, app);
    let input = Inputs {
        form,
        wrong: &wrong,
    };
    let section = Part {
        id: "s-mail",
        title: words.setup_mail().to_owned(),
        rows: vec![vec![
            input
                .line("mail_from", words.setup_from(), 200)
                .hint(words.setup_from_hint())
                .needed(),
            input
                .line("admin_email", words.setup_admin(), 200)
                .hint(words.setup_admin_hint())
                .needed(),
        ]],
        ..Part::default()
    };
    let page = Page {
        sections: vec![section],
        wrong,
        note: sent.then(|| words.setup_mail_sent().to_owned()),
        also: Some(("test", words.setup_mail_test())),
        ..Page::default()
    };
    step::show(request, app, signed, Step::Mail, page)
}

/// `POST /admin/setup/mail`; with `do=test` a mail goes out as well.
pub async fn save_mail(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let words = words_of(&request, &app);
    let own = |field: &&str| {
        let value = posted.get(field).trim().to_owned();
        ((*field).to_owned(), Value::String(value))
    };
    let mut wishes = Wishes::default();
    wishes.shop.extend(FIELDS.iter().map(own));
    let wrong_at = |id: &str| Wrong {
        id: id.to_owned(),
        text: words.setup_bad_mail().to_owned(),
    };
    let from = posted.get("mail_from").trim();
    let kept = from == app.live().settings.mail_from;
    let mut wrong = Vec::new();
    if !kept && !is_sender(from) {
        wrong.push(wrong_at("mail_from"));
    }
    if check_email(posted.get("admin_email")).is_err() {
        wrong.push(wrong_at("admin_email"));
    }
    if !wrong.is_empty() {
        return show(&request, &app, &signed, &posted.form, wrong).await;
    }
    let line = ("settings.save", ("settings", "shop"));
    match configure(&app, &signed, &wishes, line, words.setup_moved()).await {
        Ok(()) => {}
        Err(Refused::Wrong(found)) => {
            let ids = found.iter().map(|(key, _)| key.trim_start_matches("shop."));
            let wrong = ids.map(wrong_at).collect();
            return show(&request, &app, &signed, &posted.form, wrong).await;
        }
        Err(Refused::Store(error)) => return failure::store(&request, &app, &error),
    }
    if posted.get("do") != "test" {
        return done(&app, Step::Mail.next(), words.goods_saved());
    }
    if !app.asked_lately.pass("setup mail", app.clock.now()) {
        return done(&app, Step::Mail.url(), words.setup_mail_wait());
    }
    let now = app.clock.now();
    let id = OutboxId::new(now, &*app.random);
    let promise = NewPromise {
        dedupe: format!("setup.mail/{id}"),
        kind: Way::Mail,
        topic: Topic::AdminAlert,
        order_id: None,
        payload: json!({
            "kind": "setup_mail",
            "severity": "info",
            "body": words.setup_mail_body(),
        }),
        id,
        now,
    };
    let line = signed.entry(&app, "mail.test", ("mail", promise.id.as_str()));
    let written = app.store.write(move |db| -> Result<(), StoreError> {
        outbox::enqueue(db, &promise)?;
        line.write(db)
    });
    match written.await {
        Ok(()) => done(&app, Step::Mail.url(), words.setup_mail_queued()),
        Err(error) => failure::store(&request, &app, &error),
    }
}

/// An address, with or without a name before it: `Shop <shop@example.com>`.
fn is_sender(text: &str) -> bool {
    let Some((name, rest)) = text.split_once('<') else {
        return check_email(text).is_ok();
    };
    let plain = |c: char| !c.is_control() && !r#"<>@,;:"()[]\."#.contains(c);
    let address = rest.strip_suffix('>');
    name.chars().all(plain) && address.is_some_and(|address| check_email(address).is_ok())
}

#[cfg(test)]
mod tests {
    use super::is_sender;

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for right in ["shop@example.com", "云栈 <shop@example.com>", "<a@b.cn>"] {
            assert!(is_sender(right), "{right}");
        }
        for wrong in [
            "",
            "shop",
            "x <shop>",
            "x <a@b.cn> y",
            "a\r\nBcc: x <a@b.cn>",
            "\"a <a@b.cn>",
        ] {
            assert!(!is_sender(wrong), "{wrong}");
        }
    }
}
