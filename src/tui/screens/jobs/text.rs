//! The text of a job: what was asked and what was found. Pure.

use jiff::tz::TimeZone;

use super::list::{by, inputs};
use super::sheet::Sheet;
use crate::base::EnrichmentKind;
use crate::enrichment::Field;
use crate::enrichment::job::{JobStatus, sections};
use crate::ledger::JobEntry;
use crate::theme::Role;
use crate::tui::data::job::{JobFigures, look};
use crate::tui::ui::text::{RichLine, fitted};

/// Columns for the labels of both panes.
pub(super) const LABEL_COLUMNS: usize = 12;

fn labelled(label: &str, text: &str) -> RichLine {
    let label = fitted(label, LABEL_COLUMNS * 2);
    RichLine::of(Role::Dim, &format!("  {label:<LABEL_COLUMNS$}  ")).with(Role::Text, text)
}

/// What was asked.
pub(super) fn asked(
    row: &JobEntry,
    figures: Option<&JobFigures>,
    kind: EnrichmentKind,
    zone: &TimeZone,
) -> Vec<RichLine> {
    let mut lines = vec![labelled("job", row.id.as_str())];
    if let Some(at) = row.created {
        let at = at.to_zoned_datetime(zone.clone());
        lines.push(labelled(
            "created",
            &at.strftime("%d %b %Y %H:%M:%S").to_string(),
        ));
    }
    let by = match (by(row), row.attempt) {
        (by, Some(attempt)) => format!("{}, attempt {attempt}", by.unwrap_or_default()),
        (by, None) => by.unwrap_or("somebody else").to_owned(),
    };
    lines.push(labelled("by", &by));
    if let Some(module) = &row.module {
        let record = row.record_id.as_deref();
        let text = record.map_or_else(|| module.clone(), |id| format!("{module}, record {id}"));
        lines.push(labelled("module", &text));
    }
    lines.push(RichLine::new());
    let told = figures.and_then(|figures| figures.enrich_based_on.as_ref());
    let mut known = told
        .map(|told| Field::asked(kind, told))
        .unwrap_or_default();
    if known.is_empty() {
        known = inputs(kind, row);
    }
    if known.is_empty() {
        let text = "what was asked is not known before the job is read";
        lines.push(RichLine::of(Role::Dim, "  ").with(Role::Dim, text));
    }
    let known = known.iter();
    lines.extend(known.map(|(field, value)| labelled(field.as_str(), value)));
    lines
}

/// What was found, or why it is not there.
pub(super) fn found(sheet: &Sheet) -> Vec<RichLine> {
    let mut lines = Vec::new();
    if let Some(failure) = &sheet.failure {
        lines.push(RichLine::of(Role::Error, failure));
    }
    let Some(figures) = &sheet.figures else {
        if sheet.failure.is_none() {
            let text = match sheet.is_read {
                true => "asking the server",
                false => "reading the ledger",
            };
            lines.push(RichLine::of(Role::Dim, text));
        }
        return lines;
    };
    let status = JobStatus::from(figures.status.as_str());
    let (glyph, role) = look(&status);
    lines.push(
        RichLine::of(role, &format!("{glyph} {}", status.as_str()))
            .with(Role::Text, &format!("  {}", status.plain())),
    );
    let sections = figures
        .enriched_data
        .as_ref()
        .map(sections)
        .unwrap_or_default();
    if sections.is_empty() && matches!(status, JobStatus::Completed | JobStatus::Updated) {
        let text = "The server tells no data with it.";
        lines.push(RichLine::of(Role::Dim, text));
    }
    for section in sections {
        lines.push(RichLine::new());
        lines.push(RichLine::of(Role::Title, section.title));
        lines.extend(
            section
                .lines
                .iter()
                .map(|(label, text)| labelled(label, text)),
        );
    }
    lines
}
