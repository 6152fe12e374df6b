//! Jobs for looking at: the list from the ledger at once, one page of the server's list on request,
//! and a job's data as a file.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::OpsError;
use super::job_list::{ListDepth, list, newest};
use super::jobs::read_beside_unknowns;
use super::session::ProfileSession;
use crate::base::{EnrichmentKind, JobId, Timestamp};
use crate::ledger::{JobEntry, JobListQuery, JobsOf, StoredJob};

/// What narrows the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobsFilter {
    /// Only this status.
    pub status: Option<String>,
    /// Whose.
    pub whose: JobsOf,
    /// Only jobs whose id holds this text.
    pub id_part: Option<String>,
}

/// Which jobs are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardQuery {
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// What narrows them.
    pub filter: JobsFilter,
    /// Only jobs older than this one.
    pub before: Option<(Timestamp, JobId)>,
    /// Most rows.
    pub limit: usize,
}

/// A page of the list, and what is known of all jobs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Board {
    /// Newest first.
    pub rows: Vec<JobEntry>,
    /// Whether older ones may follow: a page that is full may have a next one.
    pub has_more: bool,
    /// How many jobs have each status.
    pub statuses: Vec<(String, u64)>,
    /// When the server's list was last read to its end.
    pub listed_at: Option<Timestamp>,
}

/// How much of the server's list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The newest page: one call.
    Newest,
    /// All of it, so that an old job's status is fresh too.
    All,
}

/// A page of the list from the ledger.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn board(session: &ProfileSession, query: BoardQuery) -> Result<Board, OpsError> {
    let scope = session.scope().await?;
    let kind = query.kind;
    let rows = session
        .ledger()
        .job_list(JobListQuery {
            scope: scope.clone(),
            kind,
            status: query.filter.status,
            whose: query.filter.whose,
            id_part: query.filter.id_part,
            before: query.before,
            limit: query.limit,
        })
        .await?;
    Ok(Board {
        has_more: rows.len() >= query.limit,
        rows,
        statuses: session.ledger().job_statuses(scope.clone(), kind).await?,
        listed_at: session.ledger().counts(scope, kind).await?.listed_at,
    })
}

/// Reads the server's list into the ledger; answers how many jobs have each status then.
///
/// # Errors
/// When there is no token, or the list cannot be read.
pub async fn look(
    session: &Arc<ProfileSession>,
    kind: EnrichmentKind,
    look: Look,
) -> Result<Vec<(String, u64)>, OpsError> {
    match look {
        Look::Newest => newest(session, kind).await?,
        Look::All => {
            list(session, kind, ListDepth::All).await?;
            read_beside_unknowns(session, kind).await?;
        }
    }
    Ok(session
        .ledger()
        .job_statuses(session.scope().await?, kind)
        .await?)
}

/// A job as it was last read, without asking the server.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn stored(
    session: &ProfileSession,
    kind: EnrichmentKind,
    job: &JobId,
) -> Result<Option<StoredJob>, OpsError> {
    let scope = session.scope().await?;
    Ok(session.ledger().job(scope, kind, job.clone()).await?)
}

/// Writes a job's data to a new file in a directory. It holds personal data, so that its owner
/// alone may read it; a file that is there already is never touched.
///
/// # Errors
/// When no such file can be written.
pub fn write_file(dir: &Path, job: &JobId, text: &str) -> Result<PathBuf, OpsError> {
    for number in 0..FILES_MAX {
        let name = match number {
            0 => format!("ziadeck-job-{job}.json"),
            n => format!("ziadeck-job-{job}-{n}.json"),
        };
        let path = dir.join(name);
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()
            });
        match written {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => {
                let path = path.display();
                return Err(OpsError::Refused(format!("cannot write {path}: {error}")));
            }
        }
    }
    let dir = dir.display();
    Err(OpsError::Refused(format!(
        "{dir} holds {FILES_MAX} files of job {job} already; remove some"
    )))
}

/// Most files of one job in one directory.
const FILES_MAX: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_is_private_and_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let job: JobId = "77".parse().unwrap();

        let first = write_file(dir.path(), &job, "one").unwrap();
        let second = write_file(dir.path(), &job, "two").unwrap();

        assert_eq!(std::fs::read_to_string(&first).unwrap(), "one");
        assert_eq!(std::fs::read_to_string(&second).unwrap(), "two");
        assert!(second.ends_with("ziadeck-job-77-1.json"));
        let mode = std::fs::metadata(&first).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let error = write_file(Path::new("/nowhere/at/all"), &"77".parse().unwrap(), "");

        assert!(error.unwrap_err().to_string().contains("/nowhere/at/all"));
    }
}
