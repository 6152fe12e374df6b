//! Small factories: a ledger in a temporary directory, an attempt, a settlement.

use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use crate::base::{
    AttemptId, DataCenter, EnrichmentKind, Environment, ManualClock, Outcome, RequestHead,
    RowNumber, RunId, Timestamp,
};
use crate::enrichment::verdict::{OpenRule, Position, Word};
use crate::enrichment::{Draft, Field};
use crate::ledger::{
    Budget, BudgetRule, Forced, Ledger, LedgerError, LedgerOptions, NewAttempt, NewRow, NewRun,
    Opened, Origin, RowQuery, RowStart, RowState, RowWord, ScopeKey, Settlement, Subject,
};

pub(super) const KIND: EnrichmentKind = EnrichmentKind::People;

/// A directory with a ledger in it.
pub(super) struct Place {
    pub(super) dir: TempDir,
    pub(super) clock: Arc<ManualClock>,
}

impl Place {
    pub(super) fn new() -> Self {
        let start: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        Self {
            dir: tempfile::tempdir().unwrap(),
            clock: Arc::new(ManualClock::new(start)),
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.dir.path().join("ledger.db")
    }

    pub(super) fn options(&self) -> LedgerOptions {
        LedgerOptions {
            path: self.path(),
            clock: self.clock.clone(),
            operator: "ada".to_owned(),
            on_step: None,
            on_upgrade: None,
            marks: None,
        }
    }

    pub(super) fn try_open(&self) -> Result<(Ledger, Opened), LedgerError> {
        Ledger::open_blocking(self.options())
    }

    pub(super) fn open(&self) -> Ledger {
        self.try_open().unwrap().0
    }

    pub(super) fn sql(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).unwrap()
    }

    /// Does what these triggers forbid, and puts them back: somebody with another tool covers the tracks.
    pub(super) fn behind(&self, triggers: &[&str], work: &str) {
        let sql = self.sql();
        sql.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        let text = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?1";
        let made: Vec<String> = triggers
            .iter()
            .map(|name| sql.query_row(text, [name], |row| row.get(0)).unwrap())
            .collect();
        for name in triggers {
            sql.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        sql.execute_batch(work).unwrap();
        made.iter()
            .for_each(|text| sql.execute_batch(text).unwrap());
    }
}

pub(super) fn scope() -> ScopeKey {
    ScopeKey::of_org(DataCenter::Us, Environment::Production, "60001234")
}

/// What the inputs of [`attempt`] ask about.
pub(super) fn subject(ledger: &Ledger, name: &str) -> Subject {
    let mut draft = Draft::new(KIND, "Leads");
    draft.set(Field::Name, name);
    draft.set(Field::Email, &format!("{name}@acme.io"));
    ledger
        .subject(&draft, (DataCenter::Us, Environment::Production))
        .unwrap()
}

/// A word that overrules whatever there is: most tests are about something else than the gate.
pub(super) fn everything() -> Word {
    Word {
        known: Some(Position(i64::MAX)),
        open: OpenRule::All,
        ..Word::default()
    }
}

pub(super) fn head() -> RequestHead {
    RequestHead {
        method: "POST".to_owned(),
        url: "https://www.zohoapis.com/crm/v7/__zia_people_enrichment?module=Leads".to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
    }
}

pub(super) fn attempt(ledger: &Ledger, name: &str) -> NewAttempt {
    NewAttempt {
        profile: "us-prod".parse().unwrap(),
        scope: scope(),
        data_center: DataCenter::Us,
        environment: Environment::Production,
        kind: KIND,
        module: "Leads".to_owned(),
        record_id: None,
        inputs: serde_json::json!({ "name": name, "email": format!("{name}@acme.io") }).to_string(),
        head: head(),
        body: format!("{{\"n\":\"{name}\"}}"),
        subject: subject(ledger, name),
        budget: Budget {
            limit: 1_500,
            reserve: 0,
            configured: 1_500,
            rule: BudgetRule::Hold,
        },
        origin: Origin::Single,
        forced: Forced::No,
        word: everything(),
    }
}

pub(super) fn scheduled(job: &str) -> Settlement {
    Settlement {
        http_status: Some(202),
        code: Some("SCHEDULED".to_owned()),
        job_id: Some(job.parse().unwrap()),
        ..Settlement::bare(Outcome::Scheduled)
    }
}

/// Dispatches and takes the request out, as the HTTP client does.
pub(super) async fn send(ledger: &Ledger, new: NewAttempt) -> AttemptId {
    ledger.dispatch(new).await.unwrap().into_request().attempt
}

pub(super) async fn used(ledger: &Ledger) -> u64 {
    ledger.counts(scope(), KIND).await.unwrap().used()
}

pub(super) fn new_run() -> NewRun {
    NewRun {
        profile: "us-prod".parse().unwrap(),
        scope: scope(),
        kind: KIND,
        module: "Leads".to_owned(),
        file_name: "people.csv".to_owned(),
        sha256: "0".repeat(64),
        columns: "[]".to_owned(),
        mapping: "{}".to_owned(),
        settings: "{}".to_owned(),
    }
}

pub(super) fn row(n: i64) -> NewRow {
    NewRow {
        row: RowNumber(n),
        line: 1 + n.unsigned_abs(),
        cells: Some(format!("[\"person{n}\"]")),
        inputs: Some(
            serde_json::json!({
                "name": format!("person{n}"),
                "email": format!("person{n}@acme.io"),
            })
            .to_string(),
        ),
        record_id: None,
        fingerprint: None,
        start: RowStart::Pending,
        word: RowWord {
            known: Some(Position(i64::MAX)),
            open: true,
        },
        verdict: None,
    }
}

/// A run of `n` pending rows.
pub(super) async fn run_of(ledger: &Ledger, n: i64) -> RunId {
    let rows = (1..=n).map(row).collect();
    ledger.create_run(new_run(), rows).await.unwrap()
}

/// The attempt of a row.
pub(super) fn of_row(ledger: &Ledger, run: RunId, n: i64) -> NewAttempt {
    NewAttempt {
        origin: Origin::Row(run, RowNumber(n)),
        ..attempt(ledger, &format!("person{n}"))
    }
}

/// The state of a row.
pub(super) async fn state_of(ledger: &Ledger, run: RunId, n: i64) -> RowState {
    let query = RowQuery {
        run,
        states: Vec::new(),
        after: Some(RowNumber(n - 1)),
        limit: 1,
    };
    ledger.rows(query).await.unwrap()[0].state
}
