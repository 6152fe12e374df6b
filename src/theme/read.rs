//! The text of a theme: its palette first, then its styles, and whatever in it means nothing.
//!
//! It refuses nothing but text that is no TOML: a key that means nothing is a warning with its
//! line, and the theme is used without it.

use std::collections::BTreeMap;
use std::ops::Range;

use ratatui::style::{Color, Modifier, Style};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::load::{ThemeError, ThemeWarning};
use super::role::Role;
use crate::base::{Sanitized, redact};

/// Most warnings that are told; more are of no use to anybody.
const WARNINGS_MAX: usize = 50;
/// Most characters of a wrong name that are repeated.
const QUOTED_MAX: usize = 64;

/// One theme's file.
#[derive(Debug)]
pub(super) struct Sheet<'t> {
    name: &'t str,
    text: &'t str,
    table: DeTable<'t>,
}

impl<'t> Sheet<'t> {
    pub(super) fn parse(name: &'t str, text: &'t str) -> Result<Self, ThemeError> {
        match DeTable::parse(text) {
            Ok(table) => Ok(Self {
                name,
                text,
                table: table.into_inner(),
            }),
            Err(error) => {
                let (line, column) = place(text, error.span().unwrap_or(0..0));
                Err(ThemeError::Syntax {
                    name: name.to_owned(),
                    line,
                    column,
                    reason: Sanitized::new(error.message()).to_string(),
                })
            }
        }
    }

    /// The theme whose styles this one changes.
    pub(super) fn inherits(&self) -> Option<&str> {
        self.table.get("inherits")?.get_ref().as_str()
    }

    /// The lines of a section, in the order of the file.
    fn section(&self, name: &str) -> Vec<(&Spanned<std::borrow::Cow<'t, str>>, &Value<'t>)> {
        let table = self.table.get(name).and_then(|it| it.get_ref().as_table());
        let mut lines: Vec<_> = table.into_iter().flatten().collect();
        lines.sort_by_key(|(key, _)| key.span().start);
        lines
    }

    /// A value as it stands in the file.
    fn source(&self, value: &Value<'_>) -> &str {
        self.text.get(value.span()).unwrap_or_default()
    }
}

type Value<'t> = Spanned<DeValue<'t>>;

/// A colour and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) color: Color,
    /// The sheet, counted from the oldest parent.
    pub(super) sheet: usize,
    /// The line of its file, from 1.
    pub(super) line: usize,
    /// The key, such as `palette.teal`.
    pub(super) key: String,
}

/// A style as it is written, with the places of its colours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Styled {
    pub(super) fg: Option<Origin>,
    pub(super) bg: Option<Origin>,
    modifiers: Modifier,
}

impl Styled {
    pub(super) fn style(&self) -> Style {
        Style {
            fg: self.fg.as_ref().map(|origin| origin.color),
            bg: self.bg.as_ref().map(|origin| origin.color),
            ..Style::new().add_modifier(self.modifiers)
        }
    }
}

