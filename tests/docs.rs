//! The pages of the documentation, held against the program.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail as a test does"
)]

#[path = "../examples/keys/page.rs"]
mod page;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ziadeck::config::{Config, KEYS, Lenient, PROFILE_KEYS, Paths, PathsInput};
use ziadeck::simulator::Scenario;

/// What the README names before it is there. Empty at a release.
const AHEAD: &[&str] = &[];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every page, by its path.
fn pages() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for directory in ["", "docs", "docs/examples", "docs/json"] {
        for entry in std::fs::read_dir(root().join(directory)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
                found.push((name.to_owned(), read(name)));
            }
        }
    }
    found
}

/// The blocks of a language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(fence.as_str())
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect()
}

/// The part of a page below a heading, up to the next one.
fn below<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("there is no {heading}"));
    rest.split("\n## ")
        .next()
        .and_then(|part| part.split("\n### ").next())
        .unwrap()
}

/// The names in the first column of the tables.
fn first_column(part: &str) -> BTreeSet<&str> {
    part.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect()
}

#[test]
fn the_page_of_keys_is_the_table_of_commands() {
    assert!(
        read("docs/keys.md") == page::page(),
        "docs/keys.md is out of date: run `cargo run --example keys`"
    );
}

#[test]
fn the_page_of_the_configuration_has_every_key_and_no_other() {
    let page = read("docs/configuration.md");

    let top = first_column(below(&page, "## At the top of the file"));
    let profile = first_column(below(&page, "## In `[profiles.NAME]`"));

    assert_eq!(top, BTreeSet::from(KEYS));
    assert_eq!(profile, BTreeSet::from(PROFILE_KEYS));
}

#[test]
fn every_configuration_of_the_pages_can_be_read() {
    let paths = Paths::resolve(&PathsInput {
        config_flag: Some("/nowhere/config.toml".into()),
        data_dir_flag: Some("/nowhere/data".into()),
        env: [("HOME".into(), "/nowhere".into())].into(),
    })
    .unwrap();
    let mut count = 0;
    for page in ["README.md", "docs/configuration.md", "docs/keys.md"] {
        let text = read(page);
        for block in blocks(&text, "toml") {
            if !block.contains("[palette]") {
                Config::parse(block, &paths, &Lenient)
                    .unwrap_or_else(|error| panic!("{page}: {error}\n{block}"));
                count += 1;
            }
        }
    }
    assert!(count >= 3, "{count}");
}

#[test]
fn every_scenario_of_the_page_can_be_played() {
    let page = read("docs/simulator.md");
    let scenarios = blocks(&page, "toml");

    assert!(scenarios.len() >= 4);
    for text in scenarios {
        Scenario::parse("page", text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
    assert_eq!(
        first_column(below(&page, "## Ready-made scenarios")),
        BTreeSet::from_iter(Scenario::names())
    );
}

/// The names that the reader of scenarios knows: it lists them when it meets one it does not know.
fn known(wrong: &str) -> BTreeSet<String> {
    let error = Scenario::parse("wrong", wrong).unwrap_err().to_string();
    let (_, list) = error.split_once("expected").unwrap();
    list.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_page_of_the_simulator_has_every_target_action_and_rule() {
    let page = read("docs/simulator.md");
    for (heading, wrong) in [
        ("### Which requests", "[[fault]]\non = \"x\"\n"),
        (
            "### What goes wrong",
            "[[fault]]\non = \"any\"\naction = \"x\"\n",
        ),
        ("### Rules", "[rules]\nx = 1\n"),
    ] {
        let documented: BTreeSet<String> = first_column(below(&page, heading))
            .into_iter()
            .map(str::to_owned)
            .collect();

        assert_eq!(documented, known(wrong), "{heading}");
    }
}

/// Splits a line of a shell into words; ends at a pipe, a redirection or a comment.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '|' | '>' | '<' | '#' | '&' | ')' | ';') => break,
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Every call of the program in the blocks of a page and in the files beside it.
fn calls(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    joined
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| {
            line.match_indices("ziadeck ")
                .map(move |(at, _)| (line, at))
        })
        .filter(|(line, at)| {
            let before = line.get(..*at).unwrap_or_default();
            before.is_empty() || before.ends_with([' ', '(', '/'])
        })
        .filter_map(|(line, at)| line.get(at..).map(words))
        .collect()
}

fn hold(place: &str, text: &str) -> usize {
    let calls = calls(text);
    for call in &calls {
        // What a shell or a workflow puts in is a number here, as of a run.
        let call = call
            .iter()
            .map(|word| if word.contains("${{") { "1" } else { word })
            .filter(|word| !["steps.plan.outputs.run", "}}"].contains(word));
        if call
            .clone()
            .nth(1)
            .is_some_and(|name| AHEAD.contains(&name))
        {
            continue;
        }
        let parsed = ziadeck::cli::command().try_get_matches_from(call.clone());
        if let Err(error) = parsed
            && error.use_stderr()
        {
            panic!("{place}: {:?}: {error}", call.collect::<Vec<_>>());
        }
    }
    calls.len()
}

#[test]
fn every_command_line_of_the_pages_is_one_that_the_program_takes() {
    let mut count = 0;
    for (name, page) in pages() {
        for block in blocks(&page, "sh") {
            count += hold(&name, block);
        }
    }
    for file in [
        "crontab",
        "github-actions.yml",
        "submit-each.sh",
        "ziadeck-reconcile.service",
    ] {
        count += hold(file, &read(&format!("docs/examples/{file}")));
    }
    assert!(count > 30, "{count}");
}

#[test]
fn every_example_of_the_help_is_one_that_the_program_takes() {
    fn examples(command: &clap::Command, count: &mut usize) {
        let text = command.get_after_help().map(ToString::to_string);
        *count += hold(command.get_name(), &text.unwrap_or_default());
        for part in command.get_subcommands() {
            examples(part, count);
        }
    }
    let mut count = 0;

    examples(&ziadeck::cli::command(), &mut count);

    assert!(count > 60, "{count}");
}

#[test]
fn every_link_of_the_pages_leads_somewhere() {
    for (name, page) in pages() {
        let directory = root().join(&name).parent().map(Path::to_owned).unwrap();
        for link in page.split("](").skip(1).filter_map(|s| s.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            let is_ours = !file.is_empty() && !file.contains("://") && !file.contains(' ');
            if is_ours && !AHEAD.contains(&file) {
                assert!(directory.join(file).exists(), "{name}: {link}");
            }
        }
    }
}

#[test]
fn the_oldest_rust_is_the_same_wherever_it_is_named() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let oldest = manifest["package"]["rust-version"].as_str().unwrap();

    assert!(read("README.md").contains(&format!("Rust ({oldest} or newer)")));
    assert!(read("docs/release.md").contains(&format!("Rust {oldest}")));
}

#[test]
fn the_package_takes_files_that_exist() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let assets = manifest["package"]["metadata"]["deb"]["assets"]
        .as_array()
        .unwrap();
    let script = read("packaging/build-deb");

    for asset in assets {
        let from = asset[0].as_str().unwrap();
        let is_made = from.starts_with("target/");
        if is_made {
            let directory = from.rsplit_once('/').unwrap().0;
            let is_built = directory == "target/release";
            assert!(is_built || script.contains(directory), "{from}");
        } else {
            let path = root().join(from.split('*').next().unwrap_or_default());
            assert!(path.exists(), "{from}");
        }
    }
}
