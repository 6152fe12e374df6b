//! What the tests of this module share: a model with invented data, a backstage that remembers, a
//! stage without a terminal.

pub(crate) mod jobs;
pub(crate) mod records;
pub(crate) mod runs;
pub(crate) mod setup;
pub(crate) mod unknowns;
pub(crate) mod usage;

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};
use ratatui::style::{Color, Style};
use ratatui::{Frame, Terminal};
use tokio::sync::Notify;

use crate::base::limits::KEYS_TOGETHER;
use crate::base::{
    AttemptId, DataCenter, EnrichmentKind, Environment, Outcome, RequestHead, Timestamp,
};
use crate::enrichment::usage::{Usage, UsageInputs, pace};
use crate::enrichment::{Draft, Field};
use crate::ops::request::HeadFrom;
use crate::theme::{ColorDepth, Theme, Themes};
use crate::tui::data::attempt::{Attempt, LogPage, LogRow};
use crate::tui::data::profile::{ProfileFigures, ProfileState, Profiles, Server};
use crate::tui::data::usage::UsageFigures;
use crate::tui::effects::{Ask, Backstage, Effect, Full};
use crate::tui::model::{Env, Model, Settings};
use crate::tui::msg::Msg;
use crate::tui::terminal::{MouseMode, Stage};
use crate::tui::update::{keys_due, unwritten_question, update};

pub(crate) fn now() -> Timestamp {
    "2026-11-24T14:02:12Z".parse().unwrap()
}

pub(crate) fn env() -> Env {
    Env::new(now(), Duration::from_secs(1))
}

pub(crate) fn profile(name: &str, data_center: DataCenter, state: ProfileState) -> ProfileFigures {
    ProfileFigures {
        name: name.parse().unwrap(),
        data_center,
        environment: Environment::Production,
        api_version: "v7".parse().unwrap(),
        state,
        organisation: Some("Acme Inc".to_owned()),
        token_until: (state == ProfileState::Ready).then(|| {
            now()
                .checked_add(jiff::SignedDuration::from_mins(52))
                .unwrap()
        }),
        server: Server::Zoho,
        default_module: Some("Leads".to_owned()),
        scopes: "ZohoCRM.settings.intelligence.ALL,ZohoCRM.org.READ".to_owned(),
        confirm: crate::config::ConfirmRule::Never,
        is_read_only: false,
    }
}

pub(crate) fn profiles() -> Profiles {
    Profiles {
        list: vec![
            profile("us-prod", DataCenter::Us, ProfileState::Ready),
            profile("in-prod", DataCenter::In, ProfileState::TokenExpired),
            profile("us-sandbox", DataCenter::Us, ProfileState::Ready),
        ],
        start_with: None,
        last_sent: None,
    }
}

/// The log of the product's drawing.
pub(crate) fn rows() -> Vec<LogRow> {
    let row =
        |id: i64, at: &str, outcome, http: Option<u16>, ms: u64, input: (&str, &str)| LogRow {
            id: AttemptId(id),
            at: format!("2026-11-24T{at}Z").parse().unwrap(),
            profile: "us-prod".parse().unwrap(),
            data_center: DataCenter::Us,
            kind: EnrichmentKind::People,
            module: "Leads".to_owned(),
            outcome,
            http_status: http,
            code: None,
            message: None,
            job_id: None,
            latency: Some(Duration::from_millis(ms)),
            inputs: vec![(input.0.to_owned(), input.1.to_owned())],
            operator: "ada".to_owned(),
            is_late: false,
        };
    let mut rows = vec![
        row(
            1204,
            "14:02:11",
            Outcome::Scheduled,
            Some(202),
            142,
            ("email", "ada@acme.io"),
        ),
        row(
            1203,
            "14:02:09",
            Outcome::Rejected,
            Some(400),
            88,
            ("name", "Test"),
        ),
        row(
            1202,
            "14:01:58",
            Outcome::Unknown,
            None,
            30_000,
            ("email", "grace@navy.mil"),
        ),
        row(
            1201,
            "14:01:40",
            Outcome::Scheduled,
            Some(202),
            131,
            ("email", "lin@initech.com"),
        ),
    ];
    rows[0].job_id = Some("5725767000003019012".parse().unwrap());
    rows[0].code = Some("SCHEDULED".to_owned());
    rows[0].message = Some("People Enrichment scheduled successfully".to_owned());
    rows[1].code = Some("DEPENDENT_FIELD_MISSING".to_owned());
    rows[1].message = Some("company cannot be empty".to_owned());
    rows[2].message = Some("timed out after 30 s".to_owned());
    rows[3].job_id = Some("5725767000003018995".parse().unwrap());
    rows[3].code = Some("SCHEDULED".to_owned());
    rows
}

