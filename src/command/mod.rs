//! The commands of the one binary.
//!
//! Comes in: words of a command line. Goes out: a running shop (`serve`, `demo`, `worker`,
//! `sandbox`), or one thing done and told (`setup`, `migrate`, `backup`, `restore`, `restored`,
//! `doctor`, `apply`, `cards`, `case`, `mail`, `ledger`). What fails is told on standard error in one line, with exit code 1; wrong usage
//! has exit code 2.

mod backup;
mod case;
mod case_view;
mod demo;
mod desk;
mod doctor;
mod goods;
mod serve;
mod setup;
mod staff;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::{Desk, OpenError};
use crate::config::{Config, ConfigError};
use crate::store::StoreError;

/// A self-hosted shop for goods that deliver themselves.
#[derive(Debug, Parser)]
#[command(name = "vendgate", version, about)]
pub struct Cli {
    /// The data folder (`VENDGATE_DATA`; `data` if nothing is said).
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the shop and do its work.
    Serve {
        /// Address and port (`VENDGATE_LISTEN`).
        #[arg(long)]
        listen: Option<String>,
    },
    /// Do the shop's work without serving it (PostgreSQL only).
    Worker,
    /// Serve a shop with demo goods and a payment gateway of its own.
    Demo {
        /// Address and port.
        #[arg(long)]
        listen: Option<String>,
        /// Shapes the demo goods' cards.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Run the sandbox payment gateway alone.
    Sandbox(SandboxOptions),
    /// Create the data folder, its key and its schema.
    Setup,
    /// Bring the schema up to date.
    Migrate,
    /// Look at everything the shop stands on; exit code 1 if anything is bad.
    Doctor {
        #[arg(long)]
        json: bool,
    },
    /// Write the database into one file, while the shop runs (SQLite).
    Backup(backup::BackupOptions),
    /// Put a backup back, while the shop stands still (SQLite).
    Restore(backup::RestoreOptions),
    /// Tell a database that its server's own tool has put it back to an earlier time.
    Restored {
        /// Although a node seems to work with it.
        #[arg(long)]
        force: bool,
    },
    /// Bring the shop to what a file says.
    Apply {
        /// The file.
        file: PathBuf,
        /// Tell what would change, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write the configuration as a file that `apply` reads, without secrets.
    Export,
    /// Cards: import, list imports, withdraw one, release what a restore withheld.
    #[command(subcommand)]
    Cards(goods::CardsCommand),
    /// Money cases.
    #[command(subcommand)]
    Case(case::CaseCommand),
    /// The mail queue.
    #[command(subcommand)]
    Mail(desk::MailCommand),
    /// The books.
    #[command(subcommand)]
    Ledger(desk::LedgerCommand),
    /// Administrators: one-time links for the first one and for lost passwords.
    #[command(subcommand)]
    Staff(staff::StaffCommand),
}

#[derive(Debug, clap::Args)]
struct SandboxOptions {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: std::net::SocketAddr,
    /// Serve the control paths on a listener that is not loopback, too.
    #[arg(long)]
    control: bool,
    /// Where buyers reach it, if not at the address it listens on.
    #[arg(long)]
    base_url: Option<String>,
}

/// Why a command failed; printed in one line.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Told(String),
}

/// Runs the command of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // The process has one provider; whoever was first has set the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    log_to_stderr();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(cause) => return told(&cause),
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => told(&cause),
    }
}

fn told(cause: &dyn std::fmt::Display) -> ExitCode {
    use std::io::Write;
    // There is nobody else to tell if standard error is gone.
    let _ = writeln!(std::io::stderr(), "vendgate: {cause}");
    ExitCode::FAILURE
}

async fn run(cli: Cli) -> Result<(), Failed> {
    let env = |name: &str| std::env::var(name).ok();
    let config = |listen: Option<String>| Config::read(&env, cli.data.clone(), listen);
    match cli.command {
        Command::Serve { listen } => serve::serve(config(listen)?).await,
        Command::Worker => serve::worker(config(None)?).await,
        Command::Demo { listen, seed } => demo::demo(config(listen)?, seed).await,
        Command::Sandbox(options) => {
            let data = cli.data.unwrap_or_else(|| PathBuf::from("data/sandbox"));
            crate::sandbox::run(crate::sandbox::Config {
                listen: options.listen,
                data,
                control: options.control,
                base_url: options.base_url,
            })
            .await
            .map_err(|e| Failed::Told(e.to_string()))
        }
        Command::Setup => setup::setup(&config(None)?).await,
        Command::Migrate => setup::migrate(&config(None)?),
        Command::Doctor { json } => doctor::doctor(config(None), &env, json).await,
        Command::Backup(options) => backup::backup(&config(None)?, &options),
        Command::Restore(options) => backup::restore(&config(None)?, &options).await,
        Command::Restored { force } => backup::restored(&config(None)?, force).await,
        Command::Apply {
            file,
            dry_run,
            json,
        } => goods::apply(&Desk::open(&config(None)?).await?, &file, dry_run, json).await,
        Command::Export => goods::export(&Desk::open(&config(None)?).await?).await,
        Command::Cards(command) => goods::cards(&Desk::open(&config(None)?).await?, command).await,
        Command::Case(command) => case::run(&config(None)?, command).await,
        Command::Staff(command) => staff::run(&config(None)?, command).await,
        Command::Mail(command) => desk::mail(&Desk::open(&config(None)?).await?, command).await,
        Command::Ledger(command) => desk::ledger(&Desk::open(&config(None)?).await?, command).await,
    }
}

/// Prints what a command found.
fn print(text: &str) -> Result<(), Failed> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

/// Structured logs on standard error; `VENDGATE_LOG` sets the level, JSON unless on a terminal.
fn log_to_stderr() {
    use std::io::IsTerminal;
    let filter = tracing_subscriber::EnvFilter::try_from_env("VENDGATE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let begun = if std::io::stderr().is_terminal() {
        builder.try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
    // Somebody else's logs are logs as well.
    let _ = begun;
}
