//! A look into a file before it is planned: its columns, its first rows, and where they lead. And
//! names of files as they are typed.
//!
//! Only the head of the file is read, on a thread that may block; nothing is kept.

use std::io;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::bulk_plan::PlanSource;
use super::error::OpsError;
use crate::bulk::rows::{
    Assignment, JSON_COLUMN, MappingRequest, Others, Preview, ReadOptions, Target, preview,
};
use crate::enrichment::{Draft, Field};

/// Rows of the file that are shown.
const ROWS: usize = 5;
/// Most names of files that are offered at once.
const NAMES_MAX: usize = 200;

/// The head of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLook {
    /// Its columns; empty for a file of JSON lines, whose rows name their inputs themselves.
    pub columns: Vec<Column>,
    /// What the first rows ask for.
    pub drafts: Vec<Draft>,
    /// Why it cannot be planned like this.
    pub problem: Option<String>,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds in the first rows.
    pub cells: Vec<String>,
    /// Where it leads.
    pub target: Option<Target>,
}

/// Reads the head of a file.
///
/// # Errors
/// When there is no such file or nothing of it can be read.
pub async fn look(path: &str, request: MappingRequest) -> Result<FileLook, OpsError> {
    let path = expanded(path);
    let name = path.display().to_string();
    let wrong = move |why: String| OpsError::InputFile {
        file: name,
        problems: vec![why],
    };
    let looked = tokio::task::spawn_blocking(move || read(&path, request)).await;
    match looked {
        Ok(looked) => looked,
        Err(_) => Err(wrong(
            "the program failed while it read the file".to_owned(),
        )),
    }
}

fn read(path: &Path, request: MappingRequest) -> Result<FileLook, OpsError> {
    let wrong = |why: String| OpsError::InputFile {
        file: path.display().to_string(),
        problems: vec![why],
    };
    let head = |mapping| -> Result<Result<Preview, String>, OpsError> {
        let source = PlanSource::file(path)?.into_reader();
        let options = ReadOptions {
            mapping,
            ..ReadOptions::default()
        };
        Ok(preview(source, options, ROWS).map_err(|error| error.to_string()))
    };
    // With a constant every header is taken, whatever its columns are called.
    let bare = MappingRequest {
        constants: vec![Assignment {
            target: Target::Input(Field::Website),
            text: String::new(),
        }],
        others: Others::Unused,
        ..request.clone()
    };
    let judged = head(request)?;
    let is_json = |found: &Preview| found.headers == [JSON_COLUMN];
    if let Ok(found) = &judged
        && is_json(found)
    {
        return Ok(FileLook {
            columns: Vec::new(),
            drafts: found.rows.iter().map(|row| row.draft.clone()).collect(),
            problem: None,
        });
    }
    let plain = head(bare)?.map_err(wrong)?;
    let mapped = judged.as_ref().map(|found| found.mapped.as_slice());
    Ok(FileLook {
        columns: columns(&plain, mapped.unwrap_or_default()),
        drafts: judged
            .iter()
            .flat_map(|found| &found.rows)
            .map(|row| row.draft.clone())
            .collect(),
        problem: judged.err(),
    })
}

fn columns(plain: &Preview, mapped: &[(Target, String)]) -> Vec<Column> {
    let leads = |name: &str| {
        let mut all = mapped.iter();
        let found = all.find(|(_, from)| from == name || from.split(" + ").any(|f| f == name));
        found.map(|(target, _)| *target)
    };
    plain
        .headers
        .iter()
        .enumerate()
        .map(|(index, name)| Column {
            name: name.clone(),
            cells: plain
                .rows
                .iter()
                .filter_map(|row| row.original.get(index).cloned())
                .collect(),
            target: leads(name),
        })
        .collect()
}

