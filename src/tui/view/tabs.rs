//! The second line: which screen this is and how to reach the others; on a small screen, the panes
//! of the Console as well.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::paint;
use crate::theme::{Role, Theme};
use crate::tui::layout;
use crate::tui::model::rich::RichLine;
use crate::tui::model::{Model, Pane, Place};

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let panes = panes(model);
    let panes_width = u16::try_from(panes.width()).unwrap_or(area.width);
    let room = usize::from(area.width.saturating_sub(panes_width));
    let mut left = screens(model, Names::All);
    if left.width() > room {
        left = screens(model, Names::OpenOnly);
    }
    frame.render_widget(paint::line(theme, &left), area);
    let right = paint::from_column(area, area.width.saturating_sub(panes_width));
    frame.render_widget(paint::line(theme, &panes), right);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    All,
    OpenOnly,
}

fn screens(model: &Model, names: Names) -> RichLine {
    let mut line = RichLine::new();
    for place in Place::ALL {
        let chord = model.settings.bindings.chords(place.command()).first();
        let key = chord.map(ToString::to_string).unwrap_or_default();
        let is_open = place == model.place;
        let (mark, role) = if is_open {
            ("▌", Role::TabOpen)
        } else {
            (" ", Role::Tab)
        };
        line.push(role, mark);
        line.push(if is_open { role } else { Role::Dim }, &key);
        if is_open || names == Names::All {
            line.push(role, &format!(" {}", place.title()));
        }
        line.push(Role::Tab, " ");
    }
    line
}

/// The Console's panes, where only one of them is seen.
fn panes(model: &Model) -> RichLine {
    let mut line = RichLine::new();
    if model.place != Place::Console || layout::is_wide(model.width, model.height) {
        return line;
    }
    for pane in Pane::ALL {
        let (role, text) = if pane == model.pane {
            (Role::TabOpen, format!("▌{} ", pane.title()))
        } else {
            (Role::Tab, format!(" {} ", pane.title()))
        };
        line.push(role, &text);
    }
    line
}
