//! Leaving: what is still outstanding is asked about before, and told when the terminal is given
//! back. A signal asks nothing.

use std::collections::BTreeMap;

use super::msg::Msg;
use super::op::{Op, OpId, Payload, Submitted};
use super::shared::{Demo, Shared};
use crate::base::RunId;
use crate::base::limits::SHUTDOWN_GRACE;

/// What a person should know before leaving; nothing where nothing is outstanding.
pub(super) fn lines(shared: &Shared) -> Vec<String> {
    let seconds = SHUTDOWN_GRACE.as_secs();
    let sends = |(run, _): (RunId, Option<&str>)| match shared.settings.demo {
        Demo::No => format!(
            "Run {run} sends rows. It pauses when you leave, and goes on with: ziadeck bulk resume {run}"
        ),
        Demo::Yes => format!("Run {run} sends rows. It goes with the demo when you leave."),
    };
    let answers = match shared.in_flight().count() {
        0 => None,
        1 => Some("One request has no answer yet.".to_owned()),
        n => Some(format!("{n} requests have no answer yet.")),
    };
    let answers = answers.map(|text| {
        format!(
            "{text} Leaving waits {seconds} seconds at most; what has no answer then is unknown and counts as spent."
        )
    });
    shared.own_runs().map(sends).chain(answers).collect()
}

/// What waits for its end while the console leaves, and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Outstanding {
    demo: Demo,
    /// Requests; what became of each, once that is known.
    requests: BTreeMap<OpId, Option<String>>,
    /// Runs; whether nothing of them waits any more.
    runs: BTreeMap<OpId, (RunId, bool)>,
}

impl Outstanding {
    /// What is outstanding now.
    pub(crate) fn of(shared: &Shared) -> Self {
        let mut outstanding = Self {
            demo: shared.settings.demo,
            requests: BTreeMap::new(),
            runs: BTreeMap::new(),
        };
        for (id, open) in &shared.open {
            match &*open.op {
                Op::Submit(_) => drop(outstanding.requests.insert(*id, None)),
                Op::StartRun(run) => drop(outstanding.runs.insert(*id, (*run, false))),
                _ => {}
            }
        }
        outstanding
    }

    /// Takes in what comes while the console leaves.
    pub(crate) fn hear(&mut self, msg: &Msg) {
        let Msg::Reply(reply) = msg else { return };
        if let Some(request) = self.requests.get_mut(&reply.id) {
            *request = match &reply.result {
                Some(Ok(Payload::Submit(Submitted::Settled(row)))) => {
                    Some(format!("attempt {} is {}", row.id, row.outcome))
                }
                Some(Err(failure)) => Some(failure.plain.clone()),
                Some(Ok(_)) | None => None,
            };
        }
        if let Some((_, is_over)) = self.runs.get_mut(&reply.id)
            && let Some(Ok(Payload::StartRun(end))) = &reply.result
        {
            *is_over = end.is_over;
        }
    }

    /// The line for whoever left: what became of it, what is open, and how it goes on.
    pub(crate) fn told(&self) -> Option<String> {
        let open = self.requests.values().filter(|became| became.is_none());
        let mut parts: Vec<String> = self.requests.values().flatten().cloned().collect();
        if self.demo == Demo::No {
            let paused = self.runs.values().filter(|(_, is_over)| !is_over);
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
pub(crate) fn on_the_way(shared: &Shared) -> Option<String> {
    Some(
        match (shared.in_flight().count(), shared.own_runs().count()) {
            (0, 0) => return None,
            (_, 1) => "what a run has".to_owned(),
            (_, 2..) => "what runs have".to_owned(),
            (1, _) => "one request".to_owned(),
            (n, _) => format!("{n} requests"),
        },
    )
}
