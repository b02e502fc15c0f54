use std::path::Path;
use std::time::Duration;

use super::report::{Level, Report};
use super::{address, channels, database, disk, files, peers, people, time};
use crate::account::{AccountRow, AccountState};
use crate::channel::Reply;
use crate::ids::StaffId;
use crate::money::{Currency, Minor};
use crate::outbound::{Lost, NotSent, SendError};
use crate::staff::{Role, Staff, StaffState};
use crate::store::{Probe, StoreUrl};

#[test]
fn plain_http_is_red_unless_nobody_else_reaches_it() {
    for (url, set, level) in [
        ("https://shop.example", true, Level::Ok),
        ("http://127.0.0.1:8080", true, Level::Ok),
        ("http://[::1]:8080", true, Level::Ok),
        ("http://localhost:8080", true, Level::Ok),
        ("http://127.0.0.1:8080", false, Level::Warn),
        ("http://shop.example", true, Level::Bad),
        ("http://192.168.0.2:8080", false, Level::Bad),
        ("http://0.0.0.0:8080", false, Level::Bad),
        ("http://127.0.0.1.example", true, Level::Bad),
        ("shop.example", true, Level::Bad),
    ] {
        let found = address::base_url(url, set);
        assert_eq!(found.level, level, "{url}: {found:?}");
        assert_eq!(found.todo.is_empty(), level == Level::Ok, "{found:?}");
    }
}

#[test]
fn the_proxy_of_a_shop_with_tls_is_named_and_near() {
    let all = |list: &[&str]| -> Vec<crate::config::Network> {
        list.iter()
            .map(|ip| ip.parse().expect("an address"))
            .collect()
    };
    for (url, trusted, level) in [
        ("https://shop.example", &[] as &[&str], Level::Warn),
        (
            "https://shop.example",
            &["127.0.0.1", "fd00::1", "10.0.0.9"],
            Level::Ok,
        ),
        (
            "https://shop.example",
            &["127.0.0.1", "8.8.8.8"],
            Level::Warn,
        ),
        ("https://shop.example", &["0.0.0.0"], Level::Bad),
        ("http://127.0.0.1:8080", &["::"], Level::Bad),
        ("http://127.0.0.1:8080", &[], Level::Ok),
    ] {
        let found = address::proxies(url, &all(trusted));
        assert_eq!(found.level, level, "{url} {trusted:?}: {found:?}");
    }
}

#[test]
fn secrets_are_read_by_their_owner_alone() {
    let at = Path::new("/etc/vendgate.toml");
    assert_eq!(files::configuration(at, None).level, Level::Ok);
    assert_eq!(files::configuration(at, Some(0o600)).level, Level::Ok);
    assert_eq!(files::configuration(at, Some(0o640)).level, Level::Warn);
    let levels = |path: &str, mode| -> Vec<Level> {
        let found = files::key(Path::new(path), mode);
        found.iter().map(|f| f.level).collect()
    };
    assert_eq!(levels("/var/lib/vendgate/key", 0o600), [Level::Ok]);
    assert_eq!(levels("/var/lib/vendgate/key", 0o400), [Level::Ok]);
    assert_eq!(levels("/var/lib/vendgate/key", 0o604), [Level::Bad]);
    assert_eq!(levels("/var/www/html/data/key", 0o600), [Level::Bad]);
    assert_eq!(levels("/mnt/Backups/key", 0o644), [Level::Bad, Level::Bad]);
}

#[test]
fn a_clock_is_judged_by_how_far_it_is_off() {
    let at = 1_800_000_000_000;
    for (off, exact, level) in [
        (0, 0, Level::Ok),
        (-4_900, 0, Level::Ok),
        (5_001, 0, Level::Warn),
        (6_000, 1_000, Level::Ok),
        (-59_000, 0, Level::Warn),
        (61_000, 0, Level::Bad),
        (-3_600_000, 1_000, Level::Bad),
    ] {
        let found = time::against("somebody", at, at + off, exact);
        assert_eq!(found.level, level, "{off}: {found:?}");
    }
    assert!(time::newest_row(None, at).is_none());
    let level = |ahead| time::newest_row(Some(at + ahead), at).map(|f| f.level);
    assert_eq!(level(-5), Some(Level::Ok));
    assert_eq!(level(30_000), Some(Level::Ok));
    assert_eq!(level(3_600_000), Some(Level::Bad));
    let header = "Sun, 06 Nov 1994 08:49:37 GMT";
    assert_eq!(time::of_date_header(header), Some(784_111_777_000));
    assert_eq!(time::of_date_header("yesterday"), None);
}

