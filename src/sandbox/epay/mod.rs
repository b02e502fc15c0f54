//! epay as the platform's side speaks it: V1 signed with MD5, V2 with RSA. Both share the
//! string that is signed, the fields of an order and the notice; they differ in paths, codes
//! and signatures.

mod v1;
mod v2;

use actix_web::web::{self, ServiceConfig};
use chrono::{DateTime, FixedOffset};
use url::form_urlencoded;

use super::acts::{Opened, Which};
use super::answer::{Answer, Fault};
use super::gateway::Gateway;
use super::keys::{self, Known};
use super::model::{Api, NewPayment, NoticeStatus, Payment, PaymentState};
use super::{Error, web_address};
use crate::clock::Millis;
use crate::money::{Currency, Minor};

/// Longest `name` a platform keeps, in bytes.
const NAME: usize = 127;

/// The paths of both versions.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/epay/submit.php", web::to(v1::serve))
        .route("/epay/mapi.php", web::post().to(v1::serve))
        .route("/epay/api.php", web::to(v1::serve))
        .route("/epay/api/pay/submit", web::to(v2::serve))
        .route("/epay/api/pay/{call}", web::post().to(v2::serve))
        .route("/epay/api/merchant/{call}", web::post().to(v2::serve));
}

/// Named values in the order they came.
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a query or a form.
    pub(super) fn parse(text: &[u8]) -> Params {
        Params(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The value of a name; absent and empty are the same.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    fn repeats_a_name(&self) -> bool {
        let names = || self.0.iter().map(|(name, _)| name);
        names()
            .enumerate()
            .any(|(at, name)| names().skip(at + 1).any(|n| n == name))
    }

    /// The string that is signed.
    pub(super) fn signed(&self) -> String {
        signed(
            self.0
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
    }

    /// As text for the log; the key, which V1 sends in clear, is not told.
    fn for_log(&self) -> String {
        let told = |(name, value): &(String, String)| match name.as_str() {
            "key" => "key=…".to_owned(),
            _ => format!("{name}={value}"),
        };
        self.0.iter().map(told).collect::<Vec<_>>().join("&")
    }

    fn which(&self) -> Option<Which> {
        match (self.get("trade_no"), self.get("out_trade_no")) {
            ("", "") => None,
            ("", no) => Some(Which::MerchantNo(no.to_owned())),
            (no, _) => Some(Which::TradeNo(no.to_owned())),
        }
    }
}

/// Everything but the signature and empty values, sorted by name, `k=v` joined by `&`.
fn signed<'a>(params: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut kept: Vec<_> = params
        .filter(|(name, value)| !matches!(*name, "sign" | "sign_type") && !value.is_empty())
        .collect();
    kept.sort_unstable();
    let pairs: Vec<String> = kept
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// Reads the order in a create: the payment to make, or why not.
fn order(
    gateway: &Gateway,
    api: Api,
    params: &Params,
    server_side: bool,
) -> Result<NewPayment, &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-|".contains(c);
    let no = params.get("out_trade_no");
    if no.is_empty() || no.len() > 64 || !no.chars().all(plain) {
        return Err("商户订单号(out_trade_no)格式不正确");
    }
    let amount = match Minor::parse(params.get("money"), Currency::CNY) {
        Ok(Minor(amount)) if (1..=10_000_000_000).contains(&amount) => amount,
        _ => return Err("订单金额(money)不合法"),
    };
    let return_url = params.get("return_url");
    if !web_address(params.get("notify_url")) {
        return Err("通知地址(notify_url)不正确");
    }
    if !return_url.is_empty() && !web_address(return_url) {
        return Err("跳转地址(return_url)不正确");
    }
    if params.get("name").is_empty() {
        return Err("商品名称(name)不能为空");
    }
    if server_side && (params.get("type").is_empty() || params.get("clientip").is_empty()) {
        return Err("支付方式(type)和用户IP(clientip)不能为空");
    }
    let name = params.get("name");
    Ok(NewPayment {
        trade_no: gateway.number("SB"),
        merchant: params.get("pid").to_owned(),
        merchant_no: no.to_owned(),
        api,
        amount,
        currency: Currency::CNY.code().to_owned(),
        method: params.get("type").to_owned(),
        subject: name[..name.floor_char_boundary(NAME)].to_owned(),
        notify_url: params.get("notify_url").to_owned(),
        return_url: return_url.to_owned(),
        param: params.get("param").to_owned(),
        state: PaymentState::Waiting,
        created_at: gateway.now(),
        expires_at: None,
    })
}

/// The payment of a create, or why there is none. A number may be sent again while unpaid.
fn opened(opened: Opened) -> Result<Payment, &'static str> {
    match opened {
        Opened::New(payment) => Ok(payment),
        Opened::Same(payment) => match payment.state {
            PaymentState::Waiting => Ok(payment),
            PaymentState::Paid => Err("该订单已支付，请勿重复提交"),
            PaymentState::Closed => Err("该订单已关闭，订单号重复"),
        },
        Opened::OtherAmount => Err("订单号重复，金额与原订单不一致"),
        Opened::Refused => Err("支付通道限额，暂不可用"),
        Opened::NonceUsed | Opened::Nothing => Err("系统繁忙"),
    }
}

