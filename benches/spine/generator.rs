//! Sends requests that are made before the clock begins.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Times;

/// What one load told.
pub struct Run {
    /// Of the calls.
    pub times: Times,
    /// Seconds of the server's processor time.
    pub server_cpu: f64,
    /// Seconds of this process's processor time.
    pub generator_cpu: f64,
    /// KiB.
    pub server_memory: u64,
}

/// Sends every request once over `callers` kept connections; each must be answered with 200.
pub async fn send_all(addr: String, requests: Vec<Vec<u8>>, callers: usize, server: u32) -> Run {
    let requests = Arc::new(requests);
    let next = Arc::new(AtomicUsize::new(0));
    let (server_before, own_before) = (cpu_seconds(server), cpu_seconds(std::process::id()));
    let began = Instant::now();
    let callers: Vec<_> = (0..callers)
        .map(|_| {
            let (addr, requests, next) = (addr.clone(), Arc::clone(&requests), Arc::clone(&next));
            tokio::spawn(async move { one_caller(&addr, &requests, &next).await })
        })
        .collect();
    let mut each = Vec::with_capacity(requests.len());
    for caller in callers {
        each.extend(caller.await.expect("a caller ends well"));
    }
    let all = began.elapsed();
    Run {
        times: Times::new(each, all),
        server_cpu: cpu_seconds(server) - server_before,
        generator_cpu: cpu_seconds(std::process::id()) - own_before,
        server_memory: resident(server),
    }
}

async fn one_caller(addr: &str, requests: &[Vec<u8>], next: &AtomicUsize) -> Vec<Duration> {
    let mut stream = TcpStream::connect(addr).await.expect("the server listens");
    stream.set_nodelay(true).expect("a socket");
    let mut buffer = vec![0; 16 * 1_024];
    let mut each = Vec::new();
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let began = Instant::now();
        stream.write_all(request).await.expect("sent");
        let mut have = 0;
        while !is_whole(&buffer[..have]) {
            if have == buffer.len() {
                buffer.resize(2 * have, 0);
            }
            let read = stream.read(&mut buffer[have..]).await.expect("an answer");
            assert!(read > 0, "the server closed a connection");
            have += read;
        }
        each.push(began.elapsed());
        let head = String::from_utf8_lossy(&buffer[..have.min(200)]);
        assert!(head.starts_with("HTTP/1.1 200"), "refused: {head}");
    }
    each
}

/// Whether the buffer holds a whole answer, with a content length or in chunks.
fn is_whole(buffer: &[u8]) -> bool {
    let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
    if head.contains("transfer-encoding: chunked") {
        return buffer.ends_with(b"\r\n0\r\n\r\n");
    }
    let length: usize = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0);
    buffer.len() >= end + 4 + length
}

/// User and system time of a process, in seconds.
pub fn cpu_seconds(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |at: usize| -> f64 { fields.get(at).and_then(|f| f.parse().ok()).unwrap_or(0.0) };
    (ticks(11) + ticks(12)) / 100.0
}

/// Resident memory of a process, in KiB.
pub fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
