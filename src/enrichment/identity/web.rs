//! Addresses of the web: what is spelling in them, and what is the page.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::clean::folded;
use super::hosts;

/// What may not stand in a path as it is. A `%` that is left has been dealt with before.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// An address in its parts: host, path with its leading slash, query, fragment.
struct Address<'a> {
    host: Cow<'a, str>,
    path: Cow<'a, str>,
    query: &'a str,
    fragment: &'a str,
}

impl<'a> Address<'a> {
    /// Reads a folded text; `None` where there is no host.
    fn read(text: &'a str) -> Option<Self> {
        let mut rest = text;
        while let Some(inner) = ["https:/", "http:/", "//"]
            .iter()
            .find_map(|scheme| rest.strip_prefix(scheme))
        {
            rest = inner.trim_start_matches('/');
        }
        let (host, rest) = cut(rest, b"/?#");
        let host = plain_host(host.trim());
        // The pages of an application of 2010: everything stands behind `#!`.
        let rest = rest
            .strip_prefix("/#!")
            .or_else(|| rest.strip_prefix("#!"))
            .unwrap_or(rest);
        let (rest, fragment) = cut(rest, b"#");
        let (path, query) = cut(rest, b"?");
        (!host.is_empty()).then(|| Self {
            host,
            path: encoded(path.trim_end_matches('/')),
            query: query.trim_start_matches('?'),
            fragment: fragment.trim_start_matches('#'),
        })
    }

    fn segments(&self) -> impl Iterator<Item = &str> {
        let segments = self.path.split('/');
        let segments = segments.map(|segment| cut(segment, b";").0);
        segments.filter(|segment| !matches!(*segment, "" | "."))
    }

    /// The value of a parameter, if it has one.
    fn parameter(&self, name: &str) -> Option<Cow<'a, str>> {
        let pairs = self.query.split('&');
        let value = pairs
            .filter_map(|pair| pair.split_once('='))
            .find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))?;
        Some(encoded(value))
    }

    fn page(&self) -> String {
        let mut text = String::with_capacity(self.host.len() + self.path.len());
        text.push_str(&self.host);
        text.push_str(&self.path);
        text
    }

    /// A page that is not known to be one person's: what stands behind its path may be all that
    /// tells it from another.
    fn whole(&self, page: String) -> String {
        let mut text = page;
        for (sign, part) in [('?', self.query), ('#', self.fragment)] {
            if !part.is_empty() {
                text.push(sign);
                text.push_str(&encoded(part));
            }
        }
        text
    }

    /// The host without what stands for a country or a small screen, if it is of a family.
    fn is_of(&self, family: &str, is_spelling: fn(&str) -> bool) -> bool {
        match self.host.strip_suffix(family) {
            Some("") => true,
            Some(front) => front
                .strip_suffix('.')
                .is_some_and(|front| front.split('.').all(is_spelling)),
            None => false,
        }
    }
}

/// A website: host and path.
pub(in crate::enrichment) fn website(value: &str) -> String {
    let text = decoded(value);
    match Address::read(&text) {
        Some(address) => address.page(),
        None => text,
    }
}

/// The host of a canonical website, with as much of the path as tells its organisations apart;
/// `None` where a host that serves many names none of them.
pub(super) fn site(website: &str) -> Option<String> {
    let (host, path) = cut(website, b"/");
    let wanted = hosts::segments_that_name(host);
    let mut text = host.to_owned();
    for segment in path.split('/').filter(|s| !s.is_empty()).take(wanted) {
        text.push('/');
        text.push_str(segment);
    }
    (wanted == 0 || text.len() > host.len()).then_some(text)
}

/// An address of mail.
pub(in crate::enrichment) fn email(value: &str) -> String {
    let mut text = folded(value);
    while let Some(rest) = text.strip_prefix("mailto:") {
        let address = rest.split('?').next().unwrap_or(rest);
        text = address.trim().trim_start_matches('/').to_owned();
    }
    match text.rsplit_once('@') {
        Some((local, domain)) if !domain.is_ascii() => {
            format!("{local}@{}", ascii_domain(domain))
        }
        Some(_) | None => text,
    }
}

