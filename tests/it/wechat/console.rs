//! A merchant of WeChat Pay, typed in by people.

use super::double::Double;
use super::paper::{API_KEY, credentials};
use crate::drills::stage::{self, FIVE, OWNER, count};
use crate::harness::{Clerk, Reply, TestShop, on_both_engines};

/// Posts a form: the merchant's credentials under names that begin so, and these.
async fn post(
    clerk: &Clerk,
    (page, to, begin): (&str, &str, &str),
    more: &[(&str, &str)],
) -> Reply {
    let typed = credentials().map(|(key, value)| (format!("{begin}{key}"), value));
    let mut fields: Vec<(&str, &str)> = typed
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    fields.retain(|(key, _)| more.iter().all(|(other, _)| other != key));
    fields.extend_from_slice(more);
    clerk.post(page, to, &fields).await
}

/// What was typed stands sealed and nowhere else.
async fn keys_stay_hidden(shop: &TestShop, clerk: &Clerk, pages: &[&str]) {
    for page in pages {
        let text = clerk.get(page).await.expect(200).text();
        assert!(
            !text.contains(API_KEY) && !text.contains("PRIVATE KEY"),
            "{page}"
        );
    }
    let audit = format!("audit WHERE after LIKE '%{API_KEY}%' OR after LIKE '%PRIVATE KEY%'");
    assert_eq!(count(shop, &audit), 0);
    assert!(!shop.log().contains(API_KEY));
}

on_both_engines!(
    an_account_of_wechat_pay_is_made_tested_and_paid_through,
    |shop| async move {
        let double = Double::start().await;
        stage::open_shop(&shop, FIVE, &format!("admin_email = \"{OWNER}\""), "").await;
        let clerk = Clerk::first_of(&shop).await;
        let kinds = clerk.get("/admin/accounts/new").await.expect(200).text();
        assert!(kinds.contains("kind=wechat") && kinds.contains("WeChat Pay"));
        let form = (
            "/admin/accounts/new?kind=wechat",
            "/admin/accounts/new",
            "cred_",
        );
        let page = clerk.get(form.0).await.expect(200).text();
        for told in [
            "https://api.mch.weixin.qq.com",
            "APIv3 key",
            "Platform certificates",
        ] {
            assert!(page.contains(told), "{told}: {page}");
        }
        let url = double.url();
        let usual = [
            ("kind", "wechat"),
            ("id", "direct"),
            ("methods_wechat", "on"),
            ("base_url", url.as_str()),
            ("currency", "CNY"),
        ];
        let but = |more: &[(&'static str, &'static str)]| [&usual[..], more].concat();
        for (wrong, told) in [
            (
                ("cred_api_v3_key", "short"),
                "is exactly 32 letters and digits",
            ),
            (("cred_mch_id", "19"), "must be 8 to 32 digits"),
            (
                ("cred_platform_certificates", ""),
                "platform_certificates; one of them",
            ),
        ] {
            let refused = post(&clerk, form, &but(&[wrong])).await.expect(422).text();
            assert!(refused.contains(told), "{told}: {refused}");
            assert!(!refused.contains("PRIVATE KEY"), "{refused}");
        }
        post(&clerk, form, &usual).await.expect(303);
        let test = "/admin/accounts/direct/test";
        let tested = clerk.post("/admin/accounts/direct", test, &[]).await;
        let tested = tested.expect(200).text();
        assert!(tested.contains("The test passed"), "{tested}");
        let pages = [
            "/admin/accounts/direct",
            "/admin/accounts/direct/edit",
            "/admin/audit",
        ];
        keys_stay_hidden(&shop, &clerk, &pages).await;

        let enable = "/admin/accounts/direct/state/enabled";
        clerk
            .post(enable, enable, &[("from", "off")])
            .await
            .expect(303);
        let order = stage::buy(&shop, "wechat").await;
        assert_eq!(order.pay.as_ref().map(|pay| pay.kind.as_str()), Some("qr"));
        double.pay(&stage::merchant_no(&shop, &order, 1));
        assert_eq!(shop.goods(&order).await.len(), 1);
    }
);

on_both_engines!(
    the_first_steps_take_an_account_of_wechat_pay,
    |shop| async move {
        let double = Double::start().await;
        let clerk = Clerk::first_of(&shop).await;
        let at = "/admin/setup/channel?kind=wechat";
        let page = clerk
            .get(&format!("{at}&lang=zh-CN"))
            .await
            .expect(200)
            .text();
        for told in [
            "https://api.mch.weixin.qq.com",
            "微信支付公钥 ID",
            "商户证书序列号",
        ] {
            assert!(page.contains(told), "{told}: {page}");
        }
        let url = double.url();
        let usual = [
            ("id", "wechat"),
            ("base_url", url.as_str()),
            ("method-wechat", "1"),
        ];
        let but = |more: &[(&'static str, &'static str)]| [&usual[..], more].concat();
        let refused = post(&clerk, (at, at, ""), &but(&[("mch_id", "19")])).await;
        let refused = refused.expect(422).text();
        assert!(refused.contains("href=\"#mch_id\""), "{refused}");
        assert!(
            !refused.contains("PRIVATE KEY") && !refused.contains(API_KEY),
            "{refused}"
        );
        post(&clerk, (at, at, ""), &usual).await.expect(303);
        assert_eq!(count(&shop, "channel_account WHERE kind = 'wechat'"), 1);
        keys_stay_hidden(&shop, &clerk, &["/admin/accounts/wechat", "/admin/audit"]).await;
    }
);
