//! The live log: paging, filtering, searching, and the rows that are seen.

use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use crate::base::{AttemptId, Outcome, ProfileName, Timestamp};
use crate::enrichment::Field;
use crate::keymap::{Command, Context};
use crate::ledger::{AttemptRow, LogPage, LogQuery, PageCursor};
use crate::theme::Role;
use crate::tui::app::cx::{Changed, Cx};
use crate::tui::app::op::{Op, Reply};
use crate::tui::app::remote::Pending;
use crate::tui::app::shared::Shared;
use crate::tui::data::attempt::{inputs, role};
use crate::tui::popups::filter::narrowed;
use crate::tui::ui::columns::{Cell, Column, Width};
use crate::tui::ui::list::{Drawn, List, Row, Selection};
use crate::tui::ui::painter::{Painter, inside};
use crate::tui::ui::search::Search;
use crate::tui::ui::text::{RichLine, clock, fitted, grouped, latency, short_id};

/// Most rows that are held; older ones are read again when they are scrolled to.
const ROWS_MAX: usize = 1_000;
/// Rows asked for at once.
pub const PAGE_ROWS: usize = 100;
/// Fewest characters that are searched for; the index knows no shorter words.
const SEARCH_CHARS_MIN: usize = 2;
/// So near to the last loaded row, older ones are asked for.
const ROWS_AHEAD: usize = 50;

impl Row for AttemptRow {
    type Key = AttemptId;

    fn key(&self) -> AttemptId {
        self.id
    }
}

/// The log's rows and how they are looked at.
#[derive(Default)]
pub struct Log {
    /// Newest first; a piece without gaps of what passes the filter.
    pub list: List<AttemptRow>,
    /// How many pass the filter in all, if that is known.
    total: Option<u64>,
    /// What is shown.
    pub filter: LogQuery,
    newest: Pending,
    older: Pending,
    /// Whether the rows belong to an earlier filter and go when the answer comes; until then they
    /// stay, so that nothing flickers while a search is typed.
    is_outdated: bool,
    pub search: Search,
}

impl Log {
    pub fn is_loading(&self) -> bool {
        self.newest.is_open()
    }

    /// The attempts below and above the selected one.
    pub fn beside(&self) -> [Option<AttemptId>; 2] {
        let selected = self.list.view.selected;
        let at = |index: Option<usize>| Some(self.list.rows.get(index?)?.id);
        [at(selected.checked_add(1)), at(selected.checked_sub(1))]
    }

    /// Whether anything narrows what is shown, apart from the profile.
    pub fn is_filtered(&self) -> bool {
        self.filter
            != LogQuery {
                profiles: self.filter.profiles.clone(),
                ..LogQuery::default()
            }
    }

    fn query(&self, before: Option<AttemptId>) -> Op {
        Op::LoadLog(LogQuery {
            place: before.map_or(self.filter.place, PageCursor::OlderThan),
            rows: PAGE_ROWS,
            ..self.filter.clone()
        })
    }

    /// Asks for the newest page.
    pub fn ask_newest(&mut self, cx: &mut Cx<'_>) {
        self.newest.again(self.query(None), cx);
    }

    /// Asks for the newest page of something else; the rows that are there go when it comes.
    pub fn reload(&mut self, cx: &mut Cx<'_>) {
        self.is_outdated = true;
        self.older.forget();
        self.newest.anew(self.query(None), cx);
    }

    /// Older rows are wanted if the selection is near the end.
    pub fn read_on(&mut self, cx: &mut Cx<'_>) {
        let is_near = !self.is_outdated && self.list.wants_more(ROWS_AHEAD);
        if is_near && !self.older.is_open() {
            let before = self.list.rows.last().map(|row| row.id);
            self.older.anew(self.query(before), cx);
        }
    }

    /// Shows what another filter lets through.
    pub fn apply(&mut self, filter: LogQuery, cx: &mut Cx<'_>) {
        if self.filter != filter {
            self.filter = filter;
            self.reload(cx);
        }
    }

