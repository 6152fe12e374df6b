//! Signals that ask a command to end in order: SIGINT, SIGTERM, SIGHUP and SIGQUIT.
//!
//! A signal that was ignored when the program was started stays ignored, so that `nohup` means
//! what it says.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::exit::Exit;

/// Listens from the moment it is made.
pub(super) struct Signals {
    listeners: Vec<(u8, Signal)>,
}

impl Signals {
    /// Starts listening.
    pub(super) fn listen() -> Self {
        let ignored = ignored();
        let listeners = [
            (2, SignalKind::interrupt()),
            (15, SignalKind::terminate()),
            (1, SignalKind::hangup()),
            (3, SignalKind::quit()),
        ]
        .into_iter()
        .filter(|(number, _)| ignored & (1 << (number - 1)) == 0)
        .filter_map(|(number, kind)| Some((number, signal(kind).ok()?)))
        .collect();
        Self { listeners }
    }

    /// Waits for the next signal. Dropping the future loses none.
    pub(super) async fn next(&mut self) -> Exit {
        std::future::poll_fn(|context| {
            for (number, listener) in &mut self.listeners {
                if listener.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(Exit::Signal(*number));
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}

/// The mask of signals that are ignored; where the system does not tell, none is.
fn ignored() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| mask_of(&status))
        .unwrap_or(0)
}

fn mask_of(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        let status = "Name:\tziadeck\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n";

        assert_eq!(mask_of(status), Some(0x1001));
        assert_eq!(mask_of("Name:\tziadeck\n"), None);
    }
}
