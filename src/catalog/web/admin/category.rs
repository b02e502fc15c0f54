//! The shelves of the shop: their names, their order, and taking an empty one away.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

use super::form::{Found, place, plain};
use super::{facts, told};
use crate::app::App;
use crate::catalog::lint::{self, Unsound};
use crate::catalog::save::{self, SaveError};
use crate::catalog::{self, Category};
use crate::clock::Millis;
use crate::ids::CategoryId;
use crate::store::{Db, StoreError};
use crate::web::admin::gate::words_of;
use crate::web::admin::inputs::{Inputs, Kind, Section as Part, Wrong};
use crate::web::admin::{Frame, Posted, Section, SignedIn, done, unsound};
use crate::web::failure;
use crate::web::form::Form;
use crate::web::words::Words;

const LIST: &str = "/admin/categories";

struct Row {
    id: String,
    slug: String,
    zh: String,
    en: String,
    position: i32,
    used: bool,
}

#[derive(Template)]
#[template(path = "admin/goods/categories.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
    sections: Vec<Part>,
    wrong: Vec<Wrong>,
}

#[derive(Template)]
#[template(path = "admin/goods/category.html")]
struct EditPage {
    frame: Frame,
    id: String,
    seen: Millis,
    used: bool,
    sections: Vec<Part>,
    wrong: Vec<Wrong>,
    moved: Option<Vec<told::Moved>>,
}

#[derive(Template)]
#[template(path = "admin/goods/remove_category.html")]
struct RemovePage {
    frame: Frame,
    id: String,
    name: String,
    refused: bool,
}

/// What was typed, and why it is shown again.
#[derive(Default)]
struct Typed {
    form: Option<Form>,
    found: Found,
    moved: bool,
}

type Shelves = (Vec<Category>, Vec<CategoryId>);

fn read(db: &mut Db) -> Result<Shelves, StoreError> {
    let all = catalog::store::categories(db)?;
    Ok((all, catalog::store::used_categories(db)?))
}

fn typed(row: &Category) -> Form {
    told::form_of(vec![
        ("name_zh".to_owned(), row.name_zh.clone()),
        ("name_en".to_owned(), row.name_en.clone()),
        ("slug".to_owned(), row.slug.clone()),
        ("position".to_owned(), row.position.to_string()),
    ])
}

fn parse(form: &Form, base: &Category) -> (Category, Found) {
    let (mut row, mut found) = (base.clone(), Found::new());
    let mut text = |id: &str, into: &mut String, check: &dyn Fn(&str) -> Result<(), Unsound>| {
        let typed = plain(form.get(id));
        match check(&typed) {
            Ok(()) => *into = typed,
            Err(reason) => found.push((id.to_owned(), reason)),
        }
    };
    let named = |text: &str| lint::name(text, lint::LABEL);
    text("name_zh", &mut row.name_zh, &named);
    text("name_en", &mut row.name_en, &named);
    text("slug", &mut row.slug, &lint::code);
    match place(form.get("position"), base.position) {
        Ok(place) => row.position = place,
        Err(reason) => found.push(("position".to_owned(), reason)),
    }
    (row, found)
}

fn sections(words: Words, title: &str, form: &Form, wrong: &[Wrong]) -> Vec<Part> {
    let input = Inputs { form, wrong };
    vec![Part {
        id: "s-category",
        title: title.to_owned(),
        rows: vec![
            vec![
                input
                    .line("name_zh", words.goods_name_zh(), lint::LABEL)
                    .needed(),
                input
                    .line("name_en", words.goods_name_en(), lint::LABEL)
                    .needed(),
            ],
            vec![
                input
                    .code("slug", words.goods_slug(), 80)
                    .hint(words.goods_slug_hint())
                    .needed(),
                input
                    .number("position", words.goods_position())
                    .hint(words.goods_position_hint()),
            ],
        ],
        ..Part::default()
    }]
}

fn told_all(words: Words, found: &Found) -> Vec<Wrong> {
    let told = |(id, reason): &(String, Unsound)| unsound::wrong(words, id, reason);
    found.iter().map(told).collect()
}

/// `GET /admin/categories`
pub async fn categories(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
) -> HttpResponse {
    match app.store.read(read).await {
        Ok(shelves) => show_list(&request, &app, &signed, shelves, Typed::default()),
        Err(error) => failure::store(&request, &app, &error),
    }
}

