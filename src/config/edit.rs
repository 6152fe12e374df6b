//! Changes to the configuration file: comments and order are kept, the write is atomic.
//!
//! A change starts from a file without a problem and ends in one, or nothing is written. What
//! another program wrote meanwhile is not overwritten.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::file::{Config, Read, read_text};
use super::paths::{Paths, create_private_dir};
use super::problem::{ConfigError, nearest};
use super::vocabulary::Lenient;
use crate::base::guarded::{Distrust, check_place};
use crate::base::{ApiVersion, DataCenter, Environment, ModuleName, ProfileName, SecretSource};

/// What `add_profile` writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProfile {
    /// Its name.
    pub name: ProfileName,
    /// The data centre.
    pub data_center: DataCenter,
    /// Production, sandbox or developer.
    pub environment: Environment,
    /// The version in the path.
    pub api_version: ApiVersion,
    /// The client id of the self client.
    pub client_id: String,
    /// Where the client secret is.
    pub client_secret: Option<SecretSource>,
    /// The enrichment limit; the default is not written.
    pub limit: Option<u64>,
    /// The module that Compose starts with.
    pub default_module: Option<ModuleName>,
    /// A loopback base for both addresses; absent for Zoho's own hosts.
    pub loopback: Option<String>,
}

/// A configuration file in the course of being changed.
#[derive(Debug)]
pub struct ConfigEdit {
    paths: Paths,
    before: Option<String>,
    document: DocumentMut,
    /// Why what was read is not to be relied upon.
    distrust: Option<Distrust>,
}

impl ConfigEdit {
    /// Starts from the file as it is; a file that does not exist is an empty one.
    ///
    /// # Errors
    /// When the file cannot be read or has a problem: it is then left alone.
    pub fn open(paths: &Paths) -> Result<Self, ConfigError> {
        let (before, distrust) = parts(read_text(&paths.config_file)?);
        Ok(Self {
            distrust,
            ..Self::parse(before, paths)?
        })
    }

    /// Starts from a text that was just read from the file; `None` when there is no file.
    ///
    /// # Errors
    /// When the text has a problem.
    pub fn parse(before: Option<String>, paths: &Paths) -> Result<Self, ConfigError> {
        let text = before.clone().unwrap_or_default();
        Config::parse(&text, paths, &Lenient)?;
        let document = text.parse().map_err(|error: toml_edit::TomlError| {
            // Both parsers share a grammar, so this is a bug of ours or theirs, told as it is.
            ConfigError::Unreadable {
                path: paths.config_file.clone(),
                source: io::Error::other(error.message().to_owned()),
            }
        })?;
        Ok(Self {
            paths: paths.clone(),
            before,
            document,
            distrust: None,
        })
    }

    /// The file as it would be written.
    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// Adds a profile at the end of the file.
    ///
    /// # Errors
    /// When there is one of that name.
    pub fn add_profile(mut self, profile: &NewProfile) -> Result<Self, ConfigError> {
        if self
            .names()
            .iter()
            .any(|name| name == profile.name.as_str())
        {
            let name = profile.name.clone();
            return Err(ConfigError::ProfileExists { name });
        }
        let profiles = self.document.entry("profiles").or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        if let Some(profiles) = profiles.as_table_like_mut() {
            profiles.insert(profile.name.as_str(), Item::Table(table_of(profile)));
        }
        Ok(self)
    }

