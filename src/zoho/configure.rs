//! Reading and changing one enrichment configuration (contract 3). No change spends a unit.

use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::client::ZohoClient;
use super::error::ZohoError;
use super::query::unreadable;
use crate::base::Secret;
use crate::base::limits::ANSWER_BYTES_MAX;
use crate::wire::mappings::{AllowedMappings, read_allowed};
use crate::wire::read_entry;
use crate::wire::settings::{EnrichmentConfiguration, read_configurations, read_fields};

/// A change to an enrichment configuration.
#[derive(Debug, Clone, PartialEq)]
pub enum ConfigurationChange {
    /// POST a new one.
    Create(Value),
    /// PUT over the one with this id.
    Update(String, Value),
    /// DELETE the one with this id.
    Delete(String),
}

impl ZohoClient {
    /// One configuration, with its output mapping. `None` where there is none of this id.
    ///
    /// # Errors
    /// [`ZohoError`] says what failed; asking again is safe.
    pub async fn configuration(
        &self,
        id: &str,
        token: &Secret,
    ) -> Result<Option<EnrichmentConfiguration>, ZohoError> {
        let url = self
            .endpoints()
            .crm(&["settings", "zia", "data_enrichment", id]);
        match self.get(url, token, ANSWER_BYTES_MAX).await? {
            None => Ok(None),
            Some(body) => read_configurations(&body)
                .map(|all| all.into_iter().next())
                .ok_or_else(|| unreadable("the configuration")),
        }
    }

    /// What a configuration of a module may map, and the fields that may take it (contract 9).
    ///
    /// # Errors
    /// As [`ZohoClient::configuration`].
    pub async fn allowed_mappings(
        &self,
        (module, kind): (&str, &str),
        token: &Secret,
    ) -> Result<AllowedMappings, ZohoError> {
        let path = [
            "settings",
            "zia",
            "data_enrichment",
            "allowed_field_mappings",
        ];
        let mut url = self.endpoints().crm(&path);
        url.query_pairs_mut()
            .append_pair("module", module)
            .append_pair("type", kind);
        match self.get(url, token, ANSWER_BYTES_MAX).await? {
            None => Ok(AllowedMappings::default()),
            Some(body) => {
                read_allowed(&body).ok_or_else(|| unreadable("the fields that may be mapped"))
            }
        }
    }

    /// The fields of a module: API name and id.
    ///
    /// # Errors
    /// As [`ZohoClient::configuration`].
    pub async fn fields(
        &self,
        module: &str,
        token: &Secret,
    ) -> Result<Vec<(String, String)>, ZohoError> {
        let mut url = self.endpoints().crm(&["settings", "fields"]);
        url.query_pairs_mut().append_pair("module", module);
        match self.get(url, token, ANSWER_BYTES_MAX).await? {
            None => Ok(Vec::new()),
            Some(body) => read_fields(&body).ok_or_else(|| unreadable("the fields")),
        }
    }

    /// Makes a change to a configuration; answers the server's message.
    ///
    /// # Errors
    /// As [`ZohoClient::configuration`], but whether the change was made is then open: read it again.
    pub async fn change_configuration(
        &self,
        change: &ConfigurationChange,
        token: &Secret,
    ) -> Result<String, ZohoError> {
        let base = ["settings", "zia", "data_enrichment"];
        let (method, segments, body) = match change {
            ConfigurationChange::Create(item) => (Method::POST, base.to_vec(), Some(item)),
            ConfigurationChange::Update(id, item) => (
                Method::PUT,
                [&base[..], &[id.as_str()]].concat(),
                Some(item),
            ),
            ConfigurationChange::Delete(id) => {
                (Method::DELETE, [&base[..], &[id.as_str()]].concat(), None)
            }
        };
        let body = body.map(|item| serde_json::json!({ "data_enrichment": [item] }));
        let answer = self
            .call(method, self.endpoints().crm(&segments), body, token)
            .await?;
        Ok(answer
            .as_ref()
            .and_then(read_entry)
            .and_then(|entry| entry.message)
            .unwrap_or_else(|| "done".to_owned()))
    }

    async fn call(
        &self,
        method: Method,
        url: Url,
        body: Option<Value>,
        token: &Secret,
    ) -> Result<Option<Value>, ZohoError> {
        let mut request = self.request(method, url, Some(token))?;
        if let Some(body) = body {
            request = request
                .header(reqwest::header::CONTENT_TYPE, "application/json")
                .body(body.to_string());
        }
        self.answer(request, ANSWER_BYTES_MAX).await
    }
}
