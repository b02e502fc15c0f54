//! Free loopback ports that nobody else is given meanwhile.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Below the range from which the system takes the ports of outgoing
/// connections, so that a port stays free between this call and its use, also
/// while a killed server is down.
const FIRST: u32 = 12_000;
const COUNT: u32 = 18_000;
const PATIENCE: Duration = Duration::from_secs(20);

/// A port on 127.0.0.1 on which nobody listens and that was not handed out before. It is looked
/// at by knocking: a listener opened to try it would live on for a moment in every process that
/// another thread begins just then.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..COUNT {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let offset = process::id().wrapping_mul(997).wrapping_add(n) % COUNT;
        let port = u16::try_from(FIRST + offset).expect("the range ends below 65,536");
        if TcpStream::connect(("127.0.0.1", port)).is_err() {
            return port;
        }
    }
    panic!("no free port between {FIRST} and {}", FIRST + COUNT);
}

/// Listens on a port of ours, also if a process that is just beginning still holds a copy of the
/// listener before.
pub fn listen(port: u16) -> TcpListener {
    let began = Instant::now();
    loop {
        match TcpListener::bind(("127.0.0.1", port)) {
            Ok(listener) => return listener,
            Err(error) if error.kind() == ErrorKind::AddrInUse && began.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(error) => panic!("port {port} is ours: {error}"),
        }
    }
}
