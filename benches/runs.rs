//! The Runs screen over a run of 100,000 rows: what it reads for a frame, and the frame itself.
//!
//! A frame has 16 ms. The lists and the pages of rows are read whenever the ledger changes, so they
//! must stay far below that; a search and the look before a start are asked for by a person.
//! `ZIADECK_BENCH_ROWS` sets the size (default 100,000).

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::runtime::Runtime;
use ziadeck::base::{
    ApiVersion, DataCenter, EnrichmentKind, Environment, ProfileName, RowNumber, RunId,
    SystemClock, Timestamp,
};
use ziadeck::enrichment::verdict::Word;
use ziadeck::enrichment::{Draft, Field};
use ziadeck::ledger::{
    Ledger, LedgerError, LedgerOptions, NewRow, NewRun, RowStart, RowState, RowWord, RunQuery,
    ScopeKey,
};
use ziadeck::ops::bulk_page::{Page, PageQuery, page};
use ziadeck::ops::bulk_view::{RunView, list};
use ziadeck::theme::{ColorDepth, Themes};
use ziadeck::tui::app::effect::Effect;
use ziadeck::tui::app::op::{Op, Payload, Reply};
use ziadeck::tui::app::shared::Env;
use ziadeck::tui::app::state::{boot, update};
use ziadeck::tui::app::view::view;
use ziadeck::tui::data::profile::{ProfileFigures, ProfileState, Profiles, Server};
use ziadeck::tui::screens::runs::{ROWS_PAGE, RUNS_PAGE};
use ziadeck::tui::ui::hits::Hits;
use ziadeck::tui::{App, Msg, Settings};

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap_or_else(|_| std::process::abort())
}

fn row(ledger: &Ledger, n: i64) -> NewRow {
    let email = format!("ada{n}@acme.example");
    let mut draft = Draft::new(EnrichmentKind::People, "Leads");
    draft.set(Field::Name, "Ada Lovelace");
    draft.set(Field::Email, &email);
    draft.set(Field::Company, &format!("Acme Engines {n}"));
    let subject = ledger.subject(&draft, (DataCenter::Us, Environment::Production));
    NewRow {
        row: RowNumber(n),
        line: n.unsigned_abs().saturating_add(1),
        cells: Some(format!(
            "[\"Ada Lovelace\",\"{email}\",\"Acme Engines {n}\",\"note {n}\"]"
        )),
        inputs: Some(format!(
            "{{\"name\":\"Ada Lovelace\",\"email\":\"{email}\",\"company\":\"Acme Engines {n}\"}}"
        )),
        record_id: None,
        fingerprint: subject.ok().map(|subject| subject.fingerprint),
        word: RowWord::default(),
        verdict: None,
        start: match n % 50 {
            0 => RowStart::Skipped("asks the same as row 1".to_owned()),
            _ => RowStart::Pending,
        },
    }
}

async fn run(ledger: &Ledger, rows: i64) -> Result<RunId, LedgerError> {
    let new = NewRun {
        profile: us_prod(),
        scope: ScopeKey::of_org(DataCenter::Us, Environment::Production, "60001234"),
        kind: EnrichmentKind::People,
        module: "Leads".to_owned(),
        file_name: "people.csv".to_owned(),
        sha256: "0".repeat(64),
        columns: "[]".to_owned(),
        mapping: "{}".to_owned(),
        settings: "{}".to_owned(),
    };
    let rows = (1..=rows).map(|n| row(ledger, n)).collect();
    ledger.create_run(new, rows).await
}

fn us_prod() -> ProfileName {
    "us-prod".parse().unwrap_or_else(|_| std::process::abort())
}

fn profiles() -> Profiles {
    let profile = ProfileFigures {
        name: us_prod(),
        data_center: DataCenter::Us,
        environment: Environment::Production,
        api_version: ApiVersion::default(),
        state: ProfileState::Ready,
        organisation: None,
        token_until: None,
        server: Server::Zoho,
        default_module: None,
        scopes: String::new(),
        confirm: ziadeck::config::ConfirmRule::Never,
        is_read_only: false,
    };
    Profiles {
        list: vec![profile],
        ..Profiles::default()
    }
}

/// The console on its Runs screen.
struct Screen {
    app: App,
    env: Env,
    runs: Vec<RunView>,
    page: Page,
}

