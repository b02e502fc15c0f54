//! The tables of the house, and the check of one file against them. A new room
//! takes a line in [`ROOMS`]; a line that is wrong is changed here, together with
//! the page that says why.

use super::source::Source;

/// Words everyone speaks. They import nothing but one another.
const WORDS: &[&str] = &[
    "money", "ids", "clock", "password", "random", "seal", "zone",
];

/// Whole files that decide without a database, a clock, async code or a log.
/// They import words, their room's `model`, one another inside the room, and
/// `order::model`.
const PURE: &[&str] = &[
    "risk/rules",
    "order/state",
    "routing/policy",
    "routing/filter",
    "routing/learner",
    "routing/breaker",
    "routing/decide",
    "ledger/postings",
    "reconcile/matching",
];

/// What a pure file may take beside those: the name of a way to pay.
const PURE_ALSO: &[&str] = &["channel::Method"];

/// Crash points, which are empty functions in a release: named by whoever has a
/// place worth crashing at, but by no word and no pure file.
const FAULT: &str = "fault";

/// Room by room: which other rooms its inside may import, beside words, `store`,
/// `settings` and `order::model`. No line leads back, so there is no circle.
const ROOMS: &[(&str, &[&str])] = &[
    ("store", &[]),
    ("settings", &[]),
    ("channel", &[]),
    ("account", &["channel"]),
    ("outbound", &["channel"]),
    ("bus", &[]),
    // Verification reads the orders' histories.
    ("ledger", &["order"]),
    ("notify", &["channel", "order", "outbound"]),
    ("case", &["notify"]),
    // What the staff answers is audited in the same write.
    ("request", &["order", "notify", "staff"]),
    ("monitor", &[]),
    // Its audit log is chained by the sealer.
    ("staff", &["ledger"]),
    ("catalog", &[]),
    ("stock", &["catalog"]),
    ("window", &["catalog", "stock"]),
    ("risk", &["monitor"]),
    ("order", &["catalog", "stock", "risk"]),
    ("delivery", &["catalog", "stock", "order", "notify"]),
    ("routing", &["channel", "account", "monitor"]),
    (
        "payment",
        &[
            "catalog", "stock", "risk", "order", "routing", "channel", "account", "outbound",
            "bus", "ledger", "delivery", "notify", "monitor", "refund", "case", "staff",
        ],
    ),
    (
        "refund",
        &[
            "order", "channel", "account", "outbound", "ledger", "notify", "monitor", "case",
        ],
    ),
    ("backup", &[]),
    ("apply", &["channel", "account", "catalog", "stock"]),
    // How far a new shop has come.
    (
        "setup",
        &["account", "catalog", "stock", "delivery", "notify"],
    ),
    ("demo", &["apply", "channel", "account", "catalog", "stock"]),
    ("seller", &["ledger", "notify"]),
    (
        "settlement",
        &["ledger", "seller", "notify", "monitor", "payment"],
    ),
    (
        "reconcile",
        &[
            "channel", "ledger", "payment", "outbound", "notify", "monitor",
        ],
    ),
];

/// The edges of the house: they may import every room, and of other edges what
/// stands here. The sandbox sees the shop over HTTP only, so it gets words, the
/// wire formats of the channels and the database door, and no room.
const EDGES: &[&str] = &[
    "main", "lib", "config", "app", "jobs", "web", "sandbox", "sim", "command", "doctor",
];
const SANDBOX: &[&str] = &["store", "channel", "outbound"];

/// What a room's own edge (`web.rs`, `web/`, `job.rs`) takes from `web`.
const EDGE_TAKES: &[&str] = &[
    "admin",
    "ask",
    "buy",
    "checkout",
    "client",
    "csv",
    "failure",
    "form",
    "hashing",
    "idempotency",
    "layout",
    "live",
    "methods",
    "order_cookie",
    "pages",
    "print",
    "qr",
    "visitor",
    "whole",
    "words",
];

/// Rooms in which money is counted: no floating point.
const MONEY: &[&str] = &[
    "money",
    "ledger",
    "payment",
    "refund",
    "settlement",
    "reconcile",
    "order",
    "stock",
    "catalog",
];

