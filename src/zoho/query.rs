//! Questions to the API. Each is safe to repeat; none spends a unit.

use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::client::ZohoClient;
use super::error::ZohoError;
use super::patience::Patience;
use super::reading::Body;
use crate::base::limits::{ANSWER_BYTES_MAX, JOBS_PER_PAGE, LIST_BYTES_MAX};
use crate::base::{EnrichmentKind, JobId, Secret};
use crate::wire::jobs::{JobDetail, JobPage, read_detail, read_page};
use crate::wire::read_entry;
use crate::wire::settings::{
    EnrichmentConfiguration, Features, Module, Organisation, User, read_configurations,
    read_features, read_modules, read_organisation, read_user,
};

/// The order of a job list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

/// Which page of a job list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobListQuery {
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The page, counted from 1.
    pub page: u32,
    /// By created time.
    pub order: SortOrder,
    /// Only jobs of this status.
    pub status: Option<String>,
}

/// A page of records and how to get the next one.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordPage {
    /// The records as they came.
    pub records: Vec<Value>,
    /// `info.more_records`
    pub has_more: bool,
    /// `info.next_page_token`, needed behind 2,000 records.
    pub next_page_token: Option<String>,
}

impl ZohoClient {
    /// One page of the job list. `None` where the server answers 204: nothing there (G7).
    ///
    /// # Errors
    /// [`ZohoError`] says what failed; asking again is safe.
    pub async fn jobs(
        &self,
        query: &JobListQuery,
        token: &Secret,
    ) -> Result<Option<JobPage>, ZohoError> {
        let mut url = self.endpoints().enrichment(query.kind);
        {
            let mut pairs = url.query_pairs_mut();
            pairs
                .append_pair("page", &query.page.to_string())
                .append_pair("per_page", &JOBS_PER_PAGE.to_string())
                .append_pair("sort_by", "created_time")
                .append_pair(
                    "sort_order",
                    match query.order {
                        SortOrder::Ascending => "asc",
                        SortOrder::Descending => "desc",
                    },
                );
            if let Some(status) = &query.status {
                pairs.append_pair("status", status);
            }
        }
        match self.get(url, token, LIST_BYTES_MAX).await? {
            None => Ok(None),
            Some(body) => read_page(query.kind, &body)
                .map(Some)
                .ok_or_else(|| unreadable("the job list")),
        }
    }

    /// One job. `None` where the server knows no such job.
    ///
    /// # Errors
    /// As [`ZohoClient::jobs`].
    pub async fn job(
        &self,
        kind: EnrichmentKind,
        id: &JobId,
        token: &Secret,
    ) -> Result<Option<JobDetail>, ZohoError> {
        let url = self.endpoints().crm(&[kind.api_name(), id.as_str()]);
        match self.get(url, token, LIST_BYTES_MAX).await? {
            None => Ok(None),
            Some(body) => read_detail(kind, &body)
                .map(Some)
                .ok_or_else(|| unreadable("the job")),
        }
    }

    /// The modules that can be enriched.
    ///
    /// # Errors
    /// As [`ZohoClient::jobs`].
    pub async fn modules(
        &self,
        kind: EnrichmentKind,
        token: &Secret,
    ) -> Result<Vec<Module>, ZohoError> {
        let mut url = self.endpoints().crm(&["settings", "modules"]);
        let feature = match kind {
            EnrichmentKind::People => "people_enrichment",
            EnrichmentKind::Org => "data_enrichment",
        };
        url.query_pairs_mut().append_pair("feature_name", feature);
        match self.get(url, token, LIST_BYTES_MAX).await? {
            None => Ok(Vec::new()),
            Some(body) => read_modules(&body).ok_or_else(|| unreadable("the module list")),
        }
    }

    /// The organisation behind the token.
    ///
    /// # Errors
    /// As [`ZohoClient::jobs`].
    pub async fn organisation(&self, token: &Secret) -> Result<Organisation, ZohoError> {
        let url = self.endpoints().crm(&["org"]);
        self.get(url, token, ANSWER_BYTES_MAX)
            .await?
            .as_ref()
            .and_then(read_organisation)
            .ok_or_else(|| unreadable("the organisation"))
    }

    /// The user behind the token.
    ///
    /// # Errors
    /// As [`ZohoClient::jobs`].
    pub async fn user(&self, token: &Secret) -> Result<User, ZohoError> {
        let mut url = self.endpoints().crm(&["users"]);
        url.query_pairs_mut().append_pair("type", "CurrentUser");
        self.get(url, token, ANSWER_BYTES_MAX)
            .await?
            .as_ref()
            .and_then(read_user)
            .ok_or_else(|| unreadable("the current user"))
    }

    /// The server's own figures of usage. `None` where the edition lacks the feature (204).
    ///
    /// # Errors
    /// As [`ZohoClient::jobs`].
    pub async fn features(&self, token: &Secret) -> Result<Option<Features>, ZohoError> {
        let url = self.endpoints().crm(&["__features", "data_enrichment"]);
        match self.get(url, token, ANSWER_BYTES_MAX).await? {
            None => Ok(None),
            Some(body) => read_features(&body)
                .map(Some)
                .ok_or_else(|| unreadable("the features call")),
        }
    }

    /// All enrichment configurations; an empty list where there are none (204).
    ///
    /// # Errors
    /// As [`ZohoClient::jobs`].
    pub async fn configurations(
        &self,
        token: &Secret,
    ) -> Result<Vec<EnrichmentConfiguration>, ZohoError> {
        let url = self
            .endpoints()
            .crm(&["settings", "zia", "data_enrichment"]);
        match self.get(url, token, LIST_BYTES_MAX).await? {
            None => Ok(Vec::new()),
            Some(body) => {
                read_configurations(&body).ok_or_else(|| unreadable("the configuration list"))
            }
        }
    }

