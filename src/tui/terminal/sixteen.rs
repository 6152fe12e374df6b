//! A writer that says the sixteen colours the old way, and says nothing once the terminal is gone.
//!
//! crossterm writes `38;5;9` for bright red on every terminal; one with sixteen colours knows only
//! `91`. Within a control sequence `38;5;N` and `48;5;N` with N below 16 are rewritten; everything
//! else passes. It keeps no state between writes, so it must get whole sequences: it stands above
//! the buffer, and crossterm writes each command with one call.
//!
//! Muted, it takes every byte and writes none: ratatui shows the cursor when it is dropped and
//! prints an error if that fails, and printing to a terminal that is gone is a panic.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;

/// Rewrites colours when told to.
#[derive(Debug)]
pub(crate) struct Sixteen<W: Write> {
    inner: W,
    active: bool,
    muted: Rc<Cell<bool>>,
}

impl<W: Write> Sixteen<W> {
    /// Passes everything through.
    pub(crate) fn off(inner: W) -> Self {
        Self {
            inner,
            active: false,
            muted: Rc::default(),
        }
    }

    /// Rewrites.
    pub(crate) fn on(inner: W) -> Self {
        Self {
            inner,
            active: true,
            muted: Rc::default(),
        }
    }

    /// The switch that mutes it.
    pub(crate) fn mute_switch(&self) -> Rc<Cell<bool>> {
        self.muted.clone()
    }
}

impl<W: Write> Write for Sixteen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.muted.get() {
            return Ok(bytes.len());
        }
        if self.active
            && let Ok(text) = std::str::from_utf8(bytes)
            && text.contains("8;5;")
        {
            self.inner.write_all(rewritten(text).as_bytes())?;
            return Ok(bytes.len());
        }
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.muted.get() {
            return Ok(());
        }
        self.inner.flush()
    }
}

fn rewritten(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out.push_str("\u{1b}[");
        match piece.split_once('m') {
            Some((parameters, rest)) if is_parameters(parameters) => {
                out.push_str(&colours(parameters));
                out.push('m');
                out.push_str(rest);
            }
            _ => out.push_str(piece),
        }
    }
    out
}

fn is_parameters(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b == b';')
}

fn colours(parameters: &str) -> String {
    let parts: Vec<&str> = parameters.split(';').collect();
    let mut out: Vec<String> = Vec::new();
    let mut rest = parts.as_slice();
    while let [first, tail @ ..] = rest {
        if let ("38" | "48", ["5", number, after @ ..]) = (*first, tail)
            && let Ok(index) = number.parse::<u16>()
            && index < 16
        {
            let base = if *first == "38" { 30 } else { 40 };
            let code = if index < 8 {
                base + index
            } else {
                base + 60 + index - 8
            };
            out.push(code.to_string());
            rest = after;
        } else {
            out.push((*first).to_owned());
            rest = tail;
        }
    }
    out.join(";")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("\u{1b}[38;5;9mx", "\u{1b}[91mx")]
    #[case("\u{1b}[48;5;4m", "\u{1b}[44m")]
    #[case("\u{1b}[38;5;1;48;5;15mx", "\u{1b}[31;107mx")]
    #[case("\u{1b}[38;5;196mx", "\u{1b}[38;5;196mx")]
    #[case("\u{1b}[2;5H8;5;1m", "\u{1b}[2;5H8;5;1m")]
    fn colours_are_said_the_old_way(#[case] written: &str, #[case] expected: &str) {
        let mut out = Sixteen::on(Vec::new());

        out.write_all(written.as_bytes()).unwrap();

        assert_eq!(String::from_utf8(out.inner).unwrap(), expected);
    }

    #[test]
    fn muted_it_takes_everything_and_writes_nothing() {
        let mut out = Sixteen::off(Vec::new());
        out.mute_switch().set(true);

        out.write_all(b"gone").unwrap();

        assert!(out.inner.is_empty());
    }
}
