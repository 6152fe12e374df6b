//! The rules for files with secrets, as a matrix of ways to break them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rstest::rstest;
use rustix::fs::{FileType, Mode};

use crate::auth::AuthError;
use crate::auth::private_file::{PrivateDir, read_at};
use crate::base::guarded::Unsafety;

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn private(name: &str) -> (tempfile::TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    chmod(temp.path(), 0o700);
    let path = temp.path().join(name);
    fs::write(&path, "canary").unwrap();
    chmod(&path, 0o600);
    (temp, path)
}

fn why(path: &Path) -> Unsafety {
    match read_at(path) {
        Err(AuthError::Unsafe { why, .. }) => why,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_private_file_is_read() {
    let (_temp, path) = private("a");

    assert_eq!(read_at(&path).unwrap().unwrap().as_str(), "canary");
}

#[rstest]
#[case(0o640)]
#[case(0o644)]
#[case(0o660)]
#[case(0o604)]
#[case(0o601)]
fn a_file_that_others_may_use_is_refused_with_the_mend(#[case] mode: u32) {
    let (_temp, path) = private("a");
    chmod(&path, mode);

    assert_eq!(why(&path), Unsafety::Mode(mode));
    let error = read_at(&path).unwrap_err().to_string();
    assert!(error.contains(&format!("chmod 600 {}", path.display())));
    assert!(!error.contains("canary"));
}

#[rstest]
#[case(0o777)]
#[case(0o1777)]
#[case(0o770)]
#[case(0o702)]
fn a_file_in_a_directory_that_others_may_change_is_refused(#[case] mode: u32) {
    let (temp, path) = private("a");
    chmod(temp.path(), mode);

    assert_eq!(why(&path), Unsafety::DirectoryMode(mode));
}

#[test]
fn a_directory_that_others_may_only_read_will_do() {
    let (temp, path) = private("a");
    chmod(temp.path(), 0o755);

    assert!(read_at(&path).unwrap().is_some());
}

#[test]
fn a_symbolic_link_is_refused_even_to_a_private_file() {
    let (temp, path) = private("a");
    let link = temp.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();

    assert_eq!(why(&link), Unsafety::Symlink);
}

#[test]
fn a_file_with_a_second_name_is_refused() {
    let (temp, path) = private("a");
    fs::hard_link(&path, temp.path().join("b")).unwrap();

    assert_eq!(why(&path), Unsafety::HardLinks(2));
}

#[test]
fn a_fifo_is_refused_without_waiting_for_a_writer() {
    let (temp, _path) = private("a");
    let directory = fs::File::open(temp.path()).unwrap();
    let mode = Mode::RUSR | Mode::WUSR;
    let none = rustix::fs::Dev::default();
    rustix::fs::mknodat(&directory, "fifo", FileType::Fifo, mode, none).unwrap();

    assert_eq!(why(&temp.path().join("fifo")), Unsafety::NotRegular);
}

#[test]
fn a_directory_in_place_of_a_file_is_refused() {
    let (temp, _path) = private("a");
    let inner = temp.path().join("inner");
    fs::create_dir(&inner).unwrap();

    assert_eq!(why(&inner), Unsafety::NotRegular);
}

#[test]
fn a_file_of_someone_else_is_refused() {
    let (_temp, path) = private("a");
    // Only root can give a file away; anybody else cannot make this case.
    if std::os::unix::fs::chown(&path, Some(12_345), None).is_ok() {
        assert_eq!(why(&path), Unsafety::Owner(12_345));
    }
}

#[test]
fn a_missing_file_or_directory_is_not_an_error() {
    let (temp, _path) = private("a");

    assert!(read_at(&temp.path().join("none")).unwrap().is_none());
    assert!(read_at(&temp.path().join("no/ne")).unwrap().is_none());
}

#[test]
fn an_endless_or_binary_file_is_refused() {
    let (_temp, path) = private("a");
    fs::write(&path, vec![b'x'; 65 << 10]).unwrap();
    assert!(matches!(read_at(&path), Err(AuthError::Io { .. })));

    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(matches!(read_at(&path), Err(AuthError::Io { .. })));
}

#[test]
fn a_written_file_is_private_and_replaces_the_old_one_whole() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("deep/er");
    let directory = PrivateDir::create(&path).unwrap();
    fs::write(path.join(".a.new"), "left by a process that was killed").unwrap();

    directory.write("a", "one").unwrap();
    directory.write("a", "two").unwrap();

    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&path.join("a")), 0o600);
    assert_eq!(mode(&path), 0o700);
    assert_eq!(directory.read("a").unwrap().unwrap().as_str(), "two");
    assert_eq!(fs::read_dir(&path).unwrap().count(), 1);
}

