//! Jobs: the loops that keep every promise while the shop runs.
//!
//! Each room's `job.rs` offers a step that does a little and says whether there was anything to
//! do. Here are the loops around them: a step runs again at once after work, else when a hint
//! comes or its pause is over; a step that fails or panics is told and tried again later, and
//! stops no other. A step that asks others for something begins the asking in its [`Crew`] and
//! does not wait for it. Loops that must not run on two nodes at once hold a lease.

mod crew;
mod lease;
mod set_back;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use crew::Crew;

use crate::app::App;
use crate::clock::DAY;
use crate::notify::Alarm;
use crate::notify::alert::Severity;
use crate::notify::outbox::Kind;
use crate::random::Derived;
use crate::{account, ledger, notify, payment, refund, risk, staff, stock};

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Something: there may be more.
    Did,
    /// Nothing was due.
    Idle,
}

impl Step {
    /// By how much was done.
    pub fn of(count: usize) -> Self {
        if count == 0 { Step::Idle } else { Step::Did }
    }
}

/// Why a step failed, for the log.
pub type StepError = Box<dyn std::error::Error + Send + Sync>;

type Run = for<'a> fn(&'a Arc<App>, &'a mut Crew) -> BoxFuture<'a, Result<Step, StepError>>;

struct Job {
    name: &'static str,
    /// Between two looks when nothing happens.
    pause: Duration,
    /// Runs on one node at a time.
    alone: bool,
    run: Run,
}

const JOBS: &[Job] = &[
    job("configuration", 500, false, |app, _| {
        account::job::follow(app).boxed()
    }),
    job("poll", 500, false, |app, crew| {
        payment::job::poll(app, crew).boxed()
    }),
    job("strays", 2_000, false, |app, crew| {
        payment::job::strays(app, crew).boxed()
    }),
    job("expire", 500, false, |app, crew| {
        payment::job::expire(app, crew).boxed()
    }),
    job("keys", 60_000, false, |app, _| {
        payment::job::keys(app).boxed()
    }),
    job("restock", 1_000, true, |app, _| {
        payment::job::restock(app).boxed()
    }),
    job("refund", 500, false, |app, crew| {
        refund::job::send(app, crew).boxed()
    }),
    // Two loops: a mail server that hangs holds up no webhook, and the other way round.
    job("mail", 250, false, |app, crew| {
        notify::job::deliver(app, crew, Kind::Mail).boxed()
    }),
    job("webhook", 250, false, |app, crew| {
        notify::job::deliver(app, crew, Kind::Webhook).boxed()
    }),
    job("seal", 1_000, true, |app, _| ledger::job::seal(app).boxed()),
    job("low_stock", 5_000, true, |app, _| {
        stock::job::notice(app).boxed()
    }),
    job("imports", 5_000, true, |app, _| {
        stock::job::sweep(app).boxed()
    }),
    job("load", 500, true, |app, _| stock::job::load(app).boxed()),
    job("drafts", 60_000, true, |app, _| {
        stock::job::drafts(app).boxed()
    }),
    job("counters", 3_600_000, true, |app, _| {
        stock::job::counters(app).boxed()
    }),
    job("limits", 10_000, false, |app, _| {
        risk::job::forget(app).boxed()
    }),
    job("set_back", 15_000, true, |app, _| {
        set_back::step(app).boxed()
    }),
    job("staff", 3_600_000, true, |app, _| {
        staff::job::sweep(app).boxed()
    }),
    job("tidy", 60_000, true, |app, _| {
        payment::job::tidy(app).boxed()
    }),
];

const fn job(name: &'static str, pause_ms: u64, alone: bool, run: Run) -> Job {
    Job {
        name,
        pause: Duration::from_millis(pause_ms),
        alone,
        run,
    }
}

/// The running loops.
pub struct Running {
    stop: watch::Sender<bool>,
    loops: Vec<JoinHandle<()>>,
}

/// Starts every loop.
pub fn start(app: &Arc<App>) -> Running {
    let (stop, stopping) = watch::channel(false);
    let loops = JOBS
        .iter()
        .map(|job| tokio::spawn(keep_running(Arc::clone(app), job, stopping.clone())))
        .collect();
    Running { stop, loops }
}

impl Running {
    /// Lets every running step finish, gives leases back, and returns.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for running in self.loops {
            // A loop that panicked outside its step has told so already.
            let _ = running.await;
        }
    }
}

