use std::time::Duration;

use rstest::rstest;

use super::*;
use crate::base::{AttemptId, DataCenter, EnrichmentKind, Outcome};
use crate::enrichment::{Draft, Field, Place};
use crate::tui::effects::{Checks, Freshness, LimitRule, Submit};
use crate::tui::model::attempt::LogPage;
use crate::tui::model::guide::{Progress, Step};
use crate::tui::model::popup::Popup;
use crate::tui::model::profile::SignedIn;
use crate::tui::model::{Failure, Pane};
use crate::tui::testing::{Bench, ada, attempt, profile, profiles, rows, usage};

fn at_work() -> Bench {
    Bench::at_work(120, 40)
}

fn failure(text: &str) -> Failure {
    Failure {
        plain: text.to_owned(),
        next_step: String::new(),
    }
}

fn only_submit(bench: &mut Bench) -> Submit {
    let mut submits: Vec<Submit> = bench
        .asks()
        .into_iter()
        .filter_map(|ask| match ask {
            Ask::Submit(submit) => Some(*submit),
            _ => None,
        })
        .collect();
    assert_eq!(submits.len(), 1);
    submits.remove(0)
}

fn with_usage(used: u64) -> Bench {
    let mut bench = at_work();
    bench.tell(Msg::Usage {
        profile: "us-prod".parse().unwrap(),
        kind: EnrichmentKind::People,
        result: Ok(Box::new(usage(used))),
    });
    bench.effects.clear();
    // Other inputs than those of the attempts in the log.
    bench.press("Ctrl+E").type_text(" King");
    bench
}

// ---- sending

#[test]
fn f5_sends_what_the_form_holds() {
    let mut bench = with_usage(1_012);

    bench.press("F5");

    let submit = only_submit(&mut bench);
    assert_eq!(submit.draft.name, "Ada Lovelace King");
    assert_eq!(
        (submit.profile.as_str(), submit.checks, submit.limit),
        ("us-prod", Checks::Hold, LimitRule::Hold)
    );
    assert_eq!(bench.model.in_flight.len(), 1);
}

#[rstest]
#[case("Enter")]
#[case("Esc")]
#[case("Tab")]
#[case("Space")]
#[case("Down")]
fn no_ordinary_key_ever_sends(#[case] key: &str) {
    let mut bench = at_work();

    for _ in 0..30 {
        bench.press(key);
    }

    assert_eq!(bench.submits(), 0);
    assert_eq!(bench.model.compose.draft().email, "ada@acme.io");
}

#[test]
fn a_paste_with_newlines_fills_one_field_and_sends_nothing() {
    let mut bench = at_work();
    bench.press("Down Ctrl+U");

    bench.tell(Msg::Paste("grace@navy.mil\r\n\r\n".to_owned()));

    assert_eq!(bench.model.compose.draft().email, "grace@navy.mil");
    assert_eq!(bench.submits(), 0);
}

#[test]
fn the_same_request_is_not_sent_twice_while_it_is_on_its_way() {
    let mut bench = with_usage(1_012);
    bench.press("F5 F5 Ctrl+S");

    assert_eq!(bench.submits(), 1);
    assert!(
        bench.toast().contains("on its way already"),
        "{}",
        bench.toast()
    );
}

#[test]
fn a_send_in_flight_blocks_no_key() {
    let mut bench = with_usage(1_012);
    bench.press("F5");

    bench.press("Tab").type_text("x");

    assert!(bench.model.compose.draft().email.ends_with('x'));
}

#[test]
fn near_the_limit_the_numbers_are_shown_before_anything_is_sent() {
    let mut bench = with_usage(1_495);

    bench.press("F5");

    assert_eq!(bench.submits(), 0);
    assert!(
        bench.text().contains("1,495 → 1,496 of 1,500"),
        "{}",
        bench.text()
    );
    bench.press("Enter");
    assert_eq!(bench.submits(), 0);
    bench.press("F5");
    assert_eq!(bench.submits(), 1);
}

