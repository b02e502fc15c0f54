use super::config::Config;
use super::support::*;
use crate::channel::account::{self, AccountConfig};
use crate::money::Currency;
use crate::seal::Secret;

fn said(config: &AccountConfig) -> String {
    match Config::read(config) {
        Ok(_) => panic!("taken"),
        Err(wrong) => wrong.to_string(),
    }
}

fn wrong(changes: &[(&str, &str)]) -> String {
    said(&config(changes))
}

fn blank(name: &str) -> String {
    let mut config = config(&[]);
    config
        .credentials
        .insert(name.to_owned(), Secret::new("  "));
    said(&config)
}

#[test]
fn keys_are_read_in_every_usual_form() {
    let bare = |pem: &str| {
        pem.lines()
            .filter(|l| !l.starts_with('-'))
            .collect::<String>()
    };
    let (app, platform) = (private_pem(&APP), public_pem(&PLATFORM));
    for (app, platform) in [
        (app.clone(), platform.clone()),
        (bare(&app), bare(&platform)),
        (app.replace('\n', "\\n"), platform.replace('\n', "\r\n")),
    ] {
        let config = config(&[("app_private_key", &app), ("alipay_public_key", &platform)]);
        assert!(Config::read(&config).is_ok(), "{platform}");
    }
}

/// X03, X15: what is missing, blank, short, swapped or our own does not start, and says why.
#[test]
fn what_cannot_be_safe_does_not_start() {
    for name in [
        "app_id",
        "seller_id",
        "app_private_key",
        "alipay_public_key",
    ] {
        assert_eq!(wrong(&[(name, "")]), format!("{name} is missing"));
        assert_eq!(blank(name), format!("{name} is empty"));
    }
    assert_eq!(blank("product"), "product is empty");
    let (app, own, platform) = (private_pem(&APP), public_pem(&APP), public_pem(&PLATFORM));
    // The most common mistake: the public half of our own key.
    assert!(wrong(&[("alipay_public_key", &own)]).contains("alipay_public_key belongs to"));
    assert!(wrong(&[("alipay_public_key", &app)]).contains("is a private key"));
    assert!(wrong(&[("app_private_key", &platform)]).contains("is a public key"));
    assert!(wrong(&[("app_private_key", "hello")]).contains("neither PEM nor base64"));
    let small = generate(33, 1024);
    assert!(wrong(&[("app_private_key", &private_pem(&small))]).contains("2048"));
    assert!(wrong(&[("alipay_public_key", &public_pem(&small))]).contains("2048"));
    for id in ["1&x=2", "2021", "20210000000000A1"] {
        assert!(
            wrong(&[("app_id", id)]).starts_with("app_id must be"),
            "{id}"
        );
    }
    for id in [
        "2088",
        "1088000000000001",
        "20880000000000011",
        "208800000000000x",
    ] {
        assert!(
            wrong(&[("seller_id", id)]).starts_with("seller_id must be"),
            "{id}"
        );
    }
    for product in ["page", "QR", "0"] {
        assert!(
            wrong(&[("product", product)]).starts_with("product is web"),
            "{product}"
        );
    }
    let mut dollars = config(&[]);
    dollars.currency = Currency::USD;
    assert!(said(&dollars).contains("currency must be CNY"));
}

#[test]
fn the_gateway_is_https_or_loopback_and_has_its_page() {
    for (base, gateway) in [
        (
            "https://openapi.alipay.com/gateway.do",
            "https://openapi.alipay.com/gateway.do",
        ),
        (
            "https://openapi.alipay.com",
            "https://openapi.alipay.com/gateway.do",
        ),
        (
            "https://openapi.alipay.com/",
            "https://openapi.alipay.com/gateway.do",
        ),
        (
            "https://openapi-sandbox.dl.alipaydev.com/gateway.do",
            "https://openapi-sandbox.dl.alipaydev.com/gateway.do",
        ),
        (
            "http://127.0.0.1:9000/alipay",
            "http://127.0.0.1:9000/alipay",
        ),
    ] {
        let mut config = config(&[]);
        config.base_url = base.to_owned();
        let read = Config::read(&config).map(|config| config.gateway.to_string());
        assert_eq!(read.as_deref(), Ok(gateway));
    }
    for base in [
        "http://openapi.alipay.com",
        "ftp://x",
        "",
        "https://a:b@x",
        "https://x?y=1",
    ] {
        let mut config = config(&[]);
        config.base_url = base.to_owned();
        assert!(said(&config).starts_with("base_url"), "{base}");
    }
}

#[test]
fn the_kind_is_registered_and_refuses_unknown_credentials() {
    assert!(account::open("alipay", &config(&[])).is_ok());
    let odd = account::open("alipay", &config(&[("key", "x")]));
    let said = odd.err().map(|wrong| wrong.to_string());
    assert_eq!(
        said.as_deref(),
        Some("key is not a credential of this kind")
    );
}
