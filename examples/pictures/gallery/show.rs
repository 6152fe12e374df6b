//! A console whose world outside is invented: it presses keys and answers what is asked.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ziadeck::base::limits::KEYS_TOGETHER;
use ziadeck::base::{AttemptId, DataCenter, Environment, JobId, Outcome, Timestamp};
use ziadeck::config::scopes_default;
use ziadeck::enrichment::usage::{Usage, UsageInputs, pace};
use ziadeck::keymap::{Chord, Key};
use ziadeck::ledger::{AttemptRow, LogPage};
use ziadeck::theme::{Theme, Themes};
use ziadeck::tui::app::cx::ScreenId;
use ziadeck::tui::app::effect::Effect;
use ziadeck::tui::app::notice::Notice;
use ziadeck::tui::app::op::{Class, Op, OpId, Payload, Progress, Reply, Submit, Submitted};
use ziadeck::tui::app::shared::Env;
use ziadeck::tui::app::state::{boot, update};
use ziadeck::tui::app::view::view;
use ziadeck::tui::data::profile::{ProfileFigures, ProfileState, Profiles, Server};
use ziadeck::tui::data::usage::UsageFigures;
use ziadeck::tui::ui::hits::Hits;
use ziadeck::tui::{App, Msg, Settings};

use super::Trouble;
use super::people::{NEWEST, NOW, attempt, job, log};
use super::svg::{Screen, Still};
use super::{runs, setup, sheets};

/// Units that others spent.
const OTHERS: u64 = 70;
const LIMIT: u64 = 1_500;

/// A console and the world around it.
pub(crate) struct Show {
    app: App,
    env: Env,
    effects: VecDeque<Effect>,
    rows: Vec<AttemptRow>,
    profiles: Vec<ProfileFigures>,
    submit: Option<(OpId, Box<Submit>)>,
    used: u64,
    run_done: u64,
}

impl Show {
    /// A console that was never used.
    pub(crate) fn first_start(width: u16, height: u16) -> Result<Self, Trouble> {
        let settings = Settings {
            themes: Themes::default().names(),
            scopes: scopes_default().join(","),
            ..Settings::default()
        };
        let now: Timestamp = NOW.parse()?;
        let mut show = Self {
            app: App::new(settings, now),
            env: Env::new(now, Duration::from_secs(1)),
            effects: VecDeque::new(),
            rows: Vec::new(),
            profiles: Vec::new(),
            submit: None,
            used: 0,
            run_done: 12,
        };
        show.app.shared.width = width;
        show.app.shared.height = height;
        Ok(show)
    }

    /// A console in the middle of a working day.
    pub(crate) fn at_work(width: u16, height: u16) -> Result<Self, Trouble> {
        let mut show = Self::first_start(width, height)?;
        show.rows = log()?;
        show.used = 1_012;
        show.profiles = vec![
            profile("us-prod", DataCenter::Us, ProfileState::Ready)?,
            profile("in-prod", DataCenter::In, ProfileState::Ready)?,
            profile("ca-sandbox", DataCenter::Ca, ProfileState::TokenExpired)?,
        ];
        show.open()?;
        Ok(show)
    }

    /// Opens the console and answers its first questions.
    pub(crate) fn open(&mut self) -> Result<(), Trouble> {
        let effects = boot(&mut self.app, &mut self.env);
        self.effects.extend(effects);
        self.answer()
    }

    /// Presses keys, written as in the configuration and separated by spaces.
    pub(crate) fn press(&mut self, keys: &str) -> Result<(), Trouble> {
        for key in keys.split_whitespace() {
            self.key(key.parse()?);
        }
        self.answer()
    }

    /// A key that nothing else comes close to.
    fn key(&mut self, chord: Chord) {
        self.env.uptime += KEYS_TOGETHER;
        let at = self.env.uptime;
        self.tell(Msg::Key { chord, at });
        if let Some(due) = self.app.key_guard.due() {
            self.env.uptime = due;
            self.tell(Msg::Tick);
        }
    }

    /// Opens a screen by its digit.
    pub(crate) fn go_to(&mut self, digit: &str, screen: ScreenId) -> Result<(), Trouble> {
        self.press(&format!("Esc {digit}"))?;
        if self.app.screen == screen {
            return Ok(());
        }
        Err(format!("{digit} opens {:?} instead of {screen:?}", self.app.screen).into())
    }

