//! Two weeks that the demo has lived through: people enriched, a refusal now and then, a throttle,
//! an answer that was lost.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::clock::DemoClock;
use crate::base::{Clock, EnrichmentKind, Secret, Timestamp};
use crate::enrichment::{Draft, EnrichmentRequest, Field};
use crate::ops::job_list::ListDepth;
use crate::ops::submit::{SubmitOptions, submit};
use crate::ops::usage::refresh;
use crate::ops::{AppContext, OpsError, ProfileSession, setup};
use crate::simulator::{Action, Fault, Simulator, StatusFault, Target};

/// What the demo starts with.
#[derive(Debug, Clone, Copy)]
pub struct DemoOptions {
    /// The enrichment limit of the first organisation.
    pub limit: u64,
    /// Units that are spent already.
    pub used: u64,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            limit: 1_500,
            used: 1_006,
        }
    }
}

/// How far back the history goes.
pub(super) const DAYS: Duration = Duration::from_secs(14 * 86_400);

/// How long an answer takes once the demo is live, about as long as Zoho's.
const LATENCY: Duration = Duration::from_millis(140);

/// How much of the past was whose.
pub(super) struct History {
    pub(super) limit: u64,
    /// Units that others had spent when it begins.
    pub(super) before: u64,
    /// Units that others spend while it is lived through.
    meanwhile: u64,
    /// Whether people of ours are in it.
    is_lived_in: bool,
}

impl History {
    pub(super) fn of(options: DemoOptions) -> Self {
        let people = u64::try_from(PEOPLE.len()).unwrap_or(0);
        // A nearly empty organisation has no history of ours, so that its numbers stay as asked.
        let is_lived_in = options.used > people;
        // One more for the answer that was lost.
        let own = if is_lived_in { people + 1 } else { 0 };
        let others = options.used - own;
        let meanwhile = if is_lived_in { others * 2 / 5 } else { 0 };
        Self {
            limit: options.limit,
            before: others - meanwhile,
            meanwhile,
            is_lived_in,
        }
    }
}

pub(super) async fn live_through(
    context: &AppContext,
    simulators: &[Simulator],
    history: &History,
    clock: &DemoClock,
) -> Result<(), OpsError> {
    let mut sessions = Vec::new();
    for profile in &context.config().profiles {
        let session = context.session(Some(&profile.name))?;
        let code = Secret::new(&format!("demo-{}", profile.name));
        session.tokens().login(&code).await?;
        setup::pin(&session).await?;
        sessions.push(session);
    }
    if let (Some(session), Some(simulator)) = (sessions.first(), simulators.first())
        && history.is_lived_in
    {
        good_days(session, simulator, (clock, history)).await?;
        bad_hour(session, simulator, clock).await?;
    }
    clock.stand_behind(Duration::ZERO);
    for session in &sessions {
        session.tokens().refresh().await?;
        refresh(session, EnrichmentKind::People, ListDepth::All).await?;
    }
    for simulator in simulators {
        simulator.control().set_latency(LATENCY);
    }
    Ok(())
}

/// People enriched, denser towards the present, as a log is; a refusal now and then.
async fn good_days(
    session: &Arc<ProfileSession>,
    simulator: &Simulator,
    (clock, history): (&DemoClock, &History),
) -> Result<(), OpsError> {
    let all = u32::try_from(PEOPLE.len()).unwrap_or(1);
    let now = clock
        .now()
        .checked_add(clock.behind())
        .unwrap_or(clock.now());
    let others = times_of_others(now, history.meanwhile);
    let mut others = others.into_iter().peekable();
    let add_other = || {
        simulator
            .control()
            .add_foreign_job(EnrichmentKind::People, None)
    };
    for (left, (name, company, domain)) in (1..=all).rev().zip(PEOPLE) {
        let behind = DAYS.saturating_mul(left * left) / (all * all);
        while let Some(time) = others.next_if(|time| *time > behind) {
            clock.stand_behind(time);
            add_other();
        }
        clock.stand_behind(behind);
        let first = name.split(' ').next().unwrap_or(name).to_lowercase();
        let email = format!("{first}@{domain}");
        let values = [
            (Field::Name, name),
            (Field::Company, company),
            (Field::Email, &email),
        ];
        send(session, &values).await?;
        if left % 7 == 4 {
            send(session, &[(Field::Name, "Test")]).await?;
        }
    }
    for _ in others {
        add_other();
    }
    Ok(())
}

