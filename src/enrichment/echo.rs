//! What a server tells that a job was made of, beside what was sent.
//!
//! No source says that the echo is exact: a server may normalise, shorten, hide or leave out what it
//! was given. So an input speaks against a job only where both sides can be read and mean something
//! else; what is missing, null, empty, masked or cut says nothing.

use serde_json::Value;

use super::doubt;
use super::draft::Draft;
use super::field::{Field, Nature};
use super::identity::{canonical, cleaned, decomposed, is_mark, is_same_name};
use crate::base::EnrichmentKind;

/// How an echo stands to what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Every input that was sent is told, and nothing else.
    Exact,
    /// Some inputs are equal and none differs.
    Same,
    /// Some are equal and some differ.
    Mixed,
    /// Nothing can be compared.
    Unreadable,
    /// None is equal and at least one differs: somebody else was asked about.
    Other,
}

impl Likeness {
    /// Whether nothing that can be read speaks against it, and something for it.
    pub fn is_match(self) -> bool {
        matches!(self, Self::Exact | Self::Same)
    }
}

/// How what a server tells of a job stands to what was sent.
pub fn likeness(sent: &Draft, told: &Value) -> Likeness {
    let kind = sent.kind;
    let (mut equal, mut differing, mut open) = (0, 0, 0);
    let told = Field::asked(kind, told);
    for field in Field::of(kind) {
        let mine = cleaned(sent.value(*field));
        let theirs = told.iter().find(|(of, _)| of == field);
        match (mine.is_empty(), theirs) {
            (true, None) => {}
            (false, Some((_, theirs))) => match compare(kind, *field, (&mine, theirs)) {
                Some(true) => equal += 1,
                Some(false) => differing += 1,
                None => open += 1,
            },
            // What only one side has is no difference, but then the echo is not exact.
            (true, Some(_)) | (false, None) => open += 1,
        }
    }
    match (equal, differing, open) {
        (0, 0, _) => Likeness::Unreadable,
        (0, _, _) => Likeness::Other,
        (_, 0, 0) => Likeness::Exact,
        (_, 0, _) => Likeness::Same,
        (_, _, _) => Likeness::Mixed,
    }
}

/// What can be read of an echo, as a draft without module and record.
pub fn readable(kind: EnrichmentKind, told: &Value) -> Draft {
    let mut draft = Draft::new(kind, "");
    for (field, value) in Field::asked(kind, told) {
        if !is_masked(&value) {
            draft.set(field, &value);
        }
    }
    draft
}

/// Whether two values mean the same; `None` where that cannot be told.
fn compare(kind: EnrichmentKind, field: Field, (sent, told): (&str, &str)) -> Option<bool> {
    let plain = without_entities(told);
    let told = plain.as_str();
    let (mine, theirs) = (canonical(kind, field, sent), canonical(kind, field, told));
    if mine == theirs || (field == Field::Name && is_same_name(&mine, &theirs)) {
        return Some(true);
    }
    // A name may be told shortened, with a title, or with other letters: one word in common is enough
    // to say nothing against it.
    if field.input().nature == Nature::Words && has_word_in_common(&mine, &theirs) {
        return None;
    }
    let is_hidden = is_masked(told) || doubt::word_of(kind, field, &theirs).is_some();
    let is_cut = is_part(&mine, &theirs)
        || is_part(&sent.to_lowercase(), &cleaned(told).to_lowercase())
        || is_part(&bare(sent), &bare(told));
    (!is_hidden && !is_cut).then_some(false)
}

/// The text as it was before something wrote it for a page of HTML.
fn without_entities(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, letter);
    }
    plain
}

/// Whether two names have a word in common, or one that begins like a word of the other.
fn has_word_in_common(one: &str, other: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let plain = unaccented(text);
        let words = plain.split(|c: char| !c.is_alphanumeric());
        let mut words: Vec<String> = words.filter(|w| !w.is_empty()).map(str::to_owned).collect();
        // Written without its blanks it is one word.
        words.push(words.concat());
        words
    };
    let (one, other) = (words(one), words(other));
    one.iter()
        .any(|word| other.iter().any(|other| is_part(word, other)))
}

/// The text in small letters without the marks on them.
fn unaccented(text: &str) -> String {
    let text = text.to_lowercase();
    let text = decomposed(&text);
    text.chars().filter(|c| !is_mark(*c)).collect()
}

