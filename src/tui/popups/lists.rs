//! The lists to choose from, each with what choosing means.

use super::picker::{Item, Picker, of_modules};
use crate::base::{AttemptId, DataCenter, JobId};
use crate::bulk::rows::Target;
use crate::enrichment::job::JobStatus;
use crate::keymap::{Command, Context};
use crate::ledger::RowState;
use crate::ops::bulk_view::RunView;
use crate::tui::app::cx::{CopyWhat, Intent, JobCopy, Out, ScreenId};
use crate::tui::app::effect::Effect;
use crate::tui::app::shared::{Settings, Shared};
use crate::tui::data::job::look;
use crate::tui::data::profile::{ProfileFigures, Server};
use crate::tui::ui::text::{fitted, grouped};

/// All commands, each with the key that works here.
pub fn palette(screen: ScreenId, contexts: &[Context], shared: &Shared) -> Picker {
    let items = Command::ALL.iter().copied();
    let items = items
        .filter(|command| is_offered(screen, *command))
        .map(|command| {
            let hint = key_of(shared, contexts, command);
            Item::new(command.title(), hint, Out::Run(command))
        });
    Picker::new(Command::Palette.title(), items.collect())
}

/// The command's key, and where it means the command if not here.
fn key_of(shared: &Shared, contexts: &[Context], command: Command) -> String {
    let here = shared.key(contexts, command);
    let anywhere = shared.any_key(command);
    if !here.is_empty() || anywhere.is_empty() {
        return here;
    }
    let is_near = command.contexts().iter().any(|it| contexts.contains(it));
    let place = match command.contexts().first() {
        Some(place) if !is_near => place.title(),
        _ => "Outside text fields",
    };
    format!("{}: {anywhere}", place.to_lowercase())
}

/// Commands of the Console are offered everywhere, those of another screen only there.
fn is_offered(screen: ScreenId, command: Command) -> bool {
    let here = screen.contexts();
    let console = ScreenId::Console.contexts();
    let is_near = |context: &Context| {
        let is_everywhere = matches!(context, Context::Always | Context::Screen);
        let is_of_form = *context == Context::Form;
        is_everywhere || (!is_of_form && (here.contains(context) || console.contains(context)))
    };
    let is_reachable = command.contexts().iter().any(is_near);
    is_reachable && !matches!(command, Command::Palette | Command::Back)
}

/// A list of all values, the one in use selected.
fn of<T: PartialEq>(
    title: &'static str,
    all: impl IntoIterator<Item = T>,
    now: Option<T>,
    item: impl Fn(&T) -> Item,
) -> Picker {
    let all: Vec<T> = all.into_iter().collect();
    let at = now.and_then(|now| all.iter().position(|it| *it == now));
    Picker::new(title, all.iter().map(item).collect()).at(at)
}

/// The profiles of data centres; one without a profile leads to the set-up guide.
pub fn profiles(shared: &Shared, data_centers: &[DataCenter]) -> Picker {
    let mut items = Vec::new();
    for there in data_centers {
        let before = items.len();
        let all = shared.all_profiles();
        let own = all.filter(|profile| profile.data_center == *there);
        items.extend(own.map(profile_item));
        if items.len() == before {
            items.push(Item::new(
                format!("{}  ○ not set up", there.code()),
                format!("{}: set it up", there.country()),
                Out::SetUp(*there),
            ));
        }
    }
    let active = shared.active.as_ref();
    let is_active = |item: &Item| matches!(&item.yes, Out::Switch(name) if Some(name) == active);
    let at = items.iter().position(is_active);
    Picker::new(Command::ChooseProfile.title(), items).at(at)
}

fn profile_item(profile: &ProfileFigures) -> Item {
    let organisation = profile.organisation();
    let server = match profile.server {
        Server::Simulated => " · simulated",
        Server::Zoho => "",
    };
    Item::new(
        format!(
            "{}  {} {} · {}",
            profile.data_center,
            profile.state.glyph(),
            profile.name,
            profile.state.as_str()
        ),
        format!("{organisation} · {}{server}", profile.environment),
        Out::Switch(profile.name.clone()),
    )
}

