//! Every vector of the shared epay file: made with the signing code of named SDKs, not ours.

use serde_json::Value as Json;

use super::config::{Config, Keys};
use super::sign::canonical;
use super::support::{account, lookup, open};
use super::{Channel as _, Epay};
use crate::channel::model::{
    Buyer, Charge, Check, Device, Lookup, Method, Notice, NoticeStatus, PayKind, QueryAnswer,
    RawNotice, Refused, Reply, Start, Verb,
};
use crate::channel::vectors::Vectors;
use crate::money::{Currency, Minor};
use crate::seal::Secret;

fn vectors() -> Option<Vectors> {
    Vectors::of("epay.json")
}

impl Vectors {
    fn now(&self) -> i64 {
        self.json["context"]["now"].as_i64().expect("now") * 1_000
    }

    /// The vectors' key is the example of the protocol's own pages, so a configuration with it
    /// is refused; here it is used all the same.
    fn v1(&self) -> Epay {
        let v2 = self.v2();
        Epay {
            keys: Keys::V1(Secret::new(self.text("/context/key"))),
            ..v2
        }
    }

    fn v2(&self) -> Epay {
        open(&account(
            "https://pay.example.com",
            &[
                ("version", "v2"),
                ("pid", &self.text("/context/pid")),
                ("merchant_private_key", &self.key("merchant_private")),
                ("platform_public_key", &self.key("platform_public")),
            ],
        ))
    }

    fn charge(&self, params: &Json) -> Charge {
        let text = |name: &str| params[name].as_str().expect(name).to_owned();
        Charge {
            merchant_no: text("out_trade_no"),
            amount: Minor::parse(&text("money"), Currency::CNY).expect("money"),
            currency: Currency::CNY,
            method: Method::Alipay,
            subject: text("name"),
            notify_url: text("notify_url"),
            return_url: text("return_url"),
            buyer: Buyer {
                ip: text("clientip").parse().expect("an address"),
                device: Device::Desktop,
            },
            expires_at: self.now() + 900_000,
            now: self.now(),
            nonce: [1; 16],
        }
    }
}

/// The check a vector names, or the two that may fire.
fn checks(rejected_by: &str) -> &'static [Check] {
    match rejected_by {
        "sign" | "missing sign" | "sign_type" => &[Check::Signature],
        "sign (utf-8 decode error or mismatch)" => &[Check::Parse, Check::Signature],
        "timestamp" => &[Check::Freshness],
        "pid" => &[Check::Merchant],
        "money vs order" => &[Check::Amount],
        other => panic!("an unknown check: {other}"),
    }
}

/// Check 9 as the pipeline makes it, against the context's orders.
fn against_order(vectors: &Vectors, notice: Notice) -> Result<Notice, Refused> {
    let order = vectors.json["context"]["orders"][&notice.merchant_no].as_str();
    let order = Minor::parse(order.expect("an order"), Currency::CNY).expect("money");
    let equal = notice.amount == Some(order) && notice.currency == Some(Currency::CNY);
    if notice.status == NoticeStatus::Paid && !equal {
        return Err(Refused::at(Check::Amount, "differs"));
    }
    Ok(notice)
}

fn run(vectors: &Vectors, channel: &Epay, list: &str) -> usize {
    let all = vectors.json[list].as_array().expect("a list");
    let mut first: Option<Notice> = None;
    for vector in all {
        let name = vector["name"].as_str().expect("a name");
        assert_eq!(vector["method"], "GET", "{name}");
        let raw = RawNotice {
            verb: Verb::Get,
            path: "/notify/epay",
            query: vector["query"].as_str().expect("a query"),
            headers: &[],
            body: b"",
            now: vector["now"].as_i64().map_or(vectors.now(), |s| s * 1_000),
        };
        let result = channel
            .notice(&raw)
            .and_then(|notice| against_order(vectors, notice));
        match vector["expect"].as_str().expect("expect") {
            "reject" => {
                let refused = result.expect_err(name);
                let by = vector["rejected_by"].as_str().expect(name);
                assert!(checks(by).contains(&refused.check), "{name}: {refused}");
                let asks = refused.ask_about.is_some();
                assert_eq!(asks, refused.check == Check::Freshness, "{name}");
            }
            expected => {
                let notice = result.unwrap_or_else(|refused| panic!("{name}: {refused}"));
                let params = &vector["params"];
                let fields = params.as_object().expect("params").iter();
                let ours = canonical(fields.map(|(n, v)| (n.as_str(), v.as_str().expect("text"))));
                let theirs = vector.get("signed_string_without_key");
                let theirs = theirs.or_else(|| vector.get("signed_string"));
                assert_eq!(theirs.and_then(Json::as_str), Some(ours.as_str()), "{name}");
                assert_eq!(params["out_trade_no"], notice.merchant_no, "{name}");
                assert_eq!(params["trade_no"], notice.channel_trade_no, "{name}");
                let money = params["money"].as_str().expect("money");
                assert_eq!(notice.amount, Minor::parse(money, Currency::CNY).ok());
                let status = match expected {
                    "accept_ignore" => NoticeStatus::Ignore,
                    "accept_paid" | "duplicate_reply_success" => NoticeStatus::Paid,
                    other => panic!("{name}: {other}"),
                };
                assert_eq!(notice.status, status, "{name}");
                if expected == "duplicate_reply_success" {
                    // The same fact as the first one: the pipeline answers it alike.
                    assert_eq!(Some(&notice), first.as_ref(), "{name}");
                }
                first.get_or_insert(notice);
            }
        }
    }
    all.len()
}

