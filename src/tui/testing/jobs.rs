//! A console at the Jobs screen, and a server that is asked by its questions alone.

use std::time::Duration;

use serde_json::json;

use super::{Harness, now};
use crate::base::{AttemptId, JobId, Timestamp};
use crate::ledger::JobEntry;
use crate::ops::job_board::Board;
use crate::tui::app::msg::Msg;
use crate::tui::app::op::{Freshness, Op, Payload};
use crate::tui::app::state::next_wakeup;
use crate::tui::data::job::JobFigures;

pub(crate) fn id(text: &str) -> JobId {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    format!("2026-11-24T{text}Z").parse().unwrap()
}

/// Four jobs: ours that runs, ours that is done, and two of others with any word of status.
pub(crate) fn rows() -> Vec<JobEntry> {
    let row = |job: &str, time: &str, status: &str, attempt: Option<i64>| JobEntry {
        id: id(job),
        status: status.to_owned(),
        at: at(time),
        created: Some(at(time)),
        created_by_name: None,
        attempt: attempt.map(AttemptId),
        operator: attempt.map(|_| "ada".to_owned()),
        module: attempt.map(|_| "Leads".to_owned()),
        record_id: None,
        inputs: None,
        enrich_based_on: None,
    };
    let mut rows = vec![
        row("5725767000003019012", "14:02:11", "RUNNING", Some(1204)),
        row("5725767000003018995", "14:01:40", "COMPLETED", Some(1201)),
        row("5725767000003018002", "11:20:00", "DATA_NOT_FOUND", None),
        row("5725767000003017001", "09:00:00", "ON_HOLD", None),
    ];
    let asked = json!({"name": "Ada Lovelace", "email": "ada@acme.io"});
    rows[0].inputs = Some(asked.to_string());
    rows[1].inputs = Some(json!({"email": "lin@initech.com"}).to_string());
    rows[2].created_by_name = Some("Grace Hopper".to_owned());
    rows
}

pub(crate) fn page(rows: Vec<JobEntry>) -> Board {
    let mut statuses: Vec<(String, u64)> = Vec::new();
    for row in &rows {
        match statuses.iter_mut().find(|(word, _)| *word == row.status) {
            Some((_, count)) => *count += 1,
            None => statuses.push((row.status.clone(), 1)),
        }
    }
    Board {
        rows,
        has_more: false,
        statuses,
        listed_at: Some(at("13:59:00")),
    }
}

pub(crate) fn figures(status: &str) -> JobFigures {
    let data = json!({
        "name": "Lin Initech", "designation": "Head of Procurement",
        "skills": ["Negotiation", "Budgeting"],
        "company_info": {"name": "Initech", "industries": ["Software"], "experiences": [
            {"title": "Head of Procurement", "company_name": "Initech", "start_period": "2019"},
        ]},
        "social_media": [{"media_type": "linkedin", "media_url": "linkedin.com/in/lin"}],
        "primary_address_info": {"city": "Austin", "country": "United States"},
    });
    JobFigures {
        status: status.to_owned(),
        enrich_based_on: Some(json!({"email": "lin@initech.com", "company": null})),
        enriched_data: (status == "COMPLETED").then_some(data),
        at: now(),
    }
}

/// The questions that reach the server, with the time of each.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) lists: Vec<Duration>,
    pub(crate) sheets: Vec<(Duration, JobId)>,
}

impl Harness {
    /// At the Jobs screen with its rows, the ledger's questions answered.
    pub(crate) fn at_jobs(width: u16, height: u16, rows: Vec<JobEntry>) -> (Self, Asked) {
        let mut harness = Self::at_work(width, height);
        let mut asked = Asked::default();
        harness.press("F2");
        harness.answer_jobs(&rows, &mut asked);
        (harness, asked)
    }

    /// Answers for ledger and server until nothing is asked any more. The jobs stay as they are.
    pub(crate) fn answer_jobs(&mut self, rows: &[JobEntry], asked: &mut Asked) {
        let now = self.env.uptime;
        self.answer_with(|op| {
            Some(match op {
                Op::LoadJobs { .. } => Payload::LoadJobs(page(rows.to_vec())),
                Op::LookForJobs { .. } => {
                    asked.lists.push(now);
                    Payload::LookForJobs(page(rows.to_vec()).statuses)
                }
                Op::LoadJob { job, from, .. } => {
                    let row = rows.iter().find(|row| row.id == *job).unwrap();
                    let is_server = *from == Freshness::Server;
                    if is_server {
                        asked.sheets.push((now, job.clone()));
                    }
                    Payload::LoadJob(is_server.then(|| figures(&row.status)))
                }
                _ => return None,
            })
        });
        self.effects.clear();
    }

    /// Lets time pass up to `until`, waking up only when the console wants to.
    pub(crate) fn pass(&mut self, until: Duration, rows: &[JobEntry], asked: &mut Asked) -> usize {
        let mut wakes = 0;
        while let Some(at) = next_wakeup(&self.app).filter(|at| *at <= until) {
            assert!(wakes < 10_000, "the console does not sleep");
            wakes += 1;
            self.env.uptime = self.env.uptime.max(at);
            self.tell(Msg::Tick);
            self.answer_jobs(rows, asked);
        }
        self.env.uptime = until;
        wakes
    }
}
