//! The first start: there is no profile yet.

use ratatui::layout::Rect;

use crate::base::DataCenter;
use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::app::cx::{About, Cx, Handled, Out, Screen};
use crate::tui::app::op::Op;
use crate::tui::app::shared::Shared;
use crate::tui::ui::painter::{Focus, Painter, row};
use crate::tui::ui::text::RichLine;

/// What it offers.
const OFFERS: [(&str, &str); 2] = [
    (
        "Try the demo",
        "a simulated Zoho on this machine: no account, nothing is spent, nothing is kept",
    ),
    (
        "Set up a profile",
        "a client id, its secret and a grant code from Zoho's API console; five minutes",
    ),
];

#[derive(Default)]
pub struct Welcome {
    selected: usize,
}

impl Screen for Welcome {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        vec![
            Context::Popup,
            Context::List,
            Context::Screen,
            Context::Always,
        ]
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        match command {
            Command::Down | Command::Up => self.selected = 1 - self.selected.min(1),
            Command::Accept if self.selected == 0 => cx.act(Op::StartDemo),
            Command::Accept => cx.out.push(Out::SetUp(DataCenter::Us)),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn draw(&self, _shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let width = area.width.saturating_sub(8).min(76);
        let left = area.x + (area.width - width) / 2;
        let top = area.y + area.height.saturating_sub(13) / 3;
        let area = Rect::new(left, top, width, area.bottom().saturating_sub(top));
        let about = "An operations console for Zoho CRM's Zia People Enrichment: compose requests, \
                     watch every answer arrive, and see what is left of the organisation's limit.";
        let mut lines = vec![
            RichLine::of(Role::Accent, "Welcome to ziadeck"),
            RichLine::new(),
        ];
        lines.extend(RichLine::of(Role::Text, about).wrapped(usize::from(width), 0));
        for (place, (title, text)) in OFFERS.into_iter().enumerate() {
            lines.push(RichLine::new());
            let is_selected = place == self.selected;
            let mark = if is_selected { "▌ " } else { "  " };
            if is_selected {
                p.selection(row(area, lines.len()), Focus::Here);
            }
            lines.push(RichLine::of(Role::Accent, mark).with(Role::Title, title));
            let below = RichLine::of(Role::Text, "  ").with(Role::Dim, text);
            lines.extend(below.wrapped(usize::from(width), 2));
        }
        p.lines(area, &lines);
    }

    fn about(&self) -> About {
        (
            "The first start",
            "Nothing is set up yet. The demo plays Zoho on this machine: everything can be tried \
             there and nothing is spent. To work with an organisation, set up a profile.",
        )
    }

    fn hints(&self) -> Option<&'static [Command]> {
        Some(&[
            Command::Accept,
            Command::Palette,
            Command::Help,
            Command::Quit,
        ])
    }
}
