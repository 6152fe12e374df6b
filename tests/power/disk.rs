//! Files as a disk has them: what is safe, and what is still on its way there.
//!
//! A write is safe when its file was synced after it, a name when the directory was. Without that,
//! each write is kept, dropped or torn at a sector; names come in their order and may stop at any
//! one, as with a journal of the file system.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::record::Event;

const SECTOR: usize = 512;

/// What is left of all that was not safe.
#[derive(Debug, Clone)]
pub(crate) enum Seed {
    Nothing,
    Everything,
    Some(u64),
}

#[derive(Debug, Clone, Default)]
struct File {
    safe: Vec<u8>,
    later: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Cut { length: usize },
}

#[derive(Debug, Clone)]
enum Naming {
    Add(String, usize),
    Remove(String),
}

/// A data directory without its directories.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk {
    files: Vec<File>,
    /// The names as the process sees them.
    names: BTreeMap<String, usize>,
    safe_names: BTreeMap<String, usize>,
    later_names: Vec<Naming>,
}

impl Disk {
    /// What lies there now, all of it safe.
    pub(crate) fn of(directory: &Path) -> Self {
        let mut disk = Self::default();
        let Ok(entries) = fs::read_dir(directory) else {
            return disk;
        };
        for entry in entries.flatten().filter(|entry| entry.path().is_file()) {
            let name = entry.file_name().into_string().unwrap();
            disk.names.insert(name, disk.files.len());
            disk.files.push(File {
                safe: fs::read(entry.path()).unwrap(),
                later: Vec::new(),
            });
        }
        let credentials = directory.join("credentials");
        for entry in fs::read_dir(credentials).into_iter().flatten().flatten() {
            let name = format!("credentials/{}", entry.file_name().to_str().unwrap());
            disk.names.insert(name, disk.files.len());
            disk.files.push(File {
                safe: fs::read(entry.path()).unwrap(),
                later: Vec::new(),
            });
        }
        disk.safe_names = disk.names.clone();
        disk
    }

    /// After these steps.
    pub(crate) fn after(&self, events: &[Event]) -> Self {
        let mut disk = self.clone();
        events.iter().for_each(|event| disk.take(event));
        disk
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Made { name } if !self.names.contains_key(name) => {
                self.add(name, self.files.len());
                self.files.push(File::default());
            }
            Event::Write { name, at, bytes } => self.change(
                name,
                Change::Write {
                    at: *at,
                    bytes: bytes.clone(),
                },
            ),
            Event::Cut { name, length } => self.change(name, Change::Cut { length: *length }),
            Event::Synced { name } => {
                if let Some(file) = self.file(name) {
                    let later = std::mem::take(&mut file.later);
                    later.iter().for_each(|change| change.make(&mut file.safe));
                }
            }
            Event::NamesSynced => {
                self.later_names.clear();
                self.safe_names = self.names.clone();
            }
            Event::Removed { name } => {
                self.names.remove(name);
                self.later_names.push(Naming::Remove(name.clone()));
            }
            Event::Linked { from, to } => {
                if let Some(file) = self.names.get(from).copied() {
                    self.add(to, file);
                }
            }
            Event::Renamed { from, to } => {
                if let Some(file) = self.names.remove(from) {
                    self.add(to, file);
                    self.later_names.push(Naming::Remove(from.clone()));
                }
            }
            Event::Made { .. } | Event::Sent { .. } | Event::Told { .. } => {}
        }
    }

    fn add(&mut self, name: &str, file: usize) {
        self.names.insert(name.to_owned(), file);
        self.later_names.push(Naming::Add(name.to_owned(), file));
    }

    fn change(&mut self, name: &str, change: Change) {
        if let Some(file) = self.file(name) {
            file.later.push(change);
        }
    }

    fn file(&mut self, name: &str) -> Option<&mut File> {
        let file = *self.names.get(name)?;
        self.files.get_mut(file)
    }

    /// As the power loss leaves it.
    pub(crate) fn lose(mut self, seed: &Seed) -> Self {
        let mut dice = Dice::of(seed);
        let kept = dice.upto(self.later_names.len());
        for naming in self.later_names.drain(..).take(kept) {
            match naming {
                Naming::Add(name, file) => self.safe_names.insert(name, file),
                Naming::Remove(name) => self.safe_names.remove(&name),
            };
        }
        for file in &mut self.files {
            for change in std::mem::take(&mut file.later) {
                dice.keep(change, &mut file.safe);
            }
        }
        self.names = self.safe_names.clone();
        self
    }

    /// Puts the files into an empty directory.
    pub(crate) fn write(&self, directory: &Path) {
        let private = |mode| fs::Permissions::from_mode(mode);
        for below in ["", "credentials"] {
            let path = directory.join(below);
            fs::create_dir_all(&path).unwrap();
            fs::set_permissions(&path, private(0o700)).unwrap();
        }
        for (name, file) in &self.names {
            let path = directory.join(name);
            if path.parent().is_some_and(Path::is_dir) {
                fs::write(&path, &self.files[*file].safe).unwrap();
                fs::set_permissions(&path, private(0o600)).unwrap();
            }
        }
    }
}

impl Change {
    fn make(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Cut { length } => bytes.resize(*length, 0),
            Self::Write { at, bytes: new } => put(bytes, *at, new),
        }
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    let end = at + new.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[at..end].copy_from_slice(new);
}

/// Decides what is kept.
struct Dice {
    seed: Seed,
    state: u64,
}

impl Dice {
    fn of(seed: &Seed) -> Self {
        let state = match seed {
            Seed::Some(number) => number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            Seed::Nothing | Seed::Everything => 1,
        };
        Self {
            seed: seed.clone(),
            state,
        }
    }

    /// A number from 0 to `most`.
    fn upto(&mut self, most: usize) -> usize {
        match self.seed {
            Seed::Nothing => 0,
            Seed::Everything => most,
            Seed::Some(_) => {
                self.state ^= self.state << 13;
                self.state ^= self.state >> 7;
                self.state ^= self.state << 17;
                let count = u64::try_from(most).unwrap() + 1;
                usize::try_from((self.state >> 20) % count).unwrap()
            }
        }
    }

    /// A change is dropped, kept, or, if it is a write, kept in some of its sectors.
    fn keep(&mut self, change: Change, bytes: &mut Vec<u8>) {
        match (self.upto(2), &change) {
            (0, _) => {}
            (1, Change::Write { at, bytes: new }) => {
                let mut from = 0;
                while from < new.len() {
                    let to = new.len().min(from + SECTOR - (at + from) % SECTOR);
                    if self.upto(1) == 1 {
                        put(bytes, at + from, &new[from..to]);
                    }
                    from = to;
                }
            }
            (_, change) => change.make(bytes),
        }
    }
}
