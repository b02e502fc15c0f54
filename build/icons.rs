//! The icons the pages use, as one sprite. A name that the icon crates do not know does not compile.

use icondata_core::Icon;
use icondata_lu as lu;
use icondata_si as si;

/// Constant in `assets::icon`, id in the sprite, drawing.
pub const ICONS: &[(&str, &str, Icon)] = &[
    ("BAG", "bag", lu::LuShoppingBag),
    ("KEY", "key", lu::LuKeyRound),
    ("SEARCH", "search", lu::LuSearch),
    ("CLOCK", "clock", lu::LuClock),
    ("PHONE", "phone", lu::LuSmartphone),
    ("INFO", "info", lu::LuInfo),
    ("SHIELD", "shield", lu::LuShieldCheck),
    ("CHECK", "check", lu::LuCheck),
    ("COPY", "copy", lu::LuCopy),
    ("DOWNLOAD", "download", lu::LuDownload),
    ("ALERT", "alert", lu::LuTriangleAlert),
    ("CLOSED", "closed", lu::LuX),
    ("EXTERNAL", "external", lu::LuExternalLink),
    ("REFRESH", "refresh", lu::LuRefreshCw),
    ("PACKAGE", "package", lu::LuPackage),
    ("REFUND", "refund", lu::LuUndo2),
    ("PERSON", "person", lu::LuUserCheck),
    ("NOTHING", "nothing", lu::LuSearchX),
    ("ZAP", "zap", lu::LuZap),
    ("RECOMMENDED", "recommended", lu::LuSparkles),
    ("CARD", "card", lu::LuCreditCard),
    ("BANK", "bank", lu::LuLandmark),
    ("WALLET", "wallet", lu::LuWallet),
    ("HOME", "home", lu::LuLayoutDashboard),
    ("RECEIPT", "receipt", lu::LuReceiptText),
    ("STOCK", "stock", lu::LuBoxes),
    ("REQUEST", "request", lu::LuMessageSquare),
    ("SCALE", "scale", lu::LuScale),
    ("MAIL", "mail", lu::LuMail),
    ("SETTINGS", "settings", lu::LuSettings),
    ("HISTORY", "history", lu::LuHistory),
    ("MENU", "menu", lu::LuMenu),
    ("GLOBE", "globe", lu::LuGlobe),
    ("LEAVE", "leave", lu::LuLogOut),
    ("PLUS", "plus", lu::LuPlus),
    ("ALIPAY", "alipay", si::SiAlipay),
    ("WECHAT", "wechat", si::SiWechat),
    ("PAYPAL", "paypal", si::SiPaypal),
    ("TETHER", "tether", si::SiTether),
];

/// All icons as `<symbol>`s. Strokes and fills follow the text colour of the place of use.
pub fn sprite() -> String {
    let mut svg = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\">");
    for (_, id, icon) in ICONS {
        svg.push_str(&format!(
            "<symbol id=\"{id}\" viewBox=\"{}\"{}>{}</symbol>",
            icon.view_box.unwrap_or("0 0 24 24"),
            paint(icon),
            tight(icon.data)
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

/// The shop's mark: the bag on the brand colour.
pub fn favicon() -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-8 -8 40 40\"><rect x=\"-8\" y=\"-8\" width=\"40\" height=\"40\" rx=\"9\" fill=\"#2b50c8\"/><g color=\"#fff\"{}>{}</g></svg>\n",
        paint(lu::LuShoppingBag),
        tight(lu::LuShoppingBag.data)
    )
}

fn paint(icon: Icon) -> String {
    let named = [
        ("fill", Some(icon.fill.unwrap_or("currentColor"))),
        ("stroke", icon.stroke),
        ("stroke-width", icon.stroke_width),
        ("stroke-linecap", icon.stroke_linecap),
        ("stroke-linejoin", icon.stroke_linejoin),
    ];
    let set = named
        .iter()
        .filter_map(|(name, value)| value.map(|v| format!(" {name}=\"{v}\"")));
    set.collect()
}

fn tight(data: &str) -> String {
    data.lines()
        .map(str::trim)
        .collect::<String>()
        .replace(" />", "/>")
}
