//! Notices that a theme's file or the configuration was written, so that who edits one sees it at once.
//!
//! One thread sleeps until the kernel tells of a write in the directory of themes, in the one above,
//! which holds the configuration, or where a link in them leads. It costs no idle wake-up, cannot be
//! joined while it sleeps and ends with the process. It refuses to judge what it heard; the loop
//! reads the theme once more. Where the kernel has no such service, choosing the theme again does
//! the same.

use std::path::PathBuf;

use tokio::sync::mpsc::Sender;

use crate::config::{Config, Lenient, Paths};
use crate::tui::app::msg::Msg;

/// The theme that the configuration names. The file is read again when something was written.
#[derive(Debug, Clone)]
pub struct Configured {
    paths: Paths,
    theme: String,
}

impl Configured {
    /// The theme that was named when the console started.
    pub fn new(paths: Paths, theme: &str) -> Self {
        Self {
            paths,
            theme: theme.to_owned(),
        }
    }

    /// The name, when it is another one than before. A file that is broken at the moment names none.
    pub(super) fn changed(&mut self) -> Option<String> {
        let theme = Config::load(&self.paths, &Lenient).ok()?.theme;
        if theme == self.theme {
            return None;
        }
        self.theme.clone_from(&theme);
        Some(theme)
    }
}

/// Starts to watch a directory of themes and the one above; a write is sent as
/// [`Msg::ThemesChanged`]. Without the means to watch, nothing is ever sent.
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
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::path::{Path, PathBuf};

    use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init};

    /// Most links that are followed; nobody has more themes.
    const LINKS_MAX: usize = 64;

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
            watch.look();
            Some(watch)
        }

        /// Watches what is there; watching it twice is watching it once. Only files that were
        /// written to their end count: a half-written one would be an error for nothing.
        fn look(&self) {
            let written = WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO | WatchFlags::ONLYDIR;
            let watch = |directory: &Path, flags| {
                // Without it, only the others are watched.
                let _ = add_watch(&self.notify, directory, flags);
            };
            let above = self.directory.parent();
            if let Some(above) = above {
                watch(above, written | WatchFlags::CREATE);
            }
            watch(&self.directory, written);
            // Whoever keeps such files elsewhere writes them there.
            let entries = above.into_iter().chain([self.directory.as_path()]);
            let entries = entries.filter_map(|directory| std::fs::read_dir(directory).ok());
            let links = entries.flatten().filter_map(|entry| {
                let path = entry.ok()?.path();
                let is_ours = path.is_symlink() && path.extension()? == "toml";
                is_ours.then(|| std::fs::canonicalize(path).ok()).flatten()
            });
            for target in links.take(LINKS_MAX) {
                if let Some(directory) = target.parent() {
                    watch(directory, written);
                }
            }
        }

        /// Sleeps until something was written; `false` when there is no hearing any more.
        pub(super) fn hears(&self) -> bool {
            let mut buffer = [MaybeUninit::uninit(); 4_096];
            let mut reader = Reader::new(&self.notify, &mut buffer);
            let mut counts = false;
            loop {
                match reader.next() {
                    // A file that was only made has nothing in it yet; a directory may be ours.
                    Ok(event) => {
                        let events = event.events();
                        counts |= !events.contains(ReadFlags::CREATE)
                            || events.contains(ReadFlags::ISDIR);
                    }
                    Err(rustix::io::Errno::INTR) => continue,
                    Err(_) => return false,
                }
                // What was told together is one piece of news.
                if counts && reader.is_buffer_empty() {
                    self.look();
                    return true;
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

    #[tokio::test]
    async fn the_configuration_is_heard_and_so_is_a_theme_behind_a_link() {
        let above = tempfile::tempdir().unwrap();
        let kept = tempfile::tempdir().unwrap();
        let themes = above.path().join("themes");
        std::fs::create_dir(&themes).unwrap();
        std::fs::write(kept.path().join("mine.toml"), "").unwrap();
        std::os::unix::fs::symlink(kept.path().join("mine.toml"), themes.join("mine.toml"))
            .unwrap();
        let (sender, mut inbox) = tokio::sync::mpsc::channel(8);
        watch_themes(themes, sender);

        std::fs::write(kept.path().join("mine.toml"), "[styles]").unwrap();
        assert!(heard(&mut inbox).await);
        std::fs::write(above.path().join("config.toml"), "").unwrap();
        assert!(heard(&mut inbox).await);
    }
}
