//! Whether a host answers at all: name, connection, TLS, HTTP. No token goes with the question, and
//! any answer is a good one.

use reqwest::Method;

use super::client::ZohoClient;
use super::error::ZohoError;
use super::reading::date;
use crate::base::Timestamp;

/// One of the two hosts of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// Where tokens come from.
    Accounts,
    /// Where the CRM's API answers.
    Api,
}

/// What a host answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Its name.
    pub host: String,
    /// The HTTP status.
    pub status: u16,
    /// Its clock, where it tells.
    pub date: Option<Timestamp>,
}

impl ZohoClient {
    /// Asks a host for anything.
    ///
    /// # Errors
    /// When no connection was made, or no answer came.
    pub async fn probe(&self, host: Host) -> Result<Reached, ZohoError> {
        let url = match host {
            Host::Accounts => {
                let mut url = self.endpoints().accounts().clone();
                url.set_path("/oauth/serverinfo");
                url
            }
            Host::Api => self.endpoints().crm(&["org"]),
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        match self.request(Method::GET, url, None)?.send().await {
            Ok(response) => Ok(Reached {
                host,
                status: response.status().as_u16(),
                date: date(response.headers()),
            }),
            Err(error) if error.is_connect() || error.is_builder() => {
                let why = self.why(error);
                Err(ZohoError::NotConnected { host, why })
            }
            Err(error) => {
                let why = self.why(error);
                Err(ZohoError::NoAnswer { host, why })
            }
        }
    }
}
