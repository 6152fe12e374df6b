//! The way out to the terminal, on which nobody waits for a reader.
//!
//! ```text
//!  loop ─► frame ─► flush ─► what the terminal takes at once ─► terminal
//!                     │ the rest                                   ▲
//!                     └───► waiting ─► thread ─────────────────────┘
//!                             │ empty? the next frame may be drawn
//!  restore ─► what waits is dropped ─► modes off ─► patience ─► what is stuck is dropped too
//! ```
//! A stalled line fills the terminal's buffer, and a write then blocks for as long as the line
//! stalls. Here that holds up one thread that has nothing else to do: keys, signals, network and
//! ledger go on, and the process ends in time. The terminal is opened a second time for this, so
//! that only our end of it is non-blocking and not that of the shell as well; where it cannot be,
//! the thread writes everything.
//!
//! Invariant: after [`Shared::close`] not a byte of a frame follows, also not from a destructor.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::termios::{Action, QueueSelector, tcflow, tcflush};
use tokio::sync::Notify;

/// How long leaving waits for a reader, once for what is on its way and once for the modes.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a stuck write looks whether it is still wanted.
const LOOK_EVERY: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};

/// What the writing thread and the others share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Told when what waited is taken, so that the next frame can wait.
    taken: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    is_writing: bool,
    /// Whether frames are taken; closed outside of enter and restore.
    is_open: bool,
    /// What is being written is not wanted any more.
    is_dropped: bool,
    failed: Option<io::ErrorKind>,
}

impl State {
    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && !self.is_writing
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when what waited was taken, or was taken since somebody last asked.
    pub(super) async fn room(&self) {
        self.taken.notified().await;
    }

    /// Takes frames from now on.
    pub(super) fn open(&self) {
        self.lock().is_open = true;
    }

    /// Takes no more frames, writes `last` instead of what waits, and waits until it is out: for
    /// [`PATIENCE`], then for as long again without what was stuck before it.
    pub(super) fn close(&self, last: &[u8]) {
        let mut state = self.lock();
        state.is_open = false;
        state.waiting = last.to_vec();
        self.changed.notify_all();
        let state = self.wait_idle(state);
        if state.is_idle() {
            return;
        }
        drop(state);
        // Nobody reads, or somebody has stopped the terminal: it goes on, and what it holds is thrown
        // away, which makes room for the modes.
        let _ = tcflow(io::stdout(), Action::OOn);
        let _ = tcflush(io::stdout(), QueueSelector::OFlush);
        let mut state = self.lock();
        state.is_dropped = state.is_writing;
        drop(self.wait_idle(state));
    }

