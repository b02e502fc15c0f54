//! A plain HTTP/1.1 client: one connection per call, no redirects, no cookies,
//! no decompression, so that a test sees and sends exactly what is on the wire.

use serde_json::Value;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use url::Url;

const LIMIT: Duration = Duration::from_secs(60);

/// Speaks with one server.
#[derive(Clone, Debug)]
pub struct Http {
    base: Url,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body, unchunked.
    pub body: Vec<u8>,
    /// Where the request went.
    pub url: Url,
}

impl Reply {
    /// The first header of that name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; panics with the body when it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{} is no JSON ({error}): {}", self.url, self.text()),
        }
    }

    /// Panics, with the body, unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status,
            status,
            "{} answered: {}",
            self.url,
            self.text()
        );
        self
    }

    /// Where a redirect leads, made absolute.
    pub fn location(&self) -> Option<Url> {
        self.header("location")
            .and_then(|to| self.url.join(to).ok())
    }
}

impl Http {
    /// A client of the server at `base` (`http://127.0.0.1:PORT`).
    pub fn new(base: &str) -> Self {
        Self {
            base: Url::parse(base).expect("a base URL"),
        }
    }

    /// Makes a path or a whole URL absolute.
    pub fn url(&self, path: &str) -> Url {
        self.base.join(path).expect("a path or a URL")
    }

    /// GET of a path or a whole URL.
    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], b"").await
    }

    /// POST of JSON.
    pub async fn post_json(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.send("POST", path, &headers, body.to_string().as_bytes())
            .await
    }

    /// POST of a form, as a page's form would send it.
    pub async fn post_form(&self, path: &str, fields: &[(String, String)]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let origin = self.url(path).origin().ascii_serialization();
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", origin.as_str()),
        ];
        self.send("POST", path, &headers, body.as_bytes()).await
    }

    /// Any request; panics when there is no whole answer.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let url = self.url(path);
        match self.try_send(method, path, headers, body).await {
            Ok(reply) => reply,
            Err(error) => panic!("{method} {url}: {error}"),
        }
    }

    /// Any request. An error is what a killed, hung or absent server gives.
    pub async fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Reply> {
        let exchange = async {
            let (mut reply, mut rest) = self.open(method, path, headers, body).await?;
            reply.body = read_body(&reply, &mut rest).await?;
            Ok(reply)
        };
        tokio::time::timeout(LIMIT, exchange)
            .await
            .unwrap_or_else(|late| Err(late.into()))
    }

    /// Sends and reads the head only: the rest is for streams (server-sent events).
    pub async fn open(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<(Reply, BufReader<TcpStream>)> {
        let url = self.url(path);
        let host = url.host_str().ok_or_else(|| broken("no host"))?;
        let port = url
            .port_or_known_default()
            .ok_or_else(|| broken("no port"))?;
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {host}:{port}\r\n");
        head.push_str("connection: close\r\n");
        if !body.is_empty() || method == "POST" {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut stream = TcpStream::connect((host, port)).await?;
        stream.write_all(&[head.as_bytes(), body].concat()).await?;
        let mut stream = BufReader::new(stream);
        let reply = read_head(url, &mut stream).await?;
        Ok((reply, stream))
    }
}

async fn read_head(url: Url, stream: &mut BufReader<TcpStream>) -> io::Result<Reply> {
    loop {
        let first = line(stream).await?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status: u16 = status.ok_or_else(|| broken("no status line"))?;
        let mut headers = Vec::new();
        loop {
            let line = line(stream).await?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| broken("a bad header"))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        // 1xx is a word in between, the answer follows.
        if status >= 200 {
            return Ok(Reply {
                status,
                headers,
                body: Vec::new(),
                url,
            });
        }
    }
}

async fn read_body(reply: &Reply, stream: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if reply
        .header("transfer-encoding")
        .is_some_and(|coding| coding.contains("chunked"))
    {
        loop {
            let size = line(stream).await?;
            let size = usize::from_str_radix(size.split(';').next().unwrap_or(""), 16)
                .map_err(|_| broken("a bad chunk"))?;
            let mut chunk = vec![0; size];
            stream.read_exact(&mut chunk).await?;
            line(stream).await?;
            if size == 0 {
                return Ok(body);
            }
            body.extend_from_slice(&chunk);
        }
    }
    match reply
        .header("content-length")
        .and_then(|length| length.parse().ok())
    {
        Some(length) => {
            body.resize(length, 0);
            stream.read_exact(&mut body).await?;
        }
        None if reply.status == 204 || reply.status == 304 => {}
        None => {
            stream.read_to_end(&mut body).await?;
        }
    }
    Ok(body)
}

async fn line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await?;
    if line.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
