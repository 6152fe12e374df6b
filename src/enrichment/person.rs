//! A person where nobody looks for one: in a text that is no input, or in an input of another kind.
//!
//! A request is known by the address in its address field. The same address in the field of the website,
//! or in the middle of a note, names the same person and would be sent and kept all the same.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::doubt;
use super::draft::Draft;
use super::field::{Field, Nature};
use super::identity::{canonical, is_same_name};
use crate::base::EnrichmentKind;

const PEOPLE: EnrichmentKind = EnrichmentKind::People;

/// The addresses, pages and names of a person, as they are compared.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    wanted: Vec<(Field, String)>,
    names: Vec<String>,
}

impl Texts {
    /// What drafts of one person give.
    pub fn of<'a>(drafts: impl IntoIterator<Item = &'a Draft>) -> Self {
        let mut texts = Self::default();
        for draft in drafts {
            for (field, value) in draft.given() {
                let value = canonical(draft.kind, field, &value);
                if field.names_somebody() {
                    texts.wanted.push((field, value));
                } else if field == Field::Name {
                    texts.names.push(value);
                }
            }
        }
        texts
    }

    /// Whether an address or a page is a text somewhere in a value, as a whole: what only speaks of
    /// somebody is not about them.
    pub fn are_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.is(text),
            Value::Array(values) => values.iter().any(|value| self.are_in(value)),
            Value::Object(map) => map.values().any(|value| self.are_in(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// The cells of a row, a JSON array, without those in which an address or a page stands, alone or in
    /// a longer text, and how many these were; `None` where none does. Of a cell that is itself JSON, the
    /// texts in it are emptied.
    pub fn without(&self, cells: &str) -> Option<(String, u64)> {
        if self.wanted.is_empty() {
            return None;
        }
        let mut cells: Vec<String> = serde_json::from_str(cells).ok()?;
        let mut gone = 0;
        for cell in &mut cells {
            if cell.trim_start().starts_with(['{', '['])
                && let Ok(mut line) = serde_json::from_str(cell)
            {
                let taken = self.take(&mut line, Self::is_in);
                if taken > 0 {
                    *cell = line.to_string();
                    gone += taken;
                }
            } else if self.is_in(cell) {
                cell.clear();
                gone += 1;
            }
        }
        (gone > 0).then(|| (Value::from(cells).to_string(), gone))
    }

    /// What a request gave, a JSON object, without the texts that name somebody; `None` where none does.
    pub fn without_inputs(&self, inputs: &str) -> Option<String> {
        let mut value: Value = serde_json::from_str(inputs).ok()?;
        (self.take(&mut value, Self::is_in) > 0).then(|| value.to_string())
    }

    /// What a run says of its file, as JSON, without the texts that name somebody, names included: a
    /// file without a header has the first person in its place.
    pub fn without_names(&self, text: &str) -> Option<(String, u64)> {
        let mut value: Value = serde_json::from_str(text).ok()?;
        let taken = self.take(&mut value, |texts, text| {
            texts.is_in(text) || texts.is_name(text)
        });
        (taken > 0).then(|| (value.to_string(), taken))
    }

    /// Empties the texts in a value that are theirs; how many.
    fn take(&self, value: &mut Value, is_theirs: fn(&Self, &str) -> bool) -> u64 {
        match value {
            Value::String(text) if is_theirs(self, text) => {
                text.clear();
                1
            }
            Value::Array(values) => values.iter_mut().map(|v| self.take(v, is_theirs)).sum(),
            Value::Object(map) => {
                let names: Vec<String> = map.keys().cloned().collect();
                let mut taken = map.values_mut().map(|v| self.take(v, is_theirs)).sum();
                if names.iter().any(|name| is_theirs(self, name)) {
                    let members = std::mem::take(map);
                    for (name, value) in members {
                        let is_gone = is_theirs(self, &name);
                        taken += u64::from(is_gone);
                        map.insert(if is_gone { nameless(map) } else { name }, value);
                    }
                }
                taken
            }
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        }
    }

    /// Whether one of them stands in a text.
    fn is_in(&self, text: &str) -> bool {
        words(text).any(|word| self.is(word))
            || inside(text).iter().any(|(field, value)| {
                let value = canonical(PEOPLE, *field, value);
                self.wanted
                    .iter()
                    .any(|(at, wanted)| at == field && *wanted == value)
            })
    }

    fn is(&self, text: &str) -> bool {
        let text = plain(text);
        let mut wanted = self.wanted.iter();
        wanted.any(|(field, wanted)| {
            may_be(*field, &text) && canonical(PEOPLE, *field, &text) == *wanted
        })
    }

    fn is_name(&self, text: &str) -> bool {
        let mut parts = text.split('"');
        parts.any(|part| {
            let name = canonical(PEOPLE, Field::Name, part);
            self.names.iter().any(|known| is_same_name(known, &name))
        })
    }
}

/// Whom a request names in the field of something else, or in the middle of a longer text: each as a
/// request that gives that alone.
pub fn named_elsewhere(draft: &Draft) -> Vec<Draft> {
    let mut found = Vec::new();
    for (place, value) in draft.given() {
        for (field, inside) in inside(&value) {
            if is_of(field, &inside) && !(place == field && inside == value) {
                found.push(alone(field, &inside));
            }
        }
        // Blanks and quotes that somebody left in an address.
        let squeezed: String = match place {
            Field::Email => value.split([' ', '"', '\'']).collect(),
            _ => String::new(),
        };
        for word in words(&value).chain(Some(squeezed.as_str())) {
            let word = plain(word);
            for field in Field::ALL
                .into_iter()
                .filter(|field| field.names_somebody())
            {
                let is_in_place = place == field && word == value;
                if is_in_place || !is_of(field, &word) {
                    continue;
                }
                found.push(alone(field, &word));
            }
        }
    }
    found
}

/// A name that is no name and that no other member has.
fn nameless(map: &serde_json::Map<String, Value>) -> String {
    let mut name = String::new();
    while map.contains_key(&name) {
        name.push('-');
    }
    name
}

/// A request that gives nothing else.
fn alone(field: Field, value: &str) -> Draft {
    let mut draft = Draft::new(PEOPLE, "");
    draft.set(field, value);
    draft
}

/// The addresses and pages in a text, whatever stands beside them: `smtp:ada@acme.example!` holds one.
fn inside(text: &str) -> Vec<(Field, String)> {
    if !text.contains(['@', '%', '\u{ff20}', '.']) {
        return Vec::new();
    }
    let text = plain(text).to_lowercase().replace('\\', "/");
    let text = percent_decode_str(&text).decode_utf8_lossy();
    let mut found = Vec::new();
    for (at, _) in text.match_indices('@') {
        let (front, back) = (text.get(..at), text.get(at + 1..));
        let is_local = |c: char| c.is_alphanumeric() || "._%+-'!#$&*/=?^`{|}~".contains(c);
        let front = front.unwrap_or_default();
        let local = front
            .rsplit(|c: char| !is_local(c))
            .next()
            .unwrap_or_default();
        let domain = back.unwrap_or_default();
        let domain = domain.split(|c: char| !(c.is_alphanumeric() || ".-".contains(c)));
        let domain = domain.into_iter().next().unwrap_or_default();
        let domain = domain.trim_end_matches(['.', '-']);
        // Most signs that an address may have stand around one in truth.
        let short = local.rsplit(|c: char| !(c.is_alphanumeric() || "._+-".contains(c)));
        let short = short.into_iter().next().unwrap_or_default();
        let bare = short.trim_start_matches(|c: char| !c.is_alphanumeric());
        for local in [local, short, bare] {
            let address = (Field::Email, format!("{local}@{domain}"));
            if !local.is_empty() && !found.contains(&address) {
                found.push(address);
            }
        }
    }
    let hosts = |field: Field| {
        field
            .input()
            .hosts
            .iter()
            .map(move |(host, _)| (host, field))
    };
    for (host, field) in Field::ALL.into_iter().flat_map(hosts) {
        for (at, _) in text.match_indices(*host) {
            let before = text.get(..at).and_then(|front| front.chars().next_back());
            let is_host = before.is_none_or(|c| !(c.is_alphanumeric() || c == '-'));
            let is_end = |c: char| c.is_whitespace() || c.is_control() || AROUND.contains(&c);
            let page = text.get(at..).unwrap_or_default();
            let page = page.split(is_end).next().unwrap_or_default();
            let page = match page.contains('?') {
                true => page,
                false => page.split('&').next().unwrap_or_default(),
            };
            if is_host {
                let page = page.trim_end_matches(|c: char| !c.is_alphanumeric());
                found.push((field, page.to_owned()));
            }
        }
    }
    found
}

/// A text as people mean it who have another keyboard.
fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\u{ff20}') {
        return Cow::Owned(text.replace('\u{ff20}', "@"));
    }
    Cow::Borrowed(text)
}

