//! One profile: an organisation of a data centre, and how to reach it.
//!
//! Base addresses come from the closed table in `base::data_center` or are literal loopback
//! addresses; a profile on loopback is simulated in both, so that a real secret or token never
//! goes to a test server and the reverse.

use std::path::Path;
use std::time::Duration;

use url::Url;

use super::base_url::parse_loopback;
use super::check::{Checker, Found, Section, TextsShape};
use super::paths::expand_tilde;
use super::scopes::scopes_default;
use crate::base::limits::{CONCURRENCY_DEFAULT, CONCURRENCY_MAX, UNITS_DEFAULT};
use crate::base::{
    ApiVersion, DataCenter, Environment, ModuleName, Outdated, ProfileName, SecretSource, word_enum,
};

/// Most units that a limit may be set to; far above any limit seen.
const LIMIT_MAX: u64 = 10_000_000;

/// The keys of `[profiles.NAME]`.
pub const KEYS: [&str; 18] = [
    "data_center",
    "environment",
    "api_version",
    "client_id",
    "client_secret_file",
    "client_secret_command",
    "client_secret_env",
    "limit",
    "concurrency",
    "default_module",
    "reserve",
    "refresh_after",
    "confirm",
    "read_only",
    "org_id",
    "scopes",
    "accounts_url",
    "api_url",
];

word_enum!(
    /// When a send is asked about although nothing speaks against it.
    ConfirmRule,
    "a rule of confirm; the rules are first, always, never",
    /// When the profile is not the one that this user sent with last.
    First = "first",
    /// Each time.
    Always = "always",
    /// Never.
    Never = "never",
);

/// A profile as the configuration gives it, with every default filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: ProfileName,
    /// The data centre.
    pub data_center: DataCenter,
    /// Production, sandbox or developer.
    pub environment: Environment,
    /// The version in the path.
    pub api_version: ApiVersion,
    /// The client id of the self client.
    pub client_id: String,
    /// Where the client secret is, when one is configured.
    pub client_secret: Option<SecretSource>,
    /// The enrichment limit until the server teaches a truer one.
    pub limit: u64,
    /// Most requests in flight.
    pub concurrency: usize,
    /// The module that Compose starts with.
    pub default_module: Option<ModuleName>,
    /// Units that a bulk run leaves untouched.
    pub reserve: u64,
    /// How old an earlier request must provably be before the same person may be asked for again
    /// without a word; never, where it is not set.
    pub refresh_after: Option<Duration>,
    /// When a send is asked about although nothing speaks against it.
    pub confirm: ConfirmRule,
    /// Nothing is sent with it.
    pub read_only: bool,
    /// The organisation that its tokens must reach.
    pub org_id: Option<String>,
    /// The scopes that a grant code is made for.
    pub scopes: Vec<String>,
    api_base: Url,
    accounts_base: Url,
    is_loopback: bool,
}

impl Profile {
    /// Where the CRM's API answers.
    pub fn api_base(&self) -> &Url {
        &self.api_base
    }

    /// Where tokens are exchanged, refreshed and revoked.
    pub fn accounts_base(&self) -> &Url {
        &self.accounts_base
    }

    /// Whether both addresses are loopback ones: a simulator, not Zoho.
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

/// What paths of a profile are resolved against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) config_dir: &'a Path,
    pub(super) home: Option<&'a Path>,
}

