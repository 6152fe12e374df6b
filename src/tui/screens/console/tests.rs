//! Given a console at work, when keys and replies come, then what is on screen and what is asked.

mod form;
mod log;

use super::Pane;
use crate::base::{AttemptId, Outcome};
use crate::enrichment::{Draft, Field, FieldRef};
use crate::ledger::{AttemptRow, LogPage};
use crate::tui::app::effect::Effect;
use crate::tui::app::msg::Msg;
use crate::tui::app::notice::Failure;
use crate::tui::app::op::{Op, Payload};
use crate::tui::app::state::next_wakeup;
use crate::tui::testing::{Harness, ada, attempt, rows};

fn at_work() -> Harness {
    Harness::at_work(120, 40)
}

fn failure(text: &str) -> Failure {
    Failure::new(text, "")
}
