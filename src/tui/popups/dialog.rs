//! The one question: what will be, the numbers before and after, and, where it matters, something
//! that must be typed first. Nothing is done until its key is pressed, or the text typed and Enter
//! pressed; the key that opened it does neither.

use ratatui::layout::Rect;

use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::app::cx::{About, Cx, Handled, Out, Screen};
use crate::tui::app::effect::Effect;
use crate::tui::app::op::Op;
use crate::tui::app::shared::Shared;
use crate::tui::popups::contexts;
use crate::tui::ui::field::TextField;
use crate::tui::ui::painter::{Painter, from_column, from_row, inside, row};
use crate::tui::ui::text::{RichLine, paragraphs};

/// Columns of a question.
const COLUMNS: u16 = 76;
/// Rows beside the lines: the border, blank rows and the answers.
const ROWS: usize = 6;

/// The question.
pub struct Dialog {
    pub question: String,
    pub lines: Vec<String>,
    /// What must be typed first, where that is demanded.
    typed: Option<Typed>,
    /// What the key does, such as "adopts the job".
    does: &'static str,
    /// What Esc leaves, such as "changes nothing".
    leaves: &'static str,
    columns: u16,
    /// Whether it asks about leaving: its lines follow what is outstanding.
    pub is_leaving: bool,
    /// What a yes means; it is taken when that comes.
    yes: Option<Out>,
}

/// Something that must be typed: it is read, where a key is only a habit of the fingers.
struct Typed {
    wanted: String,
    /// What it is called; nothing where it is a word that says itself.
    called: &'static str,
    field: TextField,
}

impl Typed {
    fn is_right(&self) -> bool {
        let plain = |text: &str| text.trim().replace([',', ' '], "");
        plain(self.field.value()) == plain(&self.wanted)
    }

    fn prompt(&self) -> String {
        match self.called {
            "" => format!("type {} to go on: ", self.wanted),
            called => format!("type {called}, {}, to go on: ", self.wanted),
        }
    }
}

impl Dialog {
    pub fn new(question: impl Into<String>, lines: Vec<String>, does: &'static str) -> Self {
        Self {
            question: question.into(),
            lines,
            typed: None,
            does,
            leaves: "changes nothing",
            columns: COLUMNS,
            is_leaving: false,
            yes: None,
        }
    }

    /// What a yes means.
    #[must_use]
    pub fn yes(mut self, yes: Out) -> Self {
        self.yes = Some(yes);
        self
    }

    /// An act that a yes begins.
    #[must_use]
    pub fn acts(self, op: Op) -> Self {
        self.yes(Out::Do(op))
    }

    #[must_use]
    pub fn leaves(mut self, leaves: &'static str) -> Self {
        self.leaves = leaves;
        self
    }

    #[must_use]
    pub fn columns(mut self, columns: u16) -> Self {
        self.columns = columns;
        self
    }

    /// Demands that something is typed; `called` says what it is, such as "the number of units".
    #[must_use]
    pub fn typed(mut self, wanted: impl Into<String>, called: &'static str) -> Self {
        self.typed = Some(Typed {
            wanted: wanted.into(),
            called,
            field: TextField::typed_only(),
        });
        self
    }

    /// The question before leaving.
    pub fn leaving(lines: Vec<String>) -> Self {
        let mut dialog = Self::new("Leave ziadeck now?", lines, "leaves");
        dialog.is_leaving = true;
        dialog.leaves("stays").yes(Out::Effect(Effect::Quit))
    }

    fn wrapped(&self, columns: u16) -> Vec<RichLine> {
        let width = usize::from(columns.saturating_sub(6));
        let lines = self.lines.iter().map(|text| (Role::Text, text));
        paragraphs(lines, (width, 2))
    }

    /// Whether the command answers it with yes: its own key, or Enter where what is demanded was
    /// typed.
    fn is_answered_by(&self, command: Command) -> bool {
        match &self.typed {
            Some(typed) => command == Command::Accept && typed.is_right(),
            None => command == Command::SendAnyway,
        }
    }
}

