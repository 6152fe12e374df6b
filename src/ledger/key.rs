//! The key of the hashes: a small file beside the ledger, made with it and never again by itself.
//!
//! ```text
//!  ledger without attempts, no file ──► made
//!  a file that proves itself ─────────► used
//!  missing, or of another ledger ─────► nothing is hashed and nothing is sent, until the file is
//!                                       back or a person says that a new key is to be made
//! ```
//!
//! With another key, everybody who was paid for would look new.

use crate::base::{front, hex};
use std::io;
use std::sync::Arc;

use aws_lc_rs::hmac;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::error::{Fault, LedgerError};
use super::file::{self, Files, Modes};
use super::migrate::{KEYED, version};
use super::rekey;
use super::writer::newest;

/// The length of a key.
pub(super) const KEY_BYTES: usize = 32;

/// A key, and the proof that it is the ledger's own.
pub(super) type ProvenKey = (Arc<hmac::Key>, [u8; 16]);

/// What was found where the key should be.
#[derive(Clone)]
pub(super) enum HashKey {
    /// The key that the ledger was made with.
    Good(ProvenKey),
    /// No key that could be used, for this reason.
    Unusable(String),
}

impl HashKey {
    /// The key with its proof, or why there is none.
    pub(super) fn get(&self, files: &Files) -> Result<ProvenKey, LedgerError> {
        match self {
            Self::Good(key) => Ok(key.clone()),
            Self::Unusable(reason) => Err(LedgerError::NoKey {
                path: files.ledger.clone(),
                reason: reason.clone(),
            }),
        }
    }

    /// Why it cannot be used.
    pub(super) fn trouble(&self) -> Option<&str> {
        match self {
            Self::Good(_) => None,
            Self::Unusable(reason) => Some(reason),
        }
    }
}

/// The bytes of the key's file; `None` where there is none.
pub(super) fn read(files: &Files) -> Result<Option<[u8; KEY_BYTES]>, LedgerError> {
    let fail = |e: io::Error| LedgerError::file(&files.key, "cannot use the key", &e);
    let most = u64::try_from(KEY_BYTES).unwrap_or(0);
    let bytes = match file::read_small(&files.key, most) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(fail)?,
    };
    let length = bytes.len();
    bytes.try_into().map(Some).map_err(|_| {
        let more = if length > KEY_BYTES { "more than " } else { "" };
        let has = length.min(KEY_BYTES);
        let wrong = format!("it has {more}{has} bytes instead of {KEY_BYTES}");
        fail(io::Error::other(wrong))
    })
}

/// Makes a key where there is none. Another process may be first: its key is the key.
pub(super) fn make(files: &Files, modes: Modes) -> Result<[u8; KEY_BYTES], LedgerError> {
    let fail = |e: io::Error| LedgerError::file(&files.key, "cannot make the key", &e);
    let fresh = crate::base::random::<KEY_BYTES>().map_err(fail)?;
    file::publish(&files.key, modes, &fresh).map_err(fail)?;
    read(files)?.ok_or_else(|| fail(io::ErrorKind::NotFound.into()))
}

/// Puts a new key where an old one may be, which is kept beside it under another name.
pub(super) fn replace(files: &Files, modes: Modes) -> Result<[u8; KEY_BYTES], LedgerError> {
    let fail = |e: io::Error| LedgerError::file(&files.key, "cannot make the key", &e);
    let mut aside = files.key.file_name().unwrap_or_default().to_owned();
    let tag = crate::base::random::<4>().map_err(fail)?;
    aside.push(format!(".old-{}", hex(&tag)));
    match file::rename(&files.key, &aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fail(error)),
        Ok(()) | Err(_) => {}
    }
    make(files, modes)
}

/// The bytes as a key.
pub(super) fn of_bytes(bytes: &[u8; KEY_BYTES]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}

/// The keyed hash of some bytes.
pub(super) fn sign(key: &hmac::Key, bytes: &[u8]) -> [u8; 32] {
    front(hmac::sign(key, bytes).as_ref())
}

