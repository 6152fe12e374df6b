//! Where requests go: the two hosts of a profile and the version in the path.

use url::{Host, Url};

use crate::base::{ApiVersion, DataCenter, EnrichmentKind, Environment, RequestHead};
use crate::enrichment::EnrichmentRequest;

/// What the program calls itself.
pub(super) const USER_AGENT: &str = concat!("ziadeck/", env!("CARGO_PKG_VERSION"));
/// What every body of ours is.
const CONTENT_TYPE: &str = "application/json";

/// The base addresses of one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    api: Url,
    accounts: Url,
    version: ApiVersion,
}

/// Why an address may not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is neither the data centre's own host nor a literal loopback address")]
pub struct ForeignHost(String);

impl Endpoints {
    /// Checks the addresses against the closed table: the data centre's own hosts over https, or
    /// a literal loopback address.
    ///
    /// # Errors
    /// [`ForeignHost`] names the address that is neither.
    pub fn new(
        (data_center, environment): (DataCenter, Environment),
        api: Url,
        accounts: Url,
        version: ApiVersion,
    ) -> Result<Self, ForeignHost> {
        for (url, own) in [
            (&api, data_center.api_host(environment)),
            (&accounts, data_center.accounts_host()),
        ] {
            let is_own = url.scheme() == "https"
                && url.host_str() == Some(own)
                && url.port().is_none()
                && url.username().is_empty()
                && url.password().is_none();
            if !is_own && !is_loopback(url) {
                return Err(ForeignHost(url.host_str().unwrap_or("?").to_owned()));
            }
        }
        Ok(Self {
            api,
            accounts,
            version,
        })
    }

    /// Whether both hosts are this machine, as with the simulator.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.api) && is_loopback(&self.accounts)
    }

    /// The variable that names a proxy towards these hosts and cannot be read; none is ever used towards
    /// this machine.
    pub fn unreadable_proxy(&self) -> Option<&'static str> {
        if self.is_loopback() {
            return None;
        }
        super::proxy::unreadable(|name| std::env::var_os(name))
    }

    /// The address that answers API calls.
    pub fn api(&self) -> &Url {
        &self.api
    }

    /// The address that hands out tokens.
    pub fn accounts(&self) -> &Url {
        &self.accounts
    }

    /// The API version.
    pub fn version(&self) -> &ApiVersion {
        &self.version
    }

    /// A path below `/crm/{version}/` of the API host; each segment is percent-encoded.
    pub fn crm(&self, segments: &[&str]) -> Url {
        let mut url = self.api.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty()
                .extend(["crm", self.version.as_str()])
                .extend(segments);
        }
        url
    }

    /// The address of a POST of a kind.
    pub fn enrichment(&self, kind: EnrichmentKind) -> Url {
        self.crm(&[kind.api_name()])
    }

    /// The address of the POST that asks for an enrichment: what is not given is not in its query.
    pub fn asking(&self, kind: EnrichmentKind, module: &str, record_id: Option<&str>) -> Url {
        let mut url = self.enrichment(kind);
        let module = Some(module).filter(|module| !module.is_empty());
        let pairs = [("module", module), ("record_id", record_id)];
        for (name, value) in pairs {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        url
    }

    /// All that goes out before the body of an enrichment, but the token. The client sends this,
    /// the ledger keeps it, and whatever shows a request shows it.
    pub fn head(&self, request: &EnrichmentRequest) -> RequestHead {
        let url = self.asking(request.kind(), request.module(), request.record_id());
        let host = url.host_str().unwrap_or_default();
        let host = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let headers = [
            ("host", host),
            ("user-agent", USER_AGENT.to_owned()),
            ("accept", "*/*".to_owned()),
            ("content-type", CONTENT_TYPE.to_owned()),
            ("content-length", request.body().len().to_string()),
        ];
        RequestHead {
            method: "POST".to_owned(),
            url: url.into(),
            headers: headers
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }

    /// What an attempt must have sent of which only that much is known: every version sent this
    /// header.
    pub fn head_again(
        &self,
        kind: EnrichmentKind,
        module: &str,
        record_id: Option<&str>,
    ) -> RequestHead {
        RequestHead {
            method: "POST".to_owned(),
            url: self.asking(kind, module, record_id).into(),
            headers: vec![("content-type".to_owned(), CONTENT_TYPE.to_owned())],
        }
    }

    /// A path of the accounts host.
    pub fn oauth(&self, segments: &[&str]) -> Url {
        let mut url = self.accounts.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["oauth", "v2"]).extend(segments);
        }
        url
    }
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(_)) | None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn endpoints(api: &str) -> Result<Endpoints, ForeignHost> {
        Endpoints::new(
            (DataCenter::Us, Environment::Production),
            api.parse().unwrap(),
            "https://accounts.zoho.com".parse().unwrap(),
            ApiVersion::default(),
        )
    }

    #[rstest]
    #[case("https://www.zohoapis.com", true)]
    #[case("http://127.0.0.1:9", true)]
    #[case("http://[::1]:9", true)]
    #[case("http://www.zohoapis.com", false)]
    #[case("https://www.zohoapis.com.evil.example", false)]
    #[case("https://www.zohoapis.com@evil.example", false)]
    #[case("https://www.zohoapis.com:444", false)]
    #[case("https://www.zohoapis.in", false)]
    #[case("http://localhost:9", false)]
    #[case("http://localhost.evil.example", false)]
    #[case("http://0.0.0.0:9", false)]
    fn only_the_table_and_loopback_are_reached(#[case] api: &str, #[case] good: bool) {
        assert_eq!(endpoints(api).is_ok(), good);
    }

    #[test]
    fn a_segment_cannot_leave_the_path() {
        let url = endpoints("https://www.zohoapis.com").unwrap();

        assert_eq!(
            url.crm(&["../../x?y", "a/b"]).as_str(),
            "https://www.zohoapis.com/crm/v7/..%2F..%2Fx%3Fy/a%2Fb"
        );
        assert_eq!(
            url.oauth(&["token"]).as_str(),
            "https://accounts.zoho.com/oauth/v2/token"
        );
    }
}
