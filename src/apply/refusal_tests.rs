//! Every refusal names its key and leaves everything as it was.

use super::support_tests::{CARDS, SMALL, Shop};
use crate::settings;

/// One product whose parts can be spoilt.
fn product(product: &str, variant: &str) -> String {
    format!(
        "[[category]]\nslug = \"c\"\nname = {{ zh = \"甲\", en = \"A\" }}\n\
         [[product]]\nslug = \"p\"\ncategory = \"c\"\nname = {{ zh = \"甲\", en = \"A\" }}\n\
         {product}\n[[product.variant]]\nsku = \"s\"\n{variant}\n"
    )
}

const POOL: &str = "delivery = \"card_pool\"";

fn account(keys: &str, credentials: &str) -> String {
    format!(
        "[[channel_account]]\nid = \"a\"\n{keys}\n[channel_account.credentials]\n{credentials}\n"
    )
}

const EPAY: &str =
    "kind = \"epay\"\nmethods = [\"alipay\"]\nbase_url = \"https://pay.example.com\"";
const KEYS: &str = "version = \"v1\"\npid = \"1001\"\nkey = \"Zk3vQ8mT1yB6nR0wX5cJ2hL7pD4sF9gA\"";

#[tokio::test]
async fn every_wrong_value_is_told_with_its_key() {
    let shop = Shop::open();
    shop.file("bad.txt", "fine\nbad\u{7}card\n");
    let fine = "price = 1";
    let cases: Vec<(String, &str, &str)> = vec![
        ("[shop]\nnme = \"x\"".into(), "shop.nme", "is not a setting"),
        ("[shop]\nname = \"\"".into(), "shop.name", "1 to 60"),
        ("[shop]\ncurrency = \"XXX\"".into(), "shop.currency", "unknown currency"),
        ("[shop]\nminutes_to_pay = \"5\"".into(), "shop.minutes_to_pay", "invalid type"),
        ("[shop]\nminutes_to_pay = 0".into(), "shop.minutes_to_pay", "1 to 1440"),
        ("[shop]\nlate_money = \"keep\"".into(), "shop.late_money", "deliver"),
        ("[shop]\nwebhook_url = \"https://x.example\"".into(), "shop.webhook_secret", "whsec_"),
        ("[shops]\nname = \"x\"".into(), "shops", "is not a key here"),
        ("product = 3".into(), "product", "[[product]]"),
        ("[[category]]\nname = { zh = \"甲\", en = \"A\" }".into(), "category[0].slug", "missing"),
        ("[[category]]\nslug = \"a b\"\nname = { zh = \"甲\", en = \"A\" }".into(), "category[0].slug", "letters"),
        ("[[category]]\nslug = \"a\"\nname = { zh = \"甲\" }".into(), "category[0].name.en", "missing"),
        ("[[category]]\nslug = \"a\"\nname = { zh = \"甲\", en = \" \" }".into(), "category[0].name.en", "empty"),
        ("[[category]]\nslug = \"a\"\nname = { zh = \"甲\", en = \"A\", fr = \"B\" }".into(), "category[0].name.fr", "is not a key"),
        ("[[category]]\nslug = \"a\"\nname = \"A\"".into(), "category[0].name", "zh ="),
        (product("", fine), "product[0].delivery", "missing"),
        (product("delivery = \"mail\"", fine), "product[0].delivery", "card_pool, reusable, manual"),
        (product(&format!("{POOL}\nstate = true"), fine), "product[0].state", "must be text"),
        (product(&format!("{POOL}\nreserve = 1"), fine), "product[0].reserve", "true or false"),
        (product(&format!("{POOL}\nlow_stock = -1"), fine), "product[0].low_stock", "must be from 0"),
        (product(&format!("{POOL}\npicture = \"//x.example/a.png\""), fine), "product[0].picture", "icon"),
        (product(&format!("{POOL}\nsummary = {{ en = \"a\\nb\" }}"), fine), "product[0].summary.en", "one line"),
        (product(&format!("{POOL}\ndescription = {{ en = \"a\\u0007b\" }}"), fine), "product[0].description.en", "control"),
        (product(&format!("{POOL}\nprize = 1"), fine), "product[0].prize", "is not a key here"),
        (product(POOL, ""), "product[0].variant[0].price", "missing"),
        (product(POOL, "price = 29.90"), "product[0].variant[0].price", "floating-point"),
        (product(POOL, "price = true"), "product[0].variant[0].price", "true or false"),
        (product(POOL, "price = -1"), "product[0].variant[0].price", "below 0"),
        (product(POOL, "price = \"-1\""), "product[0].variant[0].price", "not a plain decimal"),
        (product(POOL, "price = \"0.001\""), "product[0].variant[0].price", "more decimals than CNY"),
        (product(POOL, "price = \"99999999999999\""), "product[0].variant[0].price", "is more than"),
        (product(POOL, "price = 1\ncurrency = \"CNX\""), "product[0].variant[0].currency", "not a currency"),
        (product(POOL, "price = \"1.5\"\ncurrency = \"JPY\""), "product[0].variant[0].price", "more decimals than JPY"),
        (product(POOL, "price = 1\nmax_quantity = 201"), "product[0].variant[0].max_quantity", "from 1 to 200"),
        (product(POOL, "price = 1\nmin_quantity = 3\nmax_quantity = 2"), "product[0].variant[0].max_quantity", "below min_quantity"),
        (product(POOL, "price = 1\nmin_quantity = 3\nbuyer_limit = 2"), "product[0].variant[0].buyer_limit", "nobody could buy"),
        (product(POOL, "price = 9\ntiers = [{ from = 1, price = 8 }]"), "product[0].variant[0].tiers[0].from", "from 2"),
        (product(POOL, "price = 9\ntiers = [{ from = 5, price = 8 }, { from = 5, price = 7 }]"), "product[0].variant[0].tiers[1].from", "more than"),
        (product(POOL, "price = 9\ntiers = [{ from = 5, price = 10 }]"), "product[0].variant[0].tiers[0].price", "fewer units"),
        (product(POOL, "price = 9\ntiers = [{ from = 5 }]"), "product[0].variant[0].tiers[0].price", "missing"),
        (product(POOL, "price = 9\ntiers = [{ from = 5, price = 8.5 }]"), "product[0].variant[0].tiers[0].price", "floating-point"),
        (product(POOL, "price = 1\ncontent = \"x\""), "product[0].variant[0].content", "only a reusable"),
        (product("delivery = \"reusable\"", fine), "product[0].variant[0].content", "missing"),
        (product("delivery = \"reusable\"", "price = 1\ncontent_file = \"none.txt\""), "product[0].variant[0].content_file", "cannot be read"),
        (product("delivery = \"reusable\"", "price = 1\ncontent = \"\""), "product[0].variant[0].content", "empty"),
        (product(&format!("{POOL}\n[[product.field]]\nkey = \"A B\"\nlabel_zh = \"甲\"\nlabel_en = \"A\"\nkind = \"text\""), fine), "product[0].field[0]", "lower-case"),
        (product(&format!("{POOL}\n[[product.field]]\nkey = \"a\"\nlabel_zh = \"甲\"\nlabel_en = \"A\"\nkind = \"pattern\"\npattern = \"(\""), fine), "product[0].field[0]", "regular expression"),
        (product(&format!("{POOL}\n[[product.field]]\nkey = \"a\"\nlabel_zh = \"甲\"\nlabel_en = \"A\"\nkind = \"number\""), fine), "product[0].field[0].kind", "text, select, pattern"),
        (product(&format!("{POOL}\n[[product.field]]\nkey = \"a\"\nlabel_zh = \"甲\"\nkind = \"text\""), fine), "product[0].field[0].label_en", "missing"),
        ("[[product]]\nslug = \"p\"\ncategory = \"none\"\nname = { zh = \"甲\", en = \"A\" }\ndelivery = \"manual\"".into(), "product[0].category", "no category"),
        ("[[product]]\nslug = \"p\"\nname = { zh = \"甲\", en = \"A\" }\ndelivery = \"manual\"".into(), "product[0].category", "missing"),
        ("[[category]]\nslug = \"c\"\nname = { zh = \"甲\", en = \"A\" }\n[[product]]\nslug = \"p\"\ncategory = \"c\"\nname = { zh = \"甲\", en = \"A\" }\ndelivery = \"manual\"".into(), "product[0].variant", "at least one"),
        ("[[category]]\nslug = \"c\"\nname = { zh = \"甲\", en = \"A\" }\n[[category]]\nslug = \"c\"\nname = { zh = \"乙\", en = \"B\" }".into(), "category[1].slug", "category[0] already"),
        (product(POOL, "price = 1\n[[product.variant]]\nsku = \"s\"\nprice = 2"), "product[0].variant[1].sku", "already"),
        ("[[cards]]\nvariant = \"none\"\nfile = \"bad.txt\"".into(), "cards[0].variant", "no variant"),
        ("[[cards]]\nvariant = \"s\"\nfile = \"none.txt\"".into(), "cards[0].file", "cannot be read"),
        ("[[cards]]\nvariant = \"s\"\nfile = \"bad.txt\"".into(), "cards[0].file", "bad.txt line 2 holds a control character"),
        (format!("{}[[cards]]\nvariant = \"s\"\nfile = \"bad.txt\"", product("delivery = \"manual\"", fine)), "cards[0].variant", "not from a card pool"),
        (account("kind = \"paybank\"\nmethods = [\"alipay\"]\nbase_url = \"https://x.example\"", ""), "channel_account[0].kind", "not a kind"),
        (account("", KEYS), "channel_account[0].kind", "missing"),
        (account(&EPAY.replace("https", "http"), KEYS), "channel_account[0].base_url", "https"),
        (account(&EPAY.replace("alipay", "paypal"), KEYS), "channel_account[0].methods", "not served by epay"),
        (account(&EPAY.replace("alipay", "cash"), KEYS), "channel_account[0].methods", "not one of"),
        (account(&EPAY.replace("\"alipay\"", ""), KEYS), "channel_account[0].methods", "at least one"),
        (account(&format!("{EPAY}\ncurrency = \"USD\""), KEYS), "channel_account[0].currency", "yuan"),
        (account(&format!("{EPAY}\nfee = \"1.5\""), KEYS), "channel_account[0].fee", "rate"),
        (account(&format!("{EPAY}\nfixed = 0.5"), KEYS), "channel_account[0].fixed", "floating-point"),
        (account(&format!("{EPAY}\nmin_amount = 9\nmax_amount = 8"), KEYS), "channel_account[0].max_amount", "below min_amount"),
        (account(&format!("{EPAY}\nstate = \"on\""), KEYS), "channel_account[0].state", "enabled, draining, off"),
        (account(EPAY, ""), "channel_account[0].credentials.pid", "missing"),
        (account(EPAY, &KEYS.replace("Zk3vQ8mT1yB6nR0wX5cJ2hL7pD4sF9gA", "")), "channel_account[0].credentials.key", "empty"),
        (account(EPAY, &KEYS.replace("Zk3vQ8mT1yB6nR0wX5cJ2hL7pD4sF9gA", "89unJUB8HZ54Hj7x4nUj56HN4nUzUJ8i")), "channel_account[0].credentials.key", "known default"),
        (account(EPAY, &format!("{KEYS}\nkeey = \"x\"")), "channel_account[0].credentials.keey", "not a credential"),
        (account(EPAY, &format!("{KEYS}\nmerchant_private_key = {{ path = \"x\" }}")), "channel_account[0].credentials.merchant_private_key.path", "is not a key here"),
        (account(&EPAY.replace("kind", "id = \"a b\"\nkind"), KEYS), "", "not TOML"),
    ];
    let before = shop.store.read(settings::version).await.expect("a version");
    for (text, key, reason) in cases {
        let wrong = shop.refused(&text).await;
        let found = wrong.iter().any(|w| {
            w.strip_prefix(key)
                .and_then(|w| w.strip_prefix(": "))
                .is_some_and(|w| w.contains(reason))
        });
        assert!(found, "{key}: …{reason}… is not in {wrong:#?}\n{text}");
    }
    let after = shop.store.read(settings::version).await.expect("a version");
    assert_eq!(before, after);
}

