//! The second line: the names of the screens, and on a small screen those of the Console's panes.

use ratatui::layout::Position;

use super::{areas, is_wide};
use crate::theme::Role;
use crate::tui::model::{Model, Pane, Place};
use crate::tui::ui::text::RichLine;

/// What a name in the second line leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// A screen.
    Screen(Place),
    /// A pane of the Console.
    Pane(Pane),
}

/// The names from the left and those from the right, each with what it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tabs {
    /// The screens.
    pub screens: Vec<(Tab, RichLine)>,
    /// The Console's panes, where only one of them is seen.
    pub panes: Vec<(Tab, RichLine)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    All,
    OpenOnly,
}

/// The names as they fit into the screen's width.
pub fn tabs(model: &Model) -> Tabs {
    let panes = panes(model);
    let room = usize::from(model.shared.width).saturating_sub(width(&panes));
    let mut all = screens(model, Names::All);
    if width(&all) > room {
        all = screens(model, Names::OpenOnly);
    }
    Tabs {
        screens: all,
        panes,
    }
}

/// The name at a position.
pub fn tab_at(model: &Model, at: Position) -> Option<Tab> {
    areas(model).tabs.filter(|area| area.contains(at))?;
    let Tabs { screens, panes } = tabs(model);
    let column = usize::from(at.x);
    let start = usize::from(model.shared.width).saturating_sub(width(&panes));
    let (tabs, column) = if column < start {
        (screens, column)
    } else {
        (panes, column - start)
    };
    let mut end = 0;
    tabs.into_iter()
        .find(|(_, line)| {
            end += line.width();
            column < end
        })
        .map(|(tab, _)| tab)
}

fn width(tabs: &[(Tab, RichLine)]) -> usize {
    tabs.iter().map(|(_, line)| line.width()).sum()
}

fn screens(model: &Model, names: Names) -> Vec<(Tab, RichLine)> {
    let one = |place: Place| {
        let chord = model
            .shared
            .settings
            .bindings
            .chords(place.command())
            .first();
        let key = chord.map(ToString::to_string).unwrap_or_default();
        let is_open = place == model.place;
        let (mark, role) = if is_open {
            ("▌", Role::TabOpen)
        } else {
            (" ", Role::Tab)
        };
        let mut line = RichLine::new().with(role, mark);
        line.push(if is_open { role } else { Role::Dim }, &key);
        if is_open || names == Names::All {
            line.push(role, &format!(" {}", place.title()));
        }
        line.push(Role::Tab, " ");
        (Tab::Screen(place), line)
    };
    Place::ALL.into_iter().map(one).collect()
}

fn panes(model: &Model) -> Vec<(Tab, RichLine)> {
    if model.place != Place::Console || is_wide(model.shared.width, model.shared.height) {
        return Vec::new();
    }
    let one = |pane: Pane| {
        let (role, text) = if pane == model.pane {
            (Role::TabOpen, format!("▌{} ", pane.title()))
        } else {
            (Role::Tab, format!(" {} ", pane.title()))
        };
        (Tab::Pane(pane), RichLine::new().with(role, &text))
    };
    Pane::ALL.into_iter().map(one).collect()
}