/// A page of LinkedIn; a person's without what follows the name in it.
pub(in crate::enrichment) fn linkedin(value: &str) -> String {
    let mut text = decoded(value);
    let bare = text.trim_start_matches('/');
    if bare.starts_with("in/") || bare.starts_with("pub/") {
        text = format!("linkedin.com/{bare}");
    }
    let handle = text.trim_start_matches('@');
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !handle.is_empty() && handle.bytes().all(is_word) && handle.bytes().any(|b| b != b'-') {
        text = format!("linkedin.com/in/{handle}");
    }
    let Some(address) = Address::read(&text) else {
        return text;
    };
    let is_spelling =
        |front: &str| matches!(front, "www" | "m" | "mobile" | "touch") || hosts::is_locale(front);
    if !address.is_of("linkedin.com", is_spelling) {
        return address.whole(address.page());
    }
    let mut parts: Vec<&str> = address.segments().collect();
    while parts.first() == Some(&"mwlite") {
        parts.remove(0);
    }
    match parts.as_slice() {
        // Whatever follows is a language or a part of the page of the same person.
        ["in", _, ..] => parts.truncate(2),
        // An old address has three short parts behind the name, and then perhaps a language.
        ["pub", _, language] if hosts::is_locale(language) => parts.truncate(2),
        ["pub", _, _, _, _, ..] => parts.truncate(5),
        ["profile", "view"] => {
            if let Some(id) = address.parameter("id") {
                return format!("linkedin.com/profile/view?id={id}");
            }
        }
        ["pub" | "company" | "school" | "showcase", _, ..] => {}
        _ => return address.whole(joined("linkedin.com", &parts)),
    }
    joined("linkedin.com", &parts)
}

/// A page of Twitter: `twitter.com/` and the handle, however it was written.
pub(in crate::enrichment) fn twitter(value: &str) -> String {
    let text = decoded(value);
    let handle = handle_of(&text);
    if is_handle(handle) {
        return format!("twitter.com/{handle}");
    }
    let Some(address) = Address::read(&text) else {
        return text;
    };
    let is_spelling = |front: &str| matches!(front, "www" | "m" | "mobile");
    if !(address.is_of("twitter.com", is_spelling) || address.is_of("x.com", is_spelling)) {
        return address.whole(address.page());
    }
    let parts: Vec<&str> = address.segments().collect();
    match parts.as_slice() {
        ["intent", "user" | "follow"] => {
            if let Some(handle) = address.parameter("screen_name") {
                return format!("twitter.com/{handle}");
            }
        }
        [first, ..] if !hosts::is_twitter_page(first) => {
            return joined("twitter.com", &[handle_of(first)]);
        }
        _ => {}
    }
    address.whole(joined("twitter.com", &parts))
}

/// A page of Facebook.
pub(in crate::enrichment) fn facebook(value: &str) -> String {
    let mut text = decoded(value);
    let handle = text.trim_start_matches('@');
    if !handle.is_empty() && handle.bytes().all(|b| b.is_ascii_alphanumeric()) {
        text = format!("facebook.com/{handle}");
    }
    let Some(address) = Address::read(&text) else {
        return text;
    };
    let is_spelling = |front: &str| {
        matches!(front, "www" | "m" | "web" | "mbasic" | "touch" | "mobile")
            || hosts::is_locale(front)
    };
    if !(address.is_of("facebook.com", is_spelling) || address.is_of("fb.com", is_spelling)) {
        return address.whole(address.page());
    }
    let parts: Vec<&str> = address.segments().collect();
    let of_id = |id: &str| format!("facebook.com/profile.php?id={id}");
    let is_number = |text: &str| text.len() > 4 && text.bytes().all(|b| b.is_ascii_digit());
    match (parts.as_slice(), address.parameter("id")) {
        (["profile.php"], Some(id)) => of_id(&id),
        (["people", _, id, ..], _) if is_number(id) => of_id(id),
        ([id], _) if is_number(id) => of_id(id),
        ([name, part], _) if hosts::is_part_of_facebook_page(part) => {
            joined("facebook.com", &[name])
        }
        ([first, ..], _) if hosts::is_facebook_page(first) => {
            address.whole(joined("facebook.com", &parts))
        }
        ([], _) => address.whole(joined("facebook.com", &parts)),
        _ => joined("facebook.com", &parts),
    }
}

