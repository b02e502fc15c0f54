use std::sync::LazyLock;

use proptest::prelude::*;

use super::sign::{Empty, of_notice};
use super::support::*;
use crate::channel::form::Fields;
use crate::channel::model::{Check, NoticeStatus, RawNotice, Refused, Verb};
use crate::channel::port::Channel as _;
use crate::money::{Currency, Minor};

static RIGHT: LazyLock<String> = LazyLock::new(|| body(paid_fields()));

fn status(fields: Vec<(String, Vec<u8>)>) -> (NoticeStatus, bool) {
    let notice = noticed(&body(fields)).expect("taken");
    (notice.status, notice.given_back)
}

#[test]
fn a_right_notice_is_money() {
    let notice = noticed(&RIGHT).expect("taken");
    assert_eq!(notice.merchant_no, ORDER);
    assert_eq!(notice.channel_trade_no, TRADE);
    assert_eq!(notice.amount, Some(Minor(1_000)));
    assert_eq!(notice.currency, Some(Currency::CNY));
    assert_eq!(notice.paid_at, Some(1_795_140_021_000));
    assert_eq!(
        (notice.status, notice.given_back),
        (NoticeStatus::Paid, false)
    );
}

#[test]
fn every_status_is_read() {
    use NoticeStatus::{Closed, Ignore, Paid, Refund};
    for (word, expected) in [
        ("TRADE_SUCCESS", Paid),
        ("TRADE_FINISHED", Paid),
        ("TRADE_CLOSED", Closed),
        ("WAIT_BUYER_PAY", Ignore),
        ("trade_success", Ignore),
        ("SUCCESS", Ignore),
    ] {
        assert_eq!(
            status(having("trade_status", word)),
            (expected, false),
            "{word}"
        );
    }
    let back = |word: &str, fee: &str| {
        let mut fields = having("trade_status", word);
        fields.push(("refund_fee".to_owned(), fee.as_bytes().to_vec()));
        status(fields)
    };
    assert_eq!(back("TRADE_CLOSED", "10.00"), (Refund, true));
    assert_eq!(back("TRADE_CLOSED", "0.00"), (Closed, false));
    assert_eq!(back("TRADE_SUCCESS", "3.00"), (Paid, true));
    assert_eq!(back("TRADE_SUCCESS", ""), (Paid, false));
    // Notices about other things than trades.
    let other = status(having("notify_type", "dut_user_sign"));
    assert_eq!(other, (Ignore, false));
}

/// X01, X02, X05: unsigned, forged or downgraded is refused.
#[test]
fn only_rsa2_of_alipay_is_taken() {
    let without_sign = encode(&paid_fields());
    for text in [
        without_sign.clone(),
        format!("{without_sign}&sign_type=RSA2"),
        format!("{without_sign}&sign=&sign_type=RSA2"),
        format!("{without_sign}&sign=0&sign_type=RSA2"),
        format!("{without_sign}&sign=AAAA&sign_type=RSA2"),
        RIGHT.replace("sign_type=RSA2", "sign_type=RSA"),
        RIGHT.replace("sign_type=RSA2", "sign_type=MD5"),
        RIGHT.replace("sign_type=RSA2", "sign_type=rsa2"),
        RIGHT.replace("sign_type=RSA2", "sign_type="),
        RIGHT.replace("&sign_type=RSA2", ""),
        RIGHT.replace("total_amount=10.00", "total_amount=99.00"),
        RIGHT.replace(ORDER, "VG2"),
    ] {
        assert_eq!(check(noticed(&text)), Some(Check::Signature), "{text}");
    }
}

/// X08: rightly signed for another merchant, or for nobody.
#[test]
fn another_merchant_is_refused() {
    for fields in [
        having("app_id", "2021000000009999"),
        having("seller_id", "2088000000009999"),
        having("seller_id", ""),
        without("seller_id"),
    ] {
        assert_eq!(check(noticed(&body(fields))), Some(Check::Merchant));
    }
    let refused = noticed(&body(having("app_id", "2021000000009999")));
    assert_eq!(
        refused.err().and_then(|refused: Refused| refused.ask_about),
        None
    );
}