#[test]
fn at_the_limit_a_word_must_be_typed() {
    let mut bench = with_usage(1_500);
    bench.press("F5 F5");
    assert_eq!(bench.submits(), 0);

    bench.type_text("override").press("F5");

    assert_eq!(only_submit(&mut bench).limit, LimitRule::Override);
}

#[test]
fn esc_at_the_question_sends_nothing() {
    let mut bench = with_usage(1_495);

    bench.press("F5 Esc");

    assert_eq!(bench.submits(), 0);
    assert!(bench.model.popups.is_empty());
}

#[test]
fn what_would_be_rejected_is_marked_and_can_be_forced() {
    let mut bench = with_usage(1_012);
    bench.press("Down Down Ctrl+U Down Ctrl+U");
    assert!(bench.text().contains("DEPENDENT_FIELD_MISSING"));

    bench.press("F5");

    assert_eq!(bench.submits(), 0);
    bench.press("F5");
    assert_eq!(only_submit(&mut bench).checks, Checks::Forced);
}

#[test]
fn inputs_that_were_sent_a_moment_ago_are_asked_about() {
    let mut bench = at_work();
    bench.press("Ctrl+U Down Down Ctrl+U Down Ctrl+U Down Ctrl+U");
    assert_eq!(bench.model.compose.draft().given().count(), 1);

    bench.press("F5");

    assert_eq!(bench.submits(), 0);
    assert!(bench.text().contains("Send the same inputs again?"));
}

#[test]
fn a_broken_ledger_stops_every_send() {
    let mut bench = with_usage(1_012);
    bench.tell(Msg::Ledger(Some("disk full".to_owned())));

    bench.press("F5");

    assert_eq!(bench.submits(), 0);
    assert!(bench.text().contains("ledger: disk full"));
}

#[test]
fn a_full_backstage_says_that_nothing_was_sent() {
    let mut bench = with_usage(1_012);
    bench.press("F5");
    let submit = only_submit(&mut bench);

    bench.tell(Msg::Refused(Box::new(Ask::Submit(Box::new(submit)))));

    assert!(bench.model.in_flight.is_empty());
    assert!(bench.toast().contains("nothing was sent"));
}

#[test]
fn the_field_that_the_server_refused_is_marked_until_it_changes() {
    let mut bench = with_usage(1_012);
    bench.press("F5");
    let ticket = only_submit(&mut bench).ticket;
    let rejected = rows().remove(1);
    bench.tell(Msg::Submitted {
        ticket,
        result: Ok(Box::new(rejected.clone())),
    });
    bench.tell(Msg::Attempt {
        id: rejected.id,
        result: Ok(Box::new(attempt(rejected))),
    });
    let company = Place::Input(Field::Company);

    let code = bench
        .model
        .compose
        .violation_at(company)
        .map(|v| v.code.to_string());
    assert_eq!(code.as_deref(), Some("DEPENDENT_FIELD_MISSING"));

    bench.type_text("x");
    assert_eq!(bench.model.compose.violation_at(company), None);
}

#[rstest]
#[case(Outcome::Scheduled, "1 unit spent")]
#[case(Outcome::Rejected, "nothing spent")]
#[case(Outcome::Unknown, "counts as spent")]
fn every_end_says_what_was_spent(#[case] outcome: Outcome, #[case] words: &str) {
    let mut bench = with_usage(1_012);
    bench.press("F5");
    let ticket = only_submit(&mut bench).ticket;
    let mut row = rows().remove(0);
    row.outcome = outcome;

    bench.tell(Msg::Submitted {
        ticket,
        result: Ok(Box::new(row)),
    });

    assert!(bench.toast().contains(words), "{}", bench.toast());
    assert!(bench.model.in_flight.is_empty());
}

// ---- profiles and drafts

