//! A writer that says colours in as few bytes as this terminal allows.
//!
//! crossterm says the ground anew with every text colour, 17 bytes of it in true colour, and writes
//! `38;5;9` for bright red even where only `91` is known. This stands above the buffer, follows the
//! colours that are set, and leaves out what says nothing new. Everything but `ESC [ … m` passes.
//!
//! Muted, it takes every byte and writes none: ratatui shows the cursor when it is dropped and
//! prints an error if that fails, and printing to a terminal that is gone is a panic.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;

/// Longest control sequence that is looked into; a longer one passes as it is.
const SEQUENCE_BYTES_MAX: usize = 96;

/// How colours are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Palette {
    /// The first sixteen by their own short codes.
    Sixteen,
    /// As they come.
    Any,
}

/// The writer.
#[derive(Debug)]
pub(crate) struct Thrift<W: Write> {
    inner: W,
    palette: Palette,
    muted: Rc<Cell<bool>>,
    /// A control sequence whose end has not come yet.
    pending: Vec<u8>,
    /// What the terminal has.
    set: Colours,
    /// What the next character is to have.
    wanted: Colours,
    /// Bold and the like that were said and not written yet.
    marks: Vec<String>,
    /// Marks that let a blank show the text colour: underline, reverse, strike.
    shows_blanks: u8,
}

/// Text and ground; `None` while nobody knows, or nobody asks.
#[derive(Debug, Default)]
struct Colours {
    text: Option<String>,
    ground: Option<String>,
}

impl<W: Write> Thrift<W> {
    /// A writer for a terminal with such colours.
    pub(crate) fn new(inner: W, palette: Palette) -> Self {
        Self {
            inner,
            palette,
            muted: Rc::default(),
            pending: Vec::new(),
            set: Colours::default(),
            wanted: Colours::default(),
            marks: Vec::new(),
            shows_blanks: 0,
        }
    }

    /// The switch that mutes it.
    pub(crate) fn mute_switch(&self) -> Rc<Cell<bool>> {
        self.muted.clone()
    }

    fn take(&mut self, byte: u8, out: &mut Vec<u8>) {
        if self.pending.is_empty() && byte != 0x1b {
            self.say(byte != b' ' || self.shows_blanks != 0, out);
            out.push(byte);
            return;
        }
        self.pending.push(byte);
        match self.pending.as_slice() {
            [_] | [_, b'['] => {}
            [_, b'[', parameters @ .., b'm'] => {
                if let Ok(text) = std::str::from_utf8(parameters) {
                    let text = text.to_owned();
                    self.colours(&text);
                }
                self.pending.clear();
            }
            [_, b'[', .., last] if (0x40..=0x7e).contains(last) => {
                // A mode may mean that another program had the terminal meanwhile.
                if *last == b'h' {
                    self.set = Colours::default();
                }
                // Erasing fills with the ground.
                let mut sequence = std::mem::take(&mut self.pending);
                self.say(false, out);
                out.append(&mut sequence);
            }
            [_, b'[', ..] if self.pending.len() < SEQUENCE_BYTES_MAX => {}
            _ => out.append(&mut self.pending),
        }
    }

    /// Takes a colour sequence in; what of it says something new is written with the next character.
    fn colours(&mut self, parameters: &str) {
        let parts: Vec<&str> = parameters.split(';').collect();
        let mut rest = parts.as_slice();
        while let [first, tail @ ..] = rest {
            let (color, after) = color(first, tail);
            rest = after;
            match layer(first) {
                Some(Layer::Text) => self.wanted.text = Some(self.spelled(&color)),
                Some(Layer::Ground) => self.wanted.ground = Some(self.spelled(&color)),
                None => self.mark(color),
            }
        }
    }

    fn mark(&mut self, code: String) {
        match code.as_str() {
            "" | "0" => {
                self.marks = vec!["0".to_owned()];
                self.shows_blanks = 0;
                self.set = Colours {
                    text: Some("39".to_owned()),
                    ground: Some("49".to_owned()),
                };
                self.wanted = Colours::default();
                return;
            }
            "4" | "21" => self.shows_blanks |= 1,
            "24" => self.shows_blanks &= !1,
            "7" => self.shows_blanks |= 2,
            "27" => self.shows_blanks &= !2,
            "9" => self.shows_blanks |= 4,
            "29" => self.shows_blanks &= !4,
            _ => {}
        }
        self.marks.push(code);
    }

    /// Writes in one sequence what the next character needs and the terminal has not. A blank needs
    /// no text colour.
    fn say(&mut self, shows_text: bool, out: &mut Vec<u8>) {
        let mut said = std::mem::take(&mut self.marks);
        if shows_text
            && let Some(text) = self.wanted.text.take()
            && self.set.text.as_ref() != Some(&text)
        {
            self.set.text = Some(text.clone());
            said.push(text);
        }
        if let Some(ground) = self.wanted.ground.take()
            && self.set.ground.as_ref() != Some(&ground)
        {
            self.set.ground = Some(ground.clone());
            said.push(ground);
        }
        if !said.is_empty() {
            out.extend_from_slice(b"\x1b[");
            out.extend_from_slice(said.join(";").as_bytes());
            out.push(b'm');
        }
    }

    fn spelled(&self, color: &str) -> String {
        let short = match (self.palette, color.split_once(";5;")) {
            (Palette::Sixteen, Some((layer, number))) => {
                number.parse::<u16>().ok().filter(|n| *n < 16).map(|n| {
                    let base = if layer == "38" { 30 } else { 40 };
                    if n < 8 { base + n } else { base + 60 + n - 8 }
                })
            }
            _ => None,
        };
        short.map_or_else(|| color.to_owned(), |code| code.to_string())
    }
}

