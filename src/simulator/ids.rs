//! Ids as Zoho makes them: 19 digits, the organisation first, then a number that only grows.

/// A stable 64-bit hash (FNV-1a, with a final mix), so that the same inputs give the same answer
/// on every machine and in every version of the standard library.
pub(super) fn hash(text: &str) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    state ^= state >> 33;
    state = state.wrapping_mul(0xff51_afd7_ed55_8ccd);
    state ^ (state >> 33)
}

/// Takes an item by a hash. The fallback is for an empty slice, which no caller has.
pub(super) fn pick<'a>(items: &[&'a str], seed: u64) -> &'a str {
    let count = u64::try_from(items.len()).unwrap_or(1).max(1);
    let index = usize::try_from(seed % count).unwrap_or(0);
    items.get(index).copied().unwrap_or_default()
}

/// The ids of one simulator.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    base: u64,
    next: u64,
}

/// Where job ids start: below are users, modules, fields, configurations and records.
const FIRST_JOB: u64 = 3_019_000;

impl Ids {
    /// Ids of the organisation: its first seven digits, or seven digits hashed from whatever its
    /// id is. Two organisations share no id.
    pub(super) fn of_organisation(id: &str) -> Self {
        let digits: String = id.chars().take(7).collect();
        let own = digits.len() == 7
            && digits.bytes().all(|b| b.is_ascii_digit())
            && (b'1'..=b'8').contains(&digits.bytes().next().unwrap_or(b'0'));
        let prefix = if own {
            digits.parse().unwrap_or(5_725_767)
        } else {
            1_000_000 + hash(id) % 8_000_000
        };
        Self {
            base: prefix * 1_000_000_000_000,
            next: FIRST_JOB,
        }
    }

    /// A fixed id, for what exists from the start.
    pub(super) fn fixed(&self, number: u64) -> String {
        (self.base + number).to_string()
    }

    /// The next id. Gaps vary, as they do where other parts of the CRM take numbers too.
    pub(super) fn next(&mut self) -> String {
        self.next += 1 + hash(&self.next.to_string()) % 12;
        self.fixed(self.next)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ids_have_19_digits_and_grow(organisation in ".{0,30}") {
            let mut ids = Ids::of_organisation(&organisation);

            let taken: Vec<String> = (0..50).map(|_| ids.next()).collect();

            prop_assert!(taken.iter().all(|id| id.len() == 19));
            prop_assert!(taken.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn the_ids_of_two_organisations_differ() {
        let mut one = Ids::of_organisation("5725767000000020005");
        let mut other = Ids::of_organisation("4150868000000020005");

        assert!(one.next().starts_with("5725767"));
        assert!(other.next().starts_with("4150868"));
    }
}
