//! Reads the client secret from where the configuration says it is.
//!
//! A program is started with an argument array, never through a shell, without standard input,
//! for at most 30 seconds, and without the variables that hold secrets of ours. Nothing it prints
//! is ever part of an error. A variable cannot be removed from our own environment without unsafe
//! code, so its name is remembered and every process we start is started without it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use zeroize::Zeroizing;

use super::error::AuthError;
use super::private_file;
use crate::base::{KnownSecrets, Sanitized, Secret, SecretSource};

/// Longest that a program may take: a password manager may have to ask for a passphrase.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// Most bytes a program may print before it is stopped.
const COMMAND_BYTES_MAX: u64 = 64 << 10;
/// Most characters of a secret; Zoho's have 42.
const SECRET_CHARS_MAX: usize = 1_024;

/// Reads secrets, with an environment that is given and not looked up.
#[derive(Clone)]
pub struct SecretReader {
    env: BTreeMap<OsString, OsString>,
    hidden: BTreeSet<OsString>,
    known: KnownSecrets,
}

impl std::fmt::Debug for SecretReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretReader").finish_non_exhaustive()
    }
}

impl SecretReader {
    /// A reader for the sources of all profiles: a variable that any of them names is kept from
    /// every program that is started. What is read is added to the known secrets.
    pub fn new<'s>(
        env: BTreeMap<OsString, OsString>,
        sources: impl IntoIterator<Item = &'s SecretSource>,
        known: KnownSecrets,
    ) -> Self {
        let hidden = sources.into_iter().filter_map(|source| match source {
            SecretSource::Env(name) => Some(OsString::from(name)),
            SecretSource::File(_) | SecretSource::Command(_) => None,
        });
        Self {
            hidden: hidden.collect(),
            env,
            known,
        }
    }

    /// The environment for programs that we start: ours without secrets.
    pub fn child_env(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        let hidden = &self.hidden;
        self.env.iter().filter(|(name, _)| !hidden.contains(*name))
    }

    /// The secrets that must not come back.
    pub(super) fn known(&self) -> &KnownSecrets {
        &self.known
    }

    /// Reads a secret.
    ///
    /// # Errors
    /// Names the file, program or variable, and never shows anything of the secret. Dropping the
    /// future stops the program.
    pub async fn read(&self, source: &SecretSource) -> Result<Secret, AuthError> {
        let secret = self.read_new(source).await?;
        self.known.learn(&secret);
        Ok(secret)
    }

    async fn read_new(&self, source: &SecretSource) -> Result<Secret, AuthError> {
        match source {
            SecretSource::File(path) => read_file(path).await,
            SecretSource::Command(words) => self.run(words, COMMAND_TIMEOUT).await,
            SecretSource::Env(name) => {
                let from = format!("the variable {name}");
                let value = self.env.get(std::ffi::OsStr::new(name));
                let value = value.ok_or_else(|| unreadable(&from, "it is not set"))?;
                let value = value.to_str();
                let value = value.ok_or_else(|| unreadable(&from, "it is not UTF-8"))?;
                secret_of(&from, value)
            }
        }
    }

    async fn run(&self, words: &[String], timeout: Duration) -> Result<Secret, AuthError> {
        let (program, arguments) = words
            .split_first()
            .ok_or_else(|| unreadable("the command", "it is empty"))?;
        let from = format!("the program {}", Sanitized::new(program));
        let mut child = tokio::process::Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(self.child_env())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| unreadable(&from, &format!("it cannot be started: {error}")))?;
        let mut output = Zeroizing::new(Vec::new());
        let stdout = child.stdout.take();
        let finished = async {
            if let Some(stdout) = stdout {
                let mut bounded = stdout.take(COMMAND_BYTES_MAX + 1);
                bounded.read_to_end(&mut output).await?;
            }
            if u64::try_from(output.len()).is_ok_and(|length| length > COMMAND_BYTES_MAX) {
                return Ok(None);
            }
            child.wait().await.map(Some)
        };
        let status = match tokio::time::timeout(timeout, finished).await {
            Ok(Ok(Some(status))) => status,
            Ok(Ok(None)) => return Err(unreadable(&from, "it prints without end")),
            Ok(Err(error)) => return Err(unreadable(&from, &error.to_string())),
            Err(_elapsed) => {
                let problem = format!("it took longer than {} s", timeout.as_secs());
                return Err(unreadable(&from, &problem));
            }
        };
        if !status.success() {
            let problem = match (status.code(), status.signal()) {
                (Some(code), _) => format!("it ended with exit status {code}"),
                (None, Some(signal)) => format!("it was ended by signal {signal}"),
                (None, None) => "it did not end well".to_owned(),
            };
            return Err(unreadable(&from, &problem));
        }
        let text = std::str::from_utf8(&output);
        let text = text.map_err(|_| unreadable(&from, "what it printed is not UTF-8"))?;
        secret_of(&from, text)
    }
}

