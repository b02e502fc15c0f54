//! A person without scripts: keeps cookies, reads forms, sends them as they like.

use crate::harness::{Placed, Reply, TestShop};
use regex::Regex;
use std::collections::BTreeMap;

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

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookie = pairs.join("; ");
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
