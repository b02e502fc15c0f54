use rsa::pkcs1::{EncodeRsaPrivateKey as _, EncodeRsaPublicKey as _, LineEnding};

use super::config::Config;
use super::support::*;
use crate::channel::account;
use crate::channel::port::Channel as _;
use crate::money::Currency;

fn wrong(base: &str, credentials: &[(&str, &str)]) -> String {
    match Config::read(&account(base, credentials)) {
        Ok(_) => panic!("taken: {base} {credentials:?}"),
        Err(wrong) => wrong.to_string(),
    }
}

#[test]
fn pasted_pages_are_stripped_from_the_base() {
    for (pasted, base) in [
        ("https://pay.example.com", "https://pay.example.com/"),
        ("https://pay.example.com/", "https://pay.example.com/"),
        (
            "https://pay.example.com/submit.php",
            "https://pay.example.com/",
        ),
        (
            "https://pay.example.com/mapi.php",
            "https://pay.example.com/",
        ),
        (
            "https://pay.example.com/api.php",
            "https://pay.example.com/",
        ),
        (
            "https://pay.example.com/api/pay/create",
            "https://pay.example.com/",
        ),
        (
            "https://pay.example.com/api/pay/",
            "https://pay.example.com/",
        ),
        (
            "https://pay.example.com/api/merchant/info",
            "https://pay.example.com/",
        ),
        (
            "https://pay.example.com/e/submit.php/",
            "https://pay.example.com/e",
        ),
        (
            "https://pay.example.com/api/payments",
            "https://pay.example.com/api/payments",
        ),
        (
            "http://127.0.0.1:8080/epay/api/pay/submit",
            "http://127.0.0.1:8080/epay",
        ),
    ] {
        let config = Config::read(&account(
            pasted,
            &[("version", "v1"), ("pid", "1001"), ("key", KEY)],
        ));
        assert_eq!(config.expect(pasted).base.as_str(), base, "{pasted}");
    }
}

#[test]
fn only_https_or_loopback_is_taken() {
    for base in [
        "http://pay.example.com",
        "http://10.1.2.3",
        "ftp://x",
        "",
        "https://a:b@x",
    ] {
        let said = wrong(base, &[("version", "v1"), ("pid", "1001"), ("key", KEY)]);
        assert!(said.starts_with("base_url"), "{said}");
    }
}

/// X03: an account with an empty, short or published key does not start, and says why.
#[test]
fn empty_short_and_default_keys_do_not_start() {
    for key in [
        "",
        "   ",
        "123456",
        "t1ny",
        "epusdt_password_xasddawqe",
        "EPUSDT_PASSWORD_XASDDAWQE",
        "12345678901234567890123456789012",
        "89unJUB8HZ54Hj7x4nUj56HN4nUzUJ8i",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "Zk3vQ8mT1yB6nR0w X5cJ2hL7pD4sF9gA",
    ] {
        let said = wrong(
            "https://pay.example.com",
            &[("version", "v1"), ("pid", "1001"), ("key", key)],
        );
        assert!(said.starts_with("key "), "{said}");
        assert!(key.trim().is_empty() || !said.contains(key), "{said}");
    }
    let https = "https://pay.example.com";
    assert!(wrong(https, &[("version", "v1"), ("pid", "1001")]).contains("key is missing"));
    assert!(wrong(https, &[("version", "v1"), ("key", KEY)]).contains("pid is missing"));
    assert!(wrong(https, &[("version", "v1"), ("pid", "1&x=2"), ("key", KEY)]).contains("pid"));
    assert!(wrong(https, &[("version", "v3"), ("pid", "1"), ("key", KEY)]).contains("version"));
    assert!(wrong(https, &[("pid", "1"), ("key", KEY)]).contains("version is missing"));
}

#[test]
fn yuan_only() {
    let mut config = account(
        "https://pay.example.com",
        &[("version", "v1"), ("pid", "1001"), ("key", KEY)],
    );
    config.currency = Currency::USD;
    assert!(Config::read(&config).is_err());
}

