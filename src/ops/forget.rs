//! Forgetting a person: what the ledger and this user's draft have of them goes, and nobody is asked about
//! them again until that is taken back.

use super::context::AppContext;
use super::draft;
use super::error::OpsError;
use crate::base::{AttemptId, EnrichmentKind, RecordId, counted};
use crate::enrichment::Draft;
use crate::enrichment::doubt::doubts;
use crate::enrichment::identity::Identity;
use crate::ledger::{LedgerError, Traces};

/// What forgetting cannot reach.
pub const NOT_REACHED: [&str; 6] = [
    "drafts of other users of this ledger, and other consoles that are open",
    "exports, backups and input files that were made before",
    "longer texts that only speak of them, in results about others and in files that are planned later",
    "notes of decisions and names of files that people wrote",
    "what Zoho keeps: the jobs, and the record of the CRM",
    "the history of a shell in which the value was typed",
];

/// What there is of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// By what they are known.
    pub by: Draft,
    /// What the ledger has.
    pub traces: Traces,
    /// Whether what this user was composing is about them.
    pub has_draft: bool,
}

/// What was forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    /// What was removed, and what is kept.
    pub person: Person,
    /// Why the freed space could not be wiped and given back; `None` when it was.
    pub not_compacted: Option<String>,
}

impl Person {
    /// Whether nothing is there; forgetting them then only keeps them from being asked about.
    pub fn is_unknown(&self) -> bool {
        let traces = &self.traces;
        self.parts().is_empty() && traces.open.is_empty() && traces.elsewhere == 0
    }

    /// What is removed, part by part: `3 attempts`.
    fn parts(&self) -> Vec<String> {
        let traces = &self.traces;
        let attempts = u64::try_from(traces.attempts.len()).unwrap_or(u64::MAX);
        let own = u64::from(self.has_draft);
        let parts = [
            (attempts, "attempt"),
            (traces.jobs, "job"),
            (traces.rows, "row"),
            (traces.cells, "text"),
            (traces.drafts.saturating_add(own), "draft"),
        ];
        let some = parts.into_iter().filter(|(count, _)| *count > 0);
        some.map(|(count, what)| counted(count, what)).collect()
    }

    /// What is removed, in a sentence: `3 attempts, 2 jobs, 1 draft`.
    pub fn sentence(&self) -> String {
        match self.parts() {
            parts if parts.is_empty() && !self.traces.open.is_empty() => {
                "nothing that can go yet".to_owned()
            }
            parts if parts.is_empty() && self.traces.elsewhere > 0 => {
                "texts in rows of others".to_owned()
            }
            parts if parts.is_empty() => "nothing".to_owned(),
            parts => parts.join(", "),
        }
    }

    /// What is told beside that.
    pub fn notes(&self) -> Vec<String> {
        let traces = &self.traces;
        let mut notes = Vec::new();
        if traces.people > 1 {
            notes.push(format!("{} people share it", traces.people));
        }
        if traces.waiting > 0 {
            notes.push(format!(
                "rows that wait and will not be sent: {}",
                traces.waiting
            ));
        }
        if traces.elsewhere > 0 {
            notes.push(format!(
                "attempts and rows of others that name it in another input: {}; of these attempts the texts go, of these rows that text, and they are not sent",
                traces.elsewhere
            ));
        }
        if traces.cells > 0 {
            notes.push(format!(
                "texts in other rows and in what runs say of their files: {}",
                traces.cells
            ));
        }
        if !traces.shared.is_empty() {
            notes.push(format!(
                "others have it as well, so it is not taken for theirs: {}; forget it by --email where it is",
                traces.shared.join(", ")
            ));
        }
        if let Some(kept) = self.kept() {
            notes.push(kept);
        }
        notes
    }

    /// The attempts that stay until they are settled.
    pub fn kept(&self) -> Option<String> {
        let open: Vec<String> = self.traces.open.iter().map(AttemptId::to_string).collect();
        (!open.is_empty()).then(|| {
            format!(
                "kept, because nobody knows yet whether a job was made: attempt {}; `ziadeck reconcile`, then forget again",
                open.join(", ")
            )
        })
    }
}

