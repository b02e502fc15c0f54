//! `GET /admin/accounts`: all accounts, with how they do. There are never so many that a page
//! would not hold them.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::account::store::Health;
use crate::account::{self, Account, AccountState};
use crate::app::App;
use crate::money::{Minor, Money};
use crate::web::admin::{Asked, Frame, Section, SignedIn, SortLink};
use crate::web::failure;
use crate::web::layout::Stamp;
use crate::web::words::{Method, Tag, Words};

struct Row {
    id: String,
    kind: String,
    state: Tag,
    methods: String,
    currency: &'static str,
    fee: String,
    limits: String,
    priority: i32,
    last_notice: Option<Stamp>,
    last_paid: Option<Stamp>,
    open: i64,
}

#[derive(Template)]
#[template(path = "admin/accounts/list.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
    state: String,
    states: Vec<(&'static str, &'static str)>,
    filtered: bool,
    clear: String,
    by_priority: SortLink,
    by_name: SortLink,
}

/// What a kind of channel is called; one without a name is called by its code.
pub(super) fn kind_word(words: Words, kind: &str) -> String {
    match kind {
        "epay" => words.accounts_kind_epay().to_owned(),
        "alipay" => words.accounts_kind_alipay().to_owned(),
        "wechat" => words.wechat_kind().to_owned(),
        "sandbox" => words.accounts_kind_sandbox().to_owned(),
        other => other.to_owned(),
    }
}

/// The names of methods, preferred first.
pub(super) fn methods_of(words: Words, account: &Account) -> String {
    let names = account.facts.methods.iter().map(|method| {
        Method::parse(method.as_str()).map_or(method.as_str(), |known| known.name(words.lang()))
    });
    let names: Vec<&str> = names.collect();
    names.join(" · ")
}

/// What the channel keeps of a payment.
pub(super) fn fee_of(account: &Account) -> String {
    let facts = &account.facts;
    let percent = format!("{}%", facts.fee.percent());
    match facts.fixed == Minor::ZERO {
        true => percent,
        false => {
            let fixed = Money::new(facts.fixed, facts.currency).display();
            format!("{percent} + {fixed}")
        }
    }
}

/// The smallest and the largest payment.
pub(super) fn limits_of(words: Words, account: &Account) -> String {
    let facts = &account.facts;
    let told = |amount: Minor| Money::new(amount, facts.currency).display();
    match (facts.min_amount, facts.max_amount) {
        (None, None) => words.accounts_no_limit().to_owned(),
        (Some(min), None) => words.accounts_from(&told(min)),
        (None, Some(max)) => words.accounts_up_to(&told(max)),
        (Some(min), Some(max)) => words.accounts_between(&told(min), &told(max)),
    }
}

/// `GET /admin/accounts`
pub async fn list(request: HttpRequest, app: web::Data<App>, signed: SignedIn) -> HttpResponse {
    let asked = Asked::of(request.path(), request.query_string());
    let frame = Frame::of(
        &request,
        &app,
        &signed,
        Section::Accounts,
        Words::admin_accounts,
    );
    let words = frame.w();
    let order = asked.order(&["priority", "name"], false);
    let state = AccountState::parse(asked.get("state"));
    let mut accounts: Vec<_> = app.accounts.all().to_vec();
    accounts.retain(|account| state.is_none_or(|state| account.facts.state == state));
    accounts.sort_by(|a, b| {
        let (a, b) = (&a.facts, &b.facts);
        match order.0 {
            "name" => a.id.cmp(&b.id),
            _ => a.priority.cmp(&b.priority).then(a.id.cmp(&b.id)),
        }
    });
    if order.1 {
        accounts.reverse();
    }
    let ids: Vec<_> = accounts.iter().map(|a| a.facts.id.clone()).collect();
    let health = app
        .store
        .read(move |db| {
            let each = ids.iter().map(|id| account::store::health(db, id));
            each.collect::<Result<Vec<Health>, _>>()
        })
        .await;
    let health = match health {
        Ok(health) => health,
        Err(error) => return failure::store(&request, &app, &error),
    };
    let rows = accounts.iter().zip(health).map(|(account, health)| Row {
        id: account.facts.id.to_string(),
        kind: kind_word(words, &account.facts.kind),
        state: words.account_tag(account),
        methods: methods_of(words, account),
        currency: account.facts.currency.code(),
        fee: fee_of(account),
        limits: limits_of(words, account),
        priority: account.facts.priority,
        last_notice: health.last_notice.map(|at| frame.time(at)),
        last_paid: health.last_paid.map(|at| frame.time(at)),
        open: health.open,
    });
    let page = ListPage {
        rows: rows.collect(),
        state: asked.get("state").to_owned(),
        states: AccountState::ALL
            .iter()
            .map(|state| (state.as_str(), words.account_state(*state)))
            .collect(),
        filtered: asked.filtered(&["state"]),
        clear: asked.bare().to_owned(),
        by_priority: asked.sort_link("priority", order),
        by_name: asked.sort_link("name", order),
        frame,
    };
    page.frame.show(&request, &app, &page)
}
