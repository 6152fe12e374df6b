//! The ledger's speed: durable sends, and reading a large ledger.
//!
//! `ZIADECK_BENCH_ATTEMPTS` sets the size of the large one (default 100,000), and
//! `ZIADECK_BENCH_LEDGER` names one that `examples/seed_ledger.rs` made of that size.

mod people;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::Runtime;
use ziadeck::base::{AttemptId, EnrichmentKind, SystemClock, Timestamp};
use ziadeck::ledger::{Asked, Ledger, LedgerOptions, LogQuery, NewAttempt, PageCursor};

const CALLERS: u64 = 10;

fn open(runtime: &Runtime, path: std::path::PathBuf) -> Ledger {
    let options = LedgerOptions {
        path,
        clock: Arc::new(SystemClock::new()),
        operator: "ada".to_owned(),
        on_step: None,
        on_upgrade: None,
        marks: None,
    };
    match runtime.block_on(Ledger::open(options)) {
        Ok((ledger, _)) => ledger,
        Err(_) => std::process::abort(),
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap_or_else(|_| std::process::abort())
}

async fn exchange(ledger: Ledger, n: u64) {
    let new = people::attempt(&ledger, n);
    settled(&ledger, new, n).await;
}

async fn settled(ledger: &Ledger, new: NewAttempt, n: u64) {
    let mut answer = people::answer(n);
    if let Ok(receipt) = ledger.dispatch(new).await {
        let request = receipt.into_request();
        // A job id of its own: the number of the attempt.
        if answer.job_id.is_some() {
            answer.job_id = format!("9{}", request.attempt).parse().ok();
        }
        let _ = ledger.settle(request.attempt, answer).await;
    }
}

fn sending(c: &mut Criterion) {
    let runtime = runtime();
    let Ok(dir) = tempfile::tempdir() else { return };
    let ledger = open(&runtime, dir.path().join("ledger.db"));
    let next = AtomicU64::new(0);
    let mut group = c.benchmark_group("ledger");
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(5));
    for callers in [1, CALLERS] {
        group.throughput(Throughput::Elements(callers));
        group.bench_function(format!("dispatch and settle, {callers} callers"), |b| {
            b.iter(|| {
                let from = next.fetch_add(callers, Ordering::Relaxed);
                let all = (from..from + callers).map(|n| exchange(ledger.clone(), n));
                runtime.block_on(futures_util::future::join_all(all))
            });
        });
    }
    group.finish();
    runtime.block_on(ledger.close());
}

fn reading(c: &mut Criterion) {
    let runtime = runtime();
    let Ok(dir) = tempfile::tempdir() else { return };
    let attempts = std::env::var("ZIADECK_BENCH_ATTEMPTS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_000_u64);
    let made = std::env::var_os("ZIADECK_BENCH_LEDGER");
    let path = made
        .clone()
        .map_or_else(|| dir.path().join("ledger.db"), Into::into);
    let ledger = open(&runtime, path);
    if made.is_none() {
        let fingerprints = ledger.clone();
        let seed = ledger.seed(attempts, move |n| people::seed(&fingerprints, n));
        if runtime.block_on(seed).is_err() {
            return;
        }
    }
    let middle = AttemptId(i64::try_from(attempts / 2).unwrap_or(0));
    let since = people::seed(&ledger, attempts - attempts / 20).at;
    let page = |query: LogQuery| LogQuery { rows: 50, ..query };
    let search = |words: &str| LogQuery {
        search: Some(words.to_owned()),
        ..LogQuery::default()
    };
    let queries: [(&str, LogQuery); 9] = [
        ("page, newest", LogQuery::default()),
        (
            "page, in the middle",
            LogQuery {
                place: PageCursor::OlderThan(middle),
                ..LogQuery::default()
            },
        ),
        (
            "page, one profile",
            LogQuery {
                profiles: ["in-prod".parse()].into_iter().flatten().collect(),
                ..LogQuery::default()
            },
        ),
        (
            "page, an outcome that never was",
            LogQuery {
                outcomes: vec![ziadeck::base::Outcome::Denied],
                ..LogQuery::default()
            },
        ),
        (
            "page, until long ago",
            LogQuery {
                until: Timestamp::from_second(1_600_100_000).ok(),
                since: Timestamp::from_second(1_600_000_000).ok(),
                ..LogQuery::default()
            },
        ),
        (
            "page, since lately, one code",
            LogQuery {
                since: Some(since),
                code: Some("DEPENDENT_FIELD_MISSING".to_owned()),
                ..LogQuery::default()
            },
        ),
        ("search, rare", search("Ada.Grace.16@example16.com")),
        ("search, common", search("grace company")),
        ("search, unfinished", search("gr")),
    ];
    let mut group = c.benchmark_group("ledger, large");
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(2));
    for (name, query) in queries {
        group.bench_function(name, |b| {
            b.iter(|| runtime.block_on(ledger.page(page(query.clone()))));
        });
    }
    group.bench_function("counts", |b| {
        b.iter(|| runtime.block_on(ledger.counts(people::scope(0), EnrichmentKind::People)));
    });
    group.bench_function("days", |b| {
        b.iter(|| runtime.block_on(ledger.days(people::scope(0), EnrichmentKind::People, 18_000)));
    });
    gate(&mut group, &runtime, &ledger);
    group.finish();
    runtime.block_on(ledger.close());
}

/// What the one gate costs: a durable attempt in a large ledger, and what is found behind a mailbox
/// of many people.
fn gate(group: &mut BenchmarkGroup<'_, WallTime>, runtime: &Runtime, ledger: &Ledger) {
    const SHARED_BY: u64 = 10_000;
    let next = AtomicU64::new(1 << 40);
    group.bench_function("dispatch and settle, 1 caller", |b| {
        b.iter(|| {
            let n = next.fetch_add(1, Ordering::Relaxed);
            runtime.block_on(exchange(ledger.clone(), n));
        });
    });
    let seeds = ledger.clone();
    let seed = move |n| people::seed_of_one_mailbox(&seeds, n);
    if runtime.block_on(ledger.seed(SHARED_BY, seed)).is_err() {
        return;
    }
    let place = || (people::scope(0), EnrichmentKind::People);
    let mut look = |name, n| {
        let attempt = people::of_one_mailbox(ledger, n);
        let asked = vec![Asked {
            subject: attempt.subject,
            module: attempt.module,
            record_id: attempt.record_id,
        }];
        group.bench_function(name, |b| {
            b.iter(|| runtime.block_on(ledger.seen(place(), asked.clone())));
        });
    };
    look("look, a mailbox of 10,000, somebody new", SHARED_BY + 1);
    look("look, a mailbox of 10,000, one of them", SHARED_BY / 2);
    group.bench_function("dispatch and settle, a mailbox of 10,000", |b| {
        b.iter(|| {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let new = people::of_one_mailbox(ledger, n);
            runtime.block_on(settled(ledger, new, n));
        });
    });
}

criterion_group!(benches, sending, reading);
criterion_main!(benches);
