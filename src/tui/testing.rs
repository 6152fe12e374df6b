//! What the tests of this module share: an app with invented data, a worker that remembers, a tui
//! without a terminal.

pub(crate) mod fake_tui;
pub(crate) mod jobs;
pub(crate) mod records;
pub(crate) mod runs;
pub(crate) mod setup;
pub(crate) mod unknowns;
pub(crate) mod usage;

use std::sync::Arc;
use std::time::Duration;

use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Style};
use ratatui::{Frame, Terminal};

use crate::base::limits::KEYS_TOGETHER;
use crate::base::{
    AttemptId, DataCenter, EnrichmentKind, Environment, Outcome, RequestHead, Timestamp,
};
use crate::enrichment::usage::{Usage, UsageInputs, pace};
use crate::enrichment::{Draft, Field};
use crate::ledger::{
    AttemptDetail, AttemptRow, BudgetRule, Fingerprint, Forced, LogPage, Origin, ScopeKey, Sent,
};
use crate::ops::request::{HeadFrom, ShownRequest};
use crate::theme::{ColorDepth, Theme, Themes};
use crate::tui::app::cx::ScreenId;
use crate::tui::app::effect::Effect;
use crate::tui::app::keys::keys_due;
use crate::tui::app::msg::{Mouse, MouseKind, Msg};
use crate::tui::app::notice::Failure;
use crate::tui::app::op::{Op, OpId, Payload, Progress, Reply};
use crate::tui::app::shared::{Env, Settings};
use crate::tui::app::state::{App, Turn, boot, update};
use crate::tui::app::view::{view, view_top};
use crate::tui::data::attempt::Attempt;
use crate::tui::data::profile::{ProfileFigures, ProfileState, Profiles, Server};
use crate::tui::data::usage::UsageFigures;
use crate::tui::ui::hits::Hits;

