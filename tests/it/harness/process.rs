//! A child process in a group of its own: its log, its end, its watchdog entry.

use super::watchdog;
use std::fs::OpenOptions;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// A running child. Dropped, it is killed.
pub struct Process {
    child: Child,
    ended: bool,
}

impl Process {
    /// Starts `command`; both outputs are appended to `log`. `last_word` is the
    /// signal the watchdog sends before SIGKILL.
    pub fn start(mut command: Command, log: &Path, last_word: &str) -> Self {
        let out = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .expect("the log opens");
        let err = out.try_clone().expect("a second handle of the log");
        let child = command
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        watchdog::watch_group(child.id(), last_word);
        Self {
            child,
            ended: false,
        }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.try_wait().expect("the child can be waited for");
        if status.is_some() && !self.ended {
            self.ended = true;
            watchdog::forget_group(self.child.id());
        }
        status
    }

    /// SIGKILL, and waits until it is gone.
    pub fn kill9(&mut self) {
        if self.ended().is_none() {
            self.child.kill().expect("an own child can be killed");
            self.child.wait().expect("the child can be waited for");
            self.ended();
        }
    }

    /// Sends a signal by name, as `kill -s`.
    pub fn signal(&mut self, name: &str) {
        if self.ended().is_none() {
            send_signal(name, &self.child.id().to_string());
        }
    }

    /// Waits for its end; `None` when `limit` passed first.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return Some(status);
            }
            if began.elapsed() > limit {
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks it to end by `signal` and waits; panics if it does not end in time.
    pub fn end(&mut self, signal: &str, limit: Duration) -> ExitStatus {
        self.signal(signal);
        match self.wait(limit) {
            Some(status) => status,
            None => panic!(
                "process {} did not end within {limit:?} of SIG{signal}",
                self.id()
            ),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::env::var_os("LLVM_PROFILE_FILE").is_some() {
            // Built for coverage: it writes down what ran when it ends by itself.
            self.signal("TERM");
            self.wait(Duration::from_secs(10));
        }
        if self.ended().is_none() {
            // The whole group: a server's children too.
            send_signal("KILL", &format!("-{}", self.child.id()));
        }
        self.kill9();
    }
}

fn send_signal(name: &str, target: &str) {
    // The shell's own `kill`: no crate and no unsafe code for one system call.
    // It fails when the process ended meanwhile, which is as well.
    let sent = Command::new("sh")
        .args(["-c", "kill -s \"$0\" -- \"$1\"", name, target])
        .stderr(Stdio::null())
        .status();
    sent.expect("there is a shell");
}

/// Runs a command to its end, with a limit after which it is killed.
pub fn run(mut command: Command, limit: Duration) -> Output {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let id = child.id();
    watchdog::watch_group(id, "TERM");
    let (done, late) = std::sync::mpsc::channel::<()>();
    let killer = std::thread::spawn(move || {
        if late.recv_timeout(limit) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            send_signal("KILL", &format!("-{id}"));
        }
    });
    let output = child.wait_with_output().expect("the outputs can be read");
    drop(done);
    killer.join().expect("the killer ends");
    watchdog::forget_group(id);
    output
}
