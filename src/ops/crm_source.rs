//! Records of the CRM as the rows of a plan.
//!
//! ```text
//!   GET /{Module} ─ 200 records a page ─► what the criteria let pass ─► a table ─► the planner, as of a file
//! ```
//!
//! The table is made while it is read: memory holds a page or two. A page that does not come ends the
//! plan, and there is no run. Each page costs an API credit, and no unit.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use super::bulk_plan::{CrmRead, PlanSource};
use super::configure::whole_configuration;
use super::error::OpsError;
use super::prefill::{self, draft_of, is_empty, text};
use super::session::ProfileSession;
use crate::base::limits::RUN_ROWS_MAX;
use crate::base::{EnrichmentKind, ModuleName, Timestamp, counted, nearest};
use crate::enrichment::{Draft, Field};
use crate::wire::settings::EnrichmentConfiguration;
use crate::zoho::query::{RecordPlace, RecordQuery};

/// Records of a page: as many as the server gives (contract 3).
pub const RECORDS_PER_PAGE: u16 = 200;
/// Pages that are read at most: 100,000 records.
pub const PAGES_MAX: u64 = 500;
/// Pages between the server and the planner.
const PAGES_WAITING: usize = 2;

/// When the CRM was told last that a record is enriched, and whether.
const ENRICHED_AT: &str = "Last_Enriched_Time__s";
const ENRICHED: &str = "Enrich_Status__s";

/// How a source in the console begins.
pub const PREFIX: &str = "crm:";

/// Which records are wanted. What is said about the time of an enrichment holds if one of it holds; all
/// else has to hold as well.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Criteria {
    /// Those that were never enriched.
    pub never_enriched: bool,
    /// Those that were enriched last before this day, UTC.
    pub enriched_before: Option<Date>,
    /// Fields that are empty, by their API names.
    pub empty: Vec<String>,
    /// The id of a custom view.
    pub view: Option<String>,
    /// At most so many.
    pub most: Option<u64>,
}

impl FromStr for Criteria {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut criteria = Self::default();
        let text = text.strip_prefix(PREFIX).unwrap_or(text);
        for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            match (name, value) {
                ("never-enriched", "") => criteria.never_enriched = true,
                ("enriched-before", day) => criteria.enriched_before = Some(date(day)?),
                ("empty", field) => criteria.empty.push(field_name(field)?),
                ("view", id) => criteria.view = Some(view(id)?),
                ("max", most) => {
                    let most = most
                        .parse()
                        .map_err(|_| format!("max={most:?} is no number"))?;
                    criteria.most = Some(most);
                }
                _ => {
                    return Err(format!(
                        "{word:?} is no criterion; the criteria are never-enriched, enriched-before=DATE, empty=FIELD, view=ID and max=N"
                    ));
                }
            }
        }
        Ok(criteria)
    }
}

/// A day such as 2026-06-01.
///
/// # Errors
/// With what a day looks like.
pub fn date(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is no day; write it as 2026-06-01"))
}

/// The API name of a field.
///
/// # Errors
/// With what a name looks like.
pub fn field_name(text: &str) -> Result<String, String> {
    // It is made like a module's.
    let name: ModuleName = text
        .parse()
        .map_err(|_| format!("{text:?} is no field; give its API name, such as LinkedIn"))?;
    Ok(name.as_str().to_owned())
}

/// The id of a custom view.
///
/// # Errors
/// With where it stands.
pub fn view(text: &str) -> Result<String, String> {
    let is_id = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_id.then(|| text.to_owned()).ok_or_else(|| {
        format!(
            "{text:?} is no id of a custom view; the address of its page in the CRM has the digits"
        )
    })
}