async fn read_file(path: &Path) -> Result<Secret, AuthError> {
    let from = format!("the file {}", path.display());
    let owned = path.to_owned();
    let text = tokio::task::spawn_blocking(move || private_file::read_at(&owned))
        .await
        .map_err(|_| unreadable(&from, "reading it was interrupted"))??;
    let text = text.ok_or_else(|| unreadable(&from, "there is no such file"))?;
    secret_of(&from, &text)
}

/// The first line: password managers keep notes on the others.
fn secret_of(from: &str, text: &str) -> Result<Secret, AuthError> {
    let line = text.trim_start().lines().next().unwrap_or_default().trim();
    if line.is_empty() {
        return Err(unreadable(from, "it is empty"));
    }
    if line.len() > SECRET_CHARS_MAX || !line.bytes().all(|b| b.is_ascii_graphic()) {
        let problem = "what is there does not look like a client secret";
        return Err(unreadable(from, problem));
    }
    Ok(Secret::new(line))
}

fn unreadable(from: &str, problem: &str) -> AuthError {
    AuthError::SecretUnreadable {
        from: from.to_owned(),
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::os::unix::fs::PermissionsExt as _;

    fn reader(env: &[(&str, &str)], sources: &[SecretSource]) -> SecretReader {
        let env = env.iter().map(|(k, v)| (k.into(), v.into())).collect();
        SecretReader::new(env, sources, KnownSecrets::default())
    }

    fn command(words: &[&str]) -> SecretSource {
        SecretSource::Command(words.iter().map(|w| (*w).to_owned()).collect())
    }

    async fn refused(source: &SecretSource) -> String {
        let error = reader(&[("PATH", "/usr/bin:/bin")], &[]).read(source).await;
        format!("{0} {0:?}", error.unwrap_err())
    }

    #[tokio::test]
    async fn a_secret_is_the_first_line_a_program_prints() {
        let source = command(&["printf", "1000.canary\nnote\n"]);

        let secret = reader(&[("PATH", "/usr/bin:/bin")], &[])
            .read(&source)
            .await;

        assert_eq!(secret.unwrap().expose(), "1000.canary");
    }

    #[tokio::test]
    async fn arguments_are_never_given_to_a_shell() {
        let source = command(&["printf", "%s", "$(id)`id`;id"]);

        let secret = reader(&[("PATH", "/usr/bin:/bin")], &[])
            .read(&source)
            .await;

        assert_eq!(secret.unwrap().expose(), "$(id)`id`;id");
    }

    #[tokio::test]
    async fn a_program_does_not_see_the_secrets_of_other_profiles() {
        let hidden = SecretSource::Env("ZOHO_IN".to_owned());
        let env = [
            ("PATH", "/usr/bin:/bin"),
            ("ZOHO_IN", "canary"),
            ("X", "kept"),
        ];
        let source = command(&["sh", "-c", "echo \"[$ZOHO_IN]$X\""]);

        let reader = reader(&env, std::slice::from_ref(&hidden));

        assert_eq!(reader.read(&source).await.unwrap().expose(), "[]kept");
        assert_eq!(reader.read(&hidden).await.unwrap().expose(), "canary");
        assert!(!format!("{reader:?}").contains("canary"));
    }

    #[rstest]
    #[case(&["sh", "-c", "echo canary; echo canary >&2; exit 7"], "exit status 7")]
    #[case(&["sh", "-c", "echo canary; kill -9 $$"], "signal 9")]
    #[case(&["/no/such/program"], "cannot be started")]
    #[case(&["true"], "is empty")]
    #[case(&["cat"], "is empty")]
    #[case(&["printf", "canary \\303\\251"], "does not look like")]
    #[case(&["printf", "canary\\377"], "not UTF-8")]
    #[case(&["cat", "/dev/zero"], "without end")]
    #[tokio::test]
    async fn a_program_that_fails_is_named_and_never_quoted(
        #[case] words: &[&str],
        #[case] expected: &str,
    ) {
        let told = refused(&command(words)).await;

        assert!(told.contains(expected), "{told}");
        assert!(told.contains(words.first().unwrap()), "{told}");
        assert!(!told.contains("canary"), "{told}");
    }

    #[tokio::test]
    async fn a_program_that_does_not_end_is_stopped() {
        let words = ["sleep".to_owned(), "600".to_owned()];
        let reader = reader(&[("PATH", "/usr/bin:/bin")], &[]);

        let error = reader.run(&words, Duration::from_millis(20)).await;

        assert!(error.unwrap_err().to_string().contains("took longer"));
    }

    #[tokio::test]
    async fn a_variable_that_is_not_set_is_named() {
        let told = refused(&SecretSource::Env("ZOHO_US".to_owned())).await;

        assert!(told.contains("ZOHO_US is not set") || told.contains("ZOHO_US: it is not set"));
    }

    #[tokio::test]
    async fn a_file_follows_the_rules_of_credential_files() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::set_permissions(temp.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let path = temp.path().join("us.secret");
        let source = SecretSource::File(path.clone());
        assert!(refused(&source).await.contains("no such file"));

        std::fs::write(&path, "1000.canary\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(refused(&source).await.contains("chmod 600"));

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let secret = reader(&[], &[]).read(&source).await.unwrap();
        assert_eq!(secret.expose(), "1000.canary");
    }
}
