use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::notify::testing::{delivered, facts, sections, unit};
use crate::notify::{Lang, render};

/// What the server does with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Takes,
    /// Answers this line to `RCPT`.
    Rcpt(&'static str),
    /// Answers this line to the end of the message.
    Message(&'static str),
    /// Answers this line to `MAIL`.
    Sender(&'static str),
    /// Answers this line to `AUTH`.
    Auth(&'static str),
    /// Says nothing at all.
    Hangs,
    /// Reads the message and hangs up without a word (F26).
    Drops,
    /// Offers STARTTLS and breaks off the handshake.
    BrokenTls,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Seen {
    recipients: Vec<String>,
    logins: Vec<String>,
    messages: Vec<String>,
}

struct Sink {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Sink {
    async fn start(mood: Mood) -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let theirs = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, mood, Arc::clone(&theirs)));
            }
        });
        Sink { port, seen }
    }

    fn seen(&self) -> Seen {
        self.seen.lock().expect("a lock").clone()
    }

    fn mailer(&self, user: &str, options: &str) -> SmtpMailer {
        let url = format!("smtp://{user}127.0.0.1:{}{options}", self.port);
        SmtpMailer::new(&url, "shop@shop.example")
            .expect("a mailer")
            .with_step(Duration::from_millis(300))
    }
}

async fn talk(stream: TcpStream, mood: Mood, seen: Arc<Mutex<Seen>>) -> Option<()> {
    if mood == Mood::Hangs {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink\r\n").await.ok()?;
    let mut data: Option<String> = None;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if let Some(text) = &mut data {
            if line != ".\r\n" {
                let line = line.strip_prefix('.').unwrap_or(&line);
                text.push_str(line);
                continue;
            }
            if mood == Mood::Drops {
                return None;
            }
            let text = data.take().unwrap_or_default();
            let answer = match mood {
                Mood::Message(answer) => answer,
                _ => {
                    seen.lock().ok()?.messages.push(text);
                    "250 taken"
                }
            };
            stream
                .write_all(format!("{answer}\r\n").as_bytes())
                .await
                .ok()?;
            continue;
        }
        let (verb, rest) = line.trim_end().split_at(line.trim_end().len().min(4));
        let answer = match (verb.to_ascii_uppercase().as_str(), mood) {
            ("EHLO", Mood::BrokenTls) => "250-sink\r\n250 STARTTLS",
            ("EHLO", _) => "250-sink\r\n250 AUTH PLAIN",
            ("STAR", _) => {
                stream.write_all(b"220 go\r\n").await.ok()?;
                return None;
            }
            ("AUTH", Mood::Auth(answer)) => answer,
            ("AUTH", _) => {
                seen.lock().ok()?.logins.push(rest.trim().to_owned());
                "235 welcome"
            }
            ("MAIL", Mood::Sender(answer)) => answer,
            ("RCPT", Mood::Rcpt(answer)) => answer,
            ("RCPT", _) => {
                seen.lock().ok()?.recipients.push(rest.trim().to_owned());
                "250 ok"
            }
            ("DATA", _) => {
                data = Some(String::new());
                "354 go on"
            }
            ("QUIT", _) => "221 bye",
            _ => "250 ok",
        };
        stream
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .ok()?;
    }
}

fn mail(content: &str) -> Mail {
    render(&facts(Lang::En, delivered(vec![unit(content)]))).expect("a mail")
}

#[tokio::test]
async fn a_mail_arrives_whole_at_one_recipient() {
    let sink = Sink::start(Mood::Takes).await;
    let mail = mail(".starts with a dot\n.\nKEY-1");
    sink.mailer("", "").send(&mail).await.expect("sent");
    let seen = sink.seen();
    assert_eq!(seen.recipients, ["TO:<li@example.com>"]);
    assert_eq!(seen.messages.len(), 1);
    assert!(seen.logins.is_empty());
    let parts = sections(&seen.messages[0]);
    assert_eq!(parts[0].1, mail.text.replace('\n', "\r\n").into_bytes());
    assert!(seen.messages[0].contains("Message-ID: <0190a1b2-aaaa@shop.example>"));
}

