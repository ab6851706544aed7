//! Duplicate keys of entries in, those that several entries may share out.

/// The duplicate key of one entry and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// Equal for copies.
    pub(super) hash: u64,
    /// The chunk it stands in.
    pub(super) chunk: u32,
    /// Bytes from the first one that was held of the chunk.
    pub(super) at: u32,
}

/// In so many parts keys are held: few enough for small archives, and of large ones a part still fits the cache.
pub(super) const PARTS: usize = 256;

/// So many keys stand together: a part grows without moving what it holds, and without room for twice as many.
const BLOCK: usize = 256;

/// So many keys wait to be put into their parts: one at a time, each would wait for memory alone.
const WAITING: usize = 1024;

/// The keys that one worker noted, in parts by hash, each in blocks.
pub(super) struct Keys {
    parts: Box<[Vec<Vec<Key>>]>,
    waiting: Vec<Key>,
}

impl Default for Keys {
    fn default() -> Self {
        Self { parts: vec![Vec::new(); PARTS].into(), waiting: Vec::new() }
    }
}

impl Keys {
    pub(super) fn push(&mut self, key: Key) {
        self.waiting.push(key);
        if self.waiting.len() >= WAITING {
            self.sort();
        }
    }

    /// All keys in their parts.
    pub(super) fn sorted(mut self) -> Self {
        self.sort();
        self
    }

    /// Puts the keys that wait into their parts.
    fn sort(&mut self) {
        for key in self.waiting.drain(..) {
            // The highest bits tell the part; the lowest ones its place in a `Sieve`.
            let part = usize::try_from(key.hash >> 56).unwrap_or_default();
            let Some(part) = self.parts.get_mut(part) else { continue };
            match part.last_mut() {
                Some(block) if block.len() < BLOCK => block.push(key),
                // Of small archives no part fills its first block.
                last => {
                    let mut block = Vec::with_capacity(last.map_or(1, |_| BLOCK));
                    block.push(key);
                    part.push(block);
                }
            }
        }
    }
}

/// The keys of one part whose hash several entries have, by hash, and a few others that look like those.
pub(super) fn shared(part: usize, noted: &[Keys]) -> Vec<Key> {
    let keys = || noted.iter().filter_map(|keys| keys.parts.get(part)).flatten().flatten();
    let mut sieve = Sieve::new(keys().count());
    for key in keys() {
        sieve.note(key.hash);
    }
    let mut shared: Vec<Key> = keys().filter(|key| sieve.has_met_again(key.hash)).copied().collect();
    shared.sort_unstable_by_key(|key| key.hash);
    shared
}

/// Tells most hashes that were met once from those that were met again: to sort all of them would take longer.
struct Sieve {
    /// One bit for each place that was met, and one that was met again.
    places: Vec<(u64, u64)>,
}

impl Sieve {
    /// For so many hashes: one in sixteen or fewer meets the place of another.
    fn new(count: usize) -> Self {
        Self { places: vec![(0, 0); (count / 4).next_power_of_two()] }
    }

    fn note(&mut self, hash: u64) {
        let (at, bit) = self.place(hash);
        if let Some((met, again)) = self.places.get_mut(at) {
            *again |= *met & bit;
            *met |= bit;
        }
    }

    fn has_met_again(&self, hash: u64) -> bool {
        let (at, bit) = self.place(hash);
        self.places.get(at).is_some_and(|(_, again)| again & bit != 0)
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        (usize::try_from(hash >> 6).unwrap_or_default() & (self.places.len() - 1), 1 << (hash & 63))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_shared_key_is_missed(hashes in prop::collection::vec(prop_oneof![any::<u64>(), 0u64..40, (0u64..40).prop_map(|hash| hash << 56)], 0..200), cut in 0usize..200) {
            let mut noted = [Keys::default(), Keys::default()];
            let mut times: BTreeMap<u64, usize> = BTreeMap::new();
            for (at, hash) in (0..).zip(&hashes) {
                noted[usize::from(at < cut)].push(Key { hash: *hash, chunk: 0, at: u32::try_from(at).unwrap() });
                *times.entry(*hash).or_default() += 1;
            }
            let noted = noted.map(Keys::sorted);
            let shared: Vec<Key> = (0..PARTS).flat_map(|part| shared(part, &noted)).collect();
            prop_assert!(shared.is_sorted_by_key(|key| key.hash));
            for (hash, times) in times {
                let found = shared.iter().filter(|key| key.hash == hash).count();
                prop_assert!(found == times || (found == 0 && times == 1));
            }
        }
    }

    #[test]
    fn full_blocks_lose_nothing() {
        let mut noted = Keys::default();
        let count = u32::try_from(3 * BLOCK + 5).unwrap();
        (0..count).for_each(|at| noted.push(Key { hash: u64::from(at % 400), chunk: 0, at }));
        let found = shared(0, &[noted.sorted()]);
        assert_eq!(found.len(), 3 * BLOCK + 5 - 27);
        assert!(found.chunk_by(|one, other| one.hash == other.hash).all(|alike| alike.len() > 1));
    }

    #[test]
    fn few_others_look_shared() {
        let mut sieve = Sieve::new(10_000);
        let hash = |number: u64| xxhash_rust::xxh3::xxh3_64(&number.to_le_bytes());
        (0..10_000).for_each(|number| sieve.note(hash(number)));
        let again = (0..10_000).filter(|number| sieve.has_met_again(hash(*number))).count();
        assert!(again <= 10_000 / 16, "{again}");
    }
}