impl fmt::Display for Criteria {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let enriched = match (self.never_enriched, self.enriched_before) {
            (true, None) => Some("never enriched".to_owned()),
            (false, Some(day)) => Some(format!("enriched before {day}")),
            (true, Some(day)) => Some(format!("never enriched, or before {day}")),
            (false, None) => None,
        };
        let empty = self.empty.iter().map(|field| format!("{field} empty"));
        let view = self.view.iter().map(|id| format!("view {id}"));
        let most = self.most.iter().map(|most| format!("{most} at most"));
        let parts: Vec<String> = enriched
            .into_iter()
            .chain(empty)
            .chain(view)
            .chain(most)
            .collect();
        match parts.is_empty() {
            true => f.write_str("all records"),
            false => f.write_str(&parts.join(", ")),
        }
    }
}

impl Criteria {
    /// Whether a record is wanted.
    ///
    /// # Errors
    /// With a field that the server does not tell: it is no empty one.
    fn lets_pass(&self, record: &Value) -> Result<bool, String> {
        let is_asked = self.never_enriched || self.enriched_before.is_some();
        let told = is_asked
            .then_some([ENRICHED, ENRICHED_AT])
            .into_iter()
            .flatten();
        let empty = self.empty.iter().map(String::as_str);
        if let Some(field) = told.chain(empty).find(|field| record.get(field).is_none()) {
            return Err(format!(
                "the server does not tell the field {field} of its records"
            ));
        }
        let at: Option<Timestamp> = text(record, ENRICHED_AT).parse().ok();
        let is_new = at.is_none() && text(record, ENRICHED).is_empty();
        let limit = self.enriched_before.and_then(|day| {
            let midnight = day.at(0, 0, 0, 0);
            TimeZone::UTC.to_timestamp(midnight).ok()
        });
        let is_old = at.zip(limit).is_some_and(|(at, limit)| at < limit);
        let by_time = !is_asked || (self.never_enriched && is_new) || is_old;
        Ok(by_time && self.empty.iter().all(|field| is_empty(record, field)))
    }
}

/// How far the reading is.
#[derive(Debug, Default)]
pub struct Tally {
    pages: AtomicU64,
    read: AtomicU64,
    kept: AtomicU64,
}

/// Records on their way into a plan.
pub struct CrmSource {
    /// What the planner reads.
    pub source: PlanSource,
    tally: Arc<Tally>,
    criteria: String,
}

impl CrmSource {
    /// What was read so far.
    pub fn read(&self) -> impl Fn() -> CrmRead + Send + Sync + 'static {
        let (tally, criteria) = (self.tally.clone(), self.criteria.clone());
        move || CrmRead {
            criteria: criteria.clone(),
            pages: tally.pages.load(Ordering::Relaxed),
            read: tally.read.load(Ordering::Relaxed),
            kept: tally.kept.load(Ordering::Relaxed),
        }
    }
}

/// Begins to read records: a first page is asked for, and the rest as it is taken.
///
/// # Errors
/// When the records cannot be read, or none is wanted.
pub async fn begin(
    session: &Arc<ProfileSession>,
    (kind, module): (EnrichmentKind, &ModuleName),
    criteria: &Criteria,
) -> Result<CrmSource, OpsError> {
    let mut pages = Pages::new(session, (kind, module), criteria).await?;
    let first = pages.wanted().await?;
    let tally = pages.tally.clone();
    let name = format!("{module}: {criteria}");
    let Some(first) = first else {
        let read = counted(tally.read.load(Ordering::Relaxed), "record");
        return Err(OpsError::NotFound(format!(
            "no record is wanted: {name} ({read} read)"
        )));
    };
    let (to, from) = mpsc::channel(PAGES_WAITING);
    let mut table = pages.header();
    table.extend(first);
    let (fail, failed) = oneshot::channel();
    tokio::spawn(async move {
        let mut part = table;
        loop {
            // An empty part is the end.
            let is_last = part.is_empty();
            if to.send(Ok(part)).await.is_err() || is_last {
                return;
            }
            part = match pages.wanted().await {
                Ok(next) => next.unwrap_or_default(),
                Err(error) => {
                    let told = io::Error::other(error.to_string());
                    // Before the reader hears of it, so that it stands when the plan ends.
                    let _ = fail.send(error);
                    let _ = to.send(Err(told)).await;
                    return;
                }
            };
        }
    });
    let reader = Parts {
        from,
        now: io::Cursor::new(Vec::new()),
        is_done: false,
    };
    Ok(CrmSource {
        source: PlanSource::new(&name, Box::new(reader)).with_failure(failed),
        tally,
        criteria: name,
    })
}