/// How far back each unit of the others was, the oldest first: they work on weekdays, and not on
/// each as much.
fn times_of_others(now: Timestamp, units: u64) -> Vec<Duration> {
    const DAY: Duration = Duration::from_secs(86_400);
    let days: Vec<(Duration, u64)> = (1..=14)
        .rev()
        .map(|day| (DAY * day, busyness(now, DAY * day)))
        .collect();
    let all: u64 = days.iter().map(|(_, share)| share).sum();
    let (mut times, mut passed) = (Vec::new(), 0);
    for (begin, share) in days {
        let first = units * passed / all.max(1);
        passed += share;
        let count = u32::try_from(units * passed / all.max(1) - first).unwrap_or(0);
        times.extend((0..count).map(|n| begin - DAY * (2 * n + 1) / (2 * count)));
    }
    times
}

/// How much of their work falls on each day of the week, Monday first.
const BUSYNESS: [u64; 7] = [6, 8, 7, 9, 5, 1, 2];

/// How much of their work falls on the day that begins so long ago.
fn busyness(now: Timestamp, ago: Duration) -> u64 {
    let noon = ago.saturating_sub(Duration::from_secs(43_200));
    let day = TimeZone::UTC.to_datetime(now.checked_sub(noon).unwrap_or(now));
    let day = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0);
    BUSYNESS.get(day).copied().unwrap_or(0)
}

/// A throttle, then an answer that was lost although the job was made.
async fn bad_hour(
    session: &Arc<ProfileSession>,
    simulator: &Simulator,
    clock: &DemoClock,
) -> Result<(), OpsError> {
    let control = simulator.control();
    for (minutes, action) in [
        (21, Action::Status(StatusFault::new(429))),
        (20, Action::CloseAfterRead { effect: true }),
    ] {
        clock.stand_behind(Duration::from_secs(minutes * 60));
        control.push_fault(Fault::next(Target::PeoplePost, action));
        send(session, &[(Field::Email, "grace@harbour.example")]).await?;
    }
    control.clear_faults();
    Ok(())
}

/// Sends through the front door; local checks are overruled, so that the log has refusals too.
async fn send(session: &Arc<ProfileSession>, values: &[(Field, &str)]) -> Result<(), OpsError> {
    let mut draft = Draft::new(EnrichmentKind::People, "Leads");
    for (field, value) in values {
        draft.set(*field, value);
    }
    let request = EnrichmentRequest::forced(&draft);
    submit(session, &request, SubmitOptions::single()).await?;
    Ok(())
}

const PEOPLE: [(&str, &str, &str); 24] = [
    ("Mira Castellanos", "Bluefin Robotics", "bluefin.example"),
    ("Jonas Adeyemi", "Harbour & Vale", "harbourvale.example"),
    ("Priya Raman", "Tessellate Labs", "tessellate.example"),
    ("Oskar Lindqvist", "Nordvind Energi", "nordvind.example"),
    ("Hana Kobayashi", "Quiet Machines", "quietmachines.example"),
    ("Tomas Ferreira", "Porto Verde", "portoverde.example"),
    ("Leila Haddad", "Cedar Analytics", "cedaranalytics.example"),
    ("Ben Okafor", "Kestrel Freight", "kestrelfreight.example"),
    ("Sofia Marchetti", "Officina Delta", "officinadelta.example"),
    ("Noah Whitfield", "Granite Peak", "granitepeak.example"),
    ("Ingrid Solberg", "Fjordline Media", "fjordline.example"),
    ("Arjun Mehta", "Saffron Grid", "saffrongrid.example"),
    ("Chloe Tremblay", "Maple & Mortar", "maplemortar.example"),
    ("Yusuf Demir", "Anatolia Foods", "anatolia.example"),
    ("Elena Petrova", "Lattice Optics", "latticeoptics.example"),
    ("Marcus Bell", "Riverbend Tools", "riverbend.example"),
    ("Aisha Rahman", "Monsoon Health", "monsoon.example"),
    ("Diego Salinas", "Alta Mar", "altamar.example"),
    ("Freya Thorsen", "Glasswing Studio", "glasswing.example"),
    ("Samuel Osei", "Volta Networks", "voltanet.example"),
    ("Nadia Karimova", "Silkway Trading", "silkway.example"),
    ("Patrick Doyle", "Liffey Systems", "liffey.example"),
    ("Lucia Romero", "Casa Norte", "casanorte.example"),
    ("Ada Lindgren", "Northgate Labs", "northgate.example"),
];

#[cfg(test)]
mod tests;
