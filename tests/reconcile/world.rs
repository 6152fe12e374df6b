//! A ledger, a server, and the clocks of both, in this process.

use std::sync::Arc;

use ziadeck::base::{AttemptId, EnrichmentKind, ManualClock, Outcome, Timestamp};
use ziadeck::enrichment::{Draft, EnrichmentRequest, Field, Known};
use ziadeck::ledger::AttemptRow;
use ziadeck::ops::reconcile::{Finding, reconcile};
use ziadeck::ops::submit::{SubmitOptions, submit};
use ziadeck::ops::{AppContext, OpsError, ProfileSession};
use ziadeck::simulator::{Action, Control, Fault, SeenJob, SimulatorOptions, Target};

use super::{Bench, Duration};

pub(crate) const KIND: EnrichmentKind = EnrichmentKind::People;
pub(crate) const SETTLE: Duration = Duration::from_secs(120);

pub(crate) struct World {
    pub(crate) bench: Bench,
    /// The clock of this host.
    pub(crate) clock: Arc<ManualClock>,
    /// The clock of the server, which goes on with it.
    server: Arc<ManualClock>,
    context: Option<AppContext>,
}

impl World {
    pub(crate) async fn new(options: SimulatorOptions) -> Self {
        let start: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let server = Arc::new(ManualClock::new(start));
        let bench = Bench::new(SimulatorOptions {
            clock: server.clone(),
            ..options
        })
        .await;
        let mut world = Self {
            bench,
            clock: Arc::new(ManualClock::new(start)),
            server,
            context: None,
        };
        world.open().await;
        world
    }

    /// The same, where a job of ours was made before and its time is over.
    pub(crate) async fn seasoned() -> Self {
        let world = Self::new(SimulatorOptions::default()).await;
        world.scheduled("grace").await;
        world.go_on(SETTLE * 2);
        world
    }

    async fn open(&mut self) {
        self.context = Some(self.bench.context_by(self.clock.clone()).await);
    }

    /// The host starts anew: another boot, and a process of its own.
    pub(crate) async fn reboot(&mut self) {
        if let Some(context) = self.context.take() {
            context.ledger().clone().close().await;
        }
        self.clock.reboot();
        self.open().await;
    }

    /// Time goes by everywhere.
    pub(crate) fn go_on(&self, by: Duration) {
        self.clock.advance(by);
        self.server.advance(by);
    }

    pub(crate) fn control(&self) -> Control {
        self.bench.control()
    }

    pub(crate) fn session(&self) -> Arc<ProfileSession> {
        self.context.as_ref().unwrap().session(None).unwrap()
    }

    pub(crate) async fn send(&self, name: &str) -> Result<AttemptRow, OpsError> {
        let request = EnrichmentRequest::checked(&draft(name), &Known::default()).unwrap();
        let report = submit(&self.session(), &request, SubmitOptions::single()).await?;
        Ok(report.row)
    }

    pub(crate) async fn scheduled(&self, name: &str) -> AttemptRow {
        let row = self.send(name).await.unwrap();
        assert_eq!(row.outcome, Outcome::Scheduled, "{row:?}");
        row
    }

    /// Sends with a fault in the way; the outcome is unknown.
    pub(crate) async fn lost(&self, name: &str, action: Action) -> AttemptId {
        self.control()
            .push_fault(Fault::next(Target::PeoplePost, action));
        let row = self.send(name).await.unwrap();
        assert!(row.outcome.is_unknown(), "{row:?}");
        row.id
    }

    pub(crate) async fn reconciled(&self) -> Vec<Finding> {
        reconcile(&self.session(), KIND, SETTLE).await.unwrap()
    }

    pub(crate) async fn outcome(&self, id: AttemptId) -> Outcome {
        let found = self.session().ledger().attempt(id).await.unwrap();
        found.unwrap().row.outcome
    }

    /// The jobs that were made for somebody.
    pub(crate) fn jobs_of(&self, name: &str) -> Vec<SeenJob> {
        let wanted = format!("{name}@{name}.example");
        let jobs = self.control().jobs().into_iter();
        jobs.filter(|job| job.enrich_based_on["email"] == wanted)
            .collect()
    }
}

/// Somebody who has nothing in common with anybody else.
pub(crate) fn draft(name: &str) -> Draft {
    let mut draft = Draft::new(KIND, "Leads");
    let tail: String = name.chars().rev().collect();
    draft.set(Field::Name, &format!("{name} {tail}son"));
    draft.set(Field::Email, &format!("{name}@{name}.example"));
    draft.set(Field::Company, &format!("{tail} works"));
    draft.set(Field::Website, &format!("{name}.example"));
    draft.set(
        Field::Linkedin,
        &format!("https://www.linkedin.com/in/{name}-{tail}"),
    );
    draft
}