    /// Types a text.
    pub(crate) fn type_text(&mut self, text: &str) -> Result<(), Trouble> {
        for c in text.chars() {
            self.key(Chord::plain(Key::Char(c)));
        }
        self.answer()
    }

    /// Pastes a text.
    pub(crate) fn paste(&mut self, text: &str) -> Result<(), Trouble> {
        let (text, at) = (text.to_owned(), self.env.uptime);
        self.tell(Msg::Paste { text, at });
        self.answer()
    }

    /// The request that was sent is on record and on its way.
    pub(crate) fn dispatch(&mut self) -> Result<(), Trouble> {
        let (id, submit) = self.submit.clone().ok_or("nothing was sent")?;
        let row = AttemptRow {
            id: AttemptId(NEWEST + 1),
            at: self.env.now,
            profile: submit.profile.clone(),
            kind: submit.draft.kind,
            module: submit.draft.module.clone(),
            outcome: Outcome::Sending,
            http_status: None,
            code: None,
            message: None,
            job_id: None,
            latency: None,
            inputs: Some(submit.draft.inputs_json()),
            ..self.rows.first().ok_or("nothing is on record")?.clone()
        };
        self.rows.insert(0, row);
        self.used += 1;
        self.tell(Msg::Progress(id, Progress::Dispatched));
        self.answer()
    }

    /// Zoho accepted it.
    pub(crate) fn settle(&mut self) -> Result<(), Trouble> {
        let (id, submit) = self.submit.take().ok_or("nothing was sent")?;
        let row = self.rows.first_mut().ok_or("nothing is on record")?;
        row.outcome = Outcome::Scheduled;
        row.http_status = Some(202);
        row.code = Some("SCHEDULED".to_owned());
        row.job_id = Some(job(row.id.0).parse()?);
        row.latency = Some(Duration::from_millis(142));
        let settled = Payload::Submit(Submitted::Settled(Box::new(row.clone())));
        self.reply(id, Op::Submit(submit), settled);
        self.answer()
    }

    /// The attempt whose answer was lost made a job after all.
    pub(crate) fn reconcile(&mut self) -> Result<(), Trouble> {
        let unknown = |row: &&mut AttemptRow| row.outcome == Outcome::Unknown;
        let row = self.rows.iter_mut().find(unknown).ok_or("no unknown")?;
        row.outcome = Outcome::Scheduled;
        row.job_id = Some(job(row.id.0).parse()?);
        let text = format!(
            "reconciled: attempt {} is scheduled, job {}",
            row.id,
            job(row.id.0)
        );
        self.tell(Msg::LedgerChanged);
        self.answer()?;
        self.tell(Msg::Notice(Notice::info(text)));
        self.answer()
    }

    /// The run that is under way goes on for a minute.
    pub(crate) fn go_on(&mut self) -> Result<(), Trouble> {
        self.env.uptime += Duration::from_secs(60);
        self.run_done = 240;
        self.tell(Msg::LedgerChanged);
        self.answer()
    }

    /// Lets every sentence that goes by itself go.
    pub(crate) fn wait(&mut self) -> Result<(), Trouble> {
        self.env.uptime += Duration::from_secs(20);
        self.tell(Msg::Tick);
        self.answer()
    }

    /// What is on the screen.
    pub(crate) fn still(&self, theme: &Theme, caption: &str) -> Result<Still, Trouble> {
        let backend = TestBackend::new(self.app.shared.width, self.app.shared.height);
        let mut terminal = Terminal::new(backend)?;
        let mut hits = Hits::default();
        terminal.draw(|frame| view(&self.app, theme, frame, &mut hits))?;
        let backend = terminal.backend();
        let cursor = backend.cursor_visible().then(|| backend.cursor_position());
        Ok(Still {
            screen: Screen {
                buffer: backend.buffer().clone(),
                cursor,
            },
            caption: caption.to_owned(),
        })
    }

    fn tell(&mut self, msg: Msg) {
        let effects = update(&mut self.app, msg, &mut self.env);
        self.effects.extend(effects);
    }

    /// Answers every question but a request to send, which is kept.
    fn answer(&mut self) -> Result<(), Trouble> {
        while let Some(effect) = self.effects.pop_front() {
            let Effect::Ask(id, op) = effect else {
                continue;
            };
            if let Op::Submit(submit) = op {
                self.submit = Some((id, submit));
            } else if let Some(payload) = self.answer_to(&op)? {
                self.reply(id, op, payload);
            }
        }
        Ok(())
    }

