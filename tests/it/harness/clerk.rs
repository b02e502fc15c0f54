//! Somebody of the staff at their console, by plain HTTP: keeps cookies, sends a page's own
//! forms with its token.

use super::http::{Http, Reply};
use super::shop::TestShop;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The address and the password of the first administrator.
pub const OWNER: (&str, &str) = ("owner@example.com", "a long enough password");

/// A browser of the staff.
pub struct Clerk {
    http: Http,
    /// Where a trusted proxy says they are.
    forwarded: Option<String>,
    jar: Mutex<BTreeMap<String, String>>,
}

impl Clerk {
    /// A browser with no cookies.
    pub fn at(http: &Http) -> Self {
        Self {
            http: http.clone(),
            forwarded: None,
            jar: Mutex::default(),
        }
    }

    /// The same browser, at another address behind a proxy.
    pub fn from(mut self, address: &str) -> Self {
        self.forwarded = Some(address.to_owned());
        self
    }

    /// The first administrator of a shop, made by its one-time link and signed in.
    pub async fn first_of(shop: &TestShop) -> Self {
        let link = shop.cli(&["staff", "first"]).await.ok();
        Self::by_link(shop.http(), link.trim()).await
    }

    /// Follows a one-time link and chooses the owner's address and password.
    pub async fn by_link(http: &Http, link: &str) -> Self {
        let clerk = Self::at(http);
        let page = clerk.get(link).await.expect(200);
        let (email, password) = OWNER;
        let fields = [
            ("token", field(&page.text(), "token")),
            ("email", email.to_owned()),
            ("password", password.to_owned()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        clerk.send(&page, "/admin/link", &fields).await.expect(303);
        clerk
    }

    /// Signs in with an address and a password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Reply {
        let page = self.get("/admin/login").await.expect(200);
        let fields = [("email", email), ("password", password)];
        self.send(&page, "/admin/login", &fields).await
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Reply {
        let cookie = self.cookies();
        let mut headers = vec![("cookie", cookie.as_str()), ("accept-language", "en")];
        if let Some(address) = &self.forwarded {
            headers.push(("x-forwarded-for", address));
        }
        let reply = self.http.send("GET", path, &headers, b"").await;
        self.keep(&reply);
        reply
    }

    /// Opens `page`, and sends a form of it to `to` with these fields and the page's token.
    pub async fn post(&self, page: &str, to: &str, fields: &[(&str, &str)]) -> Reply {
        let page = self.get(page).await.expect(200);
        self.send(&page, to, fields).await
    }

    /// Sends a form of a page that was opened before.
    pub async fn send(&self, page: &Reply, to: &str, fields: &[(&str, &str)]) -> Reply {
        let csrf = field(&page.text(), "csrf");
        let fields = [&[("csrf", csrf.as_str())], fields].concat();
        self.send_as(to, &fields, &[]).await
    }

    /// Sends these fields and nothing else, with more headers.
    pub async fn send_as(
        &self,
        to: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let cookie = self.cookies();
        let fixed = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept-language", "en"),
            ("cookie", cookie.as_str()),
        ];
        let mut headers = [&fixed[..], headers].concat();
        if let Some(address) = &self.forwarded {
            headers.push(("x-forwarded-for", address));
        }
        let reply = self.http.send("POST", to, &headers, body.as_bytes()).await;
        self.keep(&reply);
        reply
    }

    /// Sends a form with a file in the field `file`.
    pub async fn upload(
        &self,
        page: &str,
        to: &str,
        fields: &[(&str, &str)],
        file: (&str, &[u8]),
    ) -> Reply {
        let page = self.get(page).await.expect(200);
        let csrf = field(&page.text(), "csrf");
        let mut body = Vec::new();
        for (name, value) in [&[("csrf", csrf.as_str())], fields].concat() {
            let part = format!(
                "--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let part = format!(
            "--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n",
            file.0
        );
        body.extend_from_slice(part.as_bytes());
        body.extend_from_slice(file.1);
        body.extend_from_slice(b"\r\n--limit--\r\n");
        let cookie = self.cookies();
        let headers = [
            ("content-type", "multipart/form-data; boundary=limit"),
            ("accept-language", "en"),
            ("cookie", cookie.as_str()),
        ];
        let reply = self.http.send("POST", to, &headers, &body).await;
        self.keep(&reply);
        reply
    }

    /// All cookies as one header.
    pub fn cookies(&self) -> String {
        let jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> = jar.iter().map(|(n, v)| format!("{n}={v}")).collect();
        pairs.join("; ")
    }

    /// One cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
        jar.get(name).cloned()
    }

    /// Puts a cookie into this browser.
    pub fn put_cookie(&self, name: &str, value: &str) {
        let mut jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
        jar.insert(name.to_owned(), value.to_owned());
    }

    fn keep(&self, reply: &Reply) {
        let mut jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, set) in reply.headers.iter().filter(|(n, _)| n == "set-cookie") {
            let (pair, rest) = set.split_once(';').unwrap_or((set, ""));
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            if rest.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// The value of the first input of this name.
pub fn field(html: &str, name: &str) -> String {
    let from = html.split(&format!("name=\"{name}\" value=\"")).nth(1);
    from.and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
        .to_owned()
}
