//! Whose page a column holds: tables of people have their company's beside their own.

use super::Unused;
use crate::enrichment::{Field, Nature};

/// The words of a company in the names of columns.
const COMPANY: [&str; 6] = [
    "company",
    "organization",
    "organisation",
    "account",
    "employer",
    "firm",
];
/// The words of a person.
const PERSON: [&str; 6] = [
    "person", "contact", "lead", "member", "prospect", "personal",
];
/// Columns of tables that describe the company at length.
const OF_COMPANY: [&str; 7] = [
    "companyaddress",
    "companycity",
    "companystate",
    "companycountry",
    "companyphone",
    "companystreet",
    "companypostalcode",
];

/// The columns with pages of companies, by their names in lower case without anything but letters and
/// digits. A page of nobody in particular beside one of a company is the company's as well.
pub(super) fn of_companies(plain: &[(usize, &String)]) -> Vec<(usize, Unused)> {
    let pages = plain.iter().filter_map(|(index, name)| {
        let mut services = Field::ALL.into_iter();
        let is_meant = |of: &Field| of.input().nature == Nature::Page && name.contains(of.as_str());
        Some((*index, *name, services.find(is_meant)?))
    });
    let pages: Vec<(usize, &String, Field)> = pages.collect();
    let has = |name: &str, words: &[&str]| words.iter().any(|word| name.contains(word));
    let is_company = |name: &String| has(name, &COMPANY) && !has(name, &PERSON);
    let is_person = |name: &String| has(name, &PERSON);
    // Tables that say whose page it is say it of one, and mean the company by the others.
    let says_whose = pages
        .iter()
        .any(|(_, name, _)| is_company(name) || is_person(name));
    let has_more = plain
        .iter()
        .any(|(_, name)| OF_COMPANY.contains(&name.as_str()));
    if !says_whose && !has_more {
        return Vec::new();
    }
    // Where the company has a column of its own for a service, the other one is the person's.
    let own: Vec<Field> = pages
        .iter()
        .filter(|(_, name, _)| is_company(name))
        .map(|(.., field)| *field)
        .collect();
    let theirs = pages.into_iter().filter(|(_, name, field)| {
        let is_nobodys = !is_person(name) && !own.contains(field);
        // Of people who have their company's address beside them, the page on LinkedIn is their own.
        let is_own = !says_whose && *field == Field::Linkedin;
        is_company(name) || (is_nobodys && !is_own)
    });
    theirs
        .map(|(index, _, field)| (index, Unused::CompanyPage(field)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::columns::folded;
    use rstest::rstest;

    #[rstest]
    #[case::apollo(
        &["Person Linkedin Url", "Website", "Company Linkedin Url", "Facebook Url", "Twitter Url"],
        &[2, 3, 4]
    )]
    #[case::of_people_alone(&["LinkedIn", "Twitter", "Facebook"], &[])]
    #[case::zoominfo(&["LinkedIn Contact Profile URL", "LinkedIn Company Profile URL"], &[1])]
    #[case::contact_account(&["Contact LinkedIn", "Account LinkedIn", "Twitter"], &[1, 2])]
    #[case::a_person_alone(&["Person Linkedin Url", "Facebook Url", "Twitter Url"], &[1, 2])]
    #[case::beside_the_address_of_the_company(&["Company Address", "Linkedin Url", "Facebook Url"], &[2])]
    #[case::each_has_one(&["LinkedIn", "Company LinkedIn"], &[1])]
    #[case::the_contact_of_a_company(&["Company Contact LinkedIn"], &[])]
    fn pages_of_companies_are_told_from_those_of_people(
        #[case] names: &[&str],
        #[case] expected: &[usize],
    ) {
        let plain: Vec<String> = names.iter().map(|name| folded(name)).collect();
        let plain: Vec<(usize, &String)> = plain.iter().enumerate().collect();
        let found: Vec<usize> = of_companies(&plain).iter().map(|(at, _)| *at).collect();
        assert_eq!(found, expected);
    }
}