#[test]
fn switching_keeps_the_draft_and_sends_nothing() {
    let mut bench = at_work();
    bench.type_text("!");
    let draft = bench.model.compose.draft();

    bench.press("F7");

    assert_eq!(bench.model.active.as_ref().unwrap().as_str(), "in-prod");
    assert_eq!(bench.model.compose.draft(), draft);
    let asks = bench.asks();
    let kept = Ask::SaveDraft {
        profile: "us-prod".parse().unwrap(),
        draft,
    };
    assert_eq!(asks.first(), Some(&kept));
    assert!(!asks.iter().any(|ask| matches!(ask, Ask::Submit(_))));
}

#[test]
fn a_draft_that_was_kept_does_not_replace_what_is_typed_meanwhile() {
    let mut bench = at_work();
    bench.type_text("!");
    let typed = bench.model.compose.draft();

    bench.tell(Msg::Draft {
        profile: "us-prod".parse().unwrap(),
        draft: Some(Box::new(ada())),
    });

    assert_eq!(bench.model.compose.draft(), typed);
}

#[test]
fn a_draft_is_kept_when_the_typing_pauses() {
    let mut bench = at_work();
    bench.type_text("!!");
    assert!(bench.asks().is_empty());
    bench.env.uptime = next_wakeup(&bench.model).unwrap();

    bench.tell(Msg::Tick);

    assert!(matches!(bench.asks().as_slice(), [Ask::SaveDraft { .. }]));
    assert_eq!(bench.model.compose.save_at, None);
}

#[test]
fn one_key_goes_to_each_data_centre_and_round_its_profiles() {
    let mut bench = at_work();

    bench.press("F6");
    assert_eq!(bench.model.active.as_ref().unwrap().as_str(), "us-sandbox");
    bench.press("F7");
    assert_eq!(bench.model.active.as_ref().unwrap().as_str(), "in-prod");
    bench.press("F9");
    assert!(
        matches!(bench.model.popups.last(), Some(Popup::Guide(g)) if g.data_center == DataCenter::Ca)
    );
}

#[test]
fn an_answer_for_another_profile_changes_nothing() {
    let mut bench = at_work();
    let before = bench.model.usage.clone();

    bench.tell(Msg::Usage {
        profile: "in-prod".parse().unwrap(),
        kind: EnrichmentKind::People,
        result: Ok(Box::new(usage(3))),
    });

    assert_eq!(bench.model.usage, before);
}

#[test]
fn a_stale_usage_is_asked_of_the_server_once() {
    let mut bench = Bench::empty(120, 40);
    bench.tell(Msg::Profiles(Ok(profiles())));
    bench.effects.clear();
    let mut figures = usage(5);
    figures.usage.at = None;
    let answer = |figures| Msg::Usage {
        profile: "us-prod".parse().unwrap(),
        kind: EnrichmentKind::People,
        result: Ok(Box::new(figures)),
    };

    bench.tell(answer(figures.clone()));
    bench.tell(answer(figures));

    let asks = bench.asks();
    assert!(
        matches!(
            asks.as_slice(),
            [Ask::LoadUsage {
                freshness: Freshness::Server,
                ..
            }]
        ),
        "{asks:?}"
    );
}

// ---- the form

#[test]
fn compose_again_refills_the_form_and_can_be_undone() {
    let mut bench = at_work();
    bench.press("F3 Down c");

    assert_eq!(bench.model.pane, Pane::Compose);
    assert_eq!(bench.model.compose.draft().name, "Test");
    assert_eq!(bench.submits(), 0);
    bench.press("Ctrl+P").type_text("restore").press("Enter");
    assert_eq!(bench.model.compose.draft(), ada());
}

#[test]
fn space_in_the_module_field_opens_the_list() {
    let mut bench = at_work();
    bench.press("Up Up Space Down Enter");

    assert_eq!(bench.model.compose.draft().module, "Contacts");
}

