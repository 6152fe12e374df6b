//! What the user remembers of a ledger, apart from it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::fixture::{Place, attempt, send};
use crate::ledger::file::Files;
use crate::ledger::view::View;
use crate::ledger::{Access, Ledger, LedgerError, LedgerOptions, Opened, Trust};

/// A user of a ledger in a directory of its own.
struct User<'a> {
    place: &'a Place,
    marks: PathBuf,
}

impl<'a> User<'a> {
    fn new(place: &'a Place, name: &str) -> Self {
        let marks = place.dir.path().join(name).join("marks");
        Self { place, marks }
    }

    fn data(&self) -> PathBuf {
        self.place.dir.path().join("data")
    }

    fn options(&self) -> LedgerOptions {
        LedgerOptions {
            path: self.data().join("ledger.db"),
            marks: Some(self.marks.clone()),
            ..self.place.options()
        }
    }

    fn try_open(&self) -> Result<(Ledger, Opened), LedgerError> {
        Ledger::open_blocking(self.options())
    }

    async fn sends(&self, name: &str) {
        let (ledger, opened) = self.try_open().unwrap();
        assert_eq!(opened.trust, Trust::Trusted);
        let _ = send(&ledger, attempt(&ledger, name)).await;
        ledger.close().await;
    }

    /// Every file of the data directory as it is now, to be put back later.
    fn back_up(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let inside = std::fs::read_dir(self.data()).unwrap();
        inside
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| (path.clone(), std::fs::read(path).unwrap()))
            .collect()
    }

    fn restore(&self, files: &[(PathBuf, Vec<u8>)]) {
        std::fs::remove_dir_all(self.data()).unwrap();
        std::fs::create_dir(self.data()).unwrap();
        for (path, bytes) in files {
            std::fs::write(path, bytes).unwrap();
        }
    }
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

fn only_file_in(directory: &Path) -> PathBuf {
    let mut inside = std::fs::read_dir(directory).unwrap();
    let found = inside.next().unwrap().unwrap().path();
    assert!(inside.next().is_none());
    found
}

#[tokio::test]
async fn a_data_directory_restored_whole_is_not_trusted_until_somebody_accepts_it() {
    const WHY: &str = "this user has seen attempt 3 of this ledger, and it ends at attempt 2: the data directory was restored from an older copy";
    let place = Place::new();
    let ada = User::new(&place, "ada");
    ada.sends("kim").await;
    ada.sends("lin").await;
    let older = ada.back_up();
    ada.sends("sam").await;

    ada.restore(&older);

    let path = ada.options().path;
    let looked = Ledger::inspect(path.clone(), Some(ada.marks.clone()));
    let looked = looked.await.unwrap().unwrap().trust;
    let files = Files::found(&path, Some(&ada.marks)).unwrap();
    let viewed = View::of(&files).unwrap().trust(&files).unwrap();
    let (ledger, opened) = ada.try_open().unwrap();
    for trust in [looked, viewed, opened.trust] {
        assert_eq!(trust, Trust::Doubtful(WHY.to_owned()));
    }
    let refused = ledger.dispatch(attempt(&ledger, "max")).await;
    assert!(matches!(refused, Err(LedgerError::NotTrusted { .. })));
    ledger.accept_history("known".to_owned()).await.unwrap();
    assert!(ledger.dispatch(attempt(&ledger, "max")).await.is_ok());
    ledger.close().await;
    ada.sends("pat").await;
}

#[tokio::test]
async fn a_data_directory_that_was_removed_is_not_simply_begun_anew() {
    let place = Place::new();
    let ada = User::new(&place, "ada");
    ada.sends("kim").await;
    std::fs::remove_dir_all(ada.data()).unwrap();

    let (_, opened) = ada.try_open().unwrap();

    assert!(opened.created);
    assert!(
        matches!(&opened.trust, Trust::Doubtful(why) if why.contains("begun anew")),
        "{opened:?}"
    );
}

#[tokio::test]
async fn a_user_who_is_new_to_a_ledger_begins_with_what_it_knows() {
    let place = Place::new();
    let (ada, bob) = (User::new(&place, "ada"), User::new(&place, "bob"));
    ada.sends("kim").await;
    let older = ada.back_up();
    ada.sends("lin").await;

    let (ledger, opened) = bob.try_open().unwrap();
    ledger.close().await;
    ada.restore(&older);

    assert_eq!(opened.trust, Trust::Trusted);
    for user in [&ada, &bob] {
        let (_, opened) = user.try_open().unwrap();
        assert!(
            matches!(&opened.trust, Trust::Doubtful(why) if why.contains("has seen attempt 2")),
            "{opened:?}"
        );
        let mark = only_file_in(&user.marks);
        assert_eq!((mode(&user.marks), mode(&mark)), (0o700, 0o600));
        let name = mark.file_name().unwrap().to_str().unwrap();
        assert_eq!(name.len(), "0123456789abcdef0123456789abcdef.mark".len());
    }
}

#[tokio::test]
async fn what_is_restored_with_the_ledger_does_not_vouch_for_it() {
    let place = Place::new();
    for marks in ["data/marks", "data/state/marks"] {
        let marks = place.dir.path().join(marks);
        let user = User {
            place: &place,
            marks,
        };

        user.sends("kim").await;

        assert!(!user.marks.exists());
    }
}

