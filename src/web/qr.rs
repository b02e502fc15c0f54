//! QR codes as SVG, drawn on the server: black on white in both themes, sizes in attributes only.

use askama::Template;
use qrcode::{Color, EcLevel, QrCode};

/// Blank modules on each side that readers rely on.
const QUIET: usize = 4;
/// Above this size a code shown at 260 px has modules too small for old cameras, so a lower level
/// of correction (and thus fewer modules) reads better.
const COMFORTABLE: usize = 69;

/// The text is too long for any QR code.
#[derive(Copy, Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the text does not fit into a QR code")]
pub struct TooLong;

/// A drawn code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QrSvg {
    /// Side of the picture in modules, quiet zone included.
    pub side: usize,
    /// `d` of the one path that holds all dark modules.
    pub path: String,
    /// Whether enough correction is left for a mark of up to 5 % of the area in the middle.
    pub bears_mark: bool,
}

/// Draws `text` at level Q; long texts fall back to M, then L.
///
/// # Errors
/// [`TooLong`] when it does not fit at level L either.
pub fn qr_svg(text: &str) -> Result<QrSvg, TooLong> {
    let fits = |level| QrCode::with_error_correction_level(text, level).ok();
    let comfortable = |code: &QrCode| code.width() <= COMFORTABLE;
    let (code, bears_mark) = match fits(EcLevel::Q).filter(comfortable) {
        Some(code) => (code, true),
        None => (
            fits(EcLevel::M)
                .filter(comfortable)
                .or_else(|| fits(EcLevel::L))
                .ok_or(TooLong)?,
            false,
        ),
    };
    let width = code.width();
    Ok(QrSvg {
        side: width + 2 * QUIET,
        path: path(&code.to_colors(), width),
        bears_mark,
    })
}

/// One `M x y h n v1 h-n z` for each run of dark modules in a row.
fn path(colors: &[Color], width: usize) -> String {
    let mut d = String::with_capacity(colors.len() * 4);
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|c| **c == Color::Dark).count();
            if run > 0 {
                d.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
            }
            x += run.max(1);
        }
    }
    d
}

impl QrSvg {
    /// The code as markup with a spoken label; the label is escaped.
    #[must_use]
    pub fn labelled<'a>(&'a self, label: &'a str) -> Labelled<'a> {
        Labelled { code: self, label }
    }
}

/// See [`QrSvg::labelled`].
#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<svg class="qr" role="img" aria-label="{{ label }}" width="260" height="260" viewBox="0 0 {{ code.side }} {{ code.side }}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{{ code.side }}v{{ code.side }}H0z"/><path fill="#000" d="{{ code.path }}"/></svg>"##
)]
pub struct Labelled<'a> {
    code: &'a QrSvg,
    label: &'a str,
}

impl askama::filters::HtmlSafe for Labelled<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the path back into modules.
    fn dark(code: &QrSvg) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for run in code.path.split('z').filter(|r| !r.is_empty()) {
            let (at, rest) = run[1..].split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let n: usize = rest.split_once('v').unwrap().0.parse().unwrap();
            found.extend((x..x + n).map(|x| (x, y)));
        }
        found
    }

    #[test]
    fn the_path_is_the_code_inside_its_quiet_zone() {
        let text = "https://pay.example.com/q/7H2QX4KD9M";
        let code = qr_svg(text).unwrap();
        let wanted = QrCode::with_error_correction_level(text, EcLevel::Q).unwrap();
        assert_eq!(code.side, wanted.width() + 8);
        assert!(code.bears_mark);
        let modules = dark(&code);
        for y in 0..wanted.width() {
            for x in 0..wanted.width() {
                let is_dark = modules.contains(&(x + 4, y + 4));
                assert_eq!(is_dark, wanted[(x, y)] == Color::Dark, "{x},{y}");
            }
        }
        assert!(
            modules
                .iter()
                .all(|(x, y)| (4..code.side - 4).contains(x) && (4..code.side - 4).contains(y))
        );
    }

    #[test]
    fn long_texts_step_down_and_endless_ones_are_refused() {
        assert!(qr_svg(&"a".repeat(400)).is_ok_and(|q| !q.bears_mark));
        assert!(qr_svg(&"a".repeat(2900)).is_ok());
        assert_eq!(qr_svg(&"a".repeat(4000)), Err(TooLong));
    }

    #[test]
    fn the_label_is_escaped_and_nothing_needs_a_style() {
        let html = qr_svg("x")
            .unwrap()
            .labelled("\"><script>")
            .render()
            .unwrap();
        assert!(html.starts_with("<svg") && !html.contains("<script") && !html.contains("style"));
    }
}
