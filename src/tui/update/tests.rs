//! Given a console at work, when keys and answers come, then the model and the effects.

mod first_run;
mod form;
mod keys;
mod log;
mod popups;
mod profiles;
mod sending;
mod time;

use std::time::Duration;

use rstest::rstest;

use super::*;
use crate::base::{AttemptId, DataCenter, EnrichmentKind, Outcome};
use crate::enrichment::{Field, Place};
use crate::tui::data::attempt::LogPage;
use crate::tui::data::profile::{ProfileState, SignedIn};
use crate::tui::effects::{Checks, Freshness, LimitRule, Submit};
use crate::tui::model::guide::{Progress, Step};
use crate::tui::model::popup::Popup;
use crate::tui::model::{Failure, Pane};
use crate::tui::testing::{Bench, ada, attempt, profile, profiles, rows, usage};

fn at_work() -> Bench {
    Bench::at_work(120, 40)
}

fn failure(text: &str) -> Failure {
    Failure::new(text.to_owned(), "")
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

fn without_profiles() -> Bench {
    let mut bench = Bench::empty(80, 24);
    bench.tell(Msg::Profiles(Ok(Default::default())));
    bench
}
