//! The ledger and the server's log, side by side.

use std::collections::BTreeMap;

use serde_json::Value;
use ziadeck::base::{Outcome, RowNumber, RunId};
use ziadeck::ledger::{
    AttemptDetail, LogQuery, Origin, PageCursor, RowQuery, RowState, RunRowRecord,
};
use ziadeck::ops::AppContext;
use ziadeck::simulator::{SeenJob, SeenPost};

use crate::child::deck_at;
use crate::rig::Rig;

/// Opens the ledger as the next process would: what died is recovered.
pub(crate) async fn open(rig: &Rig) -> AppContext {
    let env = [
        ("HOME", rig.data_dir()),
        ("ZIADECK_CONFIG", rig.path("config.toml")),
        ("ZIADECK_DATA_DIR", rig.data_dir()),
    ];
    let env = env
        .into_iter()
        .map(|(key, value)| (key.into(), value.into_os_string()));
    deck_at(env.collect(), None).await
}

pub(crate) async fn close(context: AppContext) {
    context.close().await;
}

/// What is known of one row.
struct Line {
    record: RunRowRecord,
    attempts: Vec<AttemptDetail>,
    posts: Vec<SeenPost>,
    jobs: Vec<SeenJob>,
}

/// A run on both sides.
pub(crate) struct Books {
    lines: BTreeMap<RowNumber, Line>,
}

impl Books {
    pub(crate) async fn of(rig: &Rig, context: &AppContext, run: RunId) -> Self {
        let mut attempts = attempts(context, run).await;
        let (posts, jobs) = (rig.control.posts_log(), rig.control.jobs());
        let mut posts_of: BTreeMap<String, Vec<SeenPost>> = BTreeMap::new();
        for post in posts {
            let body: Value = serde_json::from_str(&post.body).unwrap();
            let inputs = &body["__zia_people_enrichment"][0]["enrich_based_on"];
            posts_of.entry(email(inputs)).or_default().push(post);
        }
        let mut jobs_of: BTreeMap<String, Vec<SeenJob>> = BTreeMap::new();
        for job in jobs.into_iter().filter(|job| !job.is_foreign) {
            jobs_of
                .entry(email(&job.enrich_based_on))
                .or_default()
                .push(job);
        }
        let mut lines = BTreeMap::new();
        let mut after = None;
        loop {
            let query = RowQuery {
                run,
                states: Vec::new(),
                after,
                limit: 500,
            };
            let page = context.ledger().rows(query).await.unwrap();
            let Some(last) = page.last() else {
                break;
            };
            after = Some(last.row);
            for record in page {
                let inputs: Value =
                    serde_json::from_str(record.inputs.as_deref().unwrap()).unwrap();
                let email = email(&inputs);
                let line = Line {
                    attempts: attempts.remove(&record.row).unwrap_or_default(),
                    posts: posts_of.remove(&email).unwrap_or_default(),
                    jobs: jobs_of.remove(&email).unwrap_or_default(),
                    record,
                };
                lines.insert(line.record.row, line);
            }
        }
        Self { lines }
    }

    /// Rows in a state.
    pub(crate) fn count(&self, state: RowState) -> usize {
        self.lines
            .values()
            .filter(|line| line.record.state == state)
            .count()
    }

    /// Holds the invariants of every row, and their sums.
    #[track_caller]
    pub(crate) fn assert_sound(&self, rows: usize, unknown_max: u64) {
        assert_eq!(self.lines.len(), rows, "every row is in one state");
        for line in self.lines.values() {
            line.assert_sound();
        }
        let unknown = u64::try_from(self.count(RowState::Unknown)).unwrap();
        assert!(
            unknown <= unknown_max,
            "{unknown} unknown, {unknown_max} could be"
        );
        assert_eq!(self.count(RowState::Sending), 0, "the dead send nothing");
    }
}

impl Line {
    #[track_caller]
    fn assert_sound(&self) {
        let row = self.record.row;
        let (journalled, received) = (self.attempts.len(), self.posts.len());
        let is = |outcome: Outcome| {
            let found = self.attempts.iter();
            found
                .filter(|attempt| attempt.row.outcome == outcome)
                .count()
        };
        let (accepted, confirmed) = (self.jobs.len(), is(Outcome::Scheduled));
        assert!(
            journalled >= received && received >= accepted && accepted >= confirmed,
            "row {row}: {journalled} attempts, {received} received, {accepted} jobs, {confirmed} confirmed"
        );
        assert!(accepted <= 1, "row {row} has {accepted} jobs");
        let absent = is(Outcome::Absent);
        assert!(
            journalled <= 1 + absent,
            "row {row}: sent again without a decision"
        );
        for (attempt, post) in self.attempts.iter().rev().zip(self.posts.iter().rev()) {
            assert_eq!(attempt.sent.body.as_deref(), Some(post.body.as_str()));
            let (written, seen) = (attempt.row.at, post.at);
            assert!(
                written <= seen,
                "row {row}: on the wire before it was on record"
            );
        }
        let job = self
            .attempts
            .iter()
            .find_map(|attempt| attempt.row.job_id.as_ref());
        if let Some(job) = job {
            assert_eq!(job.as_str(), self.jobs[0].id, "row {row}");
        }
        let charged = self
            .attempts
            .iter()
            .filter(|attempt| attempt.row.outcome.is_charged())
            .count();
        assert!(
            charged >= accepted,
            "row {row} has a job that nobody counts"
        );
        let is_as_its_attempt = match self.record.state {
            RowState::Scheduled => confirmed == 1,
            RowState::Unknown => charged == 1 && confirmed == 0,
            RowState::Pending => charged == 0,
            RowState::Absent => absent > 0 && charged == 0,
            RowState::Sending
            | RowState::Invalid
            | RowState::Skipped
            | RowState::Rejected
            | RowState::NotSent => false,
        };
        assert!(is_as_its_attempt, "row {row} is {}", self.record.state);
    }
}

fn email(inputs: &Value) -> String {
    inputs["email"].as_str().unwrap().to_owned()
}

/// The attempts of each row, oldest first.
async fn attempts(context: &AppContext, run: RunId) -> BTreeMap<RowNumber, Vec<AttemptDetail>> {
    let mut found: BTreeMap<RowNumber, Vec<AttemptDetail>> = BTreeMap::new();
    let mut place = PageCursor::Newest;
    loop {
        let query = LogQuery {
            run: Some(run),
            place,
            rows: 500,
            ..LogQuery::default()
        };
        let page = context.ledger().page(query).await.unwrap();
        for attempt in &page.rows {
            let detail = context.ledger().attempt(attempt.id).await.unwrap().unwrap();
            if let Origin::Row(_, row) = attempt.origin {
                found.entry(row).or_default().insert(0, detail);
            }
        }
        match page.rows.last() {
            Some(last) if page.more => place = PageCursor::OlderThan(last.id),
            _ => return found,
        }
    }
}
