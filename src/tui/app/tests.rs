//! Given a console at work, when keys and answers come, then what is on screen and what is asked.

mod first_run;
mod forget;
mod going_about;
mod keys;
mod popups;
mod profiles;
mod sending;
mod time;

use std::time::Duration;

use rstest::rstest;

use super::effect::Effect;
use super::msg::Msg;
use super::notice::{Failure, Notice};
use super::op::{Freshness, Op, Payload, Submit, Submitted};
use super::state::next_wakeup;
use crate::base::{AttemptId, DataCenter, Outcome};
use crate::enrichment::Field;
use crate::enrichment::verdict::{By, Match, OpenRule, Position, Seen, Standing, Word};
use crate::ledger::{BudgetRule, Forced};
use crate::tui::data::profile::{ProfileState, Profiles};
use crate::tui::testing::{Harness, ada, attempt, profile, profiles, rows, usage};

fn at_work() -> Harness {
    Harness::at_work(120, 40)
}

fn only_submit(harness: &mut Harness) -> Submit {
    let mut submits: Vec<Submit> = harness
        .ops()
        .into_iter()
        .filter_map(|op| match op {
            Op::Submit(submit) => Some(*submit),
            _ => None,
        })
        .collect();
    assert_eq!(submits.len(), 1);
    submits.remove(0)
}

fn with_usage(used: u64) -> Harness {
    let mut harness = at_work();
    harness.tell(Msg::LedgerChanged);
    harness.reply(Payload::LoadUsage(usage(used)));
    harness.answer_all(used);
    // Other inputs than those of the attempts in the log.
    harness.press("Ctrl+E").type_text(" King");
    harness
}

fn without_profiles() -> Harness {
    let mut harness = Harness::with_profiles(80, 24, Profiles::default());
    harness.effects.clear();
    harness
}

/// Nothing is typed for so long.
fn pauses(harness: &mut Harness, time: Duration) {
    harness.env.uptime += time;
    harness.tell(Msg::Tick);
}

/// Long enough that the ledger is asked about what was typed, not that it is kept.
const LOOKED: Duration = Duration::from_millis(200);
/// Long enough that what was typed is kept.
const KEPT: Duration = Duration::from_secs(1);