/// Whether one text is the beginning of the other.
fn is_part(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// An address without what may stand before it, in small letters.
fn bare(text: &str) -> String {
    let text = cleaned(text).to_lowercase();
    let mut rest = text.as_str();
    for front in ["https://", "http://", "www."] {
        rest = rest.strip_prefix(front).unwrap_or(rest);
    }
    rest.trim_end_matches('/').to_owned()
}

/// Whether characters were replaced so that nobody can read them.
fn is_masked(text: &str) -> bool {
    text.contains(['*', '\u{2022}', '\u{25cf}', '\u{2026}', '\u{fffd}']) || text.contains("...")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn ada() -> Draft {
        let mut draft = Draft::new(EnrichmentKind::People, "Leads");
        draft.set(Field::Name, "Ada Lovelace");
        draft.set(Field::Email, "ada@acme.example");
        draft.set(Field::Website, "https://www.acme.example/");
        draft
    }

    fn told() -> Value {
        json!({"name": "Ada Lovelace", "email": "ada@acme.example",
            "company": {"website": "https://www.acme.example/"}})
    }

    #[rstest]
    #[case::as_it_was_sent(told(), Likeness::Exact)]
    #[case::another_case(json!({"name": "ADA LOVELACE", "email": "ADA@ACME.EXAMPLE",
        "company": {"website": "HTTPS://ACME.EXAMPLE"}}), Likeness::Exact)]
    #[case::another_order_of_the_name(json!({"name": "Lovelace, Ada", "email": "ada@acme.example",
        "company": {"website": "acme.example"}}), Likeness::Exact)]
    #[case::nulls_and_more(json!({"name": "Ada Lovelace", "email": null, "source": "API",
        "company": {"website": "acme.example", "name": null}, "social": null}), Likeness::Same)]
    #[case::something_more(json!({"name": "Ada Lovelace", "email": "ada@acme.example",
        "company": {"website": "acme.example", "name": "Acme"}}), Likeness::Same)]
    #[case::one_is_left(json!({"name": "Ada Lovelace"}), Likeness::Same)]
    #[case::one_differs(json!({"name": "Ada Lovelace", "email": "al@other.example"}), Likeness::Mixed)]
    #[case::nothing_is_told(json!({}), Likeness::Unreadable)]
    #[case::no_object(Value::Null, Likeness::Unreadable)]
    #[case::masked(json!({"name": "A***", "email": "a***@acme.example"}), Likeness::Unreadable)]
    #[case::cut(json!({"name": "Ada", "email": "ada@acme", "company": {"website": "https://www.ac"}}),
        Likeness::Unreadable)]
    #[case::nothing_in_common(json!({"company": {"name": "Acme"}}), Likeness::Unreadable)]
    #[case::a_placeholder(json!({"name": "n/a", "email": "hidden"}), Likeness::Unreadable)]
    #[case::written_for_a_page(json!({"name": "Ada Lovelace", "email": "ada&#64;acme.example"}),
        Likeness::Same)]
    #[case::with_a_title(json!({"name": "Mrs. Lovelace"}), Likeness::Unreadable)]
    #[case::initials(json!({"name": "A. L."}), Likeness::Unreadable)]
    #[case::without_blanks(json!({"name": "AdaLovelace"}), Likeness::Unreadable)]
    #[case::somebody_else(json!({"name": "Lin Chen", "email": "lin@acme.example"}), Likeness::Other)]
    #[case::somebody_else_masked(json!({"name": "Lin Chen", "email": "l***@acme.example"}),
        Likeness::Other)]
    fn an_echo_speaks_against_a_job_only_where_it_can_be_read(
        #[case] told: Value,
        #[case] expected: Likeness,
    ) {
        assert_eq!(likeness(&ada(), &told), expected);
    }

    #[rstest]
    #[case::entities("Smith-O&#39;Hara", "Acme &amp; Sons Inc", Likeness::Exact)]
    #[case::quotes("\"Zoë Smith-O'Hara\"", "Acme & Sons Inc.", Likeness::Same)]
    #[case::other_letters("Zoe Smith O Hara", "acme sons", Likeness::Unreadable)]
    #[case::somebody_else("Kim Lee", "Initech", Likeness::Other)]
    fn a_name_may_be_told_in_another_way(
        #[case] name: &str,
        #[case] company: &str,
        #[case] expected: Likeness,
    ) {
        let mut sent = Draft::new(EnrichmentKind::People, "Leads");
        let first = if name.starts_with("Smith") {
            ""
        } else {
            "Zoë "
        };
        sent.set(Field::Name, &format!("{first}Smith-O'Hara"));
        sent.set(Field::Company, "Acme & Sons Inc");

        let told = json!({"name": name, "company": {"name": company}});

        let found = likeness(&sent, &told);
        let is_right =
            found == expected || (expected == Likeness::Same && found != Likeness::Other);
        assert!(is_right, "{found:?}");
    }

    #[test]
    fn what_is_masked_is_not_read() {
        let draft = readable(
            EnrichmentKind::People,
            &json!({"name": "Ada L\u{2026}", "email": "ada@acme.example", "x": "y"}),
        );

        assert_eq!(draft.inputs_json(), r#"{"email":"ada@acme.example"}"#);
    }

    proptest! {
        /// Whatever a server cuts off, in whatever case, its job is never called somebody else's.
        #[test]
        fn an_echo_that_is_cut_excludes_nothing(
            name in "[A-Z][a-z]{1,8} [A-Z][a-z]{1,8}",
            mailbox in "[a-z]{1,8}",
            handle in "[a-z]{3,10}",
            cut in 1_usize..40,
            capitals in any::<bool>(),
        ) {
            let mut sent = Draft::new(EnrichmentKind::People, "Leads");
            sent.set(Field::Name, &name);
            sent.set(Field::Email, &format!("{mailbox}@acme.example"));
            sent.set(Field::Linkedin, &format!("https://www.linkedin.com/in/{handle}"));
            let shown = |text: &str| -> String {
                let text: String = text.chars().take(cut).collect();
                if capitals { text.to_uppercase() } else { text }
            };
            let told = json!({
                "name": shown(sent.value(Field::Name)),
                "email": shown(sent.value(Field::Email)),
                "social": {"linkedin": shown(sent.value(Field::Linkedin))},
            });

            prop_assert_ne!(likeness(&sent, &told), Likeness::Other);
        }
    }
}
