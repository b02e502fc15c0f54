//! epay V1: `submit.php`, `mapi.php` and `api.php`, MD5 over creates, the key in clear over
//! the rest, unsigned answers.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::super::acts::{Caller, Done, Which};
use super::super::answer::{Answer, Fault, Seen};
use super::super::book::Refunded;
use super::super::gateway::Gateway;
use super::super::keys::{self, Known};
use super::super::model::{Api, Payment, PaymentState, RefundState};
use super::super::{Error, list};
use super::{Params, api_trade_no, beijing, browse, opened, order, spoilt, yuan};
use crate::money::{Currency, Minor};

type Said = Result<(Value, Option<Fault>), Error>;

/// Serves the three files.
pub(super) async fn serve(gateway: Data<Gateway>, req: HttpRequest, body: Bytes) -> HttpResponse {
    let gateway = gateway.into_inner();
    let query = Params::parse(req.query_string().as_bytes());
    // One source only: a form is never mixed with the query, but for `act`.
    let params = match (req.method(), body.is_empty()) {
        (&Method::POST, false) => Params::parse(&body),
        _ => Params::parse(req.query_string().as_bytes()),
    };
    let act = match query.get("act") {
        "" => params.get("act").to_owned(),
        act => act.to_owned(),
    };
    let file = req.path().rsplit('/').next().unwrap_or_default();
    let kind = match (file, act.as_str()) {
        ("submit.php", _) => "submit",
        ("mapi.php", _) => "create",
        (_, "order") => "query",
        (_, "orders") => "orders",
        (_, "refund") => "refund",
        _ => "account",
    };
    let mut seen = Seen::new(kind, params.for_log());
    seen.about(params.get("pid"), params.get("out_trade_no"));
    let answer = match kind {
        "submit" => submit(&gateway, &params).await,
        "create" => mapi(&gateway, &params).await.map(written),
        _ => api(&gateway, kind, &req, &params).await.map(written),
    };
    match answer {
        Ok((answer, fault)) => gateway.reply(&req, seen, answer, fault).await,
        Err(error) => {
            tracing::error!(%error, "sandbox: call failed");
            gateway.reply(&req, seen, Answer::broken(), None).await
        }
    }
}

fn written((body, fault): (Value, Option<Fault>)) -> (Answer, Option<Fault>) {
    (Answer::json(200, &body), fault)
}

fn no(why: &str) -> Value {
    json!({ "code": -1, "msg": why })
}

/// The merchant of a create, whose signature must fit.
async fn signer(gateway: &Gateway, params: &Params) -> Result<Result<(), &'static str>, Error> {
    let Some(known) = merchant(gateway, params).await? else {
        return Ok(Err("商户ID(pid)不存在"));
    };
    if params.repeats_a_name() {
        return Ok(Err("参数重复"));
    }
    let key = known.merchant.md5_key.as_deref().unwrap_or_default();
    let sign = keys::md5_hex(&params.signed(), key);
    let md5 = params.get("sign_type") == "MD5";
    let fits = md5 && keys::same(&sign, &params.get("sign").to_ascii_lowercase());
    Ok(if fits {
        Ok(())
    } else {
        Err("签名校验失败")
    })
}

async fn merchant(gateway: &Gateway, params: &Params) -> Result<Option<Arc<Known>>, Error> {
    let known = gateway.merchant(params.get("pid")).await?;
    Ok(known.filter(|known| known.merchant.md5_key.is_some()))
}

async fn made(
    gateway: &Arc<Gateway>,
    params: &Params,
    server_side: bool,
) -> Result<(Result<Payment, &'static str>, Option<Fault>), Error> {
    if let Err(why) = signer(gateway, params).await? {
        return Ok((Err(why), None));
    }
    match order(gateway, Api::EpayV1, params, server_side) {
        Err(why) => Ok((Err(why), None)),
        Ok(new) => {
            let (done, fault) = gateway.open(None, new).await?;
            Ok((opened(done), fault))
        }
    }
}

async fn submit(gateway: &Arc<Gateway>, params: &Params) -> Result<(Answer, Option<Fault>), Error> {
    let (payment, fault) = made(gateway, params, false).await?;
    Ok((browse(gateway, payment), fault))
}

async fn mapi(gateway: &Arc<Gateway>, params: &Params) -> Said {
    let (payment, fault) = made(gateway, params, true).await?;
    let body = match payment {
        Ok(payment) => json!({
            "code": 1,
            "msg": "success",
            "trade_no": payment.trade_no,
            "payurl": gateway.pay_url(&payment),
        }),
        Err(why) => no(why),
    };
    Ok((body, fault))
}