/// What the operator says about columns, in the words of a plan: nothing besides is taken.
pub fn request_of(base: MappingRequest, columns: &[Column]) -> MappingRequest {
    let mut said: Vec<Assignment> = Vec::new();
    for column in columns {
        let Some(target) = column.target else {
            continue;
        };
        match said.iter_mut().find(|before| before.target == target) {
            Some(before) => {
                before.text.push_str(" + ");
                before.text.push_str(&column.name);
            }
            None => said.push(Assignment {
                target,
                text: column.name.clone(),
            }),
        }
    }
    MappingRequest {
        columns: said,
        others: Others::Unused,
        ..base
    }
}

/// What typing goes on with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completion {
    /// The text as far as every name agrees.
    pub text: String,
    /// The names that fit, directories with a slash at their end.
    pub names: Vec<String>,
}

/// Completes the name of a file that is being typed.
pub async fn complete(text: &str) -> Completion {
    let typed = text.to_owned();
    let found = tokio::task::spawn_blocking(move || names(&typed)).await;
    let names = match found {
        Ok(Ok(names)) => names,
        // A directory that cannot be read offers nothing.
        Ok(Err(_)) | Err(_) => Vec::new(),
    };
    let (directory, begun) = split(text);
    Completion {
        text: format!("{directory}{}", agreed(&names, begun)),
        names,
    }
}

fn names(text: &str) -> io::Result<Vec<String>> {
    let (directory, begun) = split(text);
    let place = if directory.is_empty() {
        PathBuf::from(".")
    } else {
        expanded(directory)
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(place)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let is_hidden = name.starts_with('.') && !begun.starts_with('.');
        if !name.starts_with(begun) || is_hidden {
            continue;
        }
        let is_directory = std::fs::metadata(entry.path()).is_ok_and(|of| of.is_dir());
        found.push(if is_directory {
            format!("{name}/")
        } else {
            name
        });
    }
    found.sort();
    found.truncate(NAMES_MAX);
    Ok(found)
}

/// The directory with its slash, and what was begun behind it.
fn split(text: &str) -> (&str, &str) {
    match text.rfind('/') {
        Some(at) => text.split_at(at + 1),
        None => ("", text),
    }
}

/// The longest beginning that all names share; what was begun where nothing fits.
fn agreed<'a>(names: &'a [String], begun: &'a str) -> &'a str {
    let Some((first, rest)) = names.split_first() else {
        return begun;
    };
    let mut shared = first.as_str();
    for name in rest {
        let same = shared
            .char_indices()
            .zip(name.chars())
            .take_while(|((_, a), b)| a == b)
            .last()
            .map_or(0, |((at, c), _)| at + c.len_utf8());
        shared = shared.get(..same).unwrap_or("");
    }
    shared
}

/// A path as a shell would read it, and as terminals drop it: `~` is the home directory; where there is no
/// such file, quotes around it, backslashes in it and `file://` before it are none of its name.
pub fn expanded(text: &str) -> PathBuf {
    let path = home(text);
    if path.exists() {
        return path;
    }
    let dropped = home(&undropped(text.trim()));
    if dropped.exists() { dropped } else { path }
}

fn undropped(text: &str) -> String {
    for quote in ['\'', '"'] {
        let inner = text
            .strip_prefix(quote)
            .and_then(|text| text.strip_suffix(quote));
        if let Some(inner) = inner {
            // A shell's way to write a quote inside quotes.
            return undropped(&inner.replace("'\\''", "'"));
        }
    }
    if let Some(address) = text.strip_prefix("file://") {
        let path = address.strip_prefix("localhost").unwrap_or(address);
        return percent_decode_str(path).decode_utf8_lossy().into_owned();
    }
    let mut path = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        path.push(match c {
            '\\' => rest.next().unwrap_or(c),
            c => c,
        });
    }
    path
}

