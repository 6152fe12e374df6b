//! The only place that writes to stdout and stderr. stdout is data, stderr is talk.
//!
//! A reader that goes away (`| head -1`) is no error: what is left is not written. Every other
//! failure of stdout is remembered, and told once, when the command ends ([`Out::finish`]): no
//! command has to think of it. When stderr fails there is nobody left to tell.
//!
//! Text from outside passes the sanitiser before it is written for people; JSON escapes on its own.
//! Data goes out byte by byte into a pipe or a file, and passes the sanitiser on a terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use rustix::fs::{OFlags, fcntl_getfl};
use rustix::io::Errno;
use serde_json::Value;

use super::args::Global;
use crate::base::{Sanitized, is_hidden, word_enum};

/// What became of standard output, where it takes no more; the first failure counts.
static LOST: OnceLock<Lost> = OnceLock::new();

/// Why standard output takes no more.
#[derive(Debug)]
pub enum Lost {
    /// Its reader went away, which is no error.
    Reader,
    /// It could not be written, for this reason.
    Failed(String),
}

/// What a command prints, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Out {
    /// What results look like.
    pub format: Format,
    /// How much is said beside them.
    pub talk: Talk,
    /// Whether a line may be written over.
    pub motion: Motion,
    /// What the ledger is worth that the results come from, if they come from one.
    pub ledger: Option<Worth>,
}

word_enum! {
    /// What a ledger is worth.
    Worth, "trusted, empty or doubtful",
    /// It knows all that this machine remembers.
    Trusted = "trusted",
    /// The same, and nothing was ever recorded in it.
    Empty = "empty",
    /// It knows less than this machine remembers: nothing is sent, and its figures may be too low.
    Doubtful = "doubtful",
}

/// Whether a line on a terminal may be written over by the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// A line of progress replaces the one before.
    Allowed,
    /// Nothing moves: `--plain`.
    None,
}

/// What results look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Talk {
    /// Errors only.
    Quiet,
    /// What a person wants to know.
    Normal,
    /// More.
    Verbose,
}

impl Out {
    /// What the flags that every command has say.
    pub fn of(global: &Global) -> Self {
        Self {
            format: if global.json {
                Format::Json
            } else {
                Format::Text
            },
            talk: match (global.quiet, global.verbose) {
                (true, _) => Talk::Quiet,
                (false, true) => Talk::Verbose,
                (false, false) => Talk::Normal,
            },
            motion: if global.plain {
                Motion::None
            } else {
                Motion::Allowed
            },
            ledger: None,
        }
    }

    /// The same, for results that come from a ledger.
    pub fn from_ledger(self, worth: Worth) -> Self {
        Self {
            ledger: Some(worth),
            ..self
        }
    }

    /// The same once something was recorded: an empty ledger is not empty any more.
    pub fn recorded(self) -> Self {
        match self.ledger {
            Some(Worth::Empty) => self.from_ledger(Worth::Trusted),
            Some(Worth::Trusted | Worth::Doubtful) | None => self,
        }
    }

    /// Whether results are JSON.
    pub fn is_json(self) -> bool {
        self.format == Format::Json
    }

    /// One line of data. The text is made safe line by line.
    pub fn line(self, text: &str) {
        print(|to| write_safely(to, text));
    }

    /// The names of the columns, for a person: on a terminal, never in a pipe or beside JSON.
    pub fn heading(self, text: &str) {
        if self.format == Format::Text && io::stdout().is_terminal() {
            self.line(text);
        }
    }

    /// Data that goes out byte by byte, but on a terminal: a table, a completion script, a man page.
    pub fn raw(self, bytes: &[u8]) {
        let mut data = self.writer(Format::Text);
        // Noted where it failed.
        let _ = data.write_all(bytes).and_then(|()| data.flush());
    }

    /// One line of JSON that another part has made.
    ///
    /// # Errors
    /// When stdout takes no more; [`Out::lost`] says why.
    pub fn json_line(self, text: &str) -> io::Result<()> {
        writeln!(Noted(io::stdout().lock()), "{}", ascii_text(text))
    }

    /// One JSON object of data, on a line. What the ledger is worth stands in it.
    pub fn json(self, value: &Value) {
        let mut text = ascii_safe(value);
        if let (Some(worth), Some(rest)) = (self.ledger, text.strip_suffix('}')) {
            text = format!("{rest},\"trust\":\"{worth}\"}}");
        }
        print(|to| writeln!(to, "{text}"));
    }