    fn reply(&mut self, id: OpId, op: Op, payload: Payload) {
        let reply = Reply::new(id, Arc::new(op), Ok(payload));
        self.tell(Msg::Reply(Box::new(reply)));
    }

    fn answer_to(&self, op: &Op) -> Result<Option<Payload>, Trouble> {
        let newest = self.rows.first();
        Ok(Some(match op {
            Op::LoadProfiles => Payload::LoadProfiles(Profiles {
                list: self.profiles.clone(),
                start_with: self.profiles.first().map(|profile| profile.name.clone()),
                last_sent: None,
            }),
            Op::LoadLog(_) => Payload::LoadLog(LogPage {
                rows: self.rows.clone(),
                more: false,
                total: newest.and_then(|row| u64::try_from(row.id.0).ok()),
            }),
            Op::LoadAttempt(id) => {
                let row = self.rows.iter().find(|row| row.id == *id);
                return Ok(row.map(|row| Payload::LoadAttempt(attempt(row))));
            }
            Op::LoadUsage { .. } => Payload::LoadUsage(self.figures()?),
            Op::LoadModules(_) => {
                Payload::LoadModules(vec!["Leads".to_owned(), "Contacts".to_owned()])
            }
            Op::LoadJob { job, .. } => {
                let figures = sheets::job(self.of_job(job), self.env.now);
                Payload::LoadJob(Some(figures))
            }
            Op::LoadJobs { .. } => Payload::LoadJobs(sheets::jobs(&self.rows)?),
            Op::LoadUsageSheet(_) => {
                let figures = self.figures()?;
                Payload::LoadUsageSheet(sheets::usage(figures.usage, &figures.days)?)
            }
            Op::LoadUnknowns { .. } => Payload::LoadUnknowns(sheets::unknowns(&self.rows)?),
            Op::LoadRuns { .. } => Payload::LoadRuns(runs::runs(self.run_done)?),
            Op::LoadRows(_) => Payload::LoadRows(runs::rows(&self.rows)?),
            Op::LoadSetup { profile, .. } => {
                Payload::LoadSetup(setup::overview(profile.clone(), LIMIT)?)
            }
            // What is seen on no picture.
            Op::LoadDraft { .. } | Op::LookAtDraft { .. } | Op::LoadConfiguration { .. } => {
                return Ok(None);
            }
            op if op.class() == Class::Read => {
                return Err(format!("nothing answers {op:?}").into());
            }
            _ => return Ok(None),
        }))
    }

    fn of_job(&self, job: &JobId) -> Option<&AttemptRow> {
        self.rows
            .iter()
            .find(|row| row.job_id.as_ref() == Some(job))
    }

    fn figures(&self) -> Result<UsageFigures, Trouble> {
        let count = |outcome| {
            self.rows
                .iter()
                .filter(|row| row.outcome == outcome)
                .count()
        };
        let unknown = u64::try_from(count(Outcome::Unknown))?;
        let open = unknown + u64::try_from(count(Outcome::Sending))?;
        let days = vec![14, 21, 32, 19, 48, 60, 31, 15, 28, 47, 52, 29, 32, 34];
        let usage = Usage::of(&UsageInputs {
            scheduled: self.used - OTHERS - open,
            open,
            unknown,
            foreign: OTHERS,
            listed_at: Some("2026-11-24T13:59:00Z".parse()?),
            configured_limit: LIMIT,
            ..UsageInputs::default()
        });
        Ok(UsageFigures {
            pace: pace(&days, usage.left()),
            usage,
            days,
            note: None,
        })
    }
}

fn profile(
    name: &str,
    data_center: DataCenter,
    state: ProfileState,
) -> Result<ProfileFigures, Trouble> {
    let now: Timestamp = NOW.parse()?;
    let token_until = match state {
        ProfileState::Ready => Some(now.checked_add(SignedDuration::from_mins(52))?),
        ProfileState::TokenExpired | ProfileState::NotSetUp => None,
    };
    Ok(ProfileFigures {
        name: name.parse()?,
        data_center,
        environment: match name {
            "ca-sandbox" => Environment::Sandbox,
            _ => Environment::Production,
        },
        api_version: "v7".parse()?,
        state,
        organisation: Some("Acme Inc".to_owned()),
        token_until,
        server: Server::Zoho,
        default_module: Some("Leads".to_owned()),
        scopes: "ZohoCRM.settings.intelligence.ALL,ZohoCRM.org.READ".to_owned(),
        confirm: ziadeck::config::ConfirmRule::Never,
        is_read_only: false,
    })
}
