//! The tokens of one simulator: grant codes, refresh tokens, access tokens (contract 4.3).
//!
//! ```text
//!  code ──once──► refresh token ──10 in 10 min──► access token ──1 h──► gone
//!                      │ 20 a client                 │ 15 a refresh token
//!                      └──────── revoked ────────────┴──► gone
//! ```
//! Tokens that are given out belong to this simulator alone: another one answers INVALID_TOKEN to
//! them, as a wrong data centre does.

use std::time::Duration;

use super::ids::hash;
use super::route::ALL_SCOPES;
use crate::base::Timestamp;

/// A refresh token that every simulator knows.
pub const WELL_KNOWN_REFRESH: &str = "1000.simulator.refresh";
/// An access token that every simulator knows; time does not end it.
pub const WELL_KNOWN_ACCESS: &str = "1000.simulator.access";

pub(super) const ACCESS_LIFE: Duration = Duration::from_secs(3_600);
const CODE_LIFE: Duration = Duration::from_secs(180);
const MINTED_MAX: usize = 10;
const MINTED_WINDOW: Duration = Duration::from_secs(600);
const LIVE_ACCESS_MAX: usize = 15;
const LIVE_REFRESH_MAX: usize = 20;

/// What a refresh token stands for.
#[derive(Debug, Clone)]
struct Grant {
    refresh: String,
    client_id: String,
    scopes: Vec<String>,
    /// Monotonic times of the access tokens made lately.
    minted: Vec<Duration>,
}

/// An access token that is still good.
#[derive(Debug, Clone)]
pub(super) struct Access {
    pub(super) token: String,
    refresh: String,
    pub(super) scopes: Vec<String>,
    dies_at: Option<Duration>,
    /// When the token dies, as X-ACCESSTOKEN-RESET tells it.
    pub(super) resets: Timestamp,
}

/// All tokens of one simulator.
#[derive(Debug)]
pub(super) struct Tokens {
    salt: String,
    made: u64,
    grants: Vec<Grant>,
    access: Vec<Access>,
    codes_used: Vec<String>,
    codes_issued: Vec<(String, Duration)>,
    pub(super) calls: u64,
}

impl Tokens {
    pub(super) fn new(salt: &str, now: Timestamp) -> Self {
        let scopes: Vec<String> = ALL_SCOPES.map(str::to_owned).to_vec();
        Self {
            salt: salt.to_owned(),
            made: 0,
            grants: vec![Grant {
                refresh: WELL_KNOWN_REFRESH.to_owned(),
                client_id: String::new(),
                scopes: scopes.clone(),
                minted: Vec::new(),
            }],
            access: vec![Access {
                token: WELL_KNOWN_ACCESS.to_owned(),
                refresh: WELL_KNOWN_REFRESH.to_owned(),
                scopes,
                dies_at: None,
                resets: now.checked_add(ACCESS_LIFE).unwrap_or(now),
            }],
            codes_used: Vec::new(),
            codes_issued: Vec::new(),
            calls: 0,
        }
    }

    fn make(&mut self) -> String {
        self.made += 1;
        let part = |what: &str| {
            let seed = format!("{} {} {what}", self.salt, self.made);
            format!("{:016x}{:016x}", hash(&seed), hash(&format!("{seed}!")))
        };
        format!("1000.{}.{}", part("a"), part("b"))
    }

    /// A code as the API console shows it, good once and for three minutes.
    pub(super) fn issue_code(&mut self, now: Duration) -> String {
        let code = self.make();
        self.codes_issued.push((code.clone(), now));
        code
    }

    /// The access token, if it is good.
    pub(super) fn find(&self, token: &str, now: Duration) -> Option<&Access> {
        self.access
            .iter()
            .find(|access| access.token == token)
            .filter(|access| access.dies_at.is_none_or(|at| now < at))
    }

    /// Ends every access token.
    pub(super) fn expire_access(&mut self) {
        self.access.clear();
    }

    /// Ends every refresh token, and with it its access tokens.
    pub(super) fn revoke_all(&mut self) {
        self.grants.clear();
        self.access.clear();
    }

    /// Ends one token, and with a refresh token its access tokens.
    pub(super) fn revoke(&mut self, token: &str) -> bool {
        let grants = self.grants.len();
        let access = self.access.len();
        self.grants.retain(|grant| grant.refresh != token);
        self.access
            .retain(|access| access.token != token && access.refresh != token);
        grants != self.grants.len() || access != self.access.len()
    }

