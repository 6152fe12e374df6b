use super::*;
use crate::enrichment::verdict::{By, Match, OpenRule, Position, Seen, Standing, Word};

#[test]
fn f5_sends_what_the_form_holds() {
    let mut bench = with_usage(1_012);

    bench.press("F5");

    let submit = only_submit(&mut bench);
    assert_eq!(submit.draft.value(Field::Name), "Ada Lovelace King");
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
    assert_eq!(
        bench.model.compose.draft().value(Field::Email),
        "ada@acme.io"
    );
}

#[test]
fn a_paste_with_newlines_fills_one_field_and_sends_nothing() {
    let mut bench = at_work();
    bench.press("Down Ctrl+U");

    bench.paste("grace@navy.mil\r\n\r\n");

    assert_eq!(
        bench.model.compose.draft().value(Field::Email),
        "grace@navy.mil"
    );
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

    assert!(
        bench
            .model
            .compose
            .draft()
            .value(Field::Email)
            .ends_with('x')
    );
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
    bench.press("Enter F5 Ctrl+S");
    assert_eq!(bench.submits(), 0);
    bench.press("y");
    assert_eq!(bench.submits(), 1);
}

#[test]
fn at_the_limit_a_word_must_be_typed() {
    let mut bench = with_usage(1_500);
    bench.press("F5 F5 Enter y Backspace");
    assert_eq!(bench.submits(), 0);

    bench.type_text("override").press("F5 Ctrl+S");
    assert_eq!(bench.submits(), 0);
    bench.press("Enter");

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
    bench.press("F5 y");
    assert_eq!(only_submit(&mut bench).checks, Checks::Forced);
}

/// What the ledger has of the form: attempt 12, which spent a unit.
fn seen() -> Seen {
    Seen {
        matches: vec![Match {
            standing: Standing::Already,
            position: Position(7),
            attempt: Some(AttemptId(12)),
            run: None,
            job_id: None,
            outcome: Some(Outcome::Scheduled),
            status: Some("COMPLETED".to_owned()),
            at: "2026-11-24T11:02:11Z".parse().unwrap(),
            age_proven: None,
            by: By::Request,
            differs: Vec::new(),
        }],
        shared: Vec::new(),
        position: Position(9),
    }
}

#[test]
fn what_was_sent_before_is_said_before_f5_and_asked_about_after_it() {
    let mut bench = with_usage(1_012);
    bench.type_text("!");
    bench.env.uptime = bench.model.compose.look_at.unwrap();
    bench.tell(Msg::Tick);
    let Some(Ask::Look { profile, draft }) = bench.asks().into_iter().next() else {
        panic!("the ledger was not asked");
    };
    bench.tell(Msg::Looked {
        profile,
        draft,
        seen: Some(Box::new(seen())),
    });
    assert!(
        bench.text().contains("already sent as attempt 12:"),
        "{}",
        bench.text()
    );

    bench.press("F5");

    assert_eq!(bench.submits(), 0);
    let text = bench.text();
    assert!(text.contains("Ask for the same person again?"), "{text}");
    assert!(
        text.contains("Already attempt 12 (the same request)"),
        "{text}"
    );
}

/// The ledger decides: what the console has not heard of comes back as the question.
#[test]
fn what_only_the_ledger_knows_is_asked_about_and_the_answer_overrules_that_alone() {
    let mut bench = with_usage(1_012);
    bench.press("F5");
    let first = only_submit(&mut bench);
    assert_eq!(first.word, Word::default());

    bench.tell(Msg::Already {
        ticket: first.ticket,
        seen: Box::new(seen()),
    });

    assert!(bench.model.in_flight.is_empty());
    let Some(Popup::Confirm(confirm)) = bench.model.popups.last() else {
        panic!("no question");
    };
    let word = &confirm.submit.word;
    assert_eq!(word.known, Some(Position(9)));
    assert_eq!(word.open, OpenRule::These(vec![AttemptId(12)]));
}

