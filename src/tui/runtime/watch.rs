//! Notices a terminal that vanished although SIGHUP is ignored, as under nohup or sudo.
//!
//! One thread sits in `poll` and asks for nothing: the kernel wakes it for a hang-up only, so it
//! costs no idle wake-up. It cannot be joined while it waits and ends with the process.

use std::io;
use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::mpsc::Sender;

use super::signals::Signal;

/// Starts to watch a terminal; a hang-up is sent as [`Signal::HANGUP`].
///
/// # Errors
/// When no thread can be started.
pub fn watch_terminal(terminal: OwnedFd, signals: Sender<Signal>) -> io::Result<()> {
    std::thread::Builder::new()
        .name("terminal watch".to_owned())
        .spawn(move || {
            if wait_for_hangup(&terminal) {
                // The loop may have ended before its terminal did.
                let _ = signals.blocking_send(Signal::HANGUP);
            }
        })
        .map(|_| ())
}

fn wait_for_hangup(terminal: &OwnedFd) -> bool {
    loop {
        let mut watched = [PollFd::new(terminal, PollFlags::empty())];
        match poll(&mut watched, None) {
            Ok(_) => {
                let [seen] = &watched;
                return seen
                    .revents()
                    .intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL);
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_hang_up_is_noticed_without_a_signal() {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        watch_terminal(ours.into(), sender).unwrap();

        drop(theirs);

        let signal = tokio::time::timeout(Duration::from_secs(5), receiver.recv()).await;
        assert_eq!(signal, Ok(Some(Signal::HANGUP)));
    }
}
