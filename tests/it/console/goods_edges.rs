//! Goods at the edges: forms that are refused, two who edit at once, fields nobody asked for.

use serde_json::json;

use super::goods::{CATEGORY, PRODUCT, audited, clerk_and_shelf, count, make, one, over, send};
use crate::harness::{Clerk, field, on_both_engines};

on_both_engines!(what_is_refused_changes_nothing, |shop| async move {
    let (clerk, shelf) = clerk_and_shelf(&shop).await;
    let at = make(&clerk, &shelf, &[]).await;
    let page = clerk.get("/admin/products/new").await.expect(200);
    let lines = count(&shop, "audit");
    let long = "x".repeat(201);
    for (wrong, input) in [
        (("name_zh", ""), "name_zh"),
        (("name_en", long.as_str()), "name_en"),
        (("slug", "a b"), "slug"),
        (("slug", "notemaster"), "slug"),
        (("category", "no-such"), "category"),
        (("delivery", "drone"), "delivery"),
        (("low_stock", "-1"), "low_stock"),
        (("picture", "//evil.example/x"), "picture"),
        (("f0_pattern", "["), "f0_pattern"),
        (("f0_key", "Ä"), "f0_key"),
        (("sku", "nm-1"), "sku"),
        (("price", "1,5"), "price"),
        (("price", ""), "price"),
    ] {
        let changes = [
            ("category", shelf.as_str()),
            ("slug", "second"),
            ("sku", "second"),
            wrong,
        ];
        let refused = send(&clerk, &page, "/admin/products", &over(PRODUCT, &changes)).await;
        let text = refused.expect(422).text();
        let link = format!("href=\"#{input}\"");
        assert!(
            text.contains(&link) && text.contains("Takes notes"),
            "{wrong:?}: {text}"
        );
    }
    // A form without its token, and a form of nobody.
    let changes = [
        ("category", shelf.as_str()),
        ("slug", "third"),
        ("sku", "third"),
    ];
    let fields = over(PRODUCT, &changes);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (&**n, &**v)).collect();
    for to in [
        "/admin/products",
        at.as_str(),
        "/admin/products/preview",
        "/admin/categories",
        "/admin/categories/order",
        &format!("{at}/duplicate"),
        &format!("{at}/variants"),
        "/admin/setup/shop",
        "/admin/setup/channel",
        "/admin/setup/product",
        "/admin/setup/finish",
    ] {
        clerk.send_as(to, &fields, &[]).await.expect(403);
    }
    let stranger = Clerk::at(shop.http());
    for page in [
        "/admin/products",
        at.as_str(),
        "/admin/categories",
        "/admin/setup",
    ] {
        let sent = stranger.get(page).await.expect(303);
        assert!(
            sent.header("location")
                .is_some_and(|to| to.starts_with("/admin/login"))
        );
    }
    clerk.get("/admin/products/no-such").await.expect(404);
    clerk.get("/admin/products/%00").await.expect(404);
    assert_eq!(
        (count(&shop, "product"), count(&shop, "variant")),
        ("1".to_owned(), "1".to_owned())
    );
    assert_eq!(count(&shop, "audit"), lines);
});

