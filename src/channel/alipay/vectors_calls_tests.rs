//! Every request of the shared Alipay file: signed by named SDKs, and ours beside it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::sign::of_request;
use super::support::lookup;
use super::vectors_tests::{account_of, in_certificate_mode, vectors};
use super::{Addresses, Channel as _};
use crate::channel::beijing;
use crate::channel::model::{Charge, Device, Lookup, RefundCharge, Start};
use crate::channel::port::Refunds as _;
use crate::channel::rsa_keys;
use crate::channel::rsa_sign::{Signer, is_signed};
use crate::channel::vectors::Vectors;
use crate::money::{Currency, Minor};

fn texts(json: &Json) -> BTreeMap<String, String> {
    let members = json.as_object().expect("an object").iter();
    let text = |value: &Json| value.as_str().expect("a text").to_owned();
    members
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

#[test]
fn requests_have_the_very_signatures_of_the_vectors() {
    let Some(vectors) = vectors() else { return };
    let app = rsa_keys::private("app_private_key", &vectors.key("app_private")).expect("a key");
    let signer = Signer::new(app);
    let all = vectors.json["requests"].as_array().expect("a list");
    assert_eq!(all.len(), 9);
    for vector in all {
        let name = &vector["name"];
        let params = texts(&vector["signed_params"]);
        let text = of_request(params.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        assert_eq!(vector["string_to_sign"], text, "{name}");
        assert_eq!(
            vector["sign"],
            signer.sign(text.as_bytes(), &[9; 16]),
            "{name}"
        );
        calls_alike(&vectors, vector, &params);
    }
}

/// Our own call for the same purpose has the same fields (and `format`, which this SDK leaves to
/// its default), and asks for the same.
fn calls_alike(vectors: &Vectors, vector: &Json, params: &BTreeMap<String, String>) {
    let name = vector["name"].as_str().expect("a name");
    let channel = match name {
        "query_cert_mode" => in_certificate_mode(vectors),
        "precreate" => account_of(vectors, "qr"),
        _ => account_of(vectors, "web"),
    };
    let asked: Json = serde_json::from_str(&params["biz_content"]).expect("JSON");
    let now = beijing::read(&params["timestamp"]).expect("a time");
    let at = Lookup {
        merchant_no: "ORD202611200001".to_owned(),
        now,
        ..lookup()
    };
    let refund = RefundCharge {
        merchant_no: at.merchant_no.clone(),
        refund_no: "RF202611210002".to_owned(),
        now,
        ..super::support::refund(300)
    };
    let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    let begun = |device| Charge {
        merchant_no: at.merchant_no.clone(),
        amount: Minor::parse(&text("total_amount"), Currency::CNY).expect("money"),
        subject: text("subject"),
        notify_url: params["notify_url"].clone(),
        return_url: params.get("return_url").cloned().unwrap_or_default(),
        expires_at: beijing::read(&text("time_expire")).unwrap_or(now + 900_000),
        now,
        ..super::support::charge(device)
    };
    let request = match name {
        "page_pay" | "wap_pay" => {
            let device = match name {
                "page_pay" => Device::Desktop,
                _ => Device::Mobile,
            };
            let Ok(Start::Ready(pay)) = channel.create(&begun(device)) else {
                panic!("{name} asks nobody");
            };
            return sent_alike(name, &pay.url.expect("a link"), b"", params, &asked);
        }
        "precreate" => match channel.create(&begun(Device::Desktop)) {
            Ok(Start::Ask(request)) => request,
            other => panic!("{name} asks: {other:?}"),
        },
        "query" | "query_cert_mode" => channel.query(&at),
        "close" => channel.close().expect("a way to close").close(&at),
        "refund" => channel.refund(&refund),
        "fastpay_refund_query" => channel.query_refund(&refund).expect("a request"),
        // Bills are fetched by nobody yet.
        "bill_downloadurl_query" => {
            let content = asked.clone();
            let fields = channel.signed(
                "alipay.data.dataservice.bill.downloadurl.query",
                &content,
                &Addresses::default(),
                (now, &[9; 16]),
            );
            channel.call(&fields)
        }
        other => panic!("{other}"),
    };
    sent_alike(name, &request.url, &request.body, params, &asked);
}

fn sent_alike(
    name: &str,
    address: &str,
    body: &[u8],
    params: &BTreeMap<String, String>,
    asked: &Json,
) {
    assert!(
        address.starts_with("https://openapi.alipay.com/gateway.do?"),
        "{address}"
    );
    let mut sent = super::support::fields_of(address);
    sent.extend(url::form_urlencoded::parse(body).into_owned());
    assert_eq!(sent.remove("format").as_deref(), Some("JSON"), "{name}");
    assert!(
        sent.remove("sign").is_some_and(|sign| !sign.is_empty()),
        "{name}"
    );
    let content = sent.remove("biz_content").expect(name);
    let content: Json = serde_json::from_str(&content).expect("JSON");
    let mut theirs = params.clone();
    theirs.remove("biz_content");
    assert_eq!(sent, theirs, "{name}");
    let mut wanted = asked.clone();
    let members = wanted.as_object_mut().expect("an object");
    match name {
        // We name a moment instead of a span, …
        "precreate" => {
            members.remove("timeout_express");
            members.insert("time_expire".into(), content["time_expire"].clone());
        }
        // … lead back to where the buyer came from, …
        "wap_pay" => {
            members.insert("quit_url".into(), params["return_url"].as_str().into());
        }
        // … and give no reason.
        "refund" => {
            members.remove("refund_reason");
        }
        _ => {}
    }
    assert_eq!(content, wanted, "{name}");
}

/// A link that an SDK made for a browser has the signature that ours would have.
#[test]
fn the_link_of_an_sdk_is_signed_as_ours_are() {
    let Some(vectors) = vectors() else { return };
    let fields = super::support::fields_of(&vectors.text("/page_exec_samples/get_url"));
    let app = rsa_keys::private("app_private_key", &vectors.key("app_private")).expect("a key");
    let text = of_request(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    assert!(is_signed(
        &app.to_public_key(),
        text.as_bytes(),
        &fields["sign"]
    ));
}