/// Reads `[profiles.NAME]`; `None` when something in it was refused.
pub(super) fn read(
    checker: &mut Checker<'_>,
    section: &Section<'_, '_>,
    name: ProfileName,
    around: Around<'_>,
) -> Option<Profile> {
    checker.unknown_keys(
        section,
        &KEYS,
        (
            &super::file::KEYS,
            "this key belongs at the top of the file, before any [section]",
        ),
    );
    let data_center = required(checker, section, "data_center", "US, IN, AU, CA or SA");
    let data_center = data_center.and_then(|()| checker.parsed(section, "data_center", &[]));
    let environment = Environment::ALL.map(Environment::as_str);
    let environment = checker.parsed(section, "environment", &environment);
    let api_version = checker.parsed::<ApiVersion>(section, "api_version", &["v7", "v8"]);
    let client_id = required(
        checker,
        section,
        "client_id",
        "the client id of the self client",
    );
    let client_id = client_id.and_then(|()| client_id_of(checker, section));
    let client_secret = client_secret(checker, section, around);
    let limit = checker.number(section, "limit", 1..=LIMIT_MAX);
    let limit = limit.map_or(UNITS_DEFAULT, |found| found.value);
    let concurrency = checker.number(section, "concurrency", 1..=CONCURRENCY_MAX);
    let default_module = checker.parsed::<ModuleName>(section, "default_module", &[]);
    let reserve = reserve_of(checker, section, limit);
    let refresh_after = checker.parsed::<Outdated>(section, "refresh_after", &["180d"]);
    let rules = ConfirmRule::ALL.iter().map(|rule| rule.as_str());
    let rules: Vec<&str> = rules.collect();
    let confirm = checker.parsed::<ConfirmRule>(section, "confirm", &rules);
    let read_only = checker.boolean(section, "read_only").unwrap_or_default();
    let org_id = org_id_of(checker, section);
    let scopes = scopes(checker, section);
    let (accounts_url, api_url) = (
        loopback(checker, section, "accounts_url"),
        loopback(checker, section, "api_url"),
    );
    let (data_center, client_id): (DataCenter, _) = (data_center?.value, client_id?);
    let environment = environment.map_or_else(Environment::default, |found| found.value);
    let is_loopback = accounts_url.is_some() || api_url.is_some();
    // One loopback address stands for both, so that a profile is never half real.
    let accounts_base = accounts_url
        .clone()
        .or_else(|| api_url.clone())
        .or_else(|| https(data_center.accounts_host()))?;
    let api_base = api_url
        .or(accounts_url)
        .or_else(|| https(data_center.api_host(environment)))?;
    Some(Profile {
        name,
        data_center,
        environment,
        api_version: api_version.map(|found| found.value).unwrap_or_default(),
        client_id,
        client_secret,
        limit,
        concurrency: concurrency.map_or(CONCURRENCY_DEFAULT, |found| found.value),
        default_module: default_module.map(|found| found.value),
        reserve,
        refresh_after: refresh_after.map(|found| found.value.0),
        confirm: confirm.map_or(ConfirmRule::First, |found| found.value),
        read_only,
        org_id,
        scopes,
        api_base,
        accounts_base,
        is_loopback,
    })
}

fn reserve_of(checker: &mut Checker<'_>, section: &Section<'_, '_>, limit: u64) -> u64 {
    let Some(reserve) = checker.number(section, "reserve", 0..=LIMIT_MAX) else {
        return 0;
    };
    if reserve.value > limit {
        let message = format!("reserve is more than the limit of {limit}");
        let path = section.path_of("reserve");
        checker.refuse(reserve.span, &path, message, None);
    }
    reserve.value
}

fn https(host: &str) -> Option<Url> {
    Url::parse(&format!("https://{host}")).ok()
}

fn required(
    checker: &mut Checker<'_>,
    section: &Section<'_, '_>,
    key: &str,
    what: &str,
) -> Option<()> {
    if section.table.contains_key(key) {
        return Some(());
    }
    let message = format!("{} is missing in [{}]", key, section.path);
    let hint = Some(format!("add {key}: {what}"));
    checker.refuse(section.span.clone(), &section.path_of(key), message, hint);
    None
}

fn client_id_of(checker: &mut Checker<'_>, section: &Section<'_, '_>) -> Option<String> {
    let found = checker.text(section, "client_id")?;
    let is_plain = found.value.bytes().all(|b| b.is_ascii_graphic());
    if found.value.is_empty() || found.value.len() > 256 || !is_plain {
        let message = "client_id must be 1 to 256 characters without spaces";
        checker.refuse(found.span, &section.path_of("client_id"), message, None);
        return None;
    }
    Some(found.value.to_owned())
}

fn org_id_of(checker: &mut Checker<'_>, section: &Section<'_, '_>) -> Option<String> {
    let found = checker.text(section, "org_id")?;
    let is_id = (1..=30).contains(&found.value.len())
        && found.value.bytes().all(|byte| byte.is_ascii_digit());
    if !is_id {
        let message = "org_id must be the digits of an organisation's id";
        let hint = Some("`ziadeck doctor` names it".to_owned());
        checker.refuse(found.span, &section.path_of("org_id"), message, hint);
        return None;
    }
    Some(found.value.to_owned())
}

