//! A private directory that is removed when the demo ends.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::ops::OpsError;

pub(super) struct ThrowAway {
    path: PathBuf,
}

impl ThrowAway {
    pub(super) fn new() -> Result<Self, OpsError> {
        const NAMES_MAX: u32 = 100;
        let base = std::env::temp_dir();
        for number in 0..NAMES_MAX {
            let path = base.join(format!("ziadeck-demo-{}-{number}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let path = path.display();
                    return Err(OpsError::Refused(format!(
                        "the demo cannot make {path}: {error}"
                    )));
                }
            }
        }
        let base = base.display();
        Err(OpsError::Refused(format!(
            "the demo finds no free name in {base}"
        )))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for ThrowAway {
    fn drop(&mut self) {
        // What cannot be removed lies in the system's temporary directory, for its owner alone.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
