//! Products, variants and categories: made, changed, copied and previewed.

use crate::harness::{Clerk, Reply, TestShop, field, on_both_engines};

pub(super) type Fields = Vec<(String, String)>;

pub(super) fn over(base: &[(&str, &str)], changes: &[(&str, &str)]) -> Fields {
    let mut all: Fields = base
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    for (name, value) in changes {
        all.retain(|(known, _)| known != name);
        all.push(((*name).to_owned(), (*value).to_owned()));
    }
    all
}

pub(super) async fn send(clerk: &Clerk, page: &Reply, to: &str, fields: &Fields) -> Reply {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (&**n, &**v)).collect();
    clerk.send(page, to, &fields).await
}

pub(super) fn one(shop: &TestShop, query: &str) -> String {
    shop.scalar(query).unwrap_or_default()
}

pub(super) fn count(shop: &TestShop, table: &str) -> String {
    one(shop, &format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table}"))
}

/// Lines of the audit log about one action, in all.
pub(super) fn audited(shop: &TestShop, action: &str) -> String {
    count(shop, &format!("audit WHERE action = '{action}'"))
}

pub(super) const CATEGORY: &[(&str, &str)] = &[
    ("name_zh", "软件"),
    ("name_en", "Software"),
    ("slug", "software"),
    ("position", ""),
];

pub(super) const PRODUCT: &[(&str, &str)] = &[
    ("name_zh", "笔记大师"),
    ("name_en", "NoteMaster"),
    ("slug", "notemaster"),
    ("summary_zh", "写笔记"),
    ("summary_en", "Takes notes"),
    ("description_zh", "**粗体** <script>alert(1)</script>"),
    ("description_en", "**Bold** <script>alert(1)</script>"),
    ("usage_zh", ""),
    ("usage_en", ""),
    ("picture", "key"),
    ("delivery", "manual"),
    ("reserves", "1"),
    ("low_stock", "5"),
    ("promised_minutes", "60"),
    ("state", "on"),
    ("position", "7"),
    ("f0_key", "account"),
    ("f0_label_zh", "账号"),
    ("f0_label_en", "Account"),
    ("f0_kind", "pattern"),
    ("f0_pattern", "[0-9]{5,12}"),
    ("f0_required", "1"),
    ("sku", "nm-1"),
    ("price", "29.90"),
    ("currency", "CNY"),
];

/// A clerk in a shop with one category; its id.
pub(super) async fn clerk_and_shelf(shop: &TestShop) -> (Clerk, String) {
    let clerk = Clerk::first_of(shop).await;
    let page = clerk.get("/admin/categories").await.expect(200);
    let made = over(CATEGORY, &[]);
    send(&clerk, &page, "/admin/categories", &made)
        .await
        .expect(303);
    let shelf = one(shop, "SELECT id FROM category WHERE slug = 'software'");
    (clerk, shelf)
}

/// Makes the product of [`PRODUCT`]; where its page is.
pub(super) async fn make(clerk: &Clerk, shelf: &str, changes: &[(&str, &str)]) -> String {
    let page = clerk.get("/admin/products/new").await.expect(200);
    let fields = over(PRODUCT, &[&[("category", shelf)], changes].concat());
    let made = send(clerk, &page, "/admin/products", &fields)
        .await
        .expect(303);
    made.header("location").expect("a page").to_owned()
}

