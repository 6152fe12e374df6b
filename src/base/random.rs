//! Bytes that nobody can foresee.

use std::io::{self, Read as _};

/// Random bytes of the system.
///
/// # Errors
/// When the system has none.
pub fn random<const N: usize>() -> io::Result<[u8; N]> {
    // The kernel's own bytes: the generator of the cryptographic library tests its entropy for 30 ms
    // first, which every start of the program would wait for.
    let mut bytes = [0; N];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}
