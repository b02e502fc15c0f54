//! Cashier, result, lists and failures.

use super::shop::method;
use super::{HOSTILE, layout, stamp, t};
use crate::web::layout::{Noun, OrderFacts, Stamp};
use crate::web::pages::cashier::{CashierPage, CashierView, PayWay};
use crate::web::pages::failure::{Failure, FailurePage};
use crate::web::pages::lookup::{LookupNote, LookupPage};
use crate::web::pages::orders::OrderRow;
use crate::web::pages::request::{KindChoice, MessageView, RequestView, Requests};
use crate::web::pages::result::{Again, OrderState, RefundFact, ResultPage, Unit};
use crate::web::qr::qr_svg;
use crate::web::words::{Lang, Method, request_tag, state_tag};

pub fn facts(lang: Lang) -> OrderFacts {
    OrderFacts {
        order_no: "K7Q2-94MX-31".to_owned(),
        items: vec![t(
            lang,
            "笔记大师 Pro 终身授权码 × 1",
            "NoteMaster Pro lifetime licence × 1",
        )],
        email: Some("li***@example.com".to_owned()),
        amount: None,
        method: None,
        placed: None,
        paid: None,
        more: Vec::new(),
    }
}

pub fn cashier(lang: Lang) -> CashierPage {
    CashierPage {
        layout: layout(lang, lang.words().cashier_title(), "/o/K7Q2-94MX-31"),
        order_path: "/o/K7Q2-94MX-31".to_owned(),
        order_query: String::new(),
        amount: "¥29.90".to_owned(),
        deadline: Stamp::new("2026-11-22T08:01:00Z", "16:01"),
        seconds_left: 895,
        view: CashierView::Waiting,
        notice: None,
        attempt: "1".to_owned(),
        method: Some(Method::Alipay),
        pay: PayWay::Qr {
            qr: qr_svg("https://qr.alipay.example.com/bax0193k7q294mx31").unwrap(),
            url: Some("https://gateway.example.com/pay/1".to_owned()),
        },
        payee: Some(t(lang, "云栈数码", "Cloudstack Digital")),
        other_methods: vec![
            method(lang, Method::Wechat, true),
            method(lang, Method::Usdt, false),
        ],
        facts: facts(lang),
    }
}

pub fn result(lang: Lang, state: OrderState) -> ResultPage {
    let has_goods = matches!(
        state,
        OrderState::Delivered | OrderState::PartiallyDelivered
    );
    let waits = matches!(
        state,
        OrderState::PartiallyDelivered | OrderState::AwaitingStock
    );
    let refunds = matches!(state, OrderState::Refunding | OrderState::Refunded);
    let keys = [
        "NMPRO-7H2QX-4KD9M-WZ83T-PL6VC",
        "NMPRO-93KXA-QQ7M2-HT4WE-8ZRND",
    ];
    ResultPage {
        layout: layout(lang, "K7Q2-94MX-31", "/o/K7Q2-94MX-31"),
        order_path: "/o/K7Q2-94MX-31".to_owned(),
        order_query: String::new(),
        notice: (state == OrderState::Refunding).then(|| lang.words().auto_refund("¥29.90")),
        noun: Noun::Key,
        goods: if has_goods { keys.iter().map(|k| Unit { label: None, content: Some((*k).to_owned()) }).collect() } else { Vec::new() },
        goods_total: if has_goods { 2 } else { 0 },
        unopened: None,
        goods_before: 0,
        previous_url: None,
        next_url: None,
        missing: u64::from(waits),
        usage: has_goods.then(|| t(lang, "打开笔记大师 → 设置 → 授权，粘贴授权码即可激活。\n换电脑时，先在旧设备上停用。", "Open NoteMaster → Settings → Licence, paste the key, done.\nChanging computers? Deactivate the old one first.")),
        expected: waits.then(|| stamp(lang)),
        refund: refunds.then(|| RefundFact { amount: "¥29.90".to_owned(), route: t(lang, "支付宝原路退回", "Alipay, the way it came"), at: Some(stamp(lang)) }),
        again: Some(Again { action: "/p/notemaster".to_owned(), fields: vec![("update".to_owned(), "1".to_owned()), ("email".to_owned(), HOSTILE.to_owned())] }),
        requests: (!matches!(state, OrderState::Expired | OrderState::Cancelled)).then(|| requests(lang)),
        waited_minutes: 15,
        facts: OrderFacts { amount: Some("¥59.80".to_owned()), method: Some(Method::Alipay.name(lang).to_owned()), placed: Some(stamp(lang)), paid: (!matches!(state, OrderState::Expired | OrderState::Cancelled)).then(|| stamp(lang)), ..facts(lang) },
        state,
    }
}

fn requests(lang: Lang) -> Requests {
    let words = lang.words();
    let message = |staff, text: &str| MessageView {
        staff,
        by: match staff {
            true => words.message_by_seller(),
            false => words.message_by_you(),
        },
        at: stamp(lang),
        text: Some(text.to_owned()),
    };
    let thread = |id: &str, state: &str, open| RequestView {
        id: id.to_owned(),
        title: words.request_not_working(),
        state: request_tag(state, lang),
        open,
        messages: vec![message(false, HOSTILE), message(true, "…")],
        key: "00".repeat(16),
        typed: String::new(),
        error: None,
    };
    Requests {
        threads: vec![
            thread("r1", "answered", true),
            thread("r2", "closed", false),
        ],
        may_ask: true,
        kinds: vec![KindChoice {
            code: "refund",
            label: words.request_refund(),
            chosen: true,
        }],
        waits: false,
        key: "00".repeat(16),
        typed: HOSTILE.to_owned(),
        error: Some(words.err_message(2_000)),
    }
}

pub fn lookup(lang: Lang) -> LookupPage {
    let row = |state: &str| OrderRow {
        url: "/o/K7Q2-94MX-31".to_owned(),
        order_no: "K7Q2-94MX-31".to_owned(),
        item: t(
            lang,
            "笔记大师 Pro 终身授权码 × 1",
            "NoteMaster Pro lifetime licence × 1",
        ),
        amount: "¥29.90".to_owned(),
        placed: stamp(lang),
        state: state_tag(state, lang),
    };
    LookupPage {
        layout: layout(lang, lang.words().lookup_title(), "/orders"),
        order_no: String::new(),
        secret: String::new(),
        note: LookupNote::Nothing,
        recent: vec![
            row("delivered"),
            row("pending_payment"),
            row("awaiting_stock"),
            row("in_review"),
            row("expired"),
            row("failed"),
        ],
    }
}

pub fn failure(lang: Lang, failure: Failure) -> FailurePage {
    FailurePage {
        layout: layout(lang, failure.title(lang.words()), "/x"),
        failure,
        detail: None,
        retry_after: (failure == Failure::TooMany).then_some(30),
        request_id: "req-7H2QX4KD".to_owned(),
    }
}
