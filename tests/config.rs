//! Configurations as files: each of `tests/configs/valid` is read, each of
//! `tests/configs/invalid` is refused with exactly the text of its `.expected` file.
//!
//! After a deliberate change of a message, `UPDATE_EXPECTED=1 cargo test --test config` writes the
//! files anew; read the difference before it is committed.

#![expect(clippy::unwrap_used, reason = "test code may unwrap")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rstest::rstest;
use ziadeck::base::{DataCenter, Environment, SecretSource};
use ziadeck::config::{
    Config, ConfigEdit, ConfigError, NewProfile, Paths, PathsInput, Refusal, Selection, Vocabulary,
};

struct Words;

impl Words {
    fn one_of(word: &str, words: &[&str]) -> Result<(), Refusal> {
        if words.contains(&word) {
            return Ok(());
        }
        Err(Refusal {
            message: format!("{word:?} is not known"),
            hint: Some(format!("known are {}", words.join(", "))),
        })
    }
}

impl Vocabulary for Words {
    fn command(&self, name: &str) -> Result<(), Refusal> {
        Self::one_of(name, &["send", "quit", "help"])
    }

    fn chord(&self, _command: &str, chord: &str) -> Result<(), Refusal> {
        Self::one_of(chord, &["Ctrl+S", "Ctrl+Q", "F5"])
    }

    fn theme(&self, name: &str) -> Result<(), Refusal> {
        Self::one_of(name, &["default-dark", "mono"])
    }
}

fn paths_of(config_file: &Path) -> Paths {
    Paths::resolve(&PathsInput {
        config_flag: Some(config_file.to_owned()),
        data_dir_flag: None,
        env: [("HOME".into(), "/home/ada".into())].into(),
    })
    .unwrap()
}

fn load(path: &Path) -> Result<Config, ConfigError> {
    Config::load(&paths_of(path), &Words)
}

fn cases(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/configs")
        .join(kind)
}

#[rstest]
fn every_valid_file_is_read(#[files("tests/configs/valid/*.toml")] path: PathBuf) {
    if let Err(error) = load(&path) {
        panic!("{error}");
    }
}

#[rstest]
fn every_invalid_file_is_refused_as_expected(
    #[files("tests/configs/invalid/*.toml")] path: PathBuf,
) {
    let error = load(&path).unwrap_err();

    let file_name = path.file_name().unwrap().to_str().unwrap();
    let told = error.to_string().replace(path.to_str().unwrap(), file_name);
    let expected_path = path.with_extension("expected");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&expected_path, format!("{told}\n")).unwrap();
    }
    let expected = fs::read_to_string(&expected_path).unwrap_or_default();
    assert_eq!(told, expected.trim_end());
    assert!(!error.problems().is_empty());
    assert!(!told.contains("canary"), "a secret is shown:\n{told}");
    assert!(!told.contains('\u{1b}'), "a control character is shown");
}

#[test]
fn a_full_file_is_read_as_written() {
    let config = load(&cases("valid").join("full.toml")).unwrap();

    assert_eq!(config.theme, "mono");
    assert_eq!(config.selection, Selection::Mark);
    assert_eq!(config.settle, Duration::from_secs(60));
    assert_eq!(config.retention_days, Some(90));
    assert!(config.mouse && config.plain && !config.kitty_keyboard);
    let names: Vec<_> = config.profiles.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["us-prod", "in-sandbox", "sim"]);
    let keys: Vec<_> = config
        .keys
        .iter()
        .map(|b| (b.command.as_str(), b.place.line, b.chords.len()))
        .collect();
    assert_eq!(keys, [("send", 12, 2), ("quit", 13, 1), ("help", 14, 0)]);

    let us = config.profile(None).unwrap();
    assert_eq!(us.data_center, DataCenter::Us);
    assert_eq!((us.limit, us.reserve, us.concurrency), (1500, 100, 5));
    assert_eq!(us.api_base().as_str(), "https://www.zohoapis.com/");
    assert_eq!(us.accounts_base().as_str(), "https://accounts.zoho.com/");
    assert_eq!(us.scopes.len(), 2);
    assert_eq!(
        us.client_secret,
        Some(SecretSource::File(
            "/home/ada/.config/ziadeck/us-prod.secret".into()
        ))
    );
    assert!(!us.is_loopback());

    let india = config.profile(Some("in-sandbox")).unwrap();
    assert_eq!(india.environment, Environment::Sandbox);
    assert_eq!(india.api_base().as_str(), "https://sandbox.zohoapis.in/");
    assert_eq!((india.limit, india.concurrency), (1500, 5));

    let simulated = config.profile(Some("sim")).unwrap();
    assert!(simulated.is_loopback());
    assert_eq!(simulated.api_base().as_str(), "http://127.0.0.1:8081/");
}

#[test]
fn one_loopback_address_serves_for_both() {
    let config = load(&cases("valid").join("one_loopback.toml")).unwrap();

    let profile = config.profile(None).unwrap();

    assert_eq!(profile.accounts_base(), profile.api_base());
    assert!(profile.is_loopback());
}

