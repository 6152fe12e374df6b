//! An example for every command, in one place: the help and the manual pages show them, and a test
//! parses each.

/// Command, and what it may look like.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "ziadeck demo",
            "ziadeck doctor",
            "ziadeck submit --module Leads --email ada@acme.example",
            "ziadeck usage --refresh",
        ],
    ),
    (
        "demo",
        &["ziadeck demo", "ziadeck demo --limit 100 --used 97"],
    ),
    (
        "submit",
        &[
            "ziadeck submit --module Leads --email ada@acme.example",
            "ziadeck submit --name 'Ada Lovelace' --company Acme --json | jq -r .job_id",
            "ziadeck submit --module Leads --file request.json --dry-run",
        ],
    ),
    (
        "usage",
        &["ziadeck usage --refresh", "ziadeck usage --json | jq .left"],
    ),
    (
        "log",
        &[
            "ziadeck log --since 2h --outcome unknown",
            "ziadeck log --search acme --format csv > acme.csv",
        ],
    ),
    (
        "jobs",
        &[
            "ziadeck jobs list --status COMPLETED",
            "ziadeck jobs show 5725767000003019012",
        ],
    ),
    (
        "jobs list",
        &["ziadeck jobs list --status COMPLETED --limit 20"],
    ),
    (
        "jobs show",
        &["ziadeck jobs show 5725767000003019012 --json | jq .enriched_data"],
    ),
    ("jobs watch", &["ziadeck jobs watch 5725767000003019012"]),
    (
        "bulk",
        &[
            "ziadeck bulk plan people.csv --module Leads --map name='Full Name'",
            "ziadeck bulk run 1",
            "ziadeck bulk export 1 --out enriched.csv",
        ],
    ),
    (
        "bulk plan",
        &[
            "ziadeck bulk plan people.csv --map name='First Name + Last Name'",
            "ziadeck bulk plan --from-crm --module Leads --never-enriched --max 100",
        ],
    ),
    (
        "bulk run",
        &[
            "ziadeck bulk run 1 --max 10",
            "ziadeck bulk run 1 --reserve 100 --yes --json",
        ],
    ),
    ("bulk resume", &["ziadeck bulk resume 1"]),
    ("bulk pause", &["ziadeck bulk pause 1"]),
    (
        "bulk status",
        &[
            "ziadeck bulk status",
            "ziadeck bulk status 1 --json | jq .scheduled",
        ],
    ),
    ("bulk rows", &["ziadeck bulk rows 1 --state rejected"]),
    (
        "bulk export",
        &[
            "ziadeck bulk export 1 --out enriched.csv",
            "ziadeck bulk export 1 --format jsonl | jq .job_id",
        ],
    ),
    ("bulk track", &["ziadeck bulk track 1"]),
    (
        "bulk requeue",
        &[
            "ziadeck bulk requeue 1 --absent",
            "ziadeck bulk requeue 1 --row 7 --row 9",
        ],
    ),
    ("bulk discard", &["ziadeck bulk discard 2"]),
    ("bulk skip", &["ziadeck bulk skip 1 --row 7"]),
    (
        "reconcile",
        &["ziadeck reconcile", "ziadeck reconcile --settle 300 --json"],
    ),
    (
        "decide",
        &[
            "ziadeck decide 17 adopt 5725767000003019012",
            "ziadeck decide 17 compose | ziadeck submit --file -",
        ],
    ),
    (
        "decide adopt",
        &["ziadeck decide 17 adopt 5725767000003019012"],
    ),
    ("decide release", &["ziadeck decide 17 release"]),
    (
        "decide compose",
        &["ziadeck decide 17 compose | ziadeck submit --file -"],
    ),
    (
        "doctor",
        &["ziadeck doctor", "ziadeck doctor --offline --json"],
    ),
    (
        "profile",
        &[
            "ziadeck profile add us-prod --data-center US --client-id 1000.ABCDEF",
            "ziadeck profile use us-prod",
        ],
    ),
    ("profile list", &["ziadeck profile list"]),
    ("profile show", &["ziadeck profile show us-prod"]),
    (
        "profile add",
        &[
            "ziadeck profile add us-prod --data-center US --client-id 1000.ABCDEF",
            "ziadeck profile add sim --data-center IN --client-id 1 --simulator http://127.0.0.1:8080",
        ],
    ),
    ("profile use", &["ziadeck profile use us-prod"]),
    ("profile remove", &["ziadeck profile remove us-sandbox"]),
    (
        "auth",
        &[
            "ziadeck auth login",
            "ziadeck auth status --profile us-prod",
        ],
    ),
    (
        "auth login",
        &[
            "ziadeck auth login --profile us-prod",
            "pass show zoho/grant | ziadeck auth login --code-stdin",
        ],
    ),
    ("auth status", &["ziadeck auth status --json"]),
    ("auth refresh", &["ziadeck auth refresh"]),
    ("auth logout", &["ziadeck auth logout --profile us-prod"]),
    ("modules", &["ziadeck modules"]),
    ("enrichment", &["ziadeck enrichment config list"]),
    (
        "enrichment config",
        &[
            "ziadeck enrichment config show Leads",
            "ziadeck enrichment config map Leads facebook=Facebook",
        ],
    ),
    (
        "enrichment config list",
        &["ziadeck enrichment config list"],
    ),
    (
        "enrichment config show",
        &["ziadeck enrichment config show Leads"],
    ),
    (
        "enrichment config create",
        &["ziadeck enrichment config create Leads email=Email company=Company"],
    ),
    (
        "enrichment config enable",
        &["ziadeck enrichment config enable Leads"],
    ),
    (
        "enrichment config disable",
        &["ziadeck enrichment config disable Leads"],
    ),
    (
        "enrichment config map",
        &[
            "ziadeck enrichment config map Leads facebook=Facebook",
            "ziadeck enrichment config map Leads first_name=First_Name --yes",
        ],
    ),
    (
        "enrichment config unmap",
        &["ziadeck enrichment config unmap Leads facebook"],
    ),
    (
        "enrichment config delete",
        &["ziadeck enrichment config delete Leads"],
    ),
    (
        "enrichment config export",
        &["ziadeck enrichment config export sandbox.toml --profile us-sandbox"],
    ),
    (
        "enrichment config apply",
        &[
            "ziadeck enrichment config apply sandbox.toml --profile us-prod --dry-run",
            "ziadeck enrichment config apply sandbox.toml --profile us-prod",
        ],
    ),
    (
        "prefill",
        &[
            "ziadeck prefill --record-id 5725767000001010663 | ziadeck submit --file -",
            "ziadeck prefill --module Leads --search acme",
        ],
    ),
    (
        "ledger",
        &[
            "ziadeck ledger check",
            "ziadeck ledger backup ledger-copy.db",
        ],
    ),
    (
        "ledger check",
        &["ziadeck ledger check", "ziadeck ledger check --trust"],
    ),
    (
        "ledger dump",
        &["ziadeck ledger dump | gzip > ledger.jsonl.gz"],
    ),
    (
        "ledger purge",
        &[
            "ziadeck ledger purge",
            "ziadeck ledger purge --before 365d",
            "ziadeck ledger purge --before 30d --everything --yes",
        ],
    ),
    ("ledger backup", &["ziadeck ledger backup ledger-copy.db"]),
    (
        "forget",
        &[
            "ziadeck forget --email - --dry-run",
            "ziadeck forget --email ada@acme.example --yes",
            "ziadeck forget --name \"Ada Lovelace\" --company Acme",
            "ziadeck forget --email - --undo",
        ],
    ),
    ("config", &["ziadeck config path", "ziadeck config check"]),
    (
        "config path",
        &["ziadeck config path --json | jq -r .ledger"],
    ),
    ("config check", &["ziadeck config check"]),
    (
        "explain",
        &[
            "ziadeck explain LIMIT_EXCEEDED",
            "ziadeck explain data_not_found",
            "ziadeck explain 8",
            "ziadeck explain",
        ],
    ),
    ("themes", &["ziadeck themes"]),
    (
        "simulate",
        &[
            "ziadeck simulate --port 8080 --limit 100",
            "ziadeck simulate --scenario lost-answers",
        ],
    ),
    (
        "completions",
        &[
            "source <(ziadeck completions bash)",
            "ziadeck completions fish > ~/.config/fish/completions/ziadeck.fish",
        ],
    ),
    (
        "man",
        &[
            "ziadeck man | man -l -",
            "ziadeck man --out ~/.local/share/man/man1",
        ],
    ),
];

