//! Bulk runs end to end with the durable ledger, against the simulator on loopback: rows a second
//! with 10 in flight, beside what group commit alone allows on the same disk, and what planning
//! 100,000 rows takes.
//!
//! Whole runs are measured, not single calls, so this prints its own table.
//! `ZIADECK_BENCH_ROWS` sets the rows of a run (default 2,000).

use std::error::Error;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::watch;
use ziadeck::base::{Clock, Secret, SystemClock};
use ziadeck::bulk::ReadOptions;
use ziadeck::config::{Config, Paths, PathsInput, Refusal, Vocabulary};
use ziadeck::ops::bulk_plan::{Include, PlanOrder, PlanSource, plan};
use ziadeck::ops::bulk_run::{RunEnding, RunOrder, ShutdownSignal, run};
use ziadeck::ops::{AppContext, ProfileSession};
use ziadeck::simulator::{Simulator, SimulatorOptions};

const CONCURRENCY: u32 = 10;
const LATENCIES_MS: [u64; 2] = [0, 50];
const PLAN_ROWS: usize = 100_000;
/// About what a request and its answer weigh.
const COMMITTED: &str =
    "{\"__zia_people_enrichment\":[{\"enrich_based_on\":{\"email\":\"ada@acme.example\"}}]}";

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --benches` asks every bench for its tests; this one has none.
    if std::env::args().any(|arg| arg == "--test") {
        return Ok(());
    }
    let rows = match std::env::var("ZIADECK_BENCH_ROWS") {
        Ok(rows) => rows.parse()?,
        Err(_) => 2_000,
    };
    // The server has threads of its own, as it would on another host.
    let (server, client) = (runtime()?, runtime()?);
    let directory = tempfile::tempdir()?;
    print_group_commit(group_commit(&directory.path().join("bare.db"), rows)?);
    for latency_ms in LATENCIES_MS {
        let options = SimulatorOptions {
            limit: 1_000_000,
            latency: Duration::from_millis(latency_ms),
            ..SimulatorOptions::default()
        };
        let simulator = server.block_on(Simulator::start(options))?;
        let at = directory.path().join(latency_ms.to_string());
        let per_second = client.block_on(attempts(&simulator, &at, rows))?;
        print_line(latency_ms, per_second);
        server.block_on(simulator.stop());
    }
    let simulator = server.block_on(Simulator::start(SimulatorOptions::default()))?;
    client.block_on(planning(&simulator, &directory.path().join("plan")))?;
    server.block_on(simulator.stop());
    Ok(())
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

#[expect(clippy::print_stdout, reason = "a bench prints its result")]
fn print_line(latency_ms: u64, per_second: f64) {
    let most = f64::from(CONCURRENCY) * 1_000.0 / latency_ms as f64;
    if most.is_finite() {
        let share = per_second / most * 100.0;
        println!("{latency_ms:>3} ms latency: {per_second:>7.1} rows/s  {share:.1} % of {most}");
    } else {
        println!("{latency_ms:>3} ms latency: {per_second:>7.1} rows/s");
    }
}

#[expect(clippy::print_stdout, reason = "a bench prints its result")]
fn print_group_commit(per_second: f64) {
    println!("group commit alone: {per_second:>7.1} attempts/s (two commits each, ten callers)");
}

/// Two durable commits an attempt by ten callers, with nothing else: a table of one text, no index,
/// no trigger, no network. A writer commits whatever waits as one group, as the ledger does.
fn group_commit(path: &Path, attempts: usize) -> Result<f64, Box<dyn Error>> {
    let mut conn = rusqlite::Connection::open(path)?;
    conn.query_row("PRAGMA journal_mode = WAL", (), |_| Ok(()))?;
    conn.execute_batch("PRAGMA synchronous = FULL; CREATE TABLE bare (text TEXT NOT NULL)")?;
    let (queue, waiting) = mpsc::channel::<mpsc::Sender<()>>();
    let callers = CONCURRENCY as usize;
    let clock = SystemClock::new();
    let written = std::thread::scope(|scope| -> rusqlite::Result<usize> {
        for _ in 0..callers {
            let queue = queue.clone();
            scope.spawn(move || {
                let (reply, answer) = mpsc::channel();
                for _ in 0..attempts / callers * 2 {
                    if queue.send(reply.clone()).is_err() || answer.recv().is_err() {
                        return;
                    }
                }
            });
        }
        drop(queue);
        let mut written = 0;
        while let Ok(first) = waiting.recv() {
            let group: Vec<_> = std::iter::once(first).chain(waiting.try_iter()).collect();
            let tx = conn.transaction()?;
            for _ in &group {
                tx.prepare_cached("INSERT INTO bare (text) VALUES (?1)")?
                    .execute([COMMITTED])?;
            }
            tx.commit()?;
            written += group.len();
            for reply in group {
                let _ = reply.send(());
            }
        }
        Ok(written)
    })?;
    Ok(written as f64 / 2.0 / clock.monotonic().as_secs_f64())
}

async fn attempts(simulator: &Simulator, at: &Path, rows: usize) -> Result<f64, Box<dyn Error>> {
    let (context, session) = open(simulator, at).await?;
    let planned = plan(&session, order(people(rows))).await?;
    let (_stay, wish) = watch::channel(ShutdownSignal::GoOn);
    let clock = SystemClock::new();
    let end = run(&session, RunOrder::of(planned.run), wish, Arc::new(drop)).await?;
    let seconds = clock.monotonic().as_secs_f64();
    context.close().await;
    if end.why != RunEnding::Finished {
        return Err(format!("the run ended as {:?}", end.why).into());
    }
    Ok(rows as f64 / seconds)
}

#[expect(clippy::print_stdout, reason = "a bench prints its result")]
async fn planning(simulator: &Simulator, at: &Path) -> Result<(), Box<dyn Error>> {
    let (context, session) = open(simulator, at).await?;
    let text = people(PLAN_ROWS);
    let (bytes, before) = (text.len() / 1_024, peak_kib());
    let clock = SystemClock::new();
    let planned = plan(&session, order(text)).await?;
    let seconds = clock.monotonic().as_secs_f64();
    let grown = peak_kib().saturating_sub(before) / 1_024;
    println!(
        "plan of {} rows ({bytes} KiB): {seconds:.2} s, {grown} MiB more at the peak",
        planned.report.rows
    );
    context.close().await;
    Ok(())
}

/// The most memory that the process ever had.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

fn people(rows: usize) -> String {
    let mut text = "Name,Email,Company,Website,Note\n".to_owned();
    for row in 1..=rows {
        text.push_str(&format!(
            "Ada Lovelace,ada{row}@acme.example,Acme Engines {row},www.acme.example,note {row}\n"
        ));
    }
    text
}

fn order(text: String) -> PlanOrder {
    PlanOrder {
        source: PlanSource::new("people.csv", Box::new(Cursor::new(text))),
        read: ReadOptions::default(),
        duplicates: Include::No,
        already: Vec::new(),
        older_than: None,
        doubtful: Include::No,
        known: ziadeck::enrichment::Known::default(),
        reserve: None,
    }
}

async fn open(
    simulator: &Simulator,
    at: &Path,
) -> Result<(AppContext, Arc<ProfileSession>), Box<dyn Error>> {
    std::fs::create_dir_all(at)?;
    let secret = at.join("secret");
    std::fs::write(&secret, "secret")?;
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600))?;
    let base = simulator.base_url();
    let config = format!(
        "[profiles.sim]\ndata_center = \"US\"\nclient_id = \"1000.SIM\"\nlimit = 1000000\n\
         client_secret_file = \"{}\"\naccounts_url = \"{base}\"\napi_url = \"{base}\"\n\
         default_module = \"Leads\"\nconcurrency = {CONCURRENCY}\n",
        secret.display()
    );
    std::fs::write(at.join("config.toml"), config)?;
    let paths = Paths::resolve(&PathsInput {
        config_flag: Some(at.join("config.toml")),
        data_dir_flag: Some(at.join("data")),
        env: [("HOME".into(), at.into())].into(),
    })?;
    let config = Config::load(&paths, &AnyWord)?;
    let context = AppContext::open(paths, config, Arc::new(SystemClock::new())).await?;
    let session = context.session(None)?;
    let code = simulator.control().issue_grant_code();
    session.tokens().login(&Secret::new(&code)).await?;
    Ok((context, session))
}

/// A vocabulary that knows every word: these configurations use none.
struct AnyWord;

impl Vocabulary for AnyWord {
    fn command(&self, _: &str) -> Result<(), Refusal> {
        Ok(())
    }

    fn chord(&self, _: &str, _: &str) -> Result<(), Refusal> {
        Ok(())
    }

    fn theme(&self, _: &str) -> Result<(), Refusal> {
        Ok(())
    }
}
