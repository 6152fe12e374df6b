//! The ids of records in a table: whose they are, and whether a program has rounded them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::Absent;
use crate::base::EnrichmentKind;
use crate::bulk::columns::folded;
use crate::bulk::rows::Target;
use crate::enrichment::record::record_id;

/// The column with the ids of a module's own records, where none has a plainer name: `Lead ID`, or `ID` in
/// a table, of which it is seen whether they can be such. The ids of another module are those of other records.
pub(super) fn own_ids(plain: &[String], module: &str, absent: Absent) -> Option<usize> {
    let has = |wanted: &str| plain.iter().position(|name| name == wanted);
    let synonyms = Target::RecordId.synonyms(EnrichmentKind::People);
    if synonyms.iter().any(|name| has(name).is_some()) {
        return None;
    }
    let module = folded(module);
    let own = format!("{}id", module.strip_suffix('s').unwrap_or(&module));
    let plainest = match absent {
        Absent::IsAnError => has("id"),
        Absent::IsEmpty => None,
    };
    plainest.or_else(|| has(&own))
}

/// Whether several ids are all such as a floating-point number prints them: one by chance ends so, two do not.
pub(super) fn are_rounded(ids: &[Cow<'_, str>]) -> bool {
    let ids: BTreeSet<Cow<'_, str>> = ids.iter().map(|id| record_id(id)).collect();
    let is_float = |id: &Cow<'_, str>| {
        let is_long = id.len() > FLOAT_DIGITS && id.bytes().all(|b| b.is_ascii_digit());
        let float: Option<f64> = id.parse().ok().filter(|_| is_long);
        float.is_some_and(|float| format!("{float}") == **id || format!("{float:.0}") == **id)
    };
    ids.len() > 1 && ids.iter().all(is_float)
}

/// Digits that every floating-point number keeps.
const FLOAT_DIGITS: usize = 15;
