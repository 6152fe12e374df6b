//! Going from screen to screen. What was typed stays where it was typed, and nothing is sent.

use std::time::Duration;

use super::{command, jobs, runs, setup, usage_screen};
use crate::keymap::{Command, Context};
use crate::tui::effects::Effect;
use crate::tui::model::{Env, Level, Model, Pane, Place};

/// Goes to a screen.
pub(super) fn go(model: &mut Model, place: Place, env: &mut Env) -> Vec<Effect> {
    if model.shared.is_first_run() {
        return Vec::new();
    }
    model.log.search = None;
    model.jobs.search = None;
    model.runs.typing = None;
    model.place = place;
    let effects = match place {
        Place::Console => Vec::new(),
        Place::Jobs => jobs::show(model, env),
        Place::Runs => runs::show(model, env),
        Place::Setup => setup::show(model, env),
        Place::Usage => usage_screen::show(model, env),
    };
    super::refit(model);
    effects
}

/// Shows what belongs to the profile and kind on screen, should they have changed.
pub(super) fn follow(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let shown = match model.place {
        Place::Console | Place::Setup => return Vec::new(),
        Place::Runs if model.runs.of == model.shared.active => return Vec::new(),
        Place::Runs => return runs::show(model, env),
        Place::Jobs => &model.jobs.of,
        Place::Usage => &model.usage_screen.of,
    };
    let shown = shown.as_ref().map(|(name, kind)| (name, *kind));
    if shown
        == model
            .shared
            .active
            .as_ref()
            .map(|name| (name, model.shared.kind()))
    {
        return Vec::new();
    }
    match model.place {
        Place::Console | Place::Runs | Place::Setup => Vec::new(),
        Place::Jobs => jobs::show(model, env),
        Place::Usage => usage_screen::show(model, env),
    }
}

/// Somebody committed to the ledger.
pub(super) fn ledger_changed(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    match model.place {
        Place::Console | Place::Setup => Vec::new(),
        Place::Jobs => jobs::ask_newest(model, env),
        Place::Runs => runs::ledger_changed(model, env),
        Place::Usage => usage_screen::ask(model),
    }
}

/// When the screen wants to ask the server again; never while nothing can change.
pub(super) fn next_wakeup(model: &Model) -> Option<Duration> {
    match model.place {
        Place::Console | Place::Setup => None,
        Place::Runs => runs::next_wakeup(model),
        Place::Jobs => jobs::next_wakeup(model),
        Place::Usage => usage_screen::next_wakeup(model),
    }
}

/// Asks what is due.
pub(super) fn due(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    match model.place {
        Place::Console | Place::Setup => Vec::new(),
        Place::Runs => runs::due(model, env),
        Place::Jobs => jobs::due(model, env),
        Place::Usage => usage_screen::due(model, env),
    }
}

/// What a command means on the screen that is shown; `None` when it means the same everywhere.
pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    match model.place {
        Place::Console => command::in_pane(model, command, env),
        Place::Jobs => jobs::on(model, command, env),
        Place::Runs => runs::on(model, command, env),
        Place::Setup => setup::on(model, command, env),
        Place::Usage => usage_screen::on(model, command, env),
    }
}

/// Goes back to the Console for a command that needs its panes. A request is never sent from
/// another screen: its form must be in sight.
pub(super) fn bring_console(
    model: &mut Model,
    command: Command,
    env: &mut Env,
) -> Option<Vec<Effect>> {
    if model.place == Place::Console || !is_of_console(command) {
        return None;
    }
    let mut effects = go(model, Place::Console, env);
    if command != Command::Send {
        // The command itself follows; going to the Console asks for nothing.
        return None;
    }
    effects.extend(command::focus(model, Pane::Compose));
    let text = "this is the request; nothing was sent yet";
    model.shared.say(Level::Info, text, env.uptime);
    Some(effects)
}

fn is_of_console(command: Command) -> bool {
    let is_of_form = matches!(
        command,
        Command::Send
            | Command::EditJson
            | Command::FillFromRecord
            | Command::ClearForm
            | Command::RestoreForm
            | Command::NextPane
    );
    let of_pane = |context: &Context| {
        matches!(
            context,
            Context::Form | Context::Module | Context::Log | Context::Detail
        )
    };
    is_of_form || command.contexts().iter().all(of_pane)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::Bench;

    #[test]
    fn a_digit_goes_to_a_screen_outside_text_fields_only() {
        let mut bench = Bench::at_work(80, 24);

        bench.press("4");
        assert_eq!(bench.model.place, Place::Console);

        bench.press("Esc 4");
        assert_eq!(bench.model.place, Place::Usage);
    }

    #[test]
    fn f2_goes_round_from_anywhere_and_comes_back() {
        let mut bench = Bench::at_work(80, 24);
        let mut seen = Vec::new();

        for _ in Place::ALL {
            bench.press("F2");
            seen.push(bench.model.place);
        }

        assert_eq!(seen.last(), Some(&Place::Console));
        assert!(Place::ALL.iter().all(|place| seen.contains(place)));
    }

    #[test]
    fn sending_from_another_screen_shows_the_form_and_sends_nothing() {
        let mut bench = Bench::at_work(80, 24);
        bench.press("F2").effects.clear();

        bench.press("F5");

        let model = &bench.model;
        assert_eq!((model.place, model.pane), (Place::Console, Pane::Compose));
        assert!(model.in_flight.is_empty() && model.popups.is_empty());
        assert_eq!(bench.submits(), 0);
    }

    #[test]
    fn a_command_of_the_console_brings_it_back() {
        let mut bench = Bench::at_work(80, 24);
        bench.press("F2 Ctrl+P");

        bench.type_text("filter the log").press("Enter");

        assert_eq!(bench.model.place, Place::Console);
        assert_eq!(bench.model.popups.len(), 1);
    }

    #[test]
    fn the_first_start_has_one_screen_only() {
        let mut bench = Bench::empty(80, 24);
        bench.tell(crate::tui::msg::Msg::Profiles(Ok(Default::default())));

        bench.press("F2 4");

        assert_eq!(bench.model.place, Place::Console);
    }
}