#[test]
fn a_relative_secret_file_is_beside_the_configuration() {
    let text = "[profiles.us]\ndata_center = \"US\"\nclient_id = \"x\"\n\
                client_secret_file = \"us.secret\"\n";

    let config = Config::parse(text, &paths_of(Path::new("/etc/z/c.toml")), &Words).unwrap();

    let secret = config.profile(None).unwrap().client_secret.clone();
    assert_eq!(secret, Some(SecretSource::File("/etc/z/us.secret".into())));
}

#[test]
fn a_file_that_does_not_exist_is_an_empty_configuration() {
    let temp = tempfile::tempdir().unwrap();

    let config = load(&temp.path().join("none.toml")).unwrap();

    assert_eq!(config.theme, "default-dark");
    assert_eq!(config.settle, Duration::from_secs(120));
    let error = config.profile(None).unwrap_err().to_string();
    assert!(error.contains("none.toml") && error.contains("ziadeck demo"));
}

#[test]
fn a_directory_in_place_of_the_file_is_an_error_that_names_it() {
    let temp = tempfile::tempdir().unwrap();

    let error = load(temp.path()).unwrap_err();

    assert!(matches!(error, ConfigError::Unreadable { .. }));
    assert!(error.to_string().contains(temp.path().to_str().unwrap()));
}

#[test]
fn a_wrong_profile_name_is_answered_with_the_nearest() {
    let config = load(&cases("valid").join("full.toml")).unwrap();

    let error = config.profile(Some("us-prd")).unwrap_err();

    assert!(error.to_string().ends_with("did you mean us-prod?"));
}

#[test]
fn of_several_profiles_without_a_default_none_is_guessed() {
    let text = "profiles.a = { data_center = \"US\", client_id = \"x\" }\n\
                profiles.b = { data_center = \"IN\", client_id = \"x\" }\n";
    let config = Config::parse(text, &paths_of(Path::new("/c.toml")), &Words).unwrap();

    let error = config.profile(None).unwrap_err();

    assert!(error.to_string().contains("there are: a, b"));
}

fn new_profile(name: &str) -> NewProfile {
    NewProfile {
        name: name.parse().unwrap(),
        data_center: DataCenter::Au,
        environment: Environment::Developer,
        api_version: "v8".parse().unwrap(),
        client_id: "1000.NEW".to_owned(),
        client_secret: Some(SecretSource::Command(vec!["pass".into(), "zoho".into()])),
        limit: Some(3000),
        default_module: Some("Contacts".parse().unwrap()),
        loopback: None,
    }
}

#[test]
fn a_first_profile_makes_a_private_file_and_its_directories() {
    let temp = tempfile::tempdir().unwrap();
    let paths = paths_of(&temp.path().join("a/b/config.toml"));

    let written = ConfigEdit::open(&paths)
        .and_then(|edit| edit.add_profile(&new_profile("au")))
        .and_then(|edit| edit.set_default_profile("au"))
        .and_then(ConfigEdit::save)
        .unwrap();

    let read = Config::load(&paths, &Words).unwrap();
    assert_eq!(read, written);
    let profile = read.profile(None).unwrap();
    assert_eq!(profile.limit, 3000);
    assert_eq!(
        profile.api_base().as_str(),
        "https://developer.zohoapis.com.au/"
    );
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&paths.config_file), 0o600);
    assert_eq!(mode(&temp.path().join("a/b")), 0o700);
}

#[test]
fn changes_keep_comments_order_and_mode() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("config.toml");
    fs::copy(cases("valid").join("full.toml"), &file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let before = fs::read_to_string(&file).unwrap();

    ConfigEdit::open(&paths_of(&file))
        .and_then(|edit| edit.add_profile(&new_profile("au")))
        .and_then(|edit| edit.set_default_profile("sim"))
        .and_then(|edit| edit.set_theme("default-dark").save())
        .unwrap();

    let after = fs::read_to_string(&file).unwrap();
    let expected = before
        .replace("default_profile = \"us-prod\"", "default_profile = \"sim\"")
        .replace("theme = \"mono\"", "theme = \"default-dark\"");
    assert!(after.starts_with(&expected), "{after}");
    assert!(
        after.contains("\n\n[profiles.au]\ndata_center = \"AU\"\n"),
        "{after}"
    );
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}

#[test]
fn removing_a_profile_takes_the_default_with_it() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("config.toml");
    fs::copy(cases("valid").join("full.toml"), &file).unwrap();

    let config = ConfigEdit::open(&paths_of(&file))
        .and_then(|edit| edit.remove_profile("us-prod"))
        .and_then(ConfigEdit::save)
        .unwrap();

    assert_eq!(config.default_profile, None);
    assert_eq!(config.profiles.len(), 2);
}