fn home(text: &str) -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    match (text.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home,
        (Some(rest), Some(home)) => match rest.strip_prefix('/') {
            Some(inside) => home.join(inside),
            None => PathBuf::from(text),
        },
        (None, _) | (_, None) => PathBuf::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, String) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("people.csv");
        std::fs::write(&path, text).unwrap();
        let path = path.display().to_string();
        (directory, path)
    }

    /// As terminals and file managers drop a file.
    #[test]
    fn a_path_is_read_however_it_was_dropped() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("my people's \u{e9}.csv");
        std::fs::write(&path, "").unwrap();
        let plain = path.display().to_string();
        let escaped = plain.replace(' ', "\\ ").replace('\'', "\\'");
        let encoded = plain.replace(' ', "%20").replace('\u{e9}', "%C3%A9");
        for text in [
            plain.clone(),
            format!(" {plain} "),
            format!("\"{plain}\""),
            format!("'{}'", plain.replace('\'', "'\\''")),
            escaped.clone(),
            format!("{escaped} "),
            format!("file://{encoded}"),
            format!("file://localhost{encoded}"),
            format!("'file://{encoded}'"),
        ] {
            assert_eq!(expanded(&text), path, "{text}");
        }
        assert_eq!(expanded("'no such'"), Path::new("'no such'"));
    }

    #[tokio::test]
    async fn the_head_of_a_file_shows_where_each_column_leads() {
        let (_directory, path) = file("Full Name,Mail,Fax\nAda Lovelace,ada@acme.io,1\n");

        let look = look(&path, MappingRequest::default()).await.unwrap();

        let leads: Vec<_> = look.columns.iter().map(|column| column.target).collect();
        assert_eq!(
            leads,
            [
                Some(Target::Input(Field::Name)),
                Some(Target::Input(Field::Email)),
                None
            ]
        );
        assert_eq!(look.columns.last().unwrap().cells, ["1"]);
        assert_eq!(
            look.drafts.first().unwrap().value(Field::Email),
            "ada@acme.io"
        );
        assert_eq!(look.problem, None);
    }

    #[tokio::test]
    async fn columns_that_lead_nowhere_are_shown_all_the_same() {
        let (_directory, path) = file("Wer,Wo\nAda,London\n");

        let look = look(&path, MappingRequest::default()).await.unwrap();

        assert_eq!(look.columns.len(), 2);
        assert!(
            look.problem
                .unwrap()
                .contains("no column leads to an input")
        );
    }

    #[tokio::test]
    async fn what_a_person_mapped_is_what_is_planned_and_nothing_besides() {
        let (_directory, path) = file("First,Last,Email\nAda,Lovelace,ada@acme.io\n");
        let mut columns = look(&path, MappingRequest::default())
            .await
            .unwrap()
            .columns;
        columns[0].target = Some(Target::Input(Field::Name));
        columns[1].target = Some(Target::Input(Field::Name));
        columns[2].target = None;

        let request = request_of(MappingRequest::default(), &columns);
        let look = look(&path, request).await.unwrap();

        assert_eq!(
            look.drafts.first().unwrap().value(Field::Name),
            "Ada Lovelace"
        );
        assert_eq!(look.drafts.first().unwrap().value(Field::Email), "");
        assert_eq!(look.columns, columns);
    }

    #[tokio::test]
    async fn a_file_of_json_lines_needs_no_columns() {
        let (_directory, path) = file("{\"email\":\"ada@acme.io\"}\n");

        let look = look(&path, MappingRequest::default()).await.unwrap();

        assert_eq!(look.columns, []);
        assert_eq!(
            look.drafts.first().unwrap().value(Field::Email),
            "ada@acme.io"
        );
    }

    #[tokio::test]
    async fn names_are_completed_as_far_as_they_agree() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["people-a.csv", "people-b.csv", ".people"] {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        std::fs::create_dir(directory.path().join("leads")).unwrap();
        let at = |text: &str| format!("{}/{text}", directory.path().display());

        let people = complete(&at("pe")).await;
        let leads = complete(&at("le")).await;
        let nothing = complete(&at("x")).await;

        assert_eq!(people.text, at("people-"));
        assert_eq!(people.names, ["people-a.csv", "people-b.csv"]);
        assert_eq!(leads.text, at("leads/"));
        assert_eq!((nothing.text, nothing.names.len()), (at("x"), 0));
    }
}
