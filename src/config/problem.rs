//! Problems of a configuration file: where, what, and what would be right.
//!
//! An excerpt of the file is shown with a caret. A line that may hold a secret is cut at its `=`:
//! an error message is no way out for one. Where the text is no TOML, every line may.

use std::fmt::Write as _;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::base::{ProfileName, Sanitized, redact};

/// Words that make a line's value unfit to be shown.
const SECRET_WORDS: [&str; 4] = ["secret", "token", "password", "passwd"];

/// What stands for what is not shown.
const HIDDEN: &str = "…";

/// Most characters of a line that are shown.
const EXCERPT_CHARS_MAX: usize = 200;

/// A place in the configuration file, with the line that stands there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    excerpt: String,
    caret_offset: usize,
    caret_width: usize,
}

/// One thing that is wrong in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The key, such as `profiles.us-prod.limit`; empty when the text is not TOML.
    pub key_path: String,
    /// What is wrong.
    pub message: String,
    /// What to do, or the nearest valid name.
    pub hint: Option<String>,
    #[serde(skip)]
    place: Place,
}

impl Problem {
    /// A problem at a place that an earlier reading remembered.
    pub fn new(place: &Place, key_path: &str, message: String, hint: Option<String>) -> Self {
        Self {
            line: place.line,
            column: place.column,
            key_path: shown(key_path),
            message: shown(&message),
            hint: hint.map(|text| shown(&text)),
            place: place.clone(),
        }
    }

    /// The one problem of a file that may be a secret and was named as the configuration.
    pub(super) fn of_a_secret() -> Self {
        let place = Place {
            line: 1,
            column: 1,
            excerpt: HIDDEN.to_owned(),
            ..Place::default()
        };
        let message = "this is no configuration; it may be a secret, so nothing of it is shown";
        let hint = "a configuration has lines such as theme = \"mono\" and [profiles.NAME]";
        Self::new(&place, "", message.to_owned(), Some(hint.to_owned()))
    }

    fn render(&self, path: &Path, out: &mut String) {
        let shown = Sanitized::new(&path.display().to_string()).to_string();
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let carets = "^".repeat(self.place.caret_width.max(1));
        let offset = " ".repeat(self.place.caret_offset);
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{shown}:{number}:{}: {}\n  {number} | {}\n  {gutter} | {offset}{carets}",
            self.column, self.message, self.place.excerpt
        );
        if let Some(hint) = &self.hint {
            let _ = writeln!(out, "  {gutter} = {hint}");
        }
    }
}

/// Why a configuration cannot be used or changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there but cannot be read.
    #[error("cannot read the configuration {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is read but something in it is wrong.
    #[error("{}", render(path, problems))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong, in the order of the file.
        problems: Vec<Problem>,
    },
    /// The change cannot be written; the file is as it was.
    #[error("cannot write the configuration {}: {source}; nothing was changed", path.display())]
    NotWritten {
        /// The file, or the directory that cannot be made.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another program changed the file while the change was prepared.
    #[error("the configuration {} was changed by another program; nothing was written, try again", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
    /// There is such a profile already.
    #[error("there is already a profile {name}; choose another name or remove it first")]
    ProfileExists {
        /// The name.
        name: ProfileName,
    },
    /// There is no such profile.
    #[error("there is no profile {name:?}{}", nearest.as_deref().map_or_else(|| "; `ziadeck profile list` names them".to_owned(), |near| suggestion(Some(near))))]
    NoProfile {
        /// The name that was asked for.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// A profile has to be named, because there are several and none is the default.
    #[error("no profile is chosen; use --profile NAME or set default_profile (there are: {})", names.join(", "))]
    NoDefault {
        /// The profiles there are.
        names: Vec<String>,
    },
    /// There is no profile at all.
    #[error("no profile is set up in {}; run `ziadeck profile add`, or `ziadeck demo` to look around", path.display())]
    NoProfiles {
        /// The file, which may not exist yet.
        path: PathBuf,
    },
}

impl ConfigError {
    /// Everything that is wrong in the file; empty for errors that are not about its text.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Malformed { problems, .. } => problems,
            Self::Unreadable { .. }
            | Self::NotWritten { .. }
            | Self::ChangedMeanwhile { .. }
            | Self::ProfileExists { .. }
            | Self::NoProfile { .. }
            | Self::NoDefault { .. }
            | Self::NoProfiles { .. } => &[],
        }
    }
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