async fn api(gateway: &Arc<Gateway>, kind: &str, req: &HttpRequest, params: &Params) -> Said {
    let Some(known) = merchant(gateway, params).await? else {
        return Ok((no("商户ID(pid)不存在"), None));
    };
    let key = known.merchant.md5_key.as_deref().unwrap_or_default();
    if !keys::same(key, params.get("key")) {
        return Ok((no("商户密钥(key)错误"), None));
    }
    let caller = Caller {
        merchant: known.merchant.id.clone(),
        nonce: None,
    };
    match (kind, params.which()) {
        ("query" | "refund", None) => Ok((no("订单号不能为空"), None)),
        ("query", Some(which)) => query(gateway, caller, which).await,
        ("refund", Some(_)) if req.method() != Method::POST => Ok((no("请使用POST请求"), None)),
        ("refund", Some(which)) => refund(gateway, caller, which, params).await,
        ("orders", _) => orders(gateway, caller, params).await,
        _ => Ok((
            json!({ "code": 1, "pid": pid(&caller.merchant), "active": 1 }),
            None,
        )),
    }
}

async fn query(gateway: &Arc<Gateway>, caller: Caller, which: Which) -> Said {
    let (found, fault) = gateway.query(caller, which).await?;
    let body = match found {
        Done::Yes(payment) => {
            let mut body = view(&payment);
            body["code"] = json!(1);
            body["msg"] = json!("succ");
            body
        }
        _ => no("订单号不存在"),
    };
    Ok((body, fault))
}

async fn refund(gateway: &Arc<Gateway>, caller: Caller, which: Which, params: &Params) -> Said {
    let Ok(Minor(amount @ 1..)) = Minor::parse(params.get("money"), Currency::CNY) else {
        return Ok((no("退款金额不合法"), None));
    };
    // V1 has no number of its own for refunds: each call is a new one, unless one is sent.
    let refund_no = match params.get("out_refund_no") {
        "" => gateway.number("V1"),
        no => no.to_owned(),
    };
    let (done, fault) = gateway
        .refund(caller, which, refund_no, Some(amount))
        .await?;
    let body = match done {
        Done::Yes((_, refunded)) => match refunded {
            Refunded::Made(refund) => match refund.state {
                RefundState::Done => json!({ "code": 1, "msg": "退款成功" }),
                RefundState::Pending => no("退款处理中"),
                RefundState::Failed => no("退款失败，商户余额不足"),
            },
            Refunded::NotPaid => no("订单未支付，无法退款"),
            Refunded::Exceeds => no("退款金额大于可退金额"),
            Refunded::NumberUsed => no("退款单号重复"),
        },
        Done::NotFound => no("订单号不存在"),
        Done::NonceUsed | Done::Refused | Done::Nothing => no(spoilt(fault)),
    };
    Ok((body, fault))
}

async fn orders(gateway: &Arc<Gateway>, caller: Caller, params: &Params) -> Said {
    let limit = params.get("limit").parse().unwrap_or(20).clamp(1, 50);
    let page: i64 = params.get("page").parse().unwrap_or(1).clamp(1, 1_000_000);
    let rows = list::page(gateway, caller.merchant, (page - 1) * limit, limit, None).await?;
    let data: Vec<Value> = rows.iter().map(view).collect();
    Ok((json!({ "code": 1, "msg": "succ", "data": data }), None))
}

fn view(payment: &Payment) -> Value {
    let paid = payment.state == PaymentState::Paid;
    json!({
        "trade_no": payment.trade_no,
        "out_trade_no": payment.merchant_no,
        "api_trade_no": if paid { api_trade_no(payment) } else { String::new() },
        "type": payment.method,
        "pid": pid(&payment.merchant),
        "addtime": beijing(payment.created_at),
        "endtime": payment.paid_at.map(beijing),
        "name": payment.subject,
        "money": yuan(payment.amount),
        "param": payment.param,
        "buyer": "",
        "status": if paid { "1" } else { "0" },
        "refundmoney": yuan(payment.refunded),
    })
}

/// Platforms print the pid as a number.
fn pid(merchant: &str) -> Value {
    merchant
        .parse::<u64>()
        .map_or_else(|_| json!(merchant), |pid| json!(pid))
}
