//! Who a request asks about, whatever the spelling.
//!
//! ```text
//!   value ──cleaned──► what is sent
//!     └───canonical──► what is compared ──Identity──► keys, strongest first ──keyed──► Keys
//!                                                                        relation(mine, theirs)
//! ```
//!
//! One person in two spellings is one person and must not be paid for twice; two people who share a
//! mailbox are two. Nothing canonical is ever sent or shown. A value that [cannot be
//! meant](super::doubt) makes no key: two strangers whose address is `n/a` are not one.

pub(super) mod clean;
pub(super) mod hosts;
mod key;
mod keys;
pub(super) mod web;

pub use clean::{cleaned, is_blank};
pub(super) use clean::{composed, decomposed, is_mark};
pub use key::KeyKind;
pub use keys::{Keys, Relation, SharedBecause, relation};

use super::doubt;
use super::draft::Draft;
use super::field::{Field, Nature};
use crate::base::{EnrichmentKind, front};

/// Rounds in which a canonical form must come to rest; one is enough for what people write.
const ROUNDS_MAX: usize = 16;

/// The form of a value that is compared, never sent. It is its own canonical form.
///
/// The kind of enrichment makes no difference today; it is asked for because an input of the same
/// name may come to mean something else.
pub fn canonical(_kind: EnrichmentKind, field: Field, value: &str) -> String {
    let mut now = once(field, value);
    for _ in 0..ROUNDS_MAX {
        let next = once(field, &now);
        if next == now {
            break;
        }
        now = next;
    }
    now
}

/// The same, with what a person left around the value: a reader of doubts looks for that.
pub(super) fn as_written(field: Field, value: &str) -> String {
    spelled(field, value)
}

fn once(field: Field, value: &str) -> String {
    match field.input().nature {
        Nature::Words => spelled(field, value),
        Nature::Site | Nature::Page => spelled(field, clean::bare(&cleaned(value))),
        Nature::Mail => {
            let value = cleaned(value);
            // The root's dot, and the slash of an address that a browser made of it.
            let bare = clean::bare(&value);
            let bare = match bare.trim_end_matches(['.', '/']) {
                "" => bare,
                address => address,
            };
            if bare.contains('%') {
                spelled(field, &web::decoded(bare).replace("%40", "@"))
            } else {
                spelled(field, bare)
            }
        }
    }
}

fn spelled(field: Field, value: &str) -> String {
    let found = (field.input().canonical)(value);
    // Nothing but spelling, such as `https://`: it was given all the same.
    if found.is_empty() {
        return clean::folded(value);
    }
    found
}

/// The words of a canonical name in a fixed order, so that `Lovelace, Ada` is `Ada Lovelace`.
fn words_of(name: &str) -> Option<String> {
    let mut words: Vec<&str> = name
        .split(' ')
        .map(|word| word.trim_matches([',', ';', '.']))
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Whether two canonical names have the same words.
pub(super) fn is_same_name(one: &str, other: &str) -> bool {
    let words = words_of(one);
    words.is_some() && words == words_of(other)
}

/// Which inputs are given, one bit for each in the order of [`Field::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Given(u8);

impl Given {
    /// No input.
    pub const NONE: Self = Self(0);

    /// Every input of a kind.
    pub fn all(kind: EnrichmentKind) -> Self {
        Field::of(kind)
            .iter()
            .fold(Self::NONE, |given, field| given.with(*field))
    }

    /// These and one more.
    #[must_use]
    pub fn with(self, field: Field) -> Self {
        Self(self.0 | field.input().mask())
    }

    /// Whether an input is given.
    pub fn contains(self, field: Field) -> bool {
        self.0 & field.input().mask() != 0
    }

    /// Whether all of these are among the others.
    pub fn is_subset_of(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// The bits as a ledger keeps them.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Reads the bits of a ledger; `None` where one means nothing.
    pub fn from_bits(bits: u8) -> Option<Self> {
        let known = Field::ALL
            .iter()
            .fold(0, |bits, field| bits | field.input().mask());
        (bits & !known == 0).then_some(Self(bits))
    }
}

/// What a request asks about, canonical and in clear text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// Which inputs are given.
    pub given: Given,
    /// All inputs in their canonical form, a line each; neither module nor record.
    pub inputs: String,
    /// The keys, strongest first.
    pub keys: Vec<(KeyKind, String)>,
    /// The words of the name, sorted, if there is one that can be meant.
    pub name: Option<String>,
}

impl Identity {
    /// Who a draft asks about.
    pub fn of(draft: &Draft) -> Self {
        let kind = draft.kind;
        let mut given = Given::NONE;
        let mut inputs = String::with_capacity(128);
        let mut meant: Vec<(Field, String)> = Vec::with_capacity(Field::ALL.len());
        for field in Field::of(kind) {
            let value = draft.value(*field);
            if cleaned(value).is_empty() {
                continue;
            }
            let value = canonical(kind, *field, value);
            given = given.with(*field);
            // No canonical form has a line break in it.
            for part in [field.as_str(), "=", &value, "\n"] {
                inputs.push_str(part);
            }
            if doubt::word_of(kind, *field, &value).is_none() {
                meant.push((*field, value));
            }
        }
        let find = |field: Field| {
            let mut values = meant.iter();
            values
                .find(|(of, _)| *of == field)
                .map(|(_, value)| value.as_str())
        };
        let name = find(Field::Name).and_then(words_of);
        let keys = KeyKind::of(kind)
            .iter()
            .filter_map(|key| Some((*key, key_of(*key, name.as_deref(), &find)?)))
            .collect();
        Self {
            kind,
            given,
            inputs,
            keys,
            name,
        }
    }

    /// The same as hashes. Each part is hashed apart: `context` (data centre and environment), the
    /// kind, and what the part is go in as well, so that equal texts of two places differ.
    pub fn keyed(&self, context: &str, hash: impl Fn(&[u8]) -> [u8; 32]) -> Keys {
        let mut bytes = Vec::with_capacity(256);
        let mut part = |what: u8, text: &str| {
            bytes.clear();
            bytes.extend(b"identity 1\0");
            bytes.extend(
                u64::try_from(context.len())
                    .unwrap_or(u64::MAX)
                    .to_le_bytes(),
            );
            bytes.extend(context.as_bytes());
            bytes.extend(self.kind.as_str().as_bytes());
            bytes.extend([0, what]);
            bytes.extend(text.as_bytes());
            hash(&bytes)
        };
        Keys {
            kind: self.kind,
            given: self.given,
            inputs: front(&part(PART_INPUTS, &self.inputs)),
            name: self
                .name
                .as_deref()
                .map(|name| front(&part(PART_NAME, name))),
            keys: self
                .keys
                .iter()
                .map(|(key, text)| (*key, front(&part(key.code(), text))))
                .collect(),
        }
    }
}

/// Codes of what is hashed beside the keys, which have their own below 64.
const PART_INPUTS: u8 = 64;
const PART_NAME: u8 = 65;

fn key_of<'a>(
    key: KeyKind,
    name: Option<&str>,
    find: &impl Fn(Field) -> Option<&'a str>,
) -> Option<String> {
    let part = |field: &Field| match field {
        Field::Name => name.map(str::to_owned),
        Field::Website => web::site(find(Field::Website)?),
        field => find(*field).map(str::to_owned),
    };
    let parts: Option<Vec<String>> = key.fields().iter().map(part).collect();
    Some(parts?.join("\n"))
}

#[cfg(test)]
mod tests;