/// Refuses what names nobody.
fn check(by: &Draft) -> Result<(), OpsError> {
    let record = by.record();
    if !record.is_empty() && record.parse::<RecordId>().is_err() {
        return Err(OpsError::Refused(format!(
            "{record:?} is no id of a record; give its digits, as the address of its page ends with them"
        )));
    }
    if record.is_empty() && Identity::of(by).keys.is_empty() {
        let doubt = doubts(by).into_iter().next();
        let why = doubt.map_or_else(
            || {
                "give an e-mail address, a page, the id of a record, or a name with a company"
                    .to_owned()
            },
            |doubt| format!("{}: {}", doubt.place.as_str(), doubt.hint),
        );
        return Err(OpsError::Refused(format!("that names nobody: {why}")));
    }
    Ok(())
}

/// The strongest of what an attempt gave, by which its person is looked for.
///
/// # Errors
/// When there is no such attempt, or its inputs are gone or name nobody.
pub async fn of_attempt(context: &AppContext, id: AttemptId) -> Result<Draft, OpsError> {
    let found = context.ledger().attempt(id).await?;
    let found = found.ok_or(LedgerError::NoSuchAttempt(id))?;
    let row = found.row;
    let inputs = row.inputs.as_deref().ok_or_else(|| {
        OpsError::Refused(format!("the inputs of attempt {id} are no longer there"))
    })?;
    of_inputs(inputs, row.kind)
}

/// The strongest of some inputs, by which their person is looked for.
///
/// # Errors
/// When they are those of an organisation, cannot be read, or name nobody.
pub fn of_inputs(inputs: &str, kind: EnrichmentKind) -> Result<Draft, OpsError> {
    if kind == EnrichmentKind::Org {
        return Err(OpsError::Refused(
            "that asks about an organisation; forget a person by an e-mail address instead"
                .to_owned(),
        ));
    }
    let draft = Draft::new(kind, "").with_json(inputs);
    let draft = draft.map_err(OpsError::Refused)?;
    let strongest = Identity::of(&draft).keys.into_iter().next();
    let mut by = Draft::new(kind, "");
    for field in strongest.iter().flat_map(|(key, _)| key.fields()) {
        by.set(*field, draft.value(*field));
    }
    check(&by)?;
    Ok(by)
}

/// What there is of a person. All of the ledger is read.
///
/// # Errors
/// When the draft names nobody, or the ledger cannot be read or has no key to compare with.
pub async fn find(context: &AppContext, by: Draft) -> Result<Person, OpsError> {
    check(&by)?;
    let traces = context.ledger().traces(by.clone()).await?;
    let has_draft = match draft::kept(context) {
        Some(kept) => context.ledger().is_about(&kept.draft, &by)?,
        None => false,
    };
    Ok(Person {
        by,
        traces,
        has_draft,
    })
}

/// Removes what there is of a person, if it is no more people than were told.
///
/// # Errors
/// When the ledger or the draft cannot be written, or more people are found.
pub async fn forget(context: &AppContext, person: Person) -> Result<Forgotten, OpsError> {
    let people = person.traces.people;
    let done = context.ledger().forget(person.by.clone(), people).await?;
    if person.has_draft {
        draft::remove(context).map_err(|error| {
            OpsError::Refused(format!(
                "the ledger has forgotten them, but the draft cannot be removed: {error}"
            ))
        })?;
    }
    Ok(Forgotten {
        person: Person {
            traces: done.traces,
            ..person
        },
        not_compacted: done.not_compacted,
    })
}

/// How many decisions forgot a person; none is an error, because then there is nothing to take back.
///
/// # Errors
/// When the draft names nobody, nobody of them was forgotten, or the ledger cannot be read.
pub async fn forgotten(context: &AppContext, by: &Draft) -> Result<u64, OpsError> {
    check(by)?;
    match context.ledger().times_forgotten(by.clone()).await? {
        0 => Err(OpsError::Refused(
            "nobody with that was forgotten in this ledger".to_owned(),
        )),
        times => Ok(times),
    }
}

/// Takes back that a person was forgotten: they can be asked about again. What was removed stays removed.
///
/// # Errors
/// When the ledger cannot be written.
pub async fn remember(context: &AppContext, by: Draft) -> Result<u64, OpsError> {
    Ok(context.ledger().remember(by).await?)
}
