//! A list to choose from, narrowed by typing: palette, profiles, modules, themes, copies.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::app::cx::{About, Changed, Cx, Handled, Out, Screen};
use crate::tui::app::effect::Effect;
use crate::tui::app::op::{Op, Payload, Reply};
use crate::tui::app::shared::Shared;
use crate::tui::popups::contexts;
use crate::tui::ui::field::TextField;
use crate::tui::ui::hits::Spot;
use crate::tui::ui::painter::{Focus, Painter, from_column, inside, row, without_last};
use crate::tui::ui::text::{RichLine, fitted};
use crate::tui::ui::viewport::{Turn, Viewport};

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

/// The list and what has been typed.
pub struct Picker {
    /// A verb.
    title: &'static str,
    /// What it is for, where the title does not say it.
    about: Option<About>,
    /// What narrows the list.
    query: TextField,
    items: Vec<Item>,
    /// The rows that match, best first. Invalidated by `query` and `items`.
    matches: Vec<usize>,
    view: Viewport,
    height: usize,
    /// Whether the rows are still being asked for.
    is_asked: bool,
    /// Whether nothing matched and the rows are what was perhaps meant. Invalidated by `query`.
    is_guess: bool,
    /// Makes something of what was typed where nothing matches.
    typed: Option<fn(&str) -> Out>,
    /// What is done when it is closed without a choice.
    closed: Option<Effect>,
    /// Makes the rows of an answer, and the text of the one to select.
    fill: Option<(Fill, String)>,
}

/// The rows that an answer brings, if it is theirs.
pub type Fill = Box<dyn Fn(&Payload) -> Option<Vec<Item>>>;

/// Most rows that are proposed where nothing matches.
const GUESSES_MAX: usize = 3;
/// How like a word must be to what was typed.
const LIKE: f64 = 0.8;
/// Rows below a list of commands that explain the selected one, with the empty one above them.
const ABOUT_ROWS: u16 = 3;
/// Its pane.
const LIST: &str = "list";

impl Picker {
    /// A list of these rows.
    pub fn new(title: &'static str, items: Vec<Item>) -> Self {
        let mut picker = Self {
            title,
            about: None,
            query: TextField::default(),
            items,
            matches: Vec::new(),
            view: Viewport::default(),
            height: 1,
            is_asked: false,
            is_guess: false,
            typed: None,
            closed: None,
            fill: None,
        };
        picker.narrow();
        picker
    }

    #[must_use]
    pub fn about(mut self, about: About) -> Self {
        self.about = Some(about);
        self
    }

    /// What was typed may be meant although no row is like it.
    #[must_use]
    pub fn or_typed(mut self, typed: fn(&str) -> Out) -> Self {
        self.typed = Some(typed);
        self
    }

    #[must_use]
    pub fn when_closed(mut self, effect: Effect) -> Self {
        self.closed = Some(effect);
        self
    }

    /// Selects a row.
    #[must_use]
    pub fn at(mut self, index: Option<usize>) -> Self {
        self.select(index);
        self
    }

    fn select(&mut self, index: Option<usize>) {
        let place = index.and_then(|at| self.matches.iter().position(|index| *index == at));
        if let Some(place) = place {
            self.view.select(place, self.matches.len(), self.height);
        }
    }

    /// The rows come with an answer, unless they are here.
    #[must_use]
    pub fn filled_by(mut self, items: Option<Vec<Item>>, fill: (Fill, String)) -> Self {
        self.fill = Some(fill);
        self.is_asked = items.is_none();
        self.take(items.unwrap_or_default());
        self
    }

    fn take(&mut self, items: Vec<Item>) {
        let wanted = self.fill.as_ref().map(|(_, wanted)| wanted);
        let at = items.iter().position(|item| Some(&item.text) == wanted);
        self.items = items;
        self.narrow();
        self.select(at);
    }

    fn selected(&self) -> Option<&Item> {
        let index = self.matches.get(self.view.selected)?;
        self.items.get(*index)
    }

    /// Whether its rows are commands, which are explained below the list.
    fn explains(&self) -> bool {
        self.items
            .first()
            .is_some_and(|item| item.command().is_some())
    }

    /// Matches the rows against what has been typed.
    fn narrow(&mut self) {
        self.filter();
        self.is_guess = self.matches.is_empty() && self.explains();
        if self.is_guess {
            self.guess();
        }
    }

    /// The rows that hold a word like what was typed.
    fn guess(&mut self) {
        let query = self.query.value().trim().to_lowercase();
        let likeness = |item: &Item| {
            let text = item.text.to_lowercase();
            let words = text.split_whitespace().chain([text.as_str()]);
            words
                .map(|word| strsim::jaro_winkler(word, &query))
                .fold(0.0, f64::max)
        };
        let mut scored: Vec<(f64, usize)> = self
            .items
            .iter()
            .enumerate()
            .map(|(index, item)| (likeness(item), index))
            .filter(|(likeness, _)| *likeness > LIKE)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let nearest = scored.into_iter().take(GUESSES_MAX);
        self.matches = nearest.map(|(_, index)| index).collect();
    }

