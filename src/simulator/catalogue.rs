//! The modules of the organisation and the records in them, as somebody has left them.
//!
//! Some records lack an e-mail or a company, some names are not ASCII: what a console meets in a
//! CRM that people have worked in.

use serde_json::{Map, Value, json};

use super::fields::{self, Field};
use super::ids::{Ids, hash};
use super::jobs::stamp_with_offset;
use super::persona::{Person, invented};
use crate::base::Timestamp;

/// Records of a module unless a number is asked for.
pub(super) const RECORDS_DEFAULT: u64 = 40;
/// Most of them: their ids are those of no other module.
const RECORDS_MAX: u64 = 500;

/// A module, its fields and its records.
#[derive(Debug, Clone)]
pub(super) struct Module {
    pub(super) api_name: &'static str,
    pub(super) singular: &'static str,
    pub(super) plural: &'static str,
    pub(super) id: String,
    pub(super) custom: bool,
    pub(super) enrichable: bool,
    /// Its own fields. [`Module::all_fields`] has those of every module too.
    pub(super) fields: &'static [Field],
    pub(super) records: Vec<Map<String, Value>>,
}

/// All modules.
#[derive(Debug, Clone)]
pub(super) struct Catalogue {
    pub(super) modules: Vec<Module>,
}

type Plan = (
    &'static str,
    &'static str,
    &'static str,
    bool,
    &'static [Field],
);

/// API name, singular, plural, enrichable, fields.
const PLANS: [Plan; 7] = [
    ("Leads", "Lead", "Leads", true, fields::LEADS),
    ("Contacts", "Contact", "Contacts", true, fields::CONTACTS),
    ("Accounts", "Account", "Accounts", true, fields::ACCOUNTS),
    ("Vendors", "Vendor", "Vendors", true, fields::VENDORS),
    (
        "Event_Guests",
        "Event Guest",
        "Event Guests",
        true,
        fields::EVENT_GUESTS,
    ),
    ("Deals", "Deal", "Deals", false, fields::DEALS),
    ("Tasks", "Task", "Tasks", false, fields::TASKS),
];

impl Catalogue {
    /// With so many records in each module.
    pub(super) fn new(ids: &Ids, now: Timestamp, count: u64) -> Self {
        let count = count.min(RECORDS_MAX);
        let modules = (1_u64..)
            .zip(PLANS)
            .map(
                |(number, (api_name, singular, plural, enrichable, fields))| Module {
                    api_name,
                    singular,
                    plural,
                    id: ids.fixed(2_170 + number * 2),
                    custom: api_name == "Event_Guests",
                    enrichable,
                    fields,
                    records: (0..count)
                        .map(|n| record(ids, (api_name, fields), (number, n), (now, count)))
                        .collect(),
                },
            )
            .collect();
        Self { modules }
    }

    pub(super) fn find(&self, api_name: &str) -> Option<&Module> {
        self.modules.iter().find(|m| m.api_name == api_name)
    }

    /// Whether any module has a record of this id.
    pub(super) fn has_record(&self, id: &str) -> bool {
        self.modules
            .iter()
            .flat_map(|module| &module.records)
            .any(|record| record.get("id").and_then(Value::as_str) == Some(id))
    }

    pub(super) fn is_enrichable(&self, api_name: &str) -> bool {
        self.find(api_name).is_some_and(|module| module.enrichable)
    }
}

impl Module {
    /// Its own fields, and those that every module has.
    pub(super) fn all_fields(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().chain(fields::EVERYWHERE)
    }

    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.all_fields().find(|field| field.api_name == name)
    }

    /// Whether a record has this key: a field, or the id.
    pub(super) fn has_field(&self, name: &str) -> bool {
        name == "id" || self.field(name).is_some()
    }
}

/// The id of a field, from its name alone.
pub(super) fn field_id(ids: &Ids, module: &str, field: &str) -> String {
    ids.fixed(500_000 + hash(&format!("{module}.{field}")) % 400_000)
}

