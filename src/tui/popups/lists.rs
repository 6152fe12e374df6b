//! The lists to choose from, each with what choosing means.

use super::picker::{Item, Picker};
use crate::base::{AttemptId, DataCenter, JobId};
use crate::bulk::rows::Target;
use crate::enrichment::job::JobStatus;
use crate::keymap::{Command, Context};
use crate::ledger::RowState;
use crate::ops::bulk_view::RunView;
use crate::tui::app::cx::{CopyWhat, Intent, JobCopy, Out, ScreenId};
use crate::tui::app::effect::Effect;
use crate::tui::app::op::Payload;
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

/// All profiles by data centre; a data centre without one leads to the set-up guide.
pub fn profiles(shared: &Shared) -> Picker {
    let all = DataCenter::ALL.into_iter();
    of_profiles(shared, all.flat_map(|there| profile_items(shared, there)))
}

/// The profiles of one data centre.
pub fn profiles_of(shared: &Shared, data_center: DataCenter) -> Picker {
    of_profiles(shared, profile_items(shared, data_center).into_iter())
}

fn of_profiles(shared: &Shared, items: impl Iterator<Item = Item>) -> Picker {
    let items: Vec<Item> = items.collect();
    let active = shared.active.as_ref();
    let is_active = |item: &Item| matches!(&item.yes, Out::Switch(name) if Some(name) == active);
    let at = items.iter().position(is_active);
    Picker::new(Command::ChooseProfile.title(), items).at(at)
}

fn profile_items(shared: &Shared, data_center: DataCenter) -> Vec<Item> {
    let there: Vec<Item> = shared
        .all_profiles()
        .filter(|profile| profile.data_center == data_center)
        .map(profile_item)
        .collect();
    if there.is_empty() {
        return vec![Item::new(
            format!("{}  ○ not set up", data_center.code()),
            format!("{}: set it up", data_center.country()),
            Out::SetUp(data_center),
        )];
    }
    there
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
    let items = settings.themes.iter().map(|name| {
        let hint = if *name == settings.theme {
            "in use"
        } else {
            ""
        };
        Item::new(name, hint, Out::ChooseTheme(name.clone()))
    });
    let at = settings
        .themes
        .iter()
        .position(|name| *name == settings.theme);
    Picker::new(Command::ChooseTheme.title(), items.collect())
        .about((
            "Switch theme",
            "The screen shows each theme as the selection moves. {accept} keeps it, also in the \
             configuration; {back} goes back to the one before.",
        ))
        // A theme that was only looked at goes back to the one in use.
        .when_closed(Effect::UseTheme(settings.theme_before.clone()))
        .at(at)
}

/// The modules that can be enriched, where they are not known yet when they are; any name may be
/// typed all the same.
pub fn modules(known: Option<&[String]>, typed: &str) -> Picker {
    let items = |modules: &[String]| -> Vec<Item> {
        let module = |name: &String| Out::Deliver(Intent::Module(name.clone()));
        let all = modules.iter();
        all.map(|name| Item::new(name, "", module(name))).collect()
    };
    let fill = move |payload: &Payload| match payload {
        Payload::LoadModules(modules) => Some(items(modules)),
        _ => None,
    };
    let any = |text: &str| Out::Deliver(Intent::Module(text.to_owned()));
    let known_items = known.map(items);
    let picker = Picker::new("Choose a module", Vec::new()).or_typed(any);
    picker.filled_by(known_items, (Box::new(fill), typed.to_owned()))
}

/// What of an attempt is wanted in the clipboard.
pub fn copies(id: AttemptId, job: Option<&JobId>) -> Picker {
    let id_hint = match job {
        Some(job) => job.to_string(),
        None => format!("attempt {id}"),
    };
    let item = |text: &str, hint: String, what: CopyWhat| {
        Item::new(text, hint, Out::Deliver(Intent::Copy(id, what)))
    };
    let items = vec![
        item("as curl", "the token left out".to_owned(), CopyWhat::Curl),
        item("as JSON", "request and answer".to_owned(), CopyWhat::Json),
        item("the id", id_hint, CopyWhat::Id),
    ];
    Picker::new(Command::Copy.title(), items)
}

/// What of a job is wanted in the clipboard.
pub fn job_copies(job: &JobId) -> Picker {
    let item = |text: &str, hint: String, what: JobCopy| {
        Item::new(text, hint, Out::Deliver(Intent::CopyJob(job.clone(), what)))
    };
    let items = vec![
        item("the enriched data", "as JSON".to_owned(), JobCopy::Data),
        item("all of the job", "as JSON".to_owned(), JobCopy::All),
        item("the id", job.to_string(), JobCopy::Id),
    ];
    Picker::new(Command::CopyJob.title(), items)
}

/// The statuses that jobs have, with how many have each.
pub fn job_statuses(statuses: &[(String, u64)], shown: Option<&str>) -> Picker {
    let total = statuses.iter().map(|(_, count)| count).sum();
    let all = Item::new(
        format!("{:<17} {:>6}", "all jobs", grouped(total)),
        "",
        Out::Deliver(Intent::JobStatus(None)),
    );
    let items = statuses.iter().map(|(word, count)| {
        let status = JobStatus::from(word.as_str());
        Item::new(
            format!(
                "{} {:<15} {:>6}",
                look(&status).0,
                status.as_str(),
                grouped(*count)
            ),
            fitted(status.plain(), 26),
            Out::Deliver(Intent::JobStatus(Some(word.clone()))),
        )
    });
    let items = std::iter::once(all).chain(items).collect();
    let at = shown.and_then(|shown| statuses.iter().position(|(word, _)| word == shown));
    Picker::new(Command::FilterJobs.title(), items).at(at.map(|at| at + 1))
}

/// The states of a run's rows, each with its count.
pub fn row_states(view: &RunView, shown: Option<RowState>) -> Picker {
    let all = Item::new(
        "all rows",
        grouped(view.rows()),
        Out::Deliver(Intent::RowState(None)),
    );
    let one = |state: &RowState| {
        let yes = Out::Deliver(Intent::RowState(Some(*state)));
        Item::new(state.as_str(), grouped(view.count(*state)), yes)
    };
    let items = std::iter::once(all).chain(RowState::ALL.iter().map(one));
    let at = shown.and_then(|shown| RowState::ALL.iter().position(|state| *state == shown));
    Picker::new(Command::FilterRows.title(), items.collect()).at(at.map(|at| at + 1))
}

/// What a column of a file may lead to.
pub fn targets(
    column: usize,
    name: &str,
    targets: &[Option<Target>],
    now: Option<Target>,
) -> Picker {
    let item = |target: &Option<Target>| {
        let text = target.map_or("nothing", Target::as_str);
        Item::new(text, name, Out::Deliver(Intent::Target(column, *target)))
    };
    let at = targets.iter().position(|target| *target == now);
    Picker::new("Where the column leads", targets.iter().map(item).collect()).at(at)
}