/// A library and the only places that may name it.
const LIBRARIES: &[(&str, &[&str])] = &[
    // The sandbox is a gateway of its own: it shares neither client nor database with the shop.
    ("reqwest", &["outbound", "sandbox"]),
    ("lettre", &["notify"]),
    ("redis", &["risk/limiter/redis", "bus"]),
    ("SqliteConnection", &["store", "sandbox"]),
    ("PgConnection", &["store"]),
    ("libsqlite3_sys", &["store"]),
    ("pq_sys", &["store"]),
    ("diesel::sqlite", &["store"]),
    ("diesel::pg", &["store"]),
];

const LONGEST_FILE: usize = 500;
/// A list of tables and columns, to look things up in; it is never read through.
const A_LIST: &str = "src/store/schema.rs";
const LONGEST_MAIN: usize = 30;

/// Everything wrong with one file, in words.
pub fn check(source: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    wrong.extend(too_long(&source.path, &source.text));
    wrong.extend(no_purpose(source));
    wrong.extend(floats(source));
    wrong.extend(libraries(source));
    // Test files of a room (`tests.rs`, `money_tests.rs`) use what they like.
    if !is_test_file(source) {
        for import in &source.imports {
            if let Err(why) = may_import(&source.pieces(), import) {
                wrong.push(format!("{} imports {import}: {why}", source.path));
            }
        }
    }
    wrong
}

/// A file past the limit wants to be two.
pub fn too_long(path: &str, text: &str) -> Option<String> {
    let limit = if path == "src/main.rs" {
        LONGEST_MAIN
    } else {
        LONGEST_FILE
    };
    let lines = text.lines().count();
    (lines >= limit && path != A_LIST)
        .then(|| format!("{path} has {lines} lines; under {limit} is the rule"))
}

fn is_test_file(source: &Source) -> bool {
    source
        .pieces()
        .iter()
        .any(|piece| *piece == "tests" || piece.ends_with("_tests"))
}

fn no_purpose(source: &Source) -> Option<String> {
    let is_room = source.path.ends_with("/mod.rs");
    (is_room && !source.text.starts_with("//! "))
        .then(|| format!("{} does not open with a `//!` paragraph", source.path))
}

fn floats(source: &Source) -> Option<String> {
    let money = MONEY.contains(&source.pieces()[0]) && !is_test_file(source);
    let float = ["f32", "f64"]
        .into_iter()
        .find(|float| source.names(float))?;
    money.then(|| format!("{} counts money and names {float}", source.path))
}

fn libraries(source: &Source) -> Vec<String> {
    let path = source.pieces().join("/");
    let at_home = |place: &str| path == place || path.starts_with(&format!("{place}/"));
    LIBRARIES
        .iter()
        .filter(|(library, _)| {
            // Our own modules `redis.rs` and `store` are not the libraries.
            let named = match library.split_once("::") {
                Some(_) => source.code.contains(library),
                None if library.starts_with(char::is_uppercase) => source.names(library),
                None => names_crate(&source.code, library),
            };
            named && !is_test_file(source)
        })
        .filter(|(_, places)| !places.iter().any(|place| at_home(place)))
        .map(|(library, places)| {
            format!(
                "{} names {library}; only {} may",
                source.path,
                places.join(", ")
            )
        })
        .collect()
}

/// `library::…` or `use library`, not `mod library`, `super::library` or a name.
fn names_crate(code: &str, library: &str) -> bool {
    code.match_indices(library).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + library.len()..]);
        let starts = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        let used = before.trim_end().ends_with("use") && before.ends_with(char::is_whitespace);
        let follows = after.starts_with("::");
        let ends = after.starts_with(';') || after.trim_start().starts_with("as ");
        let absolute = before.ends_with("::")
            && !before
                .trim_end_matches("::")
                .ends_with(|c: char| c.is_alphanumeric() || c == '_');
        (starts && (follows || used && ends)) || (absolute && follows)
    })
}

fn is_edge_file(inside: &[&str]) -> bool {
    matches!(inside.first(), Some(&"web" | &"job"))
}

