//! The pages of the staff, as one table like [`crate::browser_pages`], and how to come in.

use crate::browser_pages::Page;
use crate::harness::{Browser, Demo};

const EMAIL: &str = "owner@lantern.example";
const PASSWORD: &str = "a long password of the owner";

/// Signs in: the first time by the link that the demo printed, which makes the first
/// administrator, later by their password.
pub async fn signed_in_admin(browser: &Browser, demo: &Demo) {
    let login = format!("{}/admin/login", demo.shop);
    browser.goto(&login).await.expect("the page opens");
    browser.text("#password").await;
    if browser.count(".note.t-info").await > 0 {
        browser.goto(&demo.admin).await.expect("the link opens");
    }
    browser.fill("#email", EMAIL).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("main form .btn").await;
    browser.at(|url| url.ends_with("/admin")).await;
}

/// The table. Who opens these pages is signed in.
pub fn desk_pages() -> Vec<Page> {
    let desk = Page::of_the_desk;
    vec![
        desk("admin-home", "/admin"),
        desk("admin-account", "/admin/account"),
        desk("admin-second", "/admin/account/second"),
        desk("admin-settings", "/admin/settings"),
        desk("admin-webhook-secret", "/admin/settings/webhook-secret"),
        desk("admin-requests", "/admin/requests"),
        desk("admin-accounts", "/admin/accounts"),
        desk("admin-account-new", "/admin/accounts/new"),
        desk("admin-account-one", "/admin/accounts/sandbox"),
        desk("admin-account-edit", "/admin/accounts/sandbox/edit"),
        desk(
            "admin-account-stop",
            "/admin/accounts/sandbox/state/draining",
        ),
        desk("admin-mail-templates", "/admin/mail/templates"),
        desk("admin-mail", "/admin/mail"),
        desk("admin-audit", "/admin/audit"),
    ]
}
