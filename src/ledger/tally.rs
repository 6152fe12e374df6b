//! The counters counted again from what they count: to prove them, and to make them anew when
//! attempts change their scope.

use rusqlite::{Connection, params};

use super::error::Fault;

/// A counter table, and the query that must give the same rows. `?1` narrows it to one scope or
/// run; NULL means all. Rows that count nothing do not matter.
struct Tally {
    table: &'static str,
    key: &'static str,
    columns: &'static str,
    counts: &'static str,
    query: &'static str,
}

const USAGE: Tally = Tally {
    table: "usage",
    key: "scope",
    columns: "scope, kind, sending, unknown, scheduled, jobs_foreign",
    counts: "sending + unknown + scheduled + jobs_foreign",
    query:
        "SELECT scope, kind, sum(sending), sum(unknown), sum(scheduled), sum(jobs_foreign) FROM (
            SELECT scope, kind, outcome = 'sending' AS sending,
                   outcome IN ('unknown', 'unknown (accepted)') AS unknown,
                   outcome = 'scheduled' AS scheduled, 0 AS jobs_foreign
            FROM attempts WHERE ?1 IS NULL OR scope = ?1
            UNION ALL
            SELECT scope, kind, 0, 0, 0, 1 FROM jobs
            WHERE attempt IS NULL AND (?1 IS NULL OR scope = ?1))
        GROUP BY scope, kind HAVING sum(sending + unknown + scheduled + jobs_foreign) > 0",
};

const DAYS: Tally = Tally {
    table: "days",
    key: "scope",
    columns: "scope, kind, day, operator, outcome, count",
    counts: "count",
    query: "SELECT scope, kind, started_ms / 86400000, operator, outcome, count(*)
        FROM attempts WHERE ?1 IS NULL OR scope = ?1 GROUP BY 1, 2, 3, 4, 5",
};

const FOREIGN: Tally = Tally {
    table: "foreign_days",
    key: "scope",
    columns: "scope, kind, day, name, count",
    counts: "count",
    query: "SELECT scope, kind, at_ms / 86400000, coalesce(created_by_name, created_by_id, ''),
               count(*)
        FROM jobs WHERE attempt IS NULL AND (?1 IS NULL OR scope = ?1) GROUP BY 1, 2, 3, 4",
};

const ROWS: Tally = Tally {
    table: "row_counts",
    key: "run",
    columns: "run, state, count",
    counts: "count",
    query: "SELECT run, state, count(*) FROM run_rows WHERE ?1 IS NULL OR run = ?1 GROUP BY 1, 2",
};

/// Counts a scope's usage anew.
pub(super) fn recount_scope(conn: &Connection, scope: i64) -> Result<(), Fault> {
    for tally in [USAGE, DAYS, FOREIGN] {
        let Tally {
            table,
            key,
            columns,
            query,
            ..
        } = tally;
        conn.execute(&format!("DELETE FROM {table} WHERE {key} = ?1"), [scope])?;
        conn.execute(
            &format!("INSERT INTO {table} ({columns}) {query}"),
            params![scope],
        )?;
    }
    Ok(())
}

/// The counter tables that do not agree with what they count.
pub(super) fn disagreements(conn: &Connection) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    for tally in [USAGE, DAYS, FOREIGN, ROWS] {
        let Tally {
            table,
            columns,
            counts,
            query,
            ..
        } = tally;
        let kept = format!("SELECT {columns} FROM {table} WHERE {counts} > 0");
        let sql = format!(
            "SELECT count(*) AS n FROM (
                SELECT * FROM (SELECT * FROM ({query}) EXCEPT {kept})
                UNION ALL SELECT * FROM ({kept} EXCEPT SELECT * FROM ({query})))"
        );
        let wrong: i64 = conn.query_row(&sql, [None::<i64>], |row| row.get("n"))?;
        if wrong > 0 {
            found.push(format!("{wrong} counters of {table} are wrong"));
        }
    }
    Ok(found)
}
