//! `ziadeck modules`: what can be enriched, and what stands in the way.

use serde_json::{Value, json};

use crate::cli::args::{Global, ModulesArgs};
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::session;
use crate::enrichment::validate::Configuration;
use crate::ops::setup::{configurations, judge, modules};
use crate::ops::{AppContext, OpsError};

pub(crate) async fn run(global: &Global, args: ModulesArgs, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |context, out| {
        with_deck(global, args, out, context).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    args: ModulesArgs,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let session = context.session(global.profile.as_ref())?;
    let found = modules(&session, args.kind).await?;
    let known = match configurations(&session).await {
        Ok(known) => Some(known),
        Err(error) => {
            out.say(&format!("note: the configurations cannot be read: {error}"));
            None
        }
    };
    if !found.is_empty() {
        out.heading(&columns(["module", "label", "configuration"]));
    }
    for module in &found {
        let state = known
            .as_ref()
            .map(|all| judge(all, args.kind, &module.api_name));
        let (word, unmapped) = words(state);
        let value = json!({
            "module": module.api_name,
            "label": module.label,
            "kind": args.kind,
            "configuration": word,
            "unmapped": unmapped,
        });
        out.result(&value, || {
            let word = word.as_str().unwrap_or("?");
            let line = columns([&module.api_name, &module.label, word]);
            let rest = if unmapped.is_empty() {
                String::new()
            } else {
                format!("  not mapped: {}", unmapped.join(", "))
            };
            vec![format!("{line}{rest}")]
        });
    }
    if found.is_empty() {
        out.say("the server offers no module; is the Web Amigo extension installed?");
    }
    Ok(Exit::Done)
}

fn columns([module, label, configuration]: [&str; 3]) -> String {
    format!("{module:<20}  {label:<24}  {configuration}")
}

fn words(state: Option<Configuration>) -> (Value, Vec<String>) {
    match state {
        None => (Value::Null, Vec::new()),
        Some(Configuration::Missing) => ("missing".into(), Vec::new()),
        Some(Configuration::Disabled) => ("off".into(), Vec::new()),
        Some(Configuration::Active { unmapped, .. }) => ("on".into(), unmapped),
    }
}
