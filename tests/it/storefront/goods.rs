//! B04: the goods of a large order, page by page, as one file, and with the mail. An order that
//! was not paid can be placed again with the form kept.

use super::page_of;
use crate::attacks::ground::{BUYER, stock_up};
use crate::attacks::person::Person;
use crate::harness::{Outcome, Placed, on_both_engines, press_at};
use crate::scene::{Scene, Wares};

const MANY: usize = 120;

/// The units a page shows.
fn units(html: &str) -> Vec<String> {
    let parts = html.split("<code data-copy>").skip(1);
    parts
        .map(|part| part.split('<').next().unwrap_or_default().to_owned())
        .collect()
}

on_both_engines!(
    /// B04: a hundred and twenty units: three pages in the order of delivery, one download with
    /// them all, and one attached file in the mail, whose body stays short.
    many_goods_are_paged_downloaded_and_attached,
    |shop| async move {
        let engine = shop.engine();
        drop(shop);
        let wares = Wares {
            shop: "unpaid_per_network = 200\nunpaid_per_email = 200",
            variant: "max_quantity = 200",
            cards: MANY,
            ..Wares::default()
        };
        let scene = Scene::open(engine, wares).await;
        let order: Placed = scene.buys(1, 120).await;
        press_at(order.pay_url(), Outcome::Pay).await;
        let goods = scene.shop.goods(&order).await;
        assert_eq!(goods.len(), MANY);
        let page = page_of(&order);
        let mut buyer = Person::with_order(&scene.shop, &order);
        let mut seen = Vec::new();
        for (at, shown, says) in [
            ("", 50, "This is 1 to 50 of 120"),
            ("?page=2", 50, "This is 51 to 100 of 120"),
            ("?page=3", 20, "This is 101 to 120 of 120"),
        ] {
            let html = buyer.get(&format!("{page}{at}")).await.expect(200).text();
            let units = units(&html);
            assert_eq!(units.len(), shown, "{at}");
            assert!(html.contains(says), "{at}: {html}");
            assert_eq!(html.contains("rel=\"next\""), at != "?page=3");
            assert_eq!(html.contains("rel=\"prev\""), !at.is_empty());
            seen.extend(units);
        }
        assert_eq!(seen, goods);
        for odd in ["?page=0", "?page=99", "?page=-1", "?page=x", "?page=18446744073709551616"] {
            let html = buyer.get(&format!("{page}{odd}")).await.expect(200).text();
            assert!(!units(&html).is_empty(), "{odd}");
        }
        let file = buyer.get(&format!("{page}/goods.txt")).await.expect(200).text();
        assert_eq!(file.lines().collect::<Vec<_>>(), goods);
        let mail = scene.shop.smtp().first_mail_to("buyer-1@example.test").await;
        let name = format!("goods-{}.txt", order.order_no);
        let attached = mail.file(&name).expect("an attached file");
        let attached = String::from_utf8(attached).expect("text").replace("\r\n", "\n");
        assert_eq!(attached.lines().collect::<Vec<_>>(), goods);
        assert!(!mail.text().contains(&goods[0]), "the body names the file");
        assert!(mail.text().contains(&name) && mail.html().contains(&name));
    }
);

on_both_engines!(
    /// An order that was given up, or whose time is over, is ordered again in one click, and the
    /// form comes back as it was, with nothing placed. Its page asks the channel whether it was
    /// paid after all.
    an_order_is_placed_again_with_the_form_kept,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let mut buyer = Person::at(&shop);
        let mut form = buyer.checkout("editor", BUYER).await;
        for (name, value) in [("quantity", "3"), ("field_note", "wrap <it>"), ("method", "wechat")] {
            form.insert(name.to_owned(), value.to_owned());
        }
        let placed = buyer.order("editor", &form).await.expect(303);
        let page = placed.header("location").expect("a page").to_owned();
        let csrf = buyer.hidden(&page).await["csrf"].clone();
        let cancelled = buyer.post(&format!("{page}/cancel"), &[("csrf", &csrf)]).await;
        cancelled.expect(303);
        let html = buyer.get(&page).await.expect(200).text();
        let (_, again) = html.split_once("action=\"/p/editor\"").expect("a way to order again");
        let again = again.split("</form>").next().unwrap_or_default();
        let value = |name: &str| {
            let (_, rest) = again.split_once(&format!("name=\"{name}\" value=\"")).expect(name);
            rest.split('"').next().unwrap_or_default().to_owned()
        };
        let names = ["csrf", "update", "variant", "quantity", "email", "method", "field_note"];
        let sent: Vec<(&str, String)> = names
            .iter()
            .map(|name| (*name, crate::attacks::pages::plain(&value(name))))
            .collect();
        let filled = buyer.post("/p/editor", &sent).await.expect(200).text();
        for kept in [
            "name=\"quantity\" inputmode=\"numeric\" value=\"3\"",
            &format!("value=\"{BUYER}\""),
            "value=\"wrap &#60;it&#62;\"",
            "value=\"wechat\" id=\"method-wechat\"",
        ] {
            assert!(filled.contains(kept), "{kept} in {filled}");
        }
        let wechat = filled.split("value=\"wechat\"").nth(1).expect("the method");
        assert!(wechat.split('>').next().is_some_and(|tag| tag.contains("checked")));
        assert_eq!(crate::attacks::ground::rows(&shop, "orders"), 1, "nothing was placed");
        assert!(!filled.contains("aria-invalid"), "and nothing is wrong with it");

        // "Already paid?" asks, and says what it heard.
        let check = format!("{page}/check");
        let told = buyer.post(&check, &[("csrf", &csrf)]).await.expect(303);
        let back = told.header("location").expect("a page").to_owned();
        let html = buyer.get(&back).await.expect(200).text();
        assert!(html.contains("No payment has arrived yet") || html.contains("还没有收到付款"));
    }
);
