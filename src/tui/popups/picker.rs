//! A list to choose from, narrowed by typing: palette, profiles, modules, themes, copies.

use std::cmp::Ordering;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::app::cx::{About, Changed, Cx, Handled, Intent, Out, Screen};
use crate::tui::app::effect::Effect;
use crate::tui::app::op::{Op, Payload, Reply};
use crate::tui::app::shared::Shared;
use crate::tui::popups::contexts;
use crate::tui::ui::columns::{Cell, Column, Width};
use crate::tui::ui::field::TextField;
use crate::tui::ui::hits::Spot;
use crate::tui::ui::list::{Drawn, List, Row, Selection};
use crate::tui::ui::painter::{Focus, Painter, from_column, from_row, inside, row, without_last};
use crate::tui::ui::text::{RichLine, fitted, paragraphs};

/// One row.
pub struct Item {
    /// What is matched and shown.
    pub text: String,
    /// What stands beside it.
    pub hint: String,
    /// What choosing it means.
    pub yes: Out,
}

impl Item {
    pub fn new(text: impl Into<String>, hint: impl Into<String>, yes: Out) -> Self {
        Self {
            text: text.into(),
            hint: hint.into(),
            yes,
        }
    }

    /// The command that it runs.
    fn command(&self) -> Option<Command> {
        match self.yes {
            Out::Run(command) => Some(command),
            _ => None,
        }
    }
}

/// The number of an item.
impl Row for usize {
    type Key = Self;

    fn key(&self) -> Self {
        *self
    }
}

/// The list and what has been typed.
pub struct Picker {
    pub(super) about: About,
    /// What narrows the list.
    query: TextField,
    items: Vec<Item>,
    /// The items that match, best first. Invalidated by `query` and `items`.
    list: List<usize>,
    /// Whether nothing matched and the rows are what was perhaps meant. Invalidated by `query`.
    is_guess: bool,
    /// Makes something of what was typed where nothing matches.
    pub(super) typed: Option<fn(&str) -> Out>,
    /// What is done when it is closed without a choice.
    pub(super) closed: Option<Effect>,
    /// While the modules are being asked for, the one to select.
    pub(super) asked: Option<String>,
}

/// Most rows that are proposed where nothing matches.
const GUESSES_MAX: usize = 3;
/// How like a word must be to what was typed.
const LIKE: f64 = 0.8;
/// Rows below a list of commands that explain the selected one, with the empty one above them.
const ABOUT_ROWS: u16 = 3;
/// Its pane.
const LIST: &str = "list";

impl Picker {
    /// A list of these rows; the title is a verb.
    pub fn new(title: &'static str, items: Vec<Item>) -> Self {
        let about = "Type a few letters, not necessarily neighbours, and the list narrows to what has \
                     them in that order. {accept} takes the selected row, {back} takes none.";
        let mut picker = Self {
            about: (title, about),
            query: TextField::default(),
            items,
            list: List::default(),
            is_guess: false,
            typed: None,
            closed: None,
            asked: None,
        };
        picker.narrow();
        picker
    }

    /// Selects a row.
    #[must_use]
    pub fn at(mut self, item: Option<usize>) -> Self {
        self.select(item);
        self
    }

    fn select(&mut self, item: Option<usize>) {
        if let Some(item) = item {
            self.list.select_key(&item);
        }
    }

    fn selected(&self) -> Option<&Item> {
        self.items.get(*self.list.selected()?)
    }

    /// Whether its rows are commands, which are explained below the list.
    fn explains(&self) -> bool {
        self.items.first().and_then(Item::command).is_some()
    }

    /// Matches the rows against what has been typed.
    fn narrow(&mut self) {
        let query = self.query.value().trim();
        let mut rows = matching(&self.items, query);
        self.is_guess = rows.is_empty() && self.explains();
        if self.is_guess {
            rows = guessed(&self.items, &query.to_lowercase());
        }
        self.list.clear();
        self.list.rows = rows;
    }

