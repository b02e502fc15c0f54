//! The stock: importing, looking, taking out, withdrawing, moving.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::harness::{Clerk, Engine, OWNER, Reply, eventually, on_both_engines};
use crate::scene::{Scene, Wares};

const LONG: Duration = Duration::from_secs(120);

/// A shop, somebody of its staff, and the pages of its variant.
struct Desk {
    scene: Scene,
    clerk: Clerk,
    base: String,
}

impl Desk {
    async fn open(engine: Engine, wares: Wares) -> Self {
        let scene = Scene::open(engine, wares).await;
        let clerk = Clerk::first_of(&scene.shop).await;
        let id = scene
            .shop
            .scalar("SELECT id FROM variant WHERE sku = 'thing'");
        let base = format!("/admin/stock/{}", id.expect("a variant"));
        Self { scene, clerk, base }
    }

    fn page(&self, name: &str) -> String {
        format!("{}/{name}", self.base)
    }

    async fn upload(&self, name: &str, bytes: &[u8]) -> Reply {
        let import = self.page("import");
        self.clerk
            .upload(&import, &import, &[], (name, bytes))
            .await
    }

    /// Uploads; the address of the dry run.
    async fn dry_run(&self, name: &str, bytes: &[u8]) -> String {
        let reply = self.upload(name, bytes).await.expect(303);
        reply.header("location").expect("an address").to_owned()
    }

    /// Confirms a dry run and waits for its end; the page that tells it.
    async fn confirm(&self, draft: &str) -> String {
        self.clerk.post(draft, draft, &[]).await.expect(303);
        let id = draft.rsplit('/').next().unwrap_or_default();
        let state = format!("SELECT state FROM import_draft WHERE id = '{id}'");
        eventually(LONG, || async {
            self.scene.shop.scalar(&state).as_deref() == Some("done")
        })
        .await;
        self.clerk.get(draft).await.expect(200).text()
    }

    fn audited(&self, action: &str) -> i64 {
        self.scene.count(&format!(
            "SELECT count(*) FROM audit WHERE action = '{action}'"
        ))
    }

    fn card(&self, state: &str) -> String {
        let query = format!("SELECT id FROM card WHERE state = '{state}' ORDER BY id LIMIT 1");
        self.scene.shop.scalar(&query).expect("a card")
    }

    async fn change(&self, deed: &str, card: &str) -> Reply {
        let to = self.page("cards");
        let chosen = format!("c_{card}");
        let fields = [("do", deed), (chosen.as_str(), "1"), ("back", "")];
        self.clerk.post(&self.base, &to, &fields).await
    }
}

fn figure(page: &str, name: &str) -> String {
    let from = page.split(&format!("<span>{name}</span><b>")).nth(1);
    let figure = from.and_then(|rest| rest.split('<').next());
    figure
        .unwrap_or_else(|| panic!("no {name} in {page}"))
        .to_owned()
}

