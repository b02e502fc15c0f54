//! The second step: the first account at a channel. What is typed is checked as a file is, by
//! opening the channel with it.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};

use super::step::{self, Form as Page, Refused, Step, configure, proof};
use crate::account;
use crate::app::App;
use crate::apply::{AccountWish, Wishes};
use crate::channel::{KINDS, Method};
use crate::ids::AccountId;
use crate::seal::Secret;
use crate::web::admin::gate::words_of;
use crate::web::admin::inputs::{Input, Inputs, Kind, Section as Part, Wrong};
use crate::web::admin::{Posted, SignedIn, done, prove};
use crate::web::failure;
use crate::web::form::Form;
use crate::web::visitor::query_value;
use crate::web::words::{Method as Named, Words};

/// The kind of channel a request is about; the first where it names none.
fn kind(request: &HttpRequest) -> usize {
    let asked = query_value(request, "kind").unwrap_or_default();
    let found = KINDS.iter().position(|kind| kind.name == asked);
    found.unwrap_or(0)
}

/// `GET /admin/setup/channel?kind=…`
pub async fn channel(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let kind = &KINDS[kind(&request)];
    let method = match kind.name {
        "wechat" => "method-wechat",
        _ => "method-alipay",
    };
    let pairs = [
        ("id".to_owned(), kind.name.to_owned()),
        ("base_url".to_owned(), kind.home.to_owned()),
        (method.to_owned(), "1".to_owned()),
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
    let rows = match app.store.read(account::store::all).await {
        Ok(rows) => rows,
        Err(error) => return failure::store(request, app, &error),
    };
    let (words, kind) = (words_of(request, app), &KINDS[kind(request)]);
    let input = Inputs {
        form,
        wrong: &wrong,
    };
    let methods = Method::ALL
        .iter()
        .filter(|method| **method != Method::Wallet);
    let method = |method: &Method| {
        let named = Named::parse(method.as_str());
        let name = named.map_or(method.as_str(), |named| named.name(words.lang()));
        input.tick(&format!("method-{method}"), name)
    };
    let mut credentials: Vec<Vec<_>> = kind
        .credentials
        .iter()
        .map(|key| match kind.name {
            "wechat" => vec![wechat(words, &input, key)],
            _ => vec![credential(words, &input, key)],
        })
        .collect();
    credentials.extend(
        proof(words, app, signed, &input)
            .into_iter()
            .map(|one| vec![one]),
    );
    let sections = vec![
        Part {
            id: "s-account",
            title: words.setup_account().to_owned(),
            rows: vec![vec![
                input
                    .code("id", words.setup_id(), 40)
                    .hint(words.setup_id_hint())
                    .needed(),
                input
                    .code("base_url", words.setup_url(), 300)
                    .hint(words.setup_url_hint())
                    .needed(),
            ]],
            ..Part::default()
        },
        Part {
            id: "s-methods",
            title: words.setup_methods().to_owned(),
            rows: vec![methods.map(method).collect()],
            ..Part::default()
        },
        Part {
            id: "s-credentials",
            title: words.setup_credentials().to_owned(),
            lead: words.setup_credentials_lead().to_owned(),
            rows: credentials,
            ..Part::default()
        },
    ];
    let tabs = KINDS.iter().map(|one| {
        let url = format!("{}?kind={}", Step::Channel.url(), one.name);
        (url, name_of(words, one.name), one.name == kind.name)
    });
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let page = Page {
        tabs: tabs.collect(),
        sections,
        wrong,
        query: format!("?kind={}", kind.name),
        note: (!ids.is_empty()).then(|| words.setup_accounts_there(&ids.join(", "))),
        also: None,
    };
    step::show(request, app, signed, Step::Channel, page)
}

fn name_of(words: Words, kind: &str) -> String {
    match kind {
        "epay" => words.setup_kind_epay().to_owned(),
        "alipay" => words.accounts_kind_alipay().to_owned(),
        "wechat" => words.wechat_kind().to_owned(),
        "sandbox" => words.setup_kind_sandbox().to_owned(),
        other => other.to_owned(),
    }
}

/// A credential: what is secret is never sent back to the browser.
fn credential(words: Words, input: &Inputs<'_>, key: &str) -> Input {
    match key {
        "version" => {
            let versions = [("v1", "V1 (MD5)"), ("v2", "V2 (RSA)")];
            input.choice(key, words.setup_version(), versions)
        }
        "pid" | "merchant" => input.code(key, words.setup_merchant(), 100),
        "merchant_private_key" => input
            .of(Kind::Source, key, words.setup_private_key())
            .hint(words.setup_only_v2()),
        "platform_public_key" => input
            .of(Kind::Source, key, words.setup_public_key())
            .hint(words.setup_only_v2()),
        _ => alipay(words, input, key)
            .unwrap_or_else(|| input.of(Kind::Secret, key, words.setup_key())),
    }
}

/// The credentials that only Alipay has, as its form in the console names them.
fn alipay(words: Words, input: &Inputs<'_>, key: &str) -> Option<Input> {
    let long = |label, hint| input.of(Kind::Source, key, label).hint(hint);
    Some(match key {
        "app_id" => input
            .code(key, words.accounts_cred_app_id(), 32)
            .hint(words.accounts_cred_app_id_hint()),
        "seller_id" => input
            .code(key, words.accounts_cred_seller_id(), 16)
            .hint(words.accounts_cred_seller_id_hint()),
        "product" => {
            let products = [
                ("web", words.accounts_product_web()),
                ("qr", words.accounts_product_qr()),
                ("qr_wap", words.accounts_product_qr_wap()),
            ];
            input
                .choice(key, words.accounts_cred_product(), products)
                .hint(words.accounts_cred_product_hint())
        }
        "app_private_key" => long(
            words.accounts_cred_app_private(),
            words.accounts_cred_app_private_hint(),
        ),
        "alipay_public_key" => long(
            words.accounts_cred_alipay_public(),
            words.accounts_cred_alipay_public_hint(),
        ),
        "app_cert" => long(
            words.accounts_cred_app_cert(),
            words.accounts_cred_app_cert_hint(),
        ),
        "alipay_cert" => long(
            words.accounts_cred_alipay_cert(),
            words.accounts_cred_alipay_cert_hint(),
        ),
        "alipay_root_cert" => long(
            words.accounts_cred_alipay_root(),
            words.accounts_cred_alipay_root_hint(),
        ),
        _ => return None,
    })
}

/// A credential of WeChat Pay, as its form in the console names it.
fn wechat(words: Words, input: &Inputs<'_>, key: &str) -> Input {
    let Some(known) = words.wechat_credential(key) else {
        return input.of(Kind::Secret, key, key);
    };
    let field = match key {
        "h5" => {
            let options = [
                ("", words.wechat_h5_default()),
                ("on", words.wechat_h5_on()),
                ("off", words.wechat_h5_off()),
            ];
            input.choice(key, known.label, options)
        }
        _ if known.long => input.of(Kind::Source, key, known.label),
        _ if known.open => input.code(key, known.label, 100),
        _ => input.of(Kind::Secret, key, known.label),
    };
    field.hint(known.hint)
}

/// `POST /admin/setup/channel?kind=…`: a new account that takes orders.
pub async fn add_channel(
    request: HttpRequest,
    app: web::Data<App>,
    signed: SignedIn,
    posted: Posted,
) -> HttpResponse {
    let (words, kind) = (words_of(&request, &app), &KINDS[kind(&request)]);
    // A private key that was typed does not go back into the page.
    let mut shown = posted.form.with_prefix("");
    let open =
        |key: &str| kind.name == "wechat" && words.wechat_credential(key).is_some_and(|c| c.open);
    let secret = kind
        .credentials
        .iter()
        .filter(|key| is_secret(key) && !open(key));
    for key in secret {
        shown.remove(*key);
    }
    let shown = Form::of(shown).unwrap_or_default();
    let mut wrong = Vec::new();
    let mut add = |id: &str, text: &str| {
        wrong.push(Wrong {
            id: id.to_owned(),
            text: text.to_owned(),
        });
    };
    match prove::proved(&app, &signed, &posted).await {
        Ok(true) => {}
        Ok(false) => add(prove::FIELD, words.proof_wrong()),
        Err(error) => return failure::store(&request, &app, &error),
    }
    let id: Option<AccountId> = posted.get("id").trim().parse().ok();
    match &id {
        None => add("id", words.setup_bad_id()),
        Some(id) if app.accounts.by_id(id).is_some() => add("id", words.goods_bad_taken()),
        Some(_) => {}
    }
    let methods: Vec<Method> = Method::ALL
        .iter()
        .filter(|method| !posted.get(&format!("method-{method}")).is_empty())
        .copied()
        .collect();
    if methods.is_empty() {
        add("method-alipay", words.setup_bad_methods());
    }
    let Some(id) = id.filter(|_| wrong.is_empty()) else {
        return show(&request, &app, &signed, &shown, wrong).await;
    };
    let base_url = posted.get("base_url").trim().trim_end_matches('/');
    let mut wishes = Wishes::default();
    wishes.accounts.push(AccountWish {
        at: "account".to_owned(),
        id: id.clone(),
        kind: Some(kind.name.to_owned()),
        state: None,
        methods: Some(methods),
        base_url: Some(base_url.to_owned()),
        fee: None,
        fixed: None,
        min_amount: None,
        max_amount: None,
        currency: None,
        priority: None,
        credentials: Some(credentials(kind.credentials, &posted)),
    });
    let line = ("account.create", ("account", id.as_str()));
    match configure(&app, &signed, &wishes, line, words.setup_moved()).await {
        Ok(()) => {
            let said = words.setup_account_added(id.as_str());
            done(&app, Step::Channel.next(), &said)
        }
        Err(Refused::Wrong(found)) => {
            let wrong = found.iter().map(|(key, reason)| told(words, key, reason));
            show(&request, &app, &signed, &shown, wrong.collect()).await
        }
        Err(Refused::Store(error)) => failure::store(&request, &app, &error),
    }
}

fn is_secret(key: &str) -> bool {
    !matches!(
        key,
        "version" | "pid" | "merchant" | "app_id" | "seller_id" | "product"
    )
}

fn credentials(keys: &[&'static str], posted: &Posted) -> BTreeMap<String, Secret> {
    let typed = keys.iter().map(|key| (*key, posted.get(key).trim()));
    typed
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key.to_owned(), Secret::new(value)))
        .collect()
}

/// What the channel or the check of the account said about one input.
fn told(words: Words, key: &str, reason: &str) -> Wrong {
    let id = key.rsplit('.').next().unwrap_or_default();
    let id = match id {
        "" | "kind" => "id",
        "methods" => "method-alipay",
        "credentials" => "key",
        id => id,
    };
    let text = match (id, reason) {
        (_, "is missing" | "is empty") => words.goods_bad_empty().to_owned(),
        ("base_url", _) => words.setup_bad_url().to_owned(),
        ("method-alipay", _) => words.setup_bad_method().to_owned(),
        ("currency", _) => words.setup_bad_currency().to_owned(),
        _ => words.setup_bad_credential(reason),
    };
    Wrong {
        id: if id == "currency" { "id" } else { id }.to_owned(),
        text,
    }
}