/// The first drafts of the records that are wanted, of one page.
///
/// # Errors
/// When the records cannot be read.
pub async fn look(
    session: &Arc<ProfileSession>,
    place: (EnrichmentKind, &ModuleName),
    (criteria, most): (&Criteria, usize),
) -> Result<Vec<Draft>, OpsError> {
    let mut pages = Pages::new(session, place, criteria).await?;
    let mut drafts = pages.drafts().await?.unwrap_or_default();
    drafts.truncate(most);
    Ok(drafts)
}

/// Pages of records, one after the other.
struct Pages {
    session: Arc<ProfileSession>,
    kind: EnrichmentKind,
    criteria: Criteria,
    query: RecordQuery,
    /// Which field feeds which input.
    inputs: Vec<(Field, String)>,
    is_done: bool,
    tally: Arc<Tally>,
}

impl Pages {
    async fn new(
        session: &Arc<ProfileSession>,
        (kind, module): (EnrichmentKind, &ModuleName),
        criteria: &Criteria,
    ) -> Result<Self, OpsError> {
        // Without the scope for it the usual fields are taken.
        let configured = whole_configuration(session, (kind, module.as_str()))
            .await
            .ok();
        check_configuration(configured.as_ref(), (kind, module))?;
        check_fields(session, module, criteria).await?;
        let mapped = configured
            .flatten()
            .into_iter()
            .flat_map(|found| found.inputs);
        let inputs: Vec<(Field, String)> = mapped
            .filter_map(|(name, field)| {
                let input = Field::of(kind).iter().copied();
                let mut input =
                    input.filter(|input| input.mapping_name(kind) == Some(name.as_str()));
                Some((input.next()?, field?))
            })
            .collect();
        let mut fields = prefill::fields();
        fields.extend([ENRICHED, ENRICHED_AT]);
        for field in inputs.iter().map(|(_, field)| field).chain(&criteria.empty) {
            if !fields.contains(&field.as_str()) {
                fields.push(field);
            }
        }
        let query = RecordQuery {
            module: module.as_str().to_owned(),
            fields: fields.join(","),
            word: None,
            view: criteria.view.clone(),
            per_page: RECORDS_PER_PAGE,
            page: RecordPlace::Page(1),
        };
        Ok(Self {
            session: session.clone(),
            kind,
            criteria: criteria.clone(),
            query,
            inputs,
            is_done: false,
            tally: Arc::new(Tally::default()),
        })
    }

    /// The names of the columns.
    fn header(&self) -> Vec<u8> {
        let fields = Field::of(self.kind).iter().map(|field| field.as_str());
        table([std::iter::once("record_id").chain(fields)])
    }

    /// The rows of the next page that has any that are wanted; `None` at the end.
    async fn wanted(&mut self) -> Result<Option<Vec<u8>>, OpsError> {
        while let Some(drafts) = self.drafts().await? {
            if drafts.is_empty() {
                continue;
            }
            return Ok(Some(table(drafts.iter().map(|draft| {
                let fields = Field::of(self.kind).iter();
                let values = fields.map(|field| draft.value(*field));
                std::iter::once(draft.record_id.as_str()).chain(values)
            }))));
        }
        Ok(None)
    }

