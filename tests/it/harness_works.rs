//! The stage itself is tried before anybody plays on it: servers, mail, lines
//! that break, browser, waiting, and the watchdog that sweeps up.

use crate::harness::{
    Browser, Engine, Http, Look, Process, Proxy, Redis, SmtpMode, SmtpSink, TempDir, TestShop,
    Weight, eventually, fresh_database, fresh_redis, on_both_engines, postgres_scalar, turn,
};
use lettre::message::{Attachment, MultiPart, SinglePart, header::ContentType};
use lettre::transport::smtp::client::Tls;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn every_test_has_a_database_of_its_own() {
    let (one, other) = (fresh_database(), fresh_database());
    assert_ne!(one, other);
    let ask = |query| postgres_scalar(&one, query);
    assert_eq!(ask("SELECT 1 + 1").as_deref(), Some("2"));
    assert_eq!(
        ask("SELECT current_setting('fsync')").as_deref(),
        Some("on")
    );
    assert_eq!(postgres_scalar(&other, "SELECT NULL::text"), None);
}

#[tokio::test]
async fn redis_is_empty_and_can_go_away() {
    assert_ne!(fresh_redis(), fresh_redis());
    let mut own = Redis::start();
    let address = own.url().replace("redis://", "");
    assert_eq!(ping(&address).as_deref(), Some("+PONG"));
    own.down();
    assert_eq!(ping(&address), None);
    own.up();
    assert_eq!(ping(&address).as_deref(), Some("+PONG"));
}

fn ping(address: &str) -> Option<String> {
    let mut line = TcpStream::connect(address).ok()?;
    line.write_all(b"PING\r\n").ok()?;
    let mut answer = String::new();
    BufReader::new(line).read_line(&mut answer).ok()?;
    Some(answer.trim().to_owned())
}

on_both_engines!(
    /// The surroundings of a shop are made before it starts.
    a_shop_has_a_place_of_its_own,
    Weight::Shop,
    |engine| async move {
        let shop = TestShop::on(engine).env("VENDGATE_EXTRA", "1").fail("x=kill@1").prepare();
        assert_eq!(shop.engine(), engine);
        assert!(shop.data().is_dir());
        assert_eq!(shop.env("VENDGATE_FAIL").as_deref(), Some("x=kill@1"));
        shop.set_env("VENDGATE_FAIL", None);
        assert_eq!(shop.env("VENDGATE_FAIL"), None);
        assert_eq!(shop.env("VENDGATE_REDIS_URL").is_some(), engine == Engine::Postgres);
        let clock = shop.env("VENDGATE_CLOCK").expect("a clock file");
        shop.advance_clock(Duration::from_secs(60));
        shop.advance_clock(Duration::from_secs(1));
        assert_eq!(std::fs::read_to_string(clock).expect("the clock can be read"), "61000");
    }
);

#[tokio::test]
async fn mail_arrives_whole() {
    let sink = SmtpSink::start();
    let text =
        "您的卡密 — a line that is long enough to be folded by any coding whatsoever, really";
    send(&sink, text).await.expect("the mail goes out");
    let mail = sink.first_mail_to("buyer@example.test").await;
    assert_eq!(mail.from, "shop@example.test");
    assert_eq!(mail.to, ["buyer@example.test"]);
    assert_eq!(
        mail.header("subject").as_deref(),
        Some("您的订单 is here, with a long subject line")
    );
    assert_eq!(mail.text().trim_end(), text);
    assert_eq!(mail.html().trim_end(), "<p>.a leading dot</p>");
    // Text travels with the line ends of mail unless it is sent as base64.
    assert_eq!(
        mail.file("cards.txt").as_deref(),
        Some(&b"AAA\r\nBBB\r\n"[..])
    );
}

