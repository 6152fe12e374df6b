//! The proxy that the environment names, as the HTTP client reads it.
//!
//! The client takes a variable that it cannot read for one that is not set, and goes straight to the
//! server: past a proxy that somebody wanted. Here such a variable is found before anything is sent.

use std::ffi::OsString;

use http::Uri;
use http::uri::Authority;

/// The variables that the HTTP client obeys for https, in its order.
pub const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Schemes of a proxy that the client knows.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// The variable that is set and cannot be read as a proxy. Its value may hold a password: it is no part
/// of the answer.
pub fn unreadable(variable: impl Fn(&str) -> Option<OsString>) -> Option<&'static str> {
    VARIABLES.into_iter().find(|name| {
        let value = variable(name).unwrap_or_default();
        !value.is_empty() && !value.to_str().is_some_and(is_proxy)
    })
}

fn is_proxy(value: &str) -> bool {
    value.parse::<Uri>().is_ok_and(|uri| {
        let scheme = uri.scheme_str().unwrap_or("http");
        SCHEMES.contains(&scheme) && uri.authority().is_some_and(is_place)
    })
}

/// A host, and a port where something stands behind it.
fn is_place(authority: &Authority) -> bool {
    let (text, host) = (authority.as_str(), authority.host());
    !host.is_empty() && (text.ends_with(host) || authority.port_u16().is_some())
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("http://ada:secret@proxy.example:3128")]
    #[case("ada:secret@proxy.example:3128")]
    #[case("https://[::1]:3128/")]
    #[case("proxy.example")]
    #[case("127.0.0.1:3128")]
    #[case("socks5h://proxy.example")]
    #[case("")]
    fn a_proxy_is_read(#[case] value: &str) {
        assert_eq!(unreadable(|_| Some(value.into())), None);
    }

    #[rstest]
    #[case("http://[::bad")]
    #[case("::::")]
    #[case("http://")]
    #[case("http://proxy.example:99999999")]
    #[case("http://ada:sec\tret@proxy.example")]
    #[case("http://proxy.example\u{1b}[2J")]
    #[case("http://proxy.example ")]
    #[case("ftp://proxy.example")]
    #[case("/proxy")]
    fn what_is_no_proxy_is_told_by_its_variable(
        #[case] value: &str,
        #[values("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")] name: &str,
    ) {
        let found = unreadable(|asked| (asked == name).then(|| value.into()));

        assert_eq!(found, Some(name));
    }

    #[test]
    fn bytes_that_are_no_text_are_no_proxy() {
        let value = OsString::from_vec(vec![b'p', 0xff]);

        assert_eq!(unreadable(|_| Some(value.clone())), Some("HTTPS_PROXY"));
    }
}
