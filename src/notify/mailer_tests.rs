use super::*;
use crate::notify::testing::{delivered, facts, folder, sections, unit};
use crate::notify::{Lang, render};

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// A mail that is sent again, as after a crash between sending and marking, is the same file.
#[tokio::test]
async fn a_repeat_makes_no_second_file() {
    let folder = folder();
    let mailer = FileMailer::new(&folder.0, "shop@shop.example").expect("a mailer");
    let mail = render(&facts(Lang::Zh, delivered(vec![unit("AAAA-BBBB")]))).expect("a mail");
    mailer.send(&mail).await.expect("sent");
    let path = folder.0.join("0190a1b2-aaaa.eml");
    let first = std::fs::read(&path).expect("a file");
    mailer.send(&mail).await.expect("sent");
    assert_eq!(files(&folder.0), ["0190a1b2-aaaa.eml"]);
    assert_eq!(std::fs::read(&path).expect("a file"), first);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

/// The message as a mail program reads it: both parts, the file, the headers.
#[tokio::test]
async fn the_message_holds_what_the_mail_says() {
    let folder = folder();
    let mailer = FileMailer::new(&folder.0, "shop@shop.example").expect("a mailer");
    let short = render(&facts(
        Lang::Zh,
        delivered(vec![unit("{{7*7}} =_both_ . key  ")]),
    ))
    .expect("a mail");
    mailer.send(&short).await.expect("sent");
    let raw = std::fs::read_to_string(folder.0.join("0190a1b2-aaaa.eml")).expect("a file");
    assert!(raw.is_ascii() && raw.lines().all(|line| line.len() <= 998));
    for header in [
        "Message-ID: <0190a1b2-aaaa@shop.example>\r\n",
        "To: li@example.com\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Date: Wed, 18 Nov 2026 11:06:40 +0000\r\n",
        "Content-Type: multipart/alternative;",
    ] {
        assert!(raw.contains(header), "{header} in {raw}");
    }
    let parts = sections(&raw);
    assert_eq!(parts.len(), 2);
    assert!(parts[0].0.contains("text/plain; charset=utf-8"));
    assert_eq!(parts[0].1, short.text.replace('\n', "\r\n").into_bytes());
    assert!(parts[1].0.contains("text/html; charset=utf-8"));
    assert_eq!(parts[1].1, short.html.replace('\n', "\r\n").into_bytes());

    let goods = (0..30)
        .map(|n| unit(&format!("卡 {n}\r\n{{{{x}}}}")))
        .collect();
    let long = render(&facts(Lang::En, delivered(goods))).expect("a mail");
    mailer.send(&long).await.expect("sent");
    let raw = std::fs::read_to_string(folder.0.join("0190a1b2-aaaa.eml")).expect("a file");
    let parts = sections(&raw);
    assert_eq!(parts.len(), 3);
    assert!(parts[2].0.contains("filename=\"goods-K7Q2-94MX-31AB.txt\""));
    assert!(parts[2].0.contains("text/plain; charset=utf-8"));
    let file = long.attachment.expect("an attachment");
    assert_eq!(parts[2].1, file.content.into_bytes());
}

/// The mailer itself refuses what no rendered mail holds.
#[tokio::test]
async fn a_bad_mail_makes_no_file() {
    let folder = folder();
    let mailer = FileMailer::new(&folder.0, "Shop <shop@shop.example>").expect("a mailer");
    let good = render(&facts(Lang::En, delivered(vec![unit("A")]))).expect("a mail");
    for id in ["../x", "", "a b", "a\r\nb"] {
        let mut bad = good.clone();
        bad.id = crate::ids::OutboxId(id.to_owned());
        assert!(mailer.send(&bad).await.expect_err("refused").permanent);
    }
    let mut bad = good.clone();
    bad.to = "a@b.example\r\nBcc: c@d.example".to_owned();
    assert!(mailer.send(&bad).await.expect_err("refused").permanent);
    assert!(files(&folder.0).is_empty());
    assert!(FileMailer::new(&folder.0, "nobody").is_err());
    assert!(FileMailer::new(&folder.0, "a@b.example\r\nBcc: c@d.example").is_err());
}

/// X60: what a server says may be kept, the address in it may not.
#[test]
fn addresses_do_not_reach_the_log() {
    let error = MailError::permanent("550 5.1.1 <li@example.com>: no\r\nsuch user li@example.com");
    assert_eq!(error.said, "550 5.1.1 <address> no such user <address>");
}