impl<W: Write> Write for Thrift<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.muted.get() {
            return Ok(bytes.len());
        }
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            self.take(*byte, &mut out);
        }
        self.inner.write_all(&out)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.muted.get() {
            return Ok(());
        }
        self.inner.flush()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Text,
    Ground,
}

fn layer(code: &str) -> Option<Layer> {
    match code.parse::<u16>().ok()? {
        30..=39 | 90..=97 => Some(Layer::Text),
        40..=49 | 100..=107 => Some(Layer::Ground),
        _ => None,
    }
}

/// The code with the numbers that belong to it, and what comes after them.
fn color<'a, 'b>(first: &str, tail: &'a [&'b str]) -> (String, &'a [&'b str]) {
    match (first, tail) {
        ("38" | "48" | "58", ["5", n, after @ ..]) => (format!("{first};5;{n}"), after),
        ("38" | "48" | "58", ["2", r, g, b, after @ ..]) => {
            (format!("{first};2;{r};{g};{b}"), after)
        }
        _ => (first.to_owned(), tail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn through(palette: Palette, pieces: &[&str]) -> String {
        let mut out = Thrift::new(Vec::new(), palette);
        for piece in pieces {
            out.write_all(piece.as_bytes()).unwrap();
        }
        String::from_utf8(out.inner).unwrap()
    }

    #[rstest]
    #[case("\u{1b}[38;5;9mx", "\u{1b}[91mx")]
    #[case("\u{1b}[48;5;4m ", "\u{1b}[44m ")]
    #[case("\u{1b}[38;5;1;48;5;15mx", "\u{1b}[31;107mx")]
    #[case("\u{1b}[38;5;196mx", "\u{1b}[38;5;196mx")]
    #[case("\u{1b}[2;5H8;5;1m", "\u{1b}[2;5H8;5;1m")]
    fn sixteen_colours_are_said_the_old_way(#[case] written: &str, #[case] expected: &str) {
        assert_eq!(through(Palette::Sixteen, &[written]), expected);
    }

    #[test]
    fn what_says_nothing_new_is_left_out() {
        let written =
            "\u{1b}[38;2;1;2;3;48;2;9;9;9ma\u{1b}[38;2;4;5;6;48;2;9;9;9mb\u{1b}[48;2;9;9;9mc";

        assert_eq!(
            through(Palette::Any, &[written]),
            "\u{1b}[38;2;1;2;3;48;2;9;9;9ma\u{1b}[38;2;4;5;6mbc"
        );
    }

    #[test]
    fn a_sequence_in_pieces_is_one_sequence() {
        let pieces = ["\u{1b}[", "38;5;", "9", "m", "x"];

        assert_eq!(through(Palette::Sixteen, &pieces), "\u{1b}[91mx");
    }

    #[test]
    fn a_reset_and_another_program_are_not_forgotten() {
        let red = "\u{1b}[31mx";

        let after_reset = through(Palette::Any, &[red, "\u{1b}[0m", red]);
        let after_loan = through(Palette::Any, &[red, "\u{1b}[?1049h", red]);

        assert_eq!(after_reset.matches("31mx").count(), 2);
        assert_eq!(after_loan.matches(red).count(), 2);
    }

    #[test]
    fn muted_it_takes_everything_and_writes_nothing() {
        let mut out = Thrift::new(Vec::new(), Palette::Any);
        out.mute_switch().set(true);

        out.write_all(b"gone").unwrap();

        assert!(out.inner.is_empty());
    }

    #[test]
    fn a_blank_is_not_given_a_text_colour() {
        let written = "\u{1b}[31ma\u{1b}[32m \u{1b}[31mb";

        assert_eq!(through(Palette::Any, &[written]), "\u{1b}[31ma b");
    }

    proptest! {
        /// A terminal that gets the shorter bytes shows the same colours on the same text.
        #[test]
        fn the_screen_is_the_same(
            runs in proptest::collection::vec((0u8..4, 0u8..4, 0u8..8, "[a-c ]{0,4}"), 0..20)
        ) {
            let mut written = String::new();
            for (text, ground, mark, word) in runs {
                written.push_str(match mark {
                    0 => "\u{1b}[0m",
                    1 => "\u{1b}[7m",
                    2 => "\u{1b}[27m",
                    3 => "\u{1b}[4m",
                    4 => "\u{1b}[24m",
                    5 => "\u{1b}[1m",
                    _ => "",
                });
                written.push_str(&format!("\u{1b}[38;2;{text};0;0;48;2;{ground};0;0m{word}"));
            }
            let short = through(Palette::Any, &[&written]);
            // A ground and a text colour that come together may be said apart around a blank.
            let apart = 3 * written.matches(' ').count();
            prop_assert!(short.len() <= written.len() + apart);

            let screen = |bytes: &str| {
                let mut parser = vt100::Parser::new(
                    4.try_into().unwrap(), 80.try_into().unwrap(), 0,
                );
                parser.process(bytes.as_bytes());
                let screen = parser.screen();
                (0..80)
                    .filter_map(|column| screen.cell(0, column))
                    .map(|cell| {
                        let is_blank = cell.contents().trim().is_empty();
                        let shows_text = !is_blank || cell.inverse() || cell.underline();
                        (
                            cell.contents().trim().to_owned(),
                            shows_text.then(|| (cell.fgcolor(), cell.bold())),
                            cell.bgcolor(),
                            (cell.inverse(), cell.underline()),
                        )
                    })
                    .collect::<Vec<_>>()
            };
            prop_assert_eq!(screen(&short), screen(&written));
        }
    }
}
