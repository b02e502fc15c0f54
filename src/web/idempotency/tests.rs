use futures_util::future::join_all;

use super::*;
use crate::web::fixture::Fixture;

fn claim(shop: &Fixture, network: &str, body: &[u8]) -> Claim {
    let key = "key-1".parse().unwrap();
    Claim::of_guest(&shop.app.sealer, "POST /test", network, key, body)
}

fn held(begun: Begun) -> Held {
    match begun {
        Begun::Fresh(held) | Begun::Resume(held) => held,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_key_is_visible_ascii() {
    for good in [
        "a",
        "550e8400-e29b-41d4-a716-446655440000",
        "~!",
        &"k".repeat(200),
    ] {
        assert!(good.parse::<Key>().is_ok(), "{good}");
    }
    for bad in ["", " ", "a b", "a\n", "键", "a\u{7f}", &"k".repeat(201)] {
        assert!(bad.parse::<Key>().is_err(), "{bad:?}");
    }
}

#[actix_web::test]
async fn of_many_equal_requests_one_is_fresh() {
    let shop = Fixture::without_gateway().await;
    let claim = claim(&shop, "203.0.113.9", b"body");
    let begun = join_all((0..64).map(|_| begin(&shop.app, &claim))).await;
    let begun: Vec<Begun> = begun.into_iter().map(Result::unwrap).collect();
    let fresh = begun
        .iter()
        .filter(|b| matches!(b, Begun::Fresh(_)))
        .count();
    let running = begun
        .iter()
        .filter(|b| matches!(b, Begun::Known(Outcome::Running { retry_after: 2 })));
    assert_eq!((fresh, running.count()), (1, 63));
}

#[actix_web::test]
async fn rows_are_of_one_caller_and_one_body() {
    let shop = Fixture::without_gateway().await;
    let first = begin(&shop.app, &claim(&shop, "203.0.113.9", b"body"))
        .await
        .unwrap();
    let other = begin(&shop.app, &claim(&shop, "203.0.113.9", b"another"))
        .await
        .unwrap();
    assert_eq!(other, Begun::Known(Outcome::Mismatch));
    let refusal = Outcome::Mismatch.refusal();
    assert_eq!(refusal.map(|p| p.status), Some(422));
    let neighbour = begin(&shop.app, &claim(&shop, "203.0.113.10", b"another"))
        .await
        .unwrap();
    assert!(matches!(neighbour, Begun::Fresh(_)));
    assert_ne!(held(first).order, held(neighbour).order);
}

/// The row tells nobody who asked for what (X60): hashes are keyed, the answer is sealed.
#[actix_web::test]
async fn an_answer_is_kept_sealed_and_given_again() {
    let shop = Fixture::without_gateway().await;
    let claim = claim(&shop, "203.0.113.9", b"body with a password");
    let held = held(begin(&shop.app, &claim).await.unwrap());
    finish(
        &shop.app,
        &claim,
        &held,
        201,
        b"{\"view_token\":\"secret\"}",
    )
    .await
    .unwrap();
    // A late holder does not overwrite it.
    finish(&shop.app, &claim, &held, 201, b"{}").await.unwrap();
    let replay = begin(&shop.app, &claim).await.unwrap();
    let body = b"{\"view_token\":\"secret\"}".to_vec();
    let wanted = |with_token| {
        Begun::Known(Outcome::Answer {
            order: held.order.clone(),
            status: 201,
            body: body.clone(),
            with_token,
        })
    };
    assert_eq!(replay, wanted(true));
    shop.clock.advance(TOKEN_AGAIN + 1);
    assert_eq!(begin(&shop.app, &claim).await.unwrap(), wanted(false));
    let row: Row = shop
        .app
        .store
        .read(|db| -> Result<Row, StoreError> {
            Ok(idempotency::table.select(Row::as_select()).first(db)?)
        })
        .await
        .unwrap();
    let sealed = row.response.unwrap();
    assert!(!sealed.windows(6).any(|w| w == b"secret"));
    assert!(!row.caller.contains("203.0.113.9"));
}

#[actix_web::test]
async fn after_its_lease_a_request_goes_on_with_the_same_order() {
    let shop = Fixture::without_gateway().await;
    let claim = claim(&shop, "203.0.113.9", b"body");
    let first = held(begin(&shop.app, &claim).await.unwrap());
    shop.clock.advance(LEASE - 1);
    let running = begin(&shop.app, &claim).await.unwrap();
    assert_eq!(running, Begun::Known(Outcome::Running { retry_after: 1 }));
    shop.clock.advance(1);
    let resumed = begin(&shop.app, &claim).await.unwrap();
    assert!(matches!(resumed, Begun::Resume(_)));
    let second = held(resumed);
    assert_eq!(second.order, first.order);
    assert!(matches!(
        begin(&shop.app, &claim).await.unwrap(),
        Begun::Known(Outcome::Running { .. })
    ));
    // The first holder is late: it neither frees nor shortens what the second one holds.
    forget(&shop.app, &claim, &first).await.unwrap();
    release(&shop.app, &claim, &first).await.unwrap();
    assert!(matches!(
        begin(&shop.app, &claim).await.unwrap(),
        Begun::Known(Outcome::Running { .. })
    ));
    // Nobody knows what was made: the next one goes on at once, with the same order.
    release(&shop.app, &claim, &second).await.unwrap();
    let third = held(begin(&shop.app, &claim).await.unwrap());
    assert_eq!(third.order, first.order);
    // Nothing was made: the key is free, and the next order is another one.
    forget(&shop.app, &claim, &third).await.unwrap();
    let fourth = begin(&shop.app, &claim).await.unwrap();
    assert!(matches!(fourth, Begun::Fresh(_)));
    assert_ne!(held(fourth).order, first.order);
}

/// Equal requests at once, and one whose client has gone: the work is done once, to its end.
#[actix_web::test]
async fn work_is_done_once_and_to_its_end() {
    let shop = Fixture::without_gateway().await;
    let claim = claim(&shop, "203.0.113.9", b"body");
    let begun = Arc::new(tokio::sync::Semaphore::new(0));
    let go_on = Arc::new(tokio::sync::Semaphore::new(0));
    let work = |word: &'static [u8]| {
        let (begun, go_on) = (Arc::clone(&begun), Arc::clone(&go_on));
        let work = move |_, _| async move {
            begun.add_permits(1);
            let _turn = go_on.acquire().await;
            Ok::<_, crate::order::Error>(word.to_vec())
        };
        once(&shop.app, claim.clone(), StatusCode::CREATED, work)
    };
    // The client hangs up in the middle.
    tokio::select! {
        _ = work(b"first") => panic!("it waits"),
        _ = begun.acquire() => {}
    }
    let running = work(b"second").await;
    assert!(matches!(running, Ok(Outcome::Running { .. })));
    let patient = Duration::from_millis(150);
    wait(&shop.app, &claim, patient).await.unwrap();
    go_on.add_permits(1);
    wait(&shop.app, &claim, Duration::from_secs(30))
        .await
        .unwrap();
    let Ok(Outcome::Answer { body, status, .. }) = work(b"third").await else {
        panic!("it is done");
    };
    assert_eq!((body.as_slice(), status), (&b"first"[..], 201));
}

/// A refusal frees the key only when nothing was made.
#[actix_web::test]
async fn a_refusal_frees_the_key_only_when_nothing_was_made() {
    let shop = Fixture::without_gateway().await;
    let claim = claim(&shop, "203.0.113.9", b"body");
    let ids = Arc::new(std::sync::Mutex::new(Vec::new()));
    let work = |refuse: Option<crate::order::Error>| {
        let ids = Arc::clone(&ids);
        let work = move |id: OrderId, resumed| async move {
            ids.lock().unwrap().push((id, resumed));
            refuse.map_or(Ok(Vec::new()), Err)
        };
        once(&shop.app, claim.clone(), StatusCode::CREATED, work)
    };
    let lost = crate::order::Error::Store(StoreError::Closed);
    assert!(work(Some(lost)).await.is_err());
    assert!(work(Some(crate::order::Error::NotOnSale)).await.is_err());
    assert!(work(None).await.is_ok());
    let ids = ids.lock().unwrap();
    assert_eq!((ids[0].1, ids[1].1, ids[2].1), (false, true, false));
    assert_eq!(ids[0].0, ids[1].0, "nobody knew: the same order");
    assert_ne!(ids[1].0, ids[2].0, "nothing was made: another one");
}

#[actix_web::test]
async fn a_day_later_the_key_is_new() {
    let shop = Fixture::without_gateway().await;
    let claim = claim(&shop, "203.0.113.9", b"body");
    let first = held(begin(&shop.app, &claim).await.unwrap());
    finish(&shop.app, &claim, &first, 201, b"{}").await.unwrap();
    shop.clock.advance(RETENTION);
    assert_eq!(
        forget_old(&shop.app).await.unwrap(),
        0,
        "not past its day yet"
    );
    let fresh = begin(&shop.app, &claim).await.unwrap();
    assert!(matches!(fresh, Begun::Fresh(_)));
    shop.clock.advance(RETENTION + 1);
    assert_eq!(forget_old(&shop.app).await.unwrap(), 1);
    assert_eq!(shop.count("idempotency").await, 0);
}
