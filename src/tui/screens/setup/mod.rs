//! The Setup screen: the data centres with their profiles, and everything that is known of one. Each
//! change is asked about before it is made; none of it spends a unit.

mod sheet;

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use self::sheet::{CONTEXTS, Change, SheetLine, sheet};
use crate::base::{DataCenter, ProfileName};
use crate::keymap::{Command, Context};
use crate::ops::configure::{Difference, Plan};
use crate::theme::Role;
use crate::tui::app::cx::{
    About, Changed, Cx, Handled, HoldsPeople, Intent, Out, Screen, ScreenId,
};
use crate::tui::app::op::{ChangeOf, Freshness, Op, Reply};
use crate::tui::app::remote::{Pending, Remote};
use crate::tui::app::shared::Shared;
use crate::tui::data::profile::{ProfileFigures, ProfileState, Server};
use crate::tui::data::setup::Overview;
use crate::tui::layout::is_wide;
use crate::tui::popups::dialog::Dialog;
use crate::tui::popups::grant_code::GrantCode;
use crate::tui::popups::prompt::Prompt;
use crate::tui::ui::columns::{Cell, Column, Width};
use crate::tui::ui::hits::Spot;
use crate::tui::ui::list::{Drawn, List, Row, Selection};
use crate::tui::ui::painter::{Focus, Painter, inside, rows};
use crate::tui::ui::text::{RichLine, fitted, padded};
use crate::tui::ui::viewport::Turn;

/// Its panes.
const LIST: &str = "profiles";
const SHEET: &str = "sheet";

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetupRow {
    Profile(Box<ProfileFigures>),
    /// A data centre without one.
    Free(DataCenter),
}

impl Row for SetupRow {
    type Key = String;

    fn key(&self) -> String {
        match self {
            Self::Profile(profile) => profile.name.to_string(),
            // No profile has a name with a space.
            Self::Free(data_center) => format!("{} free", data_center.code()),
        }
    }
}

/// The Setup screen.
#[derive(Default)]
pub struct Setup {
    /// Whether keys go to the sheet.
    is_in_sheet: bool,
    list: List<SetupRow>,
    /// Of which profile the sheet is.
    of: Option<ProfileName>,
    overview: Remote<Overview>,
    /// What a change would make different; its profile.
    planning: Pending,
    /// The sheet, laid out.
    sheet: List<SheetLine>,
}

/// All data centres, each with its profiles.
fn setup_rows(shared: &Shared) -> Vec<SetupRow> {
    let of = |data_center| {
        let all = shared.all_profiles();
        let there = all.filter(|profile| profile.data_center == data_center);
        let mut rows: Vec<SetupRow> = there
            .map(|profile| SetupRow::Profile(Box::new(profile.clone())))
            .collect();
        if rows.is_empty() {
            rows.push(SetupRow::Free(data_center));
        }
        rows
    };
    DataCenter::ALL.into_iter().flat_map(of).collect()
}

impl Setup {
    /// List and sheet, each with its border; one that is not seen has no place.
    fn panes(&self, body: Rect) -> (Option<Rect>, Option<Rect>) {
        if !is_wide(body) {
            let seen = |is_in_sheet| Some(body).filter(|_| self.is_in_sheet == is_in_sheet);
            return (seen(false), seen(true));
        }
        let width = (body.width * 40 / 100).clamp(56, 72);
        let sheet = Rect {
            x: body.x + width,
            width: body.width - width,
            ..body
        };
        (Some(Rect { width, ..body }), Some(sheet))
    }

    /// Another row may be selected: what is known of it is wanted. Answers whether one is.
    fn follow_selection(&mut self, cx: &mut Cx<'_>) -> bool {
        let selected = match self.list.selected() {
            Some(SetupRow::Profile(profile)) => Some(profile.name.clone()),
            Some(SetupRow::Free(_)) | None => None,
        };
        if self.of == selected {
            return false;
        }
        self.of = selected;
        self.overview.forget();
        self.sheet.clear();
        self.ask(Freshness::Ledger, cx);
        self.of.is_some()
    }

    fn ask(&mut self, from: Freshness, cx: &mut Cx<'_>) {
        if let Some(profile) = self.of.clone() {
            let op = Op::LoadSetup { profile, from };
            self.overview.anew(op, cx);
        }
    }

