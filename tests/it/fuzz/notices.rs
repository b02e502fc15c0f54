//! What claims to come from a channel: notices of each protocol, and answers to our questions.
//! An altered notice is never taken; an altered one that is signed again is read safely.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use rsa::RsaPrivateKey;
use serde_json::Value;
use vendgate::channel::{
    AccountConfig, Channel, Lookup, Notice, NoticeStatus, QueryAnswer, RawNotice, Reply, Verb, open,
};
use vendgate::clock::Millis;
use vendgate::money::{Currency, Minor};
use vendgate::seal::Secret;

use super::{corpus, play};
use crate::attacks::forge::{Fields, canonical, hmac, query, signed_v1, signed_v2};
use crate::attacks::ground::{private_pem, public_pem, rsa};

const NOW: Millis = 1_795_000_000_000;
const KEY: &str = "a-key-of-the-fuzzer-0123456789abcdefghij";
const PATH: &str = "/callback/3f2a";
const NONCE: &str = "00112233445566778899aabbccddeeff";
const AT: &str = "1795000000";

fn account(kind: &str, base: &str, credentials: &[(&str, &str)]) -> Arc<dyn Channel> {
    let config = AccountConfig {
        id: "fuzzed".parse().expect("a name"),
        base_url: base.to_owned(),
        currency: Currency::CNY,
        credentials: credentials
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)))
            .collect(),
    };
    open(kind, &config).unwrap_or_else(|error| panic!("{error}"))
}

fn own() -> Arc<dyn Channel> {
    account(
        "sandbox",
        "http://127.0.0.1:8090",
        &[("merchant", "m1"), ("key", KEY)],
    )
}

fn epay_v1() -> Arc<dyn Channel> {
    let credentials = [("version", "v1"), ("pid", "1001"), ("key", KEY)];
    account("epay", "https://pay.example.com", &credentials)
}

fn epay_v2(merchant: &RsaPrivateKey, platform: &str) -> Arc<dyn Channel> {
    let credentials = [
        ("version", "v2"),
        ("pid", "1001"),
        ("merchant_private_key", &private_pem(merchant)),
        ("platform_public_key", platform),
    ];
    account("epay", "https://pay.example.com", &credentials)
}

fn alipay(app: &RsaPrivateKey, platform: &str) -> Arc<dyn Channel> {
    let credentials = [
        ("app_id", "2021000000000001"),
        ("seller_id", "2088000000000001"),
        ("app_private_key", &private_pem(app)),
        ("alipay_public_key", platform),
    ];
    account("alipay", "https://openapi.alipay.com", &credentials)
}

/// What is true of everything that is taken.
fn sound(notice: &Notice) {
    for number in [&notice.merchant_no, &notice.channel_trade_no] {
        assert!(
            !number.is_empty() && !number.contains(|c: char| c.is_control()),
            "{number:?}"
        );
        assert!(number.len() <= 256, "{number:?}");
    }
    assert!(
        notice.amount.is_none_or(|amount| amount >= Minor::ZERO),
        "{notice:?}"
    );
}

/// A notice of the sandbox's own protocol: the signature's headers and the body.
fn own_notice(body: &[u8], headers: [&str; 4]) -> Result<Notice, ()> {
    let names = [
        "x-sandbox-merchant",
        "x-sandbox-timestamp",
        "x-sandbox-nonce",
        "x-sandbox-signature",
    ];
    let mut all = vec![("content-type".to_owned(), "application/json".to_owned())];
    all.extend(
        names
            .iter()
            .zip(headers)
            .map(|(n, v)| ((*n).to_owned(), v.to_owned())),
    );
    let raw = RawNotice {
        verb: Verb::Post,
        path: PATH,
        query: "",
        headers: &all,
        body,
        now: NOW,
    };
    own().notice(&raw).map_err(drop)
}

const JSON_WORDS: &[&str] = &[
    "\"amount\":",
    "\"paid\"",
    "\"status\":\"paid\",",
    "\"Amount\":1,",
    "\\u0061",
    "{\"a\":",
    "[[[[",
    "1e3",
    ",\"currency\":\"JPY\"",
    "null",
    "true",
    "\u{feff}",
    "\\ud800",
    "\"merchant_no\":\"VG2\",",
];

