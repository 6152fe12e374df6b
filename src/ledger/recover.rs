//! After a crash: what a dead process was sending is unknown, what it was importing is removed.
//!
//! Only the kernel says who is dead (see [`super::lock`]): a process that is slow, stopped or on
//! another terminal keeps its attempts.

use crate::base::{AttemptId, Outcome};

use super::error::Fault;
use super::import;
use super::lock::{Dead, sweep};
use super::settle::{Step, current, take_step};
use super::writer::Tx;

/// Calls unknown what dead processes left as sending; returns how many attempts that were.
pub(super) fn recover(tx: &Tx<'_>) -> Result<u64, Fault> {
    const NOTE: &str = "the program ended before the answer came";
    let mut recovered = 0;
    let processes: Vec<String> = tx
        .conn
        .prepare_cached(
            "SELECT DISTINCT process FROM attempts
             WHERE outcome = 'sending' AND process IS NOT ?1",
        )?
        .query_map([&tx.env.process], |row| row.get("process"))?
        .collect::<Result<_, _>>()?;
    for process in processes {
        // The lock is held until its attempts are marked, so that nobody else takes the process
        // for a living one meanwhile.
        let Some(dead) = Dead::process(&tx.env.locks, &process) else {
            continue;
        };
        let left: Vec<i64> = tx
            .conn
            .prepare_cached("SELECT id FROM attempts WHERE outcome = 'sending' AND process = ?1")?
            .query_map([&process], |row| row.get("id"))?
            .collect::<Result<_, _>>()?;
        for id in left {
            let current = current(tx, AttemptId(id))?;
            let step = Step::because(NOTE);
            take_step(tx, &current, Outcome::Unknown, step)?;
            recovered += 1;
        }
        dead.bury();
    }
    import::remove_abandoned(tx)?;
    sweep(&tx.env.locks, &tx.env.process);
    Ok(recovered)
}
