//! The spine's speed: placing and settling against bare writes of the same rows, in one run.
//!
//! Then pages against static replies of their bytes. `make bench` prints a table for each engine. The server is the release binary in a process of
//! its own; the generator sends requests that were signed before the clock began, over 64
//! connections, and its share of the processor is told beside each figure.

#[path = "../../tests/it/harness/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the tests use the rest of it"
)]
mod harness;

mod bare;
mod generator;
mod pages;
mod stage;

use std::time::Duration;

use harness::Engine;
use stage::Stage;

/// Callers at once.
const CALLERS: usize = 64;

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        print_machine();
        start_up().await;
        for (engine, orders) in [(Engine::Sqlite, 10_000), (Engine::Postgres, 3_000)] {
            measure(engine, orders).await;
        }
        for (engine, requests) in [(Engine::Sqlite, 20_000), (Engine::Postgres, 10_000)] {
            pages::measure(engine, requests).await;
        }
    });
}

async fn measure(engine: Engine, orders: usize) {
    println!("\n## {engine:?}, {orders} of each, {CALLERS} callers");
    let mut stage = Stage::build(engine, 2 * orders).await;
    let placed = stage.place_all(CALLERS).await;
    report("placement with reservation (in process)", &placed, None);
    stage.open_all().await;
    let (settled_by_server, bare) = stage.split();
    let run = stage.settle_over_http(&settled_by_server, CALLERS).await;
    report(
        "callback -> delivered (HTTP, durable)",
        &run.times,
        Some(&run),
    );
    let bare = bare::settle_rows(&stage, &bare, CALLERS).await;
    report("bare writes of the same rows (in process)", &bare, None);
    println!(
        "ratio callback -> delivered / bare writes: {:.2}",
        run.times.per_second() / bare.per_second()
    );
    stage.check(settled_by_server.len()).await;
}

/// How long each call took, and all of them together.
pub struct Times {
    each: Vec<Duration>,
    all: Duration,
}

impl Times {
    /// Sorts what was measured.
    pub fn new(mut each: Vec<Duration>, all: Duration) -> Self {
        each.sort_unstable();
        Times { each, all }
    }

    /// Calls a second.
    pub fn per_second(&self) -> f64 {
        self.each.len() as f64 / self.all.as_secs_f64()
    }

    fn percentile(&self, percent: usize) -> f64 {
        let at = (self.each.len() * percent / 100).min(self.each.len() - 1);
        self.each[at].as_secs_f64() * 1_000.0
    }
}

fn report(what: &str, times: &Times, run: Option<&generator::Run>) {
    println!(
        "{what}: {:.0}/s, p50 {:.2} ms, p99 {:.2} ms",
        times.per_second(),
        times.percentile(50),
        times.percentile(99)
    );
    if let Some(run) = run {
        println!(
            "    processor: server {:.2} s, generator {:.2} s ({:.0} % of both), wall {:.2} s; server memory {} MiB",
            run.server_cpu,
            run.generator_cpu,
            100.0 * run.generator_cpu / (run.server_cpu + run.generator_cpu),
            run.times.all.as_secs_f64(),
            run.server_memory / 1_024
        );
    }
}

fn print_machine() {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find(|line| line.starts_with("model name"))
        .and_then(|line| line.split(':').nth(1))
        .unwrap_or(" unknown");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("machine:{model}, {cores} cores");
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_vendgate")).map_or(0, |m| m.len());
    println!("binary: {:.1} MB", size as f64 / 1e6);
}

/// Cold start and idle memory of a shop with an empty database.
async fn start_up() {
    let mut cold = Vec::new();
    let mut memory = 0;
    for _ in 0..5 {
        let shop = harness::TestShop::on(Engine::Sqlite).prepare();
        let (ready, resident) = stage::cold_start(&shop).await;
        cold.push(ready);
        memory = resident;
    }
    cold.sort_unstable();
    println!(
        "cold start to the first page (empty folder): median {:.0} ms; idle memory {} MiB",
        cold[2].as_secs_f64() * 1_000.0,
        memory / 1_024
    );
}
