use super::*;
use crate::enrichment::Field;
use crate::tui::model::popup::Popup;
use crate::tui::msg::Msg;
use crate::tui::testing::Bench;
use crate::tui::testing::records::{finding, page, ticket};
use crate::zoho::query::RecordPlace;

fn shown(bench: &Bench) -> &Records {
    match bench.model.popups.last() {
        Some(Popup::Records(records)) => records,
        other => panic!("{other:?}"),
    }
}

fn wanted(bench: &mut Bench) -> Vec<Wanted> {
    bench
        .asks()
        .into_iter()
        .filter_map(|ask| match ask {
            Ask::LoadRecords { wanted, .. } => Some(wanted),
            _ => None,
        })
        .collect()
}

#[test]
fn opening_asks_for_the_modules_records() {
    let mut bench = Bench::at_work(80, 24);

    bench.press("Ctrl+F");

    assert_eq!(
        wanted(&mut bench),
        [Wanted::Page {
            word: None,
            place: RecordPlace::Page(1)
        }]
    );
    assert!(bench.text().contains("asking for the records of Leads"));
}

#[test]
fn the_record_id_of_the_form_is_looked_for_at_once() {
    let mut bench = Bench::at_work(80, 24);
    bench.model.compose.record_id.set("42");

    bench.press("Ctrl+F");

    assert_eq!(wanted(&mut bench), [Wanted::Record("42".parse().unwrap())]);
}

#[test]
fn typing_asks_nothing_until_enter() {
    let mut bench = finding(80, 24);

    bench.type_text("navy yard");
    assert!(wanted(&mut bench).is_empty());
    assert!(bench.text().contains("Enter searches"));

    bench.press("Enter Enter");
    assert_eq!(
        wanted(&mut bench),
        [Wanted::Page {
            word: Some("navy yard".to_owned()),
            place: RecordPlace::Page(1)
        }]
    );
    assert_eq!(bench.model.popups.len(), 1);
}

#[test]
fn enter_fills_the_form_and_what_it_held_can_be_restored() {
    let mut bench = finding(80, 24);
    let before = bench.model.compose.draft();

    bench.press("Enter");

    let draft = bench.model.compose.draft();
    assert!(bench.model.popups.is_empty());
    assert_eq!(draft.record_id, "5725767000001010663");
    assert_eq!(draft.value(Field::Company), "Analytical Engines");
    assert_eq!(draft.value(Field::Twitter), "twitter.com/ada");
    assert_eq!(draft.value(Field::Linkedin), "linkedin.com/in/ada");
    assert!(
        bench
            .toast()
            .contains("filled 2 from the record and overwrote 1"),
        "{}",
        bench.toast()
    );
    assert_eq!(bench.submits(), 0);
    bench.press("Ctrl+P").type_text("restore the form");
    bench.press("Enter");
    assert_eq!(bench.model.compose.draft(), before);
}

#[test]
fn esc_leaves_the_form_as_it_is() {
    let mut bench = finding(80, 24);
    let before = bench.model.compose.draft();

    bench.press("Down Esc");

    assert_eq!(bench.model.compose.draft(), before);
}

#[test]
fn the_preview_tells_filled_overwritten_same_and_untouched_inputs_apart() {
    let bench = finding(120, 40);

    let changes = shown(&bench).changes(&bench.model.compose.draft());

    let told: Vec<_> = changes.iter().map(|c| (c.label, c.becomes)).collect();
    assert_eq!(
        told,
        [
            ("Record id", Becomes::Filled),
            ("Name", Becomes::Same),
            ("Email", Becomes::Same),
            ("Company", Becomes::Overwritten),
            ("Twitter", Becomes::Filled),
        ]
    );
    let text = bench.text();
    assert!(text.contains("Acme → Analytical Engines"), "{text}");
    assert!(text.contains("as they are: Website, LinkedIn"), "{text}");
}

#[test]
fn the_next_page_is_asked_for_once_and_put_behind() {
    let mut bench = finding(80, 24);

    bench.press("Down Down");
    let ticket = ticket(&bench);
    let asked = wanted(&mut bench);
    bench.tell(Msg::Records {
        ticket,
        result: Ok(FoundPage {
            next: None,
            ..page()
        }),
    });
    bench.press("Down");

    assert_eq!(
        asked,
        [Wanted::Page {
            word: None,
            place: RecordPlace::Page(2)
        }]
    );
    assert_eq!(shown(&bench).list.len(), 6);
    assert_eq!(shown(&bench).view.selected, 3);
    assert!(wanted(&mut bench).is_empty());
}

#[test]
fn a_late_answer_to_an_earlier_search_is_dropped() {
    let mut bench = Bench::at_work(80, 24);
    bench.press("Ctrl+F");
    let late = ticket(&bench);
    bench.type_text("navy").press("Enter");

    bench.tell(Msg::Records {
        ticket: late,
        result: Ok(page()),
    });

    assert!(shown(&bench).list.is_empty());
    assert!(shown(&bench).is_asked);
}

#[test]
fn an_answer_after_esc_opens_nothing() {
    let mut bench = Bench::at_work(80, 24);
    bench.press("Ctrl+F");
    let late = ticket(&bench);

    bench.press("Esc");
    bench.tell(Msg::Records {
        ticket: late,
        result: Ok(page()),
    });

    assert!(bench.model.popups.is_empty());
}

#[test]
fn nothing_found_is_said_in_the_words_of_the_search() {
    for (typed, told) in [
        ("zzz", "Leads has no record that holds zzz"),
        ("999", "Leads has no record 999"),
    ] {
        let mut bench = finding(80, 24);
        bench.type_text(typed).press("Enter");
        let ticket = ticket(&bench);

        bench.tell(Msg::Records {
            ticket,
            result: Ok(FoundPage::default()),
        });

        assert!(bench.text().contains(told), "{}", bench.text());
        bench.press("Enter");
        assert_eq!(bench.model.popups.len(), 1);
    }
}

#[test]
fn a_missing_scope_is_explained_and_enter_asks_again() {
    let mut bench = Bench::at_work(120, 40);
    bench.press("Ctrl+F");
    let ticket = ticket(&bench);
    bench.effects.clear();

    bench.tell(Msg::Records {
        ticket,
        result: Err(Failure::new(
            "OAUTH_SCOPE_MISMATCH".to_owned(),
            "sign in again with a grant code that has the scope".to_owned(),
        )),
    });

    let text = bench.text();
    assert!(
        text.contains("OAUTH_SCOPE_MISMATCH; sign in again"),
        "{text}"
    );
    bench.press("Enter");
    assert_eq!(wanted(&mut bench).len(), 1);
}

#[test]
fn a_form_without_a_module_is_asked_for_one() {
    let mut bench = Bench::at_work(80, 24);
    bench.model.compose.module.set("");

    bench.press("Ctrl+F");

    assert!(bench.model.popups.is_empty());
    assert!(bench.model.compose.is_at_module());
}

#[test]
fn a_full_backstage_says_so_in_the_popup() {
    let mut bench = Bench::at_work(80, 24);
    bench.press("Ctrl+F");
    let ask = bench.asks().remove(0);

    bench.tell(Msg::Refused(Box::new(ask)));

    assert!(bench.text().contains("Enter asks again"));
}
