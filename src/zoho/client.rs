//! The client of one profile: bounds, no redirects, no retries, no host but the profile's own.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};
use url::Url;

use super::endpoints::{Endpoints, USER_AGENT};
use super::error::ZohoError;
use crate::base::limits::{POOL_IDLE, TIMEOUT_CONNECT, TIMEOUT_TOTAL};
use crate::base::{Clock, KnownSecrets, RequestHead, Secret, Timestamp};

/// An HTTP client bound to the hosts of one profile.
#[derive(Clone)]
pub struct ZohoClient {
    endpoints: Endpoints,
    clock: Arc<dyn Clock>,
    // Made at the first call: it reads the system's certificates, which takes milliseconds that
    // the first frame should not wait for.
    http: Arc<OnceLock<Result<reqwest::Client, String>>>,
    /// The newest `Date` of any answer, milliseconds; 0 before the first.
    told: Arc<AtomicI64>,
    /// What no answer may bring back.
    secrets: KnownSecrets,
}

impl std::fmt::Debug for ZohoClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ZohoClient")
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}

impl ZohoClient {
    /// A client for these hosts. Nothing is connected yet. It learns each secret that it sends, and
    /// strikes all that are known from whatever comes back.
    pub fn new(endpoints: Endpoints, clock: Arc<dyn Clock>, secrets: KnownSecrets) -> Self {
        Self {
            endpoints,
            clock,
            http: Arc::new(OnceLock::new()),
            told: Arc::new(AtomicI64::new(0)),
            secrets,
        }
    }

    /// The hosts.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The time that the server told last, with an answer to anything.
    pub fn server_time(&self) -> Option<Timestamp> {
        match self.told.load(Ordering::Relaxed) {
            0 => None,
            told => Timestamp::from_millisecond(told).ok(),
        }
    }

    /// The text of an HTTP error with its causes, without any URL, and without any secret: a
    /// certificate, for one, says whatever its owner likes.
    pub(super) fn why(&self, error: reqwest::Error) -> String {
        self.secrets().strike_text(&super::error::why(error))
    }

    /// Keeps the time that an answer tells.
    pub(super) fn hear_time(&self, told: Timestamp) {
        self.told.store(told.as_millisecond(), Ordering::Relaxed);
    }

    /// What no answer may bring back.
    pub(super) fn secrets(&self) -> &KnownSecrets {
        &self.secrets
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// A request; every header that carries a token is marked as sensitive.
    pub(super) fn request(
        &self,
        method: Method,
        url: Url,
        token: Option<&Secret>,
    ) -> Result<RequestBuilder, ZohoError> {
        let http = self
            .http
            .get_or_init(|| match self.endpoints.unreadable_proxy() {
                Some(name) => Err(format!("the variable {name} holds no address of a proxy")),
                None => build(&self.endpoints).map_err(|error| self.why(error)),
            })
            .as_ref()
            .map_err(|why| ZohoError::Client(why.clone()))?;
        let mut request = http.request(method, url);
        if let Some(token) = token {
            self.secrets.learn(token);
            // Zoho's own word; "Bearer" is not accepted (S, AE).
            let mut value = HeaderValue::from_str(&format!("Zoho-oauthtoken {}", token.expose()))
                .map_err(|_| {
                ZohoError::Client("the access token is no header text".to_owned())
            })?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        Ok(request)
    }

    /// The request that is on record, with a token and nothing else of its own.
    ///
    /// # Errors
    /// When it is not for the API host of this profile, or no HTTP.
    pub(super) fn recorded(
        &self,
        head: &RequestHead,
        token: &Secret,
    ) -> Result<RequestBuilder, ZohoError> {
        let wrong = |what: &str| ZohoError::Client(format!("the recorded request has {what}"));
        let url = Url::parse(&head.url).map_err(|_| wrong("no address"))?;
        if url.origin() != self.endpoints.api().origin() {
            return Err(wrong("the address of another host"));
        }
        let method = Method::from_bytes(head.method.as_bytes()).map_err(|_| wrong("no method"))?;
        let mut request = self.request(method, url, Some(token))?;
        for (name, value) in &head.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_str(value);
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err(wrong("a header that cannot be sent"));
            };
            request = request.header(name, value);
        }
        Ok(request)
    }
}

/// reqwest's defaults follow redirects with the body, send a refused stream again and know no
/// time-out: each of them could spend a second unit or wait for ever, so each is set here.
fn build(endpoints: &Endpoints) -> Result<reqwest::Client, reqwest::Error> {
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .http1_only()
        .connect_timeout(TIMEOUT_CONNECT)
        .timeout(TIMEOUT_TOTAL)
        .pool_idle_timeout(POOL_IDLE)
        .tcp_nodelay(true)
        .user_agent(USER_AGENT);
    if endpoints.is_loopback() {
        builder = builder.no_proxy();
        if endpoints.api().scheme() == "http" && endpoints.accounts().scheme() == "http" {
            builder = builder.tls_certs_only([]);
        }
    } else {
        builder = builder
            .https_only(true)
            .tls_version_min(reqwest::tls::Version::TLS_1_2);
    }
    builder.build()
}
