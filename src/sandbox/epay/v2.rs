//! epay V2: forms signed by the shop with RSA, answers signed by the platform, code 0 for yes.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use super::super::acts::{Caller, Done, Which};
use super::super::answer::{Answer, Fault, Seen};
use super::super::book::Refunded;
use super::super::gateway::Gateway;
use super::super::keys::{self, Known};
use super::super::model::{Api, Payment, PaymentState, Refund, RefundState};
use super::super::{Error, list};
use super::{Params, api_trade_no, beijing, browse, opened, order, signed, spoilt, yuan};
use crate::money::{Currency, Minor};

/// How far a time stamp may be from ours, in seconds.
const WINDOW: u64 = 300;

type Said = Result<(Value, Option<Fault>), Error>;

/// Serves every call of this version.
pub(super) async fn serve(gateway: Data<Gateway>, req: HttpRequest, body: Bytes) -> HttpResponse {
    let gateway = gateway.into_inner();
    let params = match (req.method(), body.is_empty()) {
        (&Method::POST, false) => Params::parse(&body),
        _ => Params::parse(req.query_string().as_bytes()),
    };
    let kind = match req.path().trim_start_matches("/epay/api/") {
        "pay/submit" => "submit",
        "pay/create" => "create",
        "pay/query" => "query",
        "pay/refund" => "refund",
        "pay/refundquery" => "refund_query",
        "pay/close" => "close",
        "merchant/orders" => "orders",
        "merchant/info" => "account",
        _ => "unknown",
    };
    let mut seen = Seen::new(kind, params.for_log());
    seen.about(params.get("pid"), params.get("out_trade_no"));
    match answer(&gateway, kind, &params).await {
        Ok((answer, fault)) => gateway.reply(&req, seen, answer, fault).await,
        Err(error) => {
            tracing::error!(%error, "sandbox: call failed");
            gateway.reply(&req, seen, Answer::broken(), None).await
        }
    }
}

async fn answer(
    gateway: &Arc<Gateway>,
    kind: &str,
    params: &Params,
) -> Result<(Answer, Option<Fault>), Error> {
    let known = gateway.merchant(params.get("pid")).await?;
    let known = known.filter(|known| known.public.is_some() && known.private.is_some());
    let Some(known) = known else {
        let body = json!({ "code": -1, "msg": "商户ID(pid)不存在" });
        return Ok((Answer::json(200, &body), None));
    };
    let checked = check(gateway, &known, params);
    if kind == "submit" {
        let (payment, fault) = match checked {
            Ok(()) => made(gateway, params, false).await?,
            Err(why) => (Err(why), None),
        };
        return Ok((browse(gateway, payment), fault));
    }
    let (body, fault) = match checked {
        Ok(()) => call(gateway, kind, params).await?,
        Err(why) => (no(why), None),
    };
    Ok((Answer::json(200, &sealed(gateway, &known, body)), fault))
}

fn check(gateway: &Gateway, known: &Known, params: &Params) -> Result<(), &'static str> {
    if params.repeats_a_name() {
        return Err("参数重复");
    }
    if params.get("sign_type") != "RSA" {
        return Err("签名类型(sign_type)必须为RSA");
    }
    let fits = known
        .public
        .as_ref()
        .is_some_and(|key| keys::rsa_fits(key, &params.signed(), params.get("sign")));
    if !fits {
        return Err("签名校验失败");
    }
    let now = gateway.now() / 1_000;
    let recent = |at: i64| now.abs_diff(at) <= WINDOW;
    if !params.get("timestamp").parse().is_ok_and(recent) {
        return Err("时间戳(timestamp)已过期");
    }
    Ok(())
}

/// Puts time and signature to an answer: scalars only, numbers as printed.
fn sealed(gateway: &Gateway, known: &Known, mut body: Value) -> Value {
    body["timestamp"] = json!((gateway.now() / 1_000).to_string());
    let empty = Map::new();
    let scalars: Vec<(&str, String)> = body
        .as_object()
        .unwrap_or(&empty)
        .iter()
        .filter_map(|(name, value)| match value {
            Value::String(text) => Some((name.as_str(), text.clone())),
            Value::Number(number) => Some((name.as_str(), number.to_string())),
            _ => None,
        })
        .collect();
    let text = signed(scalars.iter().map(|(name, value)| (*name, value.as_str())));
    let key = known.private.as_ref();
    let sign = key.map(|key| keys::rsa_sign(key, &text, &gateway.random));
    body["sign"] = json!(sign.unwrap_or_default());
    body["sign_type"] = json!("RSA");
    body
}

fn no(why: &str) -> Value {
    json!({ "code": -1, "msg": why })
}

async fn made(
    gateway: &Arc<Gateway>,
    params: &Params,
    server_side: bool,
) -> Result<(Result<Payment, &'static str>, Option<Fault>), Error> {
    match order(gateway, Api::EpayV2, params, server_side) {
        Err(why) => Ok((Err(why), None)),
        Ok(new) => {
            let (done, fault) = gateway.open(None, new).await?;
            Ok((opened(done), fault))
        }
    }
}

