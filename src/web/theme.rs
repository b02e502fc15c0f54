//! The shop's one colour, made into a style sheet.
//!
//! Comes in: the colour of the settings. Goes out: a sheet that lays the five brand colours of
//! both themes over those of `10-tokens.css`, under a name with its hash. A colour on which text
//! could not be read keeps its hue and moves its lightness until it can (ui.md §1).

use std::fmt::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use sha2::{Digest as _, Sha256};

use crate::app::App;

/// Text, and what carries text, against its ground.
const READABLE: f64 = 4.5;
/// Edges and marks against their ground.
const VISIBLE: f64 = 3.0;
/// How far the lightness moves at a time.
const STEP: f64 = 0.01;

/// A colour of a screen: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// Reads `#2b50c8`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let whole = digits.bytes().all(|b| b.is_ascii_hexdigit());
        let digits = Some(digits).filter(|_| whole)?;
        let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Rgb(part(0)?, part(2)?, part(4)?))
    }

    fn parts(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|part| f64::from(part) / 255.0)
    }

    fn from_parts(parts: [f64; 3]) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 255"
        )]
        let [r, g, b] = parts.map(|part| (part.clamp(0.0, 1.0) * 255.0).round() as u8);
        Rgb(r, g, b)
    }

    /// How bright it is, as WCAG 2 measures it.
    fn luminance(self) -> f64 {
        let [r, g, b] = self.parts().map(|part| {
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// How well the two are told apart, from 1 to 21, as WCAG 2 measures it.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// It, laid over `ground` so that this share of it shows.
    fn over(self, ground: Self, share: f64) -> Self {
        let (top, below) = (self.parts(), ground.parts());
        Rgb::from_parts([0, 1, 2].map(|at| top[at] * share + below[at] * (1.0 - share)))
    }

    /// The same hue, lighter (or, below 0, darker) by `by`.
    fn lighter(self, by: f64) -> Self {
        let parts = self.parts();
        let most = parts.iter().copied().fold(0.0, f64::max);
        let least = parts.iter().copied().fold(1.0, f64::min);
        let light = f64::midpoint(most, least);
        let wanted = (light + by).clamp(0.0, 1.0);
        // The saturation stays, and so the distance of each part from the middle shrinks with
        // the room that is left above or below.
        let room = |light: f64| light.min(1.0 - light);
        let share = if room(light) > 0.0 {
            room(wanted) / room(light)
        } else {
            0.0
        };
        Rgb::from_parts(parts.map(|part| wanted + (part - light) * share))
    }
}

impl std::fmt::Display for Rgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// The brand colours of one theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brand {
    /// Primary action, focus, selection.
    pub brand: Rgb,
    /// The same under the pointer.
    pub hover: Rgb,
    /// Text on both.
    pub on: Rgb,
    /// The ground of what is chosen.
    pub soft: Rgb,
    /// Links and text in the shop's colour.
    pub ink: Rgb,
}

/// What the brand colours of a theme stand on, and what stands on them: values of
/// `10-tokens.css`, which a test holds equal.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    /// Page, card, table head.
    pub grounds: [Rgb; 3],
    /// Text on the soft colour.
    pub inks: [Rgb; 2],
    /// The marks of wallets on the soft colour.
    pub marks: [Rgb; 4],
    dark: bool,
}

/// The light theme.
pub const LIGHT: Ground = Ground {
    grounds: [
        Rgb(0xf5, 0xf6, 0xf8),
        Rgb(0xff, 0xff, 0xff),
        Rgb(0xec, 0xef, 0xf3),
    ],
    inks: [Rgb(0x15, 0x1a, 0x21), Rgb(0x46, 0x50, 0x60)],
    marks: [
        Rgb(0x16, 0x77, 0xff),
        Rgb(0x07, 0x97, 0x4f),
        Rgb(0x1f, 0x8f, 0x72),
        Rgb(0x0a, 0x47, 0xa6),
    ],
    dark: false,
};

/// The dark theme.
pub const DARK: Ground = Ground {
    grounds: [
        Rgb(0x0d, 0x10, 0x15),
        Rgb(0x15, 0x1a, 0x21),
        Rgb(0x1d, 0x23, 0x2c),
    ],
    inks: [Rgb(0xed, 0xf0, 0xf4), Rgb(0xb6, 0xbf, 0xcb)],
    marks: [
        Rgb(0x4d, 0x9a, 0xff),
        Rgb(0x2f, 0xbf, 0x71),
        Rgb(0x3f, 0xb8, 0x94),
        Rgb(0x6f, 0xa3, 0xf5),
    ],
    dark: true,
};

