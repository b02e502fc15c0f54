//! Private PostgreSQL and Redis servers, started once per test process, when a
//! test first asks, and shared by all: each test gets a database of its own.
//!
//! As root the servers drop to an unprivileged user, because PostgreSQL refuses
//! to run as root; as an ordinary user they run as that user.

use super::ports::free_port;
use super::process::{Process, run};
use super::temp::TempDir;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const START: Duration = Duration::from_secs(60);

/// A `postgres://` URL of a new, empty database.
pub fn fresh_database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let cluster = cluster();
    let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut house = PgConnection::establish(&cluster.url("postgres")).expect("the cluster answers");
    house
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .expect("a database is made");
    cluster.url(&name)
}

/// The one value a query gives, as text, on a database of [`fresh_database`].
pub fn postgres_scalar(url: &str, query: &str) -> Option<String> {
    let mut db = PgConnection::establish(url).expect("the database answers");
    scalar_query(query)
        .get_result::<Scalar>(&mut db)
        .expect("the query is sound")
        .value
}

/// A `redis://` URL of an empty numbered database of the shared Redis. Keys are
/// private to it; published messages are not, Redis knows no databases for them.
pub fn fresh_redis() -> String {
    static SHARED: OnceLock<Redis> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{}/{n}", SHARED.get_or_init(Redis::start).url())
}

/// A row with one text value.
#[derive(QueryableByName)]
pub struct Scalar {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    pub value: Option<String>,
}

/// Wraps a query of one value so that it comes back as text on both engines.
pub fn scalar_query(query: &str) -> diesel::query_builder::SqlQuery {
    sql_query(format!("SELECT CAST(({query}) AS TEXT) AS value"))
}

/// A Redis of its own, for tests that stop it.
pub struct Redis {
    process: Option<Process>,
    dir: TempDir,
    port: u16,
}

impl Redis {
    /// Starts one on a free port.
    pub fn start() -> Self {
        let dir = TempDir::new("redis");
        give_to_servers_user(dir.path());
        let mut redis = Self {
            process: None,
            dir,
            port: free_port(),
        };
        redis.up();
        redis
    }

    /// Its URL, without a database number.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills it; what it held is gone.
    pub fn down(&mut self) {
        self.process = None;
    }

    /// Starts it (again) on the same port.
    pub fn up(&mut self) {
        let mut command = as_servers_user("redis-server");
        command
            .args(["--bind", "127.0.0.1", "--port", &self.port.to_string()])
            .args(["--save", "", "--appendonly", "no", "--databases", "4096"])
            .arg("--dir")
            .arg(self.dir.path())
            .current_dir(self.dir.path());
        let log = self.dir.join("log");
        let mut process = Process::start(command, &log, "TERM");
        wait_for_port(self.port, &mut process, &log);
        self.process = Some(process);
    }
}

struct Cluster {
    port: u16,
    // Kept alive for the whole run; the watchdog ends it.
    _process: std::sync::Mutex<Process>,
    _dir: TempDir,
}

impl Cluster {
    fn url(&self, database: &str) -> String {
        format!(
            "postgres://vendgate:private@127.0.0.1:{}/{database}",
            self.port
        )
    }
}

fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(start_cluster)
}

