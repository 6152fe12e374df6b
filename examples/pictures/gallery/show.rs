//! A console whose world outside is invented: it presses keys and answers what is asked.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::SignedDuration;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ziadeck::base::limits::KEYS_TOGETHER;
use ziadeck::base::{AttemptId, DataCenter, Environment, JobId, Outcome, Timestamp};
use ziadeck::config::SCOPES_DEFAULT;
use ziadeck::enrichment::usage::{Usage, UsageInputs, pace};
use ziadeck::keymap::{Chord, Key};
use ziadeck::theme::{Theme, Themes};
use ziadeck::tui::data::attempt::{LogPage, LogRow};
use ziadeck::tui::data::profile::{ProfileFigures, ProfileState, Profiles, Server};
use ziadeck::tui::data::usage::UsageFigures;
use ziadeck::tui::effects::{Ask, Effect, RunsAsk, SetupAsk, Submit};
use ziadeck::tui::model::{Env, Model, Place, Settings};
use ziadeck::tui::msg::{Msg, RunsMsg, SetupMsg};
use ziadeck::tui::update::{boot, update};

use super::Trouble;
use super::people::{NEWEST, NOW, attempt, job, log};
use super::svg::{Screen, Still};
use super::{runs, setup, sheets};

/// Units that others spent.
const OTHERS: u64 = 70;
const LIMIT: u64 = 1_500;

/// A console and the world around it.
pub(crate) struct Show {
    model: Model,
    env: Env,
    effects: VecDeque<Effect>,
    rows: Vec<LogRow>,
    profiles: Vec<ProfileFigures>,
    submit: Option<Submit>,
    used: u64,
    run_done: u64,
}

impl Show {
    /// A console that was never used.
    pub(crate) fn first_start(width: u16, height: u16) -> Result<Self, Trouble> {
        let settings = Settings {
            themes: Themes::default().names(),
            scopes: SCOPES_DEFAULT.join(","),
            ..Settings::default()
        };
        let now: Timestamp = NOW.parse()?;
        let mut show = Self {
            model: Model::new(settings, now),
            env: Env::new(now, Duration::from_secs(1)),
            effects: VecDeque::new(),
            rows: Vec::new(),
            profiles: Vec::new(),
            submit: None,
            used: 0,
            run_done: 12,
        };
        show.model.shared.width = width;
        show.model.shared.height = height;
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
        let effects = boot(&mut self.model, &mut self.env);
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
        if let Some(due) = self.model.key_guard.due() {
            self.env.uptime = due;
            self.tell(Msg::Tick);
        }
    }

    /// Opens a screen by its digit.
    pub(crate) fn go_to(&mut self, digit: &str, place: Place) -> Result<(), Trouble> {
        self.press(&format!("Esc {digit}"))?;
        if self.model.place == place {
            return Ok(());
        }
        Err(format!("{digit} opens {:?} instead of {place:?}", self.model.place).into())
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
        let submit = self.submit.clone().ok_or("nothing was sent")?;
        let row = LogRow {
            id: AttemptId(NEWEST + 1),
            at: self.env.now,
            profile: submit.profile,
            data_center: DataCenter::Us,
            kind: submit.draft.kind,
            module: submit.draft.module.clone(),
            outcome: Outcome::Sending,
            http_status: None,
            code: None,
            message: None,
            job_id: None,
            latency: None,
            inputs: submit
                .draft
                .given()
                .map(|(field, value)| (field.as_str().to_owned(), value.into_owned()))
                .collect(),
            operator: "ada".to_owned(),
            is_late: false,
        };
        self.rows.insert(0, row.clone());
        self.used += 1;
        self.tell(Msg::Dispatched {
            ticket: submit.ticket,
            row: Box::new(row),
        });
        self.answer()
    }

    /// Zoho accepted it.
    pub(crate) fn settle(&mut self) -> Result<(), Trouble> {
        let submit = self.submit.take().ok_or("nothing was sent")?;
        let row = self.rows.first_mut().ok_or("nothing is on record")?;
        row.outcome = Outcome::Scheduled;
        row.http_status = Some(202);
        row.code = Some("SCHEDULED".to_owned());
        row.job_id = Some(job(row.id.0).parse()?);
        row.latency = Some(Duration::from_millis(142));
        let row = Box::new(row.clone());
        self.tell(Msg::Submitted {
            ticket: submit.ticket,
            result: Ok(row),
        });
        self.answer()
    }

