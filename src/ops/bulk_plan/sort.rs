//! Which rows of a plan wait and which are left out: by what is in them, by what the ledger has of
//! them and, where it has nothing, by what an export says.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Before, Earlier, Include};
use crate::base::limits::PLAN_PROBLEMS_MAX;
use crate::base::{AttemptId, RecordId};
use crate::bulk::{History, InputRow, Planner, RowClass, Standing, Told};
use crate::enrichment::Violation;
use crate::enrichment::doubt::Doubt;
use crate::enrichment::verdict::{By, Include as Already, Seen, Word};
use crate::ledger::{Asked, NewRow, RowStart, RowWord, RunImport};
use crate::ops::bulk_view::doubts_json;
use crate::ops::error::OpsError;
use crate::ops::session::ProfileSession;

/// Classes rows and hands them to the ledger.
pub(super) struct Sorter<'a> {
    pub(super) session: &'a ProfileSession,
    pub(super) module: String,
    pub(super) import: RunImport,
    pub(super) planner: Planner,
    pub(super) duplicates: Include,
    pub(super) already: Vec<Already>,
    pub(super) doubtful: Include,
    /// What passes without a word.
    pub(super) word: Word,
    pub(super) before: Vec<Before>,
    pub(super) already_by: BTreeMap<&'static str, u64>,
    /// Rows that share a key with an earlier request of somebody else.
    pub(super) shared_before: u64,
    pub(super) to_send: u64,
}

/// A row, whom it asks about, and what is known of them.
pub(super) struct Looked {
    row: InputRow,
    asked: Asked,
    seen: Seen,
    /// By what only the file tells.
    told: Option<(Told, Standing)>,
}

/// What the ledger has of some rows; where it has nothing, what the file tells of them.
pub(super) async fn look(
    session: &ProfileSession,
    rows: Vec<(Asked, InputRow)>,
) -> Result<Vec<Looked>, OpsError> {
    let Some(kind) = rows.first().map(|(_, row)| row.draft.kind) else {
        return Ok(Vec::new());
    };
    let (asked, rows): (Vec<Asked>, Vec<InputRow>) = rows.into_iter().unzip();
    let place = (session.scope().await?, kind);
    let seen = session.ledger().seen(place, asked.clone()).await?;
    let looked = rows.into_iter().zip(asked).zip(seen);
    let mut looked: Vec<Looked> = looked
        .map(|((mut row, asked), seen)| {
            let told = row.told.take().filter(|_| seen.matches.is_empty());
            let told = told.and_then(|told| {
                let standing = told.standing(&row.draft)?;
                Some((told, standing))
            });
            Looked {
                row,
                asked,
                seen,
                told,
            }
        })
        .collect();
    forget_own(session, &mut looked).await?;
    Ok(looked)
}

/// Of its own attempts the ledger knows more than the file: that one came to nothing since, or that
/// it was made for somebody else than the row asks for now.
async fn forget_own(session: &ProfileSession, looked: &mut [Looked]) -> Result<(), OpsError> {
    let (rows, attempts): (Vec<&mut Looked>, Vec<_>) = looked
        .iter_mut()
        .filter_map(|looked| {
            let (told, standing) = looked.told.as_ref()?;
            let attempt = AttemptId(told.attempt.parse().ok()?);
            let asked = (
                attempt,
                looked.asked.subject.fingerprint,
                told.job_id.clone(),
            );
            (*standing != Standing::NotSent).then_some((looked, asked))
        })
        .unzip();
    if attempts.is_empty() {
        return Ok(());
    }
    let own = session.ledger().are_own(attempts).await?;
    for (looked, is_own) in rows.into_iter().zip(own) {
        if is_own {
            looked.told = None;
        }
    }
    Ok(())
}

