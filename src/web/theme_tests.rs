//! Whatever colour an owner chooses, every page can be read.

use proptest::prelude::*;

use super::*;

fn holds(colour: Rgb) {
    for theme in [&LIGHT, &DARK] {
        let made = brand(colour, theme);
        let need = |a: Rgb, b: Rgb, least: f64, what: &str| {
            let got = a.contrast(b);
            assert!(got >= least, "{colour} {what}: {a} on {b} is {got:.2}");
        };
        for carrier in [made.brand, made.hover] {
            need(made.on, carrier, 4.5, "the text of a button");
            for ground in theme.grounds {
                need(carrier, ground, 3.0, "a button on its ground");
            }
        }
        for ground in theme.grounds.into_iter().chain([made.soft]) {
            need(made.ink, ground, 4.5, "a link");
        }
        for ink in theme.inks {
            need(ink, made.soft, 4.5, "text of what is chosen");
        }
        for mark in theme.marks {
            need(mark, made.soft, 3.0, "the mark of a wallet");
        }
    }
}

proptest! {
    #[test]
    fn every_colour_can_be_read(r in any::<u8>(), g in any::<u8>(), b in any::<u8>()) {
        holds(Rgb(r, g, b));
    }
}

#[test]
fn the_ends_of_the_scale_can_be_read() {
    for part in 0..64_u8 {
        let of = |bit: u8, values: [u8; 4]| values[usize::from(part >> bit) & 3];
        let values = [0, 1, 254, 255];
        holds(Rgb(of(0, values), of(2, values), of(4, values)));
    }
}

#[test]
fn a_colour_that_can_be_read_stays_as_it_is() {
    let ours = Rgb::parse("#2b50c8").expect("a colour");
    assert_eq!(brand(ours, &LIGHT).brand, ours);
    let pale = Rgb::parse("#8fa8ff").expect("a colour");
    assert_eq!(brand(pale, &DARK).brand, pale);
    assert_ne!(
        brand(pale, &LIGHT).brand,
        pale,
        "white cannot be read on it"
    );
}

#[test]
fn the_hue_stays_when_the_lightness_moves() {
    let yellow = Rgb::parse("#ffd400").expect("a colour");
    let Rgb(r, g, b) = brand(yellow, &LIGHT).brand;
    assert!(r > g && g > b, "still a yellow, if a dark one: {r} {g} {b}");
    let Rgb(r, g, b) = Rgb(128, 128, 128).lighter(0.2);
    assert!(r == g && g == b, "grey stays grey");
}

#[test]
fn nothing_but_a_colour_is_one() {
    for bad in [
        "", "2b50c8", "#2b50c", "#2b50c8f", "#2b50cg", "#＃＃", "red", "#+1+1+1",
    ] {
        assert_eq!(Rgb::parse(bad), None, "{bad}");
    }
    assert_eq!(
        Rgb::parse("#2b50C8").map(|c| c.to_string()).as_deref(),
        Some("#2b50c8")
    );
}

#[test]
fn the_name_of_a_sheet_follows_its_content() {
    let (a, b) = (Sheet::of("#2b50c8"), Sheet::of("#b3261e"));
    let (a, b) = (a.expect("a sheet"), b.expect("a sheet"));
    assert_ne!(a.url(), b.url());
    assert_eq!(Sheet::of("#2b50c8").expect("a sheet").url(), a.url());
    for property in [
        "--brand:",
        "--brand-hover:",
        "--brand-on:",
        "--brand-soft:",
        "--brand-ink:",
    ] {
        assert_eq!(
            a.css.matches(property).count(),
            2,
            "{property} in both themes"
        );
    }
    assert_eq!(sheet(""), None);
}

/// The grounds and inks this file reckons with are those of the token sheet.
#[test]
fn the_grounds_are_those_of_the_tokens() {
    let tokens = include_str!("../../static/css/tokens/10-tokens.css");
    let (light, dark) = tokens
        .split_once("@media (prefers-color-scheme: dark)")
        .expect("two themes");
    let light = light.split(".qr-mark").next().expect("the light theme");
    for (theme, text) in [(&LIGHT, light), (&DARK, dark)] {
        let value = |name: &str| {
            let (_, rest) = text.split_once(&format!("--{name}: ")).expect(name);
            Rgb::parse(rest.split(';').next().unwrap_or_default()).expect(name)
        };
        let names = |names: &[&str]| names.iter().map(|name| value(name)).collect::<Vec<_>>();
        assert_eq!(names(&["bg", "surface", "sunken"]), theme.grounds);
        assert_eq!(names(&["ink", "ink-2"]), theme.inks);
        let marks = ["m-alipay", "m-wechat", "m-tether", "m-paypal"];
        assert_eq!(names(&marks), theme.marks);
    }
}
