use md5::{Digest as _, Md5};

use super::super::epay::{Params, with_query};
use super::*;

pub(super) const PID: &str = "1001";

/// The gateway vectors, beside the repository; `None` when they are not there and need not be.
pub(super) fn vectors(file: &str) -> Option<String> {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../shared", "../../shared"]
        .iter()
        .map(|up| here.join(up).join("gateways/vectors").join(file))
        .find_map(|path| std::fs::read_to_string(path).ok());
    assert!(
        found.is_some() || std::env::var_os("CI").is_none(),
        "{file} is missing"
    );
    found
}

pub(super) type Pairs = BTreeMap<String, String>;

/// The string both versions sign, by the rule of the vectors and not by the gateway's code.
pub(super) fn string(pairs: &Pairs) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if name != "sign" && name != "sign_type" && !value.is_empty() {
            let glue = if text.is_empty() { "" } else { "&" };
            text += &format!("{glue}{name}={value}");
        }
    }
    text
}

fn md5(text: &str) -> String {
    hex::encode(Md5::digest(text.as_bytes()))
}

pub(super) fn pairs(query: &str) -> Pairs {
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

pub(super) fn ask(shop: &Shop, no: &str) -> Pairs {
    [
        ("pid", PID),
        ("type", "alipay"),
        ("out_trade_no", no),
        ("notify_url", &shop.url("/notify/epay")),
        ("return_url", &shop.url("/return?o=1")),
        ("name", "会员 一个月 + 100%"),
        ("money", "10.5"),
        ("clientip", "203.0.113.9"),
        ("device", "pc"),
        ("param", ""),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

fn signed_v1(mut ask: Pairs) -> Pairs {
    ask.insert("sign".to_owned(), md5(&(string(&ask) + KEY)));
    ask.insert("sign_type".to_owned(), "MD5".to_owned());
    ask
}

pub(super) async fn form(url: &str, form: &Pairs) -> Value {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = client(5_000)
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let text = request.send().await.unwrap().text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{url}: {text}"))
}

pub(super) fn some<const N: usize>(values: [(&str, &str); N]) -> Pairs {
    values
        .into_iter()
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect()
}

#[test]
fn the_signed_string_is_that_of_the_vectors() {
    let Some(text) = vectors("epay.json") else {
        return;
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    let key = file["context"]["key"].as_str().unwrap();
    let mut seen = 0;
    let notices = |name: &str| file[name].as_array().unwrap().clone();
    for case in notices("v1_notifies")
        .iter()
        .filter(|case| case["expect"] == "accept_paid")
    {
        let params = Params::parse(case["query"].as_str().unwrap().as_bytes());
        assert_eq!(
            params.signed(),
            case["signed_string_without_key"],
            "{}",
            case["name"]
        );
        let sign = super::super::keys::md5_hex(&params.signed(), key);
        assert_eq!(sign, case["params"]["sign"], "{}", case["name"]);
        seen += 1;
    }
    for case in notices("v2_notifies")
        .iter()
        .filter(|case| case["expect"] == "accept_paid")
    {
        let params = Params::parse(case["query"].as_str().unwrap().as_bytes());
        assert_eq!(params.signed(), case["signed_string"], "{}", case["name"]);
        seen += 1;
    }
    for (name, string) in [
        ("v1_request", "signed_string_without_key"),
        ("v2_request", "signed_string"),
    ] {
        let form = file[name]["params"].as_object().unwrap().iter();
        let form = form.map(|(name, value)| (name, value.as_str().unwrap()));
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        assert_eq!(Params::parse(form.as_bytes()).signed(), file[name][string]);
    }
    assert!(seen >= 10, "{seen}");
}

#[test]
fn a_query_goes_behind_what_an_address_has() {
    assert_eq!(with_query("http://a/b", "c=d"), "http://a/b?c=d");
    assert_eq!(
        with_query("http://a/b?x=1#top", "c=d"),
        "http://a/b?x=1&c=d#top"
    );
}

#[tokio::test]
async fn v1_is_made_paid_told_asked_and_paid_back() {
    let (gateway, shop) = (gateway_in(&folder()).await, Shop::open());
    gateway
        .ensure_merchant(Merchant::epay_v1(PID, KEY))
        .await
        .unwrap();
    let base = format!("{}/epay", gateway.base_url());
    shop.answers(|n| (200, if n == 0 { "success\n" } else { "success" }));

    let mut forged = signed_v1(ask(&shop, "V1"));
    forged.insert("money".to_owned(), "0.01".to_owned());
    assert_eq!(form(&format!("{base}/mapi.php"), &forged).await["code"], -1);
    let made = form(&format!("{base}/mapi.php"), &signed_v1(ask(&shop, "V1"))).await;
    assert_eq!(made["code"], 1, "{made}");
    let again = form(&format!("{base}/mapi.php"), &signed_v1(ask(&shop, "V1"))).await;
    assert_eq!(again, made);
    let mut other = ask(&shop, "V1");
    other.insert("money".to_owned(), "11".to_owned());
    let refused = form(&format!("{base}/mapi.php"), &signed_v1(other)).await;
    assert!(
        refused["msg"].as_str().unwrap().contains("订单号重复"),
        "{refused}"
    );

    let page = made["payurl"].as_str().unwrap();
    client(5_000)
        .post(page)
        .body("outcome=pay")
        .send()
        .await
        .unwrap();
    // "success" with a line end is not exactly "success": told again.
    let told = shop.wait(2).await;
    for told in &told {
        let got = pairs(&told.query);
        assert_eq!(
            (told.verb.as_str(), told.path.as_str()),
            ("GET", "/notify/epay")
        );
        assert_eq!(got["sign"], md5(&(string(&got) + KEY)), "{got:?}");
        assert_eq!(got["trade_status"], "TRADE_SUCCESS");
        assert_eq!((got["pid"].as_str(), got["money"].as_str()), (PID, "10.50"));
        assert_eq!(got["name"], "会员 一个月 + 100%");
        assert_eq!(got["sign_type"], "MD5");
    }
    let shown = client(5_000)
        .get(page)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let link = shown
        .split("href=\"")
        .find_map(|rest| rest.split('"').next().filter(|l| l.contains("/return?o=1")));
    let link = link.unwrap().replace("&#38;", "&");
    let mut returned = pairs(link.split_once('?').unwrap().1);
    assert_eq!(returned.remove("o").as_deref(), Some("1"));
    assert_eq!(returned["sign"], md5(&(string(&returned) + KEY)));

    let api = |act: &str| format!("{base}/api.php?act={act}");
    let order = some([("pid", PID), ("key", KEY), ("out_trade_no", "V1")]);
    let found = form(&api("order"), &order).await;
    assert_eq!(
        (&found["code"], &found["status"], &found["money"]),
        (&json!(1), &json!("1"), &json!("10.50"))
    );
    assert_eq!(found["trade_no"], made["trade_no"]);
    let wrong = some([("pid", PID), ("key", "x"), ("out_trade_no", "V1")]);
    assert_eq!(form(&api("order"), &wrong).await["code"], -1);
    let nobody = some([("pid", PID), ("key", KEY), ("out_trade_no", "V9")]);
    assert!(
        form(&api("order"), &nobody).await["msg"]
            .as_str()
            .unwrap()
            .contains("不存在")
    );
    let list = form(
        &api("orders"),
        &some([("pid", PID), ("key", KEY), ("limit", "5")]),
    )
    .await;
    assert_eq!(list["data"].as_array().unwrap().len(), 1);

    let refund = |money: &'static str| {
        some([
            ("pid", PID),
            ("key", KEY),
            ("out_trade_no", "V1"),
            ("money", money),
        ])
    };
    assert_eq!(form(&api("refund"), &refund("10")).await["code"], 1);
    assert_eq!(form(&api("refund"), &refund("0.51")).await["code"], -1);
    assert_eq!(form(&api("refund"), &refund("0.50")).await["code"], 1);
    assert_eq!(form(&api("order"), &order).await["refundmoney"], "10.50");

    let log = look(gateway.base_url(), "log").await.to_string();
    assert!(
        log.contains("refund") && !log.contains(KEY),
        "no key in the log"
    );
    gateway.stop().await;
}

#[tokio::test]
async fn v1_submit_sends_the_browser_to_the_cashier() {
    let (gateway, shop) = (gateway_in(&folder()).await, Shop::open());
    let http = client(5_000);
    let base = gateway.base_url().to_owned();
    let merchant = json!({ "pid": PID, "key": KEY });
    control(&base, "merchants", &merchant).await;
    control(&base, "merchants", &merchant).await;
    let query = |ask: Pairs| {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(ask)
            .finish()
    };
    let url = format!(
        "{base}/epay/submit.php?{}",
        query(signed_v1(ask(&shop, "S1")))
    );
    let gone = http.get(&url).send().await.unwrap();
    assert_eq!(gone.status(), 302);
    let page = http
        .get(gone.headers()["location"].to_str().unwrap())
        .send()
        .await
        .unwrap();
    assert!(page.text().await.unwrap().contains("¥10.50"));
    let unsigned = format!("{base}/epay/submit.php?{}", query(ask(&shop, "S2")));
    let no = http.get(unsigned).send().await.unwrap();
    assert_eq!(no.status(), 200);
    assert!(no.text().await.unwrap().contains("签名校验失败"));
    gateway.stop().await;
}
