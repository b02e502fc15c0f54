use super::support::*;
use crate::channel::account;
use crate::channel::account::AccountConfig;
use crate::channel::model::Method;
use crate::channel::port::Channel as _;
use crate::money::Currency;

fn wrong(config: &AccountConfig) -> String {
    match super::Config::read(config) {
        Ok(_) => panic!("taken"),
        Err(wrong) => wrong.to_string(),
    }
}

/// A right account, but for these.
fn but(more: &[(&str, &str)]) -> AccountConfig {
    let key = public_pem(&OTHER);
    let mut all = vec![("public_key_id", KEY_ID), ("public_key", key.as_str())];
    all.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    all.extend_from_slice(more);
    with(&all)
}

/// X03: an empty, short, repeated or published key does not start an account.
#[test]
fn unusable_api_keys_do_not_start() {
    for key in [
        "",
        "   ",
        "short",
        "0123456789012345678901234567890",
        "012345678901234567890123456789012",
        "12345678901234567890123456789012",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "Zk3vQ8mT1yB6nR0w 5cJ2hL7pD4sF9gA",
        "密钥密钥密钥密钥密钥密",
    ] {
        let said = wrong(&but(&[("api_v3_key", key)]));
        assert!(said.starts_with("api_v3_key "), "{said}");
        assert!(key.trim().is_empty() || !said.contains(key), "{said}");
    }
}

#[test]
fn numbers_and_names_are_those_of_wechat_pay() {
    for (name, values) in [
        ("mch_id", &["", "1900", "19000000a1", "1900 000001"][..]),
        ("app_id", &["", "1900000001", "wx-1", "wx 1"]),
        (
            "merchant_serial",
            &["", "zz", "408B07E7 9B", "408B:07E7:9B82"],
        ),
        ("public_key_id", &["", "0119000000012026", "PUB_KEY_ID_ 1"]),
        ("h5", &["", "yes", "1"]),
    ] {
        for value in values {
            let said = wrong(&but(&[(name, value)]));
            assert!(said.starts_with(name), "{name} {value}: {said}");
        }
    }
    let mut dollars = but(&[]);
    dollars.currency = Currency::USD;
    assert!(wrong(&dollars).starts_with("currency"));
    for base in ["http://api.mch.weixin.qq.com", "https://a:b@x", ""] {
        let mut config = but(&[]);
        config.base_url = base.to_owned();
        assert!(wrong(&config).starts_with("base_url"), "{base}");
    }
}

/// A key or certificates, or both; X15: never our own key.
#[test]
fn somebody_else_must_sign_for_wechat_pay() {
    let (own, other) = (public_pem(&MERCHANT), public_pem(&OTHER));
    let certificate = platform_certificate();
    assert!(wrong(&with(&[])).contains("is missing"));
    assert!(wrong(&with(&[("public_key", &other)])).starts_with("public_key_id is missing"));
    assert!(wrong(&with(&[("public_key_id", KEY_ID)])).starts_with("public_key is missing"));
    let said = wrong(&with(&[("public_key_id", KEY_ID), ("public_key", &own)]));
    assert!(said.contains("belongs to merchant_private_key"), "{said}");
    for text in [
        certificate
            .replace("CERTIFICATE", "PUBLIC KEY")
            .replace("MIIB", "MIIC"),
        other.clone(),
        "hello".to_owned(),
        String::new(),
        certificate[..200].to_owned(),
    ] {
        let said = wrong(&with(&[("platform_certificates", &text)]));
        assert!(said.starts_with("platform_certificates"), "{said}");
    }
    for (key, serial) in [(&*MERCHANT, SERIAL), (&*PLATFORM, OUR_SERIAL)] {
        let ours = super::support::certificate(key, serial, "260101000000Z", "270101000000Z");
        let said = wrong(&with(&[("platform_certificates", &ours)]));
        assert!(said.contains("your own certificate"), "{said}");
    }
    let small =
        super::support::certificate(&generate(9, 1024), SERIAL, "260101000000Z", "270101000000Z");
    assert!(wrong(&with(&[("platform_certificates", &small)])).contains("2048"));
    let twice = format!("{certificate}{certificate}");
    for more in [
        &[("platform_certificates", twice.as_str())][..],
        &[("public_key_id", KEY_ID), ("public_key", other.as_str())],
        &[
            ("platform_certificates", &certificate),
            ("public_key_id", KEY_ID),
            ("public_key", &other),
        ],
    ] {
        let channel = open(&with(more));
        let certificates = usize::from(more[0].0 == "platform_certificates");
        assert_eq!(channel.verifiers.certificates.len(), certificates);
        assert_eq!(channel.keys().is_some(), certificates == 1);
    }
}

#[test]
fn the_kind_is_registered_and_tells_what_it_can() {
    let channel = account::open("wechat", &but(&[])).expect("a channel");
    assert_eq!(channel.methods(), [Method::Wechat]);
    assert_eq!(channel.currencies(), [Currency::CNY]);
    assert_eq!(channel.shortest_life(), 60_000);
    assert!(!channel.confirm_by_query());
    assert!(channel.close().is_some() && channel.refunds().is_some());
    assert!(account::open("wechat", &but(&[("mchid", "1900000001")])).is_err());
}