fn start_cluster() -> Cluster {
    let bin = postgres_bin();
    let dir = TempDir::new("pg");
    let (data, sockets, password) = (dir.join("data"), dir.join("s"), dir.join("password"));
    std::fs::create_dir(&sockets).expect("a folder for the sockets");
    std::fs::write(&password, "private\n").expect("the password file is written");
    for path in [dir.path(), &sockets, &password] {
        give_to_servers_user(path);
    }

    let mut initdb = as_servers_user(bin.join("initdb"));
    initdb
        .args([
            "--username=vendgate",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
        ])
        .args(["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
        .arg(format!("--pwfile={}", password.display()))
        .arg(format!("--pgdata={}", data.display()))
        .current_dir(dir.path());
    let made = run(initdb, START);
    assert!(
        made.status.success(),
        "initdb failed:\n{}{}",
        String::from_utf8_lossy(&made.stdout),
        String::from_utf8_lossy(&made.stderr)
    );

    let port = free_port();
    let mut server = as_servers_user(bin.join("postgres"));
    server.arg("-D").arg(&data).current_dir(dir.path());
    for setting in [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        format!("unix_socket_directories={}", sockets.display()),
        "max_connections=200".to_owned(),
        "shared_buffers=64MB".to_owned(),
        "max_wal_size=256MB".to_owned(),
        // Durable as in production: a drill that kills it must find its commits.
        "fsync=on".to_owned(),
        "log_min_messages=error".to_owned(),
        "log_min_error_statement=panic".to_owned(),
    ] {
        server.arg("-c").arg(setting);
    }
    let log = dir.join("log");
    let mut process = Process::start(server, &log, "QUIT");
    let url = format!("postgres://vendgate:private@127.0.0.1:{port}/postgres");
    let began = Instant::now();
    while PgConnection::establish(&url).is_err() {
        let log = || std::fs::read_to_string(&log).unwrap_or_default();
        assert!(
            process.ended().is_none(),
            "PostgreSQL ended at once:\n{}",
            log()
        );
        assert!(
            began.elapsed() < START,
            "PostgreSQL is not ready:\n{}",
            log()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    Cluster {
        port,
        _process: std::sync::Mutex::new(process),
        _dir: dir,
    }
}

/// A program of the PostgreSQL that the tests use: `pg_dump`, `pg_restore`.
pub fn postgres_tool(name: &str) -> PathBuf {
    postgres_bin().join(name)
}

/// The newest PostgreSQL of the system, or the one of `VENDGATE_TEST_PG_BIN`.
fn postgres_bin() -> PathBuf {
    let mut installed: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|dirs| dirs.flatten().map(|dir| dir.path().join("bin")).collect())
        .unwrap_or_default();
    installed.sort_by_key(|bin| {
        let version = bin
            .parent()
            .and_then(Path::file_name)
            .and_then(|name| name.to_str());
        std::cmp::Reverse(
            version
                .and_then(|name| name.parse::<u32>().ok())
                .unwrap_or(0),
        )
    });
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::var_os("VENDGATE_TEST_PG_BIN")
        .map(PathBuf::from)
        .into_iter()
        .chain(installed)
        .chain(std::env::split_paths(&path))
        .find(|bin| bin.join("postgres").is_file() && bin.join("initdb").is_file())
        .expect("a PostgreSQL server is installed (`make test` sees to it)")
}

/// The user that the servers run as when we are root: uid and gid.
fn servers_user() -> Option<(u32, u32)> {
    static USER: OnceLock<Option<(u32, u32)>> = OnceLock::new();
    *USER.get_or_init(|| {
        if id(&["-u"]) != Some(0) {
            return None;
        }
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)))
    })
}

fn id(args: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(args).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Whether the tests run as root.
pub fn we_are_root() -> bool {
    servers_user().is_some()
}

fn as_servers_user(program: impl AsRef<std::ffi::OsStr>) -> Command {
    match servers_user() {
        None => Command::new(program),
        Some((uid, gid)) => {
            let mut command = Command::new("setpriv");
            command
                .arg(format!("--reuid={uid}"))
                .arg(format!("--regid={gid}"))
                .args(["--clear-groups", "--"])
                .arg(program);
            command
        }
    }
}

fn give_to_servers_user(path: &Path) {
    if let Some((uid, gid)) = servers_user() {
        std::os::unix::fs::chown(path, Some(uid), Some(gid)).expect("root may give files away");
    }
}

/// Waits until something listens on a loopback port.
pub fn wait_for_port(port: u16, process: &mut Process, log: &Path) {
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let log = || std::fs::read_to_string(log).unwrap_or_default();
        assert!(
            process.ended().is_none(),
            "the server ended at once:\n{}",
            log()
        );
        assert!(
            began.elapsed() < START,
            "nothing listens on {port}:\n{}",
            log()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