on_both_engines!(
    /// G01: the dry run tells every line and writes nothing; confirming twice loads once.
    an_import_is_told_line_by_line_and_loaded_once,
    Weight::Shop,
    |engine| async move {
        let desk = Desk::open(engine, Wares { cards: 2, ..Wares::default() }).await;
        let mut file = b"NEW-1\n\nFIRST-0000\r\nNEW-2\nNEW-1\nB\x07D\n\xff\xfe\nNUL\0NUL\n".to_vec();
        file.extend(vec![b'x'; 4_001]);
        let draft = desk.dry_run("hostile cards.txt", &file).await;
        let page = desk.clerk.get(&draft).await.expect(200).text();
        for (name, n) in [
            ("New cards", "2"),
            ("Repeated in the file", "1"),
            ("In stock or sold already", "1"),
            ("Cannot be read", "4"),
        ] {
            assert_eq!(figure(&page, name), n, "{name}");
        }
        for (line, why) in [
            (6, "Holds a control character"),
            (7, "Not UTF-8 text"),
            (8, "Holds a control character"),
            (9, "Longer than 4,000 characters"),
        ] {
            let row = format!("<th scope=\"row\" class=\"num\">{line}</th><td>{why}</td>");
            assert!(page.contains(&row), "{row}: {page}");
        }
        assert!(page.contains("<li>5</li>") && page.contains("<li>3</li>"), "{page}");
        assert!(page.contains("From hostile cards.txt"), "{page}");
        assert_eq!(desk.scene.count("SELECT count(*) FROM card"), 2, "nothing is written");
        assert_eq!(desk.audited("stock.import"), 0);

        let done = desk.confirm(&draft).await;
        assert!(done.contains("2 cards were imported."), "{done}");
        let page = desk.clerk.get("/admin/stock").await.expect(200);
        let again = desk.clerk.send(&page, &draft, &[]).await.expect(303);
        assert_eq!(again.header("location"), Some(draft.as_str()));
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(desk.scene.count("SELECT count(*) FROM card"), 4);
        assert_eq!(desk.scene.count("SELECT count(*) FROM card_batch"), 2);
        assert_eq!(desk.audited("stock.import"), 1);
        let kept = "SELECT count(*) FROM import_draft WHERE content IS NOT NULL";
        assert_eq!(desk.scene.count(kept), 0, "what was sent is forgotten");
        assert!(!desk.scene.shop.log().contains("NEW-1"), "nor is it in the log");
        assert_eq!(desk.scene.available().await, 4);

        // Pasted, a second time: everything is known.
        let import = desk.page("import");
        let pasted = [("text", "NEW-2\r\nNEW-1\r\nNEW-3")];
        let reply = desk.clerk.post(&import, &import, &pasted).await.expect(303);
        let draft = reply.header("location").expect("an address").to_owned();
        let page = desk.clerk.get(&draft).await.expect(200).text();
        assert_eq!(figure(&page, "New cards"), "1");
        assert_eq!(figure(&page, "In stock or sold already"), "2");
        // Somebody else is quicker.
        let file = desk.scene.shop.write_file("quick.txt", "NEW-3\n").display().to_string();
        desk.scene.shop.cli(&["cards", "import", &file, "--variant", "thing"]).await.ok();
        let done = desk.confirm(&draft).await;
        assert!(done.contains("0 cards were imported."), "{done}");
        assert_eq!(desk.scene.count("SELECT count(*) FROM card"), 5);
    }
);

on_both_engines!(
    /// What is no import comes back with what was typed; what is too old is not loaded.
    an_import_that_cannot_be_is_refused,
    Weight::Shop,
    |engine| async move {
        let desk = Desk::open(engine, Wares::default()).await;
        let import = desk.page("import");
        let blank = desk.clerk.post(&import, &import, &[("text", " \r\n ")]).await.expect(422);
        assert!(blank.text().contains("id=\"errors\""), "{}", blank.text());
        let typed = [("text", "TYPED-1")];
        let both = desk.clerk.upload(&import, &import, &typed, ("a.txt", b"A")).await.expect(422);
        assert!(both.text().contains("TYPED-1"), "it is kept: {}", both.text());
        desk.upload("cards.xlsx", b"PK\x03\x04").await.expect(422);
        let many: Vec<u8> = b"\n".repeat(200_000);
        desk.upload("many.txt", &many).await.expect(422);
        let huge = vec![b'x'; (16 << 20) + 1];
        desk.upload("huge.txt", &huge).await.expect(413);
        // One line of almost all of it is a line, and no card.
        let draft = desk.dry_run("line.txt", &huge[..(15 << 20)]).await;
        let page = desk.clerk.get(&draft).await.expect(200).text();
        assert_eq!((figure(&page, "New cards"), figure(&page, "Cannot be read")), ("0".to_owned(), "1".to_owned()));

        let draft = desk.dry_run("old.txt", b"OLD-1\n").await;
        let old = desk.clerk.get(&draft).await.expect(200);
        desk.scene.shop.tamper("UPDATE import_draft SET created_at = created_at - 3700000");
        let late = desk.clerk.send(&old, &draft, &[]).await.status;
        assert!([404, 422].contains(&late), "{late}");
        // Not one of ours, and not signed in.
        desk.clerk.send_as(&draft, &[("csrf", "guessed")], &[]).await.expect(403);
        let stranger = Clerk::at(desk.scene.shop.http());
        for page in [&import, &desk.base, &draft] {
            let reply = stranger.get(page).await.expect(303);
            assert!(reply.header("location").unwrap_or_default().starts_with("/admin/login"));
        }
        for nowhere in ["/admin/stock/nothing", "/admin/stock/cards/%00", "/admin/stock/imports/x"] {
            desk.clerk.get(nowhere).await.expect(404);
        }
        assert_eq!(desk.scene.count("SELECT count(*) FROM card"), 0);
        assert_eq!(desk.audited("stock.import"), 0);
    }
);

