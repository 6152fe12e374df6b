//! Looking: the log, one attempt, the usage, jobs, runs, unknowns, profiles, checks.

use super::{Break, Talk};
use crate::base::{AttemptId, EnrichmentKind, JobId, Outcome, ProfileName, RunId, Timestamp};
use crate::cli::commands::{bulk, jobs, paper, reconcile, usage as usage_command};
use crate::enrichment::explain::{explain, explain_outcome};
use crate::ledger::{AttemptRow, LogQuery, PageCursor, RunQuery};
use crate::ops::bulk_view;
use crate::ops::doctor::{Places, local, server};
use crate::ops::job_list::ListDepth;
use crate::ops::jobs::{JobQueryInput, list, show};
use crate::ops::usage::{refresh, report};
use crate::ops::{OpsError, reconcile as settle};

/// Lines at once; more than a screen reader can follow helps nobody.
const ROWS: usize = 10;

/// Whether a page had anything to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Some,
    Nothing,
}

impl Talk {
    pub(super) async fn log(&mut self, search: &str) -> Result<(), Break> {
        let mut query = self.query(ROWS);
        query.search = (!search.is_empty()).then(|| search.to_owned());
        self.page(query).await.map(drop)
    }

    pub(super) async fn more(&mut self) -> Result<(), Break> {
        match self.older_than.take() {
            Some(query) => self.page(query).await.map(drop),
            None => {
                self.say("There is nothing older to show.");
                Ok(())
            }
        }
    }

    async fn page(&mut self, mut query: LogQuery) -> Result<Found, Break> {
        let page = self.context.ledger().page(query.clone()).await?;
        for row in &page.rows {
            self.say(&self.sentence(row));
        }
        match page.rows.last() {
            None => {
                self.say(if query.outcomes.is_empty() {
                    "Nothing is on record."
                } else {
                    "Nothing is unknown."
                });
                return Ok(Found::Nothing);
            }
            Some(last) if page.more => {
                query.place = PageCursor::OlderThan(last.id);
                self.older_than = Some(query);
                self.say("Type more for older ones.");
            }
            Some(_) => {}
        }
        Ok(Found::Some)
    }

