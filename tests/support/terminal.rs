//! A real pseudo-terminal with the built program in it: what it writes, what is on its screen,
//! what the terminal's modes are.
#![allow(
    dead_code,
    reason = "every test file is a program of its own and uses its part"
)]

use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use vt100::Parser;

/// Longest that a screen may take to show what is waited for.
const DEADLINE: Duration = Duration::from_secs(30);

/// What the terminal has got.
struct Seen {
    bytes: Vec<u8>,
    parser: Parser,
    reading: Reading,
    /// Whether the reader has seen that it shall not read.
    has_stopped: bool,
    is_over: bool,
}

/// Whether somebody reads the terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Goes,
    Stands,
    Ends,
}

/// A pseudo-terminal and the process in it.
pub(crate) struct Terminal {
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn std::io::Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    reader: Option<JoinHandle<()>>,
    before: String,
    size: (u16, u16),
}

/// How the process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) code: u32,
    pub(crate) signal: Option<String>,
}

impl Ended {
    pub(crate) fn with(code: u32) -> Self {
        Self { code, signal: None }
    }
}

/// The program with an environment of its own, for a terminal.
pub(crate) fn program(home: &Path, arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ziadeck"));
    command.args(arguments);
    in_home(&mut command, home);
    command
}

pub(crate) fn in_home(command: &mut CommandBuilder, home: &Path) {
    command.env_clear();
    command.env("HOME", home);
    command.env("TMPDIR", home);
    command.env("USER", "ada");
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.cwd(home);
}

impl Terminal {
    /// Starts a command in a terminal of 120 by 40.
    pub(crate) fn start(command: CommandBuilder) -> Self {
        Self::sized(command, 120, 40)
    }

