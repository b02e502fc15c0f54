use std::sync::LazyLock;

use proptest::prelude::*;

use super::envelope::{Envelope, Event};
use super::support::*;
use crate::channel::model::{Check, Reply};
use crate::channel::port::{Channel as _, Keys as _, Refunds as _};

/// X02, X09, X68: what two parsers could read differently is refused, each rightly signed.
#[test]
fn parser_disagreements_are_refused() {
    let good = told("SUCCESS");
    let inside = good.trim_start_matches('{').to_owned();
    let event = "\"event_type\":\"TRANSACTION.SUCCESS\"";
    let resource = good
        .split_once("\"resource\":")
        .map(|(_, rest)| rest.trim_end_matches('}').to_owned() + "}")
        .expect("a resource");
    let deep = format!("{{\"x\":{}{},{inside}", "[".repeat(40), "]".repeat(40));
    let corpus = [
        ("an event twice", format!("{{{event},{inside}")),
        (
            "an event in another case",
            format!("{{\"Event_Type\":\"x\",{inside}"),
        ),
        (
            "an escaped event",
            format!("{{\"\\u0065vent_type\":\"x\",{inside}"),
        ),
        (
            "a resource twice",
            format!("{{\"resource\":{resource},{inside}"),
        ),
        ("a byte order mark", format!("\u{feff}{good}")),
        ("two objects", format!("{good}{good}")),
        ("bytes behind", format!("{good}x")),
        ("a list", format!("[{good}]")),
        ("too deep", deep),
        ("a comment", good.replacen('{', "{/**/", 1)),
        ("a trailing comma", good.replacen("}}", "},}", 1)),
        ("single quotes", good.replace('"', "'")),
        ("half a surrogate", good.replace("支付成功", "\\ud800")),
        (
            "an event that is a number",
            good.replace("\"TRANSACTION.SUCCESS\"", "1"),
        ),
        (
            "an event that is null",
            good.replace("\"TRANSACTION.SUCCESS\"", "null"),
        ),
        (
            "a resource that is a text",
            good.replace(&resource, "\"x\""),
        ),
        ("a form", "event_type=TRANSACTION.SUCCESS".to_owned()),
        ("nothing", String::new()),
        ("an empty object", "{}".to_owned()),
    ];
    assert!(heard(&good).is_ok());
    for (name, body) in &corpus {
        assert_eq!(check(heard(body)), Some(Check::Parse), "{name}");
    }
    let plain = payment("SUCCESS");
    for (name, plain) in [
        (
            "an amount twice",
            plain.replace("\"total\":1000", "\"total\":1,\"total\":1000"),
        ),
        (
            "an order twice",
            plain.replacen('{', "{\"out_trade_no\":\"X\",", 1),
        ),
        ("a zero byte", plain.replace(ORDER, "ORD\\u0000")),
        ("a full-width number", plain.replace(ORDER, "ＯＲＤ１")),
        (
            "an order that is a number",
            plain.replace(&format!("\"{ORDER}\""), "1"),
        ),
        ("a path", plain.replace(ORDER, "../ORD1")),
    ] {
        let body = envelope("TRANSACTION.SUCCESS", "transaction", &plain);
        assert_eq!(check(heard(&body)), Some(Check::Parse), "{name}");
    }
}

static GOOD: LazyLock<String> = LazyLock::new(|| told("SUCCESS"));
static HEADERS: LazyLock<Vec<(String, String)>> =
    LazyLock::new(|| signed_by(&PLATFORM, SERIAL, NOW, GOOD.as_bytes()));

proptest! {
    /// The signature is over the raw bytes: whatever of them changes, nothing is taken.
    #[test]
    fn a_flipped_byte_is_refused(at in 0usize..4096, bits in 1u8..=255) {
        let mut body = GOOD.as_bytes().to_vec();
        let at = at % body.len();
        body[at] ^= bits;
        prop_assert!(BY_CERTIFICATE.noticed(&posted(&HEADERS, &body)).is_err());
    }

    /// Nor does a resource open whose bytes changed, also when the outside is signed anew.
    #[test]
    fn a_flipped_byte_inside_is_refused(at in 0usize..4096, letter in "[A-Za-z0-9+/]") {
        let (before, rest) = GOOD.split_once("\"ciphertext\":\"").expect("a ciphertext");
        let (cipher, after) = rest.split_once('"').expect("closed");
        let mut bent = cipher.to_owned();
        let at = at % (cipher.len() - 4);
        bent.replace_range(at..=at, &letter);
        prop_assume!(bent != cipher);
        let body = format!("{before}\"ciphertext\":\"{bent}\"{after}");
        prop_assert!(heard(&body).is_err());
    }

    #[test]
    fn a_flipped_header_is_refused(which in 1usize..5, at in 0usize..512, bits in 1u8..=127) {
        let mut headers = HEADERS.clone();
        let value = &mut headers[which].1;
        let mut bytes = value.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= bits;
        if let Ok(bent) = String::from_utf8(bytes)
            && !bent.trim().eq_ignore_ascii_case(value)
        {
            *value = bent;
            prop_assert!(BY_CERTIFICATE.noticed(&posted(&headers, GOOD.as_bytes())).is_err());
        }
    }

    #[test]
    fn random_bytes_never_panic_and_are_never_accepted(
        body in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        prop_assert!(BY_CERTIFICATE.noticed(&posted(&HEADERS, &body)).is_err());
        let signed = signed_by(&PLATFORM, SERIAL, NOW, &body);
        prop_assert!(BY_CERTIFICATE.noticed(&posted(&signed, &body)).is_err());
    }

    /// Whatever stands in an envelope, it is read as one of three, or not at all.
    #[test]
    fn envelopes_are_read_or_refused(
        event in "[A-Z.]{0,24}", kind in "[a-z-]{0,20}", nonce in "\\PC{0,14}", cipher in "[A-Za-z0-9+/=]{0,60}",
    ) {
        let resource = serde_json::json!({
            "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce, "ciphertext": cipher,
        });
        let body = serde_json::json!({
            "event_type": event, "resource_type": kind, "resource": resource,
        });
        match Envelope::read(body.to_string().as_bytes()) {
            Ok(read) => prop_assert_eq!(read.resource.is_none(), read.event == Event::Other),
            Err(why) => prop_assert!(!why.is_empty()),
        }
    }

    /// A rightly signed answer of any bytes never pays, never gives back and teaches nothing.
    #[test]
    fn random_answers_never_panic_and_never_pay(
        body in proptest::collection::vec(any::<u8>(), 0..300), status in 100u16..600,
    ) {
        let headers = signed_by(&PLATFORM, SERIAL, NOW, &body);
        let reply = Reply { status, headers, body };
        prop_assert!(BY_CERTIFICATE.read_created(&charge(), &reply).is_err());
        prop_assert!(BY_CERTIFICATE.read_query(&lookup(), &reply).is_err());
        prop_assert!(BY_CERTIFICATE.read_refund(&refund(300), &reply).is_err());
        prop_assert!(BY_CERTIFICATE.learn(NOW, &reply).is_err());
    }
}