    /// The attempt whose answer was lost made a job after all.
    pub(crate) fn reconcile(&mut self) -> Result<(), Trouble> {
        let unknown = |row: &&mut LogRow| row.outcome == Outcome::Unknown;
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
        self.tell(Msg::Notice {
            level: ziadeck::tui::model::Level::Info,
            text,
        });
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
        let backend = TestBackend::new(self.model.shared.width, self.model.shared.height);
        let mut terminal = Terminal::new(backend)?;
        terminal.draw(|frame| ziadeck::tui::view::view(&self.model, theme, frame))?;
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
        let effects = update(&mut self.model, msg, &mut self.env);
        self.effects.extend(effects);
    }

    /// Answers every question but a request to send, which is kept.
    fn answer(&mut self) -> Result<(), Trouble> {
        while let Some(effect) = self.effects.pop_front() {
            let Effect::Ask(ask) = effect else { continue };
            if let Ask::Submit(submit) = ask {
                self.submit = Some(*submit);
            } else if let Some(msg) = self.answer_to(ask)? {
                self.tell(msg);
            }
        }
        Ok(())
    }

    fn answer_to(&self, ask: Ask) -> Result<Option<Msg>, Trouble> {
        Ok(match ask {
            Ask::Profiles => Some(Msg::Profiles(Ok(Profiles {
                list: self.profiles.clone(),
                start_with: self.profiles.first().map(|profile| profile.name.clone()),
                last_sent: None,
            }))),
            Ask::LoadLog { ticket, .. } => Some(Msg::Log {
                ticket,
                result: Ok(LogPage {
                    rows: self.rows.clone(),
                    has_more: false,
                    total: self
                        .rows
                        .first()
                        .and_then(|row| u64::try_from(row.id.0).ok()),
                }),
            }),
            Ask::LoadAttempt(id) => {
                let row = self.rows.iter().find(|row| row.id == id);
                row.map(|row| Msg::Attempt {
                    id,
                    result: Ok(Box::new(attempt(row))),
                })
            }
            Ask::LoadUsage { profile, kind, .. } => Some(Msg::Usage {
                profile,
                kind,
                result: Ok(Box::new(self.figures()?)),
            }),
            Ask::LoadModules { profile, kind } => Some(Msg::Modules {
                profile,
                kind,
                result: Ok(vec!["Leads".to_owned(), "Contacts".to_owned()]),
            }),
            Ask::LoadJob { job, .. } => {
                let figures = sheets::job(self.of_job(&job), self.env.now);
                Some(Msg::Job {
                    job,
                    result: Ok(Box::new(figures)),
                })
            }
            Ask::LoadJobs { ticket, .. } => Some(Msg::Jobs {
                ticket,
                result: Ok(sheets::jobs(&self.rows)?),
            }),
            Ask::LoadJobSheet {
                profile,
                kind,
                job,
                freshness,
            } => {
                let figures = sheets::job(self.of_job(&job), self.env.now);
                Some(Msg::JobSheet {
                    profile,
                    kind,
                    job,
                    freshness,
                    result: Ok(Some(Box::new(figures))),
                })
            }
            Ask::LoadUsageSheet { profile, kind } => {
                let figures = self.figures()?;
                Some(Msg::UsageSheet {
                    profile,
                    kind,
                    result: Ok(Box::new(sheets::usage(figures.usage, &figures.days)?)),
                })
            }
            Ask::LoadUnknowns {
                ticket,
                profile,
                kind,
                ..
            } => Some(Msg::Unknowns {
                ticket,
                profile,
                kind,
                result: Ok(sheets::unknowns(&self.rows)?),
            }),
            Ask::Runs(RunsAsk::Load { ticket, .. }) => Some(Msg::Runs(RunsMsg::List {
                ticket,
                result: Ok(runs::runs(self.run_done)?),
            })),
            Ask::Runs(RunsAsk::Rows { ticket, .. }) => Some(Msg::Runs(RunsMsg::Rows {
                ticket,
                result: Ok(runs::rows(&self.rows)?),
            })),
            Ask::Setup(SetupAsk::Load {
                ticket, profile, ..
            }) => Some(Msg::Setup(SetupMsg::Sheet {
                ticket,
                result: Ok(Box::new(setup::overview(profile, LIMIT)?)),
            })),
            _ => None,
        })
    }

    fn of_job(&self, job: &JobId) -> Option<&LogRow> {
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
