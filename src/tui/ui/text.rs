//! Text with roles instead of colours, so that `update` can lay it out and `view` only paint it.

use std::time::Duration;

use jiff::tz::TimeZone;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use crate::base::grouped;
use crate::base::{Sanitized, Timestamp};
use crate::theme::Role;

/// A line of text in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RichLine {
    /// The pieces from left to right; safe to print.
    pub pieces: Vec<(Role, String)>,
}

impl RichLine {
    /// An empty line.
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of one piece.
    pub fn of(role: Role, text: &str) -> Self {
        Self::new().with(role, text)
    }

    /// Adds a piece; whatever it holds becomes safe to print.
    pub fn with(mut self, role: Role, text: &str) -> Self {
        self.push(role, text);
        self
    }

    /// Adds a piece.
    pub fn push(&mut self, role: Role, text: &str) {
        if !text.is_empty() {
            self.pieces
                .push((role, Sanitized::new(text).as_str().to_owned()));
        }
    }

    /// Parts with a dot between them.
    pub fn joined<'a>(parts: impl IntoIterator<Item = (Role, &'a str)>) -> Self {
        let mut line = Self::new();
        for (role, text) in parts {
            if !line.pieces.is_empty() {
                line.push(Role::Dim, " · ");
            }
            line.push(role, text);
        }
        line
    }

    /// The columns it takes.
    pub fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| text.width()).sum()
    }

    /// The same as the terminal counts.
    pub fn columns(&self) -> u16 {
        u16::try_from(self.width()).unwrap_or(u16::MAX)
    }

    /// The text alone.
    pub fn text(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// The same in lines of at most `width` columns; later ones are indented by `indent`.
    pub fn wrapped(&self, width: usize, indent: usize) -> Vec<Self> {
        let width = width.max(indent + 8);
        let mut lines = Vec::new();
        let mut line = Self::new();
        let mut used = 0;
        for (role, text) in &self.pieces {
            for word in words(text) {
                let columns = word.width();
                if used + columns > width && used > indent {
                    lines.push(std::mem::take(&mut line));
                    line.push(Role::Text, &" ".repeat(indent));
                    used = indent;
                    if word.trim().is_empty() {
                        continue;
                    }
                }
                for piece in cut(word, width - indent) {
                    let columns = piece.width();
                    if used + columns > width && used > indent {
                        lines.push(std::mem::take(&mut line));
                        line.push(Role::Text, &" ".repeat(indent));
                        used = indent;
                    }
                    line.append(*role, piece);
                    used += columns;
                }
            }
        }
        lines.push(line);
        lines
    }

    /// The same in at most `width` columns, with a mark where it was cut.
    pub fn fitted(&self, width: usize) -> Self {
        if self.width() <= width {
            return self.clone();
        }
        let mut line = Self::new();
        let mut room = width;
        for (role, text) in &self.pieces {
            let columns = text.width();
            if columns < room {
                line.append(*role, text);
                room -= columns;
                continue;
            }
            // One more makes the cut, and its mark, certain.
            let longer = format!("{text} ");
            line.append(*role, &fitted(&longer, room));
            break;
        }
        line
    }

    fn append(&mut self, role: Role, text: &str) {
        match self.pieces.last_mut() {
            Some((last, before)) if *last == role => before.push_str(text),
            _ => self.pieces.push((role, text.to_owned())),
        }
    }
}

/// The lines of a text with a mark in front of the first, in so many columns.
pub fn marked((role, mark): (Role, &str), text: &str, width: usize) -> Vec<RichLine> {
    let lines = text.lines().enumerate().flat_map(|(index, text)| {
        let line = RichLine::of(role, if index == 0 { mark } else { "  " });
        line.with(Role::Text, text.trim()).wrapped(width, 2)
    });
    lines.collect()
}

/// Texts below each other, each in lines of so many columns; later ones are indented.
pub fn paragraphs(
    texts: impl IntoIterator<Item = (Role, impl AsRef<str>)>,
    (width, indent): (usize, usize),
) -> Vec<RichLine> {
    let texts = texts.into_iter();
    let lines = texts.map(|(role, text)| RichLine::of(role, text.as_ref()));
    lines.flat_map(|line| line.wrapped(width, indent)).collect()
}

/// How much there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// All of it.
    Whole,
    /// What matters most.
    Short,
}

/// All of a text where there is room for it, else in short, with a mark where even that is cut.
pub fn roomy(size: (usize, usize), text: impl Fn(Room) -> Vec<RichLine>) -> Vec<RichLine> {
    let mut lines = text(Room::Whole);
    if lines.len() > size.0 {
        lines = text(Room::Short);
    }
    at_most(lines, size)
}

/// As many lines as there are rows for, with a mark at the end of the last where some are missing.
pub fn at_most(mut lines: Vec<RichLine>, (rows, width): (usize, usize)) -> Vec<RichLine> {
    if lines.len() <= rows {
        return lines;
    }
    lines.truncate(rows);
    if let Some(last) = lines.last_mut() {
        *last = last.fitted(width.saturating_sub(2));
        if !last.text().ends_with('…') {
            last.push(Role::Dim, " …");
        }
    }
    lines
}

/// Makes a text safe and cuts it to a width, with a mark where it was cut.
pub fn fitted(text: &str, width: usize) -> String {
    Sanitized::line(text).truncate(width).as_str().to_owned()
}

/// The same, filled up with spaces to exactly that width.
pub fn padded(text: &str, width: usize) -> String {
    let mut cut = fitted(text, width);
    let used = cut.width();
    cut.push_str(&" ".repeat(width.saturating_sub(used)));
    cut
}

