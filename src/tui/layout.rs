//! Where everything is. Pure, and shared by `update` (page height, mouse) and `view`.
//!
//! The selector and the counter are in the first line and never leave the screen. From 110x23 the
//! panes lie side by side; below that they are tabs; below 60x15 there is only a sentence.

mod jobs;
mod press;
mod records;
mod runs;
mod setup;
mod tabs;
mod usage;

use ratatui::layout::Rect;

pub use jobs::{JobsAreas, jobs_areas};
pub use press::{
    FormRows, HEADER_ROOMY, brand, detail_tab_at, form_rows, input_at, pick_list, popup_list,
    row_at, selector,
};
pub use records::{RecordsAreas, records_areas};
pub use runs::{RunsAreas, runs_areas};
pub use setup::{SetupAreas, setup_areas};
pub use tabs::{Tab, Tabs, tab_at, tabs};
pub use usage::{UsageAreas, usage_areas};

use super::model::popup::Popup;
use super::model::{Model, Pane, Place};
use crate::theme::Role;
use crate::tui::ui::text::RichLine;

/// Narrowest screen that is drawn.
pub const WIDTH_MIN: u16 = 60;
/// Lowest screen that is drawn.
pub const HEIGHT_MIN: u16 = 15;
/// Most columns and rows that are drawn: of a terminal that tells more, its upper left part is used.
/// Four thousand million cells, which a terminal may tell, would be more memory than there is.
const SCREEN_MAX: (u16, u16) = (1_000, 500);
const WIDTH_WIDE: u16 = 110;
const HEIGHT_WIDE: u16 = 23;
const HELP_COLUMNS: u16 = 100;
/// What is drawn of a terminal of so many columns and rows.
pub fn drawn((columns, rows): (u16, u16)) -> (u16, u16) {
    (columns.min(SCREEN_MAX.0), rows.min(SCREEN_MAX.1))
}

/// Columns of a question before a decision.
const DECIDE_COLUMNS: u16 = 76;
/// Columns of the question before a request.
const CONFIRM_COLUMNS: u16 = 66;
/// Columns for the keys in the help.
pub const HELP_KEY_COLUMNS: u16 = 24;
/// Rows below a list of commands that explain the selected one, with the empty one above them.
pub const ABOUT_ROWS: u16 = 3;
/// Rows of the usage pane with its border.
const USAGE_ROWS: u16 = 6;

/// The places on the screen; a pane that is not seen has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Areas {
    /// The first line.
    pub header: Rect,
    /// The names of the screens; on a small screen, the tabs of the Console's panes beside them.
    pub tabs: Option<Rect>,
    /// What lies between the tabs and the last line.
    pub body: Rect,
    /// The form, with its border.
    pub compose: Option<Rect>,
    /// The usage, with its border.
    pub usage: Option<Rect>,
    /// The log, with its border.
    pub log: Option<Rect>,
    /// The detail, with its border.
    pub detail: Option<Rect>,
    /// The last line.
    pub footer: Rect,
    /// The popup on top, with its border.
    pub popup: Option<Rect>,
}

/// Whether the panes lie side by side.
pub fn is_wide(width: u16, height: u16) -> bool {
    width >= WIDTH_WIDE && height >= HEIGHT_WIDE
}

/// Whether there is room for anything at all.
pub fn is_too_small(width: u16, height: u16) -> bool {
    width < WIDTH_MIN || height < HEIGHT_MIN
}

/// Where everything is.
pub fn areas(model: &Model) -> Areas {
    let (width, height) = (model.shared.width, model.shared.height);
    let mut areas = Areas {
        header: Rect::new(0, 0, width, height.min(1)),
        footer: Rect::new(0, height.saturating_sub(1), width, height.min(1)),
        ..Areas::default()
    };
    if is_too_small(width, height) {
        return areas;
    }
    let all = Rect::new(0, 1, width, height.saturating_sub(2));
    areas.popup = model.popups.last().map(|popup| over(all, popup));
    if model.shared.is_first_run() {
        areas.compose = Some(all);
        return areas;
    }
    let body = Rect::new(0, 2, width, height.saturating_sub(3));
    areas.tabs = Some(Rect::new(0, 1, width, 1));
    areas.body = body;
    match model.place {
        Place::Console if is_wide(width, height) => side_by_side(&mut areas, body),
        Place::Console => one_pane(&mut areas, body, model.pane),
        Place::Jobs | Place::Runs | Place::Usage | Place::Setup => {}
    }
    areas
}

