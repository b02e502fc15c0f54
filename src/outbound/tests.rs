use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

fn outbound(policy: Policy) -> Outbound {
    // Another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Outbound::new(policy).expect("a client")
}

fn get(url: String) -> Request {
    Request {
        verb: Verb::Get,
        url,
        headers: vec![],
        body: vec![],
    }
}

async fn ask(url: String, limits: Limits) -> Result<Reply, SendError> {
    outbound(Policy::default())
        .send(&get(url), Reach::Configured, limits)
        .await
}

/// Serves every connection with `serve` and returns the address.
async fn server<F, Fut>(serve: F) -> SocketAddr
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    address
}

/// Reads a request up to the end of its head and `body` more bytes.
async fn head(stream: &mut TcpStream) -> String {
    let mut seen = Vec::new();
    let mut byte = [0; 1];
    while !seen.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            break;
        }
        seen.push(byte[0]);
    }
    String::from_utf8_lossy(&seen).into_owned()
}

fn unknown(kind: Lost) -> SendError {
    SendError::Unknown { kind }
}

fn not_sent(kind: NotSent) -> SendError {
    SendError::NotSent { kind }
}

#[tokio::test]
async fn a_reply_comes_back_whole_over_one_kept_connection() {
    static CONNECTIONS: AtomicUsize = AtomicUsize::new(0);
    let address = server(|mut stream| async move {
        CONNECTIONS.fetch_add(1, Ordering::SeqCst);
        loop {
            let head = head(&mut stream).await;
            if head.is_empty() {
                return;
            }
            assert!(head.starts_with("POST /pay?x=1 HTTP/1.1\r\n"), "{head}");
            assert!(head.contains("content-type: text/plain\r\n"), "{head}");
            let mut body = [0; 5];
            stream.read_exact(&mut body).await.expect("a body");
            assert_eq!(&body, b"hello");
            let reply = b"HTTP/1.1 418 T\r\nX-Kind: \xE8\x8C\xB6\r\ncontent-length: 2\r\n\r\nok";
            stream.write_all(reply).await.expect("written");
        }
    })
    .await;
    let client = outbound(Policy::default());
    let request = Request {
        verb: Verb::Post,
        url: format!("http://{address}/pay?x=1"),
        headers: vec![("content-type", "text/plain".to_owned())],
        body: b"hello".to_vec(),
    };
    for _ in 0..3 {
        let reply = client
            .send(&request, Reach::Configured, Limits::default())
            .await
            .expect("a reply");
        assert_eq!((reply.status, &*reply.body), (418, &b"ok"[..]));
        assert_eq!(reply.header("x-kind"), Some("茶"));
    }
    assert_eq!(CONNECTIONS.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn nobody_there_means_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let told = ask(format!("http://{address}/"), Limits::default()).await;
    assert_eq!(told.err(), Some(not_sent(NotSent::Refused)));
}

#[tokio::test]
async fn closed_after_reading_is_unknown() {
    let address = server(|mut stream| async move {
        head(&mut stream).await;
    })
    .await;
    let told = ask(format!("http://{address}/"), Limits::default()).await;
    assert_eq!(told.err(), Some(unknown(Lost::Reset)));
}

#[tokio::test]
async fn closed_within_the_body_is_unknown() {
    let address = server(|mut stream| async move {
        head(&mut stream).await;
        let part = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
        stream.write_all(part).await.expect("written");
    })
    .await;
    let told = ask(format!("http://{address}/"), Limits::default()).await;
    assert_eq!(told.err(), Some(unknown(Lost::Reset)));
}

#[tokio::test]
async fn a_slow_head_and_a_slow_body_are_unknown() {
    let short = Limits {
        budget: Duration::from_millis(300),
        ..Limits::default()
    };
    for first in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"] {
        let address = server(move |mut stream| async move {
            head(&mut stream).await;
            stream.write_all(first.as_bytes()).await.expect("written");
            // One byte now and then keeps no call alive past its budget.
            while stream.write_all(b"H").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        })
        .await;
        let told = ask(format!("http://{address}/"), short).await;
        assert_eq!(told.err(), Some(unknown(Lost::Timeout)), "{first}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_cut_off_promised_or_not() {
    let small = Limits {
        body: 1_000,
        ..Limits::default()
    };
    for head_line in ["content-length: 1001", "connection: close"] {
        let address = server(move |mut stream| async move {
            head(&mut stream).await;
            let reply = format!("HTTP/1.1 200 OK\r\n{head_line}\r\n\r\n");
            let _ = stream.write_all(reply.as_bytes()).await;
            let _ = stream.write_all(&[b'x'; 1_001]).await;
        })
        .await;
        let told = ask(format!("http://{address}/"), small).await;
        assert_eq!(told.err(), Some(unknown(Lost::TooLarge)), "{head_line}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_unknown() {
    let address = server(|mut stream| async move {
        head(&mut stream).await;
        let _ = stream.write_all(b"+OK redis at your service\r\n\r\n").await;
    })
    .await;
    let told = ask(format!("http://{address}/"), Limits::default()).await;
    assert_eq!(told.err(), Some(unknown(Lost::Protocol)));
}

/// X35: a redirect to the inside is a reply like any other.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let address = server(|mut stream| async move {
        CALLS.fetch_add(1, Ordering::SeqCst);
        head(&mut stream).await;
        let reply = b"HTTP/1.1 302 Found\r\nlocation: /inside\r\ncontent-length: 0\r\n\r\n";
        let _ = stream.write_all(reply).await;
    })
    .await;
    let reply = ask(format!("http://{address}/"), Limits::default())
        .await
        .expect("a reply");
    assert_eq!(reply.status, 302);
    assert_eq!(reply.header("location"), Some("/inside"));
    assert_eq!(CALLS.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_failed_handshake_means_nothing_was_sent() {
    let address = server(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 no\r\n\r\n").await;
        let _ = stream.read(&mut [0; 512]).await;
    })
    .await;
    let told = ask(format!("https://{address}/"), Limits::default()).await;
    assert_eq!(told.err(), Some(not_sent(NotSent::Tls)));
}

#[tokio::test]
async fn a_peer_that_never_shakes_hands_is_given_up_unsent() {
    let address = server(|mut stream| async move {
        let _ = stream.read(&mut [0; 512]).await;
        tokio::time::sleep(Duration::from_secs(20)).await;
    })
    .await;
    let told = ask(format!("https://{address}/"), Limits::default()).await;
    assert_eq!(told.err(), Some(not_sent(NotSent::Refused)));
}

/// X35: names are judged by every address they have, when the connection is made.
#[tokio::test]
async fn a_name_that_points_inside_is_refused() {
    let client = outbound(Policy::default());
    let request = get("https://localhost/hook".to_owned());
    let told = client.send(&request, Reach::Public, Limits::default());
    assert_eq!(told.await.err(), Some(not_sent(NotSent::Forbidden)));

    let ip = |text: &str| text.parse::<IpAddr>().expect("an ip");
    let public = [ip("8.8.8.8"), ip("2606:4700::1111")];
    assert_eq!(admit(Net::Public, public.into_iter()), Ok(()));
    let mixed = [ip("8.8.8.8"), ip("127.0.0.1")];
    let told = admit(Net::Public, mixed.into_iter());
    assert_eq!(told, Err(NotSent::Forbidden));
    let told = admit(Net::Loopback, mixed.into_iter());
    assert_eq!(told, Err(NotSent::Forbidden));
    assert_eq!(admit(Net::Public, std::iter::empty()), Err(NotSent::Dns));
}

#[tokio::test]
async fn a_name_on_this_machine_serves_an_operator() {
    let address = server(|mut stream| async move {
        head(&mut stream).await;
        let reply = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        let _ = stream.write_all(reply).await;
    })
    .await;
    let url = format!("http://localhost:{}/", address.port());
    let reply = ask(url, Limits::default()).await.expect("a reply");
    assert_eq!(reply.body, b"ok");
}

#[tokio::test]
async fn a_name_without_an_address_means_nothing_was_sent() {
    let label = "x".repeat(64);
    let told = ask(format!("http://{label}.invalid/"), Limits::default()).await;
    assert_eq!(told.err(), Some(not_sent(NotSent::Dns)));
}

#[tokio::test]
async fn an_allowed_address_serves_a_webhook() {
    let address = server(|mut stream| async move {
        head(&mut stream).await;
        let reply = b"HTTP/1.1 204 No Content\r\n\r\n";
        let _ = stream.write_all(reply).await;
    })
    .await;
    let request = get(format!("http://{address}/hook"));
    let refused = outbound(Policy::default())
        .send(&request, Reach::Public, Limits::default())
        .await;
    assert_eq!(refused.err(), Some(not_sent(NotSent::Forbidden)));
    let allow = vec![address];
    let reply = outbound(Policy { allow })
        .send(&request, Reach::Public, Limits::default())
        .await
        .expect("a reply");
    assert_eq!(reply.status, 204);
}

#[tokio::test]
async fn a_header_that_cannot_be_one_is_not_sent() {
    let client = outbound(Policy::default());
    let mut request = get("http://127.0.0.1:9/".to_owned());
    request.headers = vec![("x-a", "a\r\nx-b: b".to_owned())];
    let told = client.send(&request, Reach::Configured, Limits::default());
    assert_eq!(told.await.err(), Some(not_sent(NotSent::BadUrl)));
}