#[test]
fn a_broken_ledger_stops_every_send() {
    let mut bench = with_usage(1_012);
    bench.tell(Msg::Ledger(Some("disk full".to_owned())));

    bench.press("F5");

    // Whether that is still so is looked at again, and nothing else is done.
    assert_eq!(bench.asks(), [Ask::Profiles]);
    assert!(bench.text().contains("ledger: disk full"));

    bench.tell(Msg::Ledger(None));

    assert!(
        bench.toast().contains("used for sending again"),
        "{}",
        bench.toast()
    );
    bench.press("F5");
    assert_eq!(bench.submits(), 1);
}

#[test]
fn a_fault_behind_a_send_is_told_at_once() {
    let mut bench = with_usage(1_012);
    bench.press("F5");
    let submit = only_submit(&mut bench);

    bench.tell(Msg::Broken(Box::new(Ask::Submit(Box::new(submit)))));

    assert!(bench.model.in_flight.is_empty());
    assert!(
        bench.toast().contains("the log says what became of it"),
        "{}",
        bench.toast()
    );
}

#[test]
fn a_fault_behind_a_question_leaves_nothing_that_looks_under_way() {
    let mut bench = with_usage(1_012);
    let kind = crate::base::EnrichmentKind::People;
    let profile = bench.model.shared.active.clone().unwrap();
    bench.model.usage_screen.is_asked = true;

    bench.tell(Msg::Broken(Box::new(Ask::LoadUsageSheet { profile, kind })));

    assert!(!bench.model.usage_screen.is_asked);
    assert!(bench.toast().contains("a fault of ziadeck's own"));
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

/// A profile that asks, by this rule.
fn guarded(rule: crate::config::ConfirmRule) -> Bench {
    let mut bench = with_usage(1_012);
    for profile in bench.model.shared.profiles.as_mut().unwrap() {
        profile.confirm = rule;
    }
    bench
}

#[test]
fn another_profile_than_the_last_is_asked_about_by_name_and_once() {
    let mut bench = guarded(crate::config::ConfirmRule::First);
    bench.model.shared.last_sent = Some("in-prod".parse().unwrap());

    bench.press("F5");
    let text = bench.text();
    let before = bench.submits();
    bench.press("y");
    let sent = only_submit(&mut bench);
    bench.tell(Msg::Refused(Box::new(Ask::Submit(Box::new(sent)))));
    bench.press("F5");

    assert!(text.contains("Send with this profile?"), "{text}");
    assert!(text.contains("You sent with in-prod last."), "{text}");
    assert!(
        text.contains("Goes to us-prod · production · Acme Inc"),
        "{text}"
    );
    assert_eq!(before, 0);
    assert_eq!(bench.submits(), 1, "the second time nothing is asked");
}

#[test]
fn a_rule_asks_each_time_or_never() {
    for (rule, asked) in [
        (crate::config::ConfirmRule::Always, true),
        (crate::config::ConfirmRule::Never, false),
    ] {
        let mut bench = guarded(rule);
        bench.model.shared.last_sent = Some(match asked {
            true => "us-prod".parse().unwrap(),
            false => "in-prod".parse().unwrap(),
        });

        bench.press("F5");

        assert_eq!(bench.submits(), usize::from(!asked), "{rule}");
    }
}

#[test]
fn one_profile_alone_is_not_asked_about_at_first() {
    let mut bench = guarded(crate::config::ConfirmRule::First);
    bench.model.shared.profiles.as_mut().unwrap().truncate(1);

    bench.press("F5");

    assert_eq!(bench.submits(), 1);
}

#[test]
fn a_profile_that_only_reads_sends_nothing_and_says_so() {
    let mut bench = with_usage(1_012);
    assert!(
        bench.text().contains("ready · spends 1"),
        "{}",
        bench.text()
    );
    for profile in bench.model.shared.profiles.as_mut().unwrap() {
        profile.is_read_only = true;
    }
    let text = bench.text();
    assert!(text.contains("read-only: nothing is sent"), "{text}");
    assert!(!text.contains("spends 1"), "{text}");

    bench.press("F5");

    assert_eq!(bench.submits(), 0);
    assert!(
        bench.toast().contains("us-prod is read-only"),
        "{}",
        bench.toast()
    );
}