/// Whether a text is an address or a page that somebody can have.
fn is_of(field: Field, text: &str) -> bool {
    let is_like_it = match field.input().nature {
        Nature::Mail => may_be(field, text),
        // A handle may be any word; a page has its host.
        Nature::Page => field.input().hosts.iter().any(|(_, sign)| has(text, sign)),
        Nature::Site | Nature::Words => false,
    };
    is_like_it && doubt::word_of(PEOPLE, field, &canonical(PEOPLE, field, text)).is_none()
}

fn has(text: &str, part: &str) -> bool {
    text.contains('/') && text.to_ascii_lowercase().contains(part)
}

/// Signs that stand around a word.
const AROUND: [char; 14] = [
    ',', ';', '<', '>', '(', ')', '[', ']', '{', '}', '"', '\'', '|', '=',
];

/// A text as a whole, and each word of it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_between = |c: char| c.is_whitespace() || c.is_control() || AROUND.contains(&c);
    let words = text.split(is_between).filter(|word| !word.is_empty());
    let parts = words.filter(move |word| word.len() < text.len());
    std::iter::once(text).chain(parts)
}

/// Whether a text can be such a value at all: most are not, and need not be taken apart.
fn may_be(field: Field, text: &str) -> bool {
    match field.input().nature {
        Nature::Mail => text.contains(['@', '%']),
        Nature::Page => text.contains(['.', '/', '@']),
        Nature::Site | Nature::Words => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn texts() -> Texts {
        let mut draft = Draft::new(EnrichmentKind::People, "");
        draft.set(Field::Email, "Ada@Acme.example");
        draft.set(Field::Linkedin, "https://www.linkedin.com/in/ada");
        draft.set(Field::Name, "Ada");
        Texts::of([&draft])
    }

    #[rstest]
    #[case::deep(json!({"emails": [{"email": "ADA@acme.example"}]}), true)]
    #[case::a_page_in_another_spelling(json!({"social": "linkedin.com/in/ada/?trk=x"}), true)]
    #[case::somebody_else(json!({"email": "bob@acme.example"}), false)]
    #[case::a_name_names_nobody(json!({"name": "Ada"}), false)]
    #[case::a_longer_address(json!({"email": "nada@acme.example"}), false)]
    #[case::in_a_sentence(json!({"text": "write to ada@acme.example"}), false)]
    fn a_value_names_the_person_or_not(#[case] value: Value, #[case] does: bool) {
        assert_eq!(texts().are_in(&value), does);
    }

    #[rstest]
    #[case::a_cell(r#"["Bob","mailto:ada@acme.example","x"]"#, Some((r#"["Bob","","x"]"#, 1)))]
    #[case::a_line(r#"["{\"a\":\"ada@acme.example\",\"b\":9007199254740993}"]"#, Some((r#"["{\"a\":\"\",\"b\":9007199254740993}"]"#, 1)))]
    #[case::a_line_with_escapes(r#"["{\"a\":\"x\\tada\\u0040acme.example\\n\",\"b\":\"https:\\/\\/linkedin.com\\/in\\/ada\"}"]"#, Some((r#"["{\"a\":\"\",\"b\":\"\"}"]"#, 2)))]
    #[case::a_key(r#"["{\"ada@acme.example\":\"boss\",\"m\":{\"ADA@acme.example\":1}}"]"#, Some((r#"["{\"\":\"boss\",\"m\":{\"\":1}}"]"#, 2)))]
    #[case::with_a_word_before(r#"["smtp:ada@acme.example","Mail:ada@acme.example!"]"#, Some((r#"["",""]"#, 2)))]
    #[case::in_a_path(r#"["see https://x.example/ada@acme.example/p","https://x.example/#ada@acme.example"]"#, Some((r#"["",""]"#, 2)))]
    #[case::marked(r#"["*ada@acme.example*","_ada@acme.example_","~ada@acme.example","ada@acme.example?subject=x"]"#, Some((r#"["","","",""]"#, 4)))]
    #[case::a_page_with_more(r#"["linkedin.com/in/ada.","https:www.linkedin.com/in/ada!","https:\\\\www.linkedin.com\\in\\ada","x: linkedin.com/in/ada&trk=foo"]"#, Some((r#"["","","",""]"#, 4)))]
    #[case::a_page_in_a_page(r#"["google.com/url?q=https%3A%2F%2Fwww.linkedin.com%2Fin%2Fada","web.archive.org/web/2020/https://www.linkedin.com/in/ada"]"#, Some((r#"["",""]"#, 2)))]
    #[case::another_person(r#"["maria.ada@acme.example","ada@acme.example.org","notlinkedin.com/in/ada","linkedin.com/in/ada-b"]"#, None)]
    #[case::another_at(r#"["Ada＠Acme.example"]"#, Some((r#"[""]"#, 1)))]
    #[case::in_a_sentence(r#"["Bob","ask Ada <ada@acme.example>; soon"]"#, Some((r#"["Bob",""]"#, 1)))]
    #[case::a_longer_address(r#"["nada@acme.example","ada@acme.example.org"]"#, None)]
    #[case::nobody(r#"["Bob","bob@acme.example"]"#, None)]
    #[case::no_cells("{", None)]
    fn cells_that_name_the_person_are_emptied(
        #[case] cells: &str,
        #[case] left: Option<(&str, u64)>,
    ) {
        let left = left.map(|(left, gone)| (left.to_owned(), gone));
        assert_eq!(texts().without(cells), left);
    }

    #[rstest]
    #[case::a_header_that_is_a_row(r#"["Ada","ada@acme.example","Acme"]"#, Some((r#"["","","Acme"]"#, 2)))]
    #[case::a_constant(r#"{"name":"always \"Ada\"","email":"Mail"}"#, Some((r#"{"name":"","email":"Mail"}"#, 1)))]
    #[case::a_header(r#"["Name","Email"]"#, None)]
    fn what_a_run_says_of_its_file_names_nobody(
        #[case] said: &str,
        #[case] left: Option<(&str, u64)>,
    ) {
        let left = left.map(|(left, gone)| (left.to_owned(), gone));
        assert_eq!(texts().without_names(said), left);
    }

    fn with(kind: EnrichmentKind, field: Field, value: &str) -> Draft {
        let mut draft = Draft::new(kind, "");
        draft.set(field, value);
        draft
    }

    #[rstest]
    #[case::a_website(Field::Website, "ada@acme.example", &[(Field::Email, "ada@acme.example")])]
    #[case::a_link_of_a_mail(Field::Website, "mailto:ada@acme.example", &[(Field::Email, "mailto:ada@acme.example")])]
    #[case::a_name_with_it(Field::Name, "Ada (ada@acme.example)", &[(Field::Email, "ada@acme.example")])]
    #[case::two_in_one(Field::Email, "a@b.example; ada@acme.example", &[(Field::Email, "a@b.example"), (Field::Email, "ada@acme.example")])]
    #[case::a_page(Field::Website, "https://linkedin.com/in/ada", &[(Field::Linkedin, "https://linkedin.com/in/ada")])]
    #[case::another_at(Field::Email, "ada＠acme.example", &[(Field::Email, "ada@acme.example")])]
    #[case::quoted(Field::Email, "\"ada\"@acme.example", &[(Field::Email, "ada@acme.example")])]
    #[case::with_a_blank(Field::Email, "ada @acme.example", &[(Field::Email, "ada@acme.example")])]
    #[case::with_a_word_before(Field::Email, "smtp:ada@acme.example", &[(Field::Email, "ada@acme.example")])]
    #[case::with_a_sign_behind(Field::Email, "ada@acme.example!", &[(Field::Email, "ada@acme.example")])]
    #[case::with_a_subject(Field::Email, "ada@acme.example?subject=x", &[(Field::Email, "ada@acme.example")])]
    #[case::in_a_path(Field::Website, "https://x.example/u/ada@acme.example", &[(Field::Email, "ada@acme.example")])]
    #[case::asked_for(Field::Company, "ask ada@acme.example: Xco", &[(Field::Email, "ada@acme.example")])]
    #[case::a_page_with_a_sign(Field::Linkedin, "https://www.linkedin.com/in/ada!", &[(Field::Linkedin, "linkedin.com/in/ada")])]
    #[case::a_page_with_a_user(Field::Linkedin, "https://user@linkedin.com/in/ada", &[(Field::Linkedin, "linkedin.com/in/ada")])]
    #[case::in_its_place(Field::Email, "ada@acme.example", &[])]
    #[case::a_plain_website(Field::Website, "https://acme.example/about", &[])]
    #[case::a_plain_name(Field::Name, "Ada Lovelace", &[])]
    #[case::a_firm_with_the_sign(Field::Company, "Eat @ Joe's", &[])]
    fn whoever_is_named_in_another_place_is_found(
        #[case] field: Field,
        #[case] value: &str,
        #[case] named: &[(Field, &str)],
    ) {
        let found = named_elsewhere(&with(PEOPLE, field, value));

        let named: Vec<Draft> = named.iter().map(|(f, v)| with(PEOPLE, *f, v)).collect();
        for draft in &named {
            assert!(found.contains(draft), "{draft:?} in {found:?}");
        }
        assert_eq!(found.is_empty(), named.is_empty(), "{found:?}");
    }
}
