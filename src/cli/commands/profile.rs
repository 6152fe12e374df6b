//! `ziadeck profile`: see and change profiles. The file keeps its comments.

use serde_json::{Value, json};

use crate::auth::CredentialStore;
use crate::base::SecretSource;
use crate::cli::args::{Global, ProfileAddArgs, ProfileCommand};
use crate::cli::ask::confirm;
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::session;
use crate::config::{Config, ConfigEdit, NewProfile, Paths, Profile};
use crate::ops::OpsError;

pub(crate) async fn run(
    global: &Global,
    command: ProfileCommand,
    out: Out,
) -> Result<Exit, OpsError> {
    let (paths, config) = session::config(global)?;
    match command {
        ProfileCommand::List => {
            for profile in &config.profiles {
                let value = value(&config, &paths, profile);
                out.result(&value, || vec![line(&config, &paths, profile)]);
            }
            if config.profiles.is_empty() {
                out.say("no profile is set up; `ziadeck profile add` makes one, `ziadeck demo` needs none");
            }
        }
        ProfileCommand::Show { name } => {
            let wanted = name.as_ref().or(global.profile.as_ref());
            let profile = config.profile(wanted.map(|name| name.as_str()))?;
            let value = value(&config, &paths, profile);
            out.result(&value, || lines(profile));
        }
        ProfileCommand::Add(args) => {
            let added = new_profile(*args)?;
            let name = added.name.clone();
            let has_secret = added.client_secret.is_some();
            let is_first = config.profiles.is_empty();
            let mut edit = ConfigEdit::open(&paths)?.add_profile(&added)?;
            if is_first {
                edit = edit.set_default_profile(name.as_str())?;
            }
            edit.save()?;
            out.result(&json!({"profile": name, "added": true}), || {
                vec![format!("{name}  added to {}", paths.config_file.display())]
            });
            if has_secret {
                out.say(&format!("next: ziadeck auth login --profile {name}"));
            } else {
                out.say(&format!(
                    "next: give [profiles.{name}] there a client_secret_file, client_secret_command or client_secret_env"
                ));
            }
        }
        ProfileCommand::Use { name } => {
            ConfigEdit::open(&paths)?
                .set_default_profile(name.as_str())?
                .save()?;
            out.result(&json!({"default_profile": name}), || {
                vec![format!("{name}  is the default now")]
            });
        }
        ProfileCommand::Remove { name, yes } => {
            config.profile(Some(name.as_str()))?;
            let question = format!(
                "Remove profile {name} from the configuration? Its log stays in the ledger."
            );
            if !confirm(&question, yes, out)? {
                return Ok(Exit::Usage);
            }
            ConfigEdit::open(&paths)?
                .remove_profile(name.as_str())?
                .save()?;
            out.result(&json!({"profile": name, "removed": true}), || {
                vec![format!("{name}  removed")]
            });
        }
    }
    Ok(Exit::Done)
}

fn new_profile(args: ProfileAddArgs) -> Result<NewProfile, OpsError> {
    let refuse = |error: String| OpsError::Refused(error);
    let client_secret = match (args.client_secret_file, args.client_secret_env) {
        (Some(file), _) => Some(SecretSource::File(file.into())),
        (None, Some(name)) => Some(SecretSource::Env(name)),
        (None, None) => None,
    };
    Ok(NewProfile {
        name: args.name,
        data_center: args.data_center.parse().map_err(
            |error: crate::base::data_center::DataCenterError| refuse(error.to_string()),
        )?,
        environment: args.environment.parse().map_err(refuse)?,
        api_version: match args.api_version {
            Some(text) => text.parse().map_err(refuse)?,
            None => crate::base::ApiVersion::default(),
        },
        client_id: args.client_id,
        client_secret,
        limit: args.limit,
        default_module: args
            .default_module
            .map(|text| {
                text.parse()
                    .map_err(|error: crate::base::ids::IdError| refuse(error.to_string()))
            })
            .transpose()?,
        loopback: args.simulator,
    })
}

fn is_signed_in(paths: &Paths, profile: &Profile) -> bool {
    CredentialStore::new(&paths.credentials_dir).has_grant(&profile.name)
}

fn is_default(config: &Config, profile: &Profile) -> bool {
    config
        .profile(None)
        .is_ok_and(|default| default.name == profile.name)
}

fn value(config: &Config, paths: &Paths, profile: &Profile) -> Value {
    json!({
        "name": profile.name,
        "default": is_default(config, profile),
        "data_center": profile.data_center,
        "environment": profile.environment,
        "api_version": profile.api_version,
        "client_id": profile.client_id,
        "api_url": profile.api_base().as_str(),
        "accounts_url": profile.accounts_base().as_str(),
        "simulated": profile.is_loopback(),
        "limit": profile.limit,
        "reserve": profile.reserve,
        "concurrency": profile.concurrency,
        "confirm": profile.confirm.as_str(),
        "read_only": profile.read_only,
        "org_id": profile.org_id,
        "default_module": profile.default_module,
        "scopes": profile.scopes,
        "signed_in": is_signed_in(paths, profile),
    })
}

fn line(config: &Config, paths: &Paths, profile: &Profile) -> String {
    format!(
        "{} {:<16}  {}  {:<10}  {}  {}{}",
        if is_default(config, profile) {
            "*"
        } else {
            " "
        },
        profile.name.as_str(),
        profile.data_center,
        profile.environment.as_str(),
        profile.api_version,
        if is_signed_in(paths, profile) {
            "signed in"
        } else {
            "not signed in"
        },
        if profile.is_loopback() {
            "  simulated"
        } else {
            ""
        }
    )
}

fn lines(profile: &Profile) -> Vec<String> {
    let secret = match &profile.client_secret {
        Some(SecretSource::File(path)) => format!("file {}", path.display()),
        Some(SecretSource::Command(argv)) => {
            format!("command {}", argv.first().map_or("", String::as_str))
        }
        Some(SecretSource::Env(name)) => format!("environment variable {name}"),
        None => "none".to_owned(),
    };
    let rows = [
        ("profile", profile.name.to_string()),
        (
            "data centre",
            format!(
                "{} ({})",
                profile.data_center,
                profile.data_center.country()
            ),
        ),
        ("environment", profile.environment.to_string()),
        (
            "api",
            format!("{} {}", profile.api_base(), profile.api_version),
        ),
        ("accounts", profile.accounts_base().to_string()),
        ("client id", profile.client_id.clone()),
        ("client secret", secret),
        (
            "limit",
            format!("{} (reserve {})", profile.limit, profile.reserve),
        ),
        ("concurrency", profile.concurrency.to_string()),
        (
            "sending",
            if profile.read_only {
                "read_only: nothing is sent or changed".to_owned()
            } else {
                format!("confirm {}", profile.confirm)
            },
        ),
        (
            "organisation",
            profile.org_id.clone().unwrap_or_else(|| "-".to_owned()),
        ),
        (
            "module",
            profile
                .default_module
                .as_ref()
                .map_or_else(|| "-".to_owned(), ToString::to_string),
        ),
    ];
    rows.iter()
        .map(|(label, text)| format!("{label:<14}  {text}"))
        .collect()
}