#[test]
fn missing_fields_are_refused_and_amounts_are_never_guessed() {
    for name in [
        "app_id",
        "charset",
        "notify_type",
        "trade_no",
        "out_trade_no",
        "trade_status",
    ] {
        for fields in [without(name), having(name, "")] {
            assert_eq!(check(noticed(&body(fields))), Some(Check::Parse), "{name}");
        }
    }
    for (text, amount) in [
        ("10", Some(1_000)),
        ("0.01", Some(1)),
        ("99999999.99", Some(9_999_999_999)),
        ("", None),
        ("-10.00", None),
        ("+10.00", None),
        ("1e3", None),
        ("10.001", None),
        ("１０.00", None),
        (" 10.00", None),
        ("99999999999999999999", None),
    ] {
        let notice = noticed(&body(having("total_amount", text))).expect(text);
        assert_eq!(notice.amount, amount.map(Minor), "{text}");
    }
    let notice = noticed(&body(without("total_amount"))).expect("taken");
    assert_eq!(notice.amount, None);
}

/// The encoding is that of the notice, and the bytes of it are what is signed.
#[test]
fn a_notice_in_gbk_is_read_by_its_bytes() {
    let mut fields = having("charset", "GBK");
    fields.retain(|(name, _)| name != "subject");
    // 会员
    fields.push(("subject".to_owned(), vec![0xbb, 0xe1, 0xd4, 0xb1]));
    assert!(noticed(&body(fields.clone())).is_ok());
    for charset in ["utf-8", "latin1", "utf-7"] {
        let mut fields = fields.clone();
        fields.retain(|(name, _)| name != "charset");
        fields.push(("charset".to_owned(), charset.as_bytes().to_vec()));
        assert_eq!(
            check(noticed(&body(fields))),
            Some(Check::Parse),
            "{charset}"
        );
    }
}

/// X09: what two parsers could read differently is refused, each with the right signature of the
/// part that a tolerant parser would see.
#[test]
fn parser_disagreements_are_refused() {
    let good = RIGHT.as_str();
    let imitated = "VIP&out_trade_no=VG2&x=y";
    let corpus = [
        ("a field twice", format!("{good}&total_amount=10.00")),
        (
            "a field twice in front",
            format!("total_amount=0.01&{good}"),
        ),
        ("an order twice", format!("{good}&out_trade_no=VG2")),
        ("a type twice", format!("{good}&sign_type=RSA2")),
        ("an empty repeat", format!("{good}&total_amount=")),
        ("another case", format!("{good}&Total_Amount=99.00")),
        ("an encoded repeat", format!("{good}&total%5Famount=99.00")),
        ("an array", good.replace("&sign=", "&sign[]=")),
        ("an encoded array", good.replace("&sign=", "&sign%5B%5D=")),
        ("a dotted name", format!("{good}&a.b=1")),
        ("a byte order mark", format!("\u{feff}{good}")),
        ("a leading ?", format!("?{good}")),
        ("a leading &", format!("&{good}")),
        ("a trailing &", format!("{good}&")),
        ("a piece without =", format!("{good}&debug")),
        ("no name", format!("{good}&=1")),
        ("semicolons", good.replace('&', ";")),
        ("a broken escape", format!("{good}&x=%zz")),
        ("a cut escape", format!("{good}&x=%2")),
        ("a wide escape", format!("{good}&x=%u0041")),
        ("bad UTF-8", format!("{good}&x=%ff%fe")),
        ("a zero byte", format!("{good}&x=%00")),
        ("JSON", "{\"total_amount\":\"10.00\"}".to_owned()),
        ("nothing", String::new()),
        ("an imitated field", body(having("subject", imitated))),
        ("full-width digits", body(having("out_trade_no", "ＶＧ１"))),
        ("a blank around a number", body(having("trade_no", " 1"))),
        ("a line break", body(having("trade_no", "1\n2"))),
        ("a long number", body(having("trade_no", &"1".repeat(129)))),
        ("too many fields", {
            let more: Vec<String> = (0..200).map(|n| format!("x{n}=1")).collect();
            format!("{good}&{}", more.join("&"))
        }),
    ];
    assert!(corpus.len() >= 30 && noticed(good).is_ok());
    for (name, text) in &corpus {
        assert_eq!(check(noticed(text)), Some(Check::Parse), "{name}");
    }
}