#[tokio::test]
async fn the_mail_server_can_misbehave() {
    let sink = SmtpSink::start();
    for code in [451, 550] {
        sink.set(SmtpMode::Refuse(code));
        let refusal = send(&sink, "x").await.expect_err("refused").to_string();
        assert!(refusal.contains(&code.to_string()), "{refusal}");
    }
    assert!(sink.mails().is_empty());
    sink.set(SmtpMode::KeepThenDrop);
    send(&sink, "x").await.expect_err("the line broke");
    assert_eq!(sink.mails().len(), 1);
    sink.set(SmtpMode::Hang);
    let waiting = tokio::time::timeout(Duration::from_millis(300), send(&sink, "x")).await;
    waiting.expect_err("no answer");
    sink.set(SmtpMode::Accept);
    sink.down();
    send(&sink, "x").await.expect_err("nobody there");
    sink.up();
    send(&sink, "x").await.expect("back again");
    assert_eq!(sink.mails_to("buyer@example.test").len(), 2);
    assert!(sink.sessions() >= 5);
}

async fn send(sink: &SmtpSink, text: &str) -> Result<(), lettre::transport::smtp::Error> {
    let port = sink
        .url()
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok());
    let mail = Message::builder()
        .from("Shop <shop@example.test>".parse().expect("an address"))
        .to("buyer@example.test".parse().expect("an address"))
        .subject("您的订单 is here, with a long subject line")
        .multipart(
            MultiPart::mixed()
                .multipart(
                    MultiPart::alternative()
                        .singlepart(SinglePart::plain(text.to_owned()))
                        .singlepart(SinglePart::html("<p>.a leading dot</p>".to_owned())),
                )
                .singlepart(
                    Attachment::new("cards.txt".to_owned())
                        .body("AAA\nBBB\n".to_owned(), ContentType::TEXT_PLAIN),
                ),
        )
        .expect("a message");
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(port.expect("a port"))
        .tls(Tls::None)
        .timeout(Some(Duration::from_secs(2)))
        .build();
    transport.send(mail).await.map(drop)
}

#[tokio::test]
async fn a_line_can_be_cut_silenced_and_restored() {
    let page = serve("hello");
    let (proxy, through) = Proxy::before(&page).await;
    let http = Http::new(&through);
    assert_eq!(http.get("/").await.expect(200).text(), "hello");
    proxy.cut();
    http.try_send("GET", "/", &[], b"")
        .await
        .expect_err("the line is cut");
    proxy.silence();
    let waiting = tokio::time::timeout(Duration::from_millis(200), http.get("/")).await;
    waiting.expect_err("nothing passes");
    proxy.delay(Duration::from_millis(50));
    let began = std::time::Instant::now();
    assert_eq!(http.get("/").await.text(), "hello");
    assert!(
        began.elapsed() >= Duration::from_millis(100),
        "there and back"
    );
    proxy.restore();
    assert_eq!(
        http.get("/").await.header("content-type"),
        Some("text/html; charset=utf-8")
    );
}

const SCRIPTED: &str = "<!doctype html><title>t</title><p id=js>off</p><input id=in value=old>\
    <p id=said></p><script>document.getElementById('js').textContent='on';\
    document.getElementById('in').oninput=e=>document.getElementById('said').textContent=\
    e.target.value+' '+navigator.language</script>";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_with_scripts() {
    let _turn = turn(Weight::Heavy).await;
    let look = Look {
        size: (390, 844),
        locale: "zh-CN".to_owned(),
        ..Look::default()
    };
    let browser = Browser::with(look).await;
    browser
        .goto(&serve(SCRIPTED))
        .await
        .expect("the page opens");
    assert_eq!(browser.text("#js").await, "on");
    browser.fill("#in", "new").await;
    browser.click("#in").await;
    assert_eq!(browser.text("#said").await, "new zh-CN");
    let dir = TempDir::new("shot");
    let file = dir.join("page.png");
    browser.shot_of_the_window(&file).await;
    assert_eq!(size(&file), (390, 844), "the window is as wide as asked");
    let longer = "document.body.style.height = '3000px'";
    browser
        .execute(longer, Vec::new())
        .await
        .expect("it is run");
    browser.shot(&file).await;
    assert!(size(&file).1 >= 3_000, "the page is seen to its end");
}