#[test]
fn a_write_does_not_follow_a_planted_link() {
    let (temp, path) = private("a");
    let victim = temp.path().join("victim");
    fs::write(&victim, "whole").unwrap();
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(&victim, &path).unwrap();
    std::os::unix::fs::symlink(&victim, temp.path().join(".a.new")).unwrap();

    let directory = PrivateDir::create(temp.path()).unwrap();
    directory.write("a", "secret").unwrap();

    assert_eq!(fs::read_to_string(&victim).unwrap(), "whole");
    assert!(!fs::symlink_metadata(&path).unwrap().is_symlink());
}

#[test]
fn a_file_that_is_replaced_during_the_read_is_read_old_or_new() {
    let temp = tempfile::tempdir().unwrap();
    let directory = PrivateDir::create(temp.path()).unwrap();
    directory.write("a", "0").unwrap();
    let writer = std::thread::spawn(move || {
        for number in 1..300 {
            directory.write("a", &number.to_string()).unwrap();
        }
    });

    while !writer.is_finished() {
        let text = read_at(&temp.path().join("a")).unwrap().unwrap();
        assert!(text.parse::<u32>().is_ok());
    }
    writer.join().unwrap();
}

#[test]
fn a_file_swapped_for_a_link_during_the_read_never_shows_the_other_file() {
    let (temp, path) = private("a");
    let victim = temp.path().join("victim");
    fs::write(&victim, "victim").unwrap();
    let (own, link) = (temp.path().join("own"), temp.path().join("link"));
    let swapper = {
        let path = path.clone();
        std::thread::spawn(move || {
            for _ in 0..500 {
                fs::write(&own, "canary").unwrap();
                chmod(&own, 0o600);
                std::os::unix::fs::symlink(&victim, &link).unwrap();
                fs::rename(&link, &path).unwrap();
                fs::rename(&own, &path).unwrap();
            }
        })
    };

    while !swapper.is_finished() {
        match read_at(&path) {
            Ok(text) => assert_eq!(text.unwrap().as_str(), "canary"),
            Err(AuthError::Unsafe { why, .. }) => assert_eq!(why, Unsafety::Symlink),
            Err(error) => panic!("{error}"),
        }
    }
    swapper.join().unwrap();
}

#[test]
fn a_path_with_a_quote_is_safe_in_the_mend() {
    let (_temp, path) = private("it's $(here)");
    chmod(&path, 0o644);

    let error = read_at(&path).unwrap_err().to_string();

    assert!(error.contains("'\\''s $(here)'"), "{error}");
}

#[test]
fn a_directory_that_others_may_replace_is_refused_and_what_is_no_secret_is_read() {
    let (temp, path) = private("a");
    let inner = temp.path().join("inner");
    fs::create_dir(&inner).unwrap();
    chmod(&inner, 0o700);
    fs::rename(&path, inner.join("a")).unwrap();
    chmod(temp.path(), 0o777);

    let refused = why(&inner.join("a"));
    let here = PrivateDir::open_here(&inner).unwrap().unwrap();

    assert_eq!(refused, Unsafety::AboveMode(temp.path().into(), 0o777));
    assert_eq!(here.read("a").unwrap().unwrap().as_str(), "canary");
}