/// 4xx may pass; 5xx about the recipient or the message stays; 5xx about us may pass, because
/// the mail is not to blame.
#[tokio::test]
async fn the_answer_decides_whether_to_try_again() {
    for (mood, permanent, said) in [
        (Mood::Rcpt("451 4.7.1 greylisted"), false, "recipient:"),
        (
            Mood::Rcpt("550 5.1.1 <li@example.com> unknown"),
            true,
            "recipient:",
        ),
        (Mood::Message("452 4.3.1 full"), false, "message:"),
        (Mood::Message("554 5.7.1 spam"), true, "message:"),
        (Mood::Sender("530 5.7.0 log in first"), false, "sender:"),
        (Mood::Auth("535 5.7.8 wrong password"), false, "login:"),
        (Mood::Auth("454 4.7.0 later"), false, "login:"),
        (Mood::BrokenTls, false, "STARTTLS:"),
        (Mood::Drops, false, "message:"),
    ] {
        let sink = Sink::start(mood).await;
        let login = matches!(mood, Mood::Auth(_));
        let mailer = match login {
            true => sink.mailer("shop:pw@", "?tls=none"),
            false => sink.mailer("", ""),
        };
        let error = mailer.send(&mail("K")).await.expect_err("refused");
        assert_eq!(error.permanent, permanent, "{mood:?}: {error}");
        assert!(error.said.starts_with(said), "{mood:?}: {error}");
        assert!(!error.said.contains("li@example.com"), "{error}");
        assert!(sink.seen().messages.is_empty());
    }
}

/// F25: a server that is away or silent costs a step, not the mail.
#[tokio::test]
async fn silence_and_absence_are_temporary() {
    let sink = Sink::start(Mood::Hangs).await;
    let started = std::time::Instant::now();
    let error = sink
        .mailer("", "")
        .send(&mail("K"))
        .await
        .expect_err("silent");
    assert!(!error.permanent && error.said.starts_with("connect: no answer"));
    assert!(started.elapsed() < Duration::from_secs(5));

    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = closed.local_addr().expect("an address").port();
    drop(closed);
    let away = Sink {
        port,
        seen: Arc::default(),
    };
    let error = away
        .mailer("", "")
        .send(&mail("K"))
        .await
        .expect_err("away");
    assert!(
        !error.permanent && error.said.starts_with("connect:"),
        "{error}"
    );
}

/// A password is never sent in the clear unless that was asked for.
#[tokio::test]
async fn a_password_stays_out_of_the_clear() {
    let sink = Sink::start(Mood::Takes).await;
    for options in ["", "?tls=required"] {
        let mailer = sink.mailer("shop:p%40ss@", options);
        let error = mailer.send(&mail("K")).await.expect_err("refused");
        assert!(
            !error.permanent && error.said.contains("STARTTLS"),
            "{error}"
        );
    }
    assert_eq!(sink.seen(), Seen::default());
    let mailer = sink.mailer("shop:p%40ss@", "?tls=none");
    mailer.send(&mail("K")).await.expect("sent");
    // PLAIN: \0shop\0p@ss
    assert_eq!(sink.seen().logins, ["PLAIN AHNob3AAcEBzcw=="]);
    assert!(!format!("{mailer:?}").contains("p@ss"));
}

#[test]
fn urls_are_read_strictly() {
    let port = |url: &str| SmtpMailer::new(url, "Shop <a@b.example>").map(|m| (m.port, m.tls));
    assert_eq!(port("smtp://mx.example"), Ok((25, Tls::Offered)));
    assert_eq!(port("smtp://u:p@mx.example"), Ok((587, Tls::Offered)));
    assert_eq!(
        port("smtp://mx.example:2525?tls=required"),
        Ok((2525, Tls::Required))
    );
    assert_eq!(port("smtp://mx.example?tls=none"), Ok((25, Tls::None)));
    assert_eq!(port("smtps://u:p@mx.example"), Ok((465, Tls::Wrapped)));
    assert_eq!(port("smtp://[::1]:26"), Ok((26, Tls::Offered)));
    for wrong in [
        "mx.example",
        "http://mx.example",
        "smtp://",
        "smtp://mx.example/inbox",
        "smtp://mx.example?tls=maybe",
        "smtp://mx.example?timeout=1",
        "smtps://mx.example?tls=none",
        "smtp://user@mx.example",
        "smtp://:pw@mx.example",
    ] {
        assert!(port(wrong).is_err(), "{wrong}");
    }
    assert!(SmtpMailer::new("smtp://mx.example", "not an address").is_err());
}
