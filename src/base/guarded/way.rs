//! The way to a directory or file: whoever may write a directory above it, or has made a link on the
//! way, may put another one in its place.
//!
//! It is walked from the root of the file system downwards, and each link is followed by hand. What lies
//! in a directory that nobody else can change stays what it was, so the answer holds until one of ours
//! changes something.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::process::geteuid;

use super::members::is_of_one;
use super::unsafety::Unsafety;

/// Most links of one way, as the kernel has it.
const LINKS_MAX: usize = 40;

/// Whose directories may lie above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owners {
    /// This user's and root's.
    Ours,
    /// The same; anybody's for root, who may work for somebody else.
    OrAnyForRoot,
}

/// What lies at the end of a way on which nobody else has a hand; `None` when there is no such thing.
pub(super) fn way_to(path: &Path, owners: Owners) -> Result<Option<Metadata>, Unsafety> {
    let unseen = |path: &Path| Unsafety::AboveUnseen(path.into());
    let path = std::path::absolute(path).map_err(|_| unseen(path))?;
    let mut here = PathBuf::from("/");
    let mut found = here.symlink_metadata().map_err(|_| unseen(&here))?;
    // Whoever owns the root of the file system has everything: in a container it may be a user that has no
    // name there.
    let trusted = [geteuid().as_raw(), 0, found.uid()];
    let is_anyone = owners == Owners::OrAnyForRoot && geteuid().is_root();
    let mut ahead = steps(&path);
    let mut links = 0;
    while let Some(step) = ahead.pop_front() {
        check_above(&here, &found)?;
        let next = match step.as_os_str() {
            // No link is left in it.
            step if step == ".." => here.parent().unwrap_or(&here).to_owned(),
            step => here.join(step),
        };
        let ahead_is_empty = ahead.is_empty();
        let meta = match next.symlink_metadata() {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(_) => return Err(unseen(&next)),
        };
        // The end is for whoever asked: it may be shared.
        let is_end = ahead_is_empty && !meta.is_symlink();
        if !is_end && !is_anyone && !trusted.contains(&meta.uid()) {
            return Err(Unsafety::AboveOwner(next.into(), meta.uid()));
        }
        if !meta.is_symlink() {
            (here, found) = (next, meta);
            continue;
        }
        links += 1;
        let target = std::fs::read_link(&next).map_err(|_| unseen(&next))?;
        if links > LINKS_MAX {
            return Err(unseen(&next));
        }
        if target.is_absolute() {
            here = PathBuf::from("/");
            found = here.symlink_metadata().map_err(|_| unseen(&here))?;
        }
        for step in steps(&target).into_iter().rev() {
            ahead.push_front(step);
        }
    }
    Ok(Some(found))
}

fn steps(path: &Path) -> VecDeque<OsString> {
    let steps = path.components().filter_map(|step| match step {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    });
    steps.collect()
}

/// Where a directory is sticky, only the owner of what lies in it may move that.
fn check_above(path: &Path, found: &Metadata) -> Result<(), Unsafety> {
    let mode = found.mode();
    let by_group = mode & 0o020 != 0 && !is_of_one(found.gid(), found.uid());
    if mode & 0o1000 == 0 && (mode & 0o002 != 0 || by_group) {
        return Err(Unsafety::AboveMode(path.into(), mode & 0o7777));
    }
    Ok(())
}

/// Whether both are one file or directory.
pub(super) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn chmod(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// A directory `above/here`, the one above it with this mode.
    fn place(mode: u32) -> (tempfile::TempDir, PathBuf, PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let above = place.path().join("above");
        let here = above.join("here");
        std::fs::create_dir_all(&here).unwrap();
        chmod(&here, 0o700);
        // A group that has other members than its owner; only root can choose it.
        let _ = std::os::unix::fs::chown(&above, None, Some(65_534));
        chmod(&above, mode);
        (place, above, here)
    }

    #[rstest]
    #[case(0o700, true)]
    #[case(0o755, true)]
    #[case(0o1777, true)]
    #[case(0o1775, true)]
    #[case(0o777, false)]
    #[case(0o2775, false)]
    #[case(0o702, false)]
    fn what_others_may_write_above_is_refused(#[case] mode: u32, #[case] is_good: bool) {
        let (_place, above, here) = place(mode);

        let way = way_to(&here, Owners::Ours);

        match way {
            Ok(Some(end)) => {
                assert!(
                    is_good && is_same(&end, &here.metadata().unwrap()),
                    "{mode:o}"
                );
            }
            Err(Unsafety::AboveMode(path, found)) => {
                assert!(!is_good, "{mode:o}");
                assert_eq!((&*path, found), (above.as_path(), mode));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_link_on_the_way_is_looked_at_where_it_lies() {
        let (place, above, here) = place(0o777);
        let (loose, safe) = (above.join("link"), place.path().join("link"));
        let target = place.path().join("target");
        std::fs::create_dir(&target).unwrap();
        symlink("../target", &loose).unwrap();
        symlink(&target, &safe).unwrap();

        assert!(way_to(&safe, Owners::Ours).unwrap().is_some());
        assert!(matches!(
            way_to(&loose, Owners::Ours),
            Err(Unsafety::AboveMode(..))
        ));
        assert!(matches!(
            way_to(&here.join("../../target"), Owners::Ours),
            Err(Unsafety::AboveMode(..))
        ));
    }

    #[test]
    fn a_way_without_an_end_ends() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        symlink(at("two"), at("one")).unwrap();
        symlink(at("one"), at("two")).unwrap();

        assert!(way_to(&at("one"), Owners::Ours).is_err());
        assert!(way_to(&at("no/such"), Owners::Ours).unwrap().is_none());
    }

    /// A real second user: only where the tests run as root.
    #[test]
    fn a_directory_or_link_of_another_user_on_the_way_is_refused() {
        if !geteuid().is_root() {
            eprintln!("skipped: a second user needs root");
            return;
        }
        let (place, above, here) = place(0o755);
        let link = place.path().join("link");
        symlink(&here, &link).unwrap();
        std::os::unix::fs::lchown(&link, Some(65_534), None).unwrap();
        let by_link = way_to(&link, Owners::Ours);
        std::os::unix::fs::chown(&above, Some(65_534), None).unwrap();

        let refused = way_to(&here, Owners::Ours);

        assert_eq!(
            by_link.unwrap_err(),
            Unsafety::AboveOwner(link.into(), 65_534)
        );
        assert_eq!(
            refused.unwrap_err(),
            Unsafety::AboveOwner(above.into(), 65_534)
        );
        // Whoever is root may work for somebody else.
        assert!(way_to(&here, Owners::OrAnyForRoot).unwrap().is_some());
    }
}
