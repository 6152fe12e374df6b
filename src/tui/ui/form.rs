//! Fields from top to bottom, one of which has the focus. It knows no look: each form draws its
//! fields where they belong.

use super::field::TextField;
use crate::keymap::Command;

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Text(TextField),
    /// One of several words.
    Choice {
        words: Vec<String>,
        at: usize,
    },
    Toggle(bool),
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

/// What a command meant to a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formed<K> {
    No,
    /// The focus left this field.
    Left(K),
    /// This field was changed.
    Changed(K),
}

impl<K: Copy + PartialEq> Form<K> {
    pub fn new(entries: Vec<(K, Kind)>) -> Self {
        let entries = entries.into_iter().map(|(key, kind)| Entry {
            key,
            kind,
            is_shown: true,
        });
        Self {
            entries: entries.collect(),
            focus: 0,
        }
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
        let here = keys
            .iter()
            .position(|key| self.has_focus(*key))
            .unwrap_or(0);
        let count = keys.len().max(1);
        let there = if is_round {
            let count = isize::try_from(count).unwrap_or(1);
            let here = isize::try_from(here).unwrap_or(0);
            usize::try_from((here + step).rem_euclid(count)).unwrap_or(0)
        } else {
            here.saturating_add_signed(step).min(count - 1)
        };
        self.go_to(*keys.get(there)?)
    }

    fn entry(&self, key: K) -> Option<&Entry<K>> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub fn kind(&self, key: K) -> Option<&Kind> {
        self.entry(key).map(|entry| &entry.kind)
    }

    pub fn kind_mut(&mut self, key: K) -> Option<&mut Kind> {
        let mut entries = self.entries.iter_mut();
        entries
            .find(|entry| entry.key == key)
            .map(|entry| &mut entry.kind)
    }

    /// A text field.
    pub fn field(&self, key: K) -> Option<&TextField> {
        match self.kind(key)? {
            Kind::Text(field) => Some(field),
            Kind::Choice { .. } | Kind::Toggle(_) => None,
        }
    }

    pub fn field_mut(&mut self, key: K) -> Option<&mut TextField> {
        match self.kind_mut(key)? {
            Kind::Text(field) => Some(field),
            Kind::Choice { .. } | Kind::Toggle(_) => None,
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

    pub fn is_on(&self, key: K) -> bool {
        matches!(self.kind(key), Some(Kind::Toggle(true)))
    }

    /// The number of the word that is chosen.
    pub fn choice(&self, key: K) -> usize {
        match self.kind(key) {
            Some(Kind::Choice { at, .. }) => *at,
            Some(Kind::Text(_) | Kind::Toggle(_)) | None => 0,
        }
    }

    /// The word that is chosen.
    pub fn word(&self, key: K) -> &str {
        match self.kind(key) {
            Some(Kind::Choice { words, at }) => words.get(*at).map_or("", String::as_str),
            Some(Kind::Text(_) | Kind::Toggle(_)) | None => "",
        }
    }

    /// Takes the next word, or turns what is on off; false for a text.
    pub fn turn(&mut self, key: K, by: isize) -> bool {
        match self.kind_mut(key) {
            Some(Kind::Choice { words, at }) => {
                let count = words.len().max(1);
                *at = (*at + count).saturating_add_signed(by) % count;
                true
            }
            Some(Kind::Toggle(is_on)) => {
                *is_on = !*is_on;
                true
            }
            Some(Kind::Text(_)) | None => false,
        }
    }

    /// A character where no text is typed: Space changes what the focus is on.
    pub fn typed(&mut self, c: char) -> Formed<K> {
        match self.focus() {
            Some(key) if c == ' ' && self.turn(key, 1) => Formed::Changed(key),
            Some(_) | None => Formed::No,
        }
    }

    /// Moves as a command says.
    pub fn on(&mut self, command: Command, is_round: bool) -> Formed<K> {
        let (step, is_round) = match command {
            Command::Down | Command::NextPart | Command::NextField => (1, is_round),
            Command::Up | Command::PreviousPart | Command::PreviousField => (-1, is_round),
            Command::PageDown | Command::Bottom => (isize::MAX / 2, false),
            Command::PageUp | Command::Top => (isize::MIN / 2, false),
            _ => return Formed::No,
        };
        let here = self.focus();
        match self.move_by(step, is_round).or(here) {
            Some(left) => Formed::Left(left),
            None => Formed::No,
        }
    }
}
