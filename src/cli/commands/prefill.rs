//! `ziadeck prefill`: drafts from records, one JSON object a line, as `submit --file -` takes them.

use crate::base::EnrichmentKind;
use crate::cli::args::{Global, PrefillArgs};
use crate::cli::exit::Exit;
use crate::cli::json;
use crate::cli::output::Out;
use crate::cli::session;
use crate::ops::{Deck, Desk, OpsError, prefill};
use crate::zoho::query::RecordPlace;

pub(crate) async fn run(global: &Global, args: PrefillArgs, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |deck, out| {
        with_deck(global, args, out, deck).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    args: PrefillArgs,
    out: Out,
    deck: &Deck,
) -> Result<Exit, OpsError> {
    let desk = deck.desk(global.profile.as_ref())?;
    let module = args
        .module
        .or_else(|| desk.profile().default_module.clone())
        .ok_or_else(|| OpsError::Refused("name the module with --module".to_owned()))?;
    match &args.record_id {
        Some(id) => {
            let draft = prefill::from_record(&desk, args.kind, module.as_str(), id).await?;
            out.draft(&json::draft(&draft));
            Ok(Exit::Done)
        }
        None => {
            let what = (args.kind, module.as_str(), args.search.as_deref());
            list(&desk, what, args.limit, out).await
        }
    }
}

async fn list(
    desk: &Desk,
    (kind, module, word): (EnrichmentKind, &str, Option<&str>),
    limit: usize,
    out: Out,
) -> Result<Exit, OpsError> {
    let mut left = limit;
    let mut place = Some(RecordPlace::Page(1));
    while let (Some(at), 1..) = (place.take(), left) {
        let page = prefill::search(desk, (kind, module), word, at).await?;
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