    fn filter(&mut self) {
        let query = self.query.value().trim();
        self.view = Viewport::default();
        if query.is_empty() {
            self.matches = (0..self.items.len()).collect();
            return;
        }
        let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = self
            .items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| {
                // Of a command the key alone: where it is meant is no name of it.
                let hint = match item.command() {
                    Some(_) => item.hint.rsplit(": ").next().unwrap_or_default(),
                    None => &item.hint,
                };
                let text = format!("{} {hint}", item.text);
                let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
                Some((score, index))
            })
            .collect();
        scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        self.matches = scored.into_iter().map(|(_, index)| index).collect();
    }

    /// Shows what the selection means while it moves: only a theme does.
    fn preview(&self, cx: &mut Cx<'_>) {
        if let Some(Out::ChooseTheme(name)) = self.selected().map(|item| &item.yes) {
            cx.effect(Effect::UseTheme(name.clone()));
        }
    }

    fn choose(&mut self, cx: &mut Cx<'_>) {
        cx.close();
        let index = self.matches.get(self.view.selected).copied();
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
    fn list(&self, area: Rect) -> Rect {
        let inner = inside(area);
        let about = if self.explains() { ABOUT_ROWS } else { 0 };
        let height = inner.height.saturating_sub(2 + about);
        Rect::new(inner.x, inner.y + 2, inner.width, height)
    }
}

impl Screen for Picker {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        contexts(None, true)
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        let command = match command {
            Command::Accept => {
                self.choose(cx);
                return Handled::Yes;
            }
            Command::NextPart => Command::Down,
            Command::PreviousPart => Command::Up,
            // These move the cursor in what is typed.
            Command::Top | Command::Bottom => return Handled::No,
            command => command,
        };
        let size = (self.matches.len(), self.height.max(1));
        if !self.view.on(command, size, Turn::Row) {
            return Handled::No;
        }
        self.preview(cx);
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
        self.height = usize::from(self.list(area).height);
        self.view.settle(self.matches.len(), self.height);
    }

    fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        let Some((fill, _)) = self.fill.as_ref().filter(|_| self.is_asked) else {
            return Changed::No;
        };
        match &reply.result {
            Some(Ok(payload)) => {
                let Some(items) = fill(payload) else {
                    return Changed::No;
                };
                self.take(items);
            }
            Some(Err(failure)) if matches!(&*reply.op, Op::LoadModules(_)) => cx.fail(failure),
            Some(Err(_)) | None => return Changed::No,
        }
        self.is_asked = false;
        Changed::Yes
    }

    fn hit(&mut self, spot: &Spot, cx: &mut Cx<'_>) {
        let Spot::Row(LIST, name) = spot else { return };
        let mut all = self.matches.iter();
        let place = all.position(|index| index.to_string() == *name);
        let Some(place) = place else { return };
        if place != self.view.selected {
            self.view.select(place, self.matches.len(), self.height);
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
        let prompt = row(area, 0);
        p.text(prompt, Role::Accent, "› ");
        p.field(without_last(from_column(prompt, 2), 1), &self.query);
        let list = self.list(popup);
        p.pane(popup, LIST);
        if self.matches.is_empty() {
            let text = match (self.is_asked, self.query.is_empty()) {
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
        let seen = self.view.seen(self.matches.len(), usize::from(list.height));
        let first = seen.start;
        for place in seen {
            let Some(index) = self.matches.get(place) else {
                continue;
            };
            let line = row(list, place - first);
            if let Some(item) = self.items.get(*index) {
                draw_item(p, item, line, place == self.view.selected);
            }
            p.row(line, LIST, || index.to_string());
        }
        if let Some(command) = self.selected().and_then(Item::command) {
            let below = Rect::new(
                area.x + 1,
                list.bottom() + 1,
                area.width.saturating_sub(2),
                ABOUT_ROWS - 1,
            );
            let text = RichLine::new().with(Role::Dim, command.help());
            p.lines(below, &text.wrapped(usize::from(below.width), 0));
        }
    }

    fn about(&self) -> About {
        self.about.unwrap_or((
            self.title,
            "Type a few letters, not necessarily neighbours, and the list narrows to what has them \
             in that order. {accept} takes the selected row, {back} takes none.",
        ))
    }

    fn title(&self, _shared: &Shared) -> String {
        self.title.to_owned()
    }

    fn size(&self, _room: (u16, u16)) -> (u16, u16) {
        let about = if self.explains() { ABOUT_ROWS } else { 0 };
        let rows = u16::try_from(self.items.len()).unwrap_or(u16::MAX);
        (72, rows.clamp(3, 18) + 4 + about)
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

fn draw_item(p: &mut Painter<'_, '_>, item: &Item, row: Rect, is_selected: bool) {
    if is_selected {
        p.selection(row, Focus::Here);
    }
    let width = usize::from(row.width);
    let hint = fitted(&item.hint, width / 2);
    let room = width.saturating_sub(hint.width() + 5);
    let (mark, role) = match is_selected {
        true => ("▌ ", Role::Accent),
        false => ("  ", Role::Text),
    };
    let text = fitted(&item.text, room);
    let gap = width.saturating_sub(text.width() + hint.width() + 3);
    p.put(row, role, mark);
    p.put(from_column(row, 2), Role::Text, &text);
    let column = u16::try_from(2 + text.width() + gap).unwrap_or(row.width);
    p.put(from_column(row, column), Role::Dim, &hint);
    if is_selected {
        p.select(row);
    }
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
        assert_eq!(picker.matches.len(), 1);
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
        assert_eq!(picker.matches, [] as [usize; 0]);
    }

    #[test]
    fn nothing_typed_shows_everything() {
        assert_eq!(picker().matches, [0, 1, 2]);
    }
}