fn record(
    ids: &Ids,
    (module, known): (&str, &[Field]),
    (module_number, number): (u64, u64),
    (now, count): (Timestamp, u64),
) -> Map<String, Value> {
    let id = ids.fixed(1_000_000 + module_number * 10_000 + number * 17);
    let seed = hash(&format!("{module} {number} {id}"));
    let person = invented(seed);
    let days = std::time::Duration::from_secs(86_400 * (count - number) + seed % 80_000);
    let created = now.checked_sub(days).unwrap_or(now);
    let own = match module {
        "Leads" => lead(&person, seed),
        "Contacts" => contact(ids, &person, seed),
        "Accounts" => json!({
            "Account_Name": person.company,
            "Website": person.website(),
            "Email": null,
        }),
        "Vendors" => json!({
            "Vendor_Name": format!("{} Supplies", person.company),
            "Email": person.email(),
            "Website": person.website(),
        }),
        "Event_Guests" => json!({
            "Name": person.name(),
            "Email": person.email(),
            "Company": person.company,
        }),
        "Deals" => json!({
            "Deal_Name": format!("{} renewal", person.company),
            "Stage": "Negotiation",
        }),
        _ => json!({
            "Subject": format!("Call {}", person.first),
            "Status": "Not Started",
        }),
    };
    let mut fields = Map::new();
    fields.insert("id".into(), id.into());
    fields.extend(own.as_object().cloned().unwrap_or_default());
    for field in known {
        fields.entry(field.api_name).or_insert(Value::Null);
    }
    fields.insert("Created_Time".into(), stamp_with_offset(created).into());
    fields.insert("Enrich_Status__s".into(), Value::Null);
    fields.insert("Last_Enriched_Time__s".into(), Value::Null);
    fields
}

fn lead(person: &Person, seed: u64) -> Value {
    let some = |present: bool, text: String| {
        if present {
            Value::from(text)
        } else {
            Value::Null
        }
    };
    json!({
        "Full_Name": format!("{} {}", person.first, person.last),
        "First_Name": person.first,
        "Last_Name": person.last,
        "Email": some(!seed.is_multiple_of(9), person.email()),
        "Company": some(!seed.is_multiple_of(7), person.company.to_owned()),
        "Website": some(!seed.is_multiple_of(3), person.website()),
        "Twitter": some(seed.is_multiple_of(4), person.handle()),
        "Designation": person.title,
        "Facebook": null,
        "LinkedIn": some(seed % 5 < 2, format!("linkedin.com/in/{}", person.handle())),
    })
}

fn contact(ids: &Ids, person: &Person, seed: u64) -> Value {
    let account = ids.fixed(1_030_000 + (seed % RECORDS_DEFAULT) * 17);
    json!({
        "Full_Name": format!("{} {}", person.first, person.last),
        "First_Name": person.first,
        "Last_Name": person.last,
        "Email": if seed.is_multiple_of(8) { Value::Null } else { person.email().into() },
        "Account_Name": if seed.is_multiple_of(6) { Value::Null } else {
            json!({"name": person.company, "id": account})
        },
        "Twitter": if seed.is_multiple_of(4) { person.handle().into() } else { Value::Null },
        "Title": person.title,
        "Website": null,
        "LinkedIn": null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_has_records_with_its_own_fields() {
        let catalogue = Catalogue::new(
            &Ids::of_organisation("5725767000000020005"),
            Timestamp::UNIX_EPOCH,
            RECORDS_DEFAULT,
        );

        for module in &catalogue.modules {
            assert_eq!(module.records.len(), 40, "{}", module.api_name);
            for (field, value) in module.records.iter().flatten() {
                assert!(
                    module.has_field(field),
                    "{} {field} {value}",
                    module.api_name
                );
            }
        }
    }

    #[test]
    fn the_fields_of_a_module_have_ids_of_their_own() {
        let ids = Ids::of_organisation("5725767000000020005");
        let catalogue = Catalogue::new(&ids, Timestamp::UNIX_EPOCH, RECORDS_DEFAULT);

        for module in &catalogue.modules {
            let mut seen = std::collections::BTreeSet::new();
            for field in module.all_fields() {
                let id = field_id(&ids, module.api_name, field.api_name);
                assert!(seen.insert(id), "{} {field:?}", module.api_name);
            }
        }
    }

    #[test]
    fn the_records_look_lived_in() {
        let catalogue = Catalogue::new(
            &Ids::of_organisation("5725767000000020005"),
            Timestamp::UNIX_EPOCH,
            RECORDS_DEFAULT,
        );
        let leads = &catalogue.find("Leads").unwrap().records;

        assert!(leads.iter().any(|lead| lead["Email"].is_null()));
        assert!(leads.iter().any(|lead| lead["Company"].is_null()));
        assert!(leads.iter().any(|lead| lead["Twitter"].is_string()));
    }
}