    /// What the records of the next page ask for, those that are wanted.
    async fn drafts(&mut self) -> Result<Option<Vec<Draft>>, OpsError> {
        let kept = self.tally.kept.load(Ordering::Relaxed);
        let room = self
            .criteria
            .most
            .map_or(u64::MAX, |most| most.saturating_sub(kept));
        if self.is_done || room == 0 {
            return Ok(None);
        }
        if self.tally.pages.load(Ordering::Relaxed) == PAGES_MAX {
            return Err(OpsError::Refused(format!(
                "there are more than {RUN_ROWS_MAX} records: narrow them by a custom view, or give a number"
            )));
        }
        let (session, query) = (&self.session, &self.query);
        let page =
            session.ask(|token| async move { session.client().records(query, &token).await });
        let page = page.await?;
        self.tally.pages.fetch_add(1, Ordering::Relaxed);
        let read = u64::try_from(page.records.len()).unwrap_or(u64::MAX);
        self.tally.read.fetch_add(read, Ordering::Relaxed);
        if read == 0 && self.tally.pages.load(Ordering::Relaxed) > 1 {
            let why = "the server told of more records, and the page with them did not come";
            return Err(OpsError::Refused(why.to_owned()));
        }
        let mut passing = Vec::new();
        for record in &page.records {
            if self.criteria.lets_pass(record).map_err(OpsError::Refused)? {
                passing.push(record);
            }
        }
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let passing = passing.into_iter().take(room);
        let drafts: Vec<Draft> = passing.map(|record| self.draft(record)).collect();
        let kept = u64::try_from(drafts.len()).unwrap_or(u64::MAX);
        self.tally.kept.fetch_add(kept, Ordering::Relaxed);
        match self.query.page.after(page.has_more, page.next_page_token) {
            Some(next) if next == self.query.page => {
                let why = "the server tells the same page again and again";
                return Err(OpsError::Refused(why.to_owned()));
            }
            Some(next) => self.query.page = next,
            None => self.is_done = true,
        }
        Ok(Some(drafts))
    }

    /// What a record asks for: each input from the field that the configuration names.
    fn draft(&self, record: &Value) -> Draft {
        let mut draft = draft_of(record, self.kind, "");
        for (input, field) in &self.inputs {
            let value = text(record, field);
            if !value.is_empty() {
                draft.set(*input, &value);
            }
        }
        draft
    }
}

/// Refuses to read records of a module of which every request would be refused.
fn check_configuration(
    configured: Option<&Option<EnrichmentConfiguration>>,
    (kind, module): (EnrichmentKind, &ModuleName),
) -> Result<(), OpsError> {
    let why = match configured {
        Some(None) => "has no enrichment configuration",
        Some(Some(found)) if !found.is_active => "has an enrichment configuration that is off",
        Some(Some(_)) | None => return Ok(()),
    };
    Err(OpsError::Refused(format!(
        "module {module} {why} for {kind}: every request would be refused; nothing was read"
    )))
}

/// Refuses a field that the module does not have, where the scope allows to ask.
async fn check_fields(
    session: &ProfileSession,
    module: &ModuleName,
    criteria: &Criteria,
) -> Result<(), OpsError> {
    if criteria.empty.is_empty() {
        return Ok(());
    }
    let asked =
        session.ask(|token| async move { session.client().fields(module.as_str(), &token).await });
    let Ok(known) = asked.await else {
        return Ok(());
    };
    for field in &criteria.empty {
        if !known.is_empty() && !known.iter().any(|(name, _)| name == field) {
            let names = known.iter().map(|(name, _)| (name.to_lowercase(), name));
            let meant = nearest(&field.to_lowercase(), 0.8, names)
                .map_or_else(String::new, |name| format!("; did you mean {name}?"));
            return Err(OpsError::Refused(format!(
                "module {module} has no field {field}{meant}; nothing was read"
            )));
        }
    }
    Ok(())
}