#[test]
fn a_module_that_no_list_names_may_be_typed() {
    let mut bench = at_work();
    bench
        .press("Up Up Ctrl+Space")
        .type_text("Partners")
        .press("Enter");

    assert_eq!(bench.model.compose.draft().module, "Partners");
}

#[test]
fn what_the_editor_saved_refills_the_form() {
    let mut bench = at_work();
    bench.press("F4");
    let text = match bench.effects.as_slice() {
        [Effect::OpenEditor(text)] => text.replace("Lovelace", "Byron"),
        other => panic!("{other:?}"),
    };

    bench.tell(Msg::Edited(Ok(text)));

    assert_eq!(bench.model.compose.draft().name, "Ada Byron");
    assert_eq!(bench.submits(), 0);
}

#[test]
fn a_broken_document_leaves_the_form_alone() {
    let mut bench = at_work();

    bench.tell(Msg::Edited(Ok("{".to_owned())));

    assert_eq!(bench.model.compose.draft(), ada());
    assert!(bench.toast().contains("line 1"), "{}", bench.toast());
}

#[test]
fn a_record_fills_only_what_is_empty() {
    let mut bench = at_work();
    let mut record = Draft::new(EnrichmentKind::People, "Leads");
    record.set(Field::Name, "Somebody Else");
    record.set(Field::Twitter, "twitter.com/ada");

    bench.tell(Msg::Prefill {
        profile: "us-prod".parse().unwrap(),
        result: Ok(Box::new(record)),
    });

    let draft = bench.model.compose.draft();
    assert_eq!(
        (draft.name.as_str(), draft.twitter.as_str()),
        ("Ada Lovelace", "twitter.com/ada")
    );
}

// ---- log and detail

#[test]
fn fast_scrolling_asks_for_one_attempt_at_a_time() {
    let mut bench = at_work();
    bench.press("F3 Down Down Down");

    let asks = bench.asks();
    assert_eq!(asks, [Ask::LoadAttempt(AttemptId(1203))]);
    let row = rows().remove(1);
    bench.tell(Msg::Attempt {
        id: row.id,
        result: Ok(Box::new(attempt(row))),
    });

    assert_eq!(bench.asks(), [Ask::LoadAttempt(AttemptId(1201))]);
}

#[test]
fn many_changes_of_the_ledger_make_one_question_at_a_time() {
    let mut bench = at_work();
    for _ in 0..50 {
        bench.tell(Msg::LedgerChanged);
    }

    let pages = |asks: Vec<Ask>| {
        asks.iter()
            .filter(|a| matches!(a, Ask::LoadLog { .. }))
            .count()
    };
    assert_eq!(pages(bench.asks()), 1);
    let ticket = bench.model.log.ticket;
    bench.tell(Msg::Log {
        ticket,
        result: Ok(LogPage {
            rows: rows(),
            has_more: false,
            total: None,
        }),
    });
    assert_eq!(pages(bench.asks()), 1);
}

#[test]
fn a_late_page_of_an_old_search_is_dropped() {
    let mut bench = at_work();
    bench.press("F3 /").type_text("ad");
    let old = bench.model.log.ticket;
    bench.type_text("a");

    bench.tell(Msg::Log {
        ticket: old,
        result: Ok(LogPage {
            rows: Vec::new(),
            has_more: false,
            total: Some(0),
        }),
    });

    assert_eq!(bench.model.log.lines.len(), 4);
    assert!(bench.model.log.is_outdated);
}

#[test]
fn the_filter_is_applied_and_esc_shows_everything_again() {
    let mut bench = at_work();
    bench
        .press("F3 f Down Down")
        .type_text("2h")
        .press("Down")
        .type_text("limit_exceeded");
    bench.press("Enter");

    let filter = &bench.model.log.filter;
    assert_eq!(filter.code.as_deref(), Some("LIMIT_EXCEEDED"));
    assert!(filter.since.is_some());
    bench.press("Esc");
    assert!(!bench.model.log.is_filtered());
    assert_eq!(bench.model.log.filter.profile, bench.model.active);
}