#[test]
fn free_space_is_read_from_df() {
    let told = "Filesystem     1024-blocks      Used Available Capacity Mounted on\n\
                /dev/my disk     100000000  50000000  50000000      50% /mnt/a b\n";
    let space = disk::read(told).expect("figures");
    assert_eq!((space.whole, space.free), (100_000_000, 50_000_000));
    assert_eq!(disk::read("nothing"), None);
    assert_eq!(disk::read("a\n50% b"), None);
    let here = Path::new(".");
    let level = |whole, free| disk::judge(Some(disk::Space { whole, free }), here).level;
    assert_eq!(level(100_000_000, 50_000_000), Level::Ok);
    assert_eq!(level(100_000_000, 9_000_000), Level::Warn, "under a tenth");
    assert_eq!(level(4_000_000, 1_000_000), Level::Warn, "under 1 GiB");
    assert_eq!(level(4_000_000, 10_000), Level::Bad);
    assert_eq!(disk::judge(None, here).level, Level::Warn);
    assert!(disk::probe(here).is_some(), "this machine has a df");
}

fn sound() -> Probe {
    Probe {
        schema: Some("20261122000001".to_owned()),
        pending: Ok(0),
        faults: Vec::new(),
        journal: Some("wal".to_owned()),
        synchronous: Some("2".to_owned()),
        version: Some(170_002),
        isolation: Some("read committed".to_owned()),
        clock: None,
        read_only: None,
    }
}

#[test]
fn a_database_is_whole_current_and_durable() {
    let file = StoreUrl::Sqlite("shop.db".into());
    let server = StoreUrl::Postgres("postgres://a:hidden@h/d".to_owned());
    let worst = |url: &StoreUrl, probe: Probe| {
        let found = database::judge(url, &probe);
        assert!(!format!("{found:?}").contains("hidden"));
        found.into_iter().map(|f| f.level).max()
    };
    assert_eq!(worst(&file, sound()), Some(Level::Ok));
    assert_eq!(worst(&server, sound()), Some(Level::Ok));
    let with = |change: fn(&mut Probe)| {
        let mut probe = sound();
        change(&mut probe);
        probe
    };
    let bad = Some(Level::Bad);
    assert_eq!(worst(&file, with(|p| p.faults.push("page 3".into()))), bad);
    assert_eq!(
        worst(&file, with(|p| p.journal = Some("delete".into()))),
        bad
    );
    assert_eq!(
        worst(&file, with(|p| p.synchronous = Some("1".into()))),
        bad
    );
    assert_eq!(
        worst(&file, with(|p| p.read_only = Some("full".into()))),
        bad
    );
    assert_eq!(worst(&file, with(|p| p.pending = Err("newer".into()))), bad);
    assert_eq!(worst(&file, with(|p| p.pending = Ok(2))), Some(Level::Warn));
    assert_eq!(worst(&file, with(|p| p.schema = None)), Some(Level::Warn));
    assert_eq!(worst(&server, with(|p| p.version = Some(140_011))), bad);
    assert_eq!(
        worst(&server, with(|p| p.isolation = Some("serializable".into()))),
        bad
    );
}

