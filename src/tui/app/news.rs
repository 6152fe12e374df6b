//! What comes by itself: time, the ledger, progress, themes, the mouse.

use ratatui::layout::Position;

use super::cx::{Out, Screen, ScreenId};
use super::msg::{Mouse, MouseKind, ThemeRead};
use super::notice::Notice;
use super::op::{Freshness, Op, OpId, Progress};
use super::shared::AGES_EVERY;
use super::state::{App, Turn};
use crate::base::DataCenter;
use crate::keymap::Command;
use crate::tui::ui::hits::{Layer, Spot};

/// Rows that one step of the wheel scrolls.
const WHEEL_ROWS: usize = 3;

impl App {
    pub(super) fn tick(&mut self, turn: &mut Turn<'_>) {
        self.keys_due(turn);
        self.shared.toasts.expire(turn.env.uptime);
        if turn.env.uptime >= self.shared.told_at + AGES_EVERY {
            self.shared.tell_time(turn.env);
            self.screens.all_mut().for_each(Screen::minute);
        }
        let mut cx = turn.cx(&self.shared);
        self.screens.console.tick(&mut cx);
        if self.screen != ScreenId::Console {
            self.screens.get_mut(self.screen).tick(&mut cx);
        }
        for popup in &mut self.popups {
            popup.tick(&mut cx);
        }
    }

    pub(super) fn ledger_changed(&mut self, turn: &mut Turn<'_>) {
        let mut cx = turn.cx(&self.shared);
        self.screens.console.ledger_changed(&mut cx);
        self.ask_usage(Freshness::Ledger, turn);
        let mut cx = turn.cx(&self.shared);
        for popup in &mut self.popups {
            popup.ledger_changed(&mut cx);
        }
        if self.screen != ScreenId::Console {
            self.screens.get_mut(self.screen).ledger_changed(&mut cx);
        }
    }

    pub(super) fn progress(&mut self, id: OpId, progress: Progress, turn: &mut Turn<'_>) {
        let Some(open) = self.shared.open.get_mut(&id) else {
            return;
        };
        let is_dispatched = progress == Progress::Dispatched;
        open.progress = Some(progress);
        if is_dispatched {
            let log = &mut self.screens.console.log;
            log.ask_newest(&mut turn.cx(&self.shared));
        }
    }

    /// A theme was read: it is in use, or everything looks as before. One that somebody chose is
    /// kept for the next start once it is known that it can be read.
    pub(super) fn themed(&mut self, read: ThemeRead, turn: &mut Turn<'_>) {
        let settings = &mut self.shared.settings;
        let is_chosen = settings.theme_chosen.take().as_ref() == Some(&read.name);
        settings.themes = read.names;
        // What was told before is mended, or told anew.
        if let Some(told) = settings.theme_told.take() {
            self.shared.toasts.drop(&told);
        }
        let told = match &read.result {
            Ok(warning) => warning.clone().map(Notice::warning),
            Err(why) => Some(Notice::error(why.clone())),
        };
        settings.theme_told = told.as_ref().map(|told| told.text.clone());
        turn.out.extend(told.map(Out::Say));
        if read.result.is_ok() {
            settings.theme.clone_from(&read.name);
            turn.out
                .extend(is_chosen.then_some(Out::Do(Op::KeepTheme(read.name))));
        }
    }

    pub(super) fn mouse(&mut self, mouse: Mouse, turn: &mut Turn<'_>) {
        let at = Position::new(mouse.column, mouse.row);
        let Some(hit) = self.hits.at(at).cloned() else {
            return;
        };
        let is_on_top = match hit.layer {
            Layer::App | Layer::Screen => self.popups.is_empty(),
            Layer::Popup(depth) => depth + 1 == self.popups.len(),
        };
        let command = match mouse.kind {
            _ if !is_on_top => return,
            MouseKind::Press if hit.layer == Layer::App => return self.press_app(&hit.spot, turn),
            _ if hit.layer == Layer::App => return,
            MouseKind::Press => {
                let (top, shared) = self.top_mut();
                return top.hit(&hit.spot, &mut turn.cx(shared));
            }
            MouseKind::ScrollDown => Command::Down,
            MouseKind::ScrollUp => Command::Up,
        };
        let (top, shared) = self.top_mut();
        for _ in 0..WHEEL_ROWS {
            top.wheel(&hit.spot, command, &mut turn.cx(shared));
        }
    }

    /// A press on the first two lines.
    fn press_app(&mut self, spot: &Spot, turn: &mut Turn<'_>) {
        match spot {
            Spot::Row("data centre", code) => {
                let mut all = DataCenter::ALL.into_iter();
                if let Some(there) = all.find(|there| there.code() == code) {
                    self.go_to(there, turn);
                }
            }
            Spot::Row("screen", title) => {
                let mut all = ScreenId::ALL.iter();
                if let Some(screen) = all.find(|screen| screen.title() == title) {
                    self.go(*screen, turn);
                }
            }
            Spot::Row(..) | Spot::Pane(_) => {}
        }
    }
}
