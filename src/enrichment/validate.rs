//! What the server would refuse, found before a byte is sent.
//!
//! The checks run in the server's order, so that the first violation is the one the server would
//! answer; a differential test holds this against the simulator. Local checks advise and the
//! server decides: an [`Severity::Error`] can be forced, a [`Severity::Warning`] only speaks.

use super::field::Field;
use crate::base::limits::{INPUT_CHARS_MIN, NAME_CHARS_MAX, ORG_NAME_CHARS_MAX};
use crate::base::{EnrichmentKind, ErrorCode, ModuleName, RecordId};

use super::draft::Draft;

/// Where a violation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The module.
    Module,
    /// The record id.
    RecordId,
    /// One input.
    Input(Field),
    /// The inputs as a whole.
    Inputs,
}

impl Place {
    /// The word of JSON and of the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::RecordId => "record_id",
            Self::Input(field) => field.as_str(),
            Self::Inputs => "enrich_based_on",
        }
    }
}

/// How sure the refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The documents say that the server refuses it.
    Error,
    /// The documents contradict each other or are vague; the server may refuse it.
    Warning,
}

/// One thing that is wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where.
    pub place: Place,
    /// The code that the server would answer.
    pub code: ErrorCode,
    /// How sure that is.
    pub severity: Severity,
    /// What to do.
    pub hint: String,
}

/// What is known about the organisation, as far as it has been asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// The modules that the server offers for enrichment; `None` until it was asked.
    pub modules: Option<Vec<String>>,
    /// The draft's module's enrichment configuration; `None` until it was asked.
    pub configuration: Option<Configuration>,
}

/// What an enrichment configuration means for the inputs (C7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Configuration {
    /// The module has none.
    Missing,
    /// It is switched off.
    Disabled,
    /// It is on, and these inputs (by mapping name) lead nowhere.
    Active {
        /// Mapping names whose CRM field is null.
        unmapped: Vec<String>,
    },
}

/// Everything that is wrong with a draft, in the order in which the server would find it.
pub fn validate(draft: &Draft, known: &Known) -> Vec<Violation> {
    let mut found = Vec::new();
    check_module(draft, known, &mut found);
    check_record_id(draft, &mut found);
    check_configuration(known, &mut found);
    if draft.is_empty() {
        let fields = match draft.kind {
            EnrichmentKind::People => "a name with a company, an email, a company or a social page",
            EnrichmentKind::Org => "a name, an email or a website",
        };
        push(
            &mut found,
            Place::Inputs,
            ErrorCode::ExpectedFieldMissing,
            format!("give at least one input: {fields}"),
        );
        return found;
    }
    for (field, value) in draft.given() {
        check_value(draft.kind, field, value, &mut found);
    }
    check_partners(draft, &mut found);
    check_mapping(draft, known, &mut found);
    found
}

fn push(found: &mut Vec<Violation>, place: Place, code: ErrorCode, hint: String) {
    found.push(Violation {
        place,
        code,
        severity: Severity::Error,
        hint,
    });
}

fn warn(found: &mut Vec<Violation>, place: Place, code: ErrorCode, hint: String) {
    found.push(Violation {
        place,
        code,
        severity: Severity::Warning,
        hint,
    });
}

fn check_module(draft: &Draft, known: &Known, found: &mut Vec<Violation>) {
    let module = draft.module.trim();
    if module.is_empty() {
        push(
            found,
            Place::Module,
            ErrorCode::RequiredParamMissing,
            "name the module, such as Leads or Contacts".to_owned(),
        );
    } else if let Err(error) = module.parse::<ModuleName>() {
        push(
            found,
            Place::Module,
            ErrorCode::InvalidData,
            format!("use the module's API name: {}", error.rule),
        );
    } else if let Some(modules) = &known.modules
        && !modules.iter().any(|name| name == module)
    {
        push(
            found,
            Place::Module,
            ErrorCode::InvalidData,
            format!("the server offers enrichment for {}", modules.join(", ")),
        );
    }
}