/// A domain as its ASCII form; as it is where it has none.
fn ascii_domain(domain: &str) -> Cow<'_, str> {
    if domain.is_ascii() {
        return Cow::Borrowed(domain);
    }
    idna::domain_to_ascii(domain).map_or(Cow::Borrowed(domain), Cow::Owned)
}

/// A text and what follows from the first of some characters of ASCII on.
fn cut<'a>(text: &'a str, at: &[u8]) -> (&'a str, &'a str) {
    text.bytes()
        .position(|byte| at.contains(&byte))
        .and_then(|at| text.split_at_checked(at))
        .unwrap_or((text, ""))
}

/// A handle without the sign before it, which may be encoded.
fn handle_of(text: &str) -> &str {
    text.trim_start_matches("%40").trim_start_matches('@')
}

fn is_handle(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn joined(host: &str, parts: &[&str]) -> String {
    let mut text = host.to_owned();
    for part in parts {
        text.push('/');
        text.push_str(part);
    }
    text
}

/// A host without `www.`, the port that is meant anyway and the root's dot, in ASCII.
fn plain_host(host: &str) -> Cow<'_, str> {
    let ascii = ascii_domain(host);
    match ascii {
        Cow::Borrowed(host) => Cow::Borrowed(without_spelling(host)),
        Cow::Owned(host) => Cow::Owned(without_spelling(&host).to_owned()),
    }
}

fn without_spelling(host: &str) -> &str {
    let host = match host.rsplit_once(':') {
        Some((name, "" | "80" | "443")) => name,
        _ => host,
    };
    let mut host = host.trim_end_matches('.');
    // `www.com` is a name, and not `com`.
    while let Some(rest) = host.strip_prefix("www.").filter(|rest| rest.contains('.')) {
        host = rest;
    }
    host
}

/// Folded, with every percent-encoded byte that needs no encoding as its character (RFC 3986,
/// 6.2.2.2), and every character of another script as itself, so that both are folded alike.
pub(super) fn decoded(value: &str) -> String {
    let text = folded(value);
    if !text.contains('%') {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut bytes: Vec<u8> = Vec::new();
    let mut rest = text.as_str();
    loop {
        let (front, tail) = cut(rest, b"%");
        if !front.is_empty() {
            flush(&mut bytes, &mut out);
            out.push_str(front);
        }
        let Some(behind) = tail.strip_prefix('%') else {
            flush(&mut bytes, &mut out);
            break;
        };
        let Some((byte, behind)) = hex_pair(behind) else {
            flush(&mut bytes, &mut out);
            out.push('%');
            rest = behind;
            continue;
        };
        rest = behind;
        if byte >= 0x80 {
            bytes.push(byte);
            continue;
        }
        flush(&mut bytes, &mut out);
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            push_encoded(&mut out, byte);
        }
    }
    folded(&out)
}

/// What the bytes spell in UTF-8; bytes that spell nothing stay encoded.
fn flush(bytes: &mut Vec<u8>, out: &mut String) {
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            push_encoded(out, *byte);
        }
    }
    bytes.clear();
}

fn push_encoded(out: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(out, "%{byte:02X}");
}

fn hex_pair(text: &str) -> Option<(u8, &str)> {
    let (pair, rest) = text.split_at_checked(2)?;
    let is_hex = pair.bytes().all(|b| b.is_ascii_hexdigit());
    let byte = u8::from_str_radix(pair, 16).ok().filter(|_| is_hex)?;
    Some((byte, rest))
}

/// A path as it is written: everything encoded that must be, and hexadecimal digits as capitals
/// (RFC 3986, 6.2.2.1). Expects a [`decoded`] text.
fn encoded(path: &str) -> Cow<'_, str> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@[]?".contains(&b);
    if path.bytes().all(is_plain) {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len() + 8);
    let mut rest = path;
    loop {
        let (front, tail) = cut(rest, b"%");
        out.extend(utf8_percent_encode(front, ENCODED));
        let Some(behind) = tail.strip_prefix('%') else {
            return Cow::Owned(out);
        };
        match hex_pair(behind) {
            Some((byte, behind)) => {
                push_encoded(&mut out, byte);
                rest = behind;
            }
            None => {
                out.push_str("%25");
                rest = behind;
            }
        }
    }
}