/// Shows the examples below the help of each command, before what else stands there.
pub(super) fn shown(command: clap::Command) -> clap::Command {
    at(command, "")
}

fn at(command: clap::Command, path: &str) -> clap::Command {
    let note = command.get_after_help().map(ToString::to_string);
    let command = command.mut_subcommands(|part| {
        let path = format!("{path} {}", part.get_name());
        at(part, path.trim_start())
    });
    let Some((_, examples)) = EXAMPLES.iter().find(|(name, _)| *name == path) else {
        return command;
    };
    let title = match examples {
        [_] => "Example",
        _ => "Examples",
    };
    let text = format!("{title}:\n  {}", examples.join("\n  "));
    let command = match note {
        // The notes are for whoever reads on: `-h` is a reminder.
        Some(note) => command.after_long_help(format!("{text}\n\n{note}")),
        None => command,
    };
    command.after_help(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        found.push(path.trim_start().to_owned());
        for part in command.get_subcommands() {
            paths(part, &format!("{path} {}", part.get_name()), found);
        }
    }

    #[test]
    fn every_command_has_an_example_and_every_example_a_command() {
        let mut commands = Vec::new();
        paths(&crate::cli::command(), "", &mut commands);
        let mut with_examples: Vec<&str> = EXAMPLES.iter().map(|(name, _)| *name).collect();

        commands.sort();
        with_examples.sort_unstable();

        assert_eq!(commands, with_examples);
    }

    /// `-h` is read in passing; what takes longer stands in `--help`.
    #[test]
    fn the_short_help_of_every_command_fits_a_screen() {
        let mut commands = Vec::new();
        paths(&crate::cli::command(), "", &mut commands);

        for path in commands.iter().filter(|path| path.contains(' ')) {
            let mut command = crate::cli::command();
            command.build();
            let part = path.split_whitespace().fold(&mut command, |part, word| {
                part.find_subcommand_mut(word).unwrap()
            });
            let help = part.render_help().to_string();
            let lines = help.lines().count();

            assert!(lines <= 30, "{path}: {lines} lines\n{help}");
        }
    }

    #[test]
    fn every_example_is_of_its_command_and_stands_in_its_help() {
        for (path, examples) in EXAMPLES {
            let mut command = crate::cli::command();
            let words: Vec<&str> = path.split_whitespace().collect();
            let part = words.iter().fold(&mut command, |part, word| {
                part.find_subcommand_mut(word).unwrap()
            });
            let help = part.render_long_help().to_string();
            for example in *examples {
                assert!(example.len() <= 88, "wraps at 100 columns: {example}");
                assert!(help.contains(example), "{path}: {example}");
                // `decide` takes the attempt before the decision.
                assert!(
                    words.iter().all(|word| example.contains(word)),
                    "{path}: {example}"
                );
            }
        }
    }
}
