//! What lies under the mouse, where a part of the screen is not an area of its own.

use ratatui::layout::{Position, Rect};

use super::{ABOUT_ROWS, areas, inside, records_areas, unknown_areas};
use crate::base::DataCenter;
use crate::enrichment::Place as Input;
use crate::tui::model::Model;
use crate::tui::model::detail::Tab;
use crate::tui::model::picker::Picker;
use crate::tui::model::popup::{FilterForm, Popup};

/// Columns of the screen from which the first line is roomy.
pub const HEADER_ROOMY: u16 = 100;
/// Columns of the screen from which the program names itself in it: where it is narrower, the profile
/// needs the room.
const HEADER_NAMED: u16 = 70;
/// What the program calls itself there.
const BRAND: &str = "ziadeck";
/// Rows of a plan's own fields; the columns of its file come below.
const PLAN_ROWS: u16 = 5;
/// Rows below the form's fields that say how things stand.
const STATUS_ROWS: usize = 4;

/// The name of the program in the first line, with the gap behind it.
pub fn brand(width: u16) -> (&'static str, &'static str) {
    match width {
        HEADER_ROOMY.. => (BRAND, "  "),
        HEADER_NAMED.. => (BRAND, " "),
        _ => ("", ""),
    }
}

/// Where each data centre is in the first line.
pub fn selector(width: u16) -> impl Iterator<Item = (DataCenter, Rect)> {
    // A space, the name and its gap; then for each its code, its mark and the spaces around them.
    let spaces = if width >= HEADER_ROOMY { 3 } else { 1 };
    let (name, gap) = brand(width);
    let mut column = u16::try_from(1 + name.len() + gap.len()).unwrap_or(width);
    DataCenter::ALL.into_iter().map(move |data_center| {
        let code = u16::try_from(data_center.code().len()).unwrap_or(2);
        let columns = code + 1 + spaces;
        let area = Rect::new(column, 0, columns, 1);
        column += columns;
        (data_center, area)
    })
}

/// How the form's fields are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormRows {
    /// Where they are.
    pub area: Rect,
    /// The first field that is seen.
    pub first: usize,
    /// How many are seen.
    pub shown: usize,
    /// Rows from one to the next.
    pub step: usize,
}

/// How the form's fields are laid out in its box.
pub fn form_rows(model: &Model, form: Rect) -> FormRows {
    let inner = inside(form);
    let area = Rect::new(
        inner.x.saturating_add(1),
        inner.y,
        inner.width.saturating_sub(1),
        inner.height,
    );
    let places = model.compose.places();
    let room = usize::from(area.height);
    let step = if room >= places.len() * 2 + STATUS_ROWS {
        2
    } else {
        1
    };
    // On a low screen the fields scroll with the focus.
    let shown = room.saturating_sub(usize::from(room > places.len())) / step;
    let at = places
        .iter()
        .position(|place| *place == model.compose.focus)
        .unwrap_or(0);
    FormRows {
        area,
        first: (at + 1).saturating_sub(shown.max(1)),
        shown,
        step,
    }
}

/// The form's field at a position.
pub fn input_at(model: &Model, at: Position) -> Option<Input> {
    let rows = form_rows(model, areas(model).compose?);
    let row = usize::from(at.y.checked_sub(rows.area.y)?);
    let index = row / rows.step.max(1);
    if !rows.area.contains(at) || index >= rows.shown {
        return None;
    }
    model.compose.places().get(rows.first + index).copied()
}

/// The detail's tab whose name is at a position.
pub fn detail_tab_at(detail: Rect, at: Position) -> Option<Tab> {
    // The border, then the pane's own title.
    let mut column = detail.x + 1 + DETAIL_TITLE;
    Tab::ALL.into_iter().find(|tab| {
        let start = column;
        column += u16::try_from(tab.title().len() + 2).unwrap_or(2);
        at.y == detail.y && (start..column).contains(&at.x)
    })
}

/// Columns of the detail's title in front of its tabs.
const DETAIL_TITLE: u16 = 8;

/// Where the rows of a popup's list are, the first that is seen, and how many there are.
pub fn popup_list(popup: &Popup, area: Rect) -> Option<(Rect, usize, usize)> {
    let inner = inside(area);
    match popup {
        Popup::Pick(picker) => {
            let list = pick_list(picker, area);
            Some((list, picker.view.offset, picker.matches.len()))
        }
        Popup::Unknowns(unknowns) => {
            let count = unknowns.count();
            Some((unknown_areas(area, count).0, unknowns.view.offset, count))
        }
        Popup::Records(records) => {
            let list = records_areas(area).list;
            Some((list, records.view.offset, records.list.len()))
        }
        Popup::Plan(form) if form.is_open() => {
            let list = Rect::new(inner.x, inner.y, inner.width, PLAN_ROWS.min(inner.height));
            Some((list, 0, usize::from(PLAN_ROWS)))
        }
        Popup::Plan(_) => None,
        Popup::Filter(form) => {
            let rows = inner.height.saturating_sub(1).max(1);
            let first = (form.selected + 1).saturating_sub(usize::from(rows));
            let list = Rect::new(inner.x, inner.y, inner.width, rows);
            Some((list, first, FilterForm::rows().len()))
        }
        Popup::Help(_)
        | Popup::Confirm(_)
        | Popup::Decide(_)
        | Popup::Prompt(_)
        | Popup::GrantCode(_)
        | Popup::Guide(_) => None,
    }
}

/// The rows of a list to choose from: below the line that is typed in, above what explains them.
pub fn pick_list(picker: &Picker, area: Rect) -> Rect {
    let inner = inside(area);
    let about = if picker.explains() { ABOUT_ROWS } else { 0 };
    let height = inner.height.saturating_sub(2 + about);
    Rect::new(inner.x, inner.y + 2, inner.width, height)
}

/// The row of a list at a position, counted from the first of all its rows.
pub fn row_at(list: Rect, offset: usize, count: usize, at: Position) -> Option<usize> {
    let row = offset + usize::from(at.y.checked_sub(list.y)?);
    (list.contains(at) && row < count).then_some(row)
}
