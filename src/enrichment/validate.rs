//! What the server would refuse, found before a byte is sent.
//!
//! The checks run in the server's order, so that the first violation is the one the server would
//! answer; a differential test holds this against the simulator. Local checks advise and the
//! server decides: an [`Severity::Error`] can be forced, a [`Severity::Warning`] only speaks.

mod letters;

use super::doubt;
use super::field::Field;
use super::identity::cleaned;
use crate::base::limits::{INPUT_CHARS_MAX, INPUT_CHARS_MIN};
use crate::base::{EnrichmentKind, ErrorCode, ModuleName, RecordId};

use super::draft::Draft;

/// Where a violation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldRef {
    /// The module.
    Module,
    /// The record id.
    RecordId,
    /// One input.
    Input(Field),
    /// The inputs as a whole.
    Inputs,
}

impl FieldRef {
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
    pub place: FieldRef,
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
        /// Fields of the CRM that what is found goes into; empty where that was not asked for.
        fills: Vec<String>,
    },
}

/// Everything that is wrong with a draft, in the order in which the server would find it.
pub fn validate(draft: &Draft, known: &Known) -> Vec<Violation> {
    let mut found = Vec::new();
    check_module(draft, known, &mut found);
    check_record_id(draft, &mut found);
    check_configuration(known, &mut found);
    if draft.is_empty() {
        push(
            &mut found,
            FieldRef::Inputs,
            ErrorCode::ExpectedFieldMissing,
            format!("give at least one input: {}", Field::enough(draft.kind)),
        );
        return found;
    }
    for (field, value) in draft.given() {
        check_value(draft.kind, field, &value, &mut found);
    }
    check_partners(draft, &mut found);
    check_mapping(draft, known, &mut found);
    found
}

fn push(found: &mut Vec<Violation>, place: FieldRef, code: ErrorCode, hint: String) {
    found.push(Violation {
        place,
        code,
        severity: Severity::Error,
        hint,
    });
}

fn warn(found: &mut Vec<Violation>, place: FieldRef, code: ErrorCode, hint: String) {
    found.push(Violation {
        place,
        code,
        severity: Severity::Warning,
        hint,
    });
}

fn check_module(draft: &Draft, known: &Known, found: &mut Vec<Violation>) {
    let module = cleaned(&draft.module);
    if module.is_empty() {
        push(
            found,
            FieldRef::Module,
            ErrorCode::RequiredParamMissing,
            "name the module, such as Leads or Contacts".to_owned(),
        );
    } else if let Err(error) = module.parse::<ModuleName>() {
        push(
            found,
            FieldRef::Module,
            ErrorCode::InvalidData,
            format!("use the module's API name: {}", error.rule),
        );
    } else if let Some(modules) = &known.modules
        && !modules.iter().any(|name| *name == module)
    {
        push(
            found,
            FieldRef::Module,
            ErrorCode::InvalidData,
            format!("the server offers enrichment for {}", modules.join(", ")),
        );
    }
}

fn check_record_id(draft: &Draft, found: &mut Vec<Violation>) {
    let id = draft.record();
    if !id.is_empty() && id.parse::<RecordId>().is_err() {
        let hint = doubt::of_record_id(&id).map_or(
            "a record id is 1 to 19 digits; leave it empty to enrich without a record",
            doubt::DoubtWord::hint,
        );
        push(
            found,
            FieldRef::RecordId,
            ErrorCode::InvalidData,
            hint.to_owned(),
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
    push(
        found,
        FieldRef::Module,
        ErrorCode::NotAllowed,
        hint.to_owned(),
    );
}

fn check_value(kind: EnrichmentKind, field: Field, value: &str, found: &mut Vec<Violation>) {
    let chars = value.chars().count();
    let rule = field.input().rule;
    let hint = if chars < INPUT_CHARS_MIN {
        format!("at least {INPUT_CHARS_MIN} characters are needed; this has {chars}")
    } else if let Some(hint) = rule.and_then(|rule| rule(kind, value)) {
        hint
    } else if chars > INPUT_CHARS_MAX {
        format!("at most {INPUT_CHARS_MAX} characters make sense here")
    } else if value.chars().any(char::is_control) {
        // The server may take it, and nothing that a person means has one: a header of a mail, two
        // lines of a cell, keys that a terminal sent.
        "there is a control character or a line break in it".to_owned()
    } else {
        if !value.is_ascii() && !doubt::has_lost_letters(kind, field, value) {
            let hint = only_english(value);
            warn(found, FieldRef::Input(field), ErrorCode::InvalidData, hint);
        }
        return;
    };
    push(found, FieldRef::Input(field), ErrorCode::InvalidData, hint);
}

/// That a text is not English, with its letters.
pub(crate) fn only_english(value: &str) -> String {
    let letters = letters::not_english(value);
    format!("only English is accepted: {letters} may be refused")
}

fn check_partners(draft: &Draft, found: &mut Vec<Violation>) {
    if draft.kind == EnrichmentKind::Org {
        return;
    }
    let has = |field| !cleaned(draft.value(field)).is_empty();
    let has_company = has(Field::Company) || has(Field::Website);
    if has(Field::Name) && !has_company {
        push(
            found,
            FieldRef::Input(Field::Company),
            ErrorCode::DependentFieldMissing,
            "a name needs a company: give a company name or website, or leave the name out"
                .to_owned(),
        );
    } else if has_company && !has(Field::Name) {
        warn(
            found,
            FieldRef::Input(Field::Name),
            ErrorCode::DependentFieldMissing,
            "a company without a name may be refused: give a name too".to_owned(),
        );
    }
}

fn check_mapping(draft: &Draft, known: &Known, found: &mut Vec<Violation>) {
    let Some(Configuration::Active { unmapped, .. }) = &known.configuration else {
        return;
    };
    for (field, _) in draft.given() {
        let Some(name) = field.mapping_name(draft.kind) else {
            continue;
        };
        if unmapped.iter().any(|u| u == name) {
            push(
                found,
                FieldRef::Input(field),
                ErrorCode::NotAllowed,
                format!(
                    "{name} is not mapped in the enrichment configuration: map it in Setup, or leave this out"
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests;