    fn wait_idle<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let wait = |state: &mut State| !state.is_idle() && state.failed.is_none();
        match self.changed.wait_timeout_while(state, PATIENCE, wait) {
            Ok((state, _)) => state,
            Err(poisoned) => poisoned.into_inner().0,
        }
    }

    /// The thread: writes what waits, piece by piece, for as long as the process lives.
    fn write_on(&self, mut terminal: File) {
        loop {
            let is_empty = |state: &mut State| state.waiting.is_empty();
            let state = self.changed.wait_while(self.lock(), is_empty);
            let mut state = state.unwrap_or_else(PoisonError::into_inner);
            let piece = std::mem::take(&mut state.waiting);
            state.is_writing = true;
            drop(state);
            self.taken.notify_one();
            let written = self.write_piece(&mut terminal, &piece);
            let mut state = self.lock();
            state.is_writing = false;
            state.is_dropped = false;
            if let Err(error) = written {
                state.failed = Some(error.kind());
                state.waiting.clear();
            }
            self.changed.notify_all();
            self.taken.notify_one();
        }
    }

    fn write_piece(&self, terminal: &mut File, mut piece: &[u8]) -> io::Result<()> {
        while !piece.is_empty() {
            match terminal.write(piece) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => piece = piece.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if self.lock().is_dropped {
                        return Ok(());
                    }
                    let mut watched = [PollFd::new(&*terminal, PollFlags::OUT)];
                    // An interrupted wait is a short one.
                    let _ = poll(&mut watched, Some(&LOOK_EVERY));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Collects a frame; `flush` hands it over whole.
#[derive(Debug)]
pub(super) struct NonblockingWriter {
    shared: Arc<Shared>,
    /// Takes a frame without waiting, where the terminal could be opened so.
    direct: Option<File>,
    frame: Vec<u8>,
}

impl NonblockingWriter {
    /// Starts the thread that writes to standard output.
    ///
    /// # Errors
    /// When there is no standard output or no thread can be started.
    pub(super) fn start() -> io::Result<Self> {
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let again = OpenOptions::new()
            .write(true)
            .custom_flags(flags.bits().cast_signed())
            .open("/proc/self/fd/1");
        match again {
            Ok(terminal) => Self::to(terminal.try_clone()?, Some(terminal)),
            // A second handle on the same opening: a write may take as long as nobody reads.
            Err(_) => Self::to(io::stdout().as_fd().try_clone_to_owned()?.into(), None),
        }
    }

    fn to(terminal: File, direct: Option<File>) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let thread = shared.clone();
        std::thread::Builder::new()
            .name("terminal writer".to_owned())
            .spawn(move || thread.write_on(terminal))?;
        Ok(Self {
            shared,
            direct,
            frame: Vec::new(),
        })
    }

    /// Writes as much of the frame as the terminal takes at once: a thread that had to wake up for
    /// it would cost a third of the time from key to paint.
    fn write_now(&mut self) {
        let Some(terminal) = &mut self.direct else {
            return;
        };
        // An error is found by the thread, which gets what is left.
        let taken = terminal.write(&self.frame).unwrap_or(0);
        self.frame.drain(..taken.min(self.frame.len()));
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        self.shared.clone()
    }
}

/// Whether a frame can be handed over: at most one waits behind the one on its way.
pub(super) fn has_room(shared: &Shared) -> bool {
    shared.lock().waiting.is_empty()
}

/// Whether everything that was flushed was taken by the terminal.
pub(super) fn is_written(shared: &Shared) -> bool {
    shared.lock().is_idle()
}

impl Write for NonblockingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let shared = self.shared.clone();
        let mut state = shared.lock();
        if let Some(kind) = state.failed {
            self.frame.clear();
            return Err(kind.into());
        }
        if !state.is_open {
            self.frame.clear();
            return Ok(());
        }
        if state.is_idle() {
            // Under the lock: nothing may come between, and nothing after the last bytes.
            self.write_now();
        }
        if !self.frame.is_empty() {
            state.waiting.append(&mut self.frame);
            shared.changed.notify_all();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use std::io::Read;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    fn writer(is_direct: bool) -> (NonblockingWriter, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        theirs
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        let ours = File::from(OwnedFd::from(ours));
        let direct = is_direct.then(|| ours.try_clone().unwrap());
        let writer = NonblockingWriter::to(ours, direct).unwrap();
        writer.shared.open();
        (writer, theirs)
    }

    #[rstest]
    fn a_frame_goes_out_whole_and_only_when_it_is_flushed(#[values(true, false)] is_direct: bool) {
        let (mut writer, mut terminal) = writer(is_direct);
        writer.write_all(b"one ").unwrap();
        writer.write_all(b"frame").unwrap();
        assert!(has_room(&writer.shared));

        writer.flush().unwrap();

        let mut got = [0; 9];
        terminal.read_exact(&mut got).unwrap();
        assert_eq!(&got, b"one frame");
    }

    #[rstest]
    fn a_terminal_that_nobody_reads_holds_up_neither_frame_nor_leaving(
        #[values(true, false)] is_direct: bool,
    ) {
        let (mut writer, _terminal) = writer(is_direct);
        for _ in 0..2 {
            writer.write_all(&vec![b'x'; 8 << 20]).unwrap();
            writer.flush().unwrap();
            // The second frame must not go out together with the first.
            while !writer.shared.lock().is_writing {
                std::thread::yield_now();
            }
        }

        assert!(!has_room(&writer.shared));

        // The test ends: that is what it proves.
        writer.shared.close(b"modes off");
    }

    #[rstest]
    fn nothing_of_a_frame_follows_the_last_bytes(#[values(true, false)] is_direct: bool) {
        let (mut writer, mut terminal) = writer(is_direct);
        writer.write_all(b"half a frame").unwrap();

        writer.shared.close(b"modes off");
        writer.flush().unwrap();
        writer.shared.open();
        writer.write_all(b".").unwrap();
        writer.flush().unwrap();

        let mut got = [0; 10];
        terminal.read_exact(&mut got).unwrap();
        assert_eq!(&got, b"modes off.");
    }

    #[rstest]
    fn a_terminal_that_is_gone_is_an_error_of_the_next_frame(
        #[values(true, false)] is_direct: bool,
    ) {
        let (mut writer, terminal) = writer(is_direct);
        drop(terminal);
        writer.write_all(b"frame").unwrap();
        writer.flush().unwrap();
        writer.shared.close(b"modes off");
        writer.shared.open();

        writer.write_all(b"next").unwrap();

        assert_eq!(
            writer.flush().unwrap_err().kind(),
            io::ErrorKind::BrokenPipe
        );
    }
}
