//! What enrichment reads and what it finds, by the names of the configuration, and which fields of
//! a module suit each (contract 3, 9).
//!
//! The names and labels are those of OAS26's examples. Which kind of field suits is an inference:
//! no source has more than a few pairs.

use super::configuration::ConfigurationType;
use super::fields::Kind;

/// One of the two mappings of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Input,
    Output,
}

impl Side {
    pub(super) const ALL: [Self; 2] = [Self::Input, Self::Output];

    /// The key of the mapping.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Input => "input_data_field_mapping",
            Self::Output => "output_data_field_mapping",
        }
    }
}

/// What an enrichment field carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carries {
    Name,
    Text,
    Choice,
    Email,
    Phone,
    Link,
    Count,
    Money,
    Picture,
}

/// An input or an output of enrichment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EnrichField {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    carries: Carries,
}

impl EnrichField {
    /// Whether a field of this kind may be mapped to it.
    pub(super) fn suits(&self, kind: Kind) -> bool {
        let kinds: &[Kind] = match self.carries {
            Carries::Name => &[Kind::Text, Kind::Lookup],
            Carries::Text => &[Kind::Text, Kind::TextArea],
            Carries::Choice => &[Kind::PickList, Kind::Text, Kind::TextArea],
            Carries::Email => &[Kind::Email],
            Carries::Phone => &[Kind::Phone, Kind::Text],
            Carries::Link => &[Kind::Website, Kind::Text],
            Carries::Count => &[Kind::Integer, Kind::Text],
            Carries::Money => &[Kind::Currency, Kind::Text],
            Carries::Picture => &[Kind::Image],
        };
        kinds.contains(&kind)
    }
}

const fn of(name: &'static str, label: &'static str, carries: Carries) -> EnrichField {
    EnrichField {
        name,
        label,
        carries,
    }
}

/// Every input or output of a type of configuration.
pub(super) fn enrich_fields(kind: ConfigurationType, side: Side) -> &'static [EnrichField] {
    match (kind, side) {
        (ConfigurationType::Personal, Side::Input) => PERSONAL_INPUTS,
        (ConfigurationType::Personal, Side::Output) => PERSONAL_OUTPUTS,
        (ConfigurationType::Organization, Side::Input) => ORGANIZATION_INPUTS,
        (ConfigurationType::Organization, Side::Output) => ORGANIZATION_OUTPUTS,
    }
}

const PERSONAL_INPUTS: &[EnrichField] = &[
    of("email", "Email", Carries::Email),
    of("org_website", "Website", Carries::Link),
    of("org_name", "Organization Name", Carries::Name),
    of("facebook", "facebook", Carries::Link),
    of("twitter", "X", Carries::Link),
    of("linkedin", "LinkedIn", Carries::Link),
];

const PERSONAL_OUTPUTS: &[EnrichField] = &[
    of("first_name", "First Name", Carries::Text),
    of("last_name", "Last Name", Carries::Text),
    of("primary_email", "Primary Email", Carries::Email),
    of("secondary_email", "Secondary Email", Carries::Email),
    of("primary_contact", "Primary Contact Number", Carries::Phone),
    of("social_media_twitter", "X", Carries::Link),
    of(
        "primary_address_info_city",
        "Primary Address - City",
        Carries::Text,
    ),
    of(
        "primary_address_info_state",
        "Primary Address - State",
        Carries::Text,
    ),
    of(
        "primary_address_info_country",
        "Primary Address - Country",
        Carries::Text,
    ),
];

const ORGANIZATION_INPUTS: &[EnrichField] = &[
    of("org_name", "Organization Name", Carries::Name),
    of("email", "Email", Carries::Email),
    of("org_website", "Website", Carries::Link),
];

const ORGANIZATION_OUTPUTS: &[EnrichField] = &[
    of("name", "Organization Name", Carries::Name),
    of("primary_email", "Primary Email", Carries::Email),
    of("secondary_email", "Secondary Email", Carries::Email),
    of("primary_contact", "Primary Contact Number", Carries::Phone),
    of(
        "secondary_contact",
        "Secondary Contact Number",
        Carries::Phone,
    ),
    of("industries", "Industries", Carries::Choice),
    of("social_media_skype", "Skype", Carries::Link),
    of("social_media_facebook", "Facebook", Carries::Link),
    of("social_media_twitter", "X", Carries::Link),
    of(
        "social_media_other",
        "Other social media link",
        Carries::Link,
    ),
    of("website", "Website", Carries::Link),
    of("description", "About the company", Carries::Text),
    of("no_of_employees", "Employee count", Carries::Count),
    of("revenue", "Annual Revenue", Carries::Money),
    of("org_type", "Business Type", Carries::Choice),
    of("org_status", "Business Size", Carries::Choice),
    of("years_in_industry", "Year in business", Carries::Count),
    of("territory_list", "Business Locations", Carries::Text),
    of("logo", "LOGO", Carries::Picture),
    of("business_model", "Business Model", Carries::Choice),
    of(
        "head_quarters_country",
        "Headquarters - Country",
        Carries::Text,
    ),
    of("address_street", "Address - Street", Carries::Text),
    of("address_state", "Address - State", Carries::Text),
    of("address_city", "Address - City", Carries::Text),
    of("address_zip_code", "Address - Zip Code", Carries::Text),
    of("address_country", "Address - Country", Carries::Text),
];

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("primary_email", Kind::Email, true)]
    #[case("primary_email", Kind::Text, false)]
    #[case("first_name", Kind::Text, true)]
    #[case("first_name", Kind::Email, false)]
    #[case("first_name", Kind::Computed, false)]
    #[case("primary_contact", Kind::Phone, true)]
    fn a_field_suits_by_its_kind(#[case] name: &str, #[case] kind: Kind, #[case] suits: bool) {
        let all = enrich_fields(ConfigurationType::Personal, Side::Output);
        let field = all.iter().find(|field| field.name == name).unwrap();

        assert_eq!(field.suits(kind), suits);
    }
}