fn render(path: &Path, problems: &[Problem]) -> String {
    let mut out = String::new();
    for problem in problems {
        problem.render(path, &mut out);
    }
    out.truncate(out.trim_end().len());
    out
}

/// The nearest of `names`, when one is near enough to be what was meant.
pub(super) fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    crate::base::nearest(word, 0.82, names.into_iter().map(|name| (name, name)))
}

/// A text that may come out of the file, made safe.
fn shown(text: &str) -> String {
    Sanitized::new(&redact::likely_in(text)).to_string()
}

/// The text of a file and where its lines begin.
#[derive(Debug)]
pub(super) struct SourceText<'t> {
    text: &'t str,
    /// Where each line ends; looked up for every place, so counted once.
    line_ends: Vec<usize>,
    /// Whether it is shown up to its keys only.
    is_hidden: bool,
}

impl<'t> SourceText<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            line_ends: text.match_indices('\n').map(|(at, _)| at).collect(),
            is_hidden: false,
        }
    }

    /// From now on no value is shown: nobody knows what it is.
    pub(super) fn hide_values(&mut self) {
        self.is_hidden = true;
    }

    /// The line of a place, counted from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.line_ends.partition_point(|end| *end < at) + 1
    }

    fn get(&self, span: Range<usize>) -> &'t str {
        self.text.get(span).unwrap_or_default()
    }

    /// The place of a span of bytes.
    pub(super) fn place(&self, span: Range<usize>) -> Place {
        let start = floor_char(self.text, span.start.min(self.text.len()));
        let before = self.get(0..start);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = self
            .get(start..self.text.len())
            .find('\n')
            .map_or(self.text.len(), |at| start + at);
        let line = self.get(line_start..line_end);
        let prefix = self.get(line_start..start);
        let end = floor_char(self.text, span.end.clamp(start, line_end.max(start)));
        let is_hidden = match self.is_hidden {
            true => !line.contains('=') && !is_section(line),
            false => continues_secret(before, line),
        };
        let (excerpt, caret_offset, caret_width) = if is_hidden {
            (HIDDEN.to_owned(), 0, 1)
        } else {
            let is_cut = self.is_hidden || may_hold_secret(line);
            excerpt(line, (prefix, self.get(start..end)), is_cut)
        };
        Place {
            line: self.line(start),
            column: prefix.chars().count() + 1,
            excerpt,
            caret_offset,
            caret_width,
        }
    }
}