on_both_engines!(a_product_is_made_sold_and_changed, |shop| async move {
    let (clerk, shelf) = clerk_and_shelf(&shop).await;
    let at = make(&clerk, &shelf, &[]).await;
    let page = clerk.get(&at).await.expect(200);
    let text = page.text();
    for part in [
        "NoteMaster",
        "The product was created",
        "¥29.90",
        "[0-9]{5,12}",
        "&lt;script&gt;",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("<script>alert"), "{text}");

    // Buyers see it, with its question and its price.
    let shown = clerk.get("/p/notemaster").await.expect(200).text();
    assert!(
        shown.contains("NoteMaster") && shown.contains("field_account"),
        "{shown}"
    );
    assert_eq!(
        one(&shop, "SELECT CAST(price AS TEXT) FROM variant"),
        "2990"
    );
    assert_eq!(
        one(&shop, "SELECT seller_id FROM product"),
        one(&shop, "SELECT id FROM seller")
    );

    // The list finds it by every filter and by its sku, and not by others.
    for query in [
        "",
        "?q=MASTER",
        "?q=nm-1",
        "?q=%E7%AC%94%E8%AE%B0",
        "?state=on",
        "?delivery=manual",
        "?sort=name",
        "?sort=-changed",
        "?sort=-position",
        "?sort=no-such&from=nonsense",
        "?lang=zh-CN",
    ] {
        let list = clerk
            .get(&format!("/admin/products{query}"))
            .await
            .expect(200)
            .text();
        assert!(list.contains(&at), "{query}: {list}");
    }
    for query in [
        "?q=100%25",
        "?q=_",
        "?q=%00",
        "?state=off",
        "?delivery=reusable",
        "?category=x",
    ] {
        let list = clerk
            .get(&format!("/admin/products{query}"))
            .await
            .expect(200)
            .text();
        assert_eq!(list.contains(&at), query == "?q=%00", "{query}: {list}");
    }

    // Text, state and questions change; a question ticked away is gone.
    let mut fields = over(
        PRODUCT,
        &[
            ("category", &shelf),
            ("seen", &field(&text, "seen")),
            ("name_en", "NoteMaster Pro"),
            ("f0_remove", "1"),
            ("reserves", ""),
        ],
    );
    send(&clerk, &page, &at, &fields).await.expect(303);
    assert_eq!(one(&shop, "SELECT name_en FROM product"), "NoteMaster Pro");
    assert_eq!(one(&shop, "SELECT fields FROM product"), "[]");
    assert_eq!(audited(&shop, "product.save"), "1");
    let told = one(
        &shop,
        "SELECT after FROM audit WHERE action = 'product.save'",
    );
    assert!(
        told.contains("NoteMaster Pro") && !told.contains("slug"),
        "{told}"
    );

    // Taken off sale it is gone from the shop, and still there for orders.
    let page = clerk.get(&at).await.expect(200);
    fields.retain(|(name, _)| name != "seen" && name != "state");
    fields.push(("seen".to_owned(), field(&page.text(), "seen")));
    fields.push(("state".to_owned(), "off".to_owned()));
    send(&clerk, &page, &at, &fields).await.expect(303);
    clerk.get("/p/notemaster").await.expect(410);
    assert_eq!(count(&shop, "product"), "1");
});

