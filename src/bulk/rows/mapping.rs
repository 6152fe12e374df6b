//! Which column leads to which input.
//!
//! What the operator says (`--map name="Full Name"`, `--set company=Acme`) holds; for the rest a
//! column is taken by its name, as people and CRM exports write it. Two columns that claim one
//! input are never chosen between: the operator is asked.

mod error;
mod ids;
mod names;
mod pages;
mod punctuation;
mod unmapped;

use std::borrow::Cow;

pub use error::{HeaderLook, MappingError};
pub(super) use names::Names;
pub use unmapped::{Unmapped, Unused};

use ids::{are_rounded, own_ids};
use names::{FIRST_NAMES, LAST_NAMES};
use unmapped::on_one_line;

use super::target::{Assignment, Target};
use crate::base::{EnrichmentKind, nearest};
use crate::bulk::columns::{Added, folded};
use crate::bulk::guard::unguarded;
use crate::enrichment::identity::{cleaned, is_blank};
use crate::enrichment::record::may_be_record;
use crate::enrichment::{Draft, Field, is_placeholder};

/// A column that only LinkedIn's export of connections has.
const LINKEDINS_OWN: &str = "connectedon";

/// What the operator says about a file's columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MappingRequest {
    /// People or organisations.
    pub kind: EnrichmentKind,
    /// The module of every row that names none itself.
    pub module: String,
    /// Columns by name; several joined by ` + `, such as `First Name + Last Name`.
    pub columns: Vec<Assignment>,
    /// The same text for every row.
    pub constants: Vec<Assignment>,
    /// What becomes of the columns that are not named.
    pub others: Others,
    /// What becomes of typographic apostrophes and dashes.
    pub punctuation: Punctuation,
}

/// What becomes of typographic apostrophes and dashes in inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Punctuation {
    /// They are sent as they are written.
    #[default]
    AsWritten,
    /// They are sent as `'` and `-`.
    Ascii,
}

impl MappingRequest {
    /// How many of these cells are names of columns that lead to something.
    pub(super) fn matches(&self, cells: &[String]) -> usize {
        let plain: Vec<String> = cells.iter().map(|cell| plain(&unguarded(cell))).collect();
        let is_named = |said: &&Assignment| {
            let mut parts = said.text.split('+');
            parts.all(|part| {
                plain
                    .iter()
                    .any(|cell| !cell.is_empty() && *cell == folded(part))
            })
        };
        let named = self.columns.iter().filter(is_named).count();
        let is_known = |target: &Target| {
            let synonyms = target.synonyms(self.kind);
            plain.iter().any(|cell| synonyms.contains(&cell.as_str()))
        };
        let targets = Target::all().filter(|target| target.belongs_to(self.kind));
        let known = targets.filter(is_known).count();
        let is_part = |cell: &&String| {
            FIRST_NAMES.contains(&cell.as_str()) || LAST_NAMES.contains(&cell.as_str())
        };
        named + known + plain.iter().filter(is_part).count()
    }
}

/// What becomes of the columns that the operator does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Others {
    /// A column is taken by its name.
    #[default]
    ByName,
    /// It leads nowhere: the operator has seen all of them.
    Unused,
}

/// What happens to a named column that a row does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    /// A mistake: a table has its columns.
    IsAnError,
    /// Nothing: an object leaves out what is empty.
    IsEmpty,
}

/// What a row became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drafted {
    pub(super) draft: Draft,
    /// Cells of its sources that held nothing but a placeholder.
    pub(super) placeholders: u64,
    /// Those with a blank that is none, or a sign that cannot be seen.
    pub(super) odd_blanks: u64,
    /// Those with a typographic apostrophe or dash.
    pub(super) typographic: u64,
}

/// How rows of one header become drafts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    kind: EnrichmentKind,
    module: String,
    headers: Vec<String>,
    /// The columns that an export added.
    added: Added,
    /// Sorted by target; several columns are joined by a space.
    sources: Vec<(Target, Vec<usize>)>,
    constants: Vec<Assignment>,
    punctuation: Punctuation,
    /// Columns that lead nowhere although their names are known.
    refused: Vec<(usize, Unused)>,
    /// Whether all ids of records that were looked at are such that a program made of them.
    has_rounded_ids: bool,
}