/// The value that only this key makes for this ledger.
pub(super) fn proof(key: &hmac::Key, uuid: &str) -> [u8; 16] {
    front(&sign(key, format!("ziadeck hash key of {uuid}").as_bytes()))
}

/// What the ledger holds to check its key by; `None` before one was ever used.
pub(super) fn kept_proof(conn: &Connection) -> Result<Option<[u8; 16]>, Fault> {
    Ok(conn
        .prepare_cached("SELECT proof FROM hash_key")?
        .query_row((), |row| row.get("proof"))
        .optional()?
        .flatten())
}

/// Finds the key of a ledger that can be written. One that was never used is made where there is
/// no attempt yet, and checked by what it has hashed where there are some.
pub(super) fn settle(
    conn: &mut Connection,
    files: &Files,
    (uuid, modes): (&str, Modes),
) -> Result<HashKey, LedgerError> {
    let fail = |fault: Fault| fault.at(&files.ledger, "check the key");
    if let Some(kept) = kept_proof(conn).map_err(fail)? {
        return Ok(compared(read(files), files, (kept, uuid)));
    }
    let begin = conn.transaction_with_behavior(TransactionBehavior::Immediate);
    let tx = begin.map_err(|e| fail(e.into()))?;
    // Another process may have done it while this one waited.
    if let Some(kept) = kept_proof(&tx).map_err(fail)? {
        return Ok(compared(read(files), files, (kept, uuid)));
    }
    let bytes = match read(files) {
        Ok(Some(bytes)) => bytes,
        Ok(None) if newest(&tx).map_err(fail)?.id == 0 => make(files, modes)?,
        Ok(None) => return Ok(missing(files)),
        Err(error) => return Ok(HashKey::Unusable(error.to_string())),
    };
    let key = of_bytes(&bytes);
    if !rekey::made_by(&tx, &key).map_err(fail)? {
        return Ok(foreign(files));
    }
    rekey::rekey(&tx, &key, uuid).map_err(fail)?;
    tx.commit().map_err(|e| fail(e.into()))?;
    let proof = proof(&key, uuid);
    Ok(HashKey::Good((Arc::new(key), proof)))
}

/// Finds the key of a ledger that is only read. Nothing is made.
pub(super) fn look(conn: &Connection, files: &Files, uuid: &str) -> Result<HashKey, LedgerError> {
    let fail = |fault: Fault| fault.at(&files.ledger, "check the key");
    if version(conn).map_err(fail)? < KEYED {
        let why = "it has an older format, which knows nobody by such keys";
        return Ok(HashKey::Unusable(why.to_owned()));
    }
    let kept = kept_proof(conn).map_err(fail)?.unwrap_or_default();
    Ok(compared(read(files), files, (kept, uuid)))
}

fn compared(
    found: Result<Option<[u8; KEY_BYTES]>, LedgerError>,
    files: &Files,
    (kept, uuid): ([u8; 16], &str),
) -> HashKey {
    match found {
        Ok(Some(bytes)) => {
            let key = of_bytes(&bytes);
            if proof(&key, uuid) == kept {
                HashKey::Good((Arc::new(key), kept))
            } else {
                foreign(files)
            }
        }
        Ok(None) => missing(files),
        Err(error) => HashKey::Unusable(error.to_string()),
    }
}

fn missing(files: &Files) -> HashKey {
    HashKey::Unusable(format!(
        "its key file {} is missing, so nobody can tell whom it has paid for; {MEND}",
        files.key.display()
    ))
}

fn foreign(files: &Files) -> HashKey {
    HashKey::Unusable(format!(
        "{} is not the key of this ledger, so nobody can tell whom it has paid for; {MEND}",
        files.key.display()
    ))
}

const MEND: &str = "put the right file back (`ledger backup` keeps it beside the copy), or have a new key made with `ziadeck ledger check --trust --new-key`";