pub(crate) fn attempt(row: LogRow) -> Attempt {
    let body =
        serde_json::json!({"__zia_people_enrichment": [{"enrich_based_on": {"name": "Test"}}]});
    let path = "$.__zia_people_enrichment[0].enrich_based_on";
    let details = serde_json::json!({
        "api_name": "company", "json_path": format!("{path}.company"),
        "dependee": {"api_name": "name", "json_path": format!("{path}.name")},
    });
    let is_rejected = row.outcome == Outcome::Rejected;
    Attempt {
        environment: Environment::Production,
        head: RequestHead {
            method: "POST".to_owned(),
            url: "https://www.zohoapis.com/crm/v7/__zia_people_enrichment?module=Leads".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        },
        head_from: HeadFrom::Record,
        record_id: None,
        request_body: Some(body.to_string()),
        response_body: Some(r#"{"code":"X","status":"error"}"#.to_owned()),
        response_headers: vec![("Server".to_owned(), "ZGS".to_owned())],
        details: is_rejected.then(|| details.to_string()),
        note: None,
        row,
    }
}

pub(crate) fn usage(used: u64) -> UsageFigures {
    let days = vec![4, 11, 22, 9, 38, 60, 31, 5, 18, 47, 52, 29, 12, 34];
    let usage = Usage::of(&UsageInputs {
        scheduled: used.saturating_sub(72),
        open: 2,
        unknown: 2,
        foreign: 70,
        listed_at: Some("2026-11-24T13:59:00Z".parse().unwrap()),
        configured_limit: 1_500,
        ..UsageInputs::default()
    });
    UsageFigures {
        pace: pace(&days, usage.left()),
        usage,
        days,
        note: None,
    }
}

pub(crate) fn ada() -> Draft {
    let mut draft = Draft::new(EnrichmentKind::People, "Leads");
    draft.set(Field::Name, "Ada Lovelace");
    draft.set(Field::Email, "ada@acme.io");
    draft.set(Field::Company, "Acme");
    draft.set(Field::Website, "www.acme.io");
    draft.set(Field::Linkedin, "linkedin.com/in/ada");
    draft
}

/// A console with profiles, log, usage and a filled form.
pub(crate) struct Bench {
    pub(crate) model: Model,
    pub(crate) env: Env,
    pub(crate) effects: Vec<Effect>,
}

/// The pace of somebody who reads what each key brings up.
const BETWEEN_KEYS: Duration = Duration::from_millis(400);

impl Bench {
    pub(crate) fn empty(width: u16, height: u16) -> Self {
        let settings = Settings {
            themes: Themes::default().names(),
            scopes: "ZohoCRM.settings.intelligence.ALL,ZohoCRM.org.READ".to_owned(),
            ..Settings::default()
        };
        let mut model = Model::new(settings, now());
        model.shared.width = width;
        model.shared.height = height;
        Self {
            model,
            env: env(),
            effects: Vec::new(),
        }
    }

    pub(crate) fn at_work(width: u16, height: u16) -> Self {
        let mut bench = Self::empty(width, height);
        bench.tell(Msg::Profiles(Ok(profiles())));
        bench.answer_all(1_012);
        bench.tell(Msg::Modules {
            profile: "us-prod".parse().unwrap(),
            kind: EnrichmentKind::People,
            result: Ok(vec!["Leads".to_owned(), "Contacts".to_owned()]),
        });
        bench.model.compose.fill(&ada());
        bench.answer_all(1_012);
        bench.effects.clear();
        bench.model.is_dirty = false;
        bench
    }

    /// Answers what was asked for the log, the usage and the detail.
    pub(crate) fn answer_all(&mut self, used: u64) {
        while let Some(effect) = (!self.effects.is_empty()).then(|| self.effects.remove(0)) {
            let (Effect::Ask(ask) | Effect::AskLater(ask)) = effect else {
                continue;
            };
            match ask {
                Ask::LoadLog { ticket, .. } => self.tell(Msg::Log {
                    ticket,
                    result: Ok(LogPage {
                        rows: rows(),
                        has_more: false,
                        total: Some(1_204),
                    }),
                }),
                Ask::LoadAttempt(id) => {
                    let row = rows().into_iter().find(|row| row.id == id).unwrap();
                    self.tell(Msg::Attempt {
                        id,
                        result: Ok(Box::new(attempt(row))),
                    });
                }
                Ask::LoadUsage { profile, kind, .. } => self.tell(Msg::Usage {
                    profile,
                    kind,
                    result: Ok(Box::new(usage(used))),
                }),
                _ => {}
            }
        }
    }

    /// Answers everything but requests, which stay to be counted.
    pub(crate) fn answer_all_but_submits(&mut self) {
        let (submits, rest) = std::mem::take(&mut self.effects)
            .into_iter()
            .partition(|effect| matches!(effect, Effect::Ask(Ask::Submit(_))));
        self.effects = rest;
        self.answer_all(1_012);
        self.effects = submits;
    }

    pub(crate) fn tell(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg, &mut self.env);
        self.effects.extend(effects);
    }

    /// Presses keys, written as in the configuration and separated by spaces.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            self.rest(BETWEEN_KEYS);
            self.key(key);
            if self.model.key_guard.due() == Some(self.env.uptime + KEYS_TOGETHER) {
                self.rest(KEYS_TOGETHER);
            }
        }
        self
    }

    /// Presses a key at once.
    pub(crate) fn key(&mut self, key: &str) {
        let chord = key.parse().unwrap();
        let at = self.env.uptime;
        self.tell(Msg::Key { chord, at });
    }

    pub(crate) fn paste(&mut self, text: &str) {
        let (text, at) = (text.to_owned(), self.env.uptime);
        self.tell(Msg::Paste { text, at });
    }

    /// Draws a question that is new, and lets time pass for the keys, and for nothing else.
    pub(crate) fn rest(&mut self, time: Duration) {
        if let Some(question) = unwritten_question(&self.model) {
            let at = self.env.uptime;
            self.tell(Msg::QuestionOut { question, at });
        }
        self.env.uptime += time;
        let effects = keys_due(&mut self.model, &mut self.env);
        self.effects.extend(effects);
    }

    /// Types a text, character by character.
    pub(crate) fn type_text(&mut self, text: &str) -> &mut Self {
        self.rest(BETWEEN_KEYS);
        for c in text.chars() {
            let chord = crate::keymap::Chord::plain(crate::keymap::Key::Char(c));
            let at = self.env.uptime;
            self.tell(Msg::Key { chord, at });
        }
        self
    }

    pub(crate) fn asks(&mut self) -> Vec<Ask> {
        std::mem::take(&mut self.effects)
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Ask(ask) | Effect::AskLater(ask) => Some(ask),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn submits(&mut self) -> usize {
        self.asks()
            .iter()
            .filter(|ask| matches!(ask, Ask::Submit(_)))
            .count()
    }

    pub(crate) fn toast(&self) -> &str {
        self.model
            .shared
            .toasts
            .iter()
            .last()
            .map_or("", |toast| toast.text.as_str())
    }

    pub(crate) fn picture(&self) -> String {
        picture(&self.buffer(&Theme::default()).0)
    }

    pub(crate) fn text(&self) -> String {
        text(&self.buffer(&Theme::default()).0)
    }

    pub(crate) fn buffer(&self, theme: &Theme) -> (Buffer, Option<Position>) {
        let backend = TestBackend::new(self.model.shared.width, self.model.shared.height);
        let mut terminal = Terminal::new(backend).unwrap();
        terminal
            .draw(|frame| crate::tui::view::view(&self.model, theme, frame))
            .unwrap();
        let backend = terminal.backend();
        let cursor = backend.cursor_visible().then(|| backend.cursor_position());
        (backend.buffer().clone(), cursor)
    }
}