fn client_secret(
    checker: &mut Checker<'_>,
    section: &Section<'_, '_>,
    around: Around<'_>,
) -> Option<SecretSource> {
    let file = checker.text(section, "client_secret_file");
    let command = checker.texts(section, "client_secret_command", TextsShape::Array);
    let env = checker.text(section, "client_secret_env");
    let spans = [
        file.as_ref().map(|found| found.span.clone()),
        command.as_ref().map(|found| found.span.clone()),
        env.as_ref().map(|found| found.span.clone()),
    ];
    if let Some(second) = spans.into_iter().flatten().nth(1) {
        let message = "the client secret has more than one source";
        let hint = "keep one of client_secret_file, client_secret_command, client_secret_env";
        checker.refuse(second, &section.path, message, Some(hint.to_owned()));
        return None;
    }
    if let Some(file) = file {
        return secret_file(checker, section, &file, around);
    }
    if let Some(command) = command {
        let words: Vec<String> = command.value.iter().map(|w| w.value.to_owned()).collect();
        if words.first().is_none_or(String::is_empty) {
            let message = "client_secret_command must begin with the name of a program";
            let path = section.path_of("client_secret_command");
            checker.refuse(command.span, &path, message, None);
            return None;
        }
        return Some(SecretSource::Command(words));
    }
    let env = env?;
    let is_name = env
        .value
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && env
            .value
            .bytes()
            .next()
            .is_some_and(|b| !b.is_ascii_digit());
    if !is_name {
        let message = "client_secret_env must be the name of a variable, not the secret itself";
        let hint = Some("such as ZOHO_US_SECRET".to_owned());
        checker.refuse(
            env.span,
            &section.path_of("client_secret_env"),
            message,
            hint,
        );
        return None;
    }
    Some(SecretSource::Env(env.value.to_owned()))
}

fn secret_file(
    checker: &mut Checker<'_>,
    section: &Section<'_, '_>,
    file: &Found<&str>,
    around: Around<'_>,
) -> Option<SecretSource> {
    let path = section.path_of("client_secret_file");
    if file.value.is_empty() {
        let message = "client_secret_file is empty; it must be the path of a file";
        checker.refuse(file.span.clone(), &path, message, None);
        return None;
    }
    match expand_tilde(Path::new(file.value), around.home) {
        Ok(expanded) => Some(SecretSource::File(around.config_dir.join(expanded))),
        Err(error) => {
            // The error names the path; a path is no secret, but what stands here may be one.
            let message = match error {
                super::PathsError::NoHome { .. } => {
                    "client_secret_file begins with ~ but HOME is of no use"
                }
                super::PathsError::OtherHome { .. }
                | super::PathsError::NotMade { .. }
                | super::PathsError::NoWorkingDirectory { .. } => {
                    "client_secret_file begins with another user's ~; write the path in full"
                }
            };
            checker.refuse(file.span.clone(), &path, message, None);
            None
        }
    }
}

fn scopes(checker: &mut Checker<'_>, section: &Section<'_, '_>) -> Vec<String> {
    let Some(found) = checker.texts(section, "scopes", TextsShape::Array) else {
        return scopes_default();
    };
    let key_path = section.path_of("scopes");
    if found.value.is_empty() {
        let hint = Some("leave the key out for the usual scopes".to_owned());
        checker.refuse(found.span, &key_path, "scopes is empty", hint);
        return Vec::new();
    }
    let mut scopes = Vec::new();
    for scope in found.value {
        let is_scope = scope.value.split('.').count() >= 2
            && scope.value.split('.').all(|part| {
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            });
        if is_scope {
            scopes.push(scope.value.to_owned());
        } else {
            let message = format!("{:?} is not a scope", scope.value);
            let hint = Some("such as ZohoCRM.settings.intelligence.ALL".to_owned());
            checker.refuse(scope.span, &key_path, message, hint);
        }
    }
    scopes
}

fn loopback(checker: &mut Checker<'_>, section: &Section<'_, '_>, key: &str) -> Option<Url> {
    let found = checker.text(section, key)?;
    match parse_loopback(found.value) {
        Ok(url) => Some(url),
        Err(message) => {
            let hint = "leave it out to use the data centre's own host".to_owned();
            checker.refuse(found.span, &section.path_of(key), message, Some(hint));
            None
        }
    }
}
