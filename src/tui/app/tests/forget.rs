//! Forgetting the person of an attempt.

use super::*;
use crate::base::EnrichmentKind;
use crate::enrichment::Draft;
use crate::ledger::Traces;
use crate::ops::forget::Person;
use crate::tui::app::op::Whom;
use crate::tui::testing::{jobs, name_of, runs};

fn person(people: u64) -> Person {
    let mut by = Draft::new(EnrichmentKind::People, "");
    by.set(Field::Email, "ada@acme.io");
    let named = ["Ada Lovelace · Acme", "Bob Ross · Acme"];
    let named = named.iter().take(usize::try_from(people).unwrap());
    Person {
        by,
        traces: Traces {
            people,
            named: named.map(|name| (*name).to_owned()).collect(),
            attempts: vec![AttemptId(3), AttemptId(5)],
            open: vec![AttemptId(9)],
            jobs: 1,
            rows: 4,
            waiting: 2,
            cells: 0,
            elsewhere: 0,
            drafts: 0,
            shared: Vec::new(),
        },
        has_draft: true,
    }
}

fn forgets(harness: &mut Harness) -> bool {
    let ops = harness.ops();
    ops.iter().any(|op| matches!(op, Op::Forget(_)))
}

/// The person of the selected attempt is looked for.
fn looking() -> Harness {
    let mut harness = at_work();
    harness
        .press("Esc :")
        .type_text("forget the person")
        .press("Enter");
    harness
}

/// So many people were found, and the question is out.
fn asked(people: u64) -> Harness {
    let mut harness = looking();
    harness.reply(Payload::FindPerson(person(people)));
    harness.ops();
    harness
}

#[test]
fn the_person_of_the_selected_attempt_is_looked_for() {
    let mut harness = looking();

    let selected = harness.app.screens.console.log.list.selected().unwrap().id;
    assert_eq!(harness.ops(), [Op::FindPerson(Whom::Attempt(selected))]);
}

#[test]
fn a_question_says_what_goes_and_what_stays_before_anything_is_removed() {
    let mut harness = asked(1);

    let text = harness.text();

    for part in [
        "Forget ada@acme.io?",
        "Removes 2 attempts, 1 job, 4 rows, 1 draft.",
        "Rows that wait and will not be sent: 2.",
        "attempt 9",
        "Counts and keyed hashes stay",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    harness.press("Enter");
    assert!(!forgets(&mut harness), "Enter is a habit");
    harness.press("y");
    assert!(forgets(&mut harness));
}

#[test]
fn several_people_take_their_number() {
    let mut harness = asked(2);
    assert!(
        harness.text().contains("Bob Ross · Acme"),
        "{}",
        harness.text()
    );

    harness.press("y Enter");
    assert!(!forgets(&mut harness));
    harness.press("Ctrl+U 2 Enter");

    assert!(forgets(&mut harness));
}

#[test]
fn a_form_that_is_about_them_is_emptied_and_does_not_come_back() {
    let mut harness = asked(1);
    assert!(!harness.draft().is_empty());

    harness.press("y");
    let text = "forgotten: 2 attempts".to_owned();
    harness.reply(Payload::Forget((text, [true, false])));

    assert!(harness.draft().is_empty());
    harness.press("Alt+r");
    assert!(harness.draft().is_empty());
    assert!(
        harness.toast().contains("nothing to restore"),
        "{}",
        harness.toast()
    );
}

#[test]
fn whoever_was_forgotten_is_not_asked_about_and_there_is_no_question() {
    let mut harness = at_work();
    let at = "2026-11-24T11:02:11Z".parse().unwrap();
    let seen = Seen {
        matches: vec![Match::forgotten(at, By::Record)],
        shared: Vec::new(),
        position: Position(9),
    };
    pauses(&mut harness, LOOKED);
    harness.reply(Payload::LookAtDraft(seen));
    let text = harness.text();
    assert!(text.contains("forgotten: nothing is sent"), "{text}");
    assert!(!text.contains("spends 1"), "{text}");

    harness.press("F5");

    assert_eq!(harness.submits(), 0);
    assert!(harness.app.popups.is_empty());
    assert!(
        harness.toast().contains("forget --undo"),
        "{}",
        harness.toast()
    );
}

#[test]
fn leaving_is_asked_about_once_whatever_came_over_the_question() {
    let mut harness = looking();
    harness.press("F5 Ctrl+Q");
    harness.reply(Payload::FindPerson(person(1)));

    harness.press("Ctrl+Q");

    assert_eq!(harness.app.popups.len(), 2);
    harness.press("Esc");
    assert!(harness.text().contains("Leave ziadeck now?"));
}

#[test]
fn what_was_read_of_anybody_is_read_again_on_every_screen() {
    let rows = jobs::rows();
    let (mut harness, mut asked) = Harness::at_jobs(120, 40, rows.clone());
    harness.press("3");
    runs::answer(&mut harness, &runs::runs());
    harness
        .press("1 Esc :")
        .type_text("forget the person")
        .press("Enter");
    harness.reply(Payload::FindPerson(person(1)));
    harness.press("y 2");
    harness.answer_jobs(&rows, &mut asked);

    // The ledger says that it changed before the worker says what it did.
    harness.tell(Msg::LedgerChanged);
    harness.answer_jobs(&rows, &mut asked);
    harness.reply(Payload::Forget(("forgotten".to_owned(), [false; 2])));

    assert!(harness.app.screens.console.log.list.is_empty());
    let names: Vec<String> = harness.open.iter().map(|(_, op)| name_of(op)).collect();
    for name in ["LoadLog", "LoadJobs"] {
        assert!(names.iter().any(|asked| asked == name), "{name}: {names:?}");
    }
    harness.reply(Payload::LoadJobs(jobs::page(rows)));
    let asked = harness.open.iter().map(|(_, op)| name_of(op));
    assert!(asked.into_iter().any(|name| name == "LoadJob"));
    harness.press("3");
    assert!(!harness.text().contains("p3@acme.io"), "{}", harness.text());
}