    /// Shows what the selection means while it moves: only a theme does.
    fn preview(&self, cx: &mut Cx<'_>) {
        if let Some(Out::ChooseTheme(name)) = self.selected().map(|item| &item.yes) {
            cx.effect(Effect::UseTheme(name.clone()));
        }
    }

    fn choose(&mut self, cx: &mut Cx<'_>) {
        cx.close();
        let index = self.list.selected().copied();
        match (index, self.typed) {
            (Some(index), _) if index < self.items.len() => {
                cx.out.push(self.items.swap_remove(index).yes);
            }
            (None, Some(typed)) if !self.query.is_empty() => {
                cx.out.push(typed(self.query.value().trim()));
            }
            _ => {}
        }
    }

    /// The rows: below the line that is typed in, above what explains them.
    fn place(&self, area: Rect) -> Rect {
        let below = from_row(inside(area), 2);
        let height = below.height.saturating_sub(self.about_rows());
        Rect { height, ..below }
    }

    fn about_rows(&self) -> u16 {
        if self.explains() { ABOUT_ROWS } else { 0 }
    }
}

/// The items that have the letters in their order.
fn matching(items: &[Item], query: &str) -> Vec<usize> {
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    ranked(items, |item| {
        // Of a command the key alone: where it is meant is no name of it.
        let hint = match item.command() {
            Some(_) => item.hint.rsplit(": ").next().unwrap_or_default(),
            None => &item.hint,
        };
        let text = format!("{} {hint}", item.text);
        pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)
    })
}

/// The items that hold a word like what was typed.
fn guessed(items: &[Item], query: &str) -> Vec<usize> {
    let mut nearest = ranked(items, |item| {
        let text = item.text.to_lowercase();
        let words = text.split_whitespace().chain([text.as_str()]);
        let likeness = words.map(|word| strsim::jaro_winkler(word, query));
        Some(likeness.fold(0.0, f64::max)).filter(|likeness| *likeness > LIKE)
    });
    nearest.truncate(GUESSES_MAX);
    nearest
}

/// The numbers of the items that have a score, the highest first.
fn ranked<S: PartialOrd>(items: &[Item], mut score: impl FnMut(&Item) -> Option<S>) -> Vec<usize> {
    let all = items.iter().enumerate();
    let mut scored: Vec<(S, usize)> = all
        .filter_map(|(index, item)| Some((score(item)?, index)))
        .collect();
    scored.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(Ordering::Equal));
    scored.into_iter().map(|(_, index)| index).collect()
}

