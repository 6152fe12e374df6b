//! The last line: what the keys do here, and how things stand.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::paint;
use crate::keymap::{Bindings, Command, Context};
use crate::theme::{Role, Theme};
use crate::tui::model::jobs::JobsFocus;
use crate::tui::model::plan::{PlanForm, Planning};
use crate::tui::model::popup::Popup;
use crate::tui::model::runs::RunsFocus;
use crate::tui::model::{Model, Pane, Place};
use crate::tui::ui::text::{RichLine, fitted};

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    frame
        .buffer_mut()
        .set_style(area, theme.style(Role::Footer));
    let right = state(model, area.width);
    let right_width = u16::try_from(right.width()).unwrap_or(0).min(area.width);
    let right_area = paint::from_column(area, area.width - right_width);
    frame.render_widget(paint::line(theme, &right), right_area);
    let room = usize::from(area.width.saturating_sub(right_width + 1));
    let left = keys(
        &model.shared.settings.bindings,
        theme,
        (&model.contexts(), wanted(model), room),
    );
    let left_area = Rect::new(area.x, area.y, area.width.saturating_sub(right_width), 1);
    frame.render_widget(left, left_area);
}

/// From so many columns on, keys stand further apart.
const ROOMY_COLUMNS: usize = 84;

fn keys(
    bindings: &Bindings,
    theme: &Theme,
    what: (&[Context], &[Command], usize),
) -> Line<'static> {
    let (contexts, commands, room) = what;
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    // A narrow line has room for one key more that way.
    let gap = if room < ROOMY_COLUMNS { "  " } else { "   " };
    for command in commands {
        let Some(chord) = bindings.shown(contexts, *command) else {
            continue;
        };
        let (key, label) = (chord.to_string(), format!(" {}{gap}", command.label()));
        used += key.chars().count() + label.chars().count();
        if used > room {
            break;
        }
        spans.push(Span::styled(key, theme.style(Role::Key)));
        spans.push(Span::styled(label, theme.style(Role::Footer)));
    }
    Line::from(spans)
}

fn wanted(model: &Model) -> &'static [Command] {
    if let Some(popup) = model.popups.last() {
        return match popup {
            Popup::Help(_) => &[Command::Back, Command::PageDown, Command::PageUp],
            Popup::Pick(_) => &[Command::Accept, Command::Back],
            Popup::Records(_) => &[Command::Accept, Command::PageDown, Command::Back],
            Popup::Filter(_) => &[Command::Accept, Command::Back],
            Popup::Confirm(confirm) if confirm.typed.is_some() => &[Command::Accept, Command::Back],
            Popup::Decide(decide) if decide.typed.is_some() => &[Command::Accept, Command::Back],
            Popup::Confirm(_) | Popup::Decide(_) => &[Command::SendAnyway, Command::Back],
            Popup::Prompt(_) => &[Command::Accept, Command::Back],
            Popup::GrantCode(_) => &[Command::Accept, Command::CopyScopes, Command::Back],
            Popup::Plan(form) => plan_keys(form),
            Popup::Unknowns(_) => &[
                Command::ReconcileNow,
                Command::AdoptJob,
                Command::ReleaseAttempt,
                Command::ComposeUnknown,
                Command::Help,
                Command::Back,
            ],
            Popup::Guide(_) => &[
                Command::Accept,
                Command::CopyScopes,
                Command::NextPart,
                Command::PreviousPart,
                Command::Back,
            ],
        };
    }
    if model.is_searching() {
        return &[Command::Accept, Command::Back];
    }
    if model.shared.is_first_run() {
        return &[
            Command::Accept,
            Command::Palette,
            Command::Help,
            Command::Quit,
        ];
    }
    match model.place {
        Place::Console => of_pane(model.pane),
        Place::Jobs if model.jobs.focus == JobsFocus::Data => &[
            Command::Back,
            Command::CopyJob,
            Command::ExportJob,
            Command::ComposeFromJob,
            Command::Help,
            Command::GoToAttempt,
            Command::RefreshUsage,
            Command::Palette,
        ],
        Place::Jobs => &[
            Command::OpenJob,
            Command::FilterJobs,
            Command::WhoseJobs,
            Command::FindJob,
            Command::Help,
            Command::CopyJob,
            Command::ExportJob,
            Command::ComposeFromJob,
            Command::GoToAttempt,
            Command::Back,
            Command::RefreshUsage,
            Command::Palette,
        ],
        Place::Runs if model.runs.focus == RunsFocus::Rows => &[
            Command::StartOrPause,
            Command::OpenRowAttempt,
            Command::FilterRows,
            Command::FindRow,
            Command::QueueAgain,
            Command::SkipRow,
            Command::ExportRun,
            Command::Back,
            Command::Palette,
            Command::Help,
        ],
        Place::Setup => &[
            Command::OpenSetup,
            Command::RefreshUsage,
            Command::SignInAgain,
            Command::RenewToken,
            Command::SetUp,
            Command::MakeDefault,
            Command::SignOut,
            Command::RemoveProfile,
            Command::Palette,
            Command::Help,
        ],
        Place::Runs => &[
            Command::StartOrPause,
            Command::OpenRows,
            Command::PlanRun,
            Command::FilterRows,
            Command::ExportRun,
            Command::TrackRun,
            Command::QueueAgain,
            Command::NextScreen,
            Command::Palette,
            Command::Help,
            Command::Quit,
        ],
        Place::Usage => &[
            Command::RefreshUsage,
            Command::PlotDays,
            Command::SwitchKind,
            Command::Help,
            Command::NextScreen,
            Command::ChooseProfile,
            Command::Palette,
            Command::Quit,
        ],
    }
}

