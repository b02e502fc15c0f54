use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::sign::canonical;
use super::support::*;
use crate::channel::form::Fields;
use crate::channel::model::{Check, RawNotice, Verb};

/// X09: what two parsers could read differently is refused, each with the right signature of
/// the part that a tolerant parser would see.
#[test]
fn parser_disagreements_are_refused() {
    let good = v1_query(paid_fields());
    let sign = good.split("sign=").nth(1).expect("signed").to_owned();
    let encoded = |text: &str| text.replace("out_trade_no", "out%5Ftrade%5Fno");
    let corpus = [
        ("a field twice", format!("{good}&money=10.00")),
        ("a field twice in front", format!("money=0.01&{good}")),
        ("an order twice", format!("{good}&out_trade_no=ORD2")),
        ("a signature twice", format!("{good}&sign={sign}")),
        ("an empty repeat", format!("{good}&money=")),
        ("a repeat in another case", format!("{good}&Money=99.00")),
        ("a repeat in capitals", format!("{good}&OUT_TRADE_NO=ORD2")),
        ("an encoded repeat", format!("{good}&m%6fney=99.00")),
        ("an encoded name", encoded(&good)),
        ("an array signature", good.replace("&sign=", "&sign[]=")),
        ("an array amount", good.replace("&money=", "&money[]=")),
        ("an encoded array", good.replace("&sign=", "&sign%5B%5D=")),
        ("an indexed array", format!("{good}&money[0]=1")),
        ("a dotted name", format!("{good}&a.b=1")),
        ("a blank in a name", format!("{good}&a+b=1")),
        ("a byte order mark", format!("\u{feff}{good}")),
        ("an encoded byte order mark", format!("%EF%BB%BF{good}")),
        ("a leading ?", format!("?{good}")),
        ("a leading &", format!("&{good}")),
        ("a trailing &", format!("{good}&")),
        ("an empty piece", good.replacen('&', "&&", 1)),
        ("a piece without =", format!("{good}&debug")),
        ("no name", format!("{good}&=1")),
        ("semicolons", good.replace('&', ";")),
        ("one semicolon", format!("{good};money=99")),
        ("a broken escape", format!("{good}&x=%zz")),
        ("a cut escape", format!("{good}&x=%2")),
        ("a wide escape", format!("{good}&x=%u0041")),
        ("bad UTF-8", format!("{good}&x=%ff%fe")),
        ("an overlong slash", format!("{good}&x=%c0%af")),
        ("half a surrogate", format!("{good}&x=%ed%a0%80")),
        ("a zero byte", format!("{good}&x=%00")),
        (
            "a zero byte in the amount",
            good.replace("money=10.00", "money=10.00%00"),
        ),
        (
            "JSON",
            format!("{{\"money\":\"10.00\",\"sign\":\"{sign}\"}}"),
        ),
        ("JSON behind fields", format!("{good}&{{\"money\":1}}")),
        ("a fragment", format!("{good}#&money=1")),
        (
            "full-width digits",
            v1_query(with("out_trade_no", "ＯＲＤ１")),
        ),
        ("a blank around a number", v1_query(with("pid", " 1001"))),
        (
            "an imitated field",
            v1_query(with("name", "VIP&out_trade_no=ORD2&param=x")),
        ),
        ("too many fields", {
            let more: Vec<String> = (0..200).map(|n| format!("x{n}=1")).collect();
            format!("{good}&{}", more.join("&"))
        }),
    ];
    assert!(corpus.len() >= 30);
    let channel = v1();
    assert!(channel.noticed(&get(&good)).is_ok());
    for (name, query) in &corpus {
        let fired = check(channel.noticed(&get(query)));
        // A fragment is part of the last value here, so its signature type is wrong.
        let fine = fired == Some(Check::Parse) || (*name == "a fragment" && fired.is_some());
        assert!(fine, "{name}: {fired:?}");
    }
    assert_eq!(check(channel.noticed(&get(""))), Some(Check::Parse));
}

fn post<'a>(query: &'a str, headers: &'a [(String, String)], body: &'a [u8]) -> RawNotice<'a> {
    RawNotice {
        verb: Verb::Post,
        headers,
        body,
        ..get(query)
    }
}