    /// Whether the server's part is known, or was asked for.
    fn knows_server(&self) -> bool {
        let overview = self.overview.value.as_ref();
        overview.is_some_and(|known| known.configurations.is_some())
    }

    fn focus(&mut self, is_in_sheet: bool) {
        if self.of.is_some() {
            self.is_in_sheet = is_in_sheet;
        }
    }

    /// The guide where nothing is set up; the sheet; what can be changed there.
    fn open(&mut self, cx: &mut Cx<'_>) {
        match (self.is_in_sheet, self.list.selected()) {
            (_, Some(SetupRow::Free(data_center))) => cx.out.push(Out::SetUp(*data_center)),
            (false, _) => {
                self.focus(true);
                // What the server says is asked for once somebody looks closer.
                if !self.knows_server() {
                    self.ask(Freshness::Server, cx);
                }
            }
            (true, _) => self.change(cx),
        }
    }

    fn change(&mut self, cx: &mut Cx<'_>) {
        match self.sheet.selected().and_then(|line| line.change.clone()) {
            None => cx.info("the lines of the enrichment configuration can be changed"),
            Some(Change::Status(change)) => self.plan(change, cx),
            Some(Change::Mapped { asks, field, what }) => {
                let hint = "the field's API name, such as Email; empty: not mapped";
                cx.open(Prompt::new(asks, hint, &field, what));
            }
        }
    }

    /// What it would make different is asked for first.
    fn plan(&mut self, change: ChangeOf, cx: &mut Cx<'_>) {
        self.planning.anew(Op::PlanChange(Box::new(change)), cx);
    }

    fn planned(&self, profile: ProfileName, plan: Plan, cx: &mut Cx<'_>) {
        if self.of.as_ref() != Some(&profile) {
            return;
        }
        let mut lines = vec![format!("{} ({}):", plan.module, plan.kind)];
        let told = |one: &Difference| format!("  {}  {} → {}", one.what, one.before, one.after);
        lines.extend(plan.differences.iter().map(told));
        lines.push("It changes the organisation, for everybody. No unit is spent.".to_owned());
        let question = "Change the enrichment configuration?";
        let question = Dialog::new(question, lines, "changes it");
        cx.open(question.acts(Op::ApplyChange { profile, plan }));
    }

    fn sign_in(&self, cx: &mut Cx<'_>) {
        let name = self.of.as_ref();
        if let Some(profile) = name.and_then(|name| cx.shared.profile_named(name)) {
            let popup = GrantCode::new(profile);
            cx.open(popup);
        }
    }

    /// What is shown was changed: it is asked for again, as closely as before. Where it is not
    /// shown, it is asked for when it is.
    pub fn reload(&mut self, is_shown: bool, cx: &mut Cx<'_>) {
        if !is_shown {
            self.of = None;
            return;
        }
        self.list.replace(setup_rows(cx.shared));
        if !self.follow_selection(cx) {
            let from = if self.knows_server() {
                Freshness::Server
            } else {
                Freshness::Ledger
            };
            self.ask(from, cx);
        }
    }

    fn draw_list(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let title = RichLine::of(Role::Title, " Profiles ");
        p.titles(area, &title, &RichLine::new());
        p.pane(area, LIST);
        let inner = inside(area);
        let look = Look {
            active: shared.active.clone(),
            free: shared.with_keys(CONTEXTS, "○ not set up; {open_setup} sets it up"),
            width: usize::from(inner.width),
        };
        let how = Drawn {
            pane: LIST,
            selection: Selection::Ground(Focus::when(!self.is_in_sheet)),
            look: &look,
        };
        self.list.draw(p, inner, COLUMNS, &how);
    }

