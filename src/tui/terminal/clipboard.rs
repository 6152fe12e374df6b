//! Copies a text by the route that works here, and says which one it was.
//!
//! Inside tmux only `tmux load-buffer -w -` reaches the clipboard under default settings; outside,
//! OSC 52 is the one route that crosses SSH; a text too long for it goes to a file. OSC 52 is blind:
//! success means that bytes were written, and the sentence says no more than that.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;
use tokio::io::AsyncWriteExt;

use super::write_private;

/// Longest text for OSC 52; several terminals cut the sequence at 100,000 bytes of base64.
const OSC52_BYTES_MAX: usize = 74_994;
/// How long tmux may take.
const TMUX_WAIT: Duration = Duration::from_secs(2);

/// What is known about this terminal's clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clipboard {
    /// Whether TMUX is set.
    pub is_tmux: bool,
    /// Where a file goes when nothing else works.
    pub directory: PathBuf,
    /// Names of environment variables that hold secrets: tmux is started without them.
    pub hidden: Vec<String>,
}

/// Where a copy went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    /// Through tmux into its buffer and the outer terminal's clipboard.
    Tmux,
    /// To the terminal, which may or may not take it.
    Terminal,
    /// Into a file.
    File(PathBuf),
}

impl Clipboard {
    /// Copies, and gives back the route and the bytes that the terminal itself must get.
    ///
    /// # Errors
    /// A sentence, when not even a file can be written.
    pub async fn copy(&self, text: &str) -> Result<(Copied, Vec<u8>), String> {
        // Cancel safety: dropped while tmux reads, tmux is killed and the clipboard stays as it was.
        if self.is_tmux && load_buffer(text, &self.hidden).await {
            return Ok((Copied::Tmux, Vec::new()));
        }
        if text.len() <= OSC52_BYTES_MAX && !self.is_tmux {
            let mut sequence = String::new();
            let copy = CopyToClipboard::to_clipboard_from(text);
            if copy.write_ansi(&mut sequence).is_ok() {
                return Ok((Copied::Terminal, sequence.into_bytes()));
            }
        }
        let path = save(&self.directory, text)?;
        Ok((Copied::File(path), Vec::new()))
    }
}

impl Copied {
    /// The sentence for the user.
    pub fn sentence(&self, what: &str, bytes: usize) -> String {
        match self {
            Self::Tmux => format!("copied {what} ({bytes} bytes) through tmux"),
            Self::Terminal => {
                format!("sent {what} ({bytes} bytes) to the terminal's clipboard (OSC 52)")
            }
            Self::File(path) => format!("saved {what} ({bytes} bytes) in {}", path.display()),
        }
    }
}

async fn load_buffer(text: &str, hidden: &[String]) -> bool {
    let mut command = tokio::process::Command::new("tmux");
    for name in hidden {
        command.env_remove(name);
    }
    let child = command
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let Ok(mut child) = child else {
        return false;
    };
    let work = async {
        let mut input = child.stdin.take()?;
        input.write_all(text.as_bytes()).await.ok()?;
        drop(input);
        child.wait().await.ok().filter(|status| status.success())
    };
    matches!(tokio::time::timeout(TMUX_WAIT, work).await, Ok(Some(_)))
}

fn save(directory: &Path, text: &str) -> Result<PathBuf, String> {
    let path = directory.join("copied.txt");
    let temporary = directory.join(format!(".copied-{}", std::process::id()));
    write_private(&temporary, text)
        .and_then(|()| std::fs::rename(&temporary, &path))
        .map_err(|error| {
            let directory = directory.display();
            format!("cannot write the copy below {directory}: {error}")
        })?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clipboard(directory: &Path) -> Clipboard {
        Clipboard {
            is_tmux: false,
            directory: directory.join("copies"),
            hidden: Vec::new(),
        }
    }

    #[tokio::test]
    async fn a_short_text_goes_to_the_terminal() {
        let directory = tempfile::tempdir().unwrap();

        let (route, bytes) = clipboard(directory.path()).copy("hello").await.unwrap();

        assert_eq!(route, Copied::Terminal);
        assert_eq!(bytes, b"\x1b]52;c;aGVsbG8=\x1b\\");
        assert_eq!(
            route.sentence("the id", 5),
            "sent the id (5 bytes) to the terminal's clipboard (OSC 52)"
        );
    }

    #[tokio::test]
    async fn a_long_text_goes_to_a_private_file() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let text = "x".repeat(OSC52_BYTES_MAX + 1);

        let (route, bytes) = clipboard(directory.path()).copy(&text).await.unwrap();

        let Copied::File(path) = route else {
            panic!("{route:?}");
        };
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(bytes.is_empty());
    }
}
