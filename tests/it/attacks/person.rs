//! A person without scripts: keeps cookies, reads forms, sends them as they like.

use crate::harness::{Placed, Reply, TestShop};
use regex::Regex;
use std::collections::BTreeMap;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// A browser's worth of a stranger.
pub struct Person<'a> {
    shop: &'a TestShop,
    cookies: BTreeMap<String, String>,
    /// What they put into `X-Forwarded-For`.
    pub forwarded: Option<String>,
}

impl<'a> Person<'a> {
    /// Somebody new.
    pub fn at(shop: &'a TestShop) -> Self {
        Person {
            shop,
            cookies: BTreeMap::new(),
            forwarded: None,
        }
    }

    /// Somebody who has the token of an order.
    pub fn with_order(shop: &'a TestShop, placed: &Placed) -> Self {
        let mut person = Person::at(shop);
        person
            .cookies
            .insert("vg_order".to_owned(), placed.view_token.clone());
        person.cookies.insert("vg_lang".to_owned(), "en".to_owned());
        person
    }

    /// What this browser would send as `Cookie`.
    pub fn cookie_header(&self) -> String {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    /// Puts a cookie into this browser.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Takes a cookie that another browser has.
    pub fn take_cookie(&mut self, name: &str, from: &Person<'_>) {
        let value = from.cookies.get(name).expect("the cookie is there");
        self.set_cookie(name, value);
    }

    /// GET.
    pub async fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, &[], b"").await
    }

    /// POST of a form.
    pub async fn post<K: AsRef<str>, V: AsRef<str>>(
        &mut self,
        path: &str,
        fields: &[(K, V)],
    ) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.post_raw(path, &body).await
    }

    /// POST of these very bytes as a form.
    pub async fn post_raw(&mut self, path: &str, body: &str) -> Reply {
        let origin = self.shop.url();
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", origin.as_str()),
        ];
        self.send("POST", path, &headers, body.as_bytes()).await
    }

    /// POST of a form whose answer nobody waits for: after `meanwhile` the connection is gone.
    pub async fn post_and_leave<K: AsRef<str>, V: AsRef<str>>(
        &mut self,
        path: &str,
        fields: &[(K, V)],
        meanwhile: impl Future<Output = ()>,
    ) {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let cookies = self.cookie_header();
        let url = self.shop.url();
        let host = url.trim_start_matches("http://");
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\norigin: {url}\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            cookies,
            body.len(),
        );
        let mut stream = TcpStream::connect(host).await.expect("the shop listens");
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it is sent");
        meanwhile.await;
        // As when a browser is killed: the other side sees a reset, not an end.
        stream.set_zero_linger().expect("the socket is ours");
    }

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let cookie = self.cookie_header();
        let mut all = headers.to_vec();
        if !cookie.is_empty() {
            all.push(("cookie", &cookie));
        }
        if let Some(address) = &self.forwarded {
            all.push(("x-forwarded-for", address));
        }
        let reply = self.shop.http().send(method, path, &all, body).await;
        for (_, value) in reply
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
        {
            let pair = value.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }

    /// The hidden fields of a page's forms, each once.
    pub async fn hidden(&mut self, path: &str) -> BTreeMap<String, String> {
        let page = self.get(path).await.expect(200).text();
        let input = Regex::new(r#"<input type="hidden" name="([^"]+)" value="([^"]*)""#);
        input
            .expect("a pattern")
            .captures_iter(&page)
            .map(|found| (found[1].to_owned(), found[2].to_owned()))
            .collect()
    }

    /// The checkout of a product as the page offers it, filled in.
    pub async fn checkout(&mut self, slug: &str, email: &str) -> BTreeMap<String, String> {
        let mut form = self.hidden(&format!("/p/{slug}")).await;
        for (name, value) in [("quantity", "1"), ("email", email), ("method", "alipay")] {
            form.insert(name.to_owned(), value.to_owned());
        }
        form
    }

    /// Sends a checkout.
    pub async fn order(&mut self, slug: &str, form: &BTreeMap<String, String>) -> Reply {
        let fields: Vec<_> = form.iter().collect();
        self.post(&format!("/p/{slug}"), &fields).await
    }
}
