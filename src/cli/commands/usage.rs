//! `ziadeck usage`: the one number, where it comes from, and how old it is.

use crate::base::Timestamp;
use crate::cli::args::{Global, UsageArgs};
use crate::cli::exit::Exit;
use crate::cli::json;
use crate::cli::output::Out;
use crate::cli::session;
use crate::enrichment::usage::{Usage, UsageLevel};
use crate::ops::job_list::ListDepth;
use crate::ops::usage::{UsageReport, refresh, report};
use crate::ops::{AppContext, OpsError};

pub(crate) async fn run(global: &Global, args: UsageArgs, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |context, out| {
        with_deck(global, args, out, context).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    args: UsageArgs,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let session = context.session(global.profile.as_ref())?;
    let found = if args.refresh {
        refresh(&session, args.kind, ListDepth::New).await?
    } else {
        report(&session, args.kind).await?
    };
    for missing in &found.missing {
        out.say(&format!("note: {missing}"));
    }
    let name = session.profile().name.as_str();
    let now = context.clock().now();
    out.result(&json::usage(name, args.kind.as_str(), &found), || {
        lines(name, &found, now)
    });
    Ok(Exit::Done)
}

/// The usage for people.
pub(crate) fn lines(profile: &str, report: &UsageReport, now: Timestamp) -> Vec<String> {
    let usage = &report.usage;
    let mut lines = vec![
        format!(
            "{profile}  {} of {} used ({} %), {} left{}",
            usage.used,
            usage.limit,
            usage.percent(),
            usage.left_text(|left| left.to_string()),
            match usage.level() {
                UsageLevel::Calm => "",
                UsageLevel::High => "  high",
                UsageLevel::Critical => "  nearly spent",
                UsageLevel::Reached => "  limit reached",
            }
        ),
        format!(
            "mine {}  ·  others {}  ·  unknown {}{}",
            usage.mine,
            usage.others,
            usage.unknown,
            match usage.sending {
                0 => String::new(),
                sending => format!("  ·  sending {sending}"),
            }
        ),
        format!(
            "source {}  ·  limit {}{}  ·  {}",
            usage.source.as_str(),
            usage.limit_source.as_str(),
            usage
                .limit_by
                .as_ref()
                .map_or_else(String::new, |by| format!(" for {by}")),
            age(usage, now),
        ),
    ];
    for (what, by) in [("mine", &report.mine_by), ("others", &report.others_by)] {
        for (name, units) in by {
            lines.push(format!("  {what}  {name}  {units}"));
        }
    }
    lines
}

/// How old the figure is.
pub(super) fn age(usage: &Usage, now: Timestamp) -> String {
    match usage.at {
        Some(at) => format!("server asked {}", ago(at, now)),
        None => "server not asked yet: --refresh asks it".to_owned(),
    }
}

/// How long ago, in one word; a clock that went back gives "just now", never a negative age.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(at.as_second()).max(0);
    match seconds {
        0..=59 => "just now".to_owned(),
        60..=3_599 => format!("{} min ago", seconds / 60),
        3_600..=86_399 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}