    /// Shows everything of the profile again.
    pub fn show_all(&mut self, cx: &mut Cx<'_>) {
        let profiles = self.filter.profiles.clone();
        let all = LogQuery::default();
        self.apply(LogQuery { profiles, ..all }, cx);
    }

    /// Shows another profile's.
    pub fn show_profile(&mut self, name: &ProfileName, cx: &mut Cx<'_>) {
        if !self.filter.profiles.is_empty() || self.list.is_empty() {
            self.filter.profiles = vec![name.clone()];
        }
        self.list.clear();
        self.total = None;
        self.reload(cx);
    }

    /// Selects an attempt. One that is further back than what is loaded comes to stand at the top of
    /// what is shown; false then.
    pub fn go_to(&mut self, attempt: AttemptId, cx: &mut Cx<'_>) -> bool {
        if !self.is_outdated && self.list.select_key(&attempt) {
            return true;
        }
        let filter = LogQuery {
            profiles: cx.shared.active.iter().cloned().collect(),
            place: PageCursor::OlderThan(AttemptId(attempt.0.saturating_add(1))),
            ..LogQuery::default()
        };
        self.apply(filter, cx);
        false
    }

    pub fn forget_people(&mut self) {
        self.list.clear();
        self.newest.forget();
        self.older.forget();
    }

    /// Searches as it is typed; the ledger's index answers in less than a frame.
    pub fn search_typed(&mut self, cx: &mut Cx<'_>) {
        let text = self.search.text();
        let search = text.filter(|text| text.chars().count() >= SEARCH_CHARS_MIN);
        let filter = self.filter.clone();
        self.apply(LogQuery { search, ..filter }, cx);
    }

    pub fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        let result = if let Some(page) = self.newest.take(reply, cx) {
            page.map(|page| self.took_newest(page))
        } else if let Some(page) = self.older.take(reply, cx) {
            page.map(|page: LogPage| self.list.take_older(page.rows, page.more))
        } else {
            return Changed::No;
        };
        if let Err(failure) = result {
            cx.fail(&failure);
        }
        Changed::Yes
    }

    fn took_newest(&mut self, page: LogPage) {
        if std::mem::take(&mut self.is_outdated) {
            self.list.clear();
        }
        self.total = page.total;
        let keep = ROWS_MAX.max(self.list.view.selected + PAGE_ROWS);
        self.list.take_newest(page.rows, page.more, keep);
    }

    pub fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect, selection: Selection) {
        let title = self.title(shared);
        let summary = || self.summary(shared);
        self.search.titles(p, area, (&title, "search"), summary);
        p.pane(area, super::LOG);
        let inner = inside(area);
        if self.list.is_empty() {
            let text = if self.is_loading() {
                "reading the ledger"
            } else if self.is_filtered() {
                "nothing passes the filter; {back} shows everything again"
            } else {
                "nothing was sent yet; fill in the form and press {send}"
            };
            return p.blank(inner, &shared.with_keys(CONTEXTS, text));
        }
        let search = self.filter.search.as_deref().unwrap_or_default();
        let words = search.split_whitespace().map(str::to_lowercase);
        let look = Look {
            now: shared.now,
            zone: shared.settings.zone.clone(),
            words: words.collect(),
        };
        let how = Drawn {
            pane: super::LOG,
            selection,
            look: &look,
        };
        self.list.draw(p, inner, COLUMNS, &how);
    }

    fn title(&self, shared: &Shared) -> String {
        let whose = match (self.filter.profiles.first(), shared.profile()) {
            (Some(_), Some(profile)) => profile.data_center.code(),
            _ => "all profiles",
        };
        let total = self.total.map(|total| format!(" · {}", grouped(total)));
        format!(" Live log · {whose}{}", total.unwrap_or_default())
    }

    /// What narrows the log, or the keys that would.
    fn summary(&self, shared: &Shared) -> RichLine {
        let parts = narrowed(&self.filter);
        if !parts.is_empty() {
            let text = format!(" only {} ", parts.join(", "));
            return RichLine::of(Role::Warning, &fitted(&text, 48));
        }
        if !self.list.is_at_top() {
            let text = match self.list.newer {
                0 => " stays put · {follow} follows ".to_owned(),
                newer => format!(" {newer} newer · {{follow}} follows "),
            };
            return RichLine::of(Role::Dim, &shared.with_keys(CONTEXTS, &text));
        }
        shared.key_hints(&[Command::Search, Command::Filter])
    }
}

