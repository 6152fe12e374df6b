//! `ziadeck doctor`: every precondition, checked and explained, with or without a network.

use std::sync::Arc;

use serde_json::json;

use crate::base::{Clock, SystemClock};
use crate::cli::args::{DoctorArgs, Global};
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::session;
use crate::config::{Config, Paths, Profile};
use crate::ops::OpsError;
use crate::ops::doctor::{self, Check, Places};

pub(crate) async fn run(global: &Global, args: DoctorArgs, out: Out) -> Result<Exit, OpsError> {
    let mut report = Report {
        out,
        profile: None,
        checks: Vec::new(),
    };
    report.add([terminal()]);
    if let Some((paths, config, profile)) = files(global, &mut report) {
        examine((paths, config, profile), args, &mut report).await;
    }
    let exit = Exit::of_code(doctor::exit_code(&report.checks));
    let failures = report.checks.iter().filter(|check| check.is_failure());
    out.say(&match failures.count() {
        0 => "nothing stands in the way of a send".to_owned(),
        1 => "1 thing to mend".to_owned(),
        n => format!("{n} things to mend, the first one first"),
    });
    Ok(exit)
}

struct Report {
    out: Out,
    profile: Option<String>,
    checks: Vec<Check>,
}

impl Report {
    /// Prints what was found, as it comes.
    fn add(&mut self, checks: impl IntoIterator<Item = Check>) {
        for check in checks {
            let value = json!({
                "check": check.name,
                "status": check.finding.as_str(),
                "message": check.message,
                "next_step": check.next_step,
                "profile": self.profile,
            });
            self.out.result(&value, || lines(&check));
            self.checks.push(check);
        }
    }
}

fn lines(check: &Check) -> Vec<String> {
    let status = check.finding.as_str();
    let mut lines = vec![format!(
        "{status:<4}  {:<22}  {}",
        check.name, check.message
    )];
    if let Some(next) = &check.next_step {
        lines.push(format!("  do  {next}"));
    }
    lines
}

fn terminal() -> Check {
    match super::console::check_terminal() {
        Ok(()) => Check::fine("terminal", "the console can be opened here"),
        Err(error) => Check::warning(
            "terminal",
            format!("no console here: {error}"),
            "use the headless commands, or open a terminal",
        ),
    }
}

/// The files, as far as they can be found and read.
fn files(global: &Global, report: &mut Report) -> Option<(Paths, Config, Profile)> {
    let (paths, config) = match session::config(global) {
        Ok(found) => found,
        Err(error) => {
            let check = Check::of_error("configuration file", &error);
            report.add([
                Check {
                    next_step: Some("mend it; `ziadeck config check` names every line".to_owned()),
                    ..check
                },
                Check::skipped("profile", "the configuration cannot be read"),
            ]);
            return None;
        }
    };
    let named = global.profile.as_ref().map(|name| name.as_str());
    match config.profile(named) {
        Ok(profile) => {
            report.profile = Some(profile.name.to_string());
            let names: Vec<_> = config.profiles.iter().map(|p| p.name.as_str()).collect();
            let text = format!(
                "{}, profiles: {}",
                paths.config_file.display(),
                names.join(", ")
            );
            report.add([Check::fine("configuration file", text)]);
            let profile = profile.clone();
            Some((paths, config, profile))
        }
        Err(error) => {
            let check = Check::of_error("profile", &OpsError::Config(error));
            report.add([Check {
                next_step: Some("make one with `ziadeck profile add`, or name it".to_owned()),
                ..check
            }]);
            None
        }
    }
}

async fn examine(
    (paths, config, profile): (Paths, Config, Profile),
    args: DoctorArgs,
    report: &mut Report,
) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let places = Places {
        paths: &paths,
        config: &config,
        clock: &clock,
    };
    report.add(doctor::local(places, &profile).await);
    if args.offline {
        report.add([Check::skipped("server", "not asked: --offline")]);
        return;
    }
    let context = match session::open_deck((paths, config), report.out).await {
        Ok(context) => context,
        Err(error) => {
            // Said once already where the look from outside has found it.
            if !report
                .checks
                .iter()
                .any(|check| check.name == "ledger" && check.is_failure())
            {
                report.add([Check::of_error("ledger", &error)]);
            }
            report.add([Check::skipped("server", "the ledger cannot be opened")]);
            return;
        }
    };
    match context.session(Some(&profile.name)) {
        Ok(session) => report.add(doctor::server(&session).await),
        Err(error) => report.add([Check::of_error("hosts", &error)]),
    }
    context.close().await;
}
