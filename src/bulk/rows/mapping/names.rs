//! The names that columns have.

use super::MappingRequest;
use crate::bulk::columns::folded;
use crate::bulk::rows::Target;
use crate::enrichment::identity::is_blank;

pub(super) const FIRST_NAMES: [&str; 7] = [
    "firstname",
    "givenname",
    "forename",
    "vorname",
    "prénom",
    "prenom",
    "nombre",
];
pub(super) const LAST_NAMES: [&str; 6] = [
    "lastname",
    "surname",
    "familyname",
    "nachname",
    "nomdefamille",
    "apellidos",
];

/// The names of columns, as a row may repeat them.
#[derive(Debug, Clone)]
pub(in crate::bulk::rows) struct Names(Vec<String>);

impl Names {
    /// Those of the header, and those that every table may have.
    pub(in crate::bulk::rows) fn of(header: &[String], request: &MappingRequest) -> Self {
        let targets = Target::all().filter(|target| target.belongs_to(request.kind));
        let known = targets.flat_map(|target| target.synonyms(request.kind));
        let parts = FIRST_NAMES.iter().chain(&LAST_NAMES);
        let mut names: Vec<String> = known.chain(parts).map(|name| (*name).to_owned()).collect();
        names.extend(header.iter().map(|name| folded(name)));
        names.retain(|name| !name.is_empty());
        Self(names)
    }

    /// Whether a row is nothing but names of columns, two of them at least and each once.
    pub(in crate::bulk::rows) fn are_all_of(&self, cells: &[String]) -> bool {
        let filled = cells.iter().filter(|cell| !is_blank(cell));
        let mut seen: Vec<String> = Vec::new();
        for name in filled.map(|cell| folded(cell)) {
            if seen.contains(&name) || !self.0.contains(&name) {
                return false;
            }
            seen.push(name);
        }
        seen.len() > 1
    }
}
