//! X62: a cache before the shop, that keeps what looks like a file and whatever may be kept, and
//! an attacker who asks it for what a buyer has just seen.

use super::ground::{buy, stock_up};
use crate::harness::{Http, Reply, TestShop, free_port, on_both_engines};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

type Kept = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// A cache as careless as they come: its key is the path alone (no cookie, no host, no `Vary`);
/// it keeps an answer unless it says `no-store` or `private`, and answers that are no 200 never.
struct Cache {
    http: Http,
    kept: Kept,
}

impl Cache {
    async fn before(shop: &TestShop) -> Self {
        let port = free_port();
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .expect("a port");
        let kept = Kept::default();
        let (ours, shop) = (Arc::clone(&kept), shop.url().replace("http://", ""));
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(pass(line, shop.clone(), Arc::clone(&ours)));
            }
        });
        Cache {
            http: Http::new(&format!("http://127.0.0.1:{port}")),
            kept,
        }
    }

    fn keeps(&self, path: &str) -> bool {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.contains_key(path)
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.http.send("GET", path, headers, b"").await
    }
}

/// One exchange: from memory, or from the shop and into memory.
async fn pass(mut line: TcpStream, shop: String, kept: Kept) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        match line.read(&mut piece).await? {
            0 => return Ok(()),
            length => head.extend_from_slice(&piece[..length]),
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
    let known = {
        let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&path).cloned()
    };
    let answer = match known {
        Some(answer) => answer,
        None => {
            let mut far = TcpStream::connect(&shop).await?;
            far.write_all(&head).await?;
            let mut answer = Vec::new();
            far.read_to_end(&mut answer).await?;
            let said = String::from_utf8_lossy(&answer).to_lowercase();
            let said = said.split("\r\n\r\n").next().unwrap_or_default().to_owned();
            let private = said
                .lines()
                .filter_map(|line| line.strip_prefix("cache-control:"))
                .any(|says| says.contains("no-store") || says.contains("private"));
            if said.starts_with("http/1.1 200") && !private {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.insert(path, answer.clone());
            }
            answer
        }
    };
    line.write_all(&answer).await
}

on_both_engines!(
    /// X62: "The shop has a cache before it. I send a buyer to a name of their order's page that
    /// looks like a file, and ask the cache for it; or I put my own host name into what it keeps
    /// for everybody." Nothing of an order is kept under any name, and what is kept names the
    /// configured address alone. Seen to fail without `private, no-cache`
    /// of `render` in web/failure.rs: the home page is kept with one visitor's form token.
    a_cache_before_the_shop_keeps_nobodys_order,
    |shop| async move {
        let gateway = stock_up(&shop).await;
        let order = buy(&shop, "alipay").await;
        gateway.pay(order.pay_url()).await;
        let goods = shop.goods(&order).await;
        let cache = Cache::before(&shop).await;
        let page = format!("/o/{}", order.order_no);
        let cookie = format!("vg_order={}", order.view_token);
        let token = format!("{page}?token={}", order.view_token);
        let names = [
            "", "/goods.txt", "/status", "/x.css", "/goods.txt/x.css", "/goods.css", ".css",
            ";x.css", "%2fx.css", "/return", "/return/x.png", "?x.css", "?page=1&x=.js", "/events.css",
        ];
        for name in names {
            let path = format!("{page}{name}");
            cache.get(&path, &[("cookie", &cookie)]).await;
            assert!(!cache.keeps(&path), "{path} is kept");
            let stolen = cache.get(&path, &[]).await;
            assert!(!stolen.text().contains(&goods[0]), "{path}");
            assert!(stolen.status >= 300, "{path}: {}", stolen.status);
        }
        let moved = cache.get(&token, &[]).await.expect(303);
        assert!(!cache.keeps(&token) && moved.header("cache-control") == Some("no-store"));
        for path in ["/orders", "/orders/mine", "/orders/mine?link=x", "/nowhere"] {
            cache.get(path, &[("cookie", &cookie)]).await;
            assert!(!cache.keeps(path), "{path} is kept");
        }
        // Pages with a form carry a token of one visitor: they are nobody else's.
        for path in ["/", "/p/editor", "/p/editor?lang=en"] {
            cache.get(path, &[]).await.expect(200);
            assert!(!cache.keeps(path), "{path} is kept");
        }
        // What is for everybody is kept, and poisoned by nobody.
        let evil = [
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "host=evil.example"),
            ("x-host", "evil.example"),
            ("x-original-url", "/orders"),
        ];
        let home = cache.get("/?lang=en", &[]).await.expect(200).text();
        let css = home.split("href=\"/static/").nth(2).and_then(|rest| rest.split('"').next());
        let css = format!("/static/{}", css.expect("a style sheet"));
        for path in ["/robots.txt", "/sitemap.xml", css.as_str()] {
            let first = cache.get(path, &evil).await.expect(200);
            assert!(!first.text().contains("evil.example"), "{path}");
            assert!(cache.keeps(path), "{path} may be kept");
            assert_eq!(cache.get(path, &[]).await.expect(200).body, first.body);
        }
    }
);