/// Where the browser goes after a submit, or a page that says why not.
fn browse(gateway: &Gateway, made: Result<Payment, &'static str>) -> Answer {
    match made {
        Ok(payment) => {
            let url = gateway.pay_url(&payment);
            Answer {
                status: 302,
                content_type: "text/html; charset=utf-8",
                headers: vec![("location", url)],
                body: String::new(),
            }
        }
        Err(why) => Answer {
            status: 200,
            content_type: "text/html; charset=utf-8",
            headers: Vec::new(),
            body: format!(
                "<!doctype html><meta charset=utf-8><title>站点提示信息</title><p>{why}\n"
            ),
        },
    }
}

/// The signed query that tells of a payment: to the shop, and to the buyer's browser on the
/// way back.
pub(super) fn notice_query(
    gateway: &Gateway,
    known: &Known,
    status: NoticeStatus,
    payment: &Payment,
) -> Result<String, Error> {
    let trade_status = match status {
        NoticeStatus::Paid => "TRADE_SUCCESS",
        NoticeStatus::Closed => "TRADE_CLOSED",
        NoticeStatus::Failed => "TRADE_FAILED",
        NoticeStatus::Waiting => "WAIT_BUYER_PAY",
    };
    let mut params: Vec<(&str, String)> = vec![
        ("pid", payment.merchant.clone()),
        ("trade_no", payment.trade_no.clone()),
        ("out_trade_no", payment.merchant_no.clone()),
        ("type", payment.method.clone()),
        ("name", payment.subject.clone()),
        ("money", yuan(payment.amount)),
        ("trade_status", trade_status.to_owned()),
        ("param", payment.param.clone()),
    ];
    if payment.api == Api::EpayV2 {
        params.extend([
            ("addtime", beijing(payment.created_at)),
            ("endtime", payment.paid_at.map(beijing).unwrap_or_default()),
            ("buyer", String::new()),
            ("api_trade_no", api_trade_no(payment)),
            ("timestamp", (gateway.now() / 1_000).to_string()),
        ]);
    }
    let text = signed(params.iter().map(|(name, value)| (*name, value.as_str())));
    let missing = || Error::Merchant(format!("{}: no key to sign with", payment.merchant));
    let (sign, sign_type) = match payment.api {
        Api::EpayV2 => {
            let key = known.private.as_ref().ok_or_else(missing)?;
            (keys::rsa_sign(key, &text, &gateway.random), "RSA")
        }
        Api::EpayV1 | Api::Own => {
            let key = known.merchant.md5_key.as_deref().ok_or_else(missing)?;
            (keys::md5_hex(&text, key), "MD5")
        }
    };
    params.extend([("sign", sign), ("sign_type", sign_type.to_owned())]);
    Ok(form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params)
        .finish())
}

/// An address with a query put behind it, whether or not it has one.
pub(super) fn with_query(url: &str, query: &str) -> String {
    let (url, fragment) = url
        .split_once('#')
        .map_or((url, ""), |(url, rest)| (url, rest));
    let glue = if url.contains('?') { '&' } else { '?' };
    let hash = if fragment.is_empty() { "" } else { "#" };
    format!("{url}{glue}{query}{hash}{fragment}")
}

fn yuan(amount: i64) -> String {
    Minor(amount).decimal(Currency::CNY)
}

/// What the bank behind the platform would call the payment.
fn api_trade_no(payment: &Payment) -> String {
    format!("BANK{}", payment.trade_no)
}

/// Platforms tell times of Beijing, without a zone.
fn beijing(at: Millis) -> String {
    let zone = FixedOffset::east_opt(8 * 3_600);
    let at = DateTime::from_timestamp_millis(at).unwrap_or_default();
    let local = zone.map(|zone| at.with_timezone(&zone).naive_local());
    local
        .unwrap_or(at.naive_utc())
        .format("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// A switch that keeps a call from doing anything needs some answer to spoil.
fn spoilt(fault: Option<Fault>) -> &'static str {
    if fault.is_some() {
        "系统繁忙"
    } else {
        "操作失败"
    }
}
