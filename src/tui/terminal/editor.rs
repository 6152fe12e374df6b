//! Lends a text to `$VISUAL` or `$EDITOR`.
//!
//! The text goes into a private file that is removed afterwards. The program is started from an
//! argument list, never through a shell, so that nothing in the text or the path can be a command.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::write_private;
use crate::base::limits::ANSWER_BYTES_MAX;

/// The editor and what it works in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    /// The command line; `vi` when there is none.
    pub command: Option<String>,
    /// A private directory for the file.
    pub scratch: PathBuf,
    /// Names of environment variables that hold secrets: it is started without them.
    pub hidden: Vec<String>,
}

/// Lets a person edit `text` in a file of its own.
///
/// # Errors
/// A sentence, when the editor cannot run or says that it failed.
pub async fn edit(editor: &Editor, text: &str) -> Result<String, String> {
    let mut words = editor.command.as_deref().unwrap_or("vi").split_whitespace();
    let program = words
        .next()
        .ok_or("no editor: set VISUAL or EDITOR, for example to vi")?;
    let file = Lent::write(&editor.scratch, text)?;
    // Cancel safety: dropped here, the editor is killed and the file removed; the form is untouched.
    let mut command = tokio::process::Command::new(program);
    for name in &editor.hidden {
        command.env_remove(name);
    }
    let status = command
        .args(words)
        .arg(&file.path)
        .kill_on_drop(true)
        .status()
        .await
        .map_err(|error| format!("cannot start the editor {program:?}: {error}"))?;
    if !status.success() {
        return Err(format!("the editor ended with {status}"));
    }
    file.read()
}

struct Lent {
    path: PathBuf,
}

impl Lent {
    fn write(directory: &Path, text: &str) -> Result<Self, String> {
        let path = directory.join(format!("request-{}.json", std::process::id()));
        write_private(&path, text).map_err(|error| file_error(&path, &error))?;
        Ok(Self { path })
    }

    fn read(&self) -> Result<String, String> {
        let most = u64::try_from(ANSWER_BYTES_MAX).unwrap_or(u64::MAX);
        let mut text = String::new();
        std::fs::File::open(&self.path)
            .and_then(|file| file.take(most).read_to_string(&mut text))
            .map_err(|error| file_error(&self.path, &error))?;
        Ok(text)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // Best effort: the directory is private and the next edit replaces it.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn file_error(path: &Path, error: &std::io::Error) -> String {
    format!("cannot use {} for the editor: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn editor(command: &str, directory: &Path) -> Editor {
        Editor {
            command: Some(command.to_owned()),
            scratch: directory.to_owned(),
            hidden: Vec::new(),
        }
    }

    #[tokio::test]
    async fn what_the_editor_saved_comes_back_and_the_file_is_gone() {
        let directory = tempfile::tempdir().unwrap();

        let text = edit(&editor("sed -i s/Ada/Grace/", directory.path()), "Ada")
            .await
            .unwrap();

        assert_eq!(text, "Grace");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn an_editor_that_fails_changes_nothing() {
        let directory = tempfile::tempdir().unwrap();

        let error = edit(&editor("false", directory.path()), "Ada")
            .await
            .unwrap_err();

        assert!(error.starts_with("the editor ended with"), "{error}");
    }

    #[tokio::test]
    async fn a_missing_editor_is_named() {
        let directory = tempfile::tempdir().unwrap();

        let error = edit(&editor("no-such-editor", directory.path()), "")
            .await
            .unwrap_err();

        assert!(error.starts_with("cannot start the editor \"no-such-editor\""));
    }
}