fn show_list(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    (all, used): Shelves,
    typed: Typed,
) -> HttpResponse {
    let title = Words::goods_categories;
    let frame = Frame::of(request, app, signed, Section::Products, title);
    let words = frame.w();
    let wrong = told_all(words, &typed.found);
    let form = typed.form.unwrap_or_default();
    let page = ListPage {
        sections: sections(words, words.goods_category_add(), &form, &wrong),
        rows: all
            .into_iter()
            .map(|row| Row {
                used: used.contains(&row.id),
                id: row.id.0,
                slug: row.slug,
                zh: row.name_zh,
                en: row.name_en,
                position: row.position,
            })
            .collect(),
        wrong,
        frame,
    };
    let status = match page.wrong.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page.frame.show_as(request, app, status, &page)
}

/// `POST /admin/categories`
pub async fn add_category(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let shelves = match app.store.read(read).await {
        Ok(shelves) => shelves,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let now = app.clock.now();
    let last = shelves.0.iter().map(|row| row.position).max();
    let base = Category {
        id: CategoryId::new(now, &*app.random),
        slug: String::new(),
        name_zh: String::new(),
        name_en: String::new(),
        position: last.map_or(0, |last| last.saturating_add(1)),
        changed_at: now,
    };
    let (row, found) = parse(&posted.form, &base);
    let again = |shelves: Shelves, found: Found| {
        let typed = Typed {
            form: Some(posted.form.clone()),
            found,
            moved: false,
        };
        show_list(&request, &app, &signed, shelves, typed)
    };
    if !found.is_empty() {
        return again(shelves, found);
    }
    let object = ("category", row.id.as_str());
    let is = facts::category(&row);
    let line = signed.changed(&app, "category.create", object, &json!({}), &is);
    let written = app.store.write(move |db| -> Result<(), SaveError> {
        save::category(db, &row, None)?;
        Ok(line.write(db)?)
    });
    match written.await {
        Ok(()) => done(&app, LIST, words_of(&request, &app).goods_saved()),
        Err(SaveError::Store(error)) => failure::store(&request, &app, &error),
        Err(_) => again(shelves, vec![("slug".to_owned(), Unsound::Taken)]),
    }
}

/// `POST /admin/categories/order`: a place for each.
pub async fn order_categories(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let (mut places, mut found) = (Vec::new(), Found::new());
    for (id, typed) in posted.form.with_prefix("place-") {
        match number_of(&typed) {
            Ok(place) => places.push((CategoryId(id), place)),
            Err(reason) => found.push((format!("place-{id}"), reason)),
        }
    }
    if !found.is_empty() {
        return match app.store.read(read).await {
            Ok(shelves) => {
                let typed = Typed {
                    found,
                    ..Typed::default()
                };
                show_list(&request, &app, &signed, shelves, typed)
            }
            Err(error) => failure::store(&request, &app, &error),
        };
    }
    let now = app.clock.now();
    let line = signed.entry(&app, "category.order", ("category", "all"));
    let written = app.store.write(move |db| -> Result<(), SaveError> {
        let moved = save::reorder(db, &places, now)?;
        let told = |rows: &mut dyn Iterator<Item = &Category>| {
            let pairs = rows.map(|row| (row.slug.clone(), json!(row.position)));
            serde_json::Value::Object(pairs.collect())
        };
        let was = told(&mut moved.iter().map(|(was, _)| was));
        let is = told(&mut moved.iter().map(|(_, is)| is));
        if !moved.is_empty() {
            line.clone().changed(&was, &is).write(db)?;
        }
        Ok(())
    });
    match written.await {
        Ok(()) => done(&app, LIST, words_of(&request, &app).goods_saved()),
        Err(SaveError::Store(error)) => failure::store(&request, &app, &error),
        Err(other) => failure::internal(&request, &app, &other),
    }
}

fn number_of(typed: &str) -> Result<i32, Unsound> {
    match typed.trim() {
        "" => Err(Unsound::Empty),
        typed => place(typed, 0),
    }
}

fn find((all, used): Shelves, id: &CategoryId) -> Option<(Category, bool)> {
    let row = all.into_iter().find(|row| row.id == *id)?;
    let used = used.contains(id);
    Some((row, used))
}

/// `GET /admin/categories/{id}`
pub async fn category(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
) -> HttpResponse {
    let id = CategoryId(id.into_inner());
    match app.store.read(read).await.map(|all| find(all, &id)) {
        Ok(Some(found)) => show(&request, &app, &signed, &found, Typed::default()),
        Ok(None) => failure::not_found(&request, &app),
        Err(error) => failure::store(&request, &app, &error),
    }
}

fn show(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    (row, used): &(Category, bool),
    typed: Typed,
) -> HttpResponse {
    let mut frame = Frame::of(
        request,
        app,
        signed,
        Section::Products,
        Words::goods_category,
    );
    frame.title = frame.pick(&row.name_zh, &row.name_en).to_owned();
    let words = frame.w();
    let wrong = told_all(words, &typed.found);
    let form = typed.form.unwrap_or_else(|| self::typed(row));
    let (yours, _) = parse(&form, row);
    let page = EditPage {
        id: row.id.to_string(),
        seen: row.changed_at,
        used: *used,
        sections: sections(words, words.goods_category(), &form, &wrong),
        moved: typed
            .moved
            .then(|| told::moved(words, &facts::category(row), &facts::category(&yours))),
        wrong,
        frame,
    };
    let status = match (page.moved.is_some(), page.wrong.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, true) => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

/// `POST /admin/categories/{id}`
pub async fn change_category(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
    posted: Posted,
) -> HttpResponse {
    let id = CategoryId(id.into_inner());
    let known = match app.store.read(read).await.map(|all| find(all, &id)) {
        Ok(Some(known)) => known,
        Ok(None) => return failure::not_found(&request, &app),
        Err(error) => return failure::store(&request, &app, &error),
    };
    let (mut row, found) = parse(&posted.form, &known.0);
    let again = |found: Found, moved: bool| {
        let typed = Typed {
            form: Some(posted.form.clone()),
            found,
            moved,
        };
        show(&request, &app, &signed, &known, typed)
    };
    let seen = known.0.changed_at;
    if posted.get("seen") != seen.to_string() {
        return again(found, true);
    }
    if !found.is_empty() {
        return again(found, false);
    }
    row.changed_at = save::changed_at(app.clock.now(), Some(seen));
    let (was, is) = (facts::category(&known.0), facts::category(&row));
    let object = ("category", id.as_str());
    let line = signed.changed(&app, "category.save", object, &was, &is);
    let written = app.store.write(move |db| -> Result<(), SaveError> {
        save::category(db, &row, Some(seen))?;
        Ok(line.write(db)?)
    });
    match written.await {
        Ok(()) => done(&app, LIST, words_of(&request, &app).goods_saved()),
        Err(SaveError::Taken) => again(vec![("slug".to_owned(), Unsound::Taken)], false),
        Err(SaveError::Store(error)) => failure::store(&request, &app, &error),
        Err(_) => again(Found::new(), true),
    }
}

/// `GET /admin/categories/{id}/remove`: what would be gone.
pub async fn ask_remove(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
) -> HttpResponse {
    let id = CategoryId(id.into_inner());
    match app.store.read(read).await.map(|all| find(all, &id)) {
        Ok(Some(found)) => show_remove(&request, &app, &signed, &found),
        Ok(None) => failure::not_found(&request, &app),
        Err(error) => failure::store(&request, &app, &error),
    }
}

fn show_remove(
    request: &HttpRequest,
    app: &App,
    signed: &SignedIn,
    (row, used): &(Category, bool),
) -> HttpResponse {
    let title = Words::goods_category_remove;
    let frame = Frame::of(request, app, signed, Section::Products, title);
    let page = RemovePage {
        id: row.id.to_string(),
        name: frame.pick(&row.name_zh, &row.name_en).to_owned(),
        refused: *used,
        frame,
    };
    let status = match used {
        true => StatusCode::CONFLICT,
        false => StatusCode::OK,
    };
    page.frame.show_as(request, app, status, &page)
}

/// `POST /admin/categories/{id}/remove`
pub async fn remove_category(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    id: web::Path<String>,
) -> HttpResponse {
    let id = CategoryId(id.into_inner());
    let known = match app.store.read(read).await.map(|all| find(all, &id)) {
        Ok(Some(known)) => known,
        Ok(None) => return failure::not_found(&request, &app),
        Err(error) => return failure::store(&request, &app, &error),
    };
    let line = signed.entry(&app, "category.remove", ("category", id.as_str()));
    let written = app.store.write(move |db| -> Result<(), SaveError> {
        let was = save::remove_category(db, &id)?;
        let line = line.clone().changed(&facts::category(&was), &json!({}));
        Ok(line.write(db)?)
    });
    match written.await {
        Ok(()) => done(&app, LIST, words_of(&request, &app).goods_removed()),
        Err(SaveError::Store(StoreError::NotFound)) => failure::not_found(&request, &app),
        Err(SaveError::Store(error)) => failure::store(&request, &app, &error),
        Err(_) => show_remove(&request, &app, &signed, &(known.0, true)),
    }
}
