//! Where secrets must not be: planted ones are looked for in every byte and file the program
//! writes, in the environment and the arguments of what it starts, and in what others may read of
//! its process.
#![expect(
    clippy::unwrap_used,
    reason = "what helps a test may fail as a test does"
)]

mod canary;
mod echoes;
mod mistaken;
mod process;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/terminal.rs"]
mod terminal;

use std::time::Duration;

use canary::{Canary, files, found};
use support::{Bench, Ran};
use tokio::io::AsyncWriteExt;

/// Characters that every encoding changes.
const CLIENT_SECRET: &str = "canary+client/secret=1";
const VARIABLE_SECRET: &str = "canary+variable/secret=2";
const GRANT_CODE: &str = "1000.canary0grant0code.0123456789abcdef";

/// A profile whose secret is in a file and one whose secret is in a variable.
async fn bench() -> Bench {
    let bench = Bench::quiet().await;
    bench.write("secret", CLIENT_SECRET, 0o600);
    let by_variable = bench
        .profile("by-variable", "")
        .lines()
        .map(|line| match line.starts_with("client_secret_file") {
            true => "client_secret_env = \"ZIADECK_TEST_SECRET\"\n".to_owned(),
            false => format!("{line}\n"),
        })
        .collect::<String>();
    let text = format!(
        "default_profile = \"us\"\n{}{by_variable}",
        bench.profile("us", "confirm = \"never\"")
    );
    bench.write("config.toml", &text, 0o600);
    bench
}

/// The canaries, with the tokens that the server has given by now.
fn canaries(bench: &Bench) -> Vec<Canary> {
    let mut all = vec![
        Canary::new("client secret", CLIENT_SECRET),
        Canary::new("client secret of the variable", VARIABLE_SECRET),
        Canary::new("grant code", GRANT_CODE),
    ];
    for profile in ["us", "by-variable"] {
        let path = bench.path(&format!("data/credentials/{profile}.toml"));
        let Ok(text) = std::fs::read_to_string(path) else {
            continue;
        };
        for line in text.lines() {
            let Some((key, value)) = line.split_once(" = ") else {
                continue;
            };
            match key {
                "refresh_token" => all.push(Canary::new("refresh token", value.trim_matches('"'))),
                "access_token" => all.push(Canary::new("access token", value.trim_matches('"'))),
                _ => {}
            }
        }
    }
    all
}

/// Runs a command with the secret variable set and something on standard input.
async fn run(bench: &Bench, arguments: &[&str], input: &str) -> Ran {
    let mut child = bench
        .command(arguments)
        .env("ZIADECK_TEST_SECRET", VARIABLE_SECRET)
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that reads nothing may have closed it.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    support::finish(child).await
}

/// No file but the credential files and the secret's own holds a canary.
fn no_file_tells(bench: &Bench, canaries: &[Canary]) {
    let mut looked_at = 0;
    for path in files(&bench.path("")) {
        let is_allowed =
            path == bench.path("secret") || path.starts_with(bench.path("data/credentials"));
        if is_allowed {
            continue;
        }
        looked_at += 1;
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(found(canaries, &bytes), [""; 0], "{}", path.display());
    }
    assert!(looked_at > 2, "ledger and configuration at least");
}

/// Every command that does not go on for ever, in an order in which they work.
const COMMANDS: &[&[&str]] = &[
    &["auth", "login", "--code-stdin"],
    &["auth", "login", "--code-stdin", "--profile", "by-variable"],
    &["auth", "status"],
    &["auth", "refresh"],
    &["auth", "refresh", "--profile", "by-variable"],
    &["profile", "list"],
    &["profile", "show"],
    &["config", "path"],
    &["config", "check"],
    &["doctor"],
    &["submit", "--email", "ada@acme.example"],
    &["submit", "--email", "grace@acme.example", "--dry-run"],
    &["submit", "--name", "Ada", "--force"],
    &["jobs", "list"],
    &["usage", "--refresh"],
    &["log", "--format", "csv"],
    &["log", "1"],
    &["log", "1", "--json"],
    &["log", "--format", "jsonl", "--all-profiles"],
    &["reconcile", "--settle", "0"],
    &["ledger", "check"],
    &["ledger", "dump"],
    &["bulk", "plan", "people.csv"],
    &["bulk", "run", "1"],
    &["bulk", "export", "1"],
    &["bulk", "status"],
    &["themes"],
    &["auth", "logout", "--yes"],
    &["auth", "login", "--code-stdin", "--profile", "no-such"],
    &["submit", "--email", "ada@acme.example"],
    &["ledger", "purge", "--yes"],
];