/// X09: one source only.
#[test]
fn address_and_body_are_never_merged() {
    let channel = v1();
    let good = v1_query(paid_fields());
    let headers = form("application/x-www-form-urlencoded");
    let (left, right) = good.split_once("&money").expect("money");
    let right = format!("money{right}");
    for raw in [
        post(&good, &headers, b"".as_slice()),
        post(left, &headers, right.as_bytes()),
        post("x=1", &headers, good.as_bytes()),
        RawNotice {
            body: b"money=1",
            ..get(&good)
        },
    ] {
        assert_eq!(check(channel.noticed(&raw)), Some(Check::Parse));
    }
    for kind in [
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "",
    ] {
        let headers = form(kind);
        let fired = check(channel.noticed(&post("", &headers, good.as_bytes())));
        assert_eq!(fired, Some(Check::Form), "{kind}");
    }
    let large = vec![b'a'; 256 * 1024 + 1];
    let fired = check(channel.noticed(&post("", &headers, &large)));
    assert_eq!(fired, Some(Check::Form));
}

/// Whatever byte of the message changes, it is refused or means exactly what was signed (the
/// case of hex digits, names of unsigned fields).
fn bend(query: &str, at: usize, bits: u8) -> Option<String> {
    let mut bytes = query.as_bytes().to_vec();
    let at = at % bytes.len();
    bytes[at] ^= bits;
    String::from_utf8(bytes).ok()
}

static V2_QUERY: LazyLock<String> = LazyLock::new(|| v2_query(paid_fields()));

proptest! {
    #[test]
    fn a_flipped_byte_never_changes_what_is_accepted(at in 0usize..4096, bits in 1u8..=255) {
        for (channel, query) in [
            (v1(), v1_query(paid_fields())),
            (v2(), V2_QUERY.clone()),
        ] {
            let right = channel.noticed(&get(&query));
            prop_assert!(right.is_ok());
            if let Some(bent) = bend(&query, at, bits) {
                let result = channel.noticed(&get(&bent));
                prop_assert!(result.is_err() || result == right, "{}", bent);
            }
        }
    }

    #[test]
    fn a_flipped_byte_in_any_signed_field_is_refused(
        field in 0usize..8, at in 0usize..64, bits in 1u8..=127,
    ) {
        let mut fields = paid_fields();
        let sign = v1_query(fields.clone());
        let sign = sign.split_once("&sign=").map(|(_, s)| s.to_owned()).unwrap_or_default();
        let mut bytes = fields[field].1.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= bits;
        if let Ok(bent) = String::from_utf8(bytes) {
            fields[field].1 = bent;
            let query = format!("{}&sign={sign}", encode(&fields));
            prop_assert!(v1().noticed(&get(&query)).is_err());
        }
    }

    #[test]
    fn random_bytes_never_panic_and_are_never_accepted(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        let headers = form("application/x-www-form-urlencoded");
        let raw = RawNotice { verb: Verb::Post, headers: &headers, body: &body, ..get("") };
        prop_assert!(v1().noticed(&raw).is_err());
        let text = String::from_utf8_lossy(&body).into_owned();
        prop_assert!(v1().noticed(&get(&text)).is_err());
    }

    #[test]
    fn random_fields_never_panic(query in "([a-z_]{1,12}=[a-z0-9%+&=.]{0,9}&){0,20}[a-z]{1,4}=x") {
        let _ = Fields::parse(&query);
        prop_assert!(v1().noticed(&get(&query)).is_err());
    }

    #[test]
    fn the_canonical_string_survives_the_wire(
        fields in proptest::collection::btree_map("[a-z][a-z0-9_]{0,10}", "[^\0]{0,12}", 0..20),
    ) {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(&fields);
        let parsed = Fields::parse(&body.finish()).expect("parsed");
        let back: BTreeMap<String, String> =
            parsed.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        prop_assert_eq!(&back, &fields);
        // The sheet's rule, written down a second time.
        let mut expected = String::new();
        for (name, value) in &fields {
            if name != "sign" && name != "sign_type" && !value.is_empty() {
                if !expected.is_empty() {
                    expected.push('&');
                }
                expected.push_str(name);
                expected.push('=');
                expected.push_str(value);
            }
        }
        prop_assert_eq!(canonical(parsed.iter()), expected);
    }
}