pub(crate) fn theme(name: &str, depth: ColorDepth) -> Theme {
    Themes::default().load(name, depth).unwrap().0
}

/// The text of a screen.
pub(crate) fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut out = String::new();
    for y in 0..area.height {
        let line: String = (0..area.width).map(|x| buffer[(x, y)].symbol()).collect();
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The text of a screen, and below it the runs of each style, so that a lost highlight is seen.
pub(crate) fn picture(buffer: &Buffer) -> String {
    let mut out = text(buffer);
    out.push_str("--- styles\n");
    let Rect { width, height, .. } = buffer.area;
    for y in 0..height {
        let mut runs: Vec<(u16, Style)> = Vec::new();
        for x in 0..width {
            let style = buffer[(x, y)].style();
            if runs.last().map(|(_, last)| *last) != Some(style) {
                runs.push((x, style));
            }
        }
        let runs: Vec<String> = runs
            .into_iter()
            .map(|(x, style)| format!("{x}:{}", short(style)))
            .collect();
        out.push_str(&format!("{y:>2} {}\n", runs.join(" ")));
    }
    out
}

fn short(style: Style) -> String {
    let color = |color: Option<Color>| match color {
        Some(Color::Rgb(r, g, b)) => format!("{r:02x}{g:02x}{b:02x}"),
        Some(other) => format!("{other:?}"),
        None => "-".to_owned(),
    };
    let mut out = format!("{}/{}", color(style.fg), color(style.bg));
    if !style.add_modifier.is_empty() {
        out.push_str(&format!("+{:?}", style.add_modifier).replace("Modifier", ""));
    }
    out
}

/// A backstage that only remembers.
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeBackstage {
    pub(crate) asked: Rc<RefCell<Vec<Ask>>>,
    pub(crate) room: Option<usize>,
    /// How long `finish` takes.
    pub(crate) settles_in: Duration,
}

impl Backstage for FakeBackstage {
    fn ask(&mut self, ask: Ask) -> Result<(), Full> {
        let mut asked = self.asked.borrow_mut();
        if self.room.is_some_and(|room| asked.len() >= room) {
            return Err(Full);
        }
        asked.push(ask);
        Ok(())
    }

    async fn finish(&mut self) {
        tokio::time::sleep(self.settles_in).await;
    }
}

/// What happened to a stage without a terminal.
#[derive(Debug, Default)]
pub(crate) struct StageLog {
    pub(crate) frames: usize,
    pub(crate) screen: String,
    /// The colour behind the last line.
    pub(crate) ground: Option<Color>,
    pub(crate) written: Vec<u8>,
    pub(crate) lent: usize,
    pub(crate) is_lost: bool,
    /// Whether a frame waits that nobody takes.
    pub(crate) is_full: bool,
    /// Whether a frame that was taken is not handed on.
    pub(crate) is_stuck: bool,
}

/// A stage over ratatui's test backend.
pub(crate) struct TestStage {
    terminal: Terminal<TestBackend>,
    pub(crate) log: Rc<RefCell<StageLog>>,
    pub(crate) fails_after: Option<usize>,
    /// Told when there is room again.
    pub(crate) taken: Rc<Notify>,
}

impl TestStage {
    pub(crate) fn new(width: u16, height: u16) -> Self {
        Self {
            terminal: Terminal::new(TestBackend::new(width, height)).unwrap(),
            log: Rc::default(),
            fails_after: None,
            taken: Rc::default(),
        }
    }
}

impl Stage for TestStage {
    fn size(&self) -> io::Result<Size> {
        Ok(self.terminal.size().unwrap())
    }

    fn is_ready(&self) -> bool {
        !self.log.borrow().is_full
    }

    fn room(&self) -> impl Future<Output = ()> {
        self.taken.notified()
    }

    fn is_written(&self) -> bool {
        let log = self.log.borrow();
        !log.is_full && !log.is_stuck
    }

    fn draw(&mut self, paint: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()> {
        let mut log = self.log.borrow_mut();
        if self.fails_after.is_some_and(|most| log.frames >= most) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.terminal.draw(|frame| paint(frame)).unwrap();
        log.frames += 1;
        let buffer = self.terminal.backend().buffer();
        log.screen = text(buffer);
        log.ground = buffer.cell((0, 23)).map(|cell| cell.bg);
        Ok(())
    }

    fn repaint(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.log.borrow_mut().written.extend_from_slice(bytes);
        Ok(())
    }

    fn mouse(&mut self, _wanted: MouseMode) -> io::Result<()> {
        Ok(())
    }

    async fn release(&mut self) {
        self.log.borrow_mut().lent += 1;
    }

    fn reclaim(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn lost(&mut self) {
        self.log.borrow_mut().is_lost = true;
    }
}