    /// Uses up a grant code. Lenient, any code is good once.
    pub(super) fn take_code(&mut self, code: &str, now: Duration, strict: bool) -> bool {
        let refused = code.is_empty() || code.starts_with("expired") || code.starts_with("invalid");
        if refused || self.codes_used.iter().any(|used| used == code) {
            return false;
        }
        let issued = self.codes_issued.iter().find(|(known, _)| known == code);
        let good = match issued {
            Some((_, at)) => now.saturating_sub(*at) < CODE_LIFE,
            None => !strict,
        };
        if good {
            self.codes_used.push(code.to_owned());
        }
        good
    }

    /// A new refresh token; the 21st of a client drops its first (K43).
    pub(super) fn grant(&mut self, client_id: &str, scopes: Vec<String>) -> String {
        let of_client = |grant: &Grant| grant.client_id == client_id;
        if self.grants.iter().filter(|grant| of_client(grant)).count() >= LIVE_REFRESH_MAX {
            let oldest = self.grants.iter().find(|grant| of_client(grant));
            if let Some(token) = oldest.map(|grant| grant.refresh.clone()) {
                self.revoke(&token);
            }
        }
        let refresh = self.make();
        self.grants.push(Grant {
            refresh: refresh.clone(),
            client_id: client_id.to_owned(),
            scopes,
            minted: Vec::new(),
        });
        refresh
    }

    /// Whether a refresh token was given to another client.
    pub(super) fn is_of_another(&self, refresh: &str, client_id: &str) -> bool {
        self.grants.iter().any(|grant| {
            grant.refresh == refresh && !grant.client_id.is_empty() && grant.client_id != client_id
        })
    }

    /// A new access token of a refresh token.
    pub(super) fn mint(&mut self, refresh: &str, now: Duration, wall: Timestamp) -> Minted {
        let Some(grant) = self.grants.iter_mut().find(|g| g.refresh == refresh) else {
            return Minted::NoSuchGrant;
        };
        grant
            .minted
            .retain(|at| now.saturating_sub(*at) < MINTED_WINDOW);
        if grant.minted.len() >= MINTED_MAX {
            return Minted::Throttled;
        }
        grant.minted.push(now);
        let scopes = grant.scopes.clone();
        self.access
            .retain(|access| access.dies_at.is_none_or(|at| now < at));
        let live = |access: &Access| access.refresh == refresh;
        if self.access.iter().filter(|access| live(access)).count() >= LIVE_ACCESS_MAX
            && let Some(oldest) = self.access.iter().position(live)
        {
            self.access.remove(oldest);
        }
        let token = self.make();
        self.access.push(Access {
            token: token.clone(),
            refresh: refresh.to_owned(),
            scopes: scopes.clone(),
            dies_at: Some(now + ACCESS_LIFE),
            resets: wall.checked_add(ACCESS_LIFE).unwrap_or(wall),
        });
        Minted::Token { token, scopes }
    }
}

/// What became of a wish for an access token.
pub(super) enum Minted {
    Token { token: String, scopes: Vec<String> },
    Throttled,
    NoSuchGrant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixteenth_live_token_drops_the_oldest() {
        let mut tokens = Tokens::new("salt", Timestamp::UNIX_EPOCH);
        tokens.expire_access();
        let mint = |tokens: &mut Tokens, at: u64| {
            let minted = tokens.mint(
                WELL_KNOWN_REFRESH,
                Duration::from_secs(at),
                Timestamp::UNIX_EPOCH,
            );
            match minted {
                Minted::Token { token, .. } => token,
                Minted::Throttled | Minted::NoSuchGrant => panic!("no token"),
            }
        };

        let made: Vec<String> = (0..16).map(|n| mint(&mut tokens, n * 100)).collect();

        let now = Duration::from_secs(1_600);
        assert!(tokens.find(&made[0], now).is_none());
        assert!(tokens.find(&made[1], now).is_some());
        assert!(tokens.find(&made[15], now).is_some());
    }

    #[test]
    fn the_twenty_first_refresh_token_drops_the_first() {
        let mut tokens = Tokens::new("salt", Timestamp::UNIX_EPOCH);
        let first = tokens.grant("client", Vec::new());

        for _ in 0..20 {
            tokens.grant("client", Vec::new());
        }

        assert!(matches!(
            tokens.mint(&first, Duration::ZERO, Timestamp::UNIX_EPOCH),
            Minted::NoSuchGrant
        ));
    }
}
