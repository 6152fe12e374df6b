//! The whole ledger as JSON lines, and as a copy.

use crate::base::hex;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value};

use super::error::{Fault, LedgerError};
use super::handle::Ledger;
use super::reader::in_transaction;
use super::{connect, copy};

/// The tables, in the order in which they refer to each other. Counters can be counted again, and
/// the search index made again, from these.
const TABLES: [(&str, &str); 19] = [
    ("ledger", "one"),
    ("scopes", "id"),
    ("runs", "id"),
    ("attempts", "id"),
    ("bodies", "attempt"),
    ("run_rows", "run, row"),
    ("run_commands", "id"),
    ("decisions", "id"),
    ("jobs", "scope, kind, id"),
    ("limits", "scope, kind"),
    ("configured_limits", "scope, profile, operator"),
    ("echoes", "scope, kind, api_version"),
    ("pins", "profile"),
    ("drafts", "profile, kind"),
    ("subjects", "id"),
    ("forgotten", "id"),
    ("hash_key", "one"),
    ("times", "attempt"),
    ("server_times", "scope"),
];

impl Ledger {
    /// Gives every row of every table as one line of JSON, all of one instant, in a fixed order.
    ///
    /// # Errors
    /// When the ledger cannot be read, or `line` fails; its error is in the text.
    pub async fn dump(
        &self,
        mut line: impl FnMut(&str) -> io::Result<()> + Send + 'static,
    ) -> Result<u64, LedgerError> {
        let reads = self.inner.reads.clone();
        let path = self.inner.files.ledger.clone();
        let dumped = tokio::task::spawn_blocking(move || {
            let conn = connect::reader(&reads)?;
            in_transaction(&conn, |conn| {
                let mut lines = 0;
                for (table, order) in TABLES {
                    // A ledger of an older format, which can only be read, does not have all.
                    if !conn.table_exists(None, table)? {
                        continue;
                    }
                    lines += dump_table(conn, (table, order), &mut line, &path)?;
                }
                Ok(lines)
            })
            .map_err(|fault| fault.at(&path, "dump"))
        });
        dumped.await.unwrap_or(Err(LedgerError::Closed))
    }

    /// Copies the ledger, as of one instant, to a file that must not exist, and its key beside it:
    /// without the key, a restored ledger would know nobody that it has paid for. Other processes
    /// may go on writing meanwhile. Answers where the key is.
    ///
    /// # Errors
    /// When the copy cannot be made; then what there is of it is removed.
    pub async fn backup(&self, to: PathBuf) -> Result<PathBuf, LedgerError> {
        if let Some(reason) = self.key_trouble() {
            return Err(LedgerError::Refused(format!(
                "nothing was copied: {reason}"
            )));
        }
        let reads = self.inner.reads.clone();
        let key = self.inner.files.key.clone();
        let copied = tokio::task::spawn_blocking(move || {
            let conn = connect::reader(&reads)?;
            copy::copy(&conn, &key, &to)
        });
        copied.await.unwrap_or(Err(LedgerError::Closed))
    }
}

fn dump_table(
    conn: &Connection,
    (table, order): (&str, &str),
    line: &mut impl FnMut(&str) -> io::Result<()>,
    path: &Path,
) -> Result<u64, Fault> {
    let mut statement = conn.prepare(&format!("SELECT * FROM {table} ORDER BY {order}"))?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query(())?;
    let mut lines = 0;
    while let Some(row) = rows.next()? {
        let mut object = Map::new();
        object.insert("table".to_owned(), Value::from(table));
        for name in &names {
            let value = match row.get_ref(name.as_str())? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::from(number),
                ValueRef::Real(number) => Value::from(number),
                ValueRef::Text(text) => Value::from(String::from_utf8_lossy(text)),
                ValueRef::Blob(bytes) => Value::from(hex(bytes)),
            };
            object.insert(name.clone(), value);
        }
        line(&Value::Object(object).to_string())
            .map_err(|e| Fault::Ours(LedgerError::file(path, "cannot write the dump of", &e)))?;
        lines += 1;
    }
    Ok(lines)
}