/// The first of `colours` that fits; they end with one that does.
fn first(mut colours: impl Iterator<Item = Rgb>, fits: impl Fn(Rgb) -> bool, last: Rgb) -> Rgb {
    colours.find(|colour| fits(*colour)).unwrap_or(last)
}

/// The colour, then ever further towards black (or, in the dark, white).
fn away(colour: Rgb, dark: bool) -> impl Iterator<Item = Rgb> {
    let sign = if dark { STEP } else { -STEP };
    (0..=100).map(move |n| colour.lighter(sign * f64::from(n)))
}

/// The shop's colour in a theme: readable everywhere a page uses it.
#[must_use]
pub fn brand(colour: Rgb, theme: &Ground) -> Brand {
    let (white, black) = (Rgb(255, 255, 255), Rgb(0, 0, 0));
    let (on, end) = match theme.dark {
        true => (colour.over(black, 0.15), white),
        false => (white, black),
    };
    let everywhere = |c: Rgb, least: f64| theme.grounds.iter().all(|g| c.contrast(*g) >= least);
    let carries = |c: Rgb| c.contrast(on) >= READABLE && everywhere(c, VISIBLE);
    let brand = first(away(colour, theme.dark), carries, end);
    let hover = first(
        away(brand, theme.dark).skip(7),
        |c| carries(c) && c != brand,
        end,
    );
    let readable = |soft: Rgb| {
        theme.inks.iter().all(|ink| ink.contrast(soft) >= READABLE)
            && theme
                .marks
                .iter()
                .all(|mark| mark.contrast(soft) >= VISIBLE)
    };
    let card = theme.grounds[1];
    let shares = (0..=16).rev().map(|n| f64::from(n) / 100.0);
    let soft = first(shares.map(|share| colour.over(card, share)), readable, card);
    let ink = first(
        away(brand, theme.dark),
        |c| everywhere(c, READABLE) && c.contrast(soft) >= READABLE,
        end,
    );
    Brand {
        brand,
        hover,
        on,
        soft,
        ink,
    }
}

/// A style sheet with its name.
#[derive(Debug, PartialEq, Eq)]
pub struct Sheet {
    colour: String,
    hash: String,
    css: String,
}

impl Sheet {
    fn of(colour: &str) -> Option<Self> {
        let brand_colour = Rgb::parse(colour)?;
        let mut css = String::new();
        for (theme, before, after) in [
            (&LIGHT, ":root{", "}\n"),
            (&DARK, "@media (prefers-color-scheme:dark){:root{", "}}\n"),
        ] {
            let Brand {
                brand,
                hover,
                on,
                soft,
                ink,
            } = brand(brand_colour, theme);
            // Writing to a string cannot fail.
            let _ = write!(
                css,
                "{before}--brand:{brand};--brand-hover:{hover};--brand-on:{on};\
                 --brand-soft:{soft};--brand-ink:{ink}{after}"
            );
        }
        let hash = hex::encode(Sha256::digest(css.as_bytes()))[..10].to_owned();
        Some(Sheet {
            colour: colour.to_owned(),
            hash,
            css,
        })
    }

    /// Where it is served.
    #[must_use]
    pub fn url(&self) -> String {
        format!("/theme.{}.css", self.hash)
    }
}

/// The sheet of this colour; none = the shop has none of its own. The last one is kept: it is
/// asked for with every page.
#[must_use]
pub fn sheet(colour: &str) -> Option<Arc<Sheet>> {
    static LAST: RwLock<Option<Arc<Sheet>>> = RwLock::new(None);
    if colour.is_empty() {
        return None;
    }
    let last = LAST.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(last) = last.filter(|last| last.colour == colour) {
        return Some(last);
    }
    let made = Arc::new(Sheet::of(colour)?);
    *LAST.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&made));
    Some(made)
}

/// `GET /theme.{hash}.css`. A page of a moment ago may name the sheet before: it gets the one of
/// now, which nobody keeps under that name.
pub async fn serve(app: web::Data<App>, hash: web::Path<String>) -> HttpResponse {
    let Some(sheet) = sheet(&app.live().settings.brand_colour) else {
        return HttpResponse::NotFound()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish();
    };
    let keep = if sheet.hash == *hash {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, keep))
        .body(sheet.css.clone())
}

#[cfg(test)]
#[path = "theme_tests.rs"]
mod tests;
