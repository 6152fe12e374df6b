//! The inputs of an enrichment as the documents have them (OAS25, OAS26), read a second time.

use crate::base::EnrichmentKind;

/// `name.maxLength` of a person (OAS25).
const NAME_CHARS_MAX: usize = 150;
/// `name.maxLength` of an organisation (OAS26).
const ORG_NAME_CHARS_MAX: usize = 255;
const ANY_LENGTH: usize = usize::MAX;

/// The keys that lead to an input, how long it may be, and its name in the configuration. A person's
/// name is not there and is always allowed.
type Input = (&'static [&'static str], usize, Option<&'static str>);

const PEOPLE: &[Input] = &[
    (&["name"], NAME_CHARS_MAX, None),
    (&["email"], ANY_LENGTH, Some("email")),
    (&["social", "facebook"], ANY_LENGTH, Some("facebook")),
    (&["social", "linkedin"], ANY_LENGTH, Some("linkedin")),
    (&["social", "twitter"], ANY_LENGTH, Some("twitter")),
    (&["company", "name"], ANY_LENGTH, Some("org_name")),
    (&["company", "website"], ANY_LENGTH, Some("org_website")),
];
const ORG: &[Input] = &[
    (&["name"], ORG_NAME_CHARS_MAX, Some("org_name")),
    (&["email"], ANY_LENGTH, Some("email")),
    (&["website"], ANY_LENGTH, Some("org_website")),
];

/// The inputs, in the order in which an empty object names its keys and in which an unmapped one is
/// refused.
pub(super) fn inputs(kind: EnrichmentKind) -> &'static [Input] {
    match kind {
        EnrichmentKind::People => PEOPLE,
        EnrichmentKind::Org => ORG,
    }
}

/// The keys of a kind, with those inside them.
pub(super) fn keys(kind: EnrichmentKind) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut keys: Vec<(&str, Vec<&str>)> = Vec::new();
    for (key, inner) in inputs(kind)
        .iter()
        .filter_map(|(keys, ..)| keys.split_first())
    {
        match keys.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) => known.extend(inner),
            None => keys.push((*key, inner.to_vec())),
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::super::configuration::ConfigurationType;
    use super::super::enrich_fields::{Side, enrich_fields};
    use super::*;

    #[test]
    fn the_inputs_are_those_that_can_be_mapped() {
        for (kind, own) in [
            (EnrichmentKind::People, ConfigurationType::Personal),
            (EnrichmentKind::Org, ConfigurationType::Organization),
        ] {
            let mut checked: Vec<_> = inputs(kind).iter().filter_map(|(.., name)| *name).collect();
            let fields = enrich_fields(own, Side::Input).iter();
            let mut mapped: Vec<_> = fields.map(|field| field.name).collect();
            checked.sort_unstable();
            mapped.sort_unstable();

            assert_eq!(checked, mapped);
        }
    }
}
