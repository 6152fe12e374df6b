//! Reading values out of a parsed file, with every refusal collected instead of the first.
//!
//! Each reader returns `None` both for an absent key and for one that was refused; a refusal is
//! in `problems` by then, and a file with problems makes no configuration.

use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Place, Problem, SourceText, nearest};
use super::vocabulary::Refusal;

/// Names that people give to a secret that they write into the file itself.
const SECRET_KEYS: [&str; 6] = [
    "client_secret",
    "secret",
    "refresh_token",
    "access_token",
    "token",
    "grant_code",
];

/// Most problems that are told of one file. Each needs a look at the whole text, and nobody mends
/// more before the next try.
const PROBLEMS_MAX: usize = 100;

/// One table of the file.
#[derive(Debug)]
pub(super) struct Section<'d, 't> {
    pub(super) table: &'d DeTable<'t>,
    /// The key path of the table; empty for the file itself.
    pub(super) path: String,
    /// Where the table is named, for what is missing in it.
    pub(super) span: Range<usize>,
}

impl Section<'_, '_> {
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn shown(&self) -> String {
        if self.path.is_empty() {
            "at the top of the file".to_owned()
        } else {
            format!("in [{}]", self.path)
        }
    }
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

/// Collects what is wrong.
#[derive(Debug)]
pub(super) struct Checker<'t> {
    text: SourceText<'t>,
    problems: Vec<Problem>,
}

impl<'t> Checker<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text: SourceText::new(text),
            problems: Vec::new(),
        }
    }

    /// The problems in the order of the file.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems
            .sort_by_key(|problem| (problem.line, problem.column));
        self.problems
    }

    /// From now on no value of the file is shown.
    pub(super) fn hide_values(&mut self) {
        self.text.hide_values();
    }

    pub(super) fn place(&self, span: Range<usize>) -> Place {
        self.text.place(span)
    }

    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        self.text.line(span.start)
    }

    /// Whether so much is wrong that no more is told.
    pub(super) fn is_full(&self) -> bool {
        self.problems.len() >= PROBLEMS_MAX
    }

    pub(super) fn refuse(
        &mut self,
        span: Range<usize>,
        key_path: &str,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        if self.is_full() {
            return;
        }
        let place = self.text.place(span);
        self.problems
            .push(Problem::new(&place, key_path, message.into(), hint));
    }

    /// Refuses something at a place that is known already.
    pub(super) fn refuse_at(&mut self, place: &Place, key_path: &str, refusal: Refusal) {
        if !self.is_full() {
            let Refusal { message, hint } = refusal;
            self.problems
                .push(Problem::new(place, key_path, message, hint));
        }
    }

    /// Refuses each key that is not in `allowed`. `elsewhere` are keys of another section, with
    /// the words that say where they belong.
    pub(super) fn unknown_keys(
        &mut self,
        section: &Section<'_, '_>,
        allowed: &[&str],
        elsewhere: (&[&str], &str),
    ) {
        for key in section.table.keys() {
            let name: &str = key.get_ref();
            if allowed.contains(&name) {
                continue;
            }
            let hint = if SECRET_KEYS.contains(&name) {
                "a secret never stands in this file; use client_secret_file, \
                 client_secret_command or client_secret_env"
                    .to_owned()
            } else if elsewhere.0.contains(&name) {
                elsewhere.1.to_owned()
            } else if let Some(near) = nearest(name, allowed.iter().copied()) {
                format!("did you mean {near}?")
            } else {
                format!("the keys here are {}", allowed.join(", "))
            };
            let message = format!("unknown key {name:?} {}", section.shown());
            self.refuse(key.span(), &section.path_of(name), message, Some(hint));
        }
    }

    pub(super) fn table<'d, 's>(
        &mut self,
        section: &Section<'d, 's>,
        key: &str,
    ) -> Option<Section<'d, 's>> {
        let (name, value) = section.table.get_key_value(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(section, key, value, "a table");
            return None;
        };
        Some(Section {
            table,
            path: section.path_of(key),
            span: name.span(),
        })
    }

    pub(super) fn text<'d>(
        &mut self,
        section: &Section<'d, '_>,
        key: &str,
    ) -> Option<Found<&'d str>> {
        let value = section.table.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(section, key, value, "a text in quotes");
            return None;
        };
        Some(Found {
            value: text,
            span: value.span(),
        })
    }

    /// A text that parses into `T`; `names` are the valid texts when there are few.
    pub(super) fn parsed<T>(
        &mut self,
        section: &Section<'_, '_>,
        key: &str,
        names: &[&str],
    ) -> Option<Found<T>>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let found = self.text(section, key)?;
        match found.value.parse() {
            Ok(value) => Some(Found {
                value,
                span: found.span,
            }),
            Err(error) => {
                let near = nearest(&found.value.to_lowercase(), names.iter().copied());
                let hint = near.map(|name| format!("did you mean {name:?}?"));
                self.refuse(found.span, &section.path_of(key), error.to_string(), hint);
                None
            }
        }
    }

    pub(super) fn boolean(&mut self, section: &Section<'_, '_>, key: &str) -> Option<bool> {
        let value = section.table.get(key)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong_type(section, key, value, "true or false");
        }
        found
    }

    /// A whole number within bounds.
    pub(super) fn number<T>(
        &mut self,
        section: &Section<'_, '_>,
        key: &str,
        bounds: RangeInclusive<T>,
    ) -> Option<Found<T>>
    where
        T: TryFrom<i64> + PartialOrd + std::fmt::Display,
    {
        let value = section.table.get(key)?;
        let wanted = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(section, key, value, &wanted);
            return None;
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.and_then(|number| T::try_from(number).ok());
        let Some(number) = number.filter(|number| bounds.contains(number)) else {
            let message = format!("{key} must be {wanted}");
            self.refuse(value.span(), &section.path_of(key), message, None);
            return None;
        };
        Some(Found {
            value: number,
            span: value.span(),
        })
    }

    /// An array of texts. With `or_one`, a single text stands for an array of one.
    pub(super) fn texts<'d>(
        &mut self,
        section: &Section<'d, '_>,
        key: &str,
        shape: TextsShape,
    ) -> Option<Found<Vec<Found<&'d str>>>> {
        let value = section.table.get(key)?;
        let wanted = match shape {
            TextsShape::Array => "an array of texts, such as [\"a\", \"b\"]",
            TextsShape::OneOrArray => "a text in quotes or an array of texts",
        };
        let one = |item: &'d Spanned<DeValue<'_>>| {
            let text = item.get_ref().as_str()?;
            Some(Found {
                value: text,
                span: item.span(),
            })
        };
        let found = match (value.get_ref(), shape) {
            (DeValue::Array(items), _) => items.iter().map(one).collect(),
            (_, TextsShape::OneOrArray) => one(value).map(|text| vec![text]),
            (_, TextsShape::Array) => None,
        };
        let Some(found) = found else {
            self.wrong_type(section, key, value, wanted);
            return None;
        };
        Some(Found {
            value: found,
            span: value.span(),
        })
    }

    fn wrong_type(
        &mut self,
        section: &Section<'_, '_>,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        wanted: &str,
    ) {
        let is = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        let message = format!("{key} must be {wanted}, but this is {is}");
        self.refuse(value.span(), &section.path_of(key), message, None);
    }
}

/// What may stand where texts are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextsShape {
    /// Only an array.
    Array,
    /// An array, or one text alone.
    OneOrArray,
}