async fn keep_running(app: Arc<App>, job: &'static Job, mut stopping: watch::Receiver<bool>) {
    let mut hints = app.bus.listen();
    let mut lease = lease::Lease::new(job.name);
    let mut crew = Crew::default();
    let mut trouble = Trouble::default();
    while !*stopping.borrow() {
        crew.begin();
        let pause = match step(&app, job, &mut lease, &mut crew).await {
            Ok(Some(Step::Did)) => {
                trouble.failures = 0;
                continue;
            }
            Ok(Some(Step::Idle)) => {
                trouble.failures = 0;
                job.pause
            }
            Ok(None) => {
                trouble.failures = 0;
                job.pause.min(TAKEOVER)
            }
            Err(cause) => trouble.pause(&app, job.name, &cause).await,
        };
        let healthy = trouble.failures == 0;
        let failed = tokio::select! {
            () = tokio::time::sleep(pause) => None,
            // Hints only shorten the pause of a healthy job.
            _ = hints.recv(), if healthy && job.pause < Duration::from_secs(2) => {
                hints = hints.resubscribe();
                None
            }
            room = crew.room(), if healthy => room.err(),
            _ = stopping.changed() => None,
        };
        if let Some(cause) = failed {
            let pause = trouble.pause(&app, job.name, &cause).await;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopping.changed() => {}
            }
        }
    }
    for cause in crew.finish().await {
        tracing::error!(job = job.name, %cause, "work failed while the shop stopped");
    }
    if job.alone {
        lease.give_back(&app).await;
    }
}

/// How soon a node looks again whether another one still does a job: an hourly job of a node that
/// died does not wait for an hour.
const TAKEOVER: Duration = Duration::from_secs(5);

/// What goes wrong with a job.
#[derive(Default)]
struct Trouble {
    /// In a row.
    failures: u32,
    strikes: Strikes,
}

impl Trouble {
    /// Tells of a failure; how long to wait after it.
    async fn pause(&mut self, app: &App, job: &'static str, cause: &StepError) -> Duration {
        self.failures = (self.failures + 1).min(7);
        tracing::error!(job, %cause, failures = self.failures, "a job's step failed");
        metrics::counter!("vendgate_job_failures_total", "job" => job).increment(1);
        if self.strikes.add() >= MANY {
            tell(app, job).await;
        }
        Duration::from_millis(250u64 << self.failures)
    }
}

/// Failures of a job that are too many for bad luck (F43).
const MANY: u32 = 5;
/// A failure after so long without one is the first again.
const FORGIVEN: Duration = Duration::from_secs(600);

/// Failures that belong together: a poisoned row may fail every half minute, with steps that
/// find nothing to do between.
#[derive(Default)]
struct Strikes {
    count: u32,
    last: Option<Instant>,
}

impl Strikes {
    fn add(&mut self) -> u32 {
        if self.last.is_none_or(|last| last.elapsed() > FORGIVEN) {
            self.count = 0;
        }
        self.last = Some(Instant::now());
        self.count += 1;
        self.count
    }
}

/// Raises one alert a day for a job that goes on failing.
async fn tell(app: &App, job: &'static str) {
    let (promises, now) = (app.promises(), app.clock.now());
    let seed: [u8; 32] = (*app.random).bytes();
    let told = app
        .store
        .write(move |db| {
            let alarm = Alarm {
                kind: "job_failing",
                cause: &format!("job/{job}/{}", now / DAY),
                severity: Severity::Critical,
                body: format!(
                    "The job {job} fails again and again; the others go on. The log of the \
                     process says why."
                ),
            };
            promises.alarm(db, &Derived::from_seed(seed), alarm, now)
        })
        .await;
    if let Err(cause) = told {
        tracing::error!(job, %cause, "nobody could be told of a failing job");
    }
}

/// One step of a job; none = it is another node's.
async fn step(
    app: &Arc<App>,
    job: &Job,
    lease: &mut lease::Lease,
    crew: &mut Crew,
) -> Result<Option<Step>, StepError> {
    if job.alone && !lease.hold(app).await? {
        return Ok(None);
    }
    let run = async {
        crate::fault::point_of("job", job.name);
        (job.run)(app, crew).await
    };
    match AssertUnwindSafe(run).catch_unwind().await {
        Ok(outcome) => outcome.map(Some),
        Err(_) => Err(format!("job {} panicked", job.name).into()),
    }
}