#[test]
fn only_a_posted_form_is_read() {
    let headers = form_headers();
    let right = posted(&headers, RIGHT.as_bytes());
    let judged = |raw: &RawNotice<'_>| check(account().noticed(raw));
    assert_eq!(judged(&right), None);
    assert_eq!(
        judged(&RawNotice {
            query: "x=1",
            ..right
        }),
        Some(Check::Parse)
    );
    let get = RawNotice {
        verb: Verb::Get,
        query: &RIGHT,
        body: b"",
        ..right
    };
    assert_eq!(judged(&get), Some(Check::Form));
    for kind in [
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "",
    ] {
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        assert_eq!(
            judged(&posted(&headers, RIGHT.as_bytes())),
            Some(Check::Form),
            "{kind}"
        );
    }
    let large = vec![b'a'; 256 * 1024 + 1];
    assert_eq!(judged(&posted(&headers, &large)), Some(Check::Form));
}

#[test]
fn the_answer_is_byte_exact() {
    let said = |accepted| account().answer(accepted);
    assert_eq!((said(true).status, said(true).body), (200, "success"));
    assert_eq!((said(false).status, said(false).body), (200, "fail"));
    assert_eq!(said(true).content_type, "text/plain");
}

/// Fields without a value are signed by some and left out by others: both are taken, and no
/// other reading.
#[test]
fn empty_fields_are_signed_either_way() {
    let mut fields = having("body", "");
    fields.push(("voucher_detail_list".to_owned(), Vec::new()));
    let signed = |empty| {
        let text = of_notice(
            fields.iter().map(|(n, v)| (n.as_str(), v.as_slice())),
            empty,
        );
        let mut fields = fields.clone();
        fields.push(("sign".to_owned(), platform_signs(&text).into_bytes()));
        fields.push(("sign_type".to_owned(), b"RSA2".to_vec()));
        encode(&fields)
    };
    assert_ne!(signed(Empty::Skipped), signed(Empty::Kept));
    for empty in [Empty::Skipped, Empty::Kept] {
        assert!(noticed(&signed(empty)).is_ok(), "{empty:?}");
        let filled = signed(empty).replace("&body=&", "&body=x&");
        assert_eq!(check(noticed(&filled)), Some(Check::Signature), "{empty:?}");
    }
}

proptest! {
    /// Whatever byte of the message changes, it is refused or means exactly what was signed.
    #[test]
    fn a_flipped_byte_never_changes_what_is_accepted(at in 0usize..4096, bits in 1u8..=255) {
        let right = noticed(&RIGHT);
        prop_assert!(right.is_ok());
        let mut bytes = RIGHT.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= bits;
        if let Ok(bent) = String::from_utf8(bytes) {
            let result = noticed(&bent);
            prop_assert!(result.is_err() || result == right, "{}", bent);
        }
    }

    #[test]
    fn random_bytes_never_panic_and_are_never_accepted(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(account().noticed(&posted(&form_headers(), &bytes)).is_err());
    }

    #[test]
    fn what_is_signed_survives_the_wire(
        fields in proptest::collection::btree_map(
            "[a-z][a-z0-9_]{0,10}", proptest::collection::vec(1u8..=255, 0..12), 0..20),
    ) {
        let pairs: Vec<(String, Vec<u8>)> = fields.clone().into_iter().collect();
        let read = Fields::read(&encode(&pairs)).expect("read");
        let back: Vec<(String, Vec<u8>)> =
            read.iter().map(|(n, v)| (n.to_owned(), v.to_vec())).collect();
        prop_assert_eq!(&back, &pairs);
        // The sheet's rule, written down a second time, in both readings.
        for (empty, kept) in [(Empty::Skipped, false), (Empty::Kept, true)] {
            let expected: Vec<Vec<u8>> = fields
                .iter()
                .filter(|(name, value)| {
                    *name != "sign" && *name != "sign_type" && (kept || !value.is_empty())
                })
                .map(|(name, value)| [name.as_bytes(), b"=", value].concat())
                .collect();
            prop_assert_eq!(of_notice(read.iter(), empty), expected.join(&b'&'));
        }
    }
}