/// The own protocol. As it was signed it is taken; any other bytes under that signature are not;
/// and whatever its key signs is read without harm.
#[test]
fn own_notices() {
    let seeds = corpus("notices-own");
    let signature = |body: &[u8]| {
        let text = format!("{AT}\n{NONCE}\nPOST {PATH}\n");
        hex::encode(vendgate::seal::hmac(
            KEY.as_bytes(),
            &[text.as_bytes(), body],
        ))
    };
    let genuine = seeds[0].clone();
    let right = signature(&genuine);
    let told = own_notice(&genuine, ["m1", AT, NONCE, &right]).expect("it is genuine");
    assert_eq!(told.status, NoticeStatus::Paid);
    play("notices-own", seeds, JSON_WORDS, |case| {
        if case != genuine {
            assert!(
                own_notice(case, ["m1", AT, NONCE, &right]).is_err(),
                "altered and taken"
            );
        }
        // The same bytes in the headers.
        let text = String::from_utf8_lossy(case).into_owned();
        for (at, original) in ["m1", AT, NONCE, &right].iter().enumerate() {
            let mut headers = ["m1", AT, NONCE, right.as_str()];
            headers[at] = &text;
            assert!(text == *original || own_notice(&genuine, headers).is_err());
        }
        if let Ok(notice) = own_notice(case, ["m1", AT, NONCE, &signature(case)]) {
            sound(&notice);
        }
    });
}

fn epay_notice(channel: &dyn Channel, query: &str, post: bool, now: Millis) -> Result<Notice, ()> {
    let form = [(
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    )];
    let raw = RawNotice {
        verb: if post { Verb::Post } else { Verb::Get },
        path: PATH,
        query: if post { "" } else { query },
        headers: if post { &form } else { &[] },
        body: if post { query.as_bytes() } else { b"" },
        now,
    };
    channel.notice(&raw).map_err(drop)
}

