//! What a process did to its files and told the world, read from the record that `strace` makes.

use std::collections::BTreeMap;
use std::path::Path;

/// How `strace` is called: all threads, the names behind descriptors, every byte in hexadecimal.
pub(crate) const OPTIONS: [&str; 9] = [
    "-f",
    "-qq",
    "-y",
    "-xx",
    "-s",
    "1048576",
    "-e",
    "trace=openat,pwrite64,write,writev,sendto,lseek,read,fsync,fdatasync,ftruncate,unlink,link,\
     linkat,rename,renameat",
    "-o",
];

/// One step. Names are those of files in the data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A file was opened, and made if it was not there.
    Made { name: String },
    /// Bytes went into the kernel.
    Write {
        name: String,
        at: usize,
        bytes: Vec<u8>,
    },
    /// A file was cut.
    Cut { name: String, length: usize },
    /// A file's bytes are on the disk.
    Synced { name: String },
    /// The directory's names are on the disk.
    NamesSynced,
    /// A name is gone.
    Removed { name: String },
    /// A second name.
    Linked { from: String, to: String },
    /// Another name.
    Renamed { from: String, to: String },
    /// A request about somebody went out.
    Sent { email: String },
    /// A job was told on standard output.
    Told { job: String },
}

/// The steps of a record that concern `directory`, in their order. A write counts from when it
/// begins, a sync from when it is done.
pub(crate) fn read(text: &str, directory: &Path) -> Vec<Event> {
    let mut reader = Reader {
        directory: format!("{}/", directory.display()),
        at: BTreeMap::new(),
        events: Vec::new(),
    };
    let mut begun: BTreeMap<&str, String> = BTreeMap::new();
    for line in text.lines() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        let rest = rest.trim_start();
        if let Some(first) = rest.strip_suffix(" <unfinished ...>") {
            // The bytes are all there at the start; the result is not needed for them.
            if is_late(first) {
                begun.insert(thread, first.to_owned());
            } else {
                reader.call(first, true);
                begun.insert(thread, String::new());
            }
        } else if let Some(resumed) = rest.strip_prefix("<... ") {
            let first = begun.remove(thread).unwrap_or_default();
            let end = resumed.split_once("resumed>").map_or("", |(_, end)| end);
            if !first.is_empty() {
                reader.call(&format!("{first}{end}"), false);
            }
        } else {
            reader.call(rest, false);
        }
    }
    reader.events
}

/// Calls whose effect is there when they return; of all others it is there when they begin.
fn is_late(call: &str) -> bool {
    ["fsync", "fdatasync", "openat", "lseek", "read"]
        .iter()
        .any(|name| call.starts_with(&format!("{name}(")))
}

struct Reader {
    directory: String,
    /// Where the next `write` of a file goes.
    at: BTreeMap<String, usize>,
    events: Vec<Event>,
}

impl Reader {
    fn call(&mut self, line: &str, is_begun: bool) {
        let Some((name, rest)) = line.split_once('(') else {
            return;
        };
        let result = rest.rsplit_once(" = ").map_or("", |(_, result)| result);
        if !is_begun && result.starts_with('-') {
            return;
        }
        let texts: Vec<Vec<u8>> = quoted(rest);
        let file = descriptor(rest).and_then(|path| self.inside(&path));
        match (name, file) {
            ("pwrite64", Some(name)) => {
                let at = last_number(rest);
                self.write(name, at, &texts);
            }
            ("write", Some(name)) => {
                let at = self.at.get(&name).copied().unwrap_or(0);
                let length = texts.first().map_or(0, Vec::len);
                self.at.insert(name.clone(), at + length);
                self.write(name, at, &texts);
            }
            ("lseek" | "read", Some(name)) => {
                let number = number(result);
                let before = self.at.get(&name).copied().unwrap_or(0);
                let at = if line.starts_with("lseek") {
                    number
                } else {
                    before + number
                };
                self.at.insert(name, at);
            }
            ("ftruncate", Some(name)) => {
                let length = last_number(rest);
                self.events.push(Event::Cut { name, length });
            }
            ("fsync" | "fdatasync", Some(name)) if name.is_empty() => {
                self.events.push(Event::NamesSynced);
            }
            ("fsync" | "fdatasync", Some(name)) => self.events.push(Event::Synced { name }),
            ("openat", _) => {
                let opened = texts.first().map(|path| String::from_utf8_lossy(path));
                if let Some(name) = opened.and_then(|path| self.inside(&path))
                    && !name.is_empty()
                {
                    self.at.insert(name.clone(), 0);
                    if rest.contains("O_CREAT") {
                        self.events.push(Event::Made { name });
                    }
                }
            }
            ("unlink" | "link" | "linkat" | "rename" | "renameat", _) => self.names(name, &texts),
            ("write" | "writev" | "sendto", None) => self.told(rest, &texts),
            _ => {}
        }
    }

