//! What needs no ledger and no network: themes, completions, manual pages.

use std::path::Path;

use serde_json::json;

use crate::cli::args::Global;
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::session;
use crate::cli::vocabulary::themes as themes_of;
use crate::ops::OpsError;
use crate::theme::ColorDepth;

pub(crate) use super::explain::{explain, explanations};

pub(crate) fn themes(global: &Global, out: Out) -> Result<Exit, OpsError> {
    let (paths, config) = session::config(global)?;
    let themes = themes_of(&paths);
    for name in themes.names() {
        let is_used = name == config.theme;
        let file = paths.themes_dir.join(format!("{name}.toml"));
        let file = file.is_file().then_some(file);
        let problems = match themes.load(&name, ColorDepth::TrueColor) {
            Ok((_, warnings)) => warnings.iter().map(ToString::to_string).collect(),
            Err(error) => vec![error.to_string()],
        };
        let value = json!({"name": name, "used": is_used, "file": file, "problems": problems});
        out.result(&value, || {
            let mark = if is_used { "*" } else { " " };
            let place = file.map_or("built in".to_owned(), |file| file.display().to_string());
            let told = problems.iter().map(|problem| format!("    {problem}"));
            std::iter::once(format!("{mark} {name:<14}  {place}"))
                .chain(told)
                .collect()
        });
    }
    Ok(Exit::Done)
}

pub(crate) fn completions(shell: clap_complete::Shell, out: Out) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut crate::cli::command(), "ziadeck", &mut script);
    out.raw(&script);
    Exit::Done
}

pub(crate) fn man(dir: Option<&Path>, out: Out) -> Result<Exit, OpsError> {
    match dir {
        Some(dir) => {
            let failed = |error: std::io::Error| OpsError::not_written(dir, &error);
            std::fs::create_dir_all(dir).map_err(failed)?;
            write_pages(&for_paper(), dir).map_err(failed)?;
            out.say(&format!("manual pages are in {}", dir.display()));
        }
        None => {
            let page = page_of(&for_paper());
            let page = page.map_err(|error| OpsError::Refused(error.to_string()))?;
            out.raw(page.as_bytes());
        }
    }
    Ok(Exit::Done)
}

/// The commands as the manual has them: what the short help leaves out is explained here.
fn for_paper() -> clap::Command {
    fn whole(command: clap::Command) -> clap::Command {
        command
            .mut_args(|arg| arg.hide_short_help(false))
            .mut_subcommands(whole)
    }
    let mut command = whole(crate::cli::command().disable_help_subcommand(true));
    command.build();
    command
}

/// What every page ends with: what concerns the program and no single command.
const AROUND: &str = r#".SH ENVIRONMENT
.TP
.B ZIADECK_CONFIG, ZIADECK_DATA_DIR, ZIADECK_PROFILE
As \-\-config, \-\-data\-dir and \-\-profile, where those are not given.
.TP
.B NO_COLOR
Where it is set, no colour is used; bold, underline and reverse remain.
.TP
.B VISUAL, EDITOR
The editor for a request as JSON.
.TP
.B HTTPS_PROXY, ALL_PROXY, NO_PROXY
The proxy towards Zoho; none is ever used towards a simulator.
.SH FILES
.TP
.I ~/.config/ziadeck/config.toml
The configuration; themes of your own are in
.I themes/
beside it.
.TP
.I ~/.local/share/ziadeck/ledger.db
The ledger: every attempt, before it goes out.
.TP
.I ~/.local/state/ziadeck/credentials/
Tokens, mode 0600.
.SH "EXIT STATUS"
0 done, 2 wrong use, 3 refused before sending, 4 sign\-in, 5 rejected or denied, 6 limit reached, 7 not sent,
8 outcome unknown, 9 ledger, 10 run held by another process, 11 output could not be written,
128+n ended by signal n.
.B ziadeck explain
.I NUMBER
says what to do.
.SH "SEE ALSO"
.BR ziadeck (1),
.BR ziadeck\-doctor (1),
.BR ziadeck\-explain (1)
"#;

fn man_of(command: &clap::Command) -> clap_mangen::Man {
    clap_mangen::Man::new(command.clone()).source(concat!("ziadeck ", env!("CARGO_PKG_VERSION")))
}

fn page_of(command: &clap::Command) -> std::io::Result<String> {
    let mut page = Vec::new();
    man_of(command).render(&mut page)?;
    let page = String::from_utf8_lossy(&page).replace(".SH EXTRA", ".SH \"EXAMPLES AND NOTES\"");
    // The version closes a page.
    let (before, version) = page.split_once(".SH VERSION").unwrap_or((&page, ""));
    Ok(if version.is_empty() {
        format!("{before}{AROUND}")
    } else {
        format!("{before}{AROUND}.SH VERSION{version}")
    })
}

fn write_pages(command: &clap::Command, dir: &Path) -> std::io::Result<()> {
    for below in command.get_subcommands().filter(|one| !one.is_hide_set()) {
        write_pages(below, dir)?;
    }
    std::fs::write(dir.join(man_of(command).get_filename()), page_of(command)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_names_the_program_and_explains_every_option() {
        let dir = tempfile::tempdir().unwrap();

        write_pages(&for_paper(), dir.path()).unwrap();

        let pages: Vec<_> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect();
        assert!(pages.len() > 40, "{}", pages.len());
        for page in pages {
            let version = concat!("\"ziadeck ", env!("CARGO_PKG_VERSION"), "\"");
            let title = page.lines().find(|line| line.starts_with(".TH")).unwrap();
            assert!(title.contains(version), "{title}");
            for part in ["ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES AND NOTES"] {
                assert!(page.contains(part), "{title}: {part}");
            }
            for option in page.split("\n.TP\n").skip(1) {
                let explained = option.lines().nth(1).is_some_and(|line| !line.is_empty());
                assert!(explained, "{title}: {option}");
            }
        }
    }
}