/// How wide and high a picture is.
fn size(file: &Path) -> (u32, u32) {
    let png = std::fs::read(file).expect("a picture");
    assert!(png.starts_with(b"\x89PNG"));
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_without_scripts() {
    let _turn = turn(Weight::Heavy).await;
    let browser = Browser::without_javascript().await;
    browser
        .goto(&serve(SCRIPTED))
        .await
        .expect("the page opens");
    assert_eq!(browser.text("#js").await, "off");
}

/// A server of one page, until the tests end.
fn serve(page: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut line in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let head = BufReader::new(line.try_clone().expect("a second handle")).lines();
                head.map_while(Result::ok)
                    .take_while(|line| !line.is_empty())
                    .for_each(drop);
                // In two chunks, so that the client's reading of them is tried.
                let (a, b) = page.split_at(page.len() / 2);
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n\
                     connection: close\r\ntransfer-encoding: chunked\r\n\r\n\
                     {:x}\r\n{a}\r\n{:x}\r\n{b}\r\n0\r\n\r\n",
                    a.len(),
                    b.len()
                );
                drop(line.write_all(answer.as_bytes()));
            });
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn waiting_ends_as_soon_as_it_is_so() {
    let mut looks = 0;
    let value = eventually(SOON, || {
        looks += 1;
        std::future::ready((looks == 3).then_some("seen"))
    });
    assert_eq!(value.await, "seen");
    let never = tokio::spawn(eventually(Duration::from_millis(30), || {
        std::future::ready(false)
    }));
    let panic = never.await.expect_err("it gave up").into_panic();
    let words = panic.downcast_ref::<String>().expect("a text");
    assert!(
        words.contains("harness_works.rs"),
        "the panic names the caller: {words}"
    );
}

/// Runs this very binary, kills it, and looks that nothing is left of it.
#[tokio::test]
async fn the_watchdog_sweeps_up_after_a_killed_test_process() {
    let note = TempDir::new("note");
    let mut tests = Command::new(std::env::current_exe().expect("this binary"));
    tests
        .args([
            "--exact",
            "--ignored",
            "harness_works::leaves_things_behind",
        ])
        .env("LEAVE_NOTE", note.join("note"));
    let mut tests = Process::start(tests, &note.join("log"), "TERM");
    let (pid, dir) = eventually(SOON, || async {
        let text = std::fs::read_to_string(note.join("note")).ok()?;
        let (pid, dir) = text.trim_end().split_once(' ')?;
        Some((pid.to_owned(), dir.to_owned()))
    })
    .await;
    assert!(Path::new(&dir).exists());
    tests.kill9();
    eventually(SOON, || async {
        !Path::new(&dir).exists() && !is_running(&pid)
    })
    .await;
}

fn is_running(pid: &str) -> bool {
    let mut state = String::new();
    let status = std::fs::File::open(format!("/proc/{pid}/stat"));
    status.is_ok_and(|mut file| file.read_to_string(&mut state).is_ok() && !state.contains(") Z"))
}

#[test]
#[ignore = "run and killed by the test of the watchdog"]
fn leaves_things_behind() {
    let Some(note) = std::env::var_os("LEAVE_NOTE") else {
        return;
    };
    let dir = TempDir::new("left");
    let mut sleeper = Command::new("sleep");
    sleeper.arg("600");
    let mut sleeper = Process::start(sleeper, &dir.join("log"), "TERM");
    let told = format!("{} {}\n", sleeper.id(), dir.path().display());
    std::fs::write(note, told).expect("the note is written");
    sleeper.wait(Duration::from_secs(600));
}
