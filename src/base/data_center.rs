//! The closed table of data centres that offer people enrichment, and their hosts.
//!
//! Hosts of requests come from here and from nowhere else. Sources: contract 4.1 (the official
//! SDK's classes and Zoho's multi-DC page); the five centres are those of the v7 page (S).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{listed, word_enum, words};

words!(
    /// A Zoho data centre that offers the Zia People Enrichment API; in the order of the selector.
    DataCenter,
    /// United States.
    Us = "US",
    /// India.
    In = "IN",
    /// Australia.
    Au = "AU",
    /// Canada.
    Ca = "CA",
    /// Saudi Arabia.
    Sa = "SA",
);

/// The data centres of Zoho that do not offer the API, so that an error can say so.
pub const DATA_CENTERS_WITHOUT: [&str; 5] = ["EU", "JP", "CN", "UK", "AE"];

impl DataCenter {
    /// The two letters on screen and in the configuration.
    pub fn code(self) -> &'static str {
        self.as_str()
    }

    /// The country's name.
    pub fn country(self) -> &'static str {
        match self {
            Self::Us => "United States",
            Self::In => "India",
            Self::Au => "Australia",
            Self::Ca => "Canada",
            Self::Sa => "Saudi Arabia",
        }
    }

    /// The host that exchanges and refreshes tokens.
    pub fn accounts_host(self) -> &'static str {
        match self {
            Self::Us => "accounts.zoho.com",
            Self::In => "accounts.zoho.in",
            Self::Au => "accounts.zoho.com.au",
            Self::Ca => "accounts.zohocloud.ca",
            Self::Sa => "accounts.zoho.sa",
        }
    }

    /// The host that answers the CRM's API for an environment.
    pub fn api_host(self, environment: Environment) -> &'static str {
        match (self, environment) {
            (Self::Us, Environment::Production) => "www.zohoapis.com",
            (Self::Us, Environment::Sandbox) => "sandbox.zohoapis.com",
            (Self::Us, Environment::Developer) => "developer.zohoapis.com",
            (Self::In, Environment::Production) => "www.zohoapis.in",
            (Self::In, Environment::Sandbox) => "sandbox.zohoapis.in",
            (Self::In, Environment::Developer) => "developer.zohoapis.in",
            (Self::Au, Environment::Production) => "www.zohoapis.com.au",
            (Self::Au, Environment::Sandbox) => "sandbox.zohoapis.com.au",
            (Self::Au, Environment::Developer) => "developer.zohoapis.com.au",
            (Self::Ca, Environment::Production) => "www.zohoapis.ca",
            (Self::Ca, Environment::Sandbox) => "sandbox.zohoapis.ca",
            (Self::Ca, Environment::Developer) => "developer.zohoapis.ca",
            (Self::Sa, Environment::Production) => "www.zohoapis.sa",
            (Self::Sa, Environment::Sandbox) => "sandbox.zohoapis.sa",
            (Self::Sa, Environment::Developer) => "developer.zohoapis.sa",
        }
    }

    /// The page where a self client and its grant code are made.
    pub fn console_url(self) -> &'static str {
        match self {
            Self::Us => "https://api-console.zoho.com",
            Self::In => "https://api-console.zoho.in",
            Self::Au => "https://api-console.zoho.com.au",
            Self::Ca => "https://api-console.zohocloud.ca",
            Self::Sa => "https://api-console.zoho.sa",
        }
    }
}

/// A text that names no data centre with people enrichment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataCenterError {
    /// A real Zoho data centre, but the API is not offered there.
    #[error(
        "data centre {0} does not offer people enrichment; it is available in {all}",
        all = listed(&DataCenter::ALL.map(DataCenter::code), "and")
    )]
    NotOffered(String),
    /// Not a data centre.
    #[error(
        "{0:?} is not a data centre; use {all}",
        all = listed(&DataCenter::ALL.map(DataCenter::code), "or")
    )]
    Unknown(String),
}

impl FromStr for DataCenter {
    type Err = DataCenterError;
    fn from_str(text: &str) -> Result<Self, DataCenterError> {
        let upper = text.trim().to_ascii_uppercase();
        if let Some(found) = Self::ALL.into_iter().find(|dc| dc.code() == upper) {
            return Ok(found);
        }
        if DATA_CENTERS_WITHOUT.contains(&upper.as_str()) {
            return Err(DataCenterError::NotOffered(upper));
        }
        Err(DataCenterError::Unknown(text.chars().take(32).collect()))
    }
}

word_enum!(
    /// Which organisation of a data centre a profile reaches. Each needs its own grant (contract 4.1).
    #[derive(Default)]
    Environment,
    listed(&Environment::ALL.map(Environment::as_str), "or"),
    /// The live organisation.
    #[default]
    Production = "production",
    /// A sandbox of it.
    Sandbox = "sandbox",
    /// A developer organisation.
    Developer = "developer",
);

/// The API version in the path, such as `v7`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApiVersion(String);

impl ApiVersion {
    /// The version as it stands in the path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ApiVersion {
    fn default() -> Self {
        Self("v7".to_owned())
    }
}

impl FromStr for ApiVersion {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let well_formed = text.strip_prefix('v').is_some_and(|number| {
            let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
            let digits =
                |s: &str| (1..=2).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
            digits(whole) && digits(part)
        });
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("{text:?} is not an API version such as v7 or v8"))
        }
    }
}

impl TryFrom<String> for ApiVersion {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<ApiVersion> for String {
    fn from(version: ApiVersion) -> String {
        version.0
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("us", Ok(DataCenter::Us))]
    #[case("CA", Ok(DataCenter::Ca))]
    #[case("EU", Err(DataCenterError::NotOffered("EU".into())))]
    #[case("XX", Err(DataCenterError::Unknown("XX".into())))]
    fn a_data_center_is_parsed_or_explained(
        #[case] text: &str,
        #[case] expected: Result<DataCenter, DataCenterError>,
    ) {
        assert_eq!(text.parse::<DataCenter>(), expected);
    }

    #[test]
    fn canada_has_its_own_accounts_domain() {
        assert_eq!(DataCenter::Ca.accounts_host(), "accounts.zohocloud.ca");
        assert_eq!(
            DataCenter::Ca.api_host(Environment::Production),
            "www.zohoapis.ca"
        );
    }

    #[rstest]
    #[case("v7", true)]
    #[case("v2.1", true)]
    #[case("7", false)]
    #[case("v7/../..", false)]
    #[case("v", false)]
    fn an_api_version_is_safe_in_a_path(#[case] text: &str, #[case] good: bool) {
        assert_eq!(text.parse::<ApiVersion>().is_ok(), good);
    }
}
