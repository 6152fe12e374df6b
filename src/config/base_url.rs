//! Where a profile may send its requests besides the data centre's own hosts: literal loopback
//! addresses and nothing else.
//!
//! The text itself is checked, before any library rewrites it: `http://2130706433`,
//! `http://0x7f.1` and `http://127.0.0.1.nip.io` are refused, and so is `localhost`, because a
//! name can point anywhere.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::Url;

const RULE: &str = "only http:// or https:// with a literal loopback address is accepted, \
                    such as http://127.0.0.1:8080 or http://[::1]:8080";

/// Reads a loopback base address.
pub(super) fn parse_loopback(text: &str) -> Result<Url, String> {
    let refused = || format!("{text:?} is not a loopback address: {RULE}");
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"))
        .ok_or_else(refused)?;
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if !is_loopback_authority(authority) {
        return Err(refused());
    }
    Url::parse(text).map_err(|_| refused())
}

fn is_loopback_authority(authority: &str) -> bool {
    if let Some(rest) = authority.strip_prefix('[') {
        let Some((host, port)) = rest.split_once(']') else {
            return false;
        };
        // `::ffff:127.0.0.1` is not loopback to every resolver, so only ::1 itself counts.
        return host.parse() == Ok(Ipv6Addr::LOCALHOST) && is_port(port);
    }
    let (host, port) = authority
        .find(':')
        .map_or((authority, ""), |at| authority.split_at(at));
    host.parse::<Ipv4Addr>()
        .is_ok_and(|address| address.is_loopback())
        && is_port(port)
}

/// Nothing, or a colon and a port that can be connected to.
fn is_port(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(':').is_some_and(|digits| {
            digits.bytes().all(|b| b.is_ascii_digit())
                && digits.parse::<u16>().is_ok_and(|port| port > 0)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("http://127.0.0.1:8080", true)]
    #[case("https://127.0.0.1:8443/", true)]
    #[case("http://127.9.8.7", true)]
    #[case("http://[::1]:9", true)]
    #[case("http://localhost:8080", false)]
    #[case("http://localhost.evil", false)]
    #[case("http://127.0.0.1.nip.io", false)]
    #[case("http://0.0.0.0:80", false)]
    #[case("http://2130706433", false)]
    #[case("http://0x7f.0.0.1", false)]
    #[case("http://127.1", false)]
    #[case("http://0177.0.0.1", false)]
    #[case("http://127.0.0.1:80@evil.example", false)]
    #[case("http://user@127.0.0.1:80", false)]
    #[case("http://[::ffff:127.0.0.1]:80", false)]
    #[case("http://[::1].evil:80", false)]
    #[case("http://127.0.0.1:0", false)]
    #[case("http://127.0.0.1:99999", false)]
    #[case("http://127.0.0.1:", false)]
    #[case("http://127.0.0.1:80/path", false)]
    #[case("http://127.0.0.1:80?x=1", false)]
    #[case("http://127.0.0.1:80#x", false)]
    #[case("http://127.0.0.1\\@evil.example", false)]
    #[case("http://127.0.0.1:8080//", false)]
    #[case("ftp://127.0.0.1", false)]
    #[case("HTTP://127.0.0.1", false)]
    #[case("https://www.zohoapis.com", false)]
    #[case("", false)]
    fn only_a_literal_loopback_address_is_a_base(#[case] text: &str, #[case] good: bool) {
        assert_eq!(parse_loopback(text).is_ok(), good, "{text}");
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_accepted_connects_to_loopback(text in "https?://[0-9a-fx:.\\[\\]@/]{0,24}") {
            if let Ok(url) = parse_loopback(&text) {
                let is_loopback = match url.host() {
                    Some(url::Host::Ipv4(v4)) => v4.is_loopback(),
                    Some(url::Host::Ipv6(v6)) => v6.is_loopback(),
                    Some(url::Host::Domain(_)) | None => false,
                };
                proptest::prop_assert!(is_loopback);
            }
        }
    }
}