/// "just now", "3 min ago", "2 h ago", "5 days ago": words that change at most once a minute.
pub fn age(at: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(at).as_secs().max(0) / 60;
    match minutes {
        0 => "just now".to_owned(),
        1..=59 => format!("{minutes} min ago"),
        60..=2879 => format!("{} h ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1440),
    }
}

/// The time of day, or the day where it was another one: eight columns.
pub fn clock(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    written((at, now), zone, ["%H:%M:%S", "%d %b  ", "%b %Y"])
}

/// "24 Nov 14:02", with the year where it is another one: twelve columns.
pub fn day_and_time(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let this_year = "%d %b %H:%M";
    written((at, now), zone, [this_year, this_year, "%d %b %Y"])
}

/// A time in the form for today, for this year, or for any other year.
fn written((at, now): (Timestamp, Timestamp), zone: &TimeZone, forms: [&str; 3]) -> String {
    let then = at.to_zoned_datetime(zone.clone());
    let today = now.to_zoned_datetime(zone.clone());
    let [on_the_day, in_the_year, ever] = forms;
    let form = if then.date() == today.date() {
        on_the_day
    } else if then.year() == today.year() {
        in_the_year
    } else {
        ever
    };
    then.strftime(form).to_string()
}

/// The end of an id: the part that differs.
pub fn short_id(id: &str) -> String {
    let mut tails = id.char_indices().rev();
    match tails.nth(6).and_then(|(at, _)| id.split_at_checked(at)) {
        Some((head, tail)) if !head.is_empty() => format!("…{tail}"),
        Some(_) | None => id.to_owned(),
    }
}

/// "142 ms", "30.0 s".
pub fn latency(latency: Duration) -> String {
    let millis = latency.as_millis();
    if millis < 10_000 {
        format!("{millis} ms")
    } else {
        format!("{:.1} s", latency.as_secs_f64())
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}

fn cut(word: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = word;
    while rest.width() > width {
        let mut used = 0;
        let at = rest
            .char_indices()
            .find(|(_, c)| {
                used += c.width().unwrap_or(0);
                used > width
            })
            .map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(at);
        if piece.is_empty() {
            break;
        }
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    proptest! {
        #[test]
        fn wrapping_loses_nothing_but_spaces_and_keeps_the_width(
            text in "[a-zé漢 ]{0,80}", width in 12usize..40
        ) {
            let lines = RichLine::of(Role::Text, &text).wrapped(width, 2);

            let joined: String = lines.iter().map(RichLine::text).collect();
            let letters = |s: &str| s.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(letters(&joined), letters(&text));
            for line in lines {
                prop_assert!(line.text().trim_end().width() <= width, "{:?}", line);
            }
        }

        #[test]
        fn a_line_that_is_cut_says_so_and_one_that_fits_is_whole(
            one in "[a-z漢 ]{0,20}", other in "[a-z漢]{0,20}", width in 2usize..30
        ) {
            let line = RichLine::of(Role::Text, &one).with(Role::Dim, &other);

            let cut = line.fitted(width);

            prop_assert!(cut.width() <= width, "{:?}", cut);
            prop_assert_eq!(cut.text().ends_with('…'), line.width() > width);
        }

        #[test]
        fn lines_without_room_leave_a_mark(count in 0usize..8, rows in 1usize..8) {
            let lines = vec![RichLine::of(Role::Text, "some words"); count];

            let shown = at_most(lines, (rows, 10));

            prop_assert_eq!(shown.len(), count.min(rows));
            let is_marked = shown.last().is_some_and(|line| line.text().ends_with('…'));
            prop_assert_eq!(is_marked, count > rows);
            prop_assert!(shown.iter().all(|line| line.width() <= 10));
        }

        #[test]
        fn a_fitted_text_fits(text in "\\PC{0,40}", width in 0usize..20) {
            prop_assert!(Sanitized::line(&fitted(&text, width)).width() <= width);
        }
    }

    #[test]
    fn a_control_character_never_gets_into_a_line() {
        let line = RichLine::of(Role::Text, "a\u{1b}[31mb");

        assert!(!line.text().contains('\u{1b}'));
    }

    /// F66: London, as a rule, so that the test needs no zone files.
    fn london() -> TimeZone {
        TimeZone::posix("GMT0BST,M3.5.0/1,M10.5.0/2").unwrap()
    }

    #[rstest]
    #[case::before_the_hour_is_left_out("2026-03-29T00:59:59Z", "2026-03-29T12:00:00Z", "00:59:59")]
    #[case::after_it("2026-03-29T01:00:00Z", "2026-03-29T12:00:00Z", "02:00:00")]
    #[case::the_hour_for_the_first_time("2026-10-25T00:30:00Z", "2026-10-25T12:00:00Z", "01:30:00")]
    #[case::the_hour_for_the_second_time(
        "2026-10-25T01:30:00Z",
        "2026-10-25T12:00:00Z",
        "01:30:00"
    )]
    #[case::a_day_of_25_hours_begins("2026-10-24T23:00:00Z", "2026-10-25T23:59:59Z", "00:00:00")]
    #[case::a_second_before_it("2026-10-24T22:59:59Z", "2026-10-25T23:59:59Z", "24 Oct  ")]
    fn the_time_of_day_is_right_around_both_changes_of_the_hour(
        #[case] at: &str,
        #[case] now: &str,
        #[case] shown: &str,
    ) {
        let (at, now) = (at.parse().unwrap(), now.parse().unwrap());

        assert_eq!(clock(at, now, &london()), shown);
    }
}