    pub(crate) fn sized(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let before = format!("{:?}", pair.master.get_termios().unwrap());
        let child = pair.slave.spawn_command(command).unwrap();
        let mut from = pair.master.try_clone_reader().unwrap();
        let seen = Arc::new((
            Mutex::new(Seen {
                bytes: Vec::new(),
                parser: Parser::new(cells(rows), cells(columns), 0),
                reading: Reading::Goes,
                has_stopped: false,
                is_over: false,
            }),
            Condvar::new(),
        ));
        let shared = seen.clone();
        let reader = std::thread::spawn(move || {
            let (seen, changed) = &*shared;
            let mut buffer = [0; 4096];
            loop {
                let mut guard = seen.lock().unwrap();
                guard.has_stopped = guard.reading != Reading::Goes;
                changed.notify_all();
                let mut guard = changed
                    .wait_while(guard, |seen| seen.reading == Reading::Stands)
                    .unwrap();
                if guard.reading == Reading::Ends {
                    guard.has_stopped = true;
                    changed.notify_all();
                    return;
                }
                guard.has_stopped = false;
                drop(guard);
                let read = from.read(&mut buffer).unwrap_or(0);
                let mut guard = seen.lock().unwrap();
                guard.bytes.extend_from_slice(&buffer[..read]);
                guard.parser.process(&buffer[..read]);
                guard.is_over = read == 0;
                changed.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        Self {
            writer: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
            child,
            seen,
            reader: Some(reader),
            before,
            size: (columns, rows),
        }
    }

    /// Types bytes, as a keyboard or a paste sends them.
    pub(crate) fn type_in(&mut self, bytes: impl AsRef<[u8]>) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(bytes.as_ref()).unwrap();
        writer.flush().unwrap();
    }

    /// Presses one key as a person does: nothing else comes close to it.
    pub(crate) fn press(&mut self, bytes: impl AsRef<[u8]>) {
        rest(APART);
        self.type_in(bytes);
        rest(APART);
    }

    /// Answers a question that is on the screen, when it could be read.
    pub(crate) fn answer(&mut self, bytes: impl AsRef<[u8]>) {
        rest(READ);
        self.press(bytes);
    }

    /// Presses a key until the screen shows what it brings, again where the screen says that it
    /// came too fast: on a machine with much to do keys are read late, and so close together.
    #[track_caller]
    pub(crate) fn press_for(&mut self, bytes: impl AsRef<[u8]>, text: &str) {
        self.press_until(bytes, text, |screen| screen.contains(text));
    }

    /// The same for what the screen does not show.
    #[track_caller]
    pub(crate) fn press_until(
        &mut self,
        bytes: impl AsRef<[u8]>,
        what: &str,
        is_so: impl Fn(&str) -> bool,
    ) {
        let is_there = (0..20).any(|_| {
            self.answer(&bytes);
            let is_over = |screen: &str| is_so(screen) || screen.contains("too fast");
            poll_until(DEADLINE, || is_over(&self.screen())) && is_so(&self.screen())
        });
        assert!(
            is_there,
            "no {what}; this is on the screen:\n{}",
            self.screen()
        );
    }

    /// The text on the screen.
    pub(crate) fn screen(&self) -> String {
        self.seen.0.lock().unwrap().parser.screen().contents()
    }

    /// Everything that was written to the terminal so far.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().bytes.clone()
    }

    /// Waits until the screen holds a text.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        self.wait(&format!("the text {text:?}"), |screen| {
            screen.contains(text)
        });
    }

    /// Waits until a sequence was sent to the terminal.
    #[track_caller]
    pub(crate) fn gets(&self, sequence: &str) {
        let (seen, changed) = &*self.seen;
        let guard = seen.lock().unwrap();
        let has = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(sequence);
        let (guard, _) = changed
            .wait_timeout_while(guard, DEADLINE, |seen| !has(&seen.bytes) && !seen.is_over)
            .unwrap();
        let is_there = has(&guard.bytes);
        drop(guard);
        assert!(is_there, "{sequence:?} was not sent");
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub(crate) fn wait(&self, what: &str, is_so: impl Fn(&str) -> bool) {
        let (seen, changed) = &*self.seen;
        let guard = seen.lock().unwrap();
        let (guard, waited) = changed
            .wait_timeout_while(guard, DEADLINE, |seen| {
                !is_so(&seen.parser.screen().contents()) && !seen.is_over
            })
            .unwrap();
        let screen = guard.parser.screen().contents();
        // A panic with the lock in hand would be followed by one in the destructor.
        drop(guard);
        assert!(
            is_so(&screen),
            "no {what}{} on the screen:\n{screen}",
            if waited.timed_out() { " in time" } else { "" }
        );
    }

    /// Waits until so many more bytes have come than there were.
    #[track_caller]
    pub(crate) fn more_than(&self, before: usize) {
        let (seen, changed) = &*self.seen;
        let guard = seen.lock().unwrap();
        let (guard, _) = changed
            .wait_timeout_while(guard, DEADLINE, |seen| {
                seen.bytes.len() <= before && !seen.is_over
            })
            .unwrap();
        let now = guard.bytes.len();
        drop(guard);
        assert!(now > before, "nothing more was written");
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.size = (columns, rows);
        let mut seen = self.seen.0.lock().unwrap();
        seen.parser.set_size(cells(rows), cells(columns));
        self.master
            .as_ref()
            .unwrap()
            .resize(size(columns, rows))
            .unwrap();
    }

    /// The terminal tells a size that it has not.
    pub(crate) fn tell_size(&self, columns: u16, rows: u16) {
        let master = self.master.as_ref().unwrap();
        master.resize(size(columns, rows)).unwrap();
    }

    /// Nobody reads the terminal from now on, as on a stalled line.
    pub(crate) fn stop_reading(&mut self) {
        self.set(Reading::Stands);
        self.nudge();
    }

    pub(crate) fn go_on_reading(&mut self) {
        self.set(Reading::Goes);
    }

    /// The line drops: every descriptor of the master is closed.
    pub(crate) fn hang_up(&mut self) {
        self.set(Reading::Ends);
        self.nudge();
        self.reader.take().unwrap().join().unwrap();
        self.writer = None;
        self.master = None;
    }

    /// Brings the reader, which waits inside `read`, to look at what it shall do.
    fn nudge(&mut self) {
        let (columns, rows) = self.size;
        self.resize(columns - 1, rows);
        let (seen, changed) = &*self.seen;
        let guard = seen.lock().unwrap();
        let (guard, _) = changed
            .wait_timeout_while(guard, DEADLINE, |seen| !seen.has_stopped && !seen.is_over)
            .unwrap();
        let has_stopped = guard.has_stopped || guard.is_over;
        drop(guard);
        assert!(has_stopped, "the reader does not stop");
    }

    fn set(&self, reading: Reading) {
        self.seen.0.lock().unwrap().reading = reading;
        self.seen.1.notify_all();
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Seconds of processor time so far, of all its threads.
    pub(crate) fn cpu_seconds(&self) -> Option<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let ticks: f64 = fields[11].parse::<f64>().ok()? + fields[12].parse::<f64>().ok()?;
        // The kernel tells these in hundredths on every Linux there is (USER_HZ).
        Some(ticks / 100.0)
    }

    /// The most memory that it has used so far.
    pub(crate) fn peak_kilobytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    }

    /// The letter of the process's state: `R`, `S`, `T` …
    pub(crate) fn state(&self) -> Option<char> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).ok()?;
        stat.rsplit_once(") ")?.1.chars().next()
    }

    /// Waits until the process is in a state.
    #[track_caller]
    pub(crate) fn is_in_state(&self, wanted: char) {
        until(&format!("a process in state {wanted}"), || {
            self.state() == Some(wanted)
        });
    }

    /// Waits for the end.
    #[track_caller]
    pub(crate) fn ends_within(&mut self, limit: Duration) -> Ended {
        let mut status = None;
        let ended = poll_until(limit, || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        assert!(
            ended,
            "still running, with this on its screen:\n{}",
            self.screen()
        );
        let status = status.unwrap();
        Ended {
            code: status.exit_code(),
            signal: status.signal().map(str::to_owned),
        }
    }

    /// Whether the terminal's settings are those it had before the program started.
    pub(crate) fn has_its_settings_back(&self) -> bool {
        format!("{:?}", self.master.as_ref().unwrap().get_termios().unwrap()) == self.before
    }

    /// Waits until everything that was written has been read. Call it after the end.
    pub(crate) fn read_out(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed must not leave its program behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.set(Reading::Ends);
    }
}

/// Between two keys that are each meant; what is closer counts as typed at once.
const APART: Duration = Duration::from_millis(80);
/// What it takes to read a question; before that no answer is taken.
const READ: Duration = Duration::from_millis(500);

/// Lets time pass between two keys.
pub(crate) fn rest(time: Duration) {
    let (_never, nothing) = std::sync::mpsc::channel::<()>();
    let _ = nothing.recv_timeout(time);
}

/// Waits for a condition that nothing announces.
#[track_caller]
pub(crate) fn until(what: &str, is_so: impl FnMut() -> bool) {
    assert!(poll_until(DEADLINE, is_so), "no {what} in time");
}

/// Looks again and again, with a rest between two looks that wakes nobody else.
fn poll_until(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    const REST: Duration = Duration::from_millis(10);
    let looks = limit.as_millis() / REST.as_millis();
    for _ in 0..looks {
        if is_so() {
            return true;
        }
        rest(REST);
    }
    is_so()
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}
