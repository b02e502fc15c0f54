//! A real mail server of ours: takes mail over SMTP and keeps it for the test.
//! It can refuse, hang, drop the line at the worst moment, or be away.

use super::mime::Mail;
use super::ports::{free_port, listen};
use super::wait::eventually;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How the server behaves towards the next message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpMode {
    /// Takes everything.
    Accept,
    /// Answers RCPT with this code: 451 for later, 550 for never.
    Refuse(u16),
    /// Greets, then never answers again.
    Hang,
    /// Takes and keeps the message, then drops the line before it says so.
    KeepThenDrop,
}

/// The server. Dropped, it is gone.
pub struct SmtpSink {
    port: u16,
    inbox: Arc<Inbox>,
}

struct Inbox {
    mode: Mutex<SmtpMode>,
    mails: Mutex<Vec<Mail>>,
    lines: Mutex<Vec<TcpStream>>,
    sessions: AtomicU32,
    /// Counts ups and downs: an odd number is up.
    life: AtomicU32,
}

impl SmtpSink {
    /// Starts on a free port, up and accepting.
    pub fn start() -> Self {
        let inbox = Arc::new(Inbox {
            mode: Mutex::new(SmtpMode::Accept),
            mails: Mutex::default(),
            lines: Mutex::default(),
            sessions: AtomicU32::new(0),
            life: AtomicU32::new(0),
        });
        let sink = Self {
            port: free_port(),
            inbox,
        };
        sink.up();
        sink
    }

    /// For `VENDGATE_SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Changes how the next commands are answered.
    pub fn set(&self, mode: SmtpMode) {
        *lock(&self.inbox.mode) = mode;
    }

    /// All mail so far, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        lock(&self.inbox.mails).clone()
    }

    /// The mail to one address.
    pub fn mails_to(&self, address: &str) -> Vec<Mail> {
        let mut mails = self.mails();
        mails.retain(|mail| mail.to.iter().any(|to| to.eq_ignore_ascii_case(address)));
        mails
    }

    /// Waits for the first mail to an address.
    pub async fn first_mail_to(&self, address: &str) -> Mail {
        eventually(Duration::from_secs(30), || async {
            self.mails_to(address).into_iter().next()
        })
        .await
    }

    /// How many connections were ever made.
    pub fn sessions(&self) -> u32 {
        self.inbox.sessions.load(Ordering::SeqCst)
    }

    /// Goes away: open lines break, new ones are refused.
    pub fn down(&self) {
        let life = self.inbox.life.load(Ordering::SeqCst);
        if life % 2 == 1 {
            self.inbox.life.store(life + 1, Ordering::SeqCst);
            for line in lock(&self.inbox.lines).drain(..) {
                drop(line.shutdown(Shutdown::Both));
            }
            // Wakes the acceptor, which sees the new life and lets the port go.
            while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// Comes back on the same port.
    pub fn up(&self) {
        let life = self.inbox.life.load(Ordering::SeqCst);
        if life.is_multiple_of(2) {
            let listener = listen(self.port);
            self.inbox.life.store(life + 1, Ordering::SeqCst);
            let inbox = Arc::clone(&self.inbox);
            std::thread::spawn(move || accept(&listener, &inbox, life + 1));
        }
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.down();
    }
}

fn accept(listener: &TcpListener, inbox: &Arc<Inbox>, life: u32) {
    for line in listener.incoming().flatten() {
        if inbox.life.load(Ordering::SeqCst) != life {
            return;
        }
        inbox.sessions.fetch_add(1, Ordering::SeqCst);
        if let Ok(handle) = line.try_clone() {
            lock(&inbox.lines).push(handle);
        }
        let inbox = Arc::clone(inbox);
        // A broken line is the client's affair: it tries again.
        std::thread::spawn(move || drop(converse(line, &inbox)));
    }
}

fn converse(mut line: TcpStream, inbox: &Inbox) -> io::Result<()> {
    let mut reader = BufReader::new(line.try_clone()?);
    let (mut from, mut to) = (String::new(), Vec::new());
    line.write_all(b"220 sink.test ESMTP\r\n")?;
    loop {
        let mut command = String::new();
        if reader.read_line(&mut command)? == 0 {
            return Ok(());
        }
        let mode = *lock(&inbox.mode);
        if mode == SmtpMode::Hang {
            // Until the client loses patience and hangs up.
            return io::copy(&mut reader, &mut io::sink()).map(drop);
        }
        let verb = command.trim_end().to_ascii_uppercase();
        let answer: String = if verb.starts_with("EHLO") {
            "250-sink.test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN\r\n".into()
        } else if verb.starts_with("AUTH LOGIN") {
            for prompt in ["334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n"] {
                line.write_all(prompt.as_bytes())?;
                reader.read_line(&mut String::new())?;
            }
            "235 welcome\r\n".into()
        } else if verb.starts_with("AUTH") {
            "235 welcome\r\n".into()
        } else if verb.starts_with("MAIL FROM:") {
            from = address(&command);
            "250 ok\r\n".into()
        } else if verb.starts_with("RCPT TO:") {
            if let SmtpMode::Refuse(code) = mode {
                format!("{code} not here\r\n")
            } else {
                to.push(address(&command));
                "250 ok\r\n".into()
            }
        } else if verb == "DATA" && to.is_empty() {
            "503 nobody to send to\r\n".into()
        } else if verb == "DATA" {
            line.write_all(b"354 go on\r\n")?;
            let raw = read_message(&mut reader)?;
            lock(&inbox.mails).push(Mail {
                from: std::mem::take(&mut from),
                to: std::mem::take(&mut to),
                raw,
            });
            if mode == SmtpMode::KeepThenDrop {
                return line.shutdown(Shutdown::Both);
            }
            "250 kept\r\n".into()
        } else if verb == "RSET" || verb == "NOOP" || verb.starts_with("HELO") {
            (from, to) = (String::new(), Vec::new());
            "250 ok\r\n".into()
        } else if verb == "QUIT" {
            return line.write_all(b"221 bye\r\n");
        } else {
            "502 unknown\r\n".into()
        };
        line.write_all(answer.as_bytes())?;
    }
}

/// What stands between the angle brackets.
fn address(command: &str) -> String {
    let inner = command
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(
        || command.trim().to_owned(),
        |(address, _)| address.to_owned(),
    )
}

fn read_message(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(raw);
        }
        // A leading dot was doubled for the transport.
        let dots = usize::from(line.starts_with(b"."));
        raw.extend_from_slice(&line[dots..]);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
