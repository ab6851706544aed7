//! Values in the order of their hashes, wherever in memory each of them stands.

use serde::{Deserialize, Serialize, Serializer};

use super::Kept;

/// The values that a [`Census`](super::Census) keeps; a rank counts them by hash, from 0.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Vec<Kept>")]
pub(super) struct Held {
    values: Vec<Kept>,
    /// Without it the values stand in order themselves. Most sets of most patterns have none.
    order: Option<Box<Order>>,
}

/// The hashes of many values, close to each other, and where the value of each stands.
///
/// A value that comes takes the place of the one that goes: what is kept of a full set is not moved for it.
#[derive(Clone, Debug)]
struct Order {
    hashes: Vec<u64>,
    places: Vec<u32>,
}

impl Held {
    pub(super) const fn new() -> Self {
        Self { values: Vec::new(), order: None }
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values by rank.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Kept> {
        let (plain, places) = match &self.order {
            None => (self.values.as_slice(), [].as_slice()),
            Some(order) => ([].as_slice(), order.places.as_slice()),
        };
        plain.iter().chain(places.iter().filter_map(|place| self.values.get(*place as usize)))
    }

    /// The value of the highest rank.
    pub(super) fn last(&self) -> Option<&Kept> {
        self.values.get(self.place(self.values.len().checked_sub(1)?))
    }

    /// The value of a rank; its hash is to stay as it is.
    pub(super) fn get_mut(&mut self, rank: usize) -> Option<&mut Kept> {
        let place = self.place(rank);
        self.values.get_mut(place)
    }

    /// The rank of the value with a hash, or the one it would have.
    pub(super) fn find(&self, hash: u64) -> Result<usize, usize> {
        match &self.order {
            Some(order) => order.hashes.binary_search(&hash),
            None => self.values.binary_search_by_key(&hash, |kept| kept.hash),
        }
    }

    /// Writes a value that is to have this rank over an empty one, or over the last one if there are `limit` already.
    pub(super) fn insert(&mut self, rank: usize, limit: usize, write: impl FnOnce(&mut Kept)) {
        let is_full = self.values.len() >= limit;
        if self.values.len() < Order::FEWEST {
            let mut kept = if is_full { self.values.pop().unwrap_or_default() } else { Kept::default() };
            write(&mut kept);
            if self.values.is_empty() {
                // Most sets of most patterns hold one value.
                self.values.reserve_exact(1);
            }
            return self.values.insert(rank, kept);
        }
        let order = self.order.get_or_insert_with(|| Box::new(Order::of(&self.values)));
        if is_full {
            order.hashes.pop();
        } else {
            order.places.push(u32::try_from(self.values.len()).unwrap_or(u32::MAX));
            self.values.push(Kept::default());
        }
        let place = order.places.pop().unwrap_or_default();
        if let Some(kept) = self.values.get_mut(place as usize) {
            write(kept);
            order.hashes.insert(rank, kept.hash);
            order.places.insert(rank, place);
        }
    }

    /// All values, for changes that leave their hashes as they are.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Kept> {
        self.values.iter_mut()
    }

    /// The values by rank, to be kept otherwise.
    pub(super) fn into_sorted(mut self) -> Vec<Kept> {
        if self.order.is_some() {
            self.values.sort_unstable_by_key(|kept| kept.hash);
        }
        self.values
    }

    fn place(&self, rank: usize) -> usize {
        let place = |order: &Order| order.places.get(rank).map_or(usize::MAX, |place| *place as usize);
        self.order.as_deref().map_or(rank, place)
    }
}

impl Order {
    /// Fewer values are kept in order themselves.
    const FEWEST: usize = 8;

    /// The order of values that stand in order.
    fn of(values: &[Kept]) -> Self {
        Self { hashes: values.iter().map(|kept| kept.hash).collect(), places: (0..).take(values.len()).collect() }
    }
}

/// Values in the order of their hashes.
impl From<Vec<Kept>> for Held {
    fn from(values: Vec<Kept>) -> Self {
        Self { values, order: None }
    }
}

impl Serialize for Held {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// By what is kept, wherever it stands.
impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Held {}
