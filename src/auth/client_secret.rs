//! Keeping a client secret that was typed in: a file of its own, for its owner alone.

use std::path::Path;

use super::error::AuthError;
use super::private_file::PrivateDir;
use crate::base::Secret;

/// Writes a client secret to a file, mode 0600, whole or not at all. The directory is made with
/// mode 0700 when there is none.
///
/// # Errors
/// When the directory could be changed by others, or the file cannot be written.
pub fn keep_client_secret(path: &Path, secret: &Secret) -> Result<(), AuthError> {
    let bad = || AuthError::io("write", path, std::io::ErrorKind::InvalidInput.into());
    let directory = path.parent().ok_or_else(bad)?;
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(bad)?;
    PrivateDir::create(directory)?.write(name, secret.expose())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_kept_secret_is_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new").join("us.secret");

        keep_client_secret(&path, &Secret::new("canary")).unwrap();

        assert_eq!(std::fs::read_to_string(&path).unwrap(), "canary");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
