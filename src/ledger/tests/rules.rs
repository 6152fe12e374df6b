//! What the schema itself refuses, whoever asks.

use rstest::rstest;

use super::fixture::{Place, attempt, scheduled, send, subject};
use crate::base::Outcome;
use crate::ledger::Settlement;

fn put(conn: &rusqlite::Connection, id: i64, outcome: Outcome) -> rusqlite::Result<usize> {
    let job = (outcome == Outcome::Scheduled).then(|| format!("{id}"));
    conn.execute(
        "UPDATE attempts SET outcome = ?2, job_id = ?3, settled_ms = iif(?2 = 'sending', NULL, 1),
             late = iif(outcome = 'absent' AND ?2 = 'scheduled', 1, late)
         WHERE id = ?1",
        (id, outcome.as_str(), job),
    )
}

#[test]
fn the_triggers_allow_exactly_the_steps_of_the_domain() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let place = Place::new();
    let ledger = place.open();
    let sql = place.sql();

    for from in Outcome::ALL {
        for to in Outcome::ALL {
            let id = runtime.block_on(send(&ledger, attempt(&ledger, "ada"))).0;
            // Every state is reached by allowed steps.
            let way: &[Outcome] = match from {
                Outcome::Sending => &[],
                Outcome::Absent => &[Outcome::Unknown, Outcome::Absent],
                _ => &[from],
            };
            for step in way {
                assert_eq!(put(&sql, id, *step), Ok(1), "{from}");
            }
            let stepped = put(&sql, id, to);
            let allowed = from.may_become(to) || from == to;
            assert_eq!(stepped.is_ok(), allowed, "{from} to {to}: {stepped:?}");
        }
    }
}

#[rstest]
#[case("DELETE FROM attempts")]
#[case("DELETE FROM bodies")]
#[case("UPDATE attempts SET started_ms = 1")]
#[case("UPDATE attempts SET operator = 'eve'")]
#[case("UPDATE attempts SET fingerprint = zeroblob(32)")]
#[case("UPDATE attempts SET inputs = '{}'")]
#[case("UPDATE attempts SET inputs = NULL, purged_ms = 1")]
#[case("UPDATE attempts SET job_id = '1'")]
#[case("UPDATE attempts SET code = 'X'")]
#[case("UPDATE attempts SET note = 'x'")]
#[case(
    "INSERT INTO scopes (key) VALUES ('x'); UPDATE attempts SET scope = (SELECT id FROM scopes WHERE key = 'x')"
)]
#[case("UPDATE bodies SET request_body = 'x'")]
#[case("UPDATE bodies SET request_body = NULL")]
#[case("UPDATE bodies SET method = 'GET'")]
#[case("UPDATE bodies SET url = NULL")]
#[case("UPDATE bodies SET request_headers = '[]'")]
#[case("UPDATE control SET allow = 'purge'; UPDATE bodies SET url = 'x'")]
#[case("UPDATE control SET allow = 'purge'; UPDATE bodies SET method = 'x'")]
#[case("UPDATE control SET allow = 'purge'; UPDATE bodies SET request_headers = 'x'")]
#[case("UPDATE bodies SET response_body = 'x'")]
#[case("UPDATE control SET allow = 'anything'")]
#[case("UPDATE control SET allow = 'purge'; UPDATE attempts SET inputs = '{}', purged_ms = 1")]
#[case("UPDATE control SET allow = 'purge'; UPDATE bodies SET response_body = 'x'")]
#[tokio::test]
async fn history_cannot_be_rewritten(#[case] attack: &str) {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    let mut answer = scheduled("7");
    answer.response_body = Some("{}".to_owned());
    ledger.settle(id, answer).await.unwrap();

    let done = place
        .sql()
        .execute_batch(&format!("BEGIN; {attack}; COMMIT"));

    assert!(done.is_err(), "{attack}");
}

#[tokio::test]
async fn an_attempt_starts_as_sending_only() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    ledger
        .settle(id, Settlement::bare(Outcome::Rejected))
        .await
        .unwrap();

    let copied = place.sql().execute_batch(
        "CREATE TEMP TABLE c AS SELECT * FROM attempts; UPDATE c SET id = 99;
         INSERT INTO attempts SELECT * FROM c",
    );

    assert!(copied.is_err());
}

#[tokio::test]
async fn the_keys_of_a_person_tell_another_ledger_nothing() {
    let (here, there) = (Place::new(), Place::new());

    let one = subject(&here.open(), "ada");
    let other = subject(&there.open(), "ada");

    assert_ne!(one.fingerprint, other.fingerprint);
    assert_ne!(one.keys, other.keys);
    assert_eq!(one, subject(&here.open(), "ada"));
}
