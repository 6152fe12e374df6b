//! The Jobs screen: the list above, what was asked beside what was found below; on a small screen
//! one at a time.

use ratatui::layout::Rect;

use super::{inside, is_wide};
use crate::tui::model::Model;
use crate::tui::model::jobs::JobsFocus;

/// The panes of the Jobs screen, each with its border; one that is not seen has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobsAreas {
    /// The list.
    pub list: Option<Rect>,
    /// What was asked.
    pub asked: Option<Rect>,
    /// What was found; where `asked` has no pane of its own, both.
    pub found: Option<Rect>,
}

/// Where the panes of the Jobs screen are.
pub fn jobs_areas(model: &Model) -> JobsAreas {
    let body = super::body(model);
    if !is_wide(model.shared.width, model.shared.height) {
        return match model.jobs.focus {
            JobsFocus::List => JobsAreas {
                list: Some(body),
                ..JobsAreas::default()
            },
            JobsFocus::Data => JobsAreas {
                found: Some(body),
                ..JobsAreas::default()
            },
        };
    }
    let list = (body.height * 42 / 100).max(8);
    // Neighbours share the border between them.
    let below = Rect::new(
        body.x,
        body.y + list - 1,
        body.width,
        body.height - list + 1,
    );
    let left = (body.width * 38 / 100).clamp(38, 56);
    JobsAreas {
        list: Some(Rect::new(body.x, body.y, body.width, list)),
        asked: Some(Rect::new(below.x, below.y, left, below.height)),
        found: Some(Rect::new(
            below.x + left - 1,
            below.y,
            below.width - left + 1,
            below.height,
        )),
    }
}

impl JobsAreas {
    /// Rows of the list that are seen.
    pub fn list_rows(&self) -> usize {
        rows(self.list)
    }

    /// Rows of what was found that are seen.
    pub fn found_rows(&self) -> usize {
        rows(self.found)
    }

    /// Columns for the text of what was found.
    pub fn found_columns(&self) -> usize {
        columns(self.found).unwrap_or(super::WIDTH_MIN.into())
    }

    /// Columns for the text of what was asked, if it has a pane.
    pub fn asked_columns(&self) -> Option<usize> {
        columns(self.asked)
    }
}

fn rows(area: Option<Rect>) -> usize {
    area.map_or(0, |area| usize::from(inside(area).height))
}

fn columns(area: Option<Rect>) -> Option<usize> {
    area.map(|area| usize::from(area.width.saturating_sub(4)))
}
