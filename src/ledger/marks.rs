//! Both high-water marks of a ledger: the machine's beside it, and the user's elsewhere.
//!
//! A data directory that is restored whole brings its own mark along, which agrees with it. What the
//! user keeps in a directory of theirs does not. Another user's is not touched: whoever has seen more
//! than a restored ledger knows is told so, one after the other.

use std::path::Path;

use rusqlite::Connection;

use super::error::{Fault, LedgerError};
use super::file::{Files, Modes, PRIVATE, make_directories};
use super::mark::{Comparison, Known, Mark, Whose};
use super::whole;

/// The open marks.
#[derive(Debug)]
pub(super) struct Marks {
    beside: Mark,
    /// By the ledger's own path, and by a link that leads to it.
    own: Vec<Mark>,
}

impl Marks {
    /// Opens both, making what is missing.
    pub(super) fn open(files: &Files, modes: Modes) -> Result<Self, LedgerError> {
        let own = |path: &Path| {
            if let Some(directory) = path.parent() {
                make_directories(directory)?;
            }
            Mark::open(path, PRIVATE, Whose::User)
        };
        Ok(Self {
            beside: Mark::open(&files.mark, modes, Whose::Machine)?,
            own: files.own_marks().map(own).collect::<Result<_, _>>()?,
        })
    }

    /// Compares with both. What a person has to decide about first is not noted as seen.
    pub(super) fn compare(&mut self, known: &Known) -> Result<Comparison, LedgerError> {
        let mut found = self.beside.compare(known)?;
        for own in &mut self.own {
            if let Comparison::Doubtful(_) = found {
                break;
            }
            found = own.compare(known)?;
        }
        Ok(found)
    }

    /// Moves all on; whether all are there now.
    pub(super) fn advance(&mut self, known: &Known) -> Result<bool, LedgerError> {
        let mut are_there = self.beside.advance(known)?;
        for own in &mut self.own {
            are_there &= own.advance(known)?;
        }
        Ok(are_there)
    }

    /// Takes what the ledger knows as the truth.
    pub(super) fn accept(&mut self, known: &Known) -> Result<(), LedgerError> {
        // The other processes look at this one, so it comes last.
        for own in &mut self.own {
            own.accept(known)?;
        }
        self.beside.accept(known)
    }

    /// Up to which attempt the ledger was accepted as it is.
    pub(super) fn accepted(&self, files: &Files, uuid: &str) -> Result<i64, LedgerError> {
        Mark::accepted(&files.mark, uuid)
    }

    /// How many attempts were seen that the ledger does not have, as far as the marks tell.
    pub(super) fn beyond(files: &Files, known: &Known) -> Result<u64, LedgerError> {
        let mut all = std::iter::once(files.mark.as_path())
            .chain(files.own_marks())
            .map(|path| Mark::beyond(path, known));
        all.try_fold(0, |most: u64, beyond| Ok(most.max(beyond?)))
    }

    /// Compares, and looks whether the newest attempts are whole; nothing is changed but a mark made.
    pub(super) fn judge(
        &mut self,
        (conn, files): (&Connection, &Files),
        known: &Known,
    ) -> Result<Comparison, LedgerError> {
        let compared = self.compare(known)?;
        and_whole(compared, (conn, files), known)
    }

    /// The same without making anything.
    pub(super) fn peek(
        (conn, files): (&Connection, &Files),
        known: &Known,
    ) -> Result<Comparison, LedgerError> {
        let mut compared = Mark::peek(&files.mark, known, Whose::Machine)?;
        for own in files.own_marks() {
            if let Comparison::Doubtful(_) = compared {
                break;
            }
            compared = Mark::peek(own, known, Whose::User)?;
        }
        and_whole(compared, (conn, files), known)
    }
}

fn and_whole(
    compared: Comparison,
    (conn, files): (&Connection, &Files),
    known: &Known,
) -> Result<Comparison, LedgerError> {
    if let Comparison::Doubtful(_) = compared {
        return Ok(compared);
    }
    let accepted = Mark::accepted(&files.mark, &known.uuid)?;
    let fail = |fault: Fault| fault.at(&files.ledger, "check the newest attempts");
    Ok(
        match whole::flaw(conn, known.last, accepted).map_err(fail)? {
            Some(flaw) => Comparison::Doubtful(format!(
                "{flaw}, as in a file that was overwritten by an older copy"
            )),
            None => compared,
        },
    )
}
