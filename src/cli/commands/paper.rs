//! What needs no ledger and no network: explanations, themes, completions, manual pages.

use std::path::Path;

use serde_json::json;

use crate::base::{ErrorCode, Outcome};
use crate::cli::args::Global;
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::session;
use crate::cli::vocabulary::themes as themes_of;
use crate::enrichment::explain::{
    Explanation, OAUTH_ERRORS, explain as explain_code, explain_oauth, explain_outcome,
};
use crate::ops::OpsError;

/// How like a word must be to be taken for a slip of the other.
const LIKE: f64 = 0.8;

/// Every code, word of the sign-in and outcome that has an explanation, or the one named.
///
/// # Errors
/// When there is none of that name; the nearest one is in the sentence.
pub(crate) fn explanations(word: Option<&str>) -> Result<Vec<(String, Explanation)>, OpsError> {
    let all: Vec<(String, Explanation)> = ErrorCode::DOCUMENTED
        .iter()
        .map(|code| (code.to_string(), explain_code(code)))
        .chain(OAUTH_ERRORS.map(|word| (word.to_owned(), explain_oauth(word))))
        .chain(
            Outcome::ALL
                .iter()
                .map(|outcome| (outcome.to_string(), explain_outcome(*outcome))),
        )
        .collect();
    let Some(word) = word.map(str::trim) else {
        return Ok(all);
    };
    let found: Vec<_> = all
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(word))
        .cloned()
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let likeness = |name: &str| strsim::jaro_winkler(&name.to_uppercase(), &word.to_uppercase());
    let nearest = all
        .iter()
        .map(|(name, _)| (likeness(name), name))
        .filter(|(likeness, _)| *likeness > LIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or_else(String::new, |(_, name)| format!("; did you mean {name:?}?"));
    Err(OpsError::Refused(format!(
        "{word:?} is neither a documented code, nor a word of the sign-in, nor an outcome{nearest}"
    )))
}

pub(crate) fn explain(word: Option<&str>, out: Out) -> Result<Exit, OpsError> {
    for (name, explanation) in explanations(word)? {
        let value = json!({
            "code": name, "plain": explanation.plain, "next_step": explanation.next_step,
        });
        out.result(&value, || {
            vec![
                name.clone(),
                format!("  is  {}", explanation.plain),
                format!("  do  {}", explanation.next_step),
            ]
        });
    }
    Ok(Exit::Done)
}

pub(crate) fn themes(global: &Global, out: Out) -> Result<Exit, OpsError> {
    let (paths, config) = session::config(global)?;
    for name in themes_of(&paths).names() {
        let is_used = name == config.theme;
        let value = json!({"name": name, "used": is_used});
        out.result(&value, || {
            vec![format!("{}{name}", if is_used { "* " } else { "  " })]
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
    let failed = |error: std::io::Error| {
        OpsError::Refused(format!("the manual page cannot be written: {error}"))
    };
    match dir {
        Some(dir) => {
            std::fs::create_dir_all(dir).map_err(failed)?;
            write_pages(&for_paper(), dir).map_err(failed)?;
            out.say(&format!("manual pages are in {}", dir.display()));
        }
        None => {
            let mut page = Vec::new();
            page_of(&for_paper()).render(&mut page).map_err(failed)?;
            out.raw(&page);
        }
    }
    Ok(Exit::Done)
}

/// The commands as the manual has them: what the short help leaves out is explained here.
fn for_paper() -> clap::Command {
    let mut command = crate::cli::command()
        .disable_help_subcommand(true)
        .mut_args(|arg| arg.hide_short_help(false));
    command.build();
    command
}

fn page_of(command: &clap::Command) -> clap_mangen::Man {
    clap_mangen::Man::new(command.clone()).source(concat!("ziadeck ", env!("CARGO_PKG_VERSION")))
}

fn write_pages(command: &clap::Command, dir: &Path) -> std::io::Result<()> {
    for below in command.get_subcommands().filter(|one| !one.is_hide_set()) {
        write_pages(below, dir)?;
    }
    page_of(command).generate_to(dir)?;
    Ok(())
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
            for option in page.split("\n.TP\n").skip(1) {
                let explained = option.lines().nth(1).is_some_and(|line| !line.is_empty());
                assert!(explained, "{title}: {option}");
            }
        }
    }
}