impl Screen for Picker {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        contexts(None, true)
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        if command == Command::Accept {
            self.choose(cx);
        } else if self.list.on_typing(command) {
            self.preview(cx);
        } else {
            return Handled::No;
        }
        Handled::Yes
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        Some(&mut self.query)
    }

    fn text_changed(&mut self, cx: &mut Cx<'_>) {
        self.narrow();
        self.preview(cx);
    }

    fn fit(&mut self, area: Rect, _shared: &Shared) {
        let height = usize::from(self.place(area).height);
        self.list.fit::<()>(height, &[]);
    }

    fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        let is_answer = matches!(&*reply.op, Op::LoadModules(_));
        let Some(module) = self.asked.take_if(|_| is_answer) else {
            return Changed::No;
        };
        match &reply.result {
            Some(Ok(Payload::LoadModules(modules))) => {
                self.items = of_modules(modules);
                self.narrow();
                self.select(self.items.iter().position(|item| item.text == module));
            }
            Some(Err(failure)) => cx.fail(failure),
            Some(Ok(_)) | None => {}
        }
        Changed::Yes
    }

    fn hit(&mut self, spot: &Spot, cx: &mut Cx<'_>) {
        let Spot::Row(LIST, name) = spot else { return };
        if !self.list.press(name) {
            return self.preview(cx);
        }
        // Two presses are soon made by mistake, and this one may spend a unit: it takes a key.
        let sends = self.selected().and_then(Item::command) == Some(Command::Send);
        if !sends {
            self.choose(cx);
        }
    }

    fn draw(&self, _shared: &Shared, p: &mut Painter<'_, '_>, popup: Rect) {
        let area = from_column(inside(popup), 1);
        p.prompt(row(area, 0), &self.query);
        let list = self.place(popup);
        p.pane(popup, LIST);
        if self.list.is_empty() {
            let text = match (self.asked.is_some(), self.query.is_empty()) {
                (true, _) => "asking the server",
                (false, true) => "the list is empty; type a name",
                (false, false) => "nothing matches",
            };
            return p.text(from_column(list, 2), Role::Dim, text);
        }
        if self.is_guess {
            let text = "nothing has these letters; did you mean";
            p.text(from_column(row(area, 1), 2), Role::Warning, text);
        }
        let how = Drawn {
            pane: LIST,
            selection: Selection::Ground(Focus::Here),
            look: &(&self.items, usize::from(list.width)),
        };
        let columns = [Column::new("", Width::Rest, item_cell)];
        self.list.draw(p, list, &columns, &how);
        if let Some(command) = self.selected().and_then(Item::command) {
            let below = from_row(area, usize::from(list.height) + 3);
            let below = without_last(from_column(below, 1), 1);
            let text = [(Role::Dim, command.help())];
            p.lines(below, &paragraphs(text, (usize::from(below.width), 0)));
        }
    }

    fn about(&self) -> About {
        self.about
    }

    fn size(&self, _room: (u16, u16)) -> (u16, u16) {
        let rows = u16::try_from(self.items.len()).unwrap_or(u16::MAX);
        (72, rows.clamp(3, 18) + 4 + self.about_rows())
    }

    fn covers(&self) -> bool {
        false
    }

    fn closed(&mut self, cx: &mut Cx<'_>) {
        cx.out.extend(self.closed.take().map(Out::Effect));
    }

    fn meant(&self, command: Command) -> Command {
        let chosen = self.selected().and_then(Item::command);
        match (command, chosen) {
            (Command::Accept, Some(chosen)) => chosen,
            (command, _) => command,
        }
    }
}

pub(super) fn of_modules(modules: &[String]) -> Vec<Item> {
    let module = |name: &String| Out::Deliver(Intent::Module(name.clone()));
    let all = modules.iter();
    all.map(|name| Item::new(name, "", module(name))).collect()
}

/// An item in a list of so many columns: its text, and its hint at the right.
fn item_cell<'a>(index: &'a usize, (items, width): &'a (&Vec<Item>, usize)) -> Cell<'a> {
    let mut line = RichLine::new();
    if let Some(item) = items.get(*index) {
        let hint = fitted(&item.hint, width / 2);
        let text = fitted(&item.text, width.saturating_sub(hint.width() + 5));
        let gap = width.saturating_sub(text.width() + hint.width() + 3);
        line = line
            .with(Role::Text, &format!(" {text}{}", " ".repeat(gap)))
            .with(Role::Dim, &hint);
    }
    Cell::Rich(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picker() -> Picker {
        let items = [Command::Send, Command::ChooseProfile, Command::Quit]
            .into_iter()
            .map(|command| Item::new(command.title(), "", Out::Run(command)))
            .collect();
        Picker::new("Find a command", items)
    }

    fn selected(picker: &Picker) -> Option<Command> {
        picker.selected().and_then(Item::command)
    }

    #[test]
    fn a_few_letters_find_the_row() {
        let mut picker = picker();
        picker.query.set("swpro");

        picker.narrow();

        assert_eq!(selected(&picker), Some(Command::ChooseProfile));
        assert_eq!(picker.list.len(), 1);
    }

    #[test]
    fn a_slip_of_the_finger_is_taken_for_what_is_like_it() {
        let mut picker = picker();
        picker.query.set("swich");
        picker.narrow();
        assert!(!picker.is_guess, "its letters are all there");
        picker.query.set("profiel");

        picker.narrow();

        assert!(picker.is_guess);
        assert_eq!(selected(&picker), Some(Command::ChooseProfile));
        picker.query.set("xyzzy");
        picker.narrow();
        assert_eq!(picker.list.rows, [] as [usize; 0]);
    }

    #[test]
    fn nothing_typed_shows_everything() {
        assert_eq!(picker().list.rows, [0, 1, 2]);
    }
}
