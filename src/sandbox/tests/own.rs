use super::*;

#[tokio::test]
async fn a_payment_is_made_paid_and_told_with_a_signature() {
    let (gateway, shop) = (gateway().await, Shop::open());
    let base = gateway.base_url().to_owned();
    let (status, made) = call(&base, "/v1/payments", &order(&shop, "A1")).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["state"], "waiting");
    assert_eq!(made["amount"], 1_234);
    assert_eq!(state(&base, "A1").await, "waiting");

    let url = made["pay_url"].as_str().unwrap();
    let http = client(5_000);
    let page = http
        .get(url)
        .header("accept-language", "zh-CN,zh;q=0.9,en;q=0.8")
        .send()
        .await;
    let page = page.unwrap();
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let page = page.text().await.unwrap();
    assert!(
        page.contains("¥12.34") && page.contains(r#"lang="zh""#),
        "{page}"
    );
    assert!(!page.contains("<b>VIP"), "the subject is escaped: {page}");
    for value in ["pay", "decline", "cancel"] {
        assert!(
            page.contains(&format!(r#"name="outcome" value="{value}""#)),
            "{page}"
        );
    }
    let pressed = http.post(url).body("outcome=pay").send().await.unwrap();
    assert_eq!(pressed.status(), 303);
    let to = pressed.headers()["location"].to_str().unwrap();
    let page = http.get(to).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Payment received"), "{page}");
    let back = format!("{}&#38;merchant_no=A1&#38;trade_no=", shop.url("/back?o=1"));
    assert!(page.contains(&back), "{page}");
    let sheet = http
        .get(format!("{base}/assets/cashier.css"))
        .send()
        .await
        .unwrap();
    assert_eq!(sheet.status(), 200);

    let told = shop.wait(1).await.remove(0);
    assert_eq!(
        (told.verb.as_str(), told.path.as_str()),
        ("POST", "/callback/abc")
    );
    let header = |name: &str| told.headers[name].clone();
    let (at, nonce) = (header("x-sandbox-timestamp"), header("x-sandbox-nonce"));
    let signed = format!("{at}\n{nonce}\nPOST /callback/abc\n{}", told.body);
    assert_eq!(header("x-sandbox-signature"), hmac(KEY, &signed));
    assert_eq!(header("x-sandbox-merchant"), MERCHANT);
    let body = told.json();
    assert_eq!(body["event"], "payment.paid");
    assert_eq!(body["status"], "paid");
    assert_eq!(body["amount"], 1_234);
    assert_eq!(body["trade_no"], made["trade_no"]);
    let (_, found) = call(&base, "/v1/payments/query", &json!({ "merchant_no": "A1" })).await;
    assert_eq!(found["state"], "paid");
    assert_eq!(found["paid_at"], body["paid_at"]);
    gateway.stop().await;
}

#[tokio::test]
async fn a_repeated_create_answers_the_same_and_another_amount_is_refused() {
    let (gateway, shop) = (gateway().await, Shop::open());
    let base = gateway.base_url();
    let (_, first) = call(base, "/v1/payments", &order(&shop, "B1")).await;
    let (status, again) = call(base, "/v1/payments", &order(&shop, "B1")).await;
    assert_eq!((status, &again), (200, &first));
    let mut other = order(&shop, "B1");
    other["amount"] = json!(1_235);
    let (status, no) = call(base, "/v1/payments", &other).await;
    assert_eq!(
        (status, &no["error"]["code"]),
        (409, &json!("merchant_no_used"))
    );
    gateway.stop().await;
}

#[tokio::test]
async fn requests_that_do_not_prove_themselves_are_refused() {
    let (gateway, shop) = (gateway().await, Shop::open());
    let base = gateway.base_url();
    let ask = || Ask::new(base, "/v1/payments", &order(&shop, "C1"));
    let code = |body: &Value| body["error"]["code"].as_str().unwrap().to_owned();

    let mut wrong = ask();
    wrong.key = "f".repeat(32);
    assert_eq!(code(&wrong.send().await.unwrap().1), "bad_signature");
    let mut old = ask();
    old.timestamp -= 301;
    assert_eq!(code(&old.send().await.unwrap().1), "stale");
    let mut stranger = ask();
    stranger.merchant = "m2".to_owned();
    let (status, body, signed) = stranger.send().await.unwrap();
    assert_eq!(
        (status, code(&body).as_str(), signed),
        (401, "unknown_merchant", false)
    );
    let mut broken = ask();
    broken.body = "{".to_owned();
    assert_eq!(code(&broken.send().await.unwrap().1), "bad_request");
    assert_eq!(state(base, "C1").await, "none");

    let once = ask();
    assert_eq!(once.send().await.unwrap().0, 201);
    let (status, body, _) = once.send().await.unwrap();
    assert_eq!((status, code(&body).as_str()), (401, "nonce_used"));
    let mut much = order(&shop, "C2");
    much["amount"] = json!(0);
    assert_eq!(
        code(&call(base, "/v1/payments", &much).await.1),
        "amount_limit"
    );
    gateway.stop().await;
}

#[tokio::test]
async fn refunds_together_never_exceed_what_was_paid() {
    let (gateway, shop) = (gateway().await, Shop::open());
    let base = gateway.base_url().to_owned();
    call(&base, "/v1/payments", &order(&shop, "D1")).await;
    let refund = |no: String, amount: i64| {
        let base = base.clone();
        let ask = json!({ "merchant_no": "D1", "refund_no": no, "amount": amount });
        async move { call(&base, "/v1/refunds", &ask).await }
    };
    assert_eq!(
        refund("R0".to_owned(), 1).await.1["error"]["code"],
        "not_paid"
    );
    control(&base, "pay", &json!({ "merchant_no": "D1" })).await;
    let (status, first) = refund("R1".to_owned(), 234).await;
    assert_eq!((status, &first["state"]), (200, &json!("done")));
    assert_eq!(refund("R1".to_owned(), 234).await.1, first);
    assert_eq!(refund("R1".to_owned(), 235).await.0, 400);
    assert_eq!(
        refund("R2".to_owned(), 1_001).await.1["error"]["code"],
        "exceeds_paid"
    );

    let many = (0..16).map(|n| refund(format!("P{n}"), 100));
    let done = futures_util::future::join_all(many).await;
    assert_eq!(done.iter().filter(|(status, _)| *status == 200).count(), 10);
    let asked = json!({ "merchant_no": "D1" });
    assert_eq!(
        call(&base, "/v1/payments/query", &asked).await.1["refunded"],
        1_234
    );
    let (_, seen) = call(&base, "/v1/refunds/query", &json!({ "refund_no": "R1" })).await;
    assert_eq!(seen, first);
    let (status, _) = call(&base, "/v1/refunds/query", &json!({ "refund_no": "R2" })).await;
    assert_eq!(status, 404);
    gateway.stop().await;
}

#[tokio::test]
async fn a_payment_closes_once_and_a_paid_one_not_at_all() {
    let (gateway, shop) = (gateway().await, Shop::open());
    let base = gateway.base_url();
    let close =
        async |no: &str| call(base, "/v1/payments/close", &json!({ "merchant_no": no })).await;
    call(base, "/v1/payments", &order(&shop, "E1")).await;
    assert_eq!(close("E1").await.1["state"], "closed");
    assert_eq!(close("E1").await.0, 200);
    assert_eq!(close("E9").await.0, 404);
    let late = client(5_000).post(format!("{base}/control/pay"));
    assert_eq!(
        late.body(r#"{"merchant_no":"E1"}"#)
            .send()
            .await
            .unwrap()
            .status(),
        409
    );
    control(base, "pay", &json!({ "merchant_no": "E1", "late": true })).await;
    assert_eq!(state(base, "E1").await, "paid");
    let (status, body) = close("E1").await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (409, &json!("already_paid"))
    );
    gateway.stop().await;
}

#[tokio::test]
async fn declined_stays_payable_and_cancelled_closes() {
    let (gateway, shop) = (gateway().await, Shop::open());
    let base = gateway.base_url();
    let (_, made) = call(base, "/v1/payments", &order(&shop, "F1")).await;
    let url = made["pay_url"].as_str().unwrap();
    let press = async |outcome: &str| {
        let body = format!("outcome={outcome}");
        client(5_000).post(url).body(body).send().await.unwrap();
    };
    press("decline").await;
    assert_eq!(shop.wait(1).await[0].json()["status"], "failed");
    assert_eq!(state(base, "F1").await, "waiting");
    press("cancel").await;
    assert_eq!(shop.wait(2).await[1].json()["status"], "closed");
    assert_eq!(state(base, "F1").await, "closed");
    press("pay").await;
    assert_eq!(state(base, "F1").await, "closed");
    gateway.stop().await;
}

#[tokio::test]
async fn control_paths_are_for_programs_near_by() {
    let config = Config {
        listen: SocketAddr::from(([0, 0, 0, 0], 0)),
        data: folder(),
        control: false,
        base_url: None,
    };
    let open = start(config).await.unwrap();
    let url = format!("http://127.0.0.1:{}/control/switches", open.addr.port());
    assert_eq!(client(5_000).get(url).send().await.unwrap().status(), 404);
    open.stop().await;
    let near = gateway().await;
    let url = format!("{}/control/switches", near.base_url());
    let page = client(5_000)
        .get(url)
        .header("origin", "https://evil.example");
    assert_eq!(page.send().await.unwrap().status(), 404);
    near.stop().await;
}
