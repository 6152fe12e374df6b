//! Values that cannot be meant: what nobody is reached or found by, and yet stands in forms and
//! files. The API takes most of them and a unit is spent for nothing.
//!
//! Judged is the [canonical form](super::identity), so that no spelling hides a doubt; the API's
//! own patterns are not enforced. The lists are data.

mod lists;

use super::draft::Draft;
use super::field::Field;
use super::identity::{as_written, cleaned, is_at_or_below, is_twitter_page};
use super::record::record_id;
use super::validate::Place;
use crate::base::{EnrichmentKind, word_enum};

word_enum!(
    /// What is doubtful about a value.
    DoubtWord,
    "a doubt about a value",
    /// A word that stands for nothing: `NULL`, `N/A`, `-`.
    Placeholder = "placeholder",
    /// No address: not one `@` with a dot somewhere behind it.
    NotAnEmail = "not_an_email",
    /// Several addresses in one place.
    SeveralEmails = "several_emails",
    /// An address with a name, a remark or quotation marks around it.
    EmailWithMore = "email_with_more",
    /// A page where an address belongs.
    WebAddressAsEmail = "web_address_as_email",
    /// A telephone number where an address belongs.
    TelephoneAsEmail = "telephone_as_email",
    /// A mailbox that is typed where none is known.
    TestMailbox = "test_mailbox",
    /// An address where a name belongs.
    EmailAsName = "email_as_name",
    /// A name without a letter.
    NumberAsName = "number_as_name",
    /// A line that a report ends with, or a total of it.
    Note = "note",
    /// A letter was lost when the text changed its encoding.
    LostLetters = "lost_letters",
    /// An address of mail where a website belongs.
    EmailAsWebsite = "email_as_website",
    /// A page of another service than the one asked for.
    OtherHost = "other_host",
    /// The service without any page.
    HostAlone = "host_alone",
    /// The page of a company, a school or a group.
    NotAPerson = "not_a_person",
    /// What a search found.
    SearchPage = "search_page",
    /// A record's id that a spreadsheet rounded.
    RoundedId = "rounded_id",
    /// A record's id that a spreadsheet wrote with an exponent.
    ExponentId = "exponent_id",
);

impl DoubtWord {
    /// What is wrong and what to do, in one sentence.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Placeholder => "this stands for nothing: leave it empty",
            Self::NotAnEmail => {
                "this is no e-mail address: one @ is needed, and a dot somewhere behind it"
            }
            Self::SeveralEmails => "there are several addresses in it: give one of them",
            Self::EmailWithMore => {
                "there is more than an address in it: give the address alone, such as \
                 ada@acme.example"
            }
            Self::WebAddressAsEmail => {
                "this is the address of a page and not of a mailbox: give it as the website or \
                 the social page"
            }
            Self::TelephoneAsEmail => {
                "this is a telephone number, by which nobody is found: leave it out"
            }
            Self::TestMailbox => "this mailbox is nobody's: leave it out",
            Self::EmailAsName => "this is an e-mail address and no name: give it as the email",
            Self::NumberAsName => "there is no letter in this name: correct it, or leave it out",
            Self::Note => "this is a line of a report and nobody's name: leave the row out",
            Self::LostLetters => {
                "a letter was lost here before: export the file again as UTF-8, or write the name \
                 out"
            }
            Self::EmailAsWebsite => {
                "this is an e-mail address and no website: give it as the email"
            }
            Self::OtherHost => {
                "this is a page of another service: give it where it belongs, or leave it out"
            }
            Self::HostAlone => {
                "this is the service and nobody's page: give the page with the name in it"
            }
            Self::NotAPerson => {
                "this is the page of a company, a school or a group: give the person's own page"
            }
            Self::SearchPage => {
                "this is a page of search results: open the right one and give its address"
            }
            Self::RoundedId => {
                "this id was rounded by a spreadsheet: format the column as text and export again"
            }
            Self::ExponentId => {
                "this id was rounded and written with an exponent by a spreadsheet: format the \
                 column as text and export again"
            }
        }
    }
}

