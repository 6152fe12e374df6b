//! The Runs screen: the list beside the selected run and its rows; on a small screen the list above
//! the run, or the run above its rows.

use ratatui::layout::Rect;

use super::{inside, is_wide};
use crate::tui::model::Model;
use crate::tui::model::runs::RunsFocus;

/// Rows of the selected run's figures, with their border.
const HEAD_ROWS: u16 = 8;
/// Rows of a small screen below which the rows of a run have it to themselves.
const HEIGHT_SHARED: u16 = 18;

/// The panes of the Runs screen, each with its border; one that is not seen has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunsAreas {
    /// The list.
    pub list: Option<Rect>,
    /// The selected run's figures.
    pub head: Option<Rect>,
    /// Its rows.
    pub rows: Option<Rect>,
}

/// Where the panes of the Runs screen are.
pub fn runs_areas(model: &Model) -> RunsAreas {
    let body = super::body(model);
    if is_wide(model.shared.width, model.shared.height) {
        let left = (body.width * 40 / 100).clamp(40, 64);
        let right = Rect::new(body.x + left, body.y, body.width - left, body.height);
        let (head, rows) = split(right, HEAD_ROWS);
        return RunsAreas {
            list: Some(Rect::new(body.x, body.y, left, body.height)),
            head: Some(head),
            rows: Some(rows),
        };
    }
    match model.runs.focus {
        RunsFocus::List => {
            let (list, head) = split(body, (body.height + 1).saturating_sub(HEAD_ROWS).max(4));
            RunsAreas {
                list: Some(list),
                head: Some(head),
                rows: None,
            }
        }
        RunsFocus::Rows if body.height >= HEIGHT_SHARED => {
            let (head, rows) = split(body, HEAD_ROWS);
            RunsAreas {
                list: None,
                head: Some(head),
                rows: Some(rows),
            }
        }
        RunsFocus::Rows => RunsAreas {
            rows: Some(body),
            ..RunsAreas::default()
        },
    }
}

/// Two boxes, one above the other, that share the border between them.
fn split(area: Rect, above: u16) -> (Rect, Rect) {
    let above = above.min(area.height);
    let below = (area.height + 1).saturating_sub(above);
    (
        Rect::new(area.x, area.y, area.width, above),
        Rect::new(
            area.x,
            area.bottom().saturating_sub(below),
            area.width,
            below,
        ),
    )
}

impl RunsAreas {
    /// Rows of the list that are seen.
    pub fn list_rows(&self) -> usize {
        rows(self.list)
    }

    /// Rows of the run that are seen.
    pub fn row_rows(&self) -> usize {
        rows(self.rows)
    }
}

fn rows(area: Option<Rect>) -> usize {
    area.map_or(0, |area| usize::from(inside(area).height))
}