fn floor_char(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn may_hold_secret(line: &str) -> bool {
    let lower = line.to_lowercase();
    SECRET_WORDS.iter().any(|word| lower.contains(word)) || redact::likely_in(line) != line
}

/// Whether the line is the head of a section, whole or left open.
fn is_section(line: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "._- []\r".contains(c);
    line.trim_start().starts_with('[') && line.chars().all(is_part)
}

/// Whether the line goes on with a value that began, perhaps with a secret, on the line before.
fn continues_secret(before: &str, line: &str) -> bool {
    let start = line.trim_start();
    let mut earlier = before.lines().rev();
    if !before.ends_with('\n') {
        earlier.next();
    }
    let previous = earlier.find(|line| !line.trim().is_empty());
    let is_open = |line: &str| match line.split_once('=') {
        Some((_, value)) => {
            !value.trim_end().ends_with(['"', '\'', ']']) || value.contains("\"\"\"")
        }
        None => true,
    };
    !line.contains('=')
        && !start.starts_with(['[', '#'])
        && previous.is_some_and(|line| may_hold_secret(line) && is_open(line))
}

fn excerpt(line: &str, (prefix, marked): (&str, &str), is_cut: bool) -> (String, usize, usize) {
    let show = |text: &str| {
        let text = text.trim_end_matches('\r').replace('\t', " ");
        let text: String = text.chars().take(EXCERPT_CHARS_MAX).collect();
        shown(&text)
    };
    if let (true, Some((key, _))) = (is_cut, line.split_once('=')) {
        let shown = format!("{}= {HIDDEN}", show(key));
        let most = shown.width().saturating_sub(1);
        let offset = show(prefix).width().min(most);
        let width = show(marked).width().min(most.saturating_sub(offset));
        return (shown, offset, width);
    }
    let shown: String = show(line).chars().take(EXCERPT_CHARS_MAX).collect();
    let most = shown.width();
    let offset = show(prefix).width().min(most);
    let width = show(marked).width().min(most.saturating_sub(offset));
    (shown, offset, width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let text = "theme = \"é\"\r\n  größe = 1\n";
        let at = text.find("größe").unwrap();

        let place = SourceText::new(text).place(at..at + "größe".len());

        assert_eq!((place.line, place.column), (2, 3));
        assert_eq!((place.caret_offset, place.caret_width), (2, 5));
    }

    #[test]
    fn a_line_that_may_hold_a_secret_is_cut_at_its_value() {
        let text = "client_secret = \"canary\"";

        let place = SourceText::new(text).place(16..24);

        assert_eq!(place.excerpt, "client_secret = …");
        assert!(place.caret_offset < place.excerpt.chars().count());
    }

    #[test]
    fn a_secret_on_the_next_line_is_not_shown_either() {
        let text = "client_secret =\n  \"canary\"\n";

        let place = SourceText::new(text).place(18..26);

        assert_eq!((place.line, place.excerpt.as_str()), (2, "…"));
    }

    #[test]
    fn where_the_text_is_no_toml_a_line_is_shown_up_to_its_key() {
        let text =
            "[profiles.us]\npass = hunter2\nhunter2\n[ \"hunter2\"\nYW5hcnkrY2xpZW50L3NlY3JldDE= x";
        let mut source = SourceText::new(text);
        source.hide_values();

        let shown = |line: &str| {
            let at = text.find(line).unwrap();
            source.place(at..at + 1).excerpt
        };

        assert_eq!(shown("[profiles.us]"), "[profiles.us]");
        assert_eq!(shown("pass"), "pass = …");
        assert_eq!(shown("hunter2\n["), "…");
        assert_eq!(shown("[ \"hun"), "…");
        assert_eq!(shown("YW5"), "…= …");
    }

    #[test]
    fn a_value_that_looks_like_a_secret_is_not_shown_anywhere() {
        let text = "theme = \"9f86d081884c7d659a2feaa0c55ad015\"";
        let place = SourceText::new(text).place(8..42);

        let problem = Problem::new(&place, "theme", format!("no {text}"), None);

        assert_eq!(place.excerpt, "theme = …");
        assert_eq!(problem.message, "no theme = \"…\"");
    }

    #[test]
    fn a_far_word_gets_no_suggestion() {
        assert_eq!(nearest("limt", ["limit", "reserve"]), Some("limit"));
        assert_eq!(nearest("zzz", ["limit", "reserve"]), None);
    }

    proptest! {
        #[test]
        fn any_span_of_any_text_has_a_place(text in "\\PC*\n?\\PC*", a in 0usize..80, b in 0usize..80) {
            let place = SourceText::new(&text).place(a.min(b)..a.max(b));

            prop_assert!(place.line >= 1 && place.column >= 1);
            prop_assert!(place.caret_offset <= place.excerpt.width());
        }
    }
}