    /// One draft: it may be given back to this program, so nothing else stands in it.
    pub fn draft(self, value: &Value) {
        Self {
            ledger: None,
            ..self
        }
        .json(value);
    }

    /// One result: JSON or the lines for people.
    pub fn result(self, value: &Value, lines: impl FnOnce() -> Vec<String>) {
        match self.format {
            Format::Json => self.json(value),
            Format::Text => lines().iter().for_each(|line| self.line(line)),
        }
    }

    /// Something worth knowing, for people, on stderr.
    pub fn say(self, text: &str) {
        if self.talk >= Talk::Normal {
            tell(text);
        }
    }

    /// A question, or what it is about, for people, on stderr: also where nothing else is said.
    pub fn ask(self, text: &str) {
        if !text.is_empty() {
            tell(text);
        }
    }

    /// A line on stderr that the next one replaces, where stderr is a terminal; `None` ends it.
    pub fn progress(self, text: Option<&str>) {
        if self.talk < Talk::Normal || !self.can_move() {
            return;
        }
        let mut stderr = io::stderr().lock();
        // A line that wraps could not be replaced.
        let columns = rustix::termios::tcgetwinsize(rustix::stdio::stderr())
            .ok()
            .map(|size| usize::from(size.ws_col))
            .filter(|columns| *columns > 0)
            .unwrap_or(80);
        let text = text.map(|text| text.chars().take(columns - 1).collect::<String>());
        let written = match text {
            // Back to the start, the line, and nothing of the old one behind it.
            Some(text) => write!(stderr, "\r{}\x1b[K", Sanitized::new(&text)),
            None => write!(stderr, "\r\x1b[K"),
        };
        let _ = written.and_then(|()| stderr.flush());
    }

    /// Whether a line on stderr can be replaced by the next one.
    pub fn can_move(self) -> bool {
        self.motion == Motion::Allowed && io::stderr().is_terminal()
    }

    /// Standard output for data that is written as it comes, lines of this form.
    pub fn writer(self, form: Format) -> impl Write + Send {
        let line = io::stdout().is_terminal().then(Vec::new);
        io::BufWriter::new(Data { form, line })
    }

    /// Why standard output takes no more, if it does not.
    pub fn lost(self) -> Option<&'static Lost> {
        LOST.get()
    }

    /// Writes what is left; answers why not all that was printed could be written, if so.
    pub fn finish(self) -> Option<&'static str> {
        print(|_| Ok(()));
        match self.lost() {
            Some(Lost::Failed(why)) => Some(why),
            Some(Lost::Reader) | None => None,
        }
    }

    /// Something for the curious, on stderr.
    pub fn detail(self, text: &str) {
        if self.talk >= Talk::Verbose {
            tell(text);
        }
    }

    /// An error, on stderr: what happened, and what to do next. With `--json` it is an object.
    pub fn error(self, message: &str, hint: Option<&str>, code: u8) {
        match self.format {
            Format::Json => {
                let value = serde_json::json!({
                    "error": message, "hint": hint, "exit": code,
                });
                let _ = writeln!(io::stderr().lock(), "{}", ascii_safe(&value));
            }
            Format::Text => {
                tell(&format!("ziadeck: {message}"));
                if let Some(hint) = hint {
                    tell(&format!("  do  {hint}"));
                }
            }
        }
    }
}

/// Whether stdin and stderr can carry a question to a person.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// A writer to standard output whose first failure is remembered; after it nothing is written, so
/// that what was written has no hole in it.
struct Noted<W: Write>(W);

impl<W: Write> Write for Noted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        noted(|| {
            check_stdout()?;
            self.0.write(bytes)
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        noted(|| self.0.flush())
    }
}

/// Refuses a standard output that is open and not for writing: the standard library takes what is written
/// there for written.
///
/// # Errors
/// What the system would say.
pub fn check_stdout() -> io::Result<()> {
    static IS_FOR_WRITING: OnceLock<bool> = OnceLock::new();
    let is_for_writing = IS_FOR_WRITING.get_or_init(|| {
        fcntl_getfl(rustix::stdio::stdout())
            .map_or(true, |flags| flags & OFlags::RWMODE != OFlags::RDONLY)
    });
    match is_for_writing {
        true => Ok(()),
        false => Err(Errno::BADF.into()),
    }
}

