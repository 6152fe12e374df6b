//! The one sanitiser: text from outside becomes [`Sanitized`] before it reaches a screen or a stream.
//!
//! A terminal obeys what it is sent, and a person believes what is drawn. So no character that
//! steers a terminal, hides, reorders or has no agreed look survives: it is drawn as a visible
//! escape such as `⟨U+202E⟩`. What is kept is bounded too: at most four combining marks to a
//! base, joiners only inside an emoji, so that a line is as wide as it says.
//!
//! Invariant: a `Sanitized` holds no `Cc Cf Zl Zp Cs Co Cn` (save the joiner of an emoji) and nothing
//! that is ignorable by default (save the emoji selector); making one from its own text changes
//! nothing. It refuses to lose text without a trace: whatever is not drawn is named.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

use icu_properties::props::{
    DefaultIgnorableCodePoint, Emoji, ExtendedPictographic, GeneralCategory,
};
use icu_properties::{
    CodePointMapData, CodePointMapDataBorrowed, CodePointSetData, CodePointSetDataBorrowed,
};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> =
    CodePointMapData::<GeneralCategory>::new();
const IGNORABLE: CodePointSetDataBorrowed<'static> =
    CodePointSetData::new::<DefaultIgnorableCodePoint>();
const EMOJI: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<Emoji>();
const PICTOGRAPH: CodePointSetDataBorrowed<'static> =
    CodePointSetData::new::<ExtendedPictographic>();

/// Most combining marks on one base: what real writing needs, and far from a tower.
const MARKS_MAX: u8 = 4;
/// Most joiners in one emoji: a family of four, the longest in general use.
const JOINERS_MAX: u8 = 3;

const JOINER: char = '\u{200d}';
const EMOJI_SELECTOR: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

/// Text that is safe to print.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Sanitized(Cow<'static, str>);

impl Sanitized {
    /// Makes a text safe, on one line; the same as [`Sanitized::line`].
    pub fn new(raw: &str) -> Self {
        Self::line(raw)
    }

    /// Makes a text safe, on one line: a line break shows as `↵`, a tab as `⇥`.
    pub fn line(raw: &str) -> Self {
        if is_plain(raw) {
            return Self(Cow::Owned(raw.to_owned()));
        }
        Self(Cow::Owned(escaped(raw)))
    }

    /// Makes a text safe and keeps its line breaks: one `Sanitized` to a line.
    pub fn block(raw: &str) -> Vec<Self> {
        raw.lines().map(Self::line).collect()
    }

    /// Takes a text of the program itself. It is checked all the same.
    pub fn fixed(text: &'static str) -> Self {
        if is_plain(text) {
            return Self(Cow::Borrowed(text));
        }
        Self(Cow::Owned(escaped(text)))
    }

    /// The safe text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many columns the text takes.
    pub fn width(&self) -> usize {
        width_of(&self.0)
    }

    /// The text cut to at most `columns`, with `…` in the last one when something is missing.
    ///
    /// A character that a reader takes for one is never cut in two.
    #[must_use]
    pub fn truncate(&self, columns: usize) -> Self {
        if self.width() <= columns {
            return self.clone();
        }
        let Some(room) = columns.checked_sub(1) else {
            return Self::default();
        };
        if let Some(kept) = self.0.get(..room).filter(|_| is_plain(&self.0)) {
            return Self(Cow::Owned(format!("{kept}…")));
        }
        let mut kept = String::new();
        let mut used = 0;
        for grapheme in self.0.graphemes(true) {
            used += grapheme.width();
            if used > room {
                break;
            }
            kept.push_str(grapheme);
        }
        kept.push('…');
        Self(Cow::Owned(kept))
    }
}

impl fmt::Display for Sanitized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Sanitized {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Sanitized> for String {
    fn from(shown: Sanitized) -> Self {
        shown.0.into_owned()
    }
}

/// The short way for nearly everything: printable ASCII is itself.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// Columns as the console's buffer counts them: grapheme by grapheme.
fn width_of(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// What stands before the next character, as far as an emoji is concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing that could go on.
    Other,
    /// `0` to `9`, `#` or `*`: a keycap may follow.
    Key,
    /// A pictograph, after this many joiners.
    Pictograph(u8),
    /// A pictograph with its colour or its selector.
    Finished(u8),
    /// A joiner, after this many pictographs.
    Joined(u8),
}

fn escaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    // At the start there is no base: a mark would sit on whatever is drawn to the left of us.
    let mut marks_left = 0;
    let mut before = Before::Other;
    let mut rest = raw.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        if let Some(selector) = after_selector_or_joiner(c, before, next) {
            text.push(c);
            before = selector;
            continue;
        }
        if is_mark(c) && !is_hidden(c) {
            if marks_left == 0 {
                push_escape(&mut text, c);
            } else {
                marks_left -= 1;
                text.push(c);
            }
            before = Before::Other;
            continue;
        }
        marks_left = MARKS_MAX;
        before = after_base(c, before);
        match c {
            '\r' if next == Some('\n') => {}
            '\n' => text.push('↵'),
            '\t' => text.push('⇥'),
            _ if is_hidden(c) => push_escape(&mut text, c),
            _ => text.push(c),
        }
    }
    text
}

/// Where a joiner or a selector leads, or `None` if it has no business here.
fn after_selector_or_joiner(c: char, before: Before, next: Option<char>) -> Option<Before> {
    match (c, before) {
        (EMOJI_SELECTOR, Before::Pictograph(joiners)) => Some(Before::Finished(joiners)),
        (EMOJI_SELECTOR, Before::Key) if next == Some(KEYCAP) => Some(Before::Other),
        (JOINER, Before::Pictograph(joiners) | Before::Finished(joiners))
            if joiners < JOINERS_MAX && next.is_some_and(is_pictograph) =>
        {
            Some(Before::Joined(joiners + 1))
        }
        _ => None,
    }
}

fn after_base(c: char, before: Before) -> Before {
    match (c, before) {
        ('0'..='9' | '#' | '*', _) => Before::Key,
        ('\u{1f3fb}'..='\u{1f3ff}', Before::Pictograph(joiners)) => Before::Finished(joiners),
        (_, Before::Joined(joiners)) => Before::Pictograph(joiners),
        _ if is_pictograph(c) => Before::Pictograph(0),
        _ => Before::Other,
    }
}

fn is_pictograph(c: char) -> bool {
    PICTOGRAPH.contains(c) && EMOJI.contains(c) && !is_hidden(c)
}

/// Marks, and whatever else takes no column of its own, such as the vowels of Hangul.
fn is_mark(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    let category = CATEGORY.get(c);
    matches!(
        category,
        GeneralCategory::NonspacingMark
            | GeneralCategory::EnclosingMark
            | GeneralCategory::SpacingMark
    ) || c.width() == Some(0)
}

/// Whether a character steers, hides, reorders or has no agreed look, so that it is never drawn.
pub fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(
        CATEGORY.get(c),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::Surrogate
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
    ) || IGNORABLE.contains(c)
}

fn push_escape(text: &mut String, c: char) {
    // Writing to a String cannot fail.
    let _ = write!(text, "⟨U+{:04X}⟩", u32::from(c));
}

#[cfg(test)]
mod tests;
