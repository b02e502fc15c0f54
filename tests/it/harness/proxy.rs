//! A line that can be cut: a TCP proxy before PostgreSQL, Redis, a gateway or
//! the mail server, for the drills in which a dependency is away, silent or slow.

use super::ports::free_port;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

/// What the line does to the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Through,
    Delayed(Duration),
    Silent,
    Cut,
}

/// The proxy. It lives in the runtime of the test that made it.
pub struct Proxy {
    port: u16,
    line: Arc<watch::Sender<Line>>,
}

impl Proxy {
    /// A proxy before the server of `url`, and the URL that goes through it.
    pub async fn before(url: &str) -> (Self, String) {
        let mut through = Url::parse(url).expect("a URL");
        let host = through.host_str().expect("a host").to_owned();
        let to = (host, through.port().expect("a port"));
        let proxy = Self {
            port: free_port(),
            line: Arc::new(watch::Sender::new(Line::Through)),
        };
        let listener = TcpListener::bind(("127.0.0.1", proxy.port))
            .await
            .expect("the port is free");
        let line = Arc::clone(&proxy.line);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                // Cut: the caller sees its connection close at once.
                if *line.borrow() != Line::Cut
                    && let Ok(far) = TcpStream::connect((to.0.as_str(), to.1)).await
                {
                    tokio::spawn(join(near, far, line.subscribe()));
                }
            }
        });
        through
            .set_port(Some(proxy.port))
            .expect("a URL with a host has a port");
        let through = through.to_string();
        let slash = if url.ends_with('/') { "" } else { "/" };
        let through = through.strip_suffix(slash).unwrap_or(&through).to_owned();
        (proxy, through)
    }

    /// Open connections break and new ones are closed.
    pub fn cut(&self) {
        self.line.send_replace(Line::Cut);
    }

    /// Connections stay open and nothing passes.
    pub fn silence(&self) {
        self.line.send_replace(Line::Silent);
    }

    /// Each piece of data passes after this delay.
    pub fn delay(&self, by: Duration) {
        self.line.send_replace(Line::Delayed(by));
    }

    /// As if nothing had been.
    pub fn restore(&self) {
        self.line.send_replace(Line::Through);
    }
}

async fn join(near: TcpStream, far: TcpStream, mut line: watch::Receiver<Line>) {
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let there = pass(near_in, far_out, line.clone());
    let back = pass(far_in, near_out, line.clone());
    tokio::select! {
        () = async { tokio::join!(there, back); } => {}
        _ = line.wait_for(|line| *line == Line::Cut) => {}
    }
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut line: watch::Receiver<Line>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let now = *line.borrow();
        if let Line::Delayed(by) = now {
            tokio::time::sleep(by).await;
        }
        if line.wait_for(|line| *line != Line::Silent).await.is_err()
            || to.write_all(&buffer[..length]).await.is_err()
        {
            return;
        }
    }
    drop(to.shutdown().await);
}
