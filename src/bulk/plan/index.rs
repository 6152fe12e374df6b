//! Earlier rows by what they ask about: the first that a later row repeats is found without
//! walking through any, however many share a mailbox.
//!
//! ```text
//!   inputs            ─► the first row with just these
//!   key               ─► for each set of stronger keys that a row has, the first such row
//!   key and the name  ─► the same
//! ```
//!
//! Two rows are one person by a key if neither a stronger key stands in both nor their names
//! differ; so a row is compared with sets of keys, of which there are few, and not with rows.

use std::collections::HashMap;

use aws_lc_rs::digest;

use crate::base::RowNumber;
use crate::enrichment::Draft;
use crate::enrichment::identity::{Identity, KeyKind, Keys};
use crate::enrichment::verdict::By;

/// The hashes of a row. They never leave the process, so no secret goes into them.
pub(super) fn keys_of(draft: &Draft) -> Keys {
    Identity::of(draft).keyed("", |bytes| {
        let mut hash = [0; 32];
        let digest = digest::digest(&digest::SHA256, bytes);
        for (to, from) in hash.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        hash
    })
}

/// The first row whose stronger keys are these.
#[derive(Debug, Clone, Copy)]
struct Entry {
    stronger: u8,
    row: RowNumber,
}

/// Rows that were seen. Hashes of 64 bits are enough to tell 100,000 rows apart and take a third
/// of the room.
#[derive(Debug, Default)]
pub(super) struct Index {
    first: HashMap<u64, Entry>,
    /// Entries of a place beside the first: rows with other stronger keys.
    more: HashMap<u64, Vec<Entry>>,
}

/// Which rows with an equal key are meant.
#[derive(Clone, Copy)]
enum Named {
    Anyhow,
    Nameless,
    As([u8; 8]),
}

impl Index {
    /// The first row that this one repeats.
    pub(super) fn repeated(&self, keys: &Keys) -> Option<(RowNumber, By)> {
        let same = self
            .find(place_of_inputs(keys), 0)
            .map(|row| (row, By::Request));
        let by_key = keys.keys.iter().filter_map(|(kind, hash)| {
            let find = |named| self.find(place(hash, named), stronger(keys, *kind));
            let row = match keys.name {
                None => find(Named::Anyhow),
                Some(name) => [find(Named::As(name)), find(Named::Nameless)]
                    .into_iter()
                    .flatten()
                    .min(),
            }?;
            Some((row, By::Key(*kind)))
        });
        // Of one row the first is taken: it is the request, or else the strongest key.
        same.into_iter().chain(by_key).min_by_key(|(row, _)| *row)
    }

    /// The strongest key that this row has in common with an earlier one, and the first such row.
    pub(super) fn sharing(&self, keys: &Keys) -> Option<(RowNumber, KeyKind)> {
        keys.keys.iter().find_map(|(kind, hash)| {
            let row = self.find(place(hash, Named::Anyhow), 0)?;
            Some((row, *kind))
        })
    }

    /// Notes a row. Rows come in the order of the file.
    pub(super) fn note(&mut self, keys: &Keys, row: RowNumber) {
        self.put(place_of_inputs(keys), Entry { stronger: 0, row });
        for (kind, hash) in &keys.keys {
            let stronger = stronger(keys, *kind);
            let named = keys.name.map_or(Named::Nameless, Named::As);
            for named in [Named::Anyhow, named] {
                self.put(place(hash, named), Entry { stronger, row });
            }
        }
    }

    /// The first row at a place that has none of these stronger keys.
    fn find(&self, place: u64, stronger: u8) -> Option<RowNumber> {
        let more = self.more.get(&place).into_iter().flatten();
        let entries = self.first.get(&place).into_iter().chain(more);
        entries
            .filter(|entry| entry.stronger & stronger == 0)
            .map(|entry| entry.row)
            .min()
    }

    fn put(&mut self, place: u64, entry: Entry) {
        let first = *self.first.entry(place).or_insert(entry);
        if first.stronger == entry.stronger {
            return;
        }
        let more = self.more.entry(place).or_default();
        if more.iter().all(|other| other.stronger != entry.stronger) {
            more.push(entry);
        }
    }
}

fn place_of_inputs(keys: &Keys) -> u64 {
    front(&keys.inputs)
}

fn place(hash: &[u8; 16], named: Named) -> u64 {
    let place = front(hash);
    match named {
        Named::Anyhow => place,
        Named::Nameless => !place,
        // Turned, so that a name that happens to be its own key does not undo it.
        Named::As(name) => place.rotate_left(32) ^ u64::from_le_bytes(name),
    }
}

fn front(hash: &[u8; 16]) -> u64 {
    hash.first_chunk::<8>()
        .map_or(0, |front| u64::from_le_bytes(*front))
}

/// The keys of a row that are stronger than one of them.
fn stronger(keys: &Keys, than: KeyKind) -> u8 {
    keys.keys
        .iter()
        .map(|(kind, _)| kind.bit())
        .filter(|bit| *bit < than.bit())
        .fold(0, |bits, bit| bits | bit)
}
