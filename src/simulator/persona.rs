//! Invented people: the records of the demo, and jobs of colleagues.
//!
//! Everything follows from a hash, so that a demo looks the same twice. Addresses end in
//! `.example` and `.test`, which nobody can own.

use super::ids::pick;

const FIRST: [&str; 32] = [
    "Amara", "Benedikt", "Chiara", "Devika", "Elias", "Farah", "Gustavo", "Hana", "Imran",
    "Jolanda", "Kwame", "Leila", "Mateus", "Noor", "Oskar", "Priya", "Quentin", "Rosalind",
    "Samir", "Tamsin", "Ulrike", "Viktor", "Wanjiru", "Ximena", "Yusuf", "Zofia", "Aoife", "Bruno",
    "Camille", "Dmitri", "Esther", "Felix",
];
const LAST: [&str; 31] = [
    "Adeyemi",
    "Bergström",
    "Castellano",
    "Deshpande",
    "Eriksen",
    "Fontaine",
    "Grabowski",
    "Haddad",
    "Ishikawa",
    "Jankowski",
    "Kovacs",
    "Lindholm",
    "Moreau",
    "Nakagawa",
    "Oyelaran",
    "Petrov",
    "Quiroga",
    "Rahman",
    "Sorensen",
    "Thackeray",
    "Usman",
    "Vasquez",
    "Whitlock",
    "Yamada",
    "Zielinski",
    "Abernathy",
    "Bakshi",
    "Cormier",
    "Dlamini",
    "Ferreira",
    "Gupta",
];
pub(super) const COMPANY: [&str; 24] = [
    "Harbourlight",
    "Ironbridge Tools",
    "Juniper Freight",
    "Kestrel Optics",
    "Lumen Dairy",
    "Meridian Textiles",
    "Northwind Paper",
    "Oakmoor Foods",
    "Palisade Security",
    "Quarry Lane",
    "Redfern Analytics",
    "Saltmarsh Energy",
    "Tidewater Marine",
    "Umbra Lighting",
    "Verdant Seeds",
    "Willowbank Care",
    "Yarrow Health",
    "Zephyr Cycles",
    "Alder Robotics",
    "Bluebell Travel",
    "Copperfield Press",
    "Dunmore Steel",
    "Elmstead Homes",
    "Foxglove Labs",
];
pub(super) const TITLE: [&str; 14] = [
    "Head of Procurement",
    "Regional Sales Manager",
    "Chief Financial Officer",
    "Operations Director",
    "Data Engineer",
    "Customer Success Lead",
    "VP Marketing",
    "Plant Manager",
    "Account Executive",
    "Chief Technology Officer",
    "Supply Chain Analyst",
    "Founder",
    "HR Business Partner",
    "Product Manager",
];
/// Somebody who does not exist.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) first: &'static str,
    pub(super) last: &'static str,
    pub(super) company: &'static str,
    pub(super) title: &'static str,
    seed: u64,
}

/// Invents somebody.
pub(super) fn invented(seed: u64) -> Person {
    Person {
        first: pick(&FIRST, seed),
        last: pick(&LAST, seed >> 8),
        company: pick(&COMPANY, seed >> 16),
        title: pick(&TITLE, seed >> 24),
        seed,
    }
}

/// A text as it would stand in an address: ASCII, lower case, no blanks.
pub(super) fn slug(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            'ö' | 'ø' => Some('o'),
            c if c.is_ascii_alphanumeric() => Some(c.to_ascii_lowercase()),
            _ => None,
        })
        .collect()
}

impl Person {
    /// Both names, in ASCII, because that is what enrichment takes.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.first, self.last.replace('ö', "o"))
    }

    /// The e-mail address at work.
    pub(super) fn email(&self) -> String {
        format!("{}.{}@{}", slug(self.first), slug(self.last), self.domain())
    }

    /// The employer's web site.
    pub(super) fn website(&self) -> String {
        format!("www.{}", self.domain())
    }

    fn domain(&self) -> String {
        let top = if self.seed.is_multiple_of(5) {
            "test"
        } else {
            "example"
        };
        format!("{}.{top}", slug(self.company))
    }

    /// The name in a social network's address.
    pub(super) fn handle(&self) -> String {
        format!("{}{}", slug(self.first), slug(self.last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::ids::hash;

    #[test]
    fn an_invented_address_belongs_to_nobody() {
        for seed in 0..200 {
            let person = invented(hash(&seed.to_string()));

            assert!(person.email().is_ascii());
            assert!(person.email().ends_with(".example") || person.email().ends_with(".test"));
            assert!(person.name().is_ascii());
        }
    }
}
