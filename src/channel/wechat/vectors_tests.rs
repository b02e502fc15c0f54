//! Every vector of the shared file of WeChat Pay: made with the code of named SDKs, not ours.

use std::path::PathBuf;

use serde_json::Value as Json;

use super::create::Product;
use super::envelope::Resource;
use super::support::{account, charge, lookup, open, refund, text};
use super::{Channel as _, Wechat};
use crate::channel::json::Object;
use crate::channel::model::{
    Charge, Check, Notice, NoticeStatus, RawNotice, Refused, Reply, Request, Verb,
};
use crate::channel::port::{Close, Keys as _, Refunds as _};
use crate::money::{Currency, Minor};

/// The folder of the vectors, or `None` (loudly) where the checkout has none; in CI that fails.
fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("VENDGATE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")),
        PathBuf::from,
    );
    let folder = shared.join("gateways/vectors");
    if folder.join("wechat_v3.json").is_file() {
        return Some(folder);
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "CI needs the WeChat Pay vectors: set VENDGATE_SHARED"
    );
    #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
    {
        eprintln!("SKIPPED: no WeChat Pay vectors at {}", folder.display());
    }
    None
}

struct Vectors {
    json: Json,
    folder: PathBuf,
}

fn vectors() -> Option<Vectors> {
    let folder = folder()?;
    let text = std::fs::read_to_string(folder.join("wechat_v3.json")).expect("readable");
    let json = serde_json::from_str(&text).expect("JSON");
    Some(Vectors { json, folder })
}

impl Vectors {
    fn text(&self, pointer: &str) -> String {
        let found = self.json.pointer(pointer).and_then(Json::as_str);
        found.unwrap_or_else(|| panic!("{pointer}")).to_owned()
    }

    fn file(&self, name: &str) -> String {
        let path = self.folder.join(self.text(&format!("/keys/{name}")));
        std::fs::read_to_string(path).expect("a key")
    }

    fn now(&self) -> i64 {
        self.json["context"]["now"].as_i64().expect("now") * 1_000
    }

    fn nonce(&self) -> [u8; 16] {
        let text = self.text("/requests/0/nonce");
        let bytes = hex::decode(text).expect("hex");
        bytes.try_into().expect("16 bytes")
    }

    /// In both modes at once, as around a move.
    fn channel(&self) -> Wechat {
        open(&account(
            "https://api.mch.weixin.qq.com",
            &[
                ("mch_id", &self.text("/context/mchid")),
                ("app_id", &self.text("/context/appid")),
                ("api_v3_key", &self.text("/context/apiv3_key")),
                ("merchant_private_key", &self.file("merchant_private")),
                ("merchant_serial", &self.text("/context/merchant_serial")),
                ("public_key_id", &self.text("/context/pub_key_id")),
                ("public_key", &self.file("wechatpay_public_key")),
                ("platform_certificates", &self.file("platform_cert")),
            ],
        ))
    }

    fn charge(&self, subject: &str) -> Charge {
        Charge {
            subject: subject.to_owned(),
            notify_url: "https://shop.example.com/notify/wechat".to_owned(),
            // 2026-11-20T10:30:00+08:00, as the first vector says.
            expires_at: 1_795_141_800_000,
            now: self.now(),
            nonce: self.nonce(),
            ..charge()
        }
    }
}

fn headers(of: &Json) -> Vec<(String, String)> {
    let all = of["headers"].as_object().expect("headers").iter();
    all.map(|(name, value)| {
        let value = value.as_str().expect("text").to_owned();
        (name.to_ascii_lowercase(), value)
    })
    .collect()
}

/// The check a vector names.
fn checks(rejected_by: &str) -> Check {
    match rejected_by {
        "signature" | "missing header" | "unknown serial" | "GCM tag" => Check::Signature,
        "timestamp > 300 s" => Check::Freshness,
        "mchid/appid" => Check::Merchant,
        "amount.total" => Check::Amount,
        other => panic!("an unknown check: {other}"),
    }
}

/// Check 9 as the pipeline makes it, against the context's orders.
fn against_order(vectors: &Vectors, notice: Notice) -> Result<Notice, Refused> {
    let order = vectors.json["context"]["orders"][&notice.merchant_no].as_i64();
    let equal = notice.amount == order.map(Minor) && notice.currency == Some(Currency::CNY);
    if notice.status == NoticeStatus::Paid && !equal {
        return Err(Refused::at(Check::Amount, "differs"));
    }
    Ok(notice)
}

