//! The task that reads the terminal and fills the inbox. It runs on the thread of the loop: a key
//! that had to wake up another thread first would wait a tenth of a millisecond longer.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::EventStream;
use futures_util::StreamExt;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

use super::convert::{Heard, convert};
use super::escape_parser::{EscapeParser, RawKey, Typed};
use crate::base::Clock;
use crate::tui::app::msg::Msg;

/// The reading task. It must be stopped before another program gets the terminal: the stream's
/// thread would swallow its keys.
#[derive(Debug)]
pub(crate) struct InputReader {
    task: JoinHandle<()>,
}

impl InputReader {
    /// Starts to read. Call it inside a `LocalSet`.
    pub(crate) fn start(inbox: Sender<Msg>, clock: Arc<dyn Clock>) -> Self {
        Self {
            task: tokio::task::spawn_local(read(inbox, clock)),
        }
    }

    /// Stops reading and waits until the stream is gone.
    pub(crate) async fn stop(self) {
        self.task.abort();
        // The answer only says that it was aborted, or that it had ended before.
        let _ = self.task.await;
    }
}

/// Cancel safety: dropped at any await, it loses at most keys that were typed but not yet taken.
async fn read(inbox: Sender<Msg>, clock: Arc<dyn Clock>) {
    let mut stream = EventStream::new();
    let mut parser = EscapeParser::default();
    // When the newest piece came. A key that was held until nothing followed came then; the rest of
    // a paste that has no end may still come.
    let mut at = clock.monotonic();
    loop {
        let next = match parser.patience() {
            None => stream.next().await,
            Some(patience) => match tokio::time::timeout(patience, stream.next()).await {
                Ok(next) => next,
                Err(_) => {
                    if !send(&inbox, parser.on(RawKey::Silence), (at, clock.monotonic())).await {
                        return;
                    }
                    continue;
                }
            },
        };
        let Some(Ok(event)) = next else {
            // Nobody can be told if the inbox is closed too.
            let _ = inbox.send(Msg::TerminalLost).await;
            return;
        };
        at = clock.monotonic();
        let alive = match convert(event) {
            None => true,
            Some(Heard::Msg(msg)) => inbox.send(msg).await.is_ok(),
            Some(Heard::RawKey(raw_key)) => send(&inbox, parser.on(raw_key), (at, at)).await,
        };
        if !alive {
            return;
        }
    }
}

async fn send(inbox: &Sender<Msg>, typed: Vec<Typed>, (at, now): (Duration, Duration)) -> bool {
    for typed in typed {
        let msg = match typed {
            Typed::Key(chord) => Msg::Key { chord, at },
            Typed::Paste(text) => Msg::Paste { text, at: now },
        };
        if inbox.send(msg).await.is_err() {
            return false;
        }
    }
    true
}
