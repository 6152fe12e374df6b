//! `ziadeck log`: the live log for scripts, newest first.

use crate::base::AttemptId;
use crate::base::limits::PAGE_ROWS_MAX;
use crate::bulk::export::guarded;
use crate::cli::args::{Global, LogArgs, LogFormat};
use crate::cli::exit::Exit;
use crate::cli::json;
use crate::cli::output::Out;
use crate::cli::{session, span};
use crate::ledger::{AttemptRow, LedgerError, LogQuery, PageCursor, Sent};
use crate::ops::{AppContext, OpsError, request};

pub(crate) async fn run(global: &Global, args: LogArgs, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |context, out| {
        with_deck(global, args, out, context).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    args: LogArgs,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    if let Some(id) = args.attempt {
        return one(context, id, out).await;
    }
    let since = args
        .since
        .as_deref()
        .map(|text| span::past("--since", text, context.clock().as_ref()))
        .transpose()?;
    let profiles = if args.all_profiles {
        Vec::new()
    } else {
        let session = context.session(global.profile.as_ref())?;
        vec![session.profile().name.clone()]
    };
    let format = if out.is_json() {
        LogFormat::Jsonl
    } else {
        args.format
    };
    let mut printer = Printer::new(format, out);
    let mut place = PageCursor::Newest;
    let mut left = args.limit;
    while left > 0 {
        let page = context
            .ledger()
            .page(LogQuery {
                profiles: profiles.clone(),
                outcomes: args.outcome.clone(),
                code: args.code.clone(),
                since,
                search: args.search.clone(),
                place,
                rows: left.min(PAGE_ROWS_MAX),
                ..LogQuery::default()
            })
            .await?;
        let sent = if format == LogFormat::Jsonl {
            let ids = page.rows.iter().map(|row| row.id).collect();
            context.ledger().sent(ids).await?
        } else {
            Vec::new()
        };
        let mut sent = sent.into_iter();
        for row in &page.rows {
            printer.row(context, row, sent.next().unwrap_or_default());
        }
        if page.rows.is_empty() && place == PageCursor::Newest {
            out.say("no attempt is like that");
        }
        left = left.saturating_sub(page.rows.len());
        match page.rows.last() {
            Some(last) if page.more => place = PageCursor::OlderThan(last.id),
            _ => break,
        }
    }
    Ok(Exit::Done)
}

/// One attempt: what went out and what came back.
async fn one(context: &AppContext, id: AttemptId, out: Out) -> Result<Exit, OpsError> {
    let Some(detail) = context.ledger().attempt(id).await? else {
        return Err(LedgerError::NoSuchAttempt(id).into());
    };
    let row = &detail.row;
    let request = request::of(context, row, detail.sent.clone());
    out.result(&json::log_attempt(&detail, &request), || {
        let pairs = |headers: &[(String, String)]| -> Vec<String> {
            let line = |(name, value): &(String, String)| format!("{name}: {value}");
            headers.iter().map(line).collect()
        };
        let body = |text: Option<&str>| text.unwrap_or("no body is on record").to_owned();
        let what = [
            row.job_id.as_ref().map(ToString::to_string),
            row.code.clone(),
        ];
        let mut lines = vec![
            format!(
                "attempt {}  ·  {}  ·  {}  ·  {}  {}",
                row.id,
                row.profile,
                row.at,
                row.outcome,
                what.into_iter().flatten().next().unwrap_or_default()
            ),
            String::new(),
            format!("{} {}", request.head.method, request.head.url),
        ];
        lines.extend(pairs(&request.head.headers));
        lines.extend(request.head_from.why().map(str::to_owned));
        lines.extend([body(request.body.as_deref()), String::new()]);
        lines.push(match row.http_status {
            Some(status) => format!("HTTP {status}"),
            None => "no status was read".to_owned(),
        });
        lines.extend(pairs(&detail.response_headers));
        lines.push(body(detail.response_body.as_deref()));
        lines
    });
    Ok(Exit::Done)
}

struct Printer {
    format: LogFormat,
    out: Out,
    has_header: bool,
}

impl Printer {
    fn new(format: LogFormat, out: Out) -> Self {
        Self {
            format,
            out,
            has_header: false,
        }
    }

    fn row(&mut self, context: &AppContext, row: &AttemptRow, sent: Sent) {
        match self.format {
            LogFormat::Jsonl => {
                let request = request::of(context, row, sent);
                self.out.json(&json::log_row(row, &request));
            }
            LogFormat::Table => self.table(row),
            LogFormat::Csv => self.csv(row),
        }
    }

    fn table(&mut self, row: &AttemptRow) {
        if !self.has_header {
            self.has_header = true;
            self.out.line(&format!(
                "{:>7}  {:<20}  {:<12}  {:>4}  {:<18}  {:<24}  {:>8}  inputs",
                "attempt", "at", "profile", "http", "outcome", "code or job", "ms"
            ));
        }
        let what = row
            .job_id
            .as_ref()
            .map(ToString::to_string)
            .or_else(|| row.code.clone())
            .or_else(|| row.note.clone())
            .unwrap_or_default();
        let inputs: Vec<String> = row
            .inputs
            .as_deref()
            .and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok())
            .and_then(|value| value.as_object().cloned())
            .into_iter()
            .flatten()
            .filter_map(|(_, value)| value.as_str().map(str::to_owned))
            .collect();
        self.out.line(&format!(
            "{:>7}  {:<20}  {:<12}  {:>4}  {:<18}  {:<24}  {:>8}  {}",
            row.id.0,
            row.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            row.profile.as_str(),
            row.http_status
                .map_or_else(|| "-".to_owned(), |status| status.to_string()),
            if row.is_late {
                "scheduled (late)"
            } else {
                row.outcome.as_str()
            },
            what.chars().take(24).collect::<String>(),
            row.latency
                .map_or_else(|| "-".to_owned(), |latency| latency.as_millis().to_string()),
            inputs.join(" · ")
        ));
    }

    fn csv(&mut self, row: &AttemptRow) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        if !self.has_header {
            self.has_header = true;
            let _ = writer.write_record([
                "attempt",
                "at",
                "profile",
                "kind",
                "module",
                "outcome",
                "http_status",
                "code",
                "job_id",
                "latency_ms",
                "operator",
                "inputs",
            ]);
        }
        let text = |value: Option<String>| value.unwrap_or_default();
        let cells = [
            row.id.to_string(),
            row.at.to_string(),
            row.profile.to_string(),
            row.kind.to_string(),
            row.module.clone(),
            row.outcome.to_string(),
            text(row.http_status.map(|status| status.to_string())),
            text(row.code.clone()),
            text(row.job_id.as_ref().map(ToString::to_string)),
            text(row.latency.map(|latency| latency.as_millis().to_string())),
            row.operator.clone(),
            text(row.inputs.clone()),
        ];
        let _ = writer.write_record(cells.iter().map(|cell| guarded(cell).into_owned()));
        if let Ok(bytes) = writer.into_inner() {
            self.out.raw(&bytes);
        }
    }
}