    /// Removes a profile, and `default_profile` when it named this one.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn remove_profile(mut self, name: &str) -> Result<Self, ConfigError> {
        self.must_have(name)?;
        let profiles = self.document.get_mut("profiles");
        if let Some(profiles) = profiles.and_then(Item::as_table_like_mut) {
            profiles.remove(name);
        }
        let default = self.document.get("default_profile").and_then(Item::as_str);
        if default == Some(name) {
            self.document.remove("default_profile");
        }
        Ok(self)
    }

    /// Makes a profile the one that is used when none is named.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn set_default_profile(mut self, name: &str) -> Result<Self, ConfigError> {
        self.must_have(name)?;
        self.set("default_profile", name);
        Ok(self)
    }

    /// Chooses a theme; the caller has looked the name up.
    #[must_use]
    pub fn set_theme(mut self, name: &str) -> Self {
        self.set("theme", name);
        self
    }

    /// Writes the file and reads the result.
    ///
    /// # Errors
    /// When the result would have a problem, another program changed the file, or the system
    /// refuses. The file is then as it was.
    pub fn save(self) -> Result<Config, ConfigError> {
        let text = self.text();
        let config = Config::parse(&text, &self.paths, &Lenient)?;
        let path = &self.paths.config_file;
        let (now, distrust) = parts(read_text(path)?);
        if now != self.before {
            return Err(ConfigError::ChangedMeanwhile { path: path.clone() });
        }
        let refused = |source: io::Error| ConfigError::NotWritten {
            path: path.clone(),
            source,
        };
        let place = || check_place(path).map_err(|error| refused(error.into()));
        if let Some(why) = self
            .distrust
            .or(distrust)
            .map_or_else(place, |why| Ok(Some(why)))?
        {
            let kind = io::ErrorKind::PermissionDenied;
            return Err(refused(io::Error::new(kind, why.to_string())));
        }
        write_atomic(path, &text)
            .map_err(|(path, source)| ConfigError::NotWritten { path, source })?;
        Ok(config)
    }

    fn names(&self) -> Vec<String> {
        let profiles = self.document.get("profiles").and_then(Item::as_table_like);
        profiles.map_or_else(Vec::new, |profiles| {
            profiles.iter().map(|(name, _)| name.to_owned()).collect()
        })
    }

    fn must_have(&self, name: &str) -> Result<(), ConfigError> {
        let names = self.names();
        if names.iter().any(|known| known == name) {
            return Ok(());
        }
        Err(ConfigError::NoProfile {
            name: name.to_owned(),
            nearest: nearest(name, names.iter().map(String::as_str)).map(str::to_owned),
        })
    }

    /// Sets a text at the top of the file; the comment behind an old value stays.
    fn set(&mut self, key: &str, text: &str) {
        let decor = self
            .document
            .get(key)
            .and_then(Item::as_value)
            .map(|old| old.decor().clone());
        let mut item = value(text);
        if let (Some(decor), Some(new)) = (decor, item.as_value_mut()) {
            *new.decor_mut() = decor;
        }
        // Assigning through the item keeps the comment that stands above the key.
        *self.document.entry(key).or_insert(Item::None) = item;
    }
}

fn parts(read: Option<Read>) -> (Option<String>, Option<Distrust>) {
    read.map_or((None, None), |read| (Some(read.text), read.distrust))
}

fn table_of(profile: &NewProfile) -> Table {
    let mut table = Table::new();
    table.insert("data_center", value(profile.data_center.code()));
    table.insert("environment", value(profile.environment.as_str()));
    table.insert("api_version", value(profile.api_version.as_str()));
    table.insert("client_id", value(&profile.client_id));
    match &profile.client_secret {
        Some(SecretSource::File(path)) => {
            table.insert("client_secret_file", value(path.display().to_string()));
        }
        Some(SecretSource::Command(words)) => {
            let words: Array = words.iter().map(String::as_str).collect();
            table.insert("client_secret_command", value(words));
        }
        Some(SecretSource::Env(name)) => {
            table.insert("client_secret_env", value(name));
        }
        None => {}
    }
    if let Some(limit) = profile.limit.and_then(|limit| i64::try_from(limit).ok()) {
        table.insert("limit", value(limit));
    }
    if let Some(module) = &profile.default_module {
        table.insert("default_module", value(module.as_str()));
    }
    if let Some(base) = &profile.loopback {
        table.insert("accounts_url", value(base));
        table.insert("api_url", value(base));
    }
    if let Some(mut first) = table.key_mut("data_center") {
        first.leaf_decor_mut().set_prefix("");
    }
    table.decor_mut().set_prefix("\n");
    table
}

/// Writes beside the file and renames over it. A link to the file is followed, so that a
/// configuration kept elsewhere stays a link.
fn write_atomic(path: &Path, text: &str) -> Result<(), (PathBuf, io::Error)> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = target.parent().unwrap_or(Path::new("/"));
    create_private_dir(directory).map_err(|source| (directory.to_owned(), source))?;
    let mode = fs::metadata(&target).map_or(0o600, |meta| meta.permissions().mode() & 0o7777);
    let temp = directory.join(format!(".config.toml.{}.new", std::process::id()));
    let written = write_new(&temp, text, mode).and_then(|()| fs::rename(&temp, &target));
    if let Err(source) = written {
        // What remains of the temporary file is of no use; that it cannot be removed changes
        // nothing for the file itself.
        let _ = fs::remove_file(&temp);
        return Err((path.to_owned(), source));
    }
    fs::File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|source| (path.to_owned(), source))
}

fn write_new(temp: &Path, text: &str, mode: u32) -> io::Result<()> {
    match fs::remove_file(temp) {
        // A process of our number died before its rename; only its name stands in our way.
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(temp)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.sync_all()
}