fn v2_with(ours: &str, theirs: &str) -> Result<(), String> {
    let credentials = [
        ("version", "v2"),
        ("pid", "1001"),
        ("merchant_private_key", ours),
        ("platform_public_key", theirs),
    ];
    Config::read(&account("https://pay.example.com", &credentials))
        .map(|_| ())
        .map_err(|wrong| wrong.to_string())
}

#[test]
fn rsa_keys_are_read_in_every_usual_form() {
    let bare = |pem: &str| {
        pem.lines()
            .filter(|l| !l.starts_with('-'))
            .collect::<String>()
    };
    let pkcs8 = private_pem(&MERCHANT);
    let pkcs1 = MERCHANT
        .to_pkcs1_pem(LineEnding::CRLF)
        .expect("PEM")
        .to_string();
    let spki = public_pem(&PLATFORM);
    let public1 = PLATFORM.to_public_key();
    let public1 = public1.to_pkcs1_pem(LineEnding::LF).expect("PEM");
    for ours in [
        &pkcs8,
        &pkcs1,
        &bare(&pkcs8),
        &bare(&pkcs1),
        &pkcs8.replace('\n', "\\n"),
    ] {
        for theirs in [
            &spki,
            &public1,
            &bare(&spki),
            &bare(&public1),
            &spki.replace('\n', " "),
        ] {
            assert_eq!(v2_with(ours, theirs), Ok(()), "{theirs}");
        }
    }
}

#[test]
fn wrong_swapped_and_mismatched_rsa_keys_do_not_start() {
    let (ours, theirs) = (private_pem(&MERCHANT), public_pem(&PLATFORM));
    let said = |a: &str, b: &str| v2_with(a, b).expect_err("refused");
    assert!(said("", &theirs).contains("merchant_private_key is empty"));
    assert!(said(&ours, "").contains("platform_public_key is empty"));
    assert!(said("hello", &theirs).contains("neither PEM nor base64"));
    assert!(said("aGVsbG8=", &theirs).contains("not a consistent RSA private key"));
    assert!(said(&theirs, &theirs).contains("is a public key"));
    assert!(said(&ours, &ours).contains("is a private key"));
    assert!(said(&ours, &public_pem(&MERCHANT)).contains("belongs to merchant_private_key"));
    assert!(said(&format!("{ours}{ours}"), &theirs).contains("more than one"));
    assert!(said(&ours, &theirs[..200]).contains("broken PEM"));
    let small = generate(9, 1024);
    assert!(said(&private_pem(&small), &theirs).contains("2048"));
    assert!(said(&ours, &public_pem(&small)).contains("2048"));
}

#[test]
fn keys_of_the_other_version_are_refused() {
    let https = "https://pay.example.com";
    let mixed = [
        ("version", "v1"),
        ("pid", "1"),
        ("key", KEY),
        ("platform_public_key", "x"),
    ];
    assert!(wrong(https, &mixed).contains("does not belong to v1"));
    let mixed = [("version", "v2"), ("pid", "1"), ("key", KEY)];
    assert!(wrong(https, &mixed).contains("does not belong to v2"));
}

#[test]
fn the_kind_is_registered_and_refuses_unknown_credentials() {
    let known = [("version", "v1"), ("pid", "1001"), ("key", KEY)];
    let opened = account::open("epay", &account("https://pay.example.com", &known));
    let channel = opened.expect("a channel");
    assert!(channel.confirm_by_query());
    assert!(channel.close().is_none());
    assert!(channel.refunds().is_some());
    assert_eq!(channel.currencies(), [Currency::CNY]);
    assert!(!v2().confirm_by_query());
    assert!(super::Channel::close(&v2()).is_some());
    let typo = [("version", "v1"), ("pid", "1001"), ("kee", KEY)];
    assert!(account::open("epay", &account("https://pay.example.com", &typo)).is_err());
}
