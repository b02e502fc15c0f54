//! Lines that are held open, and heads that never end.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::ground::{rows, stock_up};
use crate::harness::{TestShop, on_both_engines};

async fn line_to(shop: &TestShop, start: &str) -> TcpStream {
    let host = shop.url().replace("http://", "");
    let mut line = TcpStream::connect(&host).await.expect("it listens");
    let start = start.replace("HOST", &host);
    line.write_all(start.as_bytes()).await.expect("sent");
    line
}

/// What is heard until the line ends, while somebody goes on saying a letter each second.
async fn to_the_end(line: &mut TcpStream, letter: &str) -> String {
    let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
    let ended = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(1), line.read(&mut buffer));
            match next.await {
                Ok(Ok(0) | Err(_)) => return,
                Ok(Ok(length)) => heard.extend_from_slice(&buffer[..length]),
                // A line that has ended takes no letter: the next look sees its end.
                Err(_) => drop(line.write_all(letter.as_bytes()).await),
            }
        }
    });
    let ended = ended.await;
    let heard = String::from_utf8_lossy(&heard).into_owned();
    assert!(
        ended.is_ok(),
        "a line is open still after {letter:?}: {heard}"
    );
    heard
}

on_both_engines!(
    /// X69, its second half: "My head is in time, and my body is a letter a second." A body has
    /// thirty seconds, whether its length is told or it comes in chunks; then the line ends, and
    /// others are served all the while. Fails without `arrival::watch` of web/server.rs.
    a_slow_body_is_cut_off,
    |shop| async move {
        let _gateway = stock_up(&shop).await;
        let form = "POST /orders HTTP/1.1\r\nhost: HOST\r\n\
            content-type: application/x-www-form-urlencoded\r\n";
        let api = "POST /api/v1/orders HTTP/1.1\r\nhost: HOST\r\ncontent-type: application/json\r\n";
        let told = "content-length: 500\r\n\r\n";
        let chunked = "transfer-encoding: chunked\r\n\r\n";
        let began = Instant::now();
        let mut lines = Vec::new();
        for (head, letter) in [
            (format!("{form}{told}"), "a"),
            (format!("{api}{told}"), " "),
            (format!("{form}{chunked}"), "1\r\na\r\n"),
            (format!("{api}{chunked}"), "1\r\n \r\n"),
            // Says nothing at all any more.
            (format!("{form}{told}"), ""),
        ] {
            lines.push((line_to(&shop, &head).await, letter));
        }
        while began.elapsed() < Duration::from_secs(29) {
            tokio::time::sleep(Duration::from_secs(1)).await;
            for (line, letter) in &mut lines {
                line.write_all(letter.as_bytes()).await.expect("still open");
            }
            let asked = Instant::now();
            shop.http().get("/").await.expect(200);
            assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        }
        for (mut line, letter) in lines {
            let heard = to_the_end(&mut line, letter).await;
            assert!(heard.starts_with("HTTP/1.1 408 "), "{letter:?}: {heard}");
        }
        assert!(began.elapsed() < Duration::from_secs(50), "{:?}", began.elapsed());
        assert_eq!(rows(&shop, "orders"), 0);
    }
);

on_both_engines!(
    /// X69: "I ask for a page that reads no body, and send one without end." The page is answered
    /// and the line ends. Fails when `answered` of web/arrival.rs lets go of the body.
    a_body_that_nobody_reads_ends_its_line,
    |shop| async move {
        for head in [
            "GET / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 500\r\n\r\na",
        ] {
            let began = Instant::now();
            let mut line = line_to(&shop, head).await;
            let heard = to_the_end(&mut line, "1\r\na\r\n").await;
            assert!(heard.starts_with("HTTP/1.1 200 "), "{heard}");
            assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
        }
        // A body that is read whole leaves the line as it is.
        let head = "POST /orders HTTP/1.1\r\nhost: HOST\r\ncontent-length: 3\r\n\r\na=b";
        let mut line = line_to(&shop, head).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let again = "GET /healthz HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n";
        line.write_all(again.as_bytes()).await.expect("still open");
        let heard = to_the_end(&mut line, "").await;
        assert!(heard.starts_with("HTTP/1.1 403 "), "{heard}");
        assert_eq!(heard.matches("HTTP/1.1 ").count(), 2, "{heard}");
    }
);

on_both_engines!(
    /// X69: "My head is larger than your memory." A head past 128 KiB, or of too many lines, is
    /// refused and its line ends.
    a_big_head_is_refused,
    |shop| async move {
        let large = format!("x-large: {}\r\n", "a".repeat(300_000));
        let many: String = (0..2_000).map(|n| format!("x-{n}: 1\r\n")).collect();
        for headers in [large, many] {
            let began = Instant::now();
            let host = shop.url().replace("http://", "");
            let mut line = TcpStream::connect(&host).await.expect("it listens");
            let head = format!("GET / HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n");
            // The shop may close before all of it is sent.
            drop(line.write_all(head.as_bytes()).await);
            let mut heard = Vec::new();
            drop(line.read_to_end(&mut heard).await);
            let heard = String::from_utf8_lossy(&heard);
            assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 4"), "{heard}");
            assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        }
        shop.http().get("/").await.expect(200);
    }
);