/// The name of an operation, or of an answer to one.
pub(crate) fn name_of(of: &impl std::fmt::Debug) -> String {
    let text = format!("{of:?}");
    let name = text.split(['(', ' ']).next();
    name.unwrap_or_default().to_owned()
}

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
pub(crate) fn rows() -> Vec<AttemptRow> {
    let row =
        |id: i64, at: &str, outcome, http: Option<u16>, ms: u64, input: (&str, &str)| AttemptRow {
            id: AttemptId(id),
            at: format!("2026-11-24T{at}Z").parse().unwrap(),
            profile: "us-prod".parse().unwrap(),
            settled_at: None,
            scope: ScopeKey::of_org(DataCenter::Us, Environment::Production, "10234567"),
            data_center: DataCenter::Us,
            environment: Environment::Production,
            kind: EnrichmentKind::People,
            module: "Leads".to_owned(),
            record_id: None,
            origin: Origin::Single,
            forced: Forced::No,
            rule: BudgetRule::Hold,
            outcome,
            http_status: http,
            code: None,
            message: None,
            job_id: None,
            latency: Some(Duration::from_millis(ms)),
            inputs: Some(serde_json::json!({ input.0: input.1 }).to_string()),
            note: None,
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

pub(crate) fn attempt(row: AttemptRow) -> Attempt {
    let body =
        serde_json::json!({"__zia_people_enrichment": [{"enrich_based_on": {"name": "Test"}}]});
    let path = "$.__zia_people_enrichment[0].enrich_based_on";
    let details = serde_json::json!({
        "api_name": "company", "json_path": format!("{path}.company"),
        "dependee": {"api_name": "name", "json_path": format!("{path}.name")},
    });
    let is_rejected = row.outcome == Outcome::Rejected;
    Attempt {
        detail: AttemptDetail {
            row,
            fingerprint: Fingerprint::default(),
            sent: Sent::default(),
            response_body: Some(r#"{"code":"X","status":"error"}"#.to_owned()),
            response_headers: vec![("Server".to_owned(), "ZGS".to_owned())],
            details: is_rejected.then(|| details.to_string()),
            purged_at: None,
            decisions: Vec::new(),
        },
        request: ShownRequest {
            head: RequestHead {
                method: "POST".to_owned(),
                url: "https://www.zohoapis.com/crm/v7/__zia_people_enrichment?module=Leads"
                    .to_owned(),
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            },
            head_from: HeadFrom::Record,
            body: Some(body.to_string()),
        },
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
pub(crate) struct Harness {
    pub(crate) app: App,
    pub(crate) env: Env,
    pub(crate) effects: Vec<Effect>,
    /// What was asked and has no reply yet, in order.
    pub(crate) open: Vec<(OpId, Arc<Op>)>,
}

/// The pace of somebody who reads what each key brings up.
const BETWEEN_KEYS: Duration = Duration::from_millis(400);

impl Harness {
    pub(crate) fn empty(width: u16, height: u16) -> Self {
        let settings = Settings {
            themes: Themes::default().names(),
            scopes: "ZohoCRM.settings.intelligence.ALL,ZohoCRM.org.READ".to_owned(),
            ..Settings::default()
        };
        let mut app = App::new(settings, now());
        app.shared.width = width;
        app.shared.height = height;
        Self {
            app,
            env: env(),
            effects: Vec::new(),
            open: Vec::new(),
        }
    }

    /// With these profiles, and nothing else answered.
    pub(crate) fn with_profiles(width: u16, height: u16, profiles: Profiles) -> Self {
        let mut harness = Self::empty(width, height);
        let effects = boot(&mut harness.app, &mut harness.env);
        harness.take(effects);
        harness.reply(Payload::LoadProfiles(profiles));
        harness
    }

    pub(crate) fn at_work(width: u16, height: u16) -> Self {
        let mut harness = Self::with_profiles(width, height, profiles());
        harness.answer_all(1_012);
        harness.reply(Payload::LoadModules(vec![
            "Leads".to_owned(),
            "Contacts".to_owned(),
        ]));
        harness.fill(&ada());
        harness.answer_all(1_012);
        harness.effects.clear();
        harness.app.is_dirty = false;
        harness
    }

    /// Puts a draft into the form.
    pub(crate) fn fill(&mut self, draft: &Draft) {
        let mut turn = Turn::new(&mut self.env);
        let console = &mut self.app.screens.console;
        console.compose.fill(draft, &mut turn.cx(&self.app.shared));
        self.app.carry_out(&mut turn);
        self.app.settle();
        let effects = turn.effects;
        self.take(effects);
    }

    /// What the form holds.
    pub(crate) fn draft(&self) -> Draft {
        self.app.screens.console.compose.draft(&self.app.shared)
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in &effects {
            if let Effect::Ask(id, op) | Effect::AskAfterFrame(id, op) = effect {
                self.open.push((*id, Arc::new(op.clone())));
            }
        }
        self.effects.extend(effects);
    }

    /// What a ledger answers at once: log, usage and detail.
    fn at_once(op: &Op, used: u64) -> Option<Payload> {
        Some(match op {
            Op::LoadLog(_) => Payload::LoadLog(LogPage {
                rows: rows(),
                more: false,
                total: Some(1_204),
            }),
            Op::LoadAttempt(id) => {
                let row = rows().into_iter().find(|row| row.id == *id).unwrap();
                Payload::LoadAttempt(attempt(row))
            }
            Op::LoadUsage { .. } => Payload::LoadUsage(usage(used)),
            _ => return None,
        })
    }

    /// Answers what was asked for the log, the usage and the detail, and forgets every effect.
    pub(crate) fn answer_all(&mut self, used: u64) {
        self.answer_with(|op| Self::at_once(op, used));
        self.effects.clear();
    }

    /// Answers everything but requests, which stay to be counted.
    pub(crate) fn answer_all_but_submits(&mut self) {
        self.answer_with(|op| Self::at_once(op, 1_012));
        self.effects
            .retain(|effect| matches!(effect, Effect::Ask(_, Op::Submit(_))));
    }

    /// Answers as `answer` says until nothing is asked that it answers.
    pub(crate) fn answer_with(&mut self, mut answer: impl FnMut(&Op) -> Option<Payload>) {
        loop {
            let mut open = self.open.iter().enumerate();
            let found = open.find_map(|(at, (_, op))| answer(op).map(|payload| (at, payload)));
            let Some((at, payload)) = found else { return };
            let (id, op) = self.open.remove(at);
            self.tell(Msg::Reply(Box::new(Reply::new(id, op, Ok(payload)))));
        }
    }

    /// The operation of this name that was asked last and has no reply.
    fn close(&mut self, name: &str) -> (OpId, Arc<Op>) {
        let at = self.open.iter().rposition(|(_, op)| name_of(op) == name);
        let Some(at) = at else {
            panic!("nothing waits for {name}: {:?}", self.open);
        };
        self.open.remove(at)
    }

    /// Replies to the last operation of that name.
    pub(crate) fn reply(&mut self, payload: Payload) {
        let (id, op) = self.close(&name_of(&payload));
        self.tell(Msg::Reply(Box::new(Reply::new(id, op, Ok(payload)))));
    }

    /// Replies to the first operation of that name that has no reply: a late one.
    pub(crate) fn reply_late(&mut self, payload: Payload) {
        let mut open = self.open.iter();
        let at = open.position(|(_, op)| name_of(op) == name_of(&payload));
        let (id, op) = self.open.remove(at.unwrap());
        self.tell(Msg::Reply(Box::new(Reply::new(id, op, Ok(payload)))));
    }

    /// The last operation of that name fails.
    pub(crate) fn fail(&mut self, name: &str, failure: Failure) {
        let (id, op) = self.close(name);
        self.tell(Msg::Reply(Box::new(Reply::new(id, op, Err(failure)))));
    }

    /// How far the last operation of that name is.
    pub(crate) fn progress(&mut self, name: &str, progress: Progress) {
        let mut open = self.open.iter().rev();
        let (id, _) = open.find(|(_, op)| name_of(op) == name).unwrap();
        self.tell(Msg::Progress(*id, progress));
    }

    pub(crate) fn tell(&mut self, msg: Msg) {
        let effects = update(&mut self.app, msg, &mut self.env);
        self.take(effects);
    }

    /// Presses keys, written as in the configuration and separated by spaces.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            self.rest(BETWEEN_KEYS);
            self.key(key);
            if self.app.key_guard.due() == Some(self.env.uptime + KEYS_TOGETHER) {
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
        if let Some(question) = self.app.unwritten_question() {
            let at = self.env.uptime;
            self.tell(Msg::QuestionOut { question, at });
        }
        self.env.uptime += time;
        let effects = keys_due(&mut self.app, &mut self.env);
        self.take(effects);
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

    /// Goes down to the row of a form that is marked and begins so.
    #[track_caller]
    pub(crate) fn down_to(&mut self, label: &str) -> &mut Self {
        let marked = format!("› {label}");
        let mut seen = std::collections::BTreeSet::new();
        while !self.text().contains(&marked) {
            assert!(seen.insert(self.text()), "no row {label}: {}", self.text());
            self.press("Down");
        }
        self
    }

    /// The mouse does something at a place of the screen as it is drawn now; it must be on.
    pub(crate) fn mouse(&mut self, kind: MouseKind, (column, row): (u16, u16)) {
        let mut hits = Hits::default();
        self.drawn(&Theme::default(), &mut hits);
        self.app.hits = hits;
        self.tell(Msg::Mouse(Mouse { kind, column, row }));
    }

    pub(crate) fn click(&mut self, at: (u16, u16)) {
        self.mouse(MouseKind::Press, at);
    }

    /// What was asked since this was called last.
    pub(crate) fn ops(&mut self) -> Vec<Op> {
        std::mem::take(&mut self.effects)
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Ask(_, op) | Effect::AskAfterFrame(_, op) => Some(op),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn submits(&mut self) -> usize {
        let ops = self.ops();
        ops.iter().filter(|op| matches!(op, Op::Submit(_))).count()
    }

    pub(crate) fn toast(&self) -> &str {
        let toast = self.app.shared.toasts.iter().last();
        toast.map_or("", |toast| toast.text.as_str())
    }

    pub(crate) fn picture(&self) -> String {
        picture(&self.buffer(&Theme::default()).0)
    }

    /// Whether the screen is the one that was kept under this name, with its styles. Header and
    /// tabs have a picture of their own: another screen or profile is no matter of this one.
    pub(crate) fn is_as_before(&self, name: &str) {
        let (mut screen, _) = self.buffer(&Theme::default());
        let top = self.top();
        let cells = screen.content.iter_mut().zip(&top.content);
        for (cell, top) in cells.take(2 * usize::from(top.area.width)) {
            if cell == top {
                cell.reset();
            }
        }
        kept(name, &picture(&screen));
    }

    /// The same for the header and the tabs, on each screen.
    pub(crate) fn top_is_as_before(mut self, name: &str) {
        let mut tops = String::new();
        for screen in ScreenId::ALL {
            self.app.screen = *screen;
            let mut buffer = self.top();
            buffer.resize(Rect::new(0, 0, buffer.area.width, 2));
            tops.push_str(&picture(&buffer));
        }
        kept(name, &tops);
    }

    pub(crate) fn text(&self) -> String {
        text(&self.buffer(&Theme::default()).0)
    }

    pub(crate) fn buffer(&self, theme: &Theme) -> (Buffer, Option<Position>) {
        self.drawn(theme, &mut Hits::default())
    }

    fn drawn(&self, theme: &Theme, hits: &mut Hits) -> (Buffer, Option<Position>) {
        self.frame(|frame| view(&self.app, theme, frame, hits))
    }

    fn top(&self) -> Buffer {
        self.frame(|frame| view_top(&self.app, &Theme::default(), frame))
            .0
    }

    fn frame(&self, draw: impl FnOnce(&mut Frame<'_>)) -> (Buffer, Option<Position>) {
        let backend = TestBackend::new(self.app.shared.width, self.app.shared.height);
        let mut terminal = Terminal::new(backend).unwrap();
        terminal.draw(draw).unwrap();
        let backend = terminal.backend();
        let cursor = backend.cursor_visible().then(|| backend.cursor_position());
        (backend.buffer().clone(), cursor)
    }
}

pub(crate) fn theme(name: &str, depth: ColorDepth) -> Theme {
    Themes::default().load(name, depth).unwrap().0
}

/// Whether a picture is the one that was kept under this name.
fn kept(name: &str, picture: &str) {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui/app/view/snapshots");
    insta::with_settings!({ snapshot_path => directory, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, picture);
    });
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
