//! Where every file of the program is.
//!
//! The environment comes in as a map, so nothing here depends on the process that asks. Flags win
//! over variables, variables over the XDG defaults. A data directory that was named holds the
//! credentials too, so that two set-ups on one host never mix.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::base::guarded::owner_note;

/// What decides where the files are.
#[derive(Debug, Clone, Default)]
pub struct PathsInput {
    /// `--config`
    pub config_flag: Option<PathBuf>,
    /// `--data-dir`
    pub data_dir_flag: Option<PathBuf>,
    /// The environment: `std::env::vars_os().collect()` in the program, a literal map in a test.
    pub env: BTreeMap<OsString, OsString>,
}

/// The files and directories of one set-up. All paths are absolute; none need exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The configuration file.
    pub config_file: PathBuf,
    /// The user's own themes.
    pub themes_dir: PathBuf,
    /// The directory of the ledger.
    pub data_dir: PathBuf,
    /// The ledger.
    pub ledger: PathBuf,
    /// What the program remembers besides the ledger: high-water mark, log.
    pub state_dir: PathBuf,
    /// One credential file per profile.
    pub credentials_dir: PathBuf,
    /// The user's home directory, for `~` in the configuration. Absent when nothing needed it.
    pub home: Option<PathBuf>,
}

/// Why a place for a file cannot be found or made.
#[derive(Debug, thiserror::Error)]
pub enum PathsError {
    /// There is no home directory to put the file below.
    #[error("cannot place {what}: HOME is {home}; set HOME, or give --config and --data-dir")]
    NoHome {
        /// What was to be placed.
        what: &'static str,
        /// What HOME holds: `not set`, or the text.
        home: String,
    },
    /// `~name` is not offered.
    #[error("cannot use {}: only ~/ stands for the home directory; write the path in full", path.display())]
    OtherHome {
        /// The path as given.
        path: PathBuf,
    },
    /// A directory cannot be made.
    #[error("cannot make the directory {}: {source}{}", path.display(), owner.as_ref().map_or_else(String::new, |owner| format!("; {owner}")))]
    NotMade {
        /// The directory.
        path: PathBuf,
        /// Who owns what is in the way, and the command that mends it.
        owner: Option<String>,
        /// What the system said.
        source: io::Error,
    },
    /// A relative path cannot be made absolute.
    #[error("cannot use {}: the working directory is unknown: {source}", path.display())]
    NoWorkingDirectory {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Paths {
    /// Finds all places.
    ///
    /// # Errors
    /// When a place depends on HOME and HOME is of no use, or a given path cannot be resolved.
    pub fn resolve(input: &PathsInput) -> Result<Self, PathsError> {
        let env = |name: &str| {
            let value = input.env.get(std::ffi::OsStr::new(name))?;
            (!value.is_empty()).then(|| PathBuf::from(value))
        };
        let home = Home { env: env("HOME") };
        let given = |flag: &Option<PathBuf>, name: &str| {
            let path = flag.clone().or_else(|| env(name));
            path.map(|path| home.absolute(&path)).transpose()
        };
        let xdg = |variable: &str, below: &str, what: &'static str| {
            // The XDG specification says that a relative value is to be ignored.
            let base = env(variable).filter(|path| path.is_absolute());
            let base = base.map_or_else(|| home.join(below, what), Ok)?;
            Ok::<_, PathsError>(base.join("ziadeck"))
        };

        let config_file = match given(&input.config_flag, "ZIADECK_CONFIG")? {
            Some(path) => path,
            None => xdg("XDG_CONFIG_HOME", ".config", "the configuration")?.join("config.toml"),
        };
        let (data_dir, state_dir) = match given(&input.data_dir_flag, "ZIADECK_DATA_DIR")? {
            Some(path) => (path.clone(), path),
            None => (
                xdg("XDG_DATA_HOME", ".local/share", "the ledger")?,
                xdg("XDG_STATE_HOME", ".local/state", "the credentials")?,
            ),
        };
        Ok(Self {
            themes_dir: config_file
                .parent()
                .unwrap_or(Path::new("/"))
                .join("themes"),
            config_file,
            ledger: data_dir.join("ledger.db"),
            data_dir,
            credentials_dir: state_dir.join("credentials"),
            state_dir,
            home: home.usable(),
        })
    }

    /// Where the user's own high-water marks of ledgers are.
    pub fn marks_dir(&self) -> PathBuf {
        self.state_dir.join("marks")
    }

    /// Makes the directories of the ledger and of the state, for their owner alone.
    ///
    /// # Errors
    /// Names the directory that cannot be made.
    pub fn create_dirs(&self) -> Result<(), PathsError> {
        for path in [&self.data_dir, &self.state_dir] {
            create_private_dir(path).map_err(|source| PathsError::NotMade {
                path: path.clone(),
                owner: (source.kind() == io::ErrorKind::PermissionDenied)
                    .then(|| owner_note(path, self.home.as_deref()))
                    .flatten(),
                source,
            })?;
        }
        Ok(())
    }
}

/// Makes a directory and those above it, mode 0700 for each that is new.
pub(super) fn create_private_dir(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// `~` and `~/…` in a path become the home directory.
///
/// # Errors
/// When there is no home directory, or the path begins with another user's `~name`.
pub(super) fn expand_tilde(path: &Path, home: Option<&Path>) -> Result<PathBuf, PathsError> {
    let Ok(rest) = path.strip_prefix("~") else {
        if path.as_os_str().as_encoded_bytes().starts_with(b"~") {
            return Err(PathsError::OtherHome {
                path: path.to_owned(),
            });
        }
        return Ok(path.to_owned());
    };
    let home = home.ok_or(PathsError::NoHome {
        what: "a path that begins with ~",
        home: "not set".to_owned(),
    })?;
    Ok(home.join(rest))
}

struct Home {
    env: Option<PathBuf>,
}

impl Home {
    fn usable(&self) -> Option<PathBuf> {
        self.env.clone().filter(|path| path.is_absolute())
    }

    fn join(&self, below: &str, what: &'static str) -> Result<PathBuf, PathsError> {
        let home = self.usable().ok_or_else(|| PathsError::NoHome {
            what,
            home: self.env.as_ref().map_or_else(
                || "not set".to_owned(),
                |path| format!("{}, which is not an absolute path", path.display()),
            ),
        })?;
        Ok(home.join(below))
    }

    fn absolute(&self, path: &Path) -> Result<PathBuf, PathsError> {
        let expanded = expand_tilde(path, self.usable().as_deref())?;
        std::path::absolute(&expanded).map_err(|source| PathsError::NoWorkingDirectory {
            path: expanded.clone(),
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(env: &[(&str, &str)]) -> PathsInput {
        PathsInput {
            env: env.iter().map(|(k, v)| (k.into(), v.into())).collect(),
            ..PathsInput::default()
        }
    }

    #[test]
    fn the_defaults_are_below_home() {
        let paths = Paths::resolve(&input(&[("HOME", "/home/ada")])).unwrap();

        assert_eq!(
            paths.config_file,
            Path::new("/home/ada/.config/ziadeck/config.toml")
        );
        assert_eq!(
            paths.themes_dir,
            Path::new("/home/ada/.config/ziadeck/themes")
        );
        assert_eq!(
            paths.ledger,
            Path::new("/home/ada/.local/share/ziadeck/ledger.db")
        );
        assert_eq!(
            paths.credentials_dir,
            Path::new("/home/ada/.local/state/ziadeck/credentials")
        );
    }

    #[test]
    fn the_xdg_variables_move_them_and_a_relative_one_is_ignored() {
        let paths = Paths::resolve(&input(&[
            ("HOME", "/home/ada"),
            ("XDG_CONFIG_HOME", "/etc/ada"),
            ("XDG_DATA_HOME", "relative"),
            ("XDG_STATE_HOME", ""),
        ]))
        .unwrap();

        assert_eq!(paths.config_file, Path::new("/etc/ada/ziadeck/config.toml"));
        assert_eq!(paths.data_dir, Path::new("/home/ada/.local/share/ziadeck"));
        assert_eq!(paths.state_dir, Path::new("/home/ada/.local/state/ziadeck"));
    }

    #[test]
    fn a_named_data_directory_holds_the_credentials_too() {
        let by_env = Paths::resolve(&input(&[("HOME", "/h"), ("ZIADECK_DATA_DIR", "~/d")]));
        let mut with_flag = input(&[("HOME", "/h"), ("ZIADECK_DATA_DIR", "/env")]);
        with_flag.data_dir_flag = Some("/flag".into());

        let by_env = by_env.unwrap();
        let by_flag = Paths::resolve(&with_flag).unwrap();

        assert_eq!(by_env.credentials_dir, Path::new("/h/d/credentials"));
        assert_eq!(by_flag.credentials_dir, Path::new("/flag/credentials"));
        assert_eq!(by_flag.ledger, Path::new("/flag/ledger.db"));
    }

    #[test]
    fn a_named_config_file_wins_over_the_variable() {
        let mut both = input(&[("HOME", "/h"), ("ZIADECK_CONFIG", "/env.toml")]);
        let by_env = Paths::resolve(&both).unwrap();
        both.config_flag = Some("/flag/c.toml".into());
        let by_flag = Paths::resolve(&both).unwrap();

        assert_eq!(by_env.config_file, Path::new("/env.toml"));
        assert_eq!(by_flag.config_file, Path::new("/flag/c.toml"));
        assert_eq!(by_flag.themes_dir, Path::new("/flag/themes"));
    }

    #[test]
    fn without_home_the_error_names_what_has_no_place() {
        let missing = Paths::resolve(&input(&[])).unwrap_err().to_string();
        let relative = Paths::resolve(&input(&[("HOME", "ada")])).unwrap_err();

        assert!(missing.contains("the configuration") && missing.contains("HOME is not set"));
        assert!(relative.to_string().contains("HOME is ada"));
    }

    #[test]
    fn without_home_given_paths_suffice() {
        let mut given = input(&[]);
        given.config_flag = Some("/c.toml".into());
        given.data_dir_flag = Some("/d".into());

        let paths = Paths::resolve(&given).unwrap();

        assert_eq!(paths.home, None);
        assert_eq!(paths.credentials_dir, Path::new("/d/credentials"));
    }

    #[test]
    fn another_users_home_is_refused() {
        let mut other = input(&[("HOME", "/h")]);
        other.config_flag = Some("~root/c.toml".into());

        let error = Paths::resolve(&other).unwrap_err();

        assert!(error.to_string().contains("~root/c.toml"));
    }

    #[test]
    fn made_directories_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let temp = tempfile::tempdir().unwrap();
        let mut given = input(&[("HOME", "/h")]);
        given.data_dir_flag = Some(temp.path().join("a/b"));

        let paths = Paths::resolve(&given).unwrap();
        paths.create_dirs().unwrap();

        let mode = paths.data_dir.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_named() {
        let temp = tempfile::NamedTempFile::new().unwrap();
        let mut given = input(&[("HOME", "/h")]);
        given.data_dir_flag = Some(temp.path().join("below-a-file"));

        let error = Paths::resolve(&given).unwrap().create_dirs().unwrap_err();

        assert!(error.to_string().contains("below-a-file"));
    }
}
