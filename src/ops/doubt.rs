//! A ledger in doubt, compared with all that the servers have.
//!
//! ```text
//!  each organisation and kind ─► the whole list of jobs ─► those that no attempt has ─► GET each
//!     ─► attempts that lost their answer learn their job   ─► waiting rows that match one are counted
//!     ─► a person is told the numbers, and types the one that stays uncertain
//! ```
//!
//! What was read is kept: a comparison that breaks off goes on where it stopped. Nothing is sent, and
//! nothing is trusted here.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};

use super::bulk_view::{already_json, already_reason, word_of_run};
use super::deck::Deck;
use super::desk::Desk;
use super::error::OpsError;
use super::jobs::show;
use super::reconcile::{foreign_jobs, reconcile};
use super::setup::check_pin;
use super::usage::{ListDepth, list};
use crate::base::limits::PAGE_ROWS_MAX;
use crate::base::{EnrichmentKind, ProfileName, RowNumber, counted};
use crate::enrichment::echo::readable;
use crate::enrichment::identity::Identity;
use crate::enrichment::verdict::Match;
use crate::ledger::{ListCompleteness, RunQuery, RunRow, RunState, ScopeKey, StoredJob};

/// How far a comparison has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The profile whose token asks.
    pub profile: ProfileName,
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// Jobs that were read by their id: a call, and API credits, each.
    pub read: u64,
    /// Jobs that are to be read.
    pub of: u64,
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compared {
    /// Lists of jobs that were read.
    pub lists: u64,
    /// Jobs of the servers that no attempt of the ledger has.
    pub foreign: u64,
    /// Rows that wait and match one of them, or an attempt: they will not be sent.
    pub waiting: u64,
    /// Attempts that had lost their answer and have learned their job.
    pub learned: u64,
    /// Jobs that could not be read, or tell too little to know anybody by.
    pub unread: u64,
    /// What could not be asked at all, and why.
    pub unasked: Vec<String>,
}

impl Compared {
    /// How much stays uncertain: each job, and each list that could not be read.
    pub fn uncertain(&self) -> u64 {
        let lists = u64::try_from(self.unasked.len()).unwrap_or(u64::MAX);
        self.unread.saturating_add(lists)
    }

    /// The numbers in sentences.
    pub fn sentences(&self) -> Vec<String> {
        let was = |n: u64| if n == 1 { "was" } else { "were" };
        let mut told = Vec::new();
        if self.lists > 0 {
            told.push(format!(
                "{} of the server {} not in this ledger; {} {} and will not be sent",
                counted(self.foreign, "job"),
                was(self.foreign),
                counted(self.waiting, "waiting row"),
                if self.waiting == 1 {
                    "matches one"
                } else {
                    "match them"
                },
            ));
        }
        if self.learned > 0 {
            let attempts = counted(self.learned, "attempt");
            told.push(format!(
                "{attempts} with a lost answer learned what became of it"
            ));
        }
        if self.unread > 0 {
            let jobs = counted(self.unread, "job");
            told.push(format!(
                "{jobs} could not be read, or tell too little to know anybody by: whoever they were made for may be paid for again"
            ));
        }
        told.extend(self.unasked.iter().cloned());
        told
    }
}

/// Compares the ledger with the jobs of every organisation that a profile reaches.
///
/// # Errors
/// When the ledger cannot be read or written. A server that cannot be asked is part of the answer.
pub async fn compare(
    deck: &Deck,
    settle: Duration,
    tell: &(dyn Fn(&Reading) + Send + Sync),
) -> Result<Compared, OpsError> {
    deck.ledger().recover().await?;
    let mut compared = Compared::default();
    let mut done: BTreeSet<(ScopeKey, EnrichmentKind)> = BTreeSet::new();
    for profile in &deck.config().profiles {
        let desk = deck.desk(Some(&profile.name))?;
        if let Err(error) = check_pin(&desk).await {
            compared.unasked.push(unasked(&desk, error)?);
            continue;
        }
        for kind in EnrichmentKind::ALL {
            if !done.insert((desk.scope().await?, kind)) {
                continue;
            }
            if let Err(error) = compare_one(&desk, kind, (settle, tell), &mut compared).await {
                compared.unasked.push(unasked(&desk, error)?);
            }
        }
    }
    for run in open_runs(deck).await? {
        let found = waiting(deck, &run).await?;
        let rows = u64::try_from(found.len()).unwrap_or(u64::MAX);
        compared.waiting = compared.waiting.saturating_add(rows);
    }
    Ok(compared)
}

