//! How long an answer is waited for, when the process itself may have stood still.
//!
//! Ctrl+Z, a debugger or a suspended host stops the process and not the clock: when it goes on,
//! the time is over and the answer has long been in the socket. So whoever runs out of time looks
//! once more for what has come meanwhile, and only then gives up.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Sleep, sleep};

/// How long that last look takes; enough for what is already there, and no second chance for a
/// server that is slow.
const LAST_LOOK: Duration = Duration::from_millis(250);

/// The wait for one answer, head and body together.
#[derive(Debug)]
pub(super) struct Patience {
    limit: Option<Pin<Box<Sleep>>>,
    last_look: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    /// Waits so long, from now on.
    pub(super) fn of(limit: Duration) -> Self {
        Self {
            limit: Some(Box::pin(sleep(limit))),
            last_look: None,
        }
    }

    /// Leaves the bound to the HTTP client: for questions, which may simply be asked again.
    pub(super) fn of_the_client() -> Self {
        Self {
            limit: None,
            last_look: None,
        }
    }

    /// Waits for the next piece; `None` when the time is over.
    ///
    /// Cancel safety: that of `piece`.
    pub(super) async fn wait<T>(&mut self, piece: impl Future<Output = T>) -> Option<T> {
        let Some(limit) = &mut self.limit else {
            return Some(piece.await);
        };
        tokio::pin!(piece);
        if self.last_look.is_none() {
            tokio::select! {
                biased;
                piece = &mut piece => return Some(piece),
                () = limit => {}
            }
        }
        let last_look = self
            .last_look
            .get_or_insert_with(|| Box::pin(sleep(LAST_LOOK)));
        tokio::select! {
            biased;
            piece = piece => Some(piece),
            () = last_look => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::task::Poll;

    /// A piece that is there only after being looked at so often, as behind other tasks.
    async fn after(looks: u32) -> &'static str {
        let left = Cell::new(looks);
        std::future::poll_fn(|context| match left.get() {
            0 => Poll::Ready("piece"),
            more => {
                left.set(more - 1);
                context.waker().wake_by_ref();
                Poll::Pending
            }
        })
        .await
    }

    #[tokio::test(start_paused = true)]
    async fn what_came_while_nobody_looked_is_taken_after_the_time() {
        let mut patience = Patience::of(Duration::from_secs(30));
        tokio::time::advance(Duration::from_secs(90)).await;

        assert_eq!(patience.wait(after(5)).await, Some("piece"));
        assert_eq!(patience.wait(after(5)).await, Some("piece"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_look_is_one_for_all_pieces() {
        let mut patience = Patience::of(Duration::from_secs(30));
        let slow = || async { sleep(Duration::from_millis(200)).await };
        tokio::time::advance(Duration::from_secs(90)).await;

        assert!(patience.wait(slow()).await.is_some());
        assert!(patience.wait(slow()).await.is_none());
        assert!(patience.wait(slow()).await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_that_does_not_come_is_waited_for_for_ever() {
        let mut patience = Patience::of(Duration::from_secs(30));

        assert!(patience.wait(std::future::pending::<()>()).await.is_none());
    }
}
