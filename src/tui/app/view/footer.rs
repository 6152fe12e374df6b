//! The last line: what the keys do here, and how things stand.

use ratatui::layout::Rect;

use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::app::shared::Shared;
use crate::tui::app::state::App;
use crate::tui::ui::painter::{Painter, from_column, without_last};
use crate::tui::ui::text::{RichLine, fitted};

pub(super) fn draw(app: &App, p: &mut Painter<'_, '_>, area: Rect) {
    p.ground(area, Role::Footer);
    let shared = &app.shared;
    let contexts = app.contexts();
    let right = state(shared, &contexts, area.width);
    let right_width = right.columns().min(area.width);
    p.line(from_column(area, area.width - right_width), &right);
    let room = usize::from(area.width.saturating_sub(right_width + 1));
    let commands = match app.top().hints() {
        Some(hints) => hints.to_vec(),
        None => Command::ranked(&contexts),
    };
    let left = keys(shared, (&contexts, &commands), room);
    p.line(without_last(area, right_width), &left);
}

/// From so many columns on, keys stand further apart.
const ROOMY_COLUMNS: usize = 84;

fn keys(shared: &Shared, (contexts, commands): (&[Context], &[Command]), room: usize) -> RichLine {
    let mut line = RichLine::of(Role::Footer, " ");
    let mut used = 1;
    // A narrow line has room for one key more that way.
    let gap = if room < ROOMY_COLUMNS { "  " } else { "   " };
    for command in commands {
        let key = shared.key(contexts, *command);
        if key.is_empty() {
            continue;
        }
        let label = format!(" {}{gap}", command.label());
        used += key.chars().count() + label.chars().count();
        if used > room {
            break;
        }
        line.push(Role::Key, &key);
        line.push(Role::Footer, &label);
    }
    line
}

/// The ledger, what is on its way and what is unknown; a narrow screen leaves out what is well.
fn state(shared: &Shared, contexts: &[Context], width: u16) -> RichLine {
    let mut parts: Vec<(Role, String)> = Vec::new();
    match &shared.ledger_trouble {
        Some(trouble) => {
            let room = if width >= 100 { 44 } else { 12 };
            parts.push((Role::Error, format!("ledger: {}", fitted(trouble, room))));
        }
        None if width >= 100 => parts.push((Role::Dim, "ledger ok".to_owned())),
        None => {}
    }
    let on_the_way = shared.in_flight().count();
    if on_the_way > 0 {
        parts.push((Role::Sending, format!("{on_the_way} on the way")));
    }
    let unknown = shared.usage().map_or(0, |figures| figures.usage.unknown);
    if unknown > 0 {
        let key = shared.key(contexts, Command::SettleUnknowns);
        let key = match key.as_str() {
            key if width >= 100 && !key.is_empty() => format!(" ({key})"),
            _ => String::new(),
        };
        parts.push((Role::Unknown, format!("{unknown} unknown{key}")));
    }
    let parts = parts.iter().map(|(role, text)| (*role, text.as_str()));
    RichLine::joined(parts).with(Role::Dim, " ")
}
