//! Whose database lies there, before anything of it is touched.
//!
//! Opening one for writing already changes it: SQLite puts a log into its database, undoes what a
//! journal says was not finished, and makes an index beside it; and this program makes directories and
//! mends modes. A ledger that was killed while it was made has its mark in the log only.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt as _;

use rusqlite::{Connection, ErrorCode};

use super::connect;
use super::error::{Fault, LedgerError};
use super::file::{Files, Identity, open_existing};
use super::migrate::APPLICATION_ID;
use super::proven::Seen;

/// Refuses the database of another program; answers what was looked at. What cannot be told here is told
/// by whoever opens it.
pub(super) fn refuse(files: &Files) -> Result<Option<Identity>, LedgerError> {
    let Ok(Some(seen)) = Seen::at(&files.ledger) else {
        return Ok(None);
    };
    if seen.length() > 0 {
        look(files, &seen)?;
    }
    Ok(Some(seen.identity()))
}

fn look(files: &Files, seen: &Seen) -> Result<(), LedgerError> {
    let conn = match connect::still(seen) {
        Err(error) if error.only_writing_failed().is_some() => return Ok(()),
        opened => opened?,
    };
    let whose = match read(&conn) {
        Ok(Whose::Unmarked) => in_log(files),
        Ok(whose) => whose,
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            // A page that was being written when the power went is whole in the log or the journal.
            if files.has_unfinished() {
                return Ok(());
            }
            return Err(Fault::from(error).at(&files.ledger, "read"));
        }
        Err(_) => return Ok(()),
    };
    match whose {
        Whose::Ours | Whose::Unmarked => Ok(()),
        Whose::Foreign => Err(LedgerError::NotALedger {
            path: files.ledger.clone(),
            reason: "it is a database of another program".to_owned(),
        }),
    }
}

/// Whose a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Ours,
    Foreign,
    /// It holds nothing yet.
    Unmarked,
}

impl Whose {
    fn of(id: i64, is_empty: bool) -> Self {
        match id {
            APPLICATION_ID => Self::Ours,
            0 if is_empty => Self::Unmarked,
            _ => Self::Foreign,
        }
    }
}

fn read(conn: &Connection) -> rusqlite::Result<Whose> {
    let number = |sql: &str| conn.query_row(sql, (), |row| row.get::<_, i64>(0));
    let id = number("PRAGMA application_id")?;
    if id != 0 {
        return Ok(Whose::of(id, false));
    }
    let is_empty =
        number("PRAGMA user_version")? == 0 && number("SELECT count(*) FROM sqlite_schema")? == 0;
    Ok(Whose::of(id, is_empty))
}

/// What the log of a database says that holds nothing itself.
fn in_log(files: &Files) -> Whose {
    let read = || -> io::Result<Whose> { newest_first_page(&open_existing(&files.log())?) };
    // Without a log there is nothing at all.
    read().unwrap_or(Whose::Unmarked)
}

/// The header of a log, and the one of each page in it (sqlite.org/fileformat2.html, section 4).
const LOG_HEADER: u64 = 32;
const PAGE_HEADER: u64 = 24;

/// Goes through the first pages of the database in its log; one that is ours decides.
fn newest_first_page(log: &File) -> io::Result<Whose> {
    let page_size = u64::from(number(log, 8)?);
    let salt = [number(log, 16)?, number(log, 20)?];
    let mut whose = Whose::Unmarked;
    let mut at = LOG_HEADER;
    loop {
        let header = || -> io::Result<(u32, [u32; 2])> {
            let salt = [number(log, at + 8)?, number(log, at + 12)?];
            Ok((number(log, at)?, salt))
        };
        let page = at + PAGE_HEADER;
        match header() {
            Ok((1, of)) if of == salt => match first_page(log, page) {
                Ok(Whose::Ours) => return Ok(Whose::Ours),
                Ok(found) => whose = found,
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(whose),
                Err(error) => return Err(error),
            },
            Ok((_, of)) if of == salt => {}
            // What is left of an earlier log, or its end.
            Ok(_) => return Ok(whose),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(whose),
            Err(error) => return Err(error),
        }
        at = page + page_size;
    }
}

/// The marks of a database at the start of its first page, and whether its schema is one page without
/// an entry: that page has a header of its own, with its kind and, from the fourth byte on, a count.
fn first_page(log: &File, page: u64) -> io::Result<Whose> {
    const LEAF: u8 = 0x0d;
    let (version, id) = (number(log, page + 60)?, number(log, page + 68)?);
    let mut header = [0; 5];
    log.read_exact_at(&mut header, page + 100)?;
    let is_empty = version == 0 && matches!(header, [LEAF, _, _, 0, 0]);
    Ok(Whose::of(i64::from(id), is_empty))
}

/// A number of four bytes, the most significant first.
fn number(file: &File, at: u64) -> io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact_at(&mut bytes, at)?;
    Ok(u32::from_be_bytes(bytes))
}