#[test]
fn a_malformed_file_is_never_overwritten() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("config.toml");
    fs::copy(cases("invalid").join("syntax.toml"), &file).unwrap();
    let before = fs::read(&file).unwrap();

    let error = ConfigEdit::open(&paths_of(&file)).unwrap_err();

    assert!(!error.problems().is_empty());
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_change_by_another_program_is_not_overwritten() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("config.toml");
    let edit = ConfigEdit::open(&paths_of(&file)).unwrap();
    fs::write(&file, "theme = \"mono\"\n").unwrap();

    let error = edit.set_theme("default-dark").save().unwrap_err();

    assert!(matches!(error, ConfigError::ChangedMeanwhile { .. }));
    assert_eq!(fs::read_to_string(&file).unwrap(), "theme = \"mono\"\n");
}

#[test]
fn a_change_that_would_make_a_problem_is_not_written() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("config.toml");
    let mut profile = new_profile("au");
    profile.loopback = Some("http://localhost:1".to_owned());

    let error = ConfigEdit::open(&paths_of(&file))
        .and_then(|edit| edit.add_profile(&profile))
        .and_then(ConfigEdit::save)
        .unwrap_err();

    assert!(!error.problems().is_empty());
    assert!(!file.exists());
}

#[test]
fn a_name_that_is_taken_or_missing_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("config.toml");
    fs::copy(cases("valid").join("full.toml"), &file).unwrap();
    let open = || ConfigEdit::open(&paths_of(&file)).unwrap();

    let taken = open().add_profile(&new_profile("sim")).unwrap_err();
    let missing = open().remove_profile("simm").unwrap_err();

    assert!(matches!(taken, ConfigError::ProfileExists { .. }));
    assert!(missing.to_string().contains("did you mean sim?"));
}

#[test]
fn a_linked_configuration_stays_a_link() {
    let temp = tempfile::tempdir().unwrap();
    let kept = temp.path().join("dotfiles.toml");
    let link = temp.path().join("config.toml");
    fs::write(&kept, "theme = \"mono\"\n").unwrap();
    std::os::unix::fs::symlink(&kept, &link).unwrap();

    let edit = ConfigEdit::open(&paths_of(&link)).unwrap();
    edit.set_theme("default-dark").save().unwrap();

    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(
        fs::read_to_string(&kept).unwrap(),
        "theme = \"default-dark\"\n"
    );
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let temp = tempfile::NamedTempFile::new().unwrap();
    let paths = paths_of(&temp.path().join("config.toml"));

    // A path below a file cannot be looked up, so the error comes with the reading already.
    let error = ConfigEdit::open(&paths).unwrap_err();

    assert!(error.to_string().contains(temp.path().to_str().unwrap()));
}

proptest::proptest! {
    #[test]
    fn no_text_at_all_makes_the_reader_fail_otherwise_than_by_problems(
        lines in proptest::collection::vec(
            "(default_profile|theme|limit|keys|profiles|client_secret|\\[profiles\\.a\\]|\\[keys\\])?\
             [ .=\"\\[\\]{}a-z0-9é\u{1b}]{0,12}",
            0..8,
        ),
    ) {
        let text = lines.join("\n");

        if let Err(error) = Config::parse(&text, &paths_of(Path::new("/c.toml")), &Words) {
            proptest::prop_assert!(!error.problems().is_empty());
            for problem in error.problems() {
                proptest::prop_assert!(problem.line >= 1 && problem.line <= lines.len().max(1));
            }
            let has_escape = error.to_string().contains('\u{1b}');
            proptest::prop_assert!(!has_escape);
        }
    }

    #[test]
    fn every_profile_that_is_added_is_read_back(
        name in "[a-z0-9_][a-z0-9_-]{0,20}",
        client_id in "[!-~]{1,40}",
        words in proptest::collection::vec("\\PC{0,12}", 1..4),
        limit in proptest::option::of(1u64..10_000_000),
    ) {
        let temp = tempfile::tempdir().unwrap();
        let paths = paths_of(&temp.path().join("config.toml"));
        let mut profile = new_profile(&name);
        profile.client_id = client_id.clone();
        profile.limit = limit;
        let words: Vec<String> = [vec!["program".to_owned()], words].concat();
        profile.client_secret = Some(SecretSource::Command(words.clone()));

        ConfigEdit::open(&paths)
            .and_then(|edit| edit.add_profile(&profile))
            .and_then(ConfigEdit::save)
            .unwrap();

        let read = Config::load(&paths, &Words).unwrap();
        let read = read.profile(Some(&name)).unwrap();
        proptest::prop_assert_eq!(&read.client_id, &client_id);
        proptest::prop_assert_eq!(read.limit, limit.unwrap_or(1_500));
        proptest::prop_assert_eq!(&read.client_secret, &Some(SecretSource::Command(words)));
    }
}

#[test]
fn a_file_with_very_much_wrong_is_refused_soon_and_with_a_bounded_list() {
    let paths = paths_of(Path::new("/nowhere/config.toml"));
    let lines = "wrong = \n".repeat(100_000);
    let one_line = format!("keys = {{ {} }}", "a=1, ".repeat(100_000));
    let keys = format!("[keys]\nsend = [{}]\n", "\"F5\", ".repeat(150_000));

    for text in [lines, one_line, keys] {
        let error = Config::parse(&text, &paths, &Words).unwrap_err();

        assert!((1..=100).contains(&error.problems().len()));
    }
}
