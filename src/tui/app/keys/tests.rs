//! Every command is handled wherever the table says that it means something.

use std::collections::BTreeSet;

use crate::enrichment::Place;
use crate::keymap::{Command, Context};
use crate::tui::app::cx::Handled;
use crate::tui::app::op::Payload;
use crate::tui::app::state::Turn;
use crate::tui::data::profile::Profiles;
use crate::tui::testing::{Harness, jobs, records, runs, setup, unknowns, usage};

type Scene = (&'static str, fn() -> Harness);

fn pressed(mut harness: Harness, keys: &str) -> Harness {
    harness.press(keys);
    harness
}

fn at_work(keys: &str) -> Harness {
    pressed(Harness::at_work(120, 40), keys)
}

/// Everything that can have the focus, filled.
const SCENES: &[Scene] = &[
    ("the form", || at_work("")),
    ("the module field", || {
        let mut harness = at_work("");
        let form = &mut harness.app.screens.console.compose.form;
        form.go_to(Place::Module);
        harness
    }),
    ("the log", || at_work("F3")),
    ("the detail", || at_work("F3 F3")),
    ("a search", || at_work("F3 /")),
    ("the jobs", || Harness::at_jobs(120, 40, jobs::rows()).0),
    ("a job", || {
        pressed(Harness::at_jobs(120, 40, jobs::rows()).0, "Enter")
    }),
    ("the runs", || runs::running(120, 40)),
    ("the rows", || {
        let mut harness = pressed(runs::running(120, 40), "Enter");
        runs::answer(&mut harness, &runs::runs());
        harness
    }),
    ("the usage", || {
        usage::at_usage(120, 40, usage::sheet(1_012))
    }),
    ("the set-up", || setup::set_up(120, 40)),
    ("the guide", || setup::at_the_code(120, 40)),
    ("the unknowns", || unknowns::settling(120, 40)),
    ("a grant code", || {
        let mut harness = setup::set_up(120, 40);
        run(&mut harness, Command::SignInAgain);
        harness
    }),
    ("a plan", || pressed(runs::running(120, 40), "n")),
    ("the records", || records::finding(120, 40)),
    ("a question", || {
        let mut harness = at_work("");
        let usage = crate::tui::testing::usage(1_500);
        harness.tell(crate::tui::app::msg::Msg::LedgerChanged);
        harness.reply(Payload::LoadUsage(usage));
        pressed(harness, "F5")
    }),
    ("a question that a key answers", || {
        let mut harness = setup::set_up(120, 40);
        run(&mut harness, Command::SignOut);
        harness
    }),
    ("a list", || at_work("Ctrl+O")),
    ("the palette", || at_work("Ctrl+P")),
    ("the filter", || at_work("F3 f")),
    ("the help", || at_work("F1")),
    ("the first start", || {
        Harness::with_profiles(120, 40, Profiles::default())
    }),
];

/// Those that are a list and a text at once, or a little of one: a key that means nothing to the list
/// is the text's, and the other way round.
const IN_PART: &[&str] = &[
    "a search",
    "the guide",
    "a grant code",
    "a plan",
    "the records",
    "a list",
    "the palette",
    "the help",
    "the first start",
];

fn run(harness: &mut Harness, command: Command) -> Handled {
    let mut turn = Turn::new(&mut harness.env);
    let handled = harness.app.run(command, &mut turn);
    harness.app.carry_out(&mut turn);
    harness.app.settle();
    handled
}

#[test]
fn every_command_is_handled_wherever_it_means_something() {
    let mut seen = BTreeSet::new();
    let mut unhandled = Vec::new();
    for (name, scene) in SCENES {
        let mut contexts = scene().app.contexts();
        seen.extend(contexts.iter().map(|context| format!("{context:?}")));
        if IN_PART.contains(name) {
            contexts.retain(|context| {
                !matches!(context, Context::List | Context::Text | Context::Popup)
            });
        }
        for command in Command::ALL {
            let means = |context: &Context| command.contexts().contains(context);
            if contexts.iter().any(means) && run(&mut scene(), *command) == Handled::No {
                unhandled.push(format!("{name}: {}", command.name()));
            }
        }
    }
    assert_eq!(unhandled, Vec::<String>::new());
    let all: BTreeSet<String> = Context::ALL.iter().map(|c| format!("{c:?}")).collect();
    assert_eq!(seen, all, "a context that no scene has");
}
