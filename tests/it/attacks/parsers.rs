//! Bodies that two parsers would read differently.

use super::forge::{
    Own, canonical, md5, query, send, send_raw, sha256_rsa, signed_v2, v2_fields, with,
};
use super::ground::{EPAY_KEY, buy, callback, fails, merchant_no, rsa, stock_up, untouched};
use crate::harness::on_both_engines;

/// What stands in place of a right query (`q`) with its signature made over what is meant: one
/// that some reader takes for the same.
fn two_readings(q: &str) -> Vec<String> {
    let cut = |name: &str| {
        let kept: Vec<&str> = q.split('&').filter(|f| !f.starts_with(name)).collect();
        kept.join("&")
    };
    vec![
        format!("{q}&money=0.01"),
        format!("money=0.01&{q}"),
        format!("{q}&MONEY=0.01"),
        format!("{q}&Money=19.90"),
        format!("{q}&out_trade_no=VG1"),
        format!("{q}&sign=x"),
        format!("sign=x&{q}"),
        format!("{q}&trade_status=TRADE_SUCCESS"),
        format!("{q}&%6Doney=19.90"),
        format!("{}&%6Doney=19.90", cut("money=")),
        format!("{}&money%20=19.90", cut("money=")),
        format!("{}&money.x=19.90", cut("money=")),
        format!("{}& money=19.90", cut("money=")).replace(' ', "+"),
        format!("{}&money%00=19.90", cut("money=")),
        format!("{}&money=19.90%00", cut("money=")),
        format!("{}&money=%2519.90", cut("money=")),
        format!("{}&money=19.9%", cut("money=")),
        format!("{}&money=19.90%zz", cut("money=")),
        format!("{}&money=%ff19.90", cut("money=")),
        format!("{}&money=%EF%BC%91%EF%BC%99.90", cut("money=")),
        format!("{};money=19.90", cut("money=")),
        q.replace('&', ";"),
        format!("{q};"),
        format!("{q}&flag"),
        format!("{q}&=x"),
        format!("{q}&&"),
        format!("%EF%BB%BF{q}"),
        format!("?{q}"),
        q.replace("money=", "money=="),
        q.replace("sign=", "sign=%20"),
        q.replace("out_trade_no=", "out_trade_no=%09"),
        q.replace("trade_status=", "trade_status=%0A"),
    ]
}

