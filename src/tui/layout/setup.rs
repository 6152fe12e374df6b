//! The Setup screen: the profiles beside what is known of one; on a small screen one at a time.

use ratatui::layout::Rect;

use super::{inside, is_wide};
use crate::tui::model::Model;
use crate::tui::model::setup::SetupFocus;

/// The panes of the Setup screen, each with its border; one that is not seen has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SetupAreas {
    /// The list of profiles.
    pub list: Option<Rect>,
    /// What is known of one.
    pub sheet: Option<Rect>,
}

/// Where the panes of the Setup screen are.
pub fn setup_areas(model: &Model) -> SetupAreas {
    let body = super::body(model);
    if is_wide(model.shared.width, model.shared.height) {
        let left = (body.width * 40 / 100).clamp(56, 72);
        return SetupAreas {
            list: Some(Rect::new(body.x, body.y, left, body.height)),
            sheet: Some(Rect::new(
                body.x + left,
                body.y,
                body.width - left,
                body.height,
            )),
        };
    }
    match model.setup.focus {
        SetupFocus::List => SetupAreas {
            list: Some(body),
            sheet: None,
        },
        SetupFocus::Sheet => SetupAreas {
            list: None,
            sheet: Some(body),
        },
    }
}

impl SetupAreas {
    /// Rows of the list that are seen.
    pub fn list_rows(&self) -> usize {
        rows(self.list)
    }

    /// Lines of the sheet that are seen.
    pub fn sheet_rows(&self) -> usize {
        rows(self.sheet)
    }

    /// Columns for the text of the sheet.
    pub fn sheet_columns(&self) -> usize {
        self.sheet
            .map_or(60, |area| usize::from(area.width.saturating_sub(4)))
    }
}

fn rows(area: Option<Rect>) -> usize {
    area.map_or(0, |area| usize::from(inside(area).height))
}
