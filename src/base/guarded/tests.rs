//! What a guarded directory lets through.

use super::*;
use rstest::rstest;
use std::os::unix::fs::{PermissionsExt as _, symlink};

fn directory(mode: u32) -> (tempfile::TempDir, GuardedDir) {
    let place = tempfile::tempdir().unwrap();
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    let opened = GuardedDir::open(place.path()).unwrap().unwrap();
    (place, opened)
}

fn read(guarded: &GuardedDir, name: &str) -> Result<Option<File>, GuardError> {
    let how = (OFlags::RDWR, Mode::empty());
    guarded.file(name, how, &|file| guarded.check_file(file))
}

#[rstest]
#[case(0o700, true)]
#[case(0o755, true)]
#[case(0o2770, true)]
#[case(0o777, false)]
#[case(0o1777, false)]
#[case(0o2772, false)]
fn a_directory_that_everybody_may_write_is_refused(#[case] mode: u32, #[case] is_good: bool) {
    let (_place, guarded) = directory(mode);

    assert_eq!(guarded.check().is_ok(), is_good, "{mode:o}");
}

#[test]
fn links_pipes_and_second_names_are_refused_and_nothing_waits() {
    let (place, guarded) = directory(0o700);
    let at = |name: &str| place.path().join(name);
    std::fs::write(at("plain"), "kept").unwrap();
    symlink(at("plain"), at("link")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), Mode::RWXU).unwrap();
    std::fs::create_dir(at("directory")).unwrap();

    for (name, why) in [("link", Unsafety::Symlink), ("pipe", Unsafety::NotRegular)] {
        let Err(GuardError::Unsafe { why: found, .. }) = read(&guarded, name) else {
            panic!("{name}");
        };
        assert_eq!(found, why, "{name}");
        assert!(guarded.look(name).is_err(), "{name}");
    }
    assert!(read(&guarded, "directory").is_err());
    assert!(read(&guarded, "plain").unwrap().is_some());
    assert!(read(&guarded, "nothing").unwrap().is_none());
    std::fs::hard_link(at("plain"), at("second")).unwrap();
    assert!(matches!(
        read(&guarded, "second"),
        Err(GuardError::Unsafe {
            why: Unsafety::HardLinks(2),
            ..
        })
    ));
    assert!(guarded.directory("plain", 0o700).is_err());
    symlink(at("directory"), at("linked")).unwrap();
    assert!(guarded.directory("linked", 0o700).is_err());
}

#[test]
fn a_name_that_leads_out_of_it_is_another_file_and_a_path_is_one_word_of_a_shell() {
    let mend = Unsafety::Mode(0o644).mend(Path::new("/a b/it's"));

    assert_eq!(mend, "chmod 600 '/a b/it'\\''s'");
    assert!(GuardedDir::around(Path::new("/")).is_err());
}

#[test]
fn root_in_a_directory_of_somebody_else_is_not_alone() {
    let (place, guarded) = directory(0o700);
    assert!(guarded.is_ours_alone());
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can give a directory away");
        return;
    }
    std::os::unix::fs::chown(place.path(), Some(1_501), None).unwrap();
    let theirs = GuardedDir::open(place.path()).unwrap().unwrap();

    assert!(theirs.check().is_ok(), "root may work there");
    assert!(!theirs.is_ours_alone());
}