impl Mapping {
    /// Finds the way from columns to inputs. Those that an export added are taken only where the
    /// operator names them.
    ///
    /// # Errors
    /// When the operator's words and the columns do not fit together, or nothing is mapped.
    pub(super) fn of(
        headers: &[String],
        (added, rows): (Option<Added>, &[Vec<String>]),
        request: &MappingRequest,
    ) -> Result<Self, MappingError> {
        let look = if added.is_some() {
            HeaderLook::Export
        } else if headers.iter().any(|header| header.contains('@')) {
            HeaderLook::Row
        } else {
            HeaderLook::Header
        };
        let how = (added.unwrap_or_default(), Absent::IsAnError);
        let mut mapping = Self::resolve(headers, how, request)?;
        mapping.refuse_other_ids(rows, request);
        mapping.has_rounded_ids = mapping.ids(rows).is_some_and(|ids| are_rounded(&ids));
        if mapping.has_input() {
            return Ok(mapping);
        }
        let users = mapping.users(headers);
        Err(MappingError::Nothing {
            columns: users.take(10).map(|name| on_one_line(name)).collect(),
            header: look,
        })
    }

    /// What is the user's of a list with one value for each column.
    pub(super) fn users<'a, T>(&self, all: &'a [T]) -> impl Iterator<Item = &'a T> {
        let numbered = all.iter().enumerate();
        numbered.filter_map(|(index, one)| (!self.added.has(index)).then_some(one))
    }

    pub(super) fn resolve(
        headers: &[String],
        (added, absent): (Added, Absent),
        request: &MappingRequest,
    ) -> Result<Self, MappingError> {
        let mut sources: Vec<(Target, Vec<usize>)> = Vec::new();
        check_assignments(request)?;
        for Assignment { target, text } in &request.columns {
            match find_columns(headers, &added, text) {
                Some(columns) => sources.push((*target, columns)),
                None if absent == Absent::IsEmpty => {}
                None => {
                    return Err(MappingError::NoSuchColumn {
                        target: *target,
                        column: text.clone(),
                        nearest: nearest_header(headers, text),
                    });
                }
            }
        }
        let mut plain: Vec<String> = headers.iter().map(|header| plain(header)).collect();
        if plain.iter().any(|name| name == LINKEDINS_OWN) {
            // The export of one's connections: its address is the profile.
            let url = plain.iter_mut().filter(|name| *name == "url");
            url.for_each(|name| "linkedinurl".clone_into(name));
        }
        let refused = match request.kind {
            EnrichmentKind::People => {
                let users = plain.iter().enumerate();
                let users: Vec<_> = users.filter(|(column, _)| !added.has(*column)).collect();
                pages::of_companies(&users)
            }
            EnrichmentKind::Org => Vec::new(),
        };
        let by_names = Target::all()
            .filter(|target| target.belongs_to(request.kind) && request.others == Others::ByName);
        for target in by_names {
            let is_said = |list: &[Assignment]| list.iter().any(|said| said.target == target);
            if is_said(&request.columns) || is_said(&request.constants) {
                continue;
            }
            let free = |index: usize| {
                !added.has(index)
                    && !refused.iter().any(|(column, _)| *column == index)
                    && !sources.iter().any(|(_, columns)| columns.contains(&index))
            };
            if target == Target::RecordId
                && let Some(own) = own_ids(&plain, &request.module, absent).filter(|own| free(*own))
            {
                sources.push((target, vec![own]));
                continue;
            }
            if let Some(columns) = by_name(target, request.kind, headers, &plain, &free)? {
                sources.push((target, columns));
            }
        }
        sources.sort();
        Ok(Self {
            kind: request.kind,
            module: request.module.clone(),
            headers: headers.to_vec(),
            added,
            sources,
            constants: request.constants.clone(),
            punctuation: request.punctuation,
            refused,
            has_rounded_ids: false,
        })
    }

    /// Whether the ids of records went through a program that takes them for numbers.
    pub(super) fn has_rounded_ids(&self) -> bool {
        self.has_rounded_ids
    }

    /// The ids of records in some rows, where a column leads to them.
    fn ids<'a>(&self, rows: &'a [Vec<String>]) -> Option<Vec<Cow<'a, str>>> {
        let is_ids = |(target, _): &&(Target, Vec<usize>)| *target == Target::RecordId;
        let (_, columns) = self.sources.iter().find(is_ids)?;
        let column = columns.first().copied()?;
        let cells = rows.iter().filter_map(|row| row.get(column));
        let filled = cells.filter(|cell| !is_blank(cell) && !is_placeholder(cell));
        Some(filled.map(|cell| unguarded(cell)).collect())
    }

    /// Takes no ids of other systems for those of Zoho CRM, where the operator did not name the column.
    fn refuse_other_ids(&mut self, rows: &[Vec<String>], request: &MappingRequest) {
        let is_said = request
            .columns
            .iter()
            .any(|said| said.target == Target::RecordId);
        let ids = self.ids(rows).filter(|ids| !is_said && !ids.is_empty());
        if ids.is_some_and(|ids| !ids.iter().any(|id| may_be_record(id))) {
            let is_ids = |(target, _): &(Target, Vec<usize>)| *target == Target::RecordId;
            let taken = self.sources.extract_if(.., |source| is_ids(source));
            let columns = taken.flat_map(|(_, columns)| columns);
            self.refused
                .extend(columns.map(|column| (column, Unused::OtherIds)));
        }
    }

    /// The draft of one row. A cell that holds nothing but a placeholder is an empty cell.
    pub(super) fn draft(&self, cells: &[String]) -> Drafted {
        let mut placeholders = 0;
        let (mut odd_blanks, mut typographic) = (0, 0);
        let mut draft = Draft::new(self.kind, &self.module);
        for Assignment { target, text } in &self.constants {
            put(&mut draft, *target, text);
        }
        for (target, columns) in &self.sources {
            let parts: Vec<Cow<'_, str>> = columns
                .iter()
                .filter_map(|index| cells.get(*index))
                .inspect(|cell| odd_blanks += u64::from(has_odd_blanks(cell)))
                // No input begins so: what was copied out of an export has lost its mark.
                .map(|cell| unquoted(unguarded(cell.trim())))
                .filter(|cell| {
                    let stands_for_nothing = is_placeholder(cell);
                    placeholders += u64::from(stands_for_nothing);
                    typographic += u64::from(cell.contains(punctuation::is_typographic));
                    !cell.is_empty() && !stands_for_nothing
                })
                .map(|cell| match self.punctuation {
                    Punctuation::AsWritten => cell,
                    Punctuation::Ascii => punctuation::ascii(cell),
                })
                .collect();
            put(&mut draft, *target, &parts.join(" "));
        }
        Drafted {
            draft,
            placeholders,
            odd_blanks,
            typographic,
        }
    }

    /// The name of a column.
    pub(super) fn header(&self, column: usize) -> &str {
        self.headers.get(column).map_or("", String::as_str)
    }

    /// How many columns the file has.
    pub(super) fn width(&self) -> usize {
        self.headers.len()
    }

    /// What leads where, for reading: the target and the column or constant it comes from.
    pub fn lines(&self) -> Vec<(Target, String)> {
        let columns = self.sources.iter().map(|(target, columns)| {
            let names: Vec<&str> = columns
                .iter()
                .filter_map(|index| self.headers.get(*index))
                .map(String::as_str)
                .collect();
            (*target, names.join(" + "))
        });
        let constants = self
            .constants
            .iter()
            .map(|said| (said.target, format!("always {:?}", said.text)));
        columns.chain(constants).collect()
    }

    /// The columns that lead nowhere, each with what it might have been meant for.
    pub(super) fn unmapped(&self) -> Vec<Unmapped> {
        self.headers
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.is_used(*index))
            .map(|(index, header)| {
                if self.added.has(index) {
                    return Unmapped::added(header);
                }
                let mut refused = self.refused.iter();
                let refused = refused.find(|(column, _)| *column == index);
                let near = || self.nearest_target(header).map(Unused::Near);
                let why = refused.map(|(_, why)| *why).or_else(near);
                Unmapped {
                    column: header.clone(),
                    why: why.unwrap_or(Unused::Unknown),
                }
            })
            .collect()
    }

    pub(super) fn is_used(&self, column: usize) -> bool {
        self.sources
            .iter()
            .any(|(_, columns)| columns.contains(&column))
    }

    pub(super) fn is_record_id(&self, column: usize) -> bool {
        self.sources
            .iter()
            .any(|(target, columns)| *target == Target::RecordId && columns.contains(&column))
    }

    fn has_input(&self) -> bool {
        let sources = self.sources.iter().map(|(target, _)| target);
        let constants = self.constants.iter().map(|said| &said.target);
        sources
            .chain(constants)
            .any(|target| matches!(target, Target::Input(_)))
    }

    fn nearest_target(&self, header: &str) -> Option<Target> {
        let header = folded(header);
        let names = Target::all()
            .filter(|target| target.belongs_to(self.kind))
            // What has its column already was not meant.
            .filter(|target| self.sources.iter().all(|(taken, _)| taken != target))
            .flat_map(|target| {
                let synonyms = target.synonyms(self.kind);
                synonyms.iter().map(move |synonym| (target, synonym))
            })
            .map(|(target, synonym)| (synonym, target));
        nearest(&header, 0.85, names)
    }
}

