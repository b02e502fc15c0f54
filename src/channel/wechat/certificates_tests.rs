use super::support::*;
use crate::channel::model::{Class, Reply};
use crate::channel::port::{Channel, Keys as _};

/// The serial of a certificate that comes later.
const NEXT: &str = "6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A";

fn listed(pem: &str, serial: &str) -> String {
    let sealed = sealed(pem, "certificate", "");
    format!(
        "{{\"serial_no\":\"{serial}\",\"effective_time\":\"2026-11-01T00:00:00+08:00\",\
         \"expire_time\":\"2031-11-01T00:00:00+08:00\",\"encrypt_certificate\":{sealed}}}"
    )
}

fn next() -> String {
    certificate(&OTHER, NEXT, "261101000000Z", "311101000000Z")
}

/// The old one and the next one, signed by the old key.
fn both() -> Reply {
    let list = format!(
        "{{\"data\":[{},{}]}}",
        listed(&platform_certificate(), SERIAL),
        listed(&next(), NEXT)
    );
    signed(200, &list)
}

fn hears(channel: &dyn Channel, serial: &str) -> bool {
    let body = told("SUCCESS");
    let key = if serial == SERIAL { &PLATFORM } else { &OTHER };
    let headers = signed_by(key, serial, NOW, body.as_bytes());
    channel.notice(&posted(&headers, body.as_bytes())).is_ok()
}

#[test]
fn a_certificate_that_is_learned_signs_from_then_on() {
    let body = told("SUCCESS");
    let headers = signed_by(&OTHER, NEXT, NOW, body.as_bytes());
    let keys = BY_CERTIFICATE.keys().expect("keys change");
    assert!(keys.is_unknown(&headers));
    assert!(!keys.is_unknown(&signed_by(&OTHER, SERIAL, NOW, b"")));
    assert!(!keys.is_unknown(&[]));
    let asked = keys.ask(NOW, &[1; 16]);
    assert_eq!(asked.url, format!("{BASE}/v3/certificates"));
    assert!(header(&asked, "authorization").is_some());
    let knowing = keys.learn(NOW, &both()).expect("learned");
    assert!(hears(&*knowing, SERIAL) && hears(&*knowing, NEXT));
    assert!(!knowing.keys().expect("keys").is_unknown(&headers));
    // The one that asked knows what it knew.
    assert!(hears(&*BY_CERTIFICATE, SERIAL) && !hears(&*BY_CERTIFICATE, NEXT));
}

/// The key that signs the answer may itself be new: it came in what only WeChat Pay encrypts.
#[test]
fn an_answer_signed_by_a_key_it_brings_is_learned() {
    let mut reply = both();
    reply.headers = signed_by(&OTHER, NEXT, NOW, &reply.body);
    let knowing = BY_CERTIFICATE.learn(NOW, &reply).expect("learned");
    assert!(hears(&*knowing, NEXT));
}

#[test]
fn a_merchant_of_the_public_key_mode_learns_nothing() {
    assert!(BY_KEY.keys().is_none());
    let none = BY_CERTIFICATE.learn(NOW, &refusal(404, "RESOURCE_NOT_EXISTS"));
    assert_eq!(
        none.err().map(|failed| failed.class),
        Some(Class::Misconfigured)
    );
}

#[test]
fn nothing_is_learned_of_a_wrong_answer() {
    let one = |pem: &str, serial: &str| format!("{{\"data\":[{}]}}", listed(pem, serial));
    let own = certificate(&MERCHANT, NEXT, "261101000000Z", "311101000000Z");
    let small = certificate(&generate(9, 1024), NEXT, "261101000000Z", "311101000000Z");
    let right = one(&next(), NEXT);
    let mut wrong: Vec<Reply> = [
        one(&next(), SERIAL),
        one(&own, NEXT),
        one(&small, NEXT),
        one(&format!("{}{}", next(), next()), NEXT),
        one("hello", NEXT),
        one("aGVsbG8=", NEXT),
        right.replace(
            "\"associated_data\":\"certificate\"",
            "\"associated_data\":\"x\"",
        ),
        right.replace("fdasflkja484", "fdasflkja485"),
        right.replace("encrypt_certificate", "certificate"),
        "{\"data\":[]}".to_owned(),
        "{\"data\":[1]}".to_owned(),
        "{\"data\":{}}".to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
    ]
    .iter()
    .map(|body| signed(200, body))
    .collect();
    let mut unsigned = both();
    unsigned.headers.clear();
    let mut forged = both();
    forged.headers = signed_by(&MERCHANT, NEXT, NOW, &forged.body);
    let mut stale = both();
    stale.headers = signed_by(&PLATFORM, SERIAL, NOW - 300_000, &stale.body);
    wrong.extend([unsigned, forged, stale]);
    for reply in &wrong {
        let failed = BY_CERTIFICATE.learn(NOW, reply).err();
        let class = failed.map(|failed| failed.class);
        assert_eq!(
            class,
            Some(Class::Unknown),
            "{}",
            String::from_utf8_lossy(&reply.body)
        );
    }
}

/// One past its end is neither learned nor kept.
#[test]
fn certificates_past_their_end_are_forgotten() {
    // In 2027: the configured one has ended.
    let late = 1_800_000_000_000;
    let list = format!(
        "{{\"data\":[{},{}]}}",
        listed(&platform_certificate(), SERIAL),
        listed(&next(), NEXT)
    );
    let reply = Reply {
        status: 200,
        headers: signed_by(&OTHER, NEXT, late, list.as_bytes()),
        body: list.into_bytes(),
    };
    let learned = BY_CERTIFICATE
        .read_certificates(&reply.body, late)
        .expect("a list");
    assert_eq!(learned.len(), 1);
    assert_eq!(learned[0].serial, NEXT);
    let knowing = BY_CERTIFICATE.verifiers.with(learned, late);
    assert!(knowing.knows(NEXT) && !knowing.knows(SERIAL));
    assert!(BY_CERTIFICATE.learn(late, &reply).is_ok());
}
