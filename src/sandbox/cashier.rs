//! The page a buyer sees: one form, three buttons, no script.

use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use url::form_urlencoded;

use super::acts::Which;
use super::answer::{Answer, Seen};
use super::gateway::Gateway;
use super::model::{Api, NoticeStatus, Payment, PaymentState};
use super::{Error, book, epay};
use crate::money::{Currency, Minor, Money};

const CSS: &str = include_str!("cashier.css");
const CSS_PATH: &str = "/assets/cashier.css";
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// The words of the page.
struct Words {
    title: &'static str,
    test: &'static str,
    merchant: &'static str,
    order: &'static str,
    trade: &'static str,
    method: &'static str,
    pay: &'static str,
    decline: &'static str,
    cancel: &'static str,
    hint: &'static str,
    paid: &'static str,
    closed: &'static str,
    declined: &'static str,
    cancelled: &'static str,
    back: &'static str,
}

const EN: Words = Words {
    title: "Sandbox cashier",
    test: "Test money",
    merchant: "Merchant",
    order: "Order number",
    trade: "Payment number",
    method: "Method",
    pay: "Pay",
    decline: "Let the bank decline",
    cancel: "Cancel",
    hint: "No real money moves on this page. Choose how the payment ends.",
    paid: "Payment received",
    closed: "This payment is closed",
    declined: "The bank declined. You can try again.",
    cancelled: "You cancelled. You can still pay.",
    back: "Back to the shop",
};

const ZH: Words = Words {
    title: "沙箱收银台",
    test: "测试资金",
    merchant: "商户",
    order: "商户订单号",
    trade: "支付单号",
    method: "支付方式",
    pay: "支付",
    decline: "模拟银行拒绝",
    cancel: "取消支付",
    hint: "此页面不会产生真实扣款，请选择支付结果。",
    paid: "支付成功",
    closed: "该支付已关闭",
    declined: "银行拒绝了这笔支付，可以重试。",
    cancelled: "已取消，仍可继续支付。",
    back: "返回商店",
};

enum Shown {
    Waiting,
    Paid,
    Closed,
}

#[derive(Template)]
#[template(path = "sandbox/pay.html")]
struct Page<'a> {
    lang: &'static str,
    t: &'static Words,
    css: &'static str,
    action: String,
    subject: &'a str,
    amount: String,
    merchant: &'a str,
    merchant_no: &'a str,
    trade_no: &'a str,
    method: &'a str,
    shown: Shown,
    note: Option<&'static str>,
    back: Option<String>,
}

/// The page's own sheet.
pub(super) async fn css() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header(("cache-control", "public, max-age=3600"))
        .insert_header(("x-content-type-options", "nosniff"))
        .body(CSS)
}

/// Shows a payment.
pub(super) async fn show(
    gateway: Data<Gateway>,
    req: HttpRequest,
    trade_no: Path<String>,
) -> HttpResponse {
    let gateway = gateway.into_inner();
    let mut seen = Seen::new("page", req.query_string().to_owned());
    let found = find(&gateway, trade_no.into_inner()).await;
    if let Ok(Some(payment)) = &found {
        seen.about(&payment.merchant, &payment.merchant_no);
    }
    let answer = match found {
        Ok(Some(payment)) => page(&gateway, &req, &payment).await,
        Ok(None) => Ok(html(
            404,
            "<!doctype html><title>404</title><p>没有这笔支付 · no such payment\n".to_owned(),
        )),
        Err(error) => Err(error),
    };
    let answer = answer.unwrap_or_else(|error| {
        tracing::error!(%error, "sandbox: page failed");
        Answer::broken()
    });
    gateway.reply(&req, seen, answer, None).await
}