fn may_import(from: &[&str], import: &str) -> Result<(), String> {
    let to: Vec<&str> = import.split("::").collect();
    let (home, room) = (from[0], to[0]);
    let path = from.join("/");

    // Macros and re-exports at the crate's root (`crate::failpoint!`) and globs.
    if to.len() == 1 && !is_known(room) {
        return Ok(());
    }
    // Edges of rooms are imported by the two lists and by themselves only.
    let into_edge = !EDGES.contains(&room) && is_edge_file(&to[1..]);
    let same_edge = home == room && is_edge_file(&from[1..]) && from.get(1) == to.get(1);
    let lists = ["web/routes", "jobs/mod"];
    if into_edge && !same_edge && !lists.contains(&path.as_str()) && !is_list_of(from, room) {
        return Err("edges are imported by web/routes.rs and jobs/mod.rs only".to_owned());
    }
    if WORDS.contains(&home) {
        return allow(WORDS.contains(&room), "words import only words");
    }
    if WORDS.contains(&room) {
        return Ok(());
    }
    if PURE.contains(&path.as_str()) {
        let own = room == home && PURE.iter().any(|pure| Some(*pure) == pair(&to).as_deref());
        let model = to.get(1) == Some(&"model") && (room == home || room == "order");
        return allow(
            own || model || PURE_ALSO.contains(&import),
            "a pure file imports words and models only",
        );
    }
    if home == "channel" && from.len() > 2 {
        let folder = from[1];
        let port = room == "channel" && to.get(1).is_none_or(|to| !is_channel_folder(to, folder));
        return allow(
            port,
            "a channel imports the port, no room and no other channel",
        );
    }
    if home == room || room == FAULT {
        return Ok(());
    }
    if home == "sandbox" {
        return allow(
            SANDBOX.contains(&room),
            "the sandbox sees the shop over HTTP only",
        );
    }
    if EDGES.contains(&home) {
        return Ok(());
    }
    if is_edge_file(&from[1..]) {
        let face = room == "web" && to.get(1).is_none_or(|part| EDGE_TAKES.contains(part));
        let house = EDGES.contains(&room) && room != "app" && room != "config";
        return allow(
            !house || face || room == "jobs",
            "an edge takes app, and web's session, csrf, layout, failure",
        );
    }
    let Some((_, rooms)) = ROOMS.iter().find(|(name, _)| *name == home) else {
        return Err(format!(
            "the room `{home}` is in no table; tests/it/architecture/rules.rs"
        ));
    };
    let words_of_an_order = pair(&to).as_deref() == Some("order/model") && home != "store";
    let door = matches!(room, "store" | "settings")
        && !matches!(home, "channel" | "outbound")
        && !(home == "store" && room == "settings");
    let known = rooms.contains(&room);
    allow(
        known || door || (words_of_an_order && home != "channel"),
        "the table of rooms has no such line",
    )
}

/// A room's own mod.rs declares its edges with `pub mod`; naming them is no import.
fn is_list_of(from: &[&str], room: &str) -> bool {
    from == [room, "mod"]
}

fn is_channel_folder(name: &str, own: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "alipay", "btcpay", "epay", "epusdt", "paypal", "sandbox", "stripe", "usdt", "wechat",
        "free",
    ];
    name != own && FOLDERS.iter().any(|folder| name.starts_with(folder))
}

fn is_known(room: &str) -> bool {
    WORDS.contains(&room)
        || room == FAULT
        || EDGES.contains(&room)
        || ROOMS.iter().any(|(name, _)| *name == room)
}

fn pair(path: &[&str]) -> Option<String> {
    Some(format!("{}/{}", path.first()?, path.get(1)?))
}

fn allow(allowed: bool, otherwise: &str) -> Result<(), String> {
    if allowed {
        Ok(())
    } else {
        Err(otherwise.to_owned())
    }
}

/// The table of rooms must not lead in a circle; the way, if it does.
pub fn circle() -> Option<String> {
    fn walk(room: &str, way: &mut Vec<String>) -> Option<String> {
        if way.iter().any(|step| step == room) {
            way.push(room.to_owned());
            return Some(way.join(" → "));
        }
        way.push(room.to_owned());
        let next = ROOMS
            .iter()
            .find(|(name, _)| *name == room)
            .map_or(&[][..], |(_, to)| to);
        let found = next.iter().find_map(|room| walk(room, way));
        if found.is_none() {
            way.pop();
        }
        found
    }
    ROOMS
        .iter()
        .find_map(|(room, _)| walk(room, &mut Vec::new()))
}
