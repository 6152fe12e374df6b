//! Every command is handled wherever the table says that it means something.

use std::collections::BTreeSet;

use crate::enrichment::FieldRef;
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
        form.go_to(FieldRef::Module);
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

/// Those that belong to no screen.
const SHARED: &[Context] = &[
    Context::Always,
    Context::Screen,
    Context::List,
    Context::Text,
    Context::Popup,
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
    let (mut unhandled, mut strange) = (Vec::new(), Vec::new());
    for (name, scene) in SCENES {
        let app = scene().app;
        let mut contexts = app.contexts();
        // The palette offers what the table of screens names.
        let named = app.screen.contexts();
        let is_strange = |context: &&Context| !SHARED.contains(context) && !named.contains(context);
        if app.popups.is_empty() {
            strange.extend(contexts.iter().filter(is_strange).map(|it| (*name, *it)));
        }
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
    assert_eq!(strange, [], "not in the table of screens");
    let all: BTreeSet<String> = Context::ALL.iter().map(|c| format!("{c:?}")).collect();
    assert_eq!(seen, all, "a context that no scene has");
}

/// The texts of a file of source, without its comments and its tests.
fn texts(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests {").next();
    let lines = source.unwrap_or_default().lines();
    let lines = lines.filter(|line| !line.trim_start().starts_with("//"));
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    lines
        .split('"')
        .skip(1)
        .step_by(2)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A key can be bound anew, so a text names its command. Space is typed and bound to nothing.
#[test]
fn no_text_names_a_key() {
    let mut told = Vec::new();
    let mut folders = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui").into()];
    let is_key = |word: &str| {
        let is_function = word
            .strip_prefix('F')
            .is_some_and(|n| n.parse::<u8>().is_ok());
        is_function
            || matches!(
                word,
                "Enter" | "Esc" | "Tab" | "Backspace" | "PgUp" | "PgDn"
            )
            || word.contains("Ctrl+")
            || word.contains("Alt+")
            || word.contains("Shift+")
    };
    while let Some(folder) = folders.pop() {
        let folder: std::path::PathBuf = folder;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                let is_other = ["tests", "testing", "input", "terminal", "snapshots"];
                folders.extend((!is_other.contains(&name.as_str())).then_some(path));
            } else if name.ends_with(".rs") && !name.contains("test") {
                // What a key never does is a promise, however keys are bound.
                let texts = texts(&std::fs::read_to_string(&path).unwrap());
                let texts = texts.replace("Neither Enter", "");
                let words = texts.split(|c: char| !(c.is_alphanumeric() || c == '+'));
                let keys = words.filter(|word| is_key(word));
                told.extend(keys.map(|key| format!("{}: {key}", path.display())));
            }
        }
    }
    assert_eq!(told, Vec::<String>::new());
}
