//! Floor 6: the command line. Parses, calls one use case, prints its result, answers an exit code.
//!
//! stdout is data and stderr is talk; only [`output`] writes to either.

pub mod args;
mod ask;
pub mod bulk_args;
mod bulk_json;
mod commands;
mod examples;
pub mod exit;
pub mod guard;
mod json;
pub mod output;
mod plain;
mod session;
mod signals;
mod span;
mod upgrade;
mod vocabulary;
mod voice;
mod zone;

pub use exit::Exit;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use self::args::{Cli, Command};
use self::output::{Format, Motion, Out, Talk};
use crate::base::Sanitized;
use crate::ops::OpsError;

/// Parses the process's arguments and runs what they ask for.
pub fn main() -> Exit {
    guard::lock_process();
    guard::fix_panic_text();
    let cli = match parse() {
        Ok(cli) => cli,
        Err(error) => {
            print_usage(&error);
            let exit = match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done,
                _ => Exit::Usage,
            };
            return ended(exit, FOR_PEOPLE);
        }
    };
    let out = Out::of(&cli.global);
    ended(execute(cli, out), out)
}

/// How a command ends, once it is known whether all that it printed was taken.
fn ended(exit: Exit, out: Out) -> Exit {
    let Some(why) = out.finish() else {
        return exit;
    };
    let error = OpsError::NotWritten {
        to: "standard output".to_owned(),
        why: why.to_owned(),
    };
    // Where the command failed, that says more.
    let exit = match exit {
        Exit::Done => Exit::Output,
        failed => failed,
    };
    out.error(&error.to_string(), error.hint().as_deref(), exit.code());
    exit
}

/// Before it is known what the flags want.
const FOR_PEOPLE: Out = Out {
    format: Format::Text,
    talk: Talk::Normal,
    motion: Motion::None,
    ledger: None,
};

fn execute(cli: Cli, out: Out) -> Exit {
    match &cli.command {
        // These make files for everybody; they hold nothing but the program's own words.
        Some(Command::Man { .. } | Command::Completions { .. }) => {}
        _ => guard::private_files(),
    }
    if let Err(error) = guard::check_descriptors() {
        let hint = "allow more open files: ulimit -n 256";
        out.error(
            &format!("too few files can be open: {error}; nothing was sent"),
            Some(hint),
            2,
        );
        return Exit::Usage;
    }
    if let Err(error) = guard::check_threads() {
        let hint = "allow more processes and threads: ulimit -u 256";
        out.error(
            &format!("too few threads can be started: {error}; nothing was sent"),
            Some(hint),
            2,
        );
        return Exit::Usage;
    }
    // Two workers: with one, a terminal that stops reading would freeze network and ledger too.
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            out.error(&format!("the runtime cannot start: {error}"), None, 2);
            return Exit::Usage;
        }
    };
    let exit = runtime.block_on(run(cli, out));
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    exit
}

/// The whole command line as a clap command, for completions and manual pages.
pub fn command() -> clap::Command {
    examples::shown(Cli::command())
}

fn parse() -> Result<Cli, clap::Error> {
    let mut command = command();
    for (argument, variable) in args::VARIABLES {
        // Set to nothing is not set, as everywhere.
        if std::env::var_os(variable).is_some_and(|value| value.is_empty()) {
            command = command.mut_arg(argument, |argument| argument.env(None));
        }
    }
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

async fn run(cli: Cli, out: Out) -> Exit {
    let global = cli.global.clone();
    let result = match cli.command {
        None => commands::console::open(&global, cli.yes, out).await,
        Some(_) if cli.yes => Err(OpsError::Refused(
            "--yes belongs behind the command; without one it goes with --plain".to_owned(),
        )),
        Some(Command::Demo(args)) => commands::demo::run(&global, args, out).await,
        Some(Command::Simulate(args)) => commands::simulate::run(args, out).await,
        Some(Command::Submit(args)) => commands::submit::run(&global, args, out).await,
        Some(Command::Jobs(command)) => commands::jobs::run(&global, command, out).await,
        Some(Command::Usage(args)) => commands::usage::run(&global, args, out).await,
        Some(Command::Log(args)) => commands::log::run(&global, args, out).await,
        Some(Command::Bulk(command)) => commands::bulk::run(&global, command, out).await,
        Some(Command::Reconcile(args)) => commands::reconcile::run(&global, args, out).await,
        Some(Command::Decide(args)) => commands::decide::run(&global, args, out).await,
        Some(Command::Modules(args)) => commands::modules::run(&global, args, out).await,
        Some(Command::Prefill(args)) => commands::prefill::run(&global, args, out).await,
        Some(Command::Enrichment(command)) => {
            commands::enrichment::run(&global, command, out).await
        }
        Some(Command::Forget(args)) => commands::forget::run(&global, args, out).await,
        Some(Command::Ledger(command)) => commands::ledger::run(&global, command, out).await,
        Some(Command::Doctor(args)) => commands::doctor::run(&global, args, out).await,
        Some(Command::Profile(command)) => commands::profile::run(&global, command, out).await,
        Some(Command::Auth(command)) => commands::auth::run(&global, command, out).await,
        Some(Command::Config(command)) => commands::config::run(&global, command, out),
        Some(Command::Explain { code }) => commands::paper::explain(code.as_deref(), out),
        Some(Command::Themes) => commands::paper::themes(&global, out),
        Some(Command::Completions { shell }) => Ok(commands::paper::completions(shell, out)),
        Some(Command::Man { out: dir }) => commands::paper::man(dir.as_deref(), out),
    };
    match result {
        Ok(exit) => exit,
        Err(error) => report(&error, out),
    }
}

/// clap repeats what was given, and in its help the variables; a script may have either from
/// anywhere. Where one holds a control character the text goes out plain, through the sanitiser.
fn print_usage(error: &clap::Error) {
    let is_plain = |given: std::ffi::OsString| {
        let text = given.to_string_lossy();
        Sanitized::new(&text).as_str() == text
    };
    let variables = args::VARIABLES
        .iter()
        .filter_map(|(_, name)| std::env::var_os(name));
    if !std::env::args_os().chain(variables).all(is_plain) {
        let text = error.render().to_string();
        if error.use_stderr() {
            FOR_PEOPLE.say(text.trim_end());
        } else {
            FOR_PEOPLE.line(text.trim_end());
        }
        return;
    }
    // Where it fails: standard error has nobody to tell, and standard output is noted.
    let _ = if error.use_stderr() {
        error.print()
    } else {
        output::noted(|| {
            output::check_stdout()?;
            error.print()
        })
    };
}

/// Prints an error and answers its exit code.
fn report(error: &OpsError, out: Out) -> Exit {
    let exit = Exit::of_code(error.exit_code());
    out.error(&error.to_string(), error.hint().as_deref(), exit.code());
    exit
}
