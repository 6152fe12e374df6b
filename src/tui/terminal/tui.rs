//! The terminal as the loop uses it, and the real one.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;

use ratatui::layout::{Position, Rect, Size};
use ratatui::style::Modifier;
use ratatui::{Frame, Terminal};
use tokio::sync::mpsc::Sender;

use super::backend::{Abilities, CellBackend};
use super::encoder::Erasing;
use super::guard::{self, Keyboard, TerminalError};
use super::nonblocking_writer::{NonblockingWriter, Shared, has_room, is_written};
use super::sgr::Palette;
use crate::base::Clock;
use crate::theme::ColorDepth;
use crate::tui::app::msg::Msg;
use crate::tui::input::InputReader;
use crate::tui::layout::drawn;

/// What the loop needs of a terminal. Tests implement it over ratatui's test backend.
pub trait Tui {
    /// Columns and rows.
    fn size(&self) -> io::Result<Size>;
    /// Whether a frame can go out soon. While one waits already, another would only queue behind it.
    fn is_ready(&self) -> bool {
        true
    }
    /// Returns when a frame that had no room may have some.
    fn room(&self) -> impl Future<Output = ()> {
        std::future::ready(())
    }
    /// Whether everything that was drawn was handed to the terminal.
    fn is_written(&self) -> bool {
        true
    }
    /// Paints a frame; only what changed is written.
    fn draw(&mut self, paint: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()>;
    /// Makes the next frame paint every cell.
    fn repaint(&mut self) -> io::Result<()>;
    /// Writes bytes for the terminal itself, such as a clipboard sequence.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Switches the mouse on or off.
    fn mouse(&mut self, wanted: MouseMode) -> io::Result<()>;
    /// Gives the terminal to another program.
    fn release(&mut self) -> impl Future<Output = ()>;
    /// Takes it back.
    fn reclaim(&mut self) -> io::Result<()>;
    /// The terminal is gone: nothing may be read from it or written to it any more.
    fn lost(&mut self);
}

/// Whether the mouse belongs to the console or to the terminal's own selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseMode {
    /// The console gets clicks and the wheel.
    On,
    /// The terminal keeps them.
    Off,
}

/// The real terminal. Dropping it gives the terminal back.
pub struct Screen {
    terminal: Terminal<CellBackend<NonblockingWriter>>,
    writer: Arc<Shared>,
    keyboard: Keyboard,
    inbox: Sender<Msg>,
    clock: Arc<dyn Clock>,
    pump: Option<InputReader>,
    muted: Rc<Cell<bool>>,
}

impl Screen {
    /// Takes the terminal that `term` names and starts to read it into `inbox`, each key with its
    /// time by `clock`. Call it inside a `LocalSet` of the runtime, after [`super::check`] and [`super::install_panic_hook`].
    ///
    /// # Errors
    /// When the terminal refuses; it is then as it was before.
    pub fn enter(
        (term, depth): (&str, ColorDepth),
        keyboard: Keyboard,
        inbox: Sender<Msg>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TerminalError> {
        let writer = NonblockingWriter::start()?;
        let shared = writer.shared();
        let mut out = CellBackend::new(writer, abilities(term, depth), size);
        let muted = out.mute_switch();
        let entered = guard::enter(&mut out, shared.clone(), keyboard);
        let entered = entered.and_then(|()| Terminal::new(out));
        match entered {
            Ok(terminal) => Ok(Self {
                terminal,
                writer: shared,
                keyboard,
                pump: Some(InputReader::start(inbox.clone(), clock.clone())),
                inbox,
                clock,
                muted,
            }),
            Err(error) => {
                guard::restore();
                Err(error.into())
            }
        }
    }
}

/// Asked before each frame: one question to the kernel, where crossterm opens the terminal anew.
fn size() -> io::Result<Size> {
    let size = rustix::termios::tcgetwinsize(io::stdout())?;
    let told = match (size.ws_col, size.ws_row) {
        // A terminal that does not know; crossterm knows more places to ask.
        (0, _) | (_, 0) => crossterm::terminal::size()?,
        told => told,
    };
    Ok(drawn(told).into())
}

fn abilities(term: &str, depth: ColorDepth) -> Abilities {
    let palette = match depth {
        ColorDepth::Ansi16 => Palette::Sixteen,
        ColorDepth::Mono | ColorDepth::Ansi256 | ColorDepth::TrueColor => Palette::Any,
    };
    // GNU screen erases to its own background and reverses what is to be slanted; tmux calls itself so
    // where nobody configured it.
    let (attributes, erasing) = match term.starts_with("screen") {
        true => (Modifier::ITALIC.complement(), Erasing::Bare),
        false => (Modifier::all(), Erasing::FillsBackground),
    };
    Abilities {
        palette,
        attributes,
        erasing,
    }
}

impl Tui for Screen {
    fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    fn is_ready(&self) -> bool {
        has_room(&self.writer)
    }

    fn room(&self) -> impl Future<Output = ()> {
        self.writer.room()
    }

    fn is_written(&self) -> bool {
        is_written(&self.writer)
    }

    fn draw(&mut self, paint: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()> {
        if self.muted.get() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.terminal.draw(|frame| paint(frame)).map(|_| ())
    }

    fn repaint(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.backend_mut().forget();
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        out.write_all(bytes)?;
        io::Write::flush(out)
    }

    fn mouse(&mut self, wanted: MouseMode) -> io::Result<()> {
        let sequence = match wanted {
            MouseMode::On => guard::MOUSE_ON,
            MouseMode::Off => guard::MOUSE_OFF,
        };
        self.write(sequence.as_bytes())
    }

    async fn release(&mut self) {
        if let Some(pump) = self.pump.take() {
            pump.stop().await;
        }
        guard::restore();
    }

    fn reclaim(&mut self) -> io::Result<()> {
        let writer = self.writer.clone();
        guard::enter(self.terminal.backend_mut(), writer, self.keyboard)?;
        self.repaint()?;
        if self.pump.is_none() {
            self.pump = Some(InputReader::start(self.inbox.clone(), self.clock.clone()));
        }
        Ok(())
    }

    fn lost(&mut self) {
        self.muted.set(true);
        // crossterm's reader spins on a terminal that is gone (crossterm #793): it gets a pipe in
        // its place that never has anything to read.
        if let Ok((reader, writer)) = std::io::pipe() {
            let _ = rustix::io::ioctl_fionbio(&reader, true);
            let _ = rustix::stdio::dup2_stdin(&reader);
            // The writing end stays open for the rest of the process: closed, it would be an
            // end of file, which is what the reader spins on.
            std::mem::forget(writer);
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        guard::restore();
        // ratatui's own drop would print an error where there is nothing left to print on.
        self.muted.set(true);
    }
}