/// The popups that are seen, from the lowest to the one on top: a question or a list does not hide what
/// it is about, every other popup does.
pub fn popups(model: &Model) -> Vec<(&Popup, Rect)> {
    let all = Rect::new(
        0,
        1,
        model.shared.width,
        model.shared.height.saturating_sub(2),
    );
    let covered = model
        .popups
        .iter()
        .rposition(|popup| !matches!(popup, Popup::Decide(_) | Popup::Pick(_)))
        .unwrap_or(0);
    let seen = model.popups.iter().skip(covered);
    seen.map(|popup| (popup, over(all, popup))).collect()
}

/// What lies between the tabs and the last line.
pub fn body(model: &Model) -> Rect {
    areas(model).body
}

/// Inside of a box's border.
pub fn inside(area: Rect) -> Rect {
    Rect::new(
        area.x.saturating_add(1),
        area.y.saturating_add(1),
        area.width.saturating_sub(2),
        area.height.saturating_sub(2),
    )
}

/// Rows of the log that are seen.
pub fn log_rows(model: &Model) -> usize {
    rows(areas(model).log)
}

/// Rows of the detail that are seen.
pub fn detail_rows(model: &Model) -> usize {
    rows(areas(model).detail)
}

/// Columns for the text of the detail.
pub fn detail_columns(model: &Model) -> usize {
    areas(model)
        .detail
        .map_or(usize::from(model.shared.width), |area| {
            usize::from(area.width.saturating_sub(4))
        })
}

/// Columns for the sentences of the help.
pub fn help_columns(model: &Model) -> usize {
    let width = HELP_COLUMNS.min(model.shared.width.saturating_sub(2));
    usize::from(width.saturating_sub(HELP_KEY_COLUMNS + 4))
}

/// Columns for the lines of a text that must be read.
pub fn text_columns(model: &Model) -> usize {
    let width = HELP_COLUMNS.min(model.shared.width.saturating_sub(2));
    usize::from(width.saturating_sub(4))
}

/// Rows of the popup's list that are seen: below its border and the line that is typed in.
pub fn popup_rows(model: &Model) -> usize {
    let taken = match model.popups.last() {
        Some(Popup::Pick(picker)) if picker.explains() => 2 + usize::from(ABOUT_ROWS),
        Some(Popup::Pick(_)) => 2,
        _ => 0,
    };
    rows(areas(model).popup).saturating_sub(taken)
}

/// Rows of the list of records that are seen.
pub fn records_rows(model: &Model) -> usize {
    areas(model)
        .popup
        .map_or(0, |popup| usize::from(records_areas(popup).list.height))
}

/// Where the list and the sheet of the unknowns are in their popup.
pub fn unknown_areas(popup: Rect, count: usize) -> (Rect, Rect) {
    let inner = inside(popup);
    let wanted = u16::try_from(count.max(1)).unwrap_or(u16::MAX);
    let list = wanted.min(inner.height * 35 / 100).max(1);
    let below = inner.height.saturating_sub(list + 1);
    (
        Rect::new(inner.x, inner.y, inner.width, list.min(inner.height)),
        Rect::new(
            inner.x.saturating_add(1),
            inner.bottom().saturating_sub(below),
            inner.width.saturating_sub(2),
            below,
        ),
    )
}

