//! A row of a spreadsheet as it comes out of the clipboard: cells with tabulators between them, perhaps
//! with the header above.

use super::{MappingRequest, ReadOptions, preview};
use crate::base::EnrichmentKind;
use crate::enrichment::identity::cleaned;
use crate::enrichment::record::may_be_record;
use crate::enrichment::{Draft, Field, Nature, doubts, is_placeholder};

/// What some pasted text asks for, if it is one row of a spreadsheet with more than one value in it.
pub fn pasted(text: &str, kind: EnrichmentKind) -> Option<Draft> {
    // Terminals send a bare carriage return for each line break of a paste.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let draft = match lines.as_slice() {
        [row] if row.contains('\t') => by_content(row, kind),
        [header, _] if header.contains('\t') => by_header(&text, kind)?,
        _ => return None,
    };
    (draft.given().count() > 1).then_some(draft)
}

/// By the names above, as a file of the same text.
fn by_header(text: &str, kind: EnrichmentKind) -> Option<Draft> {
    let options = ReadOptions {
        delimiter: Some('\t'),
        mapping: MappingRequest {
            kind,
            ..MappingRequest::default()
        },
        ..ReadOptions::default()
    };
    let found = preview(text.as_bytes(), options, 1).ok()?;
    found.rows.into_iter().next().map(|row| row.draft)
}

/// By what each cell looks like: what can be nothing else first; of the others the first is the name.
fn by_content(row: &str, kind: EnrichmentKind) -> Draft {
    let mut draft = Draft::new(kind, "");
    let mut texts: Vec<String> = Vec::new();
    let mut fields = Field::of(kind).to_vec();
    fields.sort_by_key(|field| field.input().nature);
    let cells = row.split('\t').map(|cell| cleaned(cell.trim_matches('"')));
    for cell in cells.filter(|cell| !cell.is_empty() && !is_placeholder(cell)) {
        let is_new = |field: &Field| draft.value(*field).is_empty();
        let mut free = fields.iter().filter(|field| is_new(field));
        match free.find(|field| looks_like(**field, &cell, kind)) {
            Some(field) => draft.set(*field, &cell),
            None if draft.record_id.is_empty() && may_be_record(&cell) => {
                draft.record_id = cell.into_owned();
            }
            None => texts.push(cell.into_owned()),
        }
    }
    let is_word = |text: &String| !text.contains(' ') && text.chars().all(char::is_alphabetic);
    let names = match (kind, texts.as_slice()) {
        // A first and a last name stand in two cells.
        (EnrichmentKind::People, [first, last, _, ..]) if is_word(first) && is_word(last) => 2,
        _ => 1,
    };
    let names = names.min(texts.len());
    let rest = texts.split_off(names);
    draft.set(Field::Name, &texts.join(" "));
    if let (EnrichmentKind::People, Some(company)) = (kind, rest.first()) {
        draft.set(Field::Company, company);
    }
    draft
}

fn looks_like(field: Field, cell: &str, kind: EnrichmentKind) -> bool {
    let lower = cell.to_ascii_lowercase();
    let is_on = |host: &str| lower.contains(&format!("{host}/"));
    let is_shape = match field.input().nature {
        Nature::Page => field.input().hosts.iter().any(|(host, _)| is_on(host)),
        Nature::Mail => lower.contains('@'),
        Nature::Site => is_web_address(&lower),
        Nature::Words => false,
    };
    let mut draft = Draft::new(kind, "");
    draft.set(field, cell);
    is_shape && doubts(&draft).is_empty()
}

/// A host with a dot, or what begins as an address does; no `St. Gallen` and no `1.5`.
fn is_web_address(text: &str) -> bool {
    let host = text.split("://").last().unwrap_or(text);
    let host = host.split('/').next().unwrap_or(host);
    let end = host.rsplit('.').next().unwrap_or_default();
    let is_name = |c: char| c.is_alphanumeric() || "-.".contains(c);
    host.contains('.')
        && host.chars().all(is_name)
        && end.len() >= 2
        && end.chars().all(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const PEOPLE: EnrichmentKind = EnrichmentKind::People;

    #[rstest]
    #[case::plain("Ada Lovelace\tada@acme.example\tAcme Ltd", &[(Field::Name, "Ada Lovelace"), (Field::Email, "ada@acme.example"), (Field::Company, "Acme Ltd")])]
    #[case::two_names("Ada\tLovelace\tAcme Ltd\tCTO\tada@acme.example\r", &[(Field::Name, "Ada Lovelace"), (Field::Email, "ada@acme.example"), (Field::Company, "Acme Ltd")])]
    #[case::pages("https://www.linkedin.com/in/ada\tacme.example\tAda Lovelace", &[(Field::Name, "Ada Lovelace"), (Field::Website, "acme.example"), (Field::Linkedin, "https://www.linkedin.com/in/ada")])]
    #[case::nothing_between("ada@acme.example\t\t\tN/A\tAda Lovelace\n", &[(Field::Name, "Ada Lovelace"), (Field::Email, "ada@acme.example")])]
    #[case::with_the_header("E-mail\tFull Name\tFirma\nada@acme.example\tAda Lovelace\tAcme\n", &[(Field::Name, "Ada Lovelace"), (Field::Email, "ada@acme.example"), (Field::Company, "Acme")])]
    #[case::a_firm_with_a_dot("Ada Lovelace\tSt. Gallen AG\tada@acme.example", &[(Field::Name, "Ada Lovelace"), (Field::Email, "ada@acme.example"), (Field::Company, "St. Gallen AG")])]
    fn a_row_of_a_spreadsheet_becomes_inputs(
        #[case] text: &str,
        #[case] expected: &[(Field, &str)],
    ) {
        let draft = pasted(text, PEOPLE).unwrap();

        let given: Vec<(Field, String)> = draft
            .given()
            .map(|(field, value)| (field, value.into_owned()))
            .collect();
        let expected: Vec<(Field, String)> = expected
            .iter()
            .map(|(field, value)| (*field, (*value).to_owned()))
            .collect();
        assert_eq!(given, expected);
    }

    #[test]
    fn an_id_of_a_record_is_taken_for_one() {
        let draft = pasted(
            "zcrm_5725767000003019012\tAda Lovelace\tada@acme.example",
            PEOPLE,
        );

        assert_eq!(draft.unwrap().record(), "5725767000003019012");
    }

    #[rstest]
    #[case::a_word("Ada Lovelace")]
    #[case::a_line("Ada Lovelace, ada@acme.example")]
    #[case::one_cell("\tada@acme.example\t")]
    #[case::many_rows("a@b.example\tAda\nb@b.example\tBob\nc@b.example\tCy")]
    #[case::a_header_that_says_nothing("Wer\tWo\nAda\tBonn")]
    fn anything_else_is_text(#[case] text: &str) {
        assert_eq!(pasted(text, PEOPLE), None);
    }
}