    fn write(&mut self, name: String, at: usize, texts: &[Vec<u8>]) {
        let bytes = texts.first().cloned().unwrap_or_default();
        self.events.push(Event::Write { name, at, bytes });
    }

    fn names(&mut self, call: &str, texts: &[Vec<u8>]) {
        let path = |index: usize| {
            let path = texts.get(index).map(|path| String::from_utf8_lossy(path))?;
            self.inside(&path)
        };
        let event = match (path(0), path(1)) {
            (Some(name), None) if call == "unlink" => Event::Removed { name },
            (Some(from), Some(to)) if call.starts_with("link") => Event::Linked { from, to },
            (Some(from), Some(to)) if call.starts_with("rename") => Event::Renamed { from, to },
            _ => return,
        };
        self.events.push(event);
    }

    fn told(&mut self, rest: &str, texts: &[Vec<u8>]) {
        let said = String::from_utf8_lossy(&texts.concat()).into_owned();
        if rest.starts_with("1<") {
            let rows = said.lines().filter_map(|line| {
                let row: serde_json::Value = serde_json::from_str(line).ok()?;
                row["job_id"].as_str().map(str::to_owned)
            });
            self.events.extend(rows.map(|job| Event::Told { job }));
        } else if said.contains("enrich_based_on")
            && let Some(email) = email_of(&said)
        {
            self.events.push(Event::Sent { email });
        }
    }

    /// The name within the data directory; empty for the directory itself.
    fn inside(&self, path: &str) -> Option<String> {
        if format!("{path}/") == self.directory {
            return Some(String::new());
        }
        path.strip_prefix(&self.directory).map(str::to_owned)
    }
}

/// The address that a request is about.
pub(crate) fn email_of(body: &str) -> Option<String> {
    let end = body.find("@acme.example")?;
    let (before, _) = body.split_at(end);
    let name = before.rsplit('"').next()?;
    Some(format!("{name}@acme.example"))
}

/// The path behind the first descriptor, `9<\x2f…>`.
fn descriptor(rest: &str) -> Option<String> {
    let (number, behind) = rest.split_once('<')?;
    number.parse::<u32>().ok()?;
    let (path, _) = behind.split_once('>')?;
    Some(String::from_utf8_lossy(&bytes(path)).into_owned())
}

/// All that stands in quotation marks.
fn quoted(rest: &str) -> Vec<Vec<u8>> {
    rest.split('"').skip(1).step_by(2).map(bytes).collect()
}

/// `\x41\x42` as bytes; what is not escaped is itself.
fn bytes(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (hex, rest) = part.split_at(part.len().min(2));
        bytes.push(u8::from_str_radix(hex, 16).unwrap());
        bytes.extend(rest.as_bytes());
    }
    bytes
}

/// The last argument.
fn last_number(rest: &str) -> usize {
    let arguments = rest
        .rsplit_once(')')
        .map_or(rest, |(arguments, _)| arguments);
    number(arguments.rsplit(", ").next().unwrap_or_default())
}

fn number(text: &str) -> usize {
    text.split_whitespace()
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}