#[tokio::test]
async fn all_problems_are_told_at_once() {
    let shop = Shop::open();
    let text = format!(
        "[shop]\nname = \"\"\nminutes_to_pay = 0\n{}{}",
        product(
            "delivery = \"card_pool\"\nlow_stock = -1",
            "price = 1.5\nmax_quantity = 0"
        ),
        account(EPAY, "version = \"v1\"\npid = \"1001\"\nkey = \"\""),
    );
    let wrong = shop.refused(&text).await;
    assert_eq!(wrong.len(), 6, "{wrong:#?}");
}

/// A broken line may hold a key: its text is not shown.
#[tokio::test]
async fn broken_syntax_tells_the_line_and_not_its_text() {
    let shop = Shop::open();
    let wrong = shop
        .refused("[shop]\nname = \"x\"\nkey = hunter2secret oops\n")
        .await;
    assert!(wrong[0].starts_with(": line 3 is not TOML"), "{wrong:?}");
    assert!(!wrong[0].contains("hunter2"), "{wrong:?}");
}

#[tokio::test]
async fn an_absent_file_is_told() {
    let shop = Shop::open();
    let path = shop.folder.join("none.toml");
    let refused = super::apply(shop.tools(), &path, true).await;
    let told = refused.expect_err("refused").to_string();
    assert!(told.contains("none.toml: cannot be read"), "{told}");
}

