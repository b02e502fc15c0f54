use super::*;
use crate::seal::hmac;

/// A receiver's own reading, as docs/WEBHOOKS.md describes it.
fn verify(secret: &str, request: &Request, now: i64) -> Result<serde_json::Value, &'static str> {
    let header = |name: &str| {
        request
            .headers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.clone())
            .ok_or("a header is missing")
    };
    let (id, at) = (header("webhook-id")?, header("webhook-timestamp")?);
    let seconds: i64 = at.parse().map_err(|_| "the timestamp is no number")?;
    if (now - seconds).abs() > 300 {
        return Err("too old");
    }
    let key = STANDARD
        .decode(secret.trim_start_matches("whsec_"))
        .map_err(|_| "the secret is not base64")?;
    let mut signed = format!("{id}.{at}.").into_bytes();
    signed.extend_from_slice(&request.body);
    let expected = STANDARD.encode(hmac(&key, &[&signed]));
    header("webhook-signature")?
        .split(' ')
        .filter_map(|one| one.strip_prefix("v1,"))
        .any(|one| one == expected)
        .then(|| serde_json::from_slice(&request.body).map_err(|_| "not JSON"))
        .ok_or("the signature is wrong")?
}

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn key() -> SigningKey {
    SECRET.parse().expect("a key")
}

/// The published example of standard-webhooks.
#[test]
fn the_signature_is_the_standards() {
    let request = sign(
        "https://shop.example/hook",
        &key(),
        &OutboxId("msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned()),
        1_614_265_330_999,
        br#"{"test": 2432232314}"#.to_vec(),
    );
    let header = |name: &str| request.headers.iter().find(|(n, _)| *n == name);
    assert_eq!(
        header("webhook-signature").map(|(_, v)| v.as_str()),
        Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    );
    assert_eq!(
        header("webhook-timestamp").map(|(_, v)| v.as_str()),
        Some("1614265330")
    );
    assert_eq!(request.verb, Verb::Post);
}

/// X70: nothing but what we sent is believed: not another body, id, time or key.
#[test]
fn a_forged_webhook_is_not_believed() {
    let delivered = OrderDelivered {
        order_no: "K7Q2-94MX-31AB".to_owned(),
        amount: 2990,
        currency: "CNY".to_owned(),
        paid_at: rfc3339(1_795_000_000_000),
        delivered_at: rfc3339(1_795_000_001_000),
        items: vec![DeliveredItem {
            variant: "v1".to_owned(),
            name: "笔记软件".to_owned(),
            quantity: 1,
            amount: 2990,
        }],
    };
    let body = body(Topic::OrderDelivered, 1_795_000_001_000, &delivered).expect("a body");
    let now = 1_795_000_060_000;
    let id = OutboxId("0190-a".to_owned());
    let request = sign("https://x.example/", &key(), &id, now, body);
    let seconds = now / 1_000;
    let read = verify(SECRET, &request, seconds).expect("authentic");
    assert_eq!(read["type"], "order.delivered");
    assert_eq!(read["timestamp"], "2026-11-18T11:06:41Z");
    assert_eq!(read["data"]["order_no"], "K7Q2-94MX-31AB");
    assert_eq!(read["data"]["items"][0]["name"], "笔记软件");

    let refused = |change: &dyn Fn(&mut Request)| {
        let mut bent = request.clone();
        change(&mut bent);
        assert!(verify(SECRET, &bent, seconds).is_err());
    };
    refused(&|r| r.body[10] ^= 1);
    refused(&|r| r.headers[1].1.push('x'));
    refused(&|r| r.headers[2].1 = (seconds + 1).to_string());
    refused(&|r| r.headers[3].1 = "v1,AAAA".to_owned());
    refused(&|r| r.headers[3].1 = r.headers[3].1.replace("v1,", "v0,"));
    assert!(verify(SECRET, &request, seconds + 301).is_err());
    let other = format!("whsec_{}", STANDARD.encode([7u8; 32]));
    assert!(verify(&other, &request, seconds).is_err());
}

/// docs/WEBHOOKS.md shows what we send.
#[test]
fn the_documented_payload_is_ours() {
    let docs = include_str!("../../docs/WEBHOOKS.md");
    let json = docs
        .split("```json\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("an example");
    let documented: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let delivered = OrderDelivered {
        order_no: "K7Q2-94MX-31AB".to_owned(),
        amount: 2990,
        currency: "CNY".to_owned(),
        paid_at: rfc3339(1_795_000_000_000),
        delivered_at: rfc3339(1_795_000_001_000),
        items: vec![DeliveredItem {
            variant: "0190a1b2-aaaa".to_owned(),
            name: "NoteMaster Pro".to_owned(),
            quantity: 1,
            amount: 2990,
        }],
    };
    let sent = body(Topic::OrderDelivered, 1_795_000_001_000, &delivered).expect("a body");
    let sent: serde_json::Value = serde_json::from_slice(&sent).expect("JSON");
    assert_eq!(sent, documented);
}

#[test]
fn weak_secrets_are_refused() {
    let short = format!("whsec_{}", STANDARD.encode([1u8, 2, 3]));
    let same = format!("whsec_{}", STANDARD.encode([0u8; 32]));
    for wrong in [
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        &short,
        &same,
    ] {
        assert!(wrong.parse::<SigningKey>().is_err(), "{wrong}");
    }
    assert_eq!(format!("{:?}", key()), "SigningKey(…)");
}

#[test]
fn statuses_are_read_as_the_standard_says() {
    assert_eq!(read(200), Ok(()));
    assert_eq!(read(204), Ok(()));
    for (status, permanent) in [(301, false), (400, false), (410, true), (500, false)] {
        assert_eq!(read(status).map_err(|e| e.permanent), Err(permanent));
    }
}