on_both_engines!(
    /// X09: "The check reads one value, the till another." Thirty-two queries and twenty JSON
    /// bodies, each under a right signature of one of its readings, are refused whole. Seen to
    /// fail without `"a field stands twice"` of epay/form.rs and without `Unique` of
    /// channel/json.rs.
    what_can_be_read_two_ways_is_refused,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let order = buy(&shop, "bank").await;
        let full = super::forge::genuine_v2(&shop, &order);
        let queries = two_readings(&query(&full));
        assert!(queries.len() >= 30);
        for raw in &queries {
            let reply = send_raw(&shop, "epay-2", raw).await;
            assert_ne!(reply.text(), "success", "{raw}");
        }
        // The same as the body of a POST, and spread over address and body.
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let path = callback(&shop, "epay-2");
        for raw in &queries {
            let reply = shop.http().send("POST", &path, &form, raw.as_bytes()).await;
            assert_ne!(reply.text(), "success", "{raw}");
        }
        let text = query(&full);
        for (address, body) in [
            ("money=0.01", text.as_str()),
            (text.as_str(), "money=0.01"),
            (text.as_str(), text.as_str()),
        ] {
            let path = format!("{path}?{address}");
            let reply = shop.http().send("POST", &path, &form, body.as_bytes()).await;
            assert_eq!(reply.text(), "fail", "{address} {body}");
        }
        let bom = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        let reply = shop.http().send("POST", &path, &form, &bom).await;
        assert_eq!(reply.text(), "fail");
        untouched(&shop, &order, "queries of two readings");

        // Values are signed unencoded, so a value can hide a field: one signature, two readings.
        let no = merchant_no(&shop, &order);
        for hidden in ["x&money=19.90", "x&pid=1002", "x&trade_status=TRADE_SUCCESS"] {
            let fields = with(v2_fields(&no, "T-1"), "name", hidden);
            let fields = signed_v2(fields, &rsa().platform);
            assert_eq!(send(&shop, "epay-2", &fields).await.text(), "fail", "{hidden}");
        }
        untouched(&shop, &order, "hidden fields");
        // One reading: taken.
        assert_eq!(send(&shop, "epay-2", &full).await.text(), "success");
        assert_eq!(full["sign"], sha256_rsa(&canonical(&full), &rsa().platform));
        shop.order_in(&order, "delivered").await;

        let order = buy(&shop, "alipay").await;
        let full = Own::of(&shop, &order, "T-1");
        let one = full.body.clone();
        let inner = &one[1..one.len() - 1];
        let bodies = [
            format!("{{\"amount\":1,{inner}}}"),
            format!("{{{inner},\"amount\":1990}}"),
            format!("{{{inner},\"Amount\":1990}}"),
            format!("{{{inner},\"AMOUNT\":1}}"),
            format!("{{{inner},\"\\u0061mount\":1990}}"),
            format!("{{{inner},\"merchant_no\":\"VG1\"}}"),
            format!("{{{inner},\"status\":\"paid\"}}"),
            format!("{{{inner},\"more\":{{\"a\":1,\"a\":2}}}}"),
            format!("{{{inner},\"more\":[{{\"a\":1,\"A\":2}}]}}"),
            format!("\u{feff}{one}"),
            format!("{one}{one}"),
            format!("{one}\n{{}}"),
            format!("[{one}]"),
            format!("\"{}\"", one.replace('"', "\\\"")),
            format!("{{{inner},}}"),
            format!("{{{inner},/**/\"a\":1}}"),
            one.replace('"', "'"),
            one.replace("1990", "01990"),
            one.replace("1990", "+1990"),
            one.replace("\"CNY\"", "\"CNY\\ud800\""),
            one.replace("1990", "１９９０"),
        ];
        for body in bodies {
            let forged = Own { body: body.clone(), ..full.clone() };
            fails(&forged.send(&shop).await.expect(400), &body);
        }
        untouched(&shop, &order, "bodies of two readings");
        full.send(&shop).await.expect(200);
        shop.order_in(&order, "delivered").await;
        assert_eq!(md5("a", EPAY_KEY).len(), 32);
    }
);

on_both_engines!(
    /// X68: "I send what takes long to read." A notice that is too large, too deep or of too
    /// many fields is refused before anything is looked up, each in a blink, and the shop
    /// serves on. Seen to fail without `if depth(text) > DEEPEST` of channel/json.rs.
    monstrous_notices_end_at_once,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let order = buy(&shop, "alipay").await;
        let began = std::time::Instant::now();
        let deep = |n: usize| format!("{{\"a\":{}{}}}", "[".repeat(n), "]".repeat(n));
        let maps = format!("{}{}", "{\"a\":".repeat(20_000), "1".to_owned() + &"}".repeat(20_000));
        let many: Vec<String> = (0..10_000).map(|n| format!("\"k{n}\":{n}")).collect();
        let full = Own::of(&shop, &order, "T-1");
        let nested = |n: usize| Own {
            body: full.body.replacen('{', &format!("{},", deep(n).trim_end_matches('}')), 1),
            ..full.clone()
        };
        fails(&nested(32).send(&shop).await.expect(400), "33 levels");
        for body in [deep(33), deep(100_000), maps, format!("{{{}}}", many.join(","))] {
            let reply = Own::with_body(&body).send(&shop).await;
            fails(&reply.expect(400), "a monstrous body");
        }
        let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(300 * 1024));
        Own::with_body(&huge).send(&shop).await.expect(413);
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let path = callback(&shop, "epay-1");
        for (count, size) in [(201, 1), (10_000, 10), (2, 120 * 1024)] {
            let fields: Vec<String> = (0..count)
                .map(|n| format!("f{n}={}", "y".repeat(size)))
                .collect();
            let body = fields.join("&");
            let reply = shop.http().send("POST", &path, &form, body.as_bytes());
            assert_eq!(reply.await.text(), "fail", "{count} fields of {size}");
        }
        let long = "z".repeat(270 * 1024);
        let reply = shop.http().send("POST", &path, &form, long.as_bytes()).await;
        assert_eq!((reply.status, reply.text().as_str()), (413, "fail"));
        assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
        shop.http().get("/readyz").await.expect(200);
        untouched(&shop, &order, "monsters");
        nested(31).send(&shop).await.expect(200);
        shop.order_in(&order, "delivered").await;
    }
);