    fn draw_sheet(&self, p: &mut Painter<'_, '_>, area: Rect) {
        let name = self.of.as_ref().map_or("", |name| name.as_str());
        let title = RichLine::of(Role::Title, &format!(" {name} "));
        let is_loading = self.overview.is_loading();
        let doing = if is_loading { " looking " } else { "" };
        p.titles(area, &title, &RichLine::of(Role::Dim, doing));
        p.pane(area, SHEET);
        let inner = inside(area);
        if self.sheet.is_empty() {
            let text = match (&self.overview.error, &self.of) {
                (Some(failure), _) => failure.to_string(),
                (None, Some(_)) => "reading what is known".to_owned(),
                (None, None) => "nothing is set up here".to_owned(),
            };
            return p.blank(inner, &text);
        }
        let how = Drawn {
            pane: SHEET,
            // Without the focus nothing is selected: the sheet is only read.
            selection: if self.is_in_sheet {
                Selection::Ground(Focus::Here)
            } else {
                Selection::Hidden
            },
            look: &(),
        };
        self.sheet.draw(p, inner, SHEET_COLUMNS, &how);
    }
}

/// Nobody: it names users of the CRM, not whom they asked about.
impl HoldsPeople for Setup {
    fn forget_people(&mut self) {}
}

impl Screen for Setup {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        CONTEXTS.to_vec()
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        match (command, self.of.clone()) {
            (Command::RefreshUsage, _) => self.ask(Freshness::Server, cx),
            (Command::OpenSetup, _) => self.open(cx),
            (Command::OtherPart, _) => self.focus(!self.is_in_sheet),
            (Command::SignInAgain, _) => self.sign_in(cx),
            (Command::RenewToken, Some(profile)) => cx.act(Op::RefreshToken(profile)),
            (Command::SignOut, Some(profile)) => signs_out(profile, cx),
            (Command::MakeDefault, Some(profile)) => cx.act(Op::MakeDefault(profile)),
            (Command::RemoveProfile, Some(profile)) => removes(profile, cx),
            (
                Command::RenewToken
                | Command::SignOut
                | Command::MakeDefault
                | Command::RemoveProfile,
                None,
            ) => {}
            (Command::Back, _) if self.is_in_sheet => self.focus(false),
            (Command::Back, _) => cx.go(ScreenId::Console, None),
            (command, _) => {
                let is_taken = if self.is_in_sheet {
                    self.sheet.on(command, Turn::Row)
                } else {
                    self.list.on(command, Turn::Row)
                };
                if !is_taken {
                    return Handled::No;
                }
                self.follow_selection(cx);
            }
        }
        Handled::Yes
    }

    fn fit(&mut self, area: Rect, shared: &Shared) {
        let (list, sheet_area) = self.panes(area);
        self.list.rows = setup_rows(shared);
        self.list.fit(rows(list), COLUMNS);
        let columns = sheet_area.map_or(60, |area| usize::from(area.width.saturating_sub(4)));
        let overview = self.overview.value.as_ref();
        let lines = overview.map(|overview| sheet(overview, shared, columns));
        self.sheet.rows = lines.unwrap_or_default();
        self.sheet.fit(rows(sheet_area), SHEET_COLUMNS);
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let (list, sheet) = self.panes(area);
        p.borders(&[
            (list, Focus::when(!self.is_in_sheet)),
            (sheet, Focus::when(self.is_in_sheet)),
        ]);
        if let Some(area) = list {
            self.draw_list(shared, p, area);
        }
        if let Some(area) = sheet {
            self.draw_sheet(p, area);
        }
    }

    fn about(&self) -> About {
        (
            "Setup",
            "The data centres with their profiles; the sheet beside them says what stands in the \
             way of a send and what to do about it.",
        )
    }

    fn hit(&mut self, spot: &Spot, cx: &mut Cx<'_>) {
        match spot {
            Spot::Row(LIST, name) => {
                let had_focus = !self.is_in_sheet;
                self.is_in_sheet = false;
                if self.list.press(name) && had_focus {
                    self.open(cx);
                } else {
                    self.follow_selection(cx);
                }
            }
            Spot::Pane(LIST) => self.is_in_sheet = false,
            Spot::Row(SHEET, _) | Spot::Pane(SHEET) if !self.is_in_sheet => self.open(cx),
            // A change is opened by its key: here a press only selects.
            Spot::Row(SHEET, name) => drop(self.sheet.press(name)),
            Spot::Row(..) | Spot::Pane(_) => {}
        }
    }

    fn wheel(&mut self, spot: &Spot, command: Command, cx: &mut Cx<'_>) {
        let before = std::mem::replace(&mut self.is_in_sheet, spot.pane() == SHEET);
        self.command(command, cx);
        self.is_in_sheet = before;
    }

    fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        if let Op::PlanChange(of) = &*reply.op.clone()
            && let Some(result) = self.planning.take(reply, cx)
        {
            match result {
                Ok(plan) => self.planned(of.scope.profile.clone(), plan, cx),
                Err(failure) => cx.fail(&failure),
            }
            return Changed::Yes;
        }
        Changed::when(self.overview.take(reply, cx))
    }

    fn intent(&mut self, intent: Intent, cx: &mut Cx<'_>) -> Option<Intent> {
        match intent {
            Intent::PlanChange(change) => {
                self.plan(*change, cx);
                None
            }
            other => Some(other),
        }
    }

    /// The profile in use is selected the first time.
    fn shown(&mut self, cx: &mut Cx<'_>) {
        self.list.rows = setup_rows(cx.shared);
        if self.of.is_none()
            && let Some(active) = &cx.shared.active
        {
            self.list.select_key(&active.to_string());
        }
        self.follow_selection(cx);
    }
}