on_both_engines!(
    /// A hundred thousand cards are a job: the shop serves meanwhile, and sells none too early.
    a_hundred_thousand_cards_are_imported_while_the_shop_serves,
    Weight::Heavy,
    |engine| async move {
        let desk = Desk::open(engine, Wares::default()).await;
        let lines: String = (0..100_000).map(|n| format!("BULK-{n:06}-ABCDEFGH\n")).collect();
        let draft = desk.dry_run("bulk.txt", lines.as_bytes()).await;
        let page = desk.clerk.get(&draft).await.expect(200);
        assert_eq!(figure(&page.text(), "New cards"), "100000");
        desk.clerk.send(&page, &draft, &[]).await.expect(303);
        let loading = "SELECT count(*) FROM card_batch WHERE state = 'loading'";
        let loaded = "SELECT count(*) FROM import_draft WHERE state = 'done'";
        let mut looked = 0;
        while desk.scene.count(loaded) == 0 {
            let left = desk.scene.available().await;
            assert!(left == 0 || desk.scene.count(loading) == 0, "{left} while it loads");
            desk.clerk.get(&draft).await.expect(200);
            looked += 1;
            assert!(looked < 3_000, "it never ends");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(desk.scene.cards("available"), 100_000);
        let list = desk.clerk.get("/admin/stock").await.expect(200).text();
        assert!(list.contains("100000"), "{list}");
        let cards = desk.clerk.get(&desk.base).await.expect(200).text();
        assert!(cards.contains("rel=\"next\"") && !cards.contains("BULK-000000-ABCDEFGH"));
    }
);

on_both_engines!(
    /// Unsold cards are withdrawn and come back; what is sold, or in stock again, does not move.
    cards_are_withdrawn_and_restored,
    Weight::Shop,
    |engine| async move {
        let desk = Desk::open(engine, Wares { cards: 3, ..Wares::default() }).await;
        let order = desk.scene.buys(1, 1).await;
        desk.change("withdraw", &desk.card("reserved")).await.expect(422);
        desk.scene.gateway.pay(order.pay_url()).await;
        desk.scene.shop.goods(&order).await;
        desk.change("withdraw", &desk.card("delivered")).await.expect(422);
        desk.change("restore", &desk.card("delivered")).await.expect(422);
        assert_eq!((desk.audited("card.withdraw"), desk.audited("card.restore")), (0, 0));

        let card = desk.card("available");
        desk.change("withdraw", &card).await.expect(303);
        assert_eq!((desk.scene.cards("withdrawn"), desk.scene.available().await), (1, 1));
        let bin = desk.clerk.get(&format!("{}?state=withdrawn", desk.base)).await.expect(200);
        assert!(bin.text().contains(&card), "{}", bin.text());
        desk.change("restore", &card).await.expect(303);
        assert_eq!(desk.scene.available().await, 2);
        assert_eq!((desk.audited("card.withdraw"), desk.audited("card.restore")), (1, 1));

        // Its content is imported again meanwhile.
        desk.change("withdraw", &card).await.expect(303);
        desk.scene.import("FIRST", 3).await;
        desk.change("restore", &card).await.expect(422);
        assert_eq!((desk.scene.cards("withdrawn"), desk.scene.available().await), (1, 2));

        // A card of a withdrawn import comes back, and stays.
        let batch = desk.scene.imports().await[0]["id"].as_str().expect("an id").to_owned();
        let page = desk.page(&format!("batches/{batch}"));
        let sure = desk.clerk.get(&page).await.expect(200);
        assert!(sure.text().contains("1 unsold card is taken out of sale"), "{}", sure.text());
        desk.clerk.send(&sure, &page, &[]).await.expect(303);
        desk.clerk.send(&sure, &page, &[]).await.expect(303);
        assert_eq!(desk.audited("batch.withdraw"), 1);
        let gone = format!("SELECT id FROM card WHERE batch_id = '{batch}'");
        let gone = desk.scene.shop.scalar(&gone).expect("a card");
        desk.change("restore", &gone).await.expect(303);
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_eq!(desk.scene.available().await, 2, "the sweeper leaves it");
        let list = desk.clerk.get(&desk.page("batches")).await.expect(200).text();
        assert!(list.contains("Withdrawn"), "{list}");
    }
);

on_both_engines!(
    /// G09, X58: a card is masked until somebody types their password, and the log knows who.
    a_card_is_shown_for_a_password_and_written_down,
    Weight::Shop,
    |engine| async move {
        let desk = Desk::open(engine, Wares::default()).await;
        let file = desk.scene.shop.write_file("one.txt", "NMPRO-7Q2KD-94MXA-PL6VC\n").display().to_string();
        desk.scene.shop.cli(&["cards", "import", &file, "--variant", "thing"]).await.ok();
        // Found by its content, which stands in no address.
        let found = [("content", "NMPRO-7Q2KD-94MXA-PL6VC")];
        let found = desk.clerk.post("/admin/stock", "/admin/stock/find", &found).await.expect(303);
        let page = found.header("location").expect("an address").to_owned();
        assert_eq!(page, format!("/admin/stock/cards/{}", desk.card("available")));
        let miss = [("content", "NMPRO")];
        desk.clerk.post("/admin/stock", "/admin/stock/find", &miss).await.expect(422);

        desk.scene.shop.advance_clock(Duration::from_secs(11 * 60));
        let shown = desk.clerk.get(&page).await.expect(200);
        assert!(shown.text().contains("NMPRO-…-PL6VC"), "{}", shown.text());
        assert!(!shown.text().contains("94MXA"));
        let reveal = format!("{page}/reveal");
        for proof in ["", "not the password"] {
            let refused = desk.clerk.send(&shown, &reveal, &[("proof", proof)]).await.expect(422);
            assert!(!refused.text().contains("94MXA"));
        }
        assert_eq!(desk.audited("card.reveal"), 0);
        let seen = desk.clerk.send(&shown, &reveal, &[("proof", OWNER.1)]).await.expect(200);
        assert!(seen.text().contains("NMPRO-7Q2KD-94MXA-PL6VC"), "{}", seen.text());
        assert_eq!(seen.header("cache-control"), Some("no-store"));
        assert_eq!(desk.audited("card.reveal"), 1);
        let line = "SELECT actor FROM audit WHERE action = 'card.reveal'";
        assert_eq!(desk.scene.shop.scalar(line), Some(format!("staff:{}", OWNER.0)));
        assert!(!desk.scene.shop.log().contains("94MXA"));
        // The clock has jumped: what was written before it is sealed first.
        let unsealed = "SELECT count(*) FROM unsealed";
        eventually(LONG, || async { desk.scene.count(unsealed) == 0 }).await;
        desk.scene.books_hold().await;
    }
);

on_both_engines!(
    /// X38: what is taken out begins no formula, needs the password and is written down.
    an_export_begins_no_formula,
    Weight::Shop,
    |engine| async move {
        let desk = Desk::open(engine, Wares::default()).await;
        let cards = ["=1+1", "+2", "-3", "@sum", "plain,\"quoted\"", "卡密"];
        let file = desk.scene.shop.write_file("odd.txt", cards.join("\n")).display().to_string();
        desk.scene.shop.cli(&["cards", "import", &file, "--variant", "thing"]).await.ok();
        desk.scene.shop.advance_clock(Duration::from_secs(11 * 60));
        let (export, csv) = (desk.page("export"), [("state", "available"), ("form", "csv")]);
        let page = desk.clerk.get(&export).await.expect(200);
        assert!(page.text().contains("Available (6 cards)"), "{}", page.text());
        desk.clerk.send(&page, &export, &csv).await.expect(422);
        assert_eq!(desk.audited("card.export"), 0);

        let proved = [csv[0], csv[1], ("proof", OWNER.1)];
        let table = desk.clerk.send(&page, &export, &proved).await.expect(200);
        assert_eq!(table.header("cache-control"), Some("no-store"));
        assert!(table.header("content-disposition").unwrap_or_default().contains("cards-thing-available.csv"));
        let body = table.body.strip_prefix(b"\xef\xbb\xbf").expect("a mark");
        let mut reader = csv::Reader::from_reader(body);
        let found: BTreeSet<String> = reader.records().map(|r| r.expect("a record")[0].to_owned()).collect();
        let guarded = ["'=1+1", "'+2", "'-3", "'@sum", "plain,\"quoted\"", "卡密"];
        assert_eq!(found, guarded.map(str::to_owned).into());

        // As text it can be imported again, word for word.
        let text = [csv[0], ("form", "txt")];
        let text = desk.clerk.send(&page, &export, &text).await.expect(200);
        let text = text.text();
        assert_eq!(text.lines().collect::<BTreeSet<_>>(), cards.into());
        assert_eq!(desk.audited("card.export"), 2);
        let none = [("state", "withdrawn"), ("form", "txt")];
        desk.clerk.send(&page, &export, &none).await.expect(422);
        let sold = [("state", "delivered"), ("form", "txt")];
        desk.clerk.send(&page, &export, &sold).await.expect(422);
        assert_eq!(desk.audited("card.export"), 2);
    }
);

on_both_engines!(
    /// Unsold cards become units of another variant; held ones stay.
    cards_are_moved_to_another_variant,
    Weight::Shop,
    |engine| async move {
        let desk = Desk::open(engine, Wares { cards: 5, ..Wares::default() }).await;
        desk.scene.shop.tamper(
            "INSERT INTO variant SELECT 'second', product_id, seller_id, 'second', name_zh, \
             name_en, price, currency, tiers, min_quantity, max_quantity, buyer_limit, state, \
             position, changed_at FROM variant WHERE sku = 'thing'",
        );
        desk.scene.buys(1, 1).await;
        let of = |sku: &str| desk.scene.count(&format!(
            "SELECT count(*) FROM card c JOIN card_batch b ON b.id = c.batch_id AND \
             b.variant_id = c.variant_id JOIN variant v ON v.id = c.variant_id WHERE v.sku = '{sku}'"
        ));
        let page = desk.page("move");
        let ask = |to: &str, n: &str| format!("{page}?sure=1&to={to}&count={n}");
        for wrong in [ask("", "1"), ask("second", "0"), ask("second", "5"), ask("second", "x")] {
            let reply = desk.clerk.get(&wrong).await.expect(422);
            assert!(reply.text().contains("id=\"errors\""), "{wrong}");
        }
        let sure = desk.clerk.get(&ask("second", "3")).await.expect(200);
        assert!(sure.text().contains("3 cards go from thing to second"), "{}", sure.text());
        assert_eq!(of("thing"), 5, "nothing has moved");
        let wish = [("to", "second"), ("count", "3"), ("batch", "")];
        desk.clerk.send(&sure, &page, &wish).await.expect(303);
        assert_eq!((of("thing"), of("second")), (2, 3));
        assert_eq!((desk.scene.cards("reserved"), desk.audited("card.move")), (1, 1));
        let there = desk.clerk.get("/admin/stock/second").await.expect(200).text();
        assert!(there.contains("Moved from thing"), "{there}");
        for to in ["thing", "nothing"] {
            let wish = [("to", to), ("count", "1"), ("batch", "")];
            desk.clerk.send(&sure, &page, &wish).await;
        }
        assert_eq!((of("thing"), of("second")), (2, 3));
    }
);

on_both_engines!(
    /// G08: cards that come through the page go to whoever paid first, and the page says so.
    an_import_serves_the_orders_that_wait,
    Weight::Heavy,
    |engine| async move {
        let wares = Wares { product: "reserve = false\nlow_stock = 3", cards: 2, ..Wares::default() };
        let desk = Desk::open(engine, wares).await;
        let mut orders = Vec::new();
        for buyer in 0..5 {
            orders.push(desk.scene.buys(buyer, 1).await);
        }
        for order in &orders[..2] {
            desk.scene.gateway.pay(order.pay_url()).await;
            desk.scene.shop.goods(order).await;
        }
        // The last to order is the first to pay.
        for order in orders[2..].iter().rev() {
            desk.scene.gateway.pay(order.pay_url()).await;
            desk.scene.shop.order_in(order, "awaiting_stock").await;
        }
        let list = desk.clerk.get("/admin/stock?mark=waiting").await.expect(200).text();
        assert!(list.contains("Sold out") && list.contains(&desk.base), "{list}");
        let draft = desk.dry_run("more.txt", b"MORE-1\nMORE-2\n").await;
        desk.confirm(&draft).await;
        for order in &orders[3..] {
            let goods = desk.scene.shop.goods(order).await;
            assert!(goods[0].starts_with("MORE-"), "{goods:?}");
        }
        assert_eq!(desk.scene.state(&orders[2]).await, "awaiting_stock", "the last to pay");
        let page = desk.clerk.get(&draft).await.expect(200).text();
        assert!(page.contains("2 waiting orders were delivered from this import."), "{page}");
        assert!(page.contains("1 order still waits."), "{page}");
        desk.scene.books_hold().await;
    }
);

on_both_engines!(
    /// G02: the content that is sold many times is changed by a page, for later orders.
    a_reusable_content_is_changed,
    Weight::Shop,
    |engine| async move {
        let wares = Wares {
            product: "delivery = \"reusable\"",
            variant: "content = \"THE-OLD-CONTENT-OF-ALL\"\nuse_limit = 5",
            ..Wares::default()
        };
        let desk = Desk::open(engine, wares).await;
        let order = desk.scene.buys(1, 2).await;
        desk.scene.gateway.pay(order.pay_url()).await;
        desk.scene.shop.goods(&order).await;
        let page = desk.page("reusable");
        let shown = desk.clerk.get(&page).await.expect(200);
        assert!(!shown.text().contains("OLD-CONTENT"), "{}", shown.text());
        for (content, limit) in [("", "1"), ("", "x"), ("a\u{7}b", "9"), ("", "0")] {
            let fields = [("content", content), ("limit", limit)];
            desk.clerk.send(&shown, &page, &fields).await.expect(422);
        }
        assert_eq!(desk.audited("reusable.save"), 0);
        let fields = [("content", "THE-NEW\r\nCONTENT"), ("limit", "")];
        desk.clerk.send(&shown, &page, &fields).await.expect(303);
        let seen = desk.clerk.send(&shown, &format!("{page}/reveal"), &[]).await.expect(200);
        assert!(seen.text().contains("THE-NEW\nCONTENT"), "{}", seen.text());
        assert_eq!((desk.audited("reusable.save"), desk.audited("reusable.reveal")), (1, 1));
        let told = "SELECT after FROM audit WHERE action = 'reusable.save'";
        assert!(!desk.scene.shop.scalar(told).unwrap_or_default().contains("THE-NEW"));
        let later = desk.scene.buys(2, 1).await;
        desk.scene.gateway.pay(later.pay_url()).await;
        assert_eq!(desk.scene.shop.goods(&later).await, ["THE-NEW\nCONTENT"]);
    }
);