#[tokio::test]
async fn a_file_too_large_for_one_transaction_is_refused() {
    let shop = Shop::open();
    let mut text = product(POOL, "price = 1");
    for n in 0..500 {
        text.push_str(&format!("[[product.variant]]\nsku = \"s{n}\"\nprice = 1\n"));
    }
    let wrong = shop.refused(&text).await;
    assert_eq!(wrong.len(), 1);
    assert!(wrong[0].contains("changes 504 rows"), "{wrong:?}");
}

/// What stands already cannot be bent into something else.
#[tokio::test]
async fn stored_things_keep_what_they_are() {
    let shop = Shop::open();
    shop.file("cards.txt", CARDS);
    shop.apply(SMALL).await;
    for (text, key, reason) in [
        (
            "[[product]]\nslug = \"guide\"\n[[product.variant]]\nsku = \"notes-1\"",
            "product[0].variant[0].sku",
            "another product",
        ),
        (
            "[[product]]\nslug = \"notes\"\n[[product.variant]]\nsku = \"notes-1\"\ncurrency = \"JPY\"",
            "product[0].variant[0].price",
            "named too",
        ),
        (
            "[[product]]\nslug = \"notes\"\ndelivery = \"reusable\"",
            "product[0].delivery",
            "content of variant",
        ),
        (
            "[[channel_account]]\nid = \"epay-main\"\nkind = \"sandbox\"",
            "channel_account[0].kind",
            "cannot change",
        ),
    ] {
        let wrong = shop.refused(text).await;
        let found = wrong
            .iter()
            .any(|w| w.starts_with(key) && w.contains(reason));
        assert!(found, "{wrong:#?}");
    }
}