/// Writes to standard output, unless it takes no more; remembers why it does not.
///
/// # Errors
/// When it takes no more.
pub fn noted<T>(write: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    match LOST.get() {
        Some(Lost::Reader) => return Err(io::ErrorKind::BrokenPipe.into()),
        Some(Lost::Failed(why)) => return Err(io::Error::other(why.as_str())),
        None => {}
    }
    write().inspect_err(|error| {
        let lost = match error.kind() {
            // It is tried again.
            io::ErrorKind::Interrupted => return,
            io::ErrorKind::BrokenPipe => Lost::Reader,
            _ => Lost::Failed(error.to_string()),
        };
        // The first one stays.
        let _ = LOST.set(lost);
    })
}

/// Prints to standard output, all of it at once.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let mut stdout = Noted(io::stdout().lock());
    // Noted where it failed.
    let _ = write(&mut stdout).and_then(|()| stdout.flush());
}

/// Tells a person something on standard error.
fn tell(text: &str) {
    // Where it fails nobody listens.
    let _ = write_safely(&mut io::stderr().lock(), text);
}

/// Standard output for data. A terminal obeys what it is sent, so that one gets it line by line,
/// as text that is safe to print.
struct Data {
    form: Format,
    /// What came of the next line, where this is a terminal.
    line: Option<Vec<u8>>,
}

impl Data {
    fn show(&self, lines: &[u8]) -> io::Result<()> {
        let text = String::from_utf8_lossy(lines);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let mut stdout = Noted(io::stdout().lock());
        match self.form {
            Format::Text => write_safely(&mut stdout, text),
            Format::Json => writeln!(stdout, "{}", ascii_text(text)),
        }
    }
}

impl Write for Data {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(line) = &mut self.line else {
            return Noted(io::stdout()).write(bytes);
        };
        line.extend_from_slice(bytes);
        if let Some(end) = line.iter().rposition(|byte| *byte == b'\n') {
            let rest = line.split_off(end + 1);
            let lines = std::mem::replace(line, rest);
            self.show(&lines)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(line) = self.line.as_mut().map(std::mem::take)
            && !line.is_empty()
        {
            self.show(&line)?;
        }
        Noted(io::stdout()).flush()
    }
}

fn write_safely(to: &mut dyn Write, text: &str) -> io::Result<()> {
    for line in text.split('\n') {
        writeln!(to, "{}", Sanitized::new(line))?;
    }
    to.flush()
}

/// JSON whose texts hold nothing that steers a terminal or is not seen: serde_json escapes U+0000 to
/// U+001F, and whatever is beyond ASCII and no visible letter or digit is escaped here.
fn ascii_safe(value: &Value) -> String {
    ascii_text(&value.to_string())
}

fn ascii_text(text: &str) -> String {
    if text.is_ascii() && !text.contains('\u{7f}') {
        return text.to_owned();
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() && c != '\u{7f}' || c.is_alphanumeric() && !is_hidden(c) {
            safe.push(c);
        } else {
            let mut units = [0_u16; 2];
            for unit in c.encode_utf16(&mut units) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::choseong_filler('\u{115f}')]
    #[case::jungseong_filler('\u{1160}')]
    #[case::filler('\u{3164}')]
    #[case::half_width_filler('\u{ffa0}')]
    fn a_letter_that_nobody_sees_is_escaped_in_json(#[case] letter: char) {
        let escape = format!("\\u{:04x}", u32::from(letter));

        assert!(letter.is_alphanumeric());
        assert_eq!(
            ascii_safe(&Value::from(format!("a{letter}b"))),
            format!("\"a{escape}b\"")
        );
    }

    #[test]
    fn no_character_of_json_is_hidden() {
        let every: String = ('\0'..=char::MAX).collect();

        let line = ascii_safe(&Value::from(every.as_str()));

        assert_eq!(line.chars().find(|c| is_hidden(*c)), None);
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), every);
    }

    proptest! {
        #[test]
        fn escaped_json_means_the_same(text in any::<String>()) {
            let value = Value::from(text);
            let line = ascii_safe(&value);

            prop_assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
            prop_assert!(line.chars().all(|c| !c.is_control()));
        }
    }
}
