use super::*;

#[test]
fn numbers_stay_as_they_were_printed() {
    let object = Object::parse(
        r#"{"a":1.10,"b":12345678901234567890123,"c":"x","d":null,"e":true,"f":[1],"g":-7}"#
            .as_bytes(),
    )
    .expect("an object");
    assert_eq!(object.get("a"), Some(&Value::Number("1.10".to_owned())));
    assert_eq!(object.integer("a"), None);
    assert_eq!(object.integer("b"), None);
    assert_eq!(object.integer("g"), Some(-7));
    assert_eq!(object.text("c"), Some("x"));
    assert_eq!(object.get("e"), Some(&Value::Bool(true)));
    assert_eq!(object.get("f"), Some(&Value::Nested("[1]".to_owned())));
}

/// X09, X68: what two parsers could read differently is not read at all.
#[test]
fn ambiguous_json_is_refused() {
    let deep = format!("{}1{}", "{\"a\":".repeat(40), "}".repeat(40));
    for wrong in [
        "",
        "[]",
        "1",
        "null",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"A\":1}",
        "{\"a\":1,\"\\u0061\":1}",
        "{\"x\":{\"a\":1,\"a\":2}}",
        "{\"x\":[{\"a\":1,\"a\":2}]}",
        "\u{feff}{\"a\":1}",
        "{\"a\":1} x",
        "{\"a\":1}{\"a\":1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":0x10}",
        "{\"a\":NaN}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\":\"\\ud800\"}",
        "{/**/\"a\":1}",
        deep.as_str(),
    ] {
        assert!(Object::parse(wrong.as_bytes()).is_err(), "{wrong}");
    }
    assert!(Object::parse(b"{\"a\":\"\xff\"}").is_err());
}

#[test]
fn depth_is_counted_outside_of_texts() {
    assert_eq!(depth(r#"{"a":"[[[[\"[[[","b":[1]}"#), 2);
    let quoted = format!("{{\"a\":\"{}\"}}", "[".repeat(99));
    assert!(Object::parse(quoted.as_bytes()).is_ok());
}

#[test]
fn an_integer_is_plain_digits() {
    for wrong in [
        "1.0",
        "1e3",
        "\"1\"",
        "true",
        "null",
        "[1]",
        "{}",
        "99999999999999999999",
    ] {
        let text = format!("{{\"amount\":{wrong}}}");
        let object = Object::parse(text.as_bytes()).expect(wrong);
        assert_eq!(object.integer("amount"), None, "{wrong}");
    }
}