fn signs_out(profile: ProfileName, cx: &mut Cx<'_>) {
    let lines = [
        "Its tokens are revoked and removed from this machine.",
        "To send again it needs a new grant code. No unit is spent.",
    ];
    let lines = lines.map(str::to_owned).to_vec();
    let question = format!("Sign {profile} out?");
    cx.open(Dialog::new(question, lines, "signs out").acts(Op::SignOut(profile)));
}

fn removes(profile: ProfileName, cx: &mut Cx<'_>) {
    let lines = [
        "It goes out of the configuration; its tokens stay until they are signed out.",
        "What it sent stays in the ledger.",
    ];
    let lines = lines.map(str::to_owned).to_vec();
    let question = format!("Remove profile {profile}?");
    cx.open(Dialog::new(question, lines, "removes it").acts(Op::RemoveProfile(profile)));
}

/// What the cells of the list need to know.
struct Look {
    /// The profile in use.
    active: Option<ProfileName>,
    /// What is said of a data centre without a profile.
    free: String,
    width: usize,
}

const COLUMNS: &[Column<SetupRow, Look>] = &[Column::new("", Width::Rest, |row, look: &Look| {
    Cell::Rich(match row {
        SetupRow::Profile(profile) => profile_line(profile, look),
        SetupRow::Free(data_center) => {
            let text = format!(" {} {}", data_center.code(), look.free);
            RichLine::of(Role::Dim, &text)
        }
    })
})];

const SHEET_COLUMNS: &[Column<SheetLine, ()>] = &[Column::new("", Width::Rest, |line, ()| {
    Cell::Rich(line.line.clone())
})];

/// Between what a profile is and that it is in use.
const GAP: &str = " · ";
/// Columns of the sign, the data centre, the name and the state.
const FIXED: usize = 35;

fn profile_line(found: &ProfileFigures, look: &Look) -> RichLine {
    let role = match found.state {
        ProfileState::Ready => Role::Ok,
        ProfileState::TokenExpired => Role::Warning,
        ProfileState::NotSetUp => Role::Dim,
    };
    let is_in_use = look.active.as_ref() == Some(&found.name);
    let in_use = if is_in_use { "in use" } else { "" };
    let simulated = match found.server {
        Server::Simulated => " · simulated",
        Server::Zoho => "",
    };
    let gap = if is_in_use { GAP } else { "" };
    let room = look
        .width
        .saturating_sub(FIXED + in_use.len() + gap.width());
    // The environment is worth more than what the first line says too.
    let rest = Some(format!("{}{simulated}", found.environment))
        .filter(|rest| rest.width() <= room)
        .unwrap_or_else(|| found.environment.to_string());
    RichLine::of(Role::DataCenter, &format!(" {} ", found.data_center.code()))
        .with(role, &format!("{} ", found.state.glyph()))
        .with(Role::Text, &padded(found.name.as_str(), 12))
        .with(role, &format!(" {:<13} ", found.state.as_str()))
        .with(Role::Dim, &fitted(&rest, room))
        .with(Role::Dim, gap)
        .with(Role::Accent, in_use)
}

#[cfg(test)]
mod tests;