#[test]
fn every_notice_is_judged_as_expected() {
    let Some(vectors) = vectors() else { return };
    let channel = vectors.channel();
    let all = vectors.json["notifies"].as_array().expect("a list");
    let mut first: Option<Notice> = None;
    for vector in all {
        let name = vector["name"].as_str().expect("a name");
        let headers = headers(vector);
        let raw = RawNotice {
            verb: Verb::Post,
            path: "/notify/wechat",
            query: "",
            headers: &headers,
            body: vector["body"].as_str().expect("a body").as_bytes(),
            now: vector["now"].as_i64().expect("now") * 1_000,
        };
        let result = channel
            .notice(&raw)
            .and_then(|notice| against_order(&vectors, notice));
        let expected = vector["expect"].as_str().expect("expect");
        if expected == "reject" {
            let refused = result.expect_err(name);
            let by = vector["rejected_by"].as_str().expect(name);
            assert_eq!(refused.check, checks(by), "{name}: {refused}");
            let asks = refused.ask_about.is_some();
            assert_eq!(asks, refused.check == Check::Freshness, "{name}");
            continue;
        }
        let notice = result.unwrap_or_else(|refused| panic!("{name}: {refused}"));
        let status = match expected {
            "accept_paid" | "duplicate_reply_204" => NoticeStatus::Paid,
            "accept_refund" | "accept_refund_abnormal" | "accept_refund_failed" => {
                NoticeStatus::Refund
            }
            other => panic!("{name}: {other}"),
        };
        assert_eq!(notice.status, status, "{name}");
        if expected == "duplicate_reply_204" {
            // The same fact as the first one: the pipeline answers it alike.
            assert_eq!(Some(&notice), first.as_ref(), "{name}");
            continue;
        }
        let plain: Json =
            serde_json::from_str(vector["plaintext"].as_str().expect("plain")).expect("JSON");
        assert_eq!(plain["out_trade_no"], notice.merchant_no, "{name}");
        assert_eq!(plain["transaction_id"], notice.channel_trade_no, "{name}");
        if status == NoticeStatus::Paid {
            let total = plain["amount"]["total"].as_i64().map(Minor);
            assert_eq!(notice.amount, total, "{name}");
            assert_eq!(notice.paid_at, Some(1_795_140_021_000), "{name}");
        }
        first.get_or_insert(notice);
    }
    assert_eq!(all.len(), 24);
}

/// The request of a vector has these bytes and this signature.
fn is_equal(vectors: &Vectors, name: &str, request: &Request) {
    let all = vectors.json["requests"].as_array().expect("a list");
    let vector = all.iter().find(|v| v["name"] == name).expect(name);
    let path = vector["path_and_query"].as_str().expect("a path");
    assert_eq!(request.url, format!("https://api.mch.weixin.qq.com{path}"));
    assert_eq!(
        text(request),
        vector["body"].as_str().expect("a body"),
        "{name}"
    );
    let sent = super::support::header(request, "authorization");
    assert_eq!(sent, vector["authorization"].as_str(), "{name}");
}

/// Those the channel sends are made by it; the others only signed by it.
#[test]
fn requests_have_the_very_bytes_and_signatures_of_the_vectors() {
    let Some(vectors) = vectors() else { return };
    let channel = vectors.channel();
    let (now, nonce) = (vectors.now(), vectors.nonce());
    let asked = crate::channel::model::Lookup {
        now,
        nonce,
        ..lookup()
    };
    let charge = vectors.charge("会员 一个月 + 100%");
    let native = channel.build(&charge, Product::Native).expect("a request");
    is_equal(&vectors, "native", &native);
    is_equal(&vectors, "query", &channel.query(&asked));
    is_equal(&vectors, "close", &Close::close(&channel, &asked));
    let back = crate::channel::model::RefundCharge {
        now,
        nonce,
        ..refund(300)
    };
    let query = channel.query_refund(&back).expect("a query");
    is_equal(&vectors, "refund_query", &query);
    for name in ["h5", "jsapi", "refund", "tradebill", "download"] {
        let all = vectors.json["requests"].as_array().expect("a list");
        let vector = all.iter().find(|v| v["name"] == name).expect(name);
        let path = vector["path_and_query"].as_str().expect("a path");
        let body = vector["body"].as_str().expect("a body").to_owned();
        let request = match vector["method"].as_str() {
            Some("POST") => channel.post(path, body, now, &nonce),
            _ => channel.get(path, now, &nonce),
        };
        is_equal(&vectors, name, &request);
    }
    assert_eq!(vectors.json["requests"].as_array().map(Vec::len), Some(9));
}

