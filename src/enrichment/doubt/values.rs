//! What is doubtful about a canonical value of each sort.

use super::lists;
use super::word::DoubtWord;
use crate::base::EnrichmentKind;
use crate::enrichment::identity::hosts::{is_at_or_below, is_twitter_page};

pub(super) fn is_nothing(lower: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_punctuation() || matches!(c, '\u{2010}'..='\u{2015}');
    lists::NOTHING.contains(&lower) || (!lower.is_empty() && lower.chars().all(is_sign))
}

pub(in crate::enrichment) fn name(kind: EnrichmentKind, value: &str) -> Option<DoubtWord> {
    let is_email = match kind {
        EnrichmentKind::People => value.contains('@'),
        // Some firms have the sign in their name.
        EnrichmentKind::Org => value.contains('@') && email(value).is_none(),
    };
    if is_email {
        return Some(DoubtWord::EmailAsName);
    }
    if is_note(value) || (kind == EnrichmentKind::People && value == "total") {
        return Some(DoubtWord::Note);
    }
    let is_garbled = match kind {
        EnrichmentKind::People => value.contains(['?', '\u{fffd}']),
        EnrichmentKind::Org => is_garbled(value),
    };
    if is_garbled {
        return Some(DoubtWord::LostLetters);
    }
    let is_number = kind == EnrichmentKind::People && !value.chars().any(char::is_alphabetic);
    is_number.then_some(DoubtWord::NumberAsName)
}

pub(in crate::enrichment) fn company(value: &str) -> Option<DoubtWord> {
    if is_note(value) {
        return Some(DoubtWord::Note);
    }
    is_garbled(value).then_some(DoubtWord::LostLetters)
}

pub(in crate::enrichment) fn website(value: &str) -> Option<DoubtWord> {
    let (host, _) = value.split_once('/').unwrap_or((value, ""));
    host.contains('@').then_some(DoubtWord::EmailAsWebsite)
}

/// Whether a canonical text begins as the last lines of reports do.
fn is_note(value: &str) -> bool {
    let is_page = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    lists::NOTES.iter().any(|start| value.starts_with(start))
        || value.strip_prefix("page ").is_some_and(is_page)
}

/// Whether a letter became a sign: a question mark may end the name of a firm, and stands inside
/// a word only by mistake.
fn is_garbled(value: &str) -> bool {
    let parts: Vec<&str> = value.split('?').collect();
    let is_inside = |pair: &[&str]| {
        matches!(pair, [front, back]
            if front.chars().next_back().is_some_and(char::is_alphabetic)
                && back.chars().next().is_some_and(char::is_alphabetic))
    };
    value.contains('\u{fffd}') || parts.windows(2).any(is_inside)
}

pub(in crate::enrichment) fn email(value: &str) -> Option<DoubtWord> {
    let ats = value.matches('@').count();
    let before_at = value.split('@').next().unwrap_or(value);
    if value.contains("://") || value.starts_with("www.") || is_page(before_at) {
        return Some(DoubtWord::WebAddressAsEmail);
    }
    if ats == 0 {
        let word = if is_telephone(value) {
            DoubtWord::TelephoneAsEmail
        } else {
            DoubtWord::NotAnEmail
        };
        return Some(word);
    }
    let has_separator = value.contains([';', ',', '|', ' ', '/']);
    if value.contains(';') || (ats > 1 && has_separator) {
        return Some(DoubtWord::SeveralEmails);
    }
    let is_quoted = value.starts_with(['\'', '"', '`', '\u{2018}', '\u{201c}'])
        || value.ends_with(['\'', '"', '`', '\u{2019}', '\u{201d}']);
    if is_quoted || value.contains(['<', '>', '(', ')', '[', ']', ',']) {
        return Some(DoubtWord::EmailWithMore);
    }
    let Some((local, domain)) = value.split_once('@').filter(|_| ats == 1) else {
        return Some(DoubtWord::NotAnEmail);
    };
    let is_domain = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    if local.is_empty() || !is_domain || value.contains(char::is_whitespace) {
        return Some(DoubtWord::NotAnEmail);
    }
    is_test(local, domain).then_some(DoubtWord::TestMailbox)
}

/// A host with a path: something dotted before a slash.
fn is_page(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(host, _)| host.contains('.'))
}

fn is_telephone(text: &str) -> bool {
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_usual = |c: char| c.is_ascii_digit() || " +-()./x#".contains(c);
    digits >= 6 && text.chars().all(is_usual)
}

fn is_test(local: &str, domain: &str) -> bool {
    let label = domain.split('.').next().unwrap_or(domain);
    lists::NO_MAILBOX.contains(&local)
        || (local == label && lists::TEST_WORDS.contains(&local))
        || (lists::TEST_WORDS.contains(&local) && lists::TEST_DOMAINS.contains(&domain))
}

/// The host and the segments of a canonical page; `None` for a word that is no address.
fn page(value: &str) -> Option<(&str, Vec<&str>)> {
    let front = value.split(['?', '#']).next().unwrap_or(value);
    let (host, path) = front.split_once('/').unwrap_or((front, ""));
    // Where the query names the person, it is part of the page.
    let path = match path {
        "profile.php" | "profile/view" => value.split_once('/').map_or(path, |(_, all)| all),
        _ => path,
    };
    let is_address = host.contains(['.', '@', ':']) || value.contains('/');
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    is_address.then(|| (host, segments.collect()))
}

pub(in crate::enrichment) fn linkedin(value: &str) -> Option<DoubtWord> {
    let (host, segments) = page(value)?;
    if !is_at_or_below(host, "linkedin.com") {
        return Some(DoubtWord::OtherHost);
    }
    match segments.as_slice() {
        [] | ["in" | "pub" | "profile"] | ["profile", "view"] => Some(DoubtWord::HostAlone),
        ["search", ..] | ["pub", "dir", ..] | ["sales", "search", ..] => {
            Some(DoubtWord::SearchPage)
        }
        [first, ..] if lists::LINKEDIN_OTHERS.contains(first) => Some(DoubtWord::NotAPerson),
        ["in", name] if is_nothing(name) => Some(DoubtWord::Placeholder),
        _ => None,
    }
}

pub(in crate::enrichment) fn twitter(value: &str) -> Option<DoubtWord> {
    let (host, segments) = page(value)?;
    if !is_at_or_below(host, "twitter.com") {
        return Some(DoubtWord::OtherHost);
    }
    match segments.as_slice() {
        [] => Some(DoubtWord::HostAlone),
        ["search" | "hashtag" | "explore", ..] => Some(DoubtWord::SearchPage),
        ["i", "user", _] => None,
        [first, ..] if is_twitter_page(first) => Some(DoubtWord::NotAPerson),
        [handle] if is_nothing(handle) => Some(DoubtWord::Placeholder),
        _ => None,
    }
}

pub(in crate::enrichment) fn facebook(value: &str) -> Option<DoubtWord> {
    let (host, segments) = page(value)?;
    if !is_at_or_below(host, "facebook.com") {
        return Some(DoubtWord::OtherHost);
    }
    match segments.as_slice() {
        [] | ["profile.php" | "people" | "home.php"] => Some(DoubtWord::HostAlone),
        ["search" | "hashtag" | "public", ..] => Some(DoubtWord::SearchPage),
        [first, ..] if lists::FACEBOOK_OTHERS.contains(first) => Some(DoubtWord::NotAPerson),
        [name] if is_nothing(name) => Some(DoubtWord::Placeholder),
        _ => None,
    }
}