impl Screen for Dialog {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        // What demands a text is answered by that, not by a key.
        let own = self.typed.is_none().then_some(Context::Question);
        contexts(own, self.typed.is_some())
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        if self.is_answered_by(command) {
            cx.close();
            cx.out.extend(self.yes.take());
            return Handled::Yes;
        }
        if matches!(command, Command::Quit | Command::Help) {
            return Handled::when(command == Command::Quit && self.is_leaving);
        }
        let Some(typed) = &mut self.typed else {
            return Handled::Yes;
        };
        if command == Command::Accept {
            let (what, nothing) = match typed.called {
                "" => ("the word", "nothing was sent"),
                called => (called, "nothing was done"),
            };
            cx.warn(format!("type {what} first; {nothing}"));
        } else {
            typed.field.on(command);
        }
        Handled::Yes
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        self.typed.as_mut().map(|typed| &mut typed.field)
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let inner = from_column(inside(area), 2);
        p.lines(from_row(inner, 1), &self.wrapped(area.width));
        if let Some(typed) = &self.typed {
            let place = row(inner, usize::from(inner.height.saturating_sub(4)));
            let prompt = typed.prompt();
            let column = u16::try_from(prompt.chars().count()).unwrap_or(0);
            p.text(place, Role::Warning, &prompt);
            let field = from_column(place, column);
            let most = if typed.called.is_empty() { 14 } else { 16 };
            let width = field.width.min(most);
            p.field(Rect { width, ..field }, &typed.field);
        }
        let answer = match self.typed {
            Some(_) => Command::Accept,
            None => Command::SendAnyway,
        };
        let contexts = self.contexts(shared);
        let line = RichLine::of(Role::Title, &shared.key(&contexts, answer))
            .with(Role::Dim, &format!(" {}   ", self.does))
            .with(Role::Title, &shared.key(&contexts, Command::Back))
            .with(Role::Dim, &format!(" {}", self.leaves));
        let last = inner.height.saturating_sub(2);
        p.line(row(inner, usize::from(last)), &line);
    }

    fn about(&self) -> About {
        let is_sending = self.leaves == "sends nothing";
        match (is_sending, self.typed.is_some()) {
            (true, true) => (
                "The question before a request",
                "Read why it is asked and what it would spend. Type the word, then {accept} sends; \
                 {back} sends nothing.",
            ),
            (true, false) => (
                "The question before a request",
                "Read why it is asked and what it would spend. {send_anyway} sends, {back} sends \
                 nothing; the key that asked does neither.",
            ),
            (false, true) => (
                "The question before a decision",
                "It names what will be different. Type what it asks for, then {accept} does it; \
                 {back} changes nothing.",
            ),
            (false, false) => (
                "The question before a decision",
                "It names what will be different. {send_anyway} does it, {back} changes nothing; \
                 the key that asked does neither.",
            ),
        }
    }

    fn title(&self, _shared: &Shared) -> String {
        self.question.clone()
    }

    fn size(&self, room: (u16, u16)) -> (u16, u16) {
        let columns = self.columns.min(room.0);
        let typed = if self.typed.is_some() { 2 } else { 0 };
        let rows = self.wrapped(columns).len() + ROWS + typed;
        (columns, u16::try_from(rows).unwrap_or(u16::MAX))
    }

    fn covers(&self) -> bool {
        false
    }

    fn question(&self) -> Option<(&str, &[String])> {
        Some((&self.question, &self.lines))
    }

    fn meant(&self, command: Command) -> Command {
        match command {
            Command::Accept if self.typed.is_some() => Command::SendAnyway,
            command => command,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_typed_with_or_without_separators() {
        for (text, is_right) in [("1,204", true), ("1204", true), ("204", false), ("", false)] {
            let dialog = Dialog::new("Go on?", Vec::new(), "goes on");
            let mut dialog = dialog.typed("1204", "the number of units");
            dialog.typed.as_mut().unwrap().field.set(text);

            assert_eq!(dialog.is_answered_by(Command::Accept), is_right, "{text:?}");
        }
    }
}
