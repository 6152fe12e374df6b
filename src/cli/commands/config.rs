//! `ziadeck config`: where everything is, and whether the file is right.

use serde_json::json;

use crate::cli::args::{ConfigCommand, Global};
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::session;
use crate::cli::vocabulary::Words;
use crate::config::Config;
use crate::ops::OpsError;

pub(crate) fn run(global: &Global, command: ConfigCommand, out: Out) -> Result<Exit, OpsError> {
    let paths = session::paths(global)?;
    match command {
        ConfigCommand::Path => {
            let value = json!({
                "config": paths.config_file,
                "themes": paths.themes_dir,
                "data_dir": paths.data_dir,
                "ledger": paths.ledger,
                "credentials": paths.credentials_dir,
            });
            out.result(&value, || {
                [
                    ("config", &paths.config_file),
                    ("themes", &paths.themes_dir),
                    ("data dir", &paths.data_dir),
                    ("ledger", &paths.ledger),
                    ("credentials", &paths.credentials_dir),
                ]
                .into_iter()
                .map(|(name, path)| format!("{name:<12}  {}", path.display()))
                .collect()
            });
            Ok(Exit::Done)
        }
        ConfigCommand::Check => match Config::load(&paths, &Words::strict(&paths)) {
            Ok(config) => {
                let names: Vec<_> = config.profiles.iter().map(|p| p.name.as_str()).collect();
                let value = json!({
                    "config": paths.config_file,
                    "ok": true,
                    "profiles": names,
                    "problems": [],
                });
                let state = if paths.config_file.exists() {
                    "is right"
                } else {
                    "is not there, so everything has its default"
                };
                out.result(&value, || {
                    vec![format!(
                        "{} {state}; profiles: {}",
                        paths.config_file.display(),
                        if names.is_empty() {
                            "none".to_owned()
                        } else {
                            names.join(", ")
                        }
                    )]
                });
                if let Some(distrust) = &config.distrust {
                    out.say(&format!("note: nothing is sent by it: {distrust}"));
                }
                Ok(Exit::Done)
            }
            Err(error) if out.is_json() => {
                let problems: Vec<_> = error
                    .problems()
                    .iter()
                    .map(|problem| {
                        json!({
                            "line": problem.line,
                            "column": problem.column,
                            "key": problem.key_path,
                            "message": problem.message,
                            "hint": problem.hint,
                        })
                    })
                    .collect();
                out.json(&json!({
                    "config": paths.config_file,
                    "ok": false,
                    "profiles": [],
                    "problems": problems,
                }));
                Ok(Exit::Usage)
            }
            Err(error) => Err(error.into()),
        },
    }
}