fn check_assignments(request: &MappingRequest) -> Result<(), MappingError> {
    let mut seen = Vec::new();
    for Assignment { target, .. } in request.columns.iter().chain(&request.constants) {
        if !target.belongs_to(request.kind) {
            return Err(MappingError::NotAnInput {
                target: *target,
                kind: request.kind,
            });
        }
        if seen.contains(target) {
            return Err(MappingError::Twice(*target));
        }
        seen.push(*target);
    }
    Ok(())
}

/// A name of a column as it is compared, without the table that reports put before it: `Lead: First Name`.
fn plain(header: &str) -> String {
    let (table, name) = header.split_once(": ").unwrap_or(("", header));
    let is_persons = ["lead", "contact", "person"].contains(&folded(table).as_str());
    let is_named_again = !table.is_empty() && folded(name).starts_with(&folded(table));
    folded(if is_persons || is_named_again {
        name
    } else {
        header
    })
}

/// A column of exactly this name, or of this name in any spelling, or several joined by `+`. One
/// that an export added only where the user has none of that name.
fn find_columns(headers: &[String], added: &Added, text: &str) -> Option<Vec<usize>> {
    let find = |name: &str| {
        let name = name.trim();
        if name.is_empty() {
            return None;
        }
        let among = |is_added: bool, is_it: &dyn Fn(&str) -> bool| {
            let mut named = headers.iter().enumerate();
            let found = named.find(|(at, header)| added.has(*at) == is_added && is_it(header));
            found.map(|(at, _)| at)
        };
        [false, true].into_iter().find_map(|is_added| {
            among(is_added, &|header| header.trim() == name)
                .or_else(|| among(is_added, &|header| same(header, name)))
        })
    };
    if let Some(index) = find(text) {
        return Some(vec![index]);
    }
    text.split('+').map(find).collect()
}