/// Rows of the list of unknowns that are seen.
pub fn unknown_rows(model: &Model) -> usize {
    let all = Rect::new(
        0,
        1,
        model.shared.width,
        model.shared.height.saturating_sub(2),
    );
    let found = model.popups.iter().find_map(|popup| match popup {
        Popup::Unknowns(unknowns) => Some((over(all, popup), unknowns.count())),
        _ => None,
    });
    found.map_or(1, |(area, count)| {
        usize::from(unknown_areas(area, count).0.height)
    })
}

fn rows(area: Option<Rect>) -> usize {
    area.map_or(0, |area| usize::from(inside(area).height))
}

fn side_by_side(areas: &mut Areas, body: Rect) {
    let left = (u32::from(body.width) * 34 / 100).clamp(40, 56);
    let left = u16::try_from(left).unwrap_or(40);
    let right = Rect::new(body.x + left, body.y, body.width - left, body.height);
    // Neighbours share the border between them: each begins on the other's last row.
    let form = body.height.saturating_sub(USAGE_ROWS - 1);
    areas.compose = Some(Rect::new(body.x, body.y, left, form));
    areas.usage = Some(Rect::new(body.x, body.y + form - 1, left, USAGE_ROWS));
    let log = (body.height * 45 / 100).max(8);
    areas.log = Some(Rect::new(right.x, right.y, right.width, log));
    areas.detail = Some(Rect::new(
        right.x,
        right.y + log - 1,
        right.width,
        right.height - log + 1,
    ));
}

fn one_pane(areas: &mut Areas, rest: Rect, pane: Pane) {
    match pane {
        Pane::Compose if rest.height >= 13 + USAGE_ROWS => {
            let form = rest.height - USAGE_ROWS + 1;
            areas.compose = Some(Rect::new(rest.x, rest.y, rest.width, form));
            areas.usage = Some(Rect::new(rest.x, rest.y + form - 1, rest.width, USAGE_ROWS));
        }
        Pane::Compose => areas.compose = Some(rest),
        Pane::Log => areas.log = Some(rest),
        Pane::Detail => areas.detail = Some(rest),
    }
}

fn over(body: Rect, popup: &Popup) -> Rect {
    let rows = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let (width, height) = match popup {
        Popup::Help(help) => (HELP_COLUMNS, rows(help.rows.len()).saturating_add(2)),
        Popup::Pick(picker) => {
            let about = if picker.explains() { ABOUT_ROWS } else { 0 };
            (72, rows(picker.items.len()).clamp(3, 18) + 4 + about)
        }
        Popup::Filter(_) => (52, 20),
        Popup::Confirm(confirm) => {
            let typed = if confirm.typed.is_some() { 2 } else { 0 };
            let columns = CONFIRM_COLUMNS.min(body.width.saturating_sub(2));
            let columns = usize::from(columns.saturating_sub(6));
            let lines = confirm.lines.iter().map(|text| {
                let line = RichLine::new().with(Role::Text, text);
                line.wrapped(columns, 0).len()
            });
            let lines = rows(lines.sum());
            (CONFIRM_COLUMNS, lines.saturating_add(6 + typed))
        }
        Popup::Decide(decide) => {
            let typed = if decide.typed.is_some() { 2 } else { 0 };
            let columns = DECIDE_COLUMNS.min(body.width.saturating_sub(2));
            let columns = usize::from(columns.saturating_sub(6));
            let lines = decide.lines.iter().map(|text| {
                let line = RichLine::new().with(Role::Text, text);
                line.wrapped(columns, 2).len()
            });
            let lines = rows(lines.sum());
            (DECIDE_COLUMNS, lines.saturating_add(6 + typed))
        }
        Popup::Prompt(_) => (76, 7),
        Popup::GrantCode(_) => (84, 16),
        Popup::Plan(_) => (112, 34),
        Popup::Unknowns(unknowns) => (116, rows(unknowns.count()).saturating_add(24)),
        Popup::Records(_) => (92, 28),
        Popup::Guide(_) => (76, 20),
    };
    let width = width.min(body.width.saturating_sub(2));
    let height = height.min(body.height);
    Rect::new(
        body.x + (body.width - width) / 2,
        body.y + (body.height - height) / 2,
        width,
        height,
    )
}
