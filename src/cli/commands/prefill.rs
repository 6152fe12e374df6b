//! `ziadeck prefill`: drafts from records, one JSON object a line, as `submit --file -` takes them.

use crate::base::EnrichmentKind;
use crate::cli::args::{Global, PrefillArgs};
use crate::cli::exit::Exit;
use crate::cli::json;
use crate::cli::output::Out;
use crate::cli::session;
use crate::ops::{AppContext, OpsError, ProfileSession, prefill};
use crate::zoho::query::RecordPlace;

pub(crate) async fn run(global: &Global, args: PrefillArgs, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |context, out| {
        with_deck(global, args, out, context).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    args: PrefillArgs,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let session = context.session(global.profile.as_ref())?;
    let module = args
        .module
        .or_else(|| session.profile().default_module.clone())
        .ok_or_else(|| OpsError::Refused("name the module with --module".to_owned()))?;
    match &args.record_id {
        Some(id) => {
            let draft = prefill::from_record(&session, args.kind, module.as_str(), id).await?;
            out.draft(&json::draft(&draft));
            Ok(Exit::Done)
        }
        None => {
            let what = (args.kind, module.as_str(), args.search.as_deref());
            list(&session, what, args.limit, out).await
        }
    }
}

async fn list(
    session: &ProfileSession,
    (kind, module, word): (EnrichmentKind, &str, Option<&str>),
    limit: usize,
    out: Out,
) -> Result<Exit, OpsError> {
    let mut left = limit;
    let mut place = Some(RecordPlace::Page(1));
    while let (Some(at), 1..) = (place.take(), left) {
        let page = prefill::search(session, (kind, module), word, at).await?;
        for found in page.records.iter().take(left) {
            out.draft(&json::draft(&found.draft));
        }
        left = left.saturating_sub(page.records.len());
        place = page.next;
    }
    if left == limit {
        out.say("no record was found");
    }
    Ok(Exit::Done)
}