/// The fields of a query as the loosest reader sees them: decoded, the last of a name wins.
fn loose(query: &str) -> Fields {
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// What one genuine query means, and that nothing else is ever read out of its mutations.
struct Genuine {
    query: String,
    now: Millis,
    notice: Notice,
    signed: String,
    sign: String,
}

impl Genuine {
    fn of(channel: &dyn Channel, query: &str, now: Millis) -> Self {
        let notice = epay_notice(channel, query, false, now);
        let fields = loose(query);
        Self {
            query: query.to_owned(),
            now,
            notice: notice.unwrap_or_else(|()| panic!("{query} is genuine")),
            signed: canonical(&fields),
            sign: fields["sign"].clone(),
        }
    }

    /// Taken only if it says the very same under the very same signature.
    fn guards(&self, channel: &dyn Channel, case: &str) {
        for post in [false, true] {
            let Ok(notice) = epay_notice(channel, case, post, self.now) else {
                continue;
            };
            assert_eq!(notice, self.notice, "altered and taken");
            let fields = loose(case);
            assert_eq!(canonical(&fields), self.signed, "another text was signed");
            assert!(fields["sign"].eq_ignore_ascii_case(&self.sign));
        }
    }
}

const FORM_WORDS: &[&str] = &[
    "&money=0.01",
    "&out_trade_no=ORD2",
    "&trade_status=TRADE_SUCCESS",
    "&sign_type=MD5",
    "sign=",
    "&sign[]=",
    "%00",
    "%u0041",
    "+",
    "%2B",
    ";",
    "&&",
    "&pid=1002",
    "&Money=1",
    "%EF%BB%BF",
    "TRADE_",
];

fn paid_fields() -> Fields {
    [
        ("pid", "1001"),
        ("trade_no", "2026112010002200001"),
        ("out_trade_no", "ORD202611200001"),
        ("type", "alipay"),
        ("name", "会员 50% + 礼物"),
        ("money", "10.00"),
        ("trade_status", "TRADE_SUCCESS"),
        ("timestamp", AT),
        ("param", ""),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

fn text(case: &[u8]) -> String {
    String::from_utf8_lossy(case).into_owned()
}

/// epay V1 (MD5).
#[test]
fn epay_v1_notices() {
    let channel = epay_v1();
    let genuine = Genuine::of(&*channel, &query(&signed_v1(paid_fields(), KEY)), NOW);
    let mut seeds = vec![genuine.query.clone().into_bytes()];
    seeds.extend(corpus("notices-epay"));
    play("notices-epay-v1", seeds, FORM_WORDS, |case| {
        let case = text(case);
        genuine.guards(&*channel, &case);
        let mut fields = loose(&case);
        fields.remove("sign");
        if let Ok(notice) = epay_notice(&*channel, &query(&signed_v1(fields, KEY)), false, NOW) {
            sound(&notice);
        }
    });
}

/// epay V2 (SHA256withRSA).
#[test]
fn epay_v2_notices() {
    let keys = rsa();
    let channel = epay_v2(&keys.merchant, &public_pem(&keys.platform));
    let right = signed_v2(paid_fields(), &keys.platform);
    let genuine = Genuine::of(&*channel, &query(&right), NOW);
    let mut seeds = vec![genuine.query.clone().into_bytes()];
    seeds.extend(corpus("notices-epay"));
    play("notices-epay-v2", seeds, FORM_WORDS, |case| {
        let case = text(case);
        genuine.guards(&*channel, &case);
        // Our own signing is slow; a part of the cases is enough to reach behind it.
        if case.len().is_multiple_of(8) {
            let mut fields = loose(&case);
            fields.remove("sign");
            let signed = query(&signed_v2(fields, &keys.platform));
            if let Ok(notice) = epay_notice(&*channel, &signed, false, NOW) {
                sound(&notice);
            }
        }
    });
}

/// The vectors that named SDKs signed, or `None` (loudly) where the checkout has none.
fn vectors() -> Option<(PathBuf, Value)> {
    let folder = crate::harness::specifications()?.join("../gateways/vectors");
    let text = std::fs::read_to_string(folder.join("epay.json")).expect("the epay vectors");
    Some((folder, serde_json::from_str(&text).expect("JSON")))
}

/// Every notice of the shared vectors, V1 signed again with a key that may start, V2 as its
/// platform signed it: no mutation is taken.
#[test]
fn vectors_of_epay() {
    let Some((folder, vectors)) = vectors() else {
        return;
    };
    let key = |name: &str| {
        let file = vectors["keys"][name].as_str().expect("a file");
        std::fs::read_to_string(folder.join(file)).expect("a key")
    };
    let v1 = epay_v1();
    let credentials = [
        ("version", "v2"),
        ("pid", "1001"),
        ("merchant_private_key", &key("merchant_private")),
        ("platform_public_key", &key("platform_public")),
    ];
    let v2 = account("epay", "https://pay.example.com", &credentials);
    let mut all: Vec<(Arc<dyn Channel>, Genuine)> = Vec::new();
    let mut refused: Vec<(Arc<dyn Channel>, String, Millis)> = Vec::new();
    for (list, channel) in [("v1_notifies", &v1), ("v2_notifies", &v2)] {
        for vector in vectors[list].as_array().expect("a list") {
            let now = vector["now"]
                .as_i64()
                .map_or(NOW, |seconds| seconds * 1_000);
            let asked = vector["query"].as_str().expect("a query").to_owned();
            let rejected =
                vector["expect"] == "reject" && vector["rejected_by"] != "money vs order";
            if rejected {
                refused.push((Arc::clone(channel), asked, now));
                continue;
            }
            let asked = match list {
                "v1_notifies" => {
                    let mut fields = loose(&asked);
                    fields.remove("sign");
                    query(&signed_v1(fields, KEY))
                }
                _ => asked,
            };
            all.push((Arc::clone(channel), Genuine::of(&**channel, &asked, now)));
        }
    }
    assert!(
        all.len() >= 11 && refused.len() >= 13,
        "{} and {}",
        all.len(),
        refused.len()
    );
    let mut seeds: Vec<Vec<u8>> = all
        .iter()
        .map(|(_, g)| g.query.clone().into_bytes())
        .collect();
    seeds.extend(
        refused
            .iter()
            .map(|(_, asked, _)| asked.clone().into_bytes()),
    );
    play("vectors", seeds, FORM_WORDS, |case| {
        let case = text(case);
        let taken: BTreeMap<String, ()> = all.iter().map(|(_, g)| (g.signed.clone(), ())).collect();
        for (channel, genuine) in &all {
            if let Ok(notice) = epay_notice(&**channel, &case, false, genuine.now) {
                sound(&notice);
                let says = canonical(&loose(&case));
                assert!(taken.contains_key(&says), "{says} was never signed");
            }
        }
        for (channel, asked, now) in &refused {
            assert!(
                epay_notice(&**channel, asked, false, *now).is_err(),
                "{asked}"
            );
        }
    });
}

/// Answers to create, query and refund calls: whatever comes back, nothing panics, and an answer
/// of the own protocol that its key did not sign pays nothing.
#[test]
fn answers() {
    let (own, v1) = (own(), epay_v1());
    let keys = rsa();
    let v2 = epay_v2(&keys.merchant, &public_pem(&keys.platform));
    let alipay = alipay(&keys.merchant, &public_pem(&keys.platform));
    let lookup = Lookup {
        merchant_no: "VG1".to_owned(),
        channel_trade_no: Some("S1".to_owned()),
        now: NOW,
        nonce: [1; 16],
    };
    let unsigned = hmac("another key", "x");
    play("answers", corpus("answers"), JSON_WORDS, |case| {
        for status in [200, 201, 404, 409, 500] {
            let reply = Reply {
                status,
                headers: vec![
                    ("content-type".to_owned(), "application/json".to_owned()),
                    ("x-sandbox-timestamp".to_owned(), AT.to_owned()),
                    ("x-sandbox-nonce".to_owned(), hex::encode([1; 16])),
                    ("x-sandbox-signature".to_owned(), unsigned.clone()),
                ],
                body: case.to_vec(),
            };
            for (channel, signs) in [(&own, true), (&v2, true), (&alipay, true), (&v1, false)] {
                if let Ok(QueryAnswer::Paid(paid)) = channel.read_query(&lookup, &reply) {
                    assert!(!signs, "paid by an unsigned answer");
                    assert!(paid.amount > Minor::ZERO, "{paid:?}");
                }
                if let Some(close) = channel.close() {
                    drop(close.read_close(&lookup, &reply));
                }
            }
        }
    });
}
