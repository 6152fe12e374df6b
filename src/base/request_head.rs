//! What of a request goes out before its body: kept as it is sent, shown and copied from what is
//! kept. The token is no part of it.

use super::redact;

/// Headers that whoever sends a copy makes anew from the URL and the body.
const MADE_BY_THE_SENDER: [&str; 2] = ["host", "content-length"];

/// Method, URL with its query, and every header but the token's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestHead {
    /// The method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Names in lower case, as they go out, each with its value.
    pub headers: Vec<(String, String)>,
}

impl RequestHead {
    /// The request as a curl command that sends the same bytes. The token is a variable of the
    /// shell, and its value never gets into the text.
    pub fn curl(&self, body: Option<&str>) -> String {
        let others = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !MADE_BY_THE_SENDER.contains(name));
        let headers: Vec<(&str, &str)> = std::iter::once(("authorization", ""))
            .chain(others)
            .collect();
        redact::curl(&self.method, &self.url, &headers, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_leaves_to_curl_what_curl_makes_itself() {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let head = RequestHead {
            method: "POST".to_owned(),
            url: "https://www.zohoapis.com/crm/v7/x".to_owned(),
            headers: vec![
                header("host", "www.zohoapis.com"),
                header("content-type", "application/json"),
                header("content-length", "2"),
            ],
        };

        let command = head.curl(Some("{}"));

        assert!(command.contains("--header 'content-type: application/json'"));
        assert!(command.contains("Authorization: Zoho-oauthtoken $ZIADECK_TOKEN"));
        assert!(!command.contains("host:") && !command.contains("content-length"));
    }
}