/// Where its keys mean something.
pub const CONTEXTS: &[Context] = &[
    Context::Log,
    Context::List,
    Context::Screen,
    Context::Always,
];

/// What the cells need to know.
pub(super) struct Look {
    now: Timestamp,
    zone: TimeZone,
    /// The words of the search.
    words: Vec<String>,
}

impl Look {
    /// Marks a text in which a word of the search begins.
    fn role(&self, text: &str) -> Role {
        let text = text.to_lowercase();
        match self.words.iter().any(|word| text.contains(word.as_str())) {
            true => Role::Found,
            false => Role::Text,
        }
    }
}

/// Columns for the longest code, DEPENDENT_FIELD_MISSING.
const CODE_COLUMNS: u16 = 23;
/// Columns for the job or code, however much room there is.
const WHAT_COLUMNS_MAX: u16 = 36;
/// Columns for the person, whatever else there is.
const WHO_COLUMNS_MIN: u16 = 12;

pub(super) const COLUMNS: &[Column<AttemptRow, Look>] = &[
    Column::new("sent", Width::Fixed(8), |row: &AttemptRow, look: &Look| {
        Cell::new(Role::Dim, clock(row.at, look.now, &look.zone))
    }),
    Column::new("dc", Width::Fixed(2), |row: &AttemptRow, _| {
        Cell::new(Role::Text, row.data_center.code())
    })
    .gap(1),
    Column::new("http", Width::Fixed(3), |row: &AttemptRow, _| {
        let status = row.http_status.map(|status| status.to_string());
        Cell::new(Role::Dim, status.unwrap_or_else(|| " -".to_owned()))
    }),
    Column::new("outcome", Width::Fixed(9), |row: &AttemptRow, _| {
        let outcome = match row.outcome {
            // The word of the state does not fit; "accepted" stands in the next column.
            Outcome::UnknownAccepted => Outcome::Unknown,
            outcome => outcome,
        };
        Cell::new(role(row), outcome.as_str())
    }),
    Column::new(
        "job or code",
        Width::share(60, (CODE_COLUMNS, WHAT_COLUMNS_MAX), WHO_COLUMNS_MIN),
        |row: &AttemptRow, look: &Look| {
            let what = what(row);
            let text = match row.outcome {
                Outcome::UnknownAccepted => format!("accepted · {what}"),
                Outcome::Scheduled if row.is_late => format!("late · {what}"),
                _ => what,
            };
            Cell::new(look.role(&text), text)
        },
    )
    .gap(1),
    Column::new("took", Width::Fixed(7), |row: &AttemptRow, _| {
        Cell::new(Role::Dim, row.latency.map(latency).unwrap_or_default())
    })
    .right(),
    Column::new("whom", Width::Rest, |row: &AttemptRow, look: &Look| {
        let who = who(row);
        Cell::new(look.role(&who), who)
    }),
];

/// The job, the code or what went wrong.
fn what(row: &AttemptRow) -> String {
    if let Some(job) = &row.job_id {
        return short_id(job.as_str());
    }
    let code = row.code.as_deref();
    let first = code.filter(|_| row.outcome != Outcome::Scheduled);
    let what = first.or(row.said()).or(code);
    what.unwrap_or_default().to_owned()
}

/// Whom it was about: the input that tells it best.
fn who(row: &AttemptRow) -> String {
    let inputs = inputs(row);
    let found = Field::likeliest().find_map(|field| inputs.get(field.as_str())?.as_str());
    found.unwrap_or_default().to_owned()
}
