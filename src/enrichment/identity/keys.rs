//! Keyed hashes of an identity, and what two of them have in common.

use super::Given;
use super::key::KeyKind;
use crate::base::EnrichmentKind;

/// The layout of [`Keys::to_bytes`].
const LAYOUT: u8 = 1;

/// What a ledger keeps of an identity: nothing in it can be read, and equal parts are equal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keys {
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// Which inputs were given.
    pub given: Given,
    /// All inputs together.
    pub inputs: [u8; 16],
    /// The name, if one was given that can be one.
    pub name: Option<[u8; 8]>,
    /// The keys, strongest first.
    pub keys: Vec<(KeyKind, [u8; 16])>,
}

impl Keys {
    /// The key of a kind, if the request has one.
    pub fn get(&self, kind: KeyKind) -> Option<&[u8; 16]> {
        let mut keys = self.keys.iter();
        keys.find(|(key, _)| *key == kind).map(|(_, hash)| hash)
    }

    /// The bytes of a column: layout, given inputs, hash of the inputs, whether there is a name and
    /// its hash, then each key's code and hash.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(27 + 17 * self.keys.len());
        bytes.extend([LAYOUT, self.given.bits()]);
        bytes.extend(self.inputs);
        match &self.name {
            Some(name) => {
                bytes.push(1);
                bytes.extend(name);
            }
            None => bytes.push(0),
        }
        for (kind, hash) in &self.keys {
            bytes.push(kind.code());
            bytes.extend(hash);
        }
        bytes
    }

    /// Reads the bytes of a column; `None` where they are not what [`Self::to_bytes`] makes.
    pub fn from_bytes(kind: EnrichmentKind, bytes: &[u8]) -> Option<Self> {
        let (&[layout, given, ref inputs @ .., flag], rest) = bytes.split_first_chunk::<19>()?;
        let (name, mut rest) = match flag {
            0 => (None, rest),
            1 => {
                let (name, rest) = rest.split_first_chunk::<8>()?;
                (Some(*name), rest)
            }
            _ => return None,
        };
        let given = Given::from_bits(given).filter(|given| given.is_subset_of(Given::all(kind)))?;
        let mut keys: Vec<(KeyKind, [u8; 16])> = Vec::with_capacity(rest.len() / 17);
        while let Some((&[code, ref hash @ ..], tail)) = rest.split_first_chunk::<17>() {
            let key = KeyKind::from_code(code).filter(|key| key.kind() == kind)?;
            if keys.last().is_some_and(|(last, _)| *last >= key) {
                return None;
            }
            keys.push((key, *hash));
            rest = tail;
        }
        (layout == LAYOUT && rest.is_empty()).then_some(Self {
            kind,
            given,
            inputs: *inputs,
            name,
            keys,
        })
    }
}

/// What two requests of one kind have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// All inputs are equal.
    SameInputs,
    /// The strongest key that both give is equal, and the names, where both have one, are too.
    SamePerson(KeyKind),
    /// A key is equal, and yet something speaks against the same person. No match, but worth
    /// saying.
    SharedKey {
        /// The strongest key that is equal.
        key: KeyKind,
        /// What speaks against it.
        because: SharedBecause,
    },
    /// Nothing, or nothing that could be known again.
    None,
}

/// What speaks against the same person where a key is equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SharedBecause {
    /// Both have a name, and the names differ: a mailbox of many.
    OtherName,
    /// A stronger key of both differs.
    Differs(KeyKind),
}

/// What two requests have in common. It does not matter which of them comes first.
pub fn relation(mine: &Keys, theirs: &Keys) -> Relation {
    if mine.kind != theirs.kind {
        return Relation::None;
    }
    let is_asking = mine.given != Given::NONE;
    if is_asking && mine.given == theirs.given && mine.inputs == theirs.inputs {
        return Relation::SameInputs;
    }
    let is_other_name = mine
        .name
        .zip(theirs.name)
        .is_some_and(|(mine, theirs)| mine != theirs);
    let mut differing = None;
    for (key, hash) in &mine.keys {
        let Some(other) = theirs.get(*key) else {
            continue;
        };
        if hash != other {
            differing = differing.or(Some(*key));
            continue;
        }
        let because = match differing {
            Some(stronger) => SharedBecause::Differs(stronger),
            None if is_other_name => SharedBecause::OtherName,
            None => return Relation::SamePerson(*key),
        };
        return Relation::SharedKey { key: *key, because };
    }
    Relation::None
}
