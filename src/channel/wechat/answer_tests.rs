use super::answer::{Answer, Effect};
use super::support::*;
use crate::channel::model::{Class, Reply};
use crate::clock::SECOND;

const BODY: &str = "{\"a\":1}";

fn read(reply: &Reply, effect: Effect) -> Result<Answer, Class> {
    let answer = BY_CERTIFICATE.read_answer(reply, NOW, effect);
    answer.map_err(|failed| failed.class)
}

/// A success is what its signature makes of it; without a right one nobody knows.
#[test]
fn a_success_without_a_right_signature_is_unknown() {
    let right = signed(200, BODY);
    assert!(matches!(read(&right, Effect::Some), Ok(Answer::Yes(_))));
    assert!(matches!(
        read(&signed(204, ""), Effect::Some),
        Ok(Answer::Yes(_))
    ));
    let mut wrong = vec![
        Reply {
            headers: Vec::new(),
            ..right.clone()
        },
        Reply {
            body: BODY.replace('1', "2").into_bytes(),
            ..right.clone()
        },
        Reply {
            headers: signed_by(&OTHER, SERIAL, NOW, BODY.as_bytes()),
            ..right.clone()
        },
        Reply {
            headers: signed_by(&PLATFORM, KEY_ID, NOW, BODY.as_bytes()),
            ..right.clone()
        },
        Reply {
            headers: signed_by(&PLATFORM, SERIAL, NOW - 300 * SECOND, BODY.as_bytes()),
            ..right.clone()
        },
        Reply {
            headers: signed_by(&PLATFORM, SERIAL, NOW + 300 * SECOND, BODY.as_bytes()),
            ..right.clone()
        },
        signed(200, "[]"),
        signed(200, ""),
        signed(200, "{\"a\":1,\"A\":2}"),
    ];
    for name in ["timestamp", "nonce", "serial", "signature"] {
        let name = format!("wechatpay-{name}");
        let mut less = right.clone();
        less.headers.retain(|(known, _)| *known != name);
        let mut twice = right.clone();
        let again = twice.headers.iter().find(|(known, _)| *known == name);
        let again = again.cloned().expect("it is there");
        twice.headers.push(again);
        wrong.extend([less, twice]);
    }
    for reply in &wrong {
        for effect in [Effect::None, Effect::Some] {
            assert!(
                matches!(read(reply, effect), Err(Class::Unknown)),
                "{reply:?}"
            );
        }
    }
}

#[test]
fn the_key_is_found_by_its_serial_however_it_is_written() {
    for serial in [
        SERIAL.to_owned(),
        SERIAL.to_lowercase(),
        format!("00{SERIAL}"),
    ] {
        let reply = Reply {
            headers: signed_by(&PLATFORM, &serial, NOW, BODY.as_bytes()),
            ..signed(200, BODY)
        };
        assert!(read(&reply, Effect::None).is_ok(), "{serial}");
    }
    let by_key = signed_by(&OTHER, KEY_ID, NOW, BODY.as_bytes());
    assert!(BY_KEY.signed_at(&by_key, BODY.as_bytes(), NOW).is_ok());
    let lower = signed_by(&OTHER, &KEY_ID.to_lowercase(), NOW, BODY.as_bytes());
    assert!(BY_KEY.signed_at(&lower, BODY.as_bytes(), NOW).is_err());
    // Past the end of the certificate, in 2027.
    let late = 1_800_000_000_000;
    let headers = signed_by(&PLATFORM, SERIAL, late, BODY.as_bytes());
    let why = BY_CERTIFICATE.signed_at(&headers, BODY.as_bytes(), late);
    assert_eq!(why, Err("signed with a certificate that is not good now"));
}

#[test]
fn another_scheme_of_signature_is_refused() {
    for (scheme, fits) in [
        ("WECHATPAY2-SHA256-RSA2048", true),
        ("WECHATPAY2-SM2-WITH-SM3", false),
        ("none", false),
    ] {
        let mut reply = signed(200, BODY);
        let name = "wechatpay-signature-type".to_owned();
        reply.headers.push((name, scheme.to_owned()));
        assert_eq!(read(&reply, Effect::None).is_ok(), fits, "{scheme}");
    }
}

/// A question that was not answered can be asked again; a call that may have moved something
/// is unknown.
#[test]
fn an_unreadable_error_is_as_bad_as_what_was_asked() {
    let reply = |status: u16| Reply {
        status,
        headers: Vec::new(),
        body: b"<html>".to_vec(),
    };
    for (status, asked, moved) in [
        (500, Class::Retryable, Class::Unknown),
        (502, Class::Retryable, Class::Unknown),
        (400, Class::Retryable, Class::Unknown),
        (429, Class::Retryable, Class::Retryable),
        (401, Class::Misconfigured, Class::Misconfigured),
        (404, Class::Misconfigured, Class::Misconfigured),
        (302, Class::Misconfigured, Class::Misconfigured),
        (100, Class::Misconfigured, Class::Misconfigured),
    ] {
        assert_eq!(
            read(&reply(status), Effect::None).err(),
            Some(asked),
            "{status}"
        );
        assert_eq!(
            read(&reply(status), Effect::Some).err(),
            Some(moved),
            "{status}"
        );
    }
    // Only a refusal says it without a signature, and only in its own words.
    let Ok(Answer::No(refusal)) = read(&refusal(404, "ORDER_NOT_EXIST"), Effect::None) else {
        panic!("a refusal");
    };
    assert_eq!(
        (refusal.status, refusal.said.as_str()),
        (404, "ORDER_NOT_EXIST 原因")
    );
}
