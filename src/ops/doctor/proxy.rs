//! Whether a proxy stands between the program and Zoho. Only its host is told: the rest of such a
//! variable may be a password.

use std::ffi::OsString;

use url::Url;

use super::Check;
use crate::config::Profile;
use crate::ops::error::OpsError;
use crate::zoho::proxy::{VARIABLES, unreadable};

/// Looks at the environment, which is given.
pub(super) fn proxy(profile: &Profile, variable: impl Fn(&str) -> Option<OsString>) -> Check {
    const NAME: &str = "proxy";
    if profile.is_loopback() {
        return Check::fine(NAME, "none is ever used towards a simulator");
    }
    if let Some(name) = unreadable(&variable) {
        return Check::of_error(NAME, &OpsError::Proxy(name));
    }
    let set = VARIABLES.iter().find_map(|name| {
        let value = variable(name)?.into_string().ok()?;
        (!value.is_empty()).then(|| (name, host_of(&value)))
    });
    match set {
        None => Check::fine(NAME, "none; requests go straight to Zoho"),
        Some((name, host)) => Check::warning(
            NAME,
            format!("requests go through {host}, as {name} says"),
            "That host sees which servers are spoken to, and no content. Unset it if it is not yours.",
        ),
    }
}

fn host_of(value: &str) -> String {
    Url::parse(value)
        .ok()
        .filter(Url::has_host)
        .or_else(|| Url::parse(&format!("http://{value}")).ok())
        .and_then(|url| {
            let host = url.host_str()?.to_owned();
            Some(match url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host,
            })
        })
        .unwrap_or_else(|| "a host that cannot be read".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("http://ada:canary@proxy.example:3128", "proxy.example:3128")]
    #[case("ada:canary@proxy.example:3128", "proxy.example:3128")]
    #[case("proxy.example", "proxy.example")]
    #[case("socks5://proxy.example", "proxy.example")]
    #[case("::", "a host that cannot be read")]
    fn of_a_proxy_only_the_host_is_told(#[case] value: &str, #[case] expected: &str) {
        assert_eq!(host_of(value), expected);
    }
}
