//! Notices that a theme's file was written, so that who edits one sees it at once.
//!
//! One thread sleeps until the kernel tells of a write in the directory of themes, or that the
//! directory itself was made: it costs no idle wake-up. It cannot be joined while it sleeps and
//! ends with the process. It refuses to judge what it heard; the loop reads the theme once more.
//! Where the kernel has no such service, choosing the theme again does the same.

use std::path::PathBuf;

use tokio::sync::mpsc::Sender;

use crate::tui::msg::Msg;

/// Starts to watch a directory of themes; a write is sent as [`Msg::ThemesChanged`]. Without the
/// means to watch, nothing is ever sent.
pub fn watch_themes(directory: PathBuf, inbox: Sender<Msg>) {
    #[cfg(target_os = "linux")]
    {
        let Some(watch) = inotify::Watch::new(directory) else {
            return;
        };
        let thread = std::thread::Builder::new().name("theme watch".to_owned());
        // A console without it is a console all the same.
        let _ = thread.spawn(move || {
            while watch.hears() {
                if inbox.blocking_send(Msg::ThemesChanged).is_err() {
                    return;
                }
            }
        });
    }
    #[cfg(not(target_os = "linux"))]
    drop((directory, inbox));
}

#[cfg(target_os = "linux")]
mod inotify {
    use std::os::fd::OwnedFd;
    use std::path::PathBuf;

    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};

    /// The directory of themes, and the one above, which tells when it is made.
    pub(super) struct Watch {
        notify: OwnedFd,
        directory: PathBuf,
    }

    impl Watch {
        pub(super) fn new(directory: PathBuf) -> Option<Self> {
            let watch = Self {
                notify: init(CreateFlags::CLOEXEC).ok()?,
                directory,
            };
            if let Some(above) = watch.directory.parent() {
                let made = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::ONLYDIR;
                // Without it, only a directory that is there already is watched.
                let _ = add_watch(&watch.notify, above, made);
            }
            watch.look();
            Some(watch)
        }

        /// Watches the directory if it is there; watching it twice is watching it once. Only files
        /// that were written to their end count: a half-written one would be an error for nothing.
        fn look(&self) {
            let written = WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO | WatchFlags::ONLYDIR;
            let _ = add_watch(&self.notify, &self.directory, written);
        }

        /// Sleeps until something was written; `false` when there is no hearing any more.
        pub(super) fn hears(&self) -> bool {
            let mut buffer = [0_u8; 4_096];
            loop {
                // What the events say is known; they only have to be taken.
                match rustix::io::read(&self.notify, &mut buffer) {
                    Ok(_) => {
                        self.look();
                        return true;
                    }
                    Err(rustix::io::Errno::INTR) => {}
                    Err(_) => return false,
                }
            }
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn heard(inbox: &mut tokio::sync::mpsc::Receiver<Msg>) -> bool {
        let msg = tokio::time::timeout(Duration::from_secs(5), inbox.recv()).await;
        msg == Ok(Some(Msg::ThemesChanged))
    }

    #[tokio::test]
    async fn a_theme_that_is_written_is_heard_also_in_a_directory_that_was_not_there() {
        let above = tempfile::tempdir().unwrap();
        let themes = above.path().join("themes");
        let (sender, mut inbox) = tokio::sync::mpsc::channel(8);
        watch_themes(themes.clone(), sender);

        std::fs::create_dir(&themes).unwrap();
        assert!(heard(&mut inbox).await);
        std::fs::write(themes.join("mine.toml"), "").unwrap();
        assert!(heard(&mut inbox).await);
        std::fs::rename(themes.join("mine.toml"), themes.join("yours.toml")).unwrap();
        assert!(heard(&mut inbox).await);
    }
}