#[test]
fn the_job_is_asked_for_when_its_tab_is_opened() {
    let mut bench = at_work();
    bench.press("F3 F3");
    assert!(bench.asks().is_empty());

    bench.press("h");

    assert!(matches!(bench.asks().as_slice(), [Ask::LoadJob { .. }]));
}

#[test]
fn a_copy_as_curl_has_no_token() {
    let mut bench = at_work();
    bench.press("F3 y Enter");

    match bench.effects.as_slice() {
        [Effect::Copy { text, what }] => {
            assert!(text.contains("__zia_people_enrichment") && text.contains("$ZIADECK_TOKEN"));
            assert_eq!(what, "the request as curl");
        }
        other => panic!("{other:?}"),
    }
}

// ---- popups

#[test]
fn the_palette_runs_what_it_finds() {
    let mut bench = at_work();

    bench
        .press("Ctrl+P")
        .type_text("refresh usage")
        .press("Enter");

    assert!(matches!(
        bench.asks().as_slice(),
        [Ask::LoadUsage {
            freshness: Freshness::Server,
            ..
        }]
    ));
}

#[test]
fn a_theme_is_shown_as_the_selection_moves_and_esc_goes_back() {
    let mut bench = at_work();
    bench
        .press("Ctrl+P")
        .type_text("switch theme")
        .press("Enter Down");
    assert_eq!(
        bench.effects,
        [Effect::UseTheme("default-light".to_owned())]
    );
    bench.tell(Msg::Themed(Ok("default-light".to_owned())));
    bench.effects.clear();

    bench.press("Esc");

    assert_eq!(bench.effects, [Effect::UseTheme("default-dark".to_owned())]);
}

#[test]
fn a_theme_that_is_chosen_stays() {
    let mut bench = at_work();
    bench
        .press("Ctrl+P")
        .type_text("switch theme")
        .press("Enter Down Enter");

    let last = bench.effects.last().cloned();
    assert_eq!(last, Some(Effect::UseTheme("default-light".to_owned())));
}

#[test]
fn the_help_names_the_keys_of_the_focus_first() {
    let mut bench = at_work();
    bench.press("F3 ?");

    let text = bench.text();
    assert!(text.contains("In the live log"), "{text}");
    assert!(text.find("In the live log") < text.find("On every screen"));
}

#[test]
fn a_key_that_means_nothing_draws_nothing() {
    let mut bench = at_work();
    bench.press("F3");
    bench.model.is_dirty = false;

    bench.press("x");

    assert!(!bench.model.is_dirty);
}

// ---- first run and guide

fn first_run() -> Bench {
    let mut bench = Bench::empty(80, 24);
    bench.tell(Msg::Profiles(Ok(Default::default())));
    bench
}

fn filled_guide() -> Bench {
    let mut bench = first_run();
    bench.press("Down Enter Down Enter Enter");
    bench.type_text("1000.ABCDEFGH").press("Enter");
    bench.tell(Msg::Paste("canary-secret-123\n".to_owned()));
    bench.press("Enter");
    bench.tell(Msg::Paste("1000.canary-code.456\n".to_owned()));
    bench
}

#[test]
fn the_first_start_offers_the_demo() {
    let mut bench = first_run();

    bench.press("Enter");

    assert_eq!(bench.asks(), [Ask::StartDemo]);
}

