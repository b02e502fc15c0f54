//! Turns `static/` into the files the shop serves: style sheets and scripts are joined and stripped,
//! the icons that are really used become one sprite, every file gets a name with the hash of its
//! bytes and is compressed once, here. `assets.rs` in `OUT_DIR` holds a constant for each file and
//! each icon, so a missing file or a misspelt icon does not compile.

use std::fmt::Write as _;
use std::fs;
use std::io::{Error, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

#[path = "build/icons.rs"]
mod icons;
#[path = "build/strip.rs"]
mod strip;

/// Constant, name, the scripts it is made of (in this order, inside one function scope).
const SCRIPTS: &[(&str, &str, &[&str])] = &[
    ("SHOP_JS", "shop", &["base.js", "shop.js"]),
    ("PAY_JS", "pay", &["base.js", "pay.js", "result.js"]),
    (
        "ADMIN_JS",
        "admin",
        &["base.js", "result.js", "admin.js", "goods.js"],
    ),
];

/// Constant, name, the folders it is made of: the tokens, then the rest of one face.
const STYLES: &[(&str, &str, &[&str])] = &[
    (
        "SHOP_CSS",
        "shop",
        &["static/css/tokens", "static/css/shop"],
    ),
    (
        "ADMIN_CSS",
        "admin",
        &["static/css/tokens", "static/css/admin"],
    ),
];

fn main() -> Result<(), Error> {
    for input in ["build.rs", "build", "static"] {
        println!("cargo:rerun-if-changed={input}");
    }
    fold_identical_code();
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or_else(|| Error::other("no OUT_DIR"))?);
    let mut code = Generated::new(out);

    for (constant, name, folders) in STYLES {
        code.file(constant, name, "css", &strip::css(&style(folders)?))?;
    }
    for (constant, name, parts) in SCRIPTS {
        let mut text = String::from("(()=>{\"use strict\";\n");
        for part in *parts {
            text.push_str(&strip::js(&read(&Path::new("static/js").join(part))?));
        }
        text.push_str("})();\n");
        code.file(constant, name, "js", &text)?;
    }
    let sprite = code.file("SPRITE", "icons", "svg", &icons::sprite())?;
    code.file("FAVICON", "favicon", "svg", &icons::favicon())?;
    code.finish(&sprite)
}

/// Queries and handlers become machine code a thousand times over, much of it the same: where the
/// compiler brings its own linker, a release keeps each once.
fn fold_identical_code() {
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|v| v == value);
    if is("TARGET", "x86_64-unknown-linux-gnu") && is("PROFILE", "release") {
        println!("cargo:rustc-link-arg-bins=-Wl,--icf=all");
    }
}

fn read(path: &Path) -> Result<String, Error> {
    println!("cargo:rerun-if-changed={}", path.display());
    fs::read_to_string(path).map_err(|e| Error::new(e.kind(), format!("{}: {e}", path.display())))
}

/// Joins the numbered sheets of some folders.
fn style(folders: &[&str]) -> Result<String, Error> {
    let mut joined = String::new();
    for folder in folders {
        let mut sheets = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "css") {
                sheets.push(path);
            }
        }
        sheets.sort();
        for path in sheets {
            joined.push_str(&read(&path)?);
        }
    }
    Ok(joined)
}

/// The files written so far and the Rust source that names them.
struct Generated {
    out: PathBuf,
    constants: String,
    table: String,
}

impl Generated {
    fn new(out: PathBuf) -> Self {
        Self {
            out,
            constants: String::new(),
            table: String::new(),
        }
    }

    /// Writes one file and its two compressed forms; answers with its URL.
    fn file(&mut self, constant: &str, stem: &str, ext: &str, text: &str) -> Result<String, Error> {
        let digest = hex::encode(Sha256::digest(text.as_bytes()));
        let name = format!("{stem}.{}.{ext}", &digest[..10]);
        let url = format!("/static/{name}");
        let plain = format!("{stem}.{ext}");
        fs::write(self.out.join(&plain), text)?;
        fs::write(
            self.out.join(format!("{plain}.br")),
            brotli(text.as_bytes())?,
        )?;
        fs::write(self.out.join(format!("{plain}.gz")), gzip(text.as_bytes())?)?;
        let kind = match ext {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        add(
            &mut self.constants,
            &format!("/// Address of `{plain}`.\npub const {constant}: &str = {url:?};\n"),
        );
        let bytes = |suffix: &str| {
            format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{plain}{suffix}\"))")
        };
        add(
            &mut self.table,
            &format!(
                "    Asset {{ name: {name:?}, content_type: {kind:?}, raw: {}, br: {}, gz: {} }},\n",
                bytes(""),
                bytes(".br"),
                bytes(".gz")
            ),
        );
        Ok(url)
    }

    fn finish(self, sprite: &str) -> Result<(), Error> {
        let mut code = self.constants;
        add(
            &mut code,
            "/// Every file, with its content address.\npub static ASSETS: &[Asset] = &[\n",
        );
        code.push_str(&self.table);
        add(
            &mut code,
            "];\n/// The icons of the sprite; they print themselves as markup.\npub mod icon {\n    use super::Icon;\n",
        );
        for (constant, id, _) in icons::ICONS {
            add(
                &mut code,
                &format!(
                    "    /// `{id}`\n    pub const {constant}: Icon = Icon::new({:?}, {id:?});\n",
                    format!("{sprite}#{id}")
                ),
            );
        }
        add(
            &mut code,
            "    /// All of them, for the tests.\n    pub const ALL: &[(&str, Icon)] = &[\n",
        );
        for (constant, _, _) in icons::ICONS {
            add(&mut code, &format!("        ({constant:?}, {constant}),\n"));
        }
        code.push_str("    ];\n}\n");
        fs::write(self.out.join("assets.rs"), code)
    }
}

/// `write!` to a `String` cannot fail.
fn add(code: &mut String, text: &str) {
    let _ = code.write_str(text);
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &params)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes)?;
    writer.finish()
}