on_both_engines!(two_who_edit_at_once_are_told, |shop| async move {
    let (clerk, shelf) = clerk_and_shelf(&shop).await;
    let at = make(&clerk, &shelf, &[]).await;
    let page = clerk.get(&at).await.expect(200);
    let seen = field(&page.text(), "seen");
    let mine = |name: &str, seen: &str| {
        over(
            PRODUCT,
            &[("category", &shelf), ("seen", seen), ("name_en", name)],
        )
    };
    send(&clerk, &page, &at, &mine("First", &seen))
        .await
        .expect(303);
    let told = send(&clerk, &page, &at, &mine("Second", &seen))
        .await
        .expect(409)
        .text();
    assert!(told.contains("<td>First</td><td>Second</td>"), "{told}");
    assert!(
        told.contains("value=\"Second\""),
        "what was typed is kept: {told}"
    );
    assert_eq!(one(&shop, "SELECT name_en FROM product"), "First");
    // Saved again, knowingly.
    let seen = field(&told, "seen");
    send(&clerk, &page, &at, &mine("Second", &seen))
        .await
        .expect(303);
    assert_eq!(one(&shop, "SELECT name_en FROM product"), "Second");
    assert_eq!(audited(&shop, "product.save"), "2");

    // The same for a category, whose order is set by one form.
    let category = format!("/admin/categories/{shelf}");
    let page = clerk.get(&category).await.expect(200);
    let seen = field(&page.text(), "seen");
    let place = format!("place-{shelf}");
    let order = [(place.as_str(), "9")];
    clerk
        .post("/admin/categories", "/admin/categories/order", &order)
        .await
        .expect(303);
    let fields = over(CATEGORY, &[("seen", &seen), ("name_en", "Programs")]);
    send(&clerk, &page, &category, &fields).await.expect(409);
    assert_eq!(
        one(&shop, "SELECT CAST(position AS TEXT) FROM category"),
        "9"
    );
    assert_eq!(one(&shop, "SELECT name_en FROM category"), "Software");
    assert_eq!(audited(&shop, "category.order"), "1");
});

on_both_engines!(
    /// X47: fields that nobody asked for change nothing, in forms and in the API.
    x47_fields_nobody_asked_for_change_nothing,
    |shop| async move {
        let (clerk, shelf) = clerk_and_shelf(&shop).await;
        let more = [
            ("id", "chosen-id"),
            ("seller_id", "another-seller"),
            ("created_at", "1"),
            ("changed_at", "1"),
            ("role", "owner"),
            ("staff_id", "chosen"),
            ("product_id", "chosen-id"),
            ("max_quantity", "9999999"),
        ];
        let at = make(&clerk, &shelf, &more).await;
        assert!(!at.contains("chosen-id"));
        let house = one(&shop, "SELECT id FROM seller");
        for query in [
            "SELECT seller_id FROM product",
            "SELECT seller_id FROM variant",
        ] {
            assert_eq!(one(&shop, query), house, "{query}");
        }
        let page = clerk.get(&at).await.expect(200);
        let seen = field(&page.text(), "seen");
        let fields = over(
            PRODUCT,
            &[&[("category", shelf.as_str()), ("seen", &seen)], &more[..]].concat(),
        );
        send(&clerk, &page, &at, &fields).await.expect(303);
        for (query, wanted) in [
            ("SELECT seller_id FROM product", house.as_str()),
            (
                "SELECT CAST(COUNT(*) AS TEXT) FROM product WHERE id = 'chosen-id' OR created_at = 1",
                "0",
            ),
            ("SELECT CAST(max_quantity AS TEXT) FROM variant", "100"),
            ("SELECT CAST(COUNT(*) AS TEXT) FROM staff", "1"),
        ] {
            assert_eq!(one(&shop, query), wanted, "{query}");
        }

        // The API refuses an order whose body names what only the shop decides.
        let variant = shop.variant("notemaster").await;
        for (name, value) in [
            ("state", json!("delivered")),
            ("amount", json!(1)),
            ("price", json!(1)),
            ("seller_id", json!("another-seller")),
            ("role", json!("owner")),
            ("balance", json!(1_000_000)),
            ("paid_at", json!(1)),
        ] {
            let mut body = json!({
                "variant": variant, "quantity": 1, "email": "b@example.com", "method": "alipay",
                "locale": "en", "fields": {"account": "12345"},
            });
            body[name] = value;
            let answer = shop.try_place(&body).await;
            assert!(
                (400..500).contains(&answer.status),
                "{name}: {}",
                answer.text()
            );
            let told = answer.text();
            assert!(told.contains(name), "the field is named: {told}");
        }
        assert_eq!(count(&shop, "orders"), "0");
    }
);
