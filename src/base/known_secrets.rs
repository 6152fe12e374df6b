//! Every secret that this process has read or sent, and the one place that takes them out of what
//! comes back.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use super::Secret;
use super::strike::Striker;

/// Most secrets that are remembered: those of a console that was open for days over several
/// profiles. The one that was used longest ago is forgotten first.
const REMEMBERED_MAX: usize = 24;

/// What must not come back. Clones know the same.
#[derive(Clone, Default)]
pub struct KnownSecrets(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// The one that was used last is last.
    secrets: Vec<Secret>,
    /// Made when it is first needed, dropped when a secret is learned.
    striker: Option<Arc<Striker>>,
}

impl std::fmt::Debug for KnownSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KnownSecrets").finish_non_exhaustive()
    }
}

impl KnownSecrets {
    /// Remembers a secret, from now on it is struck. Called before it is sent.
    pub fn learn(&self, secret: &Secret) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |one: &Secret| one.expose() == secret.expose();
        match known.secrets.iter().position(is_it) {
            Some(place) => {
                let used = known.secrets.remove(place);
                known.secrets.push(used);
            }
            None => {
                if known.secrets.len() == REMEMBERED_MAX {
                    known.secrets.remove(0);
                }
                known.secrets.push(secret.clone());
                known.striker = None;
            }
        }
    }

    /// The bytes without any part of a secret.
    pub fn strike<'t>(&self, bytes: &'t [u8]) -> Cow<'t, [u8]> {
        let striker = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let Known { secrets, striker } = &mut *known;
            striker
                .get_or_insert_with(|| Arc::new(Striker::new(secrets.iter())))
                .clone()
        };
        striker.strike(bytes)
    }

    /// A list of scopes without any part of a secret. The name of a scope stays: a grant code may name
    /// what it was made for, and what is granted must not be misread for that.
    pub fn strike_scopes(&self, scopes: &str) -> String {
        let is_name = |word: &str| {
            let word = word.trim_end_matches([' ', ',']);
            let is_letter = |c: char| c.is_ascii_alphabetic() || c == '.' || c == '_';
            word.starts_with("Zoho") && word.chars().all(is_letter)
        };
        let words = scopes.split_inclusive([' ', ',']);
        words
            .map(|word| match is_name(word) {
                true => word.to_owned(),
                false => self.strike_text(word),
            })
            .collect()
    }

    /// The text without any part of a secret.
    pub fn strike_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.strike(text.as_bytes())).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_clone_learns_every_clone_strikes() {
        let known = KnownSecrets::default();
        let other = known.clone();
        assert_eq!(other.strike_text("is canary-secret"), "is canary-secret");

        known.learn(&Secret::new("canary-secret"));

        assert_eq!(other.strike_text("is canary-secret"), "is …");
        assert!(!format!("{known:?}").contains("canary"));
    }

    #[test]
    fn the_name_of_a_scope_stays() {
        let known = KnownSecrets::default();
        known.learn(&Secret::new("code:ZohoCRM.org.READ,ZohoCRM.users.READ"));

        let scopes = known.strike_scopes("ZohoCRM.org.READ code:ZohoCRM.org.READ x");

        assert_eq!(scopes, "ZohoCRM.org.READ … x");
    }

    #[test]
    fn the_secret_that_was_used_longest_ago_is_forgotten_first() {
        let known = KnownSecrets::default();
        let secret = |number: usize| Secret::new(&format!("secret-of-number-{number:03}"));
        known.learn(&secret(0));
        known.learn(&secret(1));
        known.learn(&secret(0));

        (2..=REMEMBERED_MAX).for_each(|number| known.learn(&secret(number)));

        let secrets = known.0.lock().unwrap();
        let has = |number| {
            secrets
                .secrets
                .iter()
                .any(|one| one.expose() == secret(number).expose())
        };
        assert!(has(0) && !has(1) && has(REMEMBERED_MAX));
    }
}
