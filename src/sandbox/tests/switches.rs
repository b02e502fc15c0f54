use super::*;

async fn switched(set: Value) -> (Running, Shop, String) {
    let (gateway, shop) = (gateway().await, Shop::open());
    let base = gateway.base_url().to_owned();
    control(&base, "switches", &set).await;
    (gateway, shop, base)
}

async fn clear(base: &str) {
    let url = format!("{base}/control/switches");
    assert_eq!(
        client(5_000).delete(url).send().await.unwrap().status(),
        200
    );
}

async fn pay(base: &str, no: &str) {
    control(base, "pay", &json!({ "merchant_no": no })).await;
}

/// What came in and went out for a payment, by kind.
async fn kinds(base: &str, no: &str) -> Vec<String> {
    let log = look(base, &format!("log?merchant_no={no}")).await;
    let rows = log["log"].as_array().unwrap();
    rows.iter()
        .map(|row| row["kind"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn callback_none_says_nothing_until_asked() {
    let (gateway, shop, base) = switched(json!({ "callback": "none" })).await;
    call(&base, "/v1/payments", &order(&shop, "A")).await;
    pay(&base, "A").await;
    let counts = look(&base, "notices?merchant_no=A").await;
    assert_eq!((&counts["due"], &counts["done"]), (&json!(0), &json!(0)));
    control(&base, "notify", &json!({ "merchant_no": "A", "times": 2 })).await;
    shop.wait(2).await;
    gateway.stop().await;
}

#[tokio::test]
async fn callback_delay_waits() {
    let (gateway, shop, base) = switched(json!({ "callback": { "delay_ms": 700 } })).await;
    call(&base, "/v1/payments", &order(&shop, "A")).await;
    let begun = Instant::now();
    pay(&base, "A").await;
    shop.wait(1).await;
    assert!(begun.elapsed() >= Duration::from_millis(700));
    gateway.stop().await;
}

#[tokio::test]
async fn callback_before_answer_is_answered_first() {
    let (gateway, shop, base) = switched(json!({ "callback": "before_answer" })).await;
    let (status, made) = call(&base, "/v1/payments", &order(&shop, "A")).await;
    assert_eq!((status, &made["state"]), (201, &json!("paid")));
    assert_eq!(shop.told().len(), 1, "told before the create was answered");
    assert_eq!(kinds(&base, "A").await, ["notice_taken", "create"]);
    gateway.stop().await;
}

#[tokio::test]
async fn callback_out_of_order_tells_an_old_state_last() {
    let (gateway, shop, base) = switched(json!({ "callback": "out_of_order" })).await;
    call(&base, "/v1/payments", &order(&shop, "A")).await;
    pay(&base, "A").await;
    let told = shop.wait(2).await;
    let statuses: Vec<Value> = told.iter().map(|t| t.json()["status"].clone()).collect();
    assert_eq!(statuses, ["paid", "waiting"]);
    gateway.stop().await;
}

#[tokio::test]
async fn repeat_tells_n_times_at_most_eight_at_once() {
    let (gateway, shop, base) = switched(json!({ "repeat": 40 })).await;
    shop.pauses(20);
    call(&base, "/v1/payments", &order(&shop, "A")).await;
    pay(&base, "A").await;
    shop.wait(40).await;
    assert_eq!(shop.most_at_once(), 8);
    gateway.stop().await;
}

#[tokio::test]
async fn wrong_amount_differs_in_the_notice_only() {
    let (gateway, shop, base) = switched(json!({ "wrong_amount": -34 })).await;
    call(&base, "/v1/payments", &order(&shop, "A")).await;
    pay(&base, "A").await;
    assert_eq!(shop.wait(1).await[0].json()["amount"], 1_200);
    let (_, found) = call(&base, "/v1/payments/query", &json!({ "merchant_no": "A" })).await;
    assert_eq!(found["amount"], 1_234);
    gateway.stop().await;
}

#[tokio::test]
async fn lie_tells_of_money_that_is_not_there() {
    let (gateway, shop, base) = switched(json!({ "lie": true, "times": 1 })).await;
    call(&base, "/v1/payments", &order(&shop, "A")).await;
    let told = shop.wait(1).await[0].json();
    assert_eq!(told["status"], "paid");
    assert!(told["paid_at"].is_i64());
    assert_eq!(state(&base, "A").await, "waiting");
    pay(&base, "A").await;
    assert_eq!(state(&base, "A").await, "paid", "used up after one lie");
    gateway.stop().await;
}

#[tokio::test]
async fn create_faults_do_what_they_say() {
    let cases = [
        ("timeout_done", None, "waiting"),
        ("timeout_not_done", None, "none"),
        ("reset", None, "none"),
        ("http_500", Some((500, false)), "none"),
        ("malformed", Some((201, false)), "waiting"),
        ("refuse", Some((409, true)), "none"),
    ];
    for (how, answer, after) in cases {
        let (gateway, shop, base) = switched(json!({ "create": how, "times": 1 })).await;
        let mut ask = Ask::new(&base, "/v1/payments", &order(&shop, "A"));
        ask.patience = 700;
        let begun = Instant::now();
        match (ask.send().await, answer) {
            (Err(error), None) => {
                let timed_out = how != "reset";
                assert_eq!(error.is_timeout(), timed_out, "{how}: {error:?}");
                assert_eq!(
                    begun.elapsed() >= Duration::from_millis(700),
                    timed_out,
                    "{how}"
                );
            }
            (Ok((status, body, signed)), Some(expected)) => {
                assert_eq!((status, signed), expected, "{how}: {body}");
                if how == "refuse" {
                    assert_eq!(body["error"]["code"], "declined");
                } else {
                    assert_eq!(body, Value::Null, "{how}: no JSON");
                }
            }
            (got, _) => panic!("{how}: {got:?}"),
        }
        assert_eq!(state(&base, "A").await, after, "{how}");
        assert_eq!(
            kinds(&base, "A").await[0],
            "create",
            "{how}: the log has seen it"
        );
        let (status, _) = call(&base, "/v1/payments", &order(&shop, "A")).await;
        assert_eq!(
            status,
            if after == "waiting" { 200 } else { 201 },
            "{how}: used up"
        );
        gateway.stop().await;
    }
}

#[tokio::test]
async fn query_faults_do_what_they_say() {
    let (gateway, shop) = (gateway().await, Shop::open());
    let base = gateway.base_url().to_owned();
    call(&base, "/v1/payments", &order(&shop, "A")).await;
    let ask = async |how: Value| {
        control(
            &base,
            "switches",
            &json!({ "query": how, "merchant_no": "A", "times": 1 }),
        )
        .await;
        let mut ask = Ask::new(&base, "/v1/payments/query", &json!({ "merchant_no": "A" }));
        ask.patience = 500;
        ask.send().await
    };
    assert!(ask(json!("timeout")).await.unwrap_err().is_timeout());
    let (status, _, signed) = ask(json!("http_500")).await.unwrap();
    assert_eq!((status, signed), (500, false));
    let (status, body, signed) = ask(json!("malformed")).await.unwrap();
    assert_eq!((status, body, signed), (200, Value::Null, false));
    let (status, body, signed) = ask(json!("not_found")).await.unwrap();
    assert_eq!(
        (status, signed, &body["error"]["code"]),
        (404, true, &json!("not_found"))
    );
    let (_, body, _) = ask(json!({ "amount": 1 })).await.unwrap();
    assert_eq!(body["amount"], 1);
    let (_, body) = call(&base, "/v1/payments/query", &json!({ "merchant_no": "A" })).await;
    assert_eq!(body["amount"], 1_234);
    gateway.stop().await;
}

#[tokio::test]
async fn refund_faults_do_what_they_say() {
    let (gateway, shop) = (gateway().await, Shop::open());
    let base = gateway.base_url().to_owned();
    call(&base, "/v1/payments", &order(&shop, "A")).await;
    pay(&base, "A").await;
    let ask = async |how: &str, no: &str| {
        control(&base, "switches", &json!({ "refund": how, "times": 1 })).await;
        let body = json!({ "merchant_no": "A", "refund_no": no, "amount": 100 });
        let mut ask = Ask::new(&base, "/v1/refunds", &body);
        ask.patience = 500;
        ask.send().await
    };
    let refunded = async || {
        let (_, found) = call(&base, "/v1/payments/query", &json!({ "merchant_no": "A" })).await;
        found["refunded"].as_i64().unwrap()
    };
    assert!(ask("timeout_done", "R1").await.unwrap_err().is_timeout());
    assert_eq!(refunded().await, 100);
    assert!(
        ask("timeout_not_done", "R2")
            .await
            .unwrap_err()
            .is_timeout()
    );
    assert_eq!(ask("http_500", "R2").await.unwrap().0, 500);
    assert_eq!(refunded().await, 100);
    assert_eq!(ask("fail", "R3").await.unwrap().1["state"], "failed");
    assert_eq!(refunded().await, 100);
    assert_eq!(ask("pending", "R4").await.unwrap().1["state"], "pending");
    assert_eq!(refunded().await, 200, "pending money is set aside");
    let end = json!({ "merchant": MERCHANT, "refund_no": "R4", "state": "failed" });
    control(&base, "refund", &end).await;
    assert_eq!(refunded().await, 100);
    let (_, seen) = call(&base, "/v1/refunds/query", &json!({ "refund_no": "R4" })).await;
    assert_eq!(seen["state"], "failed");
    gateway.stop().await;
}

#[tokio::test]
async fn close_faults_do_what_they_say() {
    let (gateway, shop) = (gateway().await, Shop::open());
    let base = gateway.base_url().to_owned();
    let ask = async |how: &str, no: &str| {
        call(&base, "/v1/payments", &order(&shop, no)).await;
        control(&base, "switches", &json!({ "close": how, "times": 1 })).await;
        let mut ask = Ask::new(&base, "/v1/payments/close", &json!({ "merchant_no": no }));
        ask.patience = 500;
        ask.send().await
    };
    assert!(ask("timeout_done", "A").await.unwrap_err().is_timeout());
    assert_eq!(state(&base, "A").await, "closed");
    assert_eq!(ask("http_500", "B").await.unwrap().0, 500);
    assert_eq!(state(&base, "B").await, "waiting");
    assert_eq!(
        ask("refuse", "C").await.unwrap().1["error"]["code"],
        "declined"
    );
    assert_eq!(state(&base, "C").await, "waiting");
    gateway.stop().await;
}

#[tokio::test]
async fn switches_have_scopes_and_the_last_word_wins() {
    let (gateway, shop, base) = switched(json!({ "create": "refuse", "merchant_no": "A" })).await;
    assert_eq!(call(&base, "/v1/payments", &order(&shop, "A")).await.0, 409);
    assert_eq!(call(&base, "/v1/payments", &order(&shop, "B")).await.0, 201);
    control(
        &base,
        "switches",
        &json!({ "create": "refuse", "merchant": "other" }),
    )
    .await;
    assert_eq!(call(&base, "/v1/payments", &order(&shop, "C")).await.0, 201);
    control(&base, "switches", &json!({ "create": "normal" })).await;
    assert_eq!(call(&base, "/v1/payments", &order(&shop, "A")).await.0, 201);
    assert_eq!(
        look(&base, "switches").await["switches"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    clear(&base).await;
    assert_eq!(look(&base, "switches").await["switches"], json!([]));
    let wrong = client(5_000)
        .post(format!("{base}/control/switches"))
        .body(r#"{"craete":"reset"}"#);
    assert_eq!(wrong.send().await.unwrap().status(), 400);
    gateway.stop().await;
}