on_both_engines!(
    a_variant_has_its_price_tiers_and_limits,
    |shop| async move {
        let (clerk, shelf) = clerk_and_shelf(&shop).await;
        let at = make(
            &clerk,
            &shelf,
            &[("delivery", "reusable"), ("content", "a shared text")],
        )
        .await;
        let variants = format!("{at}/variants");
        let new = format!("{variants}/new");
        let base = [
            ("sku", "nm-2"),
            ("price", "10"),
            ("currency", "CNY"),
            ("content", "another text"),
            ("use_limit", "9"),
            ("variant_zh", "两年"),
            ("variant_en", "Two years"),
            ("variant_state", "on"),
            ("variant_position", ""),
            ("min_quantity", "1"),
            ("max_quantity", "50"),
            ("buyer_limit", "3"),
            ("t0_from", "5"),
            ("t0_price", "9.5"),
        ];
        let page = clerk.get(&new).await.expect(200);
        send(&clerk, &page, &variants, &over(&base, &[]))
            .await
            .expect(303);
        let id = one(&shop, "SELECT id FROM variant WHERE sku = 'nm-2'");
        let tiers = one(&shop, "SELECT tiers FROM variant WHERE sku = 'nm-2'");
        assert_eq!(tiers, r#"[{"from":5,"price":950}]"#);

        // What a file would refuse is refused here: nothing changes, and all that was typed comes back.
        let own = format!("{variants}/{id}");
        let page = clerk.get(&own).await.expect(200);
        assert!(
            !page.text().contains("another text"),
            "a stored content is never shown"
        );
        let seen = field(&page.text(), "seen");
        for (wrong, at_input) in [
            (&[("price", "9.999")][..], "price"),
            (&[("price", "-1")], "price"),
            (&[("t0_price", "11")], "t0_price"),
            (&[("min_quantity", "4")], "buyer_limit"),
            (&[("max_quantity", "201")], "max_quantity"),
            (&[("sku", "nm-1")], "sku"),
            (&[("sku", "")], "sku"),
            (&[("currency", "XYZ")], "currency"),
        ] {
            let fields = over(
                &base,
                &[
                    &[("seen", seen.as_str()), ("variant_en", "Typed here")],
                    wrong,
                ]
                .concat(),
            );
            let refused = send(&clerk, &page, &own, &fields).await.expect(422).text();
            let link = format!("href=\"#{at_input}\"");
            assert!(
                refused.contains("id=\"errors\"") && refused.contains(&link),
                "{wrong:?}: {refused}"
            );
            assert!(refused.contains("Typed here"), "{refused}");
        }
        assert_eq!(audited(&shop, "variant.save"), "0");

        // A new price, the content kept; the log tells the price and no content.
        let fields = over(
            &base,
            &[("seen", seen.as_str()), ("price", "12.34"), ("content", "")],
        );
        send(&clerk, &page, &own, &fields).await.expect(303);
        assert_eq!(
            one(
                &shop,
                "SELECT CAST(price AS TEXT) FROM variant WHERE sku = 'nm-2'"
            ),
            "1234"
        );
        assert_eq!(count(&shop, "reusable"), "2");
        let log = clerk
            .get(&format!("/admin/audit?id={id}"))
            .await
            .expect(200)
            .text();
        assert!(
            log.contains("12.34") && !log.contains("another text"),
            "{log}"
        );
        clerk.get(&format!("{variants}/no-such")).await.expect(404);
        clerk
            .get("/admin/products/no-such/variants/new")
            .await
            .expect(404);
    }
);

on_both_engines!(
    a_product_is_copied_and_an_empty_category_removed,
    |shop| async move {
        let (clerk, shelf) = clerk_and_shelf(&shop).await;
        let at = make(&clerk, &shelf, &[]).await;
        let copied = clerk
            .post(&at, &format!("{at}/duplicate"), &[])
            .await
            .expect(303);
        let copy = copied.header("location").expect("a page").to_owned();
        assert_ne!(copy, at);
        let query = "SELECT name_en FROM product WHERE slug = 'notemaster-copy' AND state = 'off'";
        assert_eq!(one(&shop, query), "NoteMaster (copy)");
        assert_eq!(
            one(
                &shop,
                "SELECT CAST(price AS TEXT) FROM variant WHERE sku = 'nm-1-copy'"
            ),
            "2990"
        );
        clerk
            .post(&at, &format!("{at}/duplicate"), &[])
            .await
            .expect(303);
        assert_eq!(
            one(
                &shop,
                "SELECT state FROM product WHERE slug = 'notemaster-copy-2'"
            ),
            "off"
        );
        clerk.get("/p/notemaster-copy").await.expect(410);
        assert_eq!(audited(&shop, "product.duplicate"), "2");
        clerk
            .post(&at, "/admin/products/no-such/duplicate", &[])
            .await
            .expect(404);

        // A shelf that something stands on stays; an empty one goes after it was asked about.
        let remove = format!("/admin/categories/{shelf}/remove");
        clerk.get(&remove).await.expect(409);
        clerk
            .post("/admin/categories", &remove, &[])
            .await
            .expect(409);
        let empty = over(CATEGORY, &[("slug", "empty")]);
        let page = clerk.get("/admin/categories").await.expect(200);
        send(&clerk, &page, "/admin/categories", &empty)
            .await
            .expect(303);
        send(&clerk, &page, "/admin/categories", &empty)
            .await
            .expect(422);
        let id = one(&shop, "SELECT id FROM category WHERE slug = 'empty'");
        let remove = format!("/admin/categories/{id}/remove");
        assert!(
            clerk
                .get(&remove)
                .await
                .expect(200)
                .text()
                .contains("cannot be undone")
        );
        clerk.post(&remove, &remove, &[]).await.expect(303);
        clerk.get(&remove).await.expect(404);
        assert_eq!(count(&shop, "category"), "1");
        assert_eq!(audited(&shop, "category.remove"), "1");
    }
);

on_both_engines!(
    a_preview_shows_what_is_typed_and_writes_nothing,
    |shop| async move {
        let (clerk, shelf) = clerk_and_shelf(&shop).await;
        let at = make(&clerk, &shelf, &[]).await;
        let page = clerk.get(&at).await.expect(200);
        let id = at.rsplit('/').next().unwrap_or_default();
        let changes = [
            ("category", shelf.as_str()),
            ("id", id),
            ("name_en", "Not saved yet"),
        ];
        let fields = over(PRODUCT, &changes);
        let whole = send(&clerk, &page, "/admin/products/preview", &fields)
            .await
            .expect(200)
            .text();
        assert!(
            whole.contains("Not saved yet") && whole.contains("This is a preview"),
            "{whole}"
        );
        assert!(whole.contains("id=\"pay\" disabled"), "{whole}");
        assert!(!whole.contains("<script>alert"), "{whole}");
        let mut part = fields.clone();
        part.push(("part".to_owned(), "1".to_owned()));
        let part = send(&clerk, &page, "/admin/products/preview", &part)
            .await
            .expect(200)
            .text();
        assert!(
            part.contains("<h3>Not saved yet</h3>") && !part.contains("<html"),
            "{part}"
        );
        // One that is not there yet, too.
        let new = over(
            PRODUCT,
            &[("category", &shelf), ("slug", "new"), ("price", "77")],
        );
        let shown = send(&clerk, &page, "/admin/products/preview", &new)
            .await
            .expect(200)
            .text();
        assert!(shown.contains("77.00"), "{shown}");
        assert_eq!(count(&shop, "product"), "1");
        assert_eq!(one(&shop, "SELECT name_en FROM product"), "NoteMaster");
    }
);
