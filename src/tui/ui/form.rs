//! Fields from top to bottom, one of which has the focus. Each form draws its labels, and its fields
//! where they belong.

use std::fmt::Debug;

use ratatui::layout::Rect;

use super::field::TextField;
use super::painter::Painter;
use crate::keymap::Command;
use crate::theme::Role;

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Text(TextField),
    /// One of several words.
    Choice {
        words: Vec<String>,
        at: usize,
    },
}

impl Kind {
    pub fn choice(words: impl IntoIterator<Item = impl Into<String>>, at: usize) -> Self {
        let words = words.into_iter().map(Into::into).collect();
        Self::Choice { words, at }
    }
}

/// The one so many places after another, round the ends.
pub fn turned<T: Copy + PartialEq>(all: &[T], now: T, by: isize) -> T {
    let here = all.iter().position(|it| *it == now).unwrap_or(0);
    let there = (here + all.len()).saturating_add_signed(by) % all.len().max(1);
    all.get(there).copied().unwrap_or(now)
}

#[derive(Debug, Clone, PartialEq)]
pub struct Entry<K> {
    pub key: K,
    pub kind: Kind,
    /// Whether it is one of those that are gone through.
    pub is_shown: bool,
}

/// The fields and the focus.
#[derive(Debug, Clone, PartialEq)]
pub struct Form<K> {
    entries: Vec<Entry<K>>,
    focus: usize,
}

impl<K: Copy + PartialEq> Form<K> {
    pub fn new(entries: Vec<(K, Kind)>) -> Self {
        let mut form = Self {
            entries: Vec::new(),
            focus: 0,
        };
        form.extend_from(0, entries);
        form
    }

    /// Puts fields at the end; those that were there from `first` on go.
    pub fn extend_from(&mut self, first: usize, entries: Vec<(K, Kind)>) {
        self.entries.truncate(first);
        self.entries
            .extend(entries.into_iter().map(|(key, kind)| Entry {
                key,
                kind,
                is_shown: true,
            }));
        self.focus = self.focus.min(self.entries.len().saturating_sub(1));
    }

    /// Shows the fields that belong to what is filled in, and no others.
    pub fn show(&mut self, is_shown: impl Fn(K) -> bool) {
        for entry in &mut self.entries {
            entry.is_shown = is_shown(entry.key);
        }
    }

    /// The fields that are shown, from top to bottom.
    pub fn keys(&self) -> Vec<K> {
        let shown = self.entries.iter().filter(|entry| entry.is_shown);
        shown.map(|entry| entry.key).collect()
    }

    /// The same as far as there are rows for them: they scroll with the focus.
    pub fn seen(&self, rows: usize) -> impl Iterator<Item = K> {
        let keys = self.keys();
        let at = keys.iter().position(|key| self.has_focus(*key));
        let first = (at.unwrap_or(0) + 1).saturating_sub(rows);
        keys.into_iter().skip(first).take(rows)
    }

    pub fn focus(&self) -> Option<K> {
        self.entries.get(self.focus).map(|entry| entry.key)
    }

    pub fn has_focus(&self, key: K) -> bool {
        self.focus() == Some(key)
    }

    /// Puts the focus on a field; the one that was left, if it is another one.
    pub fn go_to(&mut self, key: K) -> Option<K> {
        let left = self.focus();
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        self.focus = at;
        left.filter(|left| *left != key)
    }

    /// Moves the focus by so many fields, round the ends or up to them.
    pub fn move_by(&mut self, step: isize, is_round: bool) -> Option<K> {
        let keys = self.keys();
        if is_round {
            return self.go_to(turned(&keys, self.focus()?, step));
        }
        let here = keys.iter().position(|key| self.has_focus(*key));
        let there = here.unwrap_or(0).saturating_add_signed(step);
        self.go_to(*keys.get(there).or(keys.last())?)
    }

