//! Rows of a run for reading: a page in file order, by state, and by what they hold.

use std::collections::BTreeSet;

use super::error::OpsError;
use crate::base::limits::PAGE_ROWS_MAX;
use crate::base::{AttemptId, RowNumber, RunId};
use crate::ledger::{Ledger, RowQuery, RowResult, RowState, RunRowRecord};

/// Which rows are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageQuery {
    /// The run.
    pub run: RunId,
    /// Only this state.
    pub state: Option<RowState>,
    /// Only rows whose cells, inputs, reason, code or job hold this text, in any case; empty means
    /// all.
    pub search: String,
    /// Only rows behind this one.
    pub after: Option<RowNumber>,
    /// Most rows wanted.
    pub limit: usize,
}

/// Some rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// In file order.
    pub rows: Vec<RowResult>,
    /// Whether others follow.
    pub has_more: bool,
}

/// Reads a page. A search reads on until it has enough or the run ends; memory holds one page.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn page(ledger: &Ledger, query: PageQuery) -> Result<Page, OpsError> {
    let limit = query.limit.clamp(1, PAGE_ROWS_MAX);
    let states: Vec<RowState> = query.state.into_iter().collect();
    if query.search.trim().is_empty() {
        let rows = ledger
            .row_results(RowQuery {
                run: query.run,
                states,
                after: query.after,
                limit,
            })
            .await?;
        let has_more = rows.len() == limit;
        return Ok(Page { rows, has_more });
    }
    let wanted = query.search.trim().to_lowercase();
    let answered = ledger.run_attempts_with(query.run, wanted.clone()).await?;
    let mut after = query.after;
    let mut rows: Vec<RunRowRecord> = Vec::new();
    let has_more = loop {
        let some = ledger
            .rows(RowQuery {
                run: query.run,
                states: states.clone(),
                after,
                limit: PAGE_ROWS_MAX,
            })
            .await?;
        after = some.last().map(|row| row.row).or(after);
        let is_last = some.len() < PAGE_ROWS_MAX;
        rows.extend(
            some.into_iter()
                .filter(|row| holds(row, &wanted, &answered)),
        );
        if rows.len() > limit {
            rows.truncate(limit);
            break true;
        }
        if is_last {
            break false;
        }
    };
    let rows = ledger.results_of(rows).await?;
    Ok(Page { rows, has_more })
}

/// Whether the row's own text holds it, or the code or job of its last attempt.
fn holds(row: &RunRowRecord, wanted: &str, answered: &BTreeSet<AttemptId>) -> bool {
    if row
        .attempt
        .is_some_and(|attempt| answered.contains(&attempt))
    {
        return true;
    }
    [&row.cells, &row.inputs, &row.reason]
        .into_iter()
        .flatten()
        .any(|text| text.to_lowercase().contains(wanted))
}