fn same(header: &str, name: &str) -> bool {
    let name = folded(name);
    !name.is_empty() && folded(header) == name
}

fn by_name(
    target: Target,
    kind: EnrichmentKind,
    headers: &[String],
    plain: &[String],
    is_free: &dyn Fn(usize) -> bool,
) -> Result<Option<Vec<usize>>, MappingError> {
    let synonyms = target.synonyms(kind);
    let claims: Vec<usize> = (0..plain.len())
        .filter(|index| is_free(*index))
        .filter(|index| {
            plain
                .get(*index)
                .is_some_and(|p| synonyms.contains(&p.as_str()))
        })
        .collect();
    let header = |index: usize| headers.get(index).cloned().unwrap_or_default();
    match claims.as_slice() {
        [] if target == Target::Input(Field::Name) && kind == EnrichmentKind::People => {
            let find = |names: &[&str]| {
                let mut named = plain.iter().enumerate();
                let found = named.find(|(at, name)| is_free(*at) && names.contains(&name.as_str()));
                found.map(|(at, _)| at)
            };
            let first = find(&FIRST_NAMES);
            let last = find(&LAST_NAMES);
            Ok(first.zip(last).map(|(first, last)| vec![first, last]))
        }
        [] => Ok(None),
        [one] => Ok(Some(vec![*one])),
        [first, second, ..] => {
            // The word itself is no guess; of two guesses neither is better.
            let exact = claims
                .iter()
                .find(|index| plain.get(**index).map(String::as_str) == synonyms.first().copied());
            exact
                .map(|index| Some(vec![*index]))
                .ok_or_else(|| MappingError::Ambiguous {
                    target,
                    first: header(*first),
                    second: header(*second),
                })
        }
    }
}

/// What a spreadsheet keeps as a text by `="…"`.
fn unquoted(cell: Cow<'_, str>) -> Cow<'_, str> {
    let inner = cell
        .strip_prefix("=\"")
        .and_then(|cell| cell.strip_suffix('"'));
    match inner {
        Some(inner) => Cow::Owned(inner.replace("\"\"", "\"")),
        None => cell,
    }
}

/// Whether a cell is sent with another blank than it has, or without a sign that cannot be seen.
fn has_odd_blanks(cell: &str) -> bool {
    !cell.is_ascii() && cell.trim_matches(|c: char| c.is_ascii_whitespace()) != cleaned(cell)
}

fn put(draft: &mut Draft, target: Target, value: &str) {
    match target {
        Target::Input(field) => draft.set(field, value),
        Target::Module if value.trim().is_empty() => {}
        Target::Module => value.trim().clone_into(&mut draft.module),
        Target::RecordId => value.trim().clone_into(&mut draft.record_id),
    }
}

fn nearest_header(headers: &[String], wanted: &str) -> Option<String> {
    let wanted = folded(wanted);
    let names = headers.iter().map(|header| (folded(header), header));
    nearest(&wanted, 0.7, names).cloned()
}

#[cfg(test)]
mod tests;
