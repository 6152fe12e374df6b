//! The enrichment configurations that are there from the start. What is not named is not mapped.

use super::configuration::{Configuration, ConfigurationType};
use super::ids::Ids;
use crate::base::Timestamp;

type Plan = &'static [(&'static str, &'static str)];

const LEADS_INPUTS: Plan = &[
    ("email", "Email"),
    ("org_website", "Website"),
    ("org_name", "Company"),
    ("facebook", "Facebook"),
    ("twitter", "Twitter"),
    ("linkedin", "LinkedIn"),
];
const LEADS_OUTPUTS: Plan = &[
    ("first_name", "First_Name"),
    ("last_name", "Last_Name"),
    ("primary_email", "Email"),
    ("secondary_email", "Secondary_Email"),
    ("primary_contact", "Phone"),
    ("social_media_twitter", "Twitter"),
    ("primary_address_info_city", "City"),
    ("primary_address_info_state", "State"),
    ("primary_address_info_country", "Country"),
];
const CONTACTS_INPUTS: Plan = &[
    ("email", "Email"),
    ("org_website", "Website"),
    ("org_name", "Account_Name"),
    ("twitter", "Twitter"),
    ("linkedin", "LinkedIn"),
];
/// The state could be mapped, and is not.
const CONTACTS_OUTPUTS: Plan = &[
    ("first_name", "First_Name"),
    ("last_name", "Last_Name"),
    ("primary_email", "Email"),
    ("secondary_email", "Secondary_Email"),
    ("primary_contact", "Phone"),
    ("social_media_twitter", "Twitter"),
    ("primary_address_info_city", "Other_City"),
    ("primary_address_info_country", "Other_Country"),
];
const VENDORS_INPUTS: Plan = &[
    ("email", "Email"),
    ("org_website", "Website"),
    ("org_name", "Vendor_Name"),
];
const VENDORS_OUTPUTS: Plan = &[
    ("primary_email", "Email"),
    ("primary_contact", "Phone"),
    ("primary_address_info_city", "City"),
    ("primary_address_info_state", "State"),
    ("primary_address_info_country", "Country"),
];
const ACCOUNTS_INPUTS: Plan = &[("org_name", "Account_Name"), ("org_website", "Website")];
const ACCOUNTS_OUTPUTS: Plan = &[
    ("name", "Account_Name"),
    ("primary_contact", "Phone"),
    ("industries", "Industry"),
    ("website", "Website"),
    ("description", "Description"),
    ("no_of_employees", "Employees"),
    ("revenue", "Annual_Revenue"),
    ("org_type", "Account_Type"),
    ("logo", "Record_Image"),
    ("address_street", "Billing_Street"),
    ("address_state", "Billing_State"),
    ("address_city", "Billing_City"),
    ("address_zip_code", "Billing_Code"),
    ("address_country", "Billing_Country"),
];
const LEAD_COMPANIES_INPUTS: Plan = &[
    ("org_name", "Company"),
    ("email", "Email"),
    ("org_website", "Website"),
];
/// As in OAS26's example.
const LEAD_COMPANIES_OUTPUTS: Plan = &[
    ("name", "Company"),
    ("primary_email", "Email"),
    ("secondary_email", "Secondary_Email"),
    ("primary_contact", "Phone"),
    ("industries", "Industry"),
    ("social_media_skype", "Skype_ID"),
    ("social_media_twitter", "Twitter"),
    ("website", "Website"),
    ("description", "Description"),
    ("no_of_employees", "No_of_Employees"),
    ("revenue", "Annual_Revenue"),
    ("org_type", "Lead_Source"),
    ("logo", "Record_Image"),
    ("address_street", "Street"),
    ("address_state", "State"),
    ("address_city", "City"),
    ("address_zip_code", "Zip_Code"),
    ("address_country", "Country"),
];

/// The configurations of a new simulator.
pub(super) fn seed(ids: &Ids, now: Timestamp) -> Vec<Configuration> {
    use ConfigurationType::{Organization, Personal};
    let mapping = |plan: Plan| plan.iter().map(|(own, field)| (*own, Some(*field)));
    let make = |number: u64, kind, module: &str, (inputs, outputs): (Plan, Plan)| Configuration {
        id: ids.fixed(480_000 + number * 3),
        kind,
        module: module.to_owned(),
        enabled: true,
        inputs: mapping(inputs).collect(),
        outputs: mapping(outputs).collect(),
        created: now,
        modified: now,
    };
    vec![
        make(1, Personal, "Leads", (LEADS_INPUTS, LEADS_OUTPUTS)),
        make(2, Personal, "Contacts", (CONTACTS_INPUTS, CONTACTS_OUTPUTS)),
        Configuration {
            enabled: false,
            ..make(3, Personal, "Vendors", (VENDORS_INPUTS, VENDORS_OUTPUTS))
        },
        make(
            4,
            Organization,
            "Accounts",
            (ACCOUNTS_INPUTS, ACCOUNTS_OUTPUTS),
        ),
        make(
            5,
            Organization,
            "Leads",
            (LEAD_COMPANIES_INPUTS, LEAD_COMPANIES_OUTPUTS),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::Catalogue;
    use super::super::enrich_fields::{Side, enrich_fields};
    use super::*;

    #[test]
    fn every_mapping_is_one_that_may_be_made() {
        let ids = Ids::of_organisation("5725767000000020005");
        let catalogue = Catalogue::new(&ids, Timestamp::UNIX_EPOCH, 1);

        for own in seed(&ids, Timestamp::UNIX_EPOCH) {
            for side in Side::ALL {
                for (name, field) in own.mapping(side) {
                    let module = catalogue.find(&own.module).unwrap();
                    let field = module.field(field.unwrap()).unwrap();
                    let known = enrich_fields(own.kind, side);
                    let found = known.iter().find(|one| one.name == *name).unwrap();
                    assert!(found.suits(field.kind), "{} {name}", own.module);
                }
            }
        }
    }
}