#[tokio::test]
async fn a_users_mark_that_cannot_be_made_is_named_and_nothing_is_sent() {
    let place = Place::new();
    std::fs::write(place.dir.path().join("ada"), "a file").unwrap();
    let ada = User::new(&place, "ada");

    let error = ada.try_open().unwrap_err();

    assert_eq!(error.exit_code(), 9);
    let said = error.to_string();
    assert!(
        said.contains("ada/marks") && said.contains("nothing was sent"),
        "{said}"
    );
}

/// The kernel keeps this name from everybody, root as well.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_users_mark_that_cannot_be_written_leaves_the_ledger_for_reading() {
    let place = Place::new();
    let ada = User::new(&place, "ada");
    ada.sends("kim").await;
    let mark = only_file_in(&ada.marks);
    std::fs::remove_file(&mark).unwrap();
    std::os::unix::fs::symlink("/proc/sys/kernel/osrelease", &mark).unwrap();

    let (ledger, opened) = ada.try_open().unwrap();

    let Access::ReadOnly(why) = opened.access else {
        panic!("{opened:?}");
    };
    assert!(
        why.contains("high-water mark") && why.contains("ada/marks"),
        "{why}"
    );
    assert!(ledger.dispatch(attempt(&ledger, "lin")).await.is_err());
}

#[tokio::test]
async fn a_users_mark_that_cannot_move_on_stops_sending() {
    let place = Place::new();
    let ada = User::new(&place, "ada");
    let (ledger, _) = ada.try_open().unwrap();
    let mark = only_file_in(&ada.marks);
    std::fs::write(&mark, "what").unwrap();
    let first = ledger.dispatch(attempt(&ledger, "kim")).await;

    let refused = ledger.dispatch(attempt(&ledger, "lin")).await.unwrap_err();

    assert!(first.is_ok(), "it is durable, and its mark comes after it");
    assert!(matches!(refused, LedgerError::Unusable { .. }), "{refused}");
    assert!(refused.to_string().contains("ada/marks"), "{refused}");
}

/// Whoever may read the mark beside a ledger may lock it, for as long as they like.
#[tokio::test]
async fn a_mark_that_somebody_keeps_locked_holds_nobody_up() {
    let place = Place::new();
    let user = User::new(&place, "ada");
    std::fs::create_dir(user.data()).unwrap();
    user.sends("first").await;
    let held = std::fs::File::open(user.data().join("ledger.db.mark")).unwrap();
    held.lock().unwrap();

    let (reading, opened) = user.try_open().unwrap();

    let Access::ReadOnly(why) = opened.access else {
        panic!("{opened:?}");
    };
    assert!(why.contains("ledger.db.mark locked"), "{why}");
    assert_eq!(super::fixture::used(&reading).await, 1);
    reading.close().await;
    held.unlock().unwrap();
    let (ledger, _) = user.try_open().unwrap();
    held.lock().unwrap();
    for name in ["second", "third"] {
        let _ = send(&ledger, attempt(&ledger, name)).await;
    }
    assert_eq!(super::fixture::used(&ledger).await, 3);
    ledger.close().await;
    held.unlock().unwrap();
    // What the user remembers apart from it went on meanwhile.
    let (ledger, opened) = user.try_open().unwrap();
    assert_eq!(opened.trust, Trust::Trusted);
    ledger.close().await;
}

/// A name that leads to another ledger than before does not make it look like a new one; a mark of the
/// ledger's own path is found by whatever name it is reached.
#[tokio::test]
async fn a_link_that_leads_to_another_ledger_is_a_doubt() {
    let place = Place::new();
    let ada = User::new(&place, "ada");
    ada.sends("kim").await;
    let older = ada.back_up();
    ada.sends("lin").await;
    let links = place.dir.path().join("links");
    std::fs::create_dir(&links).unwrap();
    std::fs::set_permissions(&links, std::fs::Permissions::from_mode(0o700)).unwrap();
    let link = links.join("ledger.db");
    std::os::unix::fs::symlink(ada.options().path, &link).unwrap();
    let by_link = || LedgerOptions {
        path: link.clone(),
        ..ada.options()
    };

    let (ledger, by_its_link) = Ledger::open_blocking(by_link()).unwrap();
    let _ = send(&ledger, attempt(&ledger, "sam")).await;
    ledger.close().await;
    std::fs::remove_file(&link).unwrap();
    let other = links.join("other.db");
    std::fs::write(&other, "").unwrap();
    std::os::unix::fs::symlink(other, &link).unwrap();
    let (other, elsewhere) = Ledger::open_blocking(by_link()).unwrap();
    let looked = Ledger::inspect(link.clone(), Some(ada.marks.clone())).await;
    other.close().await;
    ada.restore(&older);
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(ada.options().path, &link).unwrap();
    let (_ledger, restored) = Ledger::open_blocking(by_link()).unwrap();

    assert_eq!(by_its_link.trust, Trust::Trusted);
    for trust in [elsewhere.trust, looked.unwrap().unwrap().trust] {
        let Trust::Doubtful(why) = trust else {
            panic!()
        };
        assert!(why.contains("this user used another ledger here"), "{why}");
    }
    let Trust::Doubtful(why) = restored.trust else {
        panic!()
    };
    assert!(why.contains("has seen attempt 3"), "{why}");
}