/// All themes; each is shown as the selection moves.
pub fn themes(settings: &Settings) -> Picker {
    let (title, now) = (Command::ChooseTheme.title(), &settings.theme);
    let mut picker = of(title, &settings.themes, Some(now), |name| {
        let hint = if *name == now { "in use" } else { "" };
        Item::new(*name, hint, Out::ChooseTheme((*name).clone()))
    });
    picker.about.1 = "The screen shows each theme as the selection moves. {accept} keeps it, also in \
                      the configuration; {back} goes back to the one before.";
    // A theme that was only looked at goes back to the one in use.
    picker.closed = Some(Effect::UseTheme(settings.theme_before.clone()));
    picker
}

/// The modules that can be enriched, where they are not known yet when they are; any name may be
/// typed all the same.
pub fn modules(known: Option<&[String]>, typed: &str) -> Picker {
    let items = of_modules(known.unwrap_or_default());
    let at = items.iter().position(|item| item.text == typed);
    let mut picker = Picker::new("Choose a module", items).at(at);
    picker.typed = Some(|text| Out::Deliver(Intent::Module(text.to_owned())));
    picker.asked = known.is_none().then(|| typed.to_owned());
    picker
}

/// What of an attempt is wanted in the clipboard.
pub fn copies(id: AttemptId, job: Option<&JobId>) -> Picker {
    let id_text = match job {
        Some(job) => job.to_string(),
        None => format!("attempt {id}"),
    };
    let rows = [
        ("as curl", "the token left out", CopyWhat::Curl),
        ("as JSON", "request and answer", CopyWhat::Json),
        ("the id", id_text.as_str(), CopyWhat::Id),
    ];
    let item = |(text, hint, what)| Item::new(text, hint, Out::Deliver(Intent::Copy(id, what)));
    Picker::new(Command::Copy.title(), rows.map(item).into())
}

/// What of a job is wanted in the clipboard.
pub fn job_copies(job: &JobId) -> Picker {
    let rows = [
        ("the enriched data", "as JSON", JobCopy::Data),
        ("all of the job", "as JSON", JobCopy::All),
        ("the id", job.as_str(), JobCopy::Id),
    ];
    let copy = |what| Out::Deliver(Intent::CopyJob(job.clone(), what));
    let item = |(text, hint, what)| Item::new(text, hint, copy(what));
    Picker::new(Command::CopyJob.title(), rows.map(item).into())
}

/// The statuses that jobs have, with how many have each.
pub fn job_statuses(statuses: &[(String, u64)], shown: Option<&str>) -> Picker {
    let total = statuses.iter().map(|(_, count)| count).sum();
    let mut named = statuses.iter();
    let now = named.find(|(word, _)| Some(word.as_str()) == shown);
    let all = std::iter::once(None).chain(statuses.iter().map(Some));
    of(Command::FilterJobs.title(), all, Some(now), |status| {
        let yes = Out::Deliver(Intent::JobStatus(status.map(|(word, _)| word.clone())));
        let Some((word, count)) = status else {
            return Item::new(format!("{:<17} {:>6}", "all jobs", grouped(total)), "", yes);
        };
        let status = JobStatus::from(word.as_str());
        let text = format!(
            "{} {:<15} {:>6}",
            look(&status).0,
            status.as_str(),
            grouped(*count)
        );
        Item::new(text, fitted(status.plain(), 26), yes)
    })
}

/// The states of a run's rows, each with its count.
pub fn row_states(view: &RunView, shown: Option<RowState>) -> Picker {
    let states = RowState::ALL.iter().copied().map(Some);
    let all = std::iter::once(None).chain(states);
    of(Command::FilterRows.title(), all, Some(shown), |state| {
        let (text, count) = match state {
            Some(state) => (state.as_str(), view.count(*state)),
            None => ("all rows", view.rows()),
        };
        let yes = Out::Deliver(Intent::RowState(*state));
        Item::new(text, grouped(count), yes)
    })
}

/// What a column of a file may lead to.
pub fn targets(
    column: usize,
    name: &str,
    targets: &[Option<Target>],
    now: Option<Target>,
) -> Picker {
    of("Where the column leads", targets, Some(&now), |target| {
        let text = target.map_or("nothing", Target::as_str);
        let yes = Out::Deliver(Intent::Target(column, **target));
        Item::new(text, name, yes)
    })
}
