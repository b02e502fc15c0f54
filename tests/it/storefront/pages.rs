//! B01: a shop with many goods shows them a page at a time, by address, without scripts.

use crate::harness::on_both_engines;
use regex::Regex;
use std::fmt::Write as _;

fn shown(html: &str) -> Vec<String> {
    let link = Regex::new("<h2><a href=\"/p/([^\"]+)\"").expect("a pattern");
    link.captures_iter(html)
        .map(|found| found[1].to_owned())
        .collect()
}

fn leads(html: &str, rel: &str) -> Option<String> {
    let link = Regex::new(&format!("href=\"([^\"]+)\" rel=\"{rel}\"")).expect("a pattern");
    Some(link.captures(html)?[1].replace("&#38;", "&"))
}

on_both_engines!(
    /// Every product stands on one page; the pages lead to one another, keep what was asked for,
    /// and are each their own address for search engines. A page that is not there is the nearest.
    goods_beyond_a_page_stand_on_the_next,
    |shop| async move {
        let mut goods = String::from("[[category]]\nslug = \"keys\"\nname = { zh = \"软件\", en = \"Keys\" }\n");
        for n in 10..62 {
            let named = if n < 40 { "Left" } else { "Right" };
            write!(
                goods,
                "[[product]]\nslug = \"p{n}\"\ncategory = \"keys\"\nposition = {n}\n\
                 name = {{ zh = \"商品{n}\", en = \"{named} {n}\" }}\ndelivery = \"manual\"\n\
                 [[product.variant]]\nsku = \"s{n}\"\nprice = \"1.00\"\n"
            )
            .expect("a text");
        }
        shop.apply(&goods).await;
        let mut all = Vec::new();
        let mut next = Some("/?category=keys&lang=en".to_owned());
        let mut pages = 0;
        while let Some(path) = next {
            let html = shop.http().get(&path).await.expect(200).text();
            all.extend(shown(&html));
            pages += 1;
            let own = format!("rel=\"canonical\" href=\"{}{}\"", shop.url(), path.replace('&', "&#38;"));
            assert!(html.contains(&own) && html.contains("52 "), "{own} in {html}");
            assert_eq!(leads(&html, "prev").is_some(), pages > 1);
            next = leads(&html, "next");
            assert!(next.iter().all(|next| next.contains("category=keys")), "{next:?}");
        }
        let wanted: Vec<String> = (10..62).map(|n| format!("p{n}")).collect();
        assert_eq!((pages, all), (3, wanted));

        let last = shop.http().get("/?page=99").await.expect(200).text();
        assert_eq!(shown(&last), ["p58", "p59", "p60", "p61"]);
        let found = shop.http().get("/?q=right").await.expect(200).text();
        assert_eq!((shown(&found).len(), leads(&found, "next")), (22, None));
    }
);