fn plan_keys(form: &PlanForm) -> &'static [Command] {
    match form.planning {
        Planning::Done(_) => &[Command::Accept, Command::Back],
        Planning::Reading => &[Command::Back],
        Planning::Filling | Planning::Failed(_) => &[
            Command::PlanFile,
            Command::Accept,
            Command::NextPart,
            Command::PreviousPart,
            Command::Back,
        ],
    }
}

fn of_pane(pane: Pane) -> &'static [Command] {
    match pane {
        Pane::Compose => &[
            Command::Send,
            Command::ChooseModule,
            Command::NextField,
            Command::NextPane,
            Command::Palette,
            Command::Help,
            Command::NextScreen,
            Command::ChooseProfile,
            Command::EditJson,
            Command::Quit,
        ],
        Pane::Log => &[
            Command::OpenAttempt,
            Command::Search,
            Command::Filter,
            Command::Copy,
            Command::Help,
            Command::ComposeAgain,
            Command::WriteRequest,
            Command::Palette,
            Command::ChooseProfile,
            Command::Quit,
        ],
        Pane::Detail => &[
            Command::NextTab,
            Command::Copy,
            Command::ComposeAgain,
            Command::Back,
            Command::Help,
            Command::WriteRequest,
            Command::Palette,
            Command::Quit,
        ],
    }
}

/// The ledger, what is on its way and what is unknown; a narrow screen leaves out what is well.
fn state(model: &Model, width: u16) -> RichLine {
    let mut parts: Vec<(Role, String)> = Vec::new();
    match &model.shared.ledger_trouble {
        Some(trouble) => {
            let room = if width >= 100 { 44 } else { 12 };
            parts.push((Role::Error, format!("ledger: {}", fitted(trouble, room))));
        }
        None if width >= 100 => parts.push((Role::Dim, "ledger ok".to_owned())),
        None => {}
    }
    let on_the_way = model.in_flight.len();
    if on_the_way > 0 {
        parts.push((Role::Sending, format!("{on_the_way} on the way")));
    }
    let unknown = model
        .shared
        .usage
        .as_ref()
        .map_or(0, |figures| figures.usage.unknown);
    if unknown > 0 {
        let bindings = &model.shared.settings.bindings;
        let chord = bindings.shown(&model.contexts(), Command::SettleUnknowns);
        let key = chord
            .filter(|_| width >= 100)
            .map(|chord| format!(" ({chord})"))
            .unwrap_or_default();
        parts.push((Role::Unknown, format!("{unknown} unknown{key}")));
    }
    let mut line = RichLine::new();
    for (index, (role, text)) in parts.iter().enumerate() {
        line.push(Role::Dim, if index > 0 { " · " } else { "" });
        line.push(*role, text);
    }
    line.with(Role::Dim, " ")
}