#[test]
fn the_guide_asks_for_everything_and_signs_in() {
    let mut bench = filled_guide();
    bench.press("Enter");

    match bench.asks().as_slice() {
        [Ask::SignIn(sign_in)] => {
            assert_eq!(sign_in.profile.as_str(), "in-prod");
            assert_eq!(sign_in.data_center, DataCenter::In);
            assert_eq!(sign_in.client_secret.expose(), "canary-secret-123");
            assert_eq!(sign_in.code.expose(), "1000.canary-code.456");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_secret_of_the_guide_is_drawn_or_printed() {
    let mut bench = filled_guide();
    let drawn = bench.text();
    bench.press("Enter");
    let printed = format!("{:?} {:?}", bench.model, bench.effects);

    for text in [drawn, printed] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[test]
fn a_failed_sign_in_goes_back_to_the_code_and_forgets_it() {
    let mut bench = filled_guide();
    bench.press("Enter");

    bench.tell(Msg::SignedIn(Err(failure("invalid_code"))));

    let Some(Popup::Guide(guide)) = bench.model.popups.last() else {
        panic!("the guide is gone");
    };
    assert_eq!((guide.step, guide.code.length()), (Step::Code, 0));
    assert_eq!(guide.client_secret.length(), 17);
    assert!(bench.text().contains("invalid_code"));
}

#[test]
fn a_guide_that_is_closed_keeps_what_was_typed() {
    let mut bench = filled_guide();

    bench.press("Esc Down");
    bench.model.welcome = 1;
    bench.press("F7");

    assert!(matches!(
        bench.model.popups.last(),
        Some(Popup::Guide(guide)) if guide.client_secret.length() == 17
    ));
}

#[test]
fn a_sign_in_that_worked_leads_to_the_console() {
    let mut bench = filled_guide();
    bench.press("Enter");
    let saved = profile(
        "in-prod",
        DataCenter::In,
        crate::tui::model::profile::ProfileState::Ready,
    );

    bench.tell(Msg::SignedIn(Ok(Box::new(SignedIn {
        profile: saved.name.clone(),
        organisation: Some("Acme Inc".to_owned()),
        user: None,
        profiles: crate::tui::model::profile::Profiles {
            list: vec![saved.clone()],
            start_with: Some(saved.name),
        },
    }))));

    assert!(matches!(
        bench.model.popups.last(),
        Some(Popup::Guide(guide)) if matches!(guide.progress, Progress::Done(_))
    ));
    bench.press("Enter");
    assert!(bench.model.popups.is_empty());
    assert_eq!(bench.model.active.as_ref().unwrap().as_str(), "in-prod");
}

// ---- time

#[test]
fn an_idle_console_without_ages_never_wakes() {
    let mut bench = first_run();
    bench.effects.clear();

    assert_eq!(next_wakeup(&bench.model), None);
}

#[test]
fn ages_are_told_once_a_minute() {
    let bench = at_work();

    assert_eq!(
        next_wakeup(&bench.model),
        Some(bench.model.told_at + Duration::from_secs(60))
    );
}

#[test]
fn a_sentence_goes_by_itself() {
    let mut bench = first_run();
    bench.tell(Msg::Notice {
        level: Level::Info,
        text: "hello".to_owned(),
    });
    bench.env.uptime = next_wakeup(&bench.model).unwrap();

    bench.tell(Msg::Tick);

    assert!(bench.model.toasts.is_empty());
}

proptest::proptest! {
    #[test]
    fn no_keys_in_any_order_send_without_a_send_key_or_panic(
        keys in proptest::collection::vec(0usize..KEYS.len(), 0..60), small: bool
    ) {
        let (width, height) = if small { (80, 24) } else { (120, 40) };
        let mut bench = Bench::at_work(width, height);
        for key in keys {
            bench.press(KEYS[key]);
            bench.answer_all_but_submits();
        }

        proptest::prop_assert_eq!(bench.submits(), 0);
        bench.text();
    }
}

const KEYS: [&str; 30] = [
    "Enter",
    "Esc",
    "Tab",
    "Shift+Tab",
    "Up",
    "Down",
    "Left",
    "Right",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "F1",
    "F2",
    "F3",
    "F6",
    "F7",
    "F8",
    "Ctrl+P",
    "Ctrl+O",
    "Space",
    "/",
    "f",
    "y",
    "c",
    "i",
    "j",
    "G",
    "Backspace",
    "Ctrl+U",
];