fn table<R, C>(rows: impl IntoIterator<Item = R>) -> Vec<u8>
where
    R: Iterator<Item = C>,
    C: AsRef<[u8]>,
{
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // A vector takes all that is written.
        let _ = writer.write_record(row);
    }
    writer.into_inner().unwrap_or_default()
}

/// Parts of a table as they come.
struct Parts {
    from: mpsc::Receiver<io::Result<Vec<u8>>>,
    now: io::Cursor<Vec<u8>>,
    is_done: bool,
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.now.read(buffer)?;
            if count > 0 || self.is_done {
                return Ok(count);
            }
            match self.from.blocking_recv() {
                Some(Ok(part)) if part.is_empty() => self.is_done = true,
                Some(Ok(part)) => self.now = io::Cursor::new(part),
                Some(Err(error)) => return Err(error),
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case("crm:", "all records")]
    #[case("crm: never-enriched", "never enriched")]
    #[case(
        "never-enriched,enriched-before=2026-06-01",
        "never enriched, or before 2026-06-01"
    )]
    #[case(
        "crm:enriched-before=2026-06-01, empty=LinkedIn empty=Email",
        "enriched before 2026-06-01, LinkedIn empty, Email empty"
    )]
    #[case(
        "crm:view=5725767000000087501,max=50",
        "view 5725767000000087501, 50 at most"
    )]
    fn criteria_are_read_and_said(#[case] text: &str, #[case] said: &str) {
        assert_eq!(text.parse::<Criteria>().unwrap().to_string(), said);
    }

    #[rstest]
    #[case("crm:old", "no criterion")]
    #[case("crm:enriched-before=June", "2026-06-01")]
    #[case("crm:empty=Linked In", "no criterion")]
    #[case("crm:empty=", "API name")]
    #[case("crm:view=all", "custom view")]
    #[case("crm:max=few", "no number")]
    #[case("crm:never-enriched=yes", "no criterion")]
    fn what_is_no_criterion_is_refused(#[case] text: &str, #[case] why: &str) {
        let error = text.parse::<Criteria>().unwrap_err();
        assert!(error.contains(why), "{error}");
    }

    /// What the server does not tell is not empty, and no proof that nothing was enriched.
    #[rstest]
    #[case("empty=LinkedIn", "LinkedIn")]
    #[case("never-enriched", "Enrich_Status__s")]
    #[case("enriched-before=2026-06-01", "Enrich_Status__s")]
    fn a_field_that_is_not_told_is_an_error(#[case] text: &str, #[case] field: &str) {
        let criteria: Criteria = text.parse().unwrap();
        let error = criteria.lets_pass(&json!({"Email": null})).unwrap_err();
        assert!(error.contains(field), "{error}");
    }

    #[rstest]
    #[case::all("", [true, true, true])]
    #[case::never("never-enriched", [true, false, false])]
    #[case::before("enriched-before=2026-06-01", [false, true, false])]
    #[case::either("never-enriched,enriched-before=2026-06-01", [true, true, false])]
    #[case::on_the_day_itself("enriched-before=2026-05-31", [false, false, false])]
    #[case::an_empty_field("empty=Email", [true, false, false])]
    #[case::both("enriched-before=2026-06-01,empty=Email", [false, false, false])]
    fn records_pass_by_what_is_said(#[case] text: &str, #[case] expected: [bool; 3]) {
        let criteria: Criteria = text.parse().unwrap();
        let records = [
            json!({"Email": " ", "Enrich_Status__s": null, "Last_Enriched_Time__s": null}),
            json!({"Email": "a@b.example", "Enrich_Status__s": "Available",
                "Last_Enriched_Time__s": "2026-05-31T05:30:00+05:30"}),
            json!({"Email": "b@b.example", "Enrich_Status__s": "Available",
                "Last_Enriched_Time__s": "2026-06-01T05:30:00+05:30"}),
        ];

        assert_eq!(
            records.map(|record| criteria.lets_pass(&record).unwrap()),
            expected
        );
    }
}
