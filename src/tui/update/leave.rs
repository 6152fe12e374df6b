//! Leaving: what is still outstanding is asked about before, and told when the terminal is given
//! back. A signal asks nothing.

use std::collections::BTreeMap;

use super::runs::own_count;
use crate::base::RunId;
use crate::base::limits::SHUTDOWN_GRACE;
use crate::tui::effects::Effect;
use crate::tui::model::Model;
use crate::tui::model::decide::{Decide, Yes};
use crate::tui::model::popup::Popup;
use crate::tui::model::{Demo, Failure};
use crate::tui::msg::{Msg, RunsMsg};

/// Leaves, after a question where a run sends or an answer is outstanding.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    let lines = lines(model);
    if lines.is_empty() {
        return vec![Effect::Quit];
    }
    if !model.popups.iter().any(is_leaving) {
        model.popups.push(Popup::Decide(Decide {
            question: "Leave ziadeck now?".to_owned(),
            lines,
            typed: None,
            does: "leaves",
            leaves: "stays",
            yes: Yes::Leave,
        }));
    }
    Vec::new()
}

fn is_leaving(popup: &Popup) -> bool {
    matches!(popup, Popup::Decide(decide) if decide.yes == Yes::Leave)
}

/// Keeps what the open question says true.
pub(super) fn follow(model: &mut Model) {
    if !model.popups.iter().any(is_leaving) {
        return;
    }
    let mut lines = lines(model);
    if lines.is_empty() {
        lines.push("Everything has its answer by now.".to_owned());
    }
    let open = model.popups.iter_mut().find(|popup| is_leaving(popup));
    if let Some(Popup::Decide(decide)) = open {
        decide.lines = lines;
    }
}

fn lines(model: &Model) -> Vec<String> {
    let seconds = SHUTDOWN_GRACE.as_secs();
    let mut lines: Vec<String> = model
        .runs
        .own
        .keys()
        .map(|run| match model.shared.settings.demo {
            Demo::No => format!(
                "Run {run} sends rows. It pauses when you leave, and goes on with: ziadeck bulk resume {run}"
            ),
            Demo::Yes => format!("Run {run} sends rows. It goes with the demo when you leave."),
        })
        .collect();
    let answers = match model.in_flight.len() {
        0 => None,
        1 => Some("One request has no answer yet.".to_owned()),
        n => Some(format!("{n} requests have no answer yet.")),
    };
    lines.extend(answers.map(|text| {
        format!(
            "{text} Leaving waits {seconds} seconds at most; what has no answer then is unknown and counts as spent."
        )
    }));
    lines
}

/// What waits for its end while the console leaves, and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Outstanding {
    demo: Demo,
    /// The tickets of requests; what became of each, once that is known.
    requests: BTreeMap<u64, Option<String>>,
    /// Runs; whether nothing of them waits any more.
    runs: BTreeMap<RunId, bool>,
}

impl Outstanding {
    /// What is outstanding now.
    pub(crate) fn of(model: &Model) -> Self {
        let flights = model.in_flight.iter();
        Self {
            demo: model.shared.settings.demo,
            requests: flights.map(|flight| (flight.submit.ticket, None)).collect(),
            runs: model.runs.own.keys().map(|run| (*run, false)).collect(),
        }
    }

    /// Takes in what comes while the console leaves.
    pub(crate) fn hear(&mut self, msg: &Msg) {
        match msg {
            Msg::Submitted { ticket, result } => {
                let became = match result {
                    Ok(row) => format!("attempt {} is {}", row.id, row.outcome),
                    Err(Failure { plain, .. }) => plain.clone(),
                };
                if let Some(request) = self.requests.get_mut(ticket) {
                    *request = Some(became);
                }
            }
            Msg::Runs(RunsMsg::Ended { run, is_over, .. }) => {
                if let Some(over) = self.runs.get_mut(run) {
                    *over = *is_over;
                }
            }
            _ => {}
        }
    }

    /// The line for whoever left: what became of it, what is open, and how it goes on.
    pub(crate) fn told(&self) -> Option<String> {
        let open = self.requests.values().filter(|became| became.is_none());
        let mut parts: Vec<String> = self.requests.values().flatten().cloned().collect();
        if self.demo == Demo::No {
            let paused = self.runs.iter().filter(|(_, is_over)| !**is_over);
            parts.extend(
                paused.map(|(run, _)| format!("run {run} is paused: ziadeck bulk resume {run}")),
            );
            parts.extend(match open.count() {
                0 => None,
                1 => Some(
                    "one request has no answer and counts as spent: ziadeck reconcile".to_owned(),
                ),
                n => Some(format!(
                    "{n} requests have no answer and count as spent: ziadeck reconcile"
                )),
            });
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// What is on its way, for the sentence while it is waited for.
pub(crate) fn on_the_way(model: &Model) -> Option<String> {
    let runs = own_count(&model.runs);
    Some(match (model.in_flight.len(), runs) {
        (0, 0) => return None,
        (_, 1) => "what a run has".to_owned(),
        (_, 2..) => "what runs have".to_owned(),
        (1, _) => "one request".to_owned(),
        (n, _) => format!("{n} requests"),
    })
}