/// The style of every role, and what was passed over. The parents come before their children.
pub(super) fn styles_of(sheets: &[Sheet<'_>]) -> (Vec<Styled>, Vec<ThemeWarning>) {
    let mut reader = Reader::default();
    for (index, sheet) in sheets.iter().enumerate() {
        reader.sheet = index;
        reader.keys(sheet);
        reader.palette(sheet);
    }
    // Styles come last, so that a child's palette recolours what its parent styled.
    let mut styles = vec![Styled::default(); Role::ALL.len()];
    for (index, sheet) in sheets.iter().enumerate() {
        reader.sheet = index;
        reader.styles(sheet, &mut styles);
    }
    (styles, reader.warnings)
}

#[derive(Default)]
struct Reader {
    palette: BTreeMap<String, Origin>,
    warnings: Vec<ThemeWarning>,
    /// Which sheet is being read.
    sheet: usize,
}

impl Reader {
    fn keys(&mut self, sheet: &Sheet<'_>) {
        let known = ["inherits", "palette", "styles", "description"];
        let mut keys: Vec<_> = sheet.table.iter().collect();
        keys.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in keys {
            let name: &str = key.get_ref();
            let wanted = match (name, value.get_ref()) {
                ("inherits" | "description", DeValue::String(_)) => continue,
                ("palette" | "styles", DeValue::Table(_)) => continue,
                ("inherits" | "description", _) => format!("{name}: a text is expected"),
                ("palette" | "styles", _) => format!("{name}: a section is expected"),
                _ => unknown("key", name, known),
            };
            self.warn(sheet, key.span(), &wanted);
        }
    }

    fn palette(&mut self, sheet: &Sheet<'_>) {
        for (key, value) in sheet.section("palette") {
            let name: &str = key.get_ref();
            match value.get_ref().as_str().map(str::parse::<Color>) {
                Some(Ok(color)) => {
                    let origin = Origin {
                        color,
                        sheet: self.sheet,
                        line: place(sheet.text, key.span()).0,
                        key: format!("palette.{}", quoted(name)),
                    };
                    self.palette.insert(name.to_owned(), origin);
                }
                _ => {
                    let (name, value) = (quoted(name), quoted(sheet.source(value)));
                    let text =
                        format!("palette.{name}: {value} is not a colour such as \"#7cc4c9\"");
                    self.warn(sheet, key.span(), &text);
                }
            }
        }
    }

    fn styles(&mut self, sheet: &Sheet<'_>, styles: &mut [Styled]) {
        for (key, value) in sheet.section("styles") {
            let name: &str = key.get_ref();
            let place = Role::ALL.iter().position(|role| role.name() == name);
            let Some(style) = place.and_then(|index| styles.get_mut(index)) else {
                let names = Role::ALL.iter().map(|role| role.name());
                self.warn(sheet, key.span(), &unknown("style", name, names));
                continue;
            };
            *style = self.style(sheet, name, value);
        }
    }

    fn style(&mut self, sheet: &Sheet<'_>, name: &str, value: &Value<'_>) -> Styled {
        let mut style = Styled::default();
        let parts = match value.get_ref() {
            DeValue::Table(parts) => parts,
            DeValue::String(color) => {
                style.fg = self.color(sheet, (name, value.span()), color);
                return style;
            }
            _ => {
                let text = format!("styles.{name}: a colour or a table is expected");
                self.warn(sheet, value.span(), &text);
                return style;
            }
        };
        for (key, part) in parts {
            let at = (name, part.span());
            match (&**key.get_ref(), part.get_ref()) {
                ("fg", DeValue::String(color)) => style.fg = self.color(sheet, at, color),
                ("bg", DeValue::String(color)) => style.bg = self.color(sheet, at, color),
                ("modifiers", DeValue::Array(words)) => {
                    for word in words.iter() {
                        match word.get_ref().as_str().and_then(modifier) {
                            Some(modifier) => style.modifiers |= modifier,
                            None => {
                                let word_shown = quoted(sheet.source(word));
                                let text = format!(
                                    "styles.{name}: {word_shown} is not bold, dim, italic, underlined, reversed or crossed_out"
                                );
                                self.warn(sheet, word.span(), &text);
                            }
                        }
                    }
                }
                (other @ ("fg" | "bg"), _) => {
                    let text = format!("styles.{name}.{other}: a colour is expected");
                    self.warn(sheet, part.span(), &text);
                }
                ("modifiers", _) => {
                    let text = format!("styles.{name}.modifiers: a list is expected");
                    self.warn(sheet, part.span(), &text);
                }
                (other, _) => {
                    let text = unknown("key", other, ["fg", "bg", "modifiers"]);
                    self.warn(sheet, key.span(), &format!("styles.{name}.{text}"));
                }
            }
        }
        style
    }

    fn color(
        &mut self,
        sheet: &Sheet<'_>,
        (style, span): (&str, Range<usize>),
        text: &str,
    ) -> Option<Origin> {
        if let Some(origin) = self.palette.get(text) {
            return Some(origin.clone());
        }
        if let Ok(color) = text.parse() {
            return Some(Origin {
                color,
                sheet: self.sheet,
                line: place(sheet.text, span).0,
                key: format!("styles.{style}"),
            });
        }
        let text = unknown("colour", text, self.palette.keys().map(String::as_str));
        self.warn(sheet, span, &format!("styles.{style}: {text}"));
        None
    }

    fn warn(&mut self, sheet: &Sheet<'_>, span: Range<usize>, text: &str) {
        let text = match self.warnings.len() {
            0..WARNINGS_MAX => text,
            WARNINGS_MAX => "more is wrong from here on",
            _ => return,
        };
        self.warnings.push(ThemeWarning {
            theme: sheet.name.to_owned(),
            line: place(sheet.text, span).0,
            text: Sanitized::new(&redact::likely_in(text)).to_string(),
        });
    }
}

/// Line and column of a place, from 1.
fn place(text: &str, span: Range<usize>) -> (usize, usize) {
    let start = (0..=span.start.min(text.len())).rev();
    let before = start.filter_map(|at| text.get(..at)).next();
    let before = before.unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (line, column)
}

fn modifier(word: &str) -> Option<Modifier> {
    Some(match word {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "italic" => Modifier::ITALIC,
        "underlined" => Modifier::UNDERLINED,
        "reversed" => Modifier::REVERSED,
        "crossed_out" => Modifier::CROSSED_OUT,
        _ => return None,
    })
}

fn quoted(text: &str) -> String {
    text.chars().take(QUOTED_MAX).collect()
}

fn unknown<'n>(what: &str, name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let name = quoted(name);
    let names = known.into_iter().map(|candidate| (candidate, candidate));
    match crate::base::nearest(&name, 0.75, names) {
        Some(candidate) => {
            let candidate = quoted(candidate);
            format!("{name:?} is not a known {what}; did you mean {candidate:?}?")
        }
        None => format!("{name:?} is not a known {what}"),
    }
}