/// What the vectors' bodies lack is our `time_expire`, and what ours lacks their `reason`.
#[test]
fn bodies_of_h5_jsapi_and_refunds_are_those_of_the_vectors() {
    let Some(vectors) = vectors() else { return };
    let channel = vectors.channel();
    let body = |name: &str| {
        let all = vectors.json["requests"].as_array().expect("a list");
        let vector = all.iter().find(|v| v["name"] == name).expect(name);
        vector["body"].as_str().expect("a body").to_owned()
    };
    let charge = vectors.charge("VIP");
    let openid = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
    for (name, product) in [("h5", Product::H5), ("jsapi", Product::Jsapi(openid))] {
        let request = channel.build(&charge, product).expect("a request");
        let ours = text(&request).replace("\"time_expire\":\"2026-11-20T10:30:00+08:00\",", "");
        assert_eq!(ours, body(name));
    }
    let back = crate::channel::model::RefundCharge {
        notify_url: "https://shop.example.com/notify/wechat_refund".to_owned(),
        ..refund(300)
    };
    let theirs = body("refund").replace("\"reason\":\"用户申请\",", "");
    assert_eq!(text(&channel.refund(&back)), theirs);
}

#[test]
fn jsapi_calls_have_the_very_signature_of_the_vector() {
    let Some(vectors) = vectors() else { return };
    let expected = &vectors.json["jsapi_pay_params"];
    let package = expected["package"].as_str().expect("a package");
    let prepay = package.strip_prefix("prepay_id=").expect("an id");
    let channel = vectors.channel();
    let call = channel.invoke(prepay, vectors.now(), &vectors.nonce());
    assert_eq!(&serde_json::to_value(call).expect("JSON"), expected);
}

#[test]
fn answers_are_verified_and_changed_ones_are_not() {
    let Some(vectors) = vectors() else { return };
    let channel = vectors.channel();
    let all = vectors.json["responses"].as_array().expect("a list");
    assert_eq!(all.len(), 3);
    let reply = |at: usize| Reply {
        status: u16::try_from(all[at]["status"].as_u64().expect("a status")).expect("small"),
        headers: headers(&all[at]),
        body: all[at]["body"].as_str().expect("a body").into(),
    };
    let charge = vectors.charge("VIP");
    let pay = channel.read_created(&charge, &reply(0)).expect("verified");
    assert_eq!(
        pay.qr.as_deref(),
        Some("weixin://wxpay/bizpayurl?pr=p4lpSuKzz")
    );
    let asked = crate::channel::model::Lookup {
        now: vectors.now(),
        ..lookup()
    };
    assert!(channel.read_close(&asked, &reply(1)).is_ok());
    for at in [0, 1] {
        let mut bent = reply(at);
        bent.body.push(b' ');
        assert!(
            channel
                .signed_at(&bent.headers, &bent.body, vectors.now())
                .is_err()
        );
    }
    let learned = channel
        .read_certificates(&reply(2).body, vectors.now())
        .expect("certificates");
    let (_, der) =
        &crate::channel::rsa_keys::blocks(&vectors.file("platform_cert")).expect("PEM")[0];
    let known = crate::channel::certificate::Certificate::read(der).expect("a certificate");
    assert_eq!(learned, [known]);
    assert!(channel.learn(vectors.now(), &reply(2)).is_ok());
    let mut unsigned = reply(2);
    unsigned.headers.clear();
    assert!(channel.learn(vectors.now(), &unsigned).is_err());
}

#[test]
fn every_encrypted_resource_opens_to_its_plaintext() {
    let Some(vectors) = vectors() else { return };
    let channel = vectors.channel();
    let all = vectors.json["encrypted_resources"]
        .as_array()
        .expect("a list");
    assert!(all.len() >= 10);
    for vector in all {
        let name = vector["name"].as_str().expect("a name");
        let object = Object::parse(vector.to_string().as_bytes()).expect("an object");
        let resource = Resource::read(&object).expect(name);
        let plain = channel.api_key.open(&resource).expect(name);
        assert_eq!(
            String::from_utf8(plain).ok().as_deref(),
            vector["plaintext"].as_str()
        );
    }
}