impl Screen {
    fn new(runs: Vec<RunView>, page: Page) -> Self {
        let now = Timestamp::UNIX_EPOCH;
        let mut screen = Self {
            app: App::new(Settings::default(), now),
            env: Env::new(now, Duration::ZERO),
            runs,
            page,
        };
        let shared = &mut screen.app.shared;
        (shared.width, shared.height) = (200, 50);
        let effects = boot(&mut screen.app, &mut screen.env);
        screen.answer(effects);
        for key in ["Esc", "3"] {
            let chord = key.parse().unwrap_or_else(|_| std::process::abort());
            let at = screen.env.uptime;
            screen.tell(Msg::Key { chord, at });
        }
        screen
    }

    /// Takes a message in, and what is read because of it.
    fn tell(&mut self, msg: Msg) {
        let effects = update(&mut self.app, msg, &mut self.env);
        self.answer(effects);
    }

    fn answer(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let Effect::Ask(id, op) = effect else {
                continue;
            };
            let payload = match &op {
                Op::LoadProfiles => Payload::LoadProfiles(profiles()),
                Op::LoadRuns { .. } => Payload::LoadRuns(self.runs.clone()),
                Op::LoadRows(_) => Payload::LoadRows(self.page.clone()),
                _ => continue,
            };
            let reply = Reply::new(id, Arc::new(op), Ok(payload));
            self.tell(Msg::Reply(Box::new(reply)));
        }
    }
}

fn runs(c: &mut Criterion) {
    let runtime = runtime();
    let Ok(dir) = tempfile::tempdir() else { return };
    let options = LedgerOptions {
        path: dir.path().join("ledger.db"),
        clock: Arc::new(SystemClock::new()),
        operator: "ada".to_owned(),
        on_step: None,
        on_upgrade: None,
        marks: None,
    };
    let Ok((ledger, _)) = runtime.block_on(Ledger::open(options)) else {
        return;
    };
    let rows = std::env::var("ZIADECK_BENCH_ROWS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_000_i64);
    // Twice, as when a file was planned twice: the worst case of the look before a start.
    let made = runtime.block_on(async {
        run(&ledger, rows).await?;
        run(&ledger, rows).await
    });
    let Ok(run) = made else { return };
    let mut group = c.benchmark_group(format!("runs, {rows} rows"));
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(2));
    let newest = RunQuery {
        profile: None,
        before: None,
        limit: RUNS_PAGE,
    };
    group.bench_function("list", |b| {
        b.iter(|| runtime.block_on(list(&ledger, newest.clone())));
    });
    let all = PageQuery {
        run,
        state: None,
        search: String::new(),
        after: None,
        limit: ROWS_PAGE,
    };
    let pages = [
        ("page, first", all.clone()),
        (
            "page, last",
            PageQuery {
                after: Some(RowNumber(rows.saturating_sub(300))),
                ..all.clone()
            },
        ),
        (
            "page, one state",
            PageQuery {
                state: Some(RowState::Skipped),
                ..all.clone()
            },
        ),
        (
            "search, nothing is like it",
            PageQuery {
                search: "nobody@nowhere".to_owned(),
                ..all
            },
        ),
        (
            "search, every row is like it",
            PageQuery {
                search: "acme".to_owned(),
                ..all
            },
        ),
    ];
    for (name, query) in pages {
        group.bench_function(name, |b| {
            b.iter(|| runtime.block_on(page(&ledger, query.clone())));
        });
    }
    group.bench_function("look before a start, every row in another run too", |b| {
        b.iter(|| runtime.block_on(ledger.overlap(run, Word::default())));
    });
    let Ok(found) = runtime.block_on(list(&ledger, newest)) else {
        return;
    };
    let Ok(first) = runtime.block_on(page(&ledger, all)) else {
        return;
    };
    let mut screen = Screen::new(found, first);
    group.bench_function("take in what was read", |b| {
        b.iter(|| screen.tell(Msg::LedgerChanged));
    });
    let Ok((theme, _)) = Themes::default().load("default-dark", ColorDepth::TrueColor) else {
        return;
    };
    let Ok(mut terminal) = Terminal::new(TestBackend::new(200, 50));
    group.bench_function("draw", |b| {
        let mut hits = Hits::default();
        b.iter(|| {
            let drawn = terminal.draw(|frame| view(&screen.app, &theme, frame, &mut hits));
            drawn.map(drop)
        });
    });
    group.finish();
    runtime.block_on(ledger.close());
}

criterion_group!(benches, runs);
criterion_main!(benches);
