use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};

use super::epay::{PID, Pairs, ask, form, pairs, some, string, vectors};
use super::*;

struct V2 {
    gateway: Running,
    shop: Shop,
    merchant: SigningKey<Sha256>,
    platform: VerifyingKey<Sha256>,
}

impl V2 {
    async fn open() -> Option<V2> {
        let gateway = gateway_in(&folder()).await;
        let platform = vectors("keys/epay_platform.pkcs8.pem")?;
        let merchant = vectors("keys/epay_merchant.pub.pem")?;
        gateway
            .ensure_merchant(Merchant::epay_v2(PID, &merchant, &platform))
            .await
            .unwrap();
        let private = vectors("keys/epay_merchant.pkcs8.pem")?;
        let public = vectors("keys/epay_platform.pub.pem")?;
        Some(V2 {
            gateway,
            shop: Shop::open(),
            merchant: SigningKey::new(RsaPrivateKey::from_pkcs8_pem(&private).unwrap()),
            platform: VerifyingKey::new(rsa::RsaPublicKey::from_public_key_pem(&public).unwrap()),
        })
    }

    fn signed(&self, mut ask: Pairs) -> Pairs {
        let at = (now() / 1_000).to_string();
        ask.entry("timestamp".to_owned()).or_insert(at);
        let sign = STANDARD.encode(self.merchant.sign(string(&ask).as_bytes()).to_bytes());
        ask.insert("sign".to_owned(), sign);
        ask.insert("sign_type".to_owned(), "RSA".to_owned());
        ask
    }

    /// The answer is signed by the platform, over its scalars.
    fn genuine(&self, got: &Pairs) -> bool {
        let signature = STANDARD.decode(&got["sign"]).unwrap();
        let signature = Signature::try_from(signature.as_slice()).unwrap();
        self.platform
            .verify(string(got).as_bytes(), &signature)
            .is_ok()
    }

    async fn raw(&self, path: &str, ask: &Pairs) -> Value {
        let answer = form(&format!("{}/epay/api/{path}", self.gateway.base_url()), ask).await;
        let scalar = |(name, value): (&String, &Value)| match value {
            Value::String(text) => Some((name.clone(), text.clone())),
            Value::Number(number) => Some((name.clone(), number.to_string())),
            _ => None,
        };
        let scalars = answer
            .as_object()
            .unwrap()
            .iter()
            .filter_map(scalar)
            .collect();
        assert!(self.genuine(&scalars), "{path}: {answer}");
        answer
    }

    async fn call(&self, path: &str, ask: Pairs) -> Value {
        self.raw(path, &self.signed(ask)).await
    }
}

#[tokio::test]
async fn v2_is_made_paid_told_asked_paid_back_and_closed() {
    let Some(v2) = V2::open().await else { return };
    v2.shop.answers(|_| (200, "success"));
    let mut create = ask(&v2.shop, "W1");
    create.insert("method".to_owned(), "web".to_owned());
    let mut old = create.clone();
    old.insert("timestamp".to_owned(), (now() / 1_000 - 301).to_string());
    assert!(
        v2.call("pay/create", old).await["msg"]
            .as_str()
            .unwrap()
            .contains("过期")
    );
    let mut md5ed = v2.signed(create.clone());
    md5ed.insert("sign_type".to_owned(), "MD5".to_owned());
    assert_eq!(v2.raw("pay/create", &md5ed).await["code"], -1);
    let mut forged = v2.signed(create.clone());
    forged.insert("money".to_owned(), "0.01".to_owned());
    assert_eq!(v2.raw("pay/create", &forged).await["code"], -1);

    let made = v2.call("pay/create", create).await;
    assert_eq!(
        (&made["code"], &made["pay_type"]),
        (&json!(0), &json!("jump")),
        "{made}"
    );
    let order = || some([("pid", PID), ("out_trade_no", "W1")]);
    assert_eq!(v2.call("pay/query", order()).await["status"], 0);
    client(5_000)
        .post(made["pay_info"].as_str().unwrap())
        .body("outcome=pay")
        .send()
        .await
        .unwrap();
    let told = pairs(&v2.shop.wait(1).await[0].query);
    assert!(v2.genuine(&told), "{told:?}");
    assert_eq!(
        (told["sign_type"].as_str(), told["money"].as_str()),
        ("RSA", "10.50")
    );
    assert!(told["timestamp"].parse::<i64>().unwrap() >= now() / 1_000 - 60);
    assert_eq!(told["endtime"].len(), "2026-11-20 10:00:21".len());

    let refund = |no: &'static str, money: &'static str| {
        some([
            ("pid", PID),
            ("out_trade_no", "W1"),
            ("out_refund_no", no),
            ("money", money),
        ])
    };
    let first = v2.call("pay/refund", refund("R1", "10")).await;
    assert_eq!(
        (&first["code"], &first["money"]),
        (&json!(0), &json!("10.00")),
        "{first}"
    );
    let again = v2.call("pay/refund", refund("R1", "10")).await;
    assert_eq!(again["refund_no"], first["refund_no"]);
    assert_eq!(
        v2.call("pay/refund", refund("R2", "0.51")).await["code"],
        -1
    );
    let seen = v2
        .call(
            "pay/refundquery",
            some([("pid", PID), ("out_refund_no", "R1")]),
        )
        .await;
    assert_eq!((&seen["code"], &seen["status"]), (&json!(0), &json!(1)));
    let found = v2.call("pay/query", order()).await;
    assert_eq!(
        (&found["status"], &found["refundmoney"]),
        (&json!(1), &json!("10.00"))
    );
    v2.call("pay/refund", refund("R3", "0.5")).await;
    assert_eq!(v2.call("pay/query", order()).await["status"], 2);

    assert_eq!(v2.call("pay/close", order()).await["code"], -1);
    let mut second = ask(&v2.shop, "W2");
    second.insert("method".to_owned(), "jump".to_owned());
    v2.call("pay/create", second).await;
    assert_eq!(
        v2.call("pay/close", some([("pid", PID), ("out_trade_no", "W2")]))
            .await["code"],
        0
    );
    let list = v2
        .call(
            "merchant/orders",
            some([("pid", PID), ("offset", "0"), ("limit", "10")]),
        )
        .await;
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
    assert_eq!(list["data"][0]["out_trade_no"], "W2", "newest first");
    v2.gateway.stop().await;
}
