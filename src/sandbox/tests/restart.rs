use super::*;

#[tokio::test]
async fn a_notice_not_taken_is_told_again_after_a_restart() {
    let (folder, shop) = (folder(), Shop::open());
    shop.answers(|_| (400, r#"{"ok":false}"#));
    let first = gateway_in(&folder).await;
    first
        .ensure_merchant(Merchant::own(MERCHANT, KEY))
        .await
        .unwrap();
    call(first.base_url(), "/v1/payments", &order(&shop, "G1")).await;
    control(first.base_url(), "pay", &json!({ "merchant_no": "G1" })).await;
    shop.wait(1).await;
    first.stop().await;

    let before = shop.told().len();
    shop.answers(|_| (200, r#"{"ok":true}"#));
    let second = gateway_in(&folder).await;
    let told = shop.wait(before + 1).await;
    assert_eq!(told[before].json()["merchant_no"], "G1");
    let base = second.base_url().to_owned();
    until("the notice to be done", || async {
        look(&base, "notices?merchant_no=G1").await["done"] == 1
    })
    .await;
    assert_eq!(state(&base, "G1").await, "paid");
    second.stop().await;
}

/// The files as a kill leaves them: whatever was answered is in them.
#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let (alive, killed, shop) = (folder(), folder(), Shop::open());
    shop.answers(|_| (500, "down"));
    let gateway = gateway_in(&alive).await;
    gateway
        .ensure_merchant(Merchant::own(MERCHANT, KEY))
        .await
        .unwrap();
    let base = gateway.base_url().to_owned();
    control(
        &base,
        "switches",
        &json!({ "callback": { "delay_ms": 200 } }),
    )
    .await;
    call(&base, "/v1/payments", &order(&shop, "H1")).await;
    control(&base, "pay", &json!({ "merchant_no": "H1" })).await;
    std::fs::create_dir_all(&killed).unwrap();
    for name in ["sandbox.db", "sandbox.db-wal"] {
        std::fs::copy(alive.join(name), killed.join(name)).unwrap();
    }
    gateway.stop().await;
    let before = shop.told().len();
    shop.answers(|_| (200, r#"{"ok":true}"#));
    let risen = gateway_in(&killed).await;
    assert_eq!(state(risen.base_url(), "H1").await, "paid");
    let told = shop.wait(before + 1).await;
    assert_eq!(told[before].json()["status"], "paid");
    assert_eq!(
        look(risen.base_url(), "switches").await["switches"][0]["callback"]["delay_ms"],
        200
    );
    risen.stop().await;
}

#[tokio::test]
async fn gaps_grow_and_a_second_gateway_is_refused() {
    let (folder, shop) = (folder(), Shop::open());
    shop.answers(|n| {
        if n < 2 {
            (200, "ok")
        } else {
            (200, r#"{"ok":true}"#)
        }
    });
    let gateway = gateway_in(&folder).await;
    gateway
        .ensure_merchant(Merchant::own(MERCHANT, KEY))
        .await
        .unwrap();
    let config = Config {
        listen: gateway.addr,
        data: folder.clone(),
        control: false,
        base_url: None,
    };
    assert!(matches!(
        start(config).await,
        Err(crate::sandbox::Error::InUse(_))
    ));
    call(gateway.base_url(), "/v1/payments", &order(&shop, "I1")).await;
    let begun = Instant::now();
    control(gateway.base_url(), "pay", &json!({ "merchant_no": "I1" })).await;
    shop.wait(3).await;
    assert!(
        begun.elapsed() >= Duration::from_millis(2_900),
        "{:?}",
        begun.elapsed()
    );
    gateway.stop().await;
}
