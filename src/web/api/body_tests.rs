use super::*;

fn quantity(raw: &str) -> Result<i64, Problem> {
    Body::parse(format!("{{\"quantity\":{raw}}}").as_bytes())?.needed_integer("quantity")
}

/// X20: a number is a whole number in plain digits.
#[test]
fn a_quantity_is_plain_digits() {
    assert_eq!(quantity("7"), Ok(7));
    assert_eq!(quantity("-1"), Ok(-1));
    assert_eq!(quantity("9223372036854775807"), Ok(i64::MAX));
    for wrong in [
        "1.0",
        "1.5",
        "\"1\"",
        "1e3",
        "1E3",
        "9223372036854775808",
        "true",
        "null",
        "[1]",
        "{}",
        "１",
        "\"１\"",
        "+1",
        "0x10",
        "01",
        "1_000",
        "",
        "1e999",
        "NaN",
    ] {
        let refusal = quantity(wrong).expect_err(wrong);
        assert_eq!(refusal.status, 422, "{wrong}");
    }
}

#[test]
fn a_body_is_one_object_without_repeated_keys() {
    for wrong in [
        "",
        "{",
        "[]",
        "null",
        "7",
        "{}{}",
        "{} x",
        "\u{feff}{}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{'a':1}",
        "{\"a\":1,}",
    ] {
        assert!(Body::parse(wrong.as_bytes()).is_err(), "{wrong}");
    }
    assert!(Body::parse(b"{\"a\":\"\xff\"}").is_err());
    for twice in [
        r#"{"fields":{"a":"1","a":"2"}}"#,
        r#"{"email":"a@b.cn","Email":"c@d.cn"}"#,
    ] {
        assert!(Body::parse(twice.as_bytes()).is_err(), "{twice}");
    }
}

/// X47: what nobody asked for is refused by name.
#[test]
fn a_key_that_nobody_took_is_refused() {
    let mut body = Body::parse(br#"{"method":"alipay","state":"delivered"}"#).unwrap();
    assert_eq!(body.text("method"), Ok(Some("alipay".to_owned())));
    let refusal = body.finish().unwrap_err();
    assert_eq!(
        (refusal.status, refusal.field.as_deref()),
        (422, Some("state"))
    );
}

/// X68: depth and breadth end early.
#[test]
fn deep_and_broad_bodies_are_refused() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(32), "]".repeat(32));
    assert!(Body::parse(deep.as_bytes()).is_err());
    let fine = format!("{{\"a\":{}{}}}", "[".repeat(31), "]".repeat(31));
    assert!(Body::parse(fine.as_bytes()).is_ok());
    let broad: Vec<String> = (0..201).map(|n| format!("\"k{n}\":\"\"")).collect();
    let broad = format!("{{\"fields\":{{{}}}}}", broad.join(","));
    let mut body = Body::parse(broad.as_bytes()).unwrap();
    assert_eq!(body.texts("fields").unwrap_err().status, 422);
}

#[test]
fn custom_fields_are_texts_under_plain_keys() {
    let texts = |raw: &str| Body::parse(raw.as_bytes())?.texts("fields");
    assert_eq!(texts("{}").unwrap().len(), 0);
    assert_eq!(texts(r#"{"fields":{"a_1":"x"}}"#).unwrap()["a_1"], "x");
    for wrong in [
        r#"{"fields":[]}"#,
        r#"{"fields":"a"}"#,
        r#"{"fields":{"a":1}}"#,
        r#"{"fields":{"a":null}}"#,
        r#"{"fields":{"A":"x"}}"#,
        r#"{"fields":{"a\nb":"x"}}"#,
        r#"{"fields":{"a":{"b":"x"}}}"#,
    ] {
        assert_eq!(texts(wrong).expect_err(wrong).status, 422, "{wrong}");
    }
}
