//! Free loopback ports that nobody else is given meanwhile.

use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Below the range from which the system takes the ports of outgoing
/// connections, so that a port stays free between this call and its use, also
/// while a killed server is down.
const FIRST: u32 = 12_000;
const COUNT: u32 = 18_000;

/// A port on 127.0.0.1 that is free and was not handed out before.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..COUNT {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let offset = process::id().wrapping_mul(997).wrapping_add(n) % COUNT;
        let port = u16::try_from(FIRST + offset).expect("the range ends below 65,536");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between {FIRST} and {}", FIRST + COUNT);
}