impl Sorter<'_> {
    pub(super) fn sort_all(&mut self, looked: Vec<Looked>) -> Vec<NewRow> {
        looked.into_iter().map(|looked| self.sort(looked)).collect()
    }

    fn sort(&mut self, looked: Looked) -> NewRow {
        let Looked {
            row,
            asked,
            mut seen,
            told,
        } = looked;
        seen.matches.retain(|found| !self.word.lets_pass(found));
        let is_forgotten = seen.is_forgotten();
        let found = seen.matches.first().cloned().map(Earlier::Found);
        let earlier = found.or_else(|| told.map(|(told, standing)| Earlier::Told(told, standing)));
        let history = match earlier {
            Some(_) if is_forgotten => History::Forgotten,
            Some(_) => History::Enriched,
            None => History::New,
        };
        let (mut word, mut verdict) = (RowWord::default(), None);
        let start = match self.planner.judge_by(&asked.subject.keys, &row, history) {
            RowClass::Ready => {
                if !seen.shared.is_empty() {
                    self.shared_before += 1;
                    verdict = Some(doubts_json(&[], &seen.shared).to_string());
                }
                RowStart::Pending
            }
            RowClass::Invalid(violations) => RowStart::Invalid(reason(&violations)),
            RowClass::Duplicate { .. } if self.duplicates == Include::Yes => RowStart::Pending,
            RowClass::Duplicate { of, by } => RowStart::Skipped(match by {
                By::Request => format!("duplicate: asks the same as row {of}"),
                By::Key(_) | By::Record => {
                    format!("duplicate: asks about the same as row {of}, by {by}")
                }
            }),
            RowClass::Doubtful(doubts) => {
                verdict = Some(doubts_json(&doubts, &seen.shared).to_string());
                match self.doubtful {
                    Include::Yes => RowStart::Pending,
                    Include::No => RowStart::Skipped(doubted(&doubts)),
                }
            }
            RowClass::Already => match earlier {
                // Nothing stands in its way.
                None => RowStart::Pending,
                Some(found) => {
                    *self.already_by.entry(found.kind()).or_default() += 1;
                    if self.before.len() < PLAN_PROBLEMS_MAX {
                        self.before.push(Before {
                            row: row.row,
                            line: row.line,
                            found: found.clone(),
                        });
                    }
                    verdict = Some(json!({"already": found.json()}).to_string());
                    let doubts = row.doubts();
                    if !found.lets_pass(&self.already, &seen) {
                        let here = (self.import.run(), row.row);
                        RowStart::Skipped(found.reason(here, self.session.clock().now()))
                    } else if !doubts.is_empty() && self.doubtful == Include::No {
                        RowStart::Skipped(doubted(&doubts))
                    } else {
                        word = RowWord {
                            known: Some(seen.position),
                            open: self.already.contains(&Already::Unknown),
                        };
                        RowStart::Pending
                    }
                }
            },
        };
        self.to_send += u64::from(start == RowStart::Pending);
        let (inputs, record_id) = (inputs(&row, &self.module), row.draft.record().parse().ok());
        let is_kept = !is_forgotten;
        NewRow {
            row: row.row,
            line: row.line,
            cells: is_kept.then(|| Value::from(row.original).to_string()),
            inputs: is_kept.then_some(inputs),
            record_id: record_id.filter(|_| is_kept),
            fingerprint: Some(asked.subject.fingerprint),
            start,
            word,
            verdict,
        }
    }
}

/// The code first, so that an export can name it.
fn reason(violations: &[Violation]) -> String {
    let parts: Vec<String> = violations
        .iter()
        .map(|v| format!("{}: {}: {}", v.code, v.place.as_str(), v.hint))
        .collect();
    parts.join("; ")
}

fn doubted(doubts: &[Doubt]) -> String {
    let parts: Vec<String> = doubts
        .iter()
        .map(|doubt| {
            let (word, place) = (doubt.word.as_str(), doubt.place.as_str());
            format!("doubtful: {word}: {place}: {}", doubt.hint)
        })
        .collect();
    parts.join("; ")
}

/// The flat inputs, with the module where it is not the run's, and what was given as a record and
/// is none.
fn inputs(row: &InputRow, module: &str) -> String {
    let inputs = row.draft.inputs_json();
    let own = row.draft.module.trim();
    let record = row.draft.record();
    let is_no_record = !record.is_empty() && record.parse::<RecordId>().is_err();
    if own == module.trim() && !is_no_record {
        return inputs;
    }
    let mut map: Map<String, Value> = serde_json::from_str(&inputs).unwrap_or_default();
    if own != module.trim() {
        map.insert("module".to_owned(), Value::from(own));
    }
    if is_no_record {
        map.insert("record_id".to_owned(), Value::from(record));
    }
    Value::Object(map).to_string()
}