    /// One record of a module. `None` where there is no such record.
    ///
    /// # Errors
    /// As [`ZohoClient::jobs`].
    pub async fn record(
        &self,
        module: &str,
        id: &str,
        token: &Secret,
    ) -> Result<Option<Value>, ZohoError> {
        let url = self.endpoints().crm(&[module, id]);
        let body = self.get(url, token, ANSWER_BYTES_MAX).await?;
        Ok(body.and_then(|body| body.get("data")?.as_array()?.first().cloned()))
    }

    /// A page of a module's records, or of those that match a word.
    ///
    /// # Errors
    /// As [`ZohoClient::jobs`].
    pub async fn records(
        &self,
        query: &RecordQuery,
        token: &Secret,
    ) -> Result<RecordPage, ZohoError> {
        let module = query.module.as_str();
        let mut url = match query.word {
            Some(_) => self.endpoints().crm(&[module, "search"]),
            None => self.endpoints().crm(&[module]),
        };
        {
            let mut pairs = url.query_pairs_mut();
            pairs.append_pair("fields", &query.fields);
            pairs.append_pair("per_page", &query.per_page.to_string());
            if let Some(view) = &query.view {
                pairs.append_pair("cvid", view);
            }
            if let Some(word) = &query.word {
                pairs.append_pair("word", word);
            }
            match &query.page {
                RecordPlace::Page(page) => pairs.append_pair("page", &page.to_string()),
                RecordPlace::Token(token) => pairs.append_pair("page_token", token),
            };
        }
        let Some(body) = self.get(url, token, LIST_BYTES_MAX).await? else {
            return Ok(RecordPage {
                records: Vec::new(),
                has_more: false,
                next_page_token: None,
            });
        };
        let info = body.get("info");
        Ok(RecordPage {
            records: body
                .get("data")
                .and_then(Value::as_array)
                .cloned()
                .ok_or_else(|| unreadable("the record list"))?,
            has_more: info
                .and_then(|info| info.get("more_records")?.as_bool())
                .unwrap_or(false),
            next_page_token: info
                .and_then(|info| info.get("next_page_token")?.as_str())
                .map(str::to_owned),
        })
    }

    pub(super) async fn get(
        &self,
        url: Url,
        token: &Secret,
        bytes_max: usize,
    ) -> Result<Option<Value>, ZohoError> {
        let request = self.request(Method::GET, url, Some(token))?;
        self.answer(request, bytes_max).await
    }

    pub(super) async fn answer(
        &self,
        request: reqwest::RequestBuilder,
        bytes_max: usize,
    ) -> Result<Option<Value>, ZohoError> {
        let host = self
            .endpoints()
            .api()
            .host_str()
            .unwrap_or_default()
            .to_owned();
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() || error.is_builder() => {
                let why = self.why(error);
                return Err(ZohoError::NotConnected { host, why });
            }
            Err(error) => {
                let why = self.why(error);
                return Err(ZohoError::NoAnswer { host, why });
            }
        };
        let reply = self
            .take(response, bytes_max, &mut Patience::of_the_client())
            .await;
        let bytes = match &reply.body {
            Body::Whole(bytes) => bytes,
            Body::Cut { why, .. } => {
                let why = why.clone();
                return Err(ZohoError::NoAnswer { host, why });
            }
        };
        let status = reply.status;
        if status == 204 {
            return Ok(None);
        }
        let json = serde_json::from_slice::<Value>(bytes);
        if (200..300).contains(&status) {
            return match json {
                Ok(body) => Ok(Some(body)),
                Err(error) => Err(ZohoError::Unreadable {
                    what: "the server",
                    why: error.to_string(),
                }),
            };
        }
        let entry = json.ok().as_ref().and_then(read_entry);
        let header = reply.header("retry-after").map(str::to_owned);
        Err(ZohoError::Refused {
            status,
            retry_after: header.or_else(|| entry.as_ref().and_then(|entry| entry.retry_after())),
            message: entry.as_ref().and_then(|entry| entry.message.clone()),
            code: entry.and_then(|entry| entry.code),
        })
    }
}

/// Which records are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordQuery {
    /// The module's API name.
    pub module: String,
    /// The fields, comma-separated: mandatory, at most 50 (contract 3).
    pub fields: String,
    /// Only records that hold this word.
    pub word: Option<String>,
    /// Only records of this custom view (`cvid`).
    pub view: Option<String>,
    /// How many to a page, at most 200.
    pub per_page: u16,
    /// Which page.
    pub page: RecordPlace,
}

/// A page by number (up to 2,000 records) or by token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordPlace {
    /// Counted from 1.
    Page(u32),
    /// `info.next_page_token` of the page before.
    Token(String),
}

impl RecordPlace {
    /// The page behind one that told these, if there is one.
    pub fn after(&self, has_more: bool, token: Option<String>) -> Option<Self> {
        match (has_more, token, self) {
            (false, ..) => None,
            (true, Some(token), _) => Some(Self::Token(token)),
            (true, None, Self::Page(page)) => Some(Self::Page(page.saturating_add(1))),
            (true, None, Self::Token(_)) => None,
        }
    }
}

pub(super) fn unreadable(what: &'static str) -> ZohoError {
    ZohoError::Unreadable {
        what,
        why: "it has not the documented shape".to_owned(),
    }
}