/// Takes the ledger as the truth, and leaves out the rows that wait for somebody who is known now.
///
/// # Errors
/// When the ledger or a mark cannot be written.
pub async fn accept(deck: &Deck, note: String) -> Result<(), OpsError> {
    deck.ledger().accept_history(note).await?;
    for run in open_runs(deck).await? {
        for (row, found) in waiting(deck, &run).await? {
            let place = (run.id, row);
            let why = already_reason(&found, place, deck.clock().now());
            let verdict = Some(already_json(&found).to_string());
            deck.ledger().leave_out(place, why, verdict).await?;
        }
    }
    Ok(())
}

/// Why a profile could not be asked; an error of the ledger itself ends everything.
fn unasked(desk: &Desk, error: OpsError) -> Result<String, OpsError> {
    if let OpsError::Ledger(_) = error {
        return Err(error);
    }
    let profile = &desk.profile().name;
    Ok(format!(
        "profile {profile} could not be asked, so nobody knows what was sent with it: {error}"
    ))
}

async fn compare_one(
    desk: &Arc<Desk>,
    kind: EnrichmentKind,
    (settle, tell): (Duration, &(dyn Fn(&Reading) + Send + Sync)),
    compared: &mut Compared,
) -> Result<(), OpsError> {
    let listing = list(desk, kind, ListDepth::All).await?;
    let unread: Vec<StoredJob> = foreign_jobs(desk, kind)
        .await?
        .into_iter()
        .filter(|job| job.enrich_based_on.is_none())
        .collect();
    let mut reading = Reading {
        profile: desk.profile().name.clone(),
        kind,
        read: 0,
        of: u64::try_from(unread.len()).unwrap_or(u64::MAX),
    };
    tell(&reading);
    let mut asked = stream::iter(unread)
        .map(|job| {
            let desk = desk.clone();
            async move { show(&desk, kind, &job.id).await.map(drop) }
        })
        .buffer_unordered(desk.profile().concurrency);
    while let Some(answer) = asked.next().await {
        match answer {
            Ok(()) | Err(OpsError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
        reading.read += 1;
        tell(&reading);
    }
    // One that took another's job a moment ago is settled, too.
    let findings = reconcile(desk, kind, settle).await?;
    let learned = findings.iter().filter(|found| found.is_settled()).count();
    compared.learned += u64::try_from(learned).unwrap_or(u64::MAX);
    compared.lists += 1;
    for job in foreign_jobs(desk, kind).await? {
        compared.foreign += 1;
        compared.unread += u64::from(!tells_enough(kind, &job));
    }
    if listing.completeness == ListCompleteness::Partial {
        let profile = &desk.profile().name;
        compared.unasked.push(format!(
            "the list of {kind} jobs of profile {profile} could not be read to its end, row by row"
        ));
    }
    Ok(())
}

/// Whether somebody can be known again by what a job tells.
fn tells_enough(kind: EnrichmentKind, job: &StoredJob) -> bool {
    let told = job.enrich_based_on.as_deref();
    let told = told.and_then(|told| serde_json::from_str(told).ok());
    told.is_some_and(|told| !Identity::of(&readable(kind, &told)).keys.is_empty())
}

/// Runs whose rows may still be sent.
async fn open_runs(deck: &Deck) -> Result<Vec<RunRow>, OpsError> {
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let query = RunQuery {
            profile: None,
            before,
            limit: PAGE_ROWS_MAX,
        };
        let page = deck.ledger().runs(query).await?;
        before = page.last().map(|run| run.id);
        let is_last = page.len() < PAGE_ROWS_MAX;
        found.extend(page.into_iter().filter(|run| match run.state {
            RunState::Ready | RunState::Running | RunState::Paused => true,
            RunState::Importing | RunState::Finished => false,
        }));
        if is_last {
            return Ok(found);
        }
    }
}

/// The rows of a run that wait for somebody who was asked for before.
async fn waiting(deck: &Deck, run: &RunRow) -> Result<Vec<(RowNumber, Match)>, OpsError> {
    // A profile that is gone sends nothing.
    let Ok(desk) = deck.desk(Some(&run.profile)) else {
        return Ok(Vec::new());
    };
    let word = word_of_run(&desk, run);
    Ok(deck.ledger().asked_before(run.id, word).await?)
}