/// The buyer pressed a button.
pub(super) async fn press(
    gateway: Data<Gateway>,
    req: HttpRequest,
    trade_no: Path<String>,
    body: Bytes,
) -> HttpResponse {
    let gateway = gateway.into_inner();
    let mut seen = Seen::new("press", String::from_utf8_lossy(&body).into_owned());
    let trade_no = trade_no.into_inner();
    let outcome = form_urlencoded::parse(&body).find(|(name, _)| name == "outcome");
    let outcome = outcome
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default();
    if let Ok(Some(payment)) = find(&gateway, trade_no.clone()).await {
        seen.about(&payment.merchant, &payment.merchant_no);
    }
    let done = match outcome.as_str() {
        "pay" => gateway
            .pay(None, Which::TradeNo(trade_no.clone()), false)
            .await
            .map(|_| "pay"),
        "decline" => {
            let told = gateway
                .not_paid(trade_no.clone(), NoticeStatus::Failed)
                .await;
            told.map(|()| "decline")
        }
        "cancel" => {
            let told = gateway
                .not_paid(trade_no.clone(), NoticeStatus::Closed)
                .await;
            told.map(|()| "cancel")
        }
        _ => Ok("none"),
    };
    let answer = match done {
        Ok(done) => {
            let mut answer = html(303, String::new());
            // Percent signs and slashes of a made-up number stay what they are.
            let segment: String = form_urlencoded::byte_serialize(trade_no.as_bytes()).collect();
            answer.headers.push((
                "location",
                format!("{}/pay/{segment}?outcome={done}", gateway.base),
            ));
            answer
        }
        Err(error) => {
            tracing::error!(%error, "sandbox: payment failed");
            Answer::broken()
        }
    };
    gateway.reply(&req, seen, answer, None).await
}

async fn find(gateway: &Gateway, trade_no: String) -> Result<Option<Payment>, Error> {
    let now = gateway.now();
    gateway
        .db
        .run(move |conn| book::by_trade_no(conn, &trade_no, now))
        .await
}

async fn page(gateway: &Gateway, req: &HttpRequest, payment: &Payment) -> Result<Answer, Error> {
    let (lang, t) = if speaks_chinese(req) {
        ("zh", &ZH)
    } else {
        ("en", &EN)
    };
    let shown = match payment.state {
        PaymentState::Waiting => Shown::Waiting,
        PaymentState::Paid => Shown::Paid,
        PaymentState::Closed => Shown::Closed,
    };
    let note = match req.query_string() {
        "outcome=decline" => Some(t.declined),
        "outcome=cancel" => Some(t.cancelled),
        _ => None,
    };
    let amount = match payment.currency.parse::<Currency>() {
        Ok(currency) => Money::new(Minor(payment.amount), currency).display(),
        Err(_) => format!("{} {}", payment.currency, payment.amount),
    };
    let page = Page {
        lang,
        t,
        css: CSS_PATH,
        action: format!("/pay/{}", payment.trade_no),
        subject: &payment.subject,
        amount,
        merchant: &payment.merchant,
        merchant_no: &payment.merchant_no,
        trade_no: &payment.trade_no,
        method: &payment.method,
        shown,
        note,
        back: back(gateway, payment).await?,
    };
    let body = page.render().map_err(|e| Error::Page(e.to_string()))?;
    let mut answer = html(200, body);
    answer.headers.extend([
        ("content-security-policy", POLICY.to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("referrer-policy", "no-referrer".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
        ("vary", "accept-language".to_owned()),
    ]);
    Ok(answer)
}

/// The way back to the shop. A paid epay payment brings the signed values along; the own
/// protocol brings two numbers, which are a hint and no proof.
async fn back(gateway: &Gateway, payment: &Payment) -> Result<Option<String>, Error> {
    if payment.return_url.is_empty() {
        return Ok(None);
    }
    let query = match (payment.api, payment.state) {
        (Api::Own, _) => form_urlencoded::Serializer::new(String::new())
            .append_pair("merchant_no", &payment.merchant_no)
            .append_pair("trade_no", &payment.trade_no)
            .finish(),
        (Api::EpayV1 | Api::EpayV2, PaymentState::Paid) => {
            match gateway.merchant(&payment.merchant).await? {
                Some(known) => epay::notice_query(gateway, &known, NoticeStatus::Paid, payment)?,
                None => return Ok(Some(payment.return_url.clone())),
            }
        }
        (Api::EpayV1 | Api::EpayV2, _) => return Ok(Some(payment.return_url.clone())),
    };
    Ok(Some(epay::with_query(&payment.return_url, &query)))
}

fn html(status: u16, body: String) -> Answer {
    Answer {
        status,
        content_type: "text/html; charset=utf-8",
        headers: Vec::new(),
        body,
    }
}

/// Whether Chinese stands before English in what the browser accepts.
fn speaks_chinese(req: &HttpRequest) -> bool {
    let accepts = req
        .headers()
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    accepts
        .unwrap_or_default()
        .split(',')
        .map(|tag| tag.trim().to_ascii_lowercase())
        .find(|tag| tag.starts_with("zh") || tag.starts_with("en"))
        .is_some_and(|tag| tag.starts_with("zh"))
}