fn check_record_id(draft: &Draft, found: &mut Vec<Violation>) {
    let id = draft.record_id.trim();
    if !id.is_empty() && id.parse::<RecordId>().is_err() {
        push(
            found,
            Place::RecordId,
            ErrorCode::InvalidData,
            "a record id is 1 to 19 digits; leave it empty to enrich without a record".to_owned(),
        );
    }
}

fn check_configuration(known: &Known, found: &mut Vec<Violation>) {
    let hint = match &known.configuration {
        Some(Configuration::Missing) => {
            "the module has no enrichment configuration: make one in Setup or in the CRM"
        }
        Some(Configuration::Disabled) => {
            "the module's enrichment configuration is switched off: switch it on in Setup"
        }
        Some(Configuration::Active { .. }) | None => return,
    };
    push(found, Place::Module, ErrorCode::NotAllowed, hint.to_owned());
}

fn check_value(kind: EnrichmentKind, field: Field, value: &str, found: &mut Vec<Violation>) {
    let chars = value.chars().count();
    let name_chars_max = match kind {
        EnrichmentKind::People => NAME_CHARS_MAX,
        EnrichmentKind::Org => ORG_NAME_CHARS_MAX,
    };
    if chars < INPUT_CHARS_MIN {
        push(
            found,
            Place::Input(field),
            ErrorCode::InvalidData,
            format!("at least {INPUT_CHARS_MIN} characters are needed; this has {chars}"),
        );
    } else if field == Field::Name && chars > name_chars_max {
        push(
            found,
            Place::Input(field),
            ErrorCode::InvalidData,
            format!("at most {name_chars_max} characters are allowed; this has {chars}"),
        );
    } else if !value.is_ascii() {
        warn(
            found,
            Place::Input(field),
            ErrorCode::InvalidData,
            "only English is accepted: letters with accents or other scripts may be refused"
                .to_owned(),
        );
    }
}

fn check_partners(draft: &Draft, found: &mut Vec<Violation>) {
    if draft.kind == EnrichmentKind::Org {
        return;
    }
    let has = |field| !draft.value(field).trim().is_empty();
    let has_company = has(Field::Company) || has(Field::Website);
    if has(Field::Name) && !has_company {
        push(
            found,
            Place::Input(Field::Company),
            ErrorCode::DependentFieldMissing,
            "a name needs a company: give a company name or website, or leave the name out"
                .to_owned(),
        );
    } else if has_company && !has(Field::Name) {
        warn(
            found,
            Place::Input(Field::Name),
            ErrorCode::DependentFieldMissing,
            "a company without a name may be refused: give a name too".to_owned(),
        );
    }
}

