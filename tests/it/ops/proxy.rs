//! The examples of docs/deploy for what stands before the shop, played for real where the program
//! is on this machine.

use std::process::Command;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::{example, there_is};
use crate::drills::stage::{self, FIVE, SOON, count};
use crate::harness::{
    Engine, Process, TempDir, TestShop, Weight, eventually, free_port, turn, wait_for_port,
    we_are_root,
};

/// The buyer's address, as the proxy sees it.
const BUYER_AT: &str = "127.0.0.9";

/// The example on ports of ours, without TLS.
fn nginx(shop: &TestShop, dir: &TempDir, port: u16) -> Process {
    let there = shop.url().replace("http://", "");
    let site: String = example("nginx.conf")
        .replace("127.0.0.1:8080", &there)
        .replace("listen 80;", &format!("listen 127.0.0.1:{};", free_port()))
        .replace(
            "listen 443 ssl http2;",
            &format!("listen 127.0.0.1:{port};"),
        )
        .lines()
        .filter(|line| !line.contains("ssl_") && !line.contains("[::]"))
        .fold(String::new(), |text, line| text + line + "\n");
    let user = if we_are_root() { "user root;\n" } else { "" };
    let at = |name: &str| dir.join(name).display().to_string();
    let whole = format!(
        "daemon off;\n{user}pid {};\nerror_log {};\nevents {{}}\nhttp {{\naccess_log off;\n\
         client_body_temp_path {};\nproxy_temp_path {};\nfastcgi_temp_path {};\n\
         uwsgi_temp_path {};\nscgi_temp_path {};\n{site}}}\n",
        at("pid"),
        at("error"),
        at("t1"),
        at("t2"),
        at("t3"),
        at("t4"),
        at("t5"),
    );
    let conf = dir.join("nginx.conf");
    std::fs::write(&conf, whole).expect("written");
    let mut command = Command::new("nginx");
    command.arg("-e").arg(dir.join("first-error"));
    command.arg("-p").arg(dir.path()).arg("-c").arg(&conf);
    command.env("PATH", "/usr/sbin:/sbin:/usr/bin:/bin");
    let log = dir.join("log");
    let mut process = Process::start(command, &log, "TERM");
    wait_for_port(port, &mut process, &log);
    process
}

/// Sends a request from the buyer's address.
async fn send(port: u16, request: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    let own = format!("{BUYER_AT}:0").parse().expect("an address");
    socket.bind(own).expect("all of 127/8 is here");
    let to = format!("127.0.0.1:{port}").parse().expect("an address");
    let mut line = socket.connect(to).await.expect("it listens");
    line.write_all(request.as_bytes()).await.expect("sent");
    line
}

/// The whole answer to a request after which the line is closed.
async fn answer(port: u16, request: &str) -> String {
    let mut answer = String::new();
    let mut line = send(port, request).await;
    line.read_to_string(&mut answer).await.expect("an answer");
    answer
}

/// Reads until this text has come; how long it took.
async fn until(line: &mut TcpStream, text: &str) -> Duration {
    let began = Instant::now();
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = tokio::time::timeout(SOON, line.read(&mut buffer));
        let read = read
            .await
            .expect("it comes in time")
            .expect("it can be read");
        assert!(
            read > 0,
            "ended before {text:?}: {}",
            String::from_utf8_lossy(&heard)
        );
        heard.extend_from_slice(&buffer[..read]);
        if String::from_utf8_lossy(&heard).contains(text) {
            return began.elapsed();
        }
    }
}

/// Fails when the events are buffered, and when the proxy hands a stranger's `X-Forwarded-For` on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_nginx_events_come_at_once_and_the_buyers_address_is_the_buyers() {
    if !there_is("nginx") {
        return;
    }
    let _turn = turn(Weight::Heavy).await;
    let shop = TestShop::on(Engine::Sqlite).env("VENDGATE_TRUSTED_PROXIES", "127.0.0.1");
    let shop = shop.start().await;
    let gateway = stage::set_up(&shop, FIVE).await;
    let (dir, port) = (TempDir::new("nginx"), free_port());
    let _nginx = nginx(&shop, &dir, port);
    let head = "Host: shop.example\r\nX-Forwarded-For: 203.0.113.7\r\nForwarded: for=203.0.113.7";

    // The address: a notice that is refused is kept with where it came from.
    let token = shop.scalar("SELECT path_token FROM channel_account WHERE id = 'm1'");
    let token = token.expect("the account's path");
    let request = format!(
        "POST /callback/{token} HTTP/1.1\r\n{head}\r\nContent-Type: application/json\r\n\
         Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"
    );
    let told = answer(port, &request).await;
    assert!(told.starts_with("HTTP/1.1 "), "{told}");
    eventually(SOON, || async { count(&shop, "notice") > 0 }).await;
    let seen = shop.scalar("SELECT source_ip FROM notice");
    assert_eq!(seen.as_deref(), Some(BUYER_AT), "{told}");

    // The events: each within a second of what happened.
    let order = stage::buy(&shop, "alipay").await;
    let request = format!(
        "GET /o/{}/events HTTP/1.1\r\n{head}\r\nCookie: vg_order={}\r\n\r\n",
        order.order_no, order.view_token
    );
    let mut events = send(port, &request).await;
    let first = until(&mut events, "data: ").await;
    assert!(first < Duration::from_secs(1), "the first took {first:?}");
    gateway.pay(order.pay_url()).await;
    shop.goods(&order).await;
    let next = until(&mut events, "delivered").await;
    assert!(next < Duration::from_secs(1), "the next took {next:?}");

    // Figures are nobody's, and orders are nobody else's.
    let request = format!("GET /metrics HTTP/1.1\r\n{head}\r\nConnection: close\r\n\r\n");
    let told = answer(port, &request).await;
    assert!(told.starts_with("HTTP/1.1 404"), "{told}");
}