#[tokio::test(flavor = "multi_thread")]
async fn no_command_writes_a_secret_anywhere() {
    let bench = bench().await;
    let people = bench.write(
        "people.csv",
        "email\nada@acme.example\nlin@acme.example\n",
        0o600,
    );
    let mut said = Vec::new();
    let mut all = canaries(&bench);
    let mut worked = 0;

    for flags in [&["--verbose"][..], &["--json"]] {
        for command in COMMANDS {
            let words: Vec<&str> = [command, flags]
                .concat()
                .into_iter()
                .map(|word| match word {
                    "people.csv" => people.to_str().unwrap(),
                    word => word,
                })
                .collect();
            let ran = run(&bench, &words, GRANT_CODE).await;
            worked += usize::from(ran.code == 0);
            said.push((words.join(" "), ran));
            // Tokens come and go; each one that was ever on disk is looked for.
            all.extend(canaries(&bench));
        }
    }

    for (command, ran) in &said {
        for text in [&ran.stdout, &ran.stderr] {
            assert_eq!(found(&all, text.as_bytes()), [""; 0], "{command}: {ran:?}");
        }
    }
    no_file_tells(&bench, &all);
    assert!(all.iter().any(|canary| canary.name == "access token"));
    assert!(worked > 30, "most commands do their work: {worked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_tells_no_secret_either() {
    use ziadeck::simulator::{Action, Fault, StatusFault, Target};
    let bench = bench().await;
    let all = canaries(&bench);
    let faults = [
        (Target::Token, Action::Status(StatusFault::new(500))),
        (Target::Token, Action::NotJson),
        (Target::Token, Action::CloseAfterRead { effect: false }),
        (Target::PeoplePost, Action::Status(StatusFault::new(502))),
        (Target::PeoplePost, Action::ResetAfterRead { effect: true }),
        (Target::PeoplePost, Action::Garbage),
    ];

    for (target, action) in faults {
        bench.control().push_fault(Fault::next(target, action));
        for command in [
            &["auth", "refresh"][..],
            &["submit", "--email", "ada@acme.example"],
        ] {
            let ran = run(&bench, &[command, &["--verbose"]].concat(), "").await;

            for text in [&ran.stdout, &ran.stderr] {
                assert_eq!(
                    found(&all, text.as_bytes()),
                    [""; 0],
                    "{command:?}: {ran:?}"
                );
            }
        }
    }
    no_file_tells(&bench, &all);
}

/// Writes its environment, its arguments and those of the process that started it, beside itself.
const RECORDER: &str = "#!/bin/sh\n{ env; echo \"$0 $@\"; tr '\\0' ' ' < /proc/$PPID/cmdline; \
                        ls -l /proc/self/fd; } > \"$(dirname \"$0\")/recorded\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn the_console_shows_no_secret_and_gives_none_to_the_editor() {
    let bench = bench().await;
    run(&bench, &["auth", "login", "--code-stdin"], GRANT_CODE)
        .await
        .expect(0);
    let editor = bench.write("editor", RECORDER, 0o700);
    let all = canaries(&bench);
    let mut command = terminal::program(&bench.path(""), &[]);
    command.arg("--config");
    command.arg(bench.path("config.toml"));
    command.arg("--data-dir");
    command.arg(bench.path("data"));
    command.env("EDITOR", &editor);
    command.env("ZIADECK_TEST_SECRET", VARIABLE_SECRET);
    let mut terminal = terminal::Terminal::start(command);
    terminal.shows("0 / 1,500");

    terminal.type_in("\tada@acme.example");
    terminal.press_for(b"\x13", "scheduled");
    // F4: the editor.
    terminal.type_in("\x1bOS");
    let recorded = bench.path("recorded");
    terminal::until("editor that has run", || {
        std::fs::read_to_string(&recorded).is_ok_and(|text| text.contains("0 -> /dev/pts"))
    });
    terminal.shows("1 / 1,500");
    // F7: the guide of another data centre; secret and code are typed and shown as nothing.
    terminal.type_in("\x1b[18~");
    terminal.shows("Grant code");
    for text in ["", "", "1000.CLIENT", CLIENT_SECRET] {
        terminal.type_in(format!("{text}\t"));
    }
    terminal.type_in(format!("\x1b[200~{GRANT_CODE}\x1b[201~"));
    terminal.type_in(b"\x11");

    terminal.ends_within(Duration::from_secs(12));
    terminal.read_out();
    assert_eq!(found(&all, &terminal.bytes()), [""; 0]);
    let told = std::fs::read_to_string(&recorded).unwrap();
    assert!(told.contains("HOME="), "{told}");
    assert!(!told.contains("ZIADECK_TEST_SECRET"), "{told}");
    assert!(
        !told.contains("socket:") && !told.contains("ledger"),
        "{told}"
    );
    no_file_tells(&bench, &all);
}

/// No flag takes a secret: where one is needed the manual names a file, a command, a variable or
/// standard input.
#[test]
fn no_flag_takes_a_secret() {
    fn flags(command: &clap::Command) -> Vec<String> {
        let own = command.get_arguments().map(|one| one.get_id().to_string());
        own.chain(command.get_subcommands().flat_map(flags))
            .collect()
    }

    for flag in flags(&ziadeck::cli::command()) {
        let holds = ["secret", "token", "password", "code"];
        let names = [
            "client_secret_file",
            "client_secret_env",
            "client_secret_command",
            "code_stdin",
            "code",
        ];
        assert!(
            !holds.iter().any(|word| flag.contains(word)) || names.contains(&flag.as_str()),
            "--{flag}"
        );
    }
}