    pub fn kind(&self, key: K) -> Option<&Kind> {
        let mut entries = self.entries.iter();
        Some(&entries.find(|entry| entry.key == key)?.kind)
    }

    pub fn kind_mut(&mut self, key: K) -> Option<&mut Kind> {
        let mut entries = self.entries.iter_mut();
        Some(&mut entries.find(|entry| entry.key == key)?.kind)
    }

    /// A text field.
    pub fn field(&self, key: K) -> Option<&TextField> {
        match self.kind(key)? {
            Kind::Text(field) => Some(field),
            Kind::Choice { .. } => None,
        }
    }

    pub fn field_mut(&mut self, key: K) -> Option<&mut TextField> {
        match self.kind_mut(key)? {
            Kind::Text(field) => Some(field),
            Kind::Choice { .. } => None,
        }
    }

    /// The text field with the focus, if it is one.
    pub fn focused(&self) -> Option<&TextField> {
        self.field(self.focus()?)
    }

    pub fn focused_mut(&mut self) -> Option<&mut TextField> {
        self.field_mut(self.focus()?)
    }

    /// What a text field holds.
    pub fn text(&self, key: K) -> &str {
        self.field(key).map_or("", TextField::value)
    }

    pub fn set(&mut self, key: K, text: &str) {
        if let Some(field) = self.field_mut(key) {
            field.set(text);
        }
    }

    /// The number of the word that is chosen.
    pub fn choice(&self, key: K) -> usize {
        match self.kind(key) {
            Some(Kind::Choice { at, .. }) => *at,
            Some(Kind::Text(_)) | None => 0,
        }
    }

    /// Takes the next word; false for a text.
    fn turn(&mut self, key: K) -> bool {
        let Some(Kind::Choice { words, at }) = self.kind_mut(key) else {
            return false;
        };
        *at = (*at + 1) % words.len().max(1);
        true
    }

    /// A character: text where that is typed, else Space takes the next word.
    pub fn typed(&mut self, c: char) -> bool {
        let Some(key) = self.focus() else {
            return false;
        };
        match self.field_mut(key) {
            Some(field) => field.insert(c),
            None => c == ' ' && self.turn(key),
        }
    }

    /// Moves as a command says; the field that was left, or is not left at an end.
    pub fn on(&mut self, command: Command, is_round: bool) -> Option<K> {
        let (step, is_round) = match command {
            Command::Down | Command::NextPart | Command::NextField => (1, is_round),
            Command::Up | Command::PreviousPart | Command::PreviousField => (-1, is_round),
            Command::PageDown | Command::Bottom => (isize::MAX / 2, false),
            Command::PageUp | Command::Top => (isize::MIN / 2, false),
            _ => return None,
        };
        let here = self.focus();
        self.move_by(step, is_round).or(here)
    }
}

impl<K: Copy + PartialEq + Debug> Form<K> {
    /// A press on a field, by its name as the mouse knows it: it gets the focus and its next word.
    pub fn press(&mut self, name: &str) {
        let mut keys = self.keys().into_iter();
        if let Some(key) = keys.find(|key| format!("{key:?}") == name) {
            self.go_to(key);
            self.turn(key);
        }
    }

    /// Draws what a field holds, or a hint where that is nothing; it is typed into where it has the
    /// focus.
    pub fn draw(
        &self,
        p: &mut Painter<'_, '_>,
        area: Rect,
        (key, has_focus): (K, bool),
        (role, hint): (Role, &str),
    ) {
        match self.kind(key) {
            Some(Kind::Text(field)) if has_focus => p.field(area, field),
            Some(Kind::Text(field)) if field.value().trim().is_empty() => p.text(area, role, hint),
            Some(Kind::Text(field)) => p.text(area, Role::Text, field.value()),
            Some(Kind::Choice { words, at }) => {
                p.text(area, Role::Text, words.get(*at).map_or("", String::as_str));
            }
            None => {}
        }
    }
}