#[test]
fn a_channel_opens_and_its_gateway_answers() {
    let row = |state| AccountRow {
        id: "epay-1".parse().expect("an id"),
        kind: "epay".to_owned(),
        state,
        priority: 1,
        currency: Currency::CNY,
        min_amount: None,
        max_amount: None,
        fee: "0".to_owned(),
        fixed: Minor::ZERO,
        base_url: "https://pay.example".to_owned(),
        methods: "[]".to_owned(),
        path_token: "t".to_owned(),
        credentials: Vec::new(),
        created_at: 0,
        changed_at: 0,
    };
    let reply = |status| {
        Ok(Reply {
            status,
            headers: vec![(
                "date".to_owned(),
                "Sun, 06 Nov 1994 08:49:37 GMT".to_owned(),
            )],
            body: Vec::new(),
        })
    };
    let (on, draining) = (row(AccountState::Enabled), row(AccountState::Draining));
    let level = |row, answer: &Result<Reply, SendError>| channels::judge(row, None, answer).level;
    assert_eq!(level(&on, &reply(404)), Level::Ok);
    assert_eq!(level(&on, &reply(502)), Level::Warn);
    let dns: Result<Reply, SendError> = Err(NotSent::Dns.into());
    assert_eq!(level(&on, &dns), Level::Bad);
    assert_eq!(level(&draining, &dns), Level::Warn);
    assert_eq!(level(&on, &Err(Lost::Timeout.into())), Level::Bad);
    let http = channels::judge(&on, None, &Err(NotSent::Forbidden.into()));
    assert!(
        http.level == Level::Bad && http.todo.contains("https"),
        "{http:?}"
    );
    let shut = channels::judge(&on, Some("key: is empty".into()), &reply(200));
    assert!(
        shut.level == Level::Bad && shut.found.contains("key: is empty"),
        "{shut:?}"
    );
    let told = 784_111_777_000;
    let at = |now| channels::clock_of(&on, &reply(200), now - 300, now).map(|f| f.level);
    assert_eq!(at(told + 900), Some(Level::Ok));
    assert_eq!(at(told + 120_000), Some(Level::Bad));
}

#[test]
fn somebody_can_sign_in() {
    let one = |state| Staff {
        id: StaffId("s1".to_owned()),
        email: "li@example.com".to_owned(),
        role: Role::Owner,
        state,
        password_hash: String::new(),
        totp: None,
        totp_step: 0,
        created_at: 0,
        changed_at: 0,
    };
    let (on, off) = (one(StaffState::On), one(StaffState::Off));
    let nobody = people::judge(&[]);
    assert_eq!(nobody.level, Level::Warn);
    assert!(nobody.todo.contains("`vendgate staff first`"), "{nobody:?}");
    // That command makes nobody where somebody is there.
    let away = people::judge(std::slice::from_ref(&off));
    assert_eq!(away.level, Level::Warn);
    assert!(!away.todo.contains("first"), "{away:?}");
    assert_eq!(people::judge(&[off, on]).level, Level::Ok);
}

#[test]
fn peers_are_judged_by_their_answers() {
    assert_eq!(
        peers::answered(Ok(Duration::from_millis(2))).level,
        Level::Ok
    );
    assert_eq!(
        peers::answered(Ok(Duration::from_millis(400))).level,
        Level::Warn
    );
    assert_eq!(peers::answered(Err("refused".to_owned())).level, Level::Bad);
    assert_eq!(peers::plain("smtp://127.0.0.1:25").level, Level::Ok);
    assert_eq!(
        peers::plain("smtp://u:p@mail.example?tls=none").level,
        Level::Warn
    );
}

#[test]
fn a_report_is_aligned_and_fails_when_anything_is_bad() {
    let mut report = Report {
        findings: vec![
            super::ok("disk", "fine"),
            super::warn("database", "old", "mend it"),
        ],
    };
    assert!(report.ok());
    let text = report.to_string();
    assert!(
        text.starts_with("ok    disk      fine\nwarn  database  old\n"),
        "{text}"
    );
    assert!(text.contains("\n                -> mend it\n"), "{text}");
    assert!(text.ends_with("0 bad, 1 to look at"), "{text}");
    report.findings.push(super::bad("key", "gone", "find it"));
    assert!(!report.ok());
    let json: serde_json::Value = serde_json::from_str(&report.json()).expect("JSON");
    assert_eq!(json["ok"], false);
    assert_eq!(json["findings"][2]["level"], "bad");
    assert_eq!(json["findings"][2]["area"], "key");
}
