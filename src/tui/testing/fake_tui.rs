//! A worker that remembers and a tui without a terminal.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use ratatui::style::Color;
use ratatui::{Frame, Terminal};
use tokio::sync::Notify;

use super::text;
use crate::tui::app::effect::{Full, Worker};
use crate::tui::app::msg::Msg;
use crate::tui::app::notice::Failure;
use crate::tui::app::op::{Op, OpId, Payload, Reply};
use crate::tui::terminal::{MouseMode, Tui};

/// A worker that only remembers.
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeWorker {
    pub(crate) asked: Rc<RefCell<Vec<Op>>>,
    pub(crate) ids: Rc<RefCell<Vec<OpId>>>,
    pub(crate) room: Option<usize>,
    /// How long `finish` takes.
    pub(crate) settles_in: Duration,
}

impl Worker for FakeWorker {
    fn start(&mut self, id: OpId, op: Op) -> Result<(), Full> {
        let mut asked = self.asked.borrow_mut();
        if self.room.is_some_and(|room| asked.len() >= room) {
            return Err(Full);
        }
        asked.push(op);
        self.ids.borrow_mut().push(id);
        Ok(())
    }

    async fn finish(&mut self) {
        tokio::time::sleep(self.settles_in).await;
    }
}

impl FakeWorker {
    /// The reply to the operation of that name that was asked last.
    pub(crate) fn reply(&self, name: &str, result: Result<Payload, Failure>) -> Msg {
        let asked = self.asked.borrow();
        let at = asked
            .iter()
            .rposition(|op| crate::tui::testing::name_of(op) == name)
            .unwrap();
        let (id, op) = (self.ids.borrow()[at], Arc::new(asked[at].clone()));
        Msg::Reply(Box::new(Reply::new(id, op, result)))
    }
}

/// What happened to a tui without a terminal.
#[derive(Debug, Default)]
pub(crate) struct TuiLog {
    pub(crate) frames: usize,
    pub(crate) screen: String,
    /// The colour behind the last line.
    pub(crate) ground: Option<Color>,
    pub(crate) written: Vec<u8>,
    pub(crate) lent: usize,
    pub(crate) is_lost: bool,
    /// Whether a frame waits that nobody takes.
    pub(crate) is_full: bool,
    /// Whether a frame that was taken is not handed on.
    pub(crate) is_stuck: bool,
}

/// A tui over ratatui's test backend.
pub(crate) struct TestTui {
    terminal: Terminal<TestBackend>,
    pub(crate) log: Rc<RefCell<TuiLog>>,
    pub(crate) fails_after: Option<usize>,
    /// Told when there is room again.
    pub(crate) taken: Rc<Notify>,
}

impl TestTui {
    pub(crate) fn new(width: u16, height: u16) -> Self {
        Self {
            terminal: Terminal::new(TestBackend::new(width, height)).unwrap(),
            log: Rc::default(),
            fails_after: None,
            taken: Rc::default(),
        }
    }
}

impl Tui for TestTui {
    fn size(&self) -> io::Result<Size> {
        Ok(self.terminal.size().unwrap())
    }

    fn is_ready(&self) -> bool {
        !self.log.borrow().is_full
    }

    fn room(&self) -> impl Future<Output = ()> {
        self.taken.notified()
    }

    fn is_written(&self) -> bool {
        let log = self.log.borrow();
        !log.is_full && !log.is_stuck
    }

    fn draw(&mut self, paint: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()> {
        let mut log = self.log.borrow_mut();
        if self.fails_after.is_some_and(|most| log.frames >= most) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.terminal.draw(|frame| paint(frame)).unwrap();
        log.frames += 1;
        let buffer = self.terminal.backend().buffer();
        log.screen = text(buffer);
        log.ground = buffer.cell((0, 23)).map(|cell| cell.bg);
        Ok(())
    }

    fn repaint(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.log.borrow_mut().written.extend_from_slice(bytes);
        Ok(())
    }

    fn mouse(&mut self, _wanted: MouseMode) -> io::Result<()> {
        Ok(())
    }

    async fn release(&mut self) {
        self.log.borrow_mut().lent += 1;
    }

    fn reclaim(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn lost(&mut self) {
        self.log.borrow_mut().is_lost = true;
    }
}