async fn call(gateway: &Arc<Gateway>, kind: &str, params: &Params) -> Said {
    let caller = Caller {
        merchant: params.get("pid").to_owned(),
        nonce: None,
    };
    match (kind, params.which()) {
        ("create", _) => create(gateway, params).await,
        ("refund_query", _) => refund_query(gateway, caller, params).await,
        ("orders", _) => orders(gateway, caller, params).await,
        ("account", _) => Ok((
            json!({ "code": 0, "msg": "success", "pid": caller.merchant, "status": 1 }),
            None,
        )),
        ("query" | "refund" | "close", None) => Ok((no("订单号不能为空"), None)),
        ("query", Some(which)) => {
            let (found, fault) = gateway.query(caller, which).await?;
            Ok((told(found, fault, |payment| Ok(view(&payment))), fault))
        }
        ("close", Some(which)) => {
            let (found, fault) = gateway.close(caller, which).await?;
            let body = told(found, fault, |payment| match payment.state {
                PaymentState::Paid => Err("订单已支付，无法关闭"),
                _ => Ok(json!({})),
            });
            Ok((body, fault))
        }
        ("refund", Some(which)) => refund(gateway, caller, which, params).await,
        _ => Ok((no("接口不存在"), None)),
    }
}

async fn create(gateway: &Arc<Gateway>, params: &Params) -> Said {
    if params.get("method").is_empty() {
        return Ok((no("接口类型(method)不能为空"), None));
    }
    let (payment, fault) = made(gateway, params, true).await?;
    let body = match payment {
        Ok(payment) => json!({
            "code": 0,
            "msg": "success",
            "trade_no": payment.trade_no,
            "pay_type": "jump",
            "pay_info": gateway.pay_url(&payment),
        }),
        Err(why) => no(why),
    };
    Ok((body, fault))
}

async fn refund(gateway: &Arc<Gateway>, caller: Caller, which: Which, params: &Params) -> Said {
    let Ok(Minor(amount @ 1..)) = Minor::parse(params.get("money"), Currency::CNY) else {
        return Ok((no("退款金额不合法"), None));
    };
    let refund_no = match params.get("out_refund_no") {
        "" => gateway.number("V2"),
        no => no.to_owned(),
    };
    let (done, fault) = gateway
        .refund(caller, which, refund_no, Some(amount))
        .await?;
    let body = told(done, fault, |(payment, refunded)| match refunded {
        Refunded::Made(refund) => match refund.state {
            RefundState::Done => Ok(refund_view(&payment.trade_no, &refund)),
            RefundState::Pending => Err("退款处理中"),
            RefundState::Failed => Err("退款失败，商户余额不足"),
        },
        Refunded::NotPaid => Err("订单未支付，无法退款"),
        Refunded::Exceeds => Err("退款金额大于可退金额"),
        Refunded::NumberUsed => Err("退款单号重复"),
    });
    Ok((body, fault))
}

async fn refund_query(gateway: &Arc<Gateway>, caller: Caller, params: &Params) -> Said {
    let no_of = match params.get("refund_no") {
        "" => params.get("out_refund_no"),
        no => no,
    };
    let found = gateway.refund_query(caller, no_of.to_owned()).await?;
    let body = match found {
        Done::Yes(refund) if refund.state == RefundState::Pending => no("退款处理中"),
        Done::Yes(refund) => {
            let mut body = refund_view("", &refund);
            body["code"] = json!(0);
            body["msg"] = json!("success");
            body["status"] = json!(i32::from(refund.state == RefundState::Done));
            body
        }
        _ => no("退款订单不存在"),
    };
    Ok((body, None))
}

async fn orders(gateway: &Arc<Gateway>, caller: Caller, params: &Params) -> Said {
    let limit = params.get("limit").parse().unwrap_or(20).clamp(1, 50);
    let offset: i64 = params
        .get("offset")
        .parse()
        .unwrap_or(0)
        .clamp(0, 1_000_000_000);
    let paid = match params.get("status") {
        "" => None,
        status => Some(status != "0"),
    };
    let rows = list::page(gateway, caller.merchant, offset, limit, paid).await?;
    let data: Vec<Value> = rows.iter().map(view).collect();
    Ok((json!({ "code": 0, "msg": "success", "data": data }), None))
}

fn told<T>(
    done: Done<T>,
    fault: Option<Fault>,
    yes: impl FnOnce(T) -> Result<Value, &'static str>,
) -> Value {
    let said = match done {
        Done::Yes(found) => yes(found),
        Done::NotFound => Err("订单不存在"),
        Done::Refused => Err("支付通道不支持关闭订单"),
        Done::NonceUsed | Done::Nothing => Err(spoilt(fault)),
    };
    match said {
        Ok(mut body) => {
            body["code"] = json!(0);
            body["msg"] = json!("success");
            body
        }
        Err(why) => no(why),
    }
}

fn view(payment: &Payment) -> Value {
    let paid = payment.state == PaymentState::Paid;
    let status = match (paid, payment.refunded >= payment.amount) {
        (true, true) => 2,
        (true, false) => 1,
        (false, _) => 0,
    };
    json!({
        "trade_no": payment.trade_no,
        "out_trade_no": payment.merchant_no,
        "api_trade_no": paid.then(|| api_trade_no(payment)),
        "type": payment.method,
        "pid": payment.merchant,
        "addtime": beijing(payment.created_at),
        "endtime": payment.paid_at.map(beijing),
        "name": payment.subject,
        "money": yuan(payment.amount),
        "refundmoney": yuan(payment.refunded),
        "param": payment.param,
        "buyer": "",
        "status": status,
    })
}

fn refund_view(trade_no: &str, refund: &Refund) -> Value {
    json!({
        "refund_no": refund.channel_refund_no,
        "out_refund_no": refund.refund_no,
        "trade_no": trade_no,
        "money": yuan(refund.amount),
        "reducemoney": yuan(refund.amount),
    })
}
