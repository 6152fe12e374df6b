use super::*;
use crate::base::AttemptId;
use crate::enrichment::Field;
use crate::enrichment::verdict::{By, Match, Position, Seen};
use crate::ledger::Traces;
use crate::tui::msg::Msg;
use crate::tui::testing::Bench;

fn person(people: u64) -> Box<Person> {
    let mut by = Draft::new(crate::base::EnrichmentKind::People, "");
    by.set(Field::Email, "ada@acme.io");
    let named = ["Ada Lovelace · Acme", "Bob Ross · Acme"];
    let named = named.iter().take(usize::try_from(people).unwrap());
    Box::new(Person {
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
    })
}

fn forgets(bench: &mut Bench) -> bool {
    let asks = bench.asks();
    asks.iter().any(|ask| matches!(ask, Ask::Forget { .. }))
}

/// A question that is out long enough to be answered.
fn asked(bench: &mut Bench, people: u64) {
    bench.tell(Msg::Person(Ok(person(people))));
    bench.asks();
}

#[test]
fn the_person_of_the_selected_attempt_is_looked_for() {
    let mut bench = Bench::at_work(120, 40);
    bench.press("Esc");
    let selected = bench.model.log.selected().unwrap().row.id;

    bench
        .press(":")
        .type_text("forget the person")
        .press("Enter");

    assert_eq!(bench.asks(), [Ask::FindPerson(Whom::Attempt(selected))]);
}

#[test]
fn a_question_says_what_goes_and_what_stays_before_anything_is_removed() {
    let mut bench = Bench::at_work(120, 40);
    asked(&mut bench, 1);

    let text = bench.text();

    for part in [
        "Forget ada@acme.io?",
        "Removes 2 attempts, 1 job, 4 rows, 1 draft.",
        "Rows that wait and will not be sent: 2.",
        "attempt 9",
        "Counts and keyed hashes stay",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    bench.press("Enter");
    assert!(!forgets(&mut bench), "Enter is a habit");
    bench.press("y");
    assert!(forgets(&mut bench));
}

#[test]
fn several_people_take_their_number() {
    let mut bench = Bench::at_work(120, 40);
    asked(&mut bench, 2);
    assert!(bench.text().contains("Bob Ross · Acme"), "{}", bench.text());

    bench.press("y Enter");
    assert!(!forgets(&mut bench));
    bench.press("Ctrl+U 2 Enter");

    assert!(forgets(&mut bench));
}

#[test]
fn a_form_that_is_about_them_is_emptied_and_does_not_come_back() {
    let mut bench = Bench::at_work(120, 40);
    assert!(!bench.model.compose.draft().is_empty());

    bench.tell(Msg::Forgotten(Ok((
        "forgotten: 2 attempts".to_owned(),
        [true, false],
    ))));

    assert!(bench.model.compose.draft().is_empty());
    bench.press("Alt+r");
    assert!(bench.model.compose.draft().is_empty());
    assert!(
        bench.toast().contains("nothing to restore"),
        "{}",
        bench.toast()
    );
}

#[test]
fn whoever_was_forgotten_is_not_asked_about_and_there_is_no_question() {
    let mut bench = Bench::at_work(120, 40);
    let at = "2026-11-24T11:02:11Z".parse().unwrap();
    let seen = Seen {
        matches: vec![Match::forgotten(at, By::Record)],
        shared: Vec::new(),
        position: Position(9),
    };
    bench.tell(Msg::Looked {
        profile: bench.model.shared.active.clone().unwrap(),
        draft: Box::new(bench.model.compose.draft()),
        seen: Some(Box::new(seen)),
    });
    let text = bench.text();
    assert!(text.contains("forgotten: nothing is sent"), "{text}");
    assert!(!text.contains("spends 1"), "{text}");

    bench.press("F5");

    assert_eq!(bench.submits(), 0);
    assert!(bench.model.popups.is_empty());
    assert!(bench.toast().contains("forget --undo"), "{}", bench.toast());
}
