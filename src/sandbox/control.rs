//! The control paths: how demos, tests and drills make merchants, turn switches, and look at
//! what the gateway saw. They exist on a loopback listener or with `--control` only.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::guard::GuardContext;
use actix_web::http::header::ORIGIN;
use actix_web::web::{self, Bytes, Data, Query, ServiceConfig};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::acts::{Again, Which};
use super::book::{self, Pay, Refunded};
use super::gateway::Gateway;
use super::model::{Merchant, NoticeStatus, RefundState};
use super::switches::Set;
use super::{Error, list, own};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMerchant {
    id: Option<String>,
    pid: Option<String>,
    key: Option<String>,
    merchant_public_key: Option<String>,
    platform_private_key: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayAsk {
    merchant_no: String,
    merchant: Option<String>,
    #[serde(default)]
    late: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotifyAsk {
    merchant_no: String,
    merchant: Option<String>,
    #[serde(default = "one")]
    times: u32,
    #[serde(default = "eight")]
    parallel: u32,
    #[serde(default = "paid")]
    status: NoticeStatus,
    amount: Option<i64>,
}

fn one() -> u32 {
    1
}

fn eight() -> u32 {
    8
}

fn paid() -> NoticeStatus {
    NoticeStatus::Paid
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundAsk {
    merchant: String,
    refund_no: String,
    state: RefundState,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GiveBackAsk {
    merchant_no: String,
    merchant: Option<String>,
    amount: Option<i64>,
}

/// Which payments a list is about.
#[derive(Deserialize)]
pub(super) struct About {
    merchant_no: Option<String>,
    #[serde(default)]
    after: i64,
    #[serde(default = "many")]
    limit: i64,
}

fn many() -> i64 {
    10_000
}

/// The paths. A request from a web page is refused: no site a developer visits may pay.
pub(super) fn routes(config: &mut ServiceConfig) {
    let no_page = |context: &GuardContext<'_>| !context.head().headers().contains_key(ORIGIN);
    config.service(
        web::scope("/control")
            .guard(actix_web::guard::fn_guard(no_page))
            .route("/merchants", web::post().to(merchants))
            .route("/switches", web::post().to(add_switches))
            .route("/switches", web::get().to(show_switches))
            .route("/switches", web::delete().to(clear_switches))
            .route("/log", web::get().to(log))
            .route("/notices", web::get().to(notices))
            .route("/notify", web::post().to(notify))
            .route("/pay", web::post().to(pay))
            .route("/refund", web::post().to(refund))
            .route("/give_back", web::post().to(give_back)),
    );
}

async fn merchants(gateway: Data<Gateway>, body: Bytes) -> HttpResponse {
    let ask: NewMerchant = match read(&body) {
        Ok(ask) => ask,
        Err(no) => return *no,
    };
    let own = ask.pid.is_none();
    let Some(id) = ask.id.or(ask.pid) else {
        return no(400, "id or pid, please");
    };
    if ask.key.is_none() && ask.merchant_public_key.is_none() {
        return no(
            400,
            "a merchant has a key, or merchant_public_key and platform_private_key",
        );
    }
    let (own_key, md5_key) = if own {
        (ask.key, None)
    } else {
        (None, ask.key)
    };
    let merchant = Merchant {
        id: id.clone(),
        own_key,
        md5_key,
        merchant_public_key: ask.merchant_public_key,
        platform_private_key: ask.platform_private_key,
    };
    said(
        gateway
            .ensure_merchant(merchant)
            .await
            .map(|()| json!({ "merchant": id })),
    )
}

async fn add_switches(gateway: Data<Gateway>, body: Bytes) -> HttpResponse {
    let set: Set = match read(&body) {
        Ok(set) => set,
        Err(no) => return *no,
    };
    if set.times == Some(0) {
        return no(400, "times is at least 1");
    }
    let gateway = gateway.into_inner();
    let inside = gateway.clone();
    let added = gateway
        .db
        .run(move |conn| inside.switches.add(conn, set))
        .await;
    said(added.map(|()| json!({ "switches": gateway.switches.all() })))
}

async fn show_switches(gateway: Data<Gateway>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "switches": gateway.switches.all() }))
}

async fn clear_switches(gateway: Data<Gateway>) -> HttpResponse {
    let gateway = gateway.into_inner();
    let inside = gateway.clone();
    let cleared = gateway
        .db
        .run(move |conn| inside.switches.clear(conn))
        .await;
    said(cleared.map(|()| json!({ "switches": [] })))
}

async fn log(gateway: Data<Gateway>, about: Query<About>) -> HttpResponse {
    let about = about.into_inner();
    let rows = list::log(&gateway, about.merchant_no, about.after, about.limit).await;
    said(rows.map(|rows| {
        let rows: Vec<Value> = rows
            .into_iter()
            .map(|(id, row)| {
                let mut row = json!(row);
                row["id"] = json!(id);
                row
            })
            .collect();
        json!({ "log": rows })
    }))
}

async fn notices(gateway: Data<Gateway>, about: Query<About>) -> HttpResponse {
    let counts = list::notices(&gateway, about.into_inner().merchant_no).await;
    said(counts.map(|counts| {
        counts
            .into_iter()
            .map(|(state, count)| (state.to_string(), json!(count)))
            .collect()
    }))
}

async fn notify(gateway: Data<Gateway>, body: Bytes) -> HttpResponse {
    let ask: NotifyAsk = match read(&body) {
        Ok(ask) => ask,
        Err(no) => return *no,
    };
    let again = Again {
        times: ask.times,
        parallel: ask.parallel.clamp(1, 64),
        status: ask.status,
        amount: ask.amount,
    };
    let which = Which::MerchantNo(ask.merchant_no);
    match gateway
        .into_inner()
        .notify(ask.merchant, which, again)
        .await
    {
        Ok(Some(queued)) => HttpResponse::Ok().json(json!({ "queued": queued })),
        Ok(None) => no(404, "no such payment"),
        Err(error) => said(Err(error)),
    }
}

async fn pay(gateway: Data<Gateway>, body: Bytes) -> HttpResponse {
    let ask: PayAsk = match read(&body) {
        Ok(ask) => ask,
        Err(no) => return *no,
    };
    let gateway: Arc<Gateway> = gateway.into_inner();
    match gateway
        .pay(ask.merchant, Which::MerchantNo(ask.merchant_no), ask.late)
        .await
    {
        Ok(Some(Pay::Now(payment) | Pay::Already(payment) | Pay::Lied(payment))) => {
            HttpResponse::Ok().json(own::view(&gateway, &payment))
        }
        Ok(Some(Pay::Closed(_))) => no(409, "the payment is closed; late pays it all the same"),
        Ok(None) => no(404, "no such payment"),
        Err(error) => said(Err(error)),
    }
}

async fn refund(gateway: Data<Gateway>, body: Bytes) -> HttpResponse {
    let ask: RefundAsk = match read(&body) {
        Ok(ask) => ask,
        Err(no) => return *no,
    };
    if ask.state == RefundState::Pending {
        return no(400, "a pending refund ends as done or failed");
    }
    let ended = gateway
        .db
        .run(
            move |conn| match book::refund_by_no(conn, &ask.merchant, &ask.refund_no)? {
                Some(refund) => book::end_refund(conn, &refund, ask.state).map(Some),
                None => Ok(None),
            },
        )
        .await;
    match ended {
        Ok(Some(true)) => HttpResponse::Ok().json(json!({ "ended": true })),
        Ok(Some(false)) => no(409, "the refund is not pending"),
        Ok(None) => no(404, "no such refund"),
        Err(error) => said(Err(error)),
    }
}

/// What a clerk does in a platform's own console: the shop is not asked, and not told.
async fn give_back(gateway: Data<Gateway>, body: Bytes) -> HttpResponse {
    let ask: GiveBackAsk = match read(&body) {
        Ok(ask) => ask,
        Err(no) => return *no,
    };
    let (now, refund_no) = (gateway.now(), gateway.number("CB"));
    let given = gateway
        .db
        .run(move |conn| {
            let merchant = ask.merchant.as_deref();
            let Some(payment) = book::by_number(conn, merchant, &ask.merchant_no, now)? else {
                return Ok(None);
            };
            let ask = book::RefundAsk {
                channel_refund_no: refund_no.clone(),
                refund_no,
                amount: ask.amount.unwrap_or(payment.amount),
                state: RefundState::Done,
            };
            book::refund(conn, &payment, &ask, now).map(Some)
        })
        .await;
    match given {
        Ok(Some(Refunded::Made(refund))) => {
            HttpResponse::Ok().json(json!({ "given_back": refund.amount }))
        }
        Ok(Some(_)) => no(409, "that much was not paid"),
        Ok(None) => no(404, "no such payment"),
        Err(error) => said(Err(error)),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Box<HttpResponse>> {
    serde_json::from_slice(body).map_err(|e| Box::new(no(400, &e.to_string())))
}

fn no(status: u16, message: &str) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
    HttpResponse::build(status).json(json!({ "error": { "message": message } }))
}

fn said(done: Result<Value, Error>) -> HttpResponse {
    match done {
        Ok(body) => HttpResponse::Ok().json(body),
        Err(error @ Error::Merchant(_)) => no(400, &error.to_string()),
        Err(error) => no(500, &error.to_string()),
    }
}