    /// An attempt in one sentence.
    pub(super) fn sentence(&self, row: &AttemptRow) -> String {
        let what = row
            .job_id
            .as_ref()
            .map(|job| format!("job {job}"))
            .or_else(|| row.code.clone())
            .or_else(|| row.note.clone())
            .unwrap_or_default();
        let inputs: Vec<String> = row
            .inputs
            .as_deref()
            .and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok())
            .and_then(|value| value.as_object().cloned())
            .into_iter()
            .flatten()
            .filter_map(|(_, value)| value.as_str().map(str::to_owned))
            .collect();
        format!(
            "attempt {}  {}  {}  {what}  {}",
            row.id,
            self.when(row.at),
            row.outcome,
            inputs.join(", ")
        )
    }

    /// A time as it is read aloud; the year only where it is another one.
    fn when(&self, at: Timestamp) -> String {
        let zoned = |at: Timestamp| at.to_zoned_datetime(self.zone.clone());
        let (at, now) = (zoned(at), zoned(self.context.clock().now()));
        let format = if at.year() == now.year() {
            "%-d %B %H:%M"
        } else {
            "%-d %B %Y %H:%M"
        };
        at.strftime(format).to_string()
    }

    pub(super) async fn attempt(&mut self, number: &str) -> Result<(), Break> {
        let id = number
            .parse()
            .map(AttemptId)
            .map_err(|_| refused(format!("{number:?} is not the number of an attempt")))?;
        let Some(found) = self.context.ledger().attempt(id).await? else {
            self.say(&format!("There is no attempt {id}."));
            return Ok(());
        };
        let row = &found.row;
        self.say(&self.sentence(row));
        self.say(&format!(
            "profile {}  module {}  by {}",
            row.profile, row.module, row.operator
        ));
        if let Some(message) = row.message.as_ref().or(row.note.as_ref()) {
            self.say(&format!("message: {message}"));
        }
        let explanation = match &row.code {
            Some(code) => explain(&code.as_str().into()),
            None => explain_outcome(row.outcome),
        };
        self.say(explanation.plain);
        self.say(&format!("What to do: {}", explanation.next_step));
        Ok(())
    }

    pub(super) async fn usage(&mut self, how: &str) -> Result<(), Break> {
        let kind = EnrichmentKind::People;
        let found = match how {
            "refresh" => refresh(&self.session, kind, ListDepth::New).await?,
            _ => report(&self.session, kind).await?,
        };
        let name = self.session.profile().name.as_str();
        for line in usage_command::lines(name, &found, self.context.clock().now()) {
            self.say(&line);
        }
        for missing in &found.missing {
            self.say(&format!("note: {missing}"));
        }
        Ok(())
    }

    pub(super) async fn jobs(&mut self, status: &str) -> Result<(), Break> {
        let status = status.to_uppercase().replace(' ', "_");
        let query = JobQueryInput {
            kind: EnrichmentKind::People,
            status: (!status.is_empty()).then_some(status),
            before: None,
            limit: ROWS,
        };
        let found = list(&self.session, query).await?;
        if found.is_empty() {
            self.say("There are no jobs.");
        }
        for job in &found {
            let by = job.created_by_name.as_ref();
            self.say(&format!(
                "job {}  {}{}{}{}",
                job.id,
                job.status,
                job.created
                    .map_or_else(String::new, |at| format!("  created {}", self.when(at))),
                by.map_or_else(String::new, |name| format!("  by {name}")),
                if job.attempt.is_some() { "  mine" } else { "" },
            ));
        }
        Ok(())
    }

    pub(super) async fn job(&mut self, id: &str) -> Result<(), Break> {
        let id: JobId = id
            .parse()
            .map_err(|_| refused(format!("{id:?} is not the id of a job")))?;
        let found = show(&self.session, EnrichmentKind::People, &id).await?;
        for line in jobs::lines(&found) {
            self.say(&line);
        }
        Ok(())
    }

    /// The runs, or one of them.
    pub(super) async fn runs(&mut self, number: &str) -> Result<(), Break> {
        let views = if number.is_empty() {
            let query = RunQuery {
                profile: Some(self.session.profile().name.clone()),
                before: None,
                limit: ROWS,
            };
            bulk_view::list(self.context.ledger(), query).await?
        } else {
            let run = number
                .parse()
                .map(RunId)
                .map_err(|_| refused(format!("{number:?} is not the number of a run")))?;
            vec![bulk_view::status(self.context.ledger(), run).await?]
        };
        if views.is_empty() {
            self.say("There are no runs.");
        }
        for view in &views {
            for line in bulk::status_lines(view) {
                self.say(&line);
            }
        }
        self.say("Runs are planned and started by ziadeck bulk, outside of here.");
        Ok(())
    }

    /// Every precondition, and what to do about what is missing.
    pub(super) async fn checks(&mut self) -> Result<(), Break> {
        let profile = self.session.profile().clone();
        let config = self.context.config();
        let places = Places {
            paths: self.context.paths(),
            config: &config,
            clock: self.context.clock(),
        };
        let mut checks = local(places, &profile).await;
        checks.extend(server(&self.session).await);
        for check in &checks {
            let word = check.finding.as_str();
            self.say(&format!("{word}  {}: {}", check.name, check.message));
            if let Some(next) = &check.next_step {
                self.say(&format!("What to do: {next}"));
            }
        }
        let to_mend = checks.iter().filter(|check| check.is_failure()).count();
        if to_mend == 0 {
            self.say("Nothing stands in the way of a send.");
        }
        Ok(())
    }

    pub(super) async fn unknown(&mut self) -> Result<(), Break> {
        let mut query = self.query(ROWS);
        query.outcomes = vec![Outcome::Unknown, Outcome::UnknownAccepted];
        if self.page(query).await? == Found::Nothing {
            return Ok(());
        }
        self.say("They count as spent and are never sent again by themselves. Type reconcile to settle them.");
        Ok(())
    }

    pub(super) async fn reconcile(&mut self) -> Result<(), Break> {
        let after = self.context.config().settle;
        let kind = EnrichmentKind::People;
        let findings = settle::reconcile(&self.session, kind, after).await?;
        if findings.is_empty() {
            self.say("Nothing is unknown.");
        }
        for finding in &findings {
            self.say(&reconcile::line(finding));
        }
        Ok(())
    }

    pub(super) async fn profile(&mut self, name: &str) -> Result<(), Break> {
        if name.is_empty() {
            for profile in &self.context.config().profiles {
                let is_here = profile.name == self.session.profile().name;
                self.say(&format!(
                    "{}  {}  {}{}",
                    profile.name,
                    profile.data_center.country(),
                    profile.environment,
                    if is_here { "  in use" } else { "" }
                ));
            }
            return Ok(());
        }
        let name: ProfileName = name
            .parse()
            .map_err(|_| refused(format!("{name:?} is not the name of a profile")))?;
        self.session = self.context.session(Some(&name))?;
        self.seen = self.newest().await?;
        self.told.clear();
        self.older_than = None;
        self.introduce().await?;
        Ok(())
    }

    pub(super) fn explain(&self, word: &str) -> Result<(), Break> {
        if word.is_empty() {
            self.say("Type explain and a code, such as explain LIMIT_EXCEEDED.");
            return Ok(());
        }
        for entry in paper::explanations(Some(word))? {
            self.say(&format!("{}, {}: {}", entry.word, entry.sort, entry.plain));
            self.say(&format!("What to do: {}", entry.next_step));
        }
        Ok(())
    }
}

fn refused(text: String) -> Break {
    Break::Ops(OpsError::Refused(text))
}