#[test]
fn every_v1_notice_is_judged_as_expected() {
    if let Some(vectors) = vectors() {
        assert_eq!(run(&vectors, &vectors.v1(), "v1_notifies"), 17);
    }
}

#[test]
fn every_v2_notice_is_judged_as_expected() {
    if let Some(vectors) = vectors() {
        assert_eq!(run(&vectors, &vectors.v2(), "v2_notifies"), 9);
    }
}

fn request_is_equal(vectors: &Vectors, channel: &Epay, name: &str) {
    let expected = &vectors.json[name];
    let charge = vectors.charge(&expected["params"]);
    let Start::Ask(request) = channel.create(&charge).expect("a request") else {
        panic!("epay asks");
    };
    let endpoint = expected["endpoint"].as_str().expect("an endpoint");
    let path = endpoint.trim_start_matches('/');
    assert_eq!(request.url, format!("https://pay.example.com/{path}"));
    let sent: serde_json::Map<String, Json> = url::form_urlencoded::parse(&request.body)
        .map(|(n, v)| (n.into_owned(), Json::String(v.into_owned())))
        .collect();
    assert_eq!(Json::Object(sent), expected["params"], "{name}");
}

#[test]
fn requests_have_the_very_signatures_of_the_vectors() {
    if let Some(vectors) = vectors() {
        request_is_equal(&vectors, &vectors.v1(), "v1_request");
        request_is_equal(&vectors, &vectors.v2(), "v2_request");
    }
}

fn replied(body: String) -> Reply {
    Reply {
        status: 200,
        headers: Vec::new(),
        body: body.into_bytes(),
    }
}

#[test]
fn the_signed_v2_answer_is_verified() {
    let Some(vectors) = vectors() else { return };
    let charge = vectors.charge(&vectors.json["v2_request"]["params"]);
    let raw = vectors.text("/v2_response/raw");
    let read = |body: String| vectors.v2().read_created(&charge, &replied(body));
    let pay = read(raw.clone()).expect("verified");
    assert_eq!(pay.kind, PayKind::Qr);
    assert_eq!(pay.qr.as_deref(), Some("https://qr.alipay.com/bax0001"));
    assert_eq!(pay.channel_trade_no.as_deref(), Some("2026112010002200001"));
    assert!(read(raw.replace("bax0001", "bax0002")).is_err());
    assert!(read(raw.replace("\"code\": 0", "\"code\": \"0\"")).is_ok());
    assert!(read(raw.replace("\"code\": 0", "\"code\": 1")).is_err());
}

#[test]
fn the_v1_query_answer_is_read() {
    let Some(vectors) = vectors() else { return };
    let reply = replied(vectors.text("/v1_query_response"));
    let asked = Lookup {
        merchant_no: "ORD202611200001".to_owned(),
        now: vectors.now(),
        ..lookup()
    };
    let answer = vectors.v1().read_query(&asked, &reply);
    let Ok(QueryAnswer::Paid(paid)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(paid.channel_trade_no, "2026112010002200001");
    assert_eq!((paid.amount, paid.currency), (Minor(1_000), Currency::CNY));
    assert_eq!(paid.paid_at, Some(1_795_140_021_000));
}

/// The example key of the protocol's pages, and an empty one, do not start an account.
#[test]
fn the_published_key_does_not_start() {
    let Some(vectors) = vectors() else { return };
    for key in [vectors.text("/context/key"), String::new()] {
        let credentials = [("version", "v1"), ("pid", "1001"), ("key", key.as_str())];
        assert!(Config::read(&account("https://pay.example.com", &credentials)).is_err());
    }
}

/// Certificates are taken as public keys: one of the shared files against its own key.
#[test]
fn a_certificate_gives_its_public_key() {
    let Some(vectors) = vectors() else { return };
    let read = |name: &str| {
        let text = vectors.file(&format!("keys/{name}"));
        crate::channel::rsa_keys::public("platform_public_key", &text).expect(name)
    };
    assert_eq!(read("alipay_platform.crt"), read("alipay_platform.pub.pem"));
}