fn check_mapping(draft: &Draft, known: &Known, found: &mut Vec<Violation>) {
    let Some(Configuration::Active { unmapped }) = &known.configuration else {
        return;
    };
    for (field, _) in draft.given() {
        let Some(name) = field.mapping_name(draft.kind) else {
            continue;
        };
        if unmapped.iter().any(|u| u == name) {
            push(
                found,
                Place::Input(field),
                ErrorCode::NotAllowed,
                format!(
                    "{name} is not mapped in the enrichment configuration: map it in Setup, or leave this out"
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn draft(values: &[(Field, &str)]) -> Draft {
        let mut draft = Draft::new(EnrichmentKind::People, "Leads");
        for (field, value) in values {
            draft.set(*field, value);
        }
        draft
    }

    fn first(draft: &Draft, known: &Known) -> Option<(Place, ErrorCode, Severity)> {
        validate(draft, known)
            .into_iter()
            .next()
            .map(|v| (v.place, v.code, v.severity))
    }

    #[rstest]
    #[case::nothing(&[], Some((Place::Inputs, ErrorCode::ExpectedFieldMissing, Severity::Error)))]
    #[case::email(&[(Field::Email, "a@b.example")], None)]
    #[case::short(&[(Field::Email, "ab")], Some((Place::Input(Field::Email), ErrorCode::InvalidData, Severity::Error)))]
    #[case::name_alone(&[(Field::Name, "Ada")], Some((Place::Input(Field::Company), ErrorCode::DependentFieldMissing, Severity::Error)))]
    #[case::name_and_website(&[(Field::Name, "Ada"), (Field::Website, "acme.example")], None)]
    #[case::company_alone(&[(Field::Company, "Acme")], Some((Place::Input(Field::Name), ErrorCode::DependentFieldMissing, Severity::Warning)))]
    #[case::accents(&[(Field::Email, "zoë@acme.example")], Some((Place::Input(Field::Email), ErrorCode::InvalidData, Severity::Warning)))]
    #[case::blank_is_absent(&[(Field::Name, "  "), (Field::Email, "a@b.example")], None)]
    fn a_draft_is_judged_as_the_documents_say(
        #[case] values: &[(Field, &str)],
        #[case] expected: Option<(Place, ErrorCode, Severity)>,
    ) {
        assert_eq!(first(&draft(values), &Known::default()), expected);
    }

    #[test]
    fn a_name_may_have_150_characters_and_no_more() {
        let with = |n: usize| {
            draft(&[
                (Field::Name, &"a".repeat(n)),
                (Field::Website, "acme.example"),
            ])
        };

        assert_eq!(first(&with(150), &Known::default()), None);
        assert_eq!(
            first(&with(151), &Known::default()).map(|v| v.1),
            Some(ErrorCode::InvalidData)
        );
    }

    #[rstest]
    #[case(255, None)]
    #[case(256, Some(ErrorCode::InvalidData))]
    fn the_name_of_an_organisation_may_have_255_characters(
        #[case] chars: usize,
        #[case] expected: Option<ErrorCode>,
    ) {
        let mut draft = Draft::new(EnrichmentKind::Org, "Accounts");
        draft.set(Field::Name, &"a".repeat(chars));

        assert_eq!(first(&draft, &Known::default()).map(|v| v.1), expected);
    }

    #[test]
    fn an_unmapped_input_is_marked() {
        let known = Known {
            modules: None,
            configuration: Some(Configuration::Active {
                unmapped: vec!["facebook".into()],
            }),
        };
        let draft = draft(&[
            (Field::Email, "a@b.example"),
            (Field::Facebook, "facebook.com/a"),
        ]);

        assert_eq!(
            first(&draft, &known),
            Some((
                Place::Input(Field::Facebook),
                ErrorCode::NotAllowed,
                Severity::Error
            ))
        );
    }

    #[rstest]
    #[case("", None)]
    #[case(" 4150868000003194003 ", None)]
    #[case("41508680000031940031", Some((Place::RecordId, ErrorCode::InvalidData, Severity::Error)))]
    #[case("../settings", Some((Place::RecordId, ErrorCode::InvalidData, Severity::Error)))]
    fn a_record_id_is_a_number_or_absent(
        #[case] id: &str,
        #[case] expected: Option<(Place, ErrorCode, Severity)>,
    ) {
        let mut draft = draft(&[(Field::Email, "a@b.example")]);
        draft.record_id = id.to_owned();

        assert_eq!(first(&draft, &Known::default()), expected);
    }

    #[rstest]
    #[case(None, None)]
    #[case(Some(Configuration::Active { unmapped: vec![] }), None)]
    #[case(Some(Configuration::Missing), Some((Place::Module, ErrorCode::NotAllowed, Severity::Error)))]
    #[case(Some(Configuration::Disabled), Some((Place::Module, ErrorCode::NotAllowed, Severity::Error)))]
    fn a_configuration_that_is_missing_or_off_is_marked_at_the_module(
        #[case] configuration: Option<Configuration>,
        #[case] expected: Option<(Place, ErrorCode, Severity)>,
    ) {
        let known = Known {
            modules: None,
            configuration,
        };

        assert_eq!(
            first(&draft(&[(Field::Email, "a@b.example")]), &known),
            expected
        );
    }

    #[rstest]
    #[case("", ErrorCode::RequiredParamMissing)]
    #[case("Le ads", ErrorCode::InvalidData)]
    #[case("Deals", ErrorCode::InvalidData)]
    fn a_wrong_module_is_marked_first(#[case] module: &str, #[case] code: ErrorCode) {
        let known = Known {
            modules: Some(vec!["Leads".into()]),
            configuration: None,
        };
        let draft = Draft::new(EnrichmentKind::People, module);

        assert_eq!(
            first(&draft, &known),
            Some((Place::Module, code, Severity::Error))
        );
    }
}