/// One thing that is doubtful about a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Where.
    pub place: Place,
    /// What.
    pub word: DoubtWord,
    /// What is wrong and what to do, in one sentence.
    pub hint: String,
}

impl Doubt {
    fn new(place: Place, word: DoubtWord) -> Self {
        Self {
            place,
            word,
            hint: word.hint().to_owned(),
        }
    }
}

/// Everything that is doubtful about a draft, the record's id first.
pub fn doubts(draft: &Draft) -> Vec<Doubt> {
    let record = of_record_id(&record_id(&draft.record_id));
    let inputs = Field::of(draft.kind).iter().filter_map(|field| {
        let value = draft.value(*field);
        if cleaned(value).is_empty() {
            return None;
        }
        // What is around an address is no part of whom it names, and is sent all the same.
        let word = word_of(draft.kind, *field, &as_written(*field, value))?;
        Some(Doubt::new(Place::Input(*field), word))
    });
    record
        .map(|word| Doubt::new(Place::RecordId, word))
        .into_iter()
        .chain(inputs)
        .collect()
}

/// Digits that a spreadsheet keeps of a number.
const SPREADSHEET_DIGITS: usize = 15;

/// What is doubtful about a record's id.
pub(super) fn of_record_id(id: &str) -> Option<DoubtWord> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some((front, power)) = id.split_once(['e', 'E']) {
        let power = power.strip_prefix('+').unwrap_or(power);
        let digits: String = front.chars().filter(|c| !matches!(c, '.' | ',')).collect();
        return (is_digits(&digits) && is_digits(power)).then_some(DoubtWord::ExponentId);
    }
    // A single zero ends every tenth id; two and more behind the fifteenth digit are no chance.
    let lost = id.get(SPREADSHEET_DIGITS..).unwrap_or_default();
    let is_rounded = is_digits(id) && lost.len() >= 2 && lost.bytes().all(|b| b == b'0');
    is_rounded.then_some(DoubtWord::RoundedId)
}

/// Whether a text holds nothing but a word or signs that stand for nothing.
pub fn is_placeholder(value: &str) -> bool {
    let value = cleaned(value);
    // `NA` is what R writes, and Na is a family.
    value == "NA" || is_nothing(&value.to_lowercase())
}

fn is_nothing(lower: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_punctuation() || matches!(c, '\u{2010}'..='\u{2015}');
    lists::NOTHING.contains(&lower) || (!lower.is_empty() && lower.chars().all(is_sign))
}

/// What is doubtful about a canonical value that is not empty.
pub(super) fn word_of(kind: EnrichmentKind, field: Field, value: &str) -> Option<DoubtWord> {
    if is_nothing(value) || value == "na" {
        return Some(DoubtWord::Placeholder);
    }
    match field {
        Field::Name => name(kind, value),
        Field::Company if is_note(value) => Some(DoubtWord::Note),
        Field::Company => is_garbled(value).then_some(DoubtWord::LostLetters),
        Field::Email => email(value),
        Field::Website => {
            let (host, _) = value.split_once('/').unwrap_or((value, ""));
            host.contains('@').then_some(DoubtWord::EmailAsWebsite)
        }
        Field::Linkedin => linkedin(value),
        Field::Twitter => twitter(value),
        Field::Facebook => facebook(value),
    }
}

/// Whether a letter of a value was lost before it came here: then its encoding is no matter of language.
pub(super) fn has_lost_letters(kind: EnrichmentKind, field: Field, value: &str) -> bool {
    word_of(kind, field, &as_written(field, value)) == Some(DoubtWord::LostLetters)
}

fn name(kind: EnrichmentKind, value: &str) -> Option<DoubtWord> {
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

fn email(value: &str) -> Option<DoubtWord> {
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

fn linkedin(value: &str) -> Option<DoubtWord> {
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

fn twitter(value: &str) -> Option<DoubtWord> {
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

fn facebook(value: &str) -> Option<DoubtWord> {
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

#[cfg(test)]
mod tests;
