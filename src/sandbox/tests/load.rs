use super::*;

/// Many payments at once, all told; prints what the machine made of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_payments_are_all_told_once() {
    const MANY: usize = 1_000;
    let (gateway, shop) = (gateway().await, Shop::open());
    let base = gateway.base_url().to_owned();
    let http = client(30_000);
    let begun = Instant::now();
    let one = |n: usize| {
        let (base, shop, http) = (base.clone(), shop.clone(), http.clone());
        async move {
            let ask = Ask::new(&base, "/v1/payments", &order(&shop, &format!("L{n}")));
            let signed = format!(
                "{}\n{}\nPOST {}\n{}",
                ask.timestamp, ask.nonce, ask.path, ask.body
            );
            let request = http
                .post(&ask.url)
                .header("x-sandbox-merchant", &ask.merchant)
                .header("x-sandbox-timestamp", ask.timestamp.to_string())
                .header("x-sandbox-nonce", &ask.nonce)
                .header("x-sandbox-signature", hmac(KEY, &signed))
                .body(ask.body.clone());
            assert_eq!(request.send().await.unwrap().status(), 201);
            let body = json!({ "merchant_no": format!("L{n}") }).to_string();
            let pay = http.post(format!("{base}/control/pay")).body(body);
            assert_eq!(pay.send().await.unwrap().status(), 200);
        }
    };
    use futures_util::StreamExt as _;
    futures_util::stream::iter(0..MANY)
        .map(one)
        .buffer_unordered(64)
        .collect::<Vec<_>>()
        .await;
    let told = shop.wait(MANY).await;
    let took = begun.elapsed();
    let numbers: std::collections::BTreeSet<String> = told
        .iter()
        .map(|t| t.json()["merchant_no"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((told.len(), numbers.len()), (MANY, MANY));
    println!("{MANY} payments made, paid and told in {took:?}");
    gateway.stop().await;
}

#[tokio::test]
async fn one_payment_told_a_thousand_times_over_64_connections() {
    let (gateway, shop) = (gateway().await, Shop::open());
    let base = gateway.base_url().to_owned();
    shop.pauses(5);
    control(
        &base,
        "switches",
        &json!({ "repeat": 1_000, "parallel": 64 }),
    )
    .await;
    call(&base, "/v1/payments", &order(&shop, "M1")).await;
    let begun = Instant::now();
    control(&base, "pay", &json!({ "merchant_no": "M1" })).await;
    shop.wait(1_000).await;
    println!(
        "1000 notices in {:?}, {} at once",
        begun.elapsed(),
        shop.most_at_once()
    );
    assert!(
        shop.most_at_once() > 32 && shop.most_at_once() <= 64,
        "{}",
        shop.most_at_once()
    );
    until("every notice to be done", || async {
        look(&base, "notices?merchant_no=M1").await["done"] == 1_000
    })
    .await;
    assert_eq!(shop.told().len(), 1_000);
    gateway.stop().await;
}
